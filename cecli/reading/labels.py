"""What labels mean: class indices, or class names matched to indices."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeVar

import numpy as np

from cecli.errors import InputError, Place, UsageError
from cecli.numerals import shortest
from cecli.reading.missing import FOREIGN, is_missing
from cecli.reading.vector import Item, NotANumberError, TooLargeError, Vector, is_number, number, shortened, value_of

Name = TypeVar("Name", str, float)
Ignored = int | float | str | None
"""The label that is left out: a number, or a text."""
BETWEEN_QUOTES = r',(?=(?:[^"]*"[^"]*")*[^"]*$)'
"""A comma that stands in no quotes."""


def class_names(text: str) -> tuple[str, ...]:
    """The names of `--classes`: between commas, or between blanks where there is no comma."""
    plain = text.replace("，", ",")
    names = between_commas(plain) if "," in plain else tuple(map(_unquoted, plain.split()))
    if not names or "" in names:
        raise UsageError("--classes: a class name is empty", hint="write them as cat,dog,bird")
    require_distinct(names, "--classes")
    if all_numbers(names) and len(_by_value(names)) < len(names):
        raise UsageError(
            f"--classes: two of {', '.join(names[:8])} are the same number", hint="class names must differ"
        )
    return names


def between_commas(text: str) -> tuple[str, ...]:
    """The texts between commas; one in quotes may hold a comma."""
    return tuple(_unquoted(part.strip()) for part in re.split(BETWEEN_QUOTES, text))


def require_distinct(names: tuple[str, ...], option: str = "classes") -> tuple[str, ...]:
    """The class names, of which no two are the same."""
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{option}: {twice!r} is given twice", hint="class names must differ")
    return names


def _unquoted(text: str) -> str:
    """A name without the quotes around it, in which two quotes are one."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text.strip("\"'")


def ignored_label(text: str) -> Ignored:
    """The label that `--ignore-index` leaves out: a whole number, any other number, or a text."""
    if not is_number(text):
        return text.strip().strip("\"'")
    value = number(text).value
    return int(value) if value.is_integer() else value


def require_number(ignore: Ignored, label: float) -> None:
    """Beside a label that is a number `--ignore-index` names a number, or what is missing."""
    if isinstance(ignore, str) and not is_missing(ignore):
        raise UsageError(
            f"--ignore-index: {ignore!r} is text, and the label {shortest(label)} is a number",
            hint="give a number, or NA for labels that are missing",
        )


def all_numbers(names: Sequence[str]) -> bool:
    """Whether every class name is itself a number: then labels are matched by name, never by position."""
    return all(map(is_number, names))


def are_names(texts: Sequence[str], names: Sequence[str] | None) -> bool:
    """Whether texts are labels by name: at least one word is a class name; of the others the matcher says that they are none."""
    return any(text in (names or ()) and not is_number(text) for text in texts)


SAME_NAMES = "FILE:COLUMNS chooses columns by their positions"
LEFT_OUT = -math.inf
"""What a matcher gives for a label that is left out."""


def indices(vector: Vector, items: Sequence[Item], matcher: Matcher, name: str) -> list[float]:
    """The class index of each label, as a matcher gives it.

    With numeric class names (`--classes 1,2,3`) a label is the position of the name with its value.
    """
    found = []
    for item in items:
        try:
            found.append(matcher.index(item.text))
        except UnknownLabelError:
            raise matcher.unknown(item.text, name, Place(vector.text, item.start, item.stop)) from None
    return found


class UnknownLabelError(Exception):
    """Raised for a label that matches no class name; the caller knows where it stands."""


