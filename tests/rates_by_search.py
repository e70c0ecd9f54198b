"""The difference of two error rates with the interval that agrees with McNemar's mid-p, by its definition, with SciPy's distributions and a search."""

from __future__ import annotations

import math

from scipy import optimize, stats


def bounds_of_share(k, n, level):
    """The shares at which k heads of n tosses have a mid-p tail of half the level."""

    def at_most(share):
        return stats.binom.cdf(k, n, share) - stats.binom.pmf(k, n, share) / 2

    def search(tail, start):
        return optimize.brentq(lambda share: at_most(share) - tail, 1e-12, 1 - 1e-12, xtol=1e-15) if start else None

    low = search(1 - level / 2, k > 0)
    high = search(level / 2, k < n)
    return 0.0 if low is None else low, 1.0 if high is None else high


def wilson(k, n, level):
    """Wilson's interval of a share."""
    z = stats.norm.ppf(1 - level / 2) ** 2
    middle, reach = (k + z / 2) / (n + z), math.sqrt(z) / (n + z) * math.sqrt(k * (n - k) / n + z / 4)
    return middle - reach, middle + reach


def rate_difference(only_a, only_b, n, confidence=0.95):
    """Difference, low, high, p."""
    alone, level = only_a + only_b, 1 - confidence
    share, (share_low, share_high) = alone / n, wilson(alone, n, level)
    delta = (only_b - only_a) / alone if alone else 0.0
    low, high = (2 * side - 1 for side in bounds_of_share(only_b, alone, level)) if alone else (-1.0, 1.0)
    below = math.hypot(share * (delta - low), low * (share - share_low if low > 0 else share_high - share))
    above = math.hypot(share * (high - delta), high * (share_high - share if high > 0 else share - share_low))
    fewer = min(only_a, only_b)
    twice = 2 * stats.binom.cdf(fewer, alone, 0.5) - stats.binom.pmf(fewer, alone, 0.5)
    p = 1 - stats.binom.pmf(fewer, alone, 0.5) / 2 if only_a == only_b and alone else twice
    return share * delta, max(share * delta - below, -1), min(share * delta + above, 1), p if alone else 1.0
