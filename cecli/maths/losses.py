"""Cross-entropy and squared error, sample by sample.

Every function returns its named parts; the loss is the last. The weights, the smoothing and the focal factor
change the parts, never the formula.
"""

from __future__ import annotations

from typing import Protocol

from cecli.maths.bits import either
from cecli.maths.information import surprisal
from cecli.maths.namespace import (
    Array,
    at_labels,
    namespace,
    one_hot,
    quiet,
    row_sum,
    safe_product,
    safe_product_sum,
    with_labels,
)
from cecli.maths.softmax import SoftmaxTerms, complement, log_softmax, softmax
from cecli.maths.units import NATS, Base
from cecli.record import Record, computed_once


class Prediction(Protocol):
    """A prediction as a loss needs it, over all classes or over the labelled one alone; most compute each part when it is first asked for."""

    @property
    def probability(self) -> Array:
        """q_k."""
        ...

    @property
    def surprisal(self) -> Array:
        """−log q_k, exact also where q_k is 1 to the last digit or underflows."""
        ...

    @property
    def complement(self) -> Array:
        """1 − q_k, likewise."""
        ...


class ClassPrediction(Prediction, Protocol):
    """What is predicted of every class."""

    def at(self, labels: Array) -> Prediction:
        """The same of the labelled classes alone."""
        ...

    def expected_surprisal(self, weight: Array) -> Array:
        """Σ_k w_k·(−log q_k) of each row, 0 where the weight is 0."""
        ...

    def smoothed_surprisal(self, labels: Array, epsilon: float) -> Array:
        """(1 − ε)·(−log q_y) + ε/K·Σ_k (−log q_k) of each row."""
        ...


class SurprisalSums:
    """The sums over the classes, for predictions that write the surprisal of each class down."""

    @quiet
    def expected_surprisal(self: Prediction, weight: Array) -> Array:
        """Σ_k w_k·(−log q_k) of each row."""
        return safe_product_sum(weight, self.surprisal)

    def smoothed_surprisal(self: Prediction, labels: Array, epsilon: float) -> Array:
        """(1 − ε)·(−log q_y) + ε/K·Σ_k (−log q_k) of each row."""
        return smoothed(self.surprisal, labels, epsilon)


class Predicted(SurprisalSums, Record):
    """A prediction of which every part is given."""

    probability: Array
    surprisal: Array
    complement: Array

    def at(self, labels: Array) -> Predicted:
        """The same of the labelled classes alone."""
        return Predicted(*(at_labels(part, labels) for part in self))


class PredictedByProbabilities(SurprisalSums):
    """What probabilities predict, clipped to [ε, 1 − ε] if that is asked for; each part is computed when it is first asked for."""

    def __init__(self, given: Array, base: Base = NATS, eps: float | None = None) -> None:
        self.given, self.base, self.eps = given, base, eps

    def at(self, labels: Array) -> PredictedByProbabilities:
        """The same of the labelled classes alone."""
        return PredictedByProbabilities(at_labels(self.given, labels), self.base, self.eps)

    @computed_once
    def probability(self) -> Array:
        """q_k."""
        return clip(self.given, self.eps)

    @computed_once
    def surprisal(self) -> Array:
        """−log q_k."""
        return surprisal(self.probability, self.base)

    @computed_once
    def complement(self) -> Array:
        """1 − q_k."""
        return 1 - self.probability

    @quiet
    def expected_surprisal(self, weight: Array) -> Array:
        """Σ_k w_k·(−log q_k) of each row; the logarithms are not turned one by one."""
        return 0.0 - safe_product_sum(weight, self.base.log(self.probability))


class Odds(Record):
    """What logits say against the label of each row; the last axis, of length 1, is kept."""

    against: Array
    """(1 − σ_y)/σ_y."""
    surprisal: Array
    """−log σ_y in nats."""


class PredictedByOdds:
    """What the logits of large arrays predict of their labels alone; each part is computed when it is first asked for."""

    def __init__(self, odds: Odds, base: Base = NATS) -> None:
        self.odds, self.surprisal = odds, base.of_nats(odds.surprisal)

    @computed_once
    @quiet
    def probability(self) -> Array:
        """q_y = 1/(1 + o)."""
        return 1 / (1 + self.odds.against)

    @computed_once
    @quiet
    def complement(self) -> Array:
        """1 − q_y = o/(1 + o)."""
        against = self.odds.against
        return namespace(against).where(against > 1, 1 / (1 + 1 / against), against / (1 + against))


class PredictedByLogits(SurprisalSums):
    """What logits predict, through the one stable log-softmax; each part is computed when it is first asked for.

    With labels only theirs are divided and logarithmised.
    """

    def __init__(self, terms: SoftmaxTerms, labels: Array | None = None, base: Base = NATS) -> None:
        self.terms, self.labels, self.base = terms, labels, base

    def at(self, labels: Array) -> PredictedByLogits:
        """The same of the labelled classes alone."""
        return PredictedByLogits(self.terms, labels, self.base)

    def _of_labels(self, values: Array) -> Array:
        """Values of all classes, or of the labelled ones."""
        return values if self.labels is None else at_labels(values, self.labels)

    @computed_once
    @quiet
    def probability(self) -> Array:
        """q_k."""
        return softmax(self.terms.replace(exponential=self._of_labels(self.terms.exponential)))

    @computed_once
    @quiet
    def surprisal(self) -> Array:
        """−log q_k, exact also where q_k is 1 to the last digit or underflows."""
        return self.base.of_nats(0.0 - log_softmax(self.terms.replace(lead=self._of_labels(self.terms.lead))))

    @computed_once
    @quiet
    def complement(self) -> Array:
        """1 − q_k, likewise."""
        return complement(self.probability, self.terms.others, self._of_labels(self.terms.top))


