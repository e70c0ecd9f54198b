"""Fields of a text that hold a row of values: a list `[0.7, 0.3]`, an object `{"cat": 0.7, "dog": 0.3}`, a list of labels with their scores.

The keys of an object are the names of its classes. pandas writes dictionaries as Python does, so both ways are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cecli.errors import InputError
from cecli.reading import vector

PAIRS = ("[]", "()", "{}")
MOST_COMPARED = 20
"""Objects whose keys are compared."""


def is_row(text: str) -> bool:
    """Whether a field is written as a list or an object is, or as a program prints one: `tensor([0.7, 0.3])`."""
    return text[:1] + text[-1:] in PAIRS or (text[-1:] == ")" and _is_called(text))


def _is_called(text: str) -> bool:
    bare = _unwrapped(text).strip()
    return bare != text and bare[:1] + bare[-1:] in PAIRS


def _unwrapped(text: str) -> str:
    """A field in which calls are their values: `[np.float64(0.7), …]`; each stays where it stood."""
    if "(" not in text[1:]:
        return text
    from cecli.reading import pasted

    return pasted.unwrapped(text)


def words(text: str) -> list[str]:
    """The values of a list, or what is the only one."""
    return vector.words(_unwrapped(text))


def is_object(text: str) -> bool:
    """Whether it is an object, or a list of labels with their scores."""
    return text[:1] == "{" or text[1:].lstrip()[:1] == "{"


def is_unordered(text: str) -> bool:
    """Whether the order of the values says nothing."""
    return text[:1] == "[" and is_object(text)


def keys_move(texts: Sequence[str]) -> bool:
    """Whether the keys of some objects are not in the same order in all."""
    return len({keys_of(text) for text in texts[:MOST_COMPARED] if is_object(text)}) > 1


def keys_of(text: str) -> tuple[str, ...] | None:
    """The keys of an object of numbers; None for anything else."""
    if not is_object(text):
        return None
    try:
        return tuple(_object(text, ""))
    except InputError:
        return None


def items(text: str, keys: Sequence[str] | None, size: int, where: str) -> list[str]:
    """The values of a field, each as it is written; `keys` and `size` are those of the first field."""
    if keys is None and not is_object(text):
        return _of_list(text, size, where)
    return _of_object(text, keys or (), where)


def _of_list(text: str, size: int, where: str) -> list[str]:
    rows = vector.cut_vector(_unwrapped(text), where, text).rows
    if len(rows) != 1:
        raise InputError(f"{where}: a list of numbers is needed, and this is a matrix")
    if len(rows[0]) != size:
        raise InputError(f"{where}: this list has {len(rows[0])} values and the first has {size}")
    return [item.text for item in rows[0]]


def _of_object(text: str, keys: Sequence[str], where: str) -> list[str]:
    found = _object(text, where)
    other = [key for key in found if key not in keys] or [key for key in keys if key not in found]
    if other:
        has = "has the key" if other[0] in found else "lacks the key"
        first = f"the first has {', '.join(keys[:12])}" if keys else "the first is a list"
        raise InputError(f"{where}: this object {has} {other[0]!r}: {first}")
    return [found[key] for key in keys]


def _object(text: str, where: str) -> dict[str, str]:
    """The values of an object by their keys."""
    from cecli.reading import json_rows  # loaded where there is one

    try:
        found = json_rows.scored(_value(text, where), where)
    except InputError:
        raise
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        found = None
    if not isinstance(found, dict) or any(isinstance(value, (dict, list)) for value in found.values()):
        raise InputError(
            f"{where}: this is not an object of numbers: {text[:60]}", hint='as in {"cat": 0.7, "dog": 0.3}'
        )
    return {str(key): json_rows.as_written(value) for key, value in found.items()}


def _value(text: str, where: str) -> Any:
    """What a text writes, in JSON or in Python."""
    import ast

    from cecli.reading import json_keys, pasted

    try:
        return json_keys.single(text, where)
    except InputError:
        raise
    except ValueError:
        tree = ast.parse(pasted.unwrapped(text).strip(), mode="eval")
        if isinstance(tree.body, ast.Dict):
            json_keys.by_name([(str(ast.literal_eval(key)), None) for key in tree.body.keys if key], where)
        return ast.literal_eval(tree)
