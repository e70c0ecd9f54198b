"""Runs cecli in this process, with no setting of the machine."""

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
