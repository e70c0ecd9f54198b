"""Columns that stand beside the samples and group them: clusters (`--cluster`), and slices (`--by`), whose samples become steps of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from cecli.errors import UsageError
from cecli.numerals import shortest
from cecli.reading import checks
from cecli.reading.missing import is_missing
from cecli.reading.sources import Source, TypedSource
from cecli.reading.vector import number_or_nan, value_of
from cecli.running.batches import Step, joined
from cecli.running.left_out import without_missing
from cecli.running.walk import Span, Walk

MOST_SLICES = 1_000
"""Different values that a column of `--by` may have."""

BLOCK = 1 << 16
TOGETHER = 32
"""Samples of slices wait for those of so many steps, so that a slice's step is not of a few alone."""

MISSING = "(missing)"
"""What the slice is called whose samples have no value."""


class GroupReader:
    """Takes the names of groups in step with the samples: texts where the source has a column of them, else numbers."""

    def __init__(self, source: Source, first: int = 0) -> None:
        self.source, self.seen = source, first

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
        texts = hasattr(source, "texts") and (source.width == 1 or isinstance(source, TypedSource))
        names = source.texts(n) if texts else source.vector(n)
        return None if names is None else np.asarray(names)

    def some(self, span: Span) -> np.ndarray | None:
        """The next names of a span; None at its end."""
        left = BLOCK if span.samples is None else min(BLOCK, span.first + span.samples - self.seen)
        names = self._next(left) if left else None
        self.seen += 0 if names is None else len(names)
        return names

    def finish(self, predictions: Source) -> None:
        """No name of a group may be left."""
        if self._next(1) is not None:
            raise checks.length_error(self.seen + 1 + self.source.drain(), self.seen, self.source, predictions)


class GroupedWalk(Walk):
    """A walk whose steps have their clusters; and with those of every 32 steps come the samples of each slice, as steps of their own."""

    def __init__(self, *walked: Any, clusters: Source | None = None, by: Source | None = None) -> None:
        super().__init__(*walked)
        self.clusters, self.by = clusters, by
        self._of_clusters: GroupReader | None = None
        self.before: Mapping[str, int] = {}
        """How many samples of each slice come before this part of the input."""

    @property
    def together(self) -> int:
        """How many steps must stay together."""
        return 1 if self.by is None else TOGETHER

    @property
    def sources(self) -> list[Source]:
        """All that is read in step."""
        return [*super().sources, *(source for source in (self.clusters, self.by) if source is not None)]

    def counted(self) -> Counter[str] | None:
        """How many samples each slice has here: those of the parts before tell a part where its own begin."""
        if self.by is None:
            return None
        found = Counter[str]()
        reader = GroupReader(self.by, self.span.first)
        while (names := reader.some(self.span)) is not None:
            values, counts = np.unique(texts_of(names), return_counts=True)
            found.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        return found

    def after(self, counted: Counter[str]) -> GroupedWalk:
        """The same part, where so many samples of each slice come before."""
        part = copy(self)
        part.before = counted
        return part

    def beside(self, step: Step) -> Step:
        """The step with the cluster of each sample; one without a cluster is missing a value."""
        if (reader := self._of_clusters) is None:
            return step
        return without_missing(step.replace(clusters=reader.take(step)), [reader.source], self.options)

    def _run(self) -> Iterator[Step]:
        self._of_clusters, slices = (_reader(each, self.span.first) for each in (self.clusters, self.by))
        waiting = _Waiting(self.by, self.rows_at_once, self.before)
        held: Step | None = None
        for step in super()._run():
            if held is not None:
                yield held
            held = step
            if slices is not None:
                held = held.replace(slices=waiting.add(held, slices.take(held)))
        if held is not None:
            yield held.replace(slices=(*held.slices, *waiting.cut()))
        for reader in (slices, self._of_clusters):
            if reader is not None and self.span.samples is None:
                reader.finish(self.predictions[0])


def _reader(source: Source | None, first: int) -> GroupReader | None:
    return None if source is None else GroupReader(source, first)


class _Waiting:
    """Steps whose samples wait to be cut into slices."""

    def __init__(self, by: Source | None, rows_at_once: int, before: Mapping[str, int]) -> None:
        self.by, self.rows_at_once = by, rows_at_once
        self.steps: list[tuple[Step, np.ndarray]] = []
        self.taken = dict(before)
        """How many samples of each slice were handed on."""

    def add(self, step: Step, names: np.ndarray) -> tuple[Step, ...]:
        """Takes in a step and the names of its samples' slices; the steps of all slices, if enough wait."""
        self.steps.append((step, names))
        return self.cut() if len(self.steps) == TOGETHER else ()

    def cut(self) -> tuple[Step, ...]:
        """The steps of the slices of all that wait."""
        found: dict[str, list[Step]] = {}
        for step, names in self.steps:
            values, places = np.unique(texts_of(names), return_inverse=True)
            for i, value in enumerate(values.tolist()):
                found.setdefault(value, []).append(step.taken(np.flatnonzero(places.reshape(-1) == i)))
        self.steps = []
        self.taken = dict.fromkeys(found, 0) | self.taken
        if self.by is not None and len(self.taken) > MOST_SLICES:
            raise UsageError(
                f"--by: {self.by.name} has more than {MOST_SLICES:,} values",
                hint="a slice needs many samples: choose a column with fewer values",
            )
        return tuple(part for value, parts in found.items() for part in self._of_slice(value, parts))

    def _of_slice(self, value: str, parts: Sequence[Step]) -> Iterator[Step]:
        """The samples of a slice, numbered among these; steps of the usual size."""
        first = self.taken[value]
        columns = zip(*(part.batches for part in parts), strict=True)
        batches = [joined(column).replace(first=first) for column in columns]
        clusters = None if parts[0].clusters is None else np.concatenate([part.clusters for part in parts])
        whole = Step(batches, clusters, value)
        self.taken[value] = first + whole.samples
        for start in range(0, whole.samples, self.rows_at_once):
            yield whole.part(start, min(start + self.rows_at_once, whole.samples))


def texts_of(names: np.ndarray) -> np.ndarray:
    """The names of slices as texts."""
    return np.array([_text(name) for name in names.tolist()], dtype=object).astype(str)


def _text(value: Any) -> str:
    """The name of a slice."""
    text = value if isinstance(value, str) else shortest(value)
    return MISSING if is_missing(text) else text


def in_order(values: Collection[str]) -> list[str]:
    """The values of slices in order: as numbers where all are."""
    found = [value for value in values if value != MISSING]
    by_number = all(value_of(value) is not None for value in found)
    rest = [value for value in values if value == MISSING]
    return [*sorted(found, key=number_or_nan if by_number else None), *rest]
