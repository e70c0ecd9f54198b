"""The best temperature with its interval, by SciPy's search and by the definition."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special, stats


def best_temperature(labels, logits, low=0.01, high=30.0):
    """Where the slope of the mean cross-entropy of softmax(βz) is 0, as 1/β."""
    row = np.arange(len(labels))

    def slope(beta):
        return float(np.mean((special.softmax(beta * logits, axis=-1) * logits).sum(axis=-1) - logits[row, labels]))

    return 1 / optimize.brentq(slope, low, high, xtol=1e-15, rtol=1e-14)


def interval_by_delta(target, logits, temperature, weights=None):
    """T·e^(±t·σ): σ of ln T̂ by the larger of both variances."""
    weights = np.ones(len(logits)) if weights is None else np.asarray(weights)
    z = np.asarray(logits) / temperature
    p = special.softmax(z, axis=-1)
    slope = (p * z).sum(axis=-1) - (target * z).sum(axis=-1)
    curvature = (p * z * z).sum(axis=-1) - (p * z).sum(axis=-1) ** 2
    variance = max(np.sum((weights * slope) ** 2), np.sum(weights**2 * curvature)) / np.sum(weights * curvature) ** 2
    units = weights.sum() ** 2 / np.sum(weights**2)
    reach = stats.t.ppf(0.975, units - 1) * math.sqrt(variance)
    return [temperature * math.exp(-reach), temperature * math.exp(reach)]
