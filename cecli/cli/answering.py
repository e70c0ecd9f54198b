"""From what was typed to the exit code: a call is made, its function answers, the answer is judged and printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from cecli.cli.call import Call
from cecli.cli.command_table import Command
from cecli.cli.neighbour import neighbour_note
from cecli.cli.output import Output, for_claim, read_output
from cecli.cli.place import Place, read_place
from cecli.cli.printing import emit
from cecli.cli.session import Session
from cecli.errors import UsageError
from cecli.report import Report
from cecli.running.execution import cores


def answer(command: Command, session: Session, typed: Mapping[str, Any]) -> int:
    """Runs a command and prints its answer; that of a worksheet's line is left with the session."""
    output = read_output(typed)
    computes = "expect" in typed
    if session.claim:
        output = for_claim(output, typed.get("plot"))
        if not computes:
            raise UsageError(f"{command.name} gives no value that a claim could name")
    session.progress.wanted = not output.quiet and not (command.streams and _goes_to_screen(output))
    place = read_place(typed["device"], typed["threads"]) if computes else Place(cores())
    session.notes += [*neighbour_note(), *place.notes]
    with session.files:
        reports = _reports(Call(command, typed, output, place, session))
        if not session.claim:
            return emit(reports, output, session)
        session.reports += reports
    return 0


def _with_base_note(report: Report, call: Call) -> Report:
    """The report, whose unit comes from the environment where that gave the base."""
    if call.base_note is None or report.unit is None:
        return report
    return report.replace(notes=[call.base_note, *report.notes])


def _goes_to_screen(output: Output) -> bool:
    """Whether an answer in pieces is seen as it comes."""
    return output.streams and sys.stdout is not None and sys.stdout.isatty()


def _reports(call: Call) -> Iterator[Report]:
    """The answer, judged where a claim is made of it."""
    answered = call.command.answer(call)
    reports = iter([answered]) if isinstance(answered, Report) else answered
    reports = map(partial(_with_base_note, call=call), reports)
    if call.output.claim is None:
        return reports
    from cecli.mistakes.judging import judged

    return map(partial(judged, claim=call.output.claim), reports)
