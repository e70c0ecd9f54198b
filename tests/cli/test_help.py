"""Help: its triggers, its examples (run on a terminal), that nothing in it is eaten, and that -h fits one screen.

With CECLI_UPDATE_GOLDEN=1 the examples' outputs are written anew: look at the difference before you commit it.
"""

import json
import os
import re
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import numpy
import pytest

from cecli.cli.app import app, typer
from cecli.cli.command_table import TABLE
from cecli.cli.help_text import EXAMPLES, TRY, outputs
from cecli.cli.topics import TOPICS, topic_source
from cecli.running.options import offered
from cecli.version import VERSION
from tests.every import every
from tests.terminal import each_on_terminal

COMMANDS = [command.name for command in TABLE if command.name not in ("check", "devices")]
ROWS = {command.name: command for command in TABLE}
GROUP = typer.main.get_command(app)
CALLS = list(dict.fromkeys([*TRY, *(call for command in TABLE for call in command.examples)]))
PAGES = Path(__file__).parent.parent.parent / "docs" / "topics"


# --- examples -------------------------------------------------------------------------------------------------------


def test_every_command_has_examples():
    """Two at least; of those that compute one shows the working, and one a claim."""
    assert set(ROWS) == set(GROUP.commands)
    assert all(len(command.examples) >= 2 for command in TABLE)
    for name in COMMANDS:
        assert any("--steps" in call for call in ROWS[name].examples)
        assert any("--expect" in call for call in ROWS[name].examples)


@pytest.fixture(scope="module")
def played():
    """What each example prints on a terminal of 80 columns, less two by which the help indents it."""
    shown = zip(CALLS, each_on_terminal(CALLS, 78), strict=True)
    found = {call: "\n".join(line.rstrip() for line in text.rstrip().split("\n")) for call, text in shown}
    if os.environ.get("CECLI_UPDATE_GOLDEN"):
        Path(EXAMPLES).write_text("".join(f"$ {call}\n{text}\n" for call, text in found.items()), "utf-8")
    return found


def test_the_examples_print_what_they_show(played):
    """To the last character, and there are no others."""
    assert outputs() == played


# --- the help of commands -------------------------------------------------------------------------------------------


