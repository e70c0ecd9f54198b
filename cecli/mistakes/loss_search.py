"""What is looked for in losses alone: one sample, or one model, with a mistake; and terms that were rounded on the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import numpy as np

from cecli.maths.namespace import Array
from cecli.mistakes.evidence import CARRIED, ONE_SAMPLE
from cecli.mistakes.findings import LIKELY, PART, POSSIBLY, Finding, finding_of, is_same
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import EVERYDAY, AppliedMistake, Mistake
from cecli.mistakes.pipeline import Trace
from cecli.mistakes.rounding import RoundedSum, as_carried, one_rule_for_all, own_digits
from cecli.mistakes.search import Search
from cecli.report import Value

MOST_SAMPLES = 8
"""Samples up to which a mistake with one of them alone is looked for."""

ROUNDED = "terms rounded on the way"
IN_ORDER = "The values stand in the order of the models."
KEEP_DIGITS = "Keep all digits until the end and round once."

Made = AppliedMistake[LossView]
Ways = Callable[[Sequence[float], float, int], Iterator[RoundedSum]]


class LossSearch(Search[LossView]):
    """One claim looked up among the mistakes of a loss, an entropy or a divergence."""

    @property
    def is_of_models(self) -> bool:
        """Whether the answer has a value for each of several models."""
        return len(self.pipeline.inputs) > 1

    def losses(self, trace: Trace[LossView]) -> LossView:
        """The view past its losses, of the first model."""
        return trace[self.pipeline.places["losses"]][0]

    # --- one sample, one model ------------------------------------------------------------------------------------

    def named(self, made: Made, trace: Trace[LossView]) -> Made:
        """A mistake that changes the loss of one sample of several has that sample in its name."""
        right = self.right[-1][0]
        if not made.mistake.one_sample or self.is_of_models or right.count < 2:
            return made
        changed = np.nonzero(right.losses != self.losses(trace).losses)[0]
        return made if len(changed) != 1 else made.replace(name=_name_with_sample(made, right, int(changed[0])))

    def other_parts(self) -> Iterator[Finding]:
        """The findings of a model whose value stands in another one's place."""
        answers = self.answer if isinstance(self.answer, list) and self.is_of_models else []
        for name, moved in _moved(answers):
            if self.fits(moved):
                yield Finding(name, moved, PART, advice=IN_ORDER)

    def of_parts(self) -> Iterator[Finding]:
        """The findings of one sample, or one model, that alone has a mistake."""
        for made, trace in self._with_one_sample():
            yield from self.found([made], self.pipeline.answer(trace[-1]))
        if self.is_of_models:
            for made, trace in self.singles:
                yield from self._with_one_model(made, self.pipeline.answer(trace[-1]))

    def _with_one_model(self, made: Made, wrong: Value) -> Iterator[Finding]:
        """The findings of a mistake made with one model alone."""
        assert isinstance(wrong, list)
        assert isinstance(self.answer, list)
        for i, own in enumerate(wrong):
            value = [*self.answer[:i], own, *self.answer[i + 1 :]]
            yield from self.found([made.replace(name=f"for model {i + 1}: {made.name}")], value)

    def _with_one_sample(self) -> list[tuple[Made, Trace[LossView]]]:
        """Every mistake that one sample can have alone, with its trace."""
        count = self.right[-1][0].count
        if self.evidence.digits < ONE_SAMPLE or self.is_of_models or not 1 < count <= MOST_SAMPLES:
            return []
        chosen = [(made, trace) for made, trace in self.singles if made.mistake.one_sample]
        alone = [self._of_sample(made, trace, n) for made, trace in chosen for n in range(count)]
        traced = [(made, self.pipeline.run_with(self.right, made)) for made in alone]
        return [(made, trace) for made, trace in traced if trace is not None]

    def _of_sample(self, made: Made, trace: Trace[LossView], n: int) -> Made:
        """A mistake that sample n has alone: its loss is the mistaken one, all others are right."""
        right, wrong = self.losses(self.right), self.losses(trace)
        losses, terms = np.array(right.losses), np.array(right.terms)
        losses[n], terms[n] = wrong.losses[n], _signed_terms(wrong)[n]
        return AppliedMistake(
            made.mistake.replace(stage="losses"),
            _name_with_sample(made, right, n),
            lambda view: view.changed(losses=losses, terms=terms),
        )

    # --- rounding -------------------------------------------------------------------------------------------------

    def with_carried_terms(self) -> Iterator[Finding]:
        """The right method, if its terms rounded to the claim's digits add up to the claim."""
        if self.evidence.digits <= CARRIED:
            yield from self._of_right(as_carried, LIKELY)

    def with_rounded_terms(self) -> Iterator[Finding]:
        """The right method, or one mistake, whose terms all rounded (or all cut) on the way give the claim."""
        yield from self._of_right(one_rule_for_all, LIKELY)
        yield from self._of_mistaken(one_rule_for_all, LIKELY, self.evidence.is_enough_for_rounded)

    def with_own_digits(self) -> Iterator[Finding]:
        """The right method, or an everyday mistake, with up to three terms that have digits of their own."""
        yield from self._of_right(own_digits, POSSIBLY)
        yield from self._of_mistaken(own_digits, POSSIBLY, lambda mistake: mistake.common == EVERYDAY)

    def _of_right(self, ways: Ways, says: str) -> Iterator[Finding]:
        """The right method under a rule of rounding."""
        if (found := self._rounded(self.right, ways)) is not None:
            yield Finding(f"{ROUNDED}, {found.how}", found.value, says, ("M42",), KEEP_DIGITS)

    def _of_mistaken(
        self, ways: Ways, says: str, is_looked_for: Callable[[Mistake[LossView]], bool]
    ) -> Iterator[Finding]:
        """One mistake under a rule of rounding."""
        for made, trace in [*self.singles, *self._with_one_sample()]:
            if not (is_looked_for(made.mistake) and self._may_be_rounded(made, trace)):
                continue
            if (found := self._rounded(trace, ways)) is not None:
                one = finding_of([made], found.value)
                name, advice = f"{one.mistake}, {ROUNDED}, {found.how}", f"{one.advice} {KEEP_DIGITS}"
                yield one.replace(mistake=name, says=says, advice=advice)

    def _may_be_rounded(self, made: Made, trace: Trace[LossView]) -> bool:
        """Whether a mistake leaves a sum of terms, and gives another answer than the right one."""
        is_sum = made.mistake.is_sum and not (made.mistake.is_part or made.mistake.is_rounding)
        return is_sum and not is_same(self.pipeline.answer(trace[-1]), self.answer)

    def _rounded(self, trace: Trace[LossView], ways: Ways) -> RoundedSum | None:
        """The claimed value, if the terms of a trace can be rounded so that they come to it."""
        entry, view = self.claim.number, trace[-1][0]
        is_sum = np.ndim(view.value) == 0 and view.quantity != "perplexity" and not self.is_of_models
        if entry is None or entry.exact is None or not is_sum:
            return None
        by_class = view.sample_weights[:, None] * _signed_terms(self.losses(trace))
        for terms in _ways_to_add(by_class):
            total = math.fsum(terms) if all(map(math.isfinite, terms)) else 0.0
            scale = float(view.value) / total if total else 0.0
            for found in ways(terms, scale, entry.decimals):
                if entry.holds(found.value):
                    return found
        return None


