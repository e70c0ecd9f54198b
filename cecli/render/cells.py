"""A cell of a table as text: the same words and signs in every format that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from cecli.render import numbers
from cecli.report import (
    UNDERFLOWED,
    UNDERFLOWED_BELOW_0,
    Bar,
    Cell,
    Change,
    Given,
    Interval,
    PValue,
    Table,
    Typed,
    Verdict,
)

RIGHT, WRONG = "✓ right", "✗ wrong"


def columns_without_bars(table: Table) -> list[int]:
    """The columns that hold something to read."""
    return [j for j in range(len(table.columns)) if not (table.rows and isinstance(table.rows[0][j], Bar))]


TEXTS: Mapping[type, Callable[[Any, int | None], str]] = {
    str: lambda cell, _: cell,
    Bar: lambda _, __: "",
    Typed: lambda cell, _: cell.text,
    Given: lambda cell, digits: ", ".join(numbers.rounded(each, digits)[1] for each in cell.values) + cell.more,
    Verdict: lambda cell, _: RIGHT if cell.right else WRONG,
    Interval: lambda cell, digits: numbers.bounds(cell.low, cell.high, digits),
    Change: lambda cell, digits: numbers.change(cell.value, digits),
    PValue: lambda cell, _: numbers.p_value(cell.value),
}
"""How a cell that is not a number is written, with this many digits."""


def cell_text(cell: Cell, precision: int | None, signs: bool = True) -> str:
    """Numbers, with `=` or `≈` where signs are wanted; typed text as it was typed, a verdict as a mark and a word."""
    write = TEXTS.get(type(cell))
    if write is not None:
        return write(cell, precision)
    number = cast("float | None", cell)
    if number is not None and 0 < abs(number) < numbers.SMALLEST:
        return (UNDERFLOWED if number > 0 else UNDERFLOWED_BELOW_0).text
    sign, digits = numbers.rounded(number, precision)
    return f"{sign} {digits}".strip() if signs else digits
