"""Gradients of the losses with respect to the logits, the softmax Jacobian, and a numerical derivative to check them.

The chain is dL/dz_j = Σ_i dL/dp_i · dp_i/dz_j with dp_i/dz_j = p_i·(δ_ij − p_j); for cross-entropy it collapses to
p − y. What a confident sample has left of its gradient is kept: the entry of the true class is −Σ_{k≠y} p_k, never p_y − 1.
"""

from __future__ import annotations

from collections.abc import Callable

from cecli.maths.binary_losses import BinaryPrediction
from cecli.maths.losses import Prediction, difference
from cecli.maths.namespace import Array, at_labels, namespace, quiet, with_labels
from cecli.record import Record

STEP = 0.5
"""First step of the numerical derivative: the functions here have no singularity within π of the real axis."""

LEVELS = 6
"""Halvings of the step: the error falls like the product of all steps squared."""


class GradientTerms(Record):
    """The parts of the chain for one loss."""

    by_probability: Array | None
    """dL/dp: the first link; None where the whole was found without it."""
    gradient: Array
    """dL/dz: the whole chain."""


@quiet
def cross_entropy_gradient(target: Array, p: Prediction, class_weights: Array | None = None) -> GradientTerms:
    """d/dz of −Σ_k a_k·log softmax(z)_k with a = w·target: p·Σa − a, which is p − y for a target that sums to 1.

    Where the prediction and the target are above a half it is computed as p·(Σa − a) − a·(1 − p), which is the same.
    """
    xp = namespace(target)
    a = target if class_weights is None else target * class_weights
    whole = xp.sum(a, axis=-1, keepdims=True)
    most = a > whole / 2
    others = xp.where(most, xp.sum(xp.where(most, xp.zeros_like(a), a), axis=-1, keepdims=True), whole - a)
    confident = (p.probability > 0.5) & most
    gradient = xp.where(confident, others * p.probability - a * p.complement, whole * p.probability - a)
    by_probability = xp.where(a == 0, xp.zeros_like(a), -a / p.probability)
    return GradientTerms(by_probability, gradient + 0.0)


@quiet
def label_gradient(labels: Array, p: Prediction, class_weights: Array | None = None) -> Array:
    """`cross_entropy_gradient` where the target is a label y: all of it stands at the labelled class, and the others are w_y·p."""
    xp = namespace(p.probability)
    probability, complement = at_labels(p.probability, labels), at_labels(p.complement, labels)
    weight = xp.ones_like(probability) if class_weights is None else xp.take(class_weights, labels)[:, None]
    others = p.probability if class_weights is None else weight * p.probability
    own = xp.where(probability > 0.5, -weight * complement, weight * probability - weight)
    return with_labels(others, labels, own + 0.0)


@quiet
def squared_error_gradient(target: Array, p: Prediction) -> GradientTerms:
    """d/dz of Σ_k (p_k − y_k)²: 2·p_j·[(p_j − y_j) − Σ_k (p_k − y_k)·p_k].

    In a confident row the errors are taken relative to the top class's, f = e − e_top, so that its own entry is
    −Σ_{k≠top} p_k·f_k and no digits cancel. A row that misses 1 by 1 − Σp pays for it with e_top·(1 − Σp).
    """
    xp = namespace(target)
    error = difference(target, p.probability, p.complement)
    top = xp.argmax(p.probability, axis=-1, keepdims=True)
    is_top = xp.arange(target.shape[-1], device=target.device) == top
    error_top = xp.take_along_axis(error, top, axis=-1)
    confident = xp.take_along_axis(p.probability, top, axis=-1) > 0.5
    complement_top = xp.take_along_axis(p.complement, top, axis=-1)
    others = xp.where(is_top, xp.zeros_like(p.probability), p.probability)
    relative = xp.where(is_top, xp.zeros_like(error), error - error_top)
    missing = complement_top - xp.sum(others, axis=-1, keepdims=True)
    shifted = relative - xp.sum(others * relative, axis=-1, keepdims=True) + error_top * missing
    inner = xp.where(confident, shifted, error - xp.sum(p.probability * error, axis=-1, keepdims=True))
    return GradientTerms(2 * error, 2 * p.probability * inner + 0.0)


def mean_error(target: Array, p: Prediction) -> Array:
    """Σ_i (p_i − y_i)·p_i, which the gradient of the squared error subtracts from every error."""
    xp = namespace(target)
    return xp.sum(difference(target, p.probability, p.complement) * p.probability, axis=-1)


@quiet
def binary_gradient(y: Array, p: BinaryPrediction) -> GradientTerms:
    """d/dz of −[y·log σ(z) + (1−y)·log(1 − σ(z))]: p − y, entry by entry."""
    xp = namespace(y)
    by_probability = xp.where(y == 0, xp.zeros_like(y), -y / p.probability)
    by_probability = by_probability + xp.where(y == 1, xp.zeros_like(y), (1 - y) / p.complement)
    return GradientTerms(by_probability, difference(y, p.probability, p.complement) + 0.0)


@quiet
def softmax_jacobian(p: Prediction) -> Array:
    """dp_i/dz_j = p_i·(δ_ij − p_j): a K × K matrix per row."""
    xp = namespace(p.probability)
    column, row = p.probability[..., :, None], p.probability[..., None, :]
    diagonal = (p.probability * p.complement)[..., :, None]
    index = xp.arange(p.probability.shape[-1], device=p.probability.device)
    return xp.where(index[:, None] == index[None, :], diagonal, 0.0 - column * row)


@quiet
def sigmoid_derivative(p: BinaryPrediction) -> Array:
    """dp/dz = p·(1 − p), entry by entry."""
    return p.probability * p.complement


@quiet
def linear_gradient(gradient: Array, x: Array) -> tuple[Array, Array]:
    """dL/dW = Σ_n g_n ⊗ x_n (classes × inputs) and dL/db = Σ_n g_n of the linear layer z = W·x + b."""
    xp = namespace(gradient, x)
    products = gradient[..., :, None] * x[..., None, :]
    return xp.sum(products, axis=0) + 0.0, xp.sum(gradient, axis=0) + 0.0


@quiet
def numerical_derivative(f: Callable[[Array], Array], z: Array, direction: Array) -> tuple[Array, Array]:
    """(d/dt f(z + t·direction) at t = 0, the largest |f| met): central differences, Richardson-extrapolated.

    The steps are h, h/2, …, h/2^(LEVELS−1) and the table of Ridders (1982) removes an even power of h at a time. Entries of z so
    large that the step would be lost in their rounding get a larger one; an infinite entry stays as it is.
    """
    xp = namespace(z)
    scale = xp.where(xp.isfinite(z), xp.abs(z) * 2.0**-20, xp.zeros_like(z))
    step = xp.max(scale * direction, axis=-1, keepdims=True)
    h = xp.where(step > STEP, step, xp.full_like(step, STEP))
    rows: list[Array] = []
    largest = xp.zeros_like(f(z))
    for level in range(LEVELS):
        up, down = z + direction * (h / 2**level), z - direction * (h / 2**level)
        f_up, f_down = f(up), f(down)
        largest = xp.maximum(largest, xp.maximum(xp.abs(f_up), xp.abs(f_down)))
        rows.append((f_up - f_down) / (2 * _like(h, f_up) / 2**level))
        for back in range(level - 1, -1, -1):
            factor = 4.0 ** (level - back)
            rows[back] = (factor * rows[back + 1] - rows[back]) / (factor - 1)
    return rows[0], largest


def _like(h: Array, f: Array) -> Array:
    """The step with as many axes as the function's values."""
    return h if len(f.shape) == len(h.shape) else h[..., 0]
