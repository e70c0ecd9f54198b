"""Which usual mistakes give exactly the claimed digits?

Every mistake alone; for claims of three digits or more that none explains two at a time; and failing that, terms rounded on
the way. Nothing beyond: a claim that nothing explains has no diagnosis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from cecli.maths.namespace import Array
from cecli.mistakes.claims import Claim
from cecli.mistakes.method import AnyWork, Method, Mistake, Slip, slips
from cecli.mistakes.problem import Problem
from cecli.mistakes.rounding import rounded_sum
from cecli.mistakes.table import method_of, mistakes_of
from cecli.mistakes.work import Work
from cecli.record import Record
from cecli.report import Value, flat
from cecli.running.recorder import MOST_VALUES

MOST = 5
"""Findings that are named."""

MOST_PAIRS = 3
MOST_LIKELY = 2

ENOUGH_DIGITS = 2
"""Below this many significant digits a claim says little."""

DIGITS_FOR_MORE = 3
"""Significant digits from which two mistakes, or one of a single sample, are looked for."""

MOST_SAMPLES = 8
"""Samples up to which a mistake with one of them alone is looked for."""

ROUNDED = "terms rounded on the way"
KEEP_DIGITS = "Keep all digits until the end and round once."
FEW_DIGITS = "a claim of fewer than two digits says little, so no mistake is looked for"
TWO_DIGITS = "a claim of two digits fits some mistake by accident about one time in eight; four digits would say more"
SEVERAL = "more digits would tell these apart"
TOO_LARGE = f"no mistakes are looked for in more than {MOST_VALUES:,} values"

State = list[tuple[AnyWork, ...]]
"""The work after every stage."""


class Finding(Record):
    """What would give the claimed digits: the mistake, its value, and what to do about it."""

    mistake: str
    value: Value
    likely: bool = False
    """Not exactly: only if terms were rounded on the way."""
    codes: tuple[str, ...] = ()
    advice: str = ""
    separates: str = ""


class Diagnosis(Record):
    """The findings, the simplest first, and what is to be said about them all."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def diagnose(problem: Problem, value: Value, claim: Claim) -> Diagnosis:
    """The mistakes that give what is claimed, where the answer is another value."""
    if claim.holds(value):
        return Diagnosis()
    if sum(math.prod(batch.prediction.shape) for batch in problem.batches) > MOST_VALUES:
        return Diagnosis(notes=(TOO_LARGE,))
    if claim.significant < ENOUGH_DIGITS:
        return Diagnosis(notes=(FEW_DIGITS,))
    with np.errstate(all="ignore"):
        found = _Search(method_of(problem), claim).findings()
    few = found and claim.significant < DIGITS_FOR_MORE and all(entry.unit for entry in claim.entries)
    return Diagnosis(tuple(found), (*([TWO_DIGITS] if few else []), *_ambiguities(found)))


