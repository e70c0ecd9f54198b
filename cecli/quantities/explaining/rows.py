"""A sample's values as numbers: as they were typed where they were, and what the maths returned for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cecli.expression import Number
from cecli.maths.namespace import Array, namespace
from cecli.maths.softmax import softmax, softmax_terms
from cecli.quantities.evaluation import as_list
from cecli.quantities.explaining.kept import Kept, Shown
from cecli.reading.sources import Source
from cecli.running.batches import Input
from cecli.running.options import Settings
from cecli.working.samples import Preparation, Sample, Softmaxed
from cecli.working.writing import computed

DEFAULTS = {"label_smoothing": 0, "pos_weight": 1, "focal": 0, "eps": None, "temperature": 1}


def floats(values: Array) -> list[float]:
    """The one row of an array (or the array, where it has one axis) as floats."""
    found = as_list(values if len(values.shape) == 1 else values[0, ...])
    return [float("nan") if value is None else float(value) for value in found]


def typed(source: Source | None, sample: int, values: Array, unchanged: bool = True) -> list[Number]:
    """A row of values: as they were typed, if nothing changed them since."""
    texts = [
        source.shown(sample, k) if source is not None and unchanged else None for k in range(int(values.shape[-1]))
    ]
    return [Number(value, text) for value, text in zip(floats(values), texts, strict=True)]


def sample_of(shown: Shown, kept: Kept, settings: Settings, model: int = 0) -> Sample:
    """The sample, as the working calls it."""
    part = shown.inputs[model]
    block, plan = part.block, part.plan
    classes = [plan.class_name(k) for k in range(plan.width)]
    weight = None
    if block.weights is not None:
        value = float(block.weights[0])
        weight = Number(
            value, None if settings.sample_weights is None else settings.sample_weights.shown(shown.sample, 0)
        )
    return Sample(
        shown.sample + 1,
        classes,
        alone=kept.samples == 1,
        label=None if block.labels is None else int(block.labels[0]),
        kept=is_kept(block.kept),
        weight=weight,
        hidden=kept.hidden if shown.sample == kept.samples - 1 else 0,
    )


def samples(kept: Kept, settings: Settings, model: int = 0) -> list[tuple[Input, Sample]]:
    """The samples that the working shows, as a model predicts them."""
    return [(shown.inputs[model], sample_of(shown, kept, settings, model)) for shown in kept.shown]


def is_kept(kept: Array | None) -> bool:
    """Whether a sample counts: false if every entry of it was left out."""
    return kept is None or bool(namespace(kept).any(kept))


def prediction(part: Input, sample: int) -> tuple[list[Number], list[Preparation]]:
    """A row of predictions as it is used before the logits or the clipping, and how it was rescaled."""
    values = part.block.prediction
    source = part.plan.source
    if part.raw is None:
        return typed(source, sample, values), []
    return computed(floats(values)), [Preparation("normalize", typed(source, sample, part.raw), floats(values))]


def softmaxed(part: Input, sample: int, settings: Settings) -> Softmaxed:
    """A row of logits with the parts of its softmax."""
    values = part.block.prediction
    terms = softmax_terms(values, settings.temperature)
    top = floats(namespace(values).astype(terms.top, values.dtype)).index(1.0)
    return Softmaxed(
        typed(part.plan.source, sample, values),
        option(settings, "temperature"),
        top,
        floats(terms.exponential),
        floats(softmax(terms)),
        float(terms.others[0, 0]),
    )


def option(settings: Settings, name: str) -> Number | None:
    """An option's number, as it was typed where it was; None where it is the default, which changes nothing."""
    value = getattr(settings, name)
    return None if value is None or value == DEFAULTS[name] else Number(value, settings.typed[name])


def typed_weights(weights: Array, settings: Settings) -> list[Number]:
    """The class weights as they were typed."""
    source = settings.class_weights
    texts = [None if source is None else source.shown(k, 0) for k in range(int(weights.shape[0]))]
    return [Number(value, text) for value, text in zip(floats(weights), texts, strict=True)]


def picked(values: Sequence[Any], chosen: Sequence[int]) -> list[Any]:
    """Some entries of a row."""
    return [values[k] for k in chosen]
