"""The first samples of a model, one by one, for the table."""

from __future__ import annotations

from cecli.comparing.model_batches import ModelBatch
from cecli.maths.namespace import Array
from cecli.reading.sources import Source
from cecli.report import Cell, Given, Typed, Verdict
from cecli.running.batches import Batch

SHOWN = 8
"""Samples shown one by one; of more, the summary comes first."""

SHOWN_CLASSES = 5
"""With more classes the sample rows show the probabilities that matter, not all."""

SampleRow = tuple[Cell, ...]
"""The number of a sample, its prediction and target, whether it is right, and what it cost."""


def sample_rows(batch: Batch, model: ModelBatch, target: Source) -> list[SampleRow]:
    """The rows of the samples of a batch that are among the first."""
    return [_row(batch, model, i, target) for i in range(min(SHOWN - batch.first, batch.samples))]


def _row(batch: Batch, model: ModelBatch, i: int, target: Source) -> SampleRow:
    sample = batch.first + i
    are_labels = batch.stream.kind == "labels"
    prediction = (
        batch.stream.class_name(int(model.chosen[i]))
        if are_labels
        else _values(batch.stream.source, batch.prediction, i, sample, int(model.chosen[i]))
    )
    if batch.mask is not None and not bool(batch.mask[i]):
        return (str(sample + 1), prediction, "left out", None, None)
    if batch.labels is not None:
        expected: Cell = batch.stream.class_name(int(batch.labels[i]))
    else:
        assert batch.target is not None
        expected = _values(target, batch.target, i, sample, int(model.expected[i]))
    return (
        str(sample + 1),
        prediction,
        expected,
        Verdict(bool(model.right[i])),
        None if are_labels else float(model.loss[i]),
    )


def _values(source: Source, values: Array, i: int, sample: int, chosen: int) -> Cell:
    """A row of values, as typed where it was; of many classes the chosen one alone."""
    width = int(values.shape[-1])
    shown = range(width) if width <= SHOWN_CLASSES else [chosen]
    more = "" if width <= SHOWN_CLASSES else f" (largest of {width})"
    texts = [source.shown(sample, k) for k in shown]
    if None in texts:
        return Given(tuple(float(values[i, k]) for k in shown), more)
    return Typed(", ".join(text or "" for text in texts) + more)
