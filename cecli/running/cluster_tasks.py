"""What the workers of a cluster do: open a call again, and read, check and fold a part of its samples. Only totals go back.

Each function is a task. What is wrong with the input comes back as a value, so that the first in the order of the input is the one that is reported.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

from cecli.errors import CecliError, UsageError
from cecli.extras import DISTRIBUTION
from cecli.reading.located import Located, Part
from cecli.reading.opened import Opened
from cecli.reading.opening import open_call
from cecli.reading.roles import ReadingOptions, Request
from cecli.reading.sources import Source
from cecli.reading.streams import Start
from cecli.record import Record
from cecli.running.batches import Step
from cecli.running.driver import run
from cecli.running.execution import Execution
from cecli.running.folding import Fold
from cecli.running.walk import Seen, Span, Walk
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


class Failed(Record):
    """What is wrong with the input."""

    error: CecliError


class Totals(Record):
    """What a part of the input comes to; mergeable."""

    fold: Fold[Any]
    seen: Seen


class FileCuts(Record):
    """Where the reading of a file may begin: of each place the rows from there to the next, and the lines."""

    at: Sequence[int]
    rows: Sequence[int | None]
    lines: Sequence[int]


T = TypeVar("T")


def told(task: Callable[..., T]) -> Callable[..., T | Failed]:
    """A task whose errors of input are values."""

    @wraps(task)
    def answered(sent: Sent, *arguments: Any) -> T | Failed:
        try:
            if sent.version != VERSION:
                raise UsageError(
                    f"--dask: a worker has cecli {VERSION}, and this is {sent.version}",
                    hint=f"on the workers: pip install {DISTRIBUTION}=={sent.version}",
                )
            return task(sent, *arguments)
        except CecliError as error:
            return Failed(error)

    return answered


# --- how many rows there are ----------------------------------------------------------------------------------------


@told
def cuts_of(sent: Sent, number: int, paths: Sequence[str], size: int) -> list[FileCuts | Failed]:
    """Where the files of a stream may be cut; what is wrong with one stands in its place."""
    opened = _opened(sent, [])
    try:
        return [_cuts_of_file(opened, number, path, size) for path in paths]
    finally:
        opened.close()


def _cuts_of_file(opened: Opened, number: int, path: str, size: int) -> FileCuts | Failed:
    try:
        stream = [*opened.streams.values()][number]
        cuts = stream.table.of_file(path).cuts(size)
        known = not stream.filters
        return FileCuts([cut.at for cut in cuts], [cut.rows if known else None for cut in cuts], [0] * len(cuts))
    except CecliError as error:
        return Failed(error)


@told
def counted(sent: Sent, number: int, path: str, at: int, stop: int | None) -> tuple[int, int]:
    """How many rows and lines a range of a file has."""
    opened = _opened(sent, [])
    try:
        stream = [*opened.streams.values()][number]
        table = stream.table.of_file(path)
        if not stream.filters:
            table.begin(at, stop)
            return table.count()
        stream.table = table
        table.begin(at, stop)
        return stream.count(), table.lines_read
    finally:
        opened.close()


# --- a part ---------------------------------------------------------------------------------------------------------


@told
def counted_before(sent: Sent, span: Span, starts: Sequence[Start]) -> Any:
    """What later parts must know of this one."""
    opened = _opened(sent, starts)
    try:
        _, walk = _Unpickler(io.BytesIO(sent.work), opened).load()
        return walk.part(span).counted()
    finally:
        opened.close()


@told
def totals_of(sent: Sent, span: Span, starts: Sequence[Start], before: Any) -> Totals:
    """What a part of the samples comes to; `before` is what it must know of the parts before it."""
    opened = _opened(sent, starts)
    try:
        work, walk = _Unpickler(io.BytesIO(sent.work), opened).load()
        part: Walk = walk.part(span) if before is None else walk.part(span).after(before)
        fold = Fold[Any](span.first // walk.rows_at_once).extend(run(work, part, part.execution))
        assert part.seen is not None
        return Totals(fold, part.seen)
    finally:
        opened.close()


def joined(*parts: Totals | Failed) -> Totals | Failed:
    """Parts that follow one another; where something is wrong, the first of it."""
    whole = parts[0]
    for part in parts[1:]:
        if isinstance(whole, Failed):
            return whole
        if isinstance(part, Failed):
            return part
        whole = Totals(whole.fold.join(part.fold), whole.seen + part.seen)
    return whole


# --- a call that travels --------------------------------------------------------------------------------------------

EXECUTION, TARGET = "execution", "target"


def _opened(sent: Sent, starts: Sequence[Start]) -> Opened:
    return open_call(sent.requests, sent.options, has_stdin=False, part=Part(sent.folder, sent.located, starts))


def packed(work: Callable[[Step], Any], walk: Walk, opened: Opened) -> bytes:
    """Work and its walk as bytes, without the sources, which each worker opens for itself."""
    import cloudpickle

    places: dict[int, Any] = {id(source): place for place, source in enumerate(opened.sources)}
    if opened.target is not None:
        places.setdefault(id(opened.target), TARGET)

    class Pickler(cloudpickle.CloudPickler):  # type: ignore[misc]
        def persistent_id(self, value: Any) -> Any:
            """The place of a source; of an execution that it is one."""
            if isinstance(value, Execution):
                return EXECUTION
            return places.get(id(value)) if isinstance(value, Source) else None

    stream = io.BytesIO()
    Pickler(stream).dump((work, walk))
    return stream.getvalue()


class _Unpickler(pickle.Unpickler):
    """Puts the sources of a call that was opened into their places."""

    def __init__(self, stream: io.BytesIO, opened: Opened) -> None:
        super().__init__(stream)
        self._opened = opened

    def persistent_load(self, place: Any) -> Any:
        """What stands at a place."""
        if place == EXECUTION:
            return Execution()
        return self._opened.target if place == TARGET else self._opened.sources[place]
