"""Progress on stderr, on a terminal, for work longer than a second: rows done, and the time left where the size is known."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cecli.reading.opened import Opened
    from cecli.running.batches import Step

AFTER, EVERY = 1.0, 0.2
CLEAR = "\r\x1b[K"


class ProgressLine:
    """The line that says how far the reading of an opener's sources has come."""

    def __init__(self) -> None:
        self.wanted = True
        """False where nothing may be said on stderr but errors, or where the answer itself goes to the terminal line by line."""
        self._shown = False
        self._opener: Opened | None = None
        self._started = self._said = 0.0

    def begin(self, opener: Opened) -> None:
        """A call begins to read."""
        self._opener, self._started, self._said = opener, time.monotonic(), 0.0

    def watch(self, step: Step) -> None:
        """Called with every step of the walk."""
        self.tell(step.first + step.samples)

    def tell(self, rows: int, share: float | None = None) -> None:
        """Says how many rows are done, and which share of all; from time to time."""
        now = time.monotonic()
        if now - self._started < AFTER or now - self._said < EVERY or not self.wanted or not sys.stderr.isatty():
            return
        self._said, self._shown = now, True
        share = share or (self._opener.share_read(rows) if self._opener else None)
        print(f"{CLEAR}{_line(rows, share, now - self._started)}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clears the line, before anything else is said."""
        if self._shown:
            print(CLEAR, end="", file=sys.stderr, flush=True)
            self._shown = False


def _line(rows: int, share: float | None, seconds: float) -> str:
    if not share:
        return f"{rows:,} rows"
    return f"{rows:,} rows, {share:.0%}, {seconds * (1 - share) / share:.0f} s left"
