"""A claimed answer: what was typed, to how many digits, and whether an answer agrees with it.

A decimal holds if the answer rounds or truncates (toward zero) to it at its own number of digits, a fraction if it is the answer
up to the rounding of float64, and a value with ± if the answer lies within that distance. All is compared exactly, as fractions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from cecli.errors import InputError, Place
from cecli.reading.vector import (
    DECIMAL,
    LOOKALIKES,
    MOST_DIGITS,
    Item,
    NotANumberError,
    TooLargeError,
    Vector,
    cut_vector,
    guess,
    number,
    shortened,
)
from cecli.record import Record
from cecli.report import Value, flat

SPREAD = re.compile(r"(.+?)(?:±|\+/-|\+-)(.+)")
"""A value and how far the answer may be from it."""

ULPS = 4
"""Units in the last place that the answer may owe to its own rounding."""

EXACT = 15
"""The significant digits that a fraction counts as having."""

SPECIAL = 2
"""The significant digits that `inf` and `nan` count as having: enough to be judged, too few for pairs of mistakes."""

SMALLEST, LARGEST = -5000, 308
"""Exponents beyond these are read as these: no float64 can tell."""

CLAIMS = "claim a decimal such as 0.69, a fraction such as 63/64, a percentage, inf, nan, or 0.7±0.01"


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
        error = ULPS * math.ulp(answer)
        if abs(answer - self.value) > 1.01 * float(self.reach) + 4 * error:
            return False
        return self._agrees(Fraction(answer), Fraction(error))

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

    def misfit(self, value: Value) -> str | None:
        """Why the claim has not the answer's shape; None where it has."""
        claimed = (len(self.rows), len(self.rows[0]))
        if claimed in _shapes(value):
            return None
        wanted = _shapes(value)[0]
        if 1 in wanted and 1 in claimed:
            return f"the answer has {_values(math.prod(wanted))}, the claim {math.prod(claimed)}"
        return f"the answer has {_size(wanted)}, the claim {_size(claimed)}"

    def wrong_entries(self, value: Value) -> list[int]:
        """Which entries of the answer (from 0, row after row) the claim has wrong; none where the shapes differ."""
        return [] if self.misfit(value) else list(self._wrong(value))

    def _wrong(self, value: Value) -> Iterator[int]:
        """The entries that do not hold, in order."""
        return (i for i, (entry, own) in enumerate(zip(self.entries, flat(value), strict=True)) if not entry.holds(own))


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
    return f"{rows} {'row' if rows == 1 else 'rows'} of {_values(width)}"


def _values(count: int) -> str:
    return f"{count} {'value' if count == 1 else 'values'}"


# --- reading ------------------------------------------------------------------------------------------------------


def read_claim(text: str, option: str = "--expect") -> Claim:
    """The claim that a text makes; `option` is what errors call it."""
    vector = _with_spread_joined(cut_vector(text, option))
    rows = tuple(tuple(_entry(vector, item, option) for item in row) for row in vector.rows)
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            says = f"row {i + 1} has {_values(len(row))} and row 1 has {len(rows[0])}"
            raise InputError(f"{option}: {says}", place=vector.place(i), hint="every row needs as many values")
    return Claim(text, _with_whole_numbers_meant(rows), vector.dimensions)


def _with_whole_numbers_meant(rows: tuple[tuple[Entry, ...], ...]) -> tuple[tuple[Entry, ...], ...]:
    """A bare 0 beside numbers with a point, as in -0.341,0,0, stands for as many digits as the fewest of theirs.

    At its own number of digits it would hold for whatever is cut to 0, up to 0.99.
    """
    fewest = min((one.decimals for row in rows for one in row if one.decimals), default=0)
    unit = Fraction(1, 10**fewest)

    def meant(one: Entry) -> Entry:
        return one.replace(unit=unit, decimals=fewest) if one.unit == 1 and one.value == 0 else one

    return tuple(tuple(map(meant, row)) for row in rows) if fewest else rows


def _with_spread_joined(vector: Vector) -> Vector:
    """`0.7 ± 0.01`, typed with blanks and alone, as the one value that it is."""
    row = vector.rows[0]
    joined = "".join(item.text for item in row)
    alone = vector.dimensions == 1 and 2 <= len(row) <= 3 and "," not in vector.text.translate(LOOKALIKES)
    if not (alone and SPREAD.fullmatch(joined)):
        return vector
    return Vector(vector.text, [[Item(joined, row[0].start, row[-1].stop)]], 0)


def _entry(vector: Vector, item: Item, option: str) -> Entry:
    """One item as a claimed number, or the error that underlines it."""
    try:
        return entry(item.text)
    except TooLargeError:
        says, hint = f"{shortened(item.text)} is too large for a 64-bit float", None
    except NotANumberError:
        says, hint = f"{shortened(item.text)!r} is not an answer that can be claimed", guess(item.text) or CLAIMS
    raise InputError(f"{option}: {says}", place=Place(vector.text, item.start, item.stop), hint=hint)


def entry(text: str) -> Entry:
    """The claimed number that a text writes."""
    plain = text.translate(LOOKALIKES)
    if plain.lower().lstrip("+-") == "nan":
        return Entry(text, math.nan, None)
    if spread := SPREAD.fullmatch(plain):
        return _within(text, entry(spread[1]), entry(spread[2]))
    value = number(plain).value
    if math.isinf(value):
        return Entry(text, value, None)
    if len(plain) > MOST_DIGITS:
        raise NotANumberError(text)
    if "/" in plain:
        top, _, bottom = plain.partition("/")
        return Entry(text, value, Fraction(top) / Fraction(bottom), significant=EXACT)
    return _decimal(text, plain, value)


def _decimal(text: str, plain: str, value: float) -> Entry:
    """A decimal number or a percentage, whose last digit has a unit."""
    match = DECIMAL.fullmatch(plain.removesuffix("%"))
    assert match
    sign, digits, exponent = match.groups()
    power = _exponent(exponent or "0") - len(digits.partition(".")[2])
    power -= 2 if plain.endswith("%") else 0
    whole = digits.replace(".", "")
    unit = Fraction(10) ** power
    exact = int(whole) * unit * (-1 if sign == "-" else 1)
    return Entry(text, value, exact, unit, significant=len(whole.lstrip("0")), decimals=max(0, -power))


def _exponent(text: str) -> int:
    """An exponent, within what can matter."""
    size = int(text.lstrip("+-").lstrip("0")[:6] or "0")
    return max(-size, SMALLEST) if text.startswith("-") else min(size, LARGEST)


def _within(text: str, middle: Entry, tolerance: Entry) -> Entry:
    """A value with ±: as many significant digits as the tolerance is smaller than the value."""
    if middle.exact is None or not tolerance.exact or tolerance.exact < 0 or "±" in middle.text + tolerance.text:
        raise NotANumberError(text)
    ratio = abs(middle.exact) / tolerance.exact
    digits = len(str(int(ratio))) if ratio >= 1 else 0
    return Entry(text, middle.value, middle.exact, middle.unit, tolerance.exact, digits, middle.decimals)
