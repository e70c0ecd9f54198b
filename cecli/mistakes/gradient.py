"""The work of a gradient with respect to the logits: what is predicted, dL/dz of each sample, and what each counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cecli.maths import gradients, losses
from cecli.maths.namespace import Array, one_hot, safe_product
from cecli.maths.softmax import softmax_terms
from cecli.maths.units import NATS, Base
from cecli.mistakes.loss import plain
from cecli.mistakes.method import Method
from cecli.mistakes.question import Question
from cecli.record import Record
from cecli.running.batches import Batch


class Gradient(Record):
    """The work of a gradient: what is predicted, dL/dz of each sample, and what each counts."""

    loss: str
    scores: Array
    target: Array
    """Before smoothing."""
    weights: Array
    """What each sample (or entry) counts, 0 where it is left out."""
    reduction: str
    logits: bool
    vector: bool = False
    base: Base = NATS
    class_weights: Array | None = None
    smoothing: float = 0.0
    raw: Array | None = None
    predicted: Any = None
    by_probability: Any = None
    gradient: Any = None
    value: Any = None

    @property
    def y(self) -> Array:
        """The target as it is used."""
        return (losses.smooth_binary if self.loss == "bce" else losses.smooth)(self.target, self.smoothing)

    @property
    def divisor(self) -> float:
        """What a mean divides by."""
        each = np.ones_like(self.target) if self.loss == "bce" else self._of_targets()
        return math.fsum((self.weights * each).reshape(-1).tolist())

    def _of_targets(self) -> Array:
        """The class weight of each sample's target."""
        if self.loss == "mse" or self.class_weights is None:
            return np.ones((len(self.target), 1))
        return (self.target * self.class_weights).sum(axis=-1, keepdims=True)

    @property
    def count(self) -> int:
        """How many samples (or entries) count."""
        return int(np.count_nonzero(self.weights))


def gradient_method(question: Question) -> Method:
    """How the answer of `grad` is worked out."""
    stages = [("prediction", predicted_at), ("gradient", _with_gradient), ("value", _scaled)]
    return Method(f"grad-{question.loss}", (_begun(question),), stages, _value)


def _begun(question: Question) -> Gradient:
    """The record before the first stage."""
    block = question.blocks[0]
    scores = np.asarray(block.prediction, dtype=np.float64)
    return Gradient(
        question.loss,
        scores,
        _targets(block, scores),
        _weights(block, scores if question.loss == "bce" else scores[:, :1]),
        question.reduction,
        question.logits,
        question.vector,
        question.base,
        question.class_weights,
        question.label_smoothing,
        np.asarray(question.raw[0], dtype=np.float64) if question.raw else None,
    )


def _targets(block: Batch, scores: Array) -> Array:
    """The target as rows of the prediction's shape."""
    if block.labels is not None:
        return one_hot(np.asarray(block.labels), int(scores.shape[-1]), scores)
    return np.asarray(block.target, dtype=np.float64)


def _weights(block: Batch, like: Array) -> Array:
    """What each sample (or entry) counts."""
    weights = np.ones_like(like) if block.weights is None else np.ones_like(like) * np.asarray(block.weights)[:, None]
    if block.mask is None:
        return weights
    kept = np.asarray(block.mask)
    return np.where(kept if kept.ndim > 1 else kept[:, None], weights, 0.0)


def predicted_at(w: Gradient) -> Gradient:
    """With the probabilities."""
    if w.loss == "bce":
        return w.replace(predicted=(losses.BinaryByLogits if w.logits else losses.binary_by_probabilities)(w.scores))
    if w.logits:
        return w.replace(predicted=losses.PredictedByLogits(softmax_terms(w.scores)))
    return w.replace(predicted=losses.PredictedByProbabilities(w.scores))


def _with_gradient(w: Gradient) -> Gradient:
    """With dL/dz of each sample."""
    if w.loss == "bce":
        found = gradients.binary_gradient(w.y, w.predicted)
    elif w.loss == "mse":
        found = gradients.squared_error_gradient(w.y, w.predicted)
    else:
        found = gradients.cross_entropy_gradient(w.y, w.predicted, w.class_weights)
    own = found.gradient
    if w.logits and w.loss != "bce":
        own = np.where(w.scores == -math.inf, 0.0, own)
    return w.replace(gradient=own, by_probability=found.by_probability)


def _scaled(w: Gradient) -> Gradient:
    """With the value: each gradient times what its sample counts, divided for a mean."""
    weights = w.weights / w.divisor if w.reduction == "mean" else w.weights
    return w.replace(value=safe_product(w.base.of_nats(weights), w.gradient) + 0.0)


def _value(works: tuple[Gradient, ...]) -> Any:
    """The answer as a report has it, in the shape of the predictions."""
    w = works[0]
    rows = plain(w.value.tolist())
    if w.vector:
        return [row[0] for row in rows]
    return rows[0] if len(rows) == 1 else rows
