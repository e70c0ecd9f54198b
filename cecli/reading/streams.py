"""A table read once for all sources of a call that use it.

A `Stream` hands its pieces to several cursors, each of which goes at its own pace; what all have passed is forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.reading.parts import PartsTable
from cecli.reading.tables import Piece, Table, Wanted
from cecli.record import Record


class Start(Record):
    """Where reading begins: the files from there on, the place in the first of them, its line, and how many rows are passed over."""

    paths: tuple[str, ...]
    at: int
    line: int
    rows: int
    total: int
    """How many rows there are in all."""


class Taken(Record):
    """The rows that a cursor took, and where it stood after them: another cursor that asks for the same rows gets them from here."""

    first: int
    rows: int
    piece: Piece | None
    number: int
    rest: Piece | None


class Stream:
    """The pieces of a table, read once for all its cursors."""

    def __init__(self, table: Table, again: Callable[[], Table] | None = None, paths: Sequence[str] = ()) -> None:
        self.table, self.wanted = table, Wanted()
        self.paths = paths
        """The files that it is read from."""
        self.has_samples = True
        """Whether its rows are those of samples, and not the weights of classes alone."""
        self.total: int | None = None
        """How many rows there are in all, where that is known."""
        self._passed_over = 0
        self.again = again
        """Opens the table once more; nothing does where it is piped in."""
        self.filters: list[Callable[[Piece], Sequence[bool]]] = []
        """Which rows of a piece are taken: all of these must hold."""
        self.masks: list[Sequence[bool]] = []
        """Which rows of each piece the filters kept."""
        self._pieces: Iterator[Piece] | None = None
        self._waiting: deque[Piece] = deque()
        self._first = 0
        """How many pieces were forgotten."""
        self._cursors: list[Cursor] = []
        self.taken: Taken | None = None
        """What a cursor took last."""

    def want(self, kind: str, columns: Sequence[int]) -> None:
        """Has the pieces hold some columns: as `numbers`, `labels` or `words`."""
        if not self.table.gives_all:
            self.wanted.add(kind, columns)

    def cursor(self) -> Cursor:
        """A new cursor, at the beginning."""
        self._cursors.append(cursor := Cursor(self))
        return cursor

    def words_alone(self) -> Cursor:
        """A cursor at the beginning; from now on nothing but the columns of words is read, or held for other cursors."""
        words, self.wanted = self.wanted.words, Wanted()
        self.want("words", words)
        self._cursors, self.taken = [], None
        return self.cursor()

    def begin(self, start: Start) -> None:
        """The first row is another than that of the table."""
        self._passed_over, self.total = start.rows, start.total
        if isinstance(self.table, PartsTable):
            self.table.begin_parts(start.paths, start.at, start.line)
        else:
            self.table.begin(start.at, None, start.line)

    def close(self) -> None:
        """Lets go of all that was read, and of what leads back here: else it would stay until Python looks for circles."""
        self.again, self._pieces = None, None
        self._waiting.clear()
        self.taken = None
        self._cursors.clear()

    def count(self, table: Table) -> int:
        """How many rows of one of its files the filters keep."""
        return sum(int(np.sum(self._mask(piece))) for piece in table.pieces(self.wanted))

    def piece(self, number: int) -> Piece | None:
        """The piece of a number; None after the last."""
        while number >= self._first + len(self._waiting):
            if (piece := self._next()) is None:
                return None
            self._waiting.append(piece)
        return self._waiting[number - self._first]

    def _next(self) -> Piece | None:
        """The next piece that has rows."""
        kept_some = bool(self._waiting) or self._first > 0 or self.total is not None
        while (piece := self._kept()) is not None:
            over = min(piece.count, self._passed_over)
            self._passed_over -= over
            if piece.count > over:
                return piece.cut(over)[1] if over else piece
        if self.filters and not kept_some:
            raise InputError(f"--where keeps no row of {self.table.name}")
        return None

    def _kept(self) -> Piece | None:
        """The next piece with rows that the filters keep."""
        self._pieces = self._pieces or self.table.pieces(self.wanted)
        for piece in self._pieces:
            if not self.filters:
                if piece.count:
                    return piece
                continue
            mask = self._mask(piece)
            self.masks.append(mask)
            if mask.any():
                return piece.only(mask)
        return None

    def _mask(self, piece: Piece) -> Any:
        """Which rows of a piece all filters keep."""
        return np.all([keeps(piece) for keeps in self.filters], axis=0)

    def read_mask(self) -> np.ndarray:
        """Which rows the filters keep, of all: the table is read whole, and held until the sources have taken it."""
        cursor = self.cursor()
        while cursor.take(1 << 16) is not None:
            pass
        return np.concatenate(self.masks) if self.masks else np.zeros(0, dtype=bool)

    def forget(self) -> None:
        """Lets go of the pieces that all cursors have passed."""
        while self._waiting and all(cursor.number > self._first for cursor in self._cursors):
            self._waiting.popleft()
            self._first += 1


class Cursor:
    """A place in a stream, from which the next n rows are taken."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.number = stream, 0
        self._first = 0
        """How many rows were taken."""
        self._rest: Piece | None = None

    def take(self, n: int) -> Piece | None:
        """The next n rows, or as many as there are; None at the end."""
        taken = self.stream.taken
        if taken is None or (taken.first, taken.rows) != (self._first, n):
            piece = self._joined(n)
            self.stream.taken = taken = Taken(self._first, n, piece, self.number, self._rest)
        self.number, self._rest = taken.number, taken.rest
        self.stream.forget()
        self._first += taken.piece.count if taken.piece is not None else 0
        return taken.piece

    def _joined(self, n: int) -> Piece | None:
        parts, have = [], 0
        while have < n and (piece := self._upcoming()) is not None:
            part, rest = (piece, None) if piece.count <= n - have else piece.cut(n - have)
            self._rest = rest
            parts.append(part)
            have += part.count
        return Piece.joined(parts) if parts else None

    def _upcoming(self) -> Piece | None:
        if self._rest is not None:
            return self._rest
        piece = self.stream.piece(self.number)
        if piece is not None:
            self.number += 1
            self.stream.forget()
        return piece

    def peek(self) -> Piece | None:
        """The rows next in turn, which stay there."""
        self._rest = self._upcoming()
        return self._rest

    def has_several(self) -> bool:
        """Whether there are two rows more."""
        piece = self.take(2)
        if piece is None:
            return False
        self._first -= piece.count
        self._rest = piece if self._rest is None else Piece.joined([piece, self._rest])
        return piece.count > 1
