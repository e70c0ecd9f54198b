"""A report becomes text: one function per format, and nothing computed.

`RENDERERS` maps a format's name to its function; each takes a report and a `Style` and yields chunks of text. They are
imported when used, so that a plain number never loads rich.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from cecli.record import Record
from cecli.report import Report


class Style(Record):
    """How to lay text out: digits after the point, the width of the terminal (None: unlimited), colour or not."""

    precision: int | None = None
    width: int | None = None
    color: bool = False
    ascii: bool = False
    """Whether the terminal can show nothing but ASCII."""
    header: bool = True
    """Whether CSV and TSV begin with their header: False for all blocks of a long answer but the first."""


RENDERERS = {
    "table": "cecli.render.terminal:render",
    "plain": "cecli.render.plain:render",
    "json": "cecli.render.structured:render",
    "csv": "cecli.render.delimited:render_csv",
    "tsv": "cecli.render.delimited:render_tsv",
    "markdown": "cecli.render.markdown:render",
    "latex": "cecli.render.latex:render",
    "svg": "cecli.render.picture:render_svg",
    "html": "cecli.render.picture:render_html",
}
"""The formats; `svg` and `html` are for files (`-o table.svg`)."""


def render(report: Report, format_: str, style: Style) -> Iterator[str]:
    """The report in a format, in chunks of text."""
    module, _, function = RENDERERS[format_].partition(":")
    chunks: Iterator[str] = getattr(import_module(module), function)(report, style)
    return chunks
