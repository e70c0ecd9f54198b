"""The first bytes of a stream, which tell what it holds, and stay there."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from itertools import chain
from typing import Any, BinaryIO, cast

SEEN = 1024
"""First bytes that are looked at."""


def peek(stream: Any) -> bytes:
    """The first bytes of a stream, as many as one read of it brings."""
    if hasattr(stream, "peek"):
        return bytes(stream.peek(SEEN)[:SEEN])
    if stream.seekable():
        start = stream.read(SEEN)
        stream.seek(-len(start), os.SEEK_CUR)
        return bytes(start)
    return b""


def begun(stream: Any, known: Iterable[bytes] = ()) -> BinaryIO:
    """A stream of which a look shows the first line, or one of the beginnings that are `known`: a first read of a pipe may bring a single byte.

    A file gives all that it has at once.
    """
    start, known = peek(stream), tuple(known)
    is_file = isinstance(stream, io.BufferedReader) and stream.seekable()
    if is_file or _shows(start, known):
        return cast("BinaryIO", stream)
    start = b""
    while not _shows(start, known) and (more := stream.read1(SEEN)):
        start += more
    return io.BufferedReader(Pieces(chain([start], iter(lambda: stream.read1(1 << 20), b""))))


def _shows(start: bytes, known: tuple[bytes, ...]) -> bool:
    return b"\n" in start or len(start) >= SEEN or start.startswith(known)


class Pieces(io.RawIOBase):
    """A stream of pieces of bytes, each as it comes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, as many as are there and fit."""
        while not self._rest and (piece := next(self._pieces, None)) is not None:
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
