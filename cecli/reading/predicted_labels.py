"""Predicted labels as a source: a class for each sample, and no probabilities."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import InputError
from cecli.maths.namespace import namespace
from cecli.reading import checks
from cecli.reading.checks import MOST_CLASSES
from cecli.reading.one_each import OneEach
from cecli.reading.sources import Rows, Source


class PredictedLabels(OneEach):
    """A column or a row of labels: `rows` gives the class index of each sample, as a row of one value."""

    are_labels = True

    def __init__(self, source: Source, names: Sequence[str] | None, classes: int | None) -> None:
        super().__init__(source)
        self.names = tuple(names) if names else None
        self.width = MOST_CLASSES if classes is None else classes

    def rows(self, n: int) -> Rows | None:
        """The next n labels, checked: a value that is not whole says that the source was taken for labels."""
        labels = self.source.labels(n, self.names, None)
        if labels is None:
            return None
        try:
            checks.labels(labels, self.width, self.source, None, self._first)
        except InputError as error:
            knows = (self.names or self.width < MOST_CLASSES) and not bool(namespace(labels).any(labels < 0))
            hint = error.hint if knows else self._hint()
            raise InputError(error.message, place=error.place, hint=hint) from error
        self._first += int(labels.shape[0])
        xp = namespace(labels)
        return Rows(xp.reshape(xp.astype(labels, xp.float64), (-1, 1)), lambda _: checks.ARRAY_TOLERANCE)

    def _hint(self) -> str:
        return f"the first values of {self.name} are whole numbers, so it is read as predicted labels; --logits reads scores"

    def drain(self) -> int:
        """How many labels were left."""
        left = 0
        while (labels := self.source.labels(1 << 20, self.names, None)) is not None:
            left += int(labels.shape[0])
        return left
