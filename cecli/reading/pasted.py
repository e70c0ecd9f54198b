"""Values as programs print them: `array([…])`, `tensor([[…]])`, `c(0.1, 0.9)`; and typed texts, cut to rows of values.

Every character of what was typed keeps its position, so that an error underlines the one that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cecli.errors import InputError, Place
from cecli.reading import vector
from cecli.reading.short_forms import expanded
from cecli.reading.vector import Item, Vector

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
    values = names_moved(values)
    return " " * start + values + " " * (length - start - len(values))


def names_moved(text: str) -> str:
    """The text with the blanks around an equals sign before the name, so that name and value are one item."""
    return re.sub(NAMED, lambda name: f"{name[2]}{name[3]}{name[1]}=", text)


def begins(text: str) -> bool:
    """Whether a text begins as pasted values do: with the name of a function, perhaps in brackets."""
    return re.match(rf"\s*[\[(\s]*{ANY}", text) is not None


def cut(text: str, name: str, classes: Sequence[str] | None = None, decimal_comma: bool = False) -> Vector:
    """The rows of items of a typed text; `name` is what errors call it."""
    if classes and (names := class_names(text, classes)):
        return Vector(text, [names], 0 if len(names) == 1 else 1)
    plain = unwrapped(text)
    if decimal_comma:
        plain = plain.translate(vector.DECIMAL_COMMAS)
    if "=" in plain:
        plain = names_moved(plain)
    found = vector.cut_vector(plain, name, text)
    if decimal_comma:
        _require_one_comma(found, name)
    return expanded(found, plain, name)


def _require_one_comma(found: Vector, name: str) -> None:
    """The error for commas between values, which are decimal ones if `--decimal-comma` is given."""
    for item in (item for row in found.rows for item in row):
        typed = found.text[item.start : item.stop]
        if all(map(vector.is_number, typed.split(","))) and typed.count(",") > 1:
            raise InputError(
                f"{name}: {typed!r} is not a number",
                place=Place(found.text, item.start, item.stop),
                hint=f"with --decimal-comma a semicolon separates values: {typed.replace(',', ';')}",
            )


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
