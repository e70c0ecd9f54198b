"""Shares of samples, and how far they may be off."""

from __future__ import annotations

import math

from cecli.statistics.distributions import normal_quantile


def wilson(rate: float, units: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval of a share of `units` independent samples: all shares that the one seen is not unlikely of.

    (p + z²/2N ± z·√(p(1−p)/N + z²/4N²))/(1 + z²/N) (Wilson, J. Am. Stat. Assoc. 22, 1927).
    """
    square = normal_quantile((1 + confidence) / 2) ** 2 / units
    middle = rate + square / 2
    reach = math.sqrt(square * (rate * (1 - rate) + square / 4))
    low = 0.0 if rate <= 0 else (middle - reach) / (1 + square)
    return low, 1.0 if rate >= 1 else (middle + reach) / (1 + square)
