"""The search for the mistakes that give a claim: every one alone, then two at a time.

What is looked for beyond that in losses (one sample with a mistake, terms that were rounded on the way) is in `loss_search`; how many
digits each needs is in `evidence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic

from cecli.mistakes.claims import Claim
from cecli.mistakes.evidence import OWN, Evidence
from cecli.mistakes.findings import Finding, finding_of, is_same, one_of_each_value, plainest_first
from cecli.mistakes.mistake import AppliedMistake, Mistake, applied
from cecli.mistakes.pipeline import Pipeline, Trace
from cecli.mistakes.state_view import V
from cecli.mistakes.table import mistakes_of
from cecli.report import Value

MOST = 5
"""Findings that are named."""

MOST_PAIRS = 3
MOST_LIKELY = 2


class Search(Generic[V]):
    """One claim looked up among the mistakes of one problem."""

    def __init__(self, pipeline: Pipeline[V], claim: Claim) -> None:
        self.pipeline, self.claim = pipeline, claim
        self.right = pipeline.run()
        self.answer = pipeline.answer(self.right[-1])
        self.evidence = Evidence(claim, self.answer)
        self.rows = mistakes_of(pipeline.quantity)
        self.places = {row.name: place for place, row in enumerate(self.rows)}
        self.singles: list[tuple[AppliedMistake[V], Trace[V]]] = []
        """Every mistake made alone, with its trace; filled as they are tried."""

    def findings(self) -> list[Finding]:
        """What fits, the simplest first: a mistake alone, digits lost on the way, a mistake of a part alone, two at once."""
        exact = [*self._named(self.other_parts()), *self._named(self._alone())]
        if all(finding.is_rounding for finding in exact):
            exact = [*(self.roundings() if exact else []), *exact] or self._named(self.of_parts())
        if exact:
            return plainest_first(exact)[:MOST]
        return one_of_each_value(self._pairs())[:MOST_PAIRS] or self.roundings()

    def roundings(self) -> list[Finding]:
        """Terms that were rounded on the way by one rule; or, if the claim is not close, a few by digits of their own."""
        if self.evidence.is_close:
            return self._likely(self.with_carried_terms())
        found = self._likely(self.with_rounded_terms())
        return found or (self._likely(self.with_own_digits()) if self.evidence.digits >= OWN else [])

    @staticmethod
    def _likely(findings: Iterable[Finding]) -> list[Finding]:
        """The first few, of one name the first."""
        named: dict[str, Finding] = {}
        for finding in findings:
            named.setdefault(finding.mistake, finding)
            if len(named) == MOST_LIKELY:
                break
        return list(named.values())

    def other_parts(self) -> Iterable[Finding]:
        """The findings of a part of the call that stands in another one's place: they come before any mistake, as a framework's value would."""
        return ()

    def of_parts(self) -> Iterable[Finding]:
        """The findings of one sample, or one model, that alone has a mistake."""
        return ()

    def with_carried_terms(self) -> Iterable[Finding]:
        """The findings of terms that were rounded on the way to the claim's own digits, and then added."""
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

    def found(self, made: Sequence[AppliedMistake[V]], value: Value) -> Iterator[Finding]:
        """The finding of some mistakes that were made together, if their value fits."""
        if self.fits(value):
            yield finding_of(made, value)

    def fits(self, value: Value) -> bool:
        """Whether a value is what is claimed, and is not the answer."""
        return self.claim.holds(value) and not is_same(value, self.answer)

    def _alone(self) -> Iterator[Finding]:
        """The findings of every mistake alone."""
        for row in filter(self.evidence.is_enough_for, self.rows):
            ways = self._ways_alone(row)
            self.singles += ways
            values = [self.pipeline.answer(trace[-1]) for _, trace in ways]
            if row.is_part or self.evidence.is_enough_for_ways(values):
                for (made, _), value in zip(ways, values, strict=True):
                    yield from self.found([made], value)

    def _ways_alone(self, row: Mistake[V]) -> list[tuple[AppliedMistake[V], Trace[V]]]:
        """The ways to make a mistake alone, each with its trace."""
        made = self._applied(row, self.right)
        traced = [(one, self.pipeline.run_with(self.right, one)) for one in made]
        return [(self.named(one, trace), trace) for one, trace in traced if trace is not None]

    def _applied(self, row: Mistake[V], trace: Trace[V]) -> list[AppliedMistake[V]]:
        """The ways to make a mistake on the way of a trace, with whatever model it is."""
        ways: list[AppliedMistake[V]] = []
        for view in trace[self.pipeline.before(row.stage, row.instead)]:
            names = {made.name for made in ways}
            ways += [made for made in applied(row, view) if made.name not in names]
        return ways

    def _pairs(self) -> Iterator[Finding]:
        """The findings of every two mistakes; close to the answer they would explain too many slips."""
        for first, trace in () if self.evidence.is_close else self.singles:
            for row in self.rows:
                if self.evidence.is_enough_for_two(row, first.mistake) and self._follows(row, first.mistake):
                    yield from self._second(row, first, trace)

    def _follows(self, row: Mistake[V], first: Mistake[V]) -> bool:
        """Whether a mistake comes after another one of another kind; of those at one stage, the order of the table."""
        own, other = (self.pipeline.places[each.stage] for each in (row, first))
        if row.code == first.code:
            return False
        return own > other if own != other or row.instead else self.places[row.name] > self.places[first.name]

    def _second(self, row: Mistake[V], first: AppliedMistake[V], trace: Trace[V]) -> Iterator[Finding]:
        """The findings of a mistake made after the first."""
        for second in self._applied(row, trace):
            both = self.pipeline.run_with(trace, second)
            if both is not None:
                yield from self.found([first, second], self.pipeline.answer(both[-1]))

    def _named(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those that the claim's digits are enough for; of one name the first."""
        named: dict[str, Finding] = {}
        for finding in filter(self.evidence.names, findings):
            named.setdefault(finding.mistake, finding)
        return list(named.values())
