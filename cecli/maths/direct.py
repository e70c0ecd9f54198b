"""Large arrays in fewer passes over the numbers, nearly as exact: the softmax and the losses straight from e^z.

    σ_y = e^{z_y} / (e^{z_y} + R),   −log σ_y = log1p(R / e^{z_y}),   1 − σ_y = R / (e^{z_y} + R),   R = Σ_{k≠y} e^{z_k}

Textbooks subtract the largest logit first, so that no exponential overflows. That rounds the difference, and exp turns its error into
one of as many units as the difference is large. The logit itself is exact, and so are nearly all exponentials: only rows
beyond their range are taken to `softmax.py`. All sums add positive numbers, so nothing cancels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from cecli.maths import gradients
from cecli.maths import softmax as stable
from cecli.maths.losses import Odds, PredictedByLogits, PredictedByOdds, smoothed
from cecli.maths.namespace import (
    VERY_FEW_CLASSES,
    Array,
    apart,
    at_labels,
    class_major,
    in_pieces,
    is_class_major,
    is_finite,
    log1p,
    namespace,
    put_at_labels,
    quiet,
    recomputed,
    row_product_sum,
    row_sum,
    safe_product_sum,
)
from cecli.maths.units import NATS, Base
from cecli.record import computed_once

REACH = {"float64": 1e150, "float32": 1e15}
"""Exponentials between 1/r and r lose nothing when they are summed and divided."""


def _reach(z: Array) -> float:
    """The reach of the type of z."""
    return REACH["float64" if z.dtype == namespace(z).float64 else "float32"]


def _beyond(z: Array, total: Array) -> Array | None:
    """The rows whose sum of exponentials is too large, or so small that one of them may have lost digits; None if there is none."""
    xp, reach = namespace(z), _reach(z)
    lowest = -math.log(reach)
    if bool(xp.max(total) <= reach) and (bool(xp.min(total) >= 1) or bool(xp.min(z) >= lowest)):
        return None
    return (total > reach) | ((total < 1) & (xp.min(z, axis=-1, keepdims=True) < lowest))


def _into(out: Array | None) -> dict[str, Array]:
    """The keyword that has NumPy write a result where it belongs; other libraries have none."""
    return {} if out is None else {"out": out}


# --- of all classes -----------------------------------------------------------------------------------------------


@quiet
def softmax(z: Array, out: Array | None = None) -> Array:
    """σ_k = e^{z_k} / Σ_j e^{z_j} of each row; into `out`, an array of NumPy's, if there is one."""
    xp = namespace(z)
    exponential = xp.exp(z)
    total = row_sum(exponential)[..., None]
    found = xp.divide(exponential, total, **_into(out))
    beyond = _beyond(z, total)
    if beyond is None:
        return found
    return recomputed((found,), beyond, lambda rows: (stable.softmax(stable.softmax_terms(rows)),), z)[0]


@quiet
def log_softmax(z: Array, out: Array | None = None) -> Array:
    """log σ_k = (z_k − m) − log1p(S) of each row, m the largest logit and S = Σ_{k≠top} e^{z_k} / e^m."""
    turned = class_major(z)
    xp, few = namespace(z), is_class_major(turned)
    largest, top, others = _others(turned)
    found = xp.subtract(turned, largest, **_into(None if few else out))
    found -= log1p(others)
    beyond = _beyond(turned, top)
    if beyond is not None:
        found = recomputed((found,), beyond, lambda rows: (stable.log_softmax(stable.softmax_terms(rows)),), z)[0]
    if out is None or not few:
        return found
    out[...] = found
    return out


@quiet
def surprisal(z: Array) -> Array:
    """−log σ_k = (m − z_k) + log1p(S) of each row; few classes lie class by class."""
    turned = class_major(z)
    largest, top, others = _others(turned)
    found = largest - turned
    found += log1p(others)
    beyond = _beyond(turned, top)
    return found if beyond is None else recomputed((found,), beyond, _stable_surprisal, z)[0]


def _stable_surprisal(z: Array) -> tuple[Array]:
    """The same of logits beyond reach."""
    return (0.0 - stable.log_softmax(stable.softmax_terms(z)),)


