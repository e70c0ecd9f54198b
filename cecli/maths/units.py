"""Logarithm bases and the units they give: nats, bits, dits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cecli.record import Record

if TYPE_CHECKING:
    from cecli.maths.namespace import Array

UNITS = {math.e: "nats", 2.0: "bits", 10.0: "dits"}
DIRECT = {2.0: "log2", 10.0: "log10"}


class Base(Record):
    """The base b > 1 of the logarithm: log_b x = ln x / ln b."""

    value: float = math.e

    @property
    def unit(self) -> str:
        """`nats`, `bits`, `dits`, or `base N`."""
        return UNITS.get(self.value, f"base {repr(self.value).removesuffix('.0')}")

    @property
    def name(self) -> str | float:
        """What stands for the base in settings: `e`, or its number."""
        if self.value == math.e:
            return "e"
        return int(self.value) if self.value.is_integer() else self.value

    @property
    def ln(self) -> float:
        """ln b: how many nats are one unit."""
        return 1.0 if self.value == math.e else math.log(self.value)

    def log(self, x: Array) -> Array:
        """log_b x; bases 2 and 10 have functions of their own, which lose no digit to a division."""
        import numpy as np  # help knows bases, and loads no array library

        from cecli.maths.namespace import namespace

        xp = namespace(x)
        with np.errstate(all="ignore"):
            if self.value in DIRECT:
                direct: Array = getattr(xp, DIRECT[self.value])(x)
                return direct
            return self.of_nats(xp.log(x))

    def of_nats(self, x: Array) -> Array:
        """A quantity in nats, in this unit."""
        return x if self.value == math.e else x / self.ln

    def power(self, x: float) -> float:
        """b to the x; inf where that is too large for float64."""
        try:
            return math.exp(x) if self.value == math.e else self.value**x
        except OverflowError:
            return math.inf


NATS = Base()
