"""Progress on stderr: on a terminal, after a second, gone before anything else is said."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.terminal import Screen

ROWS = 40
SLOW = """
import os, sys, time
from cecli.cli import progress
from cecli.quantities import cross_entropy
pace = float(os.environ["PACE"])
progress.AFTER, progress.EVERY = progress.AFTER * pace, progress.EVERY * pace
kernel = cross_entropy.batch_losses
def slow(*words, **options):
    time.sleep(0.05 * pace)
    return kernel(*words, **options)
cross_entropy.batch_losses = slow
import cecli.running.walk
cecli.running.walk.BATCH_VALUES = 4
from cecli.cli.app import app
app()
"""
"""cecli that needs 50 ms for two rows, and so two seconds for eighty; all of it, what it waits for too, in a part of that time where a pace is given."""
QUICK = 0.25

SAID = re.compile(r"\r\x1b\[K(\d+) rows, (\d+)%, (\d+) s left")


@pytest.fixture
def run(environment, tmp_path):
    """Runs slow cecli on eighty rows; stdout and stderr each a terminal or a pipe. What came out of each."""
    (tmp_path / "p.csv").write_text("0.5,0.5\n" * 2 * ROWS)
    (tmp_path / "y.csv").write_text("0\n" * 2 * ROWS)

    def start(*words, screen=("err",), pace=QUICK):
        ends = {name: Screen(None if name in screen else os.pipe()) for name in ("out", "err")}
        subprocess.run(
            [sys.executable, "-c", SLOW, "xent", "y.csv", "p.csv", "--threads", "1", *words],
            stdin=subprocess.DEVNULL, stdout=ends["out"].end, stderr=ends["err"].end, cwd=tmp_path,
            env=environment | {"TERM": "xterm", "PACE": str(pace)}, timeout=60, check=True,
        )  # fmt: skip
        return tuple(end.closed().decode() for end in ends.values())

    return start


def test_rows_share_and_seconds_are_said_and_cleared(run):
    """More and more rows, to the last of which nothing is left on the screen."""
    out, err = run("-f", "plain", pace=1)
    said = [tuple(map(int, each)) for each in SAID.findall(err)]
    assert len(said) >= 3
    assert said == sorted(said, key=lambda each: each[0])
    assert 10 <= said[0][0] <= said[-1][0] <= 2 * ROWS
    assert all(0 < share <= 100 and left <= 60 for _, share, left in said)
    assert SAID.sub("", err) == "\r\x1b[K"
    assert err.endswith("\r\x1b[K")
    assert out == "0.6931471805599453\n"


SILENT = {
    "piped": (["-f", "plain"], ()),
    "stderr piped": (["-f", "plain"], ("out",)),
    "quiet": (["-q"], ("err",)),
    "the answer itself goes to the screen row by row": (["-r", "none", "-f", "plain"], ("out", "err")),
}


def test_nothing_is_said(run):
    """Where nobody reads it, where it is not wanted, where it would be between the lines of the answer. All at once, for each waits most of its time."""
    with ThreadPoolExecutor() as pool:
        said = pool.map(lambda call: run(*call[0], screen=call[1]), SILENT.values())
        for (why, (words, _)), (out, err) in zip(SILENT.items(), said, strict=True):
            assert err == "", why
            assert out.count("0.6931") == (2 * ROWS if "none" in words else 1), why


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
    screen = Screen()
    finished = subprocess.run(
        [sys.executable, "-c", SLOW, "xent", "y.csv", "p.csv", "--threads", "1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=screen.end, cwd=tmp_path,
        env=environment | {"TERM": "dumb", "PACE": str(QUICK)},
        check=False,
    )  # fmt: skip
    err = screen.closed().decode()
    assert finished.returncode == 2
    assert SAID.search(err)
    assert re.search(r"s left\r\x1b\[Kerror: p\.csv, line 61 .*sums to 1\.1, not 1", err)


def test_work_of_less_than_a_second_says_nothing(environment):
    """A calculator's answer comes alone."""
    screen = Screen()
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "cecli", "xent", "0", "0.5,0.5"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=screen.end, env=environment, check=True,
    )  # fmt: skip
    err = screen.closed().decode()
    assert err == "" or time.monotonic() - started > 1
