"""The formulas as a textbook writes them, in plain NumPy, for numbers of ordinary size: what the command line is held against.

Nothing here is cecli's. Targets and predictions are rows of probabilities; `kept` says which samples (for `bce` which entries) count.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def one_hot(labels: Any, classes: int) -> np.ndarray:
    """Rows that are 1 at the label; all 0 where a label is none of the classes."""
    return (np.asarray(labels)[:, None] == np.arange(classes)).astype(float)


def softmax(z: Any, temperature: float = 1.0) -> np.ndarray:
    """e^(z/T) / Σ e^(z/T)."""
    powers = np.exp(np.asarray(z, dtype=float) / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(z: Any) -> np.ndarray:
    """1/(1 + e^−z)."""
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def normalized(counts: Any) -> np.ndarray:
    """Counts over their sum."""
    counts = np.asarray(counts, dtype=float)
    return counts / counts.sum(axis=-1, keepdims=True)


def clipped(q: np.ndarray, eps: float | None) -> np.ndarray:
    """Within [ε, 1 − ε]."""
    return q if eps is None else np.clip(q, eps, 1 - eps)


def times_log(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """p·ln q, 0 where p is 0."""
    return np.where(p == 0, 0.0, p * np.log(np.where(p == 0, 1.0, q)))


def reduced(loss: np.ndarray, shares: np.ndarray, kept: np.ndarray, reduction: str) -> Any:
    """Each value (None where it does not count), their sum, or their sum over that of their shares in the mean."""
    if reduction == "none":
        return np.where(kept, loss, None).tolist()
    total = loss[kept].sum()
    return float(total if reduction == "sum" else total / shares[kept].sum())


def cross_entropy(
    p, q, base=np.e, class_weights=None, sample_weights=None, label_smoothing=0.0, focal=0.0, eps=None, kept=None, reduction="mean"
):  # fmt: skip
    """s·Σ w·p′·(1 − q)^γ·(−log q), with p′ = (1 − ε)·p + ε/K; the mean is over Σ s·Σ w·p."""
    classes = p.shape[-1]
    w = np.ones(classes) if class_weights is None else np.asarray(class_weights)
    s = np.ones(len(p)) if sample_weights is None else np.asarray(sample_weights)
    q = clipped(q, eps)
    smoothed = (1 - label_smoothing) * p + label_smoothing / classes
    loss = -s * (w * (1 - q) ** focal * times_log(smoothed, q)).sum(axis=-1) / np.log(base)
    return reduced(loss, s * (w * p).sum(axis=-1), np.ones(len(p), dtype=bool) if kept is None else kept, reduction)


def binary_cross_entropy(
    y, q, base=np.e, sample_weights=None, label_smoothing=0.0, focal=0.0, eps=None, pos_weight=1.0, kept=None, reduction="mean"
):  # fmt: skip
    """−s·[w₊·y′·(1 − q)^γ·log q + (1 − y′)·q^γ·log(1 − q)], with y′ = (1 − ε)·y + ε/2; the mean is over Σ s, entry by entry."""
    s = np.ones(len(y)) if sample_weights is None else np.asarray(sample_weights)
    s = np.broadcast_to(s.reshape(-1, *[1] * (y.ndim - 1)), y.shape)
    q = clipped(q, eps)
    smoothed = (1 - label_smoothing) * y + label_smoothing / 2
    one, other = (
        (1 - q) ** focal * times_log(pos_weight * smoothed, q),
        q**focal * times_log(1 - smoothed, 1 - q),
    )
    loss = -s * (one + other) / np.log(base)
    return reduced(loss, s, np.ones(y.shape, dtype=bool) if kept is None else kept, reduction)


def entropy(p, base=np.e, sample_weights=None, reduction="none"):
    """−Σ p·log p."""
    s = np.ones(len(p)) if sample_weights is None else np.asarray(sample_weights)
    return reduced(-s * times_log(p, p).sum(axis=-1) / np.log(base), s, np.ones(len(p), dtype=bool), reduction)


def divergence(p, q, js=False, base=np.e, sample_weights=None, eps=None, reduction="none"):
    """Σ p·log(p/q); of JS the mean of both divergences from (p + q)/2."""
    s = np.ones(len(p)) if sample_weights is None else np.asarray(sample_weights)
    q = clipped(q, eps)
    m = (p + q) / 2
    parts = (_kl(p, m) + _kl(q, m)) / 2 if js else _kl(p, q)
    return reduced(s * parts / np.log(base), s, np.ones(len(p), dtype=bool), reduction)


def _kl(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Σ p·ln p − Σ p·ln q."""
    return (times_log(p, p) - times_log(p, q)).sum(axis=-1)


def metric(name, p, q, base=np.e, sample_weights=None, eps=None, kept=None):
    """A metric of `compare`: of all samples, weighted; errors are counted, whatever their weight above 0."""
    s = np.ones(len(p)) if sample_weights is None else np.asarray(sample_weights)
    kept = np.ones(len(p), dtype=bool) if kept is None else kept
    if name in {"cross_entropy", "cross_entropy_sum", "perplexity"}:
        how = "sum" if name.endswith("sum") else "mean"
        value = cross_entropy(p, q, base, sample_weights=s, eps=eps, kept=kept, reduction=how)
        return base**value if name == "perplexity" else value
    if name == "mse":
        return reduced(s * ((clipped(q, eps) - p) ** 2).sum(axis=-1), s, kept, "mean")
    wrong = (np.argmax(q, axis=-1) != np.argmax(p, axis=-1)).astype(float)
    return int(wrong[kept & (s > 0)].sum()) if name == "errors" else reduced(s * wrong, s, kept, "mean")


def gradient(
    p, q, loss="xent", base=np.e, class_weights=None, sample_weights=None, label_smoothing=0.0, kept=None, reduction="sum"
):  # fmt: skip
    """dL/dq times the Jacobian of the softmax, diag q − q·qᵀ, row by row; a mean divides by the mean's own divisor."""
    classes = p.shape[-1]
    w = np.ones(classes) if class_weights is None else np.asarray(class_weights)
    s = np.ones(len(p)) if sample_weights is None else np.asarray(sample_weights)
    kept = np.ones(len(p), dtype=bool) if kept is None else kept
    smoothed = (1 - label_smoothing) * p + label_smoothing / classes
    by_q = 2 * (q - smoothed) if loss == "mse" else -w * smoothed / q / np.log(base)
    rows = [
        row @ (np.diag(one) - np.outer(one, one)) * own * counts
        for row, one, own, counts in zip(by_q, q, s, kept, strict=True)
    ]
    return (np.asarray(rows) / (float((s * (w * p).sum(axis=-1))[kept].sum()) if reduction == "mean" else 1)).tolist()


def binary_gradient(y, q, base=np.e, sample_weights=None, label_smoothing=0.0, kept=None, reduction="sum"):
    """dL/dq · q·(1 − q) of every entry."""
    s = np.ones(len(y)) if sample_weights is None else np.asarray(sample_weights)
    s = np.broadcast_to(s.reshape(-1, *[1] * (y.ndim - 1)), y.shape)
    kept = np.ones(y.shape, dtype=bool) if kept is None else kept
    smoothed = (1 - label_smoothing) * y + label_smoothing / 2
    by_q = (-smoothed / q + (1 - smoothed) / (1 - q)) / np.log(base)
    found = by_q * q * (1 - q) * s * kept
    return (found / (float(s[kept].sum()) if reduction == "mean" else 1)).tolist()
