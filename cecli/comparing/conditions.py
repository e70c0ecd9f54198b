"""`--fail-if`: a condition on the models' metrics, as in `b.cross_entropy > a.cross_entropy * 1.02`; parsed here, never run as code.

    condition  = all { "or" all }
    all        = comparison { "and" comparison }
    comparison = sum ("<" | "<=" | ">" | ">=" | "==" | "!=") sum  |  "(" condition ")"
    sum        = product { ("+" | "-") product }
    product    = factor { ("*" | "/") factor }
    factor     = number | model "." metric | "-" factor | "(" sum ")"

A model whose name is more than letters, digits and _ stands between quotes: "model 1".mse.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from cecli.errors import Place, UsageError
from cecli.record import Record

FORM = "as in 'b.cross_entropy > a.cross_entropy * 1.02'"
OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?)|(?P<name>[^\W\d]\w*)|(?P<quoted>"[^"]*"|'[^']*')"""
    r"""|(?P<sign><=|>=|==|!=|[-+*/<>().−]))"""
)
DEEPEST = 50
"""Brackets within brackets."""


class Token(Record):
    """A word of a condition, and where it stands."""

    kind: str
    text: str
    start: int
    stop: int


Values = Mapping[tuple[str, str], float]
"""The value of each metric of each model."""

Term = Callable[[Values], float]
"""A part of a condition, waiting for the values; of a comparison it is 0 or 1."""


class Condition(Record):
    """A condition, parsed."""

    text: str
    holds: Callable[[Values], bool]
    named: tuple[tuple[str, str], ...]
    """The models and metrics in it."""


def read_condition(text: str, models: Sequence[str], metrics: Sequence[str]) -> Condition:
    """The condition that a text stands for, its names checked."""
    parser = _Parser(text, models, metrics)
    term = parser.whole()
    return Condition(text, lambda values: bool(term(values)), tuple(dict.fromkeys(parser.named)))


