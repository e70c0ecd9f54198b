"""The walk: predictions, their target and their weights together, n samples at a time, checked.

Memory does not grow with the input. A vector typed in the terminal is a walk of one step, so that it and a long dump run the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from itertools import chain
from typing import Any

from cecli.errors import InputError, UsageError, distinct_names
from cecli.maths.namespace import Array, namespace
from cecli.reading import checks
from cecli.reading.slips import SWAPPED
from cecli.reading.sources import Rows, Source
from cecli.record import Record, computed_once
from cecli.running.batches import Batch, Step
from cecli.running.execution import Execution
from cecli.running.left_out import without_missing
from cecli.running.memory import keep_freed_memory
from cecli.running.options import Options
from cecli.running.streams import ONE_EACH, PredictionStream, stream_of
from cecli.running.targets import TargetReader, WeightReader, target_reader, weightless_error

LABELS = "the prediction is one value for each sample, as labels are, and the target is rows of classes"
BATCH_VALUES = 2**17
"""Numbers in a batch: 1 MB of float64, which stays in cache."""

LARGE_BATCH_BYTES = 2**22
"""The size of a batch of large arrays, for which threads would else hand over to one another more often than they work."""


class Span(Record):
    """The samples of a part of the input: `samples` of them from number `first` on; None for all to the end."""

    first: int = 0
    samples: int | None = None


WHOLE = Span()


class Seen(Record):
    """What a walk must have met in the whole input, whichever part of it that is in; mergeable."""

    samples: int
    weighs: bool
    """Whether there is a weight above 0, or no weights."""

    def __add__(self, other: Seen) -> Seen:
        return Seen(self.samples + other.samples, self.weighs or other.weighs)


class Walk:
    """The steps of all predictions with their target and weights, in order. Sources are read once, and so a walk is gone once."""

    def __init__(
        self,
        predictions: Sequence[Source],
        options: Options,
        execution: Execution,
        target: Source | None = None,
        kind: str | None = None,
        span: Span = WHOLE,
    ) -> None:
        self.predictions, self.options, self.execution = predictions, options, execution
        self.target, self.kind, self.span = target, kind, span
        self.seen: Seen | None = None
        """What was met, once the walk is over."""
        self._steps: Iterator[Step] | None = None
        self._ahead: Step | None = None

    @computed_once
    def streams(self) -> list[PredictionStream]:
        """What holds for all batches of each prediction."""
        return [stream_of(source, self.options, self.kind) for source in self.predictions]

    @computed_once
    def rows_at_once(self) -> int:
        """How many samples a step has; the last one may have fewer."""
        return _rows_at_once(self.streams, self.execution)

    @property
    def sources(self) -> list[Source]:
        """All that is read in step."""
        others = (self.target, self.options.sample_weights)
        return [*self.predictions, *(source for source in others if source is not None)]

    @property
    def together(self) -> int:
        """How many steps must stay together."""
        return 1

    def part(self, span: Span) -> Walk:
        """The walk over some of the samples, whose sources begin there."""
        part = copy(self)
        part.span = span
        return part

    def counted(self) -> Any:
        """What a part must know of the parts before it, as it stands here; None where it need know nothing. Mergeable."""
        return None

    def after(self, counted: Any) -> Walk:  # noqa: ARG002
        """The same part, told what comes before."""
        return self

    def beside(self, step: Step) -> Step:
        """The step with what else stands beside its samples."""
        return step

    def peek(self) -> Step:
        """The first step, which stays there."""
        if self._ahead is None:
            self._steps = self._run()
            self._ahead = next(self._steps)
        return self._ahead

    def __iter__(self) -> Iterator[Step]:
        """The steps."""
        return self._run() if self._ahead is None or self._steps is None else chain([self._ahead], self._steps)

    def _run(self) -> Iterator[Step]:
        """A step waits until the next one is read, so that what is wrong at the end of the input is known before the last
        step is answered; where each line is answered at once it does not wait.
        """
        waiting: Step | None = None
        steps = _Steps(self)
        try:
            while (step := steps.next()) is not None:
                if waiting is not None:
                    yield waiting
                waiting = step
                if self.execution.line_buffered:
                    yield waiting
                    waiting = None
        except InputError:
            if waiting is not None:
                yield waiting
            raise
        self.seen = steps.finish()
        if self.span == WHOLE:
            self.require(self.seen)
        if waiting is not None:
            yield waiting

    def require(self, seen: Seen) -> None:
        """There must have been samples, and a weight above 0."""
        if seen.samples == 0:
            raise InputError(f"{self.predictions[0].name} has no rows")
        if not seen.weighs and self.options.sample_weights is not None:
            raise weightless_error(self.options.sample_weights)


def walk(
    predictions: Sequence[Source],
    options: Options,
    execution: Execution,
    target: Source | None = None,
    kind: str | None = None,
) -> Walk:
    """The walk over all samples; `kind` as in `PredictionStream`."""
    return Walk(predictions, options, execution, target, kind)


class _Steps:
    """What a walk knows of its sources: how far it is, and what is still to be read."""

    def __init__(self, walk: Walk) -> None:
        streams = walk.streams
        self.walk = walk
        self.streams, self.options, self.execution, self.target = streams, walk.options, walk.execution, walk.target
        lead = streams[0]
        for other in streams[1:]:
            checks.same_width(other.width, lead.width, other.source, lead.source)
        if self.target is not None and _look_swapped(self.target, lead):
            both = " and ".join(distinct_names(self.target, lead.source))
            raise UsageError(f"{both} look swapped: {LABELS}", hint=SWAPPED)
        self.rows_at_once, self.span = walk.rows_at_once, walk.span
        _keep_memory(streams, self.rows_at_once)
        self.samples = walk.span.first
        for source in walk.sources:
            source.begin(self.samples)
        self.weights = WeightReader(self.options.sample_weights, lead.source)
        self.targets: TargetReader | None = None
        if self.target is not None and lead.is_binary:
            self.targets = target_reader(self.target, lead, self.options, single=False)
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
        given = [*(stream.source for stream in self.streams), self.target, self.options.sample_weights]
        step = without_missing(step, [source for source in given if source is not None], self.options)
        step = self.walk.beside(step)
        self.samples = first + count
        for observe in self.execution.observers:
            observe(step)
        return step

    def _take(self) -> list[Rows]:
        """The next rows of every source, which must have as many; nothing at the end."""
        if not (rows := self._rows_left()):
            return []
        pieces = [stream.take(rows) for stream in self.streams]
        counts = [0 if rows is None else int(rows.values.shape[0]) for rows in pieces]
        lead = self.streams[0].source
        for stream, count in zip(self.streams, counts, strict=True):
            if count != counts[0]:
                one, other = self.samples + count, self.samples + counts[0]
                raise checks.length_error(one + stream.source.drain(), other + lead.drain(), stream.source, lead)
        return [rows for rows in pieces if rows is not None]

    def _rows_left(self) -> int:
        """How many rows the next step may have."""
        if self.span.samples is None:
            return self.rows_at_once
        return min(self.rows_at_once, self.span.first + self.span.samples - self.samples)

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
            seen=stream.source.seen(),
        )

    def _reader(self, count: int) -> TargetReader | None:
        """The reader of the target, chosen when the first predictions are known: labels or distributions."""
        if self.targets is None and self.target is not None:
            lead = self.streams[0]
            alone = count == 1 and self.rows_at_once > 1 and not self.span.first
            single = lead.is_one_row or alone
            self.targets = target_reader(self.target, lead, self.options, single)
        return self.targets

    def finish(self) -> Seen:
        """What was met; where this is the end of the input nothing may be left of target and weights."""
        if self.span.samples is None and self.samples:
            if self.targets is not None:
                self.targets.finish(self.samples)
            self.weights.finish(self.samples)
        return Seen(self.samples - self.span.first, not self.weights.all_zero)


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
