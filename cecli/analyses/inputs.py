"""Sources become checked blocks: which values are labels, which are distributions, and do they fit together.

`steps` walks through the predictions and their target together, n samples at a time, so that memory does not grow with the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

from cecli import checks
from cecli.analyses.running import placed
from cecli.analyses.settings import Settings
from cecli.blocks import BLOCK_VALUES, LARGE_BLOCK_BYTES, Block, keep_freed_memory
from cecli.errors import InputError, UsageError
from cecli.maths.exact import exact_sum
from cecli.maths.namespace import Array, namespace, within_0_and_1
from cecli.reading.labels import all_numbers
from cecli.reading.sources import Rows, Source
from cecli.record import Record

ONE_VALUE = "a row of one value: for a single probability per sample use bce"
OF_TARGET = "a target beside one row is a distribution over its classes, or a single label; --normalize rescales counts"
ONE_CLASS = "one class always has probability 1; for a single score per sample use bce"
AGAIN = {
    "softmax": "softmax was meant for raw scores",
    "logits": "softmax is taken of them again",
    "sigmoid": "the sigmoid is taken of them again",
}


# --- one prediction source ----------------------------------------------------------------------------------------


class Plan:
    """What holds for all blocks of one prediction source; the notes come when all were seen."""

    def __init__(
        self,
        source: Source,
        classes: tuple[str, ...] | None,
        kind: str = "probabilities",
        vector: bool = False,
        is_binary: bool = False,
    ) -> None:
        self.source, self.classes = source, classes
        self.kind = kind
        """`probabilities`, or what is taken of raw scores: `softmax`, `logits`, `sigmoid`."""
        self.vector = vector
        """For binary predictions: whether each value is a sample of its own."""
        self.is_binary = is_binary
        """Whether each value is the probability (or score) of a label of its own."""
        self.probable = True
        """Whether all rows seen so far look like probabilities."""
        self.samples = 0
        self.missing = 0
        """How many samples were left out for a missing value."""
        self.ended = False
        """Whether all rows were read, and only their number is still to be compared."""

    @property
    def width(self) -> int:
        """The number of classes."""
        return 1 if self.vector else self.source.width

    @property
    def one_row(self) -> bool:
        """Whether a vector was given, so that a vector is the answer."""
        return self.source.dimensions < 2

    def class_name(self, index: int) -> str:
        """What to call a class: its name, or its index."""
        return self.classes[index] if self.classes else str(index)

    def headings(self, prefix: str) -> tuple[str, ...]:
        """The columns of CSV: the class names, or `p0`, `p1`, …, which are no numbers and so are read as a header again."""
        return self.classes or tuple(f"{prefix}{k}" for k in range(self.width))

    def notes(self) -> list[str]:
        """What reading gave rise to."""
        found = list(self.source.notes)
        if self.missing:
            found.append(f"{self.missing} {'sample has' if self.missing == 1 else 'samples have'} a missing value and {'was' if self.missing == 1 else 'were'} left out")
        if self.kind != "probabilities" and self.probable and self.samples:
            name, what = self.source.name, "every value" if self.kind == "sigmoid" else "every row"
            sums = "" if self.kind == "sigmoid" else " and sums to 1"
            found.append(
                f"{what} of {name} lies between 0 and 1{sums}: these look like probabilities already, and {AGAIN[self.kind]}"
            )
        if self.width == 1 and not self.is_binary:
            found.append(ONE_CLASS)
        return found


class Input(Record):
    """A checked block of one prediction source, with the plan that it belongs to."""

    block: Block
    plan: Plan
    raw: Array | None = None
    """The rows before they were rescaled, where the working or a mistake may need them."""

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.block.samples

    def halves(self) -> tuple[Input, Input]:
        """The samples in two inputs."""
        first, second = self.block.halves()
        return Input(first, self.plan), Input(second, self.plan)


def plan(source: Source, settings: Settings, kind: str | None = None) -> Plan:
    """The plan for a source of predictions."""
    classes = settings.classes or source.names
    if classes:
        checks.class_names(classes, source.width, source.name)
    return Plan(source, classes, kind or ("logits" if settings.logits else "probabilities"))


def checked(rows: Rows, found: Plan, settings: Settings, first: int) -> Array:
    """Rows of predictions, checked: probabilities that sum to 1, or logits."""
    if found.kind == "probabilities":
        return distributions(rows, found.source, settings, first, ONE_VALUE if found.width == 1 else found.source.advice)
    checks.logits(rows.values, found.source, first)
    found.probable = found.probable and look_like_probabilities(rows.values)
    return rows.values


def distributions(rows: Rows, source: Source, settings: Settings, first: int, advice: str | None = None) -> Array:
    """Rows that sum to 1: rescaled if `--normalize` asks for it, else as they are, and checked."""
    if settings.normalize:
        checks.counts(rows.values, source, first)
        return normalized(rows.values)
    checks.probabilities(rows.values, source, rows.tolerance, first, hint=source.hint, advice=advice)
    return rows.values


def normalized(values: Array) -> Array:
    """Each row divided by its sum."""
    xp = namespace(values)
    scaled = values / xp.max(values, axis=-1, keepdims=True)
    high, low = exact_sum(scaled)
    return scaled / (high + low)[:, None]


def look_like_probabilities(values: Array) -> bool:
    """Whether every row lies in [0, 1] and sums to 1; a single class says nothing."""
    xp = namespace(values)
    if values.shape[-1] < 2 or not within_0_and_1(values):
        return False
    return bool(xp.all(xp.abs(xp.sum(values, axis=-1) - 1) <= checks.ARRAY_TOLERANCE))


# --- predictions and target, step by step -------------------------------------------------------------------------


def steps(
    predictions: Sequence[Source], settings: Settings, target: Source | None = None, kind: str | None = None
) -> Iterator[list[Input]]:
    """The blocks of all predictions for the same samples, with their target and weights, in order."""
    plans = [plan(source, settings, kind) for source in predictions]
    for found in plans[1:]:
        checks.same_width(found.width, plans[0].width, found.source, plans[0].source)
    n = _rows_at_once(settings, plans)
    _keep_memory(predictions, n)
    first, targets = 0, None
    weights = WeightReader(settings.sample_weights, plans[0].source)
    while pieces := _take(plans, n, first):
        count = int(pieces[0].values.shape[0])
        if target is not None and targets is None:
            targets = TargetReader(target, plans[0], settings, single=plans[0].one_row or (count == 1 and n > 1))
        blocks = [
            Block(checked(rows, found, settings, first), first=first, is_large=found.source.is_large)
            for rows, found in zip(pieces, plans, strict=True)
        ]
        if targets is not None:
            part = targets.take(count, first)
            blocks = [block.replace(labels=part.labels, target=part.target, kept=part.kept) for block in blocks]
        weight = weights.take(count, first)
        blocks = _without_missing(blocks, plans, [*(found.source for found in plans), target, settings.sample_weights])
        first += count
        for found in plans:
            found.samples = first
        settings.tick(first)
        step = [Input(block.replace(weights=weight), found) for block, found in zip(blocks, plans, strict=True)]
        yield _seen(step, pieces, settings, target)
    for found in plans:
        found.ended = True
    if first == 0:
        raise InputError(f"{plans[0].source.name} has no rows")
    if targets is not None:
        targets.finish(first)
    weights.finish(first)


def _seen(step: list[Input], pieces: list[Rows], settings: Settings, target: Source | None) -> list[Input]:
    """The step, shown to whoever keeps samples for the working and for mistakes."""
    if settings.kept is None:
        return step
    if settings.normalize:
        step = [part.replace(raw=rows.values) for part, rows in zip(step, pieces, strict=True)]
    settings.kept.see(step, target)
    return step


def _without_missing(blocks: list[Block], plans: Sequence[Plan], sources: Sequence[Source | None]) -> list[Block]:
    """The blocks without the samples for which a source has a missing value."""
    masks = [source.missing for source in sources if source is not None and source.missing is not None]
    if not masks:
        return blocks
    complete = ~reduce(or_, masks)
    plans[0].missing += int((~complete).sum())
    return [
        block.replace(kept=_also(block.kept, complete, vector=not found.is_binary))
        for block, found in zip(blocks, plans, strict=True)
    ]


def _also(kept: Array | None, complete: Array, vector: bool) -> Array:
    """Samples (or entries of binary predictions) that are kept, of samples that are complete."""
    if kept is None:
        return complete if vector else complete[:, None]
    return kept & (complete if kept.ndim == 1 else complete[:, None])


def _rows_at_once(settings: Settings, plans: Sequence[Plan]) -> int:
    """How many samples make a block: what stays in the processor's cache, or what the device's memory can take."""
    if settings.line_buffered:
        return 1
    values = BLOCK_VALUES
    if settings.device is not None:
        values = settings.device.values_at_once()
    elif all(found.source.is_large for found in plans) and not settings.streams:
        values = LARGE_BLOCK_BYTES // sum(found.source.bytes_each for found in plans)
    return max(2, values // max(1, plans[0].width))


def _keep_memory(sources: Sequence[Source], n: int) -> None:
    """Has memory that is freed serve again, where a large array is one block of n rows; `run` does for more blocks."""
    if any(source.is_large and source.count is not None and source.count <= n * source.width for source in sources):
        keep_freed_memory()


def _take(plans: Sequence[Plan], n: int, first: int) -> list[Rows]:
    """The next n rows of every source, which must have as many; nothing at the end."""
    pieces = [found.source.rows(n) for found in plans]
    counts = [0 if rows is None else int(rows.values.shape[0]) for rows in pieces]
    for found, count in zip(plans, counts, strict=True):
        if count != counts[0]:
            one, other = first + count, first + counts[0]
            raise checks.length_error(
                one + found.source.drain(), other + plans[0].source.drain(), found.source, plans[0].source
            )
    return [rows for rows in pieces if rows is not None]


# --- targets ------------------------------------------------------------------------------------------------------


class TargetReader:
    """Takes the target's samples in step with the predictions: labels or distributions, decided once."""

    def __init__(self, source: Source, found: Plan, settings: Settings, single: bool) -> None:
        self.source, self.plan, self.settings = source, found, settings
        self.are_labels = self._are_labels(single)
        if not self.are_labels and settings.ignore_index is not None:
            raise UsageError(
                "--ignore-index leaves out labels, and the target is distributions",
                hint="use --sample-weights with 0 instead",
            )

    def _are_labels(self, single: bool) -> bool:
        """Labels have one dimension fewer than predictions; beside one row of predictions a vector is a distribution."""
        source, found = self.source, self.plan
        if source.dimensions == 0 or source.are_class_names(found.classes):
            return True
        one = source.count == 1
        if source.dimensions == 1:
            return not single or (one and (found.width > 1 or not found.one_row))
        return source.is_column and found.width > 1

    def take(self, n: int, first: int) -> Block:
        """The target of the next n samples, as a block without predictions."""
        return self._labels(n, first) if self.are_labels else self._distributions(n, first)

    def _labels(self, n: int, first: int) -> Block:
        """Class indices; ignored labels are marked, and stand at class 0 meanwhile."""
        ignore = self.settings.ignore_index
        values = self.source.labels(n, self.plan.classes, ignore)
        self._require(0 if values is None else int(values.shape[0]), n, first)
        checks.labels(values, self.plan.width, self.source, ignore, first)
        xp = namespace(values)
        kept = None if self.source.ignored is None else ~self.source.ignored
        if kept is None and ignore is not None:
            kept = xp.ones_like(values, dtype=xp.bool)
        return Block(None, labels=xp.astype(values, xp.int64, copy=False), kept=kept)

    def _distributions(self, n: int, first: int) -> Block:
        """A distribution per sample."""
        checks.same_width(self.source.width, self.plan.width, self.source, self.plan.source)
        rows = self.source.rows(n)
        self._require(0 if rows is None else int(rows.values.shape[0]), n, first)
        assert rows is not None
        return Block(None, target=distributions(rows, self.source, self.settings, first, OF_TARGET))

    def _require(self, got: int, n: int, first: int) -> None:
        """As many samples of the target as of the predictions."""
        if got == n:
            return
        total = first + got + (self.source.drain() if got else 0)
        samples = first + n + self.plan.source.drain()
        hint = None
        if self.are_labels and total == self.plan.width:
            hint = "a distribution is given for each sample: rows separated by ;"
        raise checks.length_error(total, samples, self.source, self.plan.source, hint)

    def finish(self, samples: int) -> None:
        """Nothing of the target may be left."""
        rest = (
            self.source.labels(1, self.plan.classes, self.settings.ignore_index)
            if self.are_labels
            else self.source.rows(1)
        )
        if rest is not None:
            raise checks.length_error(samples + 1 + self.source.drain(), samples, self.source, self.plan.source)


