"""`--dask`: totals computed on a Dask cluster, one of this machine or one that runs elsewhere. The extra `cecli[dask]`.

Dask schedules, moves results and starts again what a lost worker had. Here is only which tasks there are: where the files may be cut,
how many rows lie between the cuts, the totals of each part, and the tree in which they join.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from cecli.errors import CecliError, MissingError, UsageError
from cecli.extras import load
from cecli.reading.ids import Join, OtherOrderError, no_row_error
from cecli.reading.joining import Gathered
from cecli.reading.opened import Opened
from cecli.reading.roles import CLASS_WEIGHTS
from cecli.reading.sources import TypedSource
from cecli.record import computed_once
from cecli.running import cluster_tasks as tasks
from cecli.running.batches import Step
from cecli.running.cluster_tasks import FileCuts, Sent
from cecli.running.connection import Connection
from cecli.running.marks import CallMarks, Part, marks_of
from cecli.running.parts import Failed, Totals, in_tree, known_before, right
from cecli.running.walk import Span, Walk

PIECE = 1 << 26
"""Bytes of a file that are worth a task of their own."""
SMALL = 1 << 23
"""Bytes of small files that one task reads together, at most."""
FILES_AT_ONCE = 16
"""Files whose cuts one task looks for."""
MOST_IDS = 1 << 27
"""Rows of which it is found out whether an id occurs twice: 8 bytes of each come together in one worker."""
MOST_EXPLAINED = 10_000_000
"""Rows whose ids are read here to say what does not match."""
RETRIES = 2
"""How often a task that fails by no fault of the input is tried again."""


class DaskCluster:
    """Where a call computes: what its tasks are, and how their totals join."""

    def __init__(self, address: str, called: str, opened: Opened, watch: Callable[[int, float], None]) -> None:
        """`called` is what errors call the option; `watch` is called with the number of rows done, and their share of all."""
        self.called, self.opened = called, opened
        self._connection = Connection(address, called)
        self._tell = watch
        self._futures: list[Any] = []

    @property
    def _client(self) -> Any:
        return self._connection.client()

    # -- the computation

    def folded(self, work: Callable[[Step], Any], walk: Walk) -> Any:
        """The totals of the work on all steps of a walk."""
        require_files(self.opened)
        with self._forgetting():
            marks, wrong = self._marks
            parts = marks.parts(SMALL, walk.rows_at_once * walk.together, is_whole=wrong is None)
            message = self._sent.replace(work=tasks.packed(work, walk, self.opened))
            everywhere = self._submit(tasks.given, message)
            before = self._before(everywhere, parts) if walk.together > 1 else [None] * len(parts)
            found = self._totals(everywhere, parts, before, marks.total) if parts else None
        right(found)
        if wrong is not None:
            raise wrong
        assert isinstance(found, Totals)
        walk.require(found.seen)
        return found.fold.total

    @computed_once
    def _sent(self) -> Sent:
        """The call, without work."""
        located = {text: each.replace(files=each.files[:1]) for text, each in self.opened.located.items()}
        return Sent(self.opened.requests, self.opened.options, os.getcwd(), located)

    def _submit(self, task: Callable[..., Any], *arguments: Any) -> Any:
        future = self._client.submit(task, *arguments, retries=RETRIES, pure=False)
        self._futures.append(future)
        return future

    @contextlib.contextmanager
    def _forgetting(self) -> Iterator[None]:
        """At the end what is still to be done is cancelled, and the cluster forgets what was."""
        try:
            yield
        finally:
            futures, self._futures = self._futures, []
            if futures:
                with contextlib.suppress(OSError):  # of a scheduler that is gone
                    self._client.cancel(futures)

    # -- rows that are joined by ids

    def require_one_order(self, explain: bool) -> None:
        """Where rows are joined by ids, their files must have the same ones in one order, and each once.

        With `explain` what is wrong is said as one process says it, where the ids are few enough to be read here; then the call can't go on.
        """
        if self.opened.join is None:
            return
        try:
            with self._forgetting():
                self._compare_ids(self.opened.join)
        except OtherOrderError as error:
            if explain and self._marks[0].total <= MOST_EXPLAINED:
                self.opened.join.check()
            raise UsageError(
                f"{self.called}: with --id a cluster reads files that are in one order: {error.message}",
                hint="save them in one order, or leave out --dask",
            ) from error

    def _compare_ids(self, join: Join) -> None:
        marks, wrong = self._marks
        if wrong is not None:
            raise wrong
        if not marks.total:
            raise no_row_error()
        if marks.total > MOST_IDS:
            raise UsageError(
                f"{self.called}: --id looks for ids that occur twice in up to {MOST_IDS:,} rows, and there are {marks.total:,}",
                hint="leave out --id where the files are in one order",
            )
        parts = marks.parts(SMALL, 1, is_whole=False)
        everywhere = self._submit(tasks.given, self._sent)
        root = in_tree(self._submit, [self._submit(tasks.ids_of, everywhere, *part) for part in parts])
        (hashes,) = self._results([self._submit(tasks.repeated, root)])
        marks.require_one_length()
        if len(hashes):
            found = self._results([self._submit(tasks.ids_among, everywhere, *part, hashes) for part in parts])
            join.columns[0].require_distinct(chain.from_iterable(found))

    # -- where the files may be cut

    @computed_once
    def _marks(self) -> tuple[CallMarks, CecliError | None]:
        """The places of all streams; and what is wrong with the first file that can't be read, before which they end."""
        streams = [*self.opened.streams.values()]
        asked = [
            [
                self._submit(tasks.cuts_of, self._sent, number, paths, PIECE, SMALL)
                for paths in _some_at_a_time(stream.paths if stream.has_samples else ())
            ]
            for number, stream in enumerate(streams)
        ]
        counted = self._counted([[file for some in self._results(futures) for file in some] for futures in asked])
        found = [marks_of(stream, files) for stream, files in zip(streams, counted, strict=True)]
        wrong = [(marks.total, error) for marks, error in found if error is not None]
        return CallMarks([marks for marks, _ in found]), min(wrong, key=lambda each: each[0])[1] if wrong else None

    def _counted(self, cuts: list[list[FileCuts | Failed]]) -> list[list[FileCuts | Failed]]:
        """The same with the numbers of rows that are not known yet: a pass over these files, which counts."""
        asked = {
            (number, file): [
                self._submit(tasks.counted, self._sent, number, self._path(number, file), *ends)
                for ends in pairwise([*each.at, None])
            ]
            for number, files in enumerate(cuts)
            for file, each in enumerate(files)
            if isinstance(each, FileCuts) and None in each.rows
        }
        for (number, file), futures in asked.items():
            found, known = self._gathered(futures), cuts[number][file]
            assert isinstance(known, FileCuts)
            at, sizes = known.at, known.bytes
            if len(found) > 1 and any(isinstance(each, Failed) for each in found):  # a quote runs over a cut
                found = self._gathered(
                    [self._submit(tasks.counted, self._sent, number, self._path(number, file), 0, None)]
                )
                at, sizes = [0], [None]
            failed = next((each for each in found if isinstance(each, Failed)), None)
            rows, lines = zip(*found, strict=True) if failed is None else ((), ())
            cuts[number][file] = failed or FileCuts(at, rows, lines, sizes)
        return cuts

    def _path(self, number: int, file: int) -> str:
        return [*self.opened.streams.values()][number].paths[file]

    # -- the tree

    def _before(self, sent: Any, parts: Sequence[Part]) -> list[Any]:
        """What each part must know of those before it."""
        found = self._results([self._submit(tasks.counted_before, sent, *part) for part in parts[:-1]])
        return known_before(found)

    def _totals(self, sent: Any, parts: Sequence[Part], before: Sequence[Any], total: int) -> Totals | Failed:
        """The totals of all parts, joined in a tree on the workers; or what is wrong first."""
        leaves = [self._submit(tasks.totals_of, sent, *part, known) for part, known in zip(parts, before, strict=True)]
        root = in_tree(self._submit, leaves)
        last = self._watch(leaves, [span for span, _ in parts], total)
        with _in_our_words():
            found: Totals | Failed = (leaves[last] if last is not None else root).result()
        return found

    def _watch(self, leaves: Sequence[Any], spans: Sequence[Span], total: int) -> int | None:
        """Waits until all parts are done, or all up to one in which something is wrong: which that is."""
        as_completed = load("distributed", self.called, "distributed").as_completed
        places, rows, wrong = {leaf.key: i for i, leaf in enumerate(leaves)}, 0, len(leaves)
        done = [False] * len(leaves)
        for leaf in as_completed(leaves, loop=self._client.loop, raise_errors=False):
            i = places[leaf.key]
            done[i] = True
            if leaf.status == "error":
                self._gathered([leaf])
            if leaf.type is Failed and i < wrong:
                self._client.cancel(list(leaves[i + 1 : wrong]))
                wrong = i
            rows += spans[i].samples or total - spans[i].first
            if leaf.status == "finished":
                self._tell(rows, rows / max(1, total))
            if all(done[:wrong]) and wrong < len(leaves):
                return wrong
        return None

    # -- results

    def _results(self, futures: Sequence[Any]) -> list[Any]:
        """What tasks have found; the first thing that is wrong is raised."""
        return [right(each) for each in self._gathered(futures)]

    def _gathered(self, futures: Sequence[Any]) -> list[Any]:
        """What tasks have found, right or wrong."""
        with _in_our_words():
            found: list[Any] = self._client.gather(list(futures))
        return found

    def close(self) -> None:
        """Leaves the cluster."""
        self._connection.close()


@contextlib.contextmanager
def _in_our_words() -> Iterator[None]:
    """Says a worker's fault in our words."""
    try:
        yield
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


def _some_at_a_time(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[start : start + FILES_AT_ONCE] for start in range(0, len(paths), FILES_AT_ONCE))


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
        if isinstance(source, Gathered) and opened.join is None:
            raise UsageError(
                f"--dask: {source.name} is read in another order, or in part", hint="save it in the order of the others"
            )
