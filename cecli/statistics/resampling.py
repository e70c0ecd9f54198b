"""Random resamples: bootstrap means of any number of columns, in bounded memory.

Instead of drawing N of N samples, each counts a Poisson(1) number of times (Hanley and MacGibbon, Comput. Methods Programs
Biomed. 83, 2006), which needs no second look at a sample.
"""

from __future__ import annotations

import math

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


class Bootstrap:
    """Weighted sums of columns under Poisson(1) counts, `replicates` times; samples come in any pieces and give the same bits."""

    def __init__(self, replicates: int, columns: int, seed: int) -> None:
        self.seed, self.chunk = seed, 0
        self.sums = np.zeros((replicates, columns))
        self._left = np.zeros((0, columns))
        self._counts = _poisson_table()

    def add(self, columns: np.ndarray) -> None:
        """The next samples, a row each."""
        rows = np.concatenate([self._left, columns])
        whole = len(rows) // CHUNK * CHUNK
        for start in range(0, whole, CHUNK):
            self._count(rows[start : start + CHUNK])
        self._left = rows[whole:]

    def _count(self, rows: np.ndarray) -> None:
        """A chunk of samples, whose counts are drawn by a generator of its own."""
        generator = np.random.Generator(np.random.Philox(key=[self.seed, self.chunk]))
        at_once = AT_ONCE // CHUNK
        for start in range(0, len(self.sums), at_once):
            part = self.sums[start : start + at_once]
            draws = generator.integers(0, 2**16, (len(part), CHUNK), dtype=np.uint16)
            part += self._counts[draws[:, : len(rows)]] @ rows
        self.chunk += 1

    def means(self) -> np.ndarray:
        """Each replicate's sum of every column but the first, divided by that of the first: the weights."""
        if len(self._left):
            self._count(self._left)
            self._left = self._left[:0]
        filled = self.sums[self.sums[:, 0] > 0]
        return filled[:, 1:] / filled[:, :1]


def bootstrap_interval(means: np.ndarray, mean: float, confidence: float) -> Interval:
    """The percentile interval of the resampled means, and the basic one, 2·d̄ − percentile."""
    low, high = (float(bound) for bound in np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2]))
    return Interval((low, high), (2 * mean - high, 2 * mean - low))


def _poisson_table() -> np.ndarray:
    """The Poisson(1) count of each number of 16 bits."""
    steps = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)])
    return np.searchsorted(steps, (np.arange(2**16) + 0.5) / 2**16).astype(np.float64)