class WeightReader:
    """Takes the sample weights in step with the predictions."""

    def __init__(self, source: Source | None, predictions: Source) -> None:
        self.source, self.predictions = source, predictions
        self.all_zero = True

    def take(self, n: int, first: int) -> Array | None:
        """The weights of the next n samples."""
        if self.source is None:
            return None
        values = self.source.vector(n)
        got = 0 if values is None else int(values.shape[0])
        if got < n:
            total = first + got + (self.source.drain() if got else 0)
            raise checks.weight_count_error(total, first + n + self.predictions.drain(), self.source, "samples")
        assert values is not None
        checks.weights(values, self.source, first, by_sample=True)
        self.all_zero = self.all_zero and not bool(namespace(values).any(values > 0))
        return values

    def finish(self, samples: int) -> None:
        """No weight may be left, and not all may be 0."""
        if self.source is None:
            return
        if self.source.vector(1) is not None:
            total = samples + 1 + self.source.drain()
            raise checks.weight_count_error(total, samples, self.source, "samples")
        if self.all_zero:
            raise InputError(f"{self.source.name} are all 0, so no sample counts", place=self.source.whole())


def class_weights(settings: Settings, classes: int) -> Array | None:
    """The class weights, checked."""
    source = settings.class_weights
    if source is None:
        return None
    values = source.vector(classes + 1)
    got = 0 if values is None else int(values.shape[0])
    if got != classes or values is None:
        raise checks.weight_count_error(got + source.drain(), classes, source, "classes")
    checks.weights(values, source)
    if not bool(namespace(values).any(values > 0)):
        raise InputError(f"{source.name} are all 0, so no class counts", place=source.whole())
    if settings.kept is not None:
        settings.kept.class_weights = values
    return placed(values, settings)


