"""How the text of the help is laid out: headings, paragraphs, and terms with their explanations."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence

from cecli.cli.screen import color_asked, styled

WIDEST = 100


def heading(text: str) -> str:
    """A heading, bold where there is colour."""
    return styled(text, "1", sys.stdout, color_asked(sys.argv[1:]))


def width() -> int:
    """The columns that help is laid out for."""
    return max(40, min(shutil.get_terminal_size().columns, WIDEST))


def filled(text: str) -> str:
    """A paragraph."""
    return textwrap.fill(text, width(), break_long_words=False, break_on_hyphens=False)


def in_columns(entries: Sequence[tuple[str, str]], column: int) -> str:
    """Terms and their explanations in two columns; a long term has a line of its own."""
    lines = []
    for term, text in entries:
        wrapped = textwrap.wrap(text, width() - column - 2, break_long_words=False, break_on_hyphens=False) or [""]
        if len(term) > column - 4:
            lines.append(f"  {term}")
        else:
            lines.append(f"  {term:<{column - 2}}{wrapped.pop(0)}")
        lines += [f"{'':<{column}}{line}" for line in wrapped]
    return "\n".join(line.rstrip() for line in lines)
