"""The work of a gradient with respect to the logits: the state of its stages, and what each sample counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from cecli.maths.namespace import Array
from cecli.mistakes.method import Method
from cecli.mistakes.problem import Problem
from cecli.mistakes.state_work import StateWork, on_state, plain
from cecli.quantities.gradient import BCE, GradientLoss, loss_of, sample_factors, scaled_gradient
from cecli.quantities.states import State, state_of


class GradientWork(StateWork):
    """A state of all samples, its target as rows, with the loss that is differentiated."""

    loss: GradientLoss
    reduction: str
    is_vector: bool = False
    raw: Array | None = None
    value: Any = None

    @property
    def target(self) -> Array:
        """Before smoothing."""
        return self.state.target

    @property
    def y(self) -> Array:
        """The target as it is used."""
        return self.loss.target_used(self.state)

    @property
    def weights(self) -> Array:
        """What each sample (or entry) counts, 0 where it is left out."""
        return sample_factors(self.state, np.ones_like(self.scores if self.loss is BCE else self.scores[:, 0]))

    @property
    def count(self) -> int:
        """How many samples (or entries) count."""
        return int(np.count_nonzero(self.weights))

    @property
    def predicted(self) -> Any:
        """What the scores predict, whether that stage is passed or not."""
        passed = self.state if self.state.prediction is not None else self.loss.stages[0][1](self.state)
        return passed.prediction

    @property
    def gradient(self) -> Array:
        """dL/dz of each sample."""
        return self.state.terms.gradient

    @property
    def by_probability(self) -> Array:
        """dL/dp."""
        return self.state.terms.by_probability

    def _with_gradient(self, state: State, gradient: Array) -> State:
        return state.replace(terms=state.terms.replace(gradient=gradient))

    def _with_sample_weights(self, state: State, weights: Array | None) -> State:
        return state.replace(weights=weights)


def gradient_method(problem: Problem) -> Method:
    """How the answer of `grad` is worked out."""
    loss, batch = loss_of(problem.options), problem.batches[0]
    floats = batch.each(lambda array: np.asarray(array, dtype=None if array.dtype.kind in "biu" else np.float64))
    state = state_of(floats, problem.options, problem.class_weights)
    state = state.replace(labels=None, target=state.target_rows)
    raw = None if batch.raw is None else np.asarray(batch.raw, dtype=np.float64)
    begun = GradientWork(state, loss, problem.reduction, batch.stream.is_vector, raw)
    stages = [(name, on_state(stage)) for name, stage in loss.stages]
    return Method(f"grad-{loss.name}", (begun,), [*stages, ("value", _scaled)], _value)


def _scaled(work: GradientWork) -> GradientWork:
    """With the value: each gradient times what its sample counts, divided for a mean."""
    return work.replace(value=scaled_gradient(work.state, work.loss.mean_weights(work.state), work.reduction)[0])


def _value(works: tuple[GradientWork, ...]) -> Any:
    """The answer as a report has it, in the shape of the predictions."""
    rows = plain(works[0].value.tolist())
    if works[0].is_vector:
        return [row[0] for row in rows]
    return rows[0] if len(rows) == 1 else rows
