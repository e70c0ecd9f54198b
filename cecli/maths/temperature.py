r"""The temperature of a softmax: how the cross-entropy changes with it, sample by sample.

    ℓ(β) = −Σ_k p_k·log σ_k(β·z),   β = 1/T
    dℓ/dβ = Σ_k σ_k·z_k − Σ_k p_k·z_k,   d²ℓ/dβ² = Σ_k σ_k·(z_k − Σ_j σ_j·z_j)² ≥ 0

so that ℓ is convex in β: the derivative, the mean logit under the prediction less that under the target, has one root at most.
All is written with the leads z_k − max z, from which no digit is lost where the model is sure.

Source: Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks", arXiv:1706.04599, section 4.2 and
supplement S.2.
"""

from __future__ import annotations

from cecli.maths.namespace import Array, namespace, quiet, safe_product
from cecli.maths.softmax import softmax, softmax_terms
from cecli.record import Record


class TemperatureTerms(Record):
    """The loss of each sample at a temperature, in nats, with its derivatives, which do not depend on the scale of the logits."""

    loss: Array
    """ℓ = Σ_k p_k·(−log σ_k(z/T))."""
    slope: Array
    """β·dℓ/dβ = Σ_k σ_k·d_k − Σ_k p_k·d_k with d = (z − max z)/T."""
    curvature: Array
    """β²·d²ℓ/dβ² = Σ_k σ_k·(d_k − Σ_j σ_j·d_j)²."""


@quiet
def temperature_terms(target: Array, z: Array, temperature: float) -> TemperatureTerms:
    """The cross-entropy of softmax(z / T) and its derivatives with respect to β = 1/T, for rows of targets."""
    xp = namespace(z)
    terms = softmax_terms(z, temperature)
    probability, lead = softmax(terms), terms.lead
    total = xp.sum(target, axis=-1)
    expected = xp.sum(safe_product(target, lead), axis=-1)
    predicted = xp.sum(safe_product(probability, lead), axis=-1)
    distance = xp.where(probability == 0, xp.zeros_like(lead), lead - predicted[:, None])
    spread = xp.sum(probability * distance * distance, axis=-1)
    return TemperatureTerms(
        total * xp.log1p(terms.others[:, 0]) - expected, total * predicted - expected, total * spread
    )


class LimitTerms(Record):
    """What the loss of each sample does at the ends: T → ∞, where all classes are alike, and T → 0, where the largest logit is certain."""

    slope: Array
    """dℓ/dβ at β = 0 times the scale: the mean logit of the classes that are not masked less that under the target."""
    size: Array
    """The sum of the magnitudes that the slope is the difference of."""
    constant: Array
    """True where the loss is the same at every temperature."""
    falling: Array
    """True where the loss never rises as T → 0: the target is all on the largest logit."""
    impossible: Array
    """True at each class that is expected and has probability 0 at every temperature."""


@quiet
def limit_terms(target: Array, z: Array, scale: float) -> LimitTerms:
    """The ends of every sample's loss; `scale` is about as large as the largest logit, so that nothing overflows."""
    xp = namespace(z)
    lead = softmax_terms(z, scale).lead
    largest = xp.max(z, axis=-1, keepdims=True)
    at_top = z == largest
    masked = (z == -xp.inf) | (~at_top & (largest == xp.inf))
    lead = xp.where(masked, xp.zeros_like(lead), lead)
    classes = xp.sum(xp.astype(~masked, z.dtype), axis=-1)
    uniform = xp.sum(target, axis=-1) * xp.sum(lead, axis=-1) / classes
    expected = xp.sum(target * lead, axis=-1)
    return LimitTerms(
        uniform - expected,
        xp.abs(uniform) + xp.abs(expected),
        xp.all(at_top | masked, axis=-1),
        xp.all(at_top | (target == 0), axis=-1),
        masked & (target > 0),
    )
