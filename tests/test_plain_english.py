"""Plain English: words that a reader has to read twice stand in no message, help text, docstring or page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cecli
from tests.every import every

PACKAGE = Path(cecli.__file__).parent
ROOT = PACKAGE.parent
PAGES = [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if "zh" not in p.parts)]

AVOID = {
    "is no": "is not a",
    "are no": "are not",
    "that is none": "that is not one",
    "is of": "has, belongs to, concerns",
    "are of": "have, belong to, concern",
    "is told": "is said, is reported",
    "are told": "are said, are reported",
    "told first": "reported first",
    "told apart": "distinguished",
    "tell apart": "distinguish",
    "tell them apart": "distinguish them",
    "tells nothing": "says nothing",
    "tell nothing": "say nothing",
    "is meant": "is needed, is expected",
    "are meant": "are needed, are expected",
    "be as many": "be equal in number",
    "least": "minimise, smallest",
    "at the most": "at most",
    "cost it most": "largest losses",
    "cost each model most": "largest losses",
    "leaves for later": "does later",
    "falls on and on": "keeps falling",
    "does not suffice": "is not enough",
    "stands there": "is there, occurs",
    "stand there": "are there, occur",
    "for want of": "without",
    "for who": "for those who",
    "taken off": "subtracted, removed",
    "turned sign": "reversed sign",
    "own all the rest": "outweigh the rest",
    "thereof": "of it",
    "wherein": "in which",
    "whereof": "of which",
    "hence": "so",
    "lest": "so that … not",
    "ought to": "should",
    "anew": "again",
    "in the place of": "in place of",
    "as good as certain": "almost certain",
}
"""What to avoid, and what to write in its place."""

FINE = (
    "there is no",
    "there are no",
    "is no longer",
    "is no more",
    "are no longer",
    "are no more",
    "at least",
    "least squares",
)
"""Uses of these words that read at once."""


def texts(source: str) -> Iterator[tuple[int, str]]:
    """The texts of a module with their lines: docstrings, messages, help; parts of an f-string one by one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def prose(page: str) -> Iterator[tuple[int, str]]:
    """The paragraphs of a page with their lines, without its blocks of code (what those print is in the code)."""
    line = 1
    for part in re.split(r"(^```.*?^```$|\n\n)", page, flags=re.MULTILINE | re.DOTALL):
        if not part.startswith("```"):
            yield line + len(part) - len(part.lstrip("\n")), part
        line += part.count("\n")


def avoided(text: str) -> list[str]:
    """The words to avoid that a text has."""
    plain = " ".join(text.lower().split())
    for fine in FINE:
        plain = plain.replace(fine, "…")
    return [words for words in AVOID if words in plain and re.search(rf"\b{re.escape(words)}\b", plain)]


def found(path: Path) -> list[str]:
    """What a file has of them, with the line and what to write."""
    parts = (texts if path.suffix == ".py" else prose)(path.read_text("utf-8"))
    name = path.relative_to(ROOT)
    return [f"{name}:{line}: {words!r}: write {AVOID[words]!r}" for line, text in parts for words in avoided(text)]


@every("path", [*sorted(PACKAGE.rglob("*.py")), *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_words_to_avoid(path: Path) -> None:
    """None of them is there."""
    assert found(path) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3 is no label of 3 classes", ["is no"]),
        ("There is no such file, and there are no others", []),
        ("the temperature that makes it\n    least", ["least"]),
        ("give at least 10", []),
        ("a matrix is meant", ["is meant"]),
    ],
)
def test_what_is_found(text: str, words: list[str]) -> None:
    """The search sees words over line ends, and knows which uses are fine."""
    assert avoided(text) == words
