"""`--fail-if`: a condition on the models' metrics, as in `b.cross_entropy > a.cross_entropy * 1.02`; parsed here, never run as code.

    condition  = all { "or" all }
    all        = comparison { "and" comparison }
    comparison = sum ("<" | "<=" | ">" | ">=" | "==" | "!=") sum  |  "(" condition ")"
    sum        = product { ("+" | "-") product }
    product    = factor { ("*" | "/") factor }
    factor     = number | model "." metric [ "." statistic ] | "-" factor | "(" sum ")"

A statistic is that of the model minus the baseline. A name that holds dots, blanks or signs stands between quotes: "model 1".mse. Of the parts of
a name the metric is the last one that is one, so that a model may be called as a metric is.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence

from cecli.comparing.condition_names import PART, Named, Names
from cecli.errors import Place, UsageError
from cecli.record import Record
from cecli.statistics.paired import FEWEST

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
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?)(?!\w|\.\w|\.["'])"""
    rf"""|(?P<path>{PART}(?:\s*\.\s*{PART})*)|(?P<sign><=|>=|==|!=|[-+*/<>().−]))"""
)
INFINITE = "an infinite loss comes of a probability of 0; --eps clips it, and mse and error_rate stay finite"
DEEPEST = 50
"""Brackets within brackets."""


class Token(Record):
    """A word of a condition, and where it stands."""

    kind: str
    text: str
    start: int
    stop: int


Values = Callable[[Named], float | None]
"""The number that is named; None where there is none."""

Term = Callable[[Values], float]
"""A part of a condition, waiting for the values; of a comparison it is 0 or 1."""


class Condition(Record):
    """A condition, parsed."""

    text: str
    holds: Callable[[Values], bool]
    named: tuple[Named, ...]
    """The numbers in it."""


def read_condition(text: str, models: Sequence[str], baseline: str | None = None) -> Condition:
    """The condition that a text stands for, its names checked; without a baseline it is the first model."""
    parser = _Parser(text, Names(text, models, baseline or models[0]))
    term = parser.whole()
    return Condition(text, lambda values: bool(term(values)), tuple(dict.fromkeys(parser.named)))


class _Parser:
    """Recursive descent, a method for each rule of the grammar above."""

    def __init__(self, text: str, names: Names) -> None:
        self.text, self.names = text, names
        self.named: list[Named] = []
        self.tokens = self._tokens()
        self.depth = 0

    # -- words

    def _tokens(self) -> list[Token]:
        tokens, at, end = [], 0, len(self.text.rstrip())
        while at < end:
            match = TOKEN.match(self.text, at)
            if match is None:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self._error(f"{self.text[start]!r} is not allowed here", Token("", "", start, start + 1))
            kind = match.lastgroup or ""
            tokens.append(Token(kind, match[kind].replace("−", "-"), match.start(kind), match.end(kind)))
            at = match.end()
        return [*tokens, Token("end", "the end", end, end + 1)]

    def _error(self, message: str, token: Token, hint: str = FORM) -> UsageError:
        return UsageError(f"--fail-if: {message}", place=Place(self.text, token.start, token.stop), hint=hint)

    def _next(self, *texts: str) -> Token | None:
        """The next word, taken, if it is one of these."""
        if self.tokens[0].text in texts:
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
            raise self._error(f"unexpected {self.tokens[0].text}", self.tokens[0], self._blanks())
        return term

    def _blanks(self) -> str:
        return f'{FORM}; a name with blanks stands between quotes: "model 1".mse'

    def _any(self) -> Term:
        terms = [self._all()]
        while self._next("or"):
            terms.append(self._all())
        return lambda values: max([term(values) for term in terms])

    def _all(self) -> Term:
        terms = [self._comparison()]
        while self._next("and"):
            terms.append(self._comparison())
        return lambda values: min([term(values) for term in terms])

    def _comparison(self) -> Term:
        """Two sums beside a sign; or a condition in brackets."""
        if self.tokens[0].text == "(" and self._is_condition():
            return self._bracketed(self._any)
        left = self._sum()
        sign = self._next(*COMPARISONS)
        if sign is None:
            raise self._error("a comparison is expected: <, <=, >, >=, == or !=", self.tokens[0], self._blanks())
        return self._compared(sign, left, self._sum())

    def _compared(self, sign: Token, left: Term, right: Term) -> Term:
        """Two sums, and the sign between them; two infinite numbers can't be compared."""
        compare = COMPARISONS[sign.text]

        def compared(values: Values) -> float:
            a, b = left(values), right(values)
            if math.isinf(a) and math.isinf(b):
                raise self._error(f"{a:g} {sign.text} {b:g} compares two infinite numbers", sign, INFINITE)
            return float(compare(a, b))

        return compared

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
            raise self._error("too many brackets within brackets", opening)
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
        if token.kind == "path":
            return self._named()
        if self._next("-"):
            self.depth += 1
            if self.depth > DEEPEST:
                raise self._error("too many signs in a row", token)
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

    def _named(self) -> Term:
        """A number of a model."""
        token = self.tokens.pop(0)
        named = self.names.read(token.start, token.stop)
        self.named.append(named)

        def value(values: Values) -> float:
            found = values(named)
            if found is None or math.isnan(found):
                raise self._error(f"{named.text} is null, and null can't be compared", token, _why_null(named))
            return found

        return value


def _why_null(named: Named) -> str:
    """What a number needs that is not there."""
    if not named.statistic:
        return "these samples do not give this number: name another metric"
    if named.statistic == "difference":
        return "a difference needs a number of both models, and not two infinite ones: name another metric"
    return (
        f"intervals and p-values need at least {FEWEST} samples (or clusters) and finite losses, and some metrics have none: "
        "name another metric"
    )
