"""The order in which programs number classes: that of the alphabet, or of numbers in their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Names in the order in which programs number them; as they stand where that is one.

    >>> numbered(["dog", "cat"]), numbered(["zero", "one", "two"]), numbered(["été", "hiver"]), numbered(["c2", "c10"])
    (('cat', 'dog'), ('zero', 'one', 'two'), ('été', 'hiver'), ('c2', 'c10'))
    """
    lower = [name.lower() for name in names]
    if list(names) == sorted(names) or lower == sorted(lower, key=_without_accents) or lower == NUMBERS[: len(lower)]:
        return tuple(names)
    from cecli.reading.json_rows import by_their_numbers  # loaded where it is needed

    return tuple(by_their_numbers(sorted(names, key=str.casefold)))


def _without_accents(name: str) -> str:
    return "".join(
        character for character in unicodedata.normalize("NFD", name) if not unicodedata.combining(character)
    )
