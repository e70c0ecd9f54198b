"""What the metrics beyond the summary add up of a model: mergeable tallies, one for each need, block by block.

A metric names its needs (`metrics.py`); only what is needed is computed. Every tally has a `+`, so that any split into blocks gives
the same numbers, and a size that does not grow with the input, but for the scores of a ranking, which are given up above `MOST_SCORES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cecli.maths.losses import Prediction
from cecli.maths.namespace import Array, at_labels, namespace, on_cpu, quiet, safe_product
from cecli.quantities.predictions import divergence, predict
from cecli.quantities.states import state_of
from cecli.record import Record
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.statistics import scores
from cecli.statistics.sums import GroupSums, Sum, Totals

if TYPE_CHECKING:
    from cecli.comparing.model_blocks import ModelBlock

MOST_SCORES = 10_000_000
"""Samples up to which the scores of a ranking are kept: 240 MB for each model."""

MOST_CONFUSED = 2_000
"""Classes up to which a confusion matrix is kept."""


class Wanted(Record):
    """What is asked for beyond the summary."""

    metrics: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    tops: tuple[int, ...] = ()
    bins: int = 15
    worst: int = 0
    disagree: int = 0
    by_class: bool = False
    confusion: bool = False


Tally = Mapping[str, Any]
"""By each need what was added up for it."""


def merged(a: Tally, b: Tally) -> Tally:
    """The tallies of two pieces of the input, the first of which may be empty."""
    return {name: a[name] + part if name in a else part for name, part in b.items()}


@quiet
def tally(block: Batch, options: Options, found: ModelBlock, wanted: Wanted) -> Tally:
    """What is needed of a block."""
    if not wanted.needs:
        return {}
    samples = Samples(block, options, found)
    return {need: TALLIES[need](samples, wanted) for need in sorted(wanted.needs)}


class Samples:
    """The samples of a block as the tallies see them: one NumPy number each, made where it is asked for."""

    def __init__(self, block: Batch, options: Options, found: ModelBlock) -> None:
        self.block, self.options, self.found = block, options, found
        self.classes = int(block.prediction.shape[-1])

    @cached_property
    def predicted(self) -> Prediction:
        """What the block predicts of every class."""
        return predict(state_of(self.block, self.options))

    @cached_property
    def target(self) -> Array:
        """The targets as distributions."""
        return self.block.target_rows

    @cached_property
    def weight(self) -> np.ndarray:
        """What each sample counts: 0 where it is left out."""
        weight = np.ones(self.block.samples) if self.block.weights is None else on_cpu(self.block.weights)
        return np.where(self.found.counted, weight, 0.0).astype(np.float64)

    @cached_property
    def probability(self) -> np.ndarray:
        """All probabilities, (N, K)."""
        return on_cpu(self.predicted.probability).astype(np.float64)

    @cached_property
    def rows(self) -> np.ndarray:
        """All targets, (N, K)."""
        return on_cpu(self.target).astype(np.float64)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The largest probability of each sample."""
        return on_cpu(namespace(self.predicted.probability).max(self.predicted.probability, axis=-1)).astype(np.float64)

    @cached_property
    def expected(self) -> Array:
        """The class that each target expects, where the prediction is."""
        xp = namespace(self.target)
        return xp.argmax(self.target, axis=-1)

    @cached_property
    def scores(self) -> Array:
        """What classes are ranked by: raw scores, where they are given, do not saturate."""
        return self.block.prediction if self.options.logits else self.predicted.probability

    def weighted(self, values: np.ndarray) -> np.ndarray:
        """weight · value, 0 where the weight is."""
        product: np.ndarray = safe_product(self.weight, values.astype(np.float64))
        return product

    def totals(self, values: np.ndarray) -> Totals:
        """The totals of one number per sample."""
        return Totals.of(self.weighted(values), self.weight)


# --- the tallies --------------------------------------------------------------------------------------------------


class Tops(Record):
    """For each k that is asked for how many have their target among the k largest."""

    totals: Mapping[int, Totals]

    def __add__(self, other: Tops) -> Tops:
        return Tops({k: total + other.totals[k] for k, total in self.totals.items()})


def _tops(samples: Samples, wanted: Wanted) -> Tops:
    rank = on_cpu(scores.ranks(samples.scores, samples.expected))
    return Tops({k: samples.totals(rank < k) for k in wanted.tops})


