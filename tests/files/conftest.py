"""Runs cecli on files: in this process in a folder of its own, or as a process where pipes, signals and memory matter."""

import io
import subprocess
import sys

import pytest


class _ByteByByte(io.RawIOBase):
    """A pipe whose writer is slow: each read brings one byte."""

    def __init__(self, data):
        self._bytes = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._bytes.readinto(memoryview(buffer)[:1])


@pytest.fixture(scope="session")
def byte_by_byte():
    """What makes bytes a standard input that brings one at a time."""
    return lambda data: io.BufferedReader(_ByteByByte(data))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
