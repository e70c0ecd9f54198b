"""What processes show on a terminal, to the last byte."""

import functools
import json
import os
import pty
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent

END = b"\0"


class Screen:
    """A terminal (or a pipe) to be given to processes; `closed` is all that they wrote.

    A process can end before the system hands over its last lines: who reads until the other end is closed may lose them.
    So the terminal stays open here until the last process has ended, and a mark is written behind what it said.
    """

    def __init__(self, ends=None):
        self._reader, self.end = ends or pty.openpty()
        self._shown = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while not self._shown.endswith(END):
            self._shown += os.read(self._reader, 65536)

    def closed(self):
        """All that was shown, once every process that writes here has ended."""
        os.write(self.end, END)
        self._thread.join()
        os.close(self.end)
        os.close(self._reader)
        return self._shown.removesuffix(END)


ENV = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "HOME": os.environ.get("HOME", "/"),
    "NO_COLOR": "1",
    "TERM": "xterm",
    "LC_ALL": "C.UTF-8",
}
"""A terminal without colour that shows all characters."""

NEXT = "\x1d"
"""What stands between the outputs of calls that one process runs."""

CALLS = f"""
import json, sys
from cecli.cli.app import app
for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(encoding="utf-8", errors="backslashreplace")
for words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    try:
        app()
    except SystemExit:
        print({NEXT!r}, end="", flush=True)
"""

QUOTED = re.compile(r"""'[^']*'|"[^"$`\\\\]*\"""")
FOR_A_SHELL = re.compile(r"[|<>&;$`\\~#*?(){}!]|\[|=~")


@functools.cache
def on_terminal(command, columns=80):
    """What a command prints on a terminal without colour, stdout and stderr as they come."""
    return _shown(["bash", "-c", command], ENV | {"COLUMNS": str(columns)})


def each_on_terminal(commands, columns=80):
    """The same of many commands. Calls of cecli that need no shell are run by one process: starting takes much longer than they do."""
    calls = dict.fromkeys(filter(is_call, commands))
    together = dict(zip(calls, calls_on_terminal(map(words_of, calls), ENV | {"COLUMNS": str(columns)}), strict=True))
    return [together[command] if command in together else on_terminal(command, columns) for command in commands]


def is_call(command):
    """Whether a command is one call of cecli, whose words a shell would hand on as they are."""
    return command.startswith("cecli ") and FOR_A_SHELL.search(QUOTED.sub("", command)) is None


def words_of(command):
    """The words behind `cecli`."""
    return shlex.split(command)[1:]


def calls_on_terminal(calls, env):
    """What calls of cecli print on a terminal, in one process."""
    calls = [[*words] for words in calls]
    if not calls:
        return []
    *shown, rest = _shown([sys.executable, "-c", CALLS, json.dumps(calls)], env).split(NEXT)
    assert (len(shown), rest) == (len(calls), ""), rest
    return shown


def _shown(words, env):
    screen = Screen()
    subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=screen.end, stderr=screen.end, env=env, cwd=ROOT, check=False
    )
    return screen.closed().decode("utf-8", "replace").replace("\r\n", "\n")
