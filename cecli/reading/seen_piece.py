"""Where the samples of a piece of a table stand: in which file, on which line."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.reading.tables import Piece, find_raw
from cecli.record import Record


class SeenPiece(Record):
    """A piece of a table, and the samples that it holds."""

    name: str
    first: int
    lines: Sequence[int] | None
    part: str | None
    """The part that they all stand in, where the table has parts."""
    piece: Piece | None
    """The piece itself, where it has several parts."""
    in_one_row: bool
    """Whether the samples are the values of its only row."""

    @classmethod
    def of(cls, piece: Piece, name: str, first: int, in_one_row: bool) -> SeenPiece:
        """What is remembered of a piece whose first row is this sample."""
        if not piece.count:
            return cls(name, first, None, None, None, in_one_row)
        part, last = part_of(piece, 0), part_of(piece, piece.count - 1)
        return cls(name, first, piece.lines, part, None if part == last else piece, in_one_row)

    def where(self, sample: int) -> str:
        """The line of a sample, and its number."""
        standing = self._standing(sample)
        if standing is None:
            return f"sample {sample + 1} of {self.name}"
        part, line = standing
        return f"{part or self.name}, line {line} (sample {sample + 1})"

    def found_at(self, sample: int) -> str | None:
        """The line, of parts with the name of its file."""
        standing = None if self.in_one_row else self._standing(sample)
        if standing is None:
            return None
        part, line = standing
        return f"line {line}" if part is None else f"{part}, line {line}"

    def _standing(self, sample: int) -> tuple[str | None, int] | None:
        """The part, where the table has parts, and the line; None where that is not known."""
        i = 0 if self.in_one_row else sample - self.first
        if self.lines is None or not 0 <= i < len(self.lines):
            return None
        return (self.part if self.piece is None else part_of(self.piece, i)), self.lines[i]


def part_of(piece: Piece, i: int) -> str | None:
    """The part of the table that a row stands in; None where it has no parts."""
    table = find_raw(piece, i)[0].table
    return None if table is None else table.name
