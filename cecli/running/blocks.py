"""Blocks: what was typed, read or passed, as arrays of bounded size with the number of their first sample.

A vector typed in the terminal is a stream of one block, so that it and a long dump run the same code.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, islice
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from cecli.maths.namespace import Array, namespace, one_hot
from cecli.record import Record

BLOCK_VALUES = 2**17
"""Numbers in a block: 1 MB of float64, which stays in cache."""

LARGE_BLOCK_BYTES = 2**22
"""The size of a block of large arrays, for which threads would else hand over to one another more often than they work."""

AHEAD = 2
"""Blocks that wait for each of the other threads: the one it works on, and the next."""

LARGEST_KEPT = 31 * 2**20
"""The size of memory block, just below the largest that counts, whose release tells glibc's malloc to keep what is freed."""

S = TypeVar("S")
T = TypeVar("T")


class Block(Record):
    """Samples in a row: one row of `prediction` each, and one entry of all else that is there.

    A target is either `labels` (class indices) or `target` (rows of the prediction's shape), never both.
    """

    prediction: Array
    labels: Array | None = None
    target: Array | None = None
    weights: Array | None = None
    kept: Array | None = None
    """False for samples (or entries) that are left out."""
    first: int = 0
    is_large: bool = False
    """Whether it is of an array so large that time counts more than the last digit."""

    @property
    def samples(self) -> int:
        """How many rows there are."""
        return int(self.prediction.shape[0])

    @property
    def target_rows(self) -> Array:
        """The target as distributions, in the type of the predictions."""
        if self.target is None:
            return one_hot(self.labels, int(self.prediction.shape[-1]), self.prediction)
        return namespace(self.target).astype(self.target, self.prediction.dtype)

    def each(self, change: Callable[[Array], Array]) -> Block:
        """The same samples with every array changed."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return self.replace(**{name: change(array) for name, array in arrays.items() if array is not None})

    def halves(self) -> tuple[Block, Block]:
        """The samples in two blocks."""
        middle = self.samples // 2
        later = self.each(lambda array: array[middle:, ...]).replace(first=self.first + middle)
        return self.each(lambda array: array[:middle, ...]), later


ARRAYS = ("prediction", "labels", "target", "weights", "kept")
"""The fields of a block that are arrays, or None."""


@cache
def keep_freed_memory() -> None:
    """Has the memory of one block's intermediate arrays serve for the next.

    glibc gives what is freed back to the system, and a new page for every 4 KB that are asked for again takes longer than the
    arithmetic on them. It stops at twice the size of the largest block that it has seen come and go, so one goes here, never touched.
    """
    np.empty(LARGEST_KEPT, dtype=np.uint8)


def _one_after_the_other(blocks: Iterable[S]) -> Iterator[S]:
    """The blocks; where there is a second, memory is to be kept."""
    for number, block in enumerate(blocks):
        if number == 1:
            keep_freed_memory()
        yield block


class _Task(Generic[S, T]):
    """Work on a block, done once by whichever thread comes to it first."""

    def __init__(self, work: Callable[[S], T], block: S) -> None:
        from concurrent.futures import Future  # loaded where there is work for more than one thread

        self.work, self.block, self.free = work, block, Lock()
        self.answer: Future[T] = Future()

    def do(self) -> None:
        """Does it, if nobody has begun."""
        if not self.free.acquire(blocking=False):
            return
        try:
            self.answer.set_result(self.work(self.block))
        except Exception as error:  # raised where the answer is asked for, in its turn
            self.answer.set_exception(error)


def run(work: Callable[[S], T], blocks: Iterable[S], threads: int = 1) -> Iterator[T]:
    """work(block) for every block, in order, on so many threads.

    This thread reads the blocks and is one of those that work on them: it hands out what keeps the others busy, and does the rest
    itself. A single block starts no thread: what is typed must not pay for what is long.
    """
    blocks = _one_after_the_other(blocks)
    head = [] if threads == 1 else list(islice(blocks, 2))
    if len(head) < 2:
        yield from map(work, chain(head, blocks))
        return
    from concurrent.futures import ThreadPoolExecutor

    ahead, waiting = AHEAD * (threads - 1), deque[_Task[S, T]]()
    with ThreadPoolExecutor(threads - 1) as others:
        for block in chain(head, blocks):
            waiting.append(task := _Task(work, block))
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
