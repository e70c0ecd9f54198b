"""The page about mistakes lists every mistake that is looked for. With CECLI_UPDATE_DOCS=1 its table is written anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cecli.mistakes.method import Mistake
from cecli.mistakes.table import TABLE

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "mistakes.md"
LISTED = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end -->)", re.DOTALL)
COMMANDS = {
    "xent": "xent", "bce": "bce", "entropy": "entropy", "kl": "kl", "js": "kl --js", "softmax": "softmax", "grad": "grad",
}  # fmt: skip


def commands(row: Mistake) -> list[str]:
    """The commands whose answers can have a mistake; all that is none of them is a metric of compare."""
    found = [COMMANDS.get(quantity.partition("-")[0], "compare") for quantity in row.of.split()]
    return list(dict.fromkeys(found))


def table() -> str:
    """All mistakes as a Markdown table."""
    lines = ["| mistake | gives | where | advice |", "|---|---|---|---|"]
    for row in TABLE:
        name = f"**{row.name}**" if row.common else row.name
        where = ", ".join(f"`{command}`" for command in commands(row))
        lines.append(f"| {name} | {row.formula.replace('|', chr(92) + '|')} | {where} | {row.advice} |")
    return "\n".join(lines) + "\n"


def test_the_page_lists_every_mistake() -> None:
    """With its formula, the commands, and the advice."""
    text = PAGE.read_text("utf-8")
    fresh = LISTED.sub(lambda _: table(), text)
    if os.environ.get("CECLI_UPDATE_DOCS"):
        PAGE.write_text(fresh, "utf-8")

    assert fresh == text or os.environ.get("CECLI_UPDATE_DOCS")


def test_every_row_has_all_it_needs() -> None:
    """A name, a formula, advice of one sentence, a stage and at least one quantity; names are told once for each command."""
    for row in TABLE:
        assert row.name
        assert row.formula
        assert row.advice.endswith(".")
        assert row.of
    told = [(quantity, row.name) for row in TABLE for quantity in row.of.split()]
    assert len(told) == len(set(told))
