"""The keywords of the library's functions: those that the table of options offers to a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from numbers import Integral, Number, Real
from typing import Any, TypeVar

from cecli.errors import UsageError
from cecli.reading.labels import require_distinct
from cecli.reading.vector import shortened
from cecli.running.option import BASE, CHOICE, FLAG, IGNORED, LIST, NAMES, NUMBER, SOURCE, TEXT, WHOLE, Option, base_of
from cecli.running.options import OPTIONS, offered

TYPES = {
    NAMES: "Sequence[str]",
    IGNORED: "int | str",
    FLAG: "bool",
    NUMBER: "float",
    WHOLE: "int",
    BASE: "str | float",
    CHOICE: "str",
    TEXT: "str",
}
DEFAULTS = {"base": "e", "metrics": (), "device": "cpu"}
"""Where the library names what it does without an option, and the terminal needs to know that it was left out."""

Function = TypeVar("Function", bound=Callable[..., Any])


def keywords(
    command: str, *, only: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Gives a function with `**options` a signature that names the options of a command; others raise TypeError as ever."""
    rows = [row for row in offered(command) if row.keyword and row.name not in without]
    rows = [row for row in rows if row.name in only or not only]

    def decorated(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        taken = [_parameter(row, command) for row in rows if row.name not in signature.parameters]
        names = {each.name for each in (*own, *taken)}

        @wraps(function)
        def checked(*arguments: Any, **options: Any) -> Any:
            if unknown := options.keys() - names:
                raise TypeError(f"{function.__name__}() got an unexpected keyword argument {min(unknown)!r}")
            return function(*arguments, **options)

        checked.__signature__ = signature.replace(parameters=[*own, *taken])  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorated


def _parameter(row: Option, command: str) -> inspect.Parameter:
    default = DEFAULTS[row.name] if row.name in DEFAULTS else row.value_left_out(command)
    kind = TYPES.get(row.kind, "Any")
    kind = "Sequence[str] | str" if row.name == "metrics" else kind
    annotation = f"{kind} | None" if default is None and kind != "Any" else kind
    return inspect.Parameter(row.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


# --- their values ---------------------------------------------------------------------------------------------------


def given(keywords: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The keywords of these names that were given, each as the kind of its row has it: 0.5 for "0.5", a tuple for a list of names."""
    return {
        name: _value(OPTIONS[name], value) for name, value in keywords.items() if name in names and value is not None
    }


def _value(row: Option, value: Any) -> Any:
    """The value of a keyword; an error for what its kind can't be."""
    if row.kind == SOURCE:
        return value
    read, words = KINDS[LIST if row.repeats else row.kind]
    plain = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    try:
        return read(plain)
    except UsageError:
        raise
    except (TypeError, ValueError, OverflowError):
        shown = shortened(" ".join(repr(value).split()))
        raise UsageError(f"{row.name}: {shown} is not {words}") from None


def _of_type(*types: type) -> Callable[[Any], Any]:
    """What has one of these types, as it is."""

    def checked(value: Any) -> Any:
        if not isinstance(value, types):
            raise TypeError
        return value

    return checked


def _number(value: Any) -> float:
    number = float(_of_type(Number, str)(value))
    return value if isinstance(value, (int, float)) else number


def _whole_number(value: Any) -> int:
    if isinstance(value, (Integral, str)):
        return int(value)
    if not float(_number(value)).is_integer():
        raise ValueError
    return int(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_of_type(str), value.split(",") if isinstance(value, str) else _of_type(Iterable)(value)))


def _class_names(value: Any) -> tuple[str, ...]:
    if isinstance(value, (str, bytes, Mapping)):
        raise TypeError
    return require_distinct(tuple(map(str, _of_type(Iterable)(value))))


KINDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    FLAG: (lambda value: bool(_of_type(bool, int)(value)), "True or False"),
    NUMBER: (_number, "a number"),
    WHOLE: (_whole_number, "a whole number"),
    BASE: (lambda value: base_of(_of_type(str, Number)(value)), "a base"),
    CHOICE: (_of_type(str), "a text"),
    TEXT: (_of_type(str), "a text"),
    LIST: (_texts, "a list of texts"),
    NAMES: (_class_names, 'a list of names, as in ["cat", "dog"]'),
    IGNORED: (_of_type(str, Real), "a label: a number or a text"),
}
"""How the value of a kind is read, and the words for what it must be."""
