"""The t test corrected for skewness (Hall 1992), of Satterthwaite's degrees of freedom, by its definition, with SciPy's distributions and a search for the interval's ends."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, stats


def units_of(d, weight=None, groups=None):
    """The weighted deviations of the units, the mean, the sum of the weights, and how many independent units there are."""
    weight = np.ones(len(d)) if weight is None else np.asarray(weight, dtype=float)
    mean = np.sum(weight * d) / np.sum(weight)
    off = weight * (d - mean)
    if groups is not None:
        _, places = np.unique(groups, return_inverse=True)
        off = np.bincount(places, off)
        return off, mean, np.sum(weight), len(off), len(off)
    return off, mean, np.sum(weight), len(d), np.sum(weight) ** 2 / np.sum(weight**2)


def corrected_t(d, weight=None, groups=None, confidence=0.95):
    """Mean, low, high, p."""
    off, mean, total, count, units = units_of(np.asarray(d, dtype=float), weight, groups)
    square = np.sum(off**2)
    error = math.sqrt(square * count / (count - 1)) / total
    skew, peak = np.sum(off**3) / square**1.5, np.sum(off**4) / square**2
    skew *= max(0, 1 - peak**2 / skew**2) if skew else 0
    excess = peak - 1 / count - skew**2
    freedom = min(units - 1, 2 / excess) if excess > 0 else units - 1

    def statistic(center):
        t = (mean - center) / error
        return t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6

    edge = stats.t.ppf((1 + confidence) / 2, freedom)
    far = 1e4 * error
    low, high = (
        optimize.brentq(lambda c, y=y: statistic(c) - y, mean - far, mean + far, xtol=1e-300, rtol=1e-15)
        for y in (edge, -edge)
    )
    return mean, low, high, 2 * stats.t.sf(abs(statistic(0.0)), freedom)
