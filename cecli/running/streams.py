"""A source of predictions as a stream of samples: what its values are, how many classes it has, and what they are called."""

from __future__ import annotations

from cecli.maths.bits import within_0_and_1
from cecli.maths.exact import exact_sum
from cecli.maths.namespace import Array, namespace
from cecli.reading import checks
from cecli.reading.sources import Rows, Source
from cecli.record import Record
from cecli.running.options import Options

ONE_VALUE = "this row has one value: write the probabilities of all classes, as in 0.5,0.5 (; begins a new row); one probability for each label 0 or 1 goes to bce"
ONE_CLASS = "one class always has probability 1; for a single score per sample use bce"
ONE_EACH = ("labels", "scores")
"""The kinds of one value for each sample, and no classes."""
NOT_LOGITS = (
    "without --probabilities these are raw scores; --normalize rescales rows to sum to 1 (counts become probabilities)"
)
"""What to do in `calibrate --probabilities` where rows are not probabilities."""
AGAIN = {
    "softmax": "softmax was meant for raw scores",
    "logits": "softmax is taken of them again",
    "calibrated": "softmax is taken of them again: --probabilities takes their logarithms",
    "sigmoid": "the sigmoid is taken of them again",
}


class PredictionStream(Record):
    """What holds for all batches of one prediction source."""

    source: Source
    classes: tuple[str, ...] | None
    kind: str = "probabilities"
    """`probabilities`, predicted `labels`, `scores` to be compared, or what is taken of raw scores: `softmax`, `logits`, `calibrated`, `sigmoid`."""
    is_vector: bool = False
    """For binary predictions: whether each value is a sample of its own."""
    is_binary: bool = False
    """Whether each value is the probability (or score) of a label of its own."""

    @property
    def width(self) -> int:
        """The number of classes."""
        return 1 if self.is_vector else self.source.width

    @property
    def gives(self) -> str:
        """What the predictions are in the end: `probabilities`, `labels` or `scores`."""
        return self.kind if self.kind in ONE_EACH else "probabilities"

    @property
    def values_each(self) -> int:
        """How many numbers a sample has: one of predicted labels and of scores."""
        return 1 if self.kind in ONE_EACH else self.width

    @property
    def is_one_row(self) -> bool:
        """Whether a vector was given, so that a vector is the answer."""
        return self.source.dimensions < 2

    def class_name(self, index: int) -> str:
        """What to call a class: its name, or its index."""
        return self.classes[index] if self.classes else str(index)

    def headings(self, prefix: str) -> tuple[str, ...]:
        """The columns of CSV: the class names, or `p0`, `p1`, …, which are not numbers and so are read as a header again."""
        return self.classes or tuple(f"{prefix}{k}" for k in range(self.width))

    def take(self, n: int) -> Rows | None:
        """The next n samples: a vector's values as a column, or rows."""
        if not self.is_vector:
            return self.source.rows(n)
        values = self.source.vector(n)
        if values is None:
            return None
        return Rows(namespace(values).reshape(values, (-1, 1)), lambda _: checks.ARRAY_TOLERANCE)

    def checked(self, rows: Rows, options: Options, first: int) -> Array:
        """Predictions, checked: distributions, binary probabilities one by one, or raw scores."""
        values, source = rows.values, self.source
        if self.kind in ONE_EACH:
            if self.kind == "scores":
                checks.not_nan(values, source, first)
                checks.finite(values, source, first)
            return values
        if self.kind == "probabilities":
            if not self.is_binary:
                return distributions(rows, source, options, first, ONE_VALUE if self.width == 1 else source.advice)
            checks.entries(values, source, first, source.hint, advice=source.advice or checks.ARE_LOGITS)
        elif self.is_binary:
            checks.not_nan(values, source, first)
        else:
            checks.logits(values, source, first)
        return values

    def look_probable(self, values: Array) -> bool:
        """Whether raw scores look like probabilities: all between 0 and 1, and of classes each row sums to 1."""
        if self.kind in ("probabilities", *ONE_EACH):
            return False
        return within_0_and_1(values) if self.is_binary else look_like_probabilities(values)

    def notes(self, look_probable: bool, skipped: int = 0) -> list[str]:
        """What reading gave rise to; `look_probable` is whether all rows of raw scores do, `skipped` how many samples have missing values."""
        notes = list(self.source.notes)
        if skipped:
            has, was = ("sample has", "was") if skipped == 1 else ("samples have", "were")
            notes.append(f"{skipped} {has} a missing value and {was} left out")
        if look_probable:
            name, what = self.source.name, "every value" if self.kind == "sigmoid" else "every row"
            sums = "" if self.kind == "sigmoid" else " and sums to 1"
            notes.append(
                f"{what} of {name} lies between 0 and 1{sums}: these look like probabilities already, and {AGAIN[self.kind]}"
            )
        if self.width == 1 and not self.is_binary and self.kind not in ONE_EACH:
            notes.append(ONE_CLASS)
        return notes


def stream_of(source: Source, options: Options, kind: str | None = None) -> PredictionStream:
    """The stream of a source of predictions; `kind` is as in `PredictionStream`, or `binary`."""
    if kind == "binary":
        return _binary_stream(source, options)
    if source.are_scores:
        return PredictionStream(source, None, "scores")
    classes = options.classes or source.names
    if classes:
        checks.class_names(classes, source.width, source.name)
    if source.are_labels:
        return PredictionStream(source, classes, "labels")
    return PredictionStream(source, classes, kind or ("logits" if options.logits else "probabilities"))


def _binary_stream(source: Source, options: Options) -> PredictionStream:
    """Binary predictions: a vector is one per sample, a matrix a row of labels per sample."""
    is_vector = source.dimensions < 2 or source.is_column
    classes = options.classes or (None if is_vector else source.names)
    stream = PredictionStream(
        source, classes, "sigmoid" if options.logits else "probabilities", is_vector, is_binary=True
    )
    if classes:
        checks.class_names(classes, 2 if is_vector else stream.width, source.name)
    return stream


def distributions(rows: Rows, source: Source, options: Options, first: int, advice: str | None = None) -> Array:
    """Rows that sum to 1: rescaled if `--normalize` asks for it, else as they are, and checked."""
    if options.normalize:
        checks.counts(rows.values, source, first)
        return normalized(rows.values)
    advice = NOT_LOGITS if options.probabilities else advice
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
