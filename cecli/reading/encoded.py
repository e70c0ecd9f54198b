"""Text in UTF-8, and in what else a byte order mark says: UTF-16, as Excel ("Unicode text") and PowerShell write it, and UTF-32."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from cecli.errors import InputError
from cecli.reading.beginning import Pieces, begun
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
        return begun(io.BufferedReader(Pieces(_transcoded(stream, encoding, name))))
    for first, other in ((0, "LE"), (1, "BE")):
        if len(start) > 2 and any(start[first:SEEN:2]) and not any(start[1 - first : SEEN : 2]):
            raise InputError(
                f"{name} is UTF-16 text without a byte order mark",
                hint=f"save it as UTF-8, as with iconv -f UTF-16{other} -t UTF-8",
            )
    return stream


def _transcoded(stream: Any, encoding: str, name: str) -> Iterator[bytes]:
    """A text of another encoding as UTF-8, block by block."""
    read = getattr(stream, "read1", stream.read)
    decoder, is_last = codecs.getincrementaldecoder(encoding)(), False
    while not is_last:
        data = read(CHUNK)
        is_last = not data
        try:
            yield decoder.decode(data, is_last).encode()
        except UnicodeError as error:
            says = f"{name} is cut off, or not {encoding.upper()} text as its first bytes say"
            raise InputError(says, hint="save it as UTF-8") from error
