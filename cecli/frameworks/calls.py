"""Which call it is: the questions by which a function of a framework is chosen."""

from __future__ import annotations

import numpy as np

from cecli.frameworks.work import Work


def has_logits(work: Work) -> bool:
    """Raw scores are given."""
    return work.state.options.logits


def has_probabilities(work: Work) -> bool:
    """Probabilities are given."""
    return not has_logits(work)


def has_masked_logits(work: Work) -> bool:
    """Raw scores are given, and some class has −∞."""
    return has_logits(work) and bool(np.any(np.isneginf(work.state.scores)))


def has_missing_class(work: Work) -> bool:
    """Some class has no sample that counts."""
    return not bool(np.all(work.sample_counts @ work.state.given_target))


def is_k_too_large(work: Work) -> bool:
    """More classes may be right than there are."""
    return work.size > work.classes


def has_plain_labels(work: Work) -> bool:
    """Labels are given, and not smoothed."""
    return work.has_labels and work.state.options.label_smoothing == 0


def is_focal(work: Work) -> bool:
    """The focal loss is asked for."""
    return work.state.options.focal != 0


def is_soft(work: Work) -> bool:
    """Some target is neither a plain class nor a plain 0 or 1."""
    target = work.state.given_target
    ones = work.quantity == "bce" or np.all(np.sum(target, axis=-1) == 1)
    hard = work.has_labels or (ones and np.all((target == 0) | (target == 1)))
    return not hard or work.state.options.label_smoothing != 0


def is_matrix(work: Work) -> bool:
    """Binary predictions come in rows."""
    return not work.is_vector


def has_two_classes(work: Work) -> bool:
    """There are two classes."""
    return work.classes == 2


def has_many_classes(work: Work) -> bool:
    """There are more than two classes."""
    return work.classes > 2


def is_mean_of_probabilities(work: Work) -> bool:
    """A mean is asked for, of probabilities: what a metric of Keras gives."""
    return has_probabilities(work) and work.reduction == "mean"
