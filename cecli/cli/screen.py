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


def in_lines(lead: str, code: str, text: str, color: str = "auto") -> str:
    """A message for stderr behind a word in an ANSI style, wrapped where a terminal shows it, so that no word is cut."""
    import textwrap

    from cecli.render.safe import visible

    shown, columns = visible(text), _terminal_width(sys.stderr)
    if columns is not None and len(lead) + 1 + len(shown) > columns:
        indent = " " * (len(lead) + 1)
        lines = textwrap.wrap(
            shown, max(columns, 40), initial_indent=indent, subsequent_indent=indent,
            break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
        )  # fmt: skip
        shown = "\n".join(lines).removeprefix(indent)
    return f"{styled(lead, code, sys.stderr, color)} {shown}"


def _terminal_width(stream: TextIO) -> int | None:
    """The columns of a terminal, those of COLUMNS if it says so; None where a stream is not one."""
    if not stream.isatty():
        return None
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def say(notes: Iterable[str], color: str = "auto") -> None:
    """Notes on stderr."""
    for note in notes:
        print(in_lines("note:", "36", note, color), file=sys.stderr)
