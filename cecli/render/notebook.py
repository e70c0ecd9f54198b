"""The tables of a comparison as HTML for a notebook: no script, no style sheet, and colours of the page it stands in, light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cecli.render.cells import cell_text, columns_without_bars
from cecli.render.safe import visible
from cecli.report import Table

GRID = "border-collapse: collapse; margin: 0.5em 0; font-variant-numeric: tabular-nums"
LINE = "1px solid rgba(128, 128, 128, 0.4)"


def render(tables: Sequence[Table], sentences: Sequence[str]) -> str:
    """Every table under its title, then the sentences; names are shown as they are, never read as markup.

    >>> print(render([], ["<b> is better"]))
    <div style="overflow-x: auto">
    <p>&lt;b&gt; is better</p>
    </div>
    """
    return "\n".join(['<div style="overflow-x: auto">', *map(_table, tables), *map(_paragraph, sentences), "</div>"])


def _table(table: Table) -> str:
    """A table with its best values in bold; columns without a bar."""
    kept = columns_without_bars(table)
    head = [_cell("th", table, j, _text(table.columns[j].name)) for j in kept]
    rows = [[_cell("td", table, j, _value(table, i, j)) for j in kept] for i in range(len(table.rows))]
    lines = [f'<table style="{GRID}">']
    lines += [f'<caption style="text-align: left">{_text(table.title)}</caption>'] if table.title else []
    lines += [f"<thead><tr>{''.join(head)}</tr></thead>", "<tbody>"]
    lines += [f"<tr>{''.join(row)}</tr>" for row in rows]
    lines += ["</tbody></table>"]
    lines += [_paragraph(f"… {table.rest}")] if table.more else []
    lines += [_paragraph(table.note)] if table.note else []
    return "\n".join(lines)


def _cell(tag: str, table: Table, column: int, text: str) -> str:
    """A heading, or a value, which stands on one line; a mark, whose column has no name, is close to what it belongs to."""
    of = table.columns[column]
    line, space = (LINE.replace("1px", "2px"), "normal") if tag == "th" else (LINE, "nowrap")
    padding = f"0.2em 0.8em 0.2em {'0.8em' if of.name else 0}"
    style = f"text-align: {of.align}; white-space: {space}; padding: {padding}; border-bottom: {line}"
    return f'<{tag} style="{style}">{text}</{tag}>'


def _value(table: Table, row: int, column: int) -> str:
    text = _text(cell_text(table.rows[row][column], None, table.signs))
    return f"<strong>{text}</strong>" if (row, column) in table.best else text


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _text(text: str) -> str:
    return escape(visible(text))
