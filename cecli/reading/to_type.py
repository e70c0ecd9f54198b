"""What hints suggest to type: files, columns and class names as they work in a shell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

STANDARD_INPUT = " (standard input)"
"""How the name of a source ends that is piped in."""
EASY = re.compile(r"[\w.%+@-]*[^\W\d_][\w.%+@-]*")
"""A text that is typed as it stands."""
NUMBERS = re.compile(r"[\d-]+")
"""A column's name that is a position or a range too."""
IN_QUOTES = re.compile(rf""".*[,:*?\["'].*|{NUMBERS.pattern}""")
"""A column's name that stands in quotes within `FILE:COLUMNS`: it would be a position, several names, or a glob."""
MOST = 12
"""Columns that are named one by one, and ranges that name more of them."""


def plainly(name: str) -> str:
    """What a source is that errors call so, before a shell reads it."""
    return "-" if name.endswith(STANDARD_INPUT) else name


def as_typed(name: str) -> str:
    """What one types for a source that errors call so."""
    return in_shell(plainly(name))


def in_shell(text: str) -> str:
    """A text as one types it in a shell: in quotes where it needs them.

    >>> in_shell("p.csv"), in_shell("my p.csv")
    ('p.csv', "'my p.csv'")
    """
    from shlex import quote  # loaded where something is to be typed

    return text if EASY.fullmatch(text) else quote(text)


def columns(positions: Sequence[int], names: Sequence[str]) -> str:
    """Some columns as `FILE:COLUMNS` names them, before a shell reads it.

    >>> columns([1, 2], ["id", "cat", "dog"]), columns([0, 1], ["", "a,b"]), columns([0, 1, 2, 3], [])
    ('cat,dog', '1,"a,b"', '1-4')
    >>> columns([0, *range(2, 30)], [f"c{i}" for i in range(30)])
    '1,3-30'
    """
    breaks = [k for k in range(1, len(positions)) if positions[k] != positions[k - 1] + 1]
    if len(positions) <= 3 or (len(positions) <= MOST and breaks):
        return ",".join(_named(i, names) for i in positions)
    runs = [positions[start:stop] for start, stop in pairwise([0, *breaks, len(positions)])]
    ranges = [f"{run[0] + 1}-{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}" for run in runs]
    return ",".join(ranges[:MOST] + ["…"] * (len(ranges) > MOST))


def _named(column: int, names: Sequence[str]) -> str:
    name = names[column] if column < len(names) else ""
    if not name or (NUMBERS.fullmatch(name) and str(column + 1) not in names):
        return str(column + 1)
    return _in_quotes(name) if IN_QUOTES.fullmatch(name) else name


def classes(names: Sequence[str]) -> str:
    """Class names as `--classes` takes them.

    >>> print(classes(["cat", "dog"]), classes(["New York", "Rome, Italy"]))
    cat,dog 'New York,"Rome, Italy"'
    """
    text = ",".join(_in_quotes(name) if "," in name else name for name in names)
    return text if all(map(EASY.fullmatch, names)) else in_shell(text)


def _in_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
