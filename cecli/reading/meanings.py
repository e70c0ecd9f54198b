"""What a prediction of `compare` means beside its target: rows of classes, one value of two classes, or predicted labels.

A column of a file and an array of one dimension are one value per sample. A typed row can be one sample's distribution too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cecli.maths.namespace import on_cpu
from cecli.reading.labels import all_numbers
from cecli.reading.predicted_labels import PredictedLabels
from cecli.reading.sources import Source
from cecli.reading.two_classes import TwoClassSource
from cecli.reading.vector import number_or_nan

ROWS, BINARY, LABELS = "rows", "binary", "labels"

NEAR_ONE = 0.05
"""How far from 1 a row of typed probabilities may sum, at most."""


class Beside:
    """The target that predictions stand beside, and the options that say what these are."""

    def __init__(
        self, target: Source, logits: bool, normalize: bool, names: Sequence[str] | None, labels: bool
    ) -> None:
        self.target, self.logits, self.normalize, self.names = target, logits, normalize, names
        self.may_be_labels = labels and not logits
        self.has_rows = target.dimensions == 2 and not target.is_column
        self.has_names = target.are_class_names(names)
        self.has_many = names is not None and len(names) > 2
        self.numbers = [number_or_nan(name) for name in names] if names and all_numbers(names) else []
        """The class names, where these are numbers."""
        self._values: np.ndarray | None = None

    @property
    def values(self) -> np.ndarray | None:
        """The values of the target, where they are known before they are taken."""
        if self._values is None and (found := self.target.glance()) is not None:
            self._values = on_cpu(found)
        return self._values

    def meaning(self, source: Source) -> str:
        """What a source is."""
        if source.dimensions == 2 and not source.is_column:
            return ROWS
        if source.are_class_names(self.names):
            return LABELS if self.may_be_labels else BINARY
        labels = self.may_be_labels and not self.has_names and self._are_labels(source)
        if self.has_rows:
            return LABELS if labels and (source.is_column or source.is_vector or source.are_several()) else ROWS
        if not self._is_one_each(source):
            return ROWS
        return LABELS if labels or (self.may_be_labels and self.has_many) else BINARY

    def _are_labels(self, source: Source) -> bool:
        """Whether the values of a source, or the first of many, are whole numbers, or names of classes."""
        seen = source.glance()
        return seen is not None and (are_whole(on_cpu(seen)) or self._are_names(on_cpu(seen)))

    def _are_names(self, values: np.ndarray) -> bool:
        """Whether all values that are there are numbers that name classes."""
        known = values[~np.isnan(values)]
        return len(known) > 0 and bool(self.numbers) and bool(np.isin(known, self.numbers).all())

    def _is_one_each(self, source: Source) -> bool:
        """Whether a source holds one value per sample: a column, an array, or a typed row that is not a distribution."""
        if source.width == 1 and source.dimensions > 0:
            return True
        target = self.target
        if source.dimensions == 0 or target.dimensions == 0 or target.count == 1:
            return False
        if source.is_vector or target.is_vector or target.is_column or self.has_names:
            return target.are_several()
        return self._is_typed_row_of_each(source)

    def _is_typed_row_of_each(self, source: Source) -> bool:
        """Whether a typed row beside a typed row is one value per sample, and neither is a distribution."""
        labels, seen = self.values, source.glance()
        if labels is None or seen is None or not (are_whole(labels) or self._are_names(labels)):
            return False
        values = on_cpu(seen)
        if len(labels) != len(values) or not _is_one_hot(labels):
            return True
        return not (self.logits or self.normalize or abs(float(np.sum(values)) - 1) <= NEAR_ONE)


def meant(
    target: Source,
    predictions: Mapping[str, Source],
    names: Sequence[str] | None,
    logits: bool,
    normalize: bool,
    labels: bool = True,
) -> dict[str, Source]:
    """The predictions as what they mean: sources whose rows are classes, or whose values are predicted labels if `labels` allows it."""
    wide = [source for source in predictions.values() if source.dimensions == 2 and source.width > 1]
    known = names or next((source.names for source in wide if source.names), None)
    beside = Beside(target, logits, normalize, known, labels)
    meanings = {name: beside.meaning(source) for name, source in predictions.items()}
    classes = _classes(beside, predictions, meanings)
    makers: dict[str, Any] = {
        ROWS: lambda source: _with_note(source, target),
        BINARY: lambda source: TwoClassSource(source, logits),
        LABELS: lambda source: PredictedLabels(source, known, classes),
    }
    return {name: makers[meanings[name]](source) for name, source in predictions.items()}


def are_whole(values: np.ndarray) -> bool:
    """Whether all values that are there are whole numbers; which of them are labels, the checks say."""
    if values.dtype.kind in "iub":
        return True
    known = values[~np.isnan(values)]
    return len(known) > 0 and bool(np.all((known == np.floor(known)) & np.isfinite(known)))


def _classes(beside: Beside, predictions: Mapping[str, Source], meanings: Mapping[str, str]) -> int | None:
    """How many classes there are; None where predicted labels beside labels are all there is."""
    rows = [source.width for name, source in predictions.items() if meanings[name] == ROWS]
    if rows:
        return rows[0]
    if BINARY in meanings.values():
        return 2
    if beside.has_rows:
        return beside.target.width
    return len(beside.names) if beside.names else None


def _with_note(source: Source, target: Source) -> Source:
    """Rows; a note says so where one row beside another is read as one sample, and could be a value for each."""
    are_rows = source.dimensions == 1 and target.dimensions == 1 and source.width == target.count
    if are_rows and source.width > 1:
        note = f"{source.name} and the target are one row each: they are read as the distributions of one sample"
        source.notes = [*source.notes, note]
    return source


def _is_one_hot(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0, 1)).all()) and float(np.sum(values)) == 1