class _Parser:
    """Recursive descent, a method for each rule of the grammar above."""

    def __init__(self, text: str, models: Sequence[str], metrics: Sequence[str]) -> None:
        self.text, self.models, self.metrics = text, models, metrics
        self.named: list[tuple[str, str]] = []
        self.tokens = self._tokens()
        self.depth = 0

    # -- words

    def _tokens(self) -> list[Token]:
        tokens, at, end = [], 0, len(self.text.rstrip())
        while at < end:
            match = TOKEN.match(self.text, at)
            if match is None:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self._error(f"{self.text[start]!r} has no meaning here", Token("", "", start, start + 1))
            kind = match.lastgroup or ""
            tokens.append(Token(kind, match[kind].replace("−", "-"), match.start(kind), match.end(kind)))
            at = match.end()
        return [*tokens, Token("end", "the end", end, end + 1)]

    def _error(self, message: str, token: Token, hint: str = FORM) -> UsageError:
        return UsageError(f"--fail-if: {message}", place=Place(self.text, token.start, token.stop), hint=hint)

    def _next(self, *texts: str) -> Token | None:
        """The next word, taken, if it is one of these."""
        if self.tokens[0].kind != "quoted" and self.tokens[0].text in texts:
            return self.tokens.pop(0)
        return None

    def _require(self, text: str) -> Token:
        """The next word, which must be this."""
        token = self._next(text)
        if token is None:
            raise self._error(f"{text!r} is expected before {self.tokens[0].text}", self.tokens[0])
        return token

    # -- rules

    def whole(self) -> Term:
        """The condition, and nothing after it."""
        term = self._any()
        if self.tokens[0].kind != "end":
            raise self._error(f"{self.tokens[0].text} is too many", self.tokens[0], self._blanks())
        return term

    def _blanks(self) -> str:
        return f'{FORM}; a name with blanks stands between quotes: "model 1".mse'

    def _any(self) -> Term:
        terms = [self._all()]
        while self._next("or"):
            terms.append(self._all())
        return lambda values: float(any(term(values) for term in terms))

    def _all(self) -> Term:
        terms = [self._comparison()]
        while self._next("and"):
            terms.append(self._comparison())
        return lambda values: float(all(term(values) for term in terms))

    def _comparison(self) -> Term:
        """Two sums beside a sign; or a condition in brackets."""
        if self.tokens[0].text == "(" and self._is_condition():
            return self._bracketed(self._any)
        left = self._sum()
        sign = self._next(*COMPARISONS)
        if sign is None:
            raise self._error("a comparison is expected: <, <=, >, >=, == or !=", self.tokens[0], self._blanks())
        right, compare = self._sum(), COMPARISONS[sign.text]
        return lambda values: float(compare(left(values), right(values)))

    def _is_condition(self) -> bool:
        """Whether there is a comparison in the brackets that open here."""
        depth = 0
        for token in self.tokens:
            depth += (token.text == "(") - (token.text == ")") if token.kind == "sign" else 0
            if depth == 0:
                return False
            if token.kind == "sign" and token.text in COMPARISONS:
                return True
        return False

    def _bracketed(self, rule: Callable[[], Term]) -> Term:
        opening = self._require("(")
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error("so many brackets within brackets are not read", opening)
        term = rule()
        self._require(")")
        self.depth -= 1
        return term

    def _sum(self) -> Term:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Term:
        return self._chain(self._factor, "*", "/")

    def _chain(self, rule: Callable[[], Term], *signs: str) -> Term:
        """Parts beside one another, from the left to the right."""
        term = rule()
        while sign := self._next(*signs):
            term = self._joined(sign, term, rule())
        return term

    def _joined(self, sign: Token, left: Term, right: Term) -> Term:
        """Two parts, and the sign between them."""
        apply = OPERATORS[sign.text]

        def joined(values: Values) -> float:
            try:
                value = apply(left(values), right(values))
            except ZeroDivisionError:
                value = math.nan
            if math.isnan(value):
                raise self._error(f"here {left(values):g} {sign.text} {right(values):g} is not a number", sign)
            return value

        return joined

    def _factor(self) -> Term:
        """A number, a metric, minus a factor, or a sum in brackets."""
        token = self.tokens[0]
        if token.kind == "number":
            return self._number()
        if token.kind in ("name", "quoted"):
            return self._metric()
        if self._next("-"):
            self.depth += 1
            if self.depth > DEEPEST:
                raise self._error("so many signs in a row are not read", token)
            inner = self._factor()
            self.depth -= 1
            return lambda values: -inner(values)
        if token.text == "(" and token.kind == "sign":
            return self._bracketed(self._sum)
        raise self._error(f"a number or model.metric is expected before {token.text}", token)

    def _number(self) -> Term:
        token = self.tokens.pop(0)
        value = float(token.text.rstrip("%")) / (100 if token.text.endswith("%") else 1)
        if math.isinf(value):
            raise self._error(f"{token.text} is too large for a 64-bit float", token)
        return lambda _: value

    def _metric(self) -> Term:
        model = self.tokens.pop(0)
        name = model.text[1:-1] if model.kind == "quoted" else model.text
        if name not in self.models:
            raise self._unknown(f"no model is called {name!r}", name, self.models, "models", model)
        self._require(".")
        metric = self.tokens.pop(0) if self.tokens[0].kind != "end" else self.tokens[0]
        if metric.text not in self.metrics:
            raise self._unknown(f"{metric.text!r} is not a metric", metric.text, self.metrics, "metrics", metric)
        key = (name, metric.text)
        self.named.append(key)
        return lambda values: values[key]

    def _unknown(self, message: str, name: str, known: Sequence[str], what: str, token: Token) -> UsageError:
        """The error for a name that nothing has."""
        close = get_close_matches(name, known, n=1)
        blank = next((k for k in known if " " in k and name in k.split()), None)
        guess = f"did you mean {close[0]}? " if close else f'did you mean "{blank}", with quotes? ' if blank else ""
        return self._error(message, token, f"{guess}the {what} are {', '.join(known)}")
