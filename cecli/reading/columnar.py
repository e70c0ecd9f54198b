"""`.parquet`, `.arrow` and `.feather` files as tables, through pyarrow: the extra `cecli-calculator[data]`.

A struct is the columns of its fields, with a dot in their names; a list column is a row of values in each field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from cecli.errors import InputError, MissingError
from cecli.reading import by_arrow
from cecli.reading.arrays import HALF_TOLERANCE
from cecli.reading.json_keys import by_name
from cecli.reading.json_rows import ALL_SCORES, as_written, by_their_numbers, keys_of_score, label_and_score
from cecli.reading.tables import LIST, NESTED, NUMBER, TEXT, Cut, Piece, Table, Wanted, places_of, side_by_side

BATCH = 1 << 16
SEEN = 200
"""Rows that are looked at before the columns are known."""

Batches = Callable[[list[int] | None, int, range | None], Iterator[Any]]
"""A function that reads some of the outermost columns (or all) in batches of about so many rows, of some groups of rows (or all)."""


class ArrowTable(Table):
    """The columns of a columnar file, read batch by batch."""

    is_seen = False

    def __init__(
        self, name: str, schema: Any, batches: Batches, length: int | None, groups: Sequence[tuple[int, int]] = ()
    ) -> None:
        """`groups` are the rows and bytes of each group of rows, where there are such."""
        super().__init__(name)
        self._batches, self.length, self._groups = batches, length, groups
        self._chosen: range | None = None
        self._head: Any = None
        leaves = [(i, *leaf) for i, field in enumerate(schema) for leaf in _leaves(field.name, field.type)]
        self._tops = [top for top, _, _ in leaves]
        self.names = tuple(leaf for _, leaf, _ in leaves)
        self.kinds = [_kind(type_) for _, _, type_ in leaves]
        self.sizes = [1] * len(leaves)
        if any(_are_halves(type_) for _, _, type_ in leaves):
            self.tolerance = HALF_TOLERANCE
        for column, (_, _, type_) in enumerate(leaves):
            if _has_names(type_):
                self._take_names(column)
        for column, kind in enumerate(self.kinds):
            if kind == LIST and column not in self.keys:
                self.sizes[column] = next((len(each) for each in self._first_values(column) if each is not None), 1)
        if not self.names:
            raise InputError(f"{name} has no columns")

    def _take_names(self, column: int) -> None:
        """A column of maps, or of labels with their scores, is one of lists, in the order of the first one's names."""
        first = next((_by_name(each, self.name) for each in self._first_values(column) if each), None)
        if first is not None:
            self.kinds[column], self.unordered = LIST, True
            self.keys[column] = tuple(by_their_numbers([*first]))
            self.sizes[column] = len(first)

    def _as_lists(self, table: Any, at: Mapping[int, int]) -> Any:
        """A table in which columns of values by name are columns of lists."""
        import pyarrow

        for column in (each for each in at if each in self.keys):
            where = f"{self.name}, {self.title(column)}"
            given = [each if each is None else _by_name(each, where) for each in table.column(at[column]).to_pylist()]
            keys = self.keys[column]
            if any(
                each is not None and (len(each) != len(keys) or not all(map(each.__contains__, keys))) for each in given
            ):
                says = f"{self.name}: {self.title(column)} has other names in some rows than in the first: {', '.join(keys[:12])}"
                raise InputError(says, hint=ALL_SCORES)
            lists = [each if each is None else [each[key] for key in keys] for each in given]
            values = pyarrow.array(lists, pyarrow.list_(pyarrow.float64()))
            table = table.set_column(at[column], table.column_names[at[column]], pyarrow.chunked_array([values]))
        return table

    def _first_values(self, column: int) -> list[Any]:
        if self._head is None:
            found = next(self._read(None, SEEN), None)
            self._head = [] if found is None else [found.column(i).slice(0, SEEN) for i in range(found.num_columns)]
        return list(self._head[column].to_pylist()) if self._head else []

    def first(self, column: int) -> list[str]:
        """The first values of a column, as text."""
        return [as_written(value) for value in self._first_values(column)]

    def cuts(self, size: int) -> list[Cut]:
        """Groups of rows."""
        cuts = list[Cut]()
        for number, (count, bytes_) in enumerate(self._groups):
            last = cuts.pop() if cuts and (cuts[-1].bytes or 0) < size else Cut(number, 0, 0)
            cuts.append(Cut(last.at, (last.rows or 0) + count, (last.bytes or 0) + bytes_))
        return cuts or super().cuts(size)

    def begin(self, at: int, stop: int | None = None, line: int = 1) -> None:  # noqa: ARG002
        """The rows from a group on."""
        if at or stop is not None:
            self._chosen = range(at, len(self._groups) if stop is None else stop)

    def count(self) -> tuple[int, int]:
        """By the batches."""
        return sum(batch.num_rows for batch in self._batches(None, BATCH, self._chosen)), 0

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """The rows, batch by batch, of the columns that are wanted."""
        self._head = None
        tops = sorted({self._tops[c] for c in wanted.all})
        leaves = [column for column, top in enumerate(self._tops) if top in tops]
        for table in self._read(tops, BATCH):
            at = {c: leaves.index(c) for c in wanted.all}
            table = self._as_lists(table, at)  # noqa: PLW2901 - the same table, in another form
            piece = piece_of(table, at, self.sizes, wanted)
            if piece is None:
                raise self._unreadable(table, at, wanted)
            yield piece

    def _read(self, tops: list[int] | None, size: int) -> Iterator[Any]:
        """Tables of the columns, structs taken apart."""
        import pyarrow

        try:
            for batch in self._batches(tops, size, self._chosen):
                table = pyarrow.Table.from_batches([batch])
                while any(pyarrow.types.is_struct(field.type) for field in table.schema):
                    table = table.flatten()
                if table.num_rows:
                    yield table
        except (pyarrow.ArrowException, OSError, ValueError, NotImplementedError) as error:
            if isinstance(error, InputError):
                raise
            raise unreadable(self.name, error) from error

    def _unreadable(self, table: Any, at: Mapping[int, int], wanted: Wanted) -> InputError:
        """The error for a column that holds something else than expected."""
        for column in wanted.numbers:
            if number_column(table.column(at[column]), self.sizes[column]) is None:
                says = {
                    LIST: f"holds lists that do not all have {self.sizes[column]} numbers",
                    NESTED: "has lists nested three deep",
                }.get(self.kinds[column], "holds no numbers")
                return InputError(f"{self.name}: column {self.names[column]!r} {says}", hint=self.numeric_hint(column))  # type: ignore[index]
        return InputError(f"{self.name} can't be read")


