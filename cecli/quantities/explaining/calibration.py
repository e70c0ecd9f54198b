"""The working of `calibrate`: the slope of every sample's loss."""

from __future__ import annotations

from cecli.maths.temperature import temperature_terms
from cecli.quantities.calibration import Calibration
from cecli.quantities.explaining.kept import SHOWN_FIRST, Kept
from cecli.quantities.explaining.rows import floats, samples, softmaxed, typed
from cecli.report import Report
from cecli.running.batches import Input
from cecli.running.options import Settings
from cecli.working import calibration as working
from cecli.working.losses import Reduction
from cecli.working.samples import Sample


def calibration(report: Report, kept: Kept, settings: Settings, found: Calibration) -> Report:
    """The report with its working. No mistake is looked for in a temperature, so there is no question."""
    if not kept.working:
        return report
    tempered = settings.replace(temperature=found.temperature, logits=True)
    slopes = [_slope(part, sample, kept, tempered) for part, sample in samples(kept, tempered)]
    counted = [each for each in slopes if each.sample.kept]
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
    return report.replace(steps=working.calibration(slopes, found.temperature, mean))


def _slope(part: Input, sample: Sample, kept: Kept, settings: Settings) -> working.Slope:
    """A sample's slope with respect to β."""
    block, index = part.block, sample.number - 1
    target = block.target_rows
    terms = temperature_terms(target, block.prediction, settings.temperature)
    own = typed(kept.target, index, target, not settings.normalize) if block.labels is None else None
    value = floats(terms.slope)[0] * settings.temperature
    return working.Slope(sample, softmaxed(part, index, settings), own, value)
