"""The sources of a call made from the columns that were settled: rows kept by `--where`, joined by `--id`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from cecli.errors import InputError
from cecli.reading import ids, joining
from cecli.reading.binary import ArrayTable
from cecli.reading.roles import CLASS_WEIGHTS, CLUSTERS, PREDICTION, SKIPPED, SLICES, TARGET, Origin, ReadingOptions
from cecli.reading.sources import SKIP_MISSING, Source
from cecli.reading.streams import Stream
from cecli.reading.table_source import Columns, TableSource
from cecli.reading.tables import TEXT
from cecli.reading.vector_source import VectorSource


class Making:
    """Makes the sources of all origins; `in_part` is whether they give a part of the rows."""

    def __init__(self, options: ReadingOptions, origins: Sequence[Origin], in_part: bool) -> None:
        self.options, self.origins, self.in_part = options, origins, in_part
        self.conditions = [joining.read_condition(text) for text in self.options.where]
        self.join: ids.Join | None = None
        """How the rows are joined, where they are."""

    def sources(self) -> list[Source]:
        """A source for each origin, in their order."""
        self._flatten_labels()
        joining.require_columns(self._streams(), self.conditions)
        joined = bool(self.options.ids)
        if self.in_part or not joined:
            joining.filter_rows(self._streams(), self.conditions)
        found = [self._source(origin) for origin in self.origins]
        if joined:
            return self._joined(found)
        return self._aligned(found) if self.conditions else found

    def _streams(self) -> list[Stream]:
        return list(dict.fromkeys(origin.stream for origin in self.origins if origin.stream is not None))

    def _source(self, origin: Origin) -> Source:
        if origin.typed is not None:
            return origin.typed
        assert origin.stream is not None
        gaps = joining.ALL if self._may_leave_out(origin) else self.options.gaps(origin.request.role)
        columns = Columns(origin.stream, origin.positions, origin.names, gaps, origin.inner)
        is_vector = isinstance(origin.table, ArrayTable) and origin.table.is_vector
        kind = VectorSource if is_vector else TableSource
        source = kind(columns, origin.table.name, _may_be_labels(origin, columns))
        source.advice, source.is_binary = origin.advice, self.options.binary
        source.length_hint = origin.table.length_hint
        source.first_hint = origin.table.hint_on_names(origin.positions)
        source.skip_hint = SKIP_MISSING if origin.request.role in SKIPPED else None
        return source if origin.order is None else joining.Gathered(source, _in(np.array(origin.order)))

    def _may_leave_out(self, origin: Origin) -> bool:
        """Whether `--where` leaves out rows of a source after they are read, so that these may hold anything."""
        is_filtered = origin.stream is not None and bool(origin.stream.filters)
        return bool(self.conditions) and not is_filtered and origin.request.role != CLASS_WEIGHTS

    def _flatten_labels(self) -> None:
        """Labels (N, T) beside an array (N, T, K) are one for each of its N·T rows."""
        cubes = [
            o.table
            for o in self.origins
            if o.request.role == PREDICTION and o.stream and isinstance(o.table, ArrayTable)
        ]
        shapes = [table.shape for table in cubes if len(table.shape) == 3]
        for origin in self.origins:
            table = origin.table if origin.stream is not None else None
            if (
                shapes
                and origin.request.role == TARGET
                and isinstance(table, ArrayTable)
                and table.shape == shapes[0][:2]
            ):
                table.as_labels()
                origin.positions = [0]

    def _aligned(self, found: list[Source]) -> list[Source]:
        """Sources of files without the column of `--where`: all of their rows, or the same ones."""
        filtered = next(stream for stream in self._streams() if stream.filters)
        return [
            source
            if origin.request.role == CLASS_WEIGHTS or (origin.stream is not None and origin.stream.filters)
            else joining.keep_same_rows(source, filtered, self.options.gaps(origin.request.role))
            for source, origin in zip(found, self.origins, strict=True)
        ]

    def _joined(self, found: list[Source]) -> list[Source]:
        """Sources in the order of the first prediction, matched by their ids."""
        rows = [origin for origin in self.origins if origin.request.role != CLASS_WEIGHTS]
        for origin in rows:
            if origin.stream is None:
                raise InputError(
                    f"--id joins the rows of files, and typed values have no id: {origin.request.name}, {origin.request.text!r}",
                    hint="give it as a file that has the id too, or put the rows in order and leave --id out",
                )
        first = next((o for o in rows if o.request.role == PREDICTION), rows[0])
        titles: dict[Stream, str] = {}
        for origin in [first, *rows]:
            assert origin.stream is not None
            titles.setdefault(origin.stream, origin.request.name)
        conditions = [] if self.in_part else self.conditions
        self.join = ids.Join(
            [ids.IdColumn(title, stream, self.options.ids, conditions) for stream, title in titles.items()]
        )
        return [
            source if origin.request.role == CLASS_WEIGHTS else self._in_order(source, origin, self.join)
            for source, origin in zip(found, self.origins, strict=True)
        ]

    def _in_order(self, source: Source, origin: Origin, join: ids.Join) -> Source:
        """A source in the order of the join: as it stands, where a part of the rows is given."""
        assert origin.stream is not None
        if self.in_part:
            assert isinstance(source, TableSource)
            return joining.InOrder(source, join.column(origin.stream))
        gaps = self.options.gaps(origin.request.role)
        return joining.Gathered(source, partial(_order_of, join, origin.stream), join.ids, gaps)


def _may_be_labels(origin: Origin, columns: Columns) -> bool:
    """Whether texts are read as labels: in a column of a target, of clusters, of predicted labels; and in a row of them."""
    kinds, role = origin.table.kinds, origin.request.role
    if columns.width > 1:
        return role == TARGET and origin.table.one_row and any(kinds[column] == TEXT for column in columns.positions)
    return role in (TARGET, CLUSTERS, SLICES) or (role == PREDICTION and columns.is_text)


def _in(order: np.ndarray) -> Callable[[int], np.ndarray]:
    """A function that gives this order, whatever the length."""
    return lambda _: order


def _order_of(join: ids.Join, stream: Stream, _length: int) -> np.ndarray:
    return join.order(stream)
