"""A cell of a table as text: the same words and signs in every format that people read."""

from __future__ import annotations

from cecli.render import numbers
from cecli.report import Bar, Cell, Given, Table, Typed, Verdict

RIGHT, WRONG = "✓ right", "✗ wrong"


def columns_without_bars(table: Table) -> list[int]:
    """The columns that hold something to read."""
    return [j for j in range(len(table.columns)) if not (table.rows and isinstance(table.rows[0][j], Bar))]


def cell_text(cell: Cell, precision: int | None) -> str:
    """Numbers with `=` or `≈`, typed text as it was typed, a verdict as a mark and a word."""
    if isinstance(cell, Bar):
        return ""
    if isinstance(cell, Typed):
        return cell.text
    if isinstance(cell, Given):
        return ", ".join(numbers.rounded(value, precision)[1] for value in cell.values) + cell.more
    if isinstance(cell, Verdict):
        return RIGHT if cell.right else WRONG
    if isinstance(cell, str):
        return cell
    sign, digits = numbers.rounded(cell, precision)
    return f"{sign} {digits}".strip()