def _kl(samples: Samples, wanted: Wanted) -> Totals:  # noqa: ARG001
    """KL(p‖q); of a label it is the loss."""
    if samples.block.labels is not None:
        return samples.totals(samples.found.loss)
    target = namespace(samples.target).astype(samples.target, samples.block.prediction.dtype)
    return samples.totals(on_cpu(divergence(target, samples.predicted, samples.options)))


class Classes(Record):
    """Sums by class, each of length K: of the weights of the samples that expect it, predict it, do both; and of their loss."""

    expected: GroupSums
    """Of the class that is expected: weight, weight where it is predicted too, weighted loss, and number of samples."""
    predicted: GroupSums
    """Of the class that is predicted: weight."""

    def __add__(self, other: Classes) -> Classes:
        return Classes(self.expected + other.expected, self.predicted + other.predicted)


def _classes(samples: Samples, wanted: Wanted) -> Classes:  # noqa: ARG001
    found, weight = samples.found, samples.weight
    of_expected = (weight, weight * found.right, samples.weighted(found.loss), found.counted)
    return Classes(
        GroupSums.of(found.expected, of_expected, samples.classes),
        GroupSums.of(found.chosen, (weight,), samples.classes),
    )


class Frequencies(Record):
    """What the targets are alone: the weighted sum of each class, and of the squares of all."""

    classes: GroupSums
    squares: Sum
    soft: bool
    """Whether they were given as distributions."""

    def __add__(self, other: Frequencies) -> Frequencies:
        return Frequencies(self.classes + other.classes, self.squares + other.squares, self.soft or other.soft)


def _frequencies(samples: Samples, wanted: Wanted) -> Frequencies:  # noqa: ARG001
    if samples.block.labels is not None:
        classes = GroupSums.of(samples.found.expected, (samples.weight,), samples.classes)
        return Frequencies(classes, Sum.of(samples.weight), soft=False)
    rows, weight = samples.rows, samples.weight[:, None]
    groups = np.broadcast_to(np.arange(samples.classes), rows.shape).reshape(-1)
    return Frequencies(
        GroupSums.of(groups, ((weight * rows).reshape(-1),), samples.classes), Sum.of(weight * rows**2), soft=True
    )


class Bins(Record):
    """Sums by bin of confidence, under either reading of the edges: weight, confidence, right, Σ w², Σ w²·c·(1 − c)."""

    right_closed: GroupSums
    left_closed: GroupSums

    def __add__(self, other: Bins) -> Bins:
        return Bins(self.right_closed + other.right_closed, self.left_closed + other.left_closed)


def _bins(samples: Samples, wanted: Wanted) -> Bins:
    weight, confidence = samples.weight, samples.confidence
    square = weight**2
    values = (
        weight,
        weight * confidence,
        weight * samples.found.right,
        square,
        square * confidence * np.maximum(1 - confidence, 0),
    )
    right, left = (
        GroupSums.of(scores.bins_of(confidence, wanted.bins, closed), values, wanted.bins) for closed in (False, True)
    )
    return Bins(right, left)


class Reliability(Record):
    """Sums by class and bin of probability: weight, probability, target, each of length K·bins; and the second moments."""

    sums: GroupSums
    moments: tuple[Sum, Sum, Sum]

    def __add__(self, other: Reliability) -> Reliability:
        first, second, third = (a + b for a, b in zip(self.moments, other.moments, strict=True))
        return Reliability(self.sums + other.sums, (first, second, third))


def _reliability(samples: Samples, wanted: Wanted) -> Reliability:
    p, y = samples.probability, samples.rows
    weight = np.broadcast_to(samples.weight[:, None], p.shape)
    groups = (scores.bins_of(p, wanted.bins) + np.arange(samples.classes) * wanted.bins).reshape(-1)
    values = (weight.reshape(-1), (weight * p).reshape(-1), (weight * y).reshape(-1))
    moments = (Sum.of(weight * p * p), Sum.of(weight * p * y), Sum.of(weight * y * y))
    return Reliability(GroupSums.of(groups, values, samples.classes * wanted.bins), moments)


