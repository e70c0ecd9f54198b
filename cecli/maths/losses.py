"""Cross-entropy, binary cross-entropy and squared error, sample by sample.

Every function returns its named parts; the loss is the last. The weights, the smoothing and the focal factor
change the parts, never the formula.
"""

from __future__ import annotations

from functools import cached_property

from cecli.maths.information import surprisal
from cecli.maths.namespace import Array, at_labels, is_finite, namespace, quiet, row_product_sum, safe_product
from cecli.maths.softmax import SoftmaxTerms, complement, log_softmax, softmax
from cecli.maths.units import NATS, Base
from cecli.record import Record


class Predicted(Record):
    """A prediction as a loss needs it, over all classes or over the labelled one alone."""

    probability: Array
    """q_k."""
    surprisal: Array
    """−log q_k, exact also where q_k is 1 to the last digit or underflows."""
    complement: Array
    """1 − q_k, likewise."""

    def at(self, labels: Array) -> Predicted:
        """The same of the labelled classes alone."""
        return Predicted(*(at_labels(part, labels) for part in self))


class PredictedByProbabilities:
    """What probabilities predict; surprisal and complement are computed when they are first asked for."""

    def __init__(self, probability: Array, base: Base = NATS) -> None:
        self.probability, self.base = probability, base

    def at(self, labels: Array) -> PredictedByProbabilities:
        """The same of the labelled classes alone."""
        return PredictedByProbabilities(at_labels(self.probability, labels), self.base)

    @cached_property
    def surprisal(self) -> Array:
        """−log q_k."""
        return surprisal(self.probability, self.base)

    @cached_property
    def complement(self) -> Array:
        """1 − q_k."""
        return 1 - self.probability


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

    @cached_property
    @quiet
    def probability(self) -> Array:
        """q_y = 1/(1 + o)."""
        return 1 / (1 + self.odds.against)

    @cached_property
    @quiet
    def complement(self) -> Array:
        """1 − q_y = o/(1 + o)."""
        against = self.odds.against
        return namespace(against).where(against > 1, 1 / (1 + 1 / against), against / (1 + against))


class PredictedByLogits:
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

    @cached_property
    @quiet
    def probability(self) -> Array:
        """q_k."""
        return softmax(self.terms.replace(exponential=self._of_labels(self.terms.exponential)))

    @cached_property
    @quiet
    def surprisal(self) -> Array:
        """−log q_k, exact also where q_k is 1 to the last digit or underflows."""
        return self.base.of_nats(0.0 - log_softmax(self.terms.replace(lead=self._of_labels(self.terms.lead))))

    @cached_property
    @quiet
    def complement(self) -> Array:
        """1 − q_k, likewise."""
        return complement(self.probability, self.terms.others, self._of_labels(self.terms.top))


ClassPrediction = Predicted | PredictedByProbabilities | PredictedByLogits
"""What is predicted of every class."""

Prediction = ClassPrediction | PredictedByOdds


def all_parts(p: Prediction) -> Predicted:
    """Every part of a prediction, computed."""
    return Predicted(p.probability, p.surprisal, p.complement)


def smooth(target: Array, epsilon: float) -> Array:
    """Label smoothing: (1 − ε)·p + ε/K (Szegedy et al. 2016, arXiv:1512.00567, section 7)."""
    return target if epsilon == 0 else (1 - epsilon) * target + epsilon / target.shape[-1]


class CrossEntropyTerms:
    """The parts of ℓ = Σ_k w_k·p_k·(1 − q_k)^γ·(−log q_k); what the sum does not need is computed when it is asked for."""

    def __init__(self, weight: Array, surprisal: Array) -> None:
        self.weight, self.surprisal = weight, surprisal
        """w_k·p_k·(1 − q_k)^γ, what each surprisal counts; and −log q_k."""

    @cached_property
    @quiet
    def term(self) -> Array:
        """weight · surprisal, 0 where the weight is 0."""
        return safe_product(self.weight, self.surprisal)

    @cached_property
    @quiet
    def loss(self) -> Array:
        """Σ_k of the terms: one per sample."""
        if self.surprisal.shape[-1] == 1:
            return self.term[..., 0]
        total = row_product_sum(self.weight, self.surprisal)
        return total if is_finite(total) else namespace(self.term).sum(self.term, axis=-1)


@quiet
def cross_entropy_terms(
    target: Array, prediction: Prediction, class_weights: Array | None = None, focal: float = 0.0
) -> CrossEntropyTerms:
    """The parts of the cross-entropy H(p, q) = −Σ_k p_k·log q_k of rows p and q.

    `class_weights` has the shape of the target or of one row of it. The focal factor is that of Lin et al. 2017
    (arXiv:1708.02002, eq. 4), applied to each class's term.
    """
    weight = target if class_weights is None else target * class_weights
    if focal != 0:
        weight = weight * prediction.complement**focal
    return CrossEntropyTerms(weight, prediction.surprisal)


@quiet
def label_terms(prediction: Prediction, class_weights: Array | None = None, focal: float = 0.0) -> CrossEntropyTerms:
    """The same where the target is a label: p is 1 there, and one term is left. `prediction` and `class_weights` are of the labels."""
    surprisal = prediction.surprisal
    xp = namespace(surprisal)
    one = xp.broadcast_to(xp.ones((1, 1), dtype=surprisal.dtype, device=surprisal.device), surprisal.shape)
    terms = cross_entropy_terms(one, prediction, class_weights, focal)
    if class_weights is None and focal == 0:
        terms.term = surprisal  # all weights are 1
    return terms