@quiet
def expected_surprisal(z: Array, weight: Array) -> Array:
    """Σ_k w_k·(−log σ_k) = W·log Σ_k e^{z_k − r} − Σ_k w_k·(z_k − r) of each row, with W = Σ_k w_k and r = Σ_k w_k·z_k / W, near what is expected."""

    def exact(z: Array, weight: Array) -> Array:
        return safe_product_sum(class_major(weight), surprisal(z))

    def quick(z: Array, weight: Array) -> Array:
        xp, whole = namespace(z), row_sum(weight)
        lead = z - (row_product_sum(weight, z) / whole)[..., None]
        rest = xp.log(row_sum(xp.exp(lead)))
        return settled(whole * rest - row_product_sum(weight, lead), whole, exact, z, weight)

    return in_pieces(exact if z.shape[-1] < VERY_FEW_CLASSES else quick, z, weight)


@quiet
def smoothed_surprisal(z: Array, labels: Array, epsilon: float) -> Array:
    """(1 − ε)·(−log σ_y) + ε/K·Σ_k (−log σ_k) = −log σ_y + ε·(z_y − Σ_k z_k/K) of each row."""

    def exact(z: Array, labels: Array) -> Array:
        return smoothed(surprisal(z), labels, epsilon)

    if z.shape[-1] < VERY_FEW_CLASSES:
        return exact(z, labels)
    xp, own, of_label = namespace(z), at_labels(z, labels)[..., 0], label_odds(z, labels).surprisal[..., 0]
    found = of_label + epsilon * (own - row_sum(z) / z.shape[-1])
    return settled(found, epsilon * (xp.abs(own) + xp.abs(own + of_label)), exact, z, labels)


def settled(found: Array, whole: Array | float, exact: Callable[..., Array], *arrays: Array) -> Array:
    """Sums of surprisals; infinite ones, and those below half of `whole`, which notice what was rounded on the way, as exact(arrays) gives them."""
    xp = namespace(found)
    doubtful = ~(found >= whole / 2) | xp.isinf(found)
    if not bool(xp.any(doubtful)):
        return found
    return recomputed((found,), doubtful, lambda *rows: (exact(*rows),), *arrays)[0]


class PredictedAtOnce:
    """What the logits of large arrays predict of every class; each part is computed when it is first asked for."""

    def __init__(self, z: Array, base: Base = NATS) -> None:
        self.z, self.base = z, base

    def at(self, labels: Array) -> PredictedByOdds:
        """The same of the labelled classes alone."""
        return PredictedByOdds(label_odds(self.z, labels), self.base)

    def expected_surprisal(self, weight: Array) -> Array:
        """Σ_k w_k·(−log q_k) of each row."""
        return self.base.of_nats(expected_surprisal(self.z, weight))

    def smoothed_surprisal(self, labels: Array, epsilon: float) -> Array:
        """(1 − ε)·(−log q_y) + ε/K·Σ_k (−log q_k) of each row."""
        return self.base.of_nats(smoothed_surprisal(self.z, labels, epsilon))

    @computed_once
    @quiet
    def probability(self) -> Array:
        """q_k."""
        return softmax(self.z)

    @computed_once
    def surprisal(self) -> Array:
        """−log q_k."""
        return self.base.of_nats(surprisal(self.z))

    @computed_once
    def complement(self) -> Array:
        """1 − q_k; no quick way keeps its digits."""
        return PredictedByLogits(stable.softmax_terms(class_major(self.z))).complement


def _others(z: Array) -> tuple[Array, Array, Array]:
    """The largest logit m of each row, e^m, and the sum of the other exponentials over e^m; the last axis is kept."""
    xp = namespace(z)
    exponential = xp.exp(z)
    if is_class_major(exponential):  # where the largest is found at once, but not its place
        top, *more = (exponential[:, k : k + 1] for k in range(z.shape[-1]))
        rest = xp.zeros_like(top)
        for one in more:
            rest += xp.minimum(top, one)
            top = xp.maximum(top, one)
        rest /= top
        return xp.max(z, axis=-1, keepdims=True), top, rest
    place = xp.argmax(z, axis=-1)
    top, rest = apart(exponential, place)
    return at_labels(z, place), top, rest / top


# --- of labels ----------------------------------------------------------------------------------------------------


