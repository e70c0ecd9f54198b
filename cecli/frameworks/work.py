"""A call on its way to its value, through the stages of its quantity, which a framework's conventions change.

Without a change the stages give our own value; with all changes of a function they give the framework's, and with one alone the effect
of that convention.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

from cecli.maths.namespace import Array, safe_product
from cecli.quantities import (
    binary,
    cross_entropy,
    divergence,
    entropy,
    gradient,
    softmax,
    squared_error,
)
from cecli.quantities.states import AnyStages, AnyState
from cecli.quantities.summary import as_list
from cecli.record import Record
from cecli.report import Value
from cecli.statistics.sums import Totals

STAGES: dict[str, AnyStages] = {
    "softmax": softmax.STAGES,
    "entropy": entropy.STAGES,
    **dict.fromkeys(("xent", "cross_entropy", "cross_entropy_sum", "log_loss"), cross_entropy.STAGES),
    "kl": divergence.STAGES,
    "js": divergence.STAGES,
    "bce": binary.STAGES,
    "mse": squared_error.STAGES,
}
"""The stages of each quantity; those of a gradient are `gradient.LOSSES`."""

GRADIENTS = {f"gradient of {name}": loss for name, loss in gradient.LOSSES.items()}


class Work(Record):
    """Samples on their way to the value of a call.

    Targets are rows, also where labels were given: then `has_labels` is true. Samples that are left out are not among them.
    """

    quantity: str
    state: AnyState
    places: np.ndarray
    """Where each sample stands in the whole input."""
    samples: int
    """Of the whole input."""
    reduction: str
    has_labels: bool = False
    predicts_labels: bool = False
    """Whether the predictions are labels, with no probabilities."""
    is_vector: bool = False
    """Whether each value is a binary prediction of its own."""
    is_one_row: bool = False
    """Whether the predictions were one vector."""
    sums_plainly: bool = False
    """Whether sums are taken in the type of the numbers, as frameworks do, and not exactly."""
    left_out: float = math.nan
    """What stands for a sample that is left out where there is a value for each."""
    losses: Any = None
    """One for each sample (or entry), in the unit asked for, before its weight."""
    counts: Any = None
    """What each of these counts in a mean."""
    value: Any = None

    @property
    def is_gradient(self) -> bool:
        """Whether the value is a gradient."""
        return self.quantity in GRADIENTS

    @property
    def rows(self) -> int:
        """How many samples count."""
        return int(self.state.scores.shape[0])

    @property
    def classes(self) -> int:
        """How many columns there are."""
        return int(self.state.scores.shape[-1])

    def with_state(self, **changes: Any) -> Work:
        """The same with a changed state."""
        return self.replace(state=self.state.replace(**changes))

    def with_options(self, **changes: Any) -> Work:
        """The same samples under other options."""
        return self.replace(state=self.state.with_options(**changes))


Change = Callable[[Work], Work]


class StageChange(Record):
    """A change of the work after a stage, or in the place of a stage; `inputs` is before the first."""

    stage: str
    made: Change
    instead: bool = False


def worked(work: Work, changes: Iterable[StageChange] = ()) -> Work:
    """The work after all its stages, changed on the way."""
    made = [*changes]
    work = _changed(work, "inputs", made)
    for name, stage in _stages(work.quantity):
        others = [change.made for change in made if change.stage == name and change.instead]
        work = _changed((others[-1] if others else stage)(work), name, made)
    return work


def _changed(work: Work, stage: str, changes: Sequence[StageChange]) -> Work:
    """The work with all changes that come after a stage."""
    for change in changes:
        if change.stage == stage and not change.instead:
            work = change.made(work)
    return work


def _stages(quantity: str) -> list[tuple[str, Change]]:
    """The stages of a quantity, of its losses' weights, and of its value."""
    own = GRADIENTS[quantity].stages if quantity in GRADIENTS else STAGES[quantity]
    return [*((name, _on_state(stage)) for name, stage in own), ("counts", with_counts), ("reduced", with_value)]


def _on_state(stage: Callable[[AnyState], AnyState]) -> Change:
    return lambda work: work.replace(state=stage(work.state))


def with_counts(work: Work) -> Work:
    """The losses (of a gradient its rows), and what each counts in a mean before its own weight."""
    state = work.state
    if work.is_gradient:
        return work.replace(losses=state.terms.gradient, counts=GRADIENTS[work.quantity].mean_weights(state))
    counts = (
        cross_entropy.mean_weights(state)
        if STAGES[work.quantity] is cross_entropy.STAGES
        else np.ones_like(state.losses)
    )
    return work.replace(losses=state.losses, counts=counts)


def with_value(work: Work) -> Work:
    """The reduced losses; of rows that are not reduced all of them."""
    losses, counts, own = work.losses, work.counts, work.state.weights
    if own is not None:
        losses = safe_product(_beside(np.asarray(own, losses.dtype), losses), losses)
        counts = _beside(np.asarray(own, counts.dtype), counts) * counts
    if work.is_gradient:
        divisor = total(work, counts) if work.reduction == "mean" else 1.0
        return work.replace(value=work.state.options.base.of_nats(losses / np.asarray(divisor, losses.dtype)))
    if work.reduction == "none":
        return work.replace(value=losses)
    if work.sums_plainly:
        summed = np.sum(losses)
        return work.replace(value=float(summed if work.reduction == "sum" else summed / total(work, counts)))
    return work.replace(value=Totals.of(losses, counts).reduced(work.reduction))


def total(work: Work, counts: Array) -> Any:
    """The sum of what the samples count."""
    return np.sum(counts) if work.sums_plainly else Totals.of(counts, counts).values.value


def _beside(weights: Array, values: Array) -> Array:
    """A weight for each sample, in the shape of the values."""
    return cast("Array", np.reshape(weights, (-1, *[1] * (len(values.shape) - 1))))


def presented(work: Work) -> Value:
    """The value as a report has it: a number, a list, or lists; None for a sample that is left out."""
    value = work.value
    if isinstance(value, float):
        return value
    whole = np.full((work.samples, *value.shape[1:]), work.left_out, dtype=value.dtype)
    whole[work.places] = value
    listed = as_list(whole)
    if work.is_vector and len(whole.shape) > 1:
        return [row[0] for row in listed]
    alone = work.is_one_row and (work.is_gradient or work.quantity == "softmax")
    return cast("Value", listed[0] if alone and len(listed) == 1 else listed)
