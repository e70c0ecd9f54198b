"""`FILE:COLUMNS`: which columns of a file to use, by name, position, range or glob."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from cecli.errors import InputError
from cecli.reading.addresses import is_pattern, is_remote, split_address


def split_columns(text: str) -> tuple[str, str | None]:
    """The file and the columns of `FILE:COLUMNS`; a file whose whole name is there is taken whole. The file may be a glob."""
    if is_remote(text):
        return split_address(text)
    if is_there(text) or matches(text):
        return text, None
    colons = [i for i, character in enumerate(text) if character == ":" and i]
    for i in reversed(colons):
        if is_there(text[:i]) and (":" not in text[i + 1 :] or text[:i].endswith(".npz") or '"' in text[i + 1 :]):
            return text[:i], text[i + 1 :]
    for i in reversed(colons):
        if matches(text[:i]):
            return text[:i], text[i + 1 :]
    file, colon, columns = text.rpartition(":")
    return (file, columns) if colon and file and "/" not in columns else (text, None)


def matches(pattern: str) -> list[str]:
    """The files that a glob stands for, in the order of their names; none where it is not a glob, or a file of that very name is there."""
    if not any(mark in pattern for mark in "*?[") or is_there(pattern):
        return []
    if is_remote(pattern):
        from cecli.reading import remote

        return remote.matches(pattern)
    from glob import glob  # loaded where there is one

    return sorted(glob(os.path.expanduser(pattern), recursive=True))


def is_there(path: str) -> bool:
    """Whether a path leads to something; a text that can't be a path does not. An address is only asked when it is opened."""
    if is_remote(path):
        return not is_pattern(path)
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def chosen(columns: str, header: Sequence[str] | None, width: int, name: str) -> list[int]:
    """The positions of the columns, in the order asked for.

    A part is a name, a position from 1, a range, a glob, or the name of an object of columns. Numbers are names where the header
    has all that are in the list, ends of ranges included.
    """
    header = list(header or ())
    if columns in header and not columns.isdigit():
        return _one(columns, True, header, width, name, True)
    parts = list(_parts(columns))
    numbers = [number for text, quoted in parts if not quoted and (match := _ends(text)) for number in match if number]
    by_name = bool(numbers) and all(number in header for number in numbers)
    found = [position for part in parts for position in _one(*part, header, width, name, by_name)]
    twice = [position for position in found if found.count(position) > 1]
    if twice:
        raise InputError(f"{name}: column {twice[0] + 1} is chosen twice by {columns!r}")
    return found


def _parts(columns: str) -> Iterator[tuple[str, bool]]:
    """The parts between commas, and whether each stands in quotes, where it may hold commas."""
    for match in re.finditer(r"""\s*(?:"((?:[^"]|"")*)"|'([^']*)'|([^,]*))\s*(?:,|$)""", columns):
        if match.start() == len(columns) and match.start() and columns[-1] != ",":
            return
        quoted = match[1].replace('""', '"') if match[1] is not None else match[2]
        yield (match[3].strip(), False) if quoted is None else (quoted, True)


def _ends(text: str) -> tuple[str, str] | None:
    """The ends of a range, or a position, which is both; the second is empty in `2-`."""
    match = re.fullmatch(r"(\d+)(?:-(\d*))?", text)
    if match is None:
        return None
    return match[1], match[1] if match[2] is None else match[2]


def _one(text: str, quoted: bool, header: list[str], width: int, name: str, by_name: bool) -> list[int]:
    """The positions that one name, position, range, glob or object stands for."""
    ends = None if quoted else _ends(text)
    if text in header and (ends is None or by_name):
        if header.count(text) > 1:
            raise InputError(f"{name} has {header.count(text)} columns {text!r}", hint="say which one by its position")
        return [header.index(text)]
    if ends is not None:
        first = header.index(ends[0]) + 1 if by_name else int(ends[0])
        last = width if not ends[1] else header.index(ends[1]) + 1 if by_name else int(ends[1])
        if 1 <= first <= last <= width:
            return list(range(first - 1, last))
        raise _unknown(text, header, width, name)
    inside = [i for i, column in enumerate(header) if text and column.startswith(f"{text}.")]
    globs = [] if quoted else [text, text.replace("[", "[[]")]
    matches = inside or [i for i, column in enumerate(header) if any(fnmatchcase(column, glob) for glob in globs)]
    if not matches:
        raise _unknown(text, header, width, name)
    return matches


def known_columns(names: Sequence[str]) -> str:
    """What a hint says of the columns that there are."""
    shown = ", ".join(f'"{name}"' if "," in name else name or "''" for name in names[:12])
    return f"the columns are {shown}{', …' if len(names) > 12 else ''}"


def _unknown(part: str, header: list[str], width: int, name: str) -> InputError:
    close = get_close_matches(part, header, n=1, cutoff=0.7)
    guess = f"did you mean {close[0]}? " if close else ""
    there = (
        known_columns(header)
        if header
        else f"it has {width} column{'s' if width > 1 else ''}, counted from 1, and no header"
    )
    return InputError(f"{name} has no column {part!r}", hint=guess + there)