class Scores(Record):
    """The scores of class 1 with the weights of yes and no, kept as they are; None above `MOST_SCORES` samples."""

    parts: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...] | None
    samples: int

    def __add__(self, other: Scores) -> Scores:
        samples = self.samples + other.samples
        if self.parts is None or other.parts is None or samples > MOST_SCORES:
            return Scores(None, samples)
        return Scores(self.parts + other.parts, samples)

    @property
    def ranking(self) -> scores.Ranking | None:
        """All samples in the order of their scores."""
        if self.parts is None:
            return None
        score, positive, negative = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        return scores.Ranking.of(score, positive, negative)


def _ranking(samples: Samples, wanted: Wanted) -> Scores:  # noqa: ARG001
    """Raw scores are ranked as they are: z₁ − z₀, which does not saturate as p₁ does."""
    values = on_cpu(samples.block.prediction).astype(np.float64)
    counted = samples.found.counted
    difference = values[:, 1] - values[:, 0] if samples.options.logits else samples.probability[:, 1]
    yes = samples.rows[:, 1] / np.maximum(samples.rows.sum(axis=1), np.finfo(np.float64).tiny)
    part = (difference[counted], (samples.weight * yes)[counted], (samples.weight * (1 - yes))[counted])
    count = int(counted.sum())
    return Scores((part,) if count <= MOST_SCORES else None, count)


class Confused(Record):
    """The weight of each pair (expected, predicted) that occurs, under its code expected·K + predicted, in order."""

    codes: np.ndarray
    sums: GroupSums

    def __add__(self, other: Confused) -> Confused:
        codes = np.union1d(self.codes, other.codes)
        return Confused(codes, self._at(codes) + other._at(codes))

    def _at(self, codes: np.ndarray) -> GroupSums:
        """The same sums among more codes."""
        high, low = np.zeros((1, len(codes))), np.zeros((1, len(codes)))
        places = np.searchsorted(codes, self.codes)
        high[:, places], low[:, places] = self.sums
        return GroupSums(high, low)

    def matrix(self, classes: int) -> np.ndarray:
        """All pairs: a row for each class that is expected, a column for each that is predicted."""
        whole = np.zeros(classes * classes)
        whole[self.codes] = self.sums.values[0]
        return whole.reshape(classes, classes)


def _confused(samples: Samples, wanted: Wanted) -> Confused:  # noqa: ARG001
    found = samples.found
    codes, groups = np.unique(found.expected * samples.classes + found.chosen, return_inverse=True)
    return Confused(codes, GroupSums.of(groups.reshape(-1), (samples.weight,), len(codes)))


class Costly(Record):
    """A sample that cost a model much."""

    sample: int
    expected: int
    chosen: int
    probability: float
    loss: float


class Worst(Record):
    """The samples of the largest losses, the largest first; of the same loss the earlier."""

    limit: int
    rows: tuple[Costly, ...]

    def __add__(self, other: Worst) -> Worst:
        rows = sorted(self.rows + other.rows, key=lambda row: (-row.loss, row.sample))
        return Worst(self.limit, tuple(rows[: self.limit]))


def _worst(samples: Samples, wanted: Wanted) -> Worst:
    found = samples.found
    own = on_cpu(at_labels(samples.predicted.probability, samples.expected))[:, 0]
    rows = [
        Costly(
            samples.block.first + i, int(found.expected[i]), int(found.chosen[i]), float(own[i]), float(found.loss[i])
        )
        for i in largest(np.where(found.counted, found.loss, -1.0), wanted.worst)
        if found.counted[i]
    ]
    return Worst(wanted.worst, tuple(rows))


def largest(values: np.ndarray, count: int) -> list[int]:
    """Where the largest values stand, in order; of the same value the earlier first."""
    if len(values) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        candidates = np.flatnonzero(values >= least)
    else:
        candidates = np.arange(len(values))
    order: list[int] = candidates[np.argsort(-values[candidates], kind="stable")][:count].tolist()
    return order


TALLIES: Mapping[str, Callable[[Samples, Wanted], Any]] = {
    "tops": _tops,
    "kl": _kl,
    "classes": _classes,
    "frequencies": _frequencies,
    "bins": _bins,
    "reliability": _reliability,
    "ranking": _ranking,
    "confused": _confused,
    "worst": _worst,
}
