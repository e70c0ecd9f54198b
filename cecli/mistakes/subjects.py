"""Which quantities the mistakes in losses are about, and which work they can be made with."""

from __future__ import annotations

from cecli.mistakes.loss_changes import is_one_hot, rows
from cecli.mistakes.work import Work

CE = "xent cross_entropy cross_entropy_sum perplexity"
LOGS = f"{CE} bce entropy kl js"
ALL = f"{LOGS} mse error_rate errors"
MANY = f"{CE} bce mse"

OTHER_SIZE = "another number of samples than classes"
MORE_CLASSES = "more classes"
SOFT = "another row of predictions"


def has_softmax(w: Work) -> bool:
    """Whether there was a softmax to take."""
    return w.logits and not w.is_binary


def has_sigmoid(w: Work) -> bool:
    """Whether there was a sigmoid to take."""
    return w.logits and w.is_binary


def several_in_mean(w: Work) -> bool:
    """Whether a mean of several is asked for."""
    return w.reduction == "mean" and rows(w) > 1


def hard_mean(w: Work) -> bool:
    """Whether it is one of several samples with one true class each."""
    return several_in_mean(w) and is_one_hot(w)