def _moved(answers: list[Value]) -> Iterator[tuple[str, list[Value]]]:
    """The answers of models with one in another one's place, or two exchanged."""
    for i, j in permutations(range(len(answers)), 2):
        moved = [*answers[:i], answers[j], *answers[i + 1 :]]
        yield f"for model {i + 1} the value of model {j + 1}", moved
        if i < j:
            yield f"models {i + 1} and {j + 1} exchanged", [*moved[:j], answers[i], *moved[j + 1 :]]


def _ways_to_add(by_class: Array) -> list[list[float]]:
    """The terms that are added up: of every sample and class, or the losses of the samples."""
    each, losses = (
        [float(term) for term in np.ravel(part) if term != 0] for part in (by_class, np.sum(by_class, axis=-1))
    )
    return [each] if len(each) == len(losses) else [each, losses]


def _signed_terms(view: LossView) -> Array:
    """The terms of a view past its losses, with the sign and the like that its losses alone have."""
    sums = np.sum(view.terms, axis=-1)
    factor = np.where(sums == 0, 1.0, view.losses / np.where(sums == 0, 1.0, sums))
    return view.terms * factor[:, None]


def _name_with_sample(made: Made, view: LossView, n: int) -> str:
    """What to call a mistake that one sample has."""
    name = view.sample_name(n)
    return f"for {name}{',' if ',' in name else ''} {made.mistake.one_sample.format(made.name)}"
