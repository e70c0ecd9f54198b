"""Every metric of `compare` of a model of labels as its definition says it, in plain NumPy and SciPy.

Nothing here is cecli's. What scikit-learn has is compared with it in library/test_every_number.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import special, stats

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
    mine = p[np.arange(n), y][:, None]
    loss, right = float(np.mean(-np.log(mine))), int(np.sum(hard == y))
    shares = one_hot.mean(axis=0)
    recall, f1 = by_class(y, hard, classes)
    ece, mce = calibration(y, p)
    ece_left, mce_left = calibration(y, p, left=True)
    rank = np.sum(p > mine, axis=1) + np.sum((p == mine) & (np.arange(classes) < y[:, None]), axis=1)
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
        "skill_prior": 1 - loss / np.sum(special.entr(shares)),
        "balanced_accuracy": np.mean(recall),
        "macro_f1": np.mean(f1),
        "ece": ece,
        "ece_left_closed": ece_left,
        "ece_by_chance": calibration_by_chance(y, p),
        "mce": mce,
        "mce_left_closed": mce_left,
        **brier_parts(one_hot, p),
        **rankings(one_hot, p),
    }


def by_class(y: np.ndarray, hard: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Recall and F1 of each class that has samples."""
    hits, own, said = (np.bincount(x, minlength=classes) for x in (y[hard == y], y, hard))
    return hits[own > 0] / own[own > 0], 2 * hits[own > 0] / (own + said)[own > 0]


EDGES = np.linspace(0, 1, BINS + 1)


def binned(x: np.ndarray, left: bool = False) -> Iterator[np.ndarray]:
    """Which numbers are in each bin that has some, (a, b] or [a, b); the ends belong to the first and the last."""
    own = np.searchsorted(EDGES, x, side="right") - 1 if left else np.searchsorted(EDGES, x, side="left")
    own = np.clip(own, 0, BINS - 1) if left else np.clip(own, 1, BINS)
    order = np.argsort(own, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(own[order])) + 1)


def calibration(y: np.ndarray, p: np.ndarray, left: bool = False) -> tuple[float, float]:
    """ECE and MCE (Guo et al. 2017)."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    gaps = [(abs(right[b].mean() - confidence[b].mean()), len(b) / len(y)) for b in binned(confidence, left)]
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
        often = happened.mean()
        parts["uncertainty"] += often * (1 - often)
        for b in binned(q):
            share, own, mine = len(b) / len(q), q[b], happened[b]
            said, was = own.mean(), mine.mean()
            parts["reliability"] += share * (said - was) ** 2
            parts["resolution"] += share * (was - often) ** 2
            parts["within_bins"] += share * (np.mean((own - said) ** 2) - 2 * np.mean((own - said) * (mine - was)))
    return parts


def rankings(one_hot: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """The areas under the ROC curves, by the Mann-Whitney statistic; of two classes the average precision too."""
    ranks, count = stats.rankdata(p, axis=0), one_hot.sum(axis=0)
    above = (ranks * one_hot).sum(axis=0) - count * (count + 1) / 2
    areas = above / (count * (len(p) - count))
    if p.shape[1] == 2:
        return {"roc_auc": areas[1], "average_precision": average_precision(one_hot[:, 1], p[:, 1])}
    return {"roc_auc_ovr": np.mean(areas), "roc_auc_ovr_weighted": np.average(areas, weights=count)}


def average_precision(happened: np.ndarray, score: np.ndarray) -> float:
    """The precision at each threshold, weighted by the recall that it adds."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))  # of those of one score
    hits = np.cumsum(happened[order])[last]
    return float(np.sum(np.diff(hits, prepend=0) * hits / (last + 1)) / hits[-1])


def delong(y: np.ndarray, scores: list[np.ndarray]) -> tuple[list[float], np.ndarray]:
    """The areas of several models and their covariance, pair by pair of samples (DeLong et al. 1988)."""
    yes, no = [[s[y == k] for s in scores] for k in (1, 0)]
    kernel = [(a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :]) for a, b in zip(yes, no, strict=True)]
    v10, v01 = np.cov([k.mean(axis=1) for k in kernel]), np.cov([k.mean(axis=0) for k in kernel])
    return [float(k.mean()) for k in kernel], v10 / len(yes[0]) + v01 / len(no[0])
