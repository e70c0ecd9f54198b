"""The first samples of a model, one by one, for the table."""

from __future__ import annotations

from cecli.comparing.model_batches import ModelBatch
from cecli.maths.namespace import Array
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Cell, Given, Typed, Verdict
from cecli.running.batches import Batch

SHOWN_CLASSES = 5
"""With more classes the sample rows show the probabilities that matter, not all."""


class SampleRow(Record):
    """A sample as a table shows it."""

    number: str
    prediction: Cell
    predicted: str | None
    """The name of the predicted class; None where the sample is left out."""
    target: Cell
    right: Verdict | None
    loss: float | None
    by_name: bool
    """Whether classes have names, or the target is one: else the row shows the class by its place alone."""


def sample_rows(batch: Batch, model: ModelBatch, target: Source, count: int) -> list[SampleRow]:
    """The rows of the samples of a batch that are among the first `count`."""
    return [_row(batch, model, i, target) for i in range(min(count - batch.first, batch.samples))]


def _row(batch: Batch, model: ModelBatch, i: int, target: Source) -> SampleRow:
    sample = batch.first + i
    are_labels = batch.stream.kind == "labels"
    prediction = (
        batch.stream.class_name(int(model.chosen[i]))
        if are_labels
        else _values(batch.stream.source, batch.prediction, i, sample, int(model.chosen[i]))
    )
    by_name = not are_labels and (batch.labels is not None or batch.stream.classes is not None)
    if batch.mask is not None and not bool(batch.mask[i]):
        return SampleRow(str(sample + 1), prediction, None, "left out", None, None, by_name)
    if batch.labels is not None:
        expected: Cell = batch.stream.class_name(int(batch.labels[i]))
    else:
        assert batch.target is not None
        expected = _values(target, batch.target, i, sample, int(model.expected[i]))
    predicted, right = batch.stream.class_name(int(model.chosen[i])), Verdict(bool(model.right[i]))
    loss = None if are_labels else float(model.loss[i])
    return SampleRow(str(sample + 1), prediction, predicted, expected, right, loss, by_name)


def _values(source: Source, values: Array, i: int, sample: int, chosen: int) -> Cell:
    """A row of values, as typed where it was; of many classes the chosen one alone."""
    width = int(values.shape[-1])
    shown = range(width) if width <= SHOWN_CLASSES else [chosen]
    more = "" if width <= SHOWN_CLASSES else f" (largest of {width})"
    texts = [source.shown(sample, k) for k in shown]
    if None in texts:
        return Given(tuple(float(values[i, k]) for k in shown), more)
    return Typed(", ".join(text or "" for text in texts) + more)
