"""The page on the design: its examples of adding something work, each in as few files as it says."""

from __future__ import annotations

import math
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cecli

PACKAGE = Path(cecli.__file__).parent
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "design.md"
SECTIONS = dict(re.findall(r"^## Adding an? (\w+)\n(.*?)(?=^## )", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def applied(section: str, root: Path) -> set[str]:
    """The files of a copy that the blocks of a section change, or make, and which it did."""
    touched = set()
    for kind, block in BLOCK.findall(section):
        first, _, rest = block.partition("\n")
        if kind == "python":
            name = first.removeprefix("# new file: ")
            assert not (root / name).exists()
            (root / name).write_text(rest, "utf-8")
        elif kind == "diff":
            name = first.removeprefix("--- ")
            (root / name).write_text(patched((root / name).read_text("utf-8"), rest), "utf-8")
        else:
            continue
        touched.add(name)
    return touched


def patched(text: str, diff: str) -> str:
    """A text after the hunks of a diff, whose lines stand in it exactly once."""
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in marks) for marks in (" -", " +"))
        assert text.count(old) == 1, f"not found once:\n{old}"
        text = text.replace(old, new)
    return text


def printed(section: str, root: Path) -> str:
    """What the call of a section prints in the copy, which is what the page shows."""
    call, shown = re.search(r"^```text\n\$ cecli (.*?)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL).groups()
    run = subprocess.run(
        [sys.executable, "-m", "cecli", *shlex.split(call)],
        cwd=root,
        env={"PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.stdout + run.stderr == shown
    return shown


ROWS = [["0.5", "0.5"], ["0", "1"]]
CHECKS = {
    "metric": (1, lambda out: float(out) == pytest.approx(math.sqrt((2 * 0.1**2 + 2 * 0.4**2) / 2))),
    "format": (2, lambda out: [line.split()[1::2] for line in out.splitlines()[2:]] == ROWS),
    "mistake": (1, lambda out: f"Rényi entropy of order 2 in place of entropy ({-math.log2(0.375):.5f})" in out),
    "option": (2, lambda out: float(out) == pytest.approx(-(9 * math.log(0.75) + 4 * math.log(0.25)) / 13)),
    "command": (3, lambda out: float(out) == pytest.approx(0.25 * math.log2(3))),
}
"""How many files at the most, and whether what is printed is right."""


@pytest.mark.parametrize("name", CHECKS)
def test_adding(name: str, tmp_path: Path) -> None:
    """The example of the page, made in a copy of the package."""
    shutil.copytree(PACKAGE, tmp_path / "cecli", ignore=shutil.ignore_patterns("__pycache__"))
    most, is_right = CHECKS[name]
    assert len(applied(SECTIONS[name], tmp_path)) <= most
    assert is_right(printed(SECTIONS[name], tmp_path))


def test_every_example_is_tried() -> None:
    """No section is left out."""
    assert set(SECTIONS) == set(CHECKS)
