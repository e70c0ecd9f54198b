"""Lines of a text that hold no data, blank ones and comments, and what is said where they may have been rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cecli.reading.vector import is_number

MOST_PASSED = 1000
"""Blank lines and comments that are remembered."""
ERRORS_OF_EXCEL = re.compile(rb"#(N/A|NV|[^\W\d_][\w/]*[!?])", re.IGNORECASE)
"""How a line begins that is not a comment: with a value that a spreadsheet could not compute: #N/A, #DIV/0!, #NAME?."""


class PassedOver:
    """Lines that hold no data, the first of each kind."""

    def __init__(self) -> None:
        self.blank: list[int] = []
        self.comments: list[tuple[int, bytes]] = []

    def keep(self, number: int, text: bytes) -> None:
        """Keeps a comment with its number, or that of a blank line."""
        if text and len(self.comments) < MOST_PASSED:
            self.comments.append((number, text))
        elif not text and len(self.blank) < MOST_PASSED:
            self.blank.append(number)


def is_comment(line: bytes) -> bool:
    """Whether a line begins with #, but not with a value that a spreadsheet could not compute.

    >>> is_comment(b"# made by hand"), is_comment(b"#DIV/0!,0.5")
    (True, False)
    """
    return line.startswith(b"#") and ERRORS_OF_EXCEL.match(line) is None


def said_of_blanks(lines: Sequence[int], name: str) -> str | None:
    """What is said of blank lines among single values, which may have been missing ones."""
    return _said(lines, name, ("is empty", "are empty"), "a missing value is written as NA")


def said_of_comments(
    comments: Sequence[tuple[int, bytes]], first: int, width: int, fields: Callable[[bytes], list[str]], name: str
) -> str | None:
    """What is said of comments that look like rows: a text that begins with # may be a class name, or a piece of a word.

    Parameters: `comments` with the numbers of their lines; `first` is the line of the first row, `width` how many fields a row has, and
    `fields` cuts a line into them.
    """
    alike = [line for line, text in comments if _is_like_a_row(text, line > first, width, fields)]
    return _said(alike, name, ("begins with #", "begin with #"), "put quotes around its first value to make it a row")


def _is_like_a_row(text: bytes, is_below: bool, width: int, fields: Callable[[bytes], list[str]]) -> bool:
    """Whether a comment has the fields of a row, and two of three signs of one: numbers, no blank after its mark, rows above it.

    A number after its mark makes it a row that somebody left out.
    """
    found = fields(text)
    if not text.startswith(b"##") and found and is_number(found[0].removeprefix("#").strip()):
        return False
    is_close = text.lstrip(b"#")[:1] not in (b"", b" ", b"\t")
    return len(found) == width and any(map(is_number, found[1:])) + is_close + is_below > 1


def _said(lines: Sequence[int], name: str, what: tuple[str, str], advice: str) -> str | None:
    if not lines:
        return None
    if len(lines) == 1:
        return f"line {lines[0]} of {name} {what[0]} and was passed over: {advice}"
    return f"line {lines[0]} of {name} and {len(lines) - 1} more {what[1]} and were passed over: {advice}"
