"""What the mistakes in losses do to the work: each a small change of the record, made of the public maths."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from cecli.maths import information, losses
from cecli.maths.namespace import Array, one_hot, safe_product
from cecli.maths.softmax import log_softmax, softmax, softmax_terms
from cecli.maths.units import Base
from cecli.mistakes.work import Work, reduced_to
from cecli.quantities.classification_error import ranked_scores

CLIPPED_LOSSES = (
    ("1e-15 (an older scikit-learn)", -math.log(1e-15)),
    ("1e-7 (Keras)", -math.log(1e-7)),
    ("1e-8", -math.log(1e-8)),
    ("1e-9", -math.log(1e-9)),
    ("1e-10", -math.log(1e-10)),
    ("1e-12", -math.log(1e-12)),
    ("1e-16", -math.log(1e-16)),
    ("2.2e-16 (scikit-learn)", -math.log(2.0**-52)),
    ("1.2e-7 (scikit-learn, float32)", -math.log(2.0**-23)),
    ("e^-100 (torch's BCE)", 100.0),
)
"""What a clipped −ln 0 comes to, in nats, and who clips so."""


# --- conditions ---------------------------------------------------------------------------------------------------


def where(condition: Callable[[Work], bool], *told: tuple[str, Any]) -> Callable[[Work], Iterable[tuple[str, Any]]]:
    """The given ways to make a mistake, where the condition is met."""
    return lambda w: told if condition(w) else ()


def is_one_hot(w: Work) -> bool:
    """Whether every target is one class."""
    return bool(np.all((w.target == 0) | (w.target == 1)) and np.all(w.target.sum(axis=-1) == 1))


def rows(w: Work) -> int:
    """How many samples count."""
    return len(w.places)


# --- inputs -------------------------------------------------------------------------------------------------------


def swapped(w: Work, eps: float | None = None) -> Work:
    """Target and prediction change places."""
    q = w.prediction.probability
    scores = w.target[:, :1] if w.is_binary else w.target
    return w.changed(scores=scores, target=q, logits=False, eps=w.eps if eps is None else eps)


def as_predicted(w: Work) -> Work:
    """The predicted class in place of the true one."""
    q = w.prediction.probability
    scores = w.scores if w.logits and not w.is_binary else q
    return w.changed(target=one_hot(np.argmax(scores, axis=-1), w.classes, q))


def moved(w: Work, by: int) -> Work:
    """Every class index moved, the last class beside the first."""
    return w.changed(target=np.roll(w.target, by, axis=-1))


def over_samples(w: Work) -> Work:
    """Softmax down the columns."""
    return w.changed(scores=np.swapaxes(softmax(softmax_terms(np.swapaxes(w.scores, 0, 1))), 0, 1), logits=False)


def softmax_again(w: Work) -> Work:
    """Softmax of what is one already."""
    return w.changed(scores=w.prediction.probability, logits=True)


def sigmoid_again(w: Work) -> Work:
    """Sigmoid of what is one already."""
    return w.changed(scores=w.prediction.probability[:, :1], logits=True)


def divided_by_sum(w: Work) -> Work:
    """z/Σz in place of the softmax."""
    return w.changed(scores=w.scores / w.scores.sum(axis=-1, keepdims=True), logits=False)


def by_sigmoid(w: Work) -> Work:
    """The sigmoid of each score in place of the softmax."""
    return w.changed(scores=losses.BinaryByLogits(w.scores).probability, logits=False)


def rounded_first(w: Work, digits: int) -> Work:
    """Probabilities rounded before the logarithm."""
    p = w.prediction.probability
    return w.changed(scores=np.round(p[:, :1] if w.is_binary else p, digits), logits=False)


def smoothed_over_others(w: Work) -> Work:
    """ε/(K−1) for every class but the true one, which keeps 1 − ε."""
    epsilon, classes = w.smoothing, w.classes
    return w.changed(target=w.target * (1 - epsilon) + (1 - w.target) * epsilon / (classes - 1), smoothing=0.0)


def options_given(w: Work) -> list[tuple[str, dict[str, Any]]]:
    """The options that shape this number, each with what leaves it out."""
    ones = np.ones_like(w.sample_weights)
    found = [
        (
            "positive weight left out" if w.is_binary else "class weights left out",
            w.class_weights,
            {"class_weights": None},
        ),
        ("sample weights left out", bool(np.any(w.sample_weights != 1)) or None, {"sample_weights": ones}),
        ("label smoothing left out", w.smoothing or None, {"smoothing": 0.0}),
        ("focal factor left out", w.focal or None, {"focal": 0.0}),
        ("clipping left out", w.eps, {"eps": None}),
        ("counts not normalised", w.raw, {"scores": None}),
    ]
    return [(name, what) for name, given, what in found if given is not None]


def told(w: Work, fields: dict[str, Any]) -> Work:
    """The record with other fields; scores that are left open are the counts themselves."""
    return w.changed(**(fields | {"scores": w.raw} if "scores" in fields else fields))


# --- prediction ---------------------------------------------------------------------------------------------------


def infinite_losses(w: Work) -> tuple[tuple[str, float], ...]:
    """The clips that make a finite number of an infinite loss."""
    if not np.any(np.isinf(w.prediction.surprisal) & (w.target > 0)):
        return ()
    return tuple((f"log 0 clipped at {name}", nats) for name, nats in CLIPPED_LOSSES)


def clipped_at(w: Work, nats: float) -> Work:
    """−log 0 as a finite number."""
    prediction = w.prediction
    surprisal = np.where(np.isinf(prediction.surprisal), w.base.of_nats(nats), prediction.surprisal)
    return w.changed(prediction=prediction.replace(surprisal=surprisal))


def of_complement(w: Work) -> Work:
    """−log(1 − q) in place of −log q."""
    prediction = w.prediction
    return w.changed(prediction=prediction.replace(surprisal=information.surprisal(prediction.complement, w.base)))


# --- terms --------------------------------------------------------------------------------------------------------


def terms_of(of: Callable[[Work], Array]) -> Callable[[Work], Work]:
    """A change that puts other terms in place."""
    return lambda w: w.changed(terms=of(w))


def times_prediction(w: Work) -> Array:
    """Terms that keep the prediction as a factor: y·q·(−log q)."""
    return safe_product(w.target * w.prediction.probability, w.prediction.surprisal)


def prediction_entropy(w: Work) -> Array:
    """The entropy of the prediction alone."""
    return information.entropy_terms(w.prediction.probability, w.prediction.surprisal).term


def target_entropy(w: Work) -> Array:
    """The entropy of the target alone."""
    return information.entropy_terms(w.target, information.surprisal(w.target, w.base)).term


def cross_terms(w: Work) -> Array:
    """The terms of the cross-entropy."""
    return losses.cross_entropy_terms(w.target, w.prediction).term


def both_sides(w: Work) -> Array:
    """−[y·log q + (1−y)·log(1−q)] for every class."""
    q = w.prediction
    other = information.surprisal(q.complement, w.base)
    return safe_product(w.target, q.surprisal) + safe_product(1 - w.target, other)


def no_logarithm(w: Work) -> Array:
    """−y·q, or −y·z of logits."""
    return -w.target * (w.scores if w.logits and not w.is_binary else w.prediction.probability)


def one_minus(w: Work) -> Array:
    """y·(1 − q): no logarithm."""
    return w.target * w.prediction.complement


def to_the_partition(w: Work) -> Array:
    """log Σe^z: the true class's logit is never taken off."""
    nats = w.scores - log_softmax(softmax_terms(w.scores))
    return w.target * w.base.of_nats(nats)


