"""Pages that are made of the tables, pictures, README and the Chinese pages are current. CECLI_UPDATE_DOCS=1 writes what is made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cecli.cli.command_table import COMMANDS
from docs import commands, pictures

ROOT = Path(__file__).parent.parent.parent
UPDATE = bool(os.environ.get("CECLI_UPDATE_DOCS"))
COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)
LABEL = re.compile(r"<text[^>]*>([^<]*[a-zA-Zα-ω][^<]*)</text>")
LINES = re.compile(r"^```sh\n((?:cecli .* # .*\n)+)```$", re.MULTILINE)


def text(page: str) -> str:
    """A page."""
    return (ROOT / page).read_text("utf-8")


def test_the_page_of_the_commands() -> None:
    """It is what the tables say."""
    if UPDATE:
        commands.PATH.write_text(commands.page(), "utf-8")
    assert commands.PATH.read_text("utf-8") == commands.page()


@pytest.mark.parametrize("name", pictures.SHOWN)
def test_pictures(name: str) -> None:
    """A picture is what its command shows."""
    path = pictures.FOLDER / f"{name}.svg"
    drawn = pictures.picture(name)
    if UPDATE:
        path.write_text(drawn, "utf-8")
    assert path.read_text("utf-8") == drawn


def test_the_picture_of_the_plots(tmp_path: Path) -> None:
    """The words in it are those that are drawn now; the paths are matplotlib's business."""
    path = pictures.FOLDER / "plot.svg"
    pictures.plot(path if UPDATE else tmp_path / "plot.svg")
    drawn = path if UPDATE else tmp_path / "plot.svg"
    labels = LABEL.findall(drawn.read_text("utf-8"))
    assert "Reliability" in " ".join(labels)
    assert LABEL.findall(path.read_text("utf-8")) == labels


def test_pictures_are_shown() -> None:
    """Each is on the first page of the site, and nothing else lies in the folder."""
    assert {path.stem for path in pictures.FOLDER.iterdir()} == {*pictures.SHOWN, "plot"}
    shown = set(re.findall(r"\]\(pictures/(\w+)\.svg\)", text("docs/index.md")))
    assert shown == {*pictures.SHOWN, "plot"}


def lines(page: str) -> list[tuple[str, str]]:
    """The lines to try of a page, with what each prints."""
    block = LINES.search(text(page))
    assert block
    parts = [line.partition("  #") for line in block[1].splitlines()]
    return [(command.strip(), printed.strip()) for command, _, printed in parts]


@pytest.mark.parametrize(("command", "printed"), lines("README.md"))
def test_lines_to_try(command: str, printed: str) -> None:
    """Each prints what stands behind it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-c", f"{command} -p 4 -f plain"],
        cwd=ROOT,
        env={"PATH": path, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert run.stdout.strip() == printed


def test_there_are_ten_lines_to_try() -> None:
    """They are the same in Chinese."""
    assert len(lines("README.md")) == 10
    assert lines("docs/zh/README.md") == lines("README.md")


@pytest.mark.parametrize("page", ["README.md", "docs/zh/README.md"])
def test_every_command_is_in_the_table(page: str) -> None:
    """With its arguments, in the order of the help."""
    rows = re.findall(r"^\| `cecli ([^`]+)` \|", text(page), re.MULTILINE)
    usages = [" ".join([each.name, *(argument.metavar for argument in each.arguments)]) for each in COMMANDS.values()]
    assert rows == usages


def test_the_chinese_pages_keep_step() -> None:
    """With the commands of the English ones, in their order."""
    assert COMMAND.findall(text("docs/zh/tutorial.md")) == COMMAND.findall(text("docs/tutorial.md"))
    assert COMMAND.findall(text("docs/zh/README.md")) == COMMAND.findall(text("README.md"))


def test_every_page_is_in_the_menu() -> None:
    """From the first page every other is one click away."""
    listed = re.findall(r"^([a-z][\w/-]+|zh/\w+)$", text("docs/index.md"), re.MULTILINE)
    pages = {str(path.relative_to(ROOT / "docs").with_suffix("")) for path in (ROOT / "docs").rglob("*.md")}
    assert {*listed} == pages - {"index"}
