"""Two models by right and wrong: McNemar's test on the samples that one model alone has right, and the interval of the difference that agrees with it."""

from __future__ import annotations

import math
from functools import lru_cache

from cecli.statistics.distributions import binomial_cdf, binomial_density
from cecli.statistics.paired import PairedTerms
from cecli.statistics.rates import wilson

METHOD = "McNemar, mid-p"


def discordant_terms(only_a: int, only_b: int, n: int, confidence: float = 0.95) -> PairedTerms:
    """The difference of two error rates, (only b right − only a right)/N, with McNemar's mid-p and an interval that leaves out 0 where p is below α.

    The difference is φ·δ: φ the share of samples that one model alone has right, δ = 2π − 1 where b is the right one in a share π of these. The
    interval of π is that of the mid-p test, that of φ Wilson's, and the two are put together at each end (Zou and Donner, Stat. Med. 27:1693, 2008):
    φδ ∓ √((φ·(δ − δ'))² + (δ'·(φ − φ'))²), δ' and φ' the ends. At δ' = 0 that is 0.
    """
    one_alone = only_a + only_b
    share = one_alone / n
    ends = wilson(share, n, confidence)
    delta = (only_b - only_a) / one_alone if one_alone else 0.0
    low, high = (2 * side - 1 for side in mid_p_interval(only_b, one_alone, 1 - confidence))
    below = math.hypot(share * (delta - low), low * (share - ends[low < 0]))
    above = math.hypot(share * (high - delta), high * (share - ends[high > 0]))
    mean = (only_b - only_a) / n
    return PairedTerms(
        mean, max(mean - below, -1.0), min(mean + above, 1.0), mcnemar_p_value(only_a, only_b), method=METHOD
    )


@lru_cache(maxsize=4096)
def mid_p_interval(k: int, n: int, level: float) -> tuple[float, float]:
    """All probabilities of heads that k of n tosses speak against with a mid-p of `level` at most; anything where there is no toss.

    Between P(X > k) + P(X = k)/2 = level/2 and P(X < k) + P(X = k)/2 = level/2 (Berry and Armitage, The Statistician 44, 1995).
    """
    high = _highest(k, n, level / 2)
    return 1 - _highest(n - k, n, level / 2), high


def _highest(k: int, n: int, tail: float) -> float:
    """Where P(X < k) + P(X = k)/2 falls to a tail, by Newton's steps kept between two places that close in."""
    if k == n:
        return 1.0
    low, high = k / n, 1.0
    at = wilson(k / n, n, 1 - 2 * tail)[1]
    for _ in range(100):
        here = binomial_density(k, n, at)
        off = binomial_cdf(k, n, at) - here / 2 - tail
        low, high = (at, high) if off > 0 else (low, at)
        falls = (binomial_density(k, n - 1, at) + (binomial_density(k - 1, n - 1, at) if k else 0.0)) * n / 2
        following = at + off / falls if falls > 0 else low
        following = following if low < following < high else (low + high) / 2
        if abs(following - at) <= 4e-16 * at:
            break
        at = following
    return at


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
    return 2 * binomial_cdf(k, n) - here
