"""How good predictions are, from counts and sums: calibration, the parts of the Brier score, classes, rankings.

NumPy vectors of sums in, numbers out. Nothing here knows samples, but for the two measures of a ranking.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.maths.namespace import Array, at_labels, namespace
from cecli.record import Record

ROUNDING = 2.0**-50
"""A difference of sums that is smaller beside them is their rounding."""

# --- ranks --------------------------------------------------------------------------------------------------------


def ranks(scores: Array, labels: Array) -> Array:
    """How many classes come before the labelled one: those of a larger score, and those of the same score and a lower index."""
    xp = namespace(scores, labels)
    own = at_labels(scores, labels)
    index = xp.arange(scores.shape[-1], dtype=labels.dtype, device=labels.device)
    before = (scores > own) | ((scores == own) & (index < labels[..., None]))
    return xp.sum(xp.astype(before, xp.int64), axis=-1)


# --- calibration --------------------------------------------------------------------------------------------------


def bins_of(confidence: np.ndarray, bins: int, left_closed: bool = False) -> np.ndarray:
    """The bin of each confidence among `bins` of equal width: (a, b] (Guo et al. 2017), or [a, b) with 1 in the last."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges, confidence, side="right" if left_closed else "left") - 1
    return np.clip(place, 0, bins - 1)


class Calibration(Record):
    """The gaps between confidence and accuracy: their mean and the largest."""

    expected: float
    """ECE = Σ_b n_b/N·|acc_b − conf_b|."""
    largest: float
    """MCE = max_b |acc_b − conf_b|, of bins that hold samples."""


def calibration(weight: np.ndarray, confidence: np.ndarray, right: np.ndarray) -> Calibration:
    """ECE and MCE from the sums of each bin: of the weights, of weight times confidence, of weight times right.

    Source: Guo et al. 2017, "On calibration of modern neural networks", arXiv:1706.04599, eq. 3 and 5.
    """
    filled = weight > 0
    gap = np.abs(right - confidence)[filled]
    return Calibration(float(gap.sum() / weight.sum()), float(np.max(gap / weight[filled])))


def calibration_by_chance(
    weight: np.ndarray, confidence: np.ndarray, squares: np.ndarray, variance: np.ndarray
) -> float:
    """The ECE that a model whose confidence is always true is expected to have on this many samples.

    E|Σ (c − conf)| of each bin: that of the binomial with the bin's number of samples and mean confidence, scaled to the
    bin's own variance. `squares` are the bins' Σ w² (n = (Σw)²/Σw²) and `variance` their Σ w²·conf·(1 − conf). Exact for bins of one
    sample and for bins of equal confidences; as the normal approximation where there are many.
    """
    total = 0.0
    for w, c, s, v in zip(weight, confidence, squares, variance, strict=True):
        if w > 0 and v > 0:
            n, p = max(1, round(w * w / s)), min(c / w, 1.0)
            deviation = math.sqrt(n * p * (1 - p))
            total += math.sqrt(v) * (binomial_deviation(n, p) / deviation if deviation else math.sqrt(2 / math.pi))
    return float(total / weight.sum())


def binomial_deviation(n: int, p: float) -> float:
    """E|X − np| of a binomial X: 2·(m+1)·C(n, m+1)·p^{m+1}·(1−p)^{n−m} with m = ⌊np⌋ (De Moivre 1730)."""
    if p <= 0 or p >= 1:
        return 0.0
    m = min(int(n * p), n - 1)
    log_choose = math.lgamma(n + 1) - math.lgamma(m + 2) - math.lgamma(n - m)
    return 2 * (m + 1) * math.exp(log_choose + (m + 1) * math.log(p) + (n - m) * math.log1p(-p))


class BrierParts(Record):
    """MSE = reliability − resolution + uncertainty + within_bins."""

    reliability: float
    """Σ_k Σ_b n_b/N·(p̄_b − ȳ_b)²: how far the probabilities of a bin are from what happened; 0 is best."""
    resolution: float
    """Σ_k Σ_b n_b/N·(ȳ_b − ȳ)²: how far what happened differs from bin to bin; more is better."""
    uncertainty: float
    """Σ_k Var(y_k): ȳ_k·(1 − ȳ_k) for labels. The score of the class frequencies; no model can change it."""
    within_bins: float
    """Σ_k [Var(p) − 2·Cov(p, y)] inside the bins: what binning does not see."""


