"""Columns that stand beside the samples and group them: clusters (`--cluster`), and slices (`--by`), whose samples become steps of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from cecli.errors import UsageError
from cecli.numerals import shortest
from cecli.reading import checks
from cecli.reading.missing import is_missing
from cecli.reading.sources import Source
from cecli.reading.vector import is_number, number
from cecli.running.batches import Step, joined

MOST_SLICES = 1_000
"""Different values that a column of `--by` may have."""

FEWEST_STEPS, MOST_STEPS, SAMPLES_EACH = 4, 32, 256
"""Samples of slices wait until there are so many of each, so that a slice's step is not of a few alone; and those of at least and at most so many steps."""

MISSING = "(missing)"
"""What the slice is called whose samples have no value."""


class GroupReader:
    """Takes the names of groups in step with the samples: texts where the source has a column of them, else numbers."""

    def __init__(self, source: Source) -> None:
        self.source, self.seen = source, 0

    def take(self, step: Step) -> np.ndarray:
        """Those of a step's samples."""
        names, n = self._next(step.samples), step.samples
        count = 0 if names is None else len(names)
        if count < n or names is None:
            predictions = step.batches[0].stream.source
            total = self.seen + count + (self.source.drain() if count else 0)
            raise checks.length_error(total, self.seen + n + predictions.drain(), self.source, predictions)
        self.seen += n
        return names

    def _next(self, n: int) -> np.ndarray | None:
        source: Any = self.source
        texts = hasattr(source, "texts") and source.width == 1
        names = source.texts(n) if texts else source.vector(n)
        return None if names is None else np.asarray(names)

    def finish(self, predictions: Source) -> None:
        """No name of a group may be left."""
        if self._next(1) is not None:
            raise checks.length_error(self.seen + 1 + self.source.drain(), self.seen, self.source, predictions)


def grouped(steps: Iterable[Step], clusters: Source | None, by: Source | None, predictions: Source) -> Iterator[Step]:
    """The steps with their clusters; and between them the samples of each slice as steps of their own."""
    cluster_reader = None if clusters is None else GroupReader(clusters)
    slices = None if by is None else _Slices(by)
    for whole in steps:
        step = whole if cluster_reader is None else whole.replace(clusters=cluster_reader.take(whole))
        yield step
        if slices is not None:
            yield from slices.of(step)
    if slices is not None:
        yield from slices.rest()
        slices.reader.finish(predictions)
    if cluster_reader is not None:
        cluster_reader.finish(predictions)


class _Slices:
    """The samples of each slice, which wait until they are many."""

    def __init__(self, source: Source) -> None:
        self.reader = GroupReader(source)
        self.waiting: dict[str, list[Step]] = {}
        self.taken: dict[str, int] = {}
        """How many samples of each slice were handed on."""
        self._count = 0

    def of(self, step: Step) -> Iterator[Step]:
        """Takes in the samples of a step; the steps of all slices, if enough samples wait."""
        texts = [_text(value) for value in self.reader.take(step).tolist()]
        values, places = np.unique(np.array(texts, dtype=object).astype(str), return_inverse=True)
        for i, value in enumerate(values.tolist()):
            self.taken.setdefault(value, 0)
            self.waiting.setdefault(value, []).append(step.taken(np.flatnonzero(places.reshape(-1) == i)))
        if len(self.taken) > MOST_SLICES:
            raise UsageError(
                f"--by: {self.reader.source.name} has more than {MOST_SLICES:,} values",
                hint="a slice needs many samples: choose a column with fewer values",
            )
        self._count += step.samples
        enough = max(SAMPLES_EACH * len(self.taken), FEWEST_STEPS * step.samples)
        if self._count >= min(enough, MOST_STEPS * step.samples):
            yield from self.rest()

    def rest(self) -> Iterator[Step]:
        """The steps of all samples that wait."""
        for value, parts in self.waiting.items():
            yield self._joined(value, parts)
        self.waiting, self._count = {}, 0

    def _joined(self, value: str, parts: Sequence[Step]) -> Step:
        first = self.taken[value]
        batches = [
            joined(column).replace(first=first) for column in zip(*(part.batches for part in parts), strict=True)
        ]
        clusters = None if parts[0].clusters is None else np.concatenate([part.clusters for part in parts])
        self.taken[value] += batches[0].samples
        return Step(batches, clusters, value)


def _text(value: Any) -> str:
    """The name of a slice."""
    text = value if isinstance(value, str) else shortest(value)
    return MISSING if is_missing(text) else text


def in_order(values: Collection[str]) -> list[str]:
    """The values of slices in order: as numbers where all are."""
    found = [value for value in values if value != MISSING]
    by_number = all(map(is_number, found))
    rest = [value for value in values if value == MISSING]
    return [*sorted(found, key=(lambda text: number(text).value) if by_number else None), *rest]
