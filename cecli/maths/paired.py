"""Paired statistics of two models on the same samples: is the difference more than chance?

On d_n = ℓ_a,n − ℓ_b,n, never on two separate error bars. Scalars and NumPy vectors; no SciPy, which would cost more to
load than all the rest together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

FEWEST = 10
"""Below this many samples nothing is said: three can never give a two-sided p below 0.25."""

EXACT_UP_TO = 16
"""Up to this many samples all 2^N sign flips are counted; above, `FLIPS` random ones."""

FLIPS = 9_999
SEED = 12345
FLIPS_UP_TO = 20_000
"""Above this many samples the t test serves: there the two agree."""

TIE = 1e-12
"""Statistics within this relative distance count as equal."""


class PairedTerms(NamedTuple):
    """The mean difference with its interval and p-value; None where there are too few samples to tell."""

    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None


def paired_terms(
    n: int, mean: float, deviation: float, differences: np.ndarray | None, confidence: float = 0.95
) -> PairedTerms:
    """d̄, its t interval d̄ ± t_{N−1}·s_d/√N and the sign-flip p-value, from N, d̄ and s_d (with N − 1).

    `differences` are all d_n, or None where there are too many of them to flip: then the p-value is the t test's.
    """
    if n < FEWEST:
        return PairedTerms(mean, None, None, None)
    error = deviation / math.sqrt(n)
    reach = student_t_quantile((1 + confidence) / 2, n - 1) * error
    if differences is not None:
        p_value = sign_flip_p_value(differences)
    elif error == 0:
        p_value = 1.0 if mean == 0 else 0.0
    else:
        p_value = 2 * student_t_cdf(-abs(mean / error), n - 1)
    return PairedTerms(mean, mean - reach, mean + reach, p_value)


def sign_flip_p_value(difference: np.ndarray) -> float:
    """P(|mean of randomly signed d| ≥ |d̄|): (1 + #)/(B + 1) for B random flips, # of 2^N where all are tried.

    The + 1 is Phipson and Smyth's (Stat. Appl. Genet. Mol. Biol. 9, 2010): the data are one of their own flips.
    """
    n = len(difference)
    if not np.any(difference):
        return 1.0
    threshold = abs(float(difference.sum())) * (1 - TIE)
    if n <= EXACT_UP_TO:
        bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        return float(np.mean(np.abs((2.0 * bits - 1) @ difference) >= threshold))
    generator = np.random.default_rng(SEED)
    hits, done = 0, 0
    while done < FLIPS:
        flips = min(FLIPS - done, max(1, 4_000_000 // n))
        signs = 2.0 * generator.integers(0, 2, (flips, n), dtype=np.int8) - 1
        hits += int(np.sum(np.abs(signs @ difference) >= threshold))
        done += flips
    return (hits + 1) / (FLIPS + 1)


def mcnemar_p_value(only_a: int, only_b: int) -> float:
    """McNemar's mid-p (Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13:91, 2013); 1 without disagreement."""
    n, k = only_a + only_b, min(only_a, only_b)
    if n == 0 or only_a == only_b:
        return 1.0
    if n > 2000:
        z = (n / 2 - k) / math.sqrt(n / 4)
        return math.erfc(z / math.sqrt(2))
    twice = 2 * sum(math.comb(n, i) for i in range(k)) + math.comb(n, k)
    return float(min(1.0, twice / 2**n))


def student_t_cdf(t: float, freedom: float) -> float:
    """P(T ≤ t) for Student's t, by the regularised incomplete beta function."""
    tail = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return 1 - tail if t > 0 else tail


def student_t_quantile(probability: float, freedom: float) -> float:
    """The t with P(T ≤ t) = probability, for a probability of ½ or more, by bisection."""
    low, high = 0.0, 1.0
    while student_t_cdf(high, freedom) < probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if student_t_cdf(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b) by its continued fraction (Abramowitz and Stegun 26.5.8), on the side where it converges fast."""
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    return front / a / _beta_fraction(a, b, x)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The denominator's continued fraction 1 + d₁/(1 + d₂/(1 + …)), by Lentz's method."""
    tiny = 1e-300
    f, c, d = 1.0, 1.0, 0.0
    for i in range(1, 10_000):
        m = i // 2
        if i % 2:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + step * d or tiny)
        c = 1 + step / c or tiny
        f *= c * d
        if abs(1 - c * d) < 1e-16:
            break
    return f