class Matcher:
    """Matches labels to class names, remembering those it has met.

    It gives the class index; a plain number that is not a name stays one, for the checks to judge; NaN is a missing label, and
    LEFT_OUT one that `--ignore-index` names.
    """

    def __init__(self, names: Sequence[str] | None, ignore: Ignored = None) -> None:
        self.names = list(names or ())
        self.ignore = ignore
        self._by_value = _by_value(self.names) if names and all_numbers(names) else None
        self._known = {} if self._by_value is not None else _places(self.names)
        if isinstance(ignore, str):
            self._known[ignore] = LEFT_OUT
        self.are_partly_numbers = self._by_value is None and any(map(is_number, self.names))
        """Whether some names are numbers, and others not."""

    @property
    def ignores_missing(self) -> bool:
        """Whether missing labels are the ones that are left out."""
        return isinstance(self.ignore, str) and is_missing(self.ignore)

    def index(self, text: str) -> float:
        """The class index of a label."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._new(text)
        return found

    def knows(self, text: str) -> bool:
        """Whether a label has a class."""
        try:
            self.index(text)
        except UnknownLabelError:
            return False
        return True

    def indices(self, texts: Sequence[str]) -> np.ndarray:
        """The class indices of many labels."""
        try:
            return np.fromiter(map(self._known.__getitem__, texts), np.float64, len(texts))
        except KeyError:  # some are met for the first time
            return np.array([self.index(text) for text in texts], dtype=np.float64)

    def _new(self, text: str) -> float:
        try:
            return self.by_value(number(text).value)
        except TooLargeError:
            return self.by_value(math.inf)
        except NotANumberError:
            if is_missing(text) and text not in self.names:
                return LEFT_OUT if self.ignores_missing else math.nan
            if self._by_value is not None and text in self.names:
                return float(self.names.index(text))
            raise UnknownLabelError(text) from None

    def by_value(self, value: float) -> float:
        """The index of a label that is a number."""
        require_number(self.ignore, value)
        if value == self.ignore:
            return LEFT_OUT
        if self._by_value is None:
            return value
        if value not in self._by_value:
            raise UnknownLabelError(str(value))
        return self._by_value[value]

    def of_numbers(self, values: np.ndarray) -> np.ndarray:
        """The class indices of labels that are all numbers, or missing."""
        if isinstance(self.ignore, str):
            for value in values[~np.isnan(values)][:1]:
                require_number(self.ignore, float(value))
        if self._by_value is not None:
            each, positions = np.unique(values, return_inverse=True)
            found = [value if value != value else self.by_value(value) for value in each.tolist()]  # noqa: PLR0124 - NaN
            values = np.array(found, dtype=np.float64)[positions.reshape(values.shape)]
        elif isinstance(self.ignore, (int, float)):
            values = np.where(values == self.ignore, LEFT_OUT, values)
        return np.where(np.isnan(values), LEFT_OUT, values) if self.ignores_missing else values

    def unknown(self, text: str, where: str, place: Place | None) -> InputError:
        """The error for a label that matches no class name, or the names of several."""
        several = sum(name == text or value_of(name) == value_of(text) is not None for name in self.names)
        if several > 1:
            return InputError(
                f"{where}: {shortened(text)!r} is the name of {several} classes", place=place, hint=SAME_NAMES
            )
        close = get_close_matches(text, self.names, n=1)
        known = f"the classes are {', '.join(self.names[:10])}{', …' if len(self.names) > 10 else ''}"
        if not self.names:
            says, hint = (
                "is not a number, and the classes have no names",
                "name the classes with --classes cat,dog,bird",
            )
        else:
            says, hint = "is not a class name", f"did you mean {close[0]}? {known}" if close else known
        return InputError(f"{where}: {shortened(text)!r} {says}", place=place, hint=FOREIGN.get(text, hint))


def _by_value(names: Sequence[str]) -> dict[float, float]:
    """The position of each numeric class name, by its value."""
    values = map(value_of, names)
    return _places([math.inf if value is None else value for value in values])


def _places(names: Sequence[Name]) -> dict[Name, float]:
    """The position of each name that occurs once."""
    found = {name: float(i) for i, name in enumerate(names)}
    if len(found) == len(names):
        return found
    times = Counter(names)
    return {name: i for name, i in found.items() if times[name] == 1}
