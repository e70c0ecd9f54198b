"""What comes out: the reports in the format asked for, notes on stderr, and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TextIO

from cecli.cli import screen
from cecli.cli.output import Output
from cecli.cli.session import Session
from cecli.errors import MissingError
from cecli.numerals import shortest
from cecli.render import Style, render, write
from cecli.report import Report, flat

STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
MOST_NOTES = 12


def emit(reports: Iterator[Report], output: Output, session: Session) -> int:
    """Prints the reports (of all blocks) and the notes; the exit code says whether what was asked to hold holds."""
    seen = Seen(output, session.notes)
    try:
        if output.file is not None and output.file not in STDOUT:
            from cecli.cli.files import whole_file

            first = next(reports)  # nothing is written, not even to a device, before there is an answer
            with whole_file(output.file) as stream:
                style = Style(output.precision, color=output.color == "always")
                _write(chain([first], reports), style, stream, seen, session)
        else:
            if sys.stdout is None:
                raise MissingError("standard output is closed, and there is nowhere to print to")
            colored = screen.wants_color(sys.stdout, output.color)
            style = Style(output.precision, screen.table_width(), colored, screen.ascii_only())
            _write(reports, style, sys.stdout, seen, session)
    finally:
        if not output.quiet:
            screen.say(seen.notes(), output.color)
    return seen.exit_code


def _write(reports: Iterable[Report], style: Style, stream: TextIO, seen: Seen, session: Session) -> None:
    if seen.format.holds:
        write(_each(reports, seen, session), seen.format.name, style, stream.buffer)
        return
    for report in _each(reports, seen, session):
        whole = report if seen.format.streams else report.replace(notes=seen.all_notes())
        stream.writelines(render(whole, seen.format.name, style))
        stream.flush()
        style = style.replace(header=False)


def _each(reports: Iterable[Report], seen: Seen, session: Session) -> Iterator[Report]:
    """The reports, each seen before it is written."""
    for report in reports:
        session.progress.end()
        seen.add(report)
        yield report


class Seen:
    """What the reports of a call have in common: their notes, and whether what was asked to hold holds."""

    def __init__(self, output: Output, notes: Iterable[str]) -> None:
        self.format, self.limit = output.chosen, output.fail_above
        self.holds = True
        self.incomplete = False
        self.largest: float | None = None
        self.found = dict.fromkeys(notes)
        self.verdict: Sequence[str] = ()
        self.failures: list[str] = []
        self.closing: Callable[[], Sequence[str]] | None = None

    def add(self, report: Report) -> None:
        """The next report; its verdict is a note where the format has no room for sentences."""
        self.found.update(dict.fromkeys(report.notes))
        self.verdict = report.verdict if self.format.streams else ()
        self.incomplete = self.incomplete or report.incomplete
        self.closing = report.last_notes or self.closing
        self.holds = self.holds and report.holds and not report.failures
        self.failures += report.failures
        if self.limit is not None:
            above = [value for value in flat(report.value) if value is not None and value > self.limit]
            self.largest = max([*above, *([] if self.largest is None else [self.largest])], default=None)

    def notes(self) -> list[str]:
        """The notes, each once, the first of many."""
        notes = self._found()
        if len(notes) > MOST_NOTES:
            notes = [*notes[:MOST_NOTES], f"and {len(notes) - MOST_NOTES} more notes"]
        return [*notes, *self._judged()]

    def all_notes(self) -> list[str]:
        """The notes, each once."""
        return [*self._found(), *self._judged()]

    def _found(self) -> list[str]:
        """What is to be known of the input and the answer."""
        whole = self.closing() if self.closing else ()
        return list(dict.fromkeys([*whole, *self.found]))

    def _judged(self) -> list[str]:
        """What became of what was asked to hold."""
        above = self.largest is not None
        limit = [f"--fail-above: {shortest(self.largest)} is above {shortest(self.limit)}"] if above else []
        return [*self.verdict, *self.failures, *limit]

    @property
    def exit_code(self) -> int:
        """0, or 1 where something does not hold, or 2 where a part could not be answered."""
        if self.incomplete:
            return 2
        return 0 if self.holds and self.largest is None else 1
