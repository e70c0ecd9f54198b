"""Expressions as text for a terminal and as mathematics for Markdown and LaTeX.

One walk over the tree decides where parentheses stand; a notation says how each operation is written. `BREAK` marks where a
long line may be broken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from cecli.expression import (
    Apply,
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
    Underflowed,
)
from cecli.numerals import shortest
from cecli.render import numbers
from cecli.render.safe import visible

BREAK = "\x1f"
"""Where a line may be broken; no text has it, since control characters are written out."""

SUM, PRODUCT, POWER, ATOM = range(4)
"""How tightly an expression holds together."""

SUBSCRIPTS = dict(zip("0123456789aeijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
LETTERS = {
    "σ": r"\sigma",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "γ": r"\gamma",
    "ℓ": r"\ell",
    "∂": r"\partial",
    "‖": r"\Vert",
    "′": "'",
}
WORD = re.compile(r"(?<!\\)\b([A-Za-z]{2,}(?: [a-z]+)*)")
FUNCTIONS = {"ln": r"\ln", "log": r"\log", "max": r"\max", "clip": r"\operatorname{clip}", "√": r"\sqrt"}


ALL = -1
"""The precision that shows every digit."""


def rounded(number: Number, precision: int | None) -> tuple[bool, str]:
    """Whether a number is shown exactly, and its digits; exact ones lose their trailing zeros."""
    if number.typed is not None:
        return True, visible(number.typed).replace("-", "−")
    if isinstance(number.value, Underflowed):
        return False, f"{number.value:.0f}".replace("-", "−")
    sign, digits = numbers.rounded(number.value, None if precision == ALL else precision)
    exact = sign != "≈" and not number.approximate
    if precision == ALL and math.isfinite(number.value):
        digits = shortest(number.value)
    if exact and "." in digits and "e" not in digits:
        digits = digits.rstrip("0").rstrip(".")
    return exact, digits.replace("-", "−")


def is_exact(expression: Expression, precision: int | None) -> bool:
    """Whether no number in an expression is rounded."""
    if isinstance(expression, Number):
        return rounded(expression, precision)[0]
    return all(is_exact(part, precision) for part in parts(expression))


def parts(expression: Expression) -> Sequence[Expression]:
    """The expressions that an expression is made of."""
    match expression:
        case Sum(found) | Product(found) | Row(found) | Apply(_, found):
            return found
        case Quotient(a, b) | Power(a, b):
            return (a, b)
        case Negative(inner) | Total(_, inner):
            return (inner,)
    return ()


SCIENTIFIC = re.compile(r"(.*\d\.?)[eE]([+-]?\d+)(%?)")
PERCENT = r"\%"


class Text:
    """Plain text: what a terminal shows."""

    times, minus, elided = "·", "−", "… ({} more)"

    def __init__(self, precision: int | None) -> None:
        self.precision = precision

    def write(self, expression: Expression, within: int = SUM) -> str:
        """An expression, in parentheses where what it stands in holds more tightly."""
        text = str(getattr(self, f"_{type(expression).__name__.lower()}")(expression))
        return f"({text})" if self.holds(expression) < within else text

    def holds(self, expression: Expression) -> int:
        """How tightly an expression holds together."""
        match expression:
            case Sum() | Negative():
                return SUM
            case Number() as number:
                digits = rounded(number, self.precision)[1]
                return SUM if digits.startswith("−") else PRODUCT if "/" in digits else ATOM
            case Product() | Quotient() | Total() | Apply(_, (_,)):
                return PRODUCT
            case Power():
                return POWER
        return ATOM

    # -- each kind of expression

    def _number(self, number: Number) -> str:
        return rounded(number, self.precision)[1]

    def _symbol(self, symbol: Symbol) -> str:
        name, index = visible(symbol.name), visible(symbol.index)
        if all(letter in SUBSCRIPTS for letter in index):
            return name + "".join(SUBSCRIPTS[letter] for letter in index)
        return f"{name}[{index}]"

    def _elided(self, elided: Elided) -> str:
        return self.elided.format(elided.count)

    def _sum(self, found: Sum) -> str:
        first, *rest = found.terms
        return self.write(first, PRODUCT if isinstance(first, Sum) else SUM) + "".join(map(self._added, rest))

    def _added(self, term: Expression) -> str:
        """A term after the first, with its sign."""
        if isinstance(term, Negative):
            return f"{BREAK} {self.minus} {self.write(term.inner, PRODUCT)}"
        if isinstance(term, Number) and term.typed is None and rounded(term, self.precision)[1].startswith("−"):
            return f"{BREAK} {self.minus} {self.write(Number(-term.value), PRODUCT)}"
        return f"{BREAK} + {self.write(term, PRODUCT)}"

    def _product(self, product: Product) -> str:
        first, *rest = product.factors
        return self.times.join(
            [self.write(first, PRODUCT), *(self.write(factor, self._inner(factor)) for factor in rest)]
        )

    def _inner(self, factor: Expression) -> int:
        """After the first factor of a product quotients and bare sums over an index need parentheses, a logarithm none."""
        match factor:
            case Quotient():
                return POWER
            case Number(_, text) if "/" in (text or ""):
                return POWER
            case Total(_, term) if not isinstance(term, Sum):
                return POWER
        return PRODUCT

    def _quotient(self, quotient: Quotient) -> str:
        below = PRODUCT if isinstance(quotient.bottom, Apply) else POWER
        above = POWER if isinstance(quotient.top, Number) else PRODUCT
        return f"{self.write(quotient.top, above)}/{self.write(quotient.bottom, below)}"

    def _power(self, power: Power) -> str:
        exponent = self.write(power.exponent, ATOM).replace(BREAK, "")
        return f"{self.write(power.base, ATOM)}{'²' if exponent == '2' else f'^{exponent}'}"

    def _negative(self, negative: Negative) -> str:
        return f"{self.minus}{self.write(negative.inner, PRODUCT)}"

    def _total(self, total: Total) -> str:
        return f"Σ{''.join(SUBSCRIPTS[letter] for letter in total.index)} {self.write(total.term, PRODUCT)}"

    def _apply(self, apply: Apply) -> str:
        name = apply.function + "".join(SUBSCRIPTS.get(letter, letter) for letter in apply.base)
        if len(apply.arguments) == 1:
            inner = self.write(apply.arguments[0], ATOM)
            return f"{name}{'' if inner.startswith('(') or name == '√' else ' '}{inner}"
        return f"{name}({f',{BREAK} '.join(self.write(a, SUM) for a in apply.arguments)})"

    def _row(self, row: Row) -> str:
        return f"({f',{BREAK} '.join(self.write(entry, SUM) for entry in row.entries)})"


class Latex(Text):
    """Mathematics for LaTeX, and for Markdown's math blocks."""

    times, minus, elided = r" \cdot ", "-", r"\cdots\ ({}\text{{ more}}) "

    def _number(self, number: Number) -> str:
        text = super()._number(number).replace("−", "-").replace("∞", r"\infty ")
        if match := SCIENTIFIC.fullmatch(text):
            mantissa, exponent, percent = match.groups()
            return f"{mantissa} \\cdot 10^{{{int(exponent)}}}{percent and PERCENT}"
        return text.replace("%", PERCENT)

    def holds(self, expression: Expression) -> int:
        """A fraction stands on its own; a power of ten is a product."""
        if isinstance(expression, Number) and SCIENTIFIC.fullmatch(super()._number(expression).replace("−", "-")):
            return PRODUCT
        return POWER if isinstance(expression, Quotient) else super().holds(expression)

    def _symbol(self, symbol: Symbol) -> str:
        name = WORD.sub(r"\\text{\1}", "".join(_letter(letter) for letter in visible(symbol.name)))
        index = visible(symbol.index)
        if not index:
            return name
        return f"{name}_{{{index if index.isalnum() and index.isascii() else _words(index)}}}"

    def _quotient(self, quotient: Quotient) -> str:
        return rf"\frac{{{self.write(quotient.top)}}}{{{self.write(quotient.bottom)}}}".replace(BREAK, "")

    def _power(self, power: Power) -> str:
        return f"{self.write(power.base, ATOM)}^{{{self.write(power.exponent)}}}".replace(BREAK, "")

    def _total(self, total: Total) -> str:
        return rf"\sum_{{{total.index}}} {self.write(total.term, PRODUCT)}"

    def _apply(self, apply: Apply) -> str:
        name = FUNCTIONS[apply.function]
        if apply.function == "√":
            return f"{name}{{{self.write(apply.arguments[0])}}}"
        name += f"_{{{apply.base}}}" if apply.base else ""
        if len(apply.arguments) == 1:
            return f"{name} {self.write(apply.arguments[0], ATOM)}"
        return f"{name}({f',{BREAK} '.join(self.write(a, SUM) for a in apply.arguments)})"


def _letter(letter: str) -> str:
    """A character of a symbol's name; what LaTeX would act on is a word of its own."""
    return f"{LETTERS[letter]} " if letter in LETTERS else rf"\{letter}" if letter in "#$%&_{}" else letter


def _words(text: str) -> str:
    """Text within mathematics: letters, digits and blanks as they are, all else by its code."""
    plain = "".join(
        c
        if re.fullmatch(r"[\w .,:-]", c) and c.isascii() and c != "_"
        else rf"\char`\{c}"
        if c.isascii()
        else f"U+{ord(c):04X}"
        for c in text
    )
    return rf"\text{{{plain}}}"
