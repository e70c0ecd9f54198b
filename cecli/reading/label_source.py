"""Labels passed to the library, by name or by number, and what else a target may be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.maths.namespace import Array, on_cpu
from cecli.reading import collections, frames
from cecli.reading.arrays import ArraySource, brought, source_of, without_index
from cecli.reading.labels import LEFT_OUT, Ignored, Matcher, UnknownLabelError
from cecli.reading.missing import missing_of
from cecli.reading.sources import Rows, Source


class LabelSource(Source):
    """Labels by name that were passed to the library."""

    dimensions, width = 1, 1
    is_vector = True
    skips_missing = False
    collection: collections.Collection | None = None
    """The Dask collection whose first labels these are."""
    first = 0
    """The number of the first sample in the whole input, of which this may be a part."""
    rows_in_all: int | None = None

    def __init__(self, texts: Sequence[str], name: str, like: Any = None) -> None:
        self.name, self.given, self._like = name, texts, like
        self.row_names: Any = None
        self._taken = 0

    @property
    def count(self) -> int:
        """How many labels there are."""
        return len(self.given) if self.rows_in_all is None else self.rows_in_all

    def stand_for(self, whole: collections.Collection) -> None:
        """These are the first labels of a collection."""
        self.collection, self.rows_in_all = whole, whole.rows

    def take_part(self, blocks: Sequence[np.ndarray]) -> None:
        """Takes the labels of a part of a collection."""
        self.given = _texts_of(self.name, np.concatenate(blocks))

    def distinct(self) -> set[str]:
        """The labels that there are; those of a collection are computed for it."""
        if self.collection is None:
            return set(self.given)
        return self.collection.distinct(partial(_texts_of, self.name))

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n labels."""
        collections.require_values(self.collection, self.name)
        texts = self.given[self._taken : self._taken + n]
        if not texts:
            return None
        matcher = Matcher(names, ignore)
        try:
            found = np.array(list(map(matcher.index, texts)), dtype=np.float64)
        except UnknownLabelError as error:
            sample = self.first + self._taken + list(texts).index(str(error))
            raise matcher.unknown(str(error), self.where(sample), None) from None
        missing = np.isnan(found)
        if missing.any() and not self.skips_missing:
            raise InputError(f"{self.where(self.first + self._taken + int(np.argmax(missing)))}: the label is missing")
        self._taken += len(texts)
        left_out = found == LEFT_OUT
        self.ignored = left_out if left_out.any() else None
        self.missing = missing if missing.any() else None
        found = np.where(left_out | missing, 0.0, found)
        return found if self._like is None else brought(found, self.name, self._like)

    def texts(self, n: int) -> Sequence[str] | None:
        """The next n labels as they are, names of groups; samples without one are marked."""
        collections.require_values(self.collection, self.name)
        texts = self.given[self._taken : self._taken + n]
        self._taken += len(texts)
        self.missing = missing_of(texts)
        return texts or None

    def vector(self, n: int) -> Array | None:  # noqa: ARG002
        """Nothing that is asked of names."""
        raise InputError(
            f"{self.name} holds labels by name; numbers are needed", hint="classes=[…] names the two classes, 0 first"
        )

    def rows(self, n: int) -> Rows | None:
        """Nothing that is asked of names."""
        self.vector(n)
        return None

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """They are."""
        return True

    def are_several(self) -> bool:
        """Whether there is more than one."""
        return self.count > 1

    def drain(self) -> int:
        """How many labels were left."""
        left = len(self.given) - self._taken
        self._taken += left
        return left


def _texts_of(name: str, block: Any) -> list[str]:
    """The labels of a block of a collection, of which other blocks hold names."""
    values = (frames.as_numpy(block, name) if frames.is_frame(block) else block).reshape(-1)
    texts = frames.texts_of(values, name, False)
    found: list[str] = (values.astype(str) if texts is None else texts).tolist()
    return found


def named_source(
    values: Any, name: str, beside: ArraySource | None = None, classes: Sequence[str] | None = None
) -> ArraySource | LabelSource:
    """An array of numbers, or labels by name, which truth values are too where classes are called so; in the library of the source beside it."""
    values = collections.one_each(values, None if beside is None else beside.shape)
    if collections.is_collection(values):
        return collections.opened(values, name, lambda rows: named_source(rows, name, beside, classes))
    given = without_index(values, name)
    values = given.values
    like = None if beside is None else beside.given
    truth = {"True", "False"} <= {*(classes or (beside and beside.names) or ())}
    if truth and not frames.is_frame(values) and str(getattr(values, "dtype", "")).endswith("bool"):
        values = on_cpu(values)
    texts = frames.texts_of(values, name, truth)
    if texts is None:
        return source_of(given, name, like)
    if texts.ndim > 1 and texts.shape[1:] != (1,) and (beside is None or texts.shape != beside.shape[:-1]):
        raise InputError(f"{name}: rows of labels by name; one label for each sample is needed")
    source = LabelSource(texts.reshape(-1).tolist(), name, like)
    source.notes, source.row_names = given.notes, frames.row_names_of(values)
    return source


def group_source(values: Any, name: str) -> ArraySource | LabelSource:
    """The group of each sample: a number, or a name, which a truth value and a date are too."""
    if collections.is_collection(values):
        return collections.opened(values, name, lambda rows: group_source(rows, name))
    given = without_index(values, name)
    names = frames.group_names(given.values, name)
    source = source_of(given, name, None) if names is None else LabelSource(names, name)
    if isinstance(source, ArraySource) and source.width == 1:
        source.flatten()
    source.notes = given.notes
    return source


def target_source(
    values: Any, name: str, prediction: ArraySource | None = None, classes: Sequence[str] | None = None
) -> ArraySource | LabelSource:
    """A target: labels by name or by number, a distribution for each sample, or binary targets.

    Labels of (N, T) beside predictions of (N, T, K) are one for each row; so are labels in a column (N, 1) beside N rows or values.
    """
    source = named_source(values, name, prediction, classes)
    if prediction is None or isinstance(source, LabelSource):
        return source
    rows = prediction.count // (1 if prediction.is_vector else prediction.width)
    is_column = source.shape == (rows, 1) and prediction.shape != source.shape
    if len(source.shape) == 2 and (is_column or (source.shape == prediction.shape[:-1])):
        source.flatten()
    return source
