"""Runs cecli on files: in this process in a folder of its own, or as a process where pipes, signals and memory matter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cecli.cli.app import app

SETTINGS = (
    "CECLI_FORMAT",
    "CECLI_PRECISION",
    "CECLI_DEBUG",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "TERM",
    "LC_ALL",
    "LC_CTYPE",
    "LANG",
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to work in; no setting of the machine that runs the tests shapes an output."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def cecli():
    """Runs a command line in this process; the result has exit_code, stdout and stderr."""

    def run(*words, stdin=None, **env):
        return CliRunner().invoke(app, list(words), input=stdin, env=env)

    return run


@pytest.fixture(scope="session")
def printed(cecli):
    """What a command line prints, which must succeed and say nothing on stderr."""

    def run(*words, stdin=None, **env):
        result = cecli(*words, stdin=stdin, **env)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    return run


@pytest.fixture(scope="session")
def refused(cecli):
    """What a command line that must fail says: one message, exit 2, nothing on stdout, no fault and no traceback."""

    def run(*words, stdin=None, **env):
        result = cecli(*words, stdin=stdin, **env)
        assert (result.exit_code, result.stdout) == (2, ""), (words, result.stderr)
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("error:") == 1
        assert "Traceback" not in result.stderr
        assert "fault" not in result.stderr
        return result.stderr

    return run


@pytest.fixture(scope="session")
def environment():
    """The environment of a process: no settings, and cecli on the path."""
    env = {name: text for name, text in os.environ.items() if name not in SETTINGS}
    return env | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def process(environment):
    """Runs cecli as a process of its own."""

    def run(*words, stdin="", **env):
        return subprocess.run(
            [sys.executable, "-m", "cecli", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env=environment | env,
        )

    return run


@pytest.fixture(scope="session")
def shell(environment):
    """Runs a line as a shell does."""

    def run(line, **env):
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, timeout=60, env=environment | env
        )

    return run


@pytest.fixture
def started(environment):
    """Starts cecli as a process whose pipes the test holds, and ends it with the test."""
    running = []

    def start(*words, **env):
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "cecli", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                bufsize=0, env=environment | env,
            )
        )  # fmt: skip
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