def _leaves(name: str, type_: Any) -> Iterator[tuple[str, Any]]:
    """The columns that a field is: itself, or those of a struct."""
    import pyarrow

    if not pyarrow.types.is_struct(type_):
        yield name, type_
        return
    for i in range(type_.num_fields):
        yield from _leaves(f"{name}.{type_.field(i).name}", type_.field(i).type)


def _has_names(type_: Any) -> bool:
    """Whether the values of a field have names of their own: a map, or a list of labels with their scores."""
    import pyarrow.types as t

    if t.is_map(type_):
        return _kind(type_.item_type) == NUMBER
    inner = type_.value_type if t.is_list(type_) or t.is_large_list(type_) else None
    return inner is not None and t.is_struct(inner) and keys_of_score({field.name for field in inner}) is not None


def _by_name(value: Any, where: str) -> dict[str, Any]:
    """The values of a field by their names."""
    pairs = [label_and_score(each) or each for each in value]
    return by_name([(str(key), each) for key, each in pairs], where)


def _are_halves(type_: Any) -> bool:
    """Whether a field holds numbers of half precision."""
    import pyarrow.types as t

    return bool(t.is_float16(getattr(type_, "value_type", type_)))


def _kind(type_: Any) -> str:
    import pyarrow.types as t

    if t.is_list(type_) or t.is_large_list(type_) or t.is_fixed_size_list(type_):
        return LIST if _kind(type_.value_type) in (NUMBER, TEXT) else NESTED
    numeric = (
        t.is_integer(type_) or t.is_floating(type_) or t.is_boolean(type_) or t.is_decimal(type_) or t.is_null(type_)
    )
    return NUMBER if numeric else TEXT


def piece_of(table: Any, at: Mapping[int, Any], sizes: Sequence[int], wanted: Wanted) -> Piece | None:
    """The rows of a pyarrow table; `at` says where each column stands in it. None where one holds something else than expected."""
    numeric, words = list(wanted.numbers), {c: _texts(table.column(at[c])) for c in wanted.words}
    for c in wanted.labels:
        if _kind(table.schema.field(at[c]).type) == TEXT:
            words[c] = _texts(table.column(at[c]))
        elif c not in numeric:
            numeric.append(c)
    columns = []
    for c in numeric:
        column = number_column(table.column(at[c]), sizes[c])
        if column is None:
            return None
        columns.append(column)
    return Piece(table.num_rows, side_by_side(columns, table.num_rows), places_of(numeric, sizes), words)


def number_column(column: Any, size: int) -> np.ndarray | None:
    """A column of numbers, NaN where one is missing, or of lists of as many numbers; None where it is neither."""
    kind = _kind(column.type)
    if kind in (TEXT, NESTED):
        return None
    if kind == LIST:
        return _list_column(column, size)
    import pyarrow

    types = pyarrow.types
    if not types.is_floating(column.type) and (column.null_count or not types.is_integer(column.type)):
        column = column.cast(pyarrow.float64(), safe=False)
    return _array(column)


