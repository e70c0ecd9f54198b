"""Batches: what was typed, read or passed, as arrays of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cecli.maths.namespace import Array, count_true, namespace, one_hot
from cecli.record import Record
from cecli.running.streams import PredictionStream


class Batch(Record):
    """Samples in a row: one row of `prediction` each, and one entry of all else that is there.

    A target is either `labels` (class indices) or `target` (rows of the prediction's shape), never both.
    """

    prediction: Array
    stream: PredictionStream
    """Where the samples come from."""
    labels: Array | None = None
    target: Array | None = None
    weights: Array | None = None
    mask: Array | None = None
    """False for samples (or entries) that are left out; None where all count."""
    missing: Array | None = None
    """True for samples with a missing value, which are left out; None where there is none."""
    raw: Array | None = None
    """The predictions before they were rescaled, where that was asked for."""
    first: int = 0
    """The number of the first sample in the whole input."""
    is_large: bool = False
    """Whether it is of an array so large that time counts more than the last digit."""
    looks_probable: bool = False
    """Whether all rows of raw scores look like probabilities."""

    @property
    def samples(self) -> int:
        """How many rows there are."""
        return int(self.prediction.shape[0])

    @property
    def skipped(self) -> int:
        """How many samples have a missing value."""
        return 0 if self.missing is None else count_true(self.missing)

    @property
    def target_rows(self) -> Array:
        """The target as distributions, in the type of the predictions."""
        return rows_of_target(self.labels, self.target, self.prediction)

    def each(self, change: Callable[[Array], Array]) -> Batch:
        """The same samples with every array changed."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return self.replace(**{name: change(array) for name, array in arrays.items() if array is not None})

    def part(self, start: int, stop: int) -> Batch:
        """Some of the samples, counted within the batch."""
        return self.each(lambda array: array[start:stop, ...]).replace(first=self.first + start)


def rows_of_target(labels: Array | None, target: Array | None, prediction: Array) -> Array:
    """A target as distributions, in the type of the prediction beside it."""
    if target is None:
        assert labels is not None
        return one_hot(labels, int(prediction.shape[-1]), prediction)
    return namespace(target).astype(target, prediction.dtype, copy=False)


ARRAYS = ("prediction", "labels", "target", "weights", "mask", "missing", "raw")
"""The fields of a batch that are arrays, or None."""


def joined(batches: Sequence[Batch]) -> Batch:
    """Batches that follow one another, as one."""
    if len(batches) == 1:
        return batches[0]
    columns = {name: [getattr(batch, name) for batch in batches] for name in ARRAYS}
    whole = {name: None if parts[0] is None else namespace(*parts).concat(parts) for name, parts in columns.items()}
    return batches[0].replace(**whole)


class Step(Record):
    """The batches of all predictions for the same samples."""

    batches: Sequence[Batch]

    @property
    def first(self) -> int:
        """The number of the first sample in the whole input."""
        return self.batches[0].first

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.batches[0].samples

    def each(self, change: Callable[[Batch], Batch]) -> Step:
        """The same samples with every batch changed."""
        return Step([change(batch) for batch in self.batches])

    def halves(self) -> tuple[Step, Step]:
        """The samples in two steps."""
        middle = self.samples // 2
        return self.each(lambda batch: batch.part(0, middle)), self.each(
            lambda batch: batch.part(middle, batch.samples)
        )
