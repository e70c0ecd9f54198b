"""`--dask`: totals computed on a Dask cluster, one of this machine or one that runs elsewhere. The extra `cecli[dask]`.

Dask schedules, moves results and starts again what a lost worker had. Here is only which tasks there are: where the files may be cut,
how many rows lie between the cuts, the totals of each part, and the tree in which they join.
"""

from __future__ import annotations

import contextlib
import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from cecli.errors import CecliError, InputError, MissingError, UsageError
from cecli.extras import load
from cecli.reading.joining import Gathered
from cecli.reading.opened import Opened
from cecli.reading.roles import CLASS_WEIGHTS
from cecli.reading.sources import TypedSource
from cecli.reading.streams import Start, Stream
from cecli.record import Record
from cecli.running import cluster_tasks as tasks
from cecli.running.batches import Step
from cecli.running.cluster_tasks import FileCuts, Sent
from cecli.running.connection import Connection
from cecli.running.parts import Failed, Totals, in_tree, known_before, right, spans
from cecli.running.walk import Span, Walk

PIECE = 1 << 26
"""Bytes of a file that are worth a task of their own."""
FILES_AT_ONCE = 16
"""Files whose cuts one task looks for."""
RETRIES = 2
"""How often a task that fails by no fault of the input is tried again."""


class Mark(Record):
    """A place where reading may begin: the file, the place in it, its line, and the number of its first row."""

    file: int
    at: int
    line: int
    first: int


class Marks:
    """The places of a stream where reading may begin, and how many rows there are."""

    def __init__(self, stream: Stream, marks: Sequence[Mark], total: int) -> None:
        self.paths, self.marks, self.total = stream.paths, marks, total
        self._firsts = [mark.first for mark in marks]

    def start(self, span: Span) -> Start:
        """Where a part begins: at the last place before its first row, or in it."""
        mark = self.marks[bisect_right(self._firsts, span.first) - 1]
        end = self.total if span.samples is None else span.first + span.samples
        last = self.marks[max(0, bisect_right(self._firsts, end) - 1)]
        paths = tuple(self.paths[mark.file : last.file + 1])
        return Start(paths, mark.at, mark.line, span.first - mark.first, self.total)


Part = tuple[Span, Sequence[Start]]
"""The samples of a part, and where the reading of each stream begins."""