def unweighted(w: Work) -> Array:
    """−log p without its factor p."""
    p = w.prediction
    return np.where(p.probability > 0, p.surprisal, 0.0)


def both_sides_entropy(w: Work) -> Array:
    """−p·log p − (1−p)·log(1−p) for every class."""
    p = w.prediction
    return prediction_entropy(w) + safe_product(p.complement, information.surprisal(p.complement, w.base))


def gini(w: Work) -> Array:
    """p·(1 − p): the Gini impurity."""
    return w.prediction.probability * w.prediction.complement


def symmetrised(w: Work) -> Array:
    """½·[p·log(p/q) + q·log(q/p)]."""
    p, q = w.target, w.prediction.probability
    there, back = information.kl_terms(p, q), information.kl_terms(q, p)
    return w.base.of_nats((there.term + back.term) / 2)


def as_divergence(w: Work) -> Work:
    """KL(p‖q) in place of what was asked for."""
    return w.with_terms_of("kl")


def as_jensen_shannon(w: Work) -> Work:
    """JS(p, q) in place of what was asked for."""
    return w.with_terms_of("js")


def only_column(column: int) -> Callable[[Work], Array]:
    """Of the two terms of a binary loss one alone: 0 is y·log p, 1 is (1−y)·log(1−p)."""
    return lambda w: w.terms * (np.arange(2) == column)