@every("command", COMMANDS)
@every("trigger", ["--help", "help", "last", "between"])
def test_the_whole_help_of_a_command(cecli, command, trigger):
    """In every position, on stdout, exit 0, plain text: the usage, the examples, every option, the exit codes."""
    words = {
        "help": ["help", command],
        "last": [command, "1,2", "--help"],
        "between": [command, "-q", "--help", "1,2"],
    }.get(trigger, [command, trigger])
    result = cecli(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert f"Usage: cecli {command}" in result.stdout
    for call in ROWS[command].examples:
        assert f"$ {call}" in result.stdout
        assert all(line in result.stdout for line in outputs()[call].splitlines())
    for parameter in GROUP.commands[command].params:
        assert all(name in result.stdout for name in parameter.opts if name.startswith("-"))
        assert parameter.help
    assert re.search(r"Exit codes:\n +0 .*\n +1 .*\n +2 ", result.stdout)


@pytest.mark.parametrize("command", ["", *ROWS])
@pytest.mark.parametrize("trigger", [["-h"], ["-q", "-h"]])
def test_the_short_help_fits_one_screen(cecli, command, trigger):
    """At most 45 lines of 80 columns: usage, arguments, ten options, three examples, and where to find the rest."""
    if not command and len(trigger) > 1:
        pytest.skip("the group has no such option")
    result = cecli(*[command] if command else [], *trigger, COLUMNS="80")
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(lines) <= 45, "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"Usage: cecli {command}".rstrip())
    assert "--help" in "\n".join(lines[-2:])
    if command:
        row = ROWS[command]
        assert len(row.most_used) == min(10, len(offered(command)))
        assert set(row.most_used) <= {option.name for option in offered(command)}
        assert all(f"--{name.replace('_', '-')}" in result.stdout for name in row.most_used)
        assert all(f"  $ {call}\n" in result.stdout for call in row.examples[:3])
        assert all(argument.metavar.rstrip(".") in result.stdout for argument in row.arguments)


def test_the_short_help_of_several_letters(cecli):
    """`-qh` is -q and -h; -h beside --help is whole."""
    assert cecli("softmax", "-qh").stdout == cecli("softmax", "-h").stdout
    assert cecli("softmax", "-h", "--help").stdout == cecli("softmax", "--help").stdout


def test_the_help_of_the_list(cecli):
    """`devices` takes no argument, and no option that shapes or judges a number."""
    text = cecli("devices", "--help").stdout
    assert text.startswith("Usage: cecli devices [OPTIONS]\n")
    assert "$ cecli devices" in text
    assert "--format" in text
    assert not re.search(r"Arguments:|--precision|  --fail-above|--threads", text)
    assert re.search(r"^  devices +\w", cecli("-h").stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "words", [["-h"], ["--help"], ["help"], ["help", "--help"], ["--help", "xent"], ["help", "help"]]
)
def test_the_help_of_all(cecli, words):
    """Every command with its line, and every topic."""
    result = cecli(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert all(re.search(rf"^  {command} +\w", result.stdout, re.MULTILINE) for command in ROWS)
    assert all(topic in result.stdout for topic in TOPICS)
    assert "\x1b" not in result.stdout


def test_a_bare_call(cecli):
    """Three things to try, on stderr: an empty variable in a script is no success."""
    result = cecli()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n  cecli ") == 3


def test_nothing_in_the_help_is_eaten(cecli):
    """Brackets reach the screen: `[0]`, `[ε, 1−ε]`, D[p‖q]."""
    shown = " ".join(cecli("xent", "--help").stdout.split())
    for parameter in GROUP.commands["xent"].params:
        if parameter.help and parameter.param_type_name == "option" and parameter.name != "help":
            assert " ".join(parameter.help.split()) in shown


@pytest.mark.parametrize("columns", ["20", "40", "60", "80", "100", "300"])
def test_help_fits_the_terminal(cecli, columns):
    """No line of prose is wider than the terminal, nor than 100 columns."""
    for command in COMMANDS:
        lines = cecli(command, "--help", COLUMNS=columns).stdout.splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("Arguments"))
        assert max(map(len, lines[start:])) <= max(50, min(int(columns), 100))


def test_the_usage_names_every_argument(cecli):
    """In the order in which they are typed: the target before the prediction."""
    for command in COMMANDS:
        usage = cecli(command, "-h").stdout.splitlines()[0]
        names = [p.metavar for p in GROUP.commands[command].params if p.param_type_name == "argument"]
        assert [usage.index(name) for name in names] == sorted(usage.index(name) for name in names)


def test_help_says_what_the_contract_says_of_units_and_order(cecli):
    """The words that everyone looks for."""
    assert "bits" in cecli("xent", "-h").stdout
    assert "softmax" in cecli("-h").stdout


def test_names_from_elsewhere_lead_to_commands_and_options_that_exist() -> None:
    """What the table of other names tells people to type is there."""
    from cecli.cli.command_table import COMMANDS
    from cecli.cli.other_names import COMMANDS_ELSEWHERE, OPTIONS_ELSEWHERE
    from cecli.running.options import TABLE, offered

    for call in COMMANDS_ELSEWHERE:
        command, *words = call.removeprefix("cecli ").split()
        flags = {word for word in words if word.startswith("--")}
        assert flags <= {option.flag for option in offered(COMMANDS[command].name)}
    assert {row.split()[0] for row in OPTIONS_ELSEWHERE} <= {option.flag for option in TABLE} | {"--version"}
    assert all(name.isalnum() for names in (COMMANDS_ELSEWHERE | OPTIONS_ELSEWHERE).values() for name in names)


# --- topics ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_a_page_of_the_docs(topic):
    """Not a letter differs."""
    page = PAGES / f"{topic}.md"
    if os.environ.get("CECLI_UPDATE_DOCS"):
        page.write_text(topic_source(topic), "utf-8")
    assert page.read_text("utf-8") == topic_source(topic)


def test_the_pages_are_those_of_the_topics():
    """No other."""
    assert {page.stem for page in PAGES.glob("*.md")} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("columns", ["60", "80", "300"])
def test_a_topic_on_the_terminal(cecli, topic, columns):
    """Every word of the page, without its marks, and no line wider than the terminal but those of calls."""
    result = cecli("help", topic, COLUMNS=columns)
    assert (result.exit_code, result.stderr) == (0, "")
    assert not re.search(r"`|^#|^\||---", result.stdout, re.MULTILINE)
    page = re.sub(r"^\|.*\n(?=\|---)", "", topic_source(topic), flags=re.MULTILINE)
    words = re.sub(r"```\w*\n|[`|#]|---", " ", page).split()
    assert len(words) > 50
    assert [word for word in words if word not in result.stdout] == []
    prose = [line for line in result.stdout.splitlines() if not re.match(r"  \S", line)]
    assert max(map(len, prose)) <= min(int(columns), 100)


def test_the_topic_of_mistakes_lists_them_all(cecli):
    """By their names in the tables."""
    from cecli.mistakes.table import TABLE as MISTAKES

    shown = " ".join(cecli("help", "mistakes", COLUMNS="300").stdout.split())
    assert len(MISTAKES) > 50
    assert all(row.name in shown for row in MISTAKES)


def test_the_topic_of_the_environment_names_every_variable(cecli):
    """Those of the table of options too."""
    from cecli.running.options import TABLE as OPTIONS

    shown = cecli("help", "environment").stdout
    assert all(option.variable in shown for option in OPTIONS)


def test_the_topic_of_formats_names_every_format(cecli):
    """And every ending."""
    from cecli.render import CHOICES, ENDINGS

    shown = cecli("help", "formats").stdout
    assert all(
        name in shown
        for name in (*CHOICES[1:], *(ending.strip(".") for ending in ENDINGS if ENDINGS[ending] not in CHOICES))
    )


@pytest.mark.parametrize(
    ("word", "hint"), [("format", "did you mean cecli help formats?"), ("zzz", "topics are input")]
)
def test_help_on_nothing(cecli, word, hint):
    """A topic that is close, or all of them."""
    result = cecli("help", word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no help on {word!r}" in result.stderr
    assert hint in result.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (
            ["perplexity"],
            ["cecli xent", "--metric (compare)", "cecli help definitions:", "loss in place of the perplexity"],
        ),
        (["NLL"], ["Names in other tools:", "cecli xent"]),
        (["label", "smoothing"], ["cecli help definitions:"]),
        (["--js"], ["--js (kl)"]),
    ],
)
def test_the_help_is_searched(cecli, words, found):
    """Commands, options, topics, mistakes, and the names of other tools, in any case."""
    result = cecli("help", "find", *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert all(text in result.stdout for text in found), result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(("words", "says"), [([], "WORD is missing"), (["zzz"], "says nothing of 'zzz'")])
def test_a_search_without_an_answer(cecli, words, says):
    """An error that says so."""
    result = cecli("help", "find", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_the_man_page_is_printed(cecli):
    """The one that is installed."""
    assert cecli("help", "--man").stdout == (PAGES.parent / "share" / "man" / "man1" / "cecli.1").read_text("utf-8")


# --- the version ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["version"], ["--version"], ["-V"]])
def test_the_version(cecli, process, words):
    """In this process, and before anything is loaded."""
    assert cecli(*words).stdout == process(*words).stdout == f"cecli {VERSION}\n"


def test_the_version_as_json(cecli):
    """With all that a report of a fault should say."""
    found = json.loads(cecli("version", "--json").stdout)
    assert found["version"] == VERSION
    assert found["packages"]["numpy"] == numpy.__version__
    assert found["packages"]["typer"] == metadata.version("typer")
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [project["optional-dependencies"][name] for name in ("data", "plot", "remote", "dask", "cuda12", "cuda13")]
    assert {*found["packages"]} == {each.partition(">")[0] for each in chain(project["dependencies"], *extras)}
    assert found["python"].count(".") == 2


def test_the_version_takes_nothing_else(cecli):
    """And says so."""
    assert cecli("version", "-h").stdout.startswith("Usage: cecli version [--json]")
    assert cecli("help", "version").stdout == cecli("version", "--help").stdout
    result = cecli("version", "1,2")
    assert result.exit_code == 2
    assert "takes --json alone" in result.stderr
