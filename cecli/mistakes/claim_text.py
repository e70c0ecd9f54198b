"""A claim read from its text: decimals, fractions, percentages, values with ±, expressions; signs before it and a unit behind it."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from cecli.errors import InputError, Place
from cecli.mistakes.claims import Claim, Entry, values
from cecli.reading.short_forms import expanded
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
from cecli.report import Value

SPREAD = re.compile(r"(.+?)(?:±|\+/-|\+-)(.+)")
"""A value and how far the answer may be from it."""

EXACT = 15
"""The significant digits that a fraction counts as having."""

SMALLEST, LARGEST = -5000, 308
"""Exponents beyond these are read as these: no float64 can tell."""

CLAIMS = "claim a decimal such as 0.69, a fraction such as 63/64, an expression such as -ln(0.7), a percentage, inf, nan, or 0.7±0.01"

SIGNS = "≈=~≃≅"
"""What may stand in front of a claim."""

UNITS = {
    **dict.fromkeys(("nat", "nats"), "nats"),
    **dict.fromkeys(("bit", "bits", "Sh", "shannon", "shannons"), "bits"),
    **dict.fromkeys(("dit", "dits", "ban", "bans", "hartley", "hartleys"), "dits"),
}
"""What may stand behind it, and what cecli calls it."""

UNIT = re.compile(rf"(?<=[\d\s)\]%])\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})\.?\s*$", re.IGNORECASE)

WHOLE = Fraction(1, 10**12)
"""How far an answer may be from an entry of several that is claimed as a whole number."""

EXPRESSION = Fraction(1, 10**13)
"""How far it may be from an expression, relative to that."""


PRINTED_SUM = re.compile(r"[+-]?\d*\.\d+(?:[+-]\d*\.\d+)+")
"""A sum of decimals, which has as many digits as the longest of them."""


def read_claim(text: str, option: str = "--expect") -> Claim:
    """The claim that a text makes; `option` is what errors call it."""
    written, unit = text, None
    if match := UNIT.search(text):
        written, unit = text[: match.start()], UNITS[_unit_key(match[1])]
    written = written.lstrip().lstrip(SIGNS)
    try:
        return _claim_of(text, written, option).replace(unit=unit, option=option)
    except InputError:
        rows = _expressions(written)
        if rows is None:
            raise
        dimensions = 2 if len(rows) > 1 else 1 if len(rows[0]) > 1 else 0
        return Claim(text, rows, dimensions, unit, option=option)


def _unit_key(word: str) -> str:
    """A unit as the table has it."""
    return word if word in UNITS else word.lower()


def _claim_of(text: str, written: str, option: str) -> Claim:
    """The claim that numbers make; `written` is the text without signs and unit around it."""
    vector = _with_spread_joined(expanded(cut_vector(written, option), written, option))
    rows = tuple(tuple(_entry(vector, item, option) for item in row) for row in vector.rows)
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            says = f"row {i + 1} has {values(len(row))} and row 1 has {len(rows[0])}"
            raise InputError(
                f"{option}: {says}", place=vector.place(i), hint="every row needs the same number of values"
            )
    places = () if vector.names is None else tuple(Place(vector.text, item.begin, item.stop) for item in vector.rows[0])
    return Claim(text, _with_whole_numbers_exact(rows), vector.dimensions, names=vector.names, places=places)


def _with_whole_numbers_exact(rows: tuple[tuple[Entry, ...], ...]) -> tuple[tuple[Entry, ...], ...]:
    """A whole number among several entries, as in 1,0,0, stands for itself: it would hold for whatever is cut to it."""

    def meant(one: Entry) -> Entry:
        return one.replace(tolerance=WHOLE) if one.unit == 1 and one.tolerance is None else one

    return tuple(tuple(map(meant, row)) for row in rows) if sum(map(len, rows)) > 1 else rows


def _expressions(text: str) -> tuple[tuple[Entry, ...], ...] | None:
    """The entries of a claim of expressions between commas, rows between semicolons; None where it is none."""
    from cecli.mistakes.arithmetic import NotAnExpressionError

    try:
        rows = tuple(tuple(_expression(each) for each in row.split(",")) for row in text.split(";"))
    except NotAnExpressionError:
        return None
    return rows if len({len(row) for row in rows}) == 1 else None


def _expression(text: str) -> Entry:
    """An expression, or what is an entry by itself."""
    from cecli.mistakes.arithmetic import decimals_of, value_of

    try:
        return entry(text.strip())
    except (NotANumberError, TooLargeError):
        value = value_of(text)
    exact, decimals = Fraction(value), decimals_of(text)
    if PRINTED_SUM.fullmatch("".join(text.translate(LOOKALIKES).split())):
        return entry(f"{value:.{decimals}f}").replace(text=text.strip())
    return Entry(text, value, exact, Fraction(0), abs(exact) * EXPRESSION, EXACT, decimals)


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


# --- decimal commas -------------------------------------------------------------------------------------------------


def decimal_commas(claim: Claim, value: Value) -> str | None:
    """What to write where a claim has the answer's shape once its commas are points; None where it has not."""
    pointed = re.sub(r"(?<=\d),(?=\d)", ".", claim.text)
    try:
        fits = pointed != claim.text and read_claim(pointed).misfit(value) is None
    except InputError:
        return None
    return f"a comma stands between values; for a decimal comma write {pointed.strip()}" if fits else None
