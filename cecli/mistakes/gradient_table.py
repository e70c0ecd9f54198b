"""Usual mistakes in a gradient with respect to the logits: a row each."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from cecli.maths import gradients, losses
from cecli.maths.binary_losses import BinaryByLogits
from cecli.maths.namespace import Array, one_hot, safe_product
from cecli.mistakes.gradient_view import GradientView
from cecli.mistakes.mistake import (
    CLASSES_BESIDE,
    COMMON,
    EVERYDAY,
    MOST_EXCHANGED,
    Mistake,
    each,
    exchanged,
    other_bases,
    with_base,
)
from cecli.mistakes.subjects import MORE_CLASSES, OTHER_SIZE
from cecli.quantities.gradient import BCE as BINARY

XENT, MSE, BCE = "grad-xent", "grad-mse", "grad-bce"
EVERY = f"{XENT} {MSE} {BCE}"


def _slope(v: GradientView) -> Array:
    """p·(1 − p), the diagonal of the Jacobian."""
    return v.p * v.predicted.complement


def _difference(v: GradientView) -> Array:
    """p − y, exact also where p is nearly 1."""
    return losses.difference(v.y, v.p, v.predicted.complement)


def _squared(v: GradientView) -> Array:
    """The gradient of the squared error through the same softmax."""
    if v.loss is BINARY:
        return 2 * (v.p - v.y) * _slope(v)
    return gradients.squared_error_gradient(v.y, v.predicted).gradient


def _as_predicted(v: GradientView) -> Array:
    """The predicted class as the target."""
    return one_hot(np.argmax(v.scores, axis=-1), int(v.scores.shape[-1]), v.scores)


def _is_one_hot(v: GradientView) -> bool:
    """Whether every target is one class."""
    return v.loss is not BINARY and bool(np.all((v.target == 0) | (v.target == 1)))


def _other_reduction(v: GradientView) -> list[tuple[str, str]]:
    if v.reduction == "mean":
        return [("not divided by the number of samples", "sum")]
    return [("divided by the number of samples", "mean")]


def _options(v: GradientView) -> list[tuple[str, dict[str, Any]]]:
    """The options that shape this gradient, each with what leaves it out."""
    own = (v.factors != 1) & (v.factors != 0)
    choices: list[tuple[str, bool, dict[str, Any]]] = [
        ("class weights left out", v.class_weights is not None, {"class_weights": None}),
        ("sample weights left out", bool(np.any(own)), {"weights": np.where(v.state.weights == 0, 0.0, 1.0)}),
        ("label smoothing left out", v.options.label_smoothing != 0, {"label_smoothing": 0.0}),
        ("counts not normalised", v.raw is not None, {"scores": v.raw}),
    ]
    return [(name, changes) for name, is_used, changes in choices if is_used]


def _is_of_weights(v: GradientView) -> bool:
    """Whether dL/dW is asked for."""
    return v.of == "weights"


def _exchanges(v: GradientView) -> list[tuple[str, tuple[int, int]]]:
    """Two of a few entries of a row, or of the vector, that may have changed places."""
    entries = v.value.shape[0 if v.is_vector else 1]
    pairs = combinations(range(entries if entries <= MOST_EXCHANGED else 0), 2)
    return [(f"entries {i + 1} and {j + 1} exchanged", (i, j)) for i, j in pairs]


def _exchanged(v: GradientView, places: tuple[int, int]) -> GradientView:
    """Two entries in each other's place."""
    return v.changed(
        value=np.transpose(exchanged(np.transpose(v.value), places)) if v.is_vector else exchanged(v.value, places)
    )