class _Search:
    """One claim looked up among the mistakes of one question."""

    def __init__(self, method: Method, claim: Claim) -> None:
        self.method, self.claim = method, claim
        self.states = method.right()
        self.value = method.shown(self.states[-1])
        self.singles: list[tuple[Slip, State]] = []

    def findings(self) -> list[Finding]:
        """All that fits, the simplest first."""
        exact = self._fitting(self._singles()) or self._fitting(self._partly())
        if exact:
            return _together(sorted(exact, key=_is_far_fetched))[:MOST]
        pairs = self._fitting(self._pairs()) if self.claim.significant >= DIGITS_FOR_MORE else []
        likely = {finding.mistake: finding for finding in reversed(list(self._likely()))}
        return [*_different(pairs)[:MOST_PAIRS], *islice(reversed(likely.values()), MOST_LIKELY)]

    # --- one mistake ----------------------------------------------------------------------------------------------

    def _singles(self) -> Iterator[Finding]:
        """The finding that every mistake alone would be."""
        enough = self.claim.significant >= DIGITS_FOR_MORE or any(entry.exact is None for entry in self.claim.entries)
        for row in mistakes_of(self.method.quantity):
            for slip in self._slips(row, self.states) if enough or row.common else ():
                states = self.method.with_slip(self.states, slip)
                if states is not None:
                    named = self._named(slip, states)
                    self.singles.append((named, states))
                    yield _finding([named], self.method.shown(states[-1]))

    def _named(self, slip: Slip, states: State) -> Slip:
        """A mistake that changes the loss of one sample of several, by the name that it has with that sample."""
        right = self.states[-1][0]
        if not slip.mistake.each or len(self.method.begun) > 1 or len(right.places) < 2:
            return slip
        changed = np.nonzero(right.losses != states[self.method.stage("losses")][0].losses)[0]
        return slip if len(changed) != 1 else slip.replace(name=_of_sample(right, int(changed[0]), slip))

    def _slips(self, row: Mistake, states: State) -> list[Slip]:
        """The ways to make a mistake with the work as it stands, of whatever model it is."""
        found: list[Slip] = []
        for work in states[self.method.stage(row.at) - int(row.instead)]:
            known = {slip.name for slip in found}
            found += [slip for slip in slips(row, work) if slip.name not in known]
        return found

    def _partly(self) -> Iterator[Finding]:
        """The findings of one sample, or one model, that alone has a mistake."""
        if self.claim.significant < DIGITS_FOR_MORE:
            return
        for slip, states in self._alone():
            yield _finding([slip], self.method.shown(states[-1]))
        if len(self.method.begun) > 1:
            for slip, states in self.singles:
                yield from self._of_one_model(slip, self.method.shown(states[-1]))

    def _of_one_model(self, slip: Slip, wrong: Any) -> Iterator[Finding]:
        """The findings of a mistake made with one model alone."""
        for i, own in enumerate(wrong):
            value = [own if j == i else right for j, right in enumerate(self.value)]
            yield _finding([slip], value).replace(mistake=f"for model {i + 1}: {slip.name}")

    def _alone(self) -> list[tuple[Slip, State]]:
        """Every mistake that one sample can have alone, with the work after it."""
        work = self.states[-1][0]
        if len(self.method.begun) > 1 or not isinstance(work, Work) or not 1 < len(work.places) <= MOST_SAMPLES:
            return []
        chosen = [(slip, states) for slip, states in self.singles if slip.mistake.each]
        made = [self._of_sample(slip, states, n) for slip, states in chosen for n in range(len(work.places))]
        return [pair for pair in made if pair is not None]

    def _of_sample(self, slip: Slip, states: State, n: int) -> tuple[Slip, State] | None:
        """A mistake that sample n has alone: its loss is the mistaken one, all others are right."""
        at = self.method.stage("losses")
        right, wrong = self.states[at][0], states[at][0]
        losses = np.array(right.losses)
        losses[n] = wrong.losses[n]
        terms = np.array(right.terms)
        terms[n] = _own_terms(wrong)[n]
        alone = Slip(
            slip.mistake.replace(at="losses"),
            _of_sample(right, n, slip),
            lambda w: w.changed(losses=losses, terms=terms),
        )
        found = self.method.with_slip(self.states, alone)
        return None if found is None else (alone, found)

    # --- two mistakes ---------------------------------------------------------------------------------------------

    def _pairs(self) -> Iterator[Finding]:
        """The finding that every two of the common mistakes would be."""
        common = [row for row in mistakes_of(self.method.quantity) if row.common]
        for first, states in self.singles:
            if not first.mistake.common:
                continue
            at = self.method.stage(first.mistake.at)
            for row in common:
                if row.code != first.mistake.code and self._follows(row, at, first):
                    yield from self._second(row, first, states)

    def _follows(self, row: Mistake, at: int, first: Slip) -> bool:
        """Whether a mistake comes after the first one; of those at one stage, the order of the table."""
        own = self.method.stage(row.at)
        if own != at or row.instead:
            return own > at
        rows = mistakes_of(self.method.quantity)
        return rows.index(row) > rows.index(first.mistake)

    def _second(self, row: Mistake, first: Slip, states: State) -> Iterator[Finding]:
        """The findings of a mistake made after the first."""
        for second in self._slips(row, states):
            found = self.method.with_slip(states, second)
            if found is not None:
                yield _finding([first, second], self.method.shown(found[-1]))

    # --- rounding -------------------------------------------------------------------------------------------------

    def _likely(self) -> Iterator[Finding]:
        """The right method, or one mistake, whose terms rounded on the way give the claim."""
        entry = self.claim.number
        if entry is None or entry.exact is None:
            return
        if not isinstance(self.states[-1][0], Work) or len(self.method.begun) > 1:
            return
        value = self._with_rounding(self.states)
        if value is not None:
            yield Finding(ROUNDED, value, likely=True, codes=("M42",), advice=KEEP_DIGITS)
        if self.claim.significant < DIGITS_FOR_MORE:
            return
        for slip, states in [*self.singles, *self._alone()]:
            counts = slip.mistake.adds and slip.mistake.common and self._changes_something(states)
            value = self._with_rounding(states) if counts else None
            if value is not None:
                one = _finding([slip], value)
                yield one.replace(
                    mistake=f"{one.mistake}, {ROUNDED}", likely=True, advice=f"{one.advice} {KEEP_DIGITS}"
                )

    def _changes_something(self, states: State) -> bool:
        """Whether a mistake gives another answer than the right one."""
        return not _same(self.method.shown(states[-1]), self.value)

    def _with_rounding(self, states: State) -> float | None:
        """The claimed value, if the work's terms can be rounded so that they come to it."""
        entry, work = self.claim.number, states[-1][0]
        if entry is None or np.ndim(work.value) != 0 or work.quantity == "perplexity":
            return None
        by_class = work.sample_weights[:, None] * _own_terms(states[self.method.stage("losses")][0])
        reach = float(entry.reach) or 1e-15
        for terms in _ways_to_add(by_class):
            total = math.fsum(terms) if all(map(math.isfinite, terms)) else 0.0
            scale = float(work.value) / total if total else 0.0
            value = rounded_sum(terms, scale, entry.value, reach, entry.decimals, entry.holds)
            if value is not None:
                return value
        return None

    # --- what fits ------------------------------------------------------------------------------------------------

    def _fitting(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings whose value is what is claimed and not the right one; of one name the first."""
        fitting: dict[str, Finding] = {}
        for finding in findings:
            if self.claim.holds(finding.value) and not _same(finding.value, self.value):
                fitting.setdefault(finding.mistake, finding)
        return list(fitting.values())


def _together(findings: list[Finding]) -> list[Finding]:
    """The findings in order, but those of the first one's value right behind it."""
    return sorted(findings, key=lambda finding: not _same(finding.value, findings[0].value))


def _different(pairs: list[Finding]) -> list[Finding]:
    """The pairs without those that are another name for one before."""
    kept: list[Finding] = []
    for pair in pairs:
        kept += [] if any(_same(pair.value, other.value) for other in kept) else [pair]
    return kept


def _ways_to_add(by_class: Array) -> list[list[float]]:
    """The terms that are added up: of every sample and class, or the losses of the samples."""
    each, losses = (
        [float(term) for term in part.reshape(-1) if term != 0] for part in (by_class, by_class.sum(axis=-1))
    )
    return [each] if len(each) == len(losses) else [each, losses]


def _is_far_fetched(finding: Finding) -> bool:
    """Whether a plainer reading comes first: a slipped decimal point explains much, and a clip needs no swap."""
    return "slip" in finding.codes or "swapped, log 0" in finding.mistake


def _own_terms(work: Work) -> Array:
    """The terms of a work past its losses; signs and the like that only its losses have are theirs."""
    sums = np.sum(work.terms, axis=-1)
    factor = np.where(sums == 0, 1.0, work.losses / np.where(sums == 0, 1.0, sums))
    return work.terms * factor[:, None]


def _of_sample(work: Work, n: int, slip: Slip) -> str:
    """What to call a mistake that one sample has."""
    name = work.sample_name(n)
    return f"for {name}{',' if ',' in name else ''} {slip.mistake.each}"


def _finding(made: list[Slip], value: Any) -> Finding:
    """The finding of some mistakes."""
    return Finding(
        " and ".join(slip.name for slip in made),
        value,
        codes=tuple(slip.mistake.code for slip in made),
        advice=" ".join(dict.fromkeys(slip.mistake.advice for slip in made)),
        separates=next((slip.mistake.separates for slip in made if slip.mistake.separates), ""),
    )


def _same(a: Value, b: Value) -> bool:
    """Whether two answers are the same up to rounding."""
    one, other = flat(a), flat(b)
    return len(one) == len(other) and all(_close(x, y) for x, y in zip(one, other, strict=True))


def _close(x: float | None, y: float | None) -> bool:
    """Whether two numbers are the same up to rounding."""
    return x == y or (x is not None and y is not None and math.isclose(x, y, rel_tol=1e-11, abs_tol=1e-300))


def _ambiguities(findings: list[Finding]) -> list[str]:
    """What is to be said where several findings fit: those of one value can't be told apart here, others by more digits."""
    exact = [finding for finding in findings if not finding.likely]
    same = [finding for finding in exact if _same(finding.value, exact[0].value)]
    told = []
    if len(same) > 1:
        other = next((finding.separates for finding in same if finding.separates), "other numbers")
        which = "these" if len(same) == len(findings) else f"the first {len(same)} of these"
        told.append(f"{which} give the same number here; with {other} they would differ")
    return [*told, SEVERAL] if len(exact) > len(same) else told
