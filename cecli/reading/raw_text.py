"""The bytes of a text file or a pipe, plain or packed, in pieces that end where a line ends."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from cecli.errors import InputError

CHUNK = 1 << 20
"""Bytes that are read at a time, of a text that is not long."""
LONGEST_LINE = 1 << 26
"""A line of more bytes than this is not a row of numbers: most likely a bomb or a binary file."""

COMPRESSED: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError)


class Range:
    """A range of the bytes of a file, as a stream."""

    def __init__(self, stream: Any, start: int, stop: int | None) -> None:
        self._stream, self.size = stream, (size_of(stream) if stop is None else stop) - start
        self._left = self.size
        stream.seek(start)

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = bytes(self._stream.read(min(size, self._left)))
        self._left -= len(data)
        return data


def size_of(stream: Any) -> int:
    """How many bytes a file has; 0 where that is not known."""
    if (known := getattr(getattr(stream, "raw", stream), "size", None)) is not None:
        return int(known)
    try:
        return os.fstat(stream.fileno()).st_size
    except (OSError, ValueError, AttributeError):
        return 0


def chunks(read: Callable[[], bytes], name: str) -> Iterator[bytes]:
    """What is read, in pieces that end at a line's end."""
    rest: list[bytes] = []
    size = 0
    try:
        while chunk := read():
            end = chunk.rfind(b"\n") + 1
            if not end:
                rest.append(chunk)
                size += len(chunk)
                if size > LONGEST_LINE:
                    raise InputError(
                        f"{name} has a line of more than {LONGEST_LINE >> 20} MiB: that is not a row of numbers"
                    )
                continue
            yield b"".join([*rest, chunk if end == len(chunk) else memoryview(chunk)[:end]])
            rest, size = [chunk[end:]] if end < len(chunk) else [], len(chunk) - end
    except BROKEN as error:
        raise broken_off(name, error) from error
    if last := b"".join(rest):
        yield last


def broken_off(name: str, error: Exception) -> InputError:
    """The error for a stream that ends too early, or is packed otherwise than it seems."""
    return InputError(
        f"{name} can't be read to its end: {error}", hint="is it complete, and of the kind that its ending says?"
    )


def available(stream: BinaryIO, size: int) -> bytes:
    """What is there, up to so many bytes: a pipe's first lines are not kept waiting for the next."""
    read = getattr(stream, "read1", stream.read)
    return bytes(read(size))


def whole_lines(file: BinaryIO, size: int) -> bytes:
    """The next lines of a file, of about so many bytes: where the last one ends is looked up first, so that nothing is copied."""
    start = file.tell()
    file.seek(start + size)
    file.readline(LONGEST_LINE)
    stop = file.tell()
    file.seek(start)
    return file.read(stop - start)
