"""The lines of a text file or a pipe, plain or compressed, block by block, each with its number.

Blank lines and lines that begin with # are passed over; a quoted field may run over lines.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np

from cecli.errors import InputError
from cecli.reading import by_arrow
from cecli.reading.passed_over import PassedOver, is_comment
from cecli.reading.raw_text import CHUNK, LONGEST_LINE, Range, available, chunks, size_of, whole_lines
from cecli.reading.tables import Cut
from cecli.record import Record

LONG_TEXT = 1 << 22
"""Bytes of a text that is worth loading pyarrow for, and of the blocks that it then takes."""
LONG = 1 << 16
"""Lines of more bytes in the mean are kept apart: joined they might be more text than fits in memory."""

LAST_MARK = ord("#")
"""The last of the characters that a line without data begins with: its end, a blank, #."""

MOST_LOOKED = 1 << 20
"""Bytes that are read to look at the first lines, beyond the first three."""
LONGEST_QUOTED = 1 << 23
"""Bytes of lines that one quoted field may run over."""
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
    first, last = parts[0], parts[-1]
    if last[-1] - first[0] + 1 == sum(map(len, parts)):
        return range(first[0], last[-1] + 1)
    return [number for part in parts for number in part]


class Begins(Record):
    """Where the lines begin that are read: the number of the first, and its byte."""

    line: int = 1
    byte: int = 0


FIRST = Begins()


