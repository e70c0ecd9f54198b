"""Plain text: a number alone on a line, a row's values joined by commas. What one command prints another can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cecli.render import numbers
from cecli.render.safe import visible
from cecli.report import Report

if TYPE_CHECKING:
    from cecli.render import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """The working, then the value of the report, a line per row; or its own lines, with tabs between names and numbers."""
    if report.steps:
        from cecli.render.working import text_lines

        yield from (f"{line}\n" for _, line in text_lines(report.steps, style.precision, style.width))
        yield "\n"
    if report.lines is not None:
        for line in report.lines:
            yield "\t".join(_cell(cell, style) for cell in line) + "\n"
        return
    yield from numbers.plain_rows(_rows(report.value, report.per_sample), style.precision)


def _rows(value: Any, per_sample: bool) -> list[numbers.Row]:
    """The rows of a value: its own, one of each number, or one of them all."""
    if not isinstance(value, list):
        return [[value]]
    kinds = set(map(type, value))
    if kinds == {list}:
        return value
    if per_sample or list in kinds:
        return [row if isinstance(row, list) else [row] for row in value]
    return [value]


def _cell(cell: Any, style: Style) -> str:
    """A name or a number; values of a row joined by commas, and rows by semicolons."""
    if isinstance(cell, list):
        return (";" if any(isinstance(each, list) for each in cell) else ",").join(_cell(each, style) for each in cell)
    return visible(cell) if isinstance(cell, str) else numbers.plain(cell, style.precision)
