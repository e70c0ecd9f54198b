"""Sources: what may stand where values are asked for, read piece by piece in order.

`Source` is what analyses see: a name, a width, and `rows`, `vector` or `labels` of the next n samples. Typed values, arrays, text
files and columnar files each are one kind; `opening.py` tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from cecli.errors import InputError, Place
from cecli.maths.namespace import Array
from cecli.numerals import shortest
from cecli.reading import labels, vector
from cecli.reading.labels import Ignored
from cecli.reading.missing import NO_GAPS, Gaps, is_missing, missing_of
from cecli.reading.vector import Item, NotANumberError, Number, TooLargeError, Vector, is_number, number
from cecli.record import Record

COMMA_SEPARATES = f"a comma separates values here: {vector.DECIMAL_COMMA}"
SKIP_MISSING = "--skip-missing leaves such samples out"
ALL_DIGITS = 17
"""The digits of a value that was not rounded by writing it down."""


LARGE = 2**14
"""An array of so many numbers is large; one of fewer takes no millisecond."""


class Rows(Record):
    """Rows of values, and how far from 1 each may sum if they are probabilities."""

    values: Array
    tolerance: Callable[[int], float]


class SeenSamples(Protocol):
    """Samples that were taken, and where each stands."""

    def where(self, sample: int) -> str:
        """What a message calls a sample."""
        ...

    def found_at(self, sample: int) -> str | None:
        """What finds it, apart from its number: `line 7`, or its id; None where nothing does."""
        ...


class Source:
    """What all sources have in common: a name, a shape, and values that are taken in order."""

    name: str
    text: str | None = None
    """What was typed for it on the command line."""
    names: tuple[str, ...] | None = None
    """Class names, from a header."""
    width: int
    """How many values a row has."""
    dimensions: int
    """0 for one bare value, 1 for a vector, 2 for rows."""
    hint: str | None = None
    """What a reader who meets wrong values should be told about the way they were written."""
    first_hint: str | None = None
    """What is said first where a value of the first row is above 1: the row may be names, or its commas decimal ones."""
    comma_hint: str | None = None
    """What is said of values that look like decimals with a comma, and are twice as many."""
    rounding: float = 2.0**-52
    """The epsilon of the type that the values were given in."""
    bytes_each: int = 8
    """How many bytes a value takes, at most."""
    fewest_decimals: int = ALL_DIGITS
    """The digits after the point of the row that was written with the fewest."""
    is_vector = False
    """Whether it is an array of one dimension, whose values are always one for each sample."""
    are_labels = False
    """Whether its values are predicted labels, one for each sample."""
    are_scores = False
    """Whether its values are scores, one for each sample, of which higher is better."""
    length_hint: str | None = None
    """What is said where another source has more samples, or fewer."""
    may_have_header = False
    """Whether a header may have been taken for a sample, or a sample for a header."""
    advice: str | None = None
    """What to do where rows do not sum to 1, if that is known better than `--normalize`."""
    skip_hint: str | None = SKIP_MISSING
    """How to go on where a value is missing; None where its sample can't be left out."""
    notes: Sequence[str] = ()
    """What was settled when the call was opened and the user should know; the first source has those of the call."""
    refused: Array | None = None
    """Which samples of the piece taken last hold what is neither a number nor missing; they are marked as missing too."""
    missing: Array | None = None
    """Which samples of the piece taken last have a missing value (`--skip-missing`); their values are harmless ones."""
    ignored: Array | None = None
    """Which labels of the piece taken last `--ignore-index` leaves out; they are given as class 0."""

    def rows(self, n: int) -> Rows | None:
        """The next n rows, or as many as there are; None at the end."""
        raise NotImplementedError

    def vector(self, n: int) -> Array | None:
        """The next n values of a vector, whether it stands in a row or in a column."""
        raise NotImplementedError

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n values as class indices; what is a plain number stays one, for the checks to judge."""
        raise NotImplementedError

    @property
    def is_column(self) -> bool:
        """Rows of one value each, which may be meant as a vector."""
        return self.dimensions == 2 and self.width == 1

    @property
    def count(self) -> int | None:
        """How many values there are in all, where that is known."""
        return None

    def glance(self) -> Array | None:
        """The values of a vector, or the first of many, without taking them; None where that can't be known."""
        return None

    @property
    def is_large(self) -> bool:
        """Whether it is an array of so many numbers that their time counts; text takes longer to read than to compute."""
        return False

    def are_several(self) -> bool:
        """Whether there is more than one value, as far as can be known before they are taken."""
        return self.count is not None and self.count > 1

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """Whether the values are labels given as class names."""
        raise NotImplementedError

    def missing_error(self, sample: int) -> InputError:
        """The error for a sample of the piece taken last that has a missing value."""
        return InputError(f"{self.where(sample)}: a value is missing", place=self.place(sample), hint=self.skip_hint)

    def place(self, sample: int, column: int | None = None) -> Place | None:  # noqa: ARG002
        """The text to underline for a value of the piece taken last; nothing where nothing was typed."""
        return None

    width_hint: str | None = None
    """What to do where it has another number of columns than the classes are."""

    def column_hint(self, is_whole: bool) -> str | None:  # noqa: ARG002
        """How to name one column of it, of whole numbers or of others; None where it has no columns to name."""
        return None

    def where(self, sample: int) -> str:
        """What an error calls a sample: `sample 2 of the prediction`; samples count from 1."""
        return f"sample {sample + 1} of {self.name}"

    def found_at(self, sample: int) -> str | None:  # noqa: ARG002
        """What finds a sample that was read, apart from its number: `line 7`, or its id; None where nothing does."""
        return None

    def seen(self) -> SeenSamples:
        """The samples taken last, which can be asked later on."""
        return self

    def begin(self, first: int) -> None:
        """What is taken first is sample number `first` of the whole input."""

    def whole(self) -> Place | None:
        """All that was typed, to underline; nothing where nothing was."""
        return None

    def shown(self, sample: int, column: int) -> str | None:  # noqa: ARG002
        """A value as it was typed; None where nothing was."""
        return None

    def written(self, sample: int, column: int) -> str | None:
        """A value of the piece taken last as it is written, in a file too; None where that is not known."""
        return self.shown(sample, column)

    def drain(self) -> int:
        """Reads to the end; how many samples were left."""
        count = 0
        while (rows := self.rows(4096)) is not None:
            count += int(rows.values.shape[0])
        return count

    def described(self) -> Any:
        """What stands for the source in settings."""
        return self.text or self.name


