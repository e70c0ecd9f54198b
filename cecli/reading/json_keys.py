"""Keys of JSON objects that stand twice in one object: the module `json` keeps the last value of each, and says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cecli.errors import InputError
from cecli.record import Record

UNSURE = (b" :", b"\t:", b"\r:", b"\n:", b'\\\\":')
"""A colon that may follow a key, and not the quote that ends it, or not surely one."""


def stands_twice(key: str, where: str) -> InputError:
    """The error for a name that two values have."""
    return InputError(f"{where}: two values are called {key!r}", hint="every value needs a name of its own")


class Twice(Record):
    """A key that stands twice in an object."""

    value: int
    """The position in a list of the value that the object is in."""
    path: tuple[str, ...]
    """The keys that lead to it; where it stands in a list, to that."""
    key: str


def twice(text: bytes, values: Sequence[Any]) -> list[Twice]:
    """The keys that stand twice in a JSON text of a list, of which `values` were read."""
    if not _may_have_more(text, values):
        return []
    found = json.loads(text, object_pairs_hook=_object)
    return [Twice(i, path, key) for i, value in enumerate(found) for path, key in _doubled(value, ())]


def single(text: str, where: str) -> Any:
    """The value of a JSON text, or the error for a key that stands twice in an object of it."""
    value = json.loads(text, object_pairs_hook=_object)
    for _, key in _doubled(value, ()):
        raise stands_twice(key, where)
    return value


def by_name(pairs: Sequence[tuple[str, Any]], where: str) -> dict[str, Any]:
    """Values by their names, or the error for a name that two of them have."""
    found = _object(pairs)
    if isinstance(found, _Doubled):
        raise stands_twice(found.key, where)
    return found


def _may_have_more(text: bytes, values: Sequence[Any]) -> bool:
    """Whether a text may have more keys than the values that were read of it; where it has, it never says no.

    Every key has a colon. A text that has as many as the values have keys has no more; of one that has more, the colons in strings are
    known by what stands before them.
    """
    colons = text.count(b":")
    if not colons or (set(map(type, values)) == {dict} and sum(map(len, values)) == colons):
        return False
    keys = _count(values)
    if keys == colons:
        return False
    return any(each in text for each in UNSURE) or text.count(b'":') - text.count(b'\\":') != keys


def _count(values: Sequence[Any]) -> int:
    """How many keys the objects among values have, and those within them."""
    count = 0
    while values:
        objects = [each for each in values if type(each) is dict]
        count += sum(map(len, objects))
        inner = [each.values() for each in objects] + [each for each in values if type(each) is list]
        values = [each for part in inner for each in part if type(each) is dict or type(each) is list]
    return count


class _Doubled(dict[str, Any]):
    """An object with a key that stands twice in it."""

    key: str


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names, doubled = [name for name, _ in pairs], _Doubled(found)
    doubled.key = next(name for name in names if names.count(name) > 1)
    return doubled


def _doubled(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys that stand twice in a value, each with the path to it."""
    if isinstance(value, _Doubled):
        yield (*path, value.key), value.key
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _doubled(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from ((path, key) for _, key in _doubled(inner, path))
