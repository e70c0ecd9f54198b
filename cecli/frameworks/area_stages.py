"""The stages of the areas under curves: ROC AUC, of two classes and of each class against the rest, and average precision.

Every change of them that Keras makes stands beside its stage.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cecli.frameworks.work import Change, Work
from cecli.quantities.predictions import with_prediction
from cecli.statistics import scores
from cecli.statistics.scores import Ranking

KERAS_STEPS = 199
"""Steps between the 200 thresholds of Keras."""


def with_scores(work: Work) -> Work:
    """What ranks the samples, a column for each class that is ranked: of logits their difference, or log p, which saturates less than p."""
    z, is_of_two = work.state.scores, _is_of_two(work)
    if not work.state.options.logits:
        return work.replace(losses=z[:, 1:] if is_of_two else z)
    return work.replace(losses=z[:, 1:] - z[:, :1] if is_of_two else -with_prediction(work.state).prediction.surprisal)


def scored_in_steps(work: Work) -> Work:
    """The step between two thresholds that a probability falls into, (a, b]."""
    p = with_prediction(work.state).prediction.probability
    steps = np.maximum(np.ceil(p * p.dtype.type(KERAS_STEPS)) - 1, 0)
    return work.replace(losses=steps[:, 1:] if _is_of_two(work) else steps)


def _is_of_two(work: Work) -> bool:
    """Whether class 1 alone is ranked, against class 0."""
    return not work.quantity.startswith("roc_auc_ovr")


def with_areas(measure: Callable[[Ranking], float | None]) -> Change:
    """A measure of the ranking of each column, NaN where it is undefined."""

    def change(work: Work) -> Work:
        target = work.state.given_target
        shares = (target[:, 1] / np.sum(target, axis=-1))[None] if _is_of_two(work) else np.transpose(target)
        own = [work.sample_counts * column for column in shares]
        found = [
            measure(Ranking.of(column, positive, work.sample_counts - positive))
            for column, positive in zip(np.asarray(work.losses, np.float64).T, own, strict=True)
        ]
        areas = np.array([math.nan if area is None else area for area in found])
        return work.replace(losses=areas, counts=np.array([positive.sum() for positive in own]))

    return change


@np.errstate(all="ignore")
def interpolated_precision(ranking: Ranking) -> float | None:
    """∫ precision d(recall) with TP and TP + FP both linear between two thresholds (Davis and Goadrich 2006), 0 without a positive."""
    positive, whole = (np.append(0.0, part) for part in (ranking.positive, ranking.positive + ranking.negative))
    if positive[-1] <= 0:
        return None
    gained, slope = np.diff(positive), np.diff(positive) / np.diff(whole)
    before = positive[:-1] - slope * whole[:-1]
    grown = np.where(whole[:-1] > 0, np.log(whole[1:] / whole[:-1]), 0.0)
    return float(np.nansum(slope * (gained + before * grown)) / positive[-1])


def zero_where_undefined(work: Work) -> Work:
    """An area of 0 for a class that has no sample, or no other sample."""
    return work.replace(losses=np.nan_to_num(work.losses))


def _with_mean(work: Work) -> Work:
    """The mean of the areas; None where one of them is undefined."""
    weights = work.counts if work.quantity.endswith("_weighted") else None
    is_known = not np.any(np.isnan(work.losses))
    return work.replace(value=float(np.average(work.losses, weights=weights)) if is_known else None)


def _stages(measure: Callable[[Ranking], float | None]) -> tuple[tuple[str, Change], ...]:
    return (("scores", with_scores), ("areas", with_areas(measure)), ("reduced", _with_mean))


AREA_STAGES = {
    **dict.fromkeys(("roc_auc", "roc_auc_ovr", "roc_auc_ovr_weighted"), _stages(scores.roc_auc)),
    "average_precision": _stages(scores.average_precision),
}
