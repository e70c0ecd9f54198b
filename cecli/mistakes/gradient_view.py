"""A gradient with respect to the logits as the mistakes see it: the state of its stages, and what each sample counts."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from cecli.maths.gradients import linear_gradient
from cecli.maths.losses import Prediction
from cecli.maths.namespace import Array
from cecli.mistakes.pipeline import Pipeline
from cecli.mistakes.state_view import StateView, on_state
from cecli.quantities.gradient import BCE, GradientLoss, loss_of, sample_factors, scaled_gradient
from cecli.quantities.states import AnyState, state_of
from cecli.quantities.summary import as_list
from cecli.report import Value
from cecli.running.problem import Problem


class GradientView(StateView):
    """A state of all samples, its target as rows, with the loss that is differentiated."""

    loss: GradientLoss
    reduction: str
    is_vector: bool = False
    raw: Array | None = None
    value: Any = None
    of: str = "gradient"
    """Which derivative is asked for: by the logits, or by the weights or the bias of a linear layer."""
    inputs: Array | None = None
    """Of the linear layer: a row for each sample."""

    @property
    def x(self) -> Array:
        """The inputs of the linear layer."""
        assert self.inputs is not None
        return self.inputs

    @property
    def target(self) -> Array:
        """Before smoothing."""
        return self.state.given_target

    @property
    def y(self) -> Array:
        """The target as it is used."""
        return self.loss.target_used(self.state)

    @property
    def factors(self) -> Array:
        """What each sample (or entry) counts, 0 where it is left out."""
        return sample_factors(self.state, np.ones_like(self.scores if self.loss is BCE else self.scores[:, 0]))

    @property
    def count(self) -> int:
        """How many samples (or entries) count."""
        return int(np.count_nonzero(self.factors))

    @property
    def predicted(self) -> Prediction:
        """What the scores predict (of binary entries too), whether that stage is passed or not."""
        passed = self.state if self.state.prediction is not None else self.loss.stages[0][1](self.state)
        prediction: Prediction = passed.prediction
        return prediction

    @property
    def p(self) -> Array:
        """The probabilities."""
        return self.predicted.probability

    @property
    def gradient(self) -> Array:
        """dL/dz of each sample."""
        return cast("Array", self.state.terms.gradient)

    def _with_gradient(self, state: AnyState, gradient: Array) -> AnyState:
        return state.replace(terms=state.terms.replace(gradient=gradient))

    @property
    def by_probability(self) -> Array:
        """dL/dp."""
        return cast("Array", self.state.terms.by_probability)


def gradient_pipeline(problem: Problem) -> Pipeline[GradientView]:
    """How the answer of `grad` is worked out."""
    loss, batch = loss_of(problem.options), problem.batches[0]
    floats = batch.each(lambda array: np.asarray(array, dtype=None if array.dtype.kind in "biu" else np.float64))
    state: AnyState = state_of(floats, problem.options, problem.class_weights)
    state = state.replace(labels=None, target=state.target_rows)
    raw = None if batch.raw is None else np.asarray(batch.raw, dtype=np.float64)
    x = None if problem.inputs is None else np.asarray(problem.inputs, dtype=np.float64)
    inputs = GradientView(state, loss, problem.reduction, batch.stream.is_vector, raw, None, problem.of, x)
    stages = [(name, on_state(stage)) for name, stage in loss.stages]
    return Pipeline(f"grad-{loss.name}", (inputs,), [*stages, ("value", _with_value), ("layer", _with_layer)], _answer)


def _with_value(view: GradientView) -> GradientView:
    """Each gradient times what its sample counts, divided for a mean."""
    return view.replace(value=scaled_gradient(view.state, view.loss.mean_weights(view.state), view.reduction)[0])


def _with_layer(view: GradientView) -> GradientView:
    """The derivative that is asked for, from that by the logits."""
    if view.of == "gradient":
        return view
    weights, bias = linear_gradient(view.value, view.x)
    return view.replace(value=weights if view.of == "weights" else bias)


def _answer(views: tuple[GradientView, ...]) -> Value:
    """In the shape of the predictions."""
    if views[0].of != "gradient":
        return cast("Value", as_list(views[0].value))
    rows: list[list[float | None]] = as_list(views[0].value)
    if views[0].is_vector:
        return [row[0] for row in rows]
    return rows[0] if len(rows) == 1 else rows
