"""What stands beside the predictions, read in step with them: labels, distributions, binary targets, weights."""

from __future__ import annotations

from typing import Any, Protocol

from cecli.errors import InputError, UsageError, distinct_names
from cecli.maths.namespace import Array, namespace
from cecli.reading import checks
from cecli.reading.labels import all_numbers, require_number
from cecli.reading.sources import Source
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.streams import PredictionStream, distributions

OF_TARGET = "a target beside one row is a distribution over its classes, or a single label; --normalize rescales counts"
OF_BINARY = "targets of bce are 0 or 1 (or between); class indices belong to xent"


class TargetReader(Protocol):
    """Reads a target in step with its predictions."""

    def take(self, n: int, first: int) -> dict[str, Any]:
        """The fields of a batch that the next n samples give: `labels` or `target`, and `mask` where some are left out."""
        ...

    def finish(self, samples: int) -> None:
        """Nothing of the target may be left after so many samples."""
        ...


def target_reader(source: Source, stream: PredictionStream, options: Options, single: bool) -> TargetReader:
    """The reader for a target beside a stream of predictions; `single` is whether there is one sample alone."""
    if stream.is_binary:
        return _BinaryReader(source, stream, options)
    if _are_labels(source, stream, single):
        return _LabelReader(source, stream, options)
    if options.ignore_index is not None:
        raise UsageError(
            "--ignore-index leaves out labels, and the target is distributions",
            hint="use --sample-weights with 0 instead",
        )
    return _DistributionReader(source, stream, options)


def _are_labels(source: Source, stream: PredictionStream, single: bool) -> bool:
    """Labels have one dimension fewer than predictions; beside one row of predictions a vector is a distribution."""
    if source.dimensions == 0 or source.are_class_names(stream.classes):
        return True
    if source.dimensions == 1:
        return not single or (source.count == 1 and (stream.width > 1 or not stream.is_one_row))
    return source.is_column and stream.width > 1


class _Reader:
    """What the readers of labels and distributions share: as many samples as the predictions have."""

    are_labels = False

    def __init__(self, source: Source, stream: PredictionStream, options: Options) -> None:
        self.source, self.stream, self.options = source, stream, options

    def _next(self, n: int) -> Any:
        raise NotImplementedError

    def _read(self, n: int, first: int) -> Array:
        """The next n values; an error where there are fewer."""
        values: Array | None = self._next(n)
        if values is None or values.shape[0] < n:
            raise self._too_short(0 if values is None else int(values.shape[0]), n, first)
        return values

    def _too_short(self, got: int, n: int, first: int) -> InputError:
        """The error where the target ends before the predictions do."""
        total = first + got + (self.source.drain() if got else 0)
        samples = first + n + self.stream.source.drain()
        hint = None
        if self.are_labels and total == self.stream.width:
            hint = "a distribution is given for each sample: rows separated by ;"
        return checks.length_error(total, samples, self.source, self.stream.source, hint)

    def finish(self, samples: int) -> None:
        """Nothing of the target may be left."""
        if self._next(1) is not None:
            raise checks.length_error(samples + 1 + self.source.drain(), samples, self.source, self.stream.source)


class _LabelReader(_Reader):
    """Class indices; the source gives ignored labels as class 0."""

    are_labels = True

    def _next(self, n: int) -> Array | None:
        return self.source.labels(n, self.stream.classes, self.options.ignore_index)

    def take(self, n: int, first: int) -> dict[str, Any]:
        """The next n labels."""
        ignore, values = self.options.ignore_index, self._read(n, first)
        checks.labels(values, self.stream.width, self.source, ignore, first)
        xp, mask = namespace(values), None
        if ignore is not None:
            ignored = self.source.ignored
            mask = xp.ones_like(values, dtype=xp.bool) if ignored is None else ~ignored
        return {"labels": xp.astype(values, xp.int64, copy=False), "mask": mask}


class _DistributionReader(_Reader):
    """A distribution per sample."""

    def _next(self, n: int) -> Any:
        return self.source.rows(n)

    def take(self, n: int, first: int) -> dict[str, Any]:
        """The next n rows."""
        checks.same_width(self.source.width, self.stream.width, self.source, self.stream.source)
        rows = self._next(n)
        if rows is None or rows.values.shape[0] < n:
            raise self._too_short(0 if rows is None else int(rows.values.shape[0]), n, first)
        return {"target": distributions(rows, self.source, self.options, first, OF_TARGET)}


