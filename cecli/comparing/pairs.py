"""Pairs of models on the same samples: what their losses differ by, folded batch by batch."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from cecli.comparing.model_batches import ModelBatch
from cecli.comparing.paired_options import PairedTestOptions
from cecli.maths.namespace import quiet
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.batches import Step
from cecli.statistics import resampling
from cecli.statistics.clusters import ClusterSums
from cecli.statistics.differences import Difference, Mistakes, count_difference_of, difference_of, mean_of
from cecli.statistics.sums import Totals

LOSSES = {"cross_entropy": "loss", "mse": "squared"}
SCORES = {"score": "score"}
MEASURES = {**LOSSES, **SCORES}
"""What models and pairs are compared by, sample by sample, and the field of `ModelBatch` that it stands in; right and wrong are compared beside it."""

NO_DIFFERENCES = dict.fromkeys(LOSSES, Difference())


class CountedSamples(Record):
    """What a batch has in common for all models: which of its samples count, and what they weigh."""

    mask: np.ndarray | None
    """None where all count."""
    weight: np.ndarray | None

    def of(self, values: np.ndarray) -> np.ndarray:
        """The values of the samples that count."""
        counted: np.ndarray = values if self.mask is None else values[self.mask]
        return counted

    def weighted(self, values: np.ndarray) -> np.ndarray:
        """The same times their weights."""
        counted = self.of(values).astype(np.float64)
        return counted if self.weight is None else counted * self.weight


class Alone(Record):
    """A model: its numbers by each loss, which are differences to 0; mergeable."""

    name: str
    by: dict[str, Difference] = NO_DIFFERENCES

    def __add__(self, other: Alone) -> Alone:
        return Alone(self.name, {name: mean + other.by[name] for name, mean in self.by.items()})

    def of(self, model: ModelBatch, counted: CountedSamples) -> tuple[Alone, list[np.ndarray]]:
        """The same model of one batch, and its weighted numbers by each loss."""
        by, columns = {}, []
        for name in self.by:
            total: Totals = getattr(model.totals, MEASURES[name])
            values = counted.of(getattr(model, MEASURES[name]))
            by[name], column = mean_of(values, total.values, total.weights, counted.weight)
            columns.append(column)
        return Alone(self.name, by), columns


class Pair(Record):
    """Two models: their differences by each loss, and those of wrong and right; mergeable."""

    a: str
    b: str
    by: dict[str, Difference] = NO_DIFFERENCES
    wrong: Difference = Difference()

    @property
    def only_a(self) -> int:
        """How many samples a alone has right."""
        return self.wrong.worse

    @property
    def only_b(self) -> int:
        """How many samples b alone has right."""
        return self.wrong.better

    @property
    def has_errors(self) -> bool:
        """Whether samples are right or wrong: all but scores are."""
        return "error_rate" in measures(self)

    def __add__(self, other: Pair) -> Pair:
        by = {name: difference + other.by[name] for name, difference in self.by.items()}
        return Pair(self.a, self.b, by, self.wrong + other.wrong)

    def of(self, a: ModelBatch, b: ModelBatch, counted: CountedSamples) -> tuple[Pair, list[np.ndarray]]:
        """The same pair of one batch, and the weighted differences by each loss and of wrong and right."""
        by, columns = {}, []
        for name, so_far in self.by.items():
            difference, column = _difference(a, b, MEASURES[name], counted, so_far.threshold)
            by[name] = difference.replace(mistakes=mistakes_of(a, b, name, counted))
            columns.append(column)
        if not self.has_errors:
            return Pair(self.a, self.b, by), columns
        wrong, column = _errors(a, b, counted, self.wrong.threshold)
        return Pair(self.a, self.b, by, wrong), [*columns, column]


def mistakes_of(a: ModelBatch, b: ModelBatch, name: str, counted: CountedSamples) -> Mistakes:
    """How the differences of a batch would change if other classes were right."""
    if a.mistaken is None or b.mistaken is None:
        return Mistakes()
    odds = counted.of(np.minimum(a.mistaken.odds, b.mistaken.odds))
    change = counted.weighted(getattr(a.mistaken, LOSSES[name]) - getattr(b.mistaken, LOSSES[name]))
    return Mistakes.of(change, odds)


def _errors(a: ModelBatch, b: ModelBatch, counted: CountedSamples, threshold: float) -> tuple[Difference, np.ndarray]:
    """The differences of wrong and right."""
    if counted.weight is not None:
        return _difference(a, b, "wrong", counted, threshold)
    ours, theirs = a.totals.wrong, b.totals.wrong
    return count_difference_of(counted.of(a.wrong), counted.of(b.wrong), ours.values - theirs.values, ours.weights)


def _difference(
    a: ModelBatch, b: ModelBatch, field: str, counted: CountedSamples, threshold: float
) -> tuple[Difference, np.ndarray]:
    ours, theirs = getattr(a.totals, field), getattr(b.totals, field)
    values = counted.of(getattr(a, field)), counted.of(getattr(b, field))
    return difference_of(*values, ours.values - theirs.values, ours.weights, counted.weight, threshold)


def measures(one: Alone | Pair) -> tuple[str, ...]:
    """All that a model or a pair is compared by."""
    return (*one.by, *(() if SCORES.keys() & one.by else ("error_rate",)))


def measures_of(source: Source) -> tuple[str, ...]:
    """What a model is compared by, sample by sample."""
    if source.are_scores:
        return tuple(SCORES)
    return () if source.are_labels else tuple(LOSSES)


class Pairs:
    """All models and all pairs of a comparison, folded together."""

    def __init__(
        self,
        names: Sequence[str],
        options: PairedTestOptions,
        losses: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """`losses` are those that each model has, where some have not all."""
        self.options = options.checked(names)
        self.names = list(names)
        own = losses or dict.fromkeys(names, tuple(LOSSES))
        self.models = [Alone(name, {loss: Difference() for loss in MEASURES if loss in own[name]}) for name in names]
        by_name = dict(zip(names, self.models, strict=True))
        self.pairs = [
            Pair(a, b, {loss: Difference() for loss in by_name[a].by if loss in by_name[b].by})
            for a, b in options.pairs(self.names)
        ]
        self.n = 0
        """How many samples count."""
        self.weight = self.squared_weight = 0.0
        self.is_weighted = False
        self._scale: int | None = None
        keys = [(pair.a, pair.b, measure) for pair in self.pairs for measure in measures(pair)]
        of_pairs = 1 + len(keys)
        keys += [(model.name, "", measure) for model in self.models for measure in measures(model)]
        self.columns = {key: place for place, key in enumerate(keys, start=1)}
        """Where the sums of a pair, or of a model, stand in the clusters and in the bootstrap; the weights are the first."""
        self.clusters = None if options.cluster is None else ClusterSums(1 + len(keys))
        resampled = options.bootstrap if self.pairs else None
        self.bootstrap = None if resampled is None else resampling.Bootstrap(resampled, of_pairs, options.seed)

    @quiet
    def add(self, models: Sequence[ModelBatch], step: Step) -> None:
        """Folds in the next step of all models."""
        counted = self._counted(models[0])
        n = len(counted.of(models[0].right))
        if not n:
            return
        weight = np.ones(n) if counted.weight is None else counted.weight
        self.n, self.weight = self.n + n, self.weight + float(np.sum(weight))
        self.squared_weight += float(np.sum(weight * weight))
        rows = [weight, *self._add_to_pairs(models, counted)]
        of_models = self._add_to_models(models, counted)
        if self.clusters is not None and step.clusters is not None:
            self.clusters.add(counted.of(step.clusters), np.stack([*rows, *of_models], axis=1))
        elif self.bootstrap is not None:
            self.bootstrap.add(np.stack(rows, axis=1))

    def _add_to_pairs(self, models: Sequence[ModelBatch], counted: CountedSamples) -> list[np.ndarray]:
        """Folds in the pairs of a batch; the weighted differences of each."""
        by_name = dict(zip(self.names, models, strict=True))
        parts = [pair.of(by_name[pair.a], by_name[pair.b], counted) for pair in self.pairs]
        self.pairs = [pair + part for pair, (part, _) in zip(self.pairs, parts, strict=True)]
        return [column for _, columns in parts for column in columns]

    def _add_to_models(self, models: Sequence[ModelBatch], counted: CountedSamples) -> list[np.ndarray]:
        """Folds in the models of a batch; the weighted numbers of each, and where it is wrong."""
        parts = [alone.of(model, counted) for alone, model in zip(self.models, models, strict=True)]
        self.models = [alone + part for alone, (part, _) in zip(self.models, parts, strict=True)]
        if self.clusters is None:
            return []
        wrong = ([counted.weighted(model.wrong)] * (model.score is None) for model in models)
        return [column for (_, columns), each in zip(parts, wrong, strict=True) for column in (*columns, *each)]

    def _counted(self, model: ModelBatch) -> CountedSamples:
        """Which samples of a batch count, and their weights near 1."""
        counted = CountedSamples(None if bool(np.all(model.counted)) else model.counted, None)
        if model.weight is None:
            return counted
        weight = counted.of(model.weight).astype(np.float64)
        self.is_weighted = True
        if self._scale is None and len(weight):
            self._scale = -math.frexp(float(np.max(weight)))[1]
        return counted.replace(weight=np.ldexp(weight, self._scale or 0))
