"""Usual mistakes with entropy and divergences: a row each."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cecli.maths import information, losses
from cecli.maths.namespace import Array, safe_product
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import COMMON, Mistake, each
from cecli.mistakes.subjects import CE, is_one_hot


def _both_sides(v: LossView) -> Array:
    """−p·log p − (1−p)·log(1−p) for every class."""
    p = v.prediction
    entropy = information.entropy_terms(p.probability, p.surprisal).term
    return entropy + safe_product(p.complement, information.surprisal(p.complement, v.options.base))


def _jeffreys(v: LossView) -> Array:
    """p·log(p/q) + q·log(q/p) for every class."""
    p, q = v.target, v.prediction.probability
    return v.options.base.of_nats(information.kl_terms(p, q).term + information.kl_terms(q, p).term)


def _by_factor(v: LossView) -> Array:
    """The logarithm of every term, without the probability in front of it; 0 where that is 0."""
    factor = v.target_factor
    return np.where(factor > 0, v.terms / np.where(factor > 0, factor, 1.0), 0.0)


def _to(digits: int, rule: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Numbers with so many digits after the point."""
    return lambda x: rule(x * 10.0**digits) / 10.0**digits


LOG_DIGITS = [
    (
        f"logarithms {word} to {digits} {'digit' if digits == 1 else 'digits'} before they are multiplied",
        _to(digits, rule),
    )
    for digits in (3, 2, 1)
    for word, rule in (("rounded", np.round), ("cut", np.trunc))
]


# fmt: off
INFORMATION_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M29", "factor p left out", "−Σ log p", "entropy",
            "terms", lambda v: v.changed(terms=np.where(v.prediction.probability > 0, v.prediction.surprisal, 0.0)),
            "Each surprisal −log p is weighted by its probability.", common=COMMON),
    Mistake("M29", "factor p left out", "−Σ log q, Σ log(p/q)", f"{CE} kl",
            "terms", lambda v: v.changed(terms=_by_factor(v)),
            "Each logarithm is weighted by p, the probability that the target gives the class.",
            when=lambda v: not is_one_hot(v)),
    Mistake("M42", "logarithms rounded before they are multiplied", "Σ p·round(log p, d)", f"{CE} entropy kl",
            "terms", each(LOG_DIGITS, lambda v, rule: v.changed(terms=v.target_factor * rule(_by_factor(v)))),
            "Round at the end: keep all digits until then.", is_rounding=True,
            when=lambda v: v.quantity == "entropy" or not is_one_hot(v)),
    Mistake("M30", "Gini impurity in place of entropy", "1 − Σp²", "entropy",
            "terms", lambda v: v.changed(terms=v.prediction.probability * v.prediction.complement),
            "Entropy is −Σ p·log p."),
    Mistake("M30", "both sides for every class", "Σ [−p·log p − (1−p)·log(1−p)]", "entropy",
            "terms", lambda v: v.changed(terms=_both_sides(v)),
            "The sum over the classes has 1−p in it already."),
    Mistake("M29", "divided by log K", "H/log K", "entropy",
            "value", lambda v: v.changed(value=v.value / (math.log(v.classes) / v.options.base.ln)),
            "That is the normalised entropy, between 0 and 1.", is_sum=False),
    Mistake("M32", "cross-entropy in place of the divergence", "−Σ p·log q", "kl js",
            "terms", lambda v: v.changed(terms=losses.cross_entropy_terms(v.target, v.prediction).term),
            "KL is the cross-entropy minus the entropy of p.", common=COMMON),
    Mistake("M32", "KL(p‖q) in place of JS", "Σ p·log(p/q)", "js",
            "terms", lambda v: v.with_terms_of("kl"),
            "JS compares both with their mean.", instead=True),
    Mistake("M32", "symmetrised KL in place of JS", "½·[KL(p‖q) + KL(q‖p)]", "js",
            "terms", lambda v: v.changed(terms=_jeffreys(v) / 2),
            "JS compares both with their mean."),
    Mistake("M32", "symmetrised KL in place of KL(p‖q)", "½·[KL(p‖q) + KL(q‖p)]", "kl",
            "terms", lambda v: v.changed(terms=_jeffreys(v) / 2),
            "KL has a direction: from p, the target, to q."),
    Mistake("M32", "Jeffreys divergence", "KL(p‖q) + KL(q‖p)", "kl js",
            "terms", lambda v: v.changed(terms=_jeffreys(v)),
            "It is the sum of both directions; one divergence is asked for."),
    Mistake("M32", "the ½ of JS left out", "KL(p‖m) + KL(q‖m)", "js",
            "value", lambda v: v.changed(value=v.value * 2),
            "JS is the mean of the two divergences from m."),
    Mistake("M33", "JS in place of KL", "JS(p, q)", "kl",
            "terms", lambda v: v.with_terms_of("js"),
            "KL compares q with p, not both with their mean.", instead=True),
    Mistake("M33", "distance in place of the divergence", "√JS", "js",
            "value", lambda v: v.changed(value=np.sqrt(v.value)),
            "The distance is the divergence's square root; --js gives both.", is_part=True, is_sum=False),
)
# fmt: on