class BinaryTerms(Record):
    """The parts of ℓ = w·y·(1−p)^γ·(−log p) + (1−y)·p^γ·(−log(1−p)), entry by entry."""

    positive: Array
    """w·y·(1−p)^γ·(−log p)."""
    negative: Array
    """(1−y)·p^γ·(−log(1−p))."""
    loss: Array
    """Their sum."""

    @property
    def term(self) -> Array:
        """Both, with an axis more."""
        return namespace(self.loss).stack([self.positive, self.negative], axis=-1)


class BinaryPredicted(Record):
    """A binary prediction: p and 1 − p with their surprisals, each from where it keeps its digits."""

    probability: Array
    complement: Array
    surprisal: Array
    """−log p."""
    complement_surprisal: Array
    """−log(1 − p)."""


@quiet
def binary_by_probabilities(p: Array, base: Base = NATS) -> BinaryPredicted:
    """What probabilities of the positive class predict; −log(1 − p) is −log1p(−p)."""
    xp = namespace(p)
    return BinaryPredicted(p, 1 - p, surprisal(p, base), base.of_nats(0.0 - xp.log1p(-p)))


class BinaryByLogits:
    """What logits predict: −log σ(z) = log1p(e^{−|z|}) + max(−z, 0), the one stable log-sigmoid.

    Each part is computed when it is first asked for.
    """

    def __init__(self, z: Array, base: Base = NATS) -> None:
        self.z, self.base = z, base

    @cached_property
    @quiet
    def tail(self) -> Array:
        """e^{−|z|}: the odds of the less likely side."""
        xp = namespace(self.z)
        return xp.exp(-xp.abs(self.z))

    @cached_property
    @quiet
    def rest(self) -> Array:
        """log1p(e^{−|z|}): what both surprisals have in common."""
        return namespace(self.z).log1p(self.tail)

    def _side(self, is_less: Array) -> Array:
        """σ of the less likely side where that is meant, else of the other."""
        xp = namespace(self.z)
        return xp.where(is_less, self.tail, xp.ones_like(self.z)) / (1 + self.tail)

    def _surprisal(self, against: Array) -> Array:
        """The common part and what speaks against, where something does."""
        xp = namespace(self.z)
        found = xp.maximum(against, xp.zeros((), dtype=against.dtype, device=against.device))
        found += self.rest
        return self.base.of_nats(found)

    @cached_property
    @quiet
    def probability(self) -> Array:
        """p = σ(z)."""
        return self._side(self.z < 0)

    @cached_property
    @quiet
    def complement(self) -> Array:
        """1 − p."""
        return self._side(self.z >= 0)

    @cached_property
    @quiet
    def surprisal(self) -> Array:
        """−log p."""
        return self._surprisal(-self.z)

    @cached_property
    @quiet
    def complement_surprisal(self) -> Array:
        """−log(1 − p)."""
        return self._surprisal(self.z)


BinaryPrediction = BinaryPredicted | BinaryByLogits


def all_binary_parts(p: BinaryPrediction) -> BinaryPredicted:
    """Every part of a binary prediction, computed."""
    return BinaryPredicted(p.probability, p.complement, p.surprisal, p.complement_surprisal)


@quiet
def binary_terms(y: Array, p: BinaryPrediction, pos_weight: float = 1.0, focal: float = 0.0) -> BinaryTerms:
    """The parts of the binary cross-entropy −[y·log p + (1−y)·log(1−p)]."""
    positive_weight, negative_weight = y if pos_weight == 1 else pos_weight * y, 1 - y
    if focal != 0:
        positive_weight = positive_weight * p.complement**focal
        negative_weight = negative_weight * p.probability**focal
    positive = safe_product(positive_weight, p.surprisal)
    negative = safe_product(negative_weight, p.complement_surprisal)
    return BinaryTerms(positive, negative, positive + negative)


def smooth_binary(y: Array, epsilon: float) -> Array:
    """Label smoothing of two classes: (1 − ε)·y + ε/2."""
    return y if epsilon == 0 else (1 - epsilon) * y + epsilon / 2


@quiet
def difference(target: Array, probability: Array, complement: Array) -> Array:
    """q − p without cancellation: from the complements where both are above ½."""
    xp = namespace(target, probability)
    confident = (probability > 0.5) & (target > 0.5)
    return xp.where(confident, (1 - target) - complement, probability - target)


class SquaredErrorTerms(Record):
    """The parts of Σ_k (q_k − p_k)²."""

    error: Array
    """q_k − p_k."""
    term: Array
    """(q_k − p_k)²."""
    loss: Array
    """Σ_k of the terms: one per sample (the multi-class Brier score before its mean)."""


@quiet
def squared_error_terms(target: Array, prediction: Prediction) -> SquaredErrorTerms:
    """The parts of the squared distance of a prediction to its target, summed over the classes.

    Where both are above ½ the error is (1 − p) − (1 − q), so that a confident row keeps its digits.
    """
    xp = namespace(target)
    error = difference(target, prediction.probability, prediction.complement)
    return SquaredErrorTerms(error, error * error, xp.sum(error * error, axis=-1))
