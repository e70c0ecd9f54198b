"""The lines of a text file or a pipe, plain or compressed, block by block, each with its number.

Blank lines and lines that begin with # are passed over. JSON becomes lines too: a row of a matrix, or an object's values,
each as the CSV line that it stands for.
"""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

from cecli.errors import InputError

CHUNK = 1 << 20
LONG = 1 << 16
"""Lines of more bytes in the mean are kept apart: joined they might be more text than fits in memory."""

LONGEST_LINE = 1 << 26
"""A line of more bytes than this is no row of numbers: most likely a bomb or a binary file."""

COMPRESSED: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError)
LAST_MARK = ord("#")
"""The last of the characters that a line without data begins with: its end, a blank, #."""

MARK = re.compile(r'["\[\]{}]')
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
DEEPEST = 64
"""Brackets within brackets that a row may have: it needs two."""
MOST_JOINED = 1000
"""Lines that one quoted field may run over."""


class Lines:
    """Consecutive lines and their numbers in the file, counted from 1; one text until something asks for single ones."""

    def __init__(
        self,
        numbers: Sequence[int],
        texts: list[bytes] | None = None,
        text: bytes | None = None,
        ends: np.ndarray | None = None,
    ) -> None:
        self.numbers = numbers
        self._texts, self._text = texts, text
        self.ends = ends
        """Where in the text each line ends, where they are one text."""

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def texts(self) -> list[bytes]:
        """Each line, without its end."""
        if self._texts is None:
            self._texts = (self._text or b"").split(b"\n")[: len(self)]
        return self._texts

    @property
    def size(self) -> int:
        """How many bytes they take, with their ends."""
        return len(self) + sum(map(len, self.texts)) if self._text is None else len(self._text)

    @property
    def text(self) -> bytes:
        """All lines, each with its end."""
        if self._text is None:
            self._text = b"".join([line + b"\n" for line in self.texts])
        return self._text

    def cut(self, n: int) -> tuple[Lines, Lines]:
        """The first n lines, and the others."""
        if n >= len(self):
            return self, NO_LINES
        before, after = self.numbers[:n], self.numbers[n:]
        if self.ends is None or self._text is None:
            return Lines(before, self.texts[:n]), Lines(after, self.texts[n:])
        end = int(self.ends[n - 1]) + 1 if n else 0
        return (
            Lines(before, None, self._text[:end], self.ends[:n]),
            Lines(after, None, self._text[end:], self.ends[n:] - end),
        )

    @classmethod
    def joined(cls, parts: Sequence[Lines]) -> Lines:
        """Lines one after the other."""
        parts = [part for part in parts if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else NO_LINES
        numbers = _joined_numbers([part.numbers for part in parts])
        if any(part.ends is None for part in parts):
            return cls(numbers, [text for part in parts for text in part.texts])
        sizes = np.cumsum([0, *(part.size for part in parts)])
        ends = [part.ends + size for part, size in zip(parts, sizes[:-1], strict=True)]
        return cls(numbers, None, b"".join([part.text for part in parts]), np.concatenate(ends))


NO_LINES = Lines(range(0))


def _joined_numbers(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    """The numbers of lines, one range where they run on."""
    first, last = parts[0], parts[-1]
    if last[-1] - first[0] + 1 == sum(map(len, parts)):
        return range(first[0], last[-1] + 1)
    return [number for part in parts for number in part]


class LineReader:
    """Hands out the next n data lines of a binary stream."""

    def __init__(self, stream: BinaryIO, name: str, at_once: bool = False, json_rows: bool = False) -> None:
        self.name, self.json_rows = name, json_rows
        self._segments = _segments(_chunks(stream, name, at_once), name, quotes_span=not json_rows)
        self._waiting = NO_LINES

    def take(self, n: int) -> Lines:
        """The next n lines, or as many as there are."""
        parts, count = [self._waiting], len(self._waiting)
        while count < n and (segment := next(self._segments, None)) is not None:
            parts.append(segment)
            count += len(segment)
        found, self._waiting = Lines.joined(parts).cut(n)
        return found

    def give_back(self, lines: Lines) -> None:
        """Puts lines in front of those to come."""
        self._waiting = Lines.joined([lines, self._waiting])


def _chunks(stream: BinaryIO, name: str, at_once: bool) -> Iterator[bytes]:
    """Pieces of the stream that end at a line's end; with `at_once` every line as it comes."""
    rest: list[bytes] = []
    size = 0
    try:
        while chunk := (stream.readline() if at_once else _some(stream)):
            end = chunk.rfind(b"\n") + 1
            if not end:
                rest.append(chunk)
                size += len(chunk)
                if size > LONGEST_LINE:
                    raise InputError(
                        f"{name} has a line of more than {LONGEST_LINE >> 20} MiB: that is no row of numbers"
                    )
                continue
            yield b"".join([*rest, chunk[:end]])
            rest, size = [chunk[end:]], len(chunk) - end
    except BROKEN as error:
        raise InputError(
            f"{name} can't be read to its end: {error}", hint="is it complete, and what its ending says?"
        ) from error
    if last := b"".join(rest):
        yield last


def _some(stream: BinaryIO) -> bytes:
    """What is there, up to a chunk: a pipe's first lines are not kept waiting for the next."""
    read = getattr(stream, "read1", stream.read)
    return bytes(read(CHUNK))


def _segments(chunks: Iterator[bytes], name: str, quotes_span: bool) -> Iterator[Lines]:
    """The data lines of each piece with their numbers."""
    number, first, open_field = 1, True, b""
    for piece in chunks:
        chunk = open_field + (_without_mark(piece, name) if first else piece)
        first, open_field = False, b""
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not chunk.endswith(b"\n"):
            chunk += b"\n"
        ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == ord("\n"))
        numbers = range(number, number + len(ends))
        are_long = len(chunk) > LONG * len(ends)
        lines = Lines(numbers, chunk.split(b"\n")[:-1]) if are_long else Lines(numbers, None, chunk, ends)
        number += len(ends)
        if quotes_span and b'"' in chunk:
            lines = _with_quoted_ends(lines, name)
            if lines.texts[-1].count(b'"') % 2 and len(lines) > 1:
                lines, rest = lines.cut(len(lines) - 1)
                open_field = rest.text
                number -= open_field.count(b"\n")
        yield lines if _all_data(chunk, ends) else _data_lines(lines)
    if open_field:
        raise InputError(f"{name}, line {number}: a quote is opened and never closed")


def _without_mark(chunk: bytes, name: str) -> bytes:
    """The first piece without its byte order mark, or the error for a text that is not UTF-8."""
    if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name} is UTF-16 text", hint="save it as UTF-8")
    return chunk.removeprefix(b"\xef\xbb\xbf")


