"""Runs cecli as users do: in this process where that suffices, in one of its own where the process matters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cecli.cli.app import app

SETTINGS = ("CECLI_FORMAT", "CECLI_PRECISION", "CECLI_DEBUG", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    """No setting of the machine that runs the tests shapes an output."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def cecli():
    """Runs a command line in this process; the result has exit_code, stdout and stderr."""

    def run(*words, stdin=None, **env):
        return CliRunner().invoke(app, list(words), input=stdin, env=env)

    return run


@pytest.fixture(scope="session")
def value(cecli):
    """What a command line prints, which must succeed, as a list of rows of numbers."""

    def run(*words, stdin=None):
        result = cecli(*words, "-f", "plain", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return [[float(entry) for entry in line.split(",")] for line in result.stdout.splitlines()]

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
