"""Texts that stand for files: which files these are, and what another process needs to open them, or a part of their rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cecli.reading.addresses import is_remote
from cecli.reading.columns import is_there, matches
from cecli.reading.streams import Start
from cecli.record import Record


class Located(Record):
    """What a text was found to be: a file, or the files of a glob, and the columns of it."""

    path: str
    spec: str | None
    files: Sequence[str]
    """The first is enough for another process."""
    real: str
    """What tells the same file by another name."""
    is_glob: bool


class Part(Record):
    """A part of the rows of a call's sources, for another process to open."""

    folder: str
    """Where paths begin."""
    located: Mapping[str, Located]
    starts: Sequence[Start]
    """Where the reading of each stream begins."""


def located(path: str, spec: str | None) -> Located:
    """The files that a path stands for; none where nothing is there."""
    if files := matches(path):
        return Located(path, spec, files, path, is_glob=True)
    if not is_there(path):
        return Located(path, spec, [], path, is_glob=False)
    real = path if is_remote(path) else os.path.realpath(os.path.expanduser(path))
    return Located(path, spec, [path], real, is_glob=False)
