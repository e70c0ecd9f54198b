"""What values must be before a formula may see them.

Each check returns None or raises an `InputError` that names the source, the sample and the value, and says what
to do. `origin` is where the values came from; `first` is the number of their first sample in the whole input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cecli.errors import InputError, Located, distinct_names
from cecli.maths.bits import are_below, within_0_and_1
from cecli.maths.exact import exact_sum
from cecli.maths.namespace import (
    Array,
    indexes,
    is_finite,
    namespace,
    on_cpu,
    quiet,
    row_sum,
)
from cecli.numerals import shortest

ARRAY_TOLERANCE = 1e-5
MOST_CLASSES = 1 << 20
"""Labels are below this where nothing says how many classes there are."""

LARGEST_WEIGHT = 1e150
"""Larger weights overflow when they are multiplied and summed; in a mean their size cancels anyway."""

BOUNDARY = 1e-12
"""A row may miss 1 by its tolerance exactly, as 0.50,0.49 does; this covers the rounding of that sum."""

ARE_LOGITS = "are these raw scores? then add --logits"
ARE_COUNTS = "are these raw scores? then add --logits; or counts? then --normalize rescales them"
TURNED = "the columns sum to 1: were rows and columns exchanged? p.T turns an array of NumPy"
RESCALE = "--normalize rescales rows to sum to 1 (counts become probabilities); --logits takes raw scores"
FROM_ONE = "labels count from 0 here: {k} classes are 0…{last}; if yours count from 1, subtract 1 from each"


def _first(wrong: Array) -> tuple[int, int] | None:
    """The row and column of the first True, or None."""
    xp = namespace(wrong)
    if not bool(xp.any(wrong)):
        return None
    flat = int(xp.argmax(xp.astype(xp.reshape(wrong, (-1,)), xp.int64)))
    return flat // wrong.shape[-1], flat % wrong.shape[-1]


def _value_error(
    values: Array, at: tuple[int, int], origin: Located, first: int, says: str, hint: str | None, what: str = ""
) -> InputError:
    """The error for one value: `sample 2 of the prediction: -0.5 is …`, or `label 3 is …`."""
    row, column = at
    value = origin.written(first + row, column) or shortest(float(values[row, column]))
    where = origin.where(first + row)
    return InputError(f"{where}: {what}{value} {says}", place=origin.place(first + row, column), hint=hint)


def not_nan(values: Array, origin: Located, first: int = 0) -> None:
    """No NaN."""
    xp = namespace(values)
    if not is_finite(values) and (at := _first(xp.isnan(values))):
        raise _value_error(values, at, origin, first, "is not a number", "find where it came from: a NaN has no loss")


@quiet
def probabilities(
    values: Array,
    origin: Located,
    tolerance: Callable[[int], float] = lambda _: ARRAY_TOLERANCE,
    first: int = 0,
    hint: str | None = None,
    advice: str | None = None,
) -> None:
    """Rows of probabilities: none below 0 or above 1, each row's sum within its tolerance of 1."""
    entries(values, origin, first, hint, advice=advice or ARE_COUNTS)
    xp, sums = namespace(values), row_sum(values)
    if 1 - float(xp.min(sums)) <= ARRAY_TOLERANCE / 2 and float(xp.max(sums)) - 1 <= ARRAY_TOLERANCE / 2:
        return
    rough = xp.abs(sums - 1)
    suspects, limits = indexes(rough > ARRAY_TOLERANCE / 2)[0], ARRAY_TOLERANCE
    if hasattr(tolerance, "of"):  # the rows of a table are judged together
        limits = tolerance.of(suspects)
        near = rough[suspects] > limits / 2
        suspects, limits = suspects[near], limits[near] + BOUNDARY
    high, low = exact_sum(xp.astype(xp.take(values, suspects, axis=0), xp.float64))
    off = xp.abs((high - 1) + low)
    rows = on_cpu(suspects).tolist()
    for i in on_cpu(indexes(off > limits)[0]).tolist():
        if float(off[i]) > tolerance(rows[i]) + BOUNDARY:
            raise InputError(
                f"{origin.where(first + rows[i])} sums to {float(high[i] + low[i]):.10g}, not 1",
                place=origin.place(first + rows[i]),
                hint=_joined([TURNED if _columns_sum_to_1(values) else advice or RESCALE, hint]),
            )


