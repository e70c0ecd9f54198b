"""Arguments that are too many: what was meant, as a call that can be typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from cecli.cli.command_table import COMMANDS

CLAIMED = ("=", "==", "≈")


def advice(command: str, words: Sequence[str]) -> str:
    """What to type in place of a call that has too many arguments."""
    if command == "check" and not any(word in CLAIMED for word in words):
        return "check reads one file of claims"
    if not COMMANDS[command].arguments:
        return f"cecli {command} takes none"
    rest = list(words[words.index(command) + 1 :])
    if mark := next((word for word in rest if word in CLAIMED), None):
        return _with_claim(command, rest, rest.index(mark))
    values = list(takewhile(_is_value, rest))
    arguments = COMMANDS[command].arguments
    if len(arguments) == 1 and values and all("," not in each.strip(",") for each in values):
        return f"one row is one argument: {_called(command, [' '.join(values), *rest[len(values) :]])}"
    if any(each.title == "the prediction" for each in arguments) and all(map(_is_source, values[1:])):
        return f"several models go to compare: {_called('compare', values)}"
    return "values of one source stand without blanks, or between quotes"


def _with_claim(command: str, rest: Sequence[str], at: int) -> str:
    """The call with what stands behind = as its claimed answer."""
    before = rest[:at] if command == "check" else [command, *rest[:at]]
    return f"--expect checks an answer: {_called(*_split(before))} --expect {shlex.join(rest[at + 1 :])}"


def _split(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    return (words[0], words[1:]) if words else ("", words)


def _called(command: str, words: Sequence[str]) -> str:
    """A call as it is typed."""
    return shlex.join(["cecli", command, *words])


def _is_source(word: str) -> bool:
    """Whether a word is several values, or a file, perhaps with a model's name or with columns."""
    source = word.partition("=")[2] or word
    return "," in word or any(Path(each).is_file() for each in (word, source, source.rpartition(":")[0]))


def _is_value(word: str) -> bool:
    """Whether a word is not an option: -1 is a value."""
    return not word.startswith("-") or word[1:2].isdigit() or word[1:2] == "."
