"""The working of a sum or a mean: how the losses of the samples become one number."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.expression import UNDERFLOW, Expression, Number, Quotient, Symbol, Underflowed
from cecli.quantities.summary import LossSummary
from cecli.record import Record
from cecli.report import Step
from cecli.running.recorder import SHOWN_FIRST
from cecli.working.samples import Sample
from cecli.working.writing import gapped, times, titled, total

WEIGHTS = "s is the weight of a sample."


class Reduction(Record):
    """The losses that are shown, their weights, how many there are, and what comes out."""

    how: str
    losses: Sequence[float]
    """Of the samples that are shown and count."""
    weights: Sequence[Number] | None
    """The samples' weights; None where all are 1."""
    count: int
    """How many count in all."""
    before: int
    """How many of those that are shown stand before those that are not."""
    value: float
    unit: str = ""
    name: str = ""
    symbol: str = "ℓ"
    """What is reduced."""
    denominators: Sequence[float] | None = None
    """What class weights add to the denominator; None where that is the number of samples."""

    @property
    def hidden(self) -> int:
        """How many count and are not shown."""
        return self.count - len(self.losses)

    @property
    def is_plain(self) -> bool:
        """Whether nothing weighs anything."""
        return self.weights is None and self.denominators is None

    @property
    def factors(self) -> Sequence[Number | None]:
        """The weight of every shown sample; None where all are 1."""
        return self.weights if self.weights is not None else [None] * len(self.losses)


def reduction_of_values(values: Sequence[tuple[Sample, float]], how: str, count: int, value: float) -> Reduction:
    """How the values of samples (or entries) become one; those that are left out do not count."""
    counted = [(sample, own) for sample, own in values if sample.counts]
    weights = [sample.weight for sample, _ in counted if sample.weight is not None]
    before = sum(sample.number <= SHOWN_FIRST for sample, _ in counted)
    return Reduction(how, [own for _, own in counted], weights or None, count, before, value)


def reduction_of(values: Sequence[tuple[Sample, float]], summary: LossSummary) -> Reduction:
    """How the values of samples (or entries) become what a summary has."""
    value = 0.0 if summary.reduction == "none" else summary.reduced("loss")
    return reduction_of_values(values, summary.reduction, summary.counted - summary.ignored, value)


def reduced(reduction: Reduction) -> list[Step]:
    """The sum or the mean of the losses; without one, what the weight of a sample makes of its loss."""
    r = reduction
    if r.how == "none":
        return _weighted(r)
    if r.count == 1 and (r.is_plain or (r.how == "sum" and r.weights is None)):
        return []
    value = UNDERFLOW if r.value == 0 and any(isinstance(each, Underflowed) for each in r.losses) else r.value
    weighed = [times(weight, Number(value)) for weight, value in zip(r.factors, r.losses, strict=True)]
    above = gapped(weighed, r.hidden, r.before)
    own = Symbol(r.symbol, "n")
    formula: Expression = total("n", own if r.weights is None else times(Symbol("s", "n"), own))
    if r.how == "mean":
        formula, above = Quotient(formula, _below_in_symbols(r)), Quotient(above, _below(r))
    remark = "" if r.weights is None else WEIGHTS
    return [Step(Symbol(r.name or r.how), (formula, above, Number(value)), r.how, r.unit, remark)]


def _weighted(reduction: Reduction) -> list[Step]:
    """Each loss times the weight of its sample."""
    if reduction.weights is None:
        return []
    pairs = zip(reduction.weights, reduction.losses, strict=True)
    left = times(Symbol("s", "n"), Symbol(reduction.symbol, "n"))
    products = [(times(weight, Number(value)), Number(weight.value * value)) for weight, value in pairs]
    return titled("times the weight of each sample", [Step(left, each, unit=reduction.unit) for each in products])


def _below(reduction: Reduction) -> Expression:
    """What a mean divides by."""
    if reduction.is_plain:
        return Number(float(reduction.count))
    own = [None] * len(reduction.losses) if reduction.denominators is None else map(Number, reduction.denominators)
    parts = [times(weight, each) for weight, each in zip(reduction.factors, own, strict=True)]
    return gapped(parts, reduction.hidden, reduction.before)


def _below_in_symbols(reduction: Reduction) -> Expression:
    """The same in symbols."""
    if reduction.is_plain:
        return Symbol("N")
    weight = None if reduction.weights is None else Symbol("s", "n")
    classes = None if reduction.denominators is None else total("k", times(Symbol("w", "k"), Symbol("p", "nk")))
    return total("n", times(weight, classes))
