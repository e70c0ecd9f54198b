"""Every metric of `compare` of a model of labels: by scikit-learn where it has it, else as its definition says it, in plain NumPy and SciPy.

Nothing here is cecli's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
from scipy import stats
from sklearn import metrics as sk

BINS = 15


def losses(y: np.ndarray, p: np.ndarray) -> dict[str, np.ndarray]:
    """Cross-entropy, squared error and error of each sample."""
    return {
        "cross_entropy": -np.log(p[np.arange(len(y)), y]),
        "mse": np.sum((p - np.eye(p.shape[1])[y]) ** 2, axis=1),
        "error_rate": (p.argmax(axis=1) != y).astype(float),
    }


def values(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """All metrics of a model: those of each number of classes."""
    n, classes = p.shape
    hard, one_hot = p.argmax(axis=1), np.eye(classes)[y]
    loss, right = sk.log_loss(y, p, labels=range(classes)), sk.accuracy_score(y, hard, normalize=False)
    ece, mce = calibration(y, p)
    ece_left, mce_left = calibration(y, p, left=True)
    rank = np.sum(p > p[np.arange(n), y][:, None], axis=1) + np.sum(
        (p == p[np.arange(n), y][:, None]) & (np.arange(classes) < y[:, None]), axis=1
    )
    return {
        "error_rate": 1 - right / n,
        "errors": n - right,
        "mse": float(np.mean(np.sum((p - one_hot) ** 2, axis=1))),
        "cross_entropy": loss,
        "cross_entropy_sum": n * loss,
        "perplexity": math.exp(loss),
        "accuracy": right / n,
        **{f"top{k}": float(np.mean(rank < k)) for k in (2, 5) if k < classes},
        "log_loss": loss,
        "skill_uniform": 1 - loss / math.log(classes),
        "skill_prior": sk.d2_log_loss_score(y, p, labels=range(classes)),
        "balanced_accuracy": sk.balanced_accuracy_score(y, hard),
        "macro_f1": sk.f1_score(y, hard, average="macro"),
        "ece": ece,
        "ece_left_closed": ece_left,
        "ece_by_chance": calibration_by_chance(y, p),
        "mce": mce,
        "mce_left_closed": mce_left,
        **brier_parts(one_hot, p),
        **rankings(one_hot, p),
    }


def binned(x: np.ndarray, left: bool = False) -> Iterator[np.ndarray]:
    """The numbers of each bin that has some, (a, b] or [a, b), as a mask; the ends belong to the first and the last."""
    edges = np.linspace(0, 1, BINS + 1)
    for i, (a, b) in enumerate(itertools.pairwise(edges)):
        inside = (a <= x) & (x < b) if left else (a < x) & (x <= b)
        inside |= (x == 1) & left & (i == BINS - 1) | (x == 0) & (not left) & (i == 0)
        if inside.any():
            yield inside


def calibration(y: np.ndarray, p: np.ndarray, left: bool = False) -> tuple[float, float]:
    """ECE and MCE (Guo et al. 2017)."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    gaps = [(abs(np.mean(right[b]) - np.mean(confidence[b])), np.mean(b)) for b in binned(confidence, left)]
    return sum(gap * share for gap, share in gaps), max(gap for gap, _ in gaps)


def calibration_by_chance(y: np.ndarray, p: np.ndarray) -> float:
    """E|X − nc|/N of each bin, summed: X binomial with the bin's samples n and mean confidence c, scaled to Σc(1 − c) of the samples' own."""
    confidence, total = p.max(axis=1), 0.0
    for b in binned(confidence):
        own = confidence[b]
        n, c = len(own), min(float(np.mean(own)), 1.0)
        if (spread := np.sum(own * (1 - own))) > 0:
            k = np.arange(n + 1)
            off = np.sum(np.abs(k - n * c) * stats.binom.pmf(k, n, c))
            total += off * math.sqrt(spread / (n * c * (1 - c)))
    return total / len(y)


def brier_parts(one_hot: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """Reliability, resolution, uncertainty (Murphy 1973), and Var(p) − 2·Cov(p, y) within the bins (Stephenson et al. 2008), summed over classes."""
    parts = dict.fromkeys(("reliability", "resolution", "uncertainty", "within_bins"), 0.0)
    for q, happened in zip(p.T, one_hot.T, strict=True):
        parts["uncertainty"] += np.mean(happened) * (1 - np.mean(happened))
        for b in binned(q):
            share, own, mine = np.mean(b), q[b], happened[b]
            parts["reliability"] += share * (np.mean(own) - np.mean(mine)) ** 2
            parts["resolution"] += share * (np.mean(mine) - np.mean(happened)) ** 2
            within = np.mean((own - own.mean()) ** 2) - 2 * np.mean((own - own.mean()) * (mine - mine.mean()))
            parts["within_bins"] += share * within
    return parts


def rankings(one_hot: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """The areas under the ROC curves, by the Mann-Whitney statistic; of two classes the average precision too."""
    ranks, count = stats.rankdata(p, axis=0), one_hot.sum(axis=0)
    above = (ranks * one_hot).sum(axis=0) - count * (count + 1) / 2
    areas = above / (count * (len(p) - count))
    if p.shape[1] == 2:
        return {"roc_auc": areas[1], "average_precision": sk.average_precision_score(one_hot[:, 1], p[:, 1])}
    return {"roc_auc_ovr": np.mean(areas), "roc_auc_ovr_weighted": np.average(areas, weights=count)}


def delong(y: np.ndarray, scores: list[np.ndarray]) -> tuple[list[float], np.ndarray]:
    """The areas of several models and their covariance, pair by pair of samples (DeLong et al. 1988)."""
    yes, no = [[s[y == k] for s in scores] for k in (1, 0)]
    kernel = [(a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :]) for a, b in zip(yes, no, strict=True)]
    v10, v01 = np.cov([k.mean(axis=1) for k in kernel]), np.cov([k.mean(axis=0) for k in kernel])
    return [float(k.mean()) for k in kernel], v10 / len(yes[0]) + v01 / len(no[0])
