"""Tables: rows of named columns, read piece by piece.

A `Table` is one file, pipe or array of any kind; `streams.py` hands its pieces to all sources of a call that use them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np

from cecli.errors import Place
from cecli.reading import to_type
from cecli.reading.ahead import IN_TURN
from cecli.record import Record

INDEX_NAMES = ("id", "index", "idx", "row", "sample")
"""What an index is called that has a name."""
NUMBER, TEXT, LIST, NESTED, EMPTY = "number", "text", "list", "nested", "empty"
"""What a column holds, as far as the first rows tell; NESTED is lists of lists, EMPTY a column of missing values alone."""


class Use(Record):
    """Columns that a source of the call takes from a text."""

    positions: Sequence[int]
    is_prediction: bool = False
    """Whether they are read as predictions."""
    labels: Collection[str] = ()
    """The class names that count as data, where it is a column of labels."""
    names: tuple[str, ...] = ()
    """What the columns are called as classes, where that is known from elsewhere."""


class Wanted:
    """The columns that sources want of a table, by position."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        """Columns that must hold numbers, or lists of numbers."""
        self.labels: list[int] = []
        """Columns of labels: numbers, or texts in the pieces where one is not a number."""
        self.words: list[int] = []
        """Columns whose values are wanted as they are written."""
        self.loose: list[int] = []
        """Those of the numbers in which a text that is not a number becomes NaN, as its sample may be left out."""

    def add(self, kind: str, columns: Sequence[int]) -> None:
        """Wants some columns more."""
        wanted: list[int] = getattr(self, kind)
        known = set(wanted)
        wanted += [column for column in columns if column not in known]

    @property
    def all(self) -> list[int]:
        """Every column that is wanted, each once."""
        return list(dict.fromkeys([*self.numbers, *self.labels, *self.words]))


class Piece:
    """Consecutive rows of a table in the columns that are wanted."""

    def __init__(
        self,
        count: int,
        numbers: np.ndarray | None = None,
        places: Mapping[int, slice] | None = None,
        words: Mapping[int, Sequence[str]] | None = None,
        lines: Sequence[int] | None = None,
        raw: Any = None,
    ) -> None:
        self.count = count
        self.numbers = np.empty((count, 0)) if numbers is None else numbers
        self.places = places or {}
        """Where the values of each column stand in `numbers`."""
        self.words = words or {}
        self.lines = lines
        """The line of each row in its file, where it has lines."""
        self.raw = raw
        """What the table needs to tell how a value is written."""
        self.rows: Sequence[int] = range(count)
        """The position of each row in `raw`."""
        self.table: Table | None = None
        """The part that it was read from, where the table has parts."""

    def values(self, columns: Sequence[int]) -> np.ndarray:
        """The numbers of some columns, side by side; NaN where one is missing."""
        if isinstance(self.places, Even) and isinstance(columns, range) and columns.step == 1:
            return self.numbers[:, columns.start : columns.stop]
        parts = [self.places[column] for column in columns]
        if not parts:
            return self.numbers[:, :0]
        if all(a.stop == b.start for a, b in pairwise(parts)):
            return self.numbers[:, parts[0].start : parts[-1].stop]
        return self.numbers[:, [i for part in parts for i in range(part.start, part.stop)]]

    def cut(self, n: int) -> tuple[Piece, Piece]:
        """The first n rows, and the others."""
        return self._part(slice(0, n)), self._part(slice(n, self.count))

    def _part(self, part: slice) -> Piece:
        words = {column: texts[part] for column, texts in self.words.items()}
        lines = None if self.lines is None else self.lines[part]
        found = Piece(len(self.rows[part]), self.numbers[part], self.places, words, lines, self.raw)
        found.rows, found.table = self.rows[part], self.table
        return found

    def only(self, mask: Sequence[bool]) -> Piece:
        """The rows where the mask is true."""
        kept = np.flatnonzero(np.asarray(mask)).tolist()
        if len(kept) == self.count:
            return self
        words = {column: [texts[i] for i in kept] for column, texts in self.words.items()}
        lines = None if self.lines is None else [self.lines[i] for i in kept]
        found = Piece(len(kept), self.numbers[kept], self.places, words, lines, self.raw)
        found.rows, found.table = [self.rows[i] for i in kept], self.table
        return found

    @classmethod
    def joined(cls, parts: Sequence[Piece]) -> Piece:
        """Pieces one after the other."""
        if len(parts) == 1:
            return parts[0]
        texts = {column for part in parts for column in part.words}
        both, places = cls._shared(parts)
        numbers = np.concatenate([part.values(both) if both else part.numbers[:, :0] for part in parts])
        words = {column: [*chain.from_iterable(part.texts(column) for part in parts)] for column in texts}
        lines = None if parts[0].lines is None else _joined_lines([part.lines or () for part in parts])
        return cls(sum(part.count for part in parts), numbers, places, words, lines, _Raw(parts))

    @staticmethod
    def _shared(parts: Sequence[Piece]) -> tuple[Sequence[int], Mapping[int, slice]]:
        """The columns of numbers that all pieces have, and where they stand side by side."""
        first = parts[0].places
        if isinstance(first, Even):
            return range(len(first)), first
        both = [column for column in first if all(column in part.places for part in parts)]
        sizes = {column: first[column].stop - first[column].start for column in both}
        return both, places_of(both, sizes)

    def texts(self, column: int) -> Sequence[str]:
        """A column as texts."""
        if column in self.words:
            return self.words[column]
        return [as_text(value) for value in self.values([column])[:, 0].tolist()]


def _joined_lines(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    """The lines of pieces one after the other: a range where they run on."""
    first, last = parts[0][0], parts[-1][-1]
    if last - first + 1 == sum(map(len, parts)) and all(isinstance(part, range) for part in parts):
        return range(first, last + 1)
    return [line for part in parts for line in part]


class Even(Mapping[int, slice]):
    """The places of columns that each hold one value, in their own order."""

    def __init__(self, width: int) -> None:
        self._width = width

    def __getitem__(self, column: int) -> slice:
        if not 0 <= column < self._width:
            raise KeyError(column)
        return slice(column, column + 1)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._width))

    def __len__(self) -> int:
        return self._width


class _Raw(Record):
    """The pieces that were joined."""

    parts: Sequence[Piece]


def places_of(columns: Sequence[int], sizes: Sequence[int] | Mapping[int, int]) -> dict[int, slice]:
    """The places of columns that are put side by side; `sizes` are those of all columns of the table."""
    places, start = {}, 0
    for column in columns:
        places[column], start = slice(start, start + sizes[column]), start + sizes[column]
    return places


def side_by_side(columns: Sequence[Any], rows: int) -> np.ndarray:
    """Columns of numbers, or of rows of numbers, as one matrix."""
    if len(columns) == 1 and columns[0].ndim == 2:
        only: np.ndarray = columns[0]
        return only
    width = sum(1 if column.ndim == 1 else column.shape[1] for column in columns)
    type_ = np.result_type(*columns) if columns else np.float64
    values, start = np.empty((rows, width), type_), 0
    for column in columns:
        size = 1 if column.ndim == 1 else column.shape[1]
        values[:, start : start + size] = column.reshape(rows, size)
        start += size
    return values


def as_text(value: Any) -> str:
    """A value of a table that is not text, as one writes it; nothing where it is missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class Cut(Record):
    """A place in a file where reading may begin: a byte of text, a row of an array, a group of rows."""

    at: int = 0
    rows: int | None = None
    """The rows from here to the next place, where their number is known."""
    bytes: int | None = None
    """The bytes from here to the next place, where their number is known."""


