"""The page that the measurements are written into: docs/explanation/speed.md, prose by hand and tables between marks."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "speed.md"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table, its first column on the left and numbers on the right."""
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def put(name: str, text: str) -> None:
    """Puts a text between `<!-- name -->` and `<!-- end -->` of the page, and prints it."""
    print(text, flush=True)
    page = PAGE.read_text("utf-8")
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not marked.search(page):
        raise ValueError(f"{PAGE.name} has no place for {name}")
    PAGE.write_text(marked.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page), "utf-8")


def machine() -> str:
    """What was measured on."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    cores = len(os.sched_getaffinity(0))
    return f"{cpu[1] if cpu else platform.machine()}, {cores} cores, Linux, Python {platform.python_version()}"
