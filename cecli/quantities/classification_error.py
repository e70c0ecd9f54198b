"""Right or wrong: whether the largest prediction of a sample is its target class; ties go to the lowest index."""

from __future__ import annotations

from cecli.maths.losses import ClassPrediction
from cecli.maths.namespace import Array, at_labels, count_true, namespace, quiet
from cecli.quantities.predictions import are_logits_as_given, with_prediction
from cecli.quantities.states import State, loss_stages
from cecli.record import Record


class DecisionTerms(Record):
    """Which class each sample predicts, and which it expects."""

    chosen: Array
    expected: Array
    loss: Array
    """1 where they differ, else 0."""

    @property
    def term(self) -> Array:
        """The same as a row of one term."""
        return self.loss[:, None]


DecisionState = State[ClassPrediction, DecisionTerms]


@quiet
def with_terms(state: DecisionState) -> DecisionState:
    """The classes of the largest score and of the largest target."""
    scores = ranked_scores(state)
    xp = namespace(scores)
    chosen = xp.argmax(scores, axis=-1)
    expected = xp.argmax(state.target_rows, axis=-1) if state.labels is None else state.labels
    return state.replace(terms=DecisionTerms(chosen, expected, xp.astype(chosen != expected, scores.dtype)))


STAGES = loss_stages(with_prediction, with_terms)


def ranked_scores(state: DecisionState) -> Array:
    """What classes are ranked by: raw scores, where they are given, do not saturate as probabilities do; under `--eps` the clipped probabilities."""
    return state.scores if are_logits_as_given(state.options) else state.prediction.probability


@quiet
def tied(state: DecisionState) -> Array:
    """Where several classes are the largest, once the terms are known."""
    scores = ranked_scores(state)
    xp = namespace(scores)
    are_largest = scores == at_labels(scores, state.terms.chosen)
    if count_true(are_largest) == scores.shape[0]:
        return xp.zeros_like(state.terms.chosen, dtype=xp.bool)
    return xp.sum(xp.astype(are_largest, xp.int64), axis=-1) > 1
