"""The work of everything that is a sum of terms over samples: cross-entropies, entropy, divergences, squared error, errors.

A binary cross-entropy is one of two classes, y and 1 − y, for each of its entries; so all share one record and one order of stages:
prediction, terms, losses, value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cecli.maths import information, losses
from cecli.maths.namespace import Array, one_hot, safe_product
from cecli.maths.softmax import softmax, softmax_terms
from cecli.maths.units import NATS, Base
from cecli.mistakes.method import Method
from cecli.mistakes.question import Question
from cecli.record import Record
from cecli.running.batches import Batch

BY_SAMPLE = ("error_rate", "errors")
SUMS = ("cross_entropy_sum", "errors")


class Loss(Record):
    """The work of a loss, of the samples (or entries) that are not left out."""

    quantity: str
    scores: Array
    """Predictions as given: probabilities or logits, a row each; of a binary entry the one value."""
    target: Array
    """Rows over the classes, before smoothing."""
    sample_weights: Array
    places: Array
    """Where each row stands in the whole input."""
    shape: tuple[int, ...]
    """The shape of the answer where nothing is reduced."""
    reduction: str = "mean"
    logits: bool = False
    binary: bool = False
    base: Base = NATS
    class_weights: Array | None = None
    smoothing: float = 0.0
    focal: float = 0.0
    eps: float | None = None
    raw: Array | None = None
    prediction: losses.Predicted | None = None
    terms: Any = None
    exact: Any = None
    """The losses where they are known better than as the sum of their terms."""
    losses: Any = None
    value: Any = None

    @property
    def weighted(self) -> Array:
        """The losses, times the weights of their samples."""
        return safe_product(self.sample_weights, self.losses)

    @property
    def divisor(self) -> float:
        """What the mean divides by: the weights of the samples and of their classes, before smoothing."""
        if self.class_weights is None or self.quantity == "bce":
            return math.fsum(self.sample_weights.tolist())
        target = self.target * self.class_weights
        return math.fsum((self.sample_weights * target.sum(axis=-1)).tolist())

    def sample_name(self, n: int) -> str:
        """What to call a row: a sample, or one label of a sample."""
        place = int(self.places[n])
        if len(self.shape) == 1:
            return f"sample {place + 1}"
        return f"sample {place // self.shape[1] + 1}, label {place % self.shape[1] + 1}"

    @property
    def classes(self) -> int:
        """How many there are."""
        return int(self.target.shape[-1])


# --- from a question ----------------------------------------------------------------------------------------------


def loss_method(question: Question) -> Method:
    """How the answer of `xent`, `bce`, `entropy`, `kl` or `compare` is worked out."""
    quantity = _quantity(question)
    begun = tuple(_begun(question, i, quantity) for i in range(len(question.blocks)))
    stages = [("prediction", predicted), ("terms", with_terms), ("losses", with_losses), ("value", reduced)]
    many = question.command == "compare"
    return Method(quantity, begun, [*stages, ("shown", _shown)], _models_value if many else _value)


def _quantity(question: Question) -> str:
    """Which quantity is asked for."""
    if question.command == "kl" and question.js:
        return "js"
    return question.metric if question.command == "compare" else question.command


def _begun(question: Question, i: int, quantity: str) -> Loss:
    """The record of a block before the first stage."""
    block = question.blocks[i]
    binary = question.command == "bce"
    scores, target, weights, places = _binary_rows(block) if binary else _rows(block)
    shape = tuple(block.prediction.shape) if binary and not question.vector else (block.samples,)
    class_weights = question.class_weights
    if binary and question.pos_weight != 1:
        class_weights = np.asarray([question.pos_weight, 1.0])
    reduction = question.reduction
    if question.command == "compare":
        reduction = "sum" if question.metric in SUMS else "mean"
    raw = np.asarray(question.raw[i], dtype=np.float64)[places] if question.raw else None
    return Loss(
        quantity,
        scores,
        target,
        np.where(weights > 0, 1.0, 0.0) if quantity == "errors" else weights,
        places,
        shape,
        reduction,
        question.logits,
        binary,
        question.base,
        class_weights,
        question.label_smoothing,
        question.focal,
        question.eps,
        raw,
    )


def _rows(block: Batch) -> tuple[Array, Array, Array, Array]:
    """Scores, targets, weights and places of the samples that are kept."""
    places = np.arange(block.samples) if block.mask is None else np.nonzero(block.mask)[0]
    scores = np.asarray(block.prediction, dtype=np.float64)[places]
    weights = np.ones(block.samples) if block.weights is None else np.asarray(block.weights, dtype=np.float64)
    if block.labels is not None:
        target = one_hot(np.asarray(block.labels)[places], int(scores.shape[-1]), scores)
    else:
        target = scores if block.target is None else np.asarray(block.target, dtype=np.float64)[places]
    return scores, target, weights[places], places


def _binary_rows(block: Batch) -> tuple[Array, Array, Array, Array]:
    """Scores, targets (y, 1 − y), weights and places of the entries that are kept, one a row."""
    values = np.asarray(block.prediction, dtype=np.float64)
    kept = np.ones(values.shape, dtype=bool) if block.mask is None else np.broadcast_to(block.mask, values.shape)
    places = np.nonzero(kept.reshape(-1))[0]
    weights = np.ones(block.samples) if block.weights is None else np.asarray(block.weights, dtype=np.float64)
    y = np.asarray(block.target, dtype=np.float64).reshape(-1)[places]
    each = np.broadcast_to(weights[:, None], values.shape).reshape(-1)[places]
    return values.reshape(-1, 1)[places], np.stack([y, 1 - y], axis=-1), each, places


# --- the stages ---------------------------------------------------------------------------------------------------


def predicted(w: Loss) -> Loss:
    """With the probabilities and their surprisal."""
    return w.replace(prediction=prediction_of(w))


def prediction_of(w: Loss) -> losses.Predicted:
    """What the scores say, clipped where that was asked for."""
    if w.binary:
        return _binary_prediction(w)
    if not w.logits:
        return losses.all_parts(losses.PredictedByProbabilities(clipped(w.scores, w.eps), base=w.base))
    terms = softmax_terms(w.scores)
    if w.eps is None:
        return losses.all_parts(losses.PredictedByLogits(terms, base=w.base))
    return losses.all_parts(losses.PredictedByProbabilities(clipped(softmax(terms), w.eps), base=w.base))


def _binary_prediction(w: Loss) -> losses.Predicted:
    """What binary scores say of yes and no."""
    by_logits = losses.BinaryByLogits(w.scores, w.base)
    p: losses.BinaryPrediction = by_logits
    if not w.logits or w.eps is not None:
        given = by_logits.probability if w.logits else w.scores
        p = losses.binary_by_probabilities(clipped(given, w.eps), w.base)
    return losses.Predicted(
        np.concatenate([p.probability, p.complement], axis=-1),
        np.concatenate([p.surprisal, p.complement_surprisal], axis=-1),
        np.concatenate([p.complement, p.probability], axis=-1),
    )


def clipped(p: Array, eps: float | None) -> Array:
    """Probabilities within [ε, 1 − ε]."""
    return p if eps is None else np.clip(p, eps, 1 - eps)


def with_terms(w: Loss) -> Loss:
    """With the terms that the losses are sums of."""
    assert w.prediction is not None
    if w.quantity == "entropy":
        return w.replace(terms=information.entropy_terms(w.prediction.probability, w.prediction.surprisal).term)
    if w.quantity == "kl":
        return _divergence(w)
    if w.quantity == "js":
        found = information.js_terms(w.target, w.prediction.probability)
        return w.replace(terms=w.base.of_nats(found.term), exact=w.base.of_nats(found.divergence))
    if w.quantity == "mse":
        return w.replace(terms=losses.squared_error_terms(w.target, w.prediction).term)
    if w.quantity in BY_SAMPLE:
        return w.replace(terms=np.where(hits(w), 0.0, 1.0)[:, None])
    target = losses.smooth(w.target, w.smoothing)
    return w.replace(terms=losses.cross_entropy_terms(target, w.prediction, w.class_weights, w.focal).term)


def _divergence(w: Loss) -> Loss:
    """With the terms p·log(p/q), and the divergence that loses no digits."""
    assert w.prediction is not None
    nats = w.prediction.surprisal * w.base.ln if w.logits and w.eps is None else None
    found = information.kl_terms(w.target, w.prediction.probability, nats)
    terms = found.term + (w.target - w.prediction.probability)
    return w.replace(terms=w.base.of_nats(terms), exact=w.base.of_nats(found.divergence))


def hits(w: Loss) -> Array:
    """Whether each sample's largest prediction is its target class."""
    assert w.prediction is not None
    scores = w.scores if w.logits else w.prediction.probability
    return np.argmax(scores, axis=-1) == np.argmax(w.target, axis=-1)


