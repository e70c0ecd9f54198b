"""A worksheet: a text file of claims, one a line, each a command as typed in a shell, ` = `, and the claimed answer."""

from __future__ import annotations

import re
import shlex

from cecli.record import Record

FORM = "write a command, = with a blank on both sides, and the claimed answer"
EQUALS = re.compile(r"(?<!\S)=(?!\S)")
COMMENT = re.compile(r"(?<!\S)#")


class WorksheetLine(Record):
    """A line of a worksheet: what to run and what is claimed of it, or why it can't be read."""

    line: int
    """Its number, from 1."""
    command: str
    """The command as typed, without a number or a prompt before it."""
    words: tuple[str, ...] = ()
    """The command as a shell cuts it, without `cecli` in front."""
    claimed: str = ""
    error: str | None = None


def read_worksheet(text: str) -> list[WorksheetLine]:
    """The claims of a worksheet, in order; without blank lines and comments."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    read = (_line(i, line.strip()) for i, line in enumerate(lines, 1))
    return [line for line in read if line is not None]


def _line(number: int, text: str) -> WorksheetLine | None:
    """One line; None where nothing is claimed."""
    plain = _quotes_blanked(text)
    if comment := COMMENT.search(plain):
        text, plain = text[: comment.start()].rstrip(), plain[: comment.start()].rstrip()
    if not text:
        return None
    try:
        shlex.split(text)
    except ValueError:
        return WorksheetLine(number, text, error="a quotation mark is never closed")
    signs = list(EQUALS.finditer(plain))
    if not signs:
        return WorksheetLine(number, text, error=f"no answer is claimed: {FORM}")
    command, claimed = _bare(text[: signs[-1].start()].rstrip()), text[signs[-1].end() :].strip()
    words = tuple(shlex.split(command))
    words = words[1:] if words[:1] == ("cecli",) else words
    claimed = " ".join(shlex.split(claimed)) if claimed.startswith(('"', "'")) else claimed
    missing = "the answer is missing" if not claimed else "the command is missing" if not words else None
    return WorksheetLine(number, command, words, claimed, missing)


def _bare(command: str) -> str:
    """The command without the number of its exercise (`1.`, `2)`, `(3)`) and the prompt of a shell (`$`) before it."""
    first, rest = (*command.split(None, 1), "", "")[:2]
    is_number = first.endswith((".", ")")) and first.strip("(.)").isdecimal()
    return _bare(rest) if first == "$" or is_number else command


def _quotes_blanked(text: str) -> str:
    """The text with everything quoted or escaped replaced, one for one, so that a sign in it stands outside quotes."""
    quoted = re.compile(r"""\\.|'[^']*(?:'|$)|"(?:\\.|[^"\\])*(?:"|$)""")
    return quoted.sub(lambda match: "_" * len(match.group()), text)
