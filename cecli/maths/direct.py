"""The softmax of large arrays, straight from e^z: nearly as exact as `softmax.py`, in fewer passes over the numbers.

    σ_y = e^{z_y} / (e^{z_y} + R),   −log σ_y = log1p(R / e^{z_y}),   1 − σ_y = R / (e^{z_y} + R),   R = Σ_{k≠y} e^{z_k}

Textbooks subtract the largest logit first, so that no exponential overflows. That rounds the difference, and exp turns its error into
one of as many units as the difference is large. The logit itself is exact, and so are nearly all exponentials: only rows
beyond their range are taken to `softmax.py`. All sums are of positive numbers, so nothing cancels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cecli.maths.namespace import Array, apart, at_labels, namespace, quiet, recomputed
from cecli.maths.softmax import complement, softmax_terms


class Odds(NamedTuple):
    """What logits say against the label of each row; the last axis, of length 1, is kept."""

    against: Array
    """(1 − σ_y)/σ_y."""
    surprisal: Array
    """−log σ_y in nats."""


@quiet
def label_odds(z: Array, labels: Array) -> Odds:
    """The odds against labels y, R/e^{z_y}, and −log σ_y."""
    xp = namespace(z)
    chosen, rest = apart(xp.exp(z), labels)
    against = rest / chosen
    found = Odds(against, xp.log1p(against))
    reach = _reach(z)
    if all(bool(xp.min(x) >= 1 / reach) and bool(xp.max(x) <= reach) for x in (chosen, rest)):
        return found
    least, most = xp.minimum(chosen, rest), xp.maximum(chosen, rest)
    return Odds(*recomputed(found, (least < 1 / reach) | (most > reach), _odds_by_terms, z, labels))


@quiet
def _odds_by_terms(z: Array, labels: Array) -> Odds:
    """The same of logits whose exponentials are beyond reach."""
    terms = softmax_terms(z)
    probability = at_labels(terms.exponential, labels) / (1 + terms.others)
    against = complement(probability, terms.others, at_labels(terms.top, labels)) / probability
    return Odds(against, namespace(z).log1p(terms.others) - at_labels(terms.lead, labels))


def _reach(z: Array) -> float:
    """Exponentials between 1/r and r lose nothing when they are summed and divided."""
    xp: Any = namespace(z)
    return 1e150 if z.dtype == xp.float64 else 1e15
