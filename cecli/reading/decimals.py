"""Many plain decimals at once: each becomes the nearest float64, as Python's `float` would have it."""

from __future__ import annotations

import warnings

import numpy as np

from cecli.maths.exact import two_quotient
from cecli.maths.namespace import Array, quiet

FEW = 4096
"""Bytes of text below which its fields are read one by one."""

LONGEST = 24
"""Characters of a decimal that are looked at."""

DIGITS = 19
"""Digits after leading zeros, as many as any unsigned 64-bit integer holds."""

POWERS = 10.0 ** np.arange(23)
"""All of them exact in float64."""

COMMA, POINT, MINUS, PLUS, ZERO = b",.-+0"


def decimals(text: bytes) -> Array:
    """The numbers between the commas of a text; ValueError where one of them is none.

    What the quick way does not know (exponents, very many digits, the middle between two numbers) goes to `float`.
    """
    if len(text) < FEW or text.count(b"e") + text.count(b"E") > text.count(b",") // 8:
        return _one_by_one(text)
    characters = np.frombuffer(text + b",", dtype=np.uint8)
    end = np.flatnonzero(characters == COMMA)
    start = np.concatenate([[0], end[:-1] + 1])
    whole, places, plain = _digits(characters, start, end)
    values, certain = _quotient(whole, POWERS[np.minimum(places, len(POWERS) - 1)])
    np.negative(values, out=values, where=characters[start] == MINUS)
    for i in np.flatnonzero(~(plain & certain)).tolist():
        values[i] = float(text[start[i] : end[i]])
    return values


def _one_by_one(text: bytes) -> Array:
    """The same, one field after the other."""
    if b" " in text:  # which NumPy would read as a number where it is all there is between two commas
        return np.array(list(map(float, text.split(b","))))
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # how NumPy says that it stopped before the end
        try:
            return np.fromstring(text, dtype=np.float64, sep=",")
        except DeprecationWarning as error:
            raise ValueError(str(error)) from error


def _digits(characters: Array, start: Array, end: Array) -> tuple[Array, Array, Array]:
    """The digits of each field as a whole number, how many of them follow the point, and whether nothing else is in the field.

    All fields are gone through together, one character of each at a time; beyond its end a field is commas.
    """
    first = characters[start]
    whole = np.zeros(len(start), dtype=np.uint64)
    digits, significant, places, points = (np.zeros(len(start), dtype=np.int8) for _ in range(4))
    for position in range(min(LONGEST, int(np.max(end - start)))):
        character = characters[np.minimum(start + position, end)]
        digit = character - np.uint8(ZERO)
        is_digit = digit < 10
        points += character == POINT
        places += is_digit & (points > 0)
        digits += is_digit
        significant += is_digit & ((whole > 0) | (digit > 0))
        whole = np.where(is_digit, whole * np.uint64(10) + digit, whole)
    others = (end - start) - digits - points
    signs = (first == MINUS) | (first == PLUS)
    plain = (others == signs) & (points <= 1) & (digits >= 1) & (significant <= DIGITS) & (places < len(POWERS))
    return whole, places, plain


@quiet
def _quotient(whole: Array, power: Array) -> tuple[Array, Array]:
    """whole/power rounded to float64, and whether that is certainly the nearest.

    A whole number up to 2^53 is exact in float64, and so is the power: one division rounds once (Clinger, "How to read floating point
    numbers accurately", PLDI 1990). Larger ones are divided to twice the digits, and what lies next to the middle of two numbers is left to `float`.
    """
    high = whole.astype(np.float64)
    if int(np.max(whole)) <= 2**53:
        return high / power, np.ones(len(whole), dtype=bool)
    low = (whole - high.astype(np.uint64)).view(np.int64)
    quotient, rest = two_quotient(high, power)
    rest = rest + low / power
    values = quotient + rest
    missed = (quotient - values) + rest
    half = np.spacing(values) / 2
    return values, np.abs(np.abs(missed) - half) > half * 2.0**-30
