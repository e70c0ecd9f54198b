"""Columns of a table as a source: predictions, targets, labels, weights, whatever kind of file they stand in."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cecli.errors import InputError, Place
from cecli.maths.namespace import Array, on_cpu
from cecli.reading import slips
from cecli.reading.arrays import as_computed
from cecli.reading.binary import ArrayTable
from cecli.reading.digits import RowTolerance, decimals_of_row
from cecli.reading.labels import LEFT_OUT, Ignored, Matcher, UnknownLabelError
from cecli.reading.missing import NO_GAPS, Gaps, is_missing, missing_of
from cecli.reading.seen_piece import SeenPiece
from cecli.reading.sources import LARGE, Rows, SeenSamples, Source
from cecli.reading.streams import Cursor, Stream
from cecli.reading.tables import TEXT, Piece, find_raw
from cecli.reading.vector import number_or_nan, refused, value_of
from cecli.record import Record, computed_once

SEEN = 8
"""Rows that say how many digits the values were written with."""


class Columns(Record):
    """The columns of a table that a source is made of."""

    stream: Stream
    positions: Sequence[int]
    names: tuple[str, ...] | None = None
    """What they are called as classes."""
    gaps: Gaps = NO_GAPS
    """Which samples with missing values are marked, instead of being an error."""
    inner: Sequence[int] | None = None
    """Which of the values within the one column are taken, and in which order; None for all as they stand."""

    @property
    def width(self) -> int:
        """How many values a row has."""
        if self.inner is not None:
            return len(self.inner)
        if isinstance(self.positions, range):
            return len(self.positions)
        return sum(self.stream.table.sizes[column] for column in self.positions)

    @property
    def is_text(self) -> bool:
        """Whether it is one column of text."""
        return len(self.positions) == 1 and self.stream.table.kinds[self.positions[0]] == TEXT


class TableSource(Source):
    """Some columns of a table, taken in order."""

    def __init__(self, columns: Columns, name: str, are_labels: bool = False) -> None:
        self.columns, self.name, self.table = columns, name, columns.stream.table
        self.width, self.names = columns.width, columns.names
        self.may_have_header = self.table.may_have_header
        self.is_binary = False
        """Whether its values are those of two classes, which may have names."""
        columns.stream.want("labels" if are_labels else "numbers", columns.positions)
        if (columns.gaps.anything or columns.stream.filters) and not are_labels:
            columns.stream.want("loose", columns.positions)
        self._cursor: Cursor = columns.stream.cursor()
        self._piece = Piece(0)
        self._first = self._taken = 0
        self._nan: np.ndarray = np.zeros((0, 1), dtype=bool)
        self._left: np.ndarray = np.zeros(0)
        self._made_matcher: Matcher | None = None
        self._counts_classes = False
        """Whether labels were read as the numbers of classes."""
        self._unknown_labels: dict[int, InputError] = {}
        """What is wrong in samples of the piece taken last whose label is not a class name, where these may be left out."""
        self.rounding = self.table.rounding

    @computed_once
    def dimensions(self) -> int:  # type: ignore[override]
        """2, but 1 where there is a single row of several values."""
        one_row = self.table.one_row and self.width > 1 and not self.columns.stream.filters
        return 1 if one_row else 2

    def _take(self, n: int) -> Piece | None:
        piece = self._cursor.take(n)
        if piece is None:
            return None
        self._piece, self._first = piece, self._taken
        self._taken += piece.count
        return piece

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        piece = self._take(n)
        if piece is None:
            return None
        values = np.ascontiguousarray(self._numbers(piece))
        if not self.table.sums_by_digits or self.table.tolerance is not None:
            return Rows(values, lambda _: self.table.tolerance or self._array_tolerance)
        if self._first < SEEN:
            self.fewest_decimals = min(
                self.fewest_decimals, *(decimals_of_row(row) for row in values[: SEEN - self._first])
            )
        return Rows(values, RowTolerance(values))

    def _numbers(self, piece: Piece) -> np.ndarray:
        """The values of a piece, in the type that they are computed in; those of samples with a missing one are harmless."""
        computed, self._array_tolerance = as_computed(self._given(piece), self.name)
        return self._without_missing(on_cpu(computed))

    def _given(self, piece: Piece) -> np.ndarray:
        """The values of a piece as they were read; of a column of text, where it is one of numbers but for samples that are left out."""
        texts = [c for c in self.columns.positions if c in piece.words and c not in piece.places]
        if not texts:
            values = piece.values(self.columns.positions)
            return values if self.columns.inner is None else values[:, list(self.columns.inner)]
        read = [number_or_nan(text) for text in piece.words[texts[0]]]
        wrong = [i for i, text in enumerate(piece.words[texts[0]]) if math.isnan(read[i]) and not is_missing(text)]
        if wrong and not self.columns.gaps.anything:
            raise self._not_numbers(piece, texts[0], wrong[0])
        self.table.has_refused = self.table.has_refused or bool(wrong)
        return np.array(read).reshape(-1, 1)

    def _not_numbers(self, piece: Piece, column: int, i: int) -> InputError:
        sample = self._first + i
        says, hint = refused(piece.words[column][i])
        names = slips.binary_classes(set(piece.words[column])) if self.is_binary else None
        return InputError(
            f"{self.where(sample)}, {self.table.title(column)}: {says}",
            place=self.place(sample, self.columns.positions.index(column)),
            hint=names or hint or self.table.numeric_hint(column),
        )

    def _without_missing(self, values: np.ndarray) -> np.ndarray:
        """Rows of values; those with a missing one are marked, and hold harmless ones."""
        self.missing = self.refused = None
        self._nan = np.isnan(values)
        if not self._nan.any():
            return values
        rows: np.ndarray = np.any(self._nan, axis=1)
        if not self.columns.gaps.allowed:
            raise self.missing_error(self._first + int(np.argmax(rows)))
        self.missing = rows
        if self.table.has_refused:
            self.refused = np.array([self._refused_text(self._first + i) is not None for i in range(len(values))])
        return np.where(rows[:, None], values.dtype.type(1 / max(2, values.shape[1])), values)

    def _refused_text(self, sample: int) -> tuple[int, str] | None:
        """The first value of a sample that is not a number and not missing, and its column; None where there is none."""
        for k in np.flatnonzero(self._nan[sample - self._first]).tolist():
            text = self.written(sample, self._of_row(sample, k))
            if text is not None and not is_missing(text) and value_of(text) is None:
                return k, text
        return None

    def _of_row(self, sample: int, k: int) -> int:
        """Which value of its row the kth of a sample is: of a row that is read as a vector, the sample's own."""
        return sample if self.dimensions == 1 and self._nan.shape[1] < self.width else k

    def beside(self, column: int) -> tuple[int, Sequence[str]]:
        """The number of the first sample of the piece taken last, and the texts of another column beside its samples."""
        return self._first, self._piece.texts(column)

    def missing_error(self, sample: int) -> InputError:
        """The error for the first value of a sample that is missing, or is not a number or a class name."""
        if sample in self._unknown_labels:
            return self._unknown_labels[sample]
        found = None if isinstance(self.table, ArrayTable) else self._refused_text(sample)
        if found is not None:
            says, hint = refused(found[1])
            return self._error_at(sample, self._of_row(sample, found[0]), says, hint)
        return self._missing_error(sample, self._of_row(sample, int(np.argmax(self._nan[sample - self._first]))))

    def _missing_error(self, sample: int, k: int) -> InputError:
        shown = "nan" if isinstance(self.table, ArrayTable) else self.written(sample, k)
        return self._error_at(
            sample, k, f"{shown!r} is a missing value" if shown else "a value is missing", self.skip_hint
        )

    def _error_at(self, sample: int, k: int, says: str, hint: str | None) -> InputError:
        """The error for the kth value of a sample's row."""
        title = self.table.title(self._column(k)[0])
        return InputError(f"{self.where(sample)}, {title}: {says}", place=self.place(sample, k), hint=hint)

    # -- vectors and labels

    def vector(self, n: int) -> Array | None:
        """The next n values of a column, or those of the only row."""
        if self.width > 1:
            return self._only_row(n, "a vector is needed")
        rows = self.rows(n)
        return None if rows is None else rows.values[:, 0]

    def _only_row(self, n: int, meant: str) -> np.ndarray | None:
        """A vector that stands in one row."""
        if self.dimensions != 1:
            raise InputError(f"{self.name} has {self.width} columns; {meant}", hint=self.column_hint(is_whole=True))
        if self._taken == 0 and (piece := self._take(1)) is not None:
            self._left = on_cpu(as_computed(self._given(piece), self.name)[0])[0]
        found = self._next_left(n)
        return None if found is None else self._without_missing(found[:, None])[:, 0]

    def _next_left(self, n: int) -> np.ndarray | None:
        """The next n values of the only row."""
        self._first = self.width - len(self._left)
        found, self._left = self._left[:n], self._left[n:]
        return found if len(found) else None

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> np.ndarray | None:
        """The next n labels: numbers, or class names."""
        self._made_matcher = matcher = self._made_matcher or Matcher(names, ignore)
        if self.width > 1:
            return self._row_of_labels(n, matcher)
        if (piece := self._take(n)) is None:
            return None
        column = self.columns.positions[0]
        if column in piece.words and column not in piece.places:
            self._require_names_throughout(matcher)
            found = self._matched(piece.words[column], matcher)
        else:
            self._counts_classes = True
            found = self._matched_numbers(piece.values([column])[:, 0], matcher)
        return self._judged(found)

    def _require_names_throughout(self, matcher: Matcher) -> None:
        """The error for names below labels that were taken as the numbers of classes, where a class may be called a number."""
        if self._counts_classes and matcher.are_partly_numbers:
            says = "there are names among the labels from here on, and those above were read as the numbers of classes"
            hint = "write all labels as names that are not numbers, or all as numbers from 0"
            raise InputError(f"{self.where(self._first)}: {says}", hint=hint)

    def _row_of_labels(self, n: int, matcher: Matcher) -> np.ndarray | None:
        """Labels that stand in one row."""
        if self.dimensions != 1:
            raise InputError(
                f"{self.name} has {self.width} columns; labels are needed", hint=self.column_hint(is_whole=True)
            )
        if self._taken == 0 and (piece := self._take(1)) is not None:
            texts = [text for column in self.columns.positions for text in piece.texts(column)[:1]]
            self._left = self._matched(texts, matcher)
        found = self._next_left(n)
        return None if found is None else self._judged(found)

    def _matched(self, texts: Sequence[str], matcher: Matcher) -> np.ndarray:
        """The class indices of labels as they are written."""
        try:
            return matcher.indices(texts)
        except UnknownLabelError:
            unknown = {i: text for i, text in enumerate(texts) if not matcher.knows(text)}
            if not self.columns.gaps.anything:
                raise self._unknown(*next(iter(unknown.items())), matcher) from None
        self._unknown_labels = {self._first + i: self._unknown(i, text, matcher) for i, text in unknown.items()}
        return np.array([math.nan if i in unknown else matcher.index(text) for i, text in enumerate(texts)])

    def _unknown(self, i: int, text: str, matcher: Matcher) -> InputError:
        """The error for the ith label of a piece, which is not a class name."""
        in_one_row = self.dimensions == 1 and self.width > 1
        sample, k = (self._first, i) if in_one_row else (self._first + i, 0)
        return matcher.unknown(text, self.where(sample), self.place(sample, k))

    def _matched_numbers(self, values: np.ndarray, matcher: Matcher) -> np.ndarray:
        """The class indices of labels that are all numbers."""
        try:
            return on_cpu(matcher.of_numbers(values.astype(np.float64)))
        except UnknownLabelError:
            texts = [self.written(self._first + i, 0) or f"{value:g}" for i, value in enumerate(values.tolist())]
            return self._matched(texts, matcher)

    def _judged(self, found: np.ndarray) -> np.ndarray:
        """Labels without those that are left out, which are marked."""
        left_out, missing = found == LEFT_OUT, np.isnan(found)
        self._nan = missing[:, None]
        self.ignored = left_out if left_out.any() else None
        self.missing = missing if missing.any() else None
        self.refused = None
        if self._unknown_labels and self.missing is not None:
            self.refused = np.array([self._first + i in self._unknown_labels for i in range(len(found))])
        if self.missing is not None and not self.columns.gaps.skipped:
            sample = self._first + int(np.argmax(missing))
            raise self._missing_error(sample, sample if self.width > 1 else 0)
        return np.where(left_out | missing, 0.0, found)

    def texts(self, n: int) -> list[str] | None:
        """The next n values of a column as they are written, names of groups; samples without one are marked."""
        if self.width != 1:
            raise InputError(
                f"{self.name} has {self.width} columns; one is needed", hint=self.column_hint(is_whole=True)
            )
        if (piece := self._take(n)) is None:
            return None
        texts = list(piece.texts(self.columns.positions[0]))
        self.missing = missing_of(texts)
        self._nan = np.zeros((0, 1), dtype=bool) if self.missing is None else self.missing[:, None]
        return texts

    def drain(self) -> int:
        """How many samples were left."""
        if self.dimensions == 1 and self._taken:
            return len(self._left)
        if self.columns.stream.total is not None:
            left, self._taken = max(0, self.columns.stream.total - self._taken), self.columns.stream.total
            return left
        count = 0
        while (piece := self._cursor.take(1 << 16)) is not None:
            count += piece.count
        return count

    def glance(self) -> np.ndarray | None:
        """The first block of a column of numbers."""
        piece = self._cursor.peek() if self.width == 1 and self.dimensions == 2 else None
        if piece is None or self.columns.positions[0] not in piece.places:
            return None
        return piece.values(self.columns.positions)[:, 0]

    def are_several(self) -> bool:
        """Whether there is a second row."""
        return self._cursor.has_several()

    @property
    def is_large(self) -> bool:
        """Whether it is an array of many values."""
        return self.table.array_length * self.width >= LARGE

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """Whether a column, or the only row, holds labels by name."""
        if not names or (self.width != 1 and self.dimensions != 1):
            return False
        return any(self.table.kinds[column] == TEXT for column in self.columns.positions)

    # -- what errors call things

    def _column(self, k: int) -> tuple[int, int]:
        """The column of the kth value of a row, and which of its values that is."""
        if isinstance(self.columns.positions, range):
            return self.columns.positions[k], 0
        if self.columns.inner is not None:
            return self.columns.positions[0], self.columns.inner[k]
        for column in self.columns.positions:
            if k < (size := self.table.sizes[column]):
                return column, k
            k -= size
        return self.columns.positions[-1], 0

    def column_hint(self, is_whole: bool) -> str:
        """How to name one column: the last one of whole numbers, or of others."""
        numeric = [c for c in self.columns.positions if self.table.kinds[c] != TEXT] or self.columns.positions
        fitting = [c for c in numeric if is_whole == all(text.lstrip("+-").isdigit() for text in self.table.first(c))]
        last = (fitting or numeric)[-1]
        other = None if is_whole else slips.class_1_beside(self.table.names or (), last)
        named = other if other is not None and other in numeric else last
        return f"name one column, as in {self.table.choosing([named])}"

    @computed_once
    def width_hint(self) -> str | None:  # type: ignore[override]
        """What to do where it has another number of columns than the classes are: one of text may stand beside labels."""
        texts = any(self.table.kinds[column] == TEXT for column in self.columns.positions)
        return self.column_hint(is_whole=True) if self.width > 1 and texts else None

    def begin(self, first: int) -> None:
        """What is taken first is this sample."""
        self._first = self._taken = first

    def seen(self) -> SeenSamples:
        """The piece taken last."""
        in_one_row = self.dimensions == 1 and self.width > 1 and self._taken > 0
        return SeenPiece.of(self._piece, self.name, self._first, in_one_row)

    def where(self, sample: int) -> str:
        """The line of a sample, and its number."""
        return self.seen().where(sample)

    def found_at(self, sample: int) -> str | None:
        """The line of a sample of the piece taken last."""
        return self.seen().found_at(sample)

    def place(self, sample: int, column: int | None = None) -> Place | None:
        """The line, or one of its fields."""
        found = self._row_of(sample)
        if found is None:
            return None
        return self.table.place(*found, None if column is None else self._column(min(column, self.width - 1))[0])

    def written(self, sample: int, column: int) -> str | None:
        """A value as it is written in the file."""
        found = self._row_of(sample)
        if found is None or column >= self.width:
            return None
        return self.table.shown(*found, *self._column(column))

    def _row_of(self, sample: int) -> tuple[Piece, int] | None:
        """The piece that a sample was read in, and its row there; None where it was not read last."""
        i = sample - self._first if self.dimensions == 2 else 0
        if not 0 <= i < self._piece.count:
            return None
        return find_raw(self._piece, i)
