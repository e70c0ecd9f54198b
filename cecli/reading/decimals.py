"""Many plain decimals at once: each becomes the nearest float64, as Python's `float` would have it."""

from __future__ import annotations

import numpy as np

from cecli.maths.exact import two_quotient
from cecli.maths.namespace import Array, quiet

PLAIN = b"0123456789+-.eE "
"""The characters that decimals are written with, and blanks around them."""

LONGEST = 24
"""Digits before the point, and after it, that are read: three words of eight."""

LARGEST_THIRD = 1843
"""What the third word may be at most, so that all fit in 64 bits."""

POWERS = 10.0 ** np.arange(23)
"""All of them exact in float64."""

WHOLE_POWERS = 10 ** np.arange(20, dtype=np.uint64)
FEW = 2
"""Digits that are read one by one."""

NEWLINE, BLANK, PLUS, MINUS, POINT, ZERO = b"\n +-.0"


def table(text: bytes, delimiter: bytes, width: int) -> Array | None:
    """The numbers of lines of `width` decimals with delimiters between and an end each; None where lines are others or a field is no number."""
    characters = np.frombuffer(text, dtype=np.uint8)
    marks = np.flatnonzero((characters == delimiter[0]) | (characters == NEWLINE) | (characters == POINT))
    point = marks[::2]
    if len(marks) % 2 == 0 and np.all(characters[point] == POINT):  # one in each field, if the rest is in order
        stop = marks[1::2]
    else:
        is_point = characters[marks] == POINT
        stop, point = marks[~is_point], marks[is_point]
    if len(stop) % width:
        return None
    closing = characters[stop].reshape(-1, width)
    if np.any(closing[:, -1] != NEWLINE) or np.any(closing[:, :-1] != delimiter[0]):
        return None
    start = np.concatenate([[0], stop[:-1] + 1])
    values, certain = _read(text, characters, start, stop, point)
    for i in np.flatnonzero(~certain).tolist():
        field = text[start[i] : stop[i]]
        try:
            values[i] = float("none" if field.translate(None, PLAIN) else field)
        except ValueError:
            return None
    return values.reshape(-1, width)


def _read(text: bytes, characters: Array, start: Array, stop: Array, points: Array) -> tuple[Array, Array]:
    """The fields as numbers, and which of them certainly are.

    What is not known here is left to `float`: very many digits, blanks but for one in front, the middle between two numbers.
    """
    words = _words(text)
    if b" " in text:
        start = start + (characters[start] == BLANK)
    negative, start = _signs(characters, start)
    marks = np.flatnonzero((characters | 32) == ord("e")) if b"e" in text or b"E" in text else points[:0]
    end = _marked(marks, start, stop)
    point = _marked(points, start, end)
    places = end - point
    places -= places > 0
    whole, good = _whole(words, characters, start, point)
    fraction, also = _whole(words, characters, end - places, end)
    good &= also
    good &= point + places > start
    if int(np.max(point - start)) + int(np.max(places)) >= len(WHOLE_POWERS):
        good &= whole.astype(np.float64) * POWERS[np.minimum(places, len(POWERS) - 1)] < 1.8e19
    whole *= WHOLE_POWERS[np.minimum(places, len(WHOLE_POWERS) - 1)]
    whole += fraction
    if len(marks):
        exponent, also = _exponents(words, characters, end, stop)
        places = places - exponent
        good &= also
    if int(np.min(places)) < 0 or int(np.max(places)) >= len(POWERS):
        good &= (places >= 0) & (places < len(POWERS))
        places = np.clip(places, 0, len(POWERS) - 1)
    values, certain = _quotient(whole, POWERS[places])
    np.negative(values, out=values, where=negative)
    return values, good & certain


def _words(text: bytes) -> Array:
    """The eight characters from each place of a text on, as one number; the text begins at place LONGEST."""
    padded = b"0" * LONGEST + text
    return np.ndarray(len(padded) - 7, dtype="<u8", buffer=padded, strides=(1,))


def _signs(characters: Array, start: Array) -> tuple[Array, Array]:
    """Which fields begin with a minus, and where they begin after their sign."""
    first = characters[start]
    negative = first == MINUS
    return negative, start + (negative | (first == PLUS))


def _marked(marks: Array, start: Array, stop: Array) -> Array:
    """Where in each field the first mark is; its end where there is none."""
    if not len(marks):
        return stop
    if len(marks) == len(stop) and np.all(marks >= start) and np.all(marks < stop):
        return marks
    following = np.append(marks, stop[-1])[np.searchsorted(marks, start)]
    return np.minimum(following, stop)


def _whole(words: Array, characters: Array, start: Array, stop: Array) -> tuple[Array, Array]:
    """The whole numbers that digits write, and whether nothing else is there and they fit in 64 bits."""
    length = stop - start
    longest = int(np.max(length))
    if longest <= FEW:
        return _few(characters, start, stop, longest)
    value, odd = _eight(words, stop, length)
    for position in range(8, min(longest, LONGEST), 8):
        more, wrong = _eight(words, stop - position, np.maximum(length - position, 0))
        value += more * WHOLE_POWERS[position]
        odd |= wrong
        if position == 16:
            odd |= more > LARGEST_THIRD
    return value, ~odd if longest <= LONGEST else ~odd & (length <= LONGEST)


def _few(characters: Array, start: Array, stop: Array, longest: int) -> tuple[Array, Array]:
    """The same of at most `longest` digits, which are so few that they are read one by one."""
    value, good = np.zeros(len(start), dtype=np.uint64), np.ones(len(start), dtype=bool)
    for position in range(longest):
        at = start + position
        there = at < stop
        digit = characters[np.minimum(at, stop)] - np.uint8(ZERO)
        good &= (digit < 10) | ~there
        value = np.where(there, value * np.uint64(10) + digit, value)
    return value, good


def _eight(words: Array, stop: Array, length: Array) -> tuple[Array, Array]:
    """The number that the last (at most eight) of `length` digits before `stop` write, and whether something else is among them.

    Eight digits are read in three multiplications (Lemire, "Number parsing at a gigabyte per second", 2021, section 5).
    """
    unused = (64 - 8 * np.minimum(length, 8)).astype(np.uint64)
    digits = words[stop + (LONGEST - 8)] ^ np.uint64(0x3030303030303030)
    digits >>= unused
    digits <<= unused
    odd = ((digits + np.uint64(0x7676767676767676)) | digits) & np.uint64(0x8080808080808080)
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))
    mask = np.uint64(0x000000FF000000FF)
    high = (pairs & mask) * np.uint64(100 + (1_000_000 << 32))
    low = ((pairs >> np.uint64(16)) & mask) * np.uint64(1 + (10_000 << 32))
    return (high + low) >> np.uint64(32), odd != 0


def _exponents(words: Array, characters: Array, mark: Array, stop: Array) -> tuple[Array, Array]:
    """The exponents after their marks, 0 where there is none, and whether they are small whole numbers."""
    there = mark < stop
    negative, start = _signs(characters, np.minimum(mark + there, stop))
    value, good = _whole(words, characters, np.minimum(start, stop), stop)
    good &= ~there | ((start < stop) & (value < 400))
    found = np.where(good, value, 0).astype(np.int64)
    return np.where(negative, -found, found) * there, good


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
