"""A report becomes text: one function per format, and nothing computed.

`RENDERERS` maps a format's name to its function; each takes a report and a `Style` and yields chunks of text. They are
imported when used, so that a plain number never loads rich.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from cecli.report import Report


@dataclass(frozen=True)
class Style:
    """How to lay text out: digits after the point, the width of the terminal (None: unlimited), colour or not."""

    precision: int | None = None
    width: int | None = None
    color: bool = False


RENDERERS = {
    "table": "cecli.render.terminal",
    "plain": "cecli.render.plain",
    "json": "cecli.render.structured",
}


def render(report: Report, format_: str, style: Style) -> Iterator[str]:
    """The report in a format, in chunks of text."""
    chunks: Iterator[str] = import_module(RENDERERS[format_]).render(report, style)
    return chunks
