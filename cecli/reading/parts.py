"""Many files as the parts of one table: a quoted glob, in the order of the files' names. A part is opened when it is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cecli.errors import InputError, Place
from cecli.reading.kinds import Files, Layout
from cecli.reading.tables import Piece, Table, Use, Wanted

DIGITS = 20
"""Digits that numbers in names are compared with."""


def _by_numbers(path: str) -> list[str]:
    """What puts names in the order of the numbers in them."""
    return [part.zfill(DIGITS) if part.isdigit() else part for part in re.split(r"(\d+)", path)]


class PartsTable(Table):
    """The rows of several tables with the same columns, one after the other; the first says what the columns are."""

    def __init__(self, name: str, paths: Sequence[str], layout: Layout) -> None:
        super().__init__(name)
        self.paths, self._layout = paths, layout
        self._head_path, self._start = paths[0], (0, 1)
        """Where the first part begins: the place in it, and its line."""
        self._files = Files(layout)
        """The files of the part that is open."""
        self._head = self._files.table(paths[0], None)[0]
        self._mention_order()
        self._uses: Sequence[Use] = ()
        self._take_columns()

    def _mention_order(self) -> None:
        """A note where the order of the names is not that of the numbers in them: p10 comes before p2."""
        natural = sorted(self.paths, key=_by_numbers)
        if natural != list(self.paths):
            i = next(i for i, (one, other) in enumerate(zip(self.paths, natural, strict=True)) if one != other)
            says = (
                f"the parts of {self.name} are in the order of their names: {self.paths[i]} comes before {natural[i]}"
            )
            self.notes.append(f"{says}; write numbers with zeros in front (02) for another order")

    def _take_columns(self) -> None:
        head = self._head
        self.names, self.names_in_comment = head.names, head.names_in_comment
        self.kinds, self.sizes = head.kinds, head.sizes
        self.keys, self.tolerance = head.keys, head.tolerance
        self.row_names, self.unordered, self.trailing = head.row_names, head.unordered, head.trailing
        self.keys_move = head.keys_move
        self.sums_by_digits, self.rounding, self.array_length = head.sums_by_digits, head.rounding, head.array_length

    @property
    def first_row(self) -> Sequence[str]:
        """The first row of the first part."""
        return self._head.first_row

    def settle(self, uses: Sequence[Use]) -> None:
        """Decides on the header of the first part, and later on that of each."""
        self._uses = uses
        self._head.settle(uses)
        self._take_columns()

    def first(self, column: int) -> list[str]:
        """The first values of a column."""
        return self._head.first(column)

    def hint_on_names(self, columns: Sequence[int]) -> str | None:
        """As the first part says."""
        return self._head.hint_on_names(columns)

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """The rows of all parts."""
        for number, path in enumerate(self.paths):
            table = self.of_file(path)
            table.left_out, table.ahead = self.left_out, self.ahead
            self._require_sizes(table, wanted)
            if number == 0:
                table.begin(self._start[0], None, self._start[1])
            for piece in table.pieces(wanted):
                piece.table, self.has_refused = table, self.has_refused or table.has_refused
                yield piece
            self.close()

    def of_file(self, path: str) -> Table:
        """A part, opened."""
        if path == self._head_path:
            return self._head
        self.close()
        self._files = Files(self._layout)
        table = self._files.table(path, None)[0]
        if table.width == self.width:
            table.settle(self._uses)
        if table.names != self.names or table.width != self.width:
            own, first = (", ".join(each.names or ()) or f"{each.width} columns" for each in (table, self._head))
            raise InputError(
                f"{table.name} has other columns than {self._head.name}: {own}, and {first}",
                hint="the files of a glob are the parts of one table",
            )
        table.keys = self.keys
        return table

    def _require_sizes(self, table: Table, wanted: Wanted) -> None:
        """The error for a part whose lists have other lengths than those of the first."""
        for column in wanted.all:
            if table.sizes[column] != self.sizes[column]:
                raise InputError(
                    f"{table.name}: {table.title(column)} has lists of {table.sizes[column]} values, and {self._head.name} of {self.sizes[column]}"
                )

    def begin_parts(self, paths: Sequence[str], at: int, line: int) -> None:
        """The pieces are those of some of the parts, the first of them from a place on, whose first line has this number."""
        self.paths, self._start = paths, (at, line)

    def close(self) -> None:
        """Closes the part that is open."""
        self._files.close()

    def shown(self, piece: Piece, i: int, column: int, k: int) -> str | None:
        """As the part shows it."""
        return piece.table.shown(piece, i, column, k) if piece.table is not None else None

    def place(self, piece: Piece, i: int, column: int | None) -> Place | None:
        """As the part shows it."""
        return piece.table.place(piece, i, column) if piece.table is not None else None
