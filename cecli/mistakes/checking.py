"""`check`: every claim of a worksheet judged, and the report of them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cecli.errors import CecliError, InputError
from cecli.mistakes.claims import read_claim
from cecli.mistakes.judging import findings_data, judge
from cecli.mistakes.verdict import Judged
from cecli.mistakes.worksheet import WorksheetLine
from cecli.numerals import shortest
from cecli.record import Record
from cecli.report import Cell, Column, Data, Given, Report, Table, Value, Verdict, flat

SHOWN_VALUES = 4


class Checked(Record):
    """A claim of a worksheet with the answer that it is about; or, without one, why it could not be run."""

    line: WorksheetLine
    report: Report | None = None
    judged: Judged | None = None
    claimed: Value = None
    error: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim holds."""
        return self.judged is not None and self.judged.holds


def check(lines: Sequence[WorksheetLine], answer: Callable[[Sequence[str]], Report]) -> Report:
    """The report of all claims; `answer` runs a claim's command."""
    found = [_checked(line, answer) for line in lines]
    if not found:
        raise InputError("the worksheet has no claims", hint="write one on a line: xent 1,0,0 0.5,0.2,0.3 = 0.69")
    judged = [each for each in found if each.judged is not None]
    failed = [each for each in found if each.judged is None]
    held = sum(each.holds for each in judged)
    return Report(
        "check",
        held / len(judged) if judged else None,
        len(found),
        {},
        fields={
            "claims": [_described(each) for each in judged],
            "errors": [{"line": each.line.line, "message": each.error} for each in failed],
            "held": held,
            "failed": len(judged) - held,
        },
        tables=[_table(found)],
        sentences=[
            *map(_explanation, (each for each in found if not each.holds)),
            _summary(held, len(judged), len(failed)),
        ],
        lines=[_plain(each) for each in found],
        data=Data(COLUMNS, [_data(each) for each in found]),
        holds=held == len(judged),
        incomplete=bool(failed),
    )


def _checked(line: WorksheetLine, answer: Callable[[Sequence[str]], Report]) -> Checked:
    """One claim, judged; or why it could not be."""
    if line.error is not None:
        return Checked(line, error=line.error)
    try:
        claim = read_claim(line.claimed, "the claimed answer")
        report = answer(line.words)
        return Checked(line, report, judge(report, claim), claim.value)
    except CecliError as error:
        return Checked(line, error=str(error))


def _described(each: Checked) -> dict[str, Any]:
    """The claim as JSON holds it."""
    assert each.report is not None
    assert each.judged is not None
    return {
        "line": each.line.line,
        "command": each.line.command,
        "claimed": each.claimed,
        "value": each.report.value,
        "holds": each.holds,
        "diagnosis": findings_data(each.judged),
    }


# --- what is shown --------------------------------------------------------------------------------------------------


def _table(found: Sequence[Checked]) -> Table:
    """A row per claim."""
    names = ("line", "verdict", "claimed", "computed", "claim")
    columns = [Column(name, "right" if name == "line" else "left") for name in names]
    return Table(columns, [_row(each) for each in found])


def _row(each: Checked) -> tuple[Cell, ...]:
    """The row of a claim."""
    line, command = str(each.line.line), each.line.command
    if each.report is None:
        return (line, "can't be run", each.line.claimed, None, command)
    return (line, Verdict(each.holds), each.line.claimed, _values(each.report.value), command)


def _values(value: Value) -> Cell:
    """The answer: a number with its sign, or the first numbers of several."""
    if isinstance(value, float | int):
        return value
    numbers = [float("nan") if each is None else each for each in flat(value)]
    more = f", … ({len(numbers) - SHOWN_VALUES} more)" if len(numbers) > SHOWN_VALUES else ""
    return Given(tuple(numbers[:SHOWN_VALUES]), more)


def _explanation(each: Checked) -> str:
    """What there is to say of a claim that does not hold."""
    text = each.error if each.judged is None else " ".join(each.judged.sentences())
    return f"line {each.line.line}: {text}"


def _summary(held: int, judged: int, failed: int) -> str:
    """How many hold, in one sentence."""
    of = f"{held} of {judged} {'claim holds' if judged == 1 else 'claims hold'}"
    return f"{of}; {failed} {'line' if failed == 1 else 'lines'} can't be run." if failed else f"{of}."


COLUMNS = ("line", "command", "claimed", "value", "verdict", "diagnosis")


def _plain(each: Checked) -> tuple[str | float, ...]:
    """The plain line of a claim: line, verdict, claimed, value, command, diagnosis."""
    line, command, claimed, value, verdict, diagnosis = _data(each)
    return (line, verdict, claimed, value, command, *([diagnosis] if diagnosis else []))


def _data(each: Checked) -> tuple[str, ...]:
    """The row of a claim in CSV."""
    line, command, claimed = str(each.line.line), each.line.command, each.line.claimed
    if each.report is None or each.judged is None:
        return (line, command, claimed, "", "error", each.error)
    named = "; ".join(f"{'likely ' if found.likely else ''}{found.mistake}" for found in each.judged.findings)
    return (line, command, claimed, _joined(each.report.value), "holds" if each.holds else "fails", named)


def _joined(value: Value) -> str:
    """The answer's numbers between commas, rows between semicolons, all digits."""
    rows = value if isinstance(value, Sequence) and value and isinstance(value[0], Sequence) else [value]
    return ";".join(",".join(shortest(number) for number in flat(row)) for row in rows)
