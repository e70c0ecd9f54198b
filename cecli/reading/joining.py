"""Rows of several sources brought together: gathered in the order of the first prediction (`--id`), or the same rows kept (`--where`).

What is gathered is read whole; where the order is that of the files already, their rows are taken as they come.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np

from cecli.errors import InputError, Place, UsageError
from cecli.maths.namespace import Array, on_cpu
from cecli.reading.labels import Ignored, between_commas
from cecli.reading.missing import Gaps
from cecli.reading.sources import Rows, SeenSamples, Source
from cecli.reading.streams import Stream
from cecli.reading.table_source import TableSource
from cecli.reading.tables import Piece, Table
from cecli.reading.vector import value_of
from cecli.record import Record

BLOCK = 1 << 16
STRICT = 1e-5
MASKS = ("missing", "refused", "ignored")
"""Which samples a source marks."""
ALL = Gaps(skipped=True, ignored=True, anything=True)
"""What a row may lack that may be left out."""
MOST_ERRORS = 1000
"""At most so many rows that lack a value are remembered with what is wrong in them."""

T = TypeVar("T")


class Condition(Record):
    """`--where COLUMN=VALUE,VALUE`: the rows whose column has one of the values."""

    column: str
    values: tuple[str, ...]
    numbers: tuple[float, ...]
    """Those of the values that are numbers."""

    def holds(self, text: str) -> bool:
        """Whether a value is one of these, as text or as numbers."""
        if text in self.values:
            return True
        return bool(self.numbers) and value_of(text) in self.numbers

    def position(self, table: Table) -> int | None:
        """Where the column is in a table; None where it has none of that name."""
        names = table.names or ()
        return names.index(self.column) if self.column in names else None


def read_condition(text: str) -> Condition:
    """The condition that `--where` names."""
    column, equals, values = text.partition("=")
    found = between_commas(values)
    if not column.strip() or not equals:
        raise UsageError(f"--where: {text!r} is not COLUMN=VALUE", hint="as in --where split=test or --where fold=1,2")
    numbers = tuple(value for value in map(value_of, found) if value is not None)
    return Condition(column.strip().strip("\"'"), found, numbers)


def require_columns(streams: Sequence[Stream], conditions: Sequence[Condition]) -> None:
    """The error for a condition whose column no table has."""
    for condition in conditions:
        if all(condition.position(stream.table) is None for stream in streams):
            tables = ", ".join(stream.table.name for stream in streams) or "no file"
            raise InputError(
                f"--where: no file of the call has a column {condition.column!r}", hint=f"it was looked for in {tables}"
            )


def filter_rows(streams: Sequence[Stream], conditions: Sequence[Condition]) -> None:
    """Leaves the other rows out of every table that has the columns."""
    for condition in conditions:
        for stream in streams:
            if (at := condition.position(stream.table)) is not None:
                stream.want("words", [at])
                stream.filters.append(_keeps(condition, at))


def _keeps(condition: Condition, column: int) -> Callable[[Piece], list[bool]]:
    return lambda piece: [condition.holds(text) for text in piece.texts(column)]


class Gathered(Source):
    """A source that is read whole, and given in another order, or in part; `ids` gives those of its rows where they are joined."""

    def __init__(
        self,
        source: Source,
        order: Callable[[int], np.ndarray],
        ids: Callable[[], Sequence[str]] | None = None,
        gaps: Gaps = ALL,
    ) -> None:
        self.source, self.name, self.text, self._gaps = source, source.name, source.text, gaps
        self.names, self.width, self.hint, self.rounding = source.names, source.width, source.hint, source.rounding
        self.bytes_each = source.bytes_each
        self.dimensions = 2 if source.dimensions == 2 or (source.width > 1 and ids is not None) else source.dimensions
        self._order, self._ids = order, ids
        self._values: Any = None
        self._tolerances: np.ndarray = np.zeros(0)
        self._masks: dict[str, np.ndarray | None] = dict.fromkeys(MASKS)
        self._rows: np.ndarray = np.zeros(0, dtype=int)
        """Which row of the source each sample is."""
        self._seen: list[tuple[int, SeenSamples]] = []
        """The first row of each piece of the source, and where its rows stand."""
        self._errors: dict[int, InputError] = {}
        """What is wrong in the first rows that lack a value."""
        self._taken = 0

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        values = self._next(n, self._read_rows, self._gaps.allowed)
        if values is None:
            return None
        first = self._taken - len(values)
        return Rows(values, lambda i: float(self._tolerances[first + i]))

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        found: Array | None = self._next(n, lambda: self._pieces(self.source.vector), self._gaps.allowed)
        return found

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n labels."""
        read = partial(self.source.labels, names=names, ignore=ignore)
        found: Array | None = self._next(n, lambda: self._pieces(read), self._gaps.skipped)
        return found

    def texts(self, n: int) -> list[str] | None:
        """The next n values as they are written."""
        source: Any = self.source
        found = self._next(n, lambda: self._pieces(source.texts))
        return None if found is None else [str(text) for text in found.tolist()]

    def _next(self, n: int, read: Callable[[], np.ndarray], may_lack: bool = True) -> Any:
        """The next n samples of what was read; `may_lack` says whether a value of them may be missing."""
        if self._values is None:
            if self._ids is not None:
                self._ids()  # what is wrong with the ids is said first
            values = read()
            self._rows = order = self._order(len(values))
            self._values = values[order]
            self._tolerances = self._tolerances[order] if len(self._tolerances) else self._tolerances
            self._masks = {name: None if mask is None else mask[order] for name, mask in self._masks.items()}
            if not may_lack and (missing := self._masks["missing"]) is not None and missing.any():
                raise self.missing_error(int(np.argmax(missing)))
        start, self._taken = self._taken, min(self._taken + n, len(self._values))
        if self._taken == start:
            return None
        for name, mask in self._masks.items():
            setattr(self, name, None if mask is None else mask[start : self._taken])
        return self._values[start : self._taken]

    def _read_rows(self) -> np.ndarray:
        """All rows; how far from 1 a row may sum is asked only of those that miss it."""
        tolerances = []

        def rows(n: int) -> np.ndarray | None:
            found = self.source.rows(n)
            if found is None:
                return None
            off = np.abs(np.sum(found.values, axis=-1) - 1) > STRICT
            allowed = np.full(found.values.shape[0], STRICT)
            allowed[off] = [found.tolerance(int(i)) for i in np.nonzero(off)[0]]
            tolerances.append(allowed)
            return on_cpu(found.values)

        values = self._pieces(rows)
        self._tolerances = np.concatenate(tolerances)
        self.fewest_decimals = self.source.fewest_decimals
        return values

    def _pieces(self, take: Callable[[int], Any]) -> np.ndarray:
        """All pieces of a source, and which of their samples are missing or left out."""
        parts: list[np.ndarray] = []
        masks: dict[str, list[np.ndarray]] = {name: [] for name in MASKS}
        while (part := take(BLOCK)) is not None:
            first = sum(map(len, parts))
            parts.append(np.asarray(part))
            self._seen.append((first, self.source.seen()))
            self._note_errors(first)
            for name, found in masks.items():
                mask = getattr(self.source, name)
                found.append(np.zeros(len(part), dtype=bool) if mask is None else mask)
        if not parts:
            raise InputError(f"{self.name} has no rows")
        self._masks = {name: mask if (mask := np.concatenate(found)).any() else None for name, found in masks.items()}
        return np.concatenate(parts)

    def _note_errors(self, first: int) -> None:
        """Keeps what is wrong in rows of the piece that was read, whose first row this is, if it is not too much."""
        if self.source.missing is not None:
            for i in np.flatnonzero(self.source.missing)[: MOST_ERRORS - len(self._errors)].tolist():
                self._errors[first + i] = self.source.missing_error(first + i)

    def missing_error(self, sample: int) -> InputError:
        """The error for a sample that lacks a value."""
        return self._errors.get(int(self._rows[sample])) or super().missing_error(sample)

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """What the source says."""
        return self.source.are_class_names(names)

    def glance(self) -> Array | None:
        """What the source says, in its own order."""
        return self.source.glance()

    def are_several(self) -> bool:
        """Whether there is more than one row: a table that is joined has."""
        return True

    def where(self, sample: int) -> str:
        """The line of a sample, with its id or its number."""
        what = f"sample {sample + 1}" if self._ids is None else _id_of(self._ids()[sample])
        return _placed(what, self._line(sample), self.name)

    def _line(self, sample: int) -> str | None:
        """What finds the row of a sample in its file: `line 7`, of parts with the name of the file."""
        if sample >= len(self._rows):
            return None
        row = int(self._rows[sample])
        return self._seen[bisect_right(self._seen, row, key=itemgetter(0)) - 1][1].found_at(row)

    def found_at(self, sample: int) -> str | None:
        """The id of a sample, or its line."""
        return self._line(sample) if self._ids is None else _id_of(self._ids()[sample])

    def whole(self) -> Place | None:
        """All that was typed."""
        return self.source.whole()

    def drain(self) -> int:
        """How many samples were left."""
        left = 0 if self._values is None else len(self._values) - self._taken
        self._taken += left
        return left


