"""Entropy, Kullback–Leibler and Jensen–Shannon divergence of distributions along the last axis.

Conventions, taken as limits: 0·log 0 = 0; p·log(p/0) = inf for p > 0. The mask comes before the logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cecli.maths.exact import exact_sum, two_quotient, two_sum
from cecli.maths.namespace import Array, namespace, quiet, safe_product, safe_product_sum
from cecli.maths.units import NATS, Base
from cecli.record import Record

NEAR = 0.5
"""Below |v| = |p−q|/(p+q) = ½, where one is three times the other, the divergences are summed as polynomials in v; above, nothing cancels."""

# The polynomials in w = v² that meet their functions at Chebyshev's nodes of 0 ≤ w ≤ ¼, from the highest power down: as exact as their type
# with half as many terms as the Taylor series (tests/maths/test_series.py computes them anew).

ATANH = {
    "float64": (
        0.21098097885975797, -0.14450491183414468, 0.13557903913692299, 0.012292448728540531, 0.05441915418234587,
        0.05160769881147162, 0.05893099692590042, 0.06665886352701884, 0.07692345940270638, 0.09090907881509189,
        0.11111111133938968, 0.14285714285490106, 0.20000000000000864, 0.3333333333333333,
    ),
    "float32": (
        0.1562916538185637, 0.040916230718241735, 0.09751940865741168, 0.11050830395223991, 0.14288286042811285,
        0.19999959336215828, 0.33333333437307106,
    ),
}  # fmt: skip
"""(atanh(v)/v − 1)/w = 1/3 + w/5 + w²/7 + …"""

ENTROPY_GAIN = {
    "float64": (
        0.012555626064267501, -0.0060340867866888375, 0.007925018150853355, 0.0030808120729037456, 0.005501691737600029,
        0.006505108587431875, 0.00833603614168967, 0.010988853335309518, 0.015151521024189657, 0.022222222092555033,
        0.03571428571576827, 0.06666666666666003, 0.16666666666666669,
    ),
    "float32": (
        0.020493740114284953, 0.01213255520082232, 0.022636424264302877, 0.03568928107538967, 0.06666721026559991,
        0.16666666477392542,
    ),
}  # fmt: skip
"""([(1+v)·ln(1+v) + (1−v)·ln(1−v)]/w − 1)/w = 1/6 + w/15 + w²/28 + …"""

ONE_WITHIN = 8
"""How far the values of a row that sums to 1 may miss it by their rounding alone, in units of their type's epsilon."""

TINY, LIFT = 2.0**-400, 2.0**500
"""Below TINY float64 differences are lifted before they are squared, so that the squares do not underflow."""


class EntropyTerms(Record):
    """The parts of H(p) = Σ_k p_k·(−log p_k)."""

    surprisal: Array
    """−log p_k."""
    term: Array
    """p_k·(−log p_k), 0 where p_k is 0."""
    loss: Array
    """H(p) = Σ_k of the terms: one per row."""


@quiet
def entropy_terms(p: Array, surprisal: Array) -> EntropyTerms:
    """The parts of the entropy of rows p, given their surprisal −log p (which logits know better than p does)."""
    xp = namespace(p)
    term = safe_product(p, surprisal)
    return EntropyTerms(surprisal, term, xp.sum(term, axis=-1))


@quiet
def entropy(p: Array, base: Base = NATS) -> Array:
    """H(p) of each row, without its terms."""
    return 0.0 - safe_product_sum(p, base.log(p))


@quiet
def surprisal(p: Array, base: Base = NATS) -> Array:
    """−log p: the information of an outcome of probability p; inf at 0 and 0 (not −0) at 1."""
    return 0.0 - base.log(p)


class DivergenceTerms(Record):
    """The parts of KL(p‖q) = Σ_k [p_k·log(p_k/q_k) + q_k − p_k] + (Σp − Σq), in nats."""

    term: Array
    """p_k·log(p_k/q_k) + q_k − p_k: never negative, and 0 only where p_k = q_k."""
    excess: Array
    """Σp − Σq of the values as used: 0 for rows that sum to 1."""
    divergence: Array
    """KL(p‖q): one per row."""


@quiet
def kl_terms(p: Array, q: Array, surprisal_q: Array | None = None, rounding: float = 2.0**-52) -> DivergenceTerms:
    """The parts of the Kullback–Leibler divergence of rows q from rows p, in nats.

    Each term is a Bregman divergence, so none is negative and nearly equal rows lose no digits; what the rows
    miss of one another's sum is added exactly. Where both rows sum to 1 up to the rounding of their float64
    values, that rounding alone never makes the divergence negative or 0. With `surprisal_q` (−ln q, from logits) q may
    underflow to 0 and the divergence stay finite; such a q sums to 1 by construction. `rounding` is the epsilon of the type
    that the values were given in.
    """
    xp = namespace(p, q)
    term = _bregman(p, q, surprisal_q)
    regular = xp.sum(term, axis=-1)
    p_sum = exact_sum(p)
    q_sum = (xp.ones_like(p_sum[0]), xp.zeros_like(p_sum[0])) if surprisal_q is not None else exact_sum(q)
    excess, divergence = with_excess(regular, p_sum, q_sum, max(rounding, float(xp.finfo(p.dtype).eps)))
    return DivergenceTerms(term, excess, divergence)


