"""The squared distance of a prediction to its target, summed over the classes: the multi-class Brier score before its mean."""

from __future__ import annotations

from cecli.maths import losses
from cecli.maths.namespace import quiet
from cecli.quantities.predictions import with_prediction
from cecli.quantities.states import State, with_losses


@quiet
def with_terms(state: State) -> State:
    """(q_k − p_k)²."""
    return state.replace(terms=losses.squared_error_terms(state.target_rows, state.prediction))


STAGES = (("prediction", with_prediction), ("terms", with_terms), ("losses", with_losses))