def _all_data(chunk: bytes, ends: np.ndarray) -> bool:
    """Whether surely no line is blank, a comment, or begins with a blank."""
    characters = np.frombuffer(chunk, dtype=np.uint8)
    return characters[0] > LAST_MARK and bool(np.all(characters[ends[:-1] + 1] > LAST_MARK))


def _data_lines(lines: Lines) -> Lines:
    """The lines that are neither blank nor comments."""
    if all(text and text[:1] not in b"# \t" for text in lines.texts):
        return lines
    kept = [i for i, text in enumerate(lines.texts) if (bare := text.strip()) and not bare.startswith(b"#")]
    return Lines([lines.numbers[i] for i in kept], [lines.texts[i] for i in kept])


def _with_quoted_ends(lines: Lines, name: str) -> Lines:
    """Lines whose quoted field runs on are joined with those that end it."""
    texts: list[bytes] = []
    numbers: list[int] = []
    joined = 0
    for text, number in zip(lines.texts, lines.numbers, strict=True):
        if texts and texts[-1].count(b'"') % 2:
            if joined == MOST_JOINED:
                raise InputError(
                    f"{name}, line {numbers[-1]}: a quote is opened and not closed for {MOST_JOINED} lines"
                )
            texts[-1] += b"\n" + text
            joined += 1
        else:
            texts.append(text)
            numbers.append(number)
            joined = 0
    return Lines(numbers, texts)


# --- JSON as lines ------------------------------------------------------------------------------------------------


def json_lines(stream: BinaryIO, name: str) -> BinaryIO:
    """The elements of a JSON array, each as a line of its own: what JSON Lines would have."""
    return _Elements(stream, name)  # type: ignore[return-value]


