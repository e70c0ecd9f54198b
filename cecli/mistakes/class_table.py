"""Usual mistakes with the target and the prediction that a loss starts from: classes, softmax, smoothing: a row each."""

from __future__ import annotations

import math

import numpy as np

from cecli.maths.binary_losses import BinaryByLogits
from cecli.maths.namespace import one_hot
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import CLASSES_BESIDE, COMMON, EVERYDAY, Mistake, each, twice
from cecli.mistakes.softmax_table import softmax_down, softmax_over_all
from cecli.mistakes.subjects import CE, MORE_CLASSES, OTHER_ROW, has_softmax, is_one_hot

SOFTMAX = f"{CE} entropy kl js mse"


def _swapped(v: LossView, eps: float | None) -> LossView:
    """Target and prediction change places."""
    scores = v.target[:, :1] if v.is_binary else v.target
    changed = v.changed(scores=scores, target=v.prediction.probability, logits=False)
    return changed if eps is None else changed.changed(eps=eps)


def _clips_of_swap(v: LossView) -> list[tuple[str, float | None]]:
    """Swapped as it is, and with the logarithm of a one-hot row's zeros clipped."""
    name = "target and prediction swapped"
    clips = (1e-15, 1e-7, 1e-8, 1e-12) if v.options.eps is None and np.any(v.target == 0) else ()
    return [(name, None), *((f"{name}, log 0 clipped at {eps:g}", eps) for eps in clips)]


def _as_predicted(v: LossView) -> LossView:
    """The predicted class as the target."""
    q = v.prediction.probability
    return v.changed(target=one_hot(np.argmax(v.scores if has_softmax(v) else q, axis=-1), v.classes, q))


def _smoothed_to_one_less(v: LossView, others: float) -> LossView:
    """1 − ε for the true class, and for the others a share of ε."""
    epsilon = v.options.label_smoothing
    return v.changed(target=v.target * (1 - epsilon) + (1 - v.target) * epsilon * others, label_smoothing=0.0)


def _misread_smoothings(v: LossView) -> list[tuple[str, float]]:
    """What the other classes get where the true one is left with 1 − ε."""
    name = "label smoothing that leaves the true class 1 − ε"
    return [(f"{name}, the others ε/K", 1 / v.classes), (f"{name}, the others 0", 0.0)]


def _smoothed_over_others(v: LossView) -> LossView:
    """ε/(K−1) for every class but the true one, which keeps 1 − ε."""
    epsilon = v.options.label_smoothing
    target = v.target * (1 - epsilon) + (1 - v.target) * epsilon / (v.classes - 1)
    return v.changed(target=target, label_smoothing=0.0)


# fmt: off
CLASS_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M10", "target and prediction swapped", "H(q, p) for H(p, q)", f"{CE} bce kl",
            "inputs", each(_clips_of_swap, _swapped),
            "The target p stands in front of the logarithm, the prediction q inside it.", common=COMMON,
            separates=OTHER_ROW),
    Mistake("M6", "predicted class's probability in place of the true class's", "−log max q", f"{CE} bce",
            "inputs", _as_predicted,
            "Take the probability of the class that is true, also where the model chose another.", common=EVERYDAY,
            when=is_one_hot, one_sample="the predicted class's probability in place of the true class's",
            separates=OTHER_ROW),
    Mistake("M7", "class index off by one", "−log q of the class beside", f"{CE} mse error_rate errors",
            "inputs", each(CLASSES_BESIDE, lambda v, by: v.changed(target=np.roll(v.target, by, axis=-1))),
            "Take the class of the label, or of the 1 in the target; indices count from 0.", common=COMMON,
            when=is_one_hot, one_sample="the class index off by one", separates=MORE_CLASSES),
    Mistake("M11", "softmax applied twice", "softmax(softmax(z))", SOFTMAX,
            "inputs", each(twice("softmax"), lambda v, _: v.changed(scores=v.prediction.probability, logits=True)),
            "These are probabilities already: apply the softmax once.", common=COMMON),
    Mistake("M12", "softmax not applied", "z/Σz for softmax(z)", SOFTMAX,
            "inputs", lambda v: v.changed(scores=v.scores / np.sum(v.scores, axis=-1, keepdims=True), logits=False),
            "Raw scores become probabilities through e^z, not by dividing them by their sum.", common=COMMON,
            when=has_softmax, called="softmax not applied: scores divided by their sum"),
    Mistake("M12", "logits taken as probabilities", "−log z", SOFTMAX,
            "inputs", lambda v: v.changed(logits=False),
            "Raw scores are not probabilities: apply the softmax first.", common=COMMON, when=has_softmax),
    Mistake("M41", "smoothing with ε/(K−1)", "(1−ε)·y + ε/(K−1)·(1−y)", CE,
            "inputs", _smoothed_over_others,
            "Label smoothing gives ε/K to every class, the true one too.",
            when=lambda v: v.options.label_smoothing > 0 and v.classes > 1, called="label smoothing with ε/(K−1)"),
    Mistake("M41", "smoothing with 1 − ε for the true class", "(1−ε)·y + ε/K·(1−y), (1−ε)·y", "xent",
            "inputs", each(_misread_smoothings, _smoothed_to_one_less),
            "Label smoothing gives ε/K to every class, the true one too: 1 − ε + ε/K.",
            when=lambda v: v.options.label_smoothing > 0),
    Mistake("M7", "columns in reverse order", "−log q of class K−1−y", CE,
            "inputs", lambda v: v.changed(target=v.target[:, ::-1]),
            "Check that the columns stand in the order of the classes.", when=is_one_hot, separates=MORE_CLASSES),
    Mistake("M13", "sigmoid in place of softmax", "−log σ(z)", SOFTMAX,
            "inputs", lambda v: v.changed(scores=BinaryByLogits(v.scores).probability, logits=False),
            "Scores of several classes share one softmax; the sigmoid is for two.", when=has_softmax),
    Mistake("M14", "2^z in place of e^z", "2^z/Σ2^z", SOFTMAX,
            "inputs", lambda v: v.changed(scores=v.scores * math.log(2)),
            "The softmax is made of powers of e.", when=has_softmax),
    Mistake("sign", "e^{−z} in place of e^z", "e^{−z}/Σe^{−z}", SOFTMAX,
            "inputs", lambda v: v.changed(scores=-v.scores),
            "A larger score means a larger probability.", when=has_softmax),
    Mistake("M14", "one softmax over all values", "e^z/ΣΣe^z", SOFTMAX,
            "inputs", lambda v: v.changed(scores=softmax_over_all(v.scores), logits=False),
            "The probabilities of a sample's classes sum to 1: a softmax for each row.",
            when=lambda v: has_softmax(v) and v.count > 1),
    Mistake("M14", "softmax over the samples", "softmax down the columns", SOFTMAX,
            "inputs", lambda v: v.changed(scores=softmax_down(v.scores), logits=False),
            "The probabilities of a sample's classes sum to 1: a softmax for each row.",
            when=lambda v: has_softmax(v) and v.count > 1, called="softmax over the samples in place of the classes"),
)
# fmt: on
