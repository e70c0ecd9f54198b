"""Text in UTF-8, and in what else a byte order mark says: UTF-16, as Excel ("Unicode text") and PowerShell write it, and UTF-32."""

from __future__ import annotations

import codecs
import io
from typing import Any, BinaryIO

from cecli.errors import InputError
from cecli.reading.raw_text import CHUNK

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The encoding that a byte order mark stands for; those of UTF-32 first, as one begins like one of UTF-16."""
SEEN = 64
"""First bytes that show UTF-16 without a mark: every second one is zero."""


def as_utf8(stream: BinaryIO, start: bytes, name: str) -> BinaryIO:
    """A text, which begins with the bytes `start`, as UTF-8 without a byte order mark.

    Raises: InputError where it is UTF-16 and has no mark, or, while it is read, where it is not what its mark says.
    """
    if start.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    if encoding := next((MARKS[mark] for mark in MARKS if start.startswith(mark)), None):
        return io.BufferedReader(_Transcoded(stream, encoding, name))
    for first, other in ((0, "LE"), (1, "BE")):
        if len(start) > 2 and any(start[first:SEEN:2]) and not any(start[1 - first : SEEN : 2]):
            raise InputError(
                f"{name} is UTF-16 text without a byte order mark",
                hint=f"save it as UTF-8, as with iconv -f UTF-16{other} -t UTF-8",
            )
    return stream


class _Transcoded(io.RawIOBase):
    """A text of another encoding as UTF-8, block by block."""

    def __init__(self, stream: Any, encoding: str, name: str) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._decoder, self._encoding, self._name = codecs.getincrementaldecoder(encoding)(), encoding, name
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, as many as are there and fit."""
        is_last = False
        while not self._rest and not is_last:
            try:
                data = self._read(CHUNK)
                is_last = not data
                self._rest = memoryview(self._decoder.decode(data, is_last).encode())
            except UnicodeError as error:
                raise InputError(
                    f"{self._name} is cut off, or not {self._encoding.upper()} text as its first bytes say",
                    hint="save it as UTF-8",
                ) from error
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
