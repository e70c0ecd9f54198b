"""Means with their intervals and p-values: is the difference of two models on the same samples more than chance?

On d_n = ℓ_a,n − ℓ_b,n, never on two separate error bars. Losses are skewed (a rare sure mistake costs much), and then the t test is wrong:
it is corrected for skewness (Hall, "On the removal of skewness by transformation", J. R. Stat. Soc. B 54, 1992). Scalars alone; no SciPy, which
would cost more to load than all the rest together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from cecli.record import Record
from cecli.statistics.moments import Shape

FEWEST = 10
"""Below this many samples nothing is said: three can never give a two-sided p below 0.25."""

POWER = 0.8
"""How often a difference such as the one seen should show with the number of samples that is `needed`."""


METHOD = "t, corrected for skewness"

DOUBT = 2.0
"""How much of the skewness is taken for noise, as many times as it is on average."""


class PairedTerms(Record):
    """A mean (of differences) with its interval and p-value; None where there are too few samples to tell."""

    difference: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    needed: float | None = None
    """How many samples it would take to tell."""

    def within(self, most: float) -> PairedTerms:
        """The same where no difference can be larger."""
        if self.low is None or self.high is None:
            return self
        return self.replace(low=max(self.low, -most), high=min(self.high, most))


def paired_terms(
    n: int, units: float, mean: float, error: float, shape: Shape, confidence: float = 0.95
) -> PairedTerms:
    """d̄ with the interval and the p-value of the t test corrected for skewness: the interval leaves out 0 where p is below α, and nowhere else.

    From N; the number of independent units (the samples; under weights the effective number of them; or the clusters); d̄; its standard error in units
    of 2ᵉ; and how the units lie about d̄.
    """
    if units < FEWEST or not math.isfinite(mean):
        return PairedTerms(None if math.isnan(mean) else mean)
    if shape.is_rounding(mean):
        return alike_terms(mean, units, confidence)
    scaled = float(np.ldexp(mean, -shape.scale))
    skew = reliable_skew(shape)
    p_value = min(1.0, 2 * student_t_cdf(-abs(corrected(scaled / error, skew)), units - 1))
    edge = student_t_quantile((1 + confidence) / 2, units - 1)
    low, high = (float(np.ldexp(scaled - error * uncorrected(y, skew), shape.scale)) for y in (edge, -edge))
    needed = samples_needed(n, scaled, error, confidence)
    if not (math.isfinite(low) and math.isfinite(high)):
        return PairedTerms(mean, p_value=p_value, needed=needed)
    return PairedTerms(mean, low, high, p_value, needed)


def alike_terms(mean: float, units: float, confidence: float) -> PairedTerms:
    """Where all differences are the same: 2 of the 2^N ways to give them their signs are as extreme, and there is no spread to make an interval of."""
    if mean == 0:
        return PairedTerms(mean, 0.0, 0.0, 1.0)
    p_value = 2.0 ** (1 - math.floor(units))
    beside = mean if p_value < 1 - confidence else 0.0
    return PairedTerms(mean, min(mean, beside), max(mean, beside), p_value)


def reliable_skew(shape: Shape) -> float:
    """λ·max(0, 1 − 2·ν²/λ²) with ν = Σu⁴/(Σu²)²: the part of the skewness λ that is not noise.

    If the signs of all deviations were random λ² would be Σu⁶/(Σu²)³ on average, which is ν² or more; one deviation alone has λ² = ν = 1.
    """
    if not shape.skew:
        return 0.0
    return shape.skew * max(0.0, 1 - DOUBT * (shape.peak / shape.skew) ** 2)


def corrected(ratio: float, skew: float) -> float:
    """t + λ·t²/3 + λ²·t³/27 + λ/6, which rises with t: the ratio t of a mean to its standard error, its skewness taken away (Hall 1992, eq. 2.3)."""
    return ratio + skew * ratio**2 / 3 + skew**2 * ratio**3 / 27 + skew / 6


def uncorrected(value: float, skew: float) -> float:
    """The ratio whose corrected value this is: 3·(∛(1 + λ·(y − λ/6)) − 1)/λ."""
    if not skew:
        return value
    x = skew * (value - skew / 6)
    root = math.expm1(math.log1p(x) / 3) if x > -1 else -1 - math.cbrt(-1 - x)
    return 3 * root / skew


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
    """McNemar's mid-p: 2·P(X ≤ k) − P(X = k) of a fair coin, and 1 − P(X = k)/2 for equal counts; 1 without disagreement.

    Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13:91, 2013.
    """
    n, k = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0
    here = binomial_density(k, n)
    if only_a == only_b:
        return 1 - here / 2
    if k == 0:
        return here
    return 2 * _incomplete_beta(n - k, k + 1, 0.5, 0.5) - here


def binomial_density(k: int, n: int) -> float:
    """P(X = k) of n tosses of a fair coin."""
    if k in (0, n):
        return 0.5**n
    return beta_density(k, n - k, 0.5, 0.5) * n / (k * (n - k))


def student_t_cdf(t: float, freedom: float) -> float:
    """P(T ≤ t) for Student's t, by the regularised incomplete beta function."""
    whole = freedom + t * t
    tail = _incomplete_beta(freedom / 2, 0.5, freedom / whole, t * t / whole) / 2
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=4096)
def student_t_quantile(probability: float, freedom: float) -> float:
    """The t with P(T ≤ t) = probability, for a probability of ½ or more."""
    return _quantile(lambda t: student_t_cdf(-t, freedom), 1 - probability)


@lru_cache(maxsize=64)
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


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """I_x(a, b) by its continued fraction (Abramowitz and Stegun 26.5.8), on the side where it converges fast; `rest` is 1 − x."""
    if 0 in (x, rest):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, rest, x)
    return beta_density(a, b, x, rest) / a / _beta_fraction(a, b, x)


def beta_density(a: float, b: float, x: float, rest: float) -> float:
    """x^a·(1−x)^b/B(a, b), to all digits but two whatever a and b (Loader, "Fast and accurate computation of binomial probabilities", 2000)."""
    off = b * x - a * rest
    exponent = stirling_error(a + b) - stirling_error(a) - stirling_error(b)
    exponent -= _deviance(a, (a + b) * x, off) + _deviance(b, (a + b) * rest, -off)
    return math.exp(exponent) * math.sqrt(a * b / (2 * math.pi * (a + b)))


def stirling_error(z: float) -> float:
    """ln Γ(z+1) − (z + ½)·ln z + z − ½·ln 2π, by its series from 16 on."""
    if z < 16:
        return math.lgamma(z + 1) - (z + 0.5) * math.log(z) + z - 0.5 * math.log(2 * math.pi)
    square = z * z
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / z


def _deviance(a: float, mean: float, off: float) -> float:
    """a·ln(a/m) + m − a; `off` is m − a, which may have more digits."""
    return off - a * (math.log1p(off / a) if off > -a / 2 else math.log(mean / a))


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