def _columns_sum_to_1(values: Array) -> bool:
    """Whether the columns of some rows sum to 1, as these do where rows and columns were exchanged."""
    xp = namespace(values)
    return min(values.shape) > 1 and bool(xp.all(xp.abs(xp.sum(values, axis=0) - 1) <= ARRAY_TOLERANCE))


def entries(
    values: Array,
    origin: Located,
    first: int = 0,
    hint: str | None = None,
    what: str = "a probability",
    advice: str = ARE_LOGITS,
) -> None:
    """Numbers between 0 and 1: probabilities one by one, or binary targets."""
    if within_0_and_1(values):
        return
    not_nan(values, origin, first)
    hints = [advice if what == "a probability" else None, hint]
    if at := _first(values < 0):
        hints = [origin.first_hint if first + at[0] == 0 else None, *hints]
        raise _value_error(values, at, origin, first, f"is negative, so it is not {what}", _joined(hints))
    if at := _first(values > 1):
        hints = [origin.first_hint if first + at[0] == 0 else None, *hints]
        raise _value_error(values, at, origin, first, f"is above 1, so it is not {what}", _joined(hints))


def _joined(hints: Sequence[str | None]) -> str:
    """Hints one after the other, each once."""
    return "; ".join(dict.fromkeys(filter(None, hints)))


def counts(values: Array, origin: Located, first: int = 0) -> None:
    """Rows that `--normalize` can rescale: finite, not negative, not all 0."""
    xp = namespace(values)
    not_nan(values, origin, first)
    if at := _first(values < 0):
        raise _value_error(values, at, origin, first, "is negative: counts and probabilities are not", ARE_LOGITS)
    finite(values, origin, first)
    if at := _first(~xp.any(values > 0, axis=-1, keepdims=True)):
        row = at[0]
        raise InputError(
            f"{origin.where(first + row)} is 0 everywhere and can't be rescaled to sum to 1",
            place=origin.place(first + row),
        )


def finite(values: Array, origin: Located, first: int = 0) -> None:
    """No infinite value."""
    xp = namespace(values)
    if at := _first(xp.isinf(values)):
        raise _value_error(values, at, origin, first, "is infinite", "only logits may be inf or -inf")


def logits(values: Array, origin: Located, first: int = 0) -> None:
    """Rows of logits: at most one +inf (certainty) and something above −inf."""
    if is_finite(values):
        return
    xp = namespace(values)
    not_nan(values, origin, first)
    certain = xp.sum(xp.astype(values == math.inf, xp.int64), axis=-1)
    masked = xp.all(values == -math.inf, axis=-1)
    if at := _first((certain > 1)[:, None]):
        raise _row_error(
            at[0], origin, first, f"inf occurs {int(certain[at[0]])} times, and only one class can be certain"
        )
    if at := _first(masked[:, None]):
        raise _row_error(at[0], origin, first, "every value is -inf: all classes are masked")


def _row_error(row: int, origin: Located, first: int, says: str) -> InputError:
    return InputError(f"{origin.where(first + row)}: {says}", place=origin.place(first + row))


def labels(values: Array, classes: int, origin: Located, ignore: object = None, first: int = 0) -> None:
    """Labels: whole numbers from 0 to K − 1 (or the ignored one)."""
    xp = namespace(values)
    if xp.isdtype(values.dtype, "integral") and are_below(values, classes):
        return
    column = xp.astype(values, xp.float64)[:, None]
    not_nan(column, origin, first)
    if at := _first((column != xp.floor(column)) | xp.isinf(column)):
        raise _value_error(
            column, at, origin, first, "is not a label: labels are whole numbers", _label_hint(values, classes)
        )
    kept = column if ignore is None else xp.where(column == ignore, xp.zeros_like(column), column)
    if at := _first((kept < 0) | (kept >= classes)):
        says = f"is out of range 0…{classes - 1}"
        if classes == MOST_CLASSES:
            says += ", which is what labels may be without --classes"
        raise _value_error(column, at, origin, first, says, _range_hint(kept, classes), what="label ")


