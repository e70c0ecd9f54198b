"""The working of `calibrate`: the slope of every sample's loss."""

from __future__ import annotations

from cecli.maths.temperature import temperature_terms
from cecli.quantities.calibration import Calibration
from cecli.report import Step
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.running.recorder import SHOWN_FIRST
from cecli.working import calibration as working
from cecli.working.losses import Reduction
from cecli.working.samples import Sample
from cecli.working.shown_rows import Shown, floats, softmaxed, typed


def calibration(shown: Shown) -> list[Step]:
    """The slopes at the temperature found, and that their mean is 0."""
    found: Calibration = shown.result
    tempered = shown.options.replace(temperature=found.temperature, logits=True)
    slopes = [_slope(batch, sample, shown, tempered) for batch, sample in shown.samples()]
    counted = [each for each in slopes if each.sample.counts]
    weights = [each.sample.weight for each in counted if each.sample.weight is not None]
    mean = Reduction(
        "mean",
        [each.value for each in counted],
        weights or None,
        None,
        found.samples.number - found.samples.ignored,
        sum(each.sample.number <= SHOWN_FIRST for each in counted),
        0.0,
        symbol="g",
    )
    return working.calibration(slopes, found.temperature, mean)


def _slope(batch: Batch, sample: Sample, shown: Shown, options: Options) -> working.Slope:
    """A sample's slope with respect to β."""
    target = batch.target_rows
    terms = temperature_terms(target, batch.prediction, options.temperature)
    own = typed(shown.target, batch.first, target, not options.normalize) if batch.labels is None else None
    return working.Slope(sample, softmaxed(batch, options), own, floats(terms.slope)[0] * options.temperature)
