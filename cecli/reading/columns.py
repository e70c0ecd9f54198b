"""`FILE:COLUMNS`: which columns of a file are meant, by name, position, range or glob."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from cecli.errors import InputError


def split_columns(text: str) -> tuple[str, str | None]:
    """The file and the columns of `FILE:COLUMNS`; a file whose whole name is there is taken whole."""
    if is_there(text):
        return text, None
    colons = [i for i, character in enumerate(text) if character == ":" and i]
    for i in reversed(colons):
        if is_there(text[:i]) and (":" not in text[i + 1 :] or text[:i].endswith(".npz")):
            return text[:i], text[i + 1 :]
    file, colon, columns = text.rpartition(":")
    return (file, columns) if colon and file and "/" not in columns else (text, None)


def is_there(path: str) -> bool:
    """Whether a path leads to something; a text that can't be a path does not."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def chosen(columns: str, header: Sequence[str] | None, width: int, name: str) -> list[int]:
    """The positions of the columns, in the order asked for; names come before positions, which count from 1."""
    found = [position for part in columns.split(",") for position in _one(part.strip(), header, width, name)]
    twice = [position for position in found if found.count(position) > 1]
    if twice:
        raise InputError(f"{name}: column {twice[0] + 1} is chosen twice by {columns!r}")
    return found


def _one(part: str, header: Sequence[str] | None, width: int, name: str) -> list[int]:
    """The positions that one name, position, range or glob stands for."""
    header = list(header or ())
    if part in header:
        return [header.index(part)]
    if match := re.fullmatch(r"(\d+)(-(\d*))?", part):
        first = int(match[1])
        last = first if match[2] is None else int(match[3] or width)
        if 1 <= first <= last <= width:
            return list(range(first - 1, last))
    matches = [i for i, column in enumerate(header) if fnmatchcase(column, part)]
    if not matches:
        raise _unknown(part, header, width, name)
    return matches


def _unknown(part: str, header: list[str], width: int, name: str) -> InputError:
    """The error for a column that is not there."""
    close = get_close_matches(part, header, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    there = (
        f"the columns are {', '.join(header[:12])}{', …' if len(header) > 12 else ''}"
        if header
        else f"it has {width} columns, counted from 1, and no header"
    )
    return InputError(f"{name} has no column {part!r}", hint=guess + there)
