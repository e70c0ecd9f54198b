"""The page of the commands, from the tables of commands and options. `python -m docs.commands` writes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from cecli.cli.app import app
from cecli.cli.command_table import EXIT_CODES, TABLE, Command
from cecli.running.options import PANELS

COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
PATH = Path(__file__).parent / "commands.md"

INTRODUCTION = """# Commands

Every command with its arguments, options and examples. This page is written from the tables that the program itself reads
(`python -m docs.commands`), as is `cecli COMMAND --help`. What each option means in full: [reference](reference.md).
"""


def page() -> str:
    """The page."""
    links = " · ".join(f"[{command.name}](#{command.name})" for command in TABLE)
    codes = "".join(f"| {code} | {_cell(meaning)} |\n" for code, meaning in EXIT_CODES)
    parts = [
        INTRODUCTION,
        links,
        *(part for command in TABLE for part in _command(command)),
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}",
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _command(command: Command) -> Iterator[str]:
    """The section of a command."""
    usage = " ".join(["cecli", command.name, *(each.metavar for each in command.arguments), "[OPTIONS]"])
    yield f"## {command.name}"
    yield f"```text\n{usage}\n```"
    yield from (_plain(" ".join(paragraph.split())) for paragraph in inspect.cleandoc(command.help).split("\n\n"))
    yield "```sh\n" + "\n".join(command.examples) + "\n```"
    if command.arguments:
        rows = "".join(f"| `{each.metavar}` | {_cell(each.help)} |\n" for each in command.arguments)
        yield f"| argument | meaning |\n|---|---|\n{rows}"
    options = [each for each in COMMANDS[command.name].params if getattr(each, "rich_help_panel", None) in PANELS]
    rows = "".join(_row(option) for panel in PANELS for option in options if option.rich_help_panel == panel)
    yield f"| option | meaning | default |\n|---|---|---|\n{rows}"


def _row(option: Any) -> str:
    """A line of the table of options."""
    names = ", ".join(sorted(option.opts, key=len)) + "".join(f"/{name}" for name in option.secondary_opts)
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}".replace("|", "\\|")
    meaning, default = DEFAULT.match(option.help).groups()  # type: ignore[union-attr]
    return f"| `{names}{value}` | {_cell(meaning)} | {_cell(default or '')} |\n"


DEFAULT = re.compile(r"(.*?)(?: \[([^\]]*)\])?$")
"""What an option means, and in brackets what holds without it."""


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """A text whose signs are not Markdown."""
    return re.sub(r"([*_<{}])", r"\\\1", text)


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
