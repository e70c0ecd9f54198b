"""A report becomes text: one function per format, and nothing computed.

`TABLE` has a row for each format, with the function that takes a report and a `Style` and yields chunks of text. It is
imported when used, so that a plain number never loads rich.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, BinaryIO

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


class Format(Record):
    """One format."""

    name: str
    renderer: str
    """Its module below `cecli.render`, and the function there."""
    ending: str = ""
    """Of a file that is in this format."""
    rank: int = 0
    """Where the ending stands in the list of all."""
    names: tuple[str, ...] = ()
    """What else it is called."""
    streams: bool = False
    """Whether its pieces, one after the other, are the whole."""
    value_alone: bool = False
    """Whether it shows the value and nothing beside it."""
    pictured: bool = False
    """Whether it has room for a picture made of text, or holds the picture's numbers."""
    for_files: bool = False
    """Whether the ending of a file alone asks for it."""
    holds: str = ""
    """What it holds, where that is rows of numbers and no text: its renderer is a writer then, of blocks to a stream of bytes."""


TABLE = (
    Format("table", "terminal:render", pictured=True),
    Format("plain", "plain:render", ".txt", 7, streams=True, value_alone=True),
    Format("json", "structured:render", ".json", 5, pictured=True),
    Format("jsonl", "json_lines:render", ".jsonl", 6, streams=True),
    Format("csv", "delimited:render_csv", ".csv", 3, streams=True),
    Format("tsv", "delimited:render_tsv", ".tsv", 4, streams=True),
    Format("markdown", "markdown:render", ".md", 1, ("md",), pictured=True),
    Format("latex", "latex:render", ".tex", 2, pictured=True),
    Format("svg", "picture:render_svg", ".svg", 8, pictured=True, for_files=True),
    Format("html", "picture:render_html", ".html", 9, pictured=True, for_files=True),
    Format(
        "npy", "array_files:write_npy", ".npy", 10, streams=True, value_alone=True, for_files=True, holds="an array"
    ),
    Format("npz", "array_files:write_npz", ".npz", 11, streams=True, for_files=True, holds="arrays"),
    Format(
        "parquet", "array_files:write_parquet", ".parquet", 12, streams=True, for_files=True, holds="columns of numbers"
    ),
)
"""In the order of the help."""

FORMATS = {name: each for each in TABLE for name in (each.name, *each.names)}
CHOICES = ("auto", *(name for each in TABLE if not each.for_files for name in (each.name, *each.names)))
ENDINGS = {each.ending: each.name for each in sorted(TABLE, key=lambda each: each.rank) if each.ending}


def render(report: Report, format_: str, style: Style) -> Iterator[str]:
    """The report in a format, in chunks of text."""
    chunks: Iterator[str] = _function(format_)(report, style)
    return chunks


def write(reports: Iterable[Report], format_: str, style: Style, stream: BinaryIO) -> None:
    """The rows of reports, all blocks of one answer, to a stream in a format that holds numbers and no text."""
    _function(format_)(reports, style, stream)


def _function(format_: str) -> Callable[..., Any]:
    """What renders a format."""
    module, _, function = FORMATS[format_].renderer.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"cecli.render.{module}"), function)
    return found
