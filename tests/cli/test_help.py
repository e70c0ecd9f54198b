"""Help: its triggers, its examples (run through a real shell), and that nothing in it is eaten."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from cecli.cli.app import app, typer
from cecli.cli.command_table import TABLE

COMMANDS = ["softmax", "entropy", "xent", "kl", "bce", "compare", "grad", "calibrate"]
EXAMPLES = {command.name: command.examples for command in TABLE}
GROUP = typer.main.get_command(app)
CALLS = [(call, output) for examples in EXAMPLES.values() for call, output in examples]


def test_every_command_has_examples():
    """Two at least, and no command without."""
    assert set(EXAMPLES) == set(GROUP.commands)
    assert all(len(examples) >= 2 for examples in EXAMPLES.values())


@pytest.fixture(scope="module")
def outputs(shell):
    """What each example prints into a pipe."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip([call for call, _ in CALLS], pool.map(shell, [call for call, _ in CALLS]), strict=True))


@pytest.mark.parametrize(("call", "output"), CALLS, ids=[call for call, _ in CALLS])
def test_an_example_prints_what_it_shows(outputs, call, output):
    """To the last digit."""
    result = outputs[call]
    assert (result.returncode, result.stdout) == (0, output + "\n"), result.stderr


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("trigger", ["-h", "--help", "help", "last", "between"])
def test_the_help_of_a_command(cecli, command, trigger):
    """In every position, on stdout, exit 0, plain text: the usage, the examples, every option, the exit codes."""
    words = {"help": ["help", command], "last": [command, "1,2", "-h"], "between": [command, "-q", "-h", "1,2"]}.get(
        trigger, [command, trigger]
    )
    result = cecli(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert f"Usage: cecli {command}" in result.stdout
    for call, output in EXAMPLES[command]:
        assert f"$ {call}" in result.stdout
        assert all(line in result.stdout for line in output.splitlines())
    for parameter in GROUP.commands[command].params:
        assert all(name in result.stdout for name in parameter.opts if name.startswith("-"))
        assert parameter.help
    assert re.search(r"Exit codes:\n +0 .*\n +1 .*\n +2 ", result.stdout)


def test_the_help_of_the_list(cecli):
    """`devices` takes no argument, and no option that shapes or judges a number."""
    text = cecli("devices", "-h").stdout
    assert text.startswith("Usage: cecli devices [OPTIONS]\n")
    assert "$ cecli devices" in text
    assert "--format" in text
    assert not re.search(r"Arguments:|--precision|  --fail-above|--threads", text)
    assert re.search(r"^  devices +\w", cecli("-h").stdout, re.MULTILINE)


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["help"], ["help", "--help"], ["--help", "xent"]])
def test_the_help_of_all(cecli, words):
    """Every command with its line."""
    result = cecli(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert all(re.search(rf"^  {command} +\w", result.stdout, re.MULTILINE) for command in COMMANDS)
    assert "\x1b" not in result.stdout


def test_help_of_help(cecli):
    """`cecli help help` is help too."""
    assert cecli("help", "help").exit_code == 0


def test_nothing_in_the_help_is_eaten(cecli):
    """Brackets reach the screen: `[0]`, `[ε, 1−ε]`, D[p‖q]."""
    shown = " ".join(cecli("xent", "-h").stdout.split())
    for parameter in GROUP.commands["xent"].params:
        if parameter.help and parameter.param_type_name == "option" and parameter.name != "help":
            assert " ".join(parameter.help.split()) in shown


@pytest.mark.parametrize("columns", ["20", "40", "60", "80", "100", "300"])
def test_help_fits_the_terminal(cecli, columns):
    """No line of prose is wider than the terminal, nor than 100 columns."""
    for command in COMMANDS:
        lines = cecli(command, "-h", COLUMNS=columns).stdout.splitlines()
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
    assert {row.split()[0] for row in OPTIONS_ELSEWHERE} <= {option.flag for option in TABLE}
    assert all(name.isalnum() for names in (COMMANDS_ELSEWHERE | OPTIONS_ELSEWHERE).values() for name in names)