def brier_parts(weight: np.ndarray, p: np.ndarray, y: np.ndarray, moments: tuple[float, float, float]) -> BrierParts:
    """The parts of the multi-class Brier score, from sums by class and bin, each (K, bins); `moments` are Σ w·p², Σ w·p·y, Σ w·y².

    Source: Murphy 1973, J. Appl. Meteor. 12:595; the terms within bins: Stephenson, Coelho and Jolliffe 2008, Wea.
    Forecasting 23:752, eq. 8, here summed over the classes.
    """
    filled = weight > 0
    n = np.where(filled, weight, 1.0)
    total = float(weight[0].sum())
    frequency = y.sum(axis=1) / total
    p_mean, y_mean = p / n, y / n
    reliability = float(np.sum(weight * (p_mean - y_mean) ** 2) / total)
    resolution = float(np.sum(weight * (y_mean - frequency[:, None]) ** 2) / total)
    pp, py, yy = moments
    uncertainty = yy / total - float(np.sum(frequency**2))
    within = (pp - float(np.sum(p * p_mean)) - 2 * (py - float(np.sum(p * y_mean)))) / total
    if abs(within) <= ROUNDING * (pp + 2 * py) / total:
        within = 0.0
    return BrierParts(reliability, resolution, uncertainty, within)


# --- classes ------------------------------------------------------------------------------------------------------


def shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part/whole, NaN where the whole is 0: recall of support, precision of what was predicted."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def f1(hits: np.ndarray, support: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """F₁ = 2·TP/(support + predicted) of each class, NaN where it is neither expected nor predicted."""
    return shares(2 * hits, support + predicted)


def mean_of_known(values: np.ndarray) -> float:
    """The mean of the values that are not NaN."""
    known = values[~np.isnan(values)]
    return float(known.sum() / len(known)) if len(known) else math.nan


def entropy_of_counts(counts: np.ndarray) -> float:
    """The entropy, in nats, of the frequencies that counts (or weights) give: the log loss of predicting them always."""
    p = counts[counts > 0] / counts.sum()
    return float(0.0 - np.sum(p * np.log(p)))


# --- rankings -----------------------------------------------------------------------------------------------------


class Ranking(Record):
    """The cumulated weights of positives and negatives down to each distinct score, the highest first."""

    positive: np.ndarray
    negative: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> Ranking:
        """Samples ordered by score; those of the same score come together."""
        order = np.argsort(-scores, kind="stable")
        last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
        return cls(np.cumsum(positive[order])[last], np.cumsum(negative[order])[last])


def roc_auc(ranking: Ranking) -> float | None:
    """P(a positive scores above a negative) + ½·P(they score the same); None where one of them is missing."""
    positive, negative = (np.append(0.0, part) for part in ranking)
    if positive[-1] <= 0 or negative[-1] <= 0:
        return None
    area = float(np.sum(np.diff(negative) * (positive[1:] + positive[:-1]))) / 2
    return area / float(positive[-1]) / float(negative[-1])


def roc_auc_shares(scores: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> np.ndarray | None:
    """What each sample adds to how the area differs from its mean over many sets of samples: the sum of their squares is its variance.

    w⁺/W⁺·(V − A)·√(m/(m−1)) of a positive, V the share of negatives that score less, those that score the same counted half, and alike of a negative
    (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988). m is the number of positives, under weights the effective one. None where there
    are fewer than two of each.
    """
    _, at = np.unique(scores, return_inverse=True)
    own = [part / part.sum() if part.sum() > 0 else part for part in (positive, negative)]
    counts = [1 / float(np.sum(part**2)) if part.any() else 0.0 for part in own]
    if min(counts) < 2 - 1e-9:
        return None
    by_score = [np.bincount(at, part) for part in own]
    below = (np.cumsum(by_score[1]) - by_score[1] / 2)[at]
    above = (1 - np.cumsum(by_score[0]) + by_score[0] / 2)[at]
    area = float(own[0] @ below)
    shares: np.ndarray = own[0] * (below - area) * math.sqrt(counts[0] / (counts[0] - 1))
    return shares + own[1] * (above - area) * math.sqrt(counts[1] / (counts[1] - 1))


def average_precision(ranking: Ranking) -> float | None:
    """Σ (R_n − R_{n−1})·P_n over the distinct scores; None without a positive."""
    positive, negative = ranking
    if positive[-1] <= 0:
        return None
    precision = shares(positive, positive + negative)
    steps = np.diff(positive, prepend=0.0)
    return float(np.sum(np.where(steps > 0, steps * precision, 0.0)) / positive[-1])
