"""The working of `calibrate`: the slope of every sample's loss at the temperature found, and that their mean is 0."""

from __future__ import annotations

from cecli.expression import LEFT_OUT, Apply, Expression, Number, Row, Symbol
from cecli.maths.temperature import temperature_terms
from cecli.quantities.calibration import Calibration, with_logits
from cecli.report import Step
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.working import preparing
from cecli.working.reduction import reduced, reduction_of_values
from cecli.working.samples import Sample
from cecli.working.shown_rows import Shown, floats, prediction, softmaxed, typed
from cecli.working.writing import added, computed, exponential, indexed, minus, skipped, times, titled, total

q, p, z = indexed("q"), indexed("p"), indexed("z")
NEARLY_0 = Number(0.0, approximate=True)
WHY = (
    "g is the slope of a sample's cross-entropy in 1/T: the mean logit under the prediction less that under the target. "
    "The cross-entropy is convex in 1/T, so its minimum is where the mean of the slopes is 0."
)


def calibration(shown: Shown[Calibration]) -> list[Step]:
    """The slopes, their mean, and the temperature."""
    result = shown.result
    options = shown.options.replace(temperature=result.temperature, logits=not shown.options.probabilities)
    difference = minus(total("k", times(q("k"), z("k"))), total("k", times(p("k"), z("k"))))
    formulas = [preparing.softmax_formula("q", tempered=True), Step(Symbol("g", "n"), (difference,), remark=WHY)]
    steps, slopes = titled("the slope of each loss", formulas), []
    for walked, sample in shown.samples():
        batch = with_logits(walked) if options.probabilities else walked
        slope = floats(temperature_terms(batch.target_rows, batch.prediction, result.temperature).slope)[0]
        slopes.append((sample, slope * result.temperature))
        own = _slope(batch, sample, shown, options, slopes[-1][1])
        if options.probabilities:
            own = [_logarithms(walked, batch, sample), *own]
        steps += [*skipped(sample.hidden), *titled(sample.title or "the sample", own)]
    mean = reduction_of_values(slopes, "mean", result.samples.number - result.samples.ignored, 0.0)
    steps += [step.replace(chain=(*step.chain[:-1], NEARLY_0)) for step in reduced(mean.replace(symbol="g"))]
    return [*steps, Step(Symbol("T"), (Number(result.temperature),), "temperature")]


def _logarithms(walked: Batch, batch: Batch, sample: Sample) -> Step:
    """The logits of a sample whose probabilities are given: their logarithms."""
    logarithms = Row(tuple(Apply("ln", (given,)) for given in prediction(walked)[0]))
    return Step(Symbol("z", sample.index), (logarithms, Row(tuple(computed(floats(batch.prediction))))))


def _slope(batch: Batch, sample: Sample, shown: Shown[Calibration], options: Options, value: float) -> list[Step]:
    """One sample: its probabilities, and its slope."""
    left = Symbol("g", sample.index)
    if not sample.counts:
        return [Step(left, (LEFT_OUT,))]
    own = softmaxed(batch, options)
    if options.probabilities:
        own = own.replace(z=computed(floats(batch.prediction)))
    predicted = added([times(own.share(k), logit) for k, logit in enumerate(own.z)])
    expected: Expression
    if sample.label is not None:
        expected = own.z[sample.label]
    else:
        target = typed(shown.target, batch.first, batch.target_rows, not options.normalize)
        expected = added([times(share, logit) for share, logit in zip(target, own.z, strict=True)])
    exponents = Step(total("j", exponential(preparing.lead("j", tempered=True))), (own.exponents(), own.whole))
    return [exponents, Step(left, (minus(predicted, expected), Number(value, approximate=True)))]
