"""JSON and JSON Lines as tables.

A whole `.json` file is held in memory, so its size is bounded; JSON Lines are read block by block, by pyarrow where they are long
and it is installed, else by the module `json`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

from cecli.errors import InputError, Place
from cecli.reading import by_arrow, json_keys, json_objects, json_rows
from cecli.reading.delimited import MOST_SEEN
from cecli.reading.lines import LineReader, Lines, count_lines
from cecli.reading.raw_text import BROKEN, broken_off
from cecli.reading.tables import TEXT, Cut, Piece, Table, Wanted, places_of
from cecli.reading.vector import TooLargeError

MOST_JSON = 1 << 26
"""At most so many bytes of a `.json` file."""
ROWS_AT_ONCE = 1 << 14


class JsonTable(Table):
    """Rows of JSON values: lists, or objects."""

    def __init__(
        self, name: str, rows: Sequence[Any], names: Sequence[str] | None = None, lines: Lines | None = None
    ) -> None:
        super().__init__(name)
        if not rows:
            raise InputError(f"{name} is empty", hint="give a row of numbers for each sample")
        self.unordered = json_rows.has_scores(rows[0])
        self._seen = self._normal(rows[:MOST_SEEN], lines, 0)
        self.fields = json_rows.fields_of(self._seen, name, names is not None or isinstance(self._seen[0], dict))
        if not self.fields:
            raise InputError(f"{name} is empty", hint="give a row of numbers for each sample")
        self.keys_move = not json_rows.in_one_order(self._seen, self.fields)
        if self.unordered:
            by_name = {field.name: field for field in self.fields}
            self.fields = [by_name[name] for name in json_rows.by_their_numbers([*by_name])]
        if names is not None:
            self.names = tuple(".".join(map(str, (names[field.path[0]], *field.path[1:]))) for field in self.fields)
        elif isinstance(self._seen[0], dict):
            self.names = tuple(field.name for field in self.fields)
            self.objects = [".".join(map(str, field.path[:-1])) for field in self.fields]
        self._firsts: dict[int, list[str]] = {}
        self.kinds = [field.kind for field in self.fields]
        self.sizes = [field.size for field in self.fields]

    def _normal(self, rows: Sequence[Any], lines: Lines | None, first: int) -> Sequence[Any]:
        """Rows in which labels with scores are objects."""
        if self.unordered:
            return [json_rows.scored(row, self._where(i, lines, first)) for i, row in enumerate(rows)]
        return (
            rows
            if isinstance(rows[0], (list, dict))
            else [row if isinstance(row, (list, dict)) else [row] for row in rows]
        )

    def first(self, column: int) -> list[str]:
        """A column of the first rows."""
        if column not in self._firsts:
            self._firsts[column] = json_rows.texts_of(self._seen, self.fields[column])
        return self._firsts[column]

    def _piece(self, rows: Sequence[Any], wanted: Wanted, lines: Lines | None, first: int) -> Piece:
        rows = self._normal(rows, lines, first)
        labels = [c for c in wanted.labels if c not in wanted.numbers]
        words = {c: json_rows.texts_of(rows, self.fields[c]) for c in wanted.words}
        numeric = list(wanted.numbers)
        for c in labels:
            if self.fields[c].kind != TEXT and json_rows.columns_of(rows, [self.fields[c]]) is not None:
                numeric.append(c)
            else:
                words[c] = json_rows.texts_of(rows, self.fields[c])
        values = json_rows.columns_of(rows, [self.fields[c] for c in numeric])
        if values is None or _has_other_width(rows, self.names is None):
            values = self._closely(rows, numeric, wanted.loose, lines, first)
        self._require_known(rows, wanted, lines, first)
        places = places_of(numeric, self.sizes)
        self._require_finite(values, lines)
        return Piece(len(rows), values, places, words, None if lines is None else lines.numbers, rows)

    def _closely(
        self, rows: Sequence[Any], columns: Sequence[int], loose: Collection[int], lines: Lines | None, first: int
    ) -> np.ndarray:
        found = []
        for i, row in enumerate(rows):
            where = self._where(i, lines, first)
            if self.names is None and isinstance(row, list) and len(row) != len(self.fields):
                raise InputError(
                    f"{where} has {len(row)} {'value' if len(row) == 1 else 'values'} and the first has {len(self.fields)}",
                    hint="every row needs the same number of values",
                )
            if self.names is not None and not isinstance(row, (dict, list)):
                raise InputError(f"{where} is not a JSON object, and the first row is")
            found.append([value for c in columns for value in self._numbers(row, c, where, c in loose)])
        return np.array(found, dtype=np.float64).reshape(len(rows), sum(self.sizes[c] for c in columns))

    def _require_known(self, rows: Sequence[Any], wanted: Wanted, lines: Lines | None, first: int) -> None:
        """The error for a key that the first row lacks, in an object of which all columns are used."""
        for prefix, keys in self._whole_objects():
            objects = [json_rows.value_at(row, prefix) for row in rows] if prefix else rows
            for i, each in enumerate(objects):
                if isinstance(each, dict) and len(each) > len(keys):
                    extra = next(key for key in each if key not in keys)
                    raise InputError(
                        f"{self._where(i, lines, first)} has {extra!r}, which the first row does not have",
                        hint=f"name the columns to use, as in {self.choosing(wanted.all)}",
                    )

    def _require_single(self, found: Sequence[json_keys.Twice], wanted: Wanted, lines: Lines | None) -> None:
        """The error for a key that stands twice in an object, and leads to a column in use or stands in one."""
        used = [tuple(map(str, self.fields[c].path)) for c in wanted.all]
        for each in found:
            if any(path[: len(each.path)] == each.path[: len(path)] for path in used):
                raise json_keys.stands_twice(each.key, self._where(each.value, lines, 0))

    def _whole_objects(self) -> Iterator[tuple[json_rows.Path, set[Any]]]:
        """The objects of which all columns are used, by the keys that lead to them, with their own keys."""
        paths = [field.path for field in self.fields]
        for prefix in dict.fromkeys(path[:k] for path in paths for k in range(len(path))):
            name = ".".join(map(str, prefix))
            if self.names is not None and any(
                name == whole or name.startswith(f"{whole}.") or not whole for whole in self.whole
            ):
                yield prefix, {path[len(prefix)] for path in paths if path[: len(prefix)] == prefix}

    def _numbers(self, row: Any, column: int, where: str, is_loose: bool) -> list[float]:
        """The numbers of a field, or the error for the first value that is not one; NaN where what it is may not matter."""
        try:
            return json_rows.values_of(row, self.fields[column], where, self.title(column), self.unordered)
        except InputError as error:
            if not is_loose:
                raise InputError(error.message, hint=self.numeric_hint(column) or error.hint) from None
        self.has_refused = True
        return [math.nan] * self.sizes[column]

    def numeric_hint(self, column: int) -> str | None:
        """How to name the columns that hold numbers; or how a pipeline gives more than the label with the best score."""
        if (keys := json_rows.keys_of_score(self.names or ())) is not None and not self.unordered:
            return f"{json_rows.ALL_SCORES}; {self.typed}:{keys[0]} is the predicted labels"
        return super().numeric_hint(column)

    def _where(self, i: int, lines: Lines | None, first: int) -> str:
        return (
            f"{self.name}, line {lines.numbers[i]}" if lines is not None else f"sample {first + i + 1} of {self.name}"
        )

    def _require_finite(self, values: np.ndarray, lines: Lines | None) -> None:
        """The error for a number that became infinite because it is too large."""

    def shown(self, piece: Piece, i: int, column: int, k: int) -> str | None:
        """A value as it is written."""
        if piece.raw is None:
            return None
        row = piece.raw[i]
        value = json_rows.value_at(row if isinstance(row, (dict, list)) else [row], self.fields[column].path)
        value = value[k] if isinstance(value, list) and k < len(value) else value
        return value if isinstance(value, str) else json_rows.written(value)


class JsonFile(JsonTable):
    """A whole JSON text."""

    def __init__(self, text: bytes, name: str) -> None:
        with _bounded_depth(name):
            value, text = _loaded(text, name)
            rows, names = json_objects.rows_of(value, name)
            if rows is not value and (found := json_keys.twice(b"[%b]" % text, [value])):
                raise json_keys.stands_twice(found[0].key, name)
            super().__init__(name, rows, names)
            self._twice = json_keys.twice(text, rows) if rows is value else []
        self._rows, self._text = rows, text
        self.one_row = len(rows) == 1 and sum(self.sizes) > 1
        self.length = len(rows)

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """The rows, some thousands at a time."""
        self._require_single(self._twice, wanted, None)
        for first in range(0, len(self._rows), ROWS_AT_ONCE):
            yield self._piece(self._rows[first : first + ROWS_AT_ONCE], wanted, None, first)

    def _require_finite(self, values: np.ndarray, lines: Lines | None) -> None:  # noqa: ARG002
        if np.isinf(values).any():
            _strictly(self._text, self.name)


class JsonLines(JsonTable):
    """A JSON value on each line."""

    def __init__(self, reader: LineReader, wait: int = 3) -> None:
        self.reader, self.name = reader, reader.name
        seen = reader.look(wait).cut(MOST_SEEN)[0]
        with _bounded_depth(reader.name):
            super().__init__(reader.name, self._rows(seen, _as_list(seen)), lines=seen)
        self.one_row = wait > 1 and len(seen) == 1 and sum(self.sizes) > 1

    def _rows(self, lines: Lines, text: bytes) -> list[Any]:
        """The values of lines, read in one go as the `text` of a list."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return [self._row(text, line) for text, line in zip(lines.texts, lines.numbers, strict=True)]
        if len(found) != len(lines):
            return [self._row(text, line) for text, line in zip(lines.texts, lines.numbers, strict=True)]
        return list(found)

    def _row(self, text: bytes, line: int) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{self.name}, line {line} is not valid JSON: {_said(error)}") from error

    def cuts(self, size: int) -> list[Cut]:
        """Starts of lines."""
        return self.reader.cuts(size)

    def begin(self, at: int, stop: int | None = None, line: int = 1) -> None:
        """The lines from a byte on."""
        if at or stop is not None:
            self.reader = self.reader.between(at, stop, line)

    @property
    def lines_read(self) -> int:
        """As the reader says."""
        return self.reader.next_line - 1

    def count(self) -> tuple[int, int]:
        """The lines of data are the rows."""
        return count_lines(self.reader), self.lines_read

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """The rows, block by block."""
        self._seen = self._seen[:1]
        schema = None if self.unordered else self._schema(wanted)
        first = 0

        def quick(lines: Lines) -> Piece | None:
            return self._by_arrow(lines, wanted, schema) if schema is not None and self.reader.is_long else None

        for lines, piece in self.ahead.of(self.reader.size).read(quick, self.reader.blocks()):
            yield piece or self._by_json(lines, wanted, first)
            first += len(lines)

    def _by_json(self, lines: Lines, wanted: Wanted, first: int) -> Piece:
        """A block read by the module `json`."""
        with _bounded_depth(self.name):
            rows = self._rows(lines, text := _as_list(lines))
            self._require_single(json_keys.twice(text, rows), wanted, lines)
            return self._piece(rows, wanted, lines, first)

    def _schema(self, wanted: Wanted) -> dict[int, str] | None:
        """What each column is for pyarrow; None where it can't read them: lists without names."""
        if (
            self.names is None
            or any(
                len(field.path) > 1
                for field in (self.fields if "" in self.whole else [self.fields[c] for c in wanted.all])
            )
            or set(wanted.numbers) & set(wanted.words)
        ):
            return None
        return dict(enumerate(self.kinds)) if "" in self.whole else {c: self.kinds[c] for c in wanted.all}

    def _by_arrow(self, lines: Lines, wanted: Wanted, schema: dict[int, str]) -> Piece | None:
        """A block read by pyarrow, or None where it refuses."""
        from cecli.reading.columnar import piece_of, types_of

        types = types_of({self.fields[c].name: kind for c, kind in schema.items()})
        table = by_arrow.json_table(
            lines.text, types, may_have_more="" not in self.whole, use_threads=self.ahead.at_once > 1
        )
        if table is None or table.num_rows != len(lines) or any(column.null_count for column in table.columns):
            return None
        found = piece_of(table, {c: self.fields[c].name for c in schema}, self.sizes, wanted)
        if found is None or np.isinf(found.numbers).any():
            return None
        found.lines, found.raw = lines.numbers, _Later(lines)
        return found

    def _require_finite(self, values: np.ndarray, lines: Lines | None) -> None:
        for i in np.flatnonzero(np.isinf(values).any(axis=1)).tolist():
            assert lines is not None
            _strictly(lines.texts[i], f"{self.name}, line {lines.numbers[i]}")

    def place(self, piece: Piece, i: int, column: int | None) -> Place | None:  # noqa: ARG002
        """Nothing: the line may be very long."""
        return None


