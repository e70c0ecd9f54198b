"""Blocks of text read by `numpy.loadtxt` in processes of their own, as it lets no other thread of its process work meanwhile."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from queue import SimpleQueue

import numpy as np

from cecli.reading import by_loadtxt

SERVE = "import sys; sys.path[:] = sys.argv[1:]; from cecli.reading.by_processes import serve; serve()"


class Processes:
    """Some processes, each of which reads a block at a time; they end with this one."""

    def __init__(self, count: int) -> None:
        self._idle = SimpleQueue[subprocess.Popen[bytes]]()
        self._all = [*_started(count)]
        for process in self._all:
            self._idle.put(process)

    def columns(
        self, text: bytes, delimiter: str, width: int, numbers: Sequence[int], words: Sequence[int]
    ) -> tuple[np.ndarray, dict[int, Sequence[str]]] | None:
        """As `by_loadtxt.columns`, which reads here what a process that was ended from outside leaves unread, and all where there is none."""
        request = (text, delimiter, width, numbers, words)
        if not self._all:
            return by_loadtxt.columns(*request)
        process = self._idle.get()
        try:
            return _asked(process, request)
        except (OSError, EOFError, pickle.UnpicklingError):
            return by_loadtxt.columns(*request)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """Ends them."""
        for process in self._all:
            process.kill()
            process.communicate()


def _started(count: int) -> Iterator[subprocess.Popen[bytes]]:
    """As many processes as may be started, which find modules where this one does, in sessions of their own, which Ctrl-C does not reach."""
    for _ in range(count):
        try:
            yield subprocess.Popen(  # noqa: S603 - this program, by its own interpreter
                [sys.executable, "-c", SERVE, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:  # no more processes are allowed
            return


def _asked(process: subprocess.Popen[bytes], request: object) -> tuple[np.ndarray, dict[int, Sequence[str]]] | None:
    assert process.stdin is not None
    assert process.stdout is not None
    left = memoryview(pickle.dumps(request, pickle.HIGHEST_PROTOCOL))
    while left:  # without a buffer: closing one that a killed process left full would end this process by SIGPIPE
        left = left[os.write(process.stdin.fileno(), left) :]
    found: tuple[np.ndarray, dict[int, Sequence[str]]] | None = pickle.load(process.stdout)  # noqa: S301 - from a process of our own
    return found


def serve() -> None:
    """Reads blocks for the process at the other end, until it has no more."""
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        pickle.dump(by_loadtxt.columns(*request), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()