class _Elements(io.RawIOBase):
    """A stream of the elements of a JSON array, a line each; a flat array of numbers or names is one line."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        super().__init__()
        self._lines = _element_lines(stream, name)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """About as many bytes as asked for, whole lines."""
        pieces, length = [], 0
        for line in self._lines:
            pieces.append(line)
            length += len(line)
            if 0 <= size <= length:
                break
        return b"".join(pieces)

    def readline(self, size: int | None = -1) -> bytes:  # noqa: ARG002
        """One line."""
        return next(self._lines, b"")


def _element_lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Each element of the outermost array on a line; an array without inner ones is one element."""
    text = _Text(stream, name)
    if text.peek() == "{":
        raise InputError(
            f"{name} is a JSON object", hint="an array of rows is meant, or JSON Lines with the ending .jsonl"
        )
    if text.peek() != "[":
        raise InputError(f"{name} does not begin as JSON does, with [")
    text.skip(1)
    if text.peek() not in "[{":
        yield b"[" + text.rest().encode() + b"\n"
        return
    while text.peek() != "]":
        yield text.element().encode() + b"\n"
        if text.peek() == ",":
            text.skip(1)
            if text.peek() == "]":
                raise InputError(f"{name}: a row is missing after the last comma")
        elif text.peek() != "]":
            raise InputError(f"{name} is cut off or malformed: a comma or ] is missing after a row")
    text.skip(1)
    if text.peek():
        raise InputError(f"{name} goes on after its last ]")


class _Text:
    """Decoded text of which elements are cut from the front."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._name = name
        self._text, self._at = "", 0

    def _more(self) -> bool:
        """Reads on; False at the end."""
        try:
            data = self._stream.read(CHUNK)
            chunk = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise InputError(f"{self._name} is not UTF-8 text") from error
        except BROKEN as error:
            raise InputError(f"{self._name} can't be read to its end: {error}") from error
        self._text, self._at = self._text[self._at :] + chunk, 0
        if len(self._text) > LONGEST_LINE:
            raise InputError(f"{self._name} has a row of more than {LONGEST_LINE >> 20} MiB")
        return bool(data)

    def peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self, n: int) -> None:
        """Passes over n characters."""
        self._at += n

    def rest(self) -> str:
        """All that is left, on one line."""
        while self._more():
            pass
        return self._text[self._at :].replace("\n", " ").strip()

    def element(self) -> str:
        """The next row or object, as its text on one line: up to the bracket that closes it."""
        self.peek()
        depth, i = 0, self._at
        while True:
            mark = MARK.search(self._text, i)
            end = STRING.match(self._text, mark.start()) if mark and mark.group() == '"' else mark
            if end is None:
                i = (mark.start() if mark else len(self._text)) - self._at
                if not self._more():
                    raise InputError(f"{self._name} is cut off: its last row is not closed")
                continue
            i = end.end()
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(end.group(), 0)
            if depth > DEEPEST:
                raise InputError(f"{self._name} has brackets {DEEPEST} deep: rows of numbers are meant")
            if depth == 0:
                break
        text = self._text[self._at : i]
        self._at = i
        return text.replace("\n", " ").replace("\r", " ")


def object_fields(text: bytes, keys: Sequence[str] | None, where: str) -> tuple[list[str], list[str]]:
    """The keys and the values of a JSON object as fields, in the order of `keys` where these are known."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is no JSON object: {str(error)[:80]}") from error
    if not isinstance(found, dict):
        raise InputError(f"{where} is no JSON object, and the first row is one")
    names = list(found) if keys is None else list(keys)
    missing = [key for key in names if key not in found]
    if missing:
        raise InputError(f"{where} has no {missing[0]!r}")
    return names, [_field(found[key]) for key in names]


def json_fields(text: bytes, where: str) -> list[str]:
    """The fields of a JSON array, or of one value on a line of its own."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is no JSON: {str(error)[:80]}") from error
    return [_field(value) for value in (found if isinstance(found, list) else [found])]


def _field(value: object) -> str:
    """A JSON value as a CSV field."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def fields_of(text: str, delimiter: str) -> list[str]:
    """The fields of one line, quotes taken off."""
    if '"' not in text:
        return text.split() if delimiter == " " else [field.strip() for field in text.split(delimiter)]
    try:
        fields = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # stray quotes, or a field that is no field: taken as they stand
        fields = text.split(None if delimiter == " " else delimiter)
    return [field.strip() for field in fields]