class TypedSource(Source):
    """Values typed on the command line."""

    def __init__(self, typed: Vector, name: str, gaps: Gaps = NO_GAPS) -> None:
        self.typed, self.name, self.gaps = typed, name, gaps
        self.names = typed.names
        self.width, self.dimensions = len(typed.rows[0]), typed.dimensions
        pairs = vector.decimal_commas(typed)
        self.hint = COMMA_SEPARATES if pairs else None
        self.first_hint = self.comma_hint = COMMA_SEPARATES if pairs > 1 else None
        self._items = [item for row in typed.rows for item in row]
        self._taken = 0
        self._is_vector = False

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        rows = range(self._taken, min(self._taken + n, len(self.typed.rows)))
        if not rows:
            return None
        self._taken = rows.stop
        numbers = [vector.row_numbers(self.typed, i, self.name, self._number) for i in rows]
        decimals = [max(number.decimals for number in row) for row in numbers]
        self.fewest_decimals = min(self.fewest_decimals, *decimals)
        values = self._without_missing(
            np.array([[number.value for number in row] for row in numbers], dtype=np.float64)
        )
        return Rows(values, lambda i: vector.tolerance(decimals[i], self.width))

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        self._require_vector()
        items = self._next(n)
        if not items:
            return None
        return self._without_missing(np.array([[self._number(item).value] for item in items]))[:, 0]

    def texts(self, n: int) -> list[str] | None:
        """The next n values as texts, names of groups; numbers in their shortest form, and samples without a name are marked."""
        self._require_vector()
        items = self._next(n)
        self.missing = missing_of([item.text for item in items])
        return [shortest(self._number(item).value) if is_number(item.text) else item.text for item in items] or None

    def _require_vector(self) -> None:
        if len(self.typed.rows) > 1 and self.width > 1:
            raise InputError(f"{self.name}: rows of {self.width} values; a vector is needed", place=self.typed.place(0))

    def _number(self, item: Item) -> Number:
        if self.gaps.anything or (self.gaps.allowed and is_missing(item.text)):
            try:
                return number(item.text)
            except (NotANumberError, TooLargeError):
                return Number(math.nan, 0)
        if is_missing(item.text):
            raise self._missing_item(item)
        return vector.parsed(self.typed, item, self.name)

    def missing_error(self, sample: int) -> InputError:
        """The error for the first value of a sample that is missing, or is not a number."""
        if (item := self._refused_item(sample)) is None:
            return self._missing_item(next(item for item in self._items_of(sample) if is_missing(item.text)))
        says, hint = vector.refused(item.text)
        return InputError(f"{self.name}: {says}", place=self._place_of(item), hint=hint)

    def _missing_item(self, item: Item) -> InputError:
        """The error for a missing value."""
        says = f"{self.name}: {item.text!r} is a missing value"
        return InputError(says, place=self._place_of(item), hint=self.skip_hint)

    def _place_of(self, item: Item) -> Place:
        return Place(self.typed.text, item.start, item.stop)

    def _items_of(self, sample: int) -> Sequence[Item]:
        return [self._items[sample]] if self._is_vector else self.typed.rows[sample]

    def _refused_item(self, sample: int) -> Item | None:
        """The first value of a sample that is neither a number nor missing."""
        texts = (item for item in self._items_of(sample) if not is_missing(item.text))
        return next((item for item in texts if vector.value_of(item.text) is None), None)

    def _without_missing(self, values: np.ndarray) -> np.ndarray:
        """Rows of values; those with a missing one are marked, and hold harmless ones."""
        missing: np.ndarray = np.any(np.isnan(values), axis=1)
        self.missing = self.refused = None
        if not missing.any():
            return values
        first = self._taken - len(values)
        self.missing = missing
        self.refused = np.array([self._refused_item(first + i) is not None for i in range(len(values))])
        return np.where(missing[:, None], 1 / max(2, values.shape[1]), values)

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n labels."""
        items = self._next(n)
        if not items:
            return None
        found = np.array(labels.indices(self.typed, items, labels.Matcher(names, ignore), self.name))
        left_out, missing = found == labels.LEFT_OUT, np.isnan(found)
        if missing.any() and not self.gaps.skipped:
            item = items[int(np.argmax(missing))]
            raise InputError(
                f"{self.name}: {item.text} is a missing label",
                place=self._place_of(item),
                hint=self.skip_hint,
            )
        self.ignored = left_out if left_out.any() else None
        self.missing = missing if missing.any() else None
        return np.where(left_out | missing, 0.0, found)

    def reorder(self, order: Sequence[int]) -> None:
        """Puts the values of every row in another order."""
        self.typed = self.typed.replace(rows=[[row[i] for i in order] for row in self.typed.rows])
        self._items = [item for row in self.typed.rows for item in row]
        self.width = len(order)

    def _next(self, n: int) -> Sequence[Item]:
        """The next n items, whatever rows they stand in."""
        self._is_vector = True
        items = self._items[self._taken : self._taken + n]
        self._taken += len(items)
        return items

    def glance(self) -> Array | None:
        """All values, if they are numbers."""
        try:
            return np.array([vector.parsed(self.typed, item, self.name).value for item in self._items])
        except InputError:
            return None

    @property
    def count(self) -> int:
        """How many values were typed."""
        return len(self._items)

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """Whether at least one value is not a number, and all words are class names."""
        return labels.are_names([item.text for item in self._items], names)

    def place(self, sample: int, column: int | None = None) -> Place | None:
        """Where a value was typed; in a vector, samples are its values."""
        if self._is_vector and self.count > 1:
            item = self._items[min(sample, self.count - 1)]
            return Place(self.typed.text, item.start, item.stop)
        return self.typed.place(sample, column)

    def _item(self, sample: int, column: int) -> Item | None:
        if self._is_vector and self.count > 1:
            return self._items[min(sample, self.count - 1)]
        if sample >= len(self.typed.rows):
            return None
        row = self.typed.rows[sample]
        return row[min(column, len(row) - 1)]

    def texts_typed(self) -> list[str]:
        """All values as they were typed."""
        return [item.text for item in self._items]

    def whole(self) -> Place:
        """Everything that was typed."""
        return Place(self.typed.text, self._items[0].start, self._items[-1].stop)

    def where(self, sample: int) -> str:
        """The sample, where there is more than one."""
        alone = self.count == 1 if self._is_vector else len(self.typed.rows) == 1
        return self.name if alone else super().where(sample)

    def shown(self, sample: int, column: int) -> str | None:
        """The value as it was typed; one that is repeated, or stands for several, as one of them."""
        item = self._item(sample, column)
        if item is None:
            return None
        raw = self.typed.text[item.start : item.stop]
        plain = raw.translate(vector.LOOKALIKES).strip("\"'")
        return raw if item.text in (plain, plain.translate(vector.DECIMAL_COMMAS)) else item.text

    def drain(self) -> int:
        """How many samples were left."""
        left = (len(self._items) if self._is_vector else len(self.typed.rows)) - self._taken
        self._taken += left
        return left

    def described(self) -> list[float | str | None]:
        """The values themselves; None where one is missing, and names as they are."""
        return [vector.value_of(text) if is_number(text) or is_missing(text) else text for text in self.texts_typed()]
