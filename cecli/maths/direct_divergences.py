"""Divergences of large arrays straight from their definitions; rows whose terms nearly cancel as `information.py` sums them.

KL(p‖q) = Σ_k p_k·log(p_k/q_k),   JS(p, q) = ½·Σ_k [p_k·log(p_k/m_k) + q_k·log(q_k/m_k)],   m = (p + q)/2
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cecli.maths import softmax as stable
from cecli.maths.bits import either
from cecli.maths.direct import settled, softmax
from cecli.maths.exact import sum_up_to_one
from cecli.maths.information import NEAR, even_series, kl_terms, odd_series, relative_difference, with_excess
from cecli.maths.losses import PredictedByLogits
from cecli.maths.namespace import (
    VERY_FEW_CLASSES,
    Array,
    class_major,
    in_pieces,
    namespace,
    quiet,
    recomputed,
    row_sum,
    safe_product,
    safe_product_sum,
)

SMALL_KL = 0.25
"""Divergences above this lose no more than four units of rounding to terms of both signs."""

SMALL_WIDE_KL = 2.0**-24
"""The same of float32 rows that are computed in float64."""


@quiet
def kl_divergence(p: Array, q: Array, rounding: float = 2.0**-52) -> Array:
    """Σ_k p_k·log(p_k/q_k) of each row; where that is small its terms nearly cancel, and those of `information.kl_terms` are summed."""
    exact = partial(_small_kl, rounding=_rounding(p, rounding))

    def work(p: Array, q: Array) -> Array:
        wide_p, wide_q, small = _widened(p, q)
        return _narrowed(_quick_kl(wide_p, wide_q, small, exact), p)

    return in_pieces(work, p, q)


@quiet
def kl_divergence_from_logits(p: Array, z: Array, rounding: float = 2.0**-52) -> Array:
    """The same for q = σ(z), which sums to 1; rows with a probability too small for its type are computed from −log σ."""
    rounding = _rounding(p, rounding)
    exact = partial(_small_kl, rounding=rounding, of_softmax=True)

    def stably(p: Array, z: Array) -> tuple[Array]:
        predicted = PredictedByLogits(stable.softmax_terms(z))
        return (kl_terms(p, predicted.probability, predicted.surprisal, rounding).divergence,)

    def work(p: Array, z: Array) -> Array:
        wide_p, wide_z, small = _widened(p, z)
        q, xp = softmax(wide_z), namespace(z)
        found, least = _quick_kl(wide_p, q, small, exact), float(xp.finfo(q.dtype).smallest_normal)
        if not float(xp.min(q)) >= least:
            vanishing = xp.any(q < least, axis=-1)
            found = recomputed((found,), vanishing, stably, wide_p, wide_z)[0]
        return _narrowed(found, p)

    return in_pieces(work, p, z)


def _rounding(p: Array, rounding: float) -> float:
    """The epsilon of the type that the values were given in, or that they have, whichever is larger."""
    return max(rounding, float(namespace(p).finfo(p.dtype).eps))


def _widened(p: Array, x: Array) -> tuple[Array, Array, float]:
    """float32 rows of few classes, many of which are small, as float64, which has digits to spare; and which divergences are small."""
    xp = namespace(p, x)
    if p.dtype != xp.float32 or p.shape[-1] >= VERY_FEW_CLASSES:
        return p, x, SMALL_KL
    return xp.astype(class_major(p), xp.float64), xp.astype(class_major(x), xp.float64), SMALL_WIDE_KL


def _narrowed(found: Array, p: Array) -> Array:
    """The divergences in the type of the rows."""
    return namespace(p).astype(found, p.dtype, copy=False)


def _quick_kl(p: Array, q: Array, small: float, exact: Callable[..., Array]) -> Array:
    """Σ_k p_k·log(p_k/q_k) as it stands; small ones as exact(p, q) gives them."""
    return settled(safe_product_sum(p, namespace(p, q).log(p / q)), 2 * small, exact, p, q)


def _small_kl(p: Array, q: Array, rounding: float, of_softmax: bool = False) -> Array:
    """Σ_k [p_k·log(p_k/q_k) + q_k − p_k] + (Σp − Σq), of which no term is negative."""
    p, q, xp = class_major(p), class_major(q), namespace(p, q)
    v, gap = relative_difference(p, q), p - q
    is_near = xp.abs(v) < NEAR
    term = odd_series(v)
    term *= 2 * p
    term += gap
    term *= v
    if not bool(xp.all(is_near)):
        term = either(is_near, term, _times_log(p, q) - gap)
    p_sum = sum_up_to_one(p)
    q_sum = (xp.ones_like(p_sum[0]), xp.zeros_like(p_sum[0])) if of_softmax else sum_up_to_one(q)
    _, found = with_excess(row_sum(term), p_sum, q_sum, rounding)
    return xp.astype(found, p.dtype, copy=False)


@quiet
def js_divergence(p: Array, q: Array) -> Array:
    """½·Σ_k [p_k·log(p_k/m_k) + q_k·log(q_k/m_k)] of each row with m = (p + q)/2.

    No term is negative, and each is known to its last digits: from the series in v of `information.js_terms` where |v| < ½, else as it stands.
    """
    return in_pieces(_js_divergence, p, q)


def _js_divergence(p: Array, q: Array) -> Array:
    p, q, xp = class_major(p), class_major(q), namespace(p, q)
    v = relative_difference(p, q)
    is_near = xp.abs(v) < NEAR
    term = 1 + even_series(v)
    term *= v
    term *= p - q
    term /= 4
    if not bool(xp.all(is_near)):
        mixture = (p + q) / 2
        far = (_times_log(p, mixture) + _times_log(q, mixture)) / 2
        term = either(is_near, term, far)
    return row_sum(term)


def _times_log(p: Array, q: Array) -> Array:
    """p·log(p/q), 0 where p is 0."""
    xp = namespace(p, q)
    ratio = p / q
    log = xp.log(ratio)
    return safe_product(
        p, xp.where(xp.isinf(ratio), xp.log(p) - xp.log(q), log) if bool(xp.any(xp.isinf(ratio))) else log
    )