# --- whole inputs -------------------------------------------------------------------------------------------------


def whole(inputs: Sequence[Input]) -> Input:
    """All blocks as one, for what needs every sample at once."""
    if len(inputs) == 1:
        return inputs[0]
    xp = namespace(inputs[0].block.prediction)

    def joined(name: str) -> Array | None:
        found = [getattr(each.block, name) for each in inputs]
        return None if found[0] is None else xp.concat(found)

    block = Block(joined("prediction"), joined("labels"), joined("target"), joined("weights"), joined("kept"))
    return Input(block, inputs[0].plan)


# --- binary -------------------------------------------------------------------------------------------------------


def binary_steps(target: Source, prediction: Source, settings: Settings) -> Iterator[Input]:
    """Binary predictions and targets: a vector is one per sample, a matrix a row of labels per sample."""
    vector = prediction.dimensions < 2 or prediction.is_column
    found = Plan(prediction, None, "sigmoid" if settings.logits else "probabilities", vector, is_binary=True)
    found.classes = settings.classes or (None if vector else prediction.names)
    if found.classes:
        checks.class_names(found.classes, 2 if vector else found.width, prediction.name)
    if vector and target.dimensions == 2 and not target.is_column:
        raise InputError(
            f"{target.name} has rows of {target.width} values, and {prediction.name} is one value per sample",
            place=target.whole(),
        )
    if not vector:
        checks.same_width(target.width, found.width, target, prediction)
    n = _rows_at_once(settings, [found])
    _keep_memory([prediction], n)
    first = 0
    weights = WeightReader(settings.sample_weights, prediction)
    while (values := _entries(prediction, n, vector)) is not None:
        count = int(values.shape[0])
        _check_binary(values, found, settings, first)
        y = _binary_entries(target, count, found)
        if y is None or int(y.shape[0]) != count:
            got = 0 if y is None else int(y.shape[0])
            raise checks.length_error(first + got, first + count + prediction.drain(), target, prediction)
        y, kept = _binary_targets(y, target, settings, first)
        weight = weights.take(count, first)
        block = Block(values, None, y, weight, kept, first, prediction.is_large)
        (block,) = _without_missing([block], [found], [prediction, target, settings.sample_weights])
        step = Input(block, found)
        first += count
        found.samples = first
        settings.tick(first)
        if settings.kept is not None:
            settings.kept.see([step], target)
        yield step
    found.ended = True
    if first == 0:
        raise InputError(f"{prediction.name} has no rows")
    if _binary_entries(target, 1, found) is not None:
        raise checks.length_error(first + 1 + target.drain(), first, target, prediction)
    weights.finish(first)


