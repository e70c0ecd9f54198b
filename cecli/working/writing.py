"""How formulas are written: sums that are shortened in the middle, differences, logarithms to a base, a row of steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cecli.expression import (
    Apply,
    E,
    Elided,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Row,
    Sum,
    Symbol,
    Total,
)
from cecli.record import Record
from cecli.report import Step

HEAD, TAIL = 5, 1
"""Of a long sum or row the first entries and the last are shown."""

LONGEST = 8
"""Longer ones are shortened."""

Numbers = Sequence[Number]

UNIT_OF = {"nats": ("ln", ""), "bits": ("log", "2"), "dits": ("log", "10")}


class Logarithm(Record):
    """The logarithm of a working: how it is written, and the unit that it gives."""

    unit: str

    def of(self, argument: Expression) -> Expression:
        """log x."""
        function, base = UNIT_OF.get(self.unit, ("log", self.unit.removeprefix("base ")))
        return Apply(function, (argument,), base)

    def from_nats(self, nats: Expression) -> Expression:
        """A quantity in nats, in the unit: divided by ln b."""
        if self.unit == "nats":
            return nats
        return Quotient(nats, Apply("ln", (self.base,)))

    @property
    def base(self) -> Number:
        """The base as a number."""
        written = UNIT_OF.get(self.unit, ("", self.unit.removeprefix("base ")))[1]
        return Number(float(written or math.e), written or None)


def shortened(entries: Sequence[Expression]) -> tuple[Expression, ...]:
    """The entries; of many the first and the last, and how many are between them."""
    if len(entries) <= LONGEST:
        return tuple(entries)
    return (*entries[:HEAD], Elided(len(entries) - HEAD - TAIL), *entries[len(entries) - TAIL :])


def added(terms: Sequence[Expression]) -> Expression:
    """a + b + …; one term stands alone."""
    return terms[0] if len(terms) == 1 else Sum(shortened(terms))


def gapped(terms: Sequence[Expression], hidden: int, at: int) -> Expression:
    """a + b + … with what is hidden after the first `at` terms."""
    return added(terms) if not hidden else Sum((*terms[:at], Elided(hidden), *terms[at:]))


def skipped(hidden: int) -> list[Step]:
    """The line that stands for samples that are not shown."""
    return [Step(Elided(hidden), ())] if hidden else []


def minus(a: Expression, b: Expression) -> Expression:
    """a − b."""
    return Sum((a, Negative(b)))


def times(*factors: Expression | None) -> Expression:
    """The product of the factors that are there."""
    present = tuple(factor for factor in factors if factor is not None)
    return present[0] if len(present) == 1 else Product(present)


def row(values: Sequence[Expression]) -> Expression:
    """(a, b, …); a single value stands alone."""
    return values[0] if len(values) == 1 else Row(shortened(values))


def exponential(exponent: Expression) -> Expression:
    """e^x."""
    return Power(E, exponent)


def total(index: str, term: Expression) -> Expression:
    """Σ_index term."""
    return Total(index, term)


def computed(values: Sequence[float]) -> list[Number]:
    """Numbers that were computed."""
    return [Number(value) for value in values]


def indexed(name: str) -> Callable[[str], Symbol]:
    """Symbols of one name: q → q_k."""
    return lambda index: Symbol(name, index)


def first_few(names: Sequence[object]) -> list[int]:
    """Which entries of a long row get a step of their own: the first and the last."""
    return list(range(len(names))) if len(names) <= LONGEST else [*range(HEAD), len(names) - 1]


def for_each(names: Sequence[object], step: Callable[[int], Step]) -> list[Step]:
    """A step for each entry; of a long row for the first and the last, with a line for those between."""
    shown = first_few(names)
    steps = [step(k) for k in shown]
    return [*steps[:HEAD], *skipped(len(names) - len(shown)), *steps[HEAD:]]


def titled(title: str, steps: Sequence[Step]) -> list[Step]:
    """The steps, the first under a title."""
    first, *rest = steps
    return [Step(first.left, first.chain, title, first.unit, first.remark), *rest]
