"""What the search for a temperature adds up over the samples: the loss and its slope, how the slopes scatter, and the ends."""

from __future__ import annotations

import math

from cecli.maths.namespace import Array, indexes, namespace, quiet, safe_product
from cecli.maths.temperature import LimitTerms, limit_terms, temperature_terms
from cecli.record import Record
from cecli.running.batches import Batch
from cecli.statistics.distributions import student_t_quantile
from cecli.statistics.paired import FEWEST
from cecli.statistics.sums import Sum

CONFIDENCE = 0.95
MOST_REACH = 30.0
"""An interval of ln T that reaches farther says nothing."""


class Fit(Record):
    """The sums over all samples at one temperature; mergeable."""

    loss: Sum = Sum()
    slope: Sum = Sum()
    curvature: Sum = Sum()
    weight: Sum = Sum()

    def __add__(self, other: Fit) -> Fit:
        return Fit(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def mean(self) -> float:
        """The mean cross-entropy in nats."""
        return self.loss.over(self.weight)

    @property
    def newton(self) -> float:
        """What Newton's step multiplies β by: 1 − slope/curvature."""
        slope, curvature = self.slope.over(self.weight), self.curvature.over(self.weight)
        return 1 - slope / curvature if curvature > 0 else math.nan


class Scatter(Record):
    """How the slopes of the samples scatter at one temperature: Σ(w·slope)², Σw²·curvature, Σw and Σw²; mergeable."""

    seen: Sum = Sum()
    expected: Sum = Sum()
    weight: Sum = Sum()
    square: Sum = Sum()

    def __add__(self, other: Scatter) -> Scatter:
        return Scatter(*(a + b for a, b in zip(self, other, strict=True)))

    def interval(self, temperature: float, curvature: float) -> tuple[float, float] | None:
        """T·e^(±t·σ), with σ² the variance of ln T̂: the larger of that which is seen (the sandwich) and that which the model expects.

        The first is right whatever the model, and too small where few samples are wrong; None where there are too few to tell.
        """
        units = self.weight.value * self.weight.over(self.square) if self.square.value > 0 else 0.0
        if units < FEWEST or curvature <= 0:
            return None
        scatter = math.sqrt(max(self.seen.value, self.expected.value)) / curvature
        reach = student_t_quantile((1 + CONFIDENCE) / 2, units - 1) * scatter
        return (temperature * math.exp(-reach), temperature * math.exp(reach)) if reach < MOST_REACH else None


class Limits(Record):
    """What the samples add up to at the ends, T → ∞ and T → 0; mergeable."""

    slope: Sum = Sum()
    size: Sum = Sum()
    constant: bool = True
    falling: bool = True
    impossible: tuple[str, int] | None = None
    """What a message calls the first sample, and its class, that is expected and has probability 0 at every temperature."""

    def __add__(self, other: Limits) -> Limits:
        return Limits(
            self.slope + other.slope,
            self.size + other.size,
            self.constant and other.constant,
            self.falling and other.falling,
            self.impossible or other.impossible,
        )


def fit_batch(batch: Batch, temperature: float) -> Fit:
    """The sums of a batch at a temperature."""
    target, logits, weight = _arrays(batch)
    terms = temperature_terms(target, logits, temperature)
    loss, slope, curvature = (Sum.of(safe_product(weight, part)) for part in terms)
    return Fit(loss, slope, curvature, Sum.of(weight))


def scatter_batch(batch: Batch, temperature: float) -> Scatter:
    """How the slopes of a batch scatter at a temperature."""
    target, logits, weight = _arrays(batch)
    terms = temperature_terms(target, logits, temperature)
    weighted, square = safe_product(weight, terms.slope), weight * weight
    parts = (weighted * weighted, safe_product(square, terms.curvature), weight, square)
    return Scatter(*(Sum.of(part) for part in parts))


def limits_of(batch: Batch, scale: float) -> Limits:
    """The ends of a batch's losses, of the samples that count."""
    target, logits, weight = _arrays(batch)
    xp = namespace(logits)
    counts = weight > 0
    terms = limit_terms(target, logits, scale)
    return Limits(
        Sum.of(safe_product(weight, terms.slope)),
        Sum.of(safe_product(weight, terms.size)),
        bool(xp.all(terms.constant | ~counts)),
        bool(xp.all(terms.falling | ~counts)),
        _first_impossible(terms, counts, batch),
    )


def _first_impossible(terms: LimitTerms, counts: Array, batch: Batch) -> tuple[str, int] | None:
    """The first sample that counts and can't have a finite loss, and its class."""
    samples, classes = indexes(terms.impossible & counts[:, None])
    if not samples.shape[0]:
        return None
    assert batch.seen is not None
    return batch.seen.where(batch.first + int(samples[0])), int(classes[0])


@quiet
def _arrays(batch: Batch) -> tuple[Array, Array, Array]:
    """Targets as rows, logits and weights in float64, so that T has all its digits whatever the type of the input."""
    xp = namespace(batch.prediction)
    logits = xp.astype(batch.prediction, xp.float64)
    target = batch.replace(prediction=logits).target_rows
    weight = xp.ones_like(logits[:, 0]) if batch.weights is None else xp.astype(batch.weights, xp.float64)
    return target, logits, weight if batch.mask is None else xp.where(batch.mask, weight, xp.zeros_like(weight))
