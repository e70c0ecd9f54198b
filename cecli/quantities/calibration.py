"""`calibrate`: the temperature that minimises the cross-entropy of softmax(z / T).

The logits are kept in memory, since every step of the search passes over all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from cecli.errors import InputError
from cecli.maths.information import surprisal
from cecli.maths.namespace import Array, count_true, namespace
from cecli.quantities.summary import Answer, skipped_field
from cecli.quantities.temperature_sums import Fit, Limits, Scatter, fit_batch, limits_of, scatter_batch
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Column, Data, Given, Report, Table
from cecli.running.batches import Batch, Step
from cecli.running.driver import Held, held
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.running.streams import PredictionStream
from cecli.running.targets import nothing_left
from cecli.running.walk import walk

MOST_BYTES = 2**30
"""The logits and targets that are kept in memory."""

SMALLEST, LARGEST = 2.0**-1022, 2.0**1022
"""Temperatures beyond these are none that float64 logits could ask for."""

MOST_PASSES = 200
CLOSE = 1e-9
"""A step this small, that halves no more, is the rounding of the sums."""

ROUNDING = 32 * 2.0**-52
"""What a slope at T = ∞ may be below 0 by rounding alone, as a share of the magnitudes that it is the difference of."""

# --- the samples, kept --------------------------------------------------------------------------------------------


class Counts(Record):
    """What the samples are, apart from their losses; mergeable."""

    samples: int
    ignored: int
    skipped: int
    """Samples with a missing value."""
    some_left: bool
    """Whether any sample counts."""
    largest: float
    """The largest finite logit, whatever its sign."""
    look_probable: bool
    """Whether all logits look like probabilities."""

    @classmethod
    def of(cls, step: Step) -> Counts:
        """Those of a step."""
        batch = step.batches[0]
        mask = batch.mask
        left_out = 0 if mask is None else count_true(~mask)
        some_left = mask is None or bool(namespace(mask).any(mask))
        probable = batch.looks_probable
        return cls(batch.samples, left_out, batch.skipped, some_left, _largest(batch.prediction), probable)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.samples + other.samples,
            self.ignored + other.ignored,
            self.skipped + other.skipped,
            self.some_left or other.some_left,
            max(self.largest, other.largest),
            self.look_probable and other.look_probable,
        )


class Samples(Record):
    """All samples, to be passed over again and again, and the magnitude of their logits."""

    steps: Held
    stream: PredictionStream
    number: int
    ignored: int
    skipped: int
    """Samples with a missing value."""
    scale: float
    """A power of two at least as large as any finite logit (1 where all are 0)."""
    look_probable: bool
    """Whether all logits look like probabilities."""


def read(target: Source, logits: Source, options: Options, execution: Execution, most_bytes: float) -> Samples:
    """Reads everything, up to as many bytes; there must be a sample that counts."""
    kind, size = "calibrated" if options.logits else "probabilities", 0

    def require_room(step: Step) -> None:
        nonlocal size
        size += _bytes(step.batches[0])
        if size > most_bytes:
            raise _too_large(logits, most_bytes)

    walked = walk([logits], options, execution, target, kind)
    steps = held(walked, lambda step: step if options.logits else step.each(with_logits), execution, require_room)
    found: Counts = steps.folded(Counts.of)
    if not found.some_left:
        raise nothing_left()
    scale = 2.0 ** math.frexp(found.largest)[1] if found.largest < LARGEST else LARGEST
    number, ignored = found.samples - found.skipped, found.ignored - found.skipped
    stream = walked.streams[0]
    return Samples(steps, stream, number, ignored, found.skipped, max(scale, SMALLEST), found.look_probable)


def with_logits(batch: Batch) -> Batch:
    """A batch of probabilities with their logarithms as logits: softmax of these is the probabilities again."""
    return batch.replace(prediction=0.0 - surprisal(batch.prediction))


def _bytes(batch: Batch) -> int:
    """What a batch takes in memory; labels hardly count."""
    arrays = [array for array in (batch.prediction, batch.target) if array is not None]
    return sum(math.prod(array.shape) * (8 if str(array.dtype).endswith("64") else 4) for array in arrays)


def _too_large(logits: Source, most_bytes: float) -> InputError:
    return InputError(
        f"{logits.name} takes more than {most_bytes / 2**30:g} GB, and calibrate keeps all logits in memory",
        hint="a sample of the rows is enough for one number: draw some ten thousand",
    )


def _largest(z: Array) -> float:
    xp = namespace(z)
    return float(xp.max(xp.where(xp.isfinite(z), xp.abs(z), xp.zeros_like(z))))


# --- the search ---------------------------------------------------------------------------------------------------


class Calibration(Record):
    """The best temperature, and the samples at T = 1 and there."""

    samples: Samples
    temperature: float
    before: Fit
    after: Fit
    interval: tuple[float, float] | None
    """Of the temperature, at 95 %; None where there are too few samples."""


def find_temperature(
    target: Source, logits: Source, options: Options, execution: Execution, most_bytes: float = math.inf
) -> Calibration:
    """The temperature that minimises the mean cross-entropy; an error where there is none."""
    samples = read(target, logits, options.replace(logits=not options.probabilities), execution, most_bytes)

    def over_all(work: Callable[[Batch], Any]) -> Any:
        return samples.steps.folded(lambda step: work(step.batches[0]))

    def at(temperature: float) -> Fit:
        found: Fit = over_all(partial(fit_batch, temperature=temperature))
        return found

    limits: Limits = over_all(partial(limits_of, scale=samples.scale))
    before = at(1.0)
    if before.weight.value == 0:
        raise InputError("no sample with a weight above 0 is left, and the mean of no samples is undefined")
    _require_minimum(limits, samples, logits)
    temperature, after = minimum(at, before)
    scatter: Scatter = over_all(partial(scatter_batch, temperature=temperature))
    interval = scatter.interval(temperature, after.curvature.value)
    return Calibration(samples, temperature, before, after, interval)


def _require_minimum(limits: Limits, samples: Samples, logits: Source) -> None:
    """The loss must have a minimum at a temperature between 0 and ∞."""
    if limits.impossible is not None:
        where, index = limits.impossible
        name = samples.stream.class_name(index)
        raise InputError(
            f"{where} gives probability 0 to class {name} at every temperature, and the target expects it",
            hint="the loss is infinite whatever the temperature; leave the sample out, or give it a finite logit",
        )
    if limits.constant:
        raise InputError(
            f"all temperatures are equally good: each row of {logits.name} is constant, so the loss does not depend on T",
            hint="a temperature needs logits that differ",
        )
    if limits.falling:
        raise InputError(
            "no temperature is best: every target is the largest logit of its row, so the loss keeps falling as T goes to 0",
            hint="calibrate on samples that the model was not trained on, with some that it gets wrong",
        )
    if limits.slope.value >= -ROUNDING * limits.size.value:
        raise InputError(
            "no temperature is best: the loss keeps falling as T goes to infinity, because the logits say nothing about the target",
            hint="are the labels and the classes in the same order? equal probabilities do better than these logits",
        )


def minimum(at: Callable[[float], Fit], start: Fit) -> tuple[float, Fit]:
    """The root of the slope, from T = 1 on: Newton's steps in β = 1/T, held within the bracket known so far.

    The slope rises with β, so every pass tells on which side the root is. Where a step leaves the bracket, or the last one did
    not halve the distance, the bracket is halved (in log T) instead; where one end is still unknown, T is doubled, then
    quadrupled, and so on.
    """
    temperature, fit = 1.0, start
    low, high, factor, before = 0.0, math.inf, 2.0, math.inf
    for _ in range(MOST_PASSES):
        slope = fit.slope.value
        newton = temperature / fit.newton if fit.newton > 0 else math.nan
        step = abs(newton / temperature - 1)
        if slope == 0 or step <= 2.0**-53 or before / 2 <= step < CLOSE:
            return temperature, fit
        low, high = (temperature, high) if slope > 0 else (low, temperature)
        if low > 0 and high < math.inf:
            good = low < newton < high and step <= before / 2
            following = newton if good else math.sqrt(low) * math.sqrt(high)
        else:
            reach = _reach(temperature, factor if slope > 0 else 1 / factor)
            good = min(temperature, reach) < newton < max(temperature, reach)
            following, factor = (newton, factor) if good else (reach, factor * factor)
        if following in (low, high, temperature):
            return temperature, fit
        before = step if good else math.inf
        temperature, fit = following, at(following)
    return temperature, fit


def _reach(temperature: float, factor: float) -> float:
    """The temperature times a factor, within what float64 can hold with room to spare."""
    reach = min(max(temperature * factor, SMALLEST), LARGEST)
    if reach == temperature:
        end = "0" if temperature < 1 else "infinity"
        raise InputError(f"no temperature within float64 is best: it goes to {end}", hint="are these logits?")
    return reach


# --- the report ---------------------------------------------------------------------------------------------------


def calibrate(target: Source, logits: Source, options: Options, execution: Execution) -> Answer:
    """`calibrate`: the temperature, with the cross-entropy and the perplexity before and after."""
    found = find_temperature(target, logits, options, execution, MOST_BYTES)
    samples = found.samples
    before, after = (_measures(fit, options) for fit in (found.before, found.after))
    interval = None if found.interval is None else [*found.interval]
    fields: dict[str, Any] = {"interval": interval, "before": before, "after": after}
    if options.ignore_index is not None:
        fields["ignored"] = samples.ignored
    fields |= skipped_field(samples.skipped, options)
    report = Report(
        "calibrate",
        found.temperature,
        samples.number,
        options.described(
            *settings_of("calibrate"),
            classes=samples.stream.classes,
            device=execution.device,
        ),
        fields=fields,
        tables=[_table(found, before, after, options)],
        sentences=[_sentence(found)],
        data=_data(found, before, after),
        notes=samples.stream.notes(samples.look_probable, samples.skipped),
    )
    return Answer(report, found)


def _data(found: Calibration, before: dict[str, Any], after: dict[str, Any]) -> Data:
    """One row, for CSV."""
    measures = {f"{name}_{when}": each[name] for name in ("cross_entropy", "perplexity") for when, each in (("before", before), ("after", after))}  # fmt: skip
    columns = ("temperature", "interval_low", "interval_high", *measures)
    return Data(columns, [(found.temperature, *(found.interval or (None, None)), *measures.values())])


def _measures(fit: Fit, options: Options) -> dict[str, Any]:
    loss = fit.mean / options.base.ln
    return {"cross_entropy": loss, "unit": options.base.unit, "perplexity": options.base.power(loss)}


def _table(found: Calibration, before: dict[str, Any], after: dict[str, Any], options: Options) -> Table:
    n = found.samples.number
    columns = [Column("1 sample" if n == 1 else f"{n} samples", "left"), Column("before"), Column("calibrated")]
    rows = [
        ("temperature T", 1, found.temperature),
        ("its 95 % interval", None, None if found.interval is None else Given(found.interval)),
        (f"cross-entropy, mean ({options.base.unit})", before["cross_entropy"], after["cross_entropy"]),
        ("perplexity", before["perplexity"], after["perplexity"]),
    ]
    return Table(columns, rows)


def _sentence(found: Calibration) -> str:
    """What the temperature says of the model: as much as its interval lets it."""
    if found.temperature == 1:
        return "The model is as sure as it should be: T = 1 changes nothing."
    if found.interval is None:
        return "These are too few samples to tell whether the model is too sure of itself, or not sure enough."
    low, high = found.interval
    if low > 1:
        return "The model is too sure of itself: T above 1 flattens its probabilities. Which class is the largest stays the same."
    if high < 1:
        return "The model is not sure enough: T below 1 sharpens its probabilities. Which class is the largest stays the same."
    return "T = 1 lies within the interval: nothing shows that the model is too sure of itself, or not sure enough."
