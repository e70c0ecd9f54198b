"""What processes show on a terminal, to the last byte."""

import os
import pty
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


def on_terminal(command, columns=80):
    """What a command prints on a terminal without colour, stdout and stderr as they come."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        "PATH": path,
        "HOME": os.environ.get("HOME", "/"),
        "COLUMNS": str(columns),
        "NO_COLOR": "1",
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }
    screen = Screen()
    subprocess.run(
        ["bash", "-c", command],
        stdin=subprocess.DEVNULL, stdout=screen.end, stderr=screen.end, env=environment, cwd=ROOT, check=False,
    )  # fmt: skip
    return screen.closed().decode().replace("\r\n", "\n")
