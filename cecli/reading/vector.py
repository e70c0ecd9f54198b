"""The typed grammar: vectors, matrices, numbers and labels as people write them.

    vector    items between commas or blanks, in [ ] or ( ) or nothing
    matrix    rows between ; or line ends, or bracketed rows between commas: [[…],[…]]
    number    0.5  .5  1e-3  -2  63/64  98.4%  inf  -inf
    label     a whole number, or a word that names a class; "in quotes" it may hold blanks

Every character keeps its position, so that an error can underline the one that is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from cecli.errors import InputError, Place
from cecli.reading.missing import FOREIGN
from cecli.record import Record

LOOKALIKES = str.maketrans("，；−–（）［］％．　／", ",;--()[]%. /")
"""Full-width and typographic characters, read as the plain ones they stand for (one for one: positions hold)."""

DECIMAL_COMMAS = str.maketrans(",;", ".,")
"""What `--decimal-comma` reads a typed text with: a comma is a point, and a semicolon stands between values."""
DECIMAL_COMMA = "--decimal-comma reads 0,5 as 0.5"

LEXEME = re.compile(
    r"""(?P<blank>[^\S\n]+) | (?P<comma>,) | (?P<row>[;\n]) | (?P<open>[\[(]) | (?P<close>[\])])
      | (?P<item>"[^"\n]*" | '[^'\n]*' | [^\s,;\[\]()]+)""",
    re.VERBOSE,
)
DECIMAL = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?")
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]*)?")
"""The decimals that most texts are."""
LONGEST_PLAIN = 300
"""So many digits are never too large for float64."""
GROUPED = re.compile(r"(?<!\d)_|_(?!\d)")
"""An underscore that does not stand between digits."""
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}")
"""A number with commas between groups of three digits; of `1,234` alone the comma may be a decimal one."""
INFINITE = re.compile(r"([+-]?)inf(inity)?", re.IGNORECASE)
PAIRS = {"[": "]", "(": ")"}
SHORTENED = ("...", "…")
"""What stands for the values that a program leaves out when it prints many."""
WORDS = {
    **dict.fromkeys(("true", "false"), "write 1 for true and 0 for false, as frame.astype(int) does in pandas"),
    **dict.fromkeys(SHORTENED, "values were left out when these were printed: numpy.save('p.npy', values) keeps all"),
}
"""What is said of words that are often found in place of numbers."""
LOOKS_LIKE = str.maketrans("OoIl", "0011")
LONGEST_SHOWN = 60
MOST_DIGITS = 4000
"""Digits of a fraction's parts; Python refuses to convert longer integers."""


class Item(Record):
    """One value as typed, and where it stands in the text."""

    text: str
    start: int
    stop: int
    named_at: int | None = None
    """Where its name begins, if it has one before it."""

    @property
    def begin(self) -> int:
        """Where it begins, its name included."""
        return self.start if self.named_at is None else self.named_at


class Vector(Record):
    """What was typed, cut into rows of items. `dimensions` is 0 for one bare item, 1 for a vector, 2 for rows."""

    text: str
    rows: Sequence[Sequence[Item]]
    dimensions: int
    names: tuple[str, ...] | None = None
    """What the values of a row are called, as in `cat=0.7,dog=0.3`."""

    def place(self, row: int, column: int | None = None) -> Place | None:
        """The text of a row, or of one of its items."""
        if row >= len(self.rows) or not self.rows[row]:
            return None
        items = self.rows[row]
        if column is None:  # named values may be in another order than they were typed in
            return Place(self.text, min(item.begin for item in items), max(item.stop for item in items))
        item = items[min(column, len(items) - 1)]
        return Place(self.text, item.start, item.stop)


class Number(Record):
    """A number and how many digits it was written with after the point (0 for fractions, which are exact)."""

    value: float
    decimals: int


class NotANumberError(Exception):
    """Raised by `number` for text that is not one; the caller knows what else it may be."""


class TooLargeError(Exception):
    """Raised by `number` where float64 has no room."""


# --- the text, cut to rows of items -------------------------------------------------------------------------------


def cut_vector(text: str, name: str, shown: str | None = None) -> Vector:
    """The rows of items of a text; `name` is what errors call it, and `shown` the text of the same length that they show."""
    reader = _Reader(text if shown is None else shown, name)
    for match in LEXEME.finditer(text.translate(LOOKALIKES)):
        reader.take(match)
    return reader.finish()


