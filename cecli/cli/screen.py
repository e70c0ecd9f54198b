"""The terminal: its width, its characters, its colours, and the notes on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO


def table_width() -> int | None:
    """The columns of the terminal that the table goes to; None, no limit, where it goes elsewhere."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None


def ascii_only() -> bool:
    """Whether stdout is a terminal whose locale names a character set other than UTF-8."""
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "")
    return bool(locale) and "utf" not in locale.lower() and sys.stdout.isatty()


def wants_color(stream: TextIO, asked: str = "auto") -> bool:
    """`--color` over NO_COLOR over FORCE_COLOR over TERM=dumb over whether it is a terminal."""
    if asked != "auto":
        return asked == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def color_asked(words: Sequence[str]) -> str:
    """The value of `--color`, known before the command line is parsed: for help, and for the errors of parsing itself."""
    for word, following in zip(words, [*words, ""][1:], strict=True):
        value = following if word == "--color" else word.removeprefix("--color=") if word.startswith("--color=") else ""
        if value in ("always", "never"):
            return value
    return "auto"


def styled(text: str, code: str, stream: TextIO, asked: str = "auto") -> str:
    """The text in an ANSI style, where the stream wants colour."""
    return f"\x1b[{code}m{text}\x1b[0m" if wants_color(stream, asked) else text


def say(notes: Iterable[str], color: str = "auto") -> None:
    """Notes on stderr, one line each."""
    from cecli.render.safe import visible

    for note in notes:
        print(f"{styled('note:', '36', sys.stderr, color)} {visible(note)}", file=sys.stderr)
