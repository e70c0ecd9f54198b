"""Values as programs print them, and short forms: `array([…])`, `tensor([[…]])`, `c(0.1, 0.9)`, `cat=0.7,dog=0.3`, `0.1x4`, `uniform:4`, `onehot:2/5`.

Every character of what was typed keeps its position, so that an error underlines the one that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cecli.errors import InputError, Place
from cecli.reading import vector
from cecli.reading.vector import Item, Vector, is_number

FUNCTION = r"(?:\b\w+\.)*\b(?:array|asarray|Array|tensor|Tensor|FloatTensor|constant|matrix|c|list|tuple)\s*\("
"""What stands before pasted values: the name of a function, and its bracket."""
CALLED = rf"\s*{FUNCTION}(?=.*\)\s*;?\s*$)"
ANY = rf"(?:{FUNCTION}|(?:\b\w+\.)*\b(?:float|u?int)\d*\()"
WITHIN = rf"{ANY}(?P<values>[^()]*)\)"
"""A call among the values: `np.float64(0.5)`, `tensor(0.5)`, `array([0.1, 0.9])`."""
KEYWORDS = r",\s*(?:dtype|device|requires_grad|grad_fn|shape|size|layout|weak_type|copy|order|ndmin)\s*=[^;]*$"
"""What may stand behind them: `dtype=torch.float64`, `device='cuda:0'`, `grad_fn=<…>`. Any other name is that of a value: `c(a=1, b=2)`."""
NAMED = r"(\w+)(\s*)=(\s*)"
"""The name before a value; blanks around the sign move before it."""
MOST_REPEATED = 1_000_000


def unwrapped(text: str) -> str:
    """The values within a call of a program, blanks in place of the rest; the text itself where it is not such a call."""
    if "(" not in text:
        return text
    text = re.sub(WITHIN, lambda call: _alone(call["values"], call.start("values") - call.start(), len(call[0])), text)
    called = re.match(CALLED, text, re.DOTALL)
    if called is None:
        return text
    closing = text.rstrip().rstrip(";").rstrip()
    return _alone(closing[called.end() : -1], called.end(), len(text))


def _alone(values: str, start: int, length: int) -> str:
    """The values of a call without its keywords, where they stand in a text of this length, blanks in place of the rest."""
    keywords = re.search(KEYWORDS, values, re.DOTALL)
    if keywords is not None:
        values = values[: keywords.start()]
    values = re.sub(NAMED, lambda name: f"{name[2]}{name[3]}{name[1]}=", values)
    return " " * start + values + " " * (length - start - len(values))


def begins(text: str) -> bool:
    """Whether a text begins as pasted values do: with the name of a function, perhaps in brackets."""
    return re.match(rf"\s*[\[(\s]*{ANY}", text) is not None


def is_short(text: str) -> bool:
    """Whether a text is `uniform:4` or `onehot:2/5`."""
    return re.fullmatch(r"\s*(uniform:\d+|onehot:\d+/\d+)\s*", text) is not None


def is_short_item(text: str) -> bool:
    """Whether an item is a number with a name, or a number that is repeated."""
    return _named(text) is not None or _repeated(text) is not None


def _named(text: str) -> tuple[str, str] | None:
    """The name and the number of `cat=0.7`."""
    name, equals, value = text.rpartition("=")
    return (name, value) if equals and name and (is_number(value) or _repeated(value)) else None


def _repeated(text: str) -> tuple[str, int] | None:
    """The number of `0.1x4`, and how often it is repeated."""
    value, mark, times = text.replace("×", "x").rpartition("x")
    return (value, int(times)) if mark and times.isdecimal() and len(times) < 8 and is_number(value) else None


def cut(text: str, name: str, classes: Sequence[str] | None = None, decimal_comma: bool = False) -> Vector:
    """The rows of items of a typed text; `name` is what errors call it."""
    if classes and (names := class_names(text, classes)):
        return Vector(text, [names], 0 if len(names) == 1 else 1)
    if is_short(text):
        return _short(text, name)
    plain = unwrapped(text)
    if decimal_comma:
        plain = plain.translate(vector.DECIMAL_COMMAS)
    found = vector.cut_vector(plain, name, text)
    found = _with_names(found, name)
    if not any("x" in item.text or "×" in item.text for row in found.rows for item in row):
        return found
    rows = [[each for item in row for each in _times(item, text, name)] for row in found.rows]
    return found.replace(rows=rows, dimensions=max(1, found.dimensions))


def class_names(text: str, classes: Sequence[str]) -> list[Item]:
    """Class names that hold blanks or brackets: the whole text, or all that stands between commas; nothing where one is none."""
    parts = [match.span() for match in re.finditer(r"[^,]+", text)]
    for spans in ([(0, len(text))], parts):
        items = []
        for start, stop in spans:
            name = text[start:stop].strip()
            first = start + text[start:stop].find(name)
            items.append(Item(name, first, first + len(name)))
        if all(item.text in classes for item in items):
            return items
    return []


def _short(text: str, name: str) -> Vector:
    """`uniform:4` and `onehot:2/5`, with labels counted from 0."""
    word, _, numbers = text.strip().partition(":")
    place = Place(text, 0, len(text))
    index, _, size = numbers.rpartition("/")
    if not 0 < int(size[:8]) <= MOST_REPEATED or (index and int(index[:8]) >= int(size[:8])):
        hint = f"labels count from 0: {size} classes are 0…{int(size[:8]) - 1}" if index else None
        raise InputError(f"{name}: there is no {text.strip()}", place=place, hint=hint)
    values = (
        ["1/" + size] * int(size) if word == "uniform" else ["1" if k == int(index) else "0" for k in range(int(size))]
    )
    return Vector(text, [[Item(value, 0, len(text)) for value in values]], 1)


def _times(item: Item, text: str, name: str) -> list[Item]:
    found = _repeated(item.text)
    if found is None:
        return [item]
    if not 0 < found[1] <= MOST_REPEATED:
        raise InputError(
            f"{name}: {item.text} repeats a value {found[1]} times", place=Place(text, item.start, item.stop)
        )
    return [Item(found[0], item.start, item.stop)] * found[1]


def _with_names(found: Vector, name: str) -> Vector:
    """The values without their names, which are those of the columns."""
    first = [_named(item.text) for item in found.rows[0]]
    if not any(first):
        return found
    names = tuple(each[0] for each in first if each is not None)
    rows = [[_unnamed(item, found.text, name) for item in row] for row in found.rows]
    if len(set(names)) < len(names) or any(tuple(each for each, _ in row) != names for row in rows):
        raise InputError(f"{name}: every value has a name of its own, the same in every row", place=found.place(0))
    return found.replace(
        rows=[[item for _, item in row] for row in rows], names=names, dimensions=max(1, found.dimensions)
    )


def _unnamed(item: Item, text: str, name: str) -> tuple[str, Item]:
    """The name of an item, and its value."""
    found = _named(item.text)
    if found is None:
        raise InputError(
            f"{name}: {item.text!r} has no name, and others have",
            place=Place(text, item.start, item.stop),
            hint="as in cat=0.7,dog=0.3",
        )
    return found[0], Item(found[1], item.start + len(found[0]) + 1, item.stop)
