"""Usual mistakes with binary cross-entropies: a row each."""

from __future__ import annotations

from cecli.mistakes import loss_changes as change
from cecli.mistakes.loss_changes import terms_of, where
from cecli.mistakes.method import Mistake
from cecli.mistakes.subjects import (
    has_sigmoid,
    several_in_mean,
)

BINARY_MISTAKES = (
    Mistake(
        "M19",
        "(1−y) term dropped",
        "−y·log p",
        "bce",
        "terms",
        terms_of(change.only_column(0)),
        "A negative sample counts too: −(1−y)·log(1−p).",
        common=True,
    ),
    Mistake(
        "M20",
        "y and 1−y swapped",
        "−[y·log(1−p) + (1−y)·log p]",
        "bce",
        "inputs",
        change.moved,
        "log p belongs to y, log(1−p) to 1−y.",
        common=True,
        over=lambda _: [("y and 1−y swapped", 1)],
        each="y and 1−y swapped",
    ),
    Mistake(
        "M3",
        "sum over the labels of a sample",
        "mean over samples of Σ over labels",
        "bce",
        "value",
        lambda w, _: change.times(w, w.shape[-1]),
        "The mean is over all entries, labels and samples alike.",
        over=where(
            lambda w: len(w.shape) > 1 and w.reduction == "mean",
            ("summed over the labels, averaged over the samples", None),
        ),
    ),
    Mistake(
        "M23",
        "sigmoid applied twice",
        "σ(σ(z))",
        "bce",
        "inputs",
        lambda w, _: change.sigmoid_again(w),
        "These are probabilities already: apply the sigmoid once.",
        common=True,
        over=lambda w: [("sigmoid applied twice" if w.logits else "sigmoid applied to probabilities", None)],
    ),
    Mistake(
        "M23",
        "scores taken as probabilities",
        "−log z",
        "bce",
        "inputs",
        lambda w, _: w.changed(logits=False),
        "Raw scores are no probabilities: apply the sigmoid first.",
        common=True,
        over=where(has_sigmoid, ("logits taken as probabilities", None)),
    ),
    Mistake(
        "M21",
        "−log p for every sample",
        "mean −log p",
        "bce",
        "terms",
        terms_of(change.always_positive),
        "For a sample with y = 0 it is −log(1−p).",
    ),
    Mistake(
        "M19",
        "positive term dropped",
        "−(1−y)·log(1−p)",
        "bce",
        "terms",
        terms_of(change.only_column(1)),
        "A positive sample counts too: −y·log p.",
    ),
    Mistake(
        "M22",
        "sign of the (1−y) term turned",
        "−[y·log p − (1−y)·log(1−p)]",
        "bce",
        "terms",
        terms_of(change.inner_sign),
        "Both terms have the same sign.",
    ),
    Mistake(
        "M22",
        "(1−y)·(1−log p)",
        "−[y·log p + (1−y)·(1−log p)]",
        "bce",
        "terms",
        terms_of(change.one_minus_log),
        "The second logarithm is of 1−p: (1−y)·log(1−p).",
    ),
    Mistake(
        "M19",
        "positives alone",
        "−Σ y·log p/Σy",
        "bce",
        "value",
        lambda w, _: change.over_positives(w),
        "Negative samples count too, and the mean is over all.",
        over=where(several_in_mean, ("mean over the positives alone", None)),
        adds=False,
    ),
)
