"""What there is to say about a claim: whether it holds, what is wrong, what would give it. Plain values; who shows them makes the sentences."""

from __future__ import annotations

import math

from cecli.mistakes.claims import Claim, flat
from cecli.mistakes.findings import Diagnosis, Finding
from cecli.record import Record
from cecli.report import Value

NAMED_ENTRIES = 5
"""Wrong entries of a vector that are named one by one."""

MOST_DIGITS = 16
"""Digits after the point beyond which a float64 has nothing to tell."""

MORE_DIGITS = 2
"""How many digits more than the claim has the answer is told with."""


class WrongEntry(Record):
    """An entry of a vector that does not hold."""

    index: int
    """From 0, row after row."""
    claimed: str
    answer: float | None


class Judged(Record):
    """A claim beside its answer, with everything that is known about their difference."""

    holds: bool
    claimed: str
    answer: Value
    unit: str | None
    digits: int
    """Digits after the point that show the difference."""
    misfit: str | None = None
    wrong: tuple[WrongEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """What a student reads."""
        first = f"✓ {self.claimed} holds" if self.holds else f"✗ {self.claimed} does not hold"
        told = [f"{first}: {self.misfit or self._answer()}."]
        if not self.misfit and len(flat(self.answer)) > 1:
            told += [self._entry(wrong) for wrong in self.wrong[:NAMED_ENTRIES]]
            left = len(self.wrong) - NAMED_ENTRIES
            told += [f"{left} more {'entry is' if left == 1 else 'entries are'} wrong."] if left > 0 else []
        for finding in self.findings:
            told += [
                f"{'Likely' if finding.likely else 'This is what one gets with'}: {finding.mistake}{self._of(finding)}."
            ]
            told += [finding.advice] if finding.advice else []
        return [*told, *(f"{note[:1].upper()}{note[1:]}." for note in self.notes)]

    def _answer(self) -> str:
        """The answer in words; of long ones their size."""
        entries = flat(self.answer)
        shown = (
            self._shown(entries[0])
            if len(entries) == 1
            else f"{len(entries) - len(self.wrong)} of {len(entries)} entries are right"
        )
        unit = f" {self.unit}" if self.unit and len(entries) == 1 else ""
        return f"the answer is {shown}{unit}" if len(entries) == 1 else shown

    def _entry(self, wrong: WrongEntry) -> str:
        """A wrong entry in words."""
        return f"Entry {wrong.index + 1}: {wrong.claimed} is claimed, the answer is {self._shown(wrong.answer)}."

    def _of(self, finding: Finding) -> str:
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


def verdict(claim: Claim, value: Value, unit: str | None, diagnosis: Diagnosis | None = None) -> Judged:
    """A claim judged."""
    answers = flat(value)
    wrong = tuple(WrongEntry(i, claim.entries[i].text, answers[i]) for i in claim.wrong_entries(value))
    found = Diagnosis() if diagnosis is None else diagnosis
    digits = min(max(entry.decimals for entry in claim.entries) + MORE_DIGITS, MOST_DIGITS)
    return Judged(
        claim.holds(value),
        claim.text.strip(),
        value,
        unit,
        digits,
        claim.misfit(value),
        wrong,
        found.findings,
        found.notes,
    )
