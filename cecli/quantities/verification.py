"""`grad --verify`: is the gradient the derivative of the loss? A numerical one says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cecli.maths import gradients
from cecli.maths.namespace import Array, namespace, quiet, safe_product
from cecli.record import Record
from cecli.running.batches import Input
from cecli.running.options import Settings

WITHIN = 1e-6
"""A gradient holds if the numerical derivative is this near, relative to the largest entry of its row."""

NOISE = 1e-6
"""Entries below this share of the loss drown in the rounding of a numerical derivative; they count absolutely."""

OF_PROBABILITIES = 1e-9
"""Probabilities are given with a rounding of their own, which what is left of a confident gradient drowns in."""


class Gradient(Record):
    """Everything `grad` computes for the samples of one call."""

    given: Input
    value: Array
    """dL/dz, with the reduction in it."""
    loss: Any
    probabilities: Array
    target: Array
    factor: Array
    """What each sample's own gradient was multiplied by."""
    divisor: float
    """What a mean divides by; 1 for a sum."""
    jacobian: Callable[[], Array]
    """dp/dz, computed when it is asked for: K × K numbers for each sample."""
    function: Callable[[Array], Array]
    """The loss of each sample (or entry) as a function of the logits."""
    logits: Array
    by_logits: bool
    """Whether the logits were given, and not probabilities."""
    gradient: Callable[[Array], Array]
    """The gradient as a function of the logits, before the factor."""


@quiet
def verified(found: Gradient, settings: Settings) -> tuple[float | None, list[str]]:
    """The largest error of the gradient against a numerical derivative, and notes on what was left out.

    Relative to the largest entry of its row. Probabilities are checked at the logits ln p; rows of them that were rounded,
    and so miss a sum of 1, at their rescaled values. Samples of infinite loss have no derivative.
    """
    xp = namespace(found.value)
    z, notes = found.logits, []
    analytic = found.value
    scale = found.factor[:, None] if len(found.factor.shape) == 1 else found.factor
    if not settings.logits and len(found.factor.shape) == 1:
        off = xp.abs(xp.sum(found.probabilities, axis=-1) - 1) > 1e-9
        if bool(xp.any(off)):
            analytic = xp.where(off[:, None], safe_product(scale, found.gradient(z)), analytic)
            notes.append("rows that were rounded are verified at their values rescaled to sum to 1")
    z = z - _shift(z, found)
    usable = xp.all(xp.isfinite(xp.reshape(found.function(z), (z.shape[0], -1))), axis=-1)
    if not bool(xp.all(usable)):
        notes.append("samples of infinite loss have no derivative and are not verified")
    errors = xp.where(usable, _errors(found, z, analytic, scale), xp.zeros_like(analytic[:, 0]))
    return (float(xp.max(errors)) if bool(xp.any(usable)) else None), notes


def _shift(z: Array, found: Gradient) -> Array:
    """What a softmax does not notice: the largest logit, taken out so that a step is not lost in it."""
    xp = namespace(z)
    if len(found.factor.shape) == 2:
        return xp.zeros_like(z)
    largest = xp.max(z, axis=-1, keepdims=True)
    return xp.where(xp.isfinite(largest), largest, xp.zeros_like(largest))


def _errors(found: Gradient, z: Array, analytic: Array, scale: Array) -> Array:
    """The largest error of each row, relative to its largest entry."""
    xp = namespace(z)
    width = int(z.shape[-1])
    columns, sizes = [], []
    for k in range(width):
        direction = xp.astype(xp.arange(width, device=z.device) == k, z.dtype)
        derivative, largest = gradients.numerical_derivative(found.function, z, xp.broadcast_to(direction, z.shape))
        entry = derivative if len(derivative.shape) == 1 else derivative[:, k]
        columns.append(xp.where(xp.isfinite(z[:, k]), entry, xp.zeros_like(entry)))
        sizes.append(largest if len(largest.shape) == 1 else largest[:, k])
    numerical = safe_product(xp.broadcast_to(scale, z.shape), xp.stack(columns, axis=-1))
    size = xp.max(safe_product(xp.broadcast_to(scale, z.shape), xp.stack(sizes, axis=-1)), axis=-1)
    row = xp.max(xp.maximum(xp.abs(analytic), xp.abs(numerical)), axis=-1)
    row = xp.maximum(row, NOISE * size)
    if not found.by_logits:
        row = xp.maximum(row, OF_PROBABILITIES * xp.max(xp.broadcast_to(scale, z.shape), axis=-1))
    difference = xp.max(xp.abs(numerical - analytic), axis=-1)
    return xp.where(difference == 0, xp.zeros_like(row), difference / row)