def with_losses(w: Loss) -> Loss:
    """With the loss of each sample."""
    return w.replace(losses=np.sum(w.terms, axis=-1) if w.exact is None else w.exact)


def reduced(w: Loss) -> Loss:
    """With the value: the losses under the reduction."""
    if w.reduction == "none":
        return w.replace(value=w.weighted)
    total = math.fsum(w.weighted.tolist())
    return w.replace(value=total if w.reduction == "sum" else total / w.divisor)


def _shown(w: Loss) -> Loss:
    """With the value as it is shown: e to the loss for the perplexity."""
    return w.replace(value=w.base.power(w.value)) if w.quantity == "perplexity" else w


# --- the answer ---------------------------------------------------------------------------------------------------


def _models_value(works: tuple[Loss, ...]) -> Any:
    """A value for each model."""
    return [_value((work,)) for work in works]


def _value(works: tuple[Loss, ...]) -> Any:
    """The answer as a report has it: None where a sample is left out, or where it is no number."""
    w = works[0]
    if np.ndim(w.value) == 0:
        return plain(float(w.value))
    whole = np.full(math.prod(w.shape), math.nan)
    whole[w.places] = w.value
    return plain(whole.reshape(w.shape).tolist())


def plain(value: Any) -> Any:
    """Numbers with None for NaN."""
    if isinstance(value, Sequence):
        return [plain(entry) for entry in value]
    return None if math.isnan(value) else value
