"""Expressions that may be claimed: `ln 2`, `-ln(0.7)`, `sqrt(2)/2`, `0.15 + 0.15 + 0.397`.

sum      product (+ - product)*
product  power (* / · × power)*; a number or a bracket before a function multiplies it
power    unary (^ ** power)?
unary    - power, a number, pi, e, ( sum ), or a function of a power
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

LEXEME = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(log_?2|log_?10|[a-zA-Zπ√]+)|(\*\*|[-+*/^()·×⋅÷%]))"
)
SPELT = str.maketrans(
    {"−": "-", "–": "-", "（": "(", "）": ")", "₂": "2", "₁": "1", "₀": "0", "²": "^2"} | {"[": "(", "]": ")"}
)

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "ln": math.log,
    "log": math.log,
    "log2": math.log2,
    "log_2": math.log2,
    "ld": math.log2,
    "lb": math.log2,
    "log10": math.log10,
    "log_10": math.log10,
    "lg": math.log10,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "√": math.sqrt,
}
CONSTANTS = {"e": math.e, "pi": math.pi, "π": math.pi}
LONGEST = 300
"""Characters of an expression."""


class NotAnExpressionError(Exception):
    """Raised for a text that is not one."""


def value_of(text: str) -> float:
    """The number that an expression comes to."""
    if len(text) > LONGEST:
        raise NotAnExpressionError(text)
    reader = _Reader(_lexemes(text.translate(SPELT)))
    try:
        value = reader.sum()
    except (ArithmeticError, ValueError) as error:
        raise NotAnExpressionError(text) from error
    if reader.next or not math.isfinite(value):
        raise NotAnExpressionError(text)
    return value


def decimals_of(text: str) -> int:
    """The most digits after the point of a number in an expression."""
    return max((len(found) for found in re.findall(r"\.(\d+)", text)), default=0)


def _lexemes(text: str) -> list[str]:
    """The numbers, names and signs of a text."""
    found, place, text = [], 0, text.strip()
    while place < len(text):
        match = LEXEME.match(text, place)
        if not match:
            raise NotAnExpressionError(text)
        found.append(match.group().strip())
        place = match.end()
    return found


class _Reader:
    """Reads lexemes from the left, with the usual precedence."""

    def __init__(self, lexemes: list[str]) -> None:
        self.lexemes = lexemes

    @property
    def next(self) -> str:
        """The next lexeme; empty at the end."""
        return self.lexemes[0] if self.lexemes else ""

    def _take(self, *signs: str) -> str:
        """The next lexeme, if it is one of these."""
        return self.lexemes.pop(0) if self.next in signs and self.next else ""

    def sum(self) -> float:
        """a + b − c."""
        value = self._product()
        while sign := self._take("+", "-"):
            value += self._product() if sign == "+" else -self._product()
        return value

    def _product(self) -> float:
        value = self._power()
        while True:
            if sign := self._take("*", "·", "×", "⋅", "/", "÷"):
                value = value / self._power() if sign in "/÷" else value * self._power()
            elif self.next in FUNCTIONS or self.next in CONSTANTS or self.next == "(":
                value *= self._power()
            else:
                return value

    def _power(self) -> float:
        if self._take("-"):
            return -self._power()
        base = self._single()
        if self._take("^", "**"):
            return math.pow(base, self._power())
        return base / 100 if self._take("%") else base

    def _single(self) -> float:
        """A number, a constant, a bracket, or a function of one."""
        self._take("+")
        lexeme = self.lexemes.pop(0) if self.lexemes else ""
        if lexeme == "(":
            value = self.sum()
            if not self._take(")"):
                raise NotAnExpressionError
            return value
        if lexeme in FUNCTIONS:
            return FUNCTIONS[lexeme](self._power())
        if lexeme in CONSTANTS:
            return CONSTANTS[lexeme]
        return float(lexeme)
