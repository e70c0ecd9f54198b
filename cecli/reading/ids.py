"""`--id`: the rows of several files, matched by a column of ids; the first prediction sets the order.

In one process the ids are read before all else, and the rows of each file gathered in that order. A part of the rows is read
alone only where the files stand in one order already, which is then compared row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

import numpy as np

from cecli.errors import InputError
from cecli.reading.columns import chosen
from cecli.reading.index_columns import is_whole
from cecli.reading.joining import BLOCK, Condition
from cecli.reading.seen_piece import SeenPiece
from cecli.reading.streams import Stream
from cecli.reading.tables import Piece, Table
from cecli.record import Record, computed_once


class OtherOrderError(InputError):
    """Two files have other rows, or have them in another order: how they differ."""


class Keys(Record):
    """The ids of a table, in its order, and which of them `--where` keeps."""

    title: str
    """What errors call the source."""
    texts: list[str]
    kept: list[bool]


class IdColumn:
    """The column of ids of a table, and the columns of the conditions that hold for it."""

    def __init__(self, title: str, stream: Stream, names: Sequence[str], conditions: Sequence[Condition]) -> None:
        """`title` is what errors call the source, `names` those that the column may have."""
        self.title, self.stream, self.table = title, stream, stream.table
        self.column = id_column(stream.table, names)
        self.checks = [(each, at) for each in conditions if (at := each.position(stream.table)) is not None]
        stream.want("words", [self.column, *(at for _, at in self.checks)])
        self._cursor = stream.cursor()

    def alone(self) -> None:
        """Nothing else of the table is read any more."""
        self._cursor = self.stream.words_alone()

    def take(self, n: int) -> Piece | None:
        """The next n rows."""
        return self._cursor.take(n)

    def read(self) -> Keys:
        """All ids, each of which may occur once."""
        texts, kept = list[str](), list[bool]()
        while (piece := self.take(BLOCK)) is not None:
            texts += as_ids(piece.texts(self.column))
            held = [map(condition.holds, piece.texts(at)) for condition, at in self.checks]
            kept += map(all, zip(*held, strict=True)) if held else [True] * piece.count
        self.require_distinct(enumerate(texts))
        return Keys(self.title, texts, kept)

    def require_distinct(self, ids: Iterable[tuple[int, str]]) -> None:
        """The error for the first sample that has no id, or one that a sample before it has."""
        seen: set[str] = set()
        for sample, text in ids:
            if text in seen:
                raise InputError(
                    f"{self.title}: id {text!r} occurs twice in {self.table.name}, again as sample {sample + 1}"
                )
            if not text:
                raise InputError(f"{self.title}: sample {sample + 1} of {self.table.name} has no id")
            seen.add(text)


def id_column(table: Table, names: Sequence[str]) -> int:
    """The column that a table is joined by: the first of the names that it has."""
    for name in names:
        try:
            found = chosen(name, table.names, table.width, table.name)
        except InputError:
            if name == names[-1]:
                raise
            continue
        if len(found) == 1:
            return found[0]
    raise InputError(f"{table.name}: --id names one column of each file")


def as_ids(texts: Sequence[str]) -> Sequence[str]:
    """Ids as they are compared: a whole number is the same with a point, as pandas writes it where one was missing.

    >>> as_ids(["7.0", "007", "a.0"])
    ['7', '007', 'a.0']
    """
    if not any(text.endswith(".0") for text in texts):
        return texts
    return [text.removesuffix(".0") if is_whole(text) else text for text in texts]


class Join:
    """The files of a call that are joined, the one that sets the order first."""

    def __init__(self, columns: Sequence[IdColumn]) -> None:
        self.columns = columns
        self._places = {id(each.stream): place for place, each in enumerate(columns)}

    # -- in one process

    @computed_once
    def _matched(self) -> tuple[list[str], list[np.ndarray]]:
        return orders([column.read() for column in self.columns])

    def ids(self) -> list[str]:
        """The ids in the order of the first file."""
        return self._matched[0]

    def order(self, stream: Stream) -> np.ndarray:
        """Where each of them stands in a file."""
        return self._matched[1][self._places[id(stream)]]

    def column(self, stream: Stream) -> int:
        """The column of ids of a file."""
        return self.columns[self._places[id(stream)]].column

    def check(self) -> None:
        """Raises what is wrong with the ids; nothing else can be read any more."""
        for column in self.columns:
            column.alone()
        self.ids()

    # -- in parts

    def hashes(self, first: int, samples: int) -> np.ndarray:
        """Hashes of the ids of a part of the rows, of which no two files may differ. Nothing else can be read any more."""
        found = [hashed(texts) for _, texts in self._blocks(first, samples)]
        return np.concatenate(found) if found else hashed(())

    def among(self, first: int, samples: int, hashes: np.ndarray) -> list[tuple[int, str]]:
        """The samples of a part whose ids have some of the hashes, and these ids. Nothing else can be read any more."""
        return [
            (start + i, texts[i])
            for start, texts in self._blocks(first, samples)
            for i in np.flatnonzero(np.isin(hashed(texts), hashes)).tolist()
        ]

    def _blocks(self, first: int, samples: int) -> Iterator[tuple[int, Sequence[str]]]:
        """The ids of so many rows, block by block, with the number of the first; they must be those of all files."""
        for column in self.columns:
            column.alone()
        for start in range(first, first + samples, BLOCK):
            taken = min(BLOCK, first + samples - start)
            pieces = [column.take(taken) or Piece(0) for column in self.columns]
            texts = [
                as_ids(piece.texts(column.column)) if piece.count else []
                for column, piece in zip(self.columns, pieces, strict=True)
            ]
            for k in range(1, len(pieces)):
                if texts[k] != texts[0]:
                    raise self._other_order(k, [pieces[0], pieces[k]], [texts[0], texts[k]], start)
            if "" in texts[0]:
                self.columns[0].require_distinct([(start + texts[0].index(""), "")])
            yield start, texts[0]

    def _other_order(
        self, k: int, pieces: Sequence[Piece], texts: Sequence[Sequence[str]], first: int
    ) -> OtherOrderError:
        """The error for the first row in which two files differ."""
        i = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
        said = [
            f"{SeenPiece.of(piece, column.table.name, first, False).where(first + i)} has "
            + (f"id {ids[i]!r}" if i < len(ids) else "no row")
            for column, piece, ids in zip((self.columns[0], self.columns[k]), pieces, texts, strict=True)
        ]
        return OtherOrderError(" and ".join(said))


def hashed(texts: Iterable[str]) -> np.ndarray:
    """A number of 64 bits for each text, the same in every process."""
    digests = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(digests), "<u8")


# --- what matches -------------------------------------------------------------------------------------------------


def orders(keys: Sequence[Keys]) -> tuple[list[str], list[np.ndarray]]:
    """The ids in the order of the first table, and where each of them stands in every table."""
    first = keys[0]
    dropped = {text for each in keys for text, kept in zip(each.texts, each.kept, strict=True) if not kept}
    order = [text for text in first.texts if text not in dropped]
    if not order:
        raise no_row_error()
    found = []
    for each in keys:
        position = {text: i for i, text in enumerate(each.texts) if text not in dropped}
        _require_all(order, position, each.title, first.title)
        found.append(np.array([position[text] for text in order]))
    return order, found


def no_row_error() -> InputError:
    """The error for rows of which none is left."""
    return InputError("--where keeps no row that all files have")


def _require_all(order: Sequence[str], position: Mapping[str, int], name: str, first: str) -> None:
    """Every id must stand on both sides."""
    _require_none([text for text in order if text not in position], len(order), name, first)
    known = set(order)
    _require_none([text for text in position if text not in known], len(position), first, name)


def _require_none(missing: Sequence[str], of: int, name: str, other: str) -> None:
    if missing:
        raise InputError(
            f"{name} has no id {missing[0]!r}, which {other} has",
            hint=f"{len(missing)} of {of} ids {'is' if len(missing) == 1 else 'are'} missing",
        )
