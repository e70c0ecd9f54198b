"""Keys of JSON objects that stand twice in one object: the module `json` keeps the last value of each, and says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from cecli.errors import InputError, Place
from cecli.record import Record

ESCAPED = b"\\u003"
"""How a colon begins that is written by its number."""


def stands_twice(key: str, where: str, place: Place | None = None) -> InputError:
    """The error for a name that two values have."""
    says, hint = f"{where}: two values are called {key!r}", "every value needs a name of its own"
    return InputError(says, place=place, hint=hint)


class Twice(Record):
    """A key that stands twice in an object."""

    value: int
    """The position in a list of the value that the object is in."""
    path: tuple[str, ...]
    """The keys that lead to it; where it stands in a list, to that."""
    key: str


def twice(text: bytes, values: Sequence[Any]) -> list[Twice]:
    """The keys that stand twice in a JSON text of a list, of which `values` were read.

    Every key has a colon: a text with no more colons than its values must have is not looked at closely.
    """
    has_escaped = b"\\" in text and ESCAPED in text
    if text.count(b":") == _colons(values) and not has_escaped:
        return []
    doubled: list[_Doubled] = []
    found = json.loads(text, object_pairs_hook=partial(_object, doubled=doubled))
    if not doubled:
        return []
    return [Twice(i, path, key) for i, value in enumerate(found) for path, key in _paths(value, ())]


def single(text: str, where: str) -> Any:
    """The value of a JSON text, or the error for a key that stands twice in an object of it."""
    return json.loads(text, object_pairs_hook=partial(by_name, where=where))


def by_name(pairs: Sequence[tuple[str, Any]], where: str) -> dict[str, Any]:
    """Values by their names, or the error for a name that two of them have."""
    doubled: list[_Doubled] = []
    found = _object(pairs, doubled)
    if doubled:
        raise stands_twice(doubled[0].key, where)
    return found


def _colons(values: Sequence[Any]) -> int:
    """How many colons a JSON text of values has at least: one for each key, and those in strings; never more than it has, unless as `ESCAPED`."""
    kind = type(values[0]) if len(values) else None
    alike = values if set(map(type, values)) == {kind} else [each for each in values if type(each) is kind]
    if kind is str:
        return sum(each.count(":") for each in alike)
    if kind is list:
        return _colons([inner for each in alike for inner in each]) if _may_have_colons(alike[0]) else 0
    if kind is not dict:
        return 0
    count = sum(map(len, alike))
    for key, first in alike[0].items():
        if ":" in key or _may_have_colons(first):
            column = [each[key] for each in alike if key in each]
            count += key.count(":") * len(column) + _colons(column)
    return count


def _may_have_colons(value: Any) -> bool:
    return type(value) is str or type(value) is dict or (type(value) is list and _may_have_colons(next(iter(value), 0)))


class _Doubled(dict[str, Any]):
    """An object with a key that stands twice in it."""

    key: str


def _object(pairs: Sequence[tuple[str, Any]], doubled: list[_Doubled]) -> dict[str, Any]:
    """An object, which is added to the doubled ones where a key stands twice in it."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    doubled.append(_Doubled(found))
    doubled[-1].key = next(name for name in names if names.count(name) > 1)
    return doubled[-1]


def _paths(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys that stand twice in a value, each with the path to it."""
    if isinstance(value, _Doubled):
        yield (*path, value.key), value.key
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from ((path, key) for _, key in _paths(inner, path))