# --- --where ------------------------------------------------------------------------------------------------------


def keep_same_rows(source: Source, filtered: Stream, gaps: Gaps) -> Source:
    """A source without the column of `--where`: all of it, or the rows that were kept of a file with as many rows."""
    mask = filtered.read_mask()
    kept, total = int(np.sum(mask)), int(mask.shape[0])
    if source.count == kept and source.dimensions < 2:
        return source

    def order(length: int) -> np.ndarray:
        if length == kept:
            return np.arange(length)
        if length == total:
            return np.flatnonzero(mask)
        raise InputError(
            f"{source.name} has {length} samples; {filtered.table.name} has {total}, of which --where keeps {kept}",
            place=source.whole(),
        )

    return Gathered(source, order, gaps=gaps)


class InOrder(Gathered):
    """A source whose rows stand in the order of the first prediction already, taken as they come; `column` holds their ids."""

    def __init__(self, source: TableSource, column: int) -> None:
        super().__init__(source, np.arange, lambda: ())
        self.table_source, self._column = source, column

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        return self._marked(self.source.rows(n))

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        return self._marked(self.source.vector(n))

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n labels."""
        return self._marked(self.source.labels(n, names, ignore))

    def texts(self, n: int) -> list[str] | None:
        """The next n values as they are written."""
        return self.table_source.texts(n)

    def _marked(self, found: T) -> T:
        """What was found, with the marks of its samples."""
        for name in MASKS:
            setattr(self, name, getattr(self.source, name))
        self.fewest_decimals = self.source.fewest_decimals
        return found

    def begin(self, first: int) -> None:
        """What is taken first is this sample."""
        self.source.begin(first)

    def seen(self) -> SeenSamples:
        """The ids of the piece taken last."""
        return SeenIds(self.name, *self.table_source.beside(self._column), self.source.seen())

    def where(self, sample: int) -> str:
        """The id of a sample."""
        return self.seen().where(sample)

    def found_at(self, sample: int) -> str | None:
        """The id of a sample."""
        return self.seen().found_at(sample)

    def drain(self) -> int:
        """How many samples were left."""
        return self.source.drain()


class SeenIds(Record):
    """Samples by their ids: the first of them, the ids from there on, and where their rows stand."""

    name: str
    first: int
    ids: Sequence[str]
    rows: SeenSamples

    def where(self, sample: int) -> str:
        """The line of a sample, with its id."""
        return _placed(_id_of(self.ids[sample - self.first]), self.rows.found_at(sample), self.name)

    def found_at(self, sample: int) -> str | None:
        """The id of a sample."""
        return _id_of(self.ids[sample - self.first])


def _id_of(text: str) -> str:
    return f"id {text!r}"


def _placed(what: str, line: str | None, name: str) -> str:
    """A sample by its line and by what it is called; by that alone where it has no line."""
    if line is None:
        return f"{what} of {name}"
    return f"{name}, {line} ({what})" if line.startswith("line ") else f"{line} ({what})"
