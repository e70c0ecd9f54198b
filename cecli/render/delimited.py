"""CSV and TSV: the report's data with a header, all digits; what one command writes another can read.

A name that a spreadsheet would take for a formula gets an apostrophe in front, which reading takes off again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, cast

from cecli.render import numbers
from cecli.render.safe import as_data
from cecli.report import Data, Report

if TYPE_CHECKING:
    from cecli.render import Style


NUMBERS = re.compile(r"-?[\d.]+(e-?\d+)?([,;]-?[\d.]+(e-?\d+)?)*")
OPENING = ("#", "[", "(", "{", "'")


def render_csv(report: Report, style: Style) -> Iterator[str]:
    """The data with commas between."""
    return _render(report, style, ",")


def render_tsv(report: Report, style: Style) -> Iterator[str]:
    """The data with tabs between."""
    return _render(report, style, "\t")


def _render(report: Report, style: Style, delimiter: str) -> Iterator[str]:
    """The header, then a line per row; where the working was asked for, that instead, a line per expression."""
    data = working(report, style) if report.steps else report.data
    if style.header:
        yield _line([as_data(name) for name in data.columns], delimiter)
    if str in set(map(type, chain.from_iterable(data.rows))):
        yield from (_line([_cell(cell, style) for cell in row], delimiter) for row in data.rows)
    else:
        yield from numbers.plain_rows(cast("list[numbers.Row]", [*map(list, data.rows)]), style.precision, delimiter)


def working(report: Report, style: Style) -> Data:
    """The steps as rows: the step, what is computed, and an expression that it is equal to."""
    from cecli.render.formula import ALL
    from cecli.render.working import as_text

    return Data(("step", "quantity", "is"), as_text(report.steps, ALL if style.precision is None else style.precision))


def _cell(cell: str | float | None, style: Style) -> str:
    """A name or a number; numbers in a text are not a formula."""
    if isinstance(cell, str):
        return cell if NUMBERS.fullmatch(cell) else as_data(cell)
    return numbers.plain(cell, style.precision)


def _line(cells: list[str], delimiter: str) -> str:
    """One line; what would be read as something else stands in quotes."""
    return delimiter.join(_quoted(cell, delimiter) for cell in cells) + "\n"


def _quoted(cell: str, delimiter: str) -> str:
    """A cell, in quotes where it holds a delimiter or a quote, or begins as a comment, a bracket or a blank does."""
    if (
        cell
        and not cell.startswith(OPENING)
        and cell == cell.strip()
        and not any(mark in cell for mark in (delimiter, '"', ";", ","))
    ):
        return cell
    return '"' + cell.replace('"', '""') + '"'
