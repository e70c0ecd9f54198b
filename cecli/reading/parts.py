"""Many files as the parts of one table: a quoted glob, in the order of the files' names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cecli.errors import InputError, Place
from cecli.reading.tables import Piece, Table, Use, Wanted


class PartsTable(Table):
    """The rows of several tables with the same columns, one after the other."""

    def __init__(self, name: str, tables: Sequence[Table]) -> None:
        super().__init__(name)
        self.tables, self._head = tables, tables[0]
        self._take_columns()

    def _take_columns(self) -> None:
        head = self._head
        self.names, self.kinds, self.sizes = head.names, head.kinds, head.sizes
        self.row_names, self.unordered = head.row_names, head.unordered
        self.trailing = [c for c in head.trailing if all(c in table.trailing for table in self.tables)]
        self.sums_by_digits = head.sums_by_digits
        lengths = [table.length for table in self.tables]
        self.length = None if None in lengths else sum(length or 0 for length in lengths)

    @property
    def first_row(self) -> Sequence[str]:
        """The first row of the first part."""
        return self._head.first_row

    def settle(self, uses: Sequence[Use]) -> None:
        """Decides on the header of each part."""
        for table in self.tables:
            table.settle(uses)
        self._take_columns()
        for table in self.tables[1:]:
            if table.names != self.names or table.width != self.width:
                own, first = (", ".join(each.names or ()) or f"{each.width} columns" for each in (table, self._head))
                raise InputError(
                    f"{table.name} has other columns than {self._head.name}: {own}, and {first}",
                    hint="the files of a glob are the parts of one table",
                )

    def first(self, column: int) -> list[str]:
        """The first values of a column."""
        return self._head.first(column)

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """The rows of all parts."""
        for table in self.tables:
            table.left_out = self.left_out
            for piece in table.pieces(wanted):
                piece.table = table
                yield piece

    def shown(self, piece: Piece, i: int, column: int, k: int) -> str | None:
        """As the part shows it."""
        return piece.table.shown(piece, i, column, k) if piece.table is not None else None

    def place(self, piece: Piece, i: int, column: int | None) -> Place | None:
        """As the part shows it."""
        return piece.table.place(piece, i, column) if piece.table is not None else None
