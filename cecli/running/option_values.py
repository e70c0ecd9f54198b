"""How the typed text of an option becomes its value, kind by kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Self

from cecli.errors import UsageError
from cecli.maths.units import Base

FLAG, SWITCH, NUMBER, WHOLE, BASE, CHOICE, SOURCE, NAMES, TEXT = (
    "flag", "switch", "number", "whole number", "base", "choice", "source", "names", "text",
)  # fmt: skip
"""Kinds: a flag is there or not; a switch is on, off or neither; names stand between commas."""

BASES = "e, 2, 10 or any number above 1"


class TypedNumber(float):
    """A number that remembers how it was typed, for the working and for the error that it may cause."""

    text: str

    def __new__(cls, value: float, text: str) -> Self:
        """The number, with its text."""
        made = super().__new__(cls, value)
        made.text = text
        return made


def read_number(called: str, text: str) -> TypedNumber:
    """A decimal, fraction or percentage."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    try:
        return TypedNumber(number(text).value, text)
    except NotANumberError:
        raise UsageError(f"{called}: {text!r} is not a number") from None
    except TooLargeError:
        raise UsageError(f"{called}: {text} is too large for a 64-bit float") from None


def read_whole_number(called: str, text: str) -> int:
    """A whole number."""
    found = read_number(called, text)
    if not found.is_integer():
        raise UsageError(f"{called}: {text} is not a whole number")
    return int(found)


def base_of(value: str | float) -> Base:
    """The base that `e`, `2`, `10` or any other number above 1 stands for."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    try:
        found = math.e if value == "e" else number(value).value if isinstance(value, str) else float(value)
    except (NotANumberError, TooLargeError, TypeError, ValueError):
        raise UsageError(f"--base: {value!r} is not a base", hint=BASES) from None
    if 1 < found < math.inf:
        return Base(found)
    if found <= 1:
        why = "a logarithm to base 1 does not exist" if found == 1 else "a base below 1 would turn the sign"
        raise UsageError(f"--base: {value} is not above 1", hint=f"{why}; {BASES}")
    raise UsageError(f"--base: {value} is not a base", hint=BASES)


READERS: dict[str, Callable[[str, str], Any]] = {
    NUMBER: read_number,
    WHOLE: read_whole_number,
    BASE: lambda _, text: base_of(text),
}
"""How the text of a kind is read; of the other kinds it is the value."""
