"""One value per sample, the probability (or score) of class 1, as a row of two classes.

A model of `compare` may be such a vector: of p it makes (1 − p, p), of a score z the logits (0, z), whose softmax is the sigmoid.
"""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import Place
from cecli.maths.namespace import namespace
from cecli.reading import checks
from cecli.reading.sources import Rows, Source


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
