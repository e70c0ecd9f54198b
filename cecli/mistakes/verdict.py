"""What there is to say about a claim: whether it holds, what is wrong, what would give it."""

from __future__ import annotations

import math

from cecli.mistakes.claims import Claim
from cecli.mistakes.findings import Diagnosis, Finding
from cecli.record import Record
from cecli.report import Value, flat

NAMED_ENTRIES = 5
"""Wrong entries of a vector that are named one by one."""

MOST_DIGITS = 16
"""Digits after the point beyond which a float64 has nothing to tell."""

EXACT_DIGITS = 4
"""The digits after the point that a claim counts as having which has no last digit: a fraction, an expression."""

MORE_DIGITS = 2
"""How many digits more than the claim the answer is shown with."""


class WrongEntry(Record):
    """An entry of a vector that does not hold."""

    index: int
    """From 0, row after row."""
    claimed: str
    answer: float | None


class Judgement(Record):
    """A claim beside its answer, with everything that is known about their difference."""

    holds: bool
    claim: Claim
    answer: Value
    unit: str | None
    digits: int
    """Digits after the point that show the difference."""
    misfit: str | None
    """Why the claim has not the answer's shape, where it has not."""
    wrong: tuple[WrongEntry, ...]
    diagnosis: Diagnosis

    def sentences(self) -> list[str]:
        """What a student reads."""
        mark, verb = ("✓", "holds") if self.holds else ("✗", "does not hold")
        sentences = [f"{mark} {self.claim.text.strip()} {verb}: {self.misfit or self._answer()}."]
        if not self.misfit and len(flat(self.answer)) > 1:
            sentences += self._wrong_entries()
        for finding in self.diagnosis.findings:
            sentences += [f"{finding.says}: {finding.mistake}{self._number_of(finding)}."]
            sentences += [finding.advice] if finding.advice else []
        return [*sentences, *(f"{note[:1].upper()}{note[1:]}." for note in self.diagnosis.notes)]

    def _answer(self) -> str:
        """The answer; of several numbers how many the claim has right."""
        entries = flat(self.answer)
        if len(entries) != 1:
            return f"{len(entries) - len(self.wrong)} of {len(entries)} entries are right"
        return f"the answer is {self._shown(entries[0])}{f' {self.unit}' if self.unit else ''}"

    def _wrong_entries(self) -> list[str]:
        """The first wrong entries one by one, and how many more there are."""
        sentences = [
            f"Entry {entry.index + 1}: {entry.claimed} is claimed, the answer is {self._shown(entry.answer)}."
            for entry in self.wrong[:NAMED_ENTRIES]
        ]
        more = len(self.wrong) - NAMED_ENTRIES
        return sentences + ([f"{more} more {'entry is' if more == 1 else 'entries are'} wrong."] if more > 0 else [])

    def _number_of(self, finding: Finding) -> str:
        """A single number that a finding gives, in brackets."""
        entries = flat(finding.value)
        if len(entries) != 1:
            return ""
        return " (nan)" if entries[0] is None else f" ({self._shown(entries[0])})"

    def _shown(self, value: float | None) -> str:
        """A number to as many digits as tell it from the claim."""
        if value is None:
            return "left out"
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        if isinstance(value, int):
            return str(value)
        return f"{value:.{self.digits}f}" if 1e-4 <= abs(value) < 1e6 or value == 0 else f"{value:.{self.digits}g}"


def judgement_of(claim: Claim, value: Value, unit: str | None, diagnosis: Diagnosis) -> Judgement:
    """A claim judged: its number, and its unit where it has one."""
    answers = flat(value)
    wrong = tuple(WrongEntry(i, claim.entries[i].text, answers[i]) for i in claim.wrong_entries(value))
    digits = min(
        max(entry.decimals if entry.unit else EXACT_DIGITS for entry in claim.entries) + MORE_DIGITS, MOST_DIGITS
    )
    is_other_unit = claim.unit is not None and claim.unit != unit
    notes = (
        (f"the claim is in {claim.unit}, the answer {f'in {unit}' if unit else 'has no unit'}",)
        if is_other_unit
        else ()
    )
    holds = claim.holds(value) and not is_other_unit
    diagnosis = diagnosis.replace(notes=(*notes, *diagnosis.notes))
    return Judgement(holds, claim, value, unit, digits, claim.misfit(value), wrong, diagnosis)
