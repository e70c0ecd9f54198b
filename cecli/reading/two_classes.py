"""One value per sample, the probability (or score) of class 1, as a row of two classes.

A model of `compare` may be such a vector: of p it makes (1 − p, p), of a score z the logits (0, z), whose softmax is the sigmoid.
"""

from __future__ import annotations

from cecli.maths.namespace import namespace
from cecli.reading import checks
from cecli.reading.one_each import OneEach
from cecli.reading.sources import Rows, Source


class TwoClassSource(OneEach):
    """A vector of binary predictions as rows of two classes."""

    width = 2

    def __init__(self, source: Source, logits: bool) -> None:
        super().__init__(source)
        self.logits = logits

    def rows(self, n: int) -> Rows | None:
        """The next n samples, checked one by one: what is wrong is said of the value as it was given."""
        values = self.source.vector(n)
        if values is None:
            return None
        xp = namespace(values)
        column = xp.reshape(values, (-1, 1))
        if not self.logits:
            checks.entries(column, self.source, self._first, hint=self.source.hint)
        self._first += int(values.shape[0])
        rest = xp.zeros_like(values) if self.logits else 1 - values
        return Rows(xp.stack([rest, values], axis=-1), lambda _: checks.ARRAY_TOLERANCE)

    @property
    def fewest_decimals(self) -> int:  # type: ignore[override]
        """Those of the vector."""
        return self.source.fewest_decimals
