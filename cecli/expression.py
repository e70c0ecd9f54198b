"""Formulas as data: a tree of numbers and operations, which renderers print as text or as mathematics.

The working is made of these. A number knows its value and, where a user typed it, the text; nothing here is computed.
"""

from __future__ import annotations

from typing import Union

from cecli.record import Record

Expression = Union[
    "Number", "Symbol", "Elided", "Sum", "Product", "Quotient", "Power", "Negative", "Apply", "Total", "Row"
]


class Underflowed(float):
    """A 0 that stands for a number too small for float64; it goes wherever the number goes, its sign included."""

    def __neg__(self) -> Underflowed:
        return Underflowed(-float(self))


UNDERFLOW = Underflowed(0.0)


class Number(Record):
    """A value; with the text that it was typed as, or without one, and then printed as exact or rounded."""

    value: float
    typed: str | None = None
    approximate: bool = False
    """Whether it stands for a number that float64 has no room for, though its own digits are few."""


class Symbol(Record):
    """A name such as p or H(p, q), perhaps with an index, as in p_k."""

    name: str
    index: str = ""


class Elided(Record):
    """Entries of a long sum or row that are not shown."""

    count: int


class Sum(Record):
    """The sum of some terms; a `Negative` one is subtracted."""

    terms: tuple[Expression, ...]


class Product(Record):
    """The product of some factors."""

    factors: tuple[Expression, ...]


class Quotient(Record):
    """top / bottom."""

    top: Expression
    bottom: Expression


class Power(Record):
    """base ^ exponent."""

    base: Expression
    exponent: Expression


class Negative(Record):
    """−inner."""

    inner: Expression


class Apply(Record):
    """A function of its arguments: `ln`, `log` (to a base), `max`, `clip`, `√`, …"""

    function: str
    arguments: tuple[Expression, ...]
    base: str = ""
    """The base of `log`, as it is written."""


class Total(Record):
    """Σ over an index of a term."""

    index: str
    term: Expression


class Row(Record):
    """A vector, in parentheses."""

    entries: tuple[Expression, ...]


LEFT_OUT = Symbol("left out")
"""What stands for a number that is not there."""

E = Symbol("e")