class DaskCluster:
    """Where a call computes: what its tasks are, and how their totals join."""

    def __init__(self, address: str, called: str, opened: Opened, watch: Callable[[int, float], None]) -> None:
        """`called` is what errors call the option; `watch` is called with the number of rows done, and their share of all."""
        self.called, self.opened = called, opened
        self._connection = Connection(address, called)
        self._tell = watch
        self.piece = PIECE
        self._futures: list[Any] = []
        self._found: tuple[list[Marks], CecliError | None] | None = None
        """The places where files may be cut, once they are known."""

    # -- the computation

    def folded(self, work: Callable[[Step], Any], walk: Walk) -> Any:
        """The totals of the work on all steps of a walk."""
        require_files(self.opened)
        located = {text: each.replace(files=each.files[:1]) for text, each in self.opened.located.items()}
        sent = Sent(self.opened.requests, self.opened.options, os.getcwd(), located)
        grain = walk.rows_at_once * walk.together
        client = self._connection.client()
        try:
            marks, wrong = self._found = self._found or self._marks(client, sent)
            message = sent.replace(work=tasks.packed(work, walk, self.opened))
            places, total = (mark.first for mark in marks[0].marks), min(each.total for each in marks)
            cut = spans(places, total, grain, is_whole=wrong is None)
            parts = [(span, [each.start(span) for each in marks]) for span in cut]
            everywhere = self._submit(tasks.given, message)
            before = self._before(client, everywhere, parts) if walk.together > 1 else [None] * len(parts)
            found = self._totals(client, everywhere, parts, before, marks[0].total) if parts else None
        finally:
            self._forget()
        right(found)
        if wrong is not None:
            raise wrong
        assert isinstance(found, Totals)
        walk.require(found.seen)
        return found.fold.total

    def _submit(self, task: Callable[..., Any], *arguments: Any) -> Any:
        future = self._connection.client().submit(task, *arguments, retries=RETRIES, pure=False)
        self._futures.append(future)
        return future

    def _forget(self) -> None:
        """Cancels what is still to be done, and lets the cluster forget what was."""
        futures, self._futures = self._futures, []
        with contextlib.suppress(OSError):  # of a scheduler that is gone
            self._connection.client().cancel(futures)

    # -- where the files may be cut

    def _marks(self, client: Any, sent: Sent) -> tuple[list[Marks], CecliError | None]:
        """The places of all streams; and what is wrong with the first file that can't be read, before which they end."""
        streams = [*self.opened.streams.values()]
        asked = [
            [
                self._submit(tasks.cuts_of, sent, number, stream.paths[start : start + FILES_AT_ONCE], self.piece)
                for start in range(0, len(stream.paths), FILES_AT_ONCE)
            ]
            for number, stream in enumerate(streams)
        ]
        cuts = [[file for some in _results(client, futures) for file in some] for futures in asked]
        counted = self._counted(client, sent, cuts)
        found = [_marks_of(stream, files) for stream, files in zip(streams, counted, strict=True)]
        wrong = [(marks.total, error) for marks, error in found if error is not None]
        return [marks for marks, _ in found], min(wrong, key=lambda each: each[0])[1] if wrong else None

    def _counted(self, client: Any, sent: Sent, cuts: list[list[FileCuts | Failed]]) -> list[list[FileCuts | Failed]]:
        """The same with the numbers of rows that no file itself tells: a pass over the others, which counts."""
        asked = {
            (number, file): [
                self._submit(tasks.counted, sent, number, self._path(number, file), *ends)
                for ends in pairwise([*each.at, None])
            ]
            for number, files in enumerate(cuts)
            for file, each in enumerate(files)
            if isinstance(each, FileCuts) and None in each.rows
        }
        for (number, file), futures in asked.items():
            found = client.gather(futures)
            if len(found) > 1 and any(isinstance(each, Failed) for each in found):  # a quote runs over a cut
                found = client.gather([self._submit(tasks.counted, sent, number, self._path(number, file), 0, None)])
            failed = next((each for each in found if isinstance(each, Failed)), None)
            at = cuts[number][file].at[: len(found)]  # type: ignore[union-attr]
            rows, lines = zip(*found, strict=True) if failed is None else ((), ())
            cuts[number][file] = failed or FileCuts(at, rows, lines)
        return cuts

    def _path(self, number: int, file: int) -> str:
        return [*self.opened.streams.values()][number].paths[file]

    # -- the tree

    def _before(self, client: Any, sent: Any, parts: Sequence[Part]) -> list[Any]:
        """What each part must know of those before it."""
        found = _results(client, [self._submit(tasks.counted_before, sent, *part) for part in parts[:-1]])
        return known_before(found)

    def _totals(
        self, client: Any, sent: Any, parts: Sequence[Part], before: Sequence[Any], total: int
    ) -> Totals | Failed:
        """The totals of all parts, joined in a tree on the workers; or what is wrong first."""
        leaves = [self._submit(tasks.totals_of, sent, *part, known) for part, known in zip(parts, before, strict=True)]
        root = in_tree(self._submit, leaves)
        last = self._watch(client, leaves, [span for span, _ in parts], total)
        found: Totals | Failed = _result(leaves[last] if last is not None else root)
        return found

    def _watch(self, client: Any, leaves: Sequence[Any], spans: Sequence[Span], total: int) -> int | None:
        """Waits until all parts are done, or all up to one in which something is wrong: which that is."""
        as_completed = load("distributed", self.called, "distributed").as_completed
        places, rows, wrong = {leaf.key: i for i, leaf in enumerate(leaves)}, 0, len(leaves)
        done = [False] * len(leaves)
        for leaf in as_completed(leaves, loop=client.loop, raise_errors=False):
            i = places[leaf.key]
            done[i] = True
            if leaf.status == "error":
                _result(leaf)
            if leaf.type is Failed and i < wrong:
                client.cancel(list(leaves[i + 1 : wrong]))
                wrong = i
            rows += spans[i].samples or total - spans[i].first
            if leaf.status == "finished":
                self._tell(rows, rows / max(1, total))
            if all(done[:wrong]) and wrong < len(leaves):
                return wrong
        return None

    def close(self) -> None:
        """Leaves the cluster."""
        self._connection.close()


# --- results --------------------------------------------------------------------------------------------------------


def _results(client: Any, futures: Sequence[Any]) -> list[Any]:
    """What tasks that can't be split have found; the first thing that is wrong is raised."""
    return [right(each) for each in client.gather(list(futures))]


def _result(future: Any) -> Any:
    """What a task has found; a worker's fault in our words."""
    try:
        return future.result()
    except ImportError as error:
        raise MissingError(
            f"--dask: a worker has no {error.name}", hint="install on the workers what is installed here"
        ) from error
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            raise MissingError(
                "--dask: the workers that had a part of the input died, one after the other",
                hint="is their memory enough? dask worker --memory-limit sets it",
            ) from error
        raise


def _marks_of(stream: Stream, files: Sequence[FileCuts | Failed]) -> tuple[Marks, CecliError | None]:
    """The places of a stream up to the first file that can't be read, and what is wrong with that."""
    marks, total = [Mark(0, 0, 1, 0)], 0
    for number, cuts in enumerate(files):
        if isinstance(cuts, Failed):
            return Marks(stream, marks, total), cuts.error
        starts = accumulate(cuts.lines, initial=1)
        for at, rows, line in zip(cuts.at, cuts.rows, starts, strict=False):
            if number or at:
                marks.append(Mark(number, at, line, total))
            total += rows or 0
    if stream.filters and not total:
        return Marks(stream, marks, total), InputError(f"--where keeps no row of {stream.table.name}")
    return Marks(stream, marks, total), None


# --- what a cluster can't do ----------------------------------------------------------------------------------------


def require_files(opened: Opened) -> None:
    """Sources must be files that every worker can open, and be read in their own order."""
    hint = "leave out --dask, or save it as a file"
    if any(not stream.paths for stream in opened.streams.values()):
        raise UsageError("--dask: a cluster can't read standard input", hint=hint)
    for source, request in zip(opened.sources, opened.requests, strict=True):
        if request.role == CLASS_WEIGHTS:
            continue
        if isinstance(source, TypedSource):
            raise UsageError(f"--dask: {request.name} is typed, and a cluster reads files", hint=hint)
        if isinstance(source, Gathered):
            raise UsageError(
                f"--dask: {source.name} is read in another order, or in part", hint="save it in the order of the others"
            )