# fmt: off
GRADIENT_MISTAKES: tuple[Mistake[GradientView], ...] = (
    Mistake("M1", "another logarithm base", "g/ln b", f"{XENT} {BCE}",
            "inputs", each(other_bases, with_base),
            "The gradient has the unit of its loss: p − y is in nats.", common=EVERYDAY),
    Mistake("M34", "sign of the gradient reversed", "y − p", EVERY,
            "gradient", lambda v: v.changed(gradient=-v.gradient),
            "The gradient points where the loss grows: p − y.", common=EVERYDAY),
    Mistake("M40", "divided, or not divided, by the number of samples", "g/N, g", EVERY,
            "inputs", each(_other_reduction, lambda v, reduction: v.changed(reduction=reduction)),
            "A sum keeps each sample's own gradient, a mean divides all by N.", common=EVERYDAY, separates=OTHER_SIZE),
    Mistake("M35", "target not subtracted", "p", f"{XENT} {BCE}",
            "gradient", lambda v: v.changed(gradient=v.p),
            "Subtract the target: p − y.", common=COMMON),
    Mistake("M36", "stopped at dL/dp", "−y/p", EVERY,
            "gradient", lambda v: v.changed(gradient=v.by_probability),
            "The chain goes on: dL/dz = dL/dp · dp/dz.", common=COMMON),
    Mistake("M37", "diagonal of the Jacobian alone", "dL/dp · p(1−p)", f"{XENT} {MSE}",
            "gradient", lambda v: v.changed(gradient=safe_product(v.by_probability, _slope(v))),
            "Every logit moves every probability: dp_i/dz_j = −p_i·p_j for i ≠ j.", common=COMMON),
    Mistake("slip7", "p − 1 for every class", "p − 1", XENT,
            "gradient", lambda v: v.changed(gradient=v.p - 1),
            "1 is subtracted for the true class alone: p − y."),
    Mistake("M7", "class index off by one", "p − y of the class beside", f"{XENT} {MSE}",
            "inputs", each(CLASSES_BESIDE, lambda v, by: v.changed(target=np.roll(v.target, by, axis=-1))),
            "Take the class of the label, or of the 1 in the target; indices count from 0.", common=COMMON,
            when=_is_one_hot, separates=MORE_CLASSES),
    Mistake("M6", "predicted class in place of the true class", "p − ŷ", XENT,
            "inputs", lambda v: v.changed(target=_as_predicted(v)),
            "The target is the true class, also where the model chose another.", common=EVERYDAY, when=_is_one_hot),
    Mistake("M20", "y and 1−y swapped", "p − (1−y)", BCE,
            "inputs", lambda v: v.changed(target=1 - v.target),
            "The gradient is p − y.", common=COMMON),
    Mistake("M11", "softmax or sigmoid applied twice", "softmax(softmax(z)) − y", EVERY,
            "inputs", lambda v: v.changed(scores=v.p, logits=True),
            "These are probabilities already.", common=COMMON),
    Mistake("M12", "softmax not applied", "z − y", f"{XENT} {BCE}",
            "gradient", lambda v: v.changed(gradient=v.scores - v.y),
            "Raw scores become probabilities first.", common=COMMON,
            when=lambda v: v.options.logits, called="softmax or sigmoid not applied"),
    Mistake("M13", "sigmoid in place of softmax", "σ(z) − y", XENT,
            "gradient", lambda v: v.changed(gradient=BinaryByLogits(v.scores).probability - v.y),
            "Scores of several classes share one softmax.", when=lambda v: v.options.logits),
    Mistake("M39", "gradient of the squared error", "2·J·(p−y)", f"{XENT} {BCE}",
            "gradient", lambda v: v.changed(gradient=_squared(v)),
            "For the cross-entropy all collapses to p − y."),
    Mistake("M39", "gradient of half the squared error", "J·(p−y)", EVERY,
            "gradient", lambda v: v.changed(gradient=_squared(v) / 2),
            "There is no ½ in this squared error, and no Jacobian left in the cross-entropy's gradient."),
    Mistake("M39", "gradient of the cross-entropy", "p − y", MSE,
            "gradient", lambda v: v.changed(gradient=_difference(v)),
            "The squared error keeps the Jacobian: 2·J·(p−y)."),
    Mistake("M39", "twice p − y", "2·(p−y)", f"{XENT} {BCE}",
            "gradient", lambda v: v.changed(gradient=2 * _difference(v)),
            "The 2 belongs to the squared error; here it is p − y."),
    Mistake("sign", "e^{−z} in place of e^z", "softmax(−z) − y", EVERY,
            "inputs", lambda v: v.changed(scores=-v.scores),
            "A larger score means a larger probability.", when=lambda v: v.options.logits),
    Mistake("order", "two entries exchanged", "g₂, g₁", EVERY,
            "value", each(_exchanges, _exchanged),
            "The numbers are right: put them in the order of the classes."),
    Mistake("M38", "another factor p(1−p)", "(p−y)·p(1−p)", f"{XENT} {BCE}",
            "gradient", lambda v: v.changed(gradient=_difference(v) * _slope(v)),
            "With the cross-entropy the factor p(1−p) cancels."),
    Mistake("M41", "an option left out", "as without weights, smoothing, normalising", EVERY,
            "inputs", each(_options, lambda v, changes: v.changed(**changes)),
            "The question has an option for it, which this number leaves out."),
    Mistake("layer", "dL/dW transposed", "xᵀ·g for g·xᵀ", EVERY,
            "layer", lambda v: v.changed(value=np.transpose(v.value)),
            "A row of dL/dW is a class, a column is an input.", common=COMMON, when=_is_of_weights),
    Mistake("layer", "the inputs left out of dL/dW", "g for g·xᵀ", EVERY,
            "inputs", lambda v: v.changed(inputs=np.ones_like(v.x)),
            "Each input scales the gradient of its class: dL/dW = g·xᵀ.", common=COMMON, when=_is_of_weights),
    Mistake("layer", "outer product of the sums", "(Σg)·(Σx)ᵀ for Σ g·xᵀ", EVERY,
            "inputs", lambda v: v.changed(inputs=np.broadcast_to(np.sum(v.x, axis=0), v.x.shape)),
            "Take the outer product of each sample first, then the sum.",
            when=lambda v: _is_of_weights(v) and v.count > 1),
    Mistake("layer", "outer product of the means", "N·mean(g)·mean(x)ᵀ for Σ g·xᵀ", EVERY,
            "inputs", lambda v: v.changed(inputs=np.broadcast_to(np.mean(v.x, axis=0), v.x.shape)),
            "Take the outer product of each sample first, then the sum.",
            when=lambda v: _is_of_weights(v) and v.count > 1),
    Mistake("layer", "the inputs in dL/db", "Σ g·x̄ for Σ g", EVERY,
            "value", lambda v: v.changed(value=v.value * np.sum(v.x, axis=-1, keepdims=True)),
            "The bias has no input: dL/db is the sum of the gradients.", when=lambda v: v.of == "bias"),
    Mistake("M40", "divided by the number of classes", "g/K", f"{XENT} {MSE}",
            "value", lambda v: v.changed(value=v.value / v.target.shape[-1]),
            "The mean is over the samples.", separates=OTHER_SIZE),
    Mistake("M40", "divided by the number of samples twice", "g/N²", EVERY,
            "value", lambda v: v.changed(value=v.value / v.count),
            "Divide by the number of samples once.", when=lambda v: v.reduction == "mean"),
)
"""In the order in which they are named where several fit."""
# fmt: on