def inner_sign(w: Work) -> Array:
    """−[y·log p − (1−y)·log(1−p)]."""
    return w.terms * np.asarray([1.0, -1.0])


def one_minus_log(w: Work) -> Array:
    """−[y·log p + (1−y)·(1 − log p)]."""
    surprisal = w.prediction.surprisal[:, 0]
    y = w.target[:, 0]
    return np.stack([safe_product(y, surprisal), -(1 - y) * (1 + surprisal)], axis=-1)


def always_positive(w: Work) -> Array:
    """−log p for every sample, whatever its label."""
    return w.prediction.surprisal * np.asarray([1.0, 0.0])


def absolute(w: Work) -> Array:
    """|q − y|."""
    return np.abs(losses.squared_error_terms(w.target, w.prediction).error)


def only_true_class(w: Work) -> Array:
    """The squared error of the true class alone."""
    return w.terms * w.target


def hard(w: Work) -> Array:
    """The squared error of predictions made one-hot."""
    chosen = one_hot(np.argmax(w.prediction.probability, axis=-1), w.classes, w.target)
    return (chosen - w.target) ** 2


def naive(w: Work) -> Array:
    """The terms as a machine without limits takes them: 0·log 0 is no number, and of a ratio the 0 above is enough."""
    q = w.prediction
    factor = q.probability if w.quantity == "entropy" else w.target
    endless = np.isinf(q.surprisal) | (w.quantity in {"entropy", "kl"})
    return np.where((factor == 0) & endless, math.nan, w.terms)


def single_terms(w: Work) -> list[tuple[str, tuple[int, int]]]:
    """The terms that could be left out: a sample's where it has one, else a class's."""
    at = np.argwhere(w.terms != 0)
    if not 1 < len(at) <= 12 or w.reduction == "none":
        return []
    by_sample = len({int(n) for n, _ in at}) == len(at)
    return [(_term_name(w, int(n), int(k), by_sample), (int(n), int(k))) for n, k in at]


def _term_name(w: Work, n: int, k: int, by_sample: bool) -> str:
    """What to call the term that is left out."""
    if by_sample:
        return f"the term of {w.sample_name(n)} left out"
    of = f"of {w.sample_name(n)}, " if rows(w) > 1 else "of "
    return f"the term {of}class {k} left out"


def term_dropped(w: Work, at: tuple[int, int]) -> Work:
    """One term is 0."""
    terms = np.array(w.terms)
    terms[at] = 0.0
    return w.changed(terms=terms)


# --- losses and value ---------------------------------------------------------------------------------------------


def plus_one(w: Work) -> Work:
    """1 − log q."""
    return w.changed(losses=w.losses + 1)


def minus(w: Work) -> Work:
    """No minus in front."""
    return w.changed(losses=-w.losses)


def under(w: Work, reduction: str) -> Work:
    """Under another reduction."""
    return w.changed(value=reduced_to(w, reduction))


def other_reductions(w: Work) -> list[tuple[str, str]]:
    """The reductions that were not asked for."""
    named = {"sum": "sum", "mean": "mean"}
    of = "a value for each sample" if w.reduction == "none" else named[w.reduction]
    return [(f"{name} instead of {of}", how) for how, name in named.items() if how != w.reduction and _differ(w)]


