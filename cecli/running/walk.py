"""The walk: predictions, their target and their weights together, n samples at a time, checked.

Memory does not grow with the input. A vector typed in the terminal is a walk of one step, so that it and a long dump run the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from cecli.errors import InputError, UsageError
from cecli.maths.namespace import Array, namespace
from cecli.reading import checks
from cecli.reading.slips import SWAPPED
from cecli.reading.sources import Rows, Source
from cecli.running.batches import Batch, Step
from cecli.running.execution import Execution
from cecli.running.memory import keep_freed_memory
from cecli.running.options import Options
from cecli.running.streams import ONE_EACH, PredictionStream, stream_of
from cecli.running.targets import TargetReader, WeightReader, target_reader

LABELS = "the prediction is one value for each sample, as labels are, and the target is rows of classes"
BATCH_VALUES = 2**17
"""Numbers in a batch: 1 MB of float64, which stays in cache."""

LARGE_BATCH_BYTES = 2**22
"""The size of a batch of large arrays, for which threads would else hand over to one another more often than they work."""


def walk(
    predictions: Sequence[Source],
    options: Options,
    execution: Execution,
    target: Source | None = None,
    kind: str | None = None,
) -> Iterator[Step]:
    """The steps of all predictions with their target and weights, in order; `kind` as in `PredictionStream`.

    A step waits until the next one is read, so that what is wrong at the end of the input is known before the last
    step is answered; where each line is answered at once it does not wait.
    """
    waiting: Step | None = None
    steps = _Walk([stream_of(source, options, kind) for source in predictions], options, execution, target)
    try:
        while (step := steps.next()) is not None:
            if waiting is not None:
                yield waiting
            waiting = step
            if execution.line_buffered:
                yield waiting
                waiting = None
    except InputError:
        if waiting is not None:
            yield waiting
        raise
    steps.finish()
    if waiting is not None:
        yield waiting


class _Walk:
    """What a walk knows of its sources: how far it is, and what is still to be read."""

    def __init__(
        self, streams: Sequence[PredictionStream], options: Options, execution: Execution, target: Source | None
    ) -> None:
        self.streams, self.options, self.execution, self.target = streams, options, execution, target
        lead = streams[0]
        for other in streams[1:]:
            checks.same_width(other.width, lead.width, other.source, lead.source)
        if target is not None and _look_swapped(target, lead):
            raise UsageError(f"{target.name} and {lead.source.name} look swapped: {LABELS}", hint=SWAPPED)
        self.rows_at_once = _rows_at_once(streams, execution)
        _keep_memory(streams, self.rows_at_once)
        self.weights = WeightReader(options.sample_weights, lead.source)
        self.targets: TargetReader | None = None
        if target is not None and lead.is_binary:
            self.targets = target_reader(target, lead, options, single=False)
        self.samples = 0
        self.probable = [True] * len(streams)
        """Whether all rows of each source so far look like probabilities; once not, they are not looked at again."""

    def next(self) -> Step | None:
        """The next step, checked; None at the end of the predictions."""
        pieces = self._take()
        if not pieces:
            return None
        first, count = self.samples, int(pieces[0].values.shape[0])
        reader, kept = self._reader(count), None
        shared: dict[str, Any] = {}
        if reader is not None and self.options.ignore_index is not None:
            shared = reader.take(count, first)
            kept = shared["mask"]
        batches = [self._batch(rows, i, kept) for i, rows in enumerate(pieces)]
        if reader is not None and not shared:
            shared = reader.take(count, first)
        shared["weights"] = self.weights.take(count, first)
        step = Step([batch.replace(**shared) for batch in batches])
        if (missing := self._missing(kept)) is not None:
            step = step.each(lambda batch: _without(batch, missing))
        self.samples = first + count
        for observe in self.execution.observers:
            observe(step)
        return step

    def _missing(self, kept: Array | None) -> Array | None:
        """The samples of the pieces taken last for which a source has a missing value, of those that `--ignore-index` keeps; None where there is none."""
        given = [*(stream.source for stream in self.streams), self.target, self.options.sample_weights]
        masks = [(source, source.missing) for source in given if source is not None and source.missing is not None]
        if not masks:
            return None
        missing: Array = reduce(or_, [mask for _, mask in masks])
        if kept is None:
            return missing
        xp = namespace(missing)
        kept = kept if len(kept.shape) == 1 else xp.any(kept, axis=1)
        if self.options.skip_missing:
            masks = [(source, source.refused) for source, _ in masks if source.refused is not None]
        if masks and bool(xp.any(wrong := reduce(or_, [mask for _, mask in masks]) & kept)):
            sample = int(xp.argmax(xp.astype(wrong, xp.int64)))
            raise next(source for source, mask in masks if bool(mask[sample])).missing_error(self.samples + sample)
        return missing & kept if bool(xp.any(missing & kept)) else None

    def _take(self) -> list[Rows]:
        """The next rows of every source, which must have as many; nothing at the end."""
        pieces = [stream.take(self.rows_at_once) for stream in self.streams]
        counts = [0 if rows is None else int(rows.values.shape[0]) for rows in pieces]
        lead = self.streams[0].source
        for stream, count in zip(self.streams, counts, strict=True):
            if count != counts[0]:
                one, other = self.samples + count, self.samples + counts[0]
                raise checks.length_error(one + stream.source.drain(), other + lead.drain(), stream.source, lead)
        return [rows for rows in pieces if rows is not None]

    def _batch(self, rows: Rows, i: int, kept: Array | None) -> Batch:
        """Predictions of source i, checked; what `--ignore-index` leaves out need not be right."""
        stream = self.streams[i]
        try:
            values = stream.checked(rows, self.options, self.samples)
        except InputError:
            if kept is None:
                raise
            rows = _without_ignored(rows, kept)
            values = stream.checked(rows, self.options, self.samples)
        self.probable[i] = self.probable[i] and stream.look_probable(values)
        return Batch(
            values,
            stream,
            raw=rows.values if values is not rows.values else None,
            first=self.samples,
            is_large=stream.source.is_large,
            looks_probable=self.probable[i],
        )

    def _reader(self, count: int) -> TargetReader | None:
        """The reader of the target, chosen when the first predictions are known: labels or distributions."""
        if self.targets is None and self.target is not None:
            lead = self.streams[0]
            single = lead.is_one_row or (count == 1 and self.rows_at_once > 1)
            self.targets = target_reader(self.target, lead, self.options, single)
        return self.targets

    def finish(self) -> None:
        """There must have been samples, and nothing may be left of target and weights."""
        if self.samples == 0:
            raise InputError(f"{self.streams[0].source.name} has no rows")
        if self.targets is not None:
            self.targets.finish(self.samples)
        self.weights.finish(self.samples)


def _look_swapped(target: Source, lead: PredictionStream) -> bool:
    """Whether the target is rows of classes, and the prediction one value for each: labels, most likely."""
    are_rows = target.dimensions == 2 and target.width > 1
    return are_rows and lead.width == 1 and not lead.is_binary and lead.kind not in ONE_EACH


def _without_ignored(rows: Rows, kept: Array) -> Rows:
    """Rows with harmless values in the samples, or entries, that `--ignore-index` leaves out."""
    values = rows.values
    xp = namespace(values)
    each = kept if len(kept.shape) == 2 else kept[:, None]
    return rows.replace(values=xp.where(each, values, xp.full_like(values, 1 / max(2, values.shape[1]))))


def _without(batch: Batch, missing: Array) -> Batch:
    """A batch whose samples with missing values do not count."""
    mask = batch.mask if batch.mask is not None else ~missing
    if batch.mask is not None:
        mask = mask & (~missing if len(mask.shape) == 1 else ~missing[:, None])
    elif batch.stream.is_binary:
        mask = namespace(mask).broadcast_to(mask[:, None], batch.prediction.shape)
    return batch.replace(mask=mask, missing=missing)


def _rows_at_once(streams: Sequence[PredictionStream], execution: Execution) -> int:
    """How many samples make a batch: what stays in the processor's cache, or what the device's memory can take."""
    if execution.line_buffered:
        return 1
    values = BATCH_VALUES
    if execution.device is not None:
        values = execution.device.values_at_once()
    elif all(stream.source.is_large for stream in streams) and not execution.streams:
        values = LARGE_BATCH_BYTES // sum(stream.source.bytes_each for stream in streams)
    return max(2, values // max(1, *(stream.values_each for stream in streams)))


def _keep_memory(streams: Sequence[PredictionStream], rows: int) -> None:
    """Has freed memory serve again where a large array is one batch; the driver does for more batches."""
    sources = [stream.source for stream in streams]
    if any(source.is_large and source.count is not None and source.count <= rows * source.width for source in sources):
        keep_freed_memory()