def _entries(source: Source, n: int, vector: bool) -> Array | None:
    """The next n samples: a vector's values as a column, or rows."""
    if not vector:
        rows = source.rows(n)
        return None if rows is None else rows.values
    values = source.vector(n)
    return None if values is None else namespace(values).reshape(values, (-1, 1))


def _binary_entries(target: Source, n: int, found: Plan) -> Array | None:
    """The next n samples of a binary target; for a vector the names of two classes, no and yes, may stand for 0 and 1."""
    if found.vector and found.classes and (target.are_class_names(found.classes) or all_numbers(found.classes)):
        values = target.labels(n, found.classes, None)
        return None if values is None else namespace(values).reshape(values, (-1, 1))
    return _entries(target, n, found.vector)


def _check_binary(values: Array, found: Plan, settings: Settings, first: int) -> None:
    """Checks the predictions of `bce`."""
    if not settings.logits:
        checks.entries(values, found.source, first, hint=found.source.hint)
        return
    checks.not_nan(values, found.source, first)
    found.probable = found.probable and within_0_and_1(values)


def _binary_targets(y: Array, target: Source, settings: Settings, first: int) -> tuple[Array, Array | None]:
    """The 0/1 (or soft) targets, and which of them are kept."""
    xp = namespace(y)
    kept = None
    if isinstance(settings.ignore_index, str):
        kept = None if target.missing is None else (~target.missing)[:, None]
        target.missing = None
    elif settings.ignore_index is not None:
        kept = y != settings.ignore_index
        y = xp.where(kept, y, xp.zeros_like(y))
    hint = "targets of bce are 0 or 1 (or between); class indices belong to xent"
    checks.entries(y, target, first, hint=hint, what="a binary target")
    return y, kept


def nothing_left() -> InputError:
    """The error where every sample was left out."""
    return InputError("no sample is left after --ignore-index", hint="a mean of nothing is no number")
