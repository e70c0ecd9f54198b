"""Usual mistakes with squared error and error rates: a row each."""

from __future__ import annotations

from cecli.mistakes import loss_changes as change
from cecli.mistakes.loss_changes import terms_of
from cecli.mistakes.method import Mistake
from cecli.mistakes.subjects import (
    MORE_CLASSES,
    OTHER_SIZE,
)

SQUARED_MISTAKES = (
    Mistake(
        "M26",
        "MSE averaged over classes",
        "S/K",
        "mse",
        "value",
        change.divided(lambda w: w.classes),
        "This MSE sums over the classes and averages over the samples.",
        common=True,
        separates=OTHER_SIZE,
    ),
    Mistake(
        "M26",
        "halved",
        "S/2",
        "mse",
        "value",
        change.divided(lambda _: 2),
        "There is no ½ in this MSE.",
        separates=MORE_CLASSES,
    ),
    Mistake(
        "M26",
        "root of the squared error",
        "√S",
        "mse",
        "value",
        change.root,
        "That is the root mean squared error.",
        adds=False,
    ),
    Mistake(
        "M26",
        "root of the squared error averaged over classes",
        "√(S/K)",
        "mse",
        "value",
        lambda w: change.root(change.divided(lambda x: x.classes)(w)),
        "That is the root mean squared error.",
        adds=False,
    ),
    Mistake(
        "M26",
        "absolute error averaged over classes",
        "Σ|q−y|/(N·K)",
        "mse",
        "terms",
        terms_of(lambda w: change.absolute(w) / w.classes),
        "Square the differences.",
    ),
    Mistake("M26", "absolute error", "Σ|q−y|/N", "mse", "terms", terms_of(change.absolute), "Square the differences."),
    Mistake(
        "M27",
        "true class's error alone",
        "(1−q)²",
        "mse",
        "terms",
        terms_of(change.only_true_class),
        "The other classes' squares count too.",
    ),
    Mistake(
        "M27",
        "error of hard predictions",
        "2·error rate",
        "mse",
        "terms",
        terms_of(change.hard),
        "Take the probabilities as they are, not the chosen class.",
    ),
    Mistake(
        "M16",
        "accuracy in place of the error rate",
        "1 − error rate",
        "error_rate",
        "value",
        change.complemented,
        "Errors are the samples that are not right.",
        adds=False,
    ),
)
