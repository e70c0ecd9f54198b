"""`check`: the claims of a worksheet, run as the commands that they are."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from cecli.cli.call import Call
from cecli.cli.session import Session
from cecli.errors import InputError, MissingError, UsageError
from cecli.report import Report

MOST_BYTES = 10_000_000


def check(call: Call) -> Report:
    """`check`."""
    from cecli.mistakes.checking import check as checked
    from cecli.mistakes.worksheet import read_worksheet

    text, folder = _read(call.typed["worksheet"])
    with contextlib.chdir(folder):
        return checked(read_worksheet(text), partial(_answer, call.session))


def _read(worksheet: str) -> tuple[str, Path]:
    """The text of a worksheet, and the folder that its files are in."""
    if worksheet == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise MissingError("nothing is piped into standard input", hint="pipe a worksheet in, or name its file")
        return _decoded(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input"), Path()
    path = Path(os.path.expanduser(worksheet))
    if not worksheet.strip() or not path.exists():
        claim, _, claimed = worksheet.partition(" = ")
        hint = f"check reads a file of claims; for this one: cecli {claim.removeprefix('cecli ')} --expect {claimed}"
        raise MissingError(f"there is no such worksheet: {worksheet!r}", hint=hint if claimed else "is the path right?")
    if path.is_dir():
        raise InputError(f"{worksheet} is a folder", hint="a worksheet is a text file; a shell loop checks many")
    try:
        with path.open("rb") as stream:
            return _decoded(stream.read(MOST_BYTES + 1), worksheet), path.parent
    except OSError as error:
        raise InputError(f"{worksheet} can't be read: {error.strerror or error}") from error


def _decoded(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        raise InputError(f"{name} is larger than a worksheet can be ({MOST_BYTES // 1_000_000} MB)")
    from cecli.reading.encoded import as_utf8

    try:
        return as_utf8(io.BytesIO(content), content, name).read().decode()
    except UnicodeDecodeError as error:
        says = f"{name} is not UTF-8 text: byte {error.start + 1} can't be read"
        raise InputError(says, hint="save it as UTF-8 text, uncompressed") from error


def _answer(session: Session, words: Sequence[str]) -> Report:
    """The report of a command line, run in this process; what it would print but for its answer is lost."""
    from cecli.cli.command_table import COMMANDS

    if words[0].startswith("-"):
        raise UsageError(f"a claim begins with a command, not with {words[0]}", hint=f"one of {', '.join(COMMANDS)}")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return session.report_of(words)
    except SystemExit as error:
        raise UsageError(f"{words[0]} ends here without an answer") from error
