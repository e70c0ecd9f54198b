"""Chance, made: random signs and random resamples of paired differences, for any number of them in bounded memory.

Sign flips. Trying B random flips of N differences one by one costs B·N. Here the signs of the flips are the words of a random
linear code: each sample draws a number c of 14 bits, and flip k gives it the sign (−1)^(number of bits that k and c share). For a
flip k ≠ 0 these signs are independent and fair, and those of any two flips are independent of one another, so that a share of
flips is known as precisely as from as many drawn one by one. Samples of the same c have the same sign in all flips, so their sum is all
that is needed, 2^14 sums however many samples there are; a Walsh–Hadamard transform of those sums gives all 2^14 flips at once. Flip 0
is the data themselves, and flips after one another are a flip, a group, for which the test keeps its level exactly (Hemerik and
Goeman, "Exact testing with random permutations", TEST 27, 2018, theorem 1).

Bootstrap. Instead of drawing N of N samples, each counts a Poisson(1) number of times (Hanley and MacGibbon, Comput. Methods Programs
Biomed. 83, 2006), which needs no second look at a sample.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.record import Record

SEED = 12345
EXACT_UP_TO = 16
"""Up to this many samples all 2^N sign flips are counted; above, `FLIPS` random ones beside the data."""

BITS = 14
FLIPS = 2**BITS - 1
FLIPS_UP_TO = 1_000_000
"""Above this many samples the t test serves."""

TIE = 1e-12
"""Sums this close, beside the sum of all sizes, count as equal."""

CHUNK = 256
"""The samples whose bootstrap weights are drawn together."""

AT_ONCE = 2**18
"""The bootstrap weights that are held at once."""

# --- sign flips ---------------------------------------------------------------------------------------------------


def codes(first: int, count: int, seed: int) -> np.ndarray:
    """The random numbers of 14 bits of `count` samples from `first` on: the same however the samples are cut into blocks.

    Splitmix64 of the number of the sample (Steele, Lea and Flood, OOPSLA 2014).
    """
    x = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    x *= np.uint64(0x9E3779B97F4A7C15)
    x += np.uint64(seed * 0xD1342543DE82EF95 % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(64 - BITS)).astype(np.intp)


def flip_sums(sums: np.ndarray) -> np.ndarray:
    """Σ_c (−1)^(bits that k and c share)·sums[c] for every k: the fast Walsh–Hadamard transform. Entry 0 is the plain sum."""
    half = 1
    while half < len(sums):
        pairs = sums.reshape(-1, 2, half)
        sums = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        half *= 2
    return sums


def flip_p_value(sums: np.ndarray) -> float | None:
    """P(|flipped sum| ≥ |sum|) over all flips, the data among them; None where a sum is beyond float64."""
    size = float(np.max(np.abs(sums)))
    if size == 0:
        return 1.0
    if not math.isfinite(size):
        return None
    sums = np.ldexp(sums, -math.frexp(size)[1])
    flipped = np.abs(flip_sums(sums))
    return float(np.mean(flipped >= flipped[0] - TIE * float(np.sum(np.abs(sums)))))


def exact_p_value(differences: np.ndarray) -> float | None:
    """The p-value over all 2^N sign flips: every difference has a bit of its own."""
    sums = np.zeros(2 ** len(differences))
    sums[1 << np.arange(len(differences))] = differences
    return flip_p_value(sums)


def random_p_value(differences: np.ndarray, seed: int) -> float | None:
    """The p-value over random sign flips."""
    sums = np.zeros(2**BITS)
    np.add.at(sums, codes(0, len(differences), seed), differences)
    return flip_p_value(sums)


def sign_flip_p_value(differences: np.ndarray, seed: int = SEED) -> float | None:
    """P(|sum of randomly signed d| ≥ |Σ d|): of all 2^N flips, or of 16,383 random ones and the data."""
    few = len(differences) <= EXACT_UP_TO
    return exact_p_value(differences) if few else random_p_value(differences, seed)


# --- bootstrap ----------------------------------------------------------------------------------------------------


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
