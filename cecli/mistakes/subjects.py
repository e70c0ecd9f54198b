"""Which quantities the mistakes in losses are about, and with which numbers they can be made."""

from __future__ import annotations

import numpy as np

from cecli.mistakes.loss_view import LossView

CE = "xent cross_entropy cross_entropy_sum perplexity"
LOGS = f"{CE} bce entropy kl js"
ALL = f"{LOGS} mse error_rate errors"
METRICS = "cross_entropy cross_entropy_sum perplexity mse error_rate errors"
MANY = f"{CE} bce mse"

OTHER_SIZE = "another number of samples than classes"
MORE_CLASSES = "more classes"
OTHER_ROW = "another row of predictions"


def is_one_hot(v: LossView) -> bool:
    """Whether every target is one class."""
    return bool(np.all((v.target == 0) | (v.target == 1)) and np.all(np.sum(v.target, axis=-1) == 1))


def has_softmax(v: LossView) -> bool:
    """Whether there was a softmax to take."""
    return v.options.logits and not v.is_binary


def has_sigmoid(v: LossView) -> bool:
    """Whether there was a sigmoid to take."""
    return v.options.logits and v.is_binary


def several_in_mean(v: LossView) -> bool:
    """Whether a mean of several is asked for."""
    return v.reduction == "mean" and v.count > 1


def hard_mean(v: LossView) -> bool:
    """Whether it is one of several samples with one true class each."""
    return several_in_mean(v) and is_one_hot(v)
