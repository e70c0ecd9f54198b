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
    value = report.value
    by_sample = report.settings.get("reduction") == "none" and report.command not in {"grad", "softmax", "compare"}
    rows = value if _is_rows(value) or by_sample else [value]
    for row in rows:  # type: ignore[union-attr]
        yield _row(row, style) + "\n"


def _is_rows(value: Any) -> bool:
    """Whether a value is a list of rows."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _row(row: Any, style: Style) -> str:
    """A number, or numbers joined by commas."""
    return numbers.plain_row(row if isinstance(row, list) else [row], style.precision)


def _cell(cell: str | float, style: Style) -> str:
    """A name or a number between tabs."""
    return visible(cell) if isinstance(cell, str) else numbers.plain(cell, style.precision)
