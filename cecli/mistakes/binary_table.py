"""Usual mistakes with binary cross-entropies: a row each."""

from __future__ import annotations

import numpy as np

from cecli.maths.namespace import Array, safe_product
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import COMMON, Mistake, each, twice
from cecli.mistakes.subjects import has_sigmoid, several_in_mean


def _one_minus_log(v: LossView) -> Array:
    """(1−y)·(1 − log p) beside the right positive term."""
    y, surprisal = v.target[:, 0], v.prediction.surprisal[:, 0]
    return np.stack([safe_product(y, surprisal), -(1 - y) * (1 + surprisal)], axis=-1)


def _over_positives(v: LossView) -> float:
    """The positive terms divided by how many positives there are."""
    weights = v.sample_weights
    return float(np.sum(v.terms[:, 0] * weights) / np.sum(v.target[:, 0] * weights))


# fmt: off
BINARY_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M19", "(1−y) term dropped", "−y·log p", "bce",
            "terms", lambda v: v.changed(terms=v.terms * np.asarray([1.0, 0.0])),
            "A negative sample counts too: −(1−y)·log(1−p).", common=COMMON),
    Mistake("M20", "y and 1−y swapped", "−[y·log(1−p) + (1−y)·log p]", "bce",
            "inputs", lambda v: v.changed(target=v.target[:, ::-1]),
            "log p belongs to y, log(1−p) to 1−y.", common=COMMON, one_sample="y and 1−y swapped"),
    Mistake("M3", "sum over the labels of a sample", "mean over samples of Σ over labels", "bce",
            "value", lambda v: v.changed(value=v.value * v.shape[-1]),
            "The mean is over all entries, labels and samples alike.",
            when=lambda v: len(v.shape) > 1 and v.reduction == "mean",
            called="summed over the labels, averaged over the samples"),
    Mistake("M23", "sigmoid applied twice", "σ(σ(z))", "bce",
            "inputs", each(twice("sigmoid"), lambda v, _: v.changed(scores=v.prediction.probability[:, :1], logits=True)),
            "These are probabilities already: apply the sigmoid once.", common=COMMON),
    Mistake("M23", "scores taken as probabilities", "−log z", "bce",
            "inputs", lambda v: v.changed(logits=False),
            "Raw scores are not probabilities: apply the sigmoid first.", common=COMMON,
            when=has_sigmoid, called="logits taken as probabilities"),
    Mistake("M21", "−log p for every sample", "mean −log p", "bce",
            "terms", lambda v: v.changed(terms=v.prediction.surprisal * np.asarray([1.0, 0.0])),
            "For a sample with y = 0 it is −log(1−p)."),
    Mistake("M19", "positive term dropped", "−(1−y)·log(1−p)", "bce",
            "terms", lambda v: v.changed(terms=v.terms * np.asarray([0.0, 1.0])),
            "A positive sample counts too: −y·log p."),
    Mistake("M22", "sign of the (1−y) term reversed", "−[y·log p − (1−y)·log(1−p)]", "bce",
            "terms", lambda v: v.changed(terms=v.terms * np.asarray([1.0, -1.0])),
            "Both terms have the same sign."),
    Mistake("M22", "(1−y)·(1−log p)", "−[y·log p + (1−y)·(1−log p)]", "bce",
            "terms", lambda v: v.changed(terms=_one_minus_log(v)),
            "The second logarithm takes 1−p: (1−y)·log(1−p)."),
    Mistake("M26", "squared error", "(p − y)²", "bce",
            "terms", lambda v: v.changed(terms=v.target * v.prediction.complement**2),
            "The cross-entropy takes logarithms; the squared error is another loss."),
    Mistake("M19", "positives alone", "−Σ y·log p/Σy", "bce",
            "value", lambda v: v.changed(value=_over_positives(v)),
            "Negative samples count too, and the mean is over all.",
            when=several_in_mean, called="mean over the positives alone", is_sum=False),
)
# fmt: on
