"""What labels mean: class indices, or class names matched to indices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches

from cecli.errors import InputError, Place, UsageError
from cecli.reading.vector import Item, NotANumberError, TooLargeError, Vector, is_number, number


def class_names(text: str) -> tuple[str, ...]:
    """The names of `--classes`: between commas, or between blanks where there is no comma."""
    plain = text.replace("，", ",")
    names = tuple(part.strip().strip("\"'") for part in (plain.split(",") if "," in plain else plain.split()))
    if not names or "" in names:
        raise UsageError("--classes: a class name is empty", hint="write them as cat,dog,bird")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError(f"--classes: {twice[0]!r} stands there twice", hint="class names must differ")
    return names


def all_numbers(names: Sequence[str]) -> bool:
    """Whether every class name is itself a number: then labels are matched by name, never by position."""
    return all(map(is_number, names))


def label_items(vector: Vector) -> list[Item]:
    """The labels of a typed vector, whether they stand in a row or in a column."""
    return [item for row in vector.rows for item in row]


def is_labels(vector: Vector, names: Sequence[str] | None) -> bool:
    """Whether what was typed are class names: at least one is no number, and all words are names."""
    if not names:
        return False
    items = [item.text for item in label_items(vector)]
    return all(text in names or is_number(text) for text in items) and not all(map(is_number, items))


def indices(vector: Vector, names: Sequence[str] | None, ignore: int | None, name: str) -> list[float]:
    """The class index of each label; what is a plain number stays one, for the checks to judge.

    With numeric class names (`--classes 1,2,3`) a label is the position of the name with its value.
    """
    by_name = {text: float(i) for i, text in enumerate(names or ())}
    by_value = _by_value(names) if names and all_numbers(names) else None
    return [_index(vector, item, by_name, by_value, ignore, name) for item in label_items(vector)]


def _by_value(names: Sequence[str]) -> dict[float, float]:
    """The position of each numeric class name, by its value."""
    return {number(text).value: float(i) for i, text in enumerate(names)}


def _index(
    vector: Vector,
    item: Item,
    by_name: dict[str, float],
    by_value: dict[float, float] | None,
    ignore: int | None,
    name: str,
) -> float:
    """The class index of one label."""
    try:
        value = number(item.text).value
    except TooLargeError:
        value = math.inf
    except NotANumberError:
        if item.text in by_name:
            return by_name[item.text]
        raise _unknown(vector, item, list(by_name), name) from None
    if value == ignore or by_value is None:
        return value
    if value not in by_value:
        raise _unknown(vector, item, list(by_name), name)
    return by_value[value]


def _unknown(vector: Vector, item: Item, names: list[str], name: str) -> InputError:
    """The error for a label that matches no class name."""
    close = get_close_matches(item.text, names, n=1)
    known = f"the classes are {', '.join(names[:10])}{', …' if len(names) > 10 else ''}" if names else None
    hint = f"did you mean {close[0]}? {known}" if close else known or "name the classes with --classes cat,dog,bird"
    what = "is the name of no class" if names else "is not a number, and the classes have no names"
    return InputError(f"{name}: {item.text!r} {what}", place=Place(vector.text, item.start, item.stop), hint=hint)
