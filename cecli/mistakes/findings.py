"""What explains a wrong claim: the findings, in which order they are named, and what is to be said about them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from cecli.mistakes.mistake import EVERYDAY, AppliedMistake
from cecli.record import Record
from cecli.report import Value, flat

SEVERAL = "more digits would distinguish these"

PART, EXACT = "This is another part of the same call", "This is what one gets with"
LIKELY, POSSIBLY = "Likely", "Possibly"
"""How sure a finding is; the first two give exactly the claimed digits, the others if terms were rounded on the way."""


class Finding(Record):
    """What would give the claimed digits: the mistake, its value, and what to do about it."""

    mistake: str
    value: Value
    says: str = EXACT
    codes: tuple[str, ...] = ()
    advice: str = ""
    separates: str = ""
    is_rounding: bool = False
    """Whether digits were lost on the way, and nothing else."""
    common: int = EVERYDAY
    """How common the rarest of its mistakes is."""

    @property
    def is_part(self) -> bool:
        """Whether it is another part of the same call."""
        return self.says == PART

    @property
    def likely(self) -> bool:
        """Whether it gives the claim only if terms were rounded on the way."""
        return self.says in (LIKELY, POSSIBLY)

    @property
    def word(self) -> str:
        """What stands before its name where there is room for a word."""
        return f"{self.says.lower()} " if self.likely else ""


class Diagnosis(Record):
    """The findings, the simplest first, and what is to be said about them all."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def finding_of(made: Sequence[AppliedMistake[Any]], value: Value) -> Finding:
    """The finding of some mistakes that were made together."""
    return Finding(
        " and ".join(one.name for one in made),
        value,
        PART if made[0].mistake.is_part and len(made) == 1 else EXACT,
        codes=tuple(one.mistake.code for one in made),
        advice=" ".join(dict.fromkeys(one.mistake.advice for one in made)),
        separates=next((one.mistake.separates for one in made if one.mistake.separates), ""),
        is_rounding=len(made) == 1 and made[0].mistake.is_rounding,
        common=min(one.mistake.common for one in made),
    )


def is_same(a: Value, b: Value) -> bool:
    """Whether two answers are the same up to rounding."""
    one, other = flat(a), flat(b)
    return len(one) == len(other) and all(_close(x, y) for x, y in zip(one, other, strict=True))


def _close(x: float | None, y: float | None) -> bool:
    return x == y or (x is not None and y is not None and math.isclose(x, y, rel_tol=1e-11, abs_tol=1e-300))


def plainest_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in order, the far-fetched ones last; but those of the first one's value right behind it."""
    ordered = sorted(findings, key=_is_far_fetched)
    return sorted(ordered, key=lambda finding: not is_same(finding.value, ordered[0].value))


def _is_far_fetched(finding: Finding) -> bool:
    """Whether a plainer reading comes first: a slipped decimal point explains much, and a clip needs no swap."""
    return "slip" in finding.codes or "swapped, log 0" in finding.mistake


def one_of_each_value(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that are another name for one before."""
    different: list[Finding] = []
    for finding in findings:
        if not any(is_same(finding.value, other.value) for other in different):
            different.append(finding)
    return different


def ambiguities(findings: Sequence[Finding]) -> list[str]:
    """What is to be said where several findings fit: those of one value can't be distinguished here, others by more digits."""
    exact = [finding for finding in findings if not finding.likely]
    same = [finding for finding in exact if is_same(finding.value, exact[0].value)]
    notes = []
    if len(same) > 1:
        other = next((finding.separates for finding in same if finding.separates), "other numbers")
        which = "these" if len(same) == len(findings) else f"the first {len(same)} of these"
        notes.append(f"{which} give the same number here; with {other} they would differ")
    return [*notes, SEVERAL] if len(exact) > len(same) else notes
