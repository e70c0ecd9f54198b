"""Softmax and log-softmax: the one place where logits become (log-)probabilities.

    σ_i(z) = e^{z_i} / Σ_j e^{z_j}

The largest logit m is taken out first, and the classes other than the largest are summed on their own:
with S = Σ_{k≠top} e^{z_k−m},

    σ_k = e^{z_k−m} / (1 + S),   log σ_k = (z_k − m) − log1p(S),   1 − σ_top = S / (1 + S)

so that a confident row keeps its digits: a lead of 40 gives a loss of e⁻⁴⁰ and not 0. The differences z_k − m
are kept to twice the digits, because exp turns their rounding error into a relative one of the probability.
Large arrays go a quicker way that is nearly as exact: `direct.py`.
"""

from __future__ import annotations

import numpy as np

from cecli.maths.exact import two_quotient, two_sum
from cecli.maths.namespace import Array, is_finite, namespace, quiet
from cecli.record import Record


class SoftmaxTerms(Record):
    """The parts of a softmax over the last axis: what the working shows and all else is made of."""

    lead: Array
    """(z_k − max z) / T, never positive; −inf for a masked class."""
    exponential: Array
    """e^lead."""
    others: Array
    """S: the sum of the exponentials of all classes but the top one; the last axis is kept."""

    @property
    def top(self) -> Array:
        """True at the (first) largest logit of each row."""
        xp = namespace(self.lead)
        return xp.arange(self.lead.shape[-1], device=self.lead.device) == xp.argmax(self.lead, axis=-1, keepdims=True)


@quiet
def softmax_terms(z: Array, temperature: float = 1.0) -> SoftmaxTerms:
    """The parts of softmax(z / T) over the last axis.

    A logit of −inf is a masked class (probability 0); one of +inf is certainty. A row with two +inf or
    nothing but −inf has no softmax: keep it out (`checks.logits`).
    """
    xp = namespace(z)
    largest = xp.max(z, axis=-1, keepdims=True)
    lead, lost = _lead(z, largest, temperature)
    exponential = xp.exp(lead)
    lost *= exponential
    exponential += lost
    return SoftmaxTerms(lead, exponential, sum_of_others(exponential))


@quiet
def terms_of_shares(shares: Array) -> SoftmaxTerms:
    """The parts for shares of a whole, such as counts divided by their sum: e^z is known, and z is its logarithm."""
    xp = namespace(shares)
    exponential = shares / xp.max(shares, axis=-1, keepdims=True)
    return SoftmaxTerms(xp.log(exponential), exponential, sum_of_others(exponential))


@quiet
def sum_of_others(exponential: Array) -> Array:
    """The sum of all exponentials e^{z_k−m} of a row but one of those that are 1: of the rest as it is, and of the ones beyond the first.

    The largest logit has the exponential 1, and no other has more, so that the whole parts are the ones.
    """
    xp = namespace(exponential)
    ones = xp.floor(exponential)
    more = xp.sum(ones, axis=-1, keepdims=True) - 1
    return xp.sum(exponential - ones, axis=-1, keepdims=True) + more


@quiet
def _lead(z: Array, largest: Array, temperature: float) -> tuple[Array, Array]:
    """(z − largest)/T to twice the digits: its rounded value and what that lost."""
    xp = namespace(z)
    if temperature == 1.0:
        difference, lost = two_sum(z, -largest)
        return _certain(z, largest, difference), lost
    scale = _headroom(z)
    difference, lost = two_sum(z * scale, -largest * scale)
    difference = _certain(z, largest, difference)
    t = xp.asarray(temperature, dtype=z.dtype, device=z.device) * scale
    quotient, remainder = two_quotient(difference, t)
    quotient = xp.where(difference == 0, xp.zeros_like(z), quotient)
    return quotient, remainder + xp.where(lost == 0, xp.zeros_like(z), lost / t)


@quiet
def _certain(z: Array, largest: Array, difference: Array) -> Array:
    """z − largest, with ∞ − ∞ = 0 where a logit of +inf is the largest."""
    xp = namespace(z)
    if xp is np and is_finite(largest):
        return difference
    return xp.where(z == largest, xp.zeros_like(z), difference)


@quiet
def _headroom(z: Array) -> Array:
    """A power of two for each row by which huge logits (and T with them) are scaled, so that no step overflows."""
    xp = namespace(z)
    huge, scale = (2.0**960, 2.0**-64) if z.dtype == xp.float64 else (2.0**100, 2.0**-20)
    size = xp.max(xp.where(xp.isfinite(z), xp.abs(z), xp.zeros_like(z)), axis=-1, keepdims=True)
    return xp.where(size > huge, xp.full_like(size, scale), xp.ones_like(size))


@quiet
def softmax(terms: SoftmaxTerms) -> Array:
    """σ_k: the probabilities of the classes."""
    return terms.exponential / (1 + terms.others)


@quiet
def log_softmax(terms: SoftmaxTerms) -> Array:
    """log σ_k in nats, exact to the last digits also where σ_k is 1 to the last digit or underflows to 0."""
    xp = namespace(terms.lead)
    return terms.lead - xp.log1p(terms.others)


@quiet
def complement(probability: Array, others: Array, top: Array) -> Array:
    """1 − σ_k: for the top class from the others, so that a confident row keeps its digits."""
    return namespace(probability).where(top, others / (1 + others), 1 - probability)
