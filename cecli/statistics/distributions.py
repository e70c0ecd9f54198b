"""Probability distributions: Student's t, normal, binomial. Scalars alone; no SciPy, which would cost more to load than all the rest together."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache


def binomial_density(k: int, n: int, share: float = 0.5) -> float:
    """P(X = k) of n tosses of a coin that shows heads with this probability."""
    if k in (0, n):
        return (share if k else 1 - share) ** n
    return beta_density(k, n - k, share, 1 - share) * n / (k * (n - k))


def binomial_cdf(k: int, n: int, share: float = 0.5) -> float:
    """P(X ≤ k)."""
    return 1.0 if k >= n else incomplete_beta(n - k, k + 1, 1 - share, share)


def student_t_cdf(t: float, freedom: float) -> float:
    """P(T ≤ t) for Student's t, by the regularised incomplete beta function."""
    whole = freedom + t * t
    tail = incomplete_beta(freedom / 2, 0.5, freedom / whole, t * t / whole) / 2
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=4096)
def student_t_quantile(probability: float, freedom: float) -> float:
    """The t with P(T ≤ t) = probability, for a probability of ½ or more."""
    start = normal_quantile(probability)  # left of the quantile, as the tail of t is the heavier
    return _quantile(
        lambda t: student_t_cdf(-t, freedom), lambda t: student_t_density(t, freedom), 1 - probability, start
    )


def student_t_density(t: float, freedom: float) -> float:
    """Γ((f+1)/2)/Γ(f/2)/√(f·π)·(1 + t²/f)^(−(f+1)/2), to as many digits as a step towards a quantile needs."""
    gammas = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    return math.exp(gammas - (freedom + 1) / 2 * math.log1p(t * t / freedom)) / math.sqrt(freedom * math.pi)


@lru_cache(maxsize=64)
def normal_quantile(probability: float) -> float:
    """The z with P(Z ≤ z) = probability, for a probability of ½ or more."""
    return _quantile(
        lambda z: math.erfc(z / math.sqrt(2)) / 2,
        lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
        1 - probability,
        0.0,
    )


def _quantile(
    tail: Callable[[float], float], density: Callable[[float], float], probability: float, start: float
) -> float:
    """Where a tail reaches a probability, by Newton's steps from a place left of it: a tail that bends up is never overshot."""
    at = start
    for _ in range(200):
        step = (tail(at) - probability) / density(at)
        if step <= 4e-16 * at:
            break
        at += step
    return at


def incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """I_x(a, b) by its continued fraction (Abramowitz and Stegun 26.5.8), on the side where it converges fast; `rest` is 1 − x."""
    if 0 in (x, rest):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, rest, x)
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
