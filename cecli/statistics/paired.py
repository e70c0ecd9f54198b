"""Paired statistics of two models on the same samples: is the difference more than chance?

On d_n = ℓ_a,n − ℓ_b,n, never on two separate error bars. Scalars and small vectors; no SciPy, which would cost more to
load than all the rest together. What goes through every sample is in `resampling`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cecli.record import Record

FEWEST = 10
"""Below this many samples nothing is said: three can never give a two-sided p below 0.25."""

POWER = 0.8
"""How often a difference such as the one seen should show with the number of samples that is `needed`."""


class PairedTerms(Record):
    """The mean difference with its interval and p-value; None where there are too few samples to tell."""

    difference: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    needed: float | None = None
    """How many samples it would take to tell."""


def paired_terms(
    n: int, units: float, mean: float, error: float, p_value: float | None, confidence: float = 0.95
) -> PairedTerms:
    """d̄ with its t interval d̄ ± t_{units−1}·error, from N, the number of independent units, d̄ and its standard error.

    The units are the samples; under weights the effective number of them; or the clusters. Without a `p_value` (of the sign flips)
    it is the t test's.
    """
    if units < FEWEST or not math.isfinite(mean):
        return PairedTerms(None if math.isnan(mean) else mean)
    if not math.isfinite(error):
        return PairedTerms(mean, p_value=p_value)
    reach = student_t_quantile((1 + confidence) / 2, units - 1) * error
    if p_value is None:
        p_value = t_p_value(mean, error, units - 1)
    return PairedTerms(mean, mean - reach, mean + reach, p_value, samples_needed(n, mean, error, confidence))


def t_p_value(mean: float, error: float, freedom: float) -> float:
    """P(|T| ≥ |d̄|/error), two-sided."""
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return 2 * student_t_cdf(-abs(mean / error), freedom)


def samples_needed(n: int, mean: float, error: float, confidence: float = 0.95) -> float | None:
    """((z_{α/2} + z_{0.8})·s/d̄)² with s = error·√N: the samples with which 80 % of all tries would find such a difference."""
    if mean == 0 or error == 0:
        return None
    reach = normal_quantile((1 + confidence) / 2) + normal_quantile(POWER)
    needed = n * (reach * error / mean) ** 2
    return float(math.ceil(needed)) if needed < 1e15 else None


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each p-value adjusted for how many are looked at together; None stays None and counts for nothing.

    The smallest times m, the next times m − 1, …, none below the one before, none above 1 (Holm, Scand. J. Stat. 6, 1979).
    """
    given = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, i) in enumerate(given):
        least = max(least, min(1.0, p * (len(given) - rank)))
        adjusted[i] = least
    return adjusted


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
    """The t with P(T ≤ t) = probability, for a probability of ½ or more."""
    return _quantile(lambda t: student_t_cdf(-t, freedom), 1 - probability)


def normal_quantile(probability: float) -> float:
    """The z with P(Z ≤ z) = probability, for a probability of ½ or more."""
    return _quantile(lambda z: math.erfc(z / math.sqrt(2)) / 2, 1 - probability)


def _quantile(tail: Callable[[float], float], probability: float) -> float:
    """Where a falling tail reaches a probability, by bisection."""
    low, high = 0.0, 1.0
    while tail(high) > probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if tail(middle) > probability:
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
