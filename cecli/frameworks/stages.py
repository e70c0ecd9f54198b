"""The stages of each quantity, from the samples to the value, and the run of them with changes on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

from cecli.frameworks.area_stages import AREA_STAGES
from cecli.frameworks.metric_stages import METRIC_STAGES
from cecli.frameworks.work import GRADIENTS, Change, StageChange, Work
from cecli.maths.namespace import Array, safe_product
from cecli.quantities import binary, cross_entropy, divergence, entropy, softmax, squared_error
from cecli.quantities.states import AnyStages, AnyState
from cecli.statistics.scores import entropy_of_counts
from cecli.statistics.sums import Totals

STAGES: dict[str, AnyStages] = {
    "softmax": softmax.STAGES,
    "entropy": entropy.STAGES,
    **dict.fromkeys(
        ("xent", "cross_entropy", "cross_entropy_sum", "log_loss", "perplexity", "skill_prior"), cross_entropy.STAGES
    ),
    "kl": divergence.STAGES,
    "js": divergence.STAGES,
    "bce": binary.STAGES,
    "mse": squared_error.STAGES,
}
"""The stages of each quantity; those of a gradient are `gradient.LOSSES`."""

OWN_STAGES = METRIC_STAGES | AREA_STAGES
"""Those of metrics that are not means of losses."""


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
    """The stages of a quantity, of its losses' weights, and of its value; where frameworks compute the same our value is there before."""
    if quantity in OWN_STAGES:
        return [*OWN_STAGES[quantity]]
    own = GRADIENTS[quantity].stages if quantity in GRADIENTS else STAGES.get(quantity)
    if own is None:
        return [("reduced", lambda work: work)]
    last = {"perplexity": [("power", with_power)], "skill_prior": [("skill", with_skill)]}.get(quantity, [])
    return [
        *((name, _on_state(stage)) for name, stage in own),
        ("counts", with_counts),
        ("reduced", with_value),
        *last,
    ]


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


def with_power(work: Work) -> Work:
    """The perplexity: the base to the power of the loss."""
    return work.replace(value=work.state.options.base.power(work.value))


def with_skill(work: Work) -> Work:
    """1 − loss/that of always predicting the class frequencies; None where that loses nothing."""
    prior = entropy_of_counts(work.sample_counts @ work.state.given_target)
    return work.replace(value=1 - work.value / prior if prior > 0 else None)


def total(work: Work, counts: Array) -> Any:
    """The sum of what the samples count."""
    return np.sum(counts) if work.sums_plainly else Totals.of(counts, counts).values.value


def _beside(weights: Array, values: Array) -> Array:
    """A weight for each sample, in the shape of the values."""
    return cast("Array", np.reshape(weights, (-1, *[1] * (len(values.shape) - 1))))
