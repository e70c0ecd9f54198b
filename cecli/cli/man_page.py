"""The man page, made of the tables of commands and options."""

from __future__ import annotations

import inspect

from cecli.cli.command_table import EXIT_CODES, TABLE
from cecli.cli.completion import options_of
from cecli.cli.topics import FIND, TOPICS
from cecli.running.options import TABLE as OPTIONS
from cecli.version import VERSION

ABOUT = "the numbers behind classification: softmax, entropy, cross-entropy, comparing models, gradients"


def man_page() -> str:
    """The page as roff has it."""
    lines = [
        f'.TH CECLI 1 "" "cecli {VERSION}" "User Commands"',
        ".SH NAME",
        f"cecli \\- {_escaped(ABOUT)}",
        ".SH SYNOPSIS",
        ".B cecli",
        "COMMAND ... [OPTIONS]",
        ".br",
        ".B cecli help",
        "[COMMAND | TOPIC | find WORD]",
        ".br",
        ".B cecli version",
        "[\\-\\-json]",
        ".SH DESCRIPTION",
        "A SOURCE is values as 0.5,0.2,0.3, rows between ;, a FILE, FILE:COLUMNS, or \\- for standard input.",
        "The target always comes before the prediction. cecli help input says all that can be typed.",
        ".SH COMMANDS",
    ]
    for command in TABLE:
        arguments = " ".join(argument.metavar for argument in command.arguments)
        about = inspect.cleandoc(command.help).split("\n\n")
        lines += [f".SS cecli {command.name} {_escaped(arguments)}".rstrip()]
        lines += [line for paragraph in about for line in (_escaped(" ".join(paragraph.split())), ".PP")][:-1]
        lines += _options(command.name)
    lines += [".SH EXIT STATUS", *_entries(list(EXIT_CODES))]
    variables = [(option.variable, f"stands for {option.flag}") for option in OPTIONS if option.variable]
    lines += [".SH ENVIRONMENT", *_entries(variables)]
    lines += [
        ".SH TOPICS",
        *_entries([(f"cecli help {name}", about) for name, about in (TOPICS | {"find WORD": FIND}).items()]),
    ]
    lines += [".SH EXAMPLES", ".nf", *(_escaped(command.examples[0]) for command in TABLE), ".fi"]
    return "\n".join(lines) + "\n"


def _options(name: str) -> list[str]:
    command = next(each for each in TABLE if each.name == name)
    return _entries(
        [(f"{', '.join(option.flags)} {option.metavar}".rstrip(), option.help) for option in options_of(command)]
    )


def _entries(entries: list[tuple[str, str]]) -> list[str]:
    """Terms in bold, each with what it means."""
    return [line for term, about in entries for line in (".TP", f".B {_escaped(term)}", _escaped(about))]


def _escaped(text: str) -> str:
    """A text in which roff finds no command."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
