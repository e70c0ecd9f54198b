"""Means with their intervals and p-values: is the difference of two models on the same samples more than chance?

On d_n = ℓ_a,n − ℓ_b,n, never on two separate error bars. Losses are skewed (a rare sure mistake costs much), and then the t test is wrong:
it is corrected for skewness (Hall, "On the removal of skewness by transformation", J. R. Stat. Soc. B 54, 1992), and has the degrees of freedom
that the spread is known with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cecli.record import Record
from cecli.statistics.distributions import normal_quantile, student_t_cdf, student_t_quantile
from cecli.statistics.moments import Shape

FEWEST = 10
"""Below this many samples nothing is said: how much the differences vary is hardly known."""

POWER = 0.8
"""How often a difference such as the one seen should show with the number of samples that is `needed`."""


METHOD = "t, corrected for skewness"


class PairedTerms(Record):
    """A mean (of differences) with its interval and p-value; None where there are too few samples to tell."""

    difference: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    needed: float | None = None
    """How many samples it would take to tell."""
    method: str | None = None
    """How the p-value was computed."""

    def within(self, most: float) -> PairedTerms:
        """The same where no difference can be larger."""
        if self.low is None or self.high is None:
            return self
        return self.replace(low=max(self.low, -most), high=min(self.high, most))


def paired_terms(
    n: int, count: int, units: float, mean: float, error: float, shape: Shape, confidence: float = 0.95
) -> PairedTerms:
    """d̄ with the interval and the p-value of the t test corrected for skewness: the interval leaves out 0 where p is below α, and nowhere else.

    From N; the number of units (the samples, or the clusters); how many independent ones they are worth (under weights fewer); d̄; its standard error
    in units of 2ᵉ; and how the units lie about d̄.
    """
    if units < FEWEST or not math.isfinite(mean):
        return PairedTerms(None if math.isnan(mean) else mean)
    if shape.is_rounding(mean):
        return alike_terms(mean, units, confidence)
    scaled = float(np.ldexp(mean, -shape.scale))
    skew, freedom = reliable_skew(shape), freedom_of(shape, count, units)
    p_value = p_value_of(scaled / error, skew, freedom)
    edge = student_t_quantile((1 + confidence) / 2, freedom)
    low, high = (float(np.ldexp(scaled - error * uncorrected(y, skew), shape.scale)) for y in (edge, -edge))
    needed = samples_needed(n, scaled, error, confidence)
    if not (math.isfinite(low) and math.isfinite(high)):
        return PairedTerms(mean, p_value=p_value, needed=needed, method=METHOD)
    return PairedTerms(mean, low, high, p_value, needed, METHOD)


def alike_terms(mean: float, units: float, confidence: float) -> PairedTerms:
    """Where all differences are the same: 2 of the 2^N ways to give them their signs are as extreme, and there is no spread to make an interval of."""
    if mean == 0:
        return PairedTerms(mean, 0.0, 0.0, 1.0, method=METHOD)
    p_value = 2.0 ** (1 - math.floor(units))
    beside = mean if p_value < 1 - confidence else 0.0
    return PairedTerms(mean, min(mean, beside), max(mean, beside), p_value, method=METHOD)


def freedom_of(shape: Shape, count: int, units: float) -> float:
    """The degrees of freedom that the spread is known with: 2/(ν − 1/K − λ'²) of K units, and no more than units − 1.

    2·V²/Var(V) of the variance V, from the samples themselves (Satterthwaite, Biometrics Bulletin 2, 1946): K − 1 of normal numbers, on average, and
    fewer where a few units make up the spread. λ'², of `reliable_skew`, is the part of Var(V) that goes with the mean: the correction for skewness has taken it away.
    """
    excess = shape.peak - 1 / count - reliable_skew(shape) ** 2
    return min(units - 1, 2 / excess) if excess > 0 else units - 1


def reliable_skew(shape: Shape) -> float:
    """λ·max(0, 1 − ν²/λ²) with ν = Σu⁴/(Σu²)²: the part of the skewness λ that is not noise.

    If the signs of all deviations were random λ² would be Σu⁶/(Σu²)³ on average, which is ν² or more; one deviation alone has λ² = ν = 1.
    """
    return shape.skew * max(0.0, 1 - (shape.peak / shape.skew) ** 2) if shape.skew else 0.0


def p_value_of(ratio: float, skew: float, freedom: float) -> float:
    """How often Student's t is as far from 0 as the ratio of a mean to its standard error, its skewness taken away."""
    return min(1.0, 2 * student_t_cdf(-abs(corrected(ratio, skew)), freedom))


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
