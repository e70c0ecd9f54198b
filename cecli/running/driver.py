"""The driver: work on every step of a walk, in order; on this thread, on several, or on a device.

The one place that starts threads that compute (`reading/ahead.py` has those that read), and the one that brings batches to a device.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from cecli.maths.namespace import Array, namespace
from cecli.reading.arrays import ArraySource
from cecli.running.batches import Batch, Step
from cecli.running.execution import Execution
from cecli.running.folding import Fold, Mergeable
from cecli.running.memory import keep_freed_memory
from cecli.running.walk import Walk

AHEAD = 2
"""Steps that wait for each of the other threads: the one it works on, and the next."""

T = TypeVar("T")
M = TypeVar("M", bound=Mergeable)


def run(work: Callable[[Step], T], steps: Iterable[Step], execution: Execution, at_once: bool = False) -> Iterator[T]:
    """work(step) for every step, in order; on a device a step that does not fit comes back in parts.

    With `at_once` each step is answered before the next is read: printing row by row takes so much longer than computing
    that threads would only delay the answer.
    """
    device = execution.device
    if device is not None:
        return device.run(lambda step: work(step.each(lambda batch: batch.each(device.place))), steps)
    return _on_threads(work, steps, 1 if at_once or execution.line_buffered else execution.threads)


def folded(work: Callable[[Step], M], walk: Walk, execution: Execution) -> M:
    """The totals of work(step) for every step, wherever they are computed."""
    if execution.cluster is not None:
        found: M = execution.cluster.folded(work, walk)
        return found
    total = Fold[M]().extend(run(work, walk, execution)).total
    assert total is not None
    return total


class Held:
    """Steps that can be passed over again and again: kept in memory, or on a cluster read each time."""

    def __init__(
        self, steps: Sequence[Step], walk: Walk, prepare: Callable[[Step], Step], execution: Execution
    ) -> None:
        self._steps, self._walk, self._prepare, self._execution = steps, walk, prepare, execution

    def folded(self, work: Callable[[Step], M]) -> M:
        """The totals of work(step) for every step."""
        if self._execution.cluster is not None:
            prepare = self._prepare
            return folded(lambda step: work(prepare(step)), self._walk, self._execution)
        total = Fold[M]().extend(run(work, self._steps, self._execution)).total
        assert total is not None
        return total


def held(
    walk: Walk, prepare: Callable[[Step], Step], execution: Execution, require_room: Callable[[Step], None]
) -> Held:
    """The steps of a walk, each prepared; `require_room` raises where they are too many to keep."""
    steps: list[Step] = []
    for step in walk if execution.cluster is None else ():
        steps.append(prepare(step))
        require_room(steps[-1])
    return Held(steps, walk, prepare, execution)


def filled(
    work: Callable[[Batch, Array | None], Array], steps: Iterable[Step], source: ArraySource, execution: Execution
) -> Array:
    """The rows that work(batch, where they belong) gives for each step, in one array of the shape of the source's rows."""
    if execution.device is not None or not isinstance(source.values, np.ndarray):
        rows = list(run(lambda step: execution.fetched(work(step.batches[0], None)), steps, execution))
        return rows[0] if len(rows) == 1 else namespace(*rows).concat(rows)
    whole = np.empty((source.values.size // source.width, source.width), source.values.dtype)

    def put(step: Step) -> None:
        out = whole[step.first : step.first + step.samples]
        answer = work(step.batches[0], out)
        if answer is not out:
            out[...] = answer

    for _ in run(put, steps, execution):
        pass
    return whole


def _one_after_the_other(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps; where there is a second, memory is to be kept."""
    for number, step in enumerate(steps):
        if number == 1:
            keep_freed_memory()
        yield step


class _Task(Generic[T]):
    """Work on a step, done once by whichever thread comes to it first."""

    def __init__(self, work: Callable[[Step], T], step: Step) -> None:
        from concurrent.futures import Future  # loaded where there is work for more than one thread

        self.work, self.step, self.free = work, step, Lock()
        self.answer: Future[T] = Future()

    def do(self) -> None:
        """Does it, if nobody has begun."""
        if not self.free.acquire(blocking=False):
            return
        try:
            self.answer.set_result(self.work(self.step))
        except Exception as error:  # raised where the answer is asked for, in its turn
            self.answer.set_exception(error)


def _on_threads(work: Callable[[Step], T], steps: Iterable[Step], threads: int) -> Iterator[T]:
    """work(step) for every step, in order, on so many threads.

    This thread reads the steps and is one of those that work on them: it hands out what keeps the others busy, and does the rest
    itself. A single step starts no thread: what is typed must not pay for what is long.
    """
    steps = _one_after_the_other(steps)
    head = [] if threads == 1 else list(islice(steps, 2))
    if len(head) < 2:
        yield from map(work, chain(head, steps))
        return
    from concurrent.futures import ThreadPoolExecutor

    ahead, waiting = AHEAD * (threads - 1), deque[_Task[T]]()
    with ThreadPoolExecutor(threads - 1) as others:
        for step in chain(head, steps):
            waiting.append(task := _Task(work, step))
            if sum(not each.answer.done() for each in waiting) <= ahead:
                others.submit(task.do)
            else:
                task.do()
            while waiting and (waiting[0].answer.done() or len(waiting) > 2 * ahead):
                yield waiting.popleft().answer.result()
        for task in reversed(waiting):
            task.do()
        while waiting:
            yield waiting.popleft().answer.result()