class _Reader:
    """Collects items into rows as the lexemes come."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.rows: list[list[Item]] = []
        self.row: list[Item] = []
        self.open: list[tuple[str, int]] = []
        self.comma: int | None = None  # the last comma, while nothing follows it
        self.deepest = 0
        self.bracketed_row = False

    def take(self, match: re.Match[str]) -> None:
        """One lexeme."""
        kind = match.lastgroup or ""
        if kind != "blank":
            getattr(self, f"_{kind}")(match.group(), match.start(), match.end())

    def _item(self, text: str, start: int, stop: int) -> None:
        if text in SHORTENED:
            says, hint = refused(text)
            raise InputError(f"{self.name}: {says}", place=Place(self.text, start, stop), hint=hint)
        if self.deepest == 2 and len(self.open) < 2:
            raise self._error("this value is outside the brackets of the rows", start, stop)
        self.row.append(Item(text.strip("\"'"), start, stop))
        self.comma = None

    def _comma(self, _: str, start: int, stop: int) -> None:
        nothing_before = not self.row and not (self.bracketed_row and len(self.open) < 2)
        if self.comma is not None or nothing_before:
            raise self._error("a value is missing before this comma", start, stop)
        self.comma = start
        self.bracketed_row = False

    def _row(self, text: str, start: int, stop: int) -> None:
        if (text == "\n" and self.open) or (self.deepest == 2 and len(self.open) == 1 and not self.row):
            return
        self._no_comma()
        if text == ";" and not self.row and not self.bracketed_row:
            raise self._error("a row is missing before this semicolon", start, stop)
        self._end_row()

    def _open(self, text: str, start: int, stop: int) -> None:
        if len(self.open) == 2:
            raise self._error("brackets go two deep at most: a matrix is [[…],[…]]", start, stop)
        if self.row:
            raise self._error("this bracket opens in the middle of a row", start, stop)
        self.open.append((text, start))
        self.deepest = max(self.deepest, len(self.open))
        self.comma = None

    def _close(self, text: str, start: int, stop: int) -> None:
        self._no_comma()
        if not self.open:
            raise self._error("this closing bracket has no opening one", start, stop)
        opened, _ = self.open.pop()
        if PAIRS[opened] != text:
            raise self._error(f"{opened!r} is closed by {text!r}", start, stop)
        if self.row or self.deepest < 2:
            self._end_row()
        self.bracketed_row = True

    def _end_row(self) -> None:
        if self.row:
            self.rows.append(self.row)
        self.row = []
        self.bracketed_row = False

    def _no_comma(self) -> None:
        if self.comma is not None:
            raise self._error("a value is missing after this comma", self.comma, self.comma + 1)

    def _error(self, says: str, start: int, stop: int) -> InputError:
        return InputError(f"{self.name}: {says}", place=Place(self.text, start, stop))

    def finish(self) -> Vector:
        """The whole, once the text has ended."""
        self._no_comma()
        if self.open:
            bracket, start = self.open[-1]
            raise self._error(f"{bracket!r} is never closed", start, start + 1)
        self._end_row()
        if not self.rows:
            raise InputError(f"{self.name}: no values are given", hint="give numbers, such as 0.5,0.2,0.3")
        return Vector(self.text, self.rows, self._dimensions())

    def _dimensions(self) -> int:
        """0 for one bare item, 1 for one row, 2 for rows."""
        if self.deepest == 2 or len(self.rows) > 1:
            return 2
        return 0 if len(self.rows[0]) == 1 and self.deepest == 0 else 1


# --- an item, read as a number ------------------------------------------------------------------------------------


def number(text: str) -> Number:
    """The number that a text writes: decimal, fraction, percentage or infinity."""
    if len(text) <= LONGEST_PLAIN and PLAIN.fullmatch(text):
        return Number(float(text), len(text.partition(".")[2]))
    plain = text.translate(LOOKALIKES)
    if INFINITE.fullmatch(plain):
        return Number(-math.inf if plain.startswith("-") else math.inf, 0)
    if plain.endswith("%"):
        return _decimal(plain[:-1], shift=2)
    if "/" in plain:
        return _fraction(plain)
    return _decimal(plain)


def is_number(text: str) -> bool:
    """Whether `number` can read the text (one too large for float64 is a number too)."""
    if PLAIN.fullmatch(text) is not None:
        return True
    try:
        number(text)
    except NotANumberError:
        return False
    except TooLargeError:
        pass
    return True


def value_of(text: str) -> float | None:
    """The number that a text writes; None where it is none, or float64 has no room for it."""
    try:
        return number(text).value
    except (NotANumberError, TooLargeError):
        return None


def number_or_nan(text: str) -> float:
    """The number that a text writes; NaN where it is none, or float64 has no room for it."""
    value = value_of(text)
    return math.nan if value is None else value


def _decimal(text: str, shift: int = 0) -> Number:
    """A decimal number, divided by 10^shift in its text, so that the result is rounded once."""
    if "_" in text and GROUPED.search(text) is None:  # 1_000
        text = text.replace("_", "")
    match = DECIMAL.fullmatch(text)
    if not match:
        raise NotANumberError(text)
    sign, digits, exponent = match.groups()
    power = _exponent(exponent or "0") - shift
    value = float(f"{sign}{digits}e{power}")
    if math.isinf(value):
        raise TooLargeError(text)
    return Number(value, max(0, len(digits.partition(".")[2]) - power))


def _exponent(text: str) -> int:
    """An exponent, held within what a float64 can distinguish, so that absurd ones cost nothing."""
    digits = text.lstrip("+-").lstrip("0")
    size = int(digits) if 0 < len(digits) < 8 else 10**7 if digits else 0
    return -size if text.startswith("-") else size


def _fraction(text: str) -> Number:
    top, _, bottom = text.partition("/")
    if not (_plain(top) and _plain(bottom)):
        raise NotANumberError(text)
    if float(bottom) == 0:
        raise NotANumberError(text)
    try:
        from fractions import Fraction  # loaded where there is one

        return Number(float(Fraction(top) / Fraction(bottom)), 0)
    except OverflowError:
        raise TooLargeError(text) from None


def _plain(text: str) -> bool:
    """A decimal number without exponent, of a length that integers can take."""
    match = DECIMAL.fullmatch(text)
    return bool(match) and not match.group(3) and len(text) <= MOST_DIGITS  # type: ignore[union-attr]


# --- rows of numbers ----------------------------------------------------------------------------------------------


def row_numbers(vector: Vector, i: int, name: str, read: Callable[[Item], Number] | None = None) -> list[Number]:
    """The values of a row, which must have as many as the first; `read` gives the number of an item."""
    row, width = vector.rows[i], len(vector.rows[0])
    if len(row) != width:
        raise InputError(
            f"{name}: row {i + 1} has {len(row)} {'value' if len(row) == 1 else 'values'} and row 1 has {width}",
            place=vector.place(i),
            hint="every row needs the same number of values",
        )
    return [parsed(vector, item, name) if read is None else read(item) for item in row]


def parsed(vector: Vector, item: Item, name: str) -> Number:
    """One item as a number, or the error that says why it is none."""
    try:
        return number(item.text)
    except (NotANumberError, TooLargeError):
        says, hint = refused(item.text)
        place = Place(vector.text, item.start, item.stop)
        raise InputError(f"{name}: {says}", place=place, hint=hint) from None


def refused(text: str) -> tuple[str, str | None]:
    """What is said of a text that `number` refuses: what is wrong, and what it was most likely meant to be."""
    if is_number(text):
        return f"{shortened(text)} is too large for a 64-bit float", None
    return f"{shortened(text)!r} is not a number", DECIMAL_COMMA if has_decimal_comma(text) else guess(text)


def shortened(text: str) -> str:
    """A text that a message can hold."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN // 2]}…{text[-LONGEST_SHOWN // 4 :]}"


