"""What one run of the command line owns: everything that would else be a global variable."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

from cecli.cli.progress import ProgressLine
from cecli.errors import UsageError

if TYPE_CHECKING:
    from cecli.report import Report


class Runner(Protocol):
    """What runs a command line: the group of all commands."""

    def run(self, words: Sequence[str], session: Session) -> object: ...


class Session:
    """The line of progress, the open files, the notes; and, where a line of a worksheet runs, its reports."""

    def __init__(self, commands: Runner, progress: ProgressLine | None = None, claim: bool = False) -> None:
        self.commands = commands
        self.progress = progress or ProgressLine()
        self.files = ExitStack()
        """What is to be closed at the end of the command."""
        self.notes: list[str] = []
        """What there is to say before the notes of the reports."""
        self.claim = claim
        """Whether this is a line of a worksheet: nothing is printed, and there is no standard input, which is the worksheet's or the terminal's."""
        self.reports: list[Report] = []
        """The answers of a claim's command."""

    def report_of(self, words: Sequence[str]) -> Report:
        """The report of another command line, not printed; its errors are raised."""
        within = Session(self.commands, self.progress, claim=True)
        self.commands.run(words, within)
        if len(within.reports) != 1:
            raise UsageError(f"{words[0]} gives no value that a claim could name")
        return within.reports[0]
