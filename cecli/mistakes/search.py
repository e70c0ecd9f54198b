"""The search for the mistakes that give a claim: every one alone, then two at a time.

What is looked for beyond that in losses (one sample with a mistake, terms that were rounded on the way) is in `loss_search`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
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
"""Significant digits from which two mistakes, or one of a single sample, are looked for."""


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
        """All that fits, the simplest first."""
        exact = self._fitting(self._alone()) or self._fitting(self.of_parts())
        if exact:
            return plainest_first(exact)[:MOST]
        pairs = one_of_each_value(self._fitting(self._pairs()) if self.has_digits else [])
        likely = {finding.mistake: finding for finding in reversed(list(self.with_rounded_terms()))}
        return [*pairs[:MOST_PAIRS], *islice(reversed(likely.values()), MOST_LIKELY)]

    @property
    def has_digits(self) -> bool:
        """Whether the claim has enough digits to look for more than one common mistake."""
        return self.claim.significant >= DIGITS_FOR_MORE

    def of_parts(self) -> Iterable[Finding]:
        """The findings of one sample, or one model, that alone has a mistake."""
        return ()

    def with_rounded_terms(self) -> Iterable[Finding]:
        """The findings of terms that were rounded on the way."""
        return ()

    def named(self, made: AppliedMistake[V], _: Trace[V]) -> AppliedMistake[V]:
        """A mistake made alone, by the name that it has with its trace."""
        return made

    def _alone(self) -> Iterator[Finding]:
        """The finding that every mistake alone would be."""
        every = self.has_digits or any(entry.exact is None for entry in self.claim.entries)
        for row in self.rows:
            for made in self._applied(row, self.right) if every or row.common else ():
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
        """The finding that every two of the common mistakes would be."""
        for first, trace in self.singles:
            for row in self.rows if first.mistake.common else ():
                if row.common and self._follows(row, first.mistake):
                    yield from self._second(row, first, trace)

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
