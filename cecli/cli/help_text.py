"""The text of the help: examples first, then the options by panel."""

from __future__ import annotations

import inspect
import shutil
import sys
import textwrap
from typing import Any

from cecli.cli.command_table import EXIT_CODES, TABLE, Command
from cecli.cli.screen import color_asked, styled
from cecli.running.options import OUTPUT, PANELS

TRY = ("cecli softmax 2,1,0.1", "cecli xent 1,0,0 0.5,0.2,0.3", "cecli compare --example")


def command_help(command: Command, parameters: list[Any]) -> str:
    """The help of one command: one line, examples with their output, the arguments, the options by panel, the exit codes."""
    paragraphs = inspect.cleandoc(command.help).split("\n\n")
    text = [textwrap.fill(" ".join(paragraph.split()), _width()) for paragraph in paragraphs]
    usage = " ".join(["cecli", command.name, *(each.metavar for each in command.arguments), "[OPTIONS]"])
    sections = [f"{_heading('Usage:')} {usage}", *text, _examples(command)]
    if command.arguments:
        entries = [(each.metavar.rstrip("."), each.help) for each in command.arguments]
        sections.append(_section("Arguments", entries, 16))
    panels: dict[str, list[tuple[str, str]]] = {}
    for option in _options(parameters):
        panels.setdefault(getattr(option, "rich_help_panel", None) or OUTPUT, []).append(_entry(option))
    sections += [_section(panel, panels[panel], 30) for panel in PANELS if panel in panels]
    sections.append(_section("Exit codes", list(EXIT_CODES), 10))
    return "\n\n".join(sections) + "\n"


def group_help(about: str, parameters: list[Any]) -> str:
    """The help of cecli itself: the commands, a line each, and where to go on."""
    commands = [(command.name, command.help.partition("\n")[0]) for command in TABLE]
    sections = [
        f"{_heading('Usage:')} cecli COMMAND ... [OPTIONS]",
        textwrap.fill(inspect.cleandoc(about), _width()),
        _section("Commands", commands, 13),
        _section("Options", [_entry(option) for option in _options(parameters)], 30),
        f"{_heading('Examples:')}\n" + "\n".join(f"  $ {call}" for call in TRY),
        "cecli COMMAND --help has examples, every option and the exit codes.",
    ]
    return "\n\n".join(sections) + "\n"


def short_help() -> str:
    """What a bare `cecli` shows."""
    tries = "\n".join(f"  {call}" for call in TRY)
    return (
        f"cecli: the numbers behind classification. Three things to try:\n\n{tries}\n\ncecli --help lists all commands."
    )


def _options(parameters: list[Any]) -> list[Any]:
    return [each for each in parameters if each.param_type_name == "option"]


def _heading(text: str) -> str:
    return styled(text, "1", sys.stdout, color_asked(sys.argv[1:]))


def _width() -> int:
    return max(40, min(shutil.get_terminal_size().columns, 100))


def _section(title: str, entries: list[tuple[str, str]], column: int) -> str:
    """A heading, and below it terms and their explanations in two columns."""
    lines = []
    for term, text in entries:
        wrapped = textwrap.wrap(text, _width() - column - 2, break_long_words=False, break_on_hyphens=False) or [""]
        if len(term) > column - 4:
            lines.append(f"  {term}")
        else:
            lines.append(f"  {term:<{column - 2}}{wrapped.pop(0)}")
        lines += [f"{'':<{column}}{line}" for line in wrapped]
    return "\n".join([_heading(f"{title}:"), *(line.rstrip() for line in lines)])


def _entry(option: Any) -> tuple[str, str]:
    """An option's names and its help."""
    names = sorted(option.opts, key=len)
    if option.secondary_opts:
        names = [f"{names[0]}/{option.secondary_opts[0]}"]
    lead = "" if names[0].startswith("-") and not names[0].startswith("--") else "    "
    metavar = "" if option.is_flag else f" {option.metavar or ''}".rstrip()
    about = (option.help or "").replace("Show this message and exit.", "show this help")
    return f"{lead}{', '.join(names)}{metavar}", about


def _examples(command: Command) -> str:
    lines = [f"  $ {call}\n" + textwrap.indent(output, "  ") for call, output in command.examples]
    return f"{_heading('Examples:')}\n" + "\n".join(lines)