@quiet
def label_odds(z: Array, labels: Array) -> Odds:
    """The odds against labels y, R/e^{z_y}, and −log σ_y."""
    xp, reach = namespace(z), _reach(z)
    chosen, rest = apart(xp.exp(z), labels)
    against = rest / chosen
    found = Odds(against, log1p(against))
    if all(bool(xp.min(x) >= 1 / reach) and bool(xp.max(x) <= reach) for x in (chosen, rest)):
        return found
    least, most = xp.minimum(chosen, rest), xp.maximum(chosen, rest)
    return Odds(*recomputed(found, (least < 1 / reach) | (most > reach), _stable_odds, z, labels))


@quiet
def _stable_odds(z: Array, labels: Array) -> Odds:
    """The same of logits beyond reach."""
    predicted = PredictedByLogits(stable.softmax_terms(z), labels)
    return Odds(predicted.complement / predicted.probability, predicted.surprisal)


@quiet
def label_gradient(z: Array, labels: Array, out: Array | None = None) -> Array:
    """d/dz of −log σ_y: σ_k for the other classes, and −R/(e^{z_y} + R), minus their sum, for the labelled one."""
    xp = namespace(z)
    exponential = xp.exp(z)
    chosen, rest = apart(exponential, labels)
    total = chosen + rest
    found = put_at_labels(xp.divide(exponential, total, **_into(out)), labels, 0.0 - rest / total)
    beyond = _beyond(z, total)
    if beyond is None and bool(xp.min(chosen) > 0):
        return found
    wrong = (chosen == 0) if beyond is None else beyond | (chosen == 0)
    return recomputed((found,), wrong, _stable_gradient, z, labels)[0]


@quiet
def _stable_gradient(z: Array, labels: Array) -> tuple[Array]:
    """The same of logits beyond reach, and of masked labels."""
    xp = namespace(z)
    found = gradients.label_gradient(labels, PredictedByLogits(stable.softmax_terms(z)))
    return (xp.where(z == -math.inf, xp.zeros_like(z), found),)


# --- binary -------------------------------------------------------------------------------------------------------


@quiet
def binary_loss(y: Array, z: Array) -> Array:
    """−log of what logits predict of labels that are 0 or 1: log1p(e^s) with s = (1 − 2y)·z, entry by entry."""
    xp = namespace(z)
    against = _against(y, z)
    exponential = xp.exp(against)
    found = log1p(exponential)
    return found if is_finite(found) else xp.where(xp.isinf(exponential), against, found)


@quiet
def binary_loss_by_probability(y: Array, p: Array) -> Array:
    """−log of what probabilities predict of labels that are 0 or 1, entry by entry: −log1p(−a) with a = |y − p|.

    That is −log(q)·a/(1 − q) for the rounded q = 1 − a: the quotient takes the rounding back (Goldberg 1991, theorem 4), and log is
    quicker than log1p.
    """
    xp = namespace(y, p)
    q = (2 * y - 1) * p
    q += 1 - y
    against, rest = xp.abs(y - p), 1 - q
    found = against / rest
    found *= 0.0 - xp.log(q)
    return found if is_finite(found) else xp.where(rest == 0, against, found)


@quiet
def binary_loss_together(y: Array, z: Array) -> Array:
    """Losses whose sum is that of all entries: each of four entries, whose odds go into one logarithm.

    log1p(a) + log1p(b) = log1p(a + b + ab), and nothing cancels, for odds are positive.
    """
    xp = namespace(z)
    found = log1p(_pairs(_pairs(xp.reshape(xp.exp(_against(y, z)), (-1,)))))
    return found if is_finite(found) else binary_loss(y, z)


def _against(y: Array, z: Array) -> Array:
    """(1 − 2y)·z: what speaks against the label."""
    found = y * -2
    found += 1
    found *= z
    return found


def _pairs(odds: Array) -> Array:
    """a + b + ab of the first half and the second, entry by entry; an odd one is left as it is."""
    half = odds.shape[0] // 2
    a, b, rest = odds[:half], odds[half : 2 * half], odds[2 * half :]
    found = a * b
    found += a
    found += b
    return found if rest.shape[0] == 0 else namespace(odds).concat([found, rest])
