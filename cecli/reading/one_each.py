"""One value per sample in place of a row: what the sources have in common that are made of such a vector."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import InputError, Place
from cecli.maths.namespace import Array, namespace
from cecli.reading import checks
from cecli.reading.sources import Rows, SeenSamples, Source


class OneEach(Source):
    """A vector seen as rows; errors show its values as they were given."""

    dimensions = 2

    def __init__(self, source: Source) -> None:
        self.source, self.name, self.text = source, source.name, source.text
        self.hint, self.rounding, self.notes = source.hint, source.rounding, source.notes
        self._first = 0

    @property
    def missing(self) -> Array | None:  # type: ignore[override]
        """The vector's."""
        return self.source.missing

    @property
    def refused(self) -> Array | None:  # type: ignore[override]
        """The vector's."""
        return self.source.refused

    def missing_error(self, sample: int) -> InputError:
        """The vector's."""
        return self.source.missing_error(sample)

    def where(self, sample: int) -> str:
        """What the vector calls it."""
        return self.source.where(sample)

    def seen(self) -> SeenSamples:
        """What the vector says."""
        return self.source.seen()

    def begin(self, first: int) -> None:
        """The vector begins there."""
        self._first = first
        self.source.begin(first)

    def found_at(self, sample: int) -> str | None:
        """What the vector says."""
        return self.source.found_at(sample)

    def place(self, sample: int, column: int | None = None) -> Place | None:
        """Where the value was typed."""
        return self.source.place(sample, None if column is None else 0)

    def written(self, sample: int, column: int) -> str | None:
        """The value as it was typed, or stands in the file."""
        return self.source.written(sample, column)

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
        """They are numbers by now."""
        return False


class Scores(OneEach):
    """A score for each sample, as a row of one value."""

    width = 1
    are_scores = True

    def rows(self, n: int) -> Rows | None:
        """The next n scores."""
        values = self.source.vector(n)
        if values is None:
            return None
        xp = namespace(values)
        return Rows(xp.reshape(values, (-1, 1)), lambda _: checks.ARRAY_TOLERANCE)
