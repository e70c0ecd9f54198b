"""Usual mistakes in a softmax: a row each."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from cecli.maths.binary_losses import BinaryByLogits
from cecli.maths.namespace import Array
from cecli.maths.softmax import softmax, softmax_terms
from cecli.maths.units import NATS
from cecli.mistakes.mistake import (
    COMMON,
    EVERYDAY,
    MOST_EXCHANGED,
    Mistake,
    each,
    exchanged,
    other_bases,
    with_base,
)
from cecli.mistakes.softmax_view import SoftmaxView


def _tempered(v: SoftmaxView) -> Array:
    """z/T."""
    return v.scores / v.options.temperature


def softmax_down(scores: Array, temperature: float = 1.0) -> Array:
    """The softmax down the columns."""
    return np.swapaxes(softmax(softmax_terms(np.swapaxes(scores, 0, 1), temperature)), 0, 1)


def softmax_over_all(scores: Array, temperature: float = 1.0) -> Array:
    """One softmax over all values."""
    return np.reshape(softmax(softmax_terms(np.reshape(scores, (1, -1)), temperature)), scores.shape)


def _exchanges(v: SoftmaxView) -> list[tuple[str, tuple[int, int]]]:
    """Two of a few classes whose numbers may have changed places."""
    classes = v.scores.shape[-1]
    pairs = combinations(range(classes if classes <= MOST_EXCHANGED else 0), 2)
    return [(f"entries {i + 1} and {j + 1} exchanged", (i, j)) for i, j in pairs]


def _exchanged(v: SoftmaxView, places: tuple[int, int]) -> SoftmaxView:
    """Two columns in each other's place."""
    return v.changed(losses=exchanged(v.state.losses, places))


def _several(v: SoftmaxView) -> bool:
    return v.scores.shape[0] > 1


def _temperatures(v: SoftmaxView) -> list[tuple[str, float]]:
    """What else may become of a temperature."""
    temperature = v.options.temperature
    return [("temperature left out", 1.0), ("multiplied by the temperature in place of divided", 1 / temperature)]


# fmt: off
SOFTMAX_MISTAKES: tuple[Mistake[SoftmaxView], ...] = (
    Mistake("M1", "another logarithm base", "log₁₀, log₂ or ln for the base asked for", "softmax",
            "inputs", each(other_bases, with_base),
            "Name the base: nats are ln, bits are log₂, dits are log₁₀.", common=EVERYDAY, when=lambda v: v.options.log),
    Mistake("log", "logarithm forgotten", "σ for log σ", "softmax",
            "inputs", lambda v: v.changed(log=False),
            "The logarithm of the probabilities is asked for.", common=COMMON, when=lambda v: v.options.log),
    Mistake("log", "logarithm taken", "ln σ for σ", "softmax",
            "inputs", lambda v: v.changed(log=True, base=NATS),
            "The probabilities themselves are asked for.", common=COMMON, when=lambda v: not v.options.log),
    Mistake("T", "temperature left out, or multiplied in place of divided", "z·T for z/T", "softmax",
            "inputs", each(_temperatures, lambda v, temperature: v.changed(temperature=temperature)),
            "The scores are divided by the temperature.", common=COMMON, when=lambda v: v.options.temperature != 1),
    Mistake("M11", "softmax applied twice", "softmax(softmax(z))", "softmax",
            "probability", lambda v: v.changed(probability=softmax(softmax_terms(v.probability))),
            "Apply the softmax once.", common=COMMON),
    Mistake("M12", "softmax not applied: scores divided by their sum", "z/Σz", "softmax",
            "probability", lambda v: v.changed(probability=v.scores / np.sum(v.scores, axis=-1, keepdims=True)),
            "Take e^z of each score first, then divide by the sum.", common=COMMON),
    Mistake("M4", "missing minus sign", "−log σ", "softmax",
            "value", lambda v: v.changed(losses=-v.state.losses),
            "Logarithms of probabilities are negative.", common=EVERYDAY, when=lambda v: v.options.log, called="sign turned"),
    Mistake("M14", "2^z in place of e^z", "2^z/Σ2^z", "softmax",
            "inputs", lambda v: v.changed(scores=v.scores * math.log(2)),
            "The softmax is made of powers of e."),
    Mistake("M14", "softmax over the other axis", "softmax down the columns", "softmax",
            "probability", lambda v: v.changed(probability=softmax_down(v.scores, v.options.temperature)),
            "Each row is a sample: its own probabilities sum to 1.", when=_several, called="softmax down the columns"),
    Mistake("M14", "one softmax over all values", "e^z/ΣΣe^z", "softmax",
            "probability", lambda v: v.changed(probability=softmax_over_all(v.scores, v.options.temperature)),
            "Each row is a sample: its own probabilities sum to 1.", when=_several),
    Mistake("M13", "sigmoid of each score", "σ(z) = 1/(1 + e^{−z})", "softmax",
            "probability", lambda v: v.changed(probability=BinaryByLogits(_tempered(v)).probability),
            "The probabilities of the classes share one sum."),
    Mistake("sum", "not divided by the sum", "e^z", "softmax",
            "probability", lambda v: v.changed(probability=np.exp(_tempered(v))),
            "Divide by the sum of all e^z."),
    Mistake("sum", "not divided by the sum, after the largest was subtracted", "e^{z − max z}", "softmax",
            "probability",
            lambda v: v.changed(probability=softmax_terms(v.scores, v.options.temperature).exponential),
            "Divide by the sum of all e^{z − max z}."),
    Mistake("sum", "sum without the score's own term", "e^{zᵢ}/Σ_{j≠i} e^{zⱼ}", "softmax",
            "probability", lambda v: v.changed(probability=v.probability / (1 - v.probability)),
            "The sum is over all classes, the one on top too."),
    Mistake("sign", "e^{−z} in place of e^z", "e^{−z}/Σe^{−z}", "softmax",
            "inputs", lambda v: v.changed(scores=-v.scores),
            "A larger score means a larger probability."),
    Mistake("order", "two entries exchanged", "σ₂, σ₁", "softmax",
            "value", each(_exchanges, _exchanged),
            "The numbers are right: put them in the order of the classes."),
    Mistake("slip%", "claimed in per cent", "100·σ", "softmax",
            "value", lambda v: v.changed(losses=v.state.losses * 100),
            "Probabilities lie between 0 and 1: 66 % is 0.66.", common=COMMON, when=lambda v: not v.options.log),
)
"""In the order in which they are named where several fit."""
# fmt: on
