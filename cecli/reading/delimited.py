"""Text files and pipes as tables: lines become rows of numbers and texts, block by block.

There are three ways to read a block, and all give the same numbers: pyarrow, for long texts where it is installed; `numpy.loadtxt`;
and row by row with the typed grammar, which knows fractions, percentages and what is wrong where. Each leaves to the next what it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

import numpy as np

from cecli.errors import InputError, Place
from cecli.reading import by_arrow, by_loadtxt, commas, headers, other_texts, passed_over, row_fields, vector
from cecli.reading.ahead import Reading
from cecli.reading.fields import Grammar, excel_delimiter, header_name, with_point
from cecli.reading.lines import LineReader, Lines, count_lines
from cecli.reading.missing import is_missing
from cecli.reading.tables import EMPTY, LIST, NUMBER, TEXT, Cut, Piece, Table, Use, Wanted, places_of
from cecli.reading.vector import NotANumberError, TooLargeError, is_number, number
from cecli.record import Record

MOST_TITLES = 10
"""Lines of titles, or of names, that may stand before the header, at most."""
MOST_SEEN = 200
"""Rows that are looked at before the columns are known, at most: those of a file, and of a pipe those that are there."""


class Layout(Record):
    """What is said of a text source beforehand."""

    delimiter: str | None = None
    header: bool | None = None
    decimal_comma: bool = False
    piped: bool = False
    """Whether it is standard input, which is never refused for a doubtful header."""
    wait: int = 3
    """How many rows may be waited for before any is answered: 1 where lines are answered as they come."""


class TextTable(Table):
    """Rows of text, each a line."""

    may_have_header = True

    def __init__(self, reader: LineReader, layout: Layout) -> None:
        super().__init__(reader.name)
        self.reader, self.layout = reader, layout
        seen = reader.look(layout.wait)
        self._before = 0
        """Lines in front of the rows: a header, and what Excel writes."""
        if seen and (delimiter := excel_delimiter(seen.texts[0])) is not None:
            self._before = 1
            self.layout = layout = layout.replace(delimiter=delimiter)
            reader.take(1)
            seen = reader.look(layout.wait)
        if not seen:
            raise self._empty()
        if layout.delimiter is None:  # what is said to be a table is one
            other_texts.refuse(seen.texts[:MOST_SEEN], self.name)
        self.grammar = Grammar(seen.texts[0], self.name, layout.delimiter, seen.texts[1] if len(seen) > 1 else b"")
        seen = seen.cut(MOST_SEEN)[0]
        self._rows = [self._fields(text, line) for text, line in zip(seen.texts, seen.numbers, strict=True)]
        if not any(map(any, self._rows)):
            raise self._empty()
        commas.require_said(self._rows[0], self.grammar.delimiter, f"{self.name}, line {seen.numbers[0]}")
        if not self.layout.decimal_comma and self.grammar.delimiter == ",":
            commas.require_one_row(self._rows[0], f"{self.name}, line {seen.numbers[0]}")
        self.widest = self._row_width()
        self.header = False
        if layout.header is None:
            self.names = headers.names_in_comment(reader.comment(), self.grammar, self.widest)
            self.names_in_comment = self.names is not None
        self._columns_known()

    def _empty(self) -> InputError:
        return InputError(f"{self.name} is empty", hint="give a row of numbers for each sample")

    def _fields(self, text: bytes, line: int) -> list[str]:
        fields = self.grammar.fields(text, line)
        if self.layout.decimal_comma:
            fields = [with_point(field) for field in fields]
        return fields

    def _row_width(self) -> int:
        """How many fields a row has: the header of R's row names is one shorter."""
        first = self._rows[0]
        wider = len(self._rows) > 1 and len(self._rows[1]) == len(first) + 1
        if wider and self.layout.header is not False and not any(map(is_number, first)):
            self._rows[0] = [*first, ""] if all(not row[-1] for row in self._rows[1:] if row) else ["", *first]
            self.row_names = self._rows[0][0] == ""
            return len(first) + 1
        return len(first)

    # -- the header

    def settle(self, uses: Sequence[Use]) -> None:
        """Decides whether the first row is a header, by the columns in use."""
        said = True if self.row_names else False if self.grammar.bracketed else self.layout.header
        whole, line = [row for row in self._rows if len(row) == self.widest], self.reader.look(1).numbers[0]
        self.header = headers.has_header(whole, uses, said, self.name, self.layout.piped, self.notes)
        if self.header:
            self.names, self.names_in_comment = tuple(map(header_name, self._rows[0])), False
            if said is None and not self.layout.piped:
                headers.require_one_level(self.names, whole[1:], self.name)
            self._drop_header()
        self._mention_passed_over(line)
        if self.layout.decimal_comma:
            columns, seen = {c for use in uses for c in use.positions}, self.reader.look(1).cut(MOST_SEEN)[0]
            commas.require_no_thousands(seen, self.grammar, columns, self.name)
        self._columns_known()

    def _mention_passed_over(self, line: int) -> None:
        """A note on lines without data that may have been rows; `line` is that of the first row."""
        above = line if self.header else 0  # nothing above a header is a row
        comments = [] if self.grammar.bracketed else [each for each in self.reader.comments() if each[0] > above]
        found = [
            passed_over.said_of_blanks(self.reader.blank_lines() if self.widest == 1 else [], self.name),
            passed_over.said_of_comments(comments, line, self.widest, self.grammar.loose_fields, self.name),
        ]
        self.notes += filter(None, found)
        self.length_hint = "; ".join(filter(None, found)) or None

    def _drop_header(self) -> None:
        self._before += 1
        header = self.reader.take(2 if self.layout.wait > 1 else 1)
        body = header.cut(1)[1] or self.reader.take(1)
        if not body:
            raise InputError(
                f"{self.name} has a header and no row of values", hint="--no-header says that its first row is one"
            )
        self.reader.give_back(body)
        self._rows = self._rows[1:] or [self._fields(body.texts[0], body.numbers[0])]

    @property
    def first_row(self) -> list[str]:
        """The fields of the first row, header or not."""
        return self._rows[0]

    def hint_on_names(self, columns: Sequence[int]) -> str | None:
        """How to say that the first row is a header, where nobody said that it is not."""
        if self.header or self.layout.header is not None:
            return None
        return headers.hint_on_names([[row[c] for c in columns if c < len(row)] for row in self._rows])

    def _columns_known(self) -> None:
        """Says what the columns hold, from the rows that were seen."""
        columns = [self.first(column) for column in range(self.widest)]
        self.kinds = [_kind(texts) for texts in columns]
        firsts = {c: _first(columns[c]) for c, kind in enumerate(self.kinds) if kind == LIST}
        named = {c: row_fields.keys_of(text) for c, text in firsts.items()}
        self.keys = {c: keys for c, keys in named.items() if keys is not None}
        self.unordered = any(map(row_fields.is_unordered, firsts.values()))
        self.keys_move = any(row_fields.keys_move(columns[c]) for c in self.keys)
        self.mixed = {c for c, kind in enumerate(self.kinds) if kind == TEXT and any(map(is_number, columns[c]))}
        self.sizes = [1] * self.widest
        for c, text in firsts.items():
            self.sizes[c] = len(self.keys[c] if c in self.keys else row_fields.words(text))
        self.trailing = self._empty_at_the_end(columns)
        self.one_row = self.layout.wait > 1 and len(self._rows) == 1 and self.widest > 1

    def _empty_at_the_end(self, columns: Sequence[Sequence[str]]) -> list[int]:
        """The last column where it holds nothing, and those before it that hold nothing and have no name."""
        last = self.widest - 1
        empty = takewhile(
            lambda c: not any(columns[c]) and (c == last or (self.names is not None and not self.names[c])),
            range(last, 0, -1),
        )
        return sorted(empty)

    def first(self, column: int) -> list[str]:
        """A column of the rows that were seen."""
        return [row[column] for row in self._rows if column < len(row)]

    # -- the rows

    def cuts(self, size: int) -> list[Cut]:
        """Starts of lines."""
        return self.reader.cuts(size)

    def begin(self, at: int, stop: int | None = None, line: int = 1) -> None:
        """The lines from a byte on."""
        if at == 0 and stop is None:
            return
        self.reader = self.reader.between(at, stop, line)
        if at == 0:
            self.reader.take(self._before)

    @property
    def lines_read(self) -> int:
        """As the reader says."""
        return self.reader.next_line - 1

    def count(self) -> tuple[int, int]:
        """The lines of data are the rows."""
        return count_lines(self.reader), self.lines_read

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """All rows, block by block, each by the quickest way that takes it."""
        self._rows = self._rows[:1]
        labels_are_texts = {column for column in wanted.labels if self.kinds[column] in (TEXT, LIST)}
        self.left_out = [column for column in self.left_out if column not in wanted.all]

        def columns() -> tuple[list[int], list[int]]:
            numbers = {*wanted.numbers} | ({*wanted.labels} - labels_are_texts)
            return [*(c for c in wanted.all if c in numbers), *self.left_out], [*wanted.words, *labels_are_texts]

        ahead = self.ahead.of(self.reader.size)
        loadtxt = by_loadtxt.columns if self._suits_arrow else ahead.by_loadtxt(self.reader.size)
        blocks = ((lines, columns()) for lines in self.reader.blocks())
        for (lines, asked), found in ahead.read(lambda block: self._quick(block[0], *block[1], loadtxt), blocks):
            # labels of a block before it were texts, which was not known when it was read ahead
            quick = found if asked == columns() else self._quick(lines, *columns(), loadtxt)
            if quick is not None and np.isnan(quick.values(self.left_out)).all():
                yield quick
            else:
                yield (piece := self._by_grammar(lines, wanted))
                labels_are_texts |= {column for column in wanted.labels if column in piece.words}

    @property
    def _suits_arrow(self) -> bool:
        """Whether pyarrow is worth its loading and takes the delimiter."""
        return self.reader.is_long and self.grammar.delimiter != " "

    def _quick(self, lines: Lines, numbers: list[int], words: list[int], loadtxt: Reading) -> Piece | None:
        """A block read by pyarrow or `loadtxt`; None where they refuse it."""
        if any(self.kinds[column] == LIST for column in numbers):
            return None
        text = self.grammar.plain(lines.text, lines.texts if self.grammar.bracketed else None)
        if text is None or (self.layout.decimal_comma and (words or b'"' in text or self.grammar.delimiter == ",")):
            return None
        if self.layout.decimal_comma:
            text = text.replace(b",", b".")
        found, block = None, (text, self.grammar.delimiter, self.widest, numbers, words)
        if self._suits_arrow and lines.ends is not None:
            found = by_arrow.csv_columns(*block, use_threads=self.ahead.at_once > 1)
        if found is None:
            found = loadtxt(*block)
        if found is None:
            return None
        values, texts = found
        if len(values) != len(lines) or not self._checked_infinite(values, lines, numbers):
            return None
        return Piece(
            len(lines), values, {c: slice(k, k + 1) for k, c in enumerate(numbers)}, texts, lines.numbers, lines
        )

    def _checked_infinite(self, values: np.ndarray, lines: Lines, numbers: list[int]) -> bool:
        """Whether all that is infinite was written so, and is not a number too large for float64."""
        infinite = np.isinf(values)
        for i in np.flatnonzero(infinite.any(axis=1)).tolist() if infinite.any() else ():
            fields = self._fields(lines.texts[i], lines.numbers[i])
            if any(not _is_infinite(fields[c]) for k, c in enumerate(numbers) if infinite[i, k]):
                return False
        return True

    # -- row by row

    def _by_grammar(self, lines: Lines, wanted: Wanted) -> Piece:
        """A block read with the typed grammar, or the error for the first field that is wrong."""
        piece = Piece(len(lines), lines=lines.numbers, raw=lines)
        rows = [self._row(piece, i) for i in range(len(lines))]
        self._require_empty(rows, piece)
        labels = [c for c in wanted.labels if c not in wanted.numbers]
        named = [c for c in labels if not _all_numbers(rows, c)]
        texts = {c: [row[c] for row in rows] for c in [*wanted.words, *named]}
        numeric = [*wanted.numbers, *(c for c in labels if c not in named)]
        places = places_of(numeric, self.sizes)
        values = [
            [value for c in numeric for value in self._values(piece, i, c, row[c], c in wanted.loose)]
            for i, row in enumerate(rows)
        ]
        numbers = np.array(values, dtype=np.float64).reshape(len(rows), sum(self.sizes[c] for c in numeric))
        return Piece(len(lines), numbers, places, texts, lines.numbers, lines)

    def _row(self, piece: Piece, i: int) -> list[str]:
        """The fields of a row, or the error for a row of the wrong length."""
        lines: Lines = piece.raw
        fields = self._fields(lines.texts[i], lines.numbers[i])
        if len(fields) != self.widest:
            were = "1 value" if len(fields) == 1 else f"{len(fields)} values"
            raise InputError(
                f"{self.name}, line {lines.numbers[i]} has {were} and the first line has {self.widest - self.row_names}",
                place=self.place(piece, i, None),
                hint="every row needs the same number of values" if fields else None,
            )
        return fields

    def _require_empty(self, rows: Sequence[Sequence[str]], piece: Piece) -> None:
        """The error for a value in a last column that was left out because it was empty."""
        for i, c in ((i, c) for i, row in enumerate(rows) for c in self.left_out if row[c]):
            raise InputError(
                f"{self._line(piece, i)}, {self.title(c)}: {vector.shortened(rows[i][c])!r} is in a column that was empty so far",
                place=self.place(piece, i, c),
                hint=f"name the columns to use, as in {self.choosing(range(c))}",
            )

    def _values(self, piece: Piece, i: int, column: int, text: str, is_loose: bool) -> list[float]:
        """The numbers of a field, or the error for one that holds none; NaN where what it holds may not matter."""
        try:
            return [self._number(piece, i, column, item) for item in self._items(piece, i, column, text)]
        except InputError:
            if not is_loose:
                raise
        self.has_refused = True
        return [np.nan] * self.sizes[column]

    def _items(self, piece: Piece, i: int, column: int, text: str) -> list[str]:
        """What a field holds: one value, or those of a list or an object."""
        if self.kinds[column] != LIST:
            return [text]
        if is_missing(text):
            return [""] * self.sizes[column]
        where = f"{self._line(piece, i)}, {self.title(column)}"
        return row_fields.items(text, self.keys.get(column), self.sizes[column], where)

    def _number(self, piece: Piece, i: int, column: int, text: str) -> float:
        """One value as a number; NaN where it is missing."""
        try:
            return number(text).value
        except (NotANumberError, TooLargeError):
            if is_missing(text):
                return np.nan
        says, hint = vector.refused(text)
        raise InputError(
            f"{self._line(piece, i)}, {self.title(column)}: {says}",
            place=self.place(piece, i, column),
            hint=hint or self._hint_on_names(piece, i) or self.numeric_hint(column),
        )

    def _hint_on_names(self, piece: Piece, i: int) -> str | None:
        """What to do about a line of nothing but text below the header: the header once more, or the real one."""
        line, fields = piece.raw.numbers[i], self._fields(piece.raw.texts[i], piece.raw.numbers[i])
        if not self.header or len(fields) < 2 or not all(headers.is_text(each) or is_missing(each) for each in fields):
            return None
        if tuple(map(header_name, fields)) == self.names:
            return f"line {line} is the header once more: leave it out, or name the files apart, as the parts of one table: 'part*.csv'"
        if line > MOST_TITLES or not self._is_above_numbers(piece, i):
            return None
        return f"is line {line} the header? tail -n +{line} {self.typed} leaves out what stands before it"

    def _is_above_numbers(self, piece: Piece, i: int) -> bool:
        """Whether a line is the first of text, and has numbers right below it, as a header has."""
        rows = [self._fields(piece.raw.texts[k], piece.raw.numbers[k]) for k in range(min(i + 2, len(piece.raw)))]
        has_numbers = [any(map(is_number, row)) for row in rows]
        return has_numbers[i + 1 :] == [True] and not any(has_numbers[:i])

    def _line(self, piece: Piece, i: int) -> str:
        assert piece.lines is not None
        return f"{self.name}, line {piece.lines[i]}"

    # -- what errors show

    def shown(self, piece: Piece, i: int, column: int, k: int) -> str | None:
        """A value as it is written."""
        lines: Lines = piece.raw
        field = self.grammar.fields(lines.texts[i], lines.numbers[i])[column]
        try:
            return field if is_missing(field) else self._items(piece, i, column, field)[k]
        except InputError:
            return field

    def place(self, piece: Piece, i: int, column: int | None) -> Place | None:
        """The line, or one of its fields; the whole line where its fields can't be separated simply."""
        text = piece.raw.texts[i].decode("utf-8", "replace")
        whole = Place(text, 0, len(text))
        delimiter = self.grammar.delimiter
        if column is None or '"' in text or delimiter == " " or self.grammar.bracketed:
            return whole
        parts = text.split(delimiter)
        if column >= len(parts):
            return whole
        start = sum(len(part) + 1 for part in parts[:column])
        return Place(text, start, start + max(1, len(parts[column])))


def _is_infinite(text: str) -> bool:
    return text.lstrip("+-").lower() in ("inf", "infinity")


def _all_numbers(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column holds numbers, or missing values, in all rows."""
    return all(is_number(row[column]) or is_missing(row[column]) for row in rows)


def _kind(texts: Sequence[str]) -> str:
    given = [text for text in texts if not is_missing(text)]
    if not given:
        return EMPTY
    if all(map(row_fields.is_row, given)):
        return LIST
    return NUMBER if all(map(is_number, given)) else TEXT


def _first(texts: Sequence[str]) -> str:
    """The first value that is not missing."""
    return next(text for text in texts if not is_missing(text))
