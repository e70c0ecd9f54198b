"""The jackknife of groups: how far a number that is not a mean may be off, from what it is without each of some groups of samples.

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

from cecli.statistics.estimates import Estimate
from cecli.statistics.moments import ROUNDING
from cecli.statistics.paired import FEWEST

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


def jackknifed(value: float, without: Sequence[float]) -> Estimate:
    """A number with its standard error, from its values without each group."""
    groups, each = len(without), np.asarray(without, dtype=np.float64)
    if groups < FEWEST or not np.all(np.isfinite(each)):
        return Estimate(value, None)
    error = math.sqrt(float(np.sum((each - each.mean()) ** 2)) * (groups - 1) / groups)
    return Estimate(value, error if error > ROUNDING * float(np.max(np.abs(each))) else 0.0, groups - 1)
