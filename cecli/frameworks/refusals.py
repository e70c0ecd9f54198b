"""What functions of frameworks raise for a call, what they have no value for, and what they warn of."""

from __future__ import annotations

import numpy as np

from cecli.frameworks.calls import has_logits, has_missing_class, has_probabilities, is_k_too_large, is_soft
from cecli.frameworks.metric_stages import is_tied_at_k
from cecli.frameworks.work import Work


def soft_refused(work: Work) -> str | None:
    """scikit-learn takes labels."""
    return "raises ValueError: it takes labels, no soft targets" if is_soft(work) else None


def weights_refused(work: Work) -> str | None:
    """To scikit-learn a sample of weight 0 still has its classes."""
    if work.state.weights is not None and np.any(np.asarray(work.state.weights) == 0):
        return "also counts the classes that only samples of weight 0 have: leave out these samples"
    return soft_refused(work)


def _far_from_1(work: Work) -> bool:
    """Whether scikit-learn finds that rows do not sum to 1."""
    if work.quantity == "bce" and work.is_vector:
        return False
    p = work.state.scores
    return has_probabilities(work) and bool(
        np.any(np.abs(np.sum(p, axis=-1) - 1) > 1e-8 + np.sqrt(np.finfo(p.dtype).eps))
    )


def sums_warned(work: Work) -> str | None:
    """scikit-learn warns of such rows."""
    return "warns (UserWarning) that rows do not sum to 1, and uses them as they are" if _far_from_1(work) else None


def sums_warned_before(work: Work) -> str | None:
    """So did 1.3 and 1.4, which rescale them."""
    return "warns (UserWarning) that rows do not sum to 1, and rescales them" if _far_from_1(work) else None


def truth_second(_: Work) -> str | None:
    """The order of the arguments of kl_div."""
    return "kl_div takes ln Q first: its second argument is the truth, P"


def mean_warned(work: Work) -> str | None:
    """torch warns of the mean."""
    mean = (
        " With reduction='mean' it warns (UserWarning) that the mean is not the divergence."
        if work.reduction == "mean"
        else ""
    )
    return f"{truth_second(work)}.{mean}"


def logits_needed(work: Work) -> str | None:
    """A framework differentiates by what it is given."""
    return None if has_logits(work) else "differentiates by what it is given: give logits (--logits)"


def labels_needed(work: Work) -> str | None:
    """Metrics of torchmetrics take labels."""
    return "takes labels, no soft targets" if is_soft(work) else None


def ties_undefined(work: Work) -> str | None:
    """torch.topk may take any of equal scores."""
    if is_k_too_large(work):
        return f"raises ValueError: k = {work.size} is more than the {work.classes} classes"
    if work.size > 1 and is_tied_at_k(work):
        return "has no rule for the equal scores at the k-th place: it takes any of them"
    return labels_needed(work)


def few_classes(work: Work) -> str | None:
    """Keras looks for the k-th score."""
    return (
        f"raises on torch and JAX: k = {work.size} is more than the {work.classes} classes"
        if is_k_too_large(work)
        else None
    )


def k_warned(work: Work) -> str | None:
    """scikit-learn warns of a k that leaves no class out."""
    return "warns (UndefinedMetricWarning) that k leaves no class out" if work.size >= work.classes else None


def sums_refused(work: Work) -> str | None:
    """scikit-learn takes no rows that miss 1 by more than 1e-5."""
    if has_probabilities(work) and not np.allclose(1, np.sum(work.state.scores, axis=-1)):
        return "raises ValueError: rows must sum to 1"
    return soft_refused(work)


def few_samples(work: Work) -> str | None:
    """scikit-learn has no D² of one sample."""
    return "gives nan for a single sample, with a warning" if work.rows < 2 else soft_refused(work)


def infinite_refused(work: Work) -> str | None:
    """scikit-learn takes no infinite scores."""
    return "raises ValueError: scores must be finite" if np.any(np.isinf(work.state.scores)) else soft_refused(work)


def missing_class_warned(work: Work) -> str | None:
    """scikit-learn has no area for a class that has no sample, or no other."""
    return (
        "warns (UndefinedMetricWarning) that a class has no sample, and gives nan" if has_missing_class(work) else None
    )


def missing_class_left_out(work: Work) -> str | None:
    """scikit-learn has a weighted mean of the other classes."""
    return "leaves out a class that has no sample" if has_missing_class(work) else sums_refused(work)


def missing_class_counted(work: Work) -> str | None:
    """torchmetrics has 0 for a class without samples."""
    return "counts 0 for a class that has no sample, with a warning" if has_missing_class(work) else labels_needed(work)
