"""Mergeable sums: a block's numbers become totals, totals add up, and the results come last.

Totals are Python floats. A `Sum` keeps what its rounding loses, so that cutting the input into blocks anywhere, and
merging them in any order, gives the same result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cecli.maths.exact import leading_bits, two_sum
from cecli.maths.namespace import Array, namespace, on_cpu, quiet
from cecli.record import Record

HUGE, SCALE = 2.0**960, 100
"""Numbers above HUGE are summed 2^SCALE times smaller, so that a mean that fits float64 is not lost to its sum."""


class Sum(Record):
    """A sum of float64 numbers to twice their digits: (high + low)·2^scale."""

    high: float = 0.0
    low: float = 0.0
    scale: int = 0

    @classmethod
    @quiet
    def of(cls, values: Array) -> Sum:
        """The sum of all entries of an array, whatever its type, in float64."""
        xp = namespace(values)
        if math.prod(values.shape) == 0:
            return cls()
        if values.dtype == xp.float32:  # whose sums float64 has digits to spare for
            return cls(float(xp.sum(values, dtype=xp.float64)))
        flat = xp.astype(xp.reshape(values, (-1,)), xp.float64, copy=False)
        largest = max(float(xp.max(flat)), -float(xp.min(flat)))
        if largest == 0:
            return cls()
        if not math.isfinite(largest):
            return cls(float(xp.sum(flat)))
        if largest > HUGE:
            return cls.of(flat * 2.0**-SCALE).replace(scale=SCALE)
        leading, rest = leading_bits(flat, largest)
        return cls(*_two_sum(float(xp.sum(leading)), float(xp.sum(rest))))

    def __add__(self, other: Sum) -> Sum:
        scale = max(self.scale, other.scale)
        a, b = self._at(scale), other._at(scale)
        if not (math.isfinite(a.high) and math.isfinite(b.high)):
            return Sum(a.high + b.high, 0.0, scale)
        s, e = _two_sum(a.high, b.high)
        return Sum(*_two_sum(s, e + (a.low + b.low)), scale)

    def __sub__(self, other: Sum) -> Sum:
        return self + Sum(-other.high, -other.low, other.scale)

    def _at(self, scale: int) -> Sum:
        """The same sum at a larger scale."""
        if scale == self.scale:
            return self
        factor = 2.0 ** (self.scale - scale)
        return Sum(self.high * factor, self.low * factor, scale)

    @property
    def value(self) -> float:
        """The sum, rounded once."""
        return _shifted(self.high + self.low, self.scale)

    def over(self, weight: Sum) -> float:
        """The mean: this sum divided by the sum of the weights."""
        return _shifted((self.high + self.low) / (weight.high + weight.low), self.scale - weight.scale)


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


class Totals(Record):
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


# --- sums by group ------------------------------------------------------------------------------------------------


class GroupSums(Record):
    """Sums of several quantities over groups of samples (classes, bins), to twice the digits: (quantities, groups)."""

    high: np.ndarray
    low: np.ndarray

    @classmethod
    def of(cls, groups: np.ndarray, values: Sequence[np.ndarray], count: int) -> GroupSums:
        """The sums of a block: each value goes to the group (0…count−1) that stands beside it."""
        parts = [_by_group(groups, np.asarray(value, dtype=np.float64), count) for value in values]
        return cls(np.stack([high for high, _ in parts]), np.stack([low for _, low in parts]))

    def __add__(self, other: GroupSums) -> GroupSums:
        """The sums of both; what one of them has no group for is 0 there."""
        count = max(self.high.shape[1], other.high.shape[1])
        a, b = self.padded(count), other.padded(count)
        high, lost = two_sum(a.high, b.high)
        return GroupSums(on_cpu(high), a.low + b.low + on_cpu(lost))

    def padded(self, count: int) -> GroupSums:
        """The same sums among as many groups."""
        more = count - self.high.shape[1]
        return self if more <= 0 else GroupSums(*(np.pad(part, ((0, 0), (0, more))) for part in self))

    @property
    def values(self) -> np.ndarray:
        """The sums, rounded once."""
        total: np.ndarray = self.high + self.low
        return total


def _by_group(groups: np.ndarray, values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The sum of each group in two parts: of the leading bits, which is exact, and of the rest."""
    finite = np.isfinite(values)
    bare = values if finite.all() else np.where(finite, values, 0.0)
    leading, rest = leading_bits(bare, float(np.max(np.abs(bare), initial=0.0)))
    high = np.bincount(groups, leading, minlength=count)
    low = np.bincount(groups, rest, minlength=count)
    if bare is not values:
        high[groups[~finite]] = math.inf
        low[groups[~finite]] = 0.0
    return high, low
