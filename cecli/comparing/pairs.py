"""Pairs of models on the same samples: what their losses differ by, folded batch by batch."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

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

    def scaled(self, factor: float) -> Alone:
        """The same with all weights times a power of two."""
        return Alone(self.name, {name: mean.scaled(factor) for name, mean in self.by.items()})

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

    def scaled(self, factor: float) -> Pair:
        """The same with all weights times a power of two."""
        by = {name: difference.scaled(factor) for name, difference in self.by.items()}
        return Pair(self.a, self.b, by, self.wrong.scaled(factor))

    def of(self, a: ModelBatch, b: ModelBatch, counted: CountedSamples) -> tuple[Pair, list[np.ndarray]]:
        """The same pair of one batch, and the weighted differences by each loss and of wrong and right."""
        by, columns = {}, []
        for name in self.by:
            difference, column = _difference(a, b, MEASURES[name], counted)
            by[name] = difference.replace(mistakes=mistakes_of(a, b, name, counted))
            columns.append(column)
        if not self.has_errors:
            return Pair(self.a, self.b, by), columns
        wrong, column = _errors(a, b, counted)
        return Pair(self.a, self.b, by, wrong), [*columns, column]


def mistakes_of(a: ModelBatch, b: ModelBatch, name: str, counted: CountedSamples) -> Mistakes:
    """How the differences of a batch would change if other classes were right."""
    if a.mistaken is None or b.mistaken is None:
        return Mistakes()
    odds = counted.of(np.minimum(a.mistaken.odds, b.mistaken.odds))
    change = counted.weighted(getattr(a.mistaken, LOSSES[name]) - getattr(b.mistaken, LOSSES[name]))
    return Mistakes.of(change, odds)


def _errors(a: ModelBatch, b: ModelBatch, counted: CountedSamples) -> tuple[Difference, np.ndarray]:
    """The differences of wrong and right."""
    if counted.weight is not None:
        return _difference(a, b, "wrong", counted)
    ours, theirs = a.totals.wrong, b.totals.wrong
    return count_difference_of(counted.of(a.wrong), counted.of(b.wrong), ours.values - theirs.values, ours.weights)


def _difference(a: ModelBatch, b: ModelBatch, field: str, counted: CountedSamples) -> tuple[Difference, np.ndarray]:
    ours, theirs = getattr(a.totals, field), getattr(b.totals, field)
    values = counted.of(getattr(a, field)), counted.of(getattr(b, field))
    return difference_of(*values, ours.values - theirs.values, ours.weights, counted.weight)


def measures(one: Alone | Pair) -> tuple[str, ...]:
    """All that a model or a pair is compared by."""
    return (*one.by, *(() if SCORES.keys() & one.by else ("error_rate",)))


def measures_of(source: Source) -> tuple[str, ...]:
    """What a model is compared by, sample by sample."""
    if source.are_scores:
        return tuple(SCORES)
    return () if source.are_labels else tuple(LOSSES)


class PairTotals(Record):
    """What samples come to for all models and all pairs; mergeable."""

    models: Sequence[Alone]
    pairs: Sequence[Pair]
    n: int = 0
    """How many samples count."""
    weight: float = 0.0
    squared_weight: float = 0.0
    scale: int | None = None
    """Weights are these times 2^scale, near 1; None where all samples weigh the same."""
    clusters: ClusterSums | None = None
    resampled: np.ndarray | None = None
    """The sums of the bootstrap."""

    def __add__(self, other: PairTotals) -> PairTotals:
        if not (self.n and other.n):
            return self if self.n else other
        scale = None if self.scale is None or other.scale is None else min(self.scale, other.scale)
        a, b = self._at(scale), other._at(scale)
        return PairTotals(
            [one + more for one, more in zip(a.models, b.models, strict=True)],
            [one + more for one, more in zip(a.pairs, b.pairs, strict=True)],
            a.n + b.n,
            a.weight + b.weight,
            a.squared_weight + b.squared_weight,
            scale,
            None if a.clusters is None or b.clusters is None else a.clusters + b.clusters,
            None if a.resampled is None or b.resampled is None else a.resampled + b.resampled,
        )

    def _at(self, scale: int | None) -> PairTotals:
        """The same with the weights at another scale."""
        if self.scale is None or scale is None or self.scale == scale:
            return self
        factor = math.ldexp(1.0, scale - self.scale)
        return PairTotals(
            [model.scaled(factor) for model in self.models],
            [pair.scaled(factor) for pair in self.pairs],
            self.n,
            self.weight * factor,
            self.squared_weight * factor**2,
            scale,
            None if self.clusters is None else self.clusters.scaled(factor),
            None if self.resampled is None else self.resampled * factor,
        )


class Pairs:
    """All models and all pairs of a comparison, and how these are tested."""

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
        keys = [(pair.a, pair.b, measure) for pair in self.pairs for measure in measures(pair)]
        self.of_pairs = 1 + sum(len(measures(pair)) for pair in self.reported(self.pairs))
        """How many columns the weights and the pairs that are asked for have: those are resampled."""
        keys += [(model.name, "", measure) for model in self.models for measure in measures(model)]
        self.columns = {key: place for place, key in enumerate(keys, start=1)}
        """Where the sums of a pair, or of a model, stand in the clusters and in the bootstrap; the weights are the first."""
        self.resamples = options.bootstrap if self.pairs else None

    @property
    def nothing(self) -> PairTotals:
        """The totals of no sample."""
        return PairTotals(self.models, self.pairs)

    def reported(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Those of the pairs that are asked for: all of them, or those with the baseline, which are the first."""
        baseline = self.options.baseline
        return [pair for pair in pairs if baseline in (None, pair.b)]

    @quiet
    def of(self, models: Sequence[ModelBatch], step: Step) -> PairTotals:
        """What a step of all models comes to."""
        counted, scale = _counted(models[0])
        n = len(counted.of(models[0].right))
        if not n:
            return self.nothing
        weight = np.ones(n) if counted.weight is None else counted.weight
        by_name = dict(zip(self.names, models, strict=True))
        pairs = [pair.of(by_name[pair.a], by_name[pair.b], counted) for pair in self.pairs]
        alone = [each.of(model, counted) for each, model in zip(self.models, models, strict=True)]
        rows = [weight, *(column for _, columns in pairs for column in columns)]
        totals = PairTotals(
            [each for each, _ in alone],
            [pair for pair, _ in pairs],
            n,
            float(np.sum(weight)),
            float(np.sum(weight * weight)),
            scale,
        )
        if step.clusters is not None:
            of_models = [column for each in zip(alone, models, strict=True) for column in _columns(*each, counted)]
            columns = np.stack([*rows, *of_models], axis=1)
            return totals.replace(clusters=ClusterSums.of(counted.of(step.clusters), columns))
        if self.resamples is not None:
            return totals.replace(resampled=self._resampled(np.stack(rows[: self.of_pairs], axis=1), counted, step))
        return totals

    def _resampled(self, rows: np.ndarray, counted: CountedSamples, step: Step) -> np.ndarray:
        """The bootstrap of the samples that count; the others are rows of zeros."""
        if counted.mask is not None:
            whole = np.zeros((step.samples, rows.shape[1]))
            whole[counted.mask] = rows
            rows = whole
        assert self.resamples is not None
        return resampling.resampled(rows, step.first, self.resamples, self.options.seed)


def _columns(alone: tuple[Alone, list[np.ndarray]], model: ModelBatch, counted: CountedSamples) -> Iterator[np.ndarray]:
    """The weighted numbers of a model, and where it is wrong."""
    yield from alone[1]
    if model.score is None:
        yield counted.weighted(model.wrong)


def _counted(model: ModelBatch) -> tuple[CountedSamples, int | None]:
    """Which samples of a batch count, and their weights near 1, times which power of two."""
    counted = CountedSamples(None if bool(np.all(model.counted)) else model.counted, None)
    if model.weight is None:
        return counted, None
    weight = counted.of(model.weight).astype(np.float64)
    scale = -math.frexp(float(np.max(weight, initial=0.0)))[1]
    return counted.replace(weight=np.ldexp(weight, scale)), scale
