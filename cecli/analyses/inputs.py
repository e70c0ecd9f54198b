"""Sources become checked blocks: which values are labels, which are distributions, and do they fit together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cecli import checks
from cecli.analyses.settings import Settings, Source
from cecli.blocks import Block
from cecli.errors import InputError, UsageError
from cecli.maths.exact import exact_sum
from cecli.maths.namespace import Array, namespace
from cecli.maths.softmax import softmax, softmax_terms

LOOKS_LIKE_PROBABILITIES = (
    "every row of {name} lies between 0 and 1 and sums to 1: these look like probabilities already{so}"
)
ONE_CLASS = "one class always has probability 1; for a single score per sample use bce"


@dataclass
class Input:
    """A block ready for the maths, with the names of its classes and the notes that reading it gave rise to."""

    block: Block
    classes: tuple[str, ...] | None
    notes: list[str] = field(default_factory=list)
    one_row: bool = False
    """Whether a vector was given, so that a vector is the answer."""
    vector: bool = False
    """For binary predictions: whether each value is a sample of its own."""

    @property
    def width(self) -> int:
        """The number of classes."""
        return int(self.block.prediction.shape[-1])

    def class_name(self, index: int) -> str:
        """What to call a class: its name, or its index."""
        return self.classes[index] if self.classes else str(index)

    def headings(self, prefix: str) -> tuple[str, ...]:
        """The columns of CSV: the class names, or `p0`, `p1`, …, which are no numbers and so are read as a header again."""
        return self.classes or tuple(f"{prefix}{k}" for k in range(self.width))


# --- predictions --------------------------------------------------------------------------------------------------


def predictions(source: Source, settings: Settings, logits: bool | None = None) -> Input:
    """Rows of probabilities or logits, checked; `settings.logits` says which unless `logits` does."""
    values, tolerance = source.rows()
    classes = settings.classes or source.names
    if classes:
        checks.class_names(classes, int(values.shape[-1]), source.name)
    notes = []
    if settings.logits if logits is None else logits:
        checks.logits(values, source)
        if look_like_probabilities(values):
            so = ", and softmax is taken of them again" if logits is None else ", and softmax was meant for raw scores"
            notes.append(LOOKS_LIKE_PROBABILITIES.format(name=source.name, so=so))
    else:
        values = distributions(values, tolerance, source, settings)
    if values.shape[-1] == 1:
        notes.append(ONE_CLASS)
    return Input(Block(values), classes, notes, one_row=source.dimensions < 2)


def distributions(values: Array, tolerance: Any, source: Source, settings: Settings) -> Array:
    """Rows that sum to 1: rescaled if `--normalize` asks for it, else as they are, and checked."""
    if settings.normalize:
        checks.counts(values, source)
        return normalized(values)
    checks.probabilities(values, source, tolerance, hint=source.hint)
    return values


def normalized(values: Array) -> Array:
    """Each row divided by its sum."""
    xp = namespace(values)
    largest = xp.max(values, axis=-1, keepdims=True)
    scaled = values / largest
    high, low = exact_sum(scaled)
    return scaled / (high + low)[:, None]


def look_like_probabilities(values: Array) -> bool:
    """Whether every row lies in [0, 1] and sums to 1; a single class says nothing."""
    xp = namespace(values)
    if values.shape[-1] < 2 or not bool(xp.all((values >= 0) & (values <= 1))):
        return False
    return bool(xp.all(xp.abs(xp.sum(values, axis=-1) - 1) <= checks.ARRAY_TOLERANCE))


def clipped(values: Array, eps: float) -> Array:
    """Probabilities clipped to [ε, 1 − ε]."""
    return namespace(values).clip(values, eps, 1 - eps)


def clip_prediction(given: Input, settings: Settings) -> tuple[Input, Settings]:
    """With `--eps`, the predicted probabilities clipped first, whether they were given or come from logits."""
    if settings.eps is None:
        return given, settings
    values = given.block.prediction
    if settings.logits:
        values = softmax(softmax_terms(values))
    block = replace(given.block, prediction=clipped(values, settings.eps))
    return replace(given, block=block), replace(settings, logits=False)


# --- targets ------------------------------------------------------------------------------------------------------


def with_target(given: Input, target: Source, prediction: Source, settings: Settings) -> Input:
    """The input with its target: labels or distributions, one per row of the prediction."""
    if _are_labels(target, given, settings):
        block = _with_labels(given, target, prediction, settings)
    else:
        block = _with_distributions(given, target, prediction, settings)
    return replace(given, block=_with_weights(block, settings))


def _are_labels(target: Source, given: Input, settings: Settings) -> bool:
    """Labels have one dimension fewer than predictions; beside one row of predictions a vector is a distribution."""
    if target.dimensions == 0 or target.are_class_names(given.classes):
        return True
    samples, one = given.block.samples, target.count == 1
    if target.dimensions == 1:
        return samples > 1 or (one and (given.width > 1 or not given.one_row))
    return target.is_column and given.width > 1 and (samples > 1 or one)


def _with_labels(given: Input, target: Source, prediction: Source, settings: Settings) -> Block:
    """The block with class indices; ignored labels are marked, and stand at class 0 meanwhile."""
    block = given.block
    values = target.label_indices(given.classes, settings.ignore_index)
    checks.same_length(values.shape[0], block.samples, target, prediction, _length_hint(given, values.shape[0]))
    checks.labels(values, given.width, target, settings.ignore_index)
    xp = namespace(values)
    kept = None
    if settings.ignore_index is not None:
        kept = values != settings.ignore_index
        values = xp.where(kept, values, xp.zeros_like(values))
    return replace(block, labels=xp.astype(values, xp.int64), kept=kept)


def _length_hint(given: Input, length: int) -> str | None:
    """What a target of the wrong length may have been meant as."""
    if length == given.width and given.block.samples > 1:
        return "a distribution is given for each sample: rows separated by ;"
    return None


def _with_distributions(given: Input, target: Source, prediction: Source, settings: Settings) -> Block:
    """The block with a target distribution per row."""
    if settings.ignore_index is not None:
        raise UsageError("--ignore-index leaves out labels, and the target is distributions", hint="use --sample-weights with 0 instead")
    values, tolerance = target.rows()
    checks.same_width(int(values.shape[-1]), given.width, target, prediction)
    checks.same_length(values.shape[0], given.block.samples, target, prediction)
    return replace(given.block, target=distributions(values, tolerance, target, settings))


def _with_weights(block: Block, settings: Settings) -> Block:
    """The block with its sample weights, checked."""
    source = settings.sample_weights
    if source is None:
        return block
    values = source.flat()
    checks.weights(values, source, block.samples, "samples")
    return replace(block, weights=values)


def weighted(given: Input, settings: Settings) -> Input:
    """The input with its sample weights, for commands without a target."""
    return replace(given, block=_with_weights(given.block, settings))


def class_weights(settings: Settings, classes: int) -> Array | None:
    """The class weights, checked."""
    source = settings.class_weights
    if source is None:
        return None
    values = source.flat()
    checks.weights(values, source, classes, "classes")
    return values


# --- binary -------------------------------------------------------------------------------------------------------


def binary(target: Source, prediction: Source, settings: Settings) -> Input:
    """Binary predictions and targets: a vector is one per sample, a matrix a row of labels per sample."""
    (values, _), (y, _) = prediction.rows(), target.rows()
    vector = prediction.dimensions < 2 or prediction.is_column
    if vector:
        values = _as_column(values)
        y = _as_column(y) if target.dimensions < 2 or target.is_column else y
    checks.same_length(y.shape[0], values.shape[0], target, prediction)
    checks.same_width(int(y.shape[-1]), int(values.shape[-1]), target, prediction)
    notes = _check_binary(values, prediction, settings)
    y, kept = _binary_targets(y, target, settings)
    classes = None if vector else settings.classes or prediction.names
    if classes:
        checks.class_names(classes, int(values.shape[-1]), prediction.name)
    block = _with_weights(Block(values, target=y, kept=kept), settings)
    return Input(block, classes, notes, one_row=vector, vector=vector)


def _as_column(values: Array) -> Array:
    """A vector, in a row or in a column, as a column: one entry per sample."""
    return namespace(values).reshape(values, (-1, 1))


def _check_binary(values: Array, prediction: Source, settings: Settings) -> list[str]:
    """Checks the predictions of `bce`; the note where logits look like probabilities."""
    if not settings.logits:
        checks.entries(values, prediction, hint=prediction.hint)
        return []
    checks.not_nan(values, prediction)
    xp = namespace(values)
    if bool(xp.all((values >= 0) & (values <= 1))):
        look = f"every value of {prediction.name} lies between 0 and 1: these look like probabilities already"
        return [f"{look}, and the sigmoid is taken of them again"]
    return []


def _binary_targets(y: Array, target: Source, settings: Settings) -> tuple[Array, Array | None]:
    """The 0/1 (or soft) targets, and which of them are kept."""
    xp = namespace(y)
    kept = None
    if settings.ignore_index is not None:
        kept = y != settings.ignore_index
        y = xp.where(kept, y, xp.zeros_like(y))
    hint = "targets of bce are 0 or 1 (or between); class indices belong to xent"
    checks.entries(y, target, hint=hint, what="a binary target")
    return y, kept


def nothing_left() -> InputError:
    """The error where every sample was left out."""
    return InputError("no sample is left after --ignore-index", hint="a mean of nothing is no number")
