"""Sums of terms that were rounded or cut on the way: can they come to a claim?

Every term is taken to its own number of digits after the point, from two up to the claim's, rounded or cut, so a term is one of a few
whole numbers of the last digit; what the sum can be is a set of bits, shifted and joined term by term.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

FEWEST_DIGITS = 2
"""A term rounded to fewer digits is not looked for: it could come to nearly anything."""

MOST_DIGITS = 6
"""Beyond this many digits nobody rounds by hand."""

MOST_TERMS = 12
"""Of more terms the sums reach all values near the right one."""

NEARLY = 1e-9
"""How far a scaled term may miss a whole number by its own rounding."""

LARGEST = 2.0**53
"""Units of the last digit from which a float64 no longer tells one from the next."""


def rounded_terms(term: float, digits: int) -> set[int]:
    """What a term can be, rounded or cut, in units of the last of so many digits, at every number of digits up to that."""
    sign, size = (-1 if term < 0 else 1), abs(term)
    values = set()
    for d in range(FEWEST_DIGITS, digits + 1):
        values |= {sign * rule(size * 10**d) * 10 ** (digits - d) for rule in (rounded, cut)}
    return values


def rounded(x: float) -> int:
    """The nearest whole number, the upper one of two."""
    return math.floor(x + 0.5 + NEARLY)


def cut(x: float) -> int:
    """The whole number below."""
    return math.floor(x + NEARLY)


def reachable(terms: Sequence[float], digits: int) -> tuple[int, int]:
    """(least, bits): bit i says whether the sum of rounded terms can be least + i, in units of the last digit."""
    least, bits = 0, 1
    for term in terms:
        values = rounded_terms(term, digits)
        low = min(values)
        least += low
        joined = 0
        for value in values:
            joined |= bits << (value - low)
        bits = joined
    return least, bits


def rounded_sum(
    terms: Sequence[float], scale: float, claimed: float, reach: float, decimals: int, holds: Callable[[float], bool]
) -> float | None:
    """A value scale·Σ(rounded terms) for which the claim holds; None where there is none, or too much to look through."""
    digits = min(max(decimals, FEWEST_DIGITS), MOST_DIGITS)
    if not 1 < len(terms) <= MOST_TERMS or scale == 0 or not math.isfinite(scale) or not all(map(math.isfinite, terms)):
        return None
    if abs(claimed - scale * math.fsum(terms)) > reach + abs(scale) * len(terms) * 10.0**-FEWEST_DIGITS:
        return None
    if max(map(abs, terms)) * 10.0**digits >= LARGEST:
        return None
    unit = scale * 10.0**-digits
    middle, width = round(claimed / unit), math.ceil(reach / abs(unit)) + 1
    least, bits = reachable(terms, digits)
    for step in sorted(range(-width, width + 1), key=abs):
        bit = middle + step - least
        if bit >= 0 and bits >> bit & 1 and holds((middle + step) * unit):
            return (middle + step) * unit
    return None
