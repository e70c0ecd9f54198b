"""How numbers lie about their mean: their weighted powers up to the fourth, as sums that merge.

What a mean with its interval needs of samples that are seen once. The sums are kept in a unit of their own, a power of two, so that neither huge
nor tiny numbers leave float64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from cecli.maths.namespace import quiet
from cecli.record import Record

POWERS = np.arange(5)
CHOOSE = np.asarray([[math.comb(j, i) for j in POWERS] for i in POWERS], dtype=np.float64)
"""CHOOSE[i, j]: how often x^i·δ^(j−i) stands in (x + δ)^j."""

ORDINARY = 60
"""Numbers between 2^−60 and 2^60 keep their own unit."""

ORDINARY_FOURTH = 200
"""Numbers whose fourth powers add up to 2^−200 to 2^200 are ordinary: any number of them that there can be."""

ROUNDING = 1e-13
"""Deviations that are smaller beside the mean are its rounding."""

NOTHING = -5000
"""The unit of zeros alone: any other takes its place."""


class Moments(Record):
    """Σ wᵏ·((x − c)/2ᵉ)ʲ for k = 2, 3, 4 (rows) and j = 0 … 4 (columns), about a centre c near the mean."""

    center: float = 0.0
    scale: int = NOTHING
    sums: np.ndarray = np.zeros((3, 5))

    @classmethod
    @quiet
    def of(cls, values: np.ndarray, weight: np.ndarray | None, center: float) -> Moments:
        """Those of a block about its mean; the deviations of numbers that weigh 1 add up to 0 but for their rounding."""
        off = values - center
        square = off * off
        fourth, scale = float(np.einsum("i,i->", square, square)), 0
        if not 2.0**-ORDINARY_FOURTH <= fourth <= 2.0**ORDINARY_FOURTH:
            scale = _scale(float(np.max(np.abs(off), initial=0.0)))
            off = np.ldexp(off, -scale) if scale != NOTHING else off
            square = off * off
            fourth = float(np.einsum("i,i->", square, square))
        if weight is None:
            row = np.asarray([len(off), 0.0, np.sum(square), np.einsum("i,i->", square, off), fourth])
            return cls(center, scale, np.stack([row] * 3))
        powers = np.stack([weight**2, weight**3, weight**4])
        columns = [powers.sum(axis=1), *(powers @ part for part in (off, square, square * off, square * square))]
        return cls(center, scale, np.stack(columns, axis=1))

    @classmethod
    def of_counts(cls, counts: Mapping[float, int], center: float) -> Moments:
        """Those of numbers that are few different ones, by how often each occurs."""
        row = sum(count * (value - center) ** POWERS for value, count in counts.items())
        return cls(center, 0, np.stack([row] * 3))

    @property
    def size(self) -> float:
        """Σ w²: how many numbers there are where all weigh 1."""
        return float(self.sums[0, 0])

    def about(self, center: float, scale: int | None = None) -> Moments:
        """The same about another centre, in another unit."""
        scale = max(self.scale, _scale(abs(self.center - center))) if scale is None else scale
        shift = math.ldexp(self.center - center, -scale) if self.center != center else 0.0
        sums = self.sums * np.exp2(np.maximum((self.scale - scale) * POWERS, -1020.0))
        return Moments(center, scale, sums @ (CHOOSE * shift ** np.maximum(POWERS[None, :] - POWERS[:, None], 0)))

    def __add__(self, other: Moments) -> Moments:
        size = self.size + other.size
        if not size:
            return other
        center = self.center + (other.center - self.center) * (other.size / size)
        apart = _scale(abs(other.center - self.center))
        scale = max(self.scale, other.scale, apart)
        return Moments(center, scale, self.about(center, scale).sums + other.about(center, scale).sums)

    def shape(self, mean: float) -> Shape:
        """How they lie about their mean."""
        about = self.about(mean)
        second, third, fourth = np.diagonal(about.sums[:, 2:])
        return Shape.of(float(second), float(third), float(fourth), about.scale)


def _scale(largest: float) -> int:
    """The unit for numbers up to this size, as a power of two."""
    if largest == 0 or not math.isfinite(largest):
        return NOTHING
    exponent = math.frexp(largest)[1]
    return exponent if abs(exponent) > ORDINARY else 0


class Shape(Record):
    """What the deviations u = w·(x − x̄) of all units add up to."""

    square: float
    """Σu², in units of 4ᵉ."""
    scale: int = 0
    """e."""
    skew: float = 0.0
    """λ = Σu³/(Σu²)^(3/2), the skewness of the sum; of N alike it is theirs divided by √N."""
    peak: float = 0.0
    """Σu⁴/(Σu²)²: 1/k if k units of the same size make up all of the spread."""

    @classmethod
    def of(cls, second: float, third: float, fourth: float, scale: int) -> Shape:
        """From the sums of the powers; rounding alone does not count as spread."""
        if second <= 0:
            return cls(0.0, scale)
        return cls(second, scale, third / second**1.5, fourth / second**2)

    @classmethod
    def of_units(cls, off: np.ndarray) -> Shape:
        """From the deviations of all units."""
        scale = _scale(float(np.max(np.abs(off), initial=0.0)))
        off = np.ldexp(off, -scale) if scale not in (0, NOTHING) else off
        square = off * off
        return cls.of(float(np.sum(square)), float(np.sum(square * off)), float(np.sum(square * square)), scale)

    def is_rounding(self, mean: float) -> bool:
        """Whether the deviations are no more than what a mean of this size is rounded by."""
        return math.sqrt(self.square) <= ROUNDING * abs(float(np.ldexp(mean, -self.scale)))
