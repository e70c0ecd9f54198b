"""SVG and HTML: what the terminal shows, as a picture for a report or a slide. Nothing in them is fetched from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from cecli.render import terminal
from cecli.report import Report

if TYPE_CHECKING:
    from cecli.render import Style

WIDTH = 100
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
REMOTE_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


def render_svg(report: Report, style: Style) -> Iterator[str]:
    """The tables as an SVG picture."""
    svg = _recorded(report, style).export_svg(
        title=f"cecli {report.command}", theme=DEFAULT_TERMINAL_THEME, unique_id="cecli"
    )
    yield REMOTE_FONT.sub("", svg).replace("Fira Code, monospace", FONTS).replace("Fira Code", FONTS) + "\n"


def render_html(report: Report, style: Style) -> Iterator[str]:
    """The tables as an HTML page."""
    yield _recorded(report, style).export_html(theme=DEFAULT_TERMINAL_THEME, inline_styles=True) + "\n"


def _recorded(report: Report, style: Style) -> Console:
    text = Text.from_ansi(
        "".join(terminal.render(report, style.replace(width=style.width or WIDTH, color=True, ascii=False)))
    )
    width = max([len(line) for line in text.plain.split("\n")] + [1])
    console = Console(
        record=True,
        file=StringIO(),
        width=width,
        force_terminal=True,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    console.print(text, end="", soft_wrap=True)
    return console
