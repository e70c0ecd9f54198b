"""Random resamples: bootstrap means of any number of columns, in bounded memory.

Instead of drawing N of N samples, each counts a Poisson(1) number of times (Hanley and MacGibbon, Comput. Methods Programs
Biomed. 83, 2006), which needs no second look at a sample.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from cecli.record import Record

SEED = 12345
CHUNK = 256
"""The samples whose bootstrap weights are drawn together."""

AT_ONCE = 2**18
"""The bootstrap weights that are held at once."""


class Interval(Record):
    """Where the middle of the resampled means lies, and the same mirrored at the mean."""

    percentile: tuple[float, float]
    basic: tuple[float, float]


def resampled(columns: np.ndarray, first: int, replicates: int, seed: int) -> np.ndarray:
    """The sums of columns under Poisson(1) counts, a row for each replicate; `columns` has a row for each sample, from number `first` on.

    The counts are those of the samples' numbers, so that any pieces add up to the same, but for the rounding of sums.
    """
    sums, counts = np.zeros((replicates, columns.shape[1])), _poisson_table()
    for chunk in range(first // CHUNK, -(-(first + len(columns)) // CHUNK)):
        start = chunk * CHUNK
        low, high = max(first, start) - start, min(first + len(columns), start + CHUNK) - start
        rows = columns[start + low - first : start + high - first]
        _count(sums, rows, slice(low, high), np.random.Generator(np.random.Philox(key=[seed, chunk])), counts)
    return sums


def _count(sums: np.ndarray, rows: np.ndarray, part: slice, generator: np.random.Generator, counts: np.ndarray) -> None:
    """Adds a part of a chunk of samples, whose counts are drawn by a generator of its own."""
    at_once = AT_ONCE // CHUNK
    for start in range(0, len(sums), at_once):
        some = sums[start : start + at_once]
        draws = generator.integers(0, 2**16, (len(some), CHUNK), dtype=np.uint16)
        some += counts[draws[:, part]] @ rows


def means_of(sums: np.ndarray) -> np.ndarray:
    """Each replicate's sum of every column but the first, divided by that of the first: the weights."""
    filled = sums[sums[:, 0] > 0]
    means: np.ndarray = filled[:, 1:] / filled[:, :1]
    return means


def bootstrap_interval(means: np.ndarray, mean: float, confidence: float) -> Interval:
    """The percentile interval of the resampled means, and the basic one, 2·d̄ − percentile."""
    low, high = (float(bound) for bound in np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2]))
    return Interval((low, high), (2 * mean - high, 2 * mean - low))


@cache
def _poisson_table() -> np.ndarray:
    """The Poisson(1) count of each number of 16 bits."""
    steps = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)])
    return np.searchsorted(steps, (np.arange(2**16) + 0.5) / 2**16).astype(np.float64)
