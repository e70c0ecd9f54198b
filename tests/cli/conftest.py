"""What the tests of the command line share."""

import pytest


@pytest.fixture(scope="session")
def value(cecli):
    """What a command line prints, which must succeed, as a list of rows of numbers."""

    def run(*words, stdin=None):
        result = cecli(*words, "-f", "plain", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return [[float(entry) for entry in line.split(",")] for line in result.stdout.splitlines()]

    return run
