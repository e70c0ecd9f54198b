"""The text of the help: `-h` is one screen, `--help` is whole."""

from __future__ import annotations

import inspect
import os
import textwrap
from collections.abc import Sequence
from typing import Any

from cecli.cli.command_table import EXIT_CODES, TABLE, Command
from cecli.cli.layout import filled, heading, in_columns
from cecli.cli.topics import FIND, TOPICS
from cecli.running.options import OUTPUT, PANELS

TRY = ("cecli softmax 2,1,0.1", "cecli xent 1,0,0 0.5,0.2,0.3", "cecli compare --example")
ON_A_SCREEN = 3
"""Examples that `-h` shows."""


def command_help(command: Command, parameters: list[Any], short: bool = False) -> str:
    """The help of one command: what it computes, examples as a terminal shows them, the arguments, the options; if short, those most used."""
    paragraphs = inspect.cleandoc(command.help).split("\n\n")
    usage = " ".join(["cecli", command.name, *(each.metavar for each in command.arguments), "[OPTIONS]"])
    sections = [f"{heading('Usage:')} {usage}"]
    sections += [filled(" ".join(paragraph.split())) for paragraph in paragraphs[: 1 if short else None]]
    options = _options(parameters)
    if short:
        used = [option for name in command.most_used for option in options if option.name == name]
        return _joined(
            [
                *sections,
                *_arguments(command),
                _section("Options", [_entry(option) for option in used], 24),
                _examples(command, ON_A_SCREEN),
                f"cecli {command.name} --help shows all options and more examples.",
            ]
        )
    panels: dict[str, list[tuple[str, str]]] = {}
    for option in options:
        panels.setdefault(getattr(option, "rich_help_panel", None) or OUTPUT, []).append(_entry(option))
    listed = [_section(panel, panels[panel], 30) for panel in PANELS if panel in panels]
    codes = _section("Exit codes", list(EXIT_CODES), 10)
    return _joined([*sections, _examples(command), *_arguments(command), *listed, codes])


def group_help(about: str, parameters: list[Any], short: bool = False) -> str:
    """The help of cecli itself: the commands, a line each, and where to go on; if short, three examples in place of the options."""
    usage = f"{heading('Usage:')} cecli COMMAND ... [OPTIONS]"
    commands = _section("Commands", [(command.name, command.help.partition("\n")[0]) for command in TABLE], 13)
    if short:
        names = filled(f"cecli help TOPIC: {', '.join(TOPICS)}; cecli help find WORD {FIND}")
        more = filled("cecli COMMAND -h is one screen of help, cecli COMMAND --help is all of it.")
        return _joined([usage, commands, f"{heading('Examples:')}\n{_played(TRY[:2])}", f"{names}\n{more}"])
    return _joined(
        [
            usage,
            filled(inspect.cleandoc(about)),
            commands,
            _section("Topics (cecli help TOPIC)", [*TOPICS.items(), ("find WORD", FIND)], 15),
            _section("Options", [_entry(option) for option in _options(parameters)], 30),
            _section("Exit codes", list(EXIT_CODES), 10),
            f"{heading('Examples:')}\n{_played(TRY)}",
            filled(
                "cecli COMMAND -h is one screen of help, cecli COMMAND --help is all of it. "
                "cecli version --json says what this is and what it runs on."
            ),
        ]
    )


def bare_help() -> str:
    """What a bare `cecli` shows."""
    tries = "\n".join(f"  {call}" for call in TRY)
    return f"cecli: the numbers behind classification. Three things to try:\n\n{tries}\n\ncecli -h lists all commands."


# --- the parts ------------------------------------------------------------------------------------------------------


def _joined(sections: Sequence[str]) -> str:
    return "\n\n".join(sections) + "\n"


def _options(parameters: list[Any]) -> list[Any]:
    return [each for each in parameters if each.param_type_name == "option"]


def _arguments(command: Command) -> list[str]:
    entries = [(each.metavar.rstrip("."), each.help) for each in command.arguments]
    return [_section("Arguments", entries, 16)] if entries else []


def _section(title: str, entries: Sequence[tuple[str, str]], column: int) -> str:
    return f"{heading(f'{title}:')}\n{in_columns(entries, column)}"


def _entry(option: Any) -> tuple[str, str]:
    """An option's names and its help."""
    names = sorted(option.opts, key=len)
    if option.secondary_opts:
        names = [f"{names[0]}/{option.secondary_opts[0]}"]
    lead = "" if names[0].startswith("-") and not names[0].startswith("--") else "    "
    metavar = "" if option.is_flag else f" {option.metavar or ''}".rstrip()
    about = (option.help or "").replace("Show this message and exit.", "-h shows one screen of help, --help all of it")
    return f"{lead}{', '.join(names)}{metavar}", about


# --- examples -------------------------------------------------------------------------------------------------------

EXAMPLES = os.path.join(os.path.dirname(__file__), "examples.txt")
"""Calls, each behind a `$`, with what they print on a terminal of 80 columns; the tests write it again."""


def _examples(command: Command, most: int | None = None) -> str:
    return f"{heading('Examples:')}\n{_played(command.examples[:most])}"


def _played(calls: Sequence[str]) -> str:
    """Calls with what they print."""
    shown = outputs()
    return "\n".join(f"  $ {call}\n{textwrap.indent(shown[call], '  ')}".rstrip() for call in calls)


def outputs() -> dict[str, str]:
    """What each example prints."""
    with open(EXAMPLES, encoding="utf-8") as stream:
        parts = f"\n{stream.read()}".split("\n$ ")[1:]
    return {call: output.strip("\n") for call, _, output in (part.partition("\n") for part in parts)}