@contextmanager
def _bounded_depth(name: str) -> Iterator[None]:
    """The error for values that are nested deeper than Python goes."""
    try:
        yield
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply: give a row of numbers for each sample") from error


def _as_list(lines: Lines) -> bytes:
    """Lines of JSON as one list."""
    return b"[%b]" % lines.text[:-1].replace(b"\n", b",")


class _Later(Sequence[Any]):
    """The rows of lines, each read when it is asked for."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, i: Any) -> Any:
        return json.loads(self._lines.texts[i])


def read_json(stream: BinaryIO, name: str) -> bytes:
    """All of a JSON text, unless it is too long."""
    try:
        text = stream.read(MOST_JSON + 1)
    except BROKEN as error:
        raise broken_off(name, error) from error
    if len(text) > MOST_JSON:
        raise InputError(
            f"{name} is JSON of more than {MOST_JSON >> 20} MiB",
            hint="write long data as JSON Lines, a row on each line, with the ending .jsonl",
        )
    return bytes(text)


def _loaded(text: bytes, name: str) -> tuple[Any, bytes]:
    """The value of a JSON text, and the text; of values on lines, those of a list."""
    try:
        return json.loads(text.decode()), text
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", hint="save the file as UTF-8") from error
    except ValueError as error:
        if not text.strip():
            raise InputError(f"{name} is empty", hint="give a row of numbers for each sample") from error
        if (rows := _rows_on_lines(text)) is not None:
            return rows, b"[%b]" % b",".join([line for line in text.splitlines() if line.strip()])
        hint = "JSON has double quotes: json.dump writes it" if re.match(rb"\s*[\[{][\s\[{]*'", text) else None
        raise InputError(f"{name} is cut off, or not valid JSON: {_said(error)}", hint=hint) from error


def _rows_on_lines(text: bytes) -> list[Any] | None:
    """The values of JSON Lines, which Spark and pandas write with the ending .json too; None where a line is not JSON."""
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _has_other_width(rows: Sequence[Any], are_lists: bool) -> bool:
    """Whether lists have different lengths, or other than lists."""
    return are_lists and (
        not isinstance(rows[0], list) or len({len(row) if isinstance(row, list) else -1 for row in rows}) > 1
    )


def _strictly(text: bytes, where: str) -> None:
    """The error for a number of a JSON text that is too large for float64."""

    def checked(digits: str) -> float:
        if math.isinf(value := float(digits)):
            raise TooLargeError(digits)
        return value

    try:
        json.loads(text, parse_float=checked)
    except TooLargeError as error:
        raise InputError(f"{where}: {str(error)[:60]} is too large for a 64-bit float") from None


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    near = error.doc[error.pos : error.pos + 20] if isinstance(error, json.JSONDecodeError) else ""
    return str(error)[:80] + (f", at {near!r}" if near else "")
