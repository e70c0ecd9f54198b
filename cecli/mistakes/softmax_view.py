"""A softmax as the mistakes see it."""

from __future__ import annotations

from typing import cast

import numpy as np

from cecli.maths.losses import PredictedByProbabilities
from cecli.maths.namespace import Array
from cecli.mistakes.pipeline import Pipeline
from cecli.mistakes.state_view import StateView, on_state
from cecli.quantities.softmax import STAGES
from cecli.quantities.states import AnyState, State
from cecli.quantities.summary import as_list
from cecli.report import Value
from cecli.running.problem import Problem


class SoftmaxView(StateView):
    """A state of raw scores; its losses are what is shown of them."""

    @property
    def probability(self) -> Array:
        """A row for each sample."""
        return cast("Array", self.state.prediction.probability)

    def _with_probability(self, state: AnyState, probability: Array) -> AnyState:
        return state.replace(prediction=PredictedByProbabilities(probability, state.options.base))


def softmax_pipeline(problem: Problem) -> Pipeline[SoftmaxView]:
    """How the answer of `softmax` is worked out."""
    scores = np.asarray(problem.batches[0].prediction, dtype=np.float64)
    inputs = SoftmaxView(State(scores, problem.options))
    return Pipeline("softmax", (inputs,), [(name, on_state(stage)) for name, stage in STAGES], _answer)


def _answer(views: tuple[SoftmaxView, ...]) -> Value:
    """A row alone is a vector."""
    rows: list[Value] = as_list(views[0].state.losses)
    return rows[0] if len(rows) == 1 else rows
