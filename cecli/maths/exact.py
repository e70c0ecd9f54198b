"""Error-free transformations: what a floating-point operation rounds away, as a number of its own.

Knuth's two-sum and Dekker's two-product (Ogita, Rump and Oishi, "Accurate sum and dot product", SIAM J. Sci.
Comput. 26, 2005, algorithms 3.1, 3.3 and 4.3). The softmax and the sums need them to stay within a few units in
the last place: exp turns the absolute rounding error of its argument into a relative one of its result.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.maths.namespace import Array, is_finite, namespace, quiet, row_sum


@quiet
def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """(s, e) with s = a + b rounded and s + e = a + b exactly, e = (a − (s − c)) + (b − c) with c = s − a; e is 0 where s overflows.

    `a` has the shape of the sum. The steps after the first are taken in place: a pass over an array costs more than its arithmetic.
    """
    s = a + b
    c = s - a
    e = c - s
    e += a
    c -= b
    e -= c
    return s, _finite_or_zero(e)


@quiet
def two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """(t, e) with t = a·b rounded and t + e = a·b exactly, short of over- and underflow."""
    t = a * b
    (a1, a2), (b1, b2) = _split(a), _split(b)
    return t, _finite_or_zero(a2 * b2 - (((t - a1 * b1) - a2 * b1) - a1 * b2))


@quiet
def two_quotient(a: Array, b: Array) -> tuple[Array, Array]:
    """(q, e) with q = a/b rounded and q + e = a/b to twice the digits."""
    q = a / b
    t, e = two_product(q, b)
    return q, _finite_or_zero(((a - t) - e) / b)


@quiet
def exact_sum(x: Array) -> tuple[Array, Array]:
    """(s, e): the sum over the last axis, and what its rounding lost; s + e is as good as twice the digits.

    Halves are added to one another with two-sum, so that an axis of length K takes log₂ K passes.
    """
    xp = namespace(x)
    lost = xp.zeros(x.shape[:-1], dtype=x.dtype, device=x.device)
    while x.shape[-1] > 1:
        half, odd = divmod(x.shape[-1], 2)
        s, e = two_sum(x[..., :half], x[..., half : 2 * half])
        lost = lost + xp.sum(e, axis=-1)
        x = xp.concat([s, x[..., 2 * half :]], axis=-1) if odd else s
    return two_sum(x[..., 0], lost)


@quiet
def sum_up_to_one(x: Array) -> tuple[Array, Array]:
    """The same of numbers from 0 to 1, in fewer passes: multiples of 2⁻²⁶ add up without rounding, and what is less hardly loses any.

    float32 is added up in float64, which has digits to spare.
    """
    xp = namespace(x)
    if x.dtype != xp.float64:
        total = row_sum(xp.astype(x, xp.float64))
        return total, xp.zeros_like(total)
    leading = x + 1.5 * 2.0**26
    leading -= 1.5 * 2.0**26
    return two_sum(row_sum(leading), row_sum(x - leading))


def leading_bits(x: Array, largest: float) -> tuple[Array, Array]:
    """(t, x − t): float64 numbers of one axis cut to so few leading bits that their sum is not rounded, and what was cut off.

    Adding a number much larger than all of them, and subtracting it again, leaves multiples of one unit (Rump, Ogita and Oishi,
    "Accurate floating-point summation", SIAM J. Sci. Comput. 31, 2008, section 3). `largest` is as large as each |x|, or larger.
    """
    shift = math.ldexp(1.5, math.frexp(largest)[1] + int(x.shape[0]).bit_length())
    leading = x + shift
    leading -= shift
    return leading, x - leading


def _split(a: Array) -> tuple[Array, Array]:
    """Dekker's split of a number into two halves of its digits."""
    xp = namespace(a)
    factor = 134217729.0 if a.dtype == xp.float64 else 4097.0
    c = factor * a
    high = c - (c - a)
    return high, a - high


def _finite_or_zero(x: Array) -> Array:
    """x where it is finite, else 0; that all of it is, its sum tells in one pass."""
    xp = namespace(x)
    if xp is np and is_finite(x):
        return x
    return xp.where(xp.isfinite(x), x, xp.zeros_like(x))