class _BinaryReader(_Reader):
    """0/1 (or soft) targets of binary predictions, of the same shape as these."""

    def __init__(self, source: Source, stream: PredictionStream, options: Options) -> None:
        super().__init__(source, stream, options)
        is_one_each = source.is_column or (stream.width == 2 and source.dimensions == 1 and source.width != 2)
        if stream.width > 1 and is_one_each:
            has = f" has {stream.width} columns, and "
            own, target = distinct_names(stream.source, source)
            says = f"{own}{has}{target if target != own else 'the target'} one value per sample"
            raise InputError(says, hint=stream.source.column_hint(is_whole=False))
        if not stream.is_vector:
            checks.same_width(source.width, stream.width, source, stream.source)
        elif source.dimensions == 2 and not source.is_column:
            raise InputError(
                f"rows of {source.width} values in {', one value per sample in '.join(distinct_names(source, stream.source))}",
                place=source.whole(),
                hint=source.column_hint(is_whole=True),
            )
        names = stream.classes
        self.by_name = bool(stream.is_vector and names and (source.are_class_names(names) or all_numbers(names)))
        """Whether the names of two classes, no and yes, stand for 0 and 1."""

    def _next(self, n: int) -> Array | None:
        """The next n samples."""
        source, stream = self.source, self.stream
        if not stream.is_vector:
            rows = source.rows(n)
            return None if rows is None else rows.values
        values = source.labels(n, stream.classes, self.options.ignore_index) if self.by_name else source.vector(n)
        return None if values is None else namespace(values).reshape(values, (-1, 1))

    def take(self, n: int, first: int) -> dict[str, Any]:
        """The next n samples' targets, and which of them count."""
        values, mask = self._masked(self._read(n, first))
        checks.entries(values, self.source, first, hint=OF_BINARY, what="a binary target")
        return {"target": values, "mask": mask}

    def _masked(self, values: Array) -> tuple[Array, Array | None]:
        """Values with 0 in place of those that are ignored, and which are not."""
        ignore, xp = self.options.ignore_index, namespace(values)
        if ignore is None:
            return values, None
        if self.by_name:
            ignored = self.source.ignored
            return values, None if ignored is None else (~ignored)[:, None]
        require_number(ignore, float(values[0, 0]))
        if isinstance(ignore, str):  # `NA`: what is missing is what is ignored
            missing, self.source.missing = self.source.missing, None
            return values, None if missing is None else (~missing)[:, None]
        mask = values != ignore
        return xp.where(mask, values, xp.zeros_like(values)), mask


# --- weights ------------------------------------------------------------------------------------------------------


class WeightReader:
    """Reads the sample weights in step with the predictions."""

    def __init__(self, source: Source | None, predictions: Source) -> None:
        self.source, self.predictions = source, predictions
        self.all_zero = source is not None

    def take(self, n: int, first: int) -> Array | None:
        """The weights of the next n samples."""
        if self.source is None:
            return None
        values = self.source.vector(n)
        got = 0 if values is None else int(values.shape[0])
        if values is None or got < n:
            total = first + got + (self.source.drain() if got else 0)
            raise checks.weight_count_error(total, first + n + self.predictions.drain(), self.source, "samples")
        checks.weights(values, self.source, first, by_sample=True)
        self.all_zero = self.all_zero and not bool(namespace(values).any(values > 0))
        return values

    def finish(self, samples: int) -> None:
        """No weight may be left."""
        if self.source is None:
            return
        if self.source.vector(1) is not None:
            total = samples + 1 + self.source.drain()
            raise checks.weight_count_error(total, samples, self.source, "samples")


def class_weights(options: Options, execution: Execution, classes: int) -> Array | None:
    """The class weights, checked, where the work is done."""
    source = options.class_weights
    if source is None:
        return None
    values = source.vector(classes + 1)
    got = 0 if values is None else int(values.shape[0])
    if got != classes or values is None:
        raise checks.weight_count_error(got + source.drain(), classes, source, "classes")
    checks.weights(values, source)
    if not bool(namespace(values).any(values > 0)):
        raise InputError(f"{source.name} are all 0, so no class counts", place=source.whole())
    return execution.placed(values)


def weightless_error(weights: Source) -> InputError:
    """The error where all weights are 0."""
    return InputError(f"{weights.name} are all 0, so no sample counts", place=weights.whole())


def nothing_left() -> InputError:
    """The error where every sample was left out."""
    return InputError("no sample is left", hint="--ignore-index or --skip-missing leaves all of them out")
