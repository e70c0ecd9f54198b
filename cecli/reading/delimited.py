"""Text files and pipes as sources: lines become rows of numbers, or labels, block by block.

A block whose fields are all plain decimal numbers is read in one go; any other is read line by line with the typed grammar, which
knows fractions, percentages and what is wrong.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from cecli.errors import InputError, Place
from cecli.maths.namespace import Array
from cecli.reading import columns, vector
from cecli.reading.decimals import table
from cecli.reading.labels import Matcher, UnknownLabelError
from cecli.reading.lines import NO_LINES, LineReader, Lines, fields_of, json_fields, object_fields
from cecli.reading.sources import DECIMAL_COMMA, Rows, Source
from cecli.reading.vector import NotANumberError, Number, TooLargeError, is_number, number
from cecli.record import Record

LONGEST_PLAIN = 32
"""Bytes that a plain decimal takes in the mean at most, its delimiter included."""

BLOCK_OF_LINES = 1 << 16
MOST_RUNS = 10_000
"""Runs of lines without a gap that are remembered, so that the line of a sample can be told later."""
DECIMAL_WITH_COMMA = re.compile(rb"[+-]?\d+,\d+")
QUOTED = re.compile(rb'"[^"]*"')
DELIMITERS = ("\t", ",", ";")


class Layout(Record):
    """What is asked of a text source: its columns, whether it has a header, and the class names that are known."""

    columns: str | None = None
    header: bool | None = None
    names: Sequence[str] | None = None
    delimiter: str | None = None
    left_out: str | None = None
    """A column that holds no values: the one that `--id` joins by."""


class TextSource(Source):
    """Rows of text, each a line."""

    def __init__(self, reader: LineReader, layout: Layout, peek: bool = True) -> None:
        self.reader, self.name, self.layout = reader, reader.name, layout
        first = reader.take(3 if peek else 1)
        if not first:
            raise InputError(f"{self.name} is empty", hint="a row of numbers per sample is meant")
        head = first.texts[0]
        self._keys: list[str] | None = None
        self._bracketed = _is_bracketed(head)
        self._wide = any(mark.encode() in head for mark in "，；")
        plain = head.decode("utf-8", "replace").translate(vector.LOOKALIKES).encode() if self._wide else head
        self.delimiter = layout.delimiter or _delimiter(plain, self._bracketed)
        fields = self._fields(head, first.numbers[0])
        if not any(fields):
            raise InputError(f"{self.name} is empty", hint="a row of numbers per sample is meant")
        if b";" in head and all(DECIMAL_WITH_COMMA.fullmatch(field.strip()) for field in head.split(b";")):
            raise InputError(
                f"{self.name}, line {first.numbers[0]}: {head.split(b';')[0].decode()!r} is not a number",
                hint=DECIMAL_COMMA,
            )
        self.header = self._header(fields)
        body = first.cut(1)[1] if self.header is not None and self._keys is None else first
        if not body and not peek:
            body = reader.take(1)
        if not body:
            raise InputError(
                f"{self.name} has a header and no row of values", hint="--no-header says that its first row is one"
            )
        reader.give_back(body)
        self._whole_width = len(fields)
        self.chosen = self._chosen(len(fields))
        self.width = len(self.chosen)
        if self.header is not None:
            self.names = tuple(self.header[i] for i in self.chosen)
        self.dimensions = 1 if peek and len(body) == 1 and self.width > 1 else 2
        self.hint = None
        self._block = NO_LINES
        self._first = self._taken = 0
        self._runs: list[tuple[int, int]] | None = []
        self._left: Array = np.zeros(0)
        self._made_matcher: Matcher | None = None

    # -- the first line

    def _fields(self, text: bytes, line: int) -> list[str]:
        """The fields of a line, names and numbers alike."""
        where = f"{self.name}, line {line}"
        if text.lstrip()[:1] == b"{":
            self._keys, fields = object_fields(text, self._keys, where)
            return fields
        if self.reader.json_rows and b'"' in text:
            return json_fields(text, where)
        if self._bracketed and not _is_bracketed(text):
            raise InputError(f"{where}: a bracket is missing at one end of this row")
        plain = _decoded(_bare(text) if self._bracketed else text, where)
        return fields_of(plain.translate(vector.LOOKALIKES) if self._wide else plain, self.delimiter)

    def _header(self, fields: list[str]) -> list[str] | None:
        """The names of the columns: the keys of objects, or the first line if it is one."""
        if self._keys is not None:
            return self._keys
        if self._bracketed or self.layout.header is False:
            return None
        if self.layout.header or not self._looks_like_data(fields):
            return [field.removeprefix("'") if field[1:2] in ("=", "+", "-", "@", "'") else field for field in fields]
        return None

    def _looks_like_data(self, fields: list[str]) -> bool:
        """Whether a first line holds values: only numbers, or in a column of labels a class name."""
        names = self.layout.names or ()
        return all(is_number(field) or field in names for field in fields)

    def _chosen(self, width: int) -> list[int]:
        """The positions of the columns that are meant."""
        if self.layout.columns is not None:
            return columns.chosen(self.layout.columns, self.header, width, self.name)
        left_out = self.layout.left_out
        return [i for i in range(width) if self.header is None or self.header[i] != left_out]

    # -- blocks

    def _take(self, n: int) -> Lines:
        """The next n lines, remembered for errors."""
        self._first = self._taken
        self._block = self.reader.take(n)
        self._taken += len(self._block)
        self._remember_lines()
        return self._block

    def _remember_lines(self) -> None:
        """Notes where samples and lines stop running in step: at blank lines, comments and quoted line ends."""
        numbers = self._block.numbers
        if self._runs is None or not len(numbers):
            return
        starts = [0]
        if numbers[-1] - numbers[0] != len(numbers) - 1:
            starts += (np.flatnonzero(np.diff(np.asarray(numbers)) != 1) + 1).tolist()
        for i in starts:
            if not self._runs or self._runs[-1][1] - self._runs[-1][0] != numbers[i] - self._first - i:
                self._runs.append((self._first + i, numbers[i]))
        if len(self._runs) > MOST_RUNS:
            self._runs = None

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        if not self._take(n):
            return None
        values = self._plain_rows()
        if values is None:
            parsed = [self._numbers(i) for i in range(len(self._block))]
            values = np.array([[number.value for number in row] for row in parsed], dtype=np.float64)
        if self._first == 0:
            self.fewest_decimals = min(self._decimals(i) for i in range(min(8, len(values))))
        return Rows(values, lambda i: vector.tolerance(self._decimals(i), self.width))

    def _plain_rows(self) -> Array | None:
        """The block as numbers, if all its fields are plain decimal ones and all its rows as long as the first."""
        if self._is_a_table():
            values = table(self._block.text, self.delimiter.encode(), self.width)
        else:
            fields = self._plain_fields()
            values = None if fields is None else table(b",".join(fields) + b"\n", b",", len(fields))
        return None if values is None or not np.isfinite(values).all() else values.reshape(-1, self.width)

    def _is_a_table(self) -> bool:
        """Whether the block may be read as it is: nothing but decimals, and not so much text of each that copies would fill the memory."""
        return (
            self._keys is None
            and not (self._wide or self._bracketed)
            and self.delimiter != " "
            and self.chosen == list(range(self._whole_width))
            and self._block.size <= LONGEST_PLAIN * self.width * len(self._block)
        )

    def _plain_fields(self) -> list[bytes] | None:
        """The fields of the chosen columns, one row after the other; None where a line needs a closer look."""
        texts = self._block.texts
        if self._keys is not None or self._wide:
            return None
        if self._bracketed:
            if not all(map(_is_bracketed, texts)):
                return None
            texts = [_bare(text) for text in texts]
        delimiter = None if self.delimiter == " " else self.delimiter.encode()
        rows = [text.split(delimiter) for text in texts]
        if any(len(row) != self._whole_width for row in rows) or any(b'"' in text for text in texts):
            return None
        return [row[i] for row in rows for i in self.chosen]

    def _texts(self, i: int) -> list[str]:
        """The fields of the chosen columns of a row of the block, or the error for a row of the wrong length."""
        fields = self._fields(self._block.texts[i], self._block.numbers[i])
        if len(fields) != self._whole_width:
            were = "1 value" if len(fields) == 1 else f"{len(fields)} values"
            raise InputError(
                f"{self._line(i)} has {were} and the first line has {self._whole_width}",
                place=self._whole_line(i),
                hint="every row needs as many values" if fields else None,
            )
        return [fields[k] for k in self.chosen]

    def _numbers(self, i: int) -> list[Number]:
        """A row of the block as numbers, or the error for the field that is none."""
        return [self._number(i, k, text) for k, text in enumerate(self._texts(i))]

    def _number(self, i: int, k: int, text: str) -> Number:
        """One field as a number."""
        try:
            return number(text)
        except TooLargeError:
            raise self._wrong(i, k, f"{vector.shortened(text)} is too large for a 64-bit float", None) from None
        except NotANumberError:
            raise self._wrong(
                i,
                k,
                f"{vector.shortened(text)!r} is not a number" if text else "a value is missing",
                self._guess(text, i + self._first == 0),
            ) from None

    def _guess(self, text: str, is_first: bool) -> str | None:
        """What to do about a field that is no number."""
        whole = self.layout.columns is None and self._whole_width > 1
        if self.header is not None and whole and is_first and not text.lower().startswith("nan"):
            return f"name the columns that hold the values, as in {self.name}:{self.header[-1]}"
        if self.delimiter == ";" and "," in text:
            return DECIMAL_COMMA
        return vector.guess(text)

    def _wrong(self, i: int, k: int, says: str, hint: str | None) -> InputError:
        """The error for a field: file, line and column."""
        column = f"column {self.chosen[k] + 1}" + (f" ({self.header[self.chosen[k]]})" if self.header else "")
        return InputError(f"{self._line(i)}, {column}: {says}", place=self._field_place(i, k), hint=hint)

    def _decimals(self, i: int) -> int:
        """The digits after the point of the longest value of a row."""
        return max(number.decimals for number in self._numbers(i))

    # -- vectors and labels

    def vector(self, n: int) -> Array | None:
        """The next n values of a column, or those of the only row."""
        if self.width > 1:
            return self._only_row(n)
        rows = self.rows(n)
        return None if rows is None else rows.values[:, 0]

    def _only_row(self, n: int) -> Array | None:
        """A vector that stands in one row."""
        if self.dimensions != 1:
            raise InputError(f"{self.name} has {self.width} columns; a vector is meant", hint=self._column_hint())
        if self._taken == 0 and (rows := self.rows(1)) is not None:
            self._left = rows.values[0]
        return self._next_left(n)

    def _only_row_of_labels(self, n: int, matcher: Matcher) -> Array | None:
        """Labels that stand in one row."""
        if self.dimensions != 1:
            raise InputError(f"{self.name} has {self.width} columns; labels are meant", hint=self._column_hint())
        if self._taken == 0 and self._take(1):
            self._left = np.array([self._label(matcher, 0, k) for k in range(self.width)])
        return self._next_left(n)

    def _next_left(self, n: int) -> Array | None:
        """The next n values of the only row."""
        found, self._left = self._left[:n], self._left[n:]
        return found if len(found) else None

    def drain(self) -> int:
        """How many samples were left: lines, whatever is on them."""
        if self.dimensions == 1 and self._taken:
            return len(self._left)
        count = 0
        while lines := self.reader.take(BLOCK_OF_LINES):
            count += len(lines)
        return count

    def _column_hint(self) -> str:
        """How to name one column."""
        last = self.header[-1] if self.header else "1"
        return f"name one column, as in {self.name}:{last}"

    def labels(self, n: int, names: Sequence[str] | None, ignore: int | None) -> Array | None:
        """The next n labels: numbers, or class names."""
        matcher = self._matcher(names, ignore)
        if self.width > 1:
            return self._only_row_of_labels(n, matcher)
        if not self._take(n):
            return None
        values = self._plain_rows()
        if values is not None:
            column = values[:, 0]
            return (
                np.array([self._by_value(matcher, i, v) for i, v in enumerate(column)]) if matcher.by_names else column
            )
        return np.array([self._label(matcher, i) for i in range(len(self._block))])

    def _matcher(self, names: Sequence[str] | None, ignore: int | None) -> Matcher:
        """The matcher of labels to class names, made once."""
        self._made_matcher = self._made_matcher or Matcher(names, ignore)
        return self._made_matcher

    def _by_value(self, matcher: Matcher, i: int, value: float) -> float:
        """The index of a numeric class name."""
        try:
            return matcher.by_value(float(value))
        except UnknownLabelError:
            raise matcher.unknown(self._texts(i)[0], self._line(i), self._field_place(i, 0)) from None

    def _label(self, matcher: Matcher, i: int, k: int = 0) -> float:
        """The index of one label."""
        text = self._texts(i)[k]
        try:
            return matcher.index(text)
        except UnknownLabelError:
            raise matcher.unknown(text, self._line(i), self._field_place(i, k)) from None

    def texts(self, n: int) -> list[str] | None:
        """The next n values of a column as they are written: ids."""
        if self.width != 1:
            raise InputError(f"{self.name} has {self.width} columns; one is meant", hint=self._column_hint())
        if not self._take(n):
            return None
        return [self._texts(i)[0] for i in range(len(self._block))]

    def are_several(self) -> bool:
        """Whether there is a second row."""
        first = self.reader.take(2)
        self.reader.give_back(first)
        return len(first) > 1

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """Whether a column, or the only row, holds labels by name: its first values say so."""
        if not names or (self.width != 1 and self.dimensions != 1):
            return False
        first = self.reader.take(1)
        self.reader.give_back(first)
        if not first:
            return False
        fields = self._fields(first.texts[0], first.numbers[0])
        return len(fields) == self._whole_width and any(not is_number(fields[k]) for k in self.chosen)

    # -- what errors call things

    def _line(self, i: int) -> str:
        """A line of the block, as errors call it."""
        return f"{self.name}, line {self._block.numbers[i]} (sample {self._first + i + 1})"

    def where(self, sample: int) -> str:
        """The line of a sample, and its number."""
        i = sample - self._first
        if 0 <= i < len(self._block):
            return self._line(i)
        return f"sample {sample + 1} of {self.name}"

    def found_at(self, sample: int) -> str | None:
        """The line of any sample that was read, unless too many lines hold none."""
        if not self._runs or self.dimensions == 1:
            return None
        first, line = self._runs[bisect_right(self._runs, (sample, sys.maxsize)) - 1]
        return f"line {line + sample - first}"

    def place(self, sample: int, column: int | None = None) -> Place | None:
        """The line, or one of its fields."""
        i = sample - self._first
        if not 0 <= i < len(self._block):
            return None
        return self._whole_line(i) if column is None else self._field_place(i, column)

    def _whole_line(self, i: int) -> Place:
        """A line of the block to underline."""
        text = self._block.texts[i].decode("utf-8", "replace")
        return Place(text, 0, len(text))

    def _field_place(self, i: int, k: int) -> Place:
        """A field of a line to underline; the whole line where its fields can't be told apart simply."""
        whole = self._whole_line(i)
        if self._keys is not None or '"' in whole.text or self.delimiter == " " or self._bracketed:
            return whole
        parts = whole.text.split(self.delimiter)
        position = self.chosen[min(k, len(self.chosen) - 1)]
        if position >= len(parts):
            return whole
        start = sum(len(part) + 1 for part in parts[:position])
        return Place(whole.text, start, start + max(1, len(parts[position])))


def _is_bracketed(text: bytes) -> bool:
    """Whether a row stands in brackets."""
    bare = text.strip().rstrip(b",;")
    return (bare[:1], bare[-1:]) in ((b"[", b"]"), (b"(", b")"))


def _bare(text: bytes) -> bytes:
    """A bracketed row without its brackets."""
    bare = text.strip().rstrip(b",;").strip()
    for _ in range(2):
        bare = bare[1:] if bare[:1] in (b"[", b"(") else bare
        bare = bare[:-1] if bare[-1:] in (b"]", b")") else bare
    return bare.strip()


def _decoded(text: bytes, where: str) -> str:
    """UTF-8 text, or the error that says where it is none."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: byte {error.start + 1} is not UTF-8 text", hint="save the file as UTF-8") from error


def _delimiter(line: bytes, bracketed: bool) -> str:
    """What stands between the fields of a line: a tab, a comma, a semicolon, or blanks."""
    line = QUOTED.sub(b"", line)
    if bracketed:
        return "," if b"," in line else " "
    most = max(DELIMITERS, key=lambda delimiter: line.count(delimiter.encode()))
    if most.encode() in line:
        return most
    return " " if b" " in line.strip() else ","
