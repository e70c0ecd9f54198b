"""A claimed answer: what was typed, to how many digits, and whether an answer agrees with it.

A decimal holds if the answer rounds or truncates (toward zero) to it at its own number of digits, a fraction or an expression if it is
the answer up to the rounding of float64, and a value with ± if the answer lies within that distance. All is compared exactly, as fractions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from cecli.errors import InputError, Place
from cecli.record import Record
from cecli.report import Value, flat

ULPS = 4
"""Units in the last place that the answer may owe to its own rounding."""

SPECIAL = 2
"""The significant digits that `inf` and `nan` count as having: enough to be judged, too few for pairs of mistakes."""

NEAR = 2
"""Units of its last digit within which a claim is close to an answer."""

FEWEST_OF_FLOAT32 = 8
"""Digits from which a claim may be a float32 printed in full."""

FLOAT32 = 2.0**-21
"""The relative error below which such a claim agrees to single precision."""


class Entry(Record):
    """One claimed number.

    `unit` is one in its last digit (0 for a fraction), `tolerance` what follows ±; `exact` is None for inf and nan, which are in `value`.
    """

    text: str
    value: float
    exact: Fraction | None
    unit: Fraction = Fraction(0)
    tolerance: Fraction | None = None
    significant: int = SPECIAL
    decimals: int = 0
    """Digits after the point."""

    def holds(self, answer: float | None) -> bool:
        """Whether an answer agrees. None (a sample left out, no number) agrees with nan alone."""
        if answer is None or math.isnan(answer):
            return math.isnan(self.value)
        if self.exact is None or math.isinf(answer):
            return self.value == answer
        if isinstance(answer, int):  # a count
            return self.exact == answer
        error = ULPS * math.ulp(answer)
        if abs(answer - self.value) > 1.01 * float(self.reach) + 4 * error:
            return False
        return self._agrees(Fraction(answer), Fraction(error))

    def is_cut_from(self, answer: float | None) -> bool:
        """Whether an answer that agrees was cut to the claim, and not rounded."""
        if answer is None or self.exact is None or self.tolerance is not None or not math.isfinite(answer):
            return False
        return abs(Fraction(answer) - self.exact) > self.unit / 2 + Fraction(ULPS * math.ulp(answer))

    def is_float32_of(self, answer: float | None) -> bool:
        """Whether it agrees with an answer to single precision."""
        if answer is None or not self.unit or not math.isfinite(answer):
            return False
        return abs(self.value - answer) < FLOAT32 * abs(answer)

    def is_close(self, answer: float | None) -> bool:
        """Whether it is off by no more than a few units of its last digit from the answer, rounded or cut to as many digits."""
        if (
            answer is None
            or isinstance(answer, int)
            or self.exact is None
            or not self.unit
            or not math.isfinite(answer)
        ):
            return False
        own, units = self.exact / self.unit, Fraction(answer) / self.unit
        return min(abs(own - round(units)), abs(own - math.trunc(units))) <= NEAR

    @property
    def reach(self) -> Fraction:
        """The farthest that an answer can be while the claim holds."""
        return self.unit if self.tolerance is None else self.tolerance

    def _agrees(self, answer: Fraction, error: Fraction) -> bool:
        """Whether the answer, known up to `error`, rounds or truncates to the claim, or lies within its tolerance."""
        assert self.exact is not None
        distance = abs(answer - self.exact)
        if self.tolerance is not None:
            return distance <= self.tolerance + error
        if distance <= self.unit / 2 + error:
            return True
        outward = abs(answer) > abs(self.exact) and answer * self.exact >= 0
        return outward and distance + error < self.unit


class Claim(Record):
    """A claimed answer: rows of entries, and the text they were typed in. `dimensions` is 0 for one bare number, 1 for a vector, 2 for rows."""

    text: str
    rows: tuple[tuple[Entry, ...], ...]
    dimensions: int
    unit: str | None = None
    """The unit that it was claimed in."""
    names: tuple[str, ...] | None = None
    """What the entries of a row are called, as in `cat=0.27,dog=0.73`."""
    places: tuple[Place, ...] = ()
    """Where the named entries of the first row were typed."""
    option: str = "--expect"
    """What errors call it."""

    def error(self, says: str, hint: str, name: str | None = None) -> InputError:
        """The error for a claim that can't be judged; it underlines the entry of this name, or all."""
        place = Place(self.text, 0, len(self.text)) if name is None else self.places[self._names.index(name)]
        return InputError(f"{self.option}: {says}", place=place, hint=hint)

    def in_order(self, names: Sequence[str]) -> Claim:
        """The same with the entries of each row in the order of these names, which are its own."""
        order = [self._names.index(name) for name in names]
        return self.replace(rows=tuple(tuple(row[i] for i in order) for row in self.rows), names=None)

    @property
    def _names(self) -> tuple[str, ...]:
        """The names of a claim that has some."""
        assert self.names is not None
        return self.names

    @property
    def value(self) -> Value:
        """The claimed number, vector or rows as plain values; None for nan."""
        rows = [[None if math.isnan(entry.value) else entry.value for entry in row] for row in self.rows]
        return rows[0][0] if self.dimensions == 0 else rows[0] if self.dimensions == 1 else rows

    @property
    def entries(self) -> list[Entry]:
        """All entries, row after row."""
        return [entry for row in self.rows for entry in row]

    @property
    def significant(self) -> int:
        """The significant digits of all entries together."""
        return sum(entry.significant for entry in self.entries)

    @property
    def number(self) -> Entry | None:
        """The entry of a claim that has only one."""
        entries = self.entries
        return entries[0] if len(entries) == 1 else None

    def holds(self, value: Value) -> bool:
        """Whether the answer agrees with the claim, entry by entry, and has its shape."""
        return self.misfit(value) is None and next(self._wrong(value), None) is None

    def is_float32_of(self, value: Value) -> bool:
        """Whether it holds only as float32's: to single precision, and not to all of its digits."""
        exactly = (entry.holds(own) for entry, own in zip(self.entries, flat(value), strict=True))
        return self.may_be_float32 and self.holds(value) and not all(exactly)

    @property
    def may_be_float32(self) -> bool:
        """Whether it has as many digits as a float32 has."""
        return max(entry.significant for entry in self.entries) >= FEWEST_OF_FLOAT32

    def is_close(self, value: Value) -> bool:
        """Whether it does not hold, but every entry holds or is close."""
        if self.misfit(value) is not None or self.holds(value):
            return False
        answers = flat(value)
        return all(self.entries[i].is_close(answers[i]) for i in self._wrong(value))

    def is_cut_from(self, value: Value) -> bool:
        """Whether an entry of an answer that agrees was cut to the claim, and not rounded."""
        return any(entry.is_cut_from(own) for entry, own in zip(self.entries, flat(value), strict=True))

    def misfit(self, value: Value) -> str | None:
        """Why the claim has not the answer's shape; None where it has."""
        claimed = (len(self.rows), len(self.rows[0]))
        if claimed in _shapes(value):
            return None
        wanted = _shapes(value)[0]
        if 1 in wanted and 1 in claimed:
            return f"the answer has {values(math.prod(wanted))}, the claim {math.prod(claimed)}"
        return f"the answer has {_size(wanted)}, the claim {_size(claimed)}"

    def wrong_entries(self, value: Value) -> list[int]:
        """Which entries of the answer (from 0, row after row) the claim has wrong; none where the shapes differ."""
        return [] if self.misfit(value) else list(self._wrong(value))

    def _wrong(self, value: Value) -> Iterator[int]:
        """The entries that do not hold, in order."""
        single = self.may_be_float32
        pairs = enumerate(zip(self.entries, flat(value), strict=True))
        return (i for i, (entry, own) in pairs if not (entry.holds(own) or (single and entry.is_float32_of(own))))


def _shapes(value: Value) -> list[tuple[int, int]]:
    """The shapes (rows, entries in each) that a claim of this answer may have; a vector may stand upright."""
    if not isinstance(value, Sequence):
        return [(1, 1)]
    if value and isinstance(value[0], Sequence):
        return [(len(value), len(value[0]))]
    return [(1, len(value)), (len(value), 1)]


def _size(shape: tuple[int, int]) -> str:
    """A shape in words."""
    rows, width = shape
    return f"{rows} {'row' if rows == 1 else 'rows'} of {values(width)}"


def values(count: int) -> str:
    """So many values, in words."""
    return f"{count} {'value' if count == 1 else 'values'}"
