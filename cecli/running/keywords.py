"""The keywords of the library's functions: those that the table of options offers to a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from cecli.running.option import BASE, CHOICE, FLAG, IGNORED, NAMES, NUMBER, TEXT, WHOLE, Option
from cecli.running.options import offered

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
    command: str, *, only: tuple[str, ...] = (), without: tuple[str, ...] = (), **defaults: Any
) -> Callable[[Function], Function]:
    """Gives a function with `**options` a signature that names the options of a command; others raise TypeError as ever."""
    rows = [row for row in offered(command) if row.keyword and row.name not in without]
    rows = [row for row in rows if row.name in only or not only]

    def decorated(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        taken = [_parameter(row, defaults) for row in rows if row.name not in signature.parameters]
        names = {each.name for each in (*own, *taken)}

        @wraps(function)
        def checked(*arguments: Any, **options: Any) -> Any:
            if unknown := options.keys() - names:
                raise TypeError(f"{function.__name__}() got an unexpected keyword argument {min(unknown)!r}")
            return function(*arguments, **defaults | options)

        checked.__signature__ = signature.replace(parameters=[*own, *taken])  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorated


def _parameter(row: Option, defaults: dict[str, Any]) -> inspect.Parameter:
    default = (DEFAULTS | defaults).get(row.name, row.value_left_out)
    kind = TYPES.get(row.kind, "Any")
    kind = "Sequence[str] | str" if row.name == "metrics" else kind
    annotation = f"{kind} | None" if default is None and kind != "Any" else kind
    return inspect.Parameter(row.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
