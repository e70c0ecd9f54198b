"""Pairs of models on the same samples: what their losses differ by, folded batch by batch."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from cecli.comparing.model_batches import ModelBatch
from cecli.comparing.paired_options import PairedTestOptions
from cecli.maths.namespace import quiet
from cecli.reading import checks
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.batches import Step
from cecli.statistics import resampling
from cecli.statistics.clusters import ClusterSums
from cecli.statistics.differences import Difference, difference_of

LOSSES = {"cross_entropy": "loss", "mse": "squared"}
SCORES = {"score": "score"}
MEASURES = {**LOSSES, **SCORES}
"""What pairs are compared by, sample by sample, and the field of `ModelBatch` that it stands in; right and wrong are counted beside it."""

NO_DIFFERENCES = dict.fromkeys(LOSSES, Difference())


class CountedSamples(Record):
    """What a batch has in common for all pairs: which of its samples count, what they weigh, and their flip codes."""

    mask: np.ndarray | None
    """None where all count."""
    weight: np.ndarray | None
    codes: np.ndarray | None
    """None where there are no signs to flip: of clusters, and beyond the most samples."""

    def of(self, values: np.ndarray) -> np.ndarray:
        """The values of the samples that count."""
        counted: np.ndarray = values if self.mask is None else values[self.mask]
        return counted


class Pair(Record):
    """Two models: their differences by each loss, and the samples that one alone has right; mergeable."""

    a: str
    b: str
    by: dict[str, Difference] = NO_DIFFERENCES
    """By the losses that both have."""
    only_a: int = 0
    only_b: int = 0

    @property
    def has_errors(self) -> bool:
        """Whether samples are right or wrong: all but scores are."""
        return not SCORES.keys() & self.by

    def __add__(self, other: Pair) -> Pair:
        by = {name: difference + other.by[name] for name, difference in self.by.items()}
        return Pair(self.a, self.b, by, self.only_a + other.only_a, self.only_b + other.only_b)

    def of(self, a: ModelBatch, b: ModelBatch, counted: CountedSamples) -> tuple[Pair, list[np.ndarray]]:
        """The same pair of one batch, and the weighted differences by each loss."""
        by, columns = {}, []
        for name in self.by:
            field = MEASURES[name]
            ours, theirs = getattr(a.totals, field), getattr(b.totals, field)
            losses = counted.of(getattr(a, field)), counted.of(getattr(b, field))
            total = ours.values - theirs.values
            by[name], column = difference_of(*losses, total, ours.weights, counted.weight, counted.codes)
            columns.append(column)
        right_a, right_b = counted.of(a.right), counted.of(b.right)
        only_a, only_b = (int(np.count_nonzero(one > other)) for one, other in ((right_a, right_b), (right_b, right_a)))
        return Pair(self.a, self.b, by, only_a, only_b), columns


class ClusterReader:
    """Takes the names of the clusters: texts where the source has a column of them, else numbers."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def take(self, n: int, first: int, predictions: Source) -> np.ndarray:
        """Those of the next n samples."""
        names = self._next(n)
        count = 0 if names is None else len(names)
        if count < n or names is None:
            total = first + count + (self.source.drain() if count else 0)
            raise checks.length_error(total, first + n + predictions.drain(), self.source, predictions)
        return names

    def _next(self, n: int) -> np.ndarray | None:
        source: Any = self.source
        texts = hasattr(source, "texts") and source.width == 1
        names = source.texts(n) if texts else source.vector(n)
        return None if names is None else np.asarray(names)

    def finish(self, samples: int, predictions: Source) -> None:
        """No name of a cluster may be left."""
        if self._next(1) is not None:
            raise checks.length_error(samples + 1 + self.source.drain(), samples, self.source, predictions)


def measures_of(source: Source) -> tuple[str, ...]:
    """What a model is compared by, sample by sample."""
    if source.are_scores:
        return tuple(SCORES)
    return () if source.are_labels else tuple(LOSSES)


def _of_both(losses: Mapping[str, Collection[str]] | None, a: str, b: str) -> dict[str, Difference]:
    """No differences yet, by the losses that both models have."""
    if losses is None:
        return NO_DIFFERENCES
    return {name: Difference() for name in MEASURES if name in losses[a] and name in losses[b]}


class Pairs:
    """All pairs of a comparison, folded together."""

    def __init__(
        self,
        names: Sequence[str],
        options: PairedTestOptions,
        losses: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """`losses` are those that each model has, where some have not all."""
        self.options = options.checked(names)
        self.names = list(names)
        self.pairs = [Pair(a, b, _of_both(losses, a, b)) for a, b in options.pairs(self.names)]
        self.n = self.seen = 0
        """How many samples count, and how many there were."""
        self.weight, self.is_weighted = 0.0, False
        self._scale: int | None = None
        columns = 1 + sum(len(pair.by) for pair in self.pairs)
        self.clusters = None if options.cluster is None else ClusterSums(columns)
        self._names = None if options.cluster is None else ClusterReader(options.cluster)
        resampled = options.bootstrap if self.pairs else None
        self.bootstrap = None if resampled is None else resampling.Bootstrap(resampled, columns, options.seed)

    @quiet
    def add(self, models: Sequence[ModelBatch], step: Step) -> None:
        """Folds in the next step of all models."""
        predictions = step.batches[0].stream.source
        clusters = None if self._names is None else self._names.take(step.samples, step.first, predictions)
        self.seen = step.first + step.samples
        counted = self._counted(models[0], step.first)
        n = len(counted.of(models[0].right))
        if not self.pairs or not n:
            return
        weight = np.ones(n) if counted.weight is None else counted.weight
        self.n, self.weight = self.n + n, self.weight + float(np.sum(weight))
        rows = [weight, *self._add_to_pairs(models, counted)]
        if self.clusters is not None and clusters is not None:
            self.clusters.add(counted.of(clusters), np.stack(rows, axis=1))
        elif self.bootstrap is not None:
            self.bootstrap.add(np.stack(rows, axis=1))

    def _add_to_pairs(self, models: Sequence[ModelBatch], counted: CountedSamples) -> list[np.ndarray]:
        """Folds in the pairs of a batch; the weighted differences of each by each loss."""
        by_name = dict(zip(self.names, models, strict=True))
        parts = [pair.of(by_name[pair.a], by_name[pair.b], counted) for pair in self.pairs]
        self.pairs = [pair + part for pair, (part, _) in zip(self.pairs, parts, strict=True)]
        return [column for _, columns in parts for column in columns]

    def _counted(self, model: ModelBatch, first: int) -> CountedSamples:
        """Which samples of a batch count, their weights near 1, and their codes."""
        counted = CountedSamples(None if bool(np.all(model.counted)) else model.counted, None, None)
        if self.clusters is None and self.pairs and first < resampling.FLIPS_UP_TO:
            codes = resampling.codes(first, len(model.right), self.options.seed)
            counted = counted.replace(codes=counted.of(codes))
        if model.weight is None:
            return counted
        weight = counted.of(model.weight).astype(np.float64)
        self.is_weighted = True
        if self._scale is None and len(weight):
            self._scale = -math.frexp(float(np.max(weight)))[1]
        return counted.replace(weight=np.ldexp(weight, self._scale or 0))

    def finish(self, predictions: Source) -> None:
        """The input has ended."""
        if self._names is not None:
            self._names.finish(self.seen, predictions)
