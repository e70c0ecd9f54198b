"""The search for the mistakes that give a claim: every one alone, then two at a time.

What is looked for beyond that in losses (one sample with a mistake, terms that were rounded on the way) is in `loss_search`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic

from cecli.mistakes.claims import Claim
from cecli.mistakes.findings import Finding, finding_of, is_same, one_of_each_value, plainest_first
from cecli.mistakes.mistake import AppliedMistake, Mistake, applied
from cecli.mistakes.pipeline import Pipeline, Trace
from cecli.mistakes.state_view import V
from cecli.mistakes.table import mistakes_of

MOST = 5
"""Findings that are named."""

MOST_PAIRS = 3
MOST_LIKELY = 2

DIGITS_FOR_MORE = 3
"""Significant digits from which rare mistakes, two at once, and terms rounded on the way are looked for."""

DIGITS_FOR_TWO = (100, 5, 4, 4, 3)
"""Significant digits from which two mistakes at once are looked for, by how common they are together: two rare ones never are."""

DIGITS_FOR_ROUNDED = (5, 4, 3)
"""Significant digits from which a mistake whose terms were rounded on the way is looked for, by how common it is."""


class Search(Generic[V]):
    """One claim looked up among the mistakes of one problem."""

    def __init__(self, pipeline: Pipeline[V], claim: Claim) -> None:
        self.pipeline, self.claim = pipeline, claim
        self.right = pipeline.run()
        self.answer = pipeline.answer(self.right[-1])
        self.rows = mistakes_of(pipeline.quantity)
        self.singles: list[tuple[AppliedMistake[V], Trace[V]]] = []
        """Every mistake made alone, with its trace; filled as they are tried."""

    def findings(self) -> list[Finding]:
        """What fits, the simplest first: a mistake alone, digits lost on the way, a mistake of a part alone, two at once."""
        exact = [*self._fitting(self.other_parts()), *self._fitting(self._alone())]
        if all(finding.is_rounding for finding in exact):
            exact = [*(self.roundings() if exact else []), *exact] or self._fitting(self.of_parts())
        if exact:
            return plainest_first(exact)[:MOST]
        pairs = self._fitting(self._pairs()) if self.has_digits else []
        return one_of_each_value(pairs)[:MOST_PAIRS] or self.roundings()

    def roundings(self) -> list[Finding]:
        """Terms that were rounded on the way by one rule; or, if the claim is not just close, a few by digits of their own."""
        found = self._likely(self.with_rounded_terms())
        is_done = found or not self.has_digits or self.claim.is_close(self.answer)
        return found if is_done else self._likely(self.with_own_digits())

    @staticmethod
    def _likely(findings: Iterable[Finding]) -> list[Finding]:
        """The first few, of one name the first."""
        named: dict[str, Finding] = {}
        for finding in findings:
            named.setdefault(finding.mistake, finding)
            if len(named) == MOST_LIKELY:
                break
        return list(named.values())

    @property
    def has_digits(self) -> bool:
        """Whether the claim has enough digits to look for more than one common mistake."""
        return self.claim.significant >= DIGITS_FOR_MORE

    def other_parts(self) -> Iterable[Finding]:
        """The findings of a part of the call that stands in another one's place: they come before any mistake, as a framework's value would."""
        return ()

    def of_parts(self) -> Iterable[Finding]:
        """The findings of one sample, or one model, that alone has a mistake."""
        return ()

    def with_rounded_terms(self) -> Iterable[Finding]:
        """The findings of terms that were rounded, or cut, on the way to one number of digits."""
        return ()

    def with_own_digits(self) -> Iterable[Finding]:
        """The findings of a few terms that were rounded, or cut, on the way, each to its own number of digits."""
        return ()

    def named(self, made: AppliedMistake[V], _: Trace[V]) -> AppliedMistake[V]:
        """A mistake made alone, by the name that it has with its trace."""
        return made

    def _alone(self) -> Iterator[Finding]:
        """The finding that every mistake alone would be."""
        every = self.has_digits or any(entry.exact is None for entry in self.claim.entries)
        for row in self.rows:
            for made in self._applied(row, self.right) if every or row.common or row.is_part else ():
                trace = self.pipeline.run_with(self.right, made)
                if trace is not None:
                    named = self.named(made, trace)
                    self.singles.append((named, trace))
                    yield finding_of([named], self.pipeline.answer(trace[-1]))

    def _applied(self, row: Mistake[V], trace: Trace[V]) -> list[AppliedMistake[V]]:
        """The ways to make a mistake on the way of a trace, with whatever model it is."""
        ways: list[AppliedMistake[V]] = []
        for view in trace[self.pipeline.before(row.stage, row.instead)]:
            names = {made.name for made in ways}
            ways += [made for made in applied(row, view) if made.name not in names]
        return ways

    def _pairs(self) -> Iterator[Finding]:
        """The finding that every two mistakes would be, as far as the digits allow."""
        for first, trace in self.singles:
            for row in self.rows:
                if self._may_meet(row, first.mistake) and self._follows(row, first.mistake):
                    yield from self._second(row, first, trace)

    def _may_meet(self, row: Mistake[V], first: Mistake[V]) -> bool:
        """Whether the claim has enough digits to look for two mistakes at once."""
        is_enough = self.claim.significant >= DIGITS_FOR_TWO[row.common + first.common]
        return is_enough and not (row.is_part or first.is_part)

    def _follows(self, row: Mistake[V], first: Mistake[V]) -> bool:
        """Whether a mistake comes after another one of another kind; of those at one stage, the order of the table."""
        own, other = self.pipeline.index(row.stage), self.pipeline.index(first.stage)
        if row.code == first.code:
            return False
        return own > other if own != other or row.instead else self.rows.index(row) > self.rows.index(first)

    def _second(self, row: Mistake[V], first: AppliedMistake[V], trace: Trace[V]) -> Iterator[Finding]:
        """The findings of a mistake made after the first."""
        for second in self._applied(row, trace):
            both = self.pipeline.run_with(trace, second)
            if both is not None:
                yield finding_of([first, second], self.pipeline.answer(both[-1]))

    def _fitting(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings whose value is what is claimed and not the right one; of one name the first."""
        fitting: dict[str, Finding] = {}
        for finding in findings:
            if self.claim.holds(finding.value) and not is_same(finding.value, self.answer):
                fitting.setdefault(finding.mistake, finding)
        return list(fitting.values())