def _differ(w: Work) -> bool:
    """Whether sum and mean can differ."""
    return rows(w) > 1 or w.divisor != 1


def divided(by: Callable[[Work], float]) -> Callable[[Work], Work]:
    """A change that divides the value."""
    return lambda w: w.changed(value=w.value / by(w))


def times(w: Work, factor: float) -> Work:
    """The value times a number."""
    return w.changed(value=w.value * factor)


def over_all(w: Work, count: float) -> Work:
    """The sum over another number of samples."""
    return w.changed(value=math.fsum(w.weighted.tolist()) / count)


def other_counts(w: Work) -> list[tuple[str, float]]:
    """What a mean may be divided by wrongly: all samples, those left out too, or their number under weights."""
    if w.reduction != "mean":
        return []
    every, kept = float(math.prod(w.shape)), float(rows(w))
    found = [("left-out samples counted in the mean", every)] if every != kept else []
    return found + ([("weighted mean divided by the number of samples", kept)] if w.divisor != kept else [])


def mean_first(w: Work) -> Work:
    """The logarithm of the mean probability."""
    q = (w.target * w.prediction.probability).sum(axis=-1)
    return w.changed(value=float(information.surprisal(np.mean(q), w.base)))


def product(w: Work) -> Work:
    """The product of the true classes' probabilities."""
    return w.changed(value=float(np.prod((w.target * w.prediction.probability).sum(axis=-1))))


def _hits(w: Work) -> Array:
    """Whether each sample's largest prediction is its target class."""
    return np.argmax(ranked_scores(w.state), axis=-1) == np.argmax(w.target, axis=-1)


def log_accuracy(w: Work) -> Work:
    """The logarithm of the accuracy."""
    return w.changed(value=float(information.surprisal(np.mean(_hits(w)), w.base)))


def some_rows(w: Work, which: slice) -> Work:
    """The mean or sum of some samples alone."""
    part = w.weighted[which]
    weights = w.sample_weights[which]
    total = math.fsum(part.tolist())
    return w.changed(value=total if w.reduction == "sum" else total / math.fsum(weights.tolist()))


def over_positives(w: Work) -> Work:
    """The positive terms divided by how many positives there are."""
    y = w.target[:, 0] * w.sample_weights
    return w.changed(value=math.fsum((w.terms[:, 0] * w.sample_weights).tolist()) / math.fsum(y.tolist()))


def powers(w: Work) -> list[tuple[str, tuple[float, float]]]:
    """What a loss may be the exponent of: its own base gives the perplexity, another's is a mix-up."""
    return [("perplexity in place of the loss", (w.base.value, w.base.ln)), *mixed_powers(w)]


def mixed_powers(_: Work) -> list[tuple[str, tuple[float, float]]]:
    """Bases that do not belong to the unit of the exponent, each with that unit in nats."""
    return [("2 to the loss in nats", (2.0, 1.0)), ("e to the loss in bits", (math.e, math.log(2)))]


def power_of(w: Work, base_and_unit: tuple[float, float]) -> Work:
    """A base to the loss in a unit."""
    base, unit = base_and_unit
    return w.changed(value=Base(base).power(float(w.value) * w.base.ln / unit))


def no_power(w: Work) -> Work:
    """The loss itself."""
    return w


def root(w: Work) -> Work:
    """The square root."""
    return w.changed(value=np.sqrt(w.value))


def complemented(w: Work) -> Work:
    """1 minus the value."""
    return w.changed(value=1 - w.value)


def clip_of_swap(w: Work) -> list[tuple[str, float | None]]:
    """Swapped as it is, and with the logarithm of a one-hot row's zeros clipped."""
    found: list[tuple[str, float | None]] = [("target and prediction swapped", None)]
    if w.eps is None and np.any(w.target == 0):
        found += [
            (f"target and prediction swapped, log 0 clipped at {eps:g}", eps) for eps in (1e-15, 1e-7, 1e-8, 1e-12)
        ]
    return found
