"""What can go wrong, said so that a person can mend it.

Every error that cecli raises on purpose is a `CecliError`: a message (what is wrong and where), a place
(the typed text with the offending part, where there is one) and a hint (what to do about it). They are
raised low, where the fact is known, and shown once, by the command line's error boundary. They are
`ValueError`s, so that a library user needs to know nothing of this module.
"""

from __future__ import annotations

from typing import Protocol

from cecli.record import Record


class Place(Record):
    """A part of a text that was typed: `text[start:stop]` is what an error underlines."""

    text: str
    start: int
    stop: int


class CecliError(ValueError):
    """An error with its message, the place to underline and the hint what to do about it."""

    exit_code = 2

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}; {hint}")
        self.message = message
        self.place = place
        self.hint = hint


class InputError(CecliError):
    """The numbers are wrong: what was typed, piped or passed can't be what it is used as."""


class UsageError(CecliError):
    """The call is wrong: an option's value, or options that contradict one another."""


class MissingError(CecliError):
    """Something that the call needs is not there: a file, an extra, a device."""


class Titled(Protocol):
    """What a message calls a source, and what was typed for it."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str | None: ...


def distinct_names(one: Titled, other: Titled) -> tuple[str, str]:
    """What a message calls two sources: what was typed for each where both stand in one file."""
    if one.name != other.name:
        return one.name, other.name
    return one.text or one.name, other.text or other.name


class Located(Titled, Protocol):
    """What an error needs to know of a source: what to call it, and where each value stands."""

    def place(self, sample: int, column: int | None = None) -> Place | None: ...
    def where(self, sample: int) -> str: ...
    def whole(self) -> Place | None: ...
    def written(self, sample: int, column: int) -> str | None: ...
    @property
    def first_hint(self) -> str | None: ...
    @property
    def width_hint(self) -> str | None: ...
    @property
    def comma_hint(self) -> str | None: ...
    @property
    def length_hint(self) -> str | None: ...
    @property
    def may_have_header(self) -> bool: ...