def words(text: str) -> list[str]:
    """The items of a text, whatever stands between them."""
    return [
        match.group().strip("\"'") for match in LEXEME.finditer(text.translate(LOOKALIKES)) if match.lastgroup == "item"
    ]


def guess(text: str) -> str | None:
    """What a text that is not a number was most likely meant to be."""
    if len(text) > LONGEST_SHOWN:
        return None
    plain = text.translate(LOOKALIKES)
    if (said := FOREIGN.get(plain) or WORDS.get(plain.lower().lstrip("+-"))) is not None:
        return said
    if re.fullmatch(r"[^/]+/[+-]?0*\.?0*", plain):
        return "a fraction can't be over 0"
    if plain in {"/", "%"}:
        return f"write it without blanks around the {plain}, as in {'1/3' if plain == '/' else '50%'}"
    whole = plain.replace(",", "") if THOUSANDS.fullmatch(plain) else plain
    for repaired in (
        whole,
        plain.translate(LOOKS_LIKE),
        plain.rstrip(".,"),
        plain.replace("..", "."),
        plain.replace("_", ""),
    ):
        if is_number(repaired):
            return f"did you mean {repaired}?"
    return None


def tolerance(decimals: int, classes: int) -> float:
    """How far a row of probabilities may miss 1: half a unit of the last digit written, for each of its values.

    With d digits after the point that is max(1e-5, min(K/2 · 10⁻ᵈ, 0.05)); values of one digit or none are exact.
    """
    return max(1e-5, min(classes / 2 * 10.0**-decimals, 0.05)) if decimals >= 2 else 1e-5


def has_decimal_comma(text: str) -> bool:
    """Whether a text would be a number if its comma were a point."""
    return "," in text and is_number(text.replace(",", ".", 1))


def decimal_commas(vector: Vector) -> int:
    """How many pairs of whole numbers such as `0,5 0,2`, perhaps decimals with a comma, the first row is; 0 if any row has other values."""
    rows = [vector.text[row[0].start : row[-1].stop].split() for row in vector.rows if row]
    are_pairs = sum(map(len, vector.rows)) == 2 * sum(map(len, rows))
    if not are_pairs or not all(has_decimal_comma(pair) and "." not in pair for row in rows for pair in row):
        return 0
    return len(rows[0])
