"""What a batch of one model gives: errors, squared errors and losses, sample by sample and added up."""

from __future__ import annotations

import numpy as np

from cecli.maths.losses import ClassPrediction
from cecli.maths.namespace import Array, count_true, namespace, on_cpu, quiet, safe_product
from cecli.maths.units import Base
from cecli.quantities import classification_error, cross_entropy, squared_error
from cecli.quantities.batch_summary import NAMED_INFINITE, NamedInfinite, named
from cecli.quantities.predictions import with_prediction
from cecli.quantities.states import AnyState, after, state_of
from cecli.record import Record
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.statistics.sums import Sum, Totals

LOOKED_AT = 10_000
"""In so many samples it is looked what a mistake would cost."""


class ModelTotals(Record):
    """What the summary of a model is made of; mergeable."""

    wrong: Totals = Totals()
    squared: Totals = Totals()
    loss: Totals = Totals()
    errors: int = 0
    ties: int = 0
    infinite: NamedInfinite = ()
    infinite_count: int = 0
    classes: int = 0
    """How many classes predicted labels and their targets show."""
    score: Totals = Totals()
    largest: float = 0.0
    """The largest loss of a sample that counts, or score."""

    def __add__(self, other: ModelTotals) -> ModelTotals:
        return ModelTotals(
            self.wrong + other.wrong,
            self.squared + other.squared,
            self.loss + other.loss,
            self.errors + other.errors,
            self.ties + other.ties,
            (self.infinite + other.infinite)[:NAMED_INFINITE],
            self.infinite_count + other.infinite_count,
            max(self.classes, other.classes),
            self.score + other.score,
            max(self.largest, other.largest),
        )

    @property
    def accuracy(self) -> float:
        """The share of right answers, from the weights themselves: 1 − the error rate would show its rounding."""
        return (self.wrong.weights - Sum(self.wrong.values.value)).over(self.wrong.weights)


class Mistaken(Record):
    """What each sample would cost more if another class were right, at least, and how likely the model holds that."""

    loss: np.ndarray
    squared: np.ndarray
    odds: np.ndarray
    """p·(1 − p) of the expected class."""

    @classmethod
    @quiet
    def of(cls, predicted: ClassPrediction, expected: Array, base: Base) -> Mistaken:
        """log(p/(1−p)) and 2·p² − 2·(1−p)² of the expected classes, which is exact for two classes."""
        own = predicted.at(expected)
        p, q = (on_cpu(part).reshape(-1).astype(np.float64) for part in (own.probability, own.complement))
        return cls(on_cpu(base.of_nats(np.log(p) - np.log(q))), 2 * (p - q), p * q)


class ModelBatch(Record):
    """What a batch of one model gave: totals, and the numbers of each sample for pairs and tables."""

    totals: ModelTotals
    loss: np.ndarray
    """Each sample's own loss, without its weight."""
    right: np.ndarray
    chosen: np.ndarray
    expected: np.ndarray
    counted: np.ndarray
    """False for samples that are left out or have weight 0."""
    squared: np.ndarray
    """Each sample's own squared error."""
    weight: np.ndarray | None = None
    """None where all samples weigh the same."""
    score: np.ndarray | None = None
    """Each sample's own score, where scores are compared."""
    mistaken: Mistaken | None = None
    """Known of the first samples, where the targets are labels."""

    @property
    def wrong(self) -> np.ndarray:
        """Where another class is the largest."""
        wrong: np.ndarray = ~self.right
        return wrong

    def taken(self, chosen: np.ndarray) -> ModelBatch:
        """Some of the samples, with the totals of all."""
        arrays = {name: part[chosen] for name, part in self._asdict().items() if isinstance(part, np.ndarray)}
        return self.replace(**arrays, mistaken=None)


@quiet
def model_batch(batch: Batch, options: Options) -> ModelBatch:
    """Error, squared error and cross-entropy of every sample of a batch; ties go to the lowest index."""
    given: AnyState = with_prediction(state_of(batch.replace(weights=None), options))
    ranked = after(classification_error.STAGES[1:], given)
    decided = ranked.terms
    squared = after(squared_error.STAGES[1:], given).losses
    measures = cross_entropy.batch_losses(after(cross_entropy.STAGES[1:], given))
    own, wrong = measures.values["loss"], decided.loss
    weight, counted = _weights(batch, measures.weights)
    errors, ties = (count_true(which & counted) for which in (wrong > 0, classification_error.tied(ranked)))
    weights = Sum.of(weight)
    sums = [Totals(Sum.of(safe_product(weight, value)), weights) for value in (wrong, squared, own)]
    mistaken = None
    if batch.first < LOOKED_AT:
        mistaken = Mistaken.of(given.prediction, decided.expected, options.base)
    parts = (own, wrong == 0, decided.chosen, decided.expected, counted, squared)
    loss, right, chosen, expected, counted, squared = map(on_cpu, parts)
    infinite = [pair for pair in measures.infinite() if counted[pair[0] - batch.first]]
    largest = float(np.max(loss, initial=0.0, where=counted))
    of_notes = named(infinite, batch), len(infinite)
    totals = ModelTotals(sums[0], sums[1], sums[2], errors, ties, *of_notes, largest=largest)
    own_weight = None if batch.weights is None else on_cpu(weight)
    return ModelBatch(totals, loss, right, chosen, expected, counted, squared, own_weight, mistaken=mistaken)


def _weights(batch: Batch, of_targets: Array) -> tuple[Array, Array]:
    """What each sample counts in a mean (0 where it is left out), and whether it counts at all."""
    xp = namespace(of_targets)
    weight = of_targets if batch.weights is None else of_targets * xp.astype(batch.weights, of_targets.dtype)
    if batch.mask is not None:
        weight = xp.where(batch.mask, weight, xp.zeros_like(weight))
    return weight, weight > 0
