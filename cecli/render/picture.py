"""SVG and HTML: what the terminal shows, as a picture for a report or a slide. Nothing in them is fetched from elsewhere."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from cecli.render import terminal
from cecli.report import Report

if TYPE_CHECKING:
    from cecli.render import Style

WIDTH = 100
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
CELL = 12.2
"""The width of a character, as rich lays the lines out."""
SIZE_OF_CELL = 20.27
"""The size at which a character of DejaVu Sans Mono and Menlo is as wide: not all programs set text to `textLength`."""

PAGE = f"""<svg width="{{terminal_width}}" height="{{terminal_height}}" xmlns="http://www.w3.org/2000/svg">
<style>
.{{unique_id}}-matrix {{{{ font-family: {FONTS}; font-size: {SIZE_OF_CELL}px; }}}}
{{styles}}
</style>
<rect x="-100%" y="-100%" width="300%" height="300%" fill="#ffffff"/>
{{backgrounds}}
<g class="{{unique_id}}-matrix">
{{matrix}}
</g>
</svg>
"""
"""The text on a white page: no window, and no font from elsewhere."""

RUN = re.compile(r'<text class="(\S+)" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', re.DOTALL)
SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
MARGIN = 12
WORDS = re.compile(r"[^\xa0\n]+(?:\xa0[^\xa0\n]+)*")
"""Words with one blank between."""


def render_svg(report: Report, style: Style) -> Iterator[str]:
    """The tables as an SVG picture."""
    svg = _recorded(report, style).export_svg(theme=DEFAULT_TERMINAL_THEME, unique_id="cecli", code_format=PAGE)
    yield SIZE.sub(_with_margin, RUN.sub(_words, svg), count=1)


def _with_margin(size: re.Match[str]) -> str:
    """A page that is a little larger than the text."""
    width, height = (float(each) + 2 * MARGIN for each in size.groups())
    return f'viewBox="{-MARGIN} {-MARGIN} {width:.1f} {height:.1f}"'


def _words(run: re.Match[str]) -> str:
    """A run of text in parts that each have their place: programs differ in what they make of blanks in a row."""
    style, start, y, text = run.groups()
    text = html.unescape(text)
    parts = []
    for words in WORDS.finditer(text):
        x, length = (CELL * cell_len(part) for part in (text[: words.start()], words[0]))
        place = f'x="{float(start) + x:.1f}" y="{y}" textLength="{length:.1f}"'
        parts.append(f'<text class="{style}" {place}>{html.escape(words[0])}</text>')
    return "".join(parts)


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
