"""Short forms of typed values: `cat=0.7,dog=0.3`, `0.1x4`, `uniform:4`, `onehot:2/5`.

A value of a short form stands for one or more values, and keeps its place in the text for the errors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cecli.errors import InputError, Place
from cecli.reading.vector import Item, Vector, is_number, refused, words

MOST_REPEATED = 1_000_000
FORMS = {"uniform": "uniform:4 is 1/4,1/4,1/4,1/4", "onehot": "onehot:2/5 is 0,0,1,0,0: class 2 of 5"}
NAMES_HINT = "name all values or none, as in cat=0.7,dog=0.3"
COMPARE_HINT = "in compare the first = ends the model's name, as in m=cat=0.7,dog=0.3"


def is_short(text: str) -> bool:
    """Whether a text is `uniform:4` or `onehot:2/5`."""
    return re.fullmatch(r"\s*(uniform:\d+|onehot:\d+/\d+)\s*", text) is not None


def is_short_item(text: str) -> bool:
    """Whether an item has a short form."""
    return is_named(text) or is_short(text) or _repeated(text) is not None


def is_named(text: str) -> bool:
    """Whether an item is a number, perhaps repeated, with a name."""
    return _named(text) is not None


def hint_on(text: str) -> str | None:
    """What to type in place of a text that begins as a short form does, and is none."""
    return FORMS.get(text.strip().partition(":")[0]) if ":" in text else None


def are_short(text: str, alone: bool) -> bool:
    """Whether a line that is piped in holds values alone, some of a short form; beside other lines `1x4` may be a name in a header."""
    items = words(text)
    is_one = is_short_item if alone else lambda item: is_named(item) or is_short(item)
    return any(map(is_one, items)) and all(map(_is_value, items))


def _is_value(text: str) -> bool:
    return is_number(text) or is_short_item(text)


def expanded(found: Vector, plain: str, name: str) -> Vector:
    """The values that the short forms stand for, their names being those of the columns; `plain` is the text that was cut."""
    found = _with_names(found, plain, name)
    if not any(":" in item.text or "x" in item.text or "×" in item.text for row in found.rows for item in row):
        return found
    rows = [[each for item in row for each in _values(item, found, name)] for row in found.rows]
    return found.replace(rows=rows, dimensions=max(1, found.dimensions))


# --- one value several times, or a row --------------------------------------------------------------------------------


def _values(item: Item, found: Vector, name: str) -> list[Item]:
    """The values that an item stands for."""
    if is_short(item.text):
        texts = _row(item.text, Place(found.text, item.start, item.stop), name)
    elif (repeated := _repeated(item.text)) is not None:
        texts = [repeated[0]] * repeated[1]
        if not 0 < repeated[1] <= MOST_REPEATED:
            says = f"{name}: {item.text} repeats a value {repeated[1]} times"
            raise InputError(says, place=Place(found.text, item.start, item.stop))
    else:
        return [item]
    if found.names is not None:
        says = f"{name}: {item.text} stands for {len(texts)} values, and a name for one"
        raise InputError(says, place=Place(found.text, item.start, item.stop), hint=NAMES_HINT)
    return [Item(text, item.start, item.stop) for text in texts]


def _row(text: str, place: Place, name: str) -> list[str]:
    """The values of `uniform:4`, or of `onehot:2/5` with labels counted from 0."""
    word, _, numbers = text.strip().partition(":")
    index, _, size = numbers.rpartition("/")
    count = int(size[:8])
    if not 0 < count <= MOST_REPEATED:
        raise InputError(f"{name}: {text.strip()} is a row of {size} values", place=place, hint=FORMS[word])
    if word == "uniform":
        return [f"1/{count}"] * count
    if int(index[:8]) >= count:
        hint = f"labels count from 0: those of {count} classes are 0…{count - 1}"
        raise InputError(f"{name}: class {index} is out of range in {text.strip()}", place=place, hint=hint)
    return ["1" if k == int(index) else "0" for k in range(count)]


def _repeated(text: str) -> tuple[str, int] | None:
    """The number of `0.1x4`, and how often it is repeated."""
    value, mark, times = text.replace("×", "x").rpartition("x")
    return (value, int(times)) if mark and times.isdecimal() and len(times) < 8 and is_number(value) else None


# --- names ------------------------------------------------------------------------------------------------------------


def _named(text: str) -> tuple[str, str] | None:
    """The name and the number of `cat=0.7`."""
    name, equals, value = text.rpartition("=")
    return (name.strip("\"'"), value) if equals and name and (is_number(value) or _repeated(value)) else None


def _with_names(found: Vector, plain: str, name: str) -> Vector:
    """The values without their names, every row in the order of the first."""
    if not any(_named(item.text) for row in found.rows for item in row):
        return found
    rows = [[_unnamed(item, found, name) for item in _joined(row, plain)] for row in found.rows]
    names = tuple(each for each, _ in rows[0])
    for i, row in enumerate(rows):
        _require_names(i, row, names, found, name)
    ordered = [[dict(row)[each] for each in names] for row in rows]
    return found.replace(rows=ordered, names=names, dimensions=max(1, found.dimensions))


def _joined(row: Sequence[Item], plain: str) -> list[Item]:
    """The items, those of a name that holds blanks being one with its value: `New York=0.7`."""
    joined: list[Item] = []
    for item in row:
        before = joined[-1] if joined else None
        if before is None or not _goes_on(before.text, plain[before.stop : item.start], item.text):
            joined.append(item)
            continue
        whole = " ".join(plain[before.start : item.stop].split())
        joined[-1] = Item(whole, before.start, item.stop)
    return joined


def _goes_on(before: str, between: str, item: str) -> bool:
    """Whether an item ends a name that another begins, with nothing but blanks between."""
    return "=" in item and not between.strip() and "=" not in before and not is_number(before)


def _unnamed(item: Item, found: Vector, name: str) -> tuple[str, Item]:
    """The name of an item, and its value."""
    named = _named(item.text)
    if named is None and "=" in item.text.lstrip("="):
        value = item.text.rpartition("=")[2]
        says, hint = refused(value)
        place = Place(found.text, item.stop - len(value), item.stop)
        raise InputError(f"{name}: {says}", place=place, hint=hint)
    if named is None:
        is_first = item.start == found.rows[0][0].start
        raise InputError(
            f"{name}: {item.text!r} has no name, and others have",
            place=Place(found.text, item.start, item.stop),
            hint=f"{NAMES_HINT}; {COMPARE_HINT}" if is_first else NAMES_HINT,
        )
    return named[0], Item(named[1], item.stop - len(named[1]), item.stop, item.start)


def _require_names(i: int, row: Sequence[tuple[str, Item]], names: Sequence[str], found: Vector, name: str) -> None:
    """The error for a row that has not every name once."""
    own = [each for each, _ in row]
    twice = next((k for k, each in enumerate(own) if each in own[:k]), None)
    if twice is not None:
        from cecli.reading.json_keys import stands_twice  # loaded where it is needed

        item = row[twice][1]
        raise stands_twice(own[twice], name, Place(found.text, item.begin, item.stop))
    if set(own) != set(names):
        missing, extra = [each for each in names if each not in own], [each for each in own if each not in names]
        says = " and ".join(
            f"{word} {', '.join(map(repr, each))}" for word, each in (("lacks", missing), ("has", extra)) if each
        )
        says, hint = f"{name}: row {i + 1} {says}, unlike row 1", "every row has the same names, in any order"
        raise InputError(says, place=found.place(i), hint=hint)
