"""The jackknife of groups: how far a number may be off that is no mean, from what it is without each of some groups of samples.

With g groups the variance is (g−1)/g·Σ(θ₍ⱼ₎ − θ̄)², and Student's t has g − 1 (Shao and Tu, The jackknife and bootstrap, 1995, section 2.2).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import Any

import numpy as np

from cecli.statistics.paired import FEWEST, student_t_cdf, student_t_quantile

GROUPS = 40


def group_of(first: int, count: int) -> np.ndarray:
    """The groups of `count` samples from number `first` on: of 40 samples one in each, in random order, the same however the samples are cut.

    The order is that of random numbers, splitmix64 of the samples' numbers (Steele, Lea and Flood, OOPSLA 2014).
    """
    start, stop = first // GROUPS * GROUPS, -(-(first + count) // GROUPS) * GROUPS
    x = np.arange(start + 1, stop + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    ranks = np.argsort(np.argsort((x ^ (x >> np.uint64(31))).reshape(-1, GROUPS), axis=1), axis=1).reshape(-1)
    return ranks[first - start :][:count]


def group_of_clusters(names: np.ndarray) -> np.ndarray:
    """The group of each sample by the name of its cluster, whose samples stay together."""
    unique, inverse = np.unique(names, return_inverse=True)
    groups = np.asarray([zlib.crc32(str(name).encode()) % GROUPS for name in unique.tolist()])
    taken: np.ndarray = groups[inverse]
    return taken


def without_each(parts: Sequence[Any]) -> list[Any]:
    """What all parts but one add up to, for each one."""
    before = [*accumulate(parts, add)]
    after = [*accumulate(reversed(parts), add)][::-1]
    middle = [before[i - 1] + after[i + 1] for i in range(1, len(parts) - 1)]
    return [after[1], *middle, before[-2]]


class Jackknifed:
    """A number with its values without each group."""

    def __init__(self, value: float, without: Sequence[float]) -> None:
        self.value, self.without = value, np.asarray(without)

    @property
    def error(self) -> float | None:
        """Its standard error; None of too few groups, or where it never differs."""
        groups = len(self.without)
        if groups < FEWEST or not np.all(np.isfinite(self.without)):
            return None
        error = math.sqrt(float(np.sum((self.without - self.without.mean()) ** 2)) * (groups - 1) / groups)
        return error if error > 1e-13 * abs(self.value) else None

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """θ ± t·SE."""
        if self.error is None:
            return None
        reach = student_t_quantile((1 + confidence) / 2, len(self.without) - 1) * self.error
        return self.value - reach, self.value + reach

    @property
    def p_value(self) -> float | None:
        """P(|T| ≥ |θ|/SE)."""
        return None if self.error is None else 2 * student_t_cdf(-abs(self.value / self.error), len(self.without) - 1)
