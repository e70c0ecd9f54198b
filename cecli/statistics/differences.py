"""The differences of two columns of numbers, as mergeable sums: what a paired test needs of samples that it sees once.

Under sample weights w the mean difference is d̄ = Σ w·d/Σ w, its standard error √(Σ w²(d−d̄)²·N/(N−1))/Σ w, and N/(N−1) aside that is
s_d/√N where all weights are alike.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.maths.namespace import quiet
from cecli.record import Record
from cecli.statistics import resampling
from cecli.statistics.sums import Sum


class Spread(Record):
    """Σ w², Σ w²(d − c) and Σ w²(d − c)² about a centre c near the mean, so that nothing cancels when blocks are merged."""

    center: float = 0.0
    size: float = 0.0
    first: float = 0.0
    second: float = 0.0

    @classmethod
    def of(cls, d: np.ndarray, weight: np.ndarray | None, center: float) -> Spread:
        """The spread of a block about its mean."""
        off = d - center
        if weight is None:
            return cls(center, float(len(d)), 0.0, float(np.sum(off * off)))
        off = off * weight
        return cls(center, float(np.sum(weight * weight)), float(np.sum(weight * off)), float(np.sum(off * off)))

    def about(self, center: float) -> Spread:
        """The same about another centre."""
        shift = self.center - center
        second = self.second + 2 * shift * self.first + shift * shift * self.size
        return Spread(center, self.size, self.first + shift * self.size, second)

    def __add__(self, other: Spread) -> Spread:
        size = self.size + other.size
        if not size:
            return other
        center = self.center + (other.center - self.center) * (other.size / size)
        a, b = self.about(center), other.about(center)
        return Spread(center, size, a.first + b.first, a.second + b.second)


class Difference(Record):
    """The differences d = a − b of two columns, summed: their mean and spread, and those of their random flips."""

    total: Sum = Sum()
    weights: Sum = Sum()
    spread: Spread = Spread()
    better: int = 0
    """In how many samples b is the smaller, and below in how many the larger."""
    worse: int = 0
    infinite: tuple[int, int] = (0, 0)
    """How many entries of a, and of b, are infinite."""
    first: tuple[float, ...] = ()
    """The first differences, times their weights: enough of them to try all flips where there are no more."""
    flips: np.ndarray | None = None
    """The sum of the differences of each flip code, times their weights; None where no signs are flipped."""

    def __add__(self, other: Difference) -> Difference:
        flips = self.flips if other.flips is None else other.flips if self.flips is None else self.flips + other.flips
        return Difference(
            self.total + other.total,
            self.weights + other.weights,
            self.spread + other.spread,
            self.better + other.better,
            self.worse + other.worse,
            (self.infinite[0] + other.infinite[0], self.infinite[1] + other.infinite[1]),
            (self.first + other.first)[: resampling.EXACT_UP_TO + 1],
            flips,
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


@quiet
def difference_of(
    a: np.ndarray, b: np.ndarray, total: Sum, weights: Sum, weight: np.ndarray | None, codes: np.ndarray | None
) -> tuple[Difference, np.ndarray]:
    """The differences of a block, summed, and one by one times their weights.

    `total` and `weights` are the sums of the weighted differences and of the weights, `weight` those of each sample where they are not
    all alike, `codes` the flip codes of the samples.
    """
    d: np.ndarray = np.subtract(a, b, dtype=np.float64)
    weighted: np.ndarray = d if weight is None else weight * d
    counted = Difference(total, weights, better=int(np.count_nonzero(d > 0)), worse=int(np.count_nonzero(d < 0)))
    infinite = (0, 0) if math.isfinite(total.high) else (int(np.sum(np.isinf(a))), int(np.sum(np.isinf(b))))
    if infinite != (0, 0):
        return counted.replace(infinite=infinite), weighted
    difference = counted.replace(
        spread=Spread.of(d, weight, total.over(weights)),
        first=tuple(weighted[: resampling.EXACT_UP_TO + 1].tolist()),
        flips=None if codes is None else np.bincount(codes, weighted, 2**resampling.BITS),
    )
    return difference, weighted
