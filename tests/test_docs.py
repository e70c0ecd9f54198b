"""Every example in README and docs is run, on a terminal of 80 columns, and prints what the page shows.

With CECLI_UPDATE_DOCS=1 the pages are written anew instead: look at the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import ROOT, each_on_terminal, is_call, on_terminal

TOPICS = [*sorted((ROOT / "cecli" / "cli" / "topics").glob("*.md"))]
"""What `cecli help TOPIC` shows; docs/topics repeats it, as a test of the help makes sure."""
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "topics"),
    *TOPICS,
]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WORKFLOW = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^ *run: \|\n((?: {10}.*\n)+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+?\.(?:md|py|svg|png|toml))(?:#[^)]*)?\)")


def commands_of(block: str) -> list[str]:
    """The commands of a console block."""
    return [line[2:] for line in block.split("\n") if line.startswith("$ ")]


def played(block: str, shown: dict[str, str]) -> str:
    """A console block with the output of its commands as they run today."""
    outputs = []
    for command in commands_of(block):
        lines = [line.rstrip() for line in shown[command].rstrip("\n").split("\n")]
        outputs.append("\n".join([f"$ {command}", *lines]).rstrip())
    return "\n".join(outputs) + "\n"


def commands_on(page: Path) -> list[str]:
    """The commands of all console blocks of a page."""
    return [line for block in CONSOLE.findall(page.read_text(encoding="utf-8")) for line in commands_of(block)]


@pytest.fixture(scope="module")
def shown_by_all() -> dict[str, str]:
    """What the calls of all pages that need no shell print, in one process: starting takes much longer than they do."""
    calls = [*dict.fromkeys(call for page in PAGES for call in commands_on(page) if is_call(call))]
    return dict(zip(calls, each_on_terminal(calls), strict=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_console_blocks(page: Path, shown_by_all: dict[str, str]) -> None:
    """The console blocks of a page print what it says."""
    text = page.read_text(encoding="utf-8")
    commands = commands_on(page)
    shown = {name: shown_by_all[name] if name in shown_by_all else on_terminal(name) for name in commands}
    fresh = CONSOLE.sub(lambda match: f"```console\n{played(match[1], shown)}```", text)
    if os.environ.get("CECLI_UPDATE_DOCS"):
        page.write_text(fresh, encoding="utf-8")

    assert fresh == text or os.environ.get("CECLI_UPDATE_DOCS")


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if PYTHON.search(page.read_text(encoding="utf-8"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_python_blocks(page: Path) -> None:
    """The Python sessions of a page print what it says."""
    import doctest

    text = "\n".join(PYTHON.findall(page.read_text(encoding="utf-8")))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)

    assert results.attempted > 0
    assert results.failed == 0


def test_the_workflow_runs(tmp_path: Path) -> None:
    """The script of the recipe for GitHub Actions passes, as its shell runs it, and writes its table where it says."""
    workflows = [block for page in PAGES for block in WORKFLOW.findall(page.read_text(encoding="utf-8"))]
    scripts = [script for block in workflows for script in STEP.findall(block)]
    assert scripts
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for script in scripts:
        summary = tmp_path / "summary.md"
        environment = {**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(summary)}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "| cross-entropy" in summary.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tables(page: Path) -> None:
    """Every row of a table has as many cells as its heading: a bar within a cell is written \\|."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    tables = re.findall(r"^(?:\|.*\n)+", text, re.MULTILINE)
    cells = [{len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()} for table in tables]

    assert [table for table, each in zip(tables, cells, strict=True) if len(each) > 1] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page: Path) -> None:
    """The links between pages lead somewhere."""
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_option_is_documented() -> None:
    """The reference names every option of every command."""
    from typer.main import get_command

    from cecli.cli.app import app

    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    group = get_command(app)
    options = {
        name
        for command in group.commands.values()
        for param in command.params
        for name in param.opts
        if name.startswith("--")
    }

    assert options
    assert sorted(option for option in options if f"`{option}" not in reference and f"/{option}" not in reference) == []
