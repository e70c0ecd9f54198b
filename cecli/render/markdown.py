"""Markdown: the tables and sentences of the report, rounded as on a terminal; names stay data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cecli.render.cells import cell_text, columns_without_bars
from cecli.render.safe import visible
from cecli.report import Cell, Report, Step, Table

if TYPE_CHECKING:
    from cecli.render import Style

SPECIAL = re.compile(r"([\\`*_\[\]|<>&~$@]|^[#+-]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What Markdown (GitHub's too) would act on; a bare address would become a link."""


def render(report: Report, style: Style) -> Iterator[str]:
    """The working, every table, then the sentences."""
    if report.steps:
        yield _working(report.steps, style) + "\n"
    for i, table in enumerate(report.tables):
        yield ("\n" if i else "") + _table(table, style)
    for sentence in (*report.sentences, *report.verdict):
        yield f"\n{escaped(sentence)}\n"


def _working(steps: Sequence[Step], style: Style) -> str:
    """The steps as blocks of mathematics, under their titles."""
    from cecli.render.working import blocks

    parts = []
    for title, maths, remark in blocks(steps, style.precision):
        parts += [f"**{escaped(title)}**"] if title else []
        parts.append(f"$$\n\\begin{{aligned}}\n{maths}\n\\end{{aligned}}\n$$")
        parts += [escaped(remark)] if remark else []
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text in which nothing is read as Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", visible(text))


def _table(table: Table, style: Style) -> str:
    """A pipe table under its title; columns without a bar."""
    kept = columns_without_bars(table)
    lines = [_line([escaped(table.columns[j].name) for j in kept])]
    lines.append(_line([":---" if table.columns[j].align == "left" else "---:" for j in kept]))
    for i, row in enumerate(table.rows):
        lines.append(_line([_cell(row[j], (i, j) in table.best, table, style) for j in kept]))
    title = [f"**{escaped(table.title)}**", ""] if table.title else []
    more = ["", f"… {table.rest}"] if table.more else []
    note = ["", escaped(table.note)] if table.note else []
    return "\n".join([*title, *lines, *more, *note]) + "\n"


def _cell(cell: Cell, best: bool, table: Table, style: Style) -> str:
    """A cell, in bold where it is the best."""
    text = escaped(cell_text(cell, style.precision, table.signs))
    return f"**{text}**" if best else text


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