def _label_hint(values: Array, classes: int) -> str | None:
    """What a row of fractions in place of labels most likely was."""
    if values.shape[0] == classes:
        return "one row of predictions takes one distribution; for more samples give a row for each, separated by ;"
    return "for distributions give a row for each sample, separated by ;"


def _range_hint(kept: Array, classes: int) -> str | None:
    """The usual cause of a label out of range: counting from 1."""
    xp = namespace(kept)
    if int(xp.max(kept)) == classes and int(xp.min(kept)) >= 1:
        return FROM_ONE.format(k=classes, last=classes - 1)
    if int(xp.min(kept)) < 0:
        return f"--ignore-index {int(xp.min(kept))} leaves such samples out"
    return None


def weights(values: Array, origin: Located, first: int = 0, by_sample: bool = False) -> None:
    """Weights: finite and not negative."""
    xp = namespace(values)
    if float(xp.min(values)) >= 0 and float(xp.max(values)) <= LARGEST_WEIGHT:
        return
    row = values[:, None]
    for wrong, says in (
        (xp.isnan(row), "is not a number"),
        (row < 0, "is negative: a weight is 0 or more"),
        (xp.isinf(row), "is infinite"),
        (row > LARGEST_WEIGHT, f"is above {LARGEST_WEIGHT:g}: divide all weights by the same number"),
    ):
        if at := _first(wrong):
            sample = at[0]
            where = origin.where(first + sample) if by_sample else origin.name
            raise InputError(
                f"{where}: {shortest(float(values[sample]))} {says}", place=origin.place(first + sample, 0)
            )


def weight_count_error(got: int, wanted: int, origin: Located, each: str) -> InputError:
    """The error for too many or too few weights."""
    given = "1 weight" if got == 1 else f"{got} weights"
    one = each.removesuffix("es") if each == "classes" else each.removesuffix("s")
    counted = f"1 {one}" if wanted == 1 else f"{wanted} {each}"
    return InputError(
        f"{origin.name}: {given} for {counted}", place=origin.whole(), hint=f"give one weight for each of the {counted}"
    )


def class_names(names: Sequence[str], classes: int, where: str) -> None:
    """Class names: one for each class."""
    if len(names) != classes:
        for_classes = "1 class" if classes == 1 else f"{classes} classes"
        raise InputError(
            f"{len(names)} class {'name' if len(names) == 1 else 'names'} for {for_classes}: {', '.join(names[:8])}{'…' if len(names) > 8 else ''}",
            hint=f"give one name for each column of {where}",
        )


def same_width(width: int, classes: int, origin: Located, other: Located) -> None:
    """A target distribution has as many classes as the prediction."""
    if width != classes:
        own, others = distinct_names(origin, other)
        raise InputError(
            f"{width} value{'' if width == 1 else 's'} in {own}, {classes} classes in {others}: give one value for each class",
            place=origin.whole(),
            hint=origin.width_hint or origin.comma_hint or other.comma_hint,
        )


def length_error(length: int, samples: int, origin: Located, other: Located, hint: str | None = None) -> InputError:
    """The error for two sources with different numbers of samples."""
    if abs(length - samples) == 1 and (origin.may_have_header or other.may_have_header):
        hint = "was a header taken for a row, or a row for a header? --header and --no-header say which"
    hint = _joined([origin.length_hint, other.length_hint, hint]) or None
    return InputError(
        f"{length} {'sample' if length == 1 else 'samples'} in {origin.name}, {samples} in {other.name}: give the same number in both",
        place=origin.whole(),
        hint=hint,
    )
