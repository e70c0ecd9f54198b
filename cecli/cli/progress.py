"""Progress on stderr, on a terminal, for work longer than a second: rows done, and the time left where the size is known."""

from __future__ import annotations

import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cecli.reading.opening import Opened

AFTER, EVERY = 1.0, 0.2
CLEAR = "\r\x1b[K"

wanted: ContextVar[bool] = ContextVar("wanted", default=True)
"""False where nothing may be said on stderr but errors, or where the answer itself goes to the terminal line by line."""

shown: ContextVar[bool] = ContextVar("shown", default=False)
"""Whether progress stands on the screen."""


class Progress:
    """Says how far the reading of an opener's sources has come."""

    def __init__(self, opener: Opened) -> None:
        self.opener = opener
        self.started = time.monotonic()
        self.said = 0.0

    def tick(self, rows: int) -> None:
        """So many rows are done."""
        now = time.monotonic()
        if now - self.started < AFTER or now - self.said < EVERY or not wanted.get() or not sys.stderr.isatty():
            return
        self.said = now
        shown.set(True)
        print(f"{CLEAR}{self.line(rows, now - self.started)}", end="", file=sys.stderr, flush=True)

    def line(self, rows: int, seconds: float) -> str:
        """What is said: rows, share and time left."""
        share = self.opener.share_read(rows)
        if not share:
            return f"{rows:,} rows"
        return f"{rows:,} rows, {share:.0%}, {seconds * (1 - share) / share:.0f} s left"


def end() -> None:
    """Clears the line that progress was said on, before anything else is."""
    if shown.get():
        print(CLEAR, end="", file=sys.stderr, flush=True)
        shown.set(False)
