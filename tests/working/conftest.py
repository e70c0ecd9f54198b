"""Replays the working: reads a printed expression and evaluates it at 50 digits, sharing no code with what printed it."""

import re

import mpmath
import pytest

DIGITS = 50
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
TOKEN = re.compile(
    r"\s*(?P<number>\d+\.?\d*(?:e[−+-]?\d+)?%?|∞|inf)|\s*(?P<name>ln|log[₀-₉]+|log[\d.]+|max|clip|√|e(?=\^))|\s*(?P<mark>[-−+·/^(),])"
)


class Evaluator:
    """Recursive descent over an expression as a terminal shows it: sums, products, powers, ln, log₂, max, clip, rows."""

    def __init__(self, text):
        text = text.replace("²", "^2")
        self.tokens = []
        position = 0
        while position < len(text.rstrip()):
            match = TOKEN.match(text, position)
            if not match:
                raise ValueError(f"{text!r} can't be read at {position}: {text[position:]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, mark=None):
        _kind, text = self.peek()
        if mark is not None and text != mark:
            raise ValueError(f"{mark!r} expected at {self.tokens[self.at :]}")
        self.at += 1
        return text

    def whole(self):
        value = self.sum()
        if self.at != len(self.tokens):
            raise ValueError(f"left over: {self.tokens[self.at :]}")
        return value

    def sum(self):
        negative = self.peek()[1] in ("−", "-")
        if negative:
            self.take()
        value = _each(lambda a: -a, self.product()) if negative else self.product()
        while self.peek()[1] in ("+", "−", "-"):
            sign = 1 if self.take() == "+" else -1
            value = _both(lambda a, b, s=sign: a + s * b, value, self.product())
        return value

    def product(self):
        value = self.power()
        while self.peek()[1] in ("·", "/"):
            times = self.take() == "·"
            other = self.power()
            value = _both(_times if times else _over, value, other)
        return value

    def power(self):
        base = self.atom()
        if self.peek()[1] != "^":
            return base
        self.take()
        return mpmath.power(base, self.atom())

    def atom(self):
        kind, text = self.peek()
        if kind == "number":
            self.take()
            return _number(text)
        if kind == "name":
            return self.function(self.take())
        self.take("(")
        entries = [self.sum()]
        while self.peek()[1] == ",":
            self.take()
            entries.append(self.sum())
        self.take(")")
        return entries[0] if len(entries) == 1 else entries

    def function(self, name):
        if name == "e":
            return mpmath.e
        argument = self.power()
        if name == "ln":
            return _log(argument)
        if name.startswith("log"):
            return _log(argument) / mpmath.log(mpmath.mpf(name[3:].translate(SUBSCRIPTS)))
        if name == "√":
            return mpmath.sqrt(argument)
        if name == "max":
            return max(argument if isinstance(argument, list) else [argument])
        values, low, high = argument
        return [min(max(value, low), high) for value in values]


def _number(text):
    if text in ("∞", "inf"):
        return mpmath.inf
    if text.endswith("%"):
        return mpmath.mpf(text[:-1]) / 100
    return mpmath.mpf(text.replace("−", "-"))


def _log(value):
    return -mpmath.inf if value == 0 else mpmath.log(value)


def _over(a, b):
    """a/b; infinite where b is 0."""
    return a / b if b != 0 else mpmath.sign(a) * mpmath.inf


def _times(a, b):
    """0 · ∞ is 0 here, the limit of p·log p."""
    return mpmath.mpf(0) if 0 in (a, b) else a * b


def _each(f, value):
    return [f(entry) for entry in value] if isinstance(value, list) else f(value)


def _both(f, a, b):
    """An operation entry by entry; a number goes with every entry."""
    if isinstance(a, list) and isinstance(b, list):
        return [f(x, y) for x, y in zip(a, b, strict=True)]
    if isinstance(a, list):
        return [f(x, b) for x in a]
    return [f(a, y) for y in b] if isinstance(b, list) else f(a, b)


@pytest.fixture(scope="session")
def replay():
    """The value of a printed expression."""

    def run(text):
        with mpmath.workdps(DIGITS):
            return Evaluator(text).whole()

    return run
