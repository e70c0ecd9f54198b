"""Terms that were rounded or cut on the way: which values can their sum come to?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from cecli.record import Record

FEWEST_DIGITS = 2
"""A term rounded to fewer digits is not looked for: it could come to nearly anything."""

MOST_DIGITS = 6
"""Beyond this many digits nobody rounds by hand."""

MOST_OWN = 3
"""Terms up to which each may have digits of its own: those of more reach nearly everything."""

NEARLY = 1e-9
"""How far a scaled term may miss a whole number by its own rounding."""

LARGEST = 2.0**53
"""Units of the last digit from which a float64 no longer tells one from the next."""


class RoundedSum(Record):
    """A sum of terms that were rounded (or cut) on the way, and how."""

    value: float
    how: str


def rounded(x: float) -> int:
    """The nearest whole number, the upper one of two."""
    return math.floor(x + 0.5 + NEARLY)


def cut(x: float) -> int:
    """The whole number below."""
    return math.floor(x + NEARLY)


RULES = (("", rounded), ("cut ", cut))


def one_rule_for_all(terms: Sequence[float], scale: float, decimals: int) -> Iterator[RoundedSum]:
    """scale·Σ of the terms, every one rounded or every one cut to as many digits, from `decimals` down to two."""
    if not _can_be_rounded(terms, scale):
        return
    for digits in range(_most(decimals), FEWEST_DIGITS - 1, -1):
        for word, rule in RULES:
            yield RoundedSum(_sum(terms, [digits] * len(terms), rule) * scale, f"each {word}to {digits} digits")


def as_carried(terms: Sequence[float], scale: float, decimals: int) -> Iterator[RoundedSum]:
    """Σ of the terms, every one rounded to `decimals` digits: of a sum alone, which has as many."""
    if abs(abs(scale) - 1) < NEARLY and decimals >= FEWEST_DIGITS and _can_be_rounded(terms, scale):
        digits = [_most(decimals)] * len(terms)
        yield RoundedSum(_sum(terms, digits, rounded) * scale, f"each to {digits[0]} digits")


def own_digits(terms: Sequence[float], scale: float, decimals: int) -> Iterator[RoundedSum]:
    """scale·Σ of up to three terms, rounded or cut, each to its own number of digits; equal terms are written alike."""
    if not _can_be_rounded(terms, scale) or len(terms) > MOST_OWN:
        return
    distinct = list(dict.fromkeys(map(_written, terms)))
    for choice in product(range(FEWEST_DIGITS, _most(decimals) + 1), repeat=len(distinct)):
        digits = dict(zip(distinct, choice, strict=True))
        for word, rule in RULES:
            whole = _sum(terms, [digits[_written(term)] for term in terms], rule)
            yield RoundedSum(whole * scale, f"each {word}to its own digits")


def _written(term: float) -> float:
    """What tells a term from another one."""
    return round(term, MOST_DIGITS)


def _most(decimals: int) -> int:
    """The digits of the most exact term: those of the claim."""
    return min(max(decimals, FEWEST_DIGITS), MOST_DIGITS)


def _can_be_rounded(terms: Sequence[float], scale: float) -> bool:
    """Whether there is a sum, and float64 has room for its rounded terms."""
    if len(terms) < 2 or scale == 0 or not math.isfinite(scale) or not all(map(math.isfinite, terms)):
        return False
    return max(map(abs, terms)) * 10.0**MOST_DIGITS < LARGEST


def _sum(terms: Sequence[float], digits: Sequence[int], rule: Callable[[float], int]) -> float:
    """Σ of the terms under a rule, each with so many digits after the point; exact but for the last division."""
    whole = 0
    for term, own in zip(terms, digits, strict=True):
        size = rule(abs(term) * 10.0**own) * int(10.0 ** (MOST_DIGITS - own))
        whole += -size if term < 0 else size
    return whole / 10.0**MOST_DIGITS
