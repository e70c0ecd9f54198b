"""Blocks of files that are read while those before them are computed with."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cecli.errors import InputError
from cecli.reading import by_loadtxt

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from cecli.reading.by_processes import Processes

WORTH_THREADS = 1 << 22
"""Bytes of a text that is worth starting threads for."""
MOST = 4
"""Blocks that are read at the same time, at most: the thread that computes keeps pace with no more."""
WORTH_PROCESSES = 1 << 25
"""Bytes of a text that is worth starting processes for."""

Reading = Callable[[bytes, str, int, Sequence[int], Sequence[int]], tuple[np.ndarray, dict[int, Sequence[str]]] | None]
"""Takes text, its delimiter, how many columns it has, and which of them are numbers and which words."""

B = TypeVar("B")
R = TypeVar("R")


class Ahead:
    """Reads blocks of the files of a call on up to so many threads."""

    def __init__(self, threads: int = 1) -> None:
        self.at_once = min(threads, MOST)
        self._threads: ThreadPoolExecutor | None = None
        self._processes: Processes | None = None

    def of(self, size: int) -> Ahead:
        """What reads a text of so many bytes: of a short one, or a pipe, no answer waits for the next block."""
        return self if size >= WORTH_THREADS else IN_TURN

    def read(self, read: Callable[[B], R], blocks: Iterator[B]) -> Iterator[tuple[B, R]]:
        """Each block with what `read` makes of it, in order."""
        if self.at_once < 2:
            yield from ((block, read(block)) for block in blocks)
            return
        submitted = ((block, self._executor().submit(read, block)) for block in blocks)
        for block, found in _taken_ahead(submitted, self.at_once):
            yield block, found.result()

    def _executor(self) -> ThreadPoolExecutor:
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor

            self._threads = ThreadPoolExecutor(self.at_once, initializer=_hold_sigpipe)
        return self._threads

    def by_loadtxt(self, size: int) -> Reading:
        """What reads blocks of a text of so many bytes by `numpy.loadtxt`: this process, or others where it is long."""
        if self.at_once < 2 or size < WORTH_PROCESSES:
            return by_loadtxt.columns
        if self._processes is None:
            from cecli.reading.by_processes import Processes

            self._processes = Processes(self.at_once)
        return self._processes.columns

    def close(self) -> None:
        """Ends the threads and processes."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        if self._processes is not None:
            self._processes.close()


IN_TURN = Ahead()
"""Reads a block when it is asked for."""


def _taken_ahead(items: Iterator[B], count: int) -> Iterator[B]:
    """The items in order, so many of them taken before they are asked for; an error of a later one comes in its turn."""
    waiting = deque[B]()
    try:
        for item in items:
            waiting.append(item)
            if len(waiting) > count:
                yield waiting.popleft()
    except InputError:
        yield from waiting
        raise
    yield from waiting


def _hold_sigpipe() -> None:
    """Has a thread meet a process that was ended as an error, and not as the end of this process."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])
