"""A sample's values as numbers: as they were typed where they were, and what the maths returned for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Generic, TypeVar

from cecli.expression import UNDERFLOW, Number
from cecli.maths.namespace import Array, is_finite, namespace
from cecli.maths.softmax import softmax, softmax_terms
from cecli.quantities.summary import as_list
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.running.recorder import SampleRecorder
from cecli.working.samples import Preparation, Sample, Softmaxed
from cecli.working.writing import computed

R = TypeVar("R")
T = TypeVar("T")

DEFAULTS = {"label_smoothing": 0, "pos_weight": 1, "focal": 0, "eps": None, "temperature": 1}


def floats(values: Array) -> list[float]:
    """The one row of an array (or the array, where it has one axis) as floats."""
    row = as_list(values if len(values.shape) == 1 else values[0, ...])
    return [float("nan") if value is None else float(value) for value in row]


def typed(source: Source | None, sample: int, values: Array, unchanged: bool = True) -> list[Number]:
    """A row of values: as they were typed, if nothing changed them since."""
    texts = [
        source.shown(sample, k) if source is not None and unchanged else None for k in range(int(values.shape[-1]))
    ]
    return [Number(value, text) for value, text in zip(floats(values), texts, strict=True)]


class Shown(Record, Generic[R]):
    """What the working of a call starts from: the samples that are shown, and what was computed of all."""

    recorder: SampleRecorder
    options: Options
    target: Source | None
    result: R

    def samples(self, model: int = 0) -> list[tuple[Batch, Sample]]:
        """The samples that are shown, as a model predicts them."""
        return [(shown.batches[model], self._sample(shown.batches[model])) for shown in self.recorder.shown]

    def _sample(self, batch: Batch) -> Sample:
        """The one sample of a batch, as the working calls it."""
        stream, recorder = batch.stream, self.recorder
        return Sample(
            batch.first + 1,
            [stream.class_name(k) for k in range(stream.width)],
            alone=recorder.samples == 1,
            label=None if batch.labels is None else int(batch.labels[0]),
            counts=batch.mask is None or bool(namespace(batch.mask).any(batch.mask)),
            weight=None if batch.weights is None else self._weight(batch.first, float(batch.weights[0])),
            hidden=recorder.hidden if batch.first == recorder.samples - 1 else 0,
        )

    def _weight(self, sample: int, weight: float) -> Number:
        """The weight of a sample, as it was typed where it was."""
        source = self.options.sample_weights
        return Number(weight, None if source is None else source.shown(sample, 0))


def prediction(batch: Batch) -> tuple[list[Number], list[Preparation]]:
    """A row of predictions as it is used before the logits or the clipping, and how it was rescaled."""
    values, source = batch.prediction, batch.stream.source
    if batch.raw is None:
        return typed(source, batch.first, values), []
    return computed(floats(values)), [Preparation("normalize", typed(source, batch.first, batch.raw), floats(values))]


def softmaxed(batch: Batch, options: Options) -> Softmaxed:
    """A row of logits with the parts of its softmax."""
    values = batch.prediction
    terms = softmax_terms(values, options.temperature)
    top = floats(namespace(values).astype(terms.top, values.dtype)).index(1.0)
    possible = [math.inf not in floats(values) and z > -math.inf for z in floats(values)]
    return Softmaxed(
        typed(batch.stream.source, batch.first, values),
        option(options, "temperature"),
        top,
        [*map(underflowed, floats(terms.exponential), possible)],
        [*map(underflowed, floats(softmax(terms)), possible)],
        float(terms.others[0, 0]),
    )


def underflowed(value: float, tiny: bool = True) -> float:
    """A number that was computed; a 0 that is not one as what underflowed."""
    return UNDERFLOW if tiny and value == 0 else value


def are_finite(batch: Batch, options: Options) -> bool:
    """Whether a row has several logits, all finite, so that no class is certain or impossible."""
    values = batch.prediction
    return options.logits and options.eps is None and int(values.shape[-1]) > 1 and is_finite(values)


def option(options: Options, name: str) -> Number | None:
    """An option's number, as it was typed where it was; None where it is the default, which changes nothing."""
    value = getattr(options, name)
    return None if value is None or value == DEFAULTS[name] else Number(value, options.typed[name])


def typed_weights(weights: Array, options: Options) -> list[Number]:
    """The class weights as they were typed."""
    source = options.class_weights
    texts = [None if source is None else source.shown(k, 0) for k in range(int(weights.shape[0]))]
    return [Number(value, text) for value, text in zip(floats(weights), texts, strict=True)]


def picked(values: Sequence[T], chosen: Sequence[int]) -> list[T]:
    """Some entries of a row."""
    return [values[k] for k in chosen]