@quiet
def with_excess(regular: Array, p: tuple[Array, Array], q: tuple[Array, Array], rounding: float) -> tuple[Array, Array]:
    """(Σp − Σq, the divergence) for the sum of the terms and the sums of the rows, each in two parts as `exact_sum` gives them."""
    xp = namespace(regular)
    difference, lost = two_sum(p[0], -q[0])
    excess = difference + (lost + (p[1] - q[1]))
    divergence, within = regular + excess, ONE_WITHIN * rounding
    sums_to_one = (xp.abs(p[0] - 1) <= within) & (xp.abs(q[0] - 1) <= within)
    return excess, xp.where(sums_to_one & (divergence <= 0), regular, divergence)


@quiet
def log_ratio_terms(p: Array, q: Array, surprisal_q: Array | None = None) -> Array:
    """p_k·ln(p_k/q_k), the terms of KL(p‖q) as its definition has them: some are negative, and 0 where p_k is 0."""
    return _bregman(p, q, surprisal_q) - (q - p)


@quiet
def _bregman(p: Array, q: Array, surprisal_q: Array | None = None) -> Array:
    """p·ln(p/q) + q − p: a series in v = (p−q)/(p+q) where p and q are close, else as it stands."""
    xp = namespace(p, q)
    v = relative_difference(p, q)
    near = (p - q) * v + 2 * p * v * odd_series(v)
    safe_p = xp.where(p == 0, xp.ones_like(p), p)
    ratio = safe_p / q
    split = xp.log(safe_p) - xp.log(q) if surprisal_q is None else xp.log(safe_p) + surprisal_q
    whole = xp.isfinite(ratio) if surprisal_q is None else (q > 1e-290) & xp.isfinite(ratio)
    far = safe_product(p, xp.where(whole, xp.log(ratio), split)) + (q - p)
    return xp.where(xp.abs(v) < NEAR, near, far)


@quiet
def relative_difference(p: Array, q: Array) -> Array:
    """v = (p − q)/(p + q), 0 where both are 0."""
    xp = namespace(p, q)
    total = p + q
    return (p - q) / xp.where(total == 0, xp.ones_like(total), total)


@quiet
def odd_series(v: Array) -> Array:
    """atanh(v)/v − 1 = v²/3 + v⁴/5 + …, for |v| ≤ ½."""
    return _horner(v, ATANH)


class JensenShannonTerms(Record):
    """The parts of JS(p, q) = ½·KL(p‖m) + ½·KL(q‖m) with m = (p + q)/2, in nats."""

    mixture: Array
    """m_k = (p_k + q_k)/2."""
    term: Array
    """½·[p_k·ln(p_k/m_k) + q_k·ln(q_k/m_k)], never negative."""
    divergence: Array
    """Σ_k of the terms: one per row, between 0 and ln 2."""


@quiet
def js_terms(p: Array, q: Array) -> JensenShannonTerms:
    """The parts of the Jensen–Shannon divergence (Lin, IEEE Trans. Inf. Theory 37, 1991, eq. 4.1), in nats.

    With v = (p−q)/(p+q) a term is m/2·[(1+v)·ln(1+v) + (1−v)·ln(1−v)] = m/2·Σ_j v^{2j}/(j(2j−1)), where
    m/2·v² = (p−q)²/(4(p+q)) is taken from p and q, so that little is rounded on the way.
    """
    xp = namespace(p, q)
    mixture = p / 2 + q / 2
    v = relative_difference(p, q)
    far = (_bregman(p, mixture) + _bregman(q, mixture)) / 2
    is_near = xp.abs(v) < NEAR
    square, lost = _square_over_sum(p, q)
    leading = xp.where(is_near, square, far)
    rest = xp.where(is_near, lost + square * even_series(v), xp.zeros_like(far))
    total, carried = exact_sum(leading)
    return JensenShannonTerms(mixture, leading + rest, total + (carried + xp.sum(rest, axis=-1)))


@quiet
def _square_over_sum(p: Array, q: Array) -> tuple[Array, Array]:
    """(p − q)²/(4(p + q)) to twice the digits, 0 where both are 0, and without underflow on the way."""
    xp = namespace(p, q)
    total = p + q
    one = xp.ones_like(total)
    lift = xp.where(total < TINY, LIFT * one, one) if p.dtype == xp.float64 else one
    gap, total = (p - q) * lift, total * lift
    square, lost = two_quotient(gap * gap, xp.where(total == 0, one, 4 * total))
    return square / lift, lost / lift


@quiet
def even_series(v: Array) -> Array:
    """Σ_{j≥2} v^{2(j−1)}/(j(2j−1)), for |v| ≤ ½: all but the leading term, in units of it."""
    return _horner(v, ENTROPY_GAIN)


def _horner(v: Array, coefficients: Mapping[str, Sequence[float]]) -> Array:
    """The polynomial in v² without a constant, by Horner's rule."""
    first, *others = coefficients["float64" if v.dtype == namespace(v).float64 else "float32"]
    w = v * v
    total = first * w
    for coefficient in others:
        total += coefficient
        total *= w
    return total
