"""`check`: every claim of a worksheet judged, and the report of them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cecli.errors import CecliError, InputError
from cecli.mistakes.claim_text import read_claim
from cecli.mistakes.judging import findings_data, judge
from cecli.mistakes.verdict import Judgement
from cecli.mistakes.worksheet import WorksheetLine
from cecli.numerals import shortest
from cecli.record import Record
from cecli.report import Cell, Column, Data, Given, Report, Table, Value, Verdict, flat

SHOWN_VALUES = 4


class CheckedLine(Record):
    """A line of a worksheet with the judgement of its claim; or, without one, why it could not be run."""

    line: WorksheetLine
    judgement: Judgement | None = None
    error: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim holds."""
        return self.judgement is not None and self.judgement.holds


def check(lines: Sequence[WorksheetLine], answer: Callable[[Sequence[str]], Report]) -> Report:
    """The report of all claims; `answer` runs a claim's command."""
    checked = [_checked(line, answer) for line in lines]
    if not checked:
        raise InputError("the worksheet has no claims", hint="write one on a line: xent 1,0,0 0.5,0.2,0.3 = 0.69")
    claims = [_claim_data(one, one.judgement) for one in checked if one.judgement is not None]
    errors = [{"line": one.line.line, "message": one.error} for one in checked if one.judgement is None]
    held = sum(one.holds for one in checked)
    return Report(
        "check",
        held / len(claims) if claims else None,
        len(checked),
        {},
        fields={"claims": claims, "errors": errors, "held": held, "failed": len(claims) - held},
        tables=[_table(checked)],
        sentences=[
            *(_explanation(one) for one in checked if not one.holds),
            _summary(held, len(claims), len(errors)),
        ],
        lines=[_plain(one) for one in checked],
        data=Data(COLUMNS, [_data(one) for one in checked]),
        records=sorted([*claims, *errors], key=lambda one: one["line"]),
        holds=held == len(claims),
        incomplete=bool(errors),
    )


def _checked(line: WorksheetLine, answer: Callable[[Sequence[str]], Report]) -> CheckedLine:
    """One claim, judged; or why it could not be."""
    if line.error is not None:
        return CheckedLine(line, error=line.error)
    try:
        claim = read_claim(line.claimed, "the claimed answer")
        return CheckedLine(line, judge(answer(line.words), claim))
    except CecliError as error:
        return CheckedLine(line, error=str(error))


def _claim_data(checked: CheckedLine, judgement: Judgement) -> dict[str, Any]:
    """The claim as JSON holds it."""
    return {
        "line": checked.line.line,
        "command": checked.line.command,
        "claimed": judgement.claim.value,
        "value": judgement.answer,
        "holds": judgement.holds,
        "diagnosis": findings_data(judgement),
    }


# --- what is shown --------------------------------------------------------------------------------------------------


def _table(checked: Sequence[CheckedLine]) -> Table:
    names = ("line", "verdict", "claimed", "computed", "claim")
    columns = [Column(name, "right" if name == "line" else "left") for name in names]
    return Table(columns, [_row(one) for one in checked])


def _row(checked: CheckedLine) -> tuple[Cell, ...]:
    line, judgement = checked.line, checked.judgement
    if judgement is None:
        return (str(line.line), "can't be run", line.claimed, None, line.command)
    return (str(line.line), Verdict(judgement.holds), line.claimed, _numbers(judgement.answer), line.command)


def _numbers(value: Value) -> Cell:
    """The answer: a number with its sign, or the first numbers of several."""
    if isinstance(value, float | int):
        return value
    numbers = [float("nan") if number is None else number for number in flat(value)]
    more = f", … ({len(numbers) - SHOWN_VALUES} more)" if len(numbers) > SHOWN_VALUES else ""
    return Given(tuple(numbers[:SHOWN_VALUES]), more)


def _explanation(checked: CheckedLine) -> str:
    """What there is to say of a claim that does not hold."""
    judgement = checked.judgement
    return f"line {checked.line.line}: {checked.error if judgement is None else ' '.join(judgement.sentences())}"


def _summary(held: int, judged: int, failed: int) -> str:
    """How many hold, in one sentence."""
    of = f"{held} of {judged} {'claim holds' if judged == 1 else 'claims hold'}"
    return f"{of}; {failed} {'line' if failed == 1 else 'lines'} can't be run." if failed else f"{of}."


COLUMNS = ("line", "command", "claimed", "value", "verdict", "diagnosis")


def _plain(checked: CheckedLine) -> tuple[str | float, ...]:
    """The plain line of a claim: line, verdict, claimed, value, command, diagnosis."""
    line, command, claimed, value, verdict, diagnosis = _data(checked)
    return (line, verdict, claimed, value, command, *([diagnosis] if diagnosis else []))


def _data(checked: CheckedLine) -> tuple[str, ...]:
    """The row of a claim in CSV."""
    line, judgement = checked.line, checked.judgement
    if judgement is None:
        return (str(line.line), line.command, line.claimed, "", "error", checked.error)
    found = judgement.diagnosis
    named = "; ".join(f"{finding.word}{finding.mistake}" for finding in found.findings) or "; ".join(found.notes)
    verdict = "holds" if judgement.holds else "fails"
    return (str(line.line), line.command, line.claimed, _joined(judgement.answer), verdict, named)


def _joined(value: Value) -> str:
    """The answer's numbers between commas, rows between semicolons, all digits."""
    rows = value if isinstance(value, Sequence) and value and isinstance(value[0], Sequence) else [value]
    return ";".join(",".join(shortest(number) for number in flat(row)) for row in rows)
