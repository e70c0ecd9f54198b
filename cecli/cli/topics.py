"""`cecli help TOPIC`: pages of the docs, laid out for the terminal.

The pages are the files in `topics/`, which docs/topics repeats for the site. They are Markdown of a few kinds: a title, paragraphs, tables of two
columns, and calls with what they print.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Sequence

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

FIND = "searches all of the help"
"""What `cecli help find WORD` does."""

FOLDER = os.path.join(os.path.dirname(__file__), "topics")
TERM_COLUMN, EXPLANATION = 40, 32
"""The most columns of terms, and the fewest that are kept for what is said of them."""


def topic_source(name: str) -> str:
    """The page as Markdown; that of the mistakes ends with tables of all that are looked for."""
    with open(os.path.join(FOLDER, f"{name}.md"), encoding="utf-8") as stream:
        text = stream.read()
    return text + "".join(_mistakes()) if name == "mistakes" else text


def topic_text(name: str) -> str:
    """The page for the terminal."""
    return "\n\n".join(map(_laid_out, _blocks(topic_source(name)))) + "\n"


def topic_entries(name: str) -> Iterator[tuple[str, str]]:
    """What the page says, piece by piece: a term with its explanation, or a paragraph of its own."""
    for block in _blocks(topic_source(name)):
        if block.startswith("|"):
            yield from _rows(block)
        elif not block.startswith(("#", "```")):
            yield "", _plain(" ".join(block.split()))


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
    if block.startswith("#"):
        return heading(block.lstrip("# "))
    if block.startswith("```"):
        return textwrap.indent("\n".join(block.splitlines()[1:-1]), "  ")
    if block.startswith("|"):
        return in_columns_of_terms(_rows(block))
    return filled(_plain(block))


def in_columns_of_terms(entries: Sequence[tuple[str, str]]) -> str:
    """Terms and their explanations, the terms as wide as they need and the width allows."""
    return in_columns(entries, min(TERM_COLUMN, width() - EXPLANATION, 4 + max(len(term) for term, _ in entries)))


def _rows(block: str) -> list[tuple[str, str]]:
    """The rows of a table below its heading."""
    rows = ([_plain(cell.strip()) for cell in line.strip("|").split(" | ")] for line in block.splitlines()[2:])
    return [(term, text) for term, text in rows]


def _plain(text: str) -> str:
    return text.replace("`", "")


def _mistakes() -> Iterator[str]:
    """A table of the mistakes that are common, and one of the rarer ones."""
    from cecli.mistakes.table import TABLE

    common, rarer = dict[str, str](), dict[str, str]()
    for row in TABLE:  # one of several rows of a name stands for them
        (common if row.common else rarer).setdefault(row.name, row.formula)
    rarer = {name: formula for name, formula in rarer.items() if name not in common}
    for title, rows in (("Common mistakes", common), ("Rarer ones, in claims of three digits or more", rarer)):
        yield f"\n## {title}\n\n| mistake | gives |\n|---|---|\n"
        yield from (f"| {name} | {formula} |\n" for name, formula in rows.items())
