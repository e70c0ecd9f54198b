"""The working of `calibrate`: the slope of every sample's loss at the temperature found, and that their mean is 0."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.expression import Expression, Number, Symbol
from cecli.record import Record
from cecli.report import Step
from cecli.working import preparing
from cecli.working.losses import Reduction, reduced
from cecli.working.samples import Sample, Softmaxed
from cecli.working.writing import LEFT_OUT, Numbers, added, exponential, indexed, minus, skipped, times, titled, total

q, p, z = indexed("q"), indexed("p"), indexed("z")
NEARLY_0 = Number(0.0, approximate=True)
WHY = (
    "g is the slope of a sample's cross-entropy in 1/T: the mean logit under the prediction less that under the target. "
    "The cross-entropy is convex in 1/T, so it is least where the mean of the slopes is 0."
)


class Slope(Record):
    """One sample at the temperature found."""

    sample: Sample
    softmax: Softmaxed
    target: Numbers | None
    """None for a label."""
    value: float


def calibration(found: Sequence[Slope], temperature: float, mean: Reduction) -> list[Step]:
    """The slopes, their mean, and the temperature."""
    difference = minus(total("k", times(q("k"), z("k"))), total("k", times(p("k"), z("k"))))
    formula = Step(Symbol("g", "n"), (difference,), remark=WHY)
    steps = titled("the slope of each loss", [preparing.softmax_formula("q", tempered=True), formula])
    for each in found:
        steps += [*skipped(each.sample.hidden), *titled(each.sample.title or "the sample", _slope(each))]
    steps += [step.replace(chain=(*step.chain[:-1], NEARLY_0)) for step in reduced(mean)]
    return [*steps, Step(Symbol("T"), (Number(temperature),), "temperature")]


def _slope(each: Slope) -> list[Step]:
    """One sample: its probabilities, and its slope."""
    if not each.sample.counts:
        return [Step(Symbol("g", each.sample.index), (LEFT_OUT,))]
    found, label = each.softmax, each.sample.label
    shares = [found.share(k) for k in range(len(found.z))]
    predicted = added([times(share, own) for share, own in zip(shares, found.z, strict=True)])
    expected: Expression = Number(0.0)
    if each.target is not None:
        expected = added([times(own, logit) for own, logit in zip(each.target, found.z, strict=True)])
    elif label is not None:
        expected = found.z[label]
    exponents = Step(total("j", exponential(preparing.lead("j", tempered=True))), (found.exponents(), found.whole))
    slope = Step(Symbol("g", each.sample.index), (minus(predicted, expected), Number(each.value, approximate=True)))
    return [exponents, slope]
