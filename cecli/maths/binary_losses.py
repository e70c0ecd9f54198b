"""Binary cross-entropy, entry by entry: an entry is one yes-or-no prediction, with its parts each from where it keeps its digits."""

from __future__ import annotations

from cecli.maths.information import surprisal
from cecli.maths.namespace import Array, namespace, quiet, safe_product
from cecli.maths.units import NATS, Base
from cecli.record import Record, computed_once


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

    @computed_once
    @quiet
    def tail(self) -> Array:
        """e^{−|z|}: the odds of the less likely side."""
        xp = namespace(self.z)
        return xp.exp(-xp.abs(self.z))

    @computed_once
    @quiet
    def rest(self) -> Array:
        """log1p(e^{−|z|}): what both surprisals have in common."""
        return namespace(self.z).log1p(self.tail)

    def _side(self, is_less: Array) -> Array:
        """σ of the less likely side where that is asked for, else of the other."""
        xp = namespace(self.z)
        return xp.where(is_less, self.tail, xp.ones_like(self.z)) / (1 + self.tail)

    def _surprisal(self, against: Array) -> Array:
        """The common part and what speaks against, where something does."""
        xp = namespace(self.z)
        found = xp.maximum(against, xp.zeros((), dtype=against.dtype, device=against.device))
        found += self.rest
        return self.base.of_nats(found)

    @computed_once
    @quiet
    def probability(self) -> Array:
        """p = σ(z)."""
        return self._side(self.z < 0)

    @computed_once
    @quiet
    def complement(self) -> Array:
        """1 − p."""
        return self._side(self.z >= 0)

    @computed_once
    @quiet
    def surprisal(self) -> Array:
        """−log p."""
        return self._surprisal(-self.z)

    @computed_once
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
