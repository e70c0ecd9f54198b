"""Usual mistakes with squared error and error rates: a row each."""

from __future__ import annotations

import numpy as np

from cecli.maths import losses
from cecli.maths.namespace import Array, one_hot
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import COMMON, Mistake
from cecli.mistakes.subjects import MORE_CLASSES, OTHER_SIZE


def _absolute(v: LossView) -> Array:
    """|q − y|."""
    return np.abs(losses.squared_error_terms(v.target, v.prediction).error)


def _of_hard_predictions(v: LossView) -> Array:
    """The squared error of predictions made one-hot."""
    return (one_hot(np.argmax(v.prediction.probability, axis=-1), v.classes, v.target) - v.target) ** 2


# fmt: off
SQUARED_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M26", "MSE averaged over classes", "S/K", "mse",
            "value", lambda v: v.changed(value=v.value / v.classes),
            "This MSE sums over the classes and averages over the samples.", common=COMMON, separates=OTHER_SIZE),
    Mistake("M26", "halved", "S/2", "mse",
            "value", lambda v: v.changed(value=v.value / 2),
            "There is no ½ in this MSE.", separates=MORE_CLASSES),
    Mistake("M26", "root of the squared error", "√S", "mse",
            "value", lambda v: v.changed(value=np.sqrt(v.value)),
            "That is the root mean squared error.", is_sum=False),
    Mistake("M26", "root of the squared error averaged over classes", "√(S/K)", "mse",
            "value", lambda v: v.changed(value=np.sqrt(v.value / v.classes)),
            "That is the root mean squared error.", is_sum=False),
    Mistake("M26", "absolute error averaged over classes", "Σ|q−y|/(N·K)", "mse",
            "terms", lambda v: v.changed(terms=_absolute(v) / v.classes),
            "Square the differences."),
    Mistake("M26", "absolute error", "Σ|q−y|/N", "mse",
            "terms", lambda v: v.changed(terms=_absolute(v)),
            "Square the differences."),
    Mistake("M27", "true class's error alone", "(1−q)²", "mse",
            "terms", lambda v: v.changed(terms=v.terms * v.target),
            "The other classes' squares count too."),
    Mistake("M27", "error of hard predictions", "2·error rate", "mse",
            "terms", lambda v: v.changed(terms=_of_hard_predictions(v)),
            "Take the probabilities as they are, not the chosen class."),
    Mistake("M16", "accuracy in place of the error rate", "1 − error rate", "error_rate",
            "value", lambda v: v.changed(value=1 - v.value),
            "Errors are the samples that are not right.", is_sum=False),
)
# fmt: on
