"""Usual mistakes with entropy and divergences: a row each."""

from __future__ import annotations

import math

from cecli.mistakes import loss_changes as change
from cecli.mistakes.loss_changes import terms_of
from cecli.mistakes.method import Mistake

INFORMATION_MISTAKES = (
    Mistake(
        "M29",
        "factor p left out",
        "−Σ log p",
        "entropy",
        "terms",
        terms_of(change.unweighted),
        "Each surprisal −log p is weighted by its probability.",
        common=True,
    ),
    Mistake(
        "M30",
        "Gini impurity in place of entropy",
        "1 − Σp²",
        "entropy",
        "terms",
        terms_of(change.gini),
        "Entropy is −Σ p·log p.",
    ),
    Mistake(
        "M30",
        "both sides for every class",
        "Σ [−p·log p − (1−p)·log(1−p)]",
        "entropy",
        "terms",
        terms_of(change.both_sides_entropy),
        "The sum over the classes has 1−p in it already.",
    ),
    Mistake(
        "M29",
        "divided by log K",
        "H/log K",
        "entropy",
        "value",
        change.divided(lambda w: math.log(w.classes) / w.base.ln),
        "That is the normalised entropy, between 0 and 1.",
        adds=False,
    ),
    Mistake(
        "M32",
        "cross-entropy in place of the divergence",
        "−Σ p·log q",
        "kl js",
        "terms",
        terms_of(change.cross_terms),
        "KL is the cross-entropy minus the entropy of p.",
        common=True,
    ),
    Mistake(
        "M32",
        "KL(p‖q) in place of JS",
        "Σ p·log(p/q)",
        "js",
        "terms",
        change.as_divergence,
        "JS compares both with their mean.",
        instead=True,
    ),
    Mistake(
        "M32",
        "symmetrised KL in place of JS",
        "½·[KL(p‖q) + KL(q‖p)]",
        "kl js",
        "terms",
        terms_of(change.symmetrised),
        "JS compares both with their mean.",
    ),
    Mistake(
        "M33",
        "JS in place of KL",
        "JS(p, q)",
        "kl",
        "terms",
        change.as_jensen_shannon,
        "KL compares q with p, not both with their mean.",
        instead=True,
    ),
    Mistake(
        "M33",
        "distance in place of the divergence",
        "√JS",
        "js",
        "value",
        change.root,
        "The distance is the divergence's square root; --js gives both.",
        adds=False,
    ),
)
