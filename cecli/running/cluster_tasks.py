"""What the workers of a cluster do: open a call again, and read, check and fold a part of its samples. Only totals go back.

Each function is a task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from cecli.errors import UsageError
from cecli.extras import DISTRIBUTION
from cecli.reading.ids import Join
from cecli.reading.located import Located, Part
from cecli.reading.opened import Opened
from cecli.reading.opening import open_call
from cecli.reading.roles import ReadingOptions, Request
from cecli.reading.streams import Start, Stream
from cecli.reading.tables import Table
from cecli.record import Record
from cecli.running.batches import Step
from cecli.running.parts import Failed, Totals, answered, right
from cecli.running.travelling import pickled, unpickled
from cecli.running.walk import Span, Walk
from cecli.version import VERSION


class Sent(Record):
    """A call as it travels: what was asked for, and the work with its walk, in which sources stand by their places."""

    requests: Sequence[Request]
    options: ReadingOptions
    folder: str
    """Where paths begin."""
    located: Mapping[str, Located]
    """The texts that stand for files, of each glob its first."""
    work: bytes = b""
    version: str = VERSION


class FileCuts(Record):
    """Where the reading of a file may begin: of each place the rows from there to the next, the lines and the bytes."""

    at: Sequence[int]
    rows: Sequence[int | None]
    lines: Sequence[int]
    bytes: Sequence[int | None]


T = TypeVar("T")


def given(sent: Sent) -> Sent:
    """The call, as a task of its own: unlike what is scattered, it can be had again when all workers that held it are gone."""
    return sent


def told(task: Callable[..., T]) -> Callable[..., T | Failed]:
    """A task of this version of cecli, whose errors of input are values."""

    @answered
    @wraps(task)
    def answer(sent: Sent, *arguments: Any) -> T:
        if sent.version != VERSION:
            raise UsageError(
                f"--dask: a worker has cecli {VERSION}, and this is {sent.version}",
                hint=f"on the workers: pip install {DISTRIBUTION}=={sent.version}",
            )
        return task(sent, *arguments)

    return answer


# --- how many rows there are ----------------------------------------------------------------------------------------


@told
def cuts_of(sent: Sent, number: int, paths: Sequence[str], size: int, small: int) -> list[FileCuts | Failed]:
    """Where the files of a stream may be cut, about `size` bytes apart; what is wrong with one stands in its place.

    The rows of a file of no more than `small` bytes are counted at once.
    """
    opened = _opened(sent, [])
    try:
        return [_cuts_of_file(_stream(opened, number), path, size, small) for path in paths]
    finally:
        opened.close()


@answered
def _cuts_of_file(stream: Stream, path: str, size: int, small: int) -> FileCuts:
    table = stream.table.of_file(path)
    cuts = table.cuts(size)
    rows, lines = [None if stream.filters else cut.rows for cut in cuts], [0] * len(cuts)
    if rows == [None] and (cuts[0].bytes or size) <= small:
        rows[0], lines[0] = _count(stream, table)
    return FileCuts([cut.at for cut in cuts], rows, lines, [cut.bytes for cut in cuts])


def _count(stream: Stream, table: Table) -> tuple[int, int]:
    """How many rows and lines there are from where the table begins."""
    return (stream.count(table), table.lines_read) if stream.filters else table.count()


def _stream(opened: Opened, number: int) -> Stream:
    return [*opened.streams.values()][number]


@told
def counted(sent: Sent, number: int, path: str, at: int, stop: int | None) -> tuple[int, int]:
    """How many rows and lines a range of a file has."""
    opened = _opened(sent, [])
    try:
        stream = _stream(opened, number)
        table = stream.table.of_file(path)
        table.begin(at, stop)
        return _count(stream, table)
    finally:
        opened.close()


# --- rows that are joined by ids ------------------------------------------------------------------------------------


class Ids(Record):
    """Hashes of the ids of some rows, in ascending order; mergeable."""

    hashes: np.ndarray

    def __add__(self, other: Ids) -> Ids:
        return Ids(np.sort(np.concatenate([self.hashes, other.hashes]), kind="stable"))


@told
def ids_of(sent: Sent, span: Span, starts: Sequence[Start]) -> Ids:
    """The ids of a part of the rows, which must be the same in all files."""
    with _joined(sent, starts) as join:
        return Ids(np.sort(join.hashes(span.first, span.samples or 0)))


@answered
def repeated(ids: Ids | Failed) -> np.ndarray:
    """The hashes that occur more than once."""
    hashes: np.ndarray = right(ids).hashes
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])


@told
def ids_among(sent: Sent, span: Span, starts: Sequence[Start], hashes: np.ndarray) -> list[tuple[int, str]]:
    """The samples of a part whose ids have some of the hashes, and these ids."""
    with _joined(sent, starts) as join:
        return join.among(span.first, span.samples or 0, hashes)


@contextmanager
def _joined(sent: Sent, starts: Sequence[Start]) -> Iterator[Join]:
    """The join of a part of the rows."""
    opened = _opened(sent, starts)
    try:
        assert opened.join is not None
        yield opened.join
    finally:
        opened.close()


# --- a part ---------------------------------------------------------------------------------------------------------


@told
def counted_before(sent: Sent, span: Span, starts: Sequence[Start]) -> Any:
    """What later parts must know of this one."""
    opened = _opened(sent, starts)
    try:
        _, walk = _unpacked(sent.work, opened)
        return walk.part(span).counted()
    finally:
        opened.close()


@told
def totals_of(sent: Sent, span: Span, starts: Sequence[Start], before: Any) -> Totals:
    """What a part of the samples comes to; `before` is what it must know of the parts before it."""
    opened = _opened(sent, starts)
    try:
        work, walk = _unpacked(sent.work, opened)
        return Totals.of(work, walk.part(span), before)
    finally:
        opened.close()


# --- a call that travels --------------------------------------------------------------------------------------------

TARGET = "target"


def _opened(sent: Sent, starts: Sequence[Start]) -> Opened:
    return open_call(sent.requests, sent.options, has_stdin=False, part=Part(sent.folder, sent.located, starts))


def packed(work: Callable[[Step], Any], walk: Walk, opened: Opened) -> bytes:
    """Work and its walk as bytes, without the sources, which each worker opens for itself."""
    places: dict[int, Any] = {id(source): place for place, source in enumerate(opened.sources)}
    if opened.target is not None:
        places.setdefault(id(opened.target), TARGET)
    return pickled((work, walk), lambda source: places.get(id(source)))


def _unpacked(work: bytes, opened: Opened) -> Any:
    return unpickled(work, lambda place: opened.target if place == TARGET else opened.sources[place])
