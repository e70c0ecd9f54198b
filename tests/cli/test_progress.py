"""Progress on stderr: on a terminal, after a second, gone before anything else is said."""

import os
import pty
import re
import select
import subprocess
import sys
import threading
import time

import pytest

ROWS, PAUSE = 40, 0.05
SLOW = f"""
import sys, time
from cecli.quantities import cross_entropy
kernel = cross_entropy.batch_losses
def slow(*words, **options):
    time.sleep({PAUSE})
    return kernel(*words, **options)
cross_entropy.batch_losses = slow
import cecli.running.walk
cecli.running.walk.BATCH_VALUES = 4
from cecli.cli.app import app
app()
"""
"""cecli that needs 50 ms for two rows, and so two seconds for eighty."""

SAID = re.compile(r"\r\x1b\[K(\d+) rows, (\d+)%, (\d+) s left")


@pytest.fixture
def run(environment, tmp_path):
    """Runs slow cecli on eighty rows; stdout and stderr each a terminal or a pipe. What came out of each."""
    (tmp_path / "p.csv").write_text("0.5,0.5\n" * 2 * ROWS)
    (tmp_path / "y.csv").write_text("0\n" * 2 * ROWS)

    def start(*words, screen=("err",)):
        ends = {name: pty.openpty() if name in screen else os.pipe() for name in ("out", "err")}
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, "xent", "y.csv", "p.csv", "--threads", "1", *words],
            stdin=subprocess.DEVNULL, stdout=ends["out"][1], stderr=ends["err"][1], cwd=tmp_path, env=environment | {"TERM": "xterm"},
        )  # fmt: skip
        found = {}
        readers = [
            threading.Thread(target=lambda n=n, end=end: found.update({n: drained(end[0])})) for n, end in ends.items()
        ]
        for reader, end in zip(readers, ends.values(), strict=True):
            os.close(end[1])
            reader.start()
        assert process.wait(60) == 0
        for reader in readers:
            reader.join()
        return found["out"], found["err"]

    return start


def drained(descriptor):
    """All that comes until the other end is closed."""
    chunks = []
    try:
        while chunk := os.read(descriptor, 65536):
            chunks.append(chunk)
    except OSError:  # how Linux says that the other end of a terminal is closed
        pass
    finally:
        os.close(descriptor)
    return b"".join(chunks).decode()


def test_rows_share_and_seconds_are_said_and_cleared(run):
    """More and more rows, to the last of which nothing is left on the screen."""
    out, err = run("-f", "plain")
    said = [tuple(map(int, each)) for each in SAID.findall(err)]
    assert len(said) >= 3
    assert said == sorted(said, key=lambda each: each[0])
    assert 10 <= said[0][0] <= said[-1][0] <= 2 * ROWS
    assert all(0 < share <= 100 and left <= 60 for _, share, left in said)
    assert SAID.sub("", err) == "\r\x1b[K"
    assert err.endswith("\r\x1b[K")
    assert out == "0.6931471805599453\n"


@pytest.mark.parametrize(
    ("words", "screen"),
    [
        (["-f", "plain"], ()),
        (["-f", "plain"], ("out",)),
        (["-q"], ("err",)),
        (["-r", "none", "-f", "plain"], ("out", "err")),
    ],
    ids=["piped", "stderr piped", "quiet", "the answer itself goes to the screen row by row"],
)
def test_nothing_is_said(run, words, screen):
    """Where nobody reads it, where it is not wanted, where it would be between the lines of the answer."""
    out, err = run(*words, screen=screen)
    assert err == ""
    assert out.count("0.6931") == (2 * ROWS if "none" in words else 1)


def test_a_table_on_the_screen_comes_after_the_line_is_cleared(run):
    """Stdout and stderr on one terminal each: the last that stderr gets is the clearing."""
    out, err = run(screen=("out", "err"))
    assert SAID.search(err)
    assert err.endswith("\r\x1b[K")
    assert "0.6931" in out


def test_an_error_clears_the_line(environment, tmp_path):
    """The message stands on a line of its own."""
    (tmp_path / "p.csv").write_text("0.5,0.5\n" * 60 + "0.5,0.6\n")
    (tmp_path / "y.csv").write_text("0\n" * 61)
    reader, screen = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, "xent", "y.csv", "p.csv", "--threads", "1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=screen, cwd=tmp_path, env=environment | {"TERM": "dumb"},
    ) as process:  # fmt: skip
        os.close(screen)
        err = drained(reader)
    assert process.returncode == 2
    assert SAID.search(err)
    assert re.search(r"s left\r\x1b\[Kerror: p\.csv, line 61 .*sums to 1\.1, not 1", err)


def test_work_of_less_than_a_second_says_nothing(environment):
    """A calculator's answer comes alone."""
    reader, screen = pty.openpty()
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "cecli", "xent", "0", "0.5,0.5"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=screen, env=environment,
    ) as process:  # fmt: skip
        os.close(screen)
        process.stdout.read()
    waiting = select.select([reader], [], [], 0)[0]
    err = drained(reader) if waiting else ""
    assert err == "" or time.monotonic() - started > 1
