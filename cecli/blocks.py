"""Blocks: what was typed, read or passed, as arrays of bounded size with the number of their first sample.

A vector typed in the terminal is a stream of one block, so that it and a long dump run the same code.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from cecli.maths.namespace import Array

BLOCK_VALUES = 2**17
"""Numbers in a block: 1 MB of float64, which stays in cache."""

T = TypeVar("T")


@dataclass(frozen=True)
class Block:
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

    @property
    def samples(self) -> int:
        """How many rows there are."""
        return int(self.prediction.shape[0])

    def rows(self, start: int, stop: int) -> Block:
        """The samples from start to stop."""
        parts = {
            name: None if part is None else part[start:stop, ...]
            for name in ("labels", "target", "weights", "kept")
            for part in [getattr(self, name)]
        }
        return replace(self, prediction=self.prediction[start:stop, ...], first=self.first + start, **parts)


def cut(block: Block, values: int = BLOCK_VALUES) -> Iterator[Block]:
    """The block in pieces of about `values` numbers, in order."""
    rows = max(1, values // max(1, int(block.prediction.shape[-1])))
    if block.samples <= rows:
        yield block
        return
    for start in range(0, block.samples, rows):
        yield block.rows(start, min(start + rows, block.samples))


def run(work: Callable[[Block], T], blocks: Iterable[Block], threads: int = 1) -> Iterator[T]:
    """work(block) for every block, in order, on threads; no more blocks are in flight than threads can take."""
    if threads == 1:
        yield from map(work, blocks)
        return
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
