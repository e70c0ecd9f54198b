"""Mergeable sums: a block's numbers become totals, totals add up, and the results come last.

Totals are Python floats. A `Sum` keeps what its rounding loses, so that cutting the input into blocks anywhere, and
merging them in any order, gives the same result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cecli.maths.exact import exact_sum
from cecli.maths.namespace import Array, namespace


@dataclass(frozen=True)
class Sum:
    """A sum of float64 numbers to twice their digits."""

    high: float = 0.0
    low: float = 0.0

    @classmethod
    def of(cls, values: Array) -> Sum:
        """The sum of all entries of an array, whatever its type, in float64."""
        xp = namespace(values)
        if math.prod(values.shape) == 0:
            return cls()
        high, low = exact_sum(xp.astype(xp.reshape(values, (-1,)), xp.float64))
        return cls(float(high), float(low))

    def __add__(self, other: Sum) -> Sum:
        if not (math.isfinite(self.high) and math.isfinite(other.high)):
            return Sum(self.high + other.high)
        s, e = _two_sum(self.high, other.high)
        return Sum(*_two_sum(s, e + (self.low + other.low)))

    @property
    def value(self) -> float:
        """The sum, rounded once."""
        return self.high + self.low

    def over(self, weight: Sum) -> float:
        """The mean: this sum divided by the sum of the weights."""
        return self.value / weight.value


def _two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b rounded, and what the rounding lost."""
    s = a + b
    c = s - a
    return s, (a - (s - c)) + (b - c)


@dataclass(frozen=True)
class Totals:
    """The sums of one quantity over samples: of its weighted values, and of the weights that its mean divides by."""

    values: Sum = Sum()
    weights: Sum = Sum()

    @classmethod
    def of(cls, values: Array, weights: Array) -> Totals:
        """The totals of a block."""
        return cls(Sum.of(values), Sum.of(weights))

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.values + other.values, self.weights + other.weights)

    def reduced(self, reduction: str) -> float:
        """The `sum` or the `mean`."""
        return self.values.value if reduction == "sum" else self.values.over(self.weights)
