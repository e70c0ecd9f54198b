"""Tables for people: the only renderer that loads rich.

A number is never cut. A table with intervals that is too wide for the terminal stands closer; if that is not enough a table is cut between columns and its parts stand one below
the other, each with the columns that name its rows. Tables of the same shape stand side by side where there is room.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from cecli.render.cells import cell_text
from cecli.render.console import UNLIMITED, natural_width, printed
from cecli.render.numbers import without_zeros
from cecli.render.safe import visible
from cecli.report import Bar, Cell, Figure, Interval, Report, Step, Table, Verdict

if TYPE_CHECKING:
    from cecli.render import Style

GAP = 4
BAR_WIDTH = 20
EIGHTHS = " ▏▎▍▌▋▊▉"
SENTENCE_WIDTH = 88
NARROWEST = 20
LONGEST_TEXT, NARROWER_TEXTS = 64, (40, 28, 20)
"""A text longer than that goes on below, where the width is limited; a narrower one where that makes a table fit."""

ASCII_BOX = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
BEST = "★"
ASCII = str.maketrans(
    {
        "≈": "~",
        "★": "*",
        "✓": "+",
        "✗": "x",
        "‖": "||",
        "√": "sqrt ",
        "−": "-",
        "–": "-",
        "·": "*",
        "…": "...",
        "∞": "inf",
        "Σ": "sum",
        "σ": "sigma",
        "δ": "delta",
        "ε": "eps",
        "γ": "gamma",
        "ℓ": "l",
        "∂": "d",
        "′": "'",
        "²": "^2",
        "█": "#",
        **dict.fromkeys("▏▎▍", ""),
        **dict.fromkeys("▌▋▊▉", "#"),
    }
)


SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789aeijklmnoprstuvx")


def render(report: Report, style: Style) -> Iterator[str]:
    """The working, the tables of the report, then its sentences."""
    width = style.width or UNLIMITED
    if report.steps:
        yield _working(report.steps, style)
    for i, group in enumerate(_grouped(report.tables)):
        if i:
            yield "\n"
        yield _group_text(group, width, style)
    if report.figure is not None and report.figure.in_text:
        yield from _curve(report.figure, width, style)
    for sentence in report.sentences:
        yield "\n" + _sentence(sentence, "bold" if sentence is report.sentences[-1] else "", width, style)
    for i, sentence in enumerate(report.verdict):
        look = {"✓": "bold green", "✗": "bold red"}.get(sentence[:1], "")
        yield ("" if i else "\n") + _sentence(sentence, look, width, style)


def _curve(figure: Figure, width: int, style: Style) -> Iterator[str]:
    from cecli.render.curve import curve_lines  # loaded where there is one

    yield "\n" + _styled(_shown(f" the curve −log p, {figure.unit}", style), "bold", style) + "\n"
    yield from (_shown(line, style) + "\n" for line in curve_lines(figure, width, style.ascii))


def _sentence(sentence: str, look: str, width: int, style: Style) -> str:
    """A sentence, broken into lines that fit."""
    room = max(min(width, SENTENCE_WIDTH) - 1, NARROWEST)
    lines = textwrap.wrap(_shown(sentence, style), room, break_long_words=False)
    return "".join(_styled(f" {line}", look, style) + "\n" for line in lines)


def _working(steps: Sequence[Step], style: Style) -> str:
    """The steps, as a teacher writes them on a board."""
    from cecli.render.working import text_lines  # loaded where there is a working

    looks = {"title": "bold cyan", "remark": "dim", "working": ""}
    lines = [
        _styled(f" {_shown(line, style)}".rstrip(), looks[kind], style)
        for kind, line in text_lines(steps, style.precision, style.width)
    ]
    return "\n".join([*lines, ""]) + "\n"


def _grouped(tables: Sequence[Table]) -> list[list[Table]]:
    """Neighbouring tables of the same columns, together."""
    groups: list[list[Table]] = []
    for table in tables:
        if groups and groups[-1][-1].title and table.title and groups[-1][-1].columns == table.columns:
            groups[-1].append(table)
        else:
            groups.append([table])
    return groups


def _group_text(group: list[Table], width: int, style: Style) -> str:
    """Tables side by side where they fit, else one below the other."""
    built = [_built(table, style) for table in group]
    if len(group) > 1 and sum(map(natural_width, built)) + GAP * (len(group) - 1) <= width < UNLIMITED:
        grid = RichTable.grid(padding=(0, GAP, 0, 0))
        grid.add_row(*built)
        return printed(grid, style.color)
    return "\n".join(_fitted(table, width, style) for table in group)


def _fitted(table: Table, width: int, style: Style) -> str:
    """The table, cut between columns into parts that fit."""
    built = _built(table, style)
    if natural_width(built) <= width or len(_starts(table)) <= table.keys + 1:
        return _noted(built, table, width, style)
    for longest in NARROWER_TEXTS if _has_long_text(table) else ():
        if natural_width(narrow := _built(table, style, longest)) <= width:
            return _noted(narrow, table, width, style)
    if _has_intervals(table) and natural_width(dense := _built(table, style, dense=True)) <= width:
        return _noted(dense, table, width, style)
    parts, start = [], table.keys
    while start < len(table.columns):
        stop = _last_that_fits(table, start, width, style)
        parts.append(_part(table, start, stop))
        start = stop
    return "\n".join(_noted(_built(part, style), part, width, style) for part in parts)


def _has_intervals(table: Table) -> bool:
    """Whether columns stand close to others."""
    return len(_starts(table)) < len(table.columns)


def _has_long_text(table: Table) -> bool:
    """Whether some cell is a sentence."""
    return any(isinstance(cell, str) and len(cell) > NARROWER_TEXTS[-1] for row in table.rows for cell in row)


def _last_that_fits(table: Table, start: int, width: int, style: Style) -> int:
    """Where a part that begins at a column ends: as many columns as fit beside the key columns, one at least; tight ones stay together."""
    stops = [stop for stop in (*_starts(table), len(table.columns)) if stop > start]
    last = stops[0]
    for stop in stops:
        wide = natural_width(_built(part := _part(table, start, stop), style))
        if wide - len(part.columns) > width:  # an interval that follows makes each column narrower by one blank at most
            break
        last = stop if wide <= width else last
    return last


def _noted(built: RichTable, table: Table, width: int, style: Style) -> str:
    """A table with the meaning of its marks below."""
    return printed(built, style.color) + (_sentence(table.note, "dim", width, style) if table.note else "")


def _starts(table: Table) -> list[int]:
    """The columns that are not tight, with which the others stand."""
    return [j for j, column in enumerate(table.columns) if not column.tight]


def _part(table: Table, start: int, stop: int) -> Table:
    chosen = [*range(table.keys), *range(start, min(stop, len(table.columns)))]
    best = frozenset((row, chosen.index(column)) for row, column in table.best if column in chosen)
    rows = [tuple(row[k] for k in chosen) for row in table.rows]
    note = table.note if stop >= len(table.columns) else ""
    return table.replace(columns=[table.columns[k] for k in chosen], rows=rows, best=best, note=note)


# --- one table ----------------------------------------------------------------------------------------------------


def _built(table: Table, style: Style, longest: int = LONGEST_TEXT, dense: bool = False) -> RichTable:
    """The table as rich has it; a dense one has one blank between columns, headings of two lines, and intervals without a leading 0."""
    title = Text(_shown(table.title, style), style="bold") if table.title else None
    built = RichTable(
        box=ASCII_BOX if style.ascii else box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        header_style="bold cyan",
        pad_edge=False,
        show_edge=True,
        caption=_more(table, style) if table.more else None,
        caption_justify="left",
        caption_style="dim",
        padding=0 if dense else (0, 1, 0, 0) if _has_intervals(table) else (0, 1),
    )
    groups = [[*range(start, stop)] for start, stop in pairwise([*_starts(table), len(table.columns)])]
    marked = {column for _, column in table.best}
    rows = [
        [
            _cell(cell, (i, j) in table.best, j in marked, style, table.signs, longest, dense)
            for j, cell in enumerate(row)
        ]
        for i, row in enumerate(table.rows)
    ]
    widths = [max((row[j].cell_len for row in rows), default=0) for j in range(len(table.columns))]
    cells = [[_joined([row[j] for j in group], [widths[j] for j in group], dense) for group in groups] for row in rows]
    for i, (start, *_) in enumerate(groups):
        name, align = _shown(table.columns[start].name, style), table.columns[start].align
        room = max((row[i].cell_len for row in cells), default=0)
        built.add_column(Text(_broken(name, room) if dense else name), justify=align, no_wrap=True)
    for row in cells:
        built.add_row(*row)
    return built


def _broken(heading: str, room: int) -> str:
    """A heading on as many lines as it needs to be no wider than what stands below it, and than its longest word."""
    longest = max(map(len, heading.split()), default=1)
    return "\n".join(textwrap.wrap(heading, max(room, longest), break_long_words=False, break_on_hyphens=False))


def _joined(texts: Sequence[Text], widths: Sequence[int], dense: bool) -> Text:
    """The cells of a column and of the tight ones beside it, each as wide as its own column is; a mark in a dense table stands close."""
    if len(texts) == 1:
        return texts[0]
    joined = Text()
    for text, width in zip(texts, widths, strict=True):
        text.pad_left(width - text.cell_len)
        joined.append("" if not joined or (dense and width == 1) else " ").append_text(text)
    return joined


def _more(table: Table, style: Style) -> Text:
    return Text(_shown(f"… {table.rest}", style))


def _cell(
    cell: Cell,
    best: bool,
    marked: bool,
    style: Style,
    signs: bool = True,
    longest: int = LONGEST_TEXT,
    dense: bool = False,
) -> Text:
    """A cell's text: numbers, the best with a star, typed text as it was typed."""
    if isinstance(cell, Bar):
        return Text(_shown(_bar(cell.share), style), style="cyan")
    look = "bold green" if best or cell == BEST else ""
    if isinstance(cell, Verdict):
        look = "green" if cell.right else "red"
    shown = _shown(cell_text(cell, style.precision, signs), style)
    if dense and isinstance(cell, Interval):
        shown = without_zeros(shown)
    if isinstance(cell, str) and len(shown) > longest and style.width is not None:
        shown = "\n".join(textwrap.wrap(shown, longest, break_on_hyphens=False))
    text = Text(shown, style=look)
    if marked:
        text.append(_shown(f" {BEST}", style) if best else "  ")
    return text


def _shown(text: str, style: Style) -> str:
    """Text as the terminal can show it, with nothing that it would obey."""
    if not style.ascii:
        return visible(text)
    text = re.sub(f"[{''.join(map(chr, SUBSCRIPTS))}]+", lambda found: f"_{found[0].translate(SUBSCRIPTS)}", text)
    return visible(text.translate(ASCII)).encode("ascii", "backslashreplace").decode("ascii")


def _bar(share: float) -> str:
    eighths = round(max(0.0, min(share, 1.0)) * BAR_WIDTH * 8)
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()


CODES = {"bold": "1", "bold cyan": "1;36", "bold green": "1;32", "bold red": "1;31", "dim": "2"}


def _styled(text: str, name: str, style: Style) -> str:
    """A line in a style, or as it is where there is no colour."""
    return f"\x1b[{CODES[name]}m{text}\x1b[0m" if style.color and name and text else text
