"""The work of a softmax, and the usual mistakes in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from cecli.maths.losses import BinaryByLogits
from cecli.maths.namespace import Array
from cecli.maths.softmax import log_softmax, softmax, softmax_terms
from cecli.maths.units import NATS, Base
from cecli.mistakes.loss import plain
from cecli.mistakes.method import Method, Mistake, other_bases
from cecli.mistakes.question import Question
from cecli.record import Record


class Softmax(Record):
    """The work of a softmax: scores and temperature, then probabilities, then what is shown of them."""

    scores: Array
    temperature: float
    log: bool
    base: Base = NATS
    probability: Any = None
    log_probability: Any = None
    """In nats."""
    value: Any = None


def softmax_method(question: Question) -> Method:
    """How the answer of `softmax` is worked out."""
    scores = np.asarray(question.blocks[0].prediction, dtype=np.float64)
    begun = Softmax(scores, question.temperature, question.log, question.base)
    return Method("softmax", (begun,), [("probability", _probabilities), ("value", _shown)], _value)


def _probabilities(w: Softmax) -> Softmax:
    """With the probabilities and their logarithms."""
    terms = softmax_terms(w.scores, w.temperature)
    return w.replace(probability=softmax(terms), log_probability=log_softmax(terms))


def _shown(w: Softmax) -> Softmax:
    """With the value: probabilities, or their logarithms in the base asked for."""
    return w.replace(value=w.base.of_nats(w.log_probability) if w.log else w.probability)


def _value(works: tuple[Softmax, ...]) -> Any:
    """The answer as a report has it: a row alone is a vector."""
    rows = plain(works[0].value.tolist())
    return rows[0] if len(rows) == 1 else rows


def _instead(of: Callable[[Softmax], Array]) -> Callable[[Softmax], Softmax]:
    """A change that puts other probabilities in place."""

    def change(w: Softmax) -> Softmax:
        found = of(w)
        return w.replace(probability=found, log_probability=np.log(found))

    return change


def _tempered(w: Softmax) -> Array:
    """z/T."""
    return w.scores / w.temperature


def _down(w: Softmax) -> Array:
    """The softmax down the columns."""
    return np.swapaxes(softmax(softmax_terms(np.swapaxes(w.scores, 0, 1), w.temperature)), 0, 1)


def _over_all(w: Softmax) -> Array:
    """One softmax over all values."""
    return softmax(softmax_terms(w.scores.reshape(1, -1), w.temperature)).reshape(w.scores.shape)


def _over_sum(w: Softmax) -> Array:
    """z/Σz."""
    return w.scores / w.scores.sum(axis=-1, keepdims=True)


def _where(
    condition: Callable[[Softmax], bool], name: str, what: Any = None
) -> Callable[[Softmax], list[tuple[str, Any]]]:
    """One way to make a mistake, where the condition is met."""
    return lambda w: [(name, what)] if condition(w) else []


def _several(w: Softmax) -> bool:
    """Whether there are several rows."""
    return len(w.scores) > 1


def _temperatures(w: Softmax) -> list[tuple[str, float]]:
    """What else may become of a temperature."""
    if w.temperature == 1:
        return []
    return [("temperature left out", 1.0), ("multiplied by the temperature in place of divided", 1 / w.temperature)]


SOFTMAX_MISTAKES = (
    Mistake(
        "M1",
        "another logarithm base",
        "log₁₀, log₂ or ln for the base asked for",
        "softmax",
        "inputs",
        lambda w, base: w.replace(base=base),
        "Name the base: nats are ln, bits are log₂, dits are log₁₀.",
        common=True,
        over=lambda w: other_bases(w.base) if w.log else [],
    ),
    Mistake(
        "log",
        "logarithm forgotten",
        "σ for log σ",
        "softmax",
        "inputs",
        lambda w, _: w.replace(log=False),
        "The logarithm of the probabilities is asked for.",
        common=True,
        over=_where(lambda w: w.log, "logarithm forgotten"),
    ),
    Mistake(
        "log",
        "logarithm taken",
        "ln σ for σ",
        "softmax",
        "inputs",
        lambda w, _: w.replace(log=True, base=NATS),
        "The probabilities themselves are asked for.",
        common=True,
        over=_where(lambda w: not w.log, "logarithm taken"),
    ),
    Mistake(
        "T",
        "temperature left out, or multiplied in place of divided",
        "z·T for z/T",
        "softmax",
        "inputs",
        lambda w, t: w.replace(temperature=t),
        "The scores are divided by the temperature.",
        common=True,
        over=_temperatures,
    ),
    Mistake(
        "M11",
        "softmax applied twice",
        "softmax(softmax(z))",
        "softmax",
        "probability",
        _instead(lambda w: softmax(softmax_terms(w.probability))),
        "Apply the softmax once.",
        common=True,
    ),
    Mistake(
        "M12",
        "softmax not applied: scores divided by their sum",
        "z/Σz",
        "softmax",
        "probability",
        _instead(_over_sum),
        "Take e^z of each score first, then divide by the sum.",
        common=True,
    ),
    Mistake(
        "M4",
        "missing minus sign",
        "−log σ",
        "softmax",
        "value",
        lambda w, _: w.replace(value=-w.value),
        "Logarithms of probabilities are negative.",
        over=_where(lambda w: w.log, "sign turned"),
        common=True,
    ),
    Mistake(
        "M14",
        "2^z in place of e^z",
        "2^z/Σ2^z",
        "softmax",
        "inputs",
        lambda w: w.replace(scores=w.scores * math.log(2)),
        "The softmax is made of powers of e.",
    ),
    Mistake(
        "M14",
        "softmax over the other axis",
        "softmax down the columns",
        "softmax",
        "probability",
        lambda w, _: _instead(_down)(w),
        "Each row is a sample: its own probabilities sum to 1.",
        over=_where(_several, "softmax down the columns"),
    ),
    Mistake(
        "M14",
        "one softmax over all values",
        "e^z/ΣΣe^z",
        "softmax",
        "probability",
        lambda w, _: _instead(_over_all)(w),
        "Each row is a sample: its own probabilities sum to 1.",
        over=_where(_several, "one softmax over all values"),
    ),
    Mistake(
        "M13",
        "sigmoid of each score",
        "σ(z) = 1/(1 + e^{−z})",
        "softmax",
        "probability",
        _instead(lambda w: BinaryByLogits(_tempered(w)).probability),
        "The probabilities of the classes share one sum.",
    ),
    Mistake(
        "sum",
        "not divided by the sum",
        "e^z",
        "softmax",
        "probability",
        _instead(lambda w: np.exp(_tempered(w))),
        "Divide by the sum of all e^z.",
    ),
    Mistake(
        "sum",
        "not divided by the sum, after the largest was taken off",
        "e^{z − max z}",
        "softmax",
        "probability",
        _instead(lambda w: softmax_terms(w.scores, w.temperature).exponential),
        "Divide by the sum of all e^{z − max z}.",
    ),
    Mistake(
        "sum",
        "sum without the score's own term",
        "e^{zᵢ}/Σ_{j≠i} e^{zⱼ}",
        "softmax",
        "probability",
        _instead(lambda w: w.probability / (1 - w.probability)),
        "The sum is over all classes, the one on top too.",
    ),
    Mistake(
        "sign",
        "e^{−z} in place of e^z",
        "e^{−z}/Σe^{−z}",
        "softmax",
        "inputs",
        lambda w: w.replace(scores=-w.scores),
        "A larger score means a larger probability.",
    ),
)
"""In the order in which they are named where several fit."""
