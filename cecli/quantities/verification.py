"""`grad --verify`: is the gradient the derivative of the loss? A numerical one says."""

from __future__ import annotations

from cecli.maths import gradients
from cecli.maths.namespace import Array, namespace, quiet, safe_product
from cecli.quantities.gradient import BCE, GradientResult
from cecli.quantities.states import AnyState, after

WITHIN = 1e-6
"""A gradient holds if the numerical derivative is this near, relative to the largest entry of its row."""

NOISE = 1e-6
"""Entries below this share of the loss drown in the rounding of a numerical derivative; they count absolutely."""

OF_PROBABILITIES = 1e-9
"""Probabilities are given with a rounding of their own, which what is left of a confident gradient drowns in."""


@quiet
def verified(result: GradientResult) -> tuple[float | None, list[str]]:
    """The largest error of the gradient against a numerical derivative, and notes on what was left out.

    Relative to the largest entry of its row. Probabilities are checked at the logits ln p; rows of them that were rounded,
    and so miss a sum of 1, at their rescaled values. Samples of infinite loss have no derivative.
    """
    xp, notes = namespace(result.value), list[str]()
    z, analytic = _logits(result), result.value
    scale = result.factor[:, None] if result.by_rows else result.factor
    if not result.state.options.logits and result.by_rows:
        off = xp.abs(xp.sum(result.probabilities, axis=-1) - 1) > 1e-9
        if bool(xp.any(off)):
            own = _at(result, z).terms.gradient
            analytic = xp.where(off[:, None], safe_product(scale, own), analytic)
            notes.append("rows that were rounded are verified at their values rescaled to sum to 1")
    z = z - _shift(z, result)
    usable = xp.all(xp.isfinite(xp.reshape(_loss_at(result, z), (z.shape[0], -1))), axis=-1)
    if not bool(xp.all(usable)):
        notes.append("samples of infinite loss have no derivative and are not verified")
    errors = xp.where(usable, _errors(result, z, analytic, scale), xp.zeros_like(analytic[:, 0]))
    return (float(xp.max(errors)) if bool(xp.any(usable)) else None), notes


def _logits(result: GradientResult) -> Array:
    """The logits: as given, or those of the given probabilities."""
    values, xp = result.batch.prediction, namespace(result.value)
    if result.state.options.logits:
        return values
    return xp.log(values) - xp.log1p(-values) if result.loss is BCE else xp.log(values)


def _at(result: GradientResult, z: Array) -> AnyState:
    """The same samples at other logits, after every stage."""
    state = result.state.replace(scores=z).with_options(logits=True, label_smoothing=0.0)
    return after(result.loss.stages, state)


def _loss_at(result: GradientResult, z: Array) -> Array:
    """The loss of each sample (or entry) at other logits."""
    return _at(result, z).losses


def _shift(z: Array, result: GradientResult) -> Array:
    """What a softmax does not notice: the largest logit, taken out so that a step is not lost in it."""
    xp = namespace(z)
    if not result.by_rows:
        return xp.zeros_like(z)
    largest = xp.max(z, axis=-1, keepdims=True)
    return xp.where(xp.isfinite(largest), largest, xp.zeros_like(largest))


def _errors(result: GradientResult, z: Array, analytic: Array, scale: Array) -> Array:
    """The largest error of each row, relative to its largest entry."""
    xp = namespace(z)
    width = int(z.shape[-1])
    columns, sizes = [], []
    for k in range(width):
        direction = xp.astype(xp.arange(width, device=z.device) == k, z.dtype)
        derivative, largest = gradients.numerical_derivative(
            lambda at: _loss_at(result, at), z, xp.broadcast_to(direction, z.shape)
        )
        entry = derivative if len(derivative.shape) == 1 else derivative[:, k]
        columns.append(xp.where(xp.isfinite(z[:, k]), entry, xp.zeros_like(entry)))
        sizes.append(largest if len(largest.shape) == 1 else largest[:, k])
    numerical = safe_product(xp.broadcast_to(scale, z.shape), xp.stack(columns, axis=-1))
    size = xp.max(safe_product(xp.broadcast_to(scale, z.shape), xp.stack(sizes, axis=-1)), axis=-1)
    row = xp.max(xp.maximum(xp.abs(analytic), xp.abs(numerical)), axis=-1)
    row = xp.maximum(row, NOISE * size)
    if not result.state.options.logits:
        row = xp.maximum(row, OF_PROBABILITIES * xp.max(xp.broadcast_to(scale, z.shape), axis=-1))
    difference = xp.max(xp.abs(numerical - analytic), axis=-1)
    return xp.where(difference == 0, xp.zeros_like(row), difference / row)
