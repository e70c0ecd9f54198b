"""Formulas as data: a tree of numbers and operations, which renderers print as text or as mathematics.

The working is made of these. A number knows its value and, where a user typed it, the text; nothing here is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

Expression = Union[
    "Number", "Symbol", "Elided", "Sum", "Product", "Quotient", "Power", "Negative", "Apply", "Total", "Row"
]


@dataclass(frozen=True)
class Number:
    """A value; with the text that it was typed as, or without one, and then printed as exact or rounded."""

    value: float
    typed: str | None = None
    approximate: bool = False
    """Whether it stands for a number that float64 has no room for, though its own digits are few."""


@dataclass(frozen=True)
class Symbol:
    """A name such as p or H(p, q), perhaps with an index, as in p_k."""

    name: str
    index: str = ""


@dataclass(frozen=True)
class Elided:
    """Entries of a long sum or row that are not shown."""

    count: int


@dataclass(frozen=True)
class Sum:
    """The sum of some terms; a `Negative` one is subtracted."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Product:
    """The product of some factors."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Quotient:
    """top / bottom."""

    top: Expression
    bottom: Expression


@dataclass(frozen=True)
class Power:
    """base ^ exponent."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Negative:
    """−inner."""

    inner: Expression


@dataclass(frozen=True)
class Apply:
    """A function of its arguments: `ln`, `log` (to a base), `max`, `clip`, `√`, …"""

    function: str
    arguments: tuple[Expression, ...]
    base: str = ""
    """The base of `log`, as it is written."""


@dataclass(frozen=True)
class Total:
    """Σ over an index of a term."""

    index: str
    term: Expression


@dataclass(frozen=True)
class Row:
    """A vector, in parentheses."""

    entries: tuple[Expression, ...]


E = Symbol("e")
