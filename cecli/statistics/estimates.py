"""A number with its standard error: interval and p-value."""

from __future__ import annotations

import math

from cecli.record import Record
from cecli.statistics.distributions import normal_quantile, student_t_cdf, student_t_quantile


class Estimate(Record):
    """A number, and how far it may be off."""

    value: float
    error: float | None
    """The standard error; None where it is not known, 0 where nothing varies, which says nothing but of a difference of 0."""
    freedom: float = math.inf
    """Of Student's t; without one the normal distribution serves."""

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """θ ± t·SE."""
        if not self.error:
            return (0.0, 0.0) if self.error == self.value == 0 else None
        probability = (1 + confidence) / 2
        normal = math.isinf(self.freedom)
        reach = normal_quantile(probability) if normal else student_t_quantile(probability, self.freedom)
        return self.value - reach * self.error, self.value + reach * self.error

    @property
    def p_value(self) -> float | None:
        """P(|T| ≥ |θ|/SE)."""
        if not self.error:
            return 1.0 if self.error == self.value == 0 else None
        ratio = abs(self.value / self.error)
        return math.erfc(ratio / math.sqrt(2)) if math.isinf(self.freedom) else 2 * student_t_cdf(-ratio, self.freedom)
