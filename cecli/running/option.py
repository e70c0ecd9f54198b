"""One option: what its row says, and how its typed text becomes a value, kind by kind."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from cecli.errors import UsageError
from cecli.maths.units import Base
from cecli.record import Record

FLAG, SWITCH, NUMBER, WHOLE, BASE, CHOICE, SOURCE, NAMES, LIST, IGNORED, TEXT = (
    "flag", "switch", "number", "whole number", "base", "choice", "source", "names", "list", "label", "text",
)  # fmt: skip
"""Kinds: a flag is there or not; a switch is on, off or neither; class names and the texts of a list stand between commas; a label is a number or a text."""

BASES = "e, 2, 10 or any number above 1"
BASES_ELSEWHERE = {
    "e": ("ln", "nats", "nat", "natural"),
    "2": ("log2", "lb", "bits", "bit", "shannons"),
    "10": ("log10", "lg", "dits", "dit", "bans", "hartleys"),
}
"""What people call a base."""

CHOICES_ELSEWHERE = {
    "mean": ("average", "avg", "batchmean", "elementwisemean"),
    "sum": ("total", "add", "summed"),
    "none": ("no", "each", "all"),
    "xent": ("ce", "crossentropy", "nll", "logloss", "softmax", "categoricalcrossentropy"),
    "mse": ("brier", "squarederror", "meansquarederror", "l2"),
    "bce": ("binary", "binarycrossentropy", "sigmoid", "logistic"),
}
"""What other tools call a choice."""


class TypedNumber(float):
    """A number that remembers how it was typed, for the working and for the error that it may cause."""

    text: str

    def __new__(cls, value: float, text: str) -> Self:
        """The number, with its text."""
        made = super().__new__(cls, value)
        made.text = text
        return made

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """What makes it again, in another process."""
        return float(self), self.text


def read_number(called: str, text: str) -> TypedNumber:
    """A decimal, fraction or percentage."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    try:
        return TypedNumber(number(text).value, text)
    except NotANumberError:
        raise UsageError(f"{called}: {text!r} is not a number", hint=_meant(text)) from None
    except TooLargeError:
        raise UsageError(f"{called}: {text} is too large for a 64-bit float") from None


def _meant(text: str) -> str | None:
    """The number that was meant by one with a decimal comma, or with a = behind the letter of its option."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    plain = text.removeprefix("=").replace(",", ".")
    try:
        number(plain)
    except (NotANumberError, TooLargeError):
        return None
    return f"did you mean {plain}?"


def choice_meant(value: object, choices: Iterable[str]) -> str | None:
    """Which of the choices a word of other tools stands for."""
    plain = "".join(character for character in str(value).lower() if character.isalnum())
    meant = next((choice for choice, names in CHOICES_ELSEWHERE.items() if plain in (choice, *names)), None)
    return f"did you mean {meant}?" if meant in tuple(choices) else None


def read_whole_number(called: str, text: str) -> int:
    """A whole number."""
    found = read_number(called, text)
    if not found.is_integer():
        raise UsageError(f"{called}: {text} is not a whole number")
    return int(found)


def base_of(value: str | float, called: str = "--base") -> Base:
    """The base that `e`, `2`, `10` or any other number above 1 stands for."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    try:
        found = math.e if value == "e" else number(value).value if isinstance(value, str) else float(value)
    except (NotANumberError, TooLargeError, TypeError, ValueError):
        mark = " " if called.startswith("-") else "="
        meant = next((base for base, names in BASES_ELSEWHERE.items() if str(value).lower() in names), None)
        raise UsageError(
            f"{called}: {value!r} is not a base", hint=f"did you mean {called}{mark}{meant}?" if meant else BASES
        ) from None
    if 1 < found < math.inf:
        return Base(found)
    if found <= 1:
        why = "a logarithm to base 1 does not exist" if found == 1 else "a base below 1 would reverse the sign"
        raise UsageError(f"{called}: {value} is not above 1", hint=f"{why}; {BASES}")
    raise UsageError(f"{called}: {value} is not a base", hint=BASES)


def _ignored(text: str) -> Any:
    from cecli.reading.labels import ignored_label

    return ignored_label(text)


READERS: dict[str, Callable[[str, str], Any]] = {
    NUMBER: read_number,
    WHOLE: read_whole_number,
    BASE: lambda called, text: base_of(text, called),
    LIST: lambda _, text: tuple(part for each in text.split(",") if (part := each.strip())),
    IGNORED: lambda _, text: _ignored(text),
}
"""How the text of a kind is read; of the other kinds it is the value."""


class Range(Record):
    """The values that a number may have, and the words for them."""

    words: str
    holds: Callable[[float], bool]


class Option(Record):
    """One option, the same wherever it is offered but for what `helps` says."""

    name: str
    """The keyword of the library; with `-` for `_` it is the option of the terminal."""
    kind: str
    panel: str
    commands: tuple[str, ...]
    """Which offer it."""
    help: str
    """`{formats}` and `{endings}` stand for those of the table of formats, `{summary_metrics}` and `{more_metrics}` for those of the metrics."""
    helps: Mapping[str, str] | None = None
    """What the help of a command says instead."""
    letter: str = ""
    metavar: str = ""
    default: str | None = None
    """As it would be typed; None where its absence means something of its own."""
    defaults: Mapping[str, str] | None = None
    """The default of commands that have their own."""
    range: Range | None = None
    choices: tuple[str, ...] = ()
    title: str = ""
    """What errors call a source."""
    role: str = ""
    """What it is to the samples, as `cecli.reading.roles` has it."""
    variable: str = ""
    """The environment variable that stands in for it."""
    repeats: bool = False
    """Whether it may be given several times, all of which count."""
    keyword: bool = False
    """Whether functions of the library take it."""
    shapes: bool = False
    """Whether it is one of the settings that every quantity knows, and JSON shows."""

    @property
    def flag(self) -> str:
        """`--label-smoothing`."""
        return f"--{self.name.replace('_', '-')}"

    def value_left_out(self, command: str) -> Any:
        """What a command takes where it is not given."""
        if self.kind == FLAG:
            return False
        default = (self.defaults or {}).get(command, self.default)
        return self.read(default) if self.kind in READERS else default

    def given(self, typed: str | None) -> tuple[str, str | None]:
        """What was typed, else what the environment says; with the name that an error calls it by, which comes first."""
        if typed is not None or not self.variable:
            return self.flag, typed
        return self.variable, os.environ.get(self.variable) or None

    def read(self, text: Any, called: str = "") -> Any:
        """The value that a typed text stands for, or each of several; what is not text (a flag, nothing) is what it is."""
        if self.kind not in READERS or text is None:
            return text
        if self.repeats and not isinstance(text, str):
            return [self.read(each, called) for each in text]
        called = called or self.flag
        value = READERS[self.kind](called, text)
        if self.range is not None and not self.range.holds(value):
            raise UsageError(f"{called}: {text} is not {self.range.words}")
        return value

    def check(self, value: Any) -> None:
        """Raises for a value, typed or of the library, that the option can't have."""
        if value is None:
            return
        if self.choices and value not in self.choices:
            raise UsageError(
                f"{self.flag}: {value!r} is not one of {', '.join(self.choices)}",
                hint=choice_meant(value, self.choices),
            )
        if self.range is not None and not self.range.holds(value):
            raise UsageError(f"{self.flag}: {getattr(value, 'text', value)} is not {self.range.words}")
