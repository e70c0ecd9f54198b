"""The squared distance of a prediction to its target, summed over the classes: the multi-class Brier score before its mean."""

from __future__ import annotations

from cecli.maths import losses
from cecli.maths.namespace import quiet
from cecli.quantities.predictions import with_prediction
from cecli.quantities.states import State, loss_stages

SquaredState = State[losses.ClassPrediction, losses.SquaredErrorTerms]


@quiet
def with_terms(state: SquaredState) -> SquaredState:
    """(q_k − p_k)²."""
    if state.labels is not None:
        return state.replace(terms=losses.label_squared_error_terms(state.labels, state.prediction))
    return state.replace(terms=losses.squared_error_terms(state.given_target, state.prediction))


STAGES = loss_stages(with_prediction, with_terms)
