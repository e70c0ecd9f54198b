"""The table of options: its rows are whole, and what the terminal and the library offer follows from them."""

import inspect
import json
import re

import pytest

from cecli import library
from cecli.cli.command_table import COMMANDS, TABLE
from cecli.errors import UsageError
from cecli.running.option import READERS, SOURCE
from cecli.running.options import OPTIONS, PANELS, Options, offered
from cecli.running.options import TABLE as OPTION_TABLE
from tests.every import every

POSITIONAL = {"target", "prediction", "predictions", "logits", "p", "q"}


def test_every_name_stands_once():
    """Of an option, a letter and a command."""
    assert len(OPTIONS) == len(OPTION_TABLE)
    assert len(COMMANDS) == len(TABLE)
    for command in COMMANDS:
        letters = [option.letter for option in offered(command) if option.letter]
        assert len(set(letters)) == len(letters)
        assert not {each.name for each in COMMANDS[command].arguments} & {each.name for each in offered(command)}


@every("option", OPTION_TABLE, ids=lambda option: option.name)
def test_a_row_is_whole(option):
    """It is in a panel, is taken by commands that there are, and a source has a title."""
    assert option.panel in PANELS
    assert option.commands
    assert {*option.commands, *(option.helps or {})} <= set(COMMANDS)
    assert bool(option.title) == (option.kind == SOURCE)
    assert bool(option.metavar) == (option.kind not in {"flag", "switch"})
    assert re.fullmatch(r"-[a-z]|", option.letter)
    for default in [option.default, *(option.defaults or {}).values()]:
        assert default is None or option.read(default) is not None
    for command, default in (option.defaults or {}).items():
        help_ = (option.helps or {}).get(command, option.help)
        assert help_.endswith(f"[{default}]")


@pytest.mark.parametrize("command", ["entropy", "xent", "kl", "bce", "grad"])
def test_the_reduction_that_is_left_out_is_that_of_the_table(cecli, command):
    """What JSON says took effect for two rows."""
    words = ["0.5,0.5;0.25,0.75"] if command == "entropy" else ["0.5,0.5;0.25,0.75", "0.5,0.5;0.75,0.25"]
    took = json.loads(cecli(command, *words, "-f", "json").stdout.splitlines()[0])["settings"]["reduction"]
    assert took == (OPTIONS["reduction"].value_left_out(command) or "none")


def test_what_shapes_a_number_is_a_setting():
    """Under the same name."""
    assert {option.name for option in OPTION_TABLE if option.shapes} <= set(Options._fields)


@pytest.mark.parametrize("name", library.__all__)
def test_the_keywords_of_the_library_are_options(name):
    """With the terminal's defaults, where these are numbers."""
    keywords = [p for p in inspect.signature(getattr(library, name)).parameters.values() if p.name not in POSITIONAL]
    assert keywords
    for keyword in keywords:
        option = OPTIONS[keyword.name]
        if option.default is not None and option.kind in READERS:
            assert option.read(option.default) == keyword.default


@pytest.mark.parametrize("name", [option.name for option in OPTION_TABLE if option.range])
def test_a_range_has_an_end(name):
    """What is outside is refused, with the option's name and the words of the range."""
    option = OPTIONS[name]
    with pytest.raises(UsageError, match=f"^{option.flag}: -1 is not {option.range.words}$"):
        option.read("-1")
    with pytest.raises(UsageError, match=f"^{option.flag}: -1 is not {option.range.words}$"):
        option.check(-1)
