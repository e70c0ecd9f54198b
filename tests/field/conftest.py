"""Small files, written where a test works."""

import json

import numpy as np
import pytest

from tests.reading.conftest import by

__all__ = ["by"]


def close(found, *wanted):
    """Whether the rows that were printed are these."""
    assert [value for row in found for value in row] == pytest.approx(list(wanted), rel=1e-12)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Writes files by name: text as it is, lists and objects as JSON (Lines), arrays as .npy."""
    monkeypatch.chdir(tmp_path)

    def write(**named):
        for name, content in named.items():
            path = tmp_path / name.replace("__", ".").replace("_S_", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, np.ndarray):
                np.save(path, content)
            elif isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content, "utf-8")
            elif path.suffix == ".jsonl":
                path.write_text("".join(json.dumps(row) + "\n" for row in content))
            else:
                path.write_text(json.dumps(content))
        return tmp_path

    return write


@pytest.fixture
def value(cecli):
    """What a command line prints, as a list of rows of numbers; and what it says."""

    def run(*words, stdin=None):
        result = cecli(*words, "-f", "plain", stdin=stdin)
        assert result.exit_code == 0, (words, result.stderr)
        return [[float(entry) for entry in line.split(",")] for line in result.stdout.splitlines()], result.stderr

    return run


@pytest.fixture
def refused(cecli):
    """What a command line that must fail says."""

    def run(*words, stdin=None):
        result = cecli(*words, stdin=stdin)
        assert (result.exit_code, result.stdout) == (2, ""), (words, result.stdout, result.stderr)
        assert result.stderr.count("error:") == 1
        return result.stderr

    return run
