"""The usual mistakes in a gradient with respect to the logits: a row each, and what it does to the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cecli.maths import gradients, losses
from cecli.maths.namespace import Array, one_hot, safe_product
from cecli.mistakes.gradient import GradientWork
from cecli.mistakes.method import Mistake, other_bases
from cecli.quantities.gradient import BCE as BINARY


def _gradient(of: Callable[[GradientWork], Array]) -> Callable[[GradientWork], GradientWork]:
    """A change that puts another gradient in place."""
    return lambda w: w.changed(gradient=of(w))


def _told(of: Callable[[GradientWork], GradientWork]) -> Callable[[GradientWork, Any], GradientWork]:
    """A change that is made in one way."""
    return lambda w, _: of(w)


def _where(condition: Callable[[GradientWork], bool], name: str) -> Callable[[GradientWork], list[tuple[str, None]]]:
    """One way to make a mistake, where the condition is met."""
    return lambda w: [(name, None)] if condition(w) else []


def _slope(w: GradientWork) -> Array:
    """p·(1 − p), the diagonal of the Jacobian."""
    return w.predicted.probability * w.predicted.complement


def _again(w: GradientWork) -> GradientWork:
    """Softmax (or sigmoid) of what is one already."""
    return w.changed(scores=w.predicted.probability, logits=True)


def _as_predicted(w: GradientWork) -> GradientWork:
    """The predicted class in place of the true one."""
    return w.changed(target=one_hot(np.argmax(w.scores, axis=-1), int(w.scores.shape[-1]), w.scores))


def _squared(w: GradientWork) -> Array:
    """The gradient of the squared error through the same softmax."""
    if w.loss is BINARY:
        return 2 * (w.predicted.probability - w.y) * _slope(w)
    return gradients.squared_error_gradient(w.y, w.predicted).gradient


def _minus_one(w: GradientWork) -> Array:
    """p − 1 for every class."""
    return w.predicted.probability - 1


def _is_one_hot(w: GradientWork) -> bool:
    """Whether every target is one class."""
    return w.loss is not BINARY and bool(np.all((w.target == 0) | (w.target == 1)))


def _reductions(w: GradientWork) -> list[tuple[str, str]]:
    """The reduction that was not asked for."""
    if w.reduction == "mean":
        return [("not divided by the number of samples", "sum")]
    return [("divided by the number of samples", "mean")]


def _options(w: GradientWork) -> list[tuple[str, dict[str, Any]]]:
    """The options that shape this gradient, each with what leaves it out."""
    found: list[tuple[str, Any, dict[str, Any]]] = [
        ("class weights left out", w.class_weights, {"class_weights": None}),
        (
            "sample weights left out",
            w.weights[(w.weights != 1) & (w.weights != 0)].size or None,
            {"sample_weights": np.where(w.state.weights == 0, 0.0, 1.0)},
        ),
        ("label smoothing left out", w.smoothing or None, {"smoothing": 0.0}),
        ("counts not normalised", w.raw, {"scores": w.raw}),
    ]
    return [(name, what) for name, given, what in found if given is not None]


XENT, MSE, BCE = "grad-xent", "grad-mse", "grad-bce"
EVERY = f"{XENT} {MSE} {BCE}"

GRADIENT_MISTAKES = (
    Mistake(
        "M1",
        "another logarithm base",
        "g/ln b",
        f"{XENT} {BCE}",
        "inputs",
        lambda w, base: w.changed(base=base),
        "The gradient has the unit of its loss: p − y is in nats.",
        common=True,
        over=lambda w: other_bases(w.base),
    ),
    Mistake(
        "M34",
        "sign of the gradient turned",
        "y − p",
        EVERY,
        "gradient",
        _gradient(lambda w: -w.gradient),
        "The gradient points where the loss grows: p − y.",
        common=True,
    ),
    Mistake(
        "M40",
        "divided, or not divided, by the number of samples",
        "g/N, g",
        EVERY,
        "inputs",
        lambda w, how: w.changed(reduction=how),
        "A sum keeps each sample's own gradient, a mean divides all by N.",
        common=True,
        over=_reductions,
        separates="another number of samples than classes",
    ),
    Mistake(
        "M35",
        "target not taken off",
        "p",
        f"{XENT} {BCE}",
        "gradient",
        _gradient(lambda w: w.predicted.probability),
        "Take the target off: p − y.",
        common=True,
    ),
    Mistake(
        "M36",
        "stopped at dL/dp",
        "−y/p",
        EVERY,
        "gradient",
        _gradient(lambda w: w.by_probability),
        "The chain goes on: dL/dz = dL/dp · dp/dz.",
        common=True,
    ),
    Mistake(
        "M37",
        "diagonal of the Jacobian alone",
        "dL/dp · p(1−p)",
        f"{XENT} {MSE}",
        "gradient",
        _gradient(lambda w: safe_product(w.by_probability, _slope(w))),
        "Every logit moves every probability: dp_i/dz_j = −p_i·p_j for i ≠ j.",
        common=True,
    ),
    Mistake(
        "slip7",
        "p − 1 for every class",
        "p − 1",
        XENT,
        "gradient",
        _gradient(_minus_one),
        "1 is taken off for the true class alone: p − y.",
    ),
    Mistake(
        "M7",
        "class index off by one",
        "p − y of the class beside",
        f"{XENT} {MSE}",
        "inputs",
        lambda w, by: w.changed(target=np.roll(w.target, by, axis=-1)),
        "Take the class of the label, or of the 1 in the target; indices count from 0.",
        common=True,
        over=lambda w: (
            [(f"class index off by one, {name}", by) for name, by in (("too high", 1), ("too low", -1))]
            if _is_one_hot(w)
            else []
        ),
        separates="more classes",
    ),
    Mistake(
        "M6",
        "predicted class in place of the true class",
        "p − ŷ",
        XENT,
        "inputs",
        _told(_as_predicted),
        "The target is the true class, also where the model chose another.",
        common=True,
        over=_where(_is_one_hot, "predicted class in place of the true class"),
    ),
    Mistake(
        "M20",
        "y and 1−y swapped",
        "p − (1−y)",
        BCE,
        "inputs",
        lambda w: w.changed(target=1 - w.target),
        "The gradient is p − y.",
        common=True,
    ),
    Mistake(
        "M11",
        "softmax or sigmoid applied twice",
        "softmax(softmax(z)) − y",
        EVERY,
        "inputs",
        _again,
        "These are probabilities already.",
        common=True,
    ),
    Mistake(
        "M12",
        "softmax not applied",
        "z − y",
        f"{XENT} {BCE}",
        "gradient",
        _told(_gradient(lambda w: w.scores - w.y)),
        "Raw scores become probabilities first.",
        common=True,
        over=_where(lambda w: w.logits, "softmax or sigmoid not applied"),
    ),
    Mistake(
        "M13",
        "sigmoid in place of softmax",
        "σ(z) − y",
        XENT,
        "gradient",
        _told(_gradient(lambda w: losses.BinaryByLogits(w.scores).probability - w.y)),
        "Scores of several classes share one softmax.",
        over=_where(lambda w: w.logits, "sigmoid in place of softmax"),
    ),
    Mistake(
        "M39",
        "gradient of the squared error",
        "2·J·(p−y)",
        f"{XENT} {BCE}",
        "gradient",
        _gradient(_squared),
        "For the cross-entropy all collapses to p − y.",
    ),
    Mistake(
        "M39",
        "gradient of half the squared error",
        "J·(p−y)",
        EVERY,
        "gradient",
        _gradient(lambda w: _squared(w) / 2),
        "There is no ½ in this squared error, and no Jacobian left in the cross-entropy's gradient.",
    ),
    Mistake(
        "M39",
        "gradient of the cross-entropy",
        "p − y",
        MSE,
        "gradient",
        _gradient(lambda w: losses.difference(w.y, w.predicted.probability, w.predicted.complement)),
        "The squared error keeps the Jacobian: 2·J·(p−y).",
    ),
    Mistake(
        "M38",
        "another factor p(1−p)",
        "(p−y)·p(1−p)",
        f"{XENT} {BCE}",
        "gradient",
        _gradient(lambda w: losses.difference(w.y, w.predicted.probability, w.predicted.complement) * _slope(w)),
        "With the cross-entropy the factor p(1−p) cancels.",
    ),
    Mistake(
        "M41",
        "an option left out",
        "as without weights, smoothing, normalising",
        EVERY,
        "inputs",
        lambda w, fields: w.changed(**fields),
        "The question has an option for it, which this number leaves out.",
        over=_options,
    ),
    Mistake(
        "M40",
        "divided by the number of classes",
        "g/K",
        f"{XENT} {MSE}",
        "value",
        lambda w: w.changed(value=w.value / w.target.shape[-1]),
        "The mean is over the samples.",
        separates="another number of samples than classes",
    ),
    Mistake(
        "M40",
        "divided by the number of samples twice",
        "g/N²",
        EVERY,
        "value",
        _told(lambda w: w.changed(value=w.value / w.count)),
        "Divide by the number of samples once.",
        over=_where(lambda w: w.reduction == "mean", "divided by the number of samples twice"),
    ),
)
"""In the order in which they are named where several fit."""