class Table:
    """Rows of columns. A kind of file is a subclass that says what the columns are and reads the pieces."""

    name: str
    """What errors call it: the path, or `the prediction (standard input)`."""
    names: tuple[str, ...] | None = None
    """The names of the columns, where it has a header."""
    names_in_comment = False
    """Whether these stand in a comment above the rows."""
    kinds: list[str]
    """What each column holds, as far as the first rows tell."""
    sizes: list[int]
    """How many values a field of each column holds: 1, but for lists."""
    one_row = False
    """Whether it is a single row, which may be meant as a vector."""
    row_names = False
    """Whether the first column has no field in the header: row names as R writes them."""
    sums_by_digits = True
    """Whether rows may miss 1 by the rounding of their digits; arrays are held to 1e-5."""
    tolerance: float | None = None
    """How far from 1 a row may sum, where that is known of the type of its numbers."""
    may_have_header = False
    """Whether a header may be taken for a row, and a row for a header."""
    gives_all = False
    """Whether every piece has all columns, whatever is wanted."""
    is_seen = True
    """Whether the first values of all its columns are at hand, and need not be read."""
    keys_move = False
    """Whether the keys of its objects are not in the same order in all rows, as where the largest value comes first."""
    unordered = False
    """Whether the order of the columns means nothing: lists of labels with their scores."""
    length: int | None = None
    """How many rows there are, where that is known beforehand."""
    array_length = 0
    """At least how many rows of an array there are."""
    rounding = 2.0**-52
    """The epsilon of the type that its numbers were given in."""
    length_hint: str | None = None
    """What is said where another source has more rows, or fewer."""
    members: Sequence[str] = ()
    """The names of all tables of its archive."""
    ahead = IN_TURN
    """What reads its blocks."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.notes: list[str] = []
        self.trailing: list[int] = []
        """A last column that holds nothing in the first rows, as a trailing delimiter makes it."""
        self.whole: set[str] = set()
        """The objects of which a source means all columns, so that no row may have more; "" is the table itself."""
        self.rest: Sequence[int] = ()
        """Those that a source takes which names none."""
        self.mixed: set[int] = set()
        """Columns of text with numbers among the first rows: a slip in a column of numbers, as likely as not."""
        self.left_out: list[int] = []
        """Those that were left out for it, and must stay empty."""
        self.keys: dict[int, tuple[str, ...]] = {}
        """The names of the values within a field, in columns that hold objects."""
        self.objects: Sequence[str] = ()
        """The object that each column is in, by the keys that lead to it; nothing where none is in one."""
        self.has_refused = False
        """Whether a text that is not a number has become NaN."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.kinds)

    def first(self, column: int) -> list[str]:
        """The values of a column in the first rows, as text."""
        raise NotImplementedError

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """All rows, in the columns that are wanted."""
        raise NotImplementedError

    def settle(self, uses: Sequence[Use]) -> None:
        """Decides whether the first row is a header, by the columns in use; only text asks itself that."""

    # -- parts of the rows

    def of_file(self, path: str) -> Table:  # noqa: ARG002
        """The table of one of its files."""
        return self

    def cuts(self, size: int) -> list[Cut]:  # noqa: ARG002
        """Where reading may begin, in order, about so many bytes apart."""
        return [Cut(0, self.length)]

    def begin(self, at: int, stop: int | None = None, line: int = 1) -> None:  # noqa: ARG002
        """The pieces are those from one cut on, whose first line has this number, up to another."""
        assert at == 0

    @property
    def lines_read(self) -> int:
        """How many lines of the file were read, once all pieces were."""
        return 0

    def count(self) -> tuple[int, int]:
        """How many rows there are, and how many lines the file has there; nothing can be read afterwards."""
        return sum(piece.count for piece in self.pieces(Wanted())), 0

    @property
    def first_row(self) -> Sequence[str]:
        """The fields of the first row, which may be a header."""
        return self.names or ()

    def shown(self, piece: Piece, i: int, column: int, k: int) -> str | None:  # noqa: ARG002
        """A value as it is written: the kth of the field."""
        return None

    def place(self, piece: Piece, i: int, column: int | None) -> Place | None:  # noqa: ARG002
        """The line of a row, or one of its fields, to underline."""
        return None

    @property
    def typed(self) -> str:
        """What one types for the source."""
        return to_type.as_typed(self.name)

    def title(self, column: int) -> str:
        """What an error calls a column."""
        return f"column {column + 1}" + (f" ({self.names[column]})" if self.names and self.names[column] else "")

    def hint_on_names(self, columns: Sequence[int]) -> str | None:  # noqa: ARG002
        """What to do where the first row of probabilities may be names that are numbers; only text may have such a row."""
        return None

    def numeric_hint(self, column: int) -> str | None:
        """How to name the columns that hold numbers, for a source that names none and takes one that holds text."""
        numeric = [each for each in self.rest if self.kinds[each] in (NUMBER, LIST) and not self._is_id(each)]
        if not numeric or column not in self.rest or self.kinds[column] not in (TEXT, NESTED) or column in self.mixed:
            return None
        lists = [column for column in numeric if self.kinds[column] == LIST]
        fractions = [column for column in numeric if any("." in text for text in self.first(column))]
        fitting = lists[:1] or (fractions if len(fractions) > 1 else numeric)
        return f"name the columns that hold the values, as in {self.choosing(fitting)}"

    def _is_id(self, column: int) -> bool:
        """Whether a column is called as an index is, though it may be none, as its values come again."""
        return self.names is not None and self.names[column].lower() in INDEX_NAMES

    def choosing(self, columns: Sequence[int]) -> str:
        """What one types in a shell for some columns: `FILE:COLUMNS`, in quotes where a name needs them."""
        return to_type.in_shell(f"{to_type.plainly(self.name)}:{to_type.columns(columns, self.names or ())}")


def find_raw(piece: Piece, i: int) -> tuple[Piece, int]:
    """The piece that was read, and the position in it, for row i of one that may be cut and joined."""
    position = piece.rows[i]
    while isinstance(piece.raw, _Raw):
        for part in piece.raw.parts:
            if position < part.count:
                piece, position = part, part.rows[position]
                break
            position -= part.count
        else:
            break
    return piece, position
