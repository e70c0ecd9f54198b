"""Mergeable sums: a block's numbers become totals, totals add up, and the results come last.

Totals are Python floats. A `Sum` keeps what its rounding loses, so that cutting the input into blocks anywhere, and
merging them in any order, gives the same result.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from cecli.maths.exact import exact_sum, folded
from cecli.maths.namespace import Array, namespace

HUGE, SCALE = 2.0**960, 100
"""Numbers above HUGE are summed 2^SCALE times smaller, so that a mean that fits float64 is not lost to its sum."""


FEW = 2**11
"""Up to so many numbers, steps of Python's cost less than passes of an array library."""


class Sum(NamedTuple):
    """A sum of float64 numbers to twice their digits: (high + low)·2^scale."""

    high: float = 0.0
    low: float = 0.0
    scale: int = 0

    @classmethod
    def of(cls, values: Array) -> Sum:
        """The sum of all entries of an array, whatever its type, in float64."""
        xp = namespace(values)
        if math.prod(values.shape) == 0:
            return cls()
        if values.dtype == xp.float32:  # whose sums float64 has digits to spare for
            return cls(float(xp.sum(values, dtype=xp.float64)))
        flat = xp.astype(xp.reshape(values, (-1,)), xp.float64, copy=False)
        if not bool(xp.any(flat)):
            return cls()
        high, low = _of_few(*folded(flat, FEW))
        if abs(high) <= HUGE:
            return cls(high, low)
        s, e = exact_sum(flat * 2.0**-SCALE)
        return cls(float(s), float(e), SCALE)

    def __add__(self, other: Sum) -> Sum:  # type: ignore[override]
        scale = max(self.scale, other.scale)
        a, b = self._at(scale), other._at(scale)
        if not (math.isfinite(a.high) and math.isfinite(b.high)):
            return Sum(a.high + b.high, 0.0, scale)
        s, e = _two_sum(a.high, b.high)
        return Sum(*_two_sum(s, e + (a.low + b.low)), scale)

    def _at(self, scale: int) -> Sum:
        """The same sum at a larger scale."""
        factor = 2.0 ** (self.scale - scale)
        return Sum(self.high * factor, self.low * factor, scale)

    @property
    def value(self) -> float:
        """The sum, rounded once."""
        return _shifted(self.high + self.low, self.scale)

    def over(self, weight: Sum) -> float:
        """The mean: this sum divided by the sum of the weights."""
        return _shifted((self.high + self.low) / (weight.high + weight.low), self.scale - weight.scale)


def _of_few(values: Array, lost: Array) -> tuple[float, float]:
    """The exact sum of a few numbers and what was lost of them, for which Python's own is quicker; (inf, 0) where they are beyond it."""
    numbers = [float(lost), *(values.tolist() if hasattr(values, "tolist") else map(float, values))]
    try:
        high = math.fsum(numbers)
        return high, math.fsum([*numbers, -high]) if math.isfinite(high) else 0.0
    except (OverflowError, ValueError):  # a sum, or a step towards it, beyond float64; or ∞ − ∞
        return math.inf, 0.0


def _shifted(value: float, scale: int) -> float:
    """value·2^scale; infinite where that is too large for float64."""
    try:
        return math.ldexp(value, scale)
    except OverflowError:
        return math.copysign(math.inf, value)


def _two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b rounded, and what the rounding lost."""
    s = a + b
    c = s - a
    return s, (a - (s - c)) + (b - c)


class Totals(NamedTuple):
    """The sums of one quantity over samples: of its weighted values, and of the weights that its mean divides by."""

    values: Sum = Sum()
    weights: Sum = Sum()

    @classmethod
    def of(cls, values: Array, weights: Array) -> Totals:
        """The totals of a block."""
        return cls(Sum.of(values), Sum.of(weights))

    def __add__(self, other: Totals) -> Totals:  # type: ignore[override]
        return Totals(self.values + other.values, self.weights + other.weights)

    def reduced(self, reduction: str) -> float:
        """The `sum` or the `mean`."""
        return self.values.value if reduction == "sum" else self.values.over(self.weights)