def _array(column: Any) -> np.ndarray:
    parts = [by_arrow.array_of(chunk) for chunk in getattr(column, "chunks", [column])]
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.zeros(0)


def _list_column(column: Any, size: int) -> np.ndarray | None:
    """A column of lists as rows; None where they are not all lists of as many numbers."""
    if _kind(column.type.value_type) != NUMBER:
        return None
    if column.null_count:
        found = [[np.nan] * size if each is None else each for each in column.to_pylist()]
        return np.array(found, dtype=np.float64) if all(len(each) == size for each in found) else None
    if any(_has_other_length(chunk, size) for chunk in column.chunks):
        return None
    inner: list[Any] = [number_column(chunk.flatten(), 1) for chunk in column.chunks]
    return np.concatenate(inner).reshape(-1, size)


def _has_other_length(lists: Any, size: int) -> bool:
    """Whether a list is longer or shorter than the others."""
    if not hasattr(lists, "offsets"):  # of a type of fixed size
        return bool(lists.type.list_size != size)
    return bool(np.any(np.diff(by_arrow.array_of(lists.offsets)) != size))


def _texts(column: Any) -> list[str]:
    return [as_written(value) for value in column.to_pylist()]


def types_of(columns: Mapping[str, str]) -> Any:
    """A schema of columns by their kinds."""
    import pyarrow

    types = {NUMBER: pyarrow.float64(), TEXT: pyarrow.string(), LIST: pyarrow.list_(pyarrow.float64())}
    return pyarrow.schema([(name, types.get(kind, pyarrow.float64())) for name, kind in columns.items()])


# --- files --------------------------------------------------------------------------------------------------------


def columnar_table(path: str, name: str, is_parquet: bool, remote: BinaryIO | None = None) -> ArrowTable:
    """The table of a columnar file, on this machine or a `remote` one that is open."""
    try:
        arrow = by_arrow.load("parquet" if is_parquet else "ipc")
    except MissingError as error:
        raise MissingError(f"{name}: {error.message}", hint=error.hint) from error
    try:
        return _parquet(path, name, remote) if is_parquet else _ipc(path, name, remote)
    except (arrow.ArrowException, OSError, NotImplementedError) as error:
        raise unreadable(name, error) from error


def unreadable(name: str, error: Exception) -> InputError:
    """The error for a file that pyarrow can't read."""
    return InputError(
        f"{name} can't be read: {' '.join(str(error).split())[:120]}",
        hint="is it complete, and of the kind that its ending says?",
    )


def _parquet(path: str, name: str, remote: BinaryIO | None) -> ArrowTable:
    """A Parquet file: only the columns that are asked for are read."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(remote or path)
    schema = file.schema_arrow

    def batches(tops: list[int] | None, size: int, groups: range | None) -> Iterator[Any]:
        chosen = None if groups is None else [*groups]
        if tops is None or len(set(schema.names)) < len(schema.names):
            found = file.iter_batches(batch_size=size, row_groups=chosen)
            return found if tops is None else (batch.select(tops) for batch in found)
        some: Iterator[Any] = file.iter_batches(
            batch_size=size, row_groups=chosen, columns=[schema.names[i] for i in tops]
        )
        return some

    about = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    groups = [(group.num_rows, group.total_byte_size) for group in about]
    return ArrowTable(name, schema, batches, file.metadata.num_rows, groups)


def _ipc(path: str, name: str, remote: BinaryIO | None) -> ArrowTable:
    """An Arrow file, or stream."""
    import pyarrow.ipc

    source = pyarrow.PythonFile(remote, "r") if remote is not None else pyarrow.memory_map(path)
    try:
        file = pyarrow.ipc.open_file(source)
    except pyarrow.ArrowInvalid:
        return _ipc_stream(name, source)

    def batches(tops: list[int] | None, size: int, groups: range | None) -> Iterator[Any]:  # noqa: ARG001
        found: Iterator[Any] = (file.get_batch(i) for i in range(file.num_record_batches))
        return found if tops is None else (batch.select(tops) for batch in found)

    return ArrowTable(name, file.schema, batches, None)


def _ipc_stream(name: str, source: Any) -> ArrowTable:
    """An Arrow stream, which is opened again for each look at it."""
    import pyarrow.ipc

    def batches(tops: list[int] | None, size: int, groups: range | None) -> Iterator[Any]:  # noqa: ARG001
        found: Iterator[Any]
        source.seek(0)
        stream = pyarrow.ipc.open_stream(source)
        found = iter(stream)
        return found if tops is None else (batch.select(tops) for batch in found)

    source.seek(0)
    return ArrowTable(name, pyarrow.ipc.open_stream(source).schema, batches, None)
