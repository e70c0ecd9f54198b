"""The polynomials of the divergences beside their functions: their coefficients computed anew, and their error, at 60 digits."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import pytest

from cecli.maths import information

HALF_WIDTH = mpmath.mpf(1) / 8
"""Of the interval 0 ≤ w ≤ ¼."""


def atanh(w: mpmath.mpf) -> mpmath.mpf:
    """(atanh(v)/v − 1)/w with w = v²."""
    v = mpmath.sqrt(w)
    return (mpmath.atanh(v) / v - 1) / w


def entropy_gain(w: mpmath.mpf) -> mpmath.mpf:
    """([(1+v)·ln(1+v) + (1−v)·ln(1−v)]/w − 1)/w with w = v²."""
    v = mpmath.sqrt(w)
    return (((1 + v) * mpmath.log(1 + v) + (1 - v) * mpmath.log(1 - v)) / w - 1) / w


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("function", "table"), [(atanh, information.ATANH), (entropy_gain, information.ENTROPY_GAIN)])
@mpmath.workdps(60)
def test_polynomials(function: Callable[..., mpmath.mpf], table: dict[str, tuple[float, ...]], dtype: str) -> None:
    """Each meets its function at Chebyshev's nodes, and stays within the last digit of its type, in units of the whole term, between them."""
    coefficients, n = table[dtype], len(table[dtype])
    nodes = [HALF_WIDTH * (1 + mpmath.cos(mpmath.pi * (2 * k + 1) / (2 * n))) for k in range(n)]
    powers = mpmath.matrix([[node**k for k in range(n)] for node in nodes])
    solved = mpmath.lu_solve(powers, mpmath.matrix([function(node) for node in nodes]))
    assert [float(c) for c in solved][::-1] == list(coefficients)
    for i in range(1, 400):
        w = mpmath.mpf(i) / 1600
        error = w * abs(mpmath.polyval([mpmath.mpf(c) for c in coefficients], w) - function(w))
        assert error < mpmath.mpf(2) ** {"float64": -54, "float32": -25}[dtype]
