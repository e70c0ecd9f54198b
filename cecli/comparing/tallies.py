"""What the metrics beyond the summary add up of a model: mergeable tallies, batch by batch.

A metric names the tallies that it needs (`metrics.py`), and only these are computed. Every tally has a `+`, so that any split into
batches gives the same numbers, and a size that does not grow with the input, but for the scores of a ranking, which are given up above
`MOST_SCORES`. Right after its sums stands what is computed from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cecli.comparing.batch_samples import BatchSamples
from cecli.comparing.costly import Costliest
from cecli.comparing.picture_totals import PictureTotals
from cecli.maths.namespace import on_cpu, quiet
from cecli.quantities.predictions import are_logits_as_given, divergence
from cecli.record import Record, computed_once
from cecli.statistics import scores
from cecli.statistics.sums import GroupSums, Sum, Totals

MOST_SCORES = 10_000_000
"""Samples up to which the scores of a ranking are kept: 240 MB for each model."""


class Tops(Record):
    """For each k that is asked for how many have their target among the k largest."""

    totals: Mapping[int, Totals]

    def __add__(self, other: Tops) -> Tops:
        return Tops({k: total + other.totals[k] for k, total in self.totals.items()})


def _tops(samples: BatchSamples) -> Tops:
    ranked_by = samples.batch.prediction if are_logits_as_given(samples.options) else samples.predicted.probability
    rank = on_cpu(scores.ranks(ranked_by, samples.expected))
    return Tops({k: samples.totals(rank < k) for k in samples.request.tops})


def _divergence(samples: BatchSamples) -> Totals:
    """KL(p‖q); of a label it is the loss."""
    if samples.batch.labels is not None:
        return samples.totals(samples.model.loss)
    return samples.totals(on_cpu(divergence(samples.state, samples.target)))


class Classes(Record):
    """Sums by class, each of length K; beside predicted labels alone of as many classes as were seen."""

    expected: GroupSums
    """Of the class that is expected: weight, weight where it is predicted too, weighted loss, number of samples, and squared weight."""
    predicted: GroupSums
    """Of the class that is predicted: weight."""

    def __add__(self, other: Classes) -> Classes:
        return Classes(self.expected + other.expected, self.predicted + other.predicted)

    @property
    def support(self) -> np.ndarray:
        """The weight of each class."""
        weights: np.ndarray = self.expected.values[0]
        return weights

    @property
    def balanced_accuracy(self) -> float:
        """The mean recall."""
        support, hits = self.expected.values[:2]
        return scores.mean_of_known(scores.shares(hits, support))

    @property
    def macro_f1(self) -> float:
        """The mean F₁."""
        support, hits = self.expected.values[:2]
        return scores.mean_of_known(scores.f1(hits, support, self.predicted.values[0]))


def _classes(samples: BatchSamples) -> Classes:
    model, weight = samples.model, samples.weight
    of_expected = (weight, weight * model.right, samples.weighted(model.loss), model.counted, weight**2)
    return Classes(
        GroupSums.of(model.expected, of_expected, samples.classes),
        GroupSums.of(model.chosen, (weight,), samples.classes),
    )


class Frequencies(Record):
    """What the targets are alone: the weighted sum of each class, and of the squares of all."""

    classes: GroupSums
    squares: Sum

    def __add__(self, other: Frequencies) -> Frequencies:
        return Frequencies(self.classes + other.classes, self.squares + other.squares)

    @property
    def prior_loss(self) -> float:
        """The log loss of always predicting the class frequencies, in nats."""
        return scores.entropy_of_counts(self.classes.values[0])

    def yardsticks(self) -> dict[str, dict[str, float]]:
        """What no model at all would score: the same probability for every class, and the class frequencies for every sample."""
        counts = self.classes.values[0]
        total = float(counts.sum())
        squares = self.squares.over(Sum(total))
        return {
            "uniform": {"log_loss": math.log(len(counts)), "mse": squares - 1 / len(counts)},
            "prior": {"log_loss": self.prior_loss, "mse": squares - float(np.sum((counts / total) ** 2))},
        }


def _frequencies(samples: BatchSamples) -> Frequencies:
    if samples.batch.labels is not None:
        classes = GroupSums.of(samples.model.expected, (samples.weight,), samples.classes)
        return Frequencies(classes, Sum.of(samples.weight))
    rows, weight = samples.rows, samples.weight[:, None]
    groups = np.broadcast_to(np.arange(samples.classes), rows.shape).reshape(-1)
    return Frequencies(GroupSums.of(groups, ((weight * rows).reshape(-1),), samples.classes), Sum.of(weight * rows**2))


class Bins(Record):
    """Sums by bin of confidence, under either reading of the edges: weight, confidence, right, Σ w², Σ w²·c·(1 − c)."""

    right_closed: GroupSums
    left_closed: GroupSums

    def __add__(self, other: Bins) -> Bins:
        return Bins(self.right_closed + other.right_closed, self.left_closed + other.left_closed)

    def calibration(self, left_closed: bool = False) -> scores.Calibration:
        """ECE and MCE."""
        weight, confidence, right = (self.left_closed if left_closed else self.right_closed).values[:3]
        return scores.calibration(weight, confidence, right)

    @property
    def by_chance(self) -> float:
        """The ECE that a model whose confidence is always true is expected to have."""
        weight, confidence, _, squares, variance = self.right_closed.values
        return scores.calibration_by_chance(weight, confidence, squares, variance)


def _bins(samples: BatchSamples) -> Bins:
    weight, confidence, bins = samples.weight, samples.confidence, samples.request.bin_count
    square = weight**2
    variance = square * confidence * np.maximum(1 - confidence, 0)
    values = (weight, weight * confidence, weight * samples.model.right, square, variance)
    right, left = (GroupSums.of(scores.bins_of(confidence, bins, closed), values, bins) for closed in (False, True))
    return Bins(right, left)


class Reliability(Record):
    """Sums by class and bin of probability: weight, probability, target, each of length K·bins; and the second moments."""

    sums: GroupSums
    moments: tuple[Sum, Sum, Sum]
    bins: int

    def __add__(self, other: Reliability) -> Reliability:
        first, second, third = (a + b for a, b in zip(self.moments, other.moments, strict=True))
        return Reliability(self.sums + other.sums, (first, second, third), self.bins)

    @computed_once
    def brier(self) -> scores.BrierParts:
        """The parts of the Brier score."""
        weight, p, y = (row.reshape(-1, self.bins) for row in self.sums.values)
        pp, py, yy = (total.value for total in self.moments)
        return scores.brier_parts(weight, p, y, (pp, py, yy))


def _reliability(samples: BatchSamples) -> Reliability:
    p, y, bins = samples.probability, samples.rows, samples.request.bin_count
    weight = np.broadcast_to(samples.weight[:, None], p.shape)
    groups = (scores.bins_of(p, bins) + np.arange(samples.classes) * bins).reshape(-1)
    values = (weight.reshape(-1), (weight * p).reshape(-1), (weight * y).reshape(-1))
    moments = (Sum.of(weight * p * p), Sum.of(weight * p * y), Sum.of(weight * y * y))
    return Reliability(GroupSums.of(groups, values, samples.classes * bins), moments, bins)


class Ranked(Record):
    """The scores of class 1 with the weights of yes and no, kept as they are; None above `MOST_SCORES` samples."""

    parts: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...] | None
    samples: int

    def __add__(self, other: Ranked) -> Ranked:
        samples = self.samples + other.samples
        if self.parts is None or other.parts is None or samples > MOST_SCORES:
            return Ranked(None, samples)
        return Ranked(self.parts + other.parts, samples)

    @computed_once
    def _ranking(self) -> scores.Ranking | None:
        """All samples in the order of their scores."""
        if self.parts is None:
            return None
        score, positive, negative = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        return scores.Ranking.of(score, positive, negative)

    @property
    def roc_auc(self) -> float | None:
        """The area under the ROC curve."""
        return None if self._ranking is None else scores.roc_auc(self._ranking)

    @computed_once
    def roc_auc_shares(self) -> np.ndarray | None:
        """What each sample adds to how far the area may be off."""
        if self.parts is None:
            return None
        return scores.roc_auc_shares(*(np.concatenate(column) for column in zip(*self.parts, strict=True)))

    @property
    def average_precision(self) -> float | None:
        """The step-wise area under the curve of precision and recall."""
        return None if self._ranking is None else scores.average_precision(self._ranking)


def _ranked(samples: BatchSamples) -> Ranked:
    """Raw scores are ranked as they are: z₁ − z₀, which does not saturate as p₁ does; under `--eps` p₁, which is clipped."""
    values = on_cpu(samples.batch.prediction).astype(np.float64)
    counted = samples.model.counted
    score = values[:, 1] - values[:, 0] if are_logits_as_given(samples.options) else samples.probability[:, 1]
    yes = samples.rows[:, 1] / np.maximum(samples.rows.sum(axis=1), np.finfo(np.float64).tiny)
    part = (score[counted], (samples.weight * yes)[counted], (samples.weight * (1 - yes))[counted])
    count = int(counted.sum())
    return Ranked((part,) if count <= MOST_SCORES else None, count)


CODE_BITS = 32


class RankedClasses(Record):
    """The scores of all classes with their targets and weights, kept as they are; None above `MOST_SCORES` scores."""

    parts: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...] | None
    values: int

    def __add__(self, other: RankedClasses) -> RankedClasses:
        values = self.values + other.values
        if self.parts is None or other.parts is None or values > MOST_SCORES:
            return RankedClasses(None, values)
        return RankedClasses(self.parts + other.parts, values)

    @computed_once
    def areas(self) -> list[tuple[float | None, float]]:
        """Of each class the area under the ROC curve against the rest, None where either has no sample; and the weight of the class."""
        if self.parts is None:
            return []
        score, positive, weight = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        found = []
        for k in range(score.shape[1]):
            yes = positive[:, k] if positive.ndim == 2 else positive == k
            ranking = scores.Ranking.of(score[:, k], weight * yes, weight * (1 - yes))
            found.append((scores.roc_auc(ranking), float(ranking.positive[-1])))
        return found

    def roc_auc(self, weighted: bool = False) -> float | None:
        """The mean area over the classes, each counted once or by its weight; None where a class has none."""
        known = [(area, weight) for area, weight in self.areas if area is not None]
        if not known or len(known) < len(self.areas):
            return None
        areas, weights = zip(*known, strict=True)
        return float(np.average(areas, weights=weights if weighted else None))


def _ranked_classes(samples: BatchSamples) -> RankedClasses:
    """Probabilities are ranked as they are, of raw scores log p, which saturates less."""
    surprisal = samples.predicted.surprisal if are_logits_as_given(samples.options) else None
    score = samples.probability if surprisal is None else -on_cpu(surprisal).astype(np.float64)
    counted, labels = samples.model.counted, samples.batch.labels
    positive = samples.rows if labels is None else on_cpu(labels)
    part = (score[counted], positive[counted], samples.weight[counted])
    return RankedClasses((part,) if part[0].size <= MOST_SCORES else None, part[0].size)


class Confused(Record):
    """The weight of each pair (expected, predicted) that occurs, under its code expected·2³² + predicted, in order."""

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
        whole = np.zeros((classes, classes))
        whole[self.codes >> CODE_BITS, self.codes & (2**CODE_BITS - 1)] = self.sums.values[0]
        return whole


def _confused(samples: BatchSamples) -> Confused:
    pairs = (samples.model.expected.astype(np.int64) << CODE_BITS) + samples.model.chosen
    codes, groups = np.unique(pairs, return_inverse=True)
    return Confused(codes, GroupSums.of(groups.reshape(-1), (samples.weight,), len(codes)))


# --- all of a model -----------------------------------------------------------------------------------------------


class Tallies:
    """The tallies of a model, each there where it is needed; mergeable."""

    tops: Tops
    kl: Totals
    classes: Classes
    frequencies: Frequencies
    bins: Bins
    reliability: Reliability
    ranked: Ranked
    ranked_classes: RankedClasses
    confused: Confused
    costliest: Costliest
    picture: PictureTotals

    def __init__(self, **tallies: Any) -> None:
        vars(self).update(tallies)

    def __add__(self, other: Tallies) -> Tallies:
        own = vars(self)
        return Tallies(**{name: own[name] + tally if name in own else tally for name, tally in vars(other).items()})


TALLIES: Mapping[str, Callable[[BatchSamples], Any]] = {
    "tops": _tops,
    "kl": _divergence,
    "classes": _classes,
    "frequencies": _frequencies,
    "bins": _bins,
    "reliability": _reliability,
    "ranked": _ranked,
    "ranked_classes": _ranked_classes,
    "confused": _confused,
    "costliest": Costliest.of,
    "picture": PictureTotals.of,
}


OF_LABELS = frozenset({"classes", "confused"})
"""The tallies that predicted labels are enough for."""


@quiet
def tallies_of(samples: BatchSamples) -> Tallies:
    """What is needed of a batch."""
    needs = samples.request.needs & OF_LABELS if samples.are_labels else samples.request.needs
    return Tallies(**{need: TALLIES[need](samples) for need in sorted(needs)})