class LineReader:
    """Hands out the next n data lines of a binary stream."""

    def __init__(
        self, stream: BinaryIO, name: str, at_once: bool = False, quotes_span: bool = True, begins: Begins = FIRST
    ) -> None:
        self.name, self.bytes_read = name, 0
        self._stream, self._quotes_span = stream, quotes_span
        self.size = size_of(stream)
        """The bytes of the file; 0 of what is not a file."""
        read_lines = whole_lines if self.size >= LONG_TEXT and isinstance(stream, io.BufferedReader) else available
        read = stream.readline if at_once else partial(read_lines, stream, LONG_TEXT if self.is_long else CHUNK)
        self.next_line = begins.line
        """The number of the line that follows what was read of the file."""
        self._passed = PassedOver()
        self._segments = _segments(chunks(read, name), name, quotes_span, begins, self._follows, self._passed)
        self._waiting = NO_LINES

    def _follows(self, line: int) -> None:
        self.next_line = line

    def blank_lines(self) -> list[int]:
        """The numbers of blank lines among those of data that wait to be taken."""
        numbers = self._waiting.numbers
        return [number for number in self._passed.blank if len(numbers) and numbers[0] < number < numbers[-1]]

    def comments(self) -> list[tuple[int, bytes]]:
        """The comments so far, with the numbers of their lines."""
        return self._passed.comments

    def comment(self) -> bytes:
        """The last comment in front of the lines that wait to be taken, without its mark."""
        above = [text for number, text in self._passed.comments if number < self._waiting.numbers[0]]
        return above[-1].lstrip(b"# \t") if above else b""

    @property
    def is_long(self) -> bool:
        """Whether there is so much that pyarrow, where it is installed, is worth its loading."""
        return max(self.size, self.bytes_read) >= LONG_TEXT and by_arrow.is_there()

    def cuts(self, size: int) -> list[Cut]:
        """The bytes where a file may be cut into ranges of about so many: the starts of lines. A quote may yet run over one."""
        stream: Any = self._stream
        if not self.size or not isinstance(stream, io.BufferedReader | io.BufferedRandom):
            return [Cut(0, None, self.size or None)]
        found = [0]
        for at in range(size, self.size, size):
            stream.seek(at - 1)
            stream.readline(LONGEST_LINE)
            if found[-1] < (start := stream.tell()) < self.size:
                found.append(start)
        return [Cut(start, None, stop - start) for start, stop in pairwise([*found, self.size])]

    def between(self, start: int, stop: int | None, line: int) -> LineReader:
        """The lines from a byte on, which begins line number `line`, up to another byte."""
        part: Any = Range(self._stream, start, stop)
        return LineReader(part, self.name, quotes_span=self._quotes_span, begins=Begins(line, start))

    def take(self, n: int) -> Lines:
        """The next n lines, or as many as there are."""
        parts, count = [self._waiting], len(self._waiting)
        while count < n and (segment := next(self._segments, None)) is not None:
            parts.append(segment)
            count += len(segment)
            self.bytes_read += segment.size
        found, self._waiting = Lines.joined(parts).cut(n)
        return found

    def some(self, size: int = 0) -> Lines:
        """The lines that are there: at least so many bytes of them, unless the end comes before."""
        parts = [self._waiting] if len(self._waiting) else []
        have = sum(part.size for part in parts)
        while have < max(1, size) and (segment := next(self._segments, None)) is not None:
            parts.append(segment)
            have += segment.size
            self.bytes_read += segment.size
        self._waiting = NO_LINES
        return Lines.joined(parts)

    def blocks(self) -> Iterator[Lines]:
        """All lines that are left, in blocks of a size that suits the way they are read."""
        while lines := self.some(LONG_TEXT // 2 if self.is_long else 0):
            yield lines

    def look(self, n: int) -> Lines:
        """The first n lines that are to come, or as many as there are; of very long ones fewer, but three."""
        first = self.take(min(n, 3))
        self.give_back(first)
        while (
            len(self._waiting) < n
            and self.bytes_read < MOST_LOOKED
            and (more := next(self._segments, None)) is not None
        ):
            self.bytes_read += more.size
            self._waiting = Lines.joined([self._waiting, more])
        return self._waiting

    def give_back(self, lines: Lines) -> None:
        """Puts lines in front of those to come."""
        self._waiting = Lines.joined([lines, self._waiting])


def count_lines(reader: LineReader) -> int:
    """How many lines of data are left."""
    count = 0
    while len(lines := reader.some()):
        count += len(lines)
    return count


def _segments(
    chunks: Iterator[bytes],
    name: str,
    quotes_span: bool,
    begins: Begins,
    follows: Callable[[int], None],
    passed: PassedOver,
) -> Iterator[Lines]:
    """The data lines of each piece with their numbers; `follows` takes the number of the next line, `passed` the others."""
    number, first, open_field = begins.line, not begins.byte, b""
    for piece in chunks:
        chunk = open_field + (piece.removeprefix(codecs.BOM_UTF8) if first else piece)
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
        if quotes_span and b'"' in chunk and not _closes_quotes(chunk, ends):
            lines = _with_quoted_ends(lines, name)
            if lines.texts[-1].count(b'"') % 2:
                lines, rest = lines.cut(len(lines) - 1)
                open_field = rest.text
                number -= open_field.count(b"\n")
                if len(open_field) > LONGEST_QUOTED:
                    break
        follows(number)
        yield lines if _all_data(chunk, ends) else _data_lines(lines, passed)
    if open_field:
        raise InputError(f"{name}, line {number}: a quote is opened and never closed")


def _all_data(chunk: bytes, ends: np.ndarray) -> bool:
    """Whether surely no line is blank, a comment, or begins with a blank."""
    characters = np.frombuffer(chunk, dtype=np.uint8)
    starts = characters[np.concatenate([[0], ends[:-1] + 1])]
    return bool(np.all((starts > LAST_MARK) | (starts == ord('"'))))


def _data_lines(lines: Lines, passed: PassedOver) -> Lines:
    if all(text and text[:1] not in b"# \t" for text in lines.texts):
        return lines
    kept: list[int] = []
    for i, bare in enumerate(map(bytes.strip, lines.texts)):
        if bare and not is_comment(bare):
            kept.append(i)
        else:
            passed.keep(lines.numbers[i], bare)
    return Lines([lines.numbers[i] for i in kept], [lines.texts[i] for i in kept])


def _closes_quotes(chunk: bytes, ends: np.ndarray) -> bool:
    """Whether every line has as many opening quotes as closing ones."""
    quotes = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == ord('"'))
    return not np.any(np.searchsorted(quotes, ends) % 2)


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
