"""What only a process of its own can show: pipes, terminals, signals, and what loads."""

import os
import signal
import subprocess
import sys

import pytest

from cecli.version import VERSION
from tests.terminal import Screen


def test_arguments_and_pipes(shell):
    """What one command prints is an argument of another, or its standard input."""
    expected = "0.8323955818399389\n"
    assert shell("cecli entropy $(cecli softmax 1,2,3)").stdout == expected
    assert shell("cecli softmax 1,2,3 | cecli entropy -").stdout == expected
    assert shell("cecli softmax '1,2,3;3,2,1' | cecli entropy -").stdout == expected * 2


def test_negative_values_go_through_a_shell(shell):
    """The gradient of one call is an argument of the next, minus sign and all."""
    result = shell("cecli softmax $(cecli grad 0 2,1,0.1 -l)")
    assert (result.returncode, result.stderr) == (0, "")


def test_nothing_on_stdout_on_error(process):
    """Exit 2, the message on stderr."""
    result = process("xent", "0", "0.5,0.6")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error:")


def test_names_from_a_header_on_standard_input(process):
    """Labels given as text are matched to the names of the header, also where the target comes first."""
    result = process("xent", "dog,cat", "-", "-r", "none", stdin="cat,dog\n0.5,0.5\n0.2,0.8\n")
    assert result.returncode == 0, result.stderr
    assert [float(line) for line in result.stdout.split()] == pytest.approx([0.6931471805599453, 1.6094379124341003])


@pytest.mark.parametrize("limit", ["0.5", "0.7"])
def test_exit_codes_of_fail_above(process, limit):
    """0 or 1."""
    assert process("xent", "0", "0.5,0.5", "--fail-above", limit).returncode == (limit == "0.5")


def test_a_bare_call(process):
    """A short help with three things to try, on stderr, exit 2; each of them runs."""
    result = process()
    assert (result.returncode, result.stdout) == (2, "")
    tries = [line.strip() for line in result.stderr.splitlines() if line.startswith("  cecli ")]
    assert len(tries) == 3
    assert all(process(*line.split()[1:]).returncode == 0 for line in tries)


@pytest.mark.parametrize("words", [["--version"], ["-V"]])
def test_the_version(process, words):
    """One line on stdout."""
    result = process(*words)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"cecli {VERSION}\n", "")


def test_a_closed_pipe_is_quiet(environment):
    """`| head` takes what it wants; cecli says nothing."""
    rows = "\n".join(["1,2"] * 50_000)
    with subprocess.Popen(
        [sys.executable, "-m", "cecli", "softmax", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as running:
        running.stdout.close()
        try:
            running.stdin.write(rows)
            running.stdin.close()
        except BrokenPipeError:
            pass
        assert running.stderr.read() == ""
        assert running.wait(30) in (0, -signal.SIGPIPE)


@pytest.mark.parametrize(
    "line",
    [
        "cecli softmax 1,2 >&-",
        "cecli softmax 1,2 >/dev/full",
        "cecli softmax 1,2 -f json >/dev/full",
        "cecli --help >/dev/full",
    ],
)
def test_an_output_that_cannot_be_written(shell, line):
    """Closed or full: an error, exit 2, no traceback."""
    if "/dev/full" in line and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    result = shell(line)
    assert result.returncode == 2
    assert result.stderr.startswith("error:")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "line", ["cecli softmax 0,0 2>&-", "cecli xent 0 0,1 2>&-", "cecli xent 0 0,1 2>/dev/null", "cecli softmax 0,0 <&-"]
)
def test_a_closed_stderr_or_stdin_takes_nothing_from_the_result(shell, line):
    """The result is there all the same."""
    result = shell(line)
    assert result.returncode == 0
    assert result.stdout in ("0.5,0.5\n", "inf\n")


def test_a_closed_standard_input_is_an_error(shell):
    """Nothing to read: an error, no fault."""
    result = shell("cecli softmax - <&-")
    assert (result.returncode, result.stdout) == (2, "")
    assert "nothing is piped" in result.stderr


def test_ctrl_c(environment):
    """130, without a traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "cecli", "entropy", "-", "-l", "-r", "mean"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as running:
        running.stdin.write("1,2\n" * 100_000)  # more than a pipe holds: it was read from, and waits for more
        running.stdin.flush()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        assert running.returncode == 130
        assert out == ""
        assert "Traceback" not in err


def test_ctrl_c_while_modules_load(environment, tmp_path):
    """The same before there is a command."""
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    run = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import cecli.__main__ as m; m.main()",
    ]
    done = subprocess.run([*run, "entropy", "1,0"], capture_output=True, env=environment, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def terminal(words, environment, **env):
    """What a terminal of 80 columns would show, and the exit code."""
    screen = Screen()
    finished = subprocess.run(
        [sys.executable, "-m", "cecli", *words],
        stdin=screen.end, stdout=screen.end, stderr=screen.end, env=environment | {"TERM": "xterm"} | env, timeout=60, check=False,
    )  # fmt: skip
    return screen.closed().decode().replace("\r\n", "\n"), finished.returncode


def test_a_terminal_gets_a_table_in_colour(environment):
    """auto: a table with colour where people look."""
    shown, code = terminal(["softmax", "1,2"], environment)
    assert code == 0
    assert "≈ 0.7311" in shown
    assert "\x1b[" in shown


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_a_terminal_without_colour(environment, env):
    """NO_COLOR and TERM=dumb: no escape at all."""
    shown, _ = terminal(["softmax", "1,2"], environment, **env)
    assert "≈ 0.7311" in shown
    assert "\x1b" not in shown


def test_plain_on_a_terminal(environment):
    """--format overrules."""
    shown, _ = terminal(["softmax", "0,0", "-f", "plain"], environment)
    assert shown == "0.5,0.5\n"


def test_a_terminal_is_not_waited_for(environment):
    """- with nothing piped in is an error, never a hang."""
    shown, code = terminal(["softmax", "-"], environment, NO_COLOR="1")
    assert code == 2
    assert "nothing is piped" in shown


def test_errors_in_colour(environment):
    """On a terminal the word error stands out."""
    shown, code = terminal(["softmax", "1,x"], environment)
    assert code == 2
    assert shown.startswith("\x1b[")


def test_old_encodings_do_not_break_the_output(process):
    """A locale that is not UTF-8 gets UTF-8 all the same, without a traceback."""
    result = process(
        "softmax", "1,2", "-f", "table", PYTHONIOENCODING="", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert result.returncode == 0
    assert "≈" in result.stdout
