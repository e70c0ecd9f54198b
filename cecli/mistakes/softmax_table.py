"""The work of a softmax, and the usual mistakes in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from cecli.maths.losses import BinaryByLogits
from cecli.maths.namespace import Array
from cecli.maths.softmax import softmax, softmax_terms
from cecli.maths.units import NATS
from cecli.mistakes.method import Method, Mistake, other_bases
from cecli.mistakes.problem import Problem
from cecli.mistakes.state_work import StateWork, on_state, plain
from cecli.quantities.softmax import STAGES
from cecli.quantities.states import State
from cecli.record import Record


class SoftmaxValues(Record):
    """Probabilities that a mistake put in place, and their logarithms."""

    probability: Array
    log_probability: Array


class SoftmaxWork(StateWork):
    """A state of raw scores; its losses are what is shown of them."""

    @property
    def temperature(self) -> float:
        """What the scores are divided by."""
        return self.state.options.temperature

    @property
    def log(self) -> bool:
        """Whether logarithms are asked for."""
        return self.state.options.log

    @property
    def probability(self) -> Array:
        """The probabilities."""
        probability: Array = self.state.prediction.probability
        return probability

    @property
    def value(self) -> Array:
        """What is shown."""
        return self.state.losses

    def _with_probability(self, state: State, probability: Array) -> State:
        return state.replace(prediction=SoftmaxValues(probability, np.log(probability)))

    def _with_value(self, state: State, value: Array) -> State:
        return state.replace(losses=value)


def softmax_method(problem: Problem) -> Method:
    """How the answer of `softmax` is worked out."""
    scores = np.asarray(problem.batches[0].prediction, dtype=np.float64)
    begun = SoftmaxWork(State(scores, problem.options))
    return Method("softmax", (begun,), [(name, on_state(stage)) for name, stage in STAGES], _value)


def _value(works: tuple[SoftmaxWork, ...]) -> Any:
    """The answer as a report has it: a row alone is a vector."""
    rows = plain(works[0].value.tolist())
    return rows[0] if len(rows) == 1 else rows


def _instead(of: Callable[[SoftmaxWork], Array]) -> Callable[[SoftmaxWork], SoftmaxWork]:
    """A change that puts other probabilities in place."""

    return lambda w: w.changed(probability=of(w))


def _tempered(w: SoftmaxWork) -> Array:
    """z/T."""
    return w.scores / w.temperature


def _down(w: SoftmaxWork) -> Array:
    """The softmax down the columns."""
    return np.swapaxes(softmax(softmax_terms(np.swapaxes(w.scores, 0, 1), w.temperature)), 0, 1)


def _over_all(w: SoftmaxWork) -> Array:
    """One softmax over all values."""
    return softmax(softmax_terms(w.scores.reshape(1, -1), w.temperature)).reshape(w.scores.shape)


def _over_sum(w: SoftmaxWork) -> Array:
    """z/Σz."""
    return w.scores / w.scores.sum(axis=-1, keepdims=True)


def _where(
    condition: Callable[[SoftmaxWork], bool], name: str, what: Any = None
) -> Callable[[SoftmaxWork], list[tuple[str, Any]]]:
    """One way to make a mistake, where the condition is met."""
    return lambda w: [(name, what)] if condition(w) else []


def _several(w: SoftmaxWork) -> bool:
    """Whether there are several rows."""
    return len(w.scores) > 1


def _temperatures(w: SoftmaxWork) -> list[tuple[str, float]]:
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
        lambda w, base: w.changed(base=base),
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
        lambda w, _: w.changed(log=False),
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
        lambda w, _: w.changed(log=True, base=NATS),
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
        lambda w, t: w.changed(temperature=t),
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
        lambda w, _: w.changed(value=-w.value),
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
        lambda w: w.changed(scores=w.scores * math.log(2)),
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
        lambda w: w.changed(scores=-w.scores),
        "A larger score means a larger probability.",
    ),
)
"""In the order in which they are named where several fit."""
