"""What hints suggest to type: files, columns and class names as they work in a shell."""

from __future__ import annotations

import re
from collections.abc import Sequence

STANDARD_INPUT = " (standard input)"
"""How the name of a source ends that is piped in."""
EASY = re.compile(r"[\w.%+@-]*[^\W\d_][\w.%+@-]*")
"""A column's name, or a text, that is typed as it stands; a number may be a position too."""
MOST = 12
"""Columns that are listed."""


def as_typed(name: str) -> str:
    """What one types for a source that errors call so."""
    return "-" if name.endswith(STANDARD_INPUT) else in_shell(name)


def in_shell(text: str) -> str:
    """A text as one types it in a shell: in quotes where it needs them.

    >>> in_shell("p.csv"), in_shell("my p.csv")
    ('p.csv', "'my p.csv'")
    """
    from shlex import quote  # loaded where something is to be typed

    return text if EASY.fullmatch(text) else quote(text)


def columns(positions: Sequence[int], names: Sequence[str]) -> str:
    """Some columns as `FILE:COLUMNS` names them: by position where a name is not typed as it stands.

    >>> columns([1, 2], ["id", "cat", "dog"]), columns([1, 2], ["id", "a cat", "dog"]), columns([0, 1, 2, 3], [])
    ('cat,dog', '2,3', '1-4')
    """
    if len(positions) > 3 and list(positions) == list(range(positions[0], positions[-1] + 1)):
        return f"{positions[0] + 1}-{positions[-1] + 1}"
    shown = positions[:MOST]
    if all(i < len(names) and EASY.fullmatch(names[i]) for i in shown):
        return ",".join(names[i] for i in shown)
    numbers = [str(i + 1) for i in shown]
    if set(numbers) <= set(names):  # in this header they are names
        return in_shell(",".join(_in_quotes(names[i]) for i in shown))
    return ",".join(numbers)


def classes(names: Sequence[str]) -> str:
    """Class names as `--classes` takes them.

    >>> print(classes(["cat", "dog"]), classes(["New York", "Rome, Italy"]))
    cat,dog 'New York,"Rome, Italy"'
    """
    text = ",".join(_in_quotes(name) if "," in name else name for name in names)
    return text if all(map(EASY.fullmatch, names)) else in_shell(text)


def _in_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
