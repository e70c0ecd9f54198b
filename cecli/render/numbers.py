"""Numbers as each format writes them: all digits, or rounded with a sign that says so."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import chain

from cecli.numerals import shortest

EXACT_DIGITS = 15
"""A float that takes more significant digits than this to write down is a rounded one."""

SHORT, ULPS = 8, 4
"""Digits after the point of a short decimal, and how many units in the last place of a float64 may be missing to it."""

Row = list[float | None]

AT_ONCE = 4096
"""Rows that are written together."""

TABLE_PRECISION = 4
INTERVAL_PRECISION, NARROW, FINEST = 3, 0.002, 9
SMALLEST = 1e-300
"""Of the numbers that are shown; a smaller one may be an underflow."""
LARGE = 1e15


def plain(value: float | None, precision: int | None) -> str:
    """All digits, or as many after the point as were asked for."""
    if precision is None or value is None or not math.isfinite(value):
        return shortest(value)
    text = f"{value:.{precision}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def plain_rows(rows: list[Row], precision: int | None, delimiter: str = ",") -> Iterator[str]:
    """Rows of numbers, a line each, every number as `plain` writes it; many lines at a time."""
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        if precision is None and set(map(type, chain.from_iterable(some))) <= {float}:
            yield _all_digits(some, delimiter)
        else:
            yield "".join([delimiter.join([plain(value, precision) for value in row]) + "\n" for row in some])


def _all_digits(rows: list[Row], delimiter: str) -> str:
    """The same of lists of floats without a precision: Python writes them so, but for the marks between and the .0 of whole numbers."""
    text = repr(rows)[2:-2].replace("], [", "\n").replace(", ", delimiter) + "\n"
    return text.replace(f".0{delimiter}", delimiter).replace(".0\n", "\n")


def rounded(value: float | None, precision: int | None) -> tuple[str, str]:
    """A value for a table: its sign (`=` exact, `≈` rounded, nothing for what is not a number) and its digits.

    Numbers too small or too large for the digits are written with an exponent, never cut to 0.
    """
    if value is None:
        return "", "–"
    if isinstance(value, int):
        return "=", str(value)
    if not math.isfinite(value):
        return "=", "∞" if value > 0 else "−∞" if value < 0 else "nan"
    value, digits = _snapped(value), TABLE_PRECISION if precision is None else precision
    text = f"{value:.{digits}f}"
    if _wants_exponent(value, text, digits):
        text = f"{value:.{digits}e}"
    if math.isinf(float(text)) or (_is_exact(value, text) and "e" in text):
        text = shortest(value)
    return ("=" if _is_exact(value, text) else "≈"), text.removeprefix("-") if float(text) == 0 else text


def _snapped(value: float) -> float:
    """A value that misses a short decimal by its rounding alone, as 0.3·0.3 misses 0.09, is taken for that decimal."""
    near = round(value, SHORT)
    return near if abs(value - near) <= ULPS * math.ulp(value) else value


def _wants_exponent(value: float, text: str, digits: int) -> bool:
    """Whether the digits after the point would show too little of a value, or those before it too many."""
    if abs(value) >= LARGE:
        return True
    small = abs(value) < 10.0 ** (1 - digits) if digits > 2 else float(text) == 0
    return value != 0 and small and float(text) != value


def _is_exact(value: float, text: str) -> bool:
    """Whether the text is the whole value, and the value not itself a rounded one."""
    mantissa = shortest(value).partition("e")[0]
    significant = len(mantissa.replace(".", "").lstrip("-0"))
    return float(text) == value and significant <= EXACT_DIGITS


def change(value: float | None, precision: int | None) -> str:
    """A difference with its sign, never cut to 0."""
    text = rounded(value, precision)[1]
    if value and precision is None and 10.0**-FINEST < abs(value) < 1:
        text = f"{value:.{max(TABLE_PRECISION, -math.floor(math.log10(abs(value))))}f}"
    return f"+{text}" if value is not None and value > 0 else text


def bounds(low: float | None, high: float | None, precision: int | None) -> str:
    """The bounds of an interval: three digits after the point, more where it is narrower than 0.002."""
    if low is None or high is None:
        return "–"
    width = high - low
    digits = INTERVAL_PRECISION if not 0 < width < NARROW else 1 - math.floor(math.log10(width))
    is_plain = precision is None and digits <= FINEST and max(abs(low), abs(high)) < LARGE
    texts = [f"{value:.{digits}f}" if is_plain else rounded(value, precision)[1] for value in (low, high)]
    return (", " if texts[0].startswith("-") else "–").join(texts)


def without_zeros(text: str) -> str:
    """The bounds of an interval without the 0 before a point: `.524–.567`."""
    for before in ("–", " ", "-"):
        text = text.replace(f"{before}0.", f"{before}.")
    return text.removeprefix("0") if text.startswith("0.") else text


def p_value(p: float | None) -> str:
    """Two digits; of one that underflowed that it did."""
    if p is None:
        return "–"
    if p < SMALLEST:
        return "< 1e-300"
    text = "1" if p > 0.995 else f"{p:#.2g}"
    return re.sub(r"e-0*", "e-", text)


def json_number(value: float, precision: int | None) -> float | int | str:
    """A number as strict JSON can hold it: infinite ones are strings."""
    if isinstance(value, int):
        return value
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value if precision is None else round(value, precision) + 0.0
