"""Arrays of one dimension as sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cecli.reading.binary import ArrayTable
from cecli.reading.labels import Ignored
from cecli.reading.sources import Rows
from cecli.reading.table_source import Columns, TableSource
from cecli.record import computed_once


class VectorSource(TableSource):
    """An array of one dimension: one row of values, or a value for each sample, as it is asked for."""

    is_vector = True

    @computed_once
    def dimensions(self) -> int:  # type: ignore[override]
        """1, or 0 for a single number."""
        return len(self._array.shape)

    def __init__(self, columns: Columns, name: str, are_labels: bool = False) -> None:
        super().__init__(columns, name, are_labels)
        assert isinstance(self.table, ArrayTable)
        self._array = self.table
        self.width = self._array.length or 1

    @property
    def count(self) -> int:
        """How many values there are."""
        return self._array.length or 0

    def rows(self, n: int) -> Rows | None:  # noqa: ARG002
        """The one row."""
        values = self.vector(self.count)
        return None if values is None else Rows(values.reshape(1, -1), lambda _: self._array_tolerance)

    def vector(self, n: int) -> np.ndarray | None:
        """The next n values."""
        piece = self._take(n)
        return None if piece is None else self._numbers(piece)[:, 0]

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> np.ndarray | None:
        """The next n labels."""
        self.width = 1
        return super().labels(n, names, ignore)

    def glance(self) -> np.ndarray | None:
        """The first piece, if it holds numbers."""
        piece = self._cursor.peek()
        return None if piece is None or not piece.places else piece.numbers[:, 0]

    def drain(self) -> int:
        """How many values were left."""
        count = 0
        while (piece := self._cursor.take(1 << 20)) is not None:
            count += piece.count
        return count
