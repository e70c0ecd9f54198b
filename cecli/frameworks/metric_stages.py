"""The stages of the metrics of `compare` that are not means of losses: top-k accuracy, means over classes, calibration errors.

Every change of them that a framework makes stands beside its stage.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.frameworks.work import Change, Work
from cecli.maths.namespace import at_labels
from cecli.quantities.predictions import with_prediction
from cecli.statistics import scores

# --- top-k accuracy -----------------------------------------------------------------------------------------------


def with_ranks(work: Work) -> Work:
    """How many classes come before the true one; of equal scores the lowest index comes first."""
    return work.replace(losses=scores.ranks(work.state.scores, work.labels))


def ranked_from_the_last(work: Work) -> Work:
    """Of equal scores the highest index comes first."""
    z, labels = work.state.scores, work.labels
    own, after = at_labels(z, labels), np.arange(z.shape[-1]) > labels[:, None]
    return work.replace(losses=np.sum((z > own) | ((z == own) & after), axis=-1))


def ranked_by_larger_scores(work: Work) -> Work:
    """Only larger scores come before the true class."""
    z = work.state.scores
    return work.replace(losses=np.sum(z > at_labels(z, work.labels), axis=-1))


def is_tied_at_k(work: Work) -> bool:
    """Whether equal scores decide if some true class is among the first k."""
    z, own = work.state.scores, at_labels(work.state.scores, work.labels)
    larger, equal = np.sum(z > own, axis=-1), np.sum(z == own, axis=-1)
    return bool(np.any((larger < work.size) & (work.size < larger + equal)))


def ranked_by_threshold(work: Work) -> Work:
    """Class 1 comes first where its probability is above 1/2."""
    return work.replace(losses=1 * ((work.state.scores[:, 1] > 0.5) != (work.labels == 1)))


def _with_hits(work: Work) -> Work:
    """The share of the samples whose true class is among the first k."""
    return work.replace(value=float(np.average(work.losses < work.size, weights=work.sample_counts)))


# --- means over classes -------------------------------------------------------------------------------------------


def with_decisions(work: Work) -> Work:
    """A row for each sample, True at the class that is predicted."""
    z = work.state.scores
    chosen = np.asarray(z[:, 0], np.int64) if work.predicts_labels else np.argmax(z, axis=-1)
    classes = 1 + max(np.max(chosen), np.max(work.labels)) if work.predicts_labels else work.classes
    return work.replace(losses=np.arange(classes) == chosen[:, None])


def decided_for_all_largest(work: Work) -> Work:
    """True at every class of the largest score."""
    z = work.state.scores
    return work.replace(losses=np.max(z, axis=-1, keepdims=True) == z)


def _counted_by_class(work: Work) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each class how often it is predicted rightly, expected, and predicted."""
    said, weight = work.losses, work.sample_counts
    true = np.arange(said.shape[-1]) == work.labels[:, None]
    return weight @ (said & true), weight @ true, weight @ said


def with_recall(work: Work) -> Work:
    """The mean recall of the classes that are expected."""
    hits, expected, _ = _counted_by_class(work)
    return work.replace(value=scores.mean_of_known(scores.shares(hits, expected)))


def recall_of_predicted_classes(work: Work) -> Work:
    """A class that is predicted and never expected has recall 0."""
    hits, expected, said = _counted_by_class(work)
    recall = np.where((expected == 0) & (said > 0), 0.0, scores.shares(hits, expected))
    return work.replace(value=scores.mean_of_known(recall))


def with_f1(work: Work) -> Work:
    """The mean F₁ of the classes that are expected or predicted."""
    return work.replace(value=scores.mean_of_known(scores.f1(*_counted_by_class(work))))


def f1_of_all_classes(work: Work) -> Work:
    """The mean over all classes, with 1e-7 added to every denominator: a class that never occurs has 0."""
    hits, expected, said = (count.astype(np.float32) for count in _counted_by_class(work))
    little = np.float32(1e-7)
    precision, recall = hits / (said + little), hits / (expected + little)
    return work.replace(value=float(np.mean(2 * precision * recall / (precision + recall + little))))


# --- calibration errors -------------------------------------------------------------------------------------------


def with_confidence(work: Work) -> Work:
    """The largest probability of each sample."""
    probability = with_prediction(work.state).prediction.probability
    return work.replace(losses=np.max(probability, axis=-1))


def confidence_in_float32(work: Work) -> Work:
    """The same in float32."""
    return work.replace(losses=work.losses.astype(np.float32))


def with_bins(work: Work) -> Work:
    """The bin (a, b] of each confidence."""
    return work.replace(counts=scores.bins_of(work.losses, work.size))


def binned_from_the_left(work: Work) -> Work:
    """The bin [a, b); a confidence of 1 has a bin of its own."""
    n, kind = work.size, work.losses.dtype.type
    i, step = np.arange(n + 1), kind(1 / n)
    edges = np.where(2 * i < n + 1, step * i, 1 - step * (n - i)).astype(kind)
    return work.replace(counts=np.searchsorted(edges, work.losses, side="right") - 1)


def _gaps(work: Work) -> scores.Calibration:
    """The gaps between confidence and accuracy."""
    weight, right = work.sample_counts, np.argmax(work.state.scores, axis=-1) == work.labels
    columns = weight, weight * work.losses, weight * right
    return scores.calibration(*(np.bincount(work.counts, column) for column in columns))


def _with_mean_gap(work: Work) -> Work:
    return work.replace(value=_gaps(work).expected)


def _with_largest_gap(work: Work) -> Work:
    return work.replace(value=_gaps(work).largest)


# --- of both ------------------------------------------------------------------------------------------------------


def value_in_float32(work: Work) -> Work:
    """The value in float32."""
    return work.replace(value=None if work.value is None else float(np.float32(work.value)))


def zero_where_undefined(work: Work) -> Work:
    """0 where there is no value."""
    return work.replace(value=0.0 if work.value is None or math.isnan(work.value) else work.value)


METRIC_STAGES: dict[str, tuple[tuple[str, Change], ...]] = {
    "top_k": (("ranks", with_ranks), ("reduced", _with_hits)),
    "balanced_accuracy": (("decisions", with_decisions), ("reduced", with_recall)),
    "macro_f1": (("decisions", with_decisions), ("reduced", with_f1)),
    "ece": (("confidence", with_confidence), ("bins", with_bins), ("reduced", _with_mean_gap)),
    "mce": (("confidence", with_confidence), ("bins", with_bins), ("reduced", _with_largest_gap)),
}
