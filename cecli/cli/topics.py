"""`cecli help TOPIC`: pages of the docs, laid out for the terminal.

The pages are the files in `topics/`, which docs/topics repeats for the site. They are Markdown of a few kinds: a title, paragraphs, tables of two
columns, and calls with what they print.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator

from cecli.cli.layout import filled, heading, in_columns, width

TOPICS = {
    "input": "how values, labels and names are typed",
    "files": "which files are read, and which rows and columns are used",
    "formats": "what comes out, and into which files",
    "exit-codes": "what 0, 1, 2, 70 and 130 mean",
    "environment": "variables that stand in for options",
    "definitions": "the formulas, units and conventions",
    "mistakes": "what --expect and check look for",
}
"""Each with what it is about, in the order of the help."""

FOLDER = os.path.join(os.path.dirname(__file__), "topics")
TERM_COLUMN = 31


def topic_source(name: str) -> str:
    """The page as it is written."""
    with open(os.path.join(FOLDER, f"{name}.md"), encoding="utf-8") as stream:
        return stream.read()


def topic_text(name: str) -> str:
    """The page for the terminal; that of the mistakes ends with all that are looked for."""
    blocks = [_laid_out(block) for block in _blocks(topic_source(name))]
    if name == "mistakes":
        blocks += _mistakes()
    return "\n\n".join(blocks) + "\n"


def _blocks(text: str) -> Iterator[str]:
    """What stands between empty lines; a fenced block is one, whatever it holds."""
    fenced: list[str] = []
    for block in text.strip().split("\n\n"):
        fenced.append(block)
        if "\n\n".join(fenced).count("```") % 2 == 0:
            yield "\n\n".join(fenced)
            fenced.clear()


def _laid_out(block: str) -> str:
    """One block: a title, a call, a table or a paragraph."""
    if block.startswith("# "):
        return heading(block.removeprefix("# "))
    if block.startswith("```"):
        return textwrap.indent("\n".join(block.splitlines()[1:-1]), "  ")
    if block.startswith("|"):
        rows = [[_plain(cell.strip()) for cell in line.strip("|").split(" | ")] for line in block.splitlines()[2:]]
        return in_columns(
            [(term, text) for term, text in rows],
            min(TERM_COLUMN, width() * 2 // 5, 4 + max(len(row[0]) for row in rows)),
        )
    return filled(_plain(block))


def _plain(text: str) -> str:
    return text.replace("`", "")


def _mistakes() -> list[str]:
    """Every mistake that is looked for, those that are common before the rarer ones."""
    from cecli.mistakes.table import TABLE

    common, rarer = dict[str, str](), dict[str, str]()
    for row in TABLE:  # one of several rows of a name stands for them
        (common if row.common else rarer).setdefault(row.name, row.formula)
    rarer = {name: formula for name, formula in rarer.items() if name not in common}
    return [
        f"{heading(f'{title}:')}\n{in_columns([*rows.items()], min(40, width() // 2))}"
        for title, rows in (("Common mistakes", common), ("Rarer ones, in claims of three digits or more", rarer))
    ]