def all_parts(p: Prediction) -> Predicted:
    """Every part of a prediction, computed."""
    return Predicted(p.probability, p.surprisal, p.complement)


def clip(p: Array, eps: float | None) -> Array:
    """Probabilities clipped to [ε, 1 − ε], if that is asked for."""
    return p if eps is None else namespace(p).clip(p, eps, 1 - eps)


def smooth(target: Array, epsilon: float) -> Array:
    """Label smoothing: (1 − ε)·p + ε/K (Szegedy et al. 2016, arXiv:1512.00567, section 7)."""
    return target if epsilon == 0 else (1 - epsilon) * target + epsilon / target.shape[-1]


@quiet
def smoothed(surprisal: Array, labels: Array, epsilon: float) -> Array:
    """(1 − ε)·s_y + ε/K·Σ_k s_k of each row: what a row of targets that is smoothed makes of the surprisals."""
    even = epsilon / surprisal.shape[-1] * row_sum(surprisal)
    return even if epsilon == 1 else (1 - epsilon) * at_labels(surprisal, labels)[..., 0] + even


class CrossEntropyTerms:
    """The parts of ℓ = Σ_k w_k·p_k·(1 − q_k)^γ·(−log q_k); what the sum does not need is computed when it is asked for."""

    def __init__(self, weight: Array, prediction: ClassPrediction) -> None:
        self.weight, self.prediction = weight, prediction
        """w_k·p_k·(1 − q_k)^γ, what each surprisal counts; and what is predicted."""

    @computed_once
    @quiet
    def term(self) -> Array:
        """weight · surprisal, 0 where the weight is 0."""
        return safe_product(self.weight, self.prediction.surprisal)

    @computed_once
    def loss(self) -> Array:
        """Σ_k of the terms: one per sample."""
        return self.prediction.expected_surprisal(self.weight)


@quiet
def cross_entropy_terms(
    target: Array, prediction: ClassPrediction, class_weights: Array | None = None, focal: float = 0.0
) -> CrossEntropyTerms:
    """The parts of the cross-entropy H(p, q) = −Σ_k p_k·log q_k of rows p and q.

    `class_weights` has the shape of the target or of one row of it. The focal factor is that of Lin et al. 2017
    (arXiv:1708.02002, eq. 4), applied to each class's term.
    """
    weight = target if class_weights is None else target * class_weights
    if focal != 0:
        weight = weight * prediction.complement**focal
    return CrossEntropyTerms(weight, prediction)


class LabelTerms:
    """The same where the target is a label: p is 1 there, and one term is left."""

    def __init__(self, term: Array) -> None:
        self.term = term
        """One each; the last axis is kept."""

    @property
    def loss(self) -> Array:
        """The term: one per sample."""
        return self.term[..., 0]


@quiet
def label_terms(prediction: Prediction, class_weights: Array | None = None, focal: float = 0.0) -> LabelTerms:
    """The terms of labels; `prediction` and `class_weights` belong to the labelled classes alone."""
    weight = class_weights
    if focal != 0:
        factor = prediction.complement**focal
        weight = factor if weight is None else weight * factor
    return LabelTerms(prediction.surprisal if weight is None else safe_product(weight, prediction.surprisal))


class SmoothedTerms:
    """The same of a smoothed label y: (1 − ε)·(−log q_y) + ε/K·Σ_k (−log q_k), for which no row of targets is written down."""

    def __init__(self, prediction: ClassPrediction, labels: Array, epsilon: float) -> None:
        self.prediction, self.labels, self.epsilon = prediction, labels, epsilon

    @computed_once
    @quiet
    def term(self) -> Array:
        """A row each, as of any other target."""
        surprisal = self.prediction.surprisal
        target = one_hot(self.labels, int(surprisal.shape[-1]), surprisal)
        return safe_product(smooth(target, self.epsilon), surprisal)

    @computed_once
    def loss(self) -> Array:
        """The loss of the label and the mean loss of all classes, each with its share."""
        return self.prediction.smoothed_surprisal(self.labels, self.epsilon)


@quiet
def difference(target: Array, probability: Array, complement: Array) -> Array:
    """q − p without cancellation: from the complements where both are above ½."""
    confident = (probability > 0.5) & (target > 0.5)
    return either(confident, (1 - target) - complement, probability - target)


class SquaredErrorTerms(Record):
    """The parts of Σ_k (q_k − p_k)²."""

    error: Array
    """q_k − p_k."""

    @computed_once
    def term(self) -> Array:
        """(q_k − p_k)²."""
        return self.error * self.error

    @computed_once
    def loss(self) -> Array:
        """Σ_k of the terms: one per sample (the multi-class Brier score before its mean)."""
        return row_sum(self.term)


@quiet
def squared_error_terms(target: Array, prediction: Prediction) -> SquaredErrorTerms:
    """The parts of the squared distance of a prediction to its target, summed over the classes.

    Where both are above ½ the error is (1 − p) − (1 − q), so that a confident row keeps its digits.
    """
    return SquaredErrorTerms(difference(target, prediction.probability, prediction.complement))


@quiet
def label_squared_error_terms(labels: Array, prediction: ClassPrediction) -> SquaredErrorTerms:
    """The same for labels: q_k, and at the label −(1 − q)."""
    return SquaredErrorTerms(with_labels(prediction.probability, labels, 0 - prediction.at(labels).complement))
