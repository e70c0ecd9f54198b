"""Batches: what was typed, read or passed, as arrays of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cecli.maths.namespace import Array, count_true, namespace, one_hot
from cecli.reading.sources import SeenSamples
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
    """Whether its array is so large that time counts more than the last digit."""
    looks_probable: bool = False
    """Whether all rows of raw scores look like probabilities."""
    seen: SeenSamples | None = None
    """What knows where each of them stands."""

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
    batches = [_with_masks(batch, batches) for batch in batches]
    columns = {name: [getattr(batch, name) for batch in batches] for name in ARRAYS}
    whole = {name: None if parts[0] is None else namespace(*parts).concat(parts) for name, parts in columns.items()}
    return batches[0].replace(**whole)


def _with_masks(batch: Batch, others: Sequence[Batch]) -> Batch:
    """A batch of which all samples count, with the masks that some of the others have."""
    for name, each in (("mask", True), ("missing", False)):
        like = next((mask for other in others if (mask := getattr(other, name)) is not None), None)
        if like is not None and getattr(batch, name) is None:
            xp = namespace(like)
            batch = batch.replace(**{name: xp.full((batch.samples, *like.shape[1:]), each, dtype=xp.bool)})
    return batch


class Step(Record):
    """The batches of all predictions for the same samples."""

    batches: Sequence[Batch]
    clusters: np.ndarray | None = None
    """What each sample belongs to, where some belong together."""
    slice: str | None = None
    """The value that all samples have in the column of `--by`; None for samples of any."""
    slices: tuple[Step, ...] = ()
    """The samples of each slice, of this step and those before it."""

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
        slices = tuple(step.each(change) for step in self.slices)
        return self.replace(batches=[change(batch) for batch in self.batches], slices=slices)

    def halves(self) -> tuple[Step, Step]:
        """The samples in two steps."""
        middle = self.samples // 2
        return self.part(0, middle), self.part(middle, self.samples).replace(slices=self.slices)

    def part(self, start: int, stop: int) -> Step:
        """Some of the samples, counted within the step."""
        clusters = None if self.clusters is None else self.clusters[start:stop]
        batches = [batch.part(start, stop) for batch in self.batches]
        return self.replace(batches=batches, clusters=clusters, slices=())

    def taken(self, places: np.ndarray) -> Step:
        """The samples at some places, counted within the step."""

        def take(array: Array) -> Array:
            xp = namespace(array)
            return xp.take(array, xp.asarray(places), axis=0)

        clusters = None if self.clusters is None else self.clusters[places]
        batches = [batch.each(take) for batch in self.batches]
        return self.replace(batches=batches, clusters=clusters, slices=())
