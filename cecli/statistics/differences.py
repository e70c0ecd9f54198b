"""Columns of numbers, or the differences of two, as mergeable sums: what a mean with its interval needs of samples that it sees once.

Under sample weights w the mean is d̄ = Σ w·d/Σ w, its standard error √(Σ w²(d−d̄)²·N/(N−1))/Σ w, and that is s_d/√N where all weights are alike.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.maths.namespace import quiet
from cecli.record import Record
from cecli.statistics.moments import Moments
from cecli.statistics.sums import Sum

SHARE, FEWEST_TOP, MOST_TOP = 100, 3, 100
"""The largest 1 % are looked at, 3 at least and 100 at most."""


class Mistakes(Record):
    """How differences, times their weights, would change if other classes were right: Σ v·j² and Σ v, of the changes j and their odds v."""

    square: float = 0.0
    odds: float = 0.0

    def __add__(self, other: Mistakes) -> Mistakes:
        return Mistakes(self.square + other.square, self.odds + other.odds)

    @classmethod
    def of(cls, change: np.ndarray, odds: np.ndarray) -> Mistakes:
        """Those of a block; what can't happen has no size."""
        possible = odds > 0
        return cls(float(np.sum(odds[possible] * change[possible] ** 2)), float(np.sum(odds[possible])))

    @property
    def typical(self) -> float:
        """The mean of j²."""
        return self.square / self.odds if self.odds > 0 else 0.0


class Difference(Record):
    """The differences d = a − b of two columns (or the numbers of one), summed: their mean, how they lie about it, and the largest."""

    total: Sum = Sum()
    weights: Sum = Sum()
    moments: Moments = Moments()
    better: int = 0
    """In how many samples b is the smaller, and below in how many the larger."""
    worse: int = 0
    infinite: tuple[int, int] = (0, 0)
    """How many entries of a, and of b, are infinite."""
    size: float = 0.0
    """Σ|w·d|."""
    largest: np.ndarray = np.zeros(0)
    """The largest |w·d|, in no order."""
    mistakes: Mistakes = Mistakes()

    def __add__(self, other: Difference) -> Difference:
        return Difference(
            self.total + other.total,
            self.weights + other.weights,
            self.moments + other.moments,
            self.better + other.better,
            self.worse + other.worse,
            (self.infinite[0] + other.infinite[0], self.infinite[1] + other.infinite[1]),
            self.size + other.size,
            most(np.concatenate([self.largest, other.largest])),
            self.mistakes + other.mistakes,
        )

    def scaled(self, factor: float) -> Difference:
        """The same with all weights times a power of two; the mean, which divides by them, keeps its own."""
        powers = np.asarray([[factor**2], [factor**3], [factor**4]])
        return self.replace(
            moments=self.moments.replace(sums=self.moments.sums * powers),
            size=self.size * factor,
            largest=self.largest * factor,
            mistakes=self.mistakes.replace(square=self.mistakes.square * factor**2),
        )

    @property
    def is_finite(self) -> bool:
        """Whether every difference is a number."""
        return self.infinite == (0, 0)

    @property
    def mean(self) -> float:
        """The mean difference; infinite or NaN where infinite entries leave no other."""
        in_a, in_b = self.infinite
        if in_a or in_b:
            return math.nan if in_a and in_b else math.inf if in_a else -math.inf
        return self.total.over(self.weights)


def most(sizes: np.ndarray) -> np.ndarray:
    """The largest of some sizes."""
    if len(sizes) <= MOST_TOP:
        return sizes
    cut = len(sizes) - MOST_TOP
    return np.partition(sizes, cut)[cut:]


def top_share(sizes: np.ndarray, size: float, units: int) -> tuple[int, float]:
    """How many units are the largest 1 %, and what share of the sum of all sizes they own."""
    count = min(max(FEWEST_TOP, math.ceil(units / SHARE)), MOST_TOP, units)
    return count, float(np.sum(np.sort(sizes)[-count:])) / size if size > 0 else 0.0


@quiet
def difference_of(
    a: np.ndarray, b: np.ndarray, total: Sum, weights: Sum, weight: np.ndarray | None
) -> tuple[Difference, np.ndarray]:
    """The differences of a block, summed, and one by one times their weights.

    `total` and `weights` are the sums of the weighted differences and of the weights, `weight` those of each sample where they are not
    all alike.
    """
    d: np.ndarray = np.subtract(a, b, dtype=np.float64)
    weighted: np.ndarray = d if weight is None else weight * d
    counted = Difference(total, weights, better=int(np.count_nonzero(d > 0)), worse=int(np.count_nonzero(d < 0)))
    infinite = (0, 0) if math.isfinite(total.high) else (_infinite(a), _infinite(b))
    if infinite != (0, 0):
        return counted.replace(infinite=infinite), weighted
    sizes = np.abs(weighted)
    difference = counted.replace(
        moments=Moments.of(d, weight, total.over(weights)),
        size=float(np.sum(sizes)),
        largest=most(sizes),
    )
    return difference, weighted


def count_difference_of(a: np.ndarray, b: np.ndarray, total: Sum, weights: Sum) -> tuple[Difference, np.ndarray]:
    """The same of two columns of true and false, where all samples weigh 1: counts say it all."""
    better, worse = int(np.count_nonzero(a & ~b)), int(np.count_nonzero(b & ~a))
    differ, mean = better + worse, total.over(weights)
    moments = Moments.of_counts({1.0: better, -1.0: worse, 0.0: len(a) - differ}, mean)
    found = Difference(total, weights, moments, better, worse, (0, 0), float(differ), np.ones(min(differ, MOST_TOP)))
    return found, np.subtract(a, b, dtype=np.float64)


@quiet
def mean_of(values: np.ndarray, total: Sum, weights: Sum, weight: np.ndarray | None) -> tuple[Difference, np.ndarray]:
    """The numbers of a block, which are their differences to 0, for the interval of their mean alone; and one by one times their weights."""
    own = values.astype(np.float64, copy=False)
    weighted: np.ndarray = own if weight is None else weight * own
    if not math.isfinite(total.high) and (infinite := _infinite(values)):
        return Difference(total, weights, infinite=(infinite, 0)), weighted
    return Difference(total, weights, Moments.of(own, weight, total.over(weights))), weighted


def _infinite(values: np.ndarray) -> int:
    return int(np.sum(np.isinf(values)))
