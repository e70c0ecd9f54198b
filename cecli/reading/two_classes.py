"""One value per sample, the probability (or score) of class 1, as a row of two classes.

A model of `compare` may be such a vector: of p it makes (1 − p, p), of a score z the logits (0, z), whose softmax is the sigmoid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cecli.errors import Place
from cecli.maths.namespace import namespace, on_cpu
from cecli.reading import checks
from cecli.reading.labels import Ignored
from cecli.reading.sources import Rows, Source

NEAR_ONE = 0.05
"""How far from 1 a row of typed probabilities may sum, at the most."""


class TwoClassSource(Source):
    """A vector of binary predictions as rows of two classes."""

    width, dimensions = 2, 2

    def __init__(self, source: Source, logits: bool) -> None:
        self.source, self.name, self.logits = source, source.name, logits
        self.notes = source.notes
        self.text, self.hint, self.rounding = source.text, source.hint, source.rounding
        self._first = 0

    def rows(self, n: int) -> Rows | None:
        """The next n samples, checked one by one: what is wrong is told of the value as it was given."""
        values = self.source.vector(n)
        if values is None:
            return None
        xp = namespace(values)
        column = xp.reshape(values, (-1, 1))
        if not self.logits:
            checks.entries(column, self.source, self._first, hint=self.source.hint)
        self._first += int(values.shape[0])
        self.missing = self.source.missing
        rest = xp.zeros_like(values) if self.logits else 1 - values
        return Rows(xp.stack([rest, values], axis=-1), lambda _: checks.ARRAY_TOLERANCE)

    def where(self, sample: int) -> str:
        """What the vector calls it."""
        return self.source.where(sample)

    def found_at(self, sample: int) -> str | None:
        """What the vector says."""
        return self.source.found_at(sample)

    def place(self, sample: int, column: int | None = None) -> Place | None:
        """Where the value was typed."""
        return self.source.place(sample, None if column is None else 0)

    def whole(self) -> Place | None:
        """All that was typed."""
        return self.source.whole()

    def drain(self) -> int:
        """How many samples were left."""
        left = 0
        while (values := self.source.vector(1 << 20)) is not None:
            left += int(values.shape[0])
        return left

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """They are numbers."""
        return False

    @property
    def fewest_decimals(self) -> int:  # type: ignore[override]
        """Those of the vector."""
        return self.source.fewest_decimals


class PredictedLabels(Source):
    """A column of class names as rows that are certain of a class each."""

    dimensions = 2

    def __init__(self, source: Source, names: Sequence[str]) -> None:
        self.source, self.name, self.text, self.names = source, source.name, source.text, tuple(names)
        self.width, self.notes = len(names), source.notes

    def rows(self, n: int) -> Rows | None:
        """The next n samples."""
        labels = self.source.labels(n, self.names, None)
        if labels is None:
            return None
        self.missing = self.source.missing
        return Rows(np.eye(self.width)[on_cpu(labels).astype(np.int64)], lambda _: checks.ARRAY_TOLERANCE)

    def where(self, sample: int) -> str:
        """Where the label stands."""
        return self.source.where(sample)

    def found_at(self, sample: int) -> str | None:
        """Where the label stands."""
        return self.source.found_at(sample)

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """They are rows by now."""
        return False


def in_two_classes(
    target: Source, source: Source, logits: bool, ignore: Ignored, names: Sequence[str] | None = None
) -> Source:
    """The source, as rows of two classes where it holds one value for each of the target's labels."""
    if names and not logits and source.is_column and source.are_class_names(names):
        return PredictedLabels(source, names)
    return TwoClassSource(source, logits) if _is_one_each(target, source, logits, ignore, names) else source


def _is_one_each(target: Source, source: Source, logits: bool, ignore: Ignored, names: Sequence[str] | None) -> bool:
    """Whether a source is a value per sample: a column, or a vector beside several labels by name, or 0 and 1, that are no distribution."""
    if target.dimensions == 2 and not target.is_column:
        return False
    if source.width == 1 and (source.is_column or source.dimensions == 1):
        return True
    if source.dimensions != 1 or target.count == 1 or target.dimensions == 0:
        return False
    if source.is_vector or target.is_column or target.are_class_names(names):
        return target.are_several()
    labels, values = target.glance(), source.glance()
    if labels is None or values is None or not np.isin(labels, [0, 1, 1 if ignore is None else ignore]).all():
        return False
    one_hot = float(np.sum(labels)) == 1
    return not (one_hot and (logits or abs(float(np.sum(values)) - 1) <= NEAR_ONE))
