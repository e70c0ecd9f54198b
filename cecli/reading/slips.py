"""Slips that the sources of a call show together: target and prediction swapped, binary labels given to a loss of classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import product

import numpy as np

from cecli.errors import UsageError
from cecli.maths.namespace import on_cpu
from cecli.reading import to_type
from cecli.reading.doubtful_columns import first_values, sum_to_1
from cecli.reading.missing import is_missing
from cecli.reading.roles import PREDICTION, TARGET, Origin, ReadingOptions
from cecli.reading.sources import Source, TypedSource
from cecli.reading.vector import has_decimal_comma

SWAPPED = "the target comes first, then the prediction"
RESCALE = "--normalize rescales rows to sum to 1 (counts become probabilities)"
BINARY = "the probabilities of classes sum to 1; for a probability for each of the labels 0 and 1 use bce"
NO_AND_YES = (
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("neg", "pos"),
    ("negative", "positive"),
    ("absent", "present"),
)
"""Names that say by themselves which of them is 1."""
ABOUT_ONE = 0.25
"""How far from 1 a row of three classes or more sums that was most likely meant as a distribution."""


def require_numbers(origins: Sequence[Origin], classes: Sequence[str] | None) -> None:
    """The error where a binary prediction is names and its target is numbers: they were swapped."""
    named = {origin.request.role for origin in origins if origin.holds_names(classes)}
    if PREDICTION in named and TARGET not in named:
        raise UsageError(
            "the target and the prediction look swapped: the prediction is names, and the target is not", hint=SWAPPED
        )


def mention_columns(origins: Sequence[Origin], notes: list[str], options: ReadingOptions) -> None:
    """A note where a prediction is the same columns of the same file as the target, or binary and the column of the class that stands for 0."""
    if options.binary:
        _mention_class_0(origins, options.classes, notes)
    read = [origin for origin in origins if origin.stream is not None]
    targets = [origin for origin in read if origin.request.role == TARGET]
    for target, prediction in product(targets, (each for each in read if each.request.role == PREDICTION)):
        if target.table is prediction.table and list(target.positions) == list(prediction.positions):
            table, names = target.table, f"{target.request.name} and {prediction.request.name}"
            notes.append(f"{names} are the same columns of {table.name}: {table.typed}:COLUMN names those of each")


def judge(target: Source, predictions: Sequence[Source], notes: list[str]) -> None:
    """Says so where a typed target and its prediction were swapped, or are binary in a loss of classes."""
    for prediction in predictions:
        if isinstance(target, TypedSource) and isinstance(prediction, TypedSource):
            _judge(target, prediction, notes)


def judge_binary(target: Source, prediction: Source, notes: list[str]) -> None:
    """Says so where a binary prediction is certain of all that is seen, and its target is not."""
    seen, guessed = target.glance(), prediction.glance()
    if seen is None or guessed is None:
        return
    y, q = on_cpu(seen), on_cpu(guessed)
    if _is_zeros_and_ones(q) and bool(((y > 0) & (y < 1)).any()):
        notes.append(f"the prediction is nothing but 0 and 1, and the target is not: were they swapped? {SWAPPED}")


def _judge(target: TypedSource, prediction: TypedSource, notes: list[str]) -> None:
    seen, guessed = target.glance(), prediction.glance()
    if seen is None or guessed is None:
        return
    y, q = on_cpu(seen), on_cpu(guessed)
    is_labels = _are_labels(prediction, q, len(target.typed.rows))
    if is_labels and target.dimensions > 0 and _has_fractions(y):
        raise UsageError(
            f"{target.name} and {prediction.name} look swapped: {prediction.text} holds labels",
            place=prediction.whole(),
            hint=SWAPPED,
        )
    if target.dimensions == prediction.dimensions == 1 and len(y) == len(q) > 1:
        if _is_one_hot(q) and _has_fractions(y) and bool(((y >= 0) & (y <= 1)).all()):
            notes.append(f"{prediction.name} is one-hot, and {target.name} is not: were they swapped? {SWAPPED}")
        if _is_zeros_and_ones(y) and bool(((q >= 0) & (q <= 1)).all()):
            is_distribution = len(q) > 2 and _is_one_hot(y) and abs(float(q.sum()) - 1) <= ABOUT_ONE
            prediction.advice = RESCALE if is_distribution else BINARY


def _are_labels(source: TypedSource, values: np.ndarray, rows: int) -> bool:
    """Whether typed values are labels of so many rows, and no distribution."""
    whole = bool(np.all(values == np.floor(values))) and bool(np.all(values >= 0))
    if not whole or source.dimensions == 2:
        return False
    return source.dimensions == 0 or (len(values) == rows and rows > 1)


def _has_fractions(values: np.ndarray) -> bool:
    return bool(np.any(values != np.floor(values)))


def _is_one_hot(values: np.ndarray) -> bool:
    return _is_zeros_and_ones(values) and float(values.sum()) == 1


def _is_zeros_and_ones(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0, 1)).all())


def _mention_class_0(origins: Sequence[Origin], classes: Sequence[str] | None, notes: list[str]) -> None:
    """A note where a binary prediction is the column of the class that stands for 0, and that of the other is beside it."""
    for origin in origins:
        if origin.request.role == PREDICTION and origin.stream is not None and len(origin.positions) == 1:
            table, at = origin.table, origin.positions[0]
            other = class_1_beside(table.names or (), at, classes)
            if other is not None and _may_sum_to_1(table.first(at), table.first(other)):
                title = f"{table.title(at)} of {table.name}"
                notes.append(f"{title} is read as the probability of 1: should it be {table.choosing([other])}?")


def _may_sum_to_1(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether the values of two columns may be those of two classes: probabilities sum to 1, and of other numbers nothing is known.

    >>> _may_sum_to_1(["0.7"], ["0.3"]), _may_sum_to_1(["0.7"], ["0.6"]), _may_sum_to_1(["-2.5"], ["1"])
    (True, False, True)
    """
    rows = [*zip(*first_values({0: ours, 1: theirs}).values(), strict=False)]
    return sum_to_1(rows) or any(not 0 <= value <= 1 for row in rows for value in row)


def class_1_beside(names: Sequence[str], at: int, classes: Sequence[str] | None = None) -> int | None:
    """The column of the class that stands for 1, where one is called as that of 0 is; `classes` are those of the labels.

    A 0 that ends a longer number, or counts more than two columns, stands for no class.

    >>> class_1_beside(["p_no", "p_yes"], 0), class_1_beside(["prob_0", "prob_1"], 1), class_1_beside(["b", "a"], 0, ["b", "a"])
    (1, None, 1)
    >>> class_1_beside(["p0", "p1"], 0), class_1_beside(["run10", "run11"], 0), class_1_beside(["m0", "m1", "m2"], 0)
    (1, None, None)
    """
    lower = [each.lower() for each in names]
    name = lower[at] if at < len(names) else ""
    for no, yes in ([tuple(classes)] if classes else []) + [("0", "1"), *NO_AND_YES]:
        if name.endswith(no.lower()):
            stem = name.removesuffix(no.lower())
            is_counted = no == "0" and (stem[-1:].isdigit() or f"{stem}2" in lower)
            wanted = None if is_counted else stem + yes.lower()
            return next((i for i, each in enumerate(lower) if each == wanted and i != at), None)
    return None


def binary_classes(texts: Collection[str]) -> str | None:
    """What names the two classes of a binary target, where it is texts such as yes and no."""
    given = [text for text in texts if not is_missing(text)]
    if not 1 <= len(set(given)) <= 2 or any(map(has_decimal_comma, given)):
        return None
    for pair in NO_AND_YES:
        if {text.lower() for text in given} <= set(pair):
            return f"--classes {to_type.classes([_spelt(name, given) for name in pair])} says which is 0 and which is 1"
    if len(set(given)) == 2:
        one, other = sorted(set(given))
        forward, back = to_type.classes([one, other]), to_type.classes([other, one])
        return f"--classes {forward} says that {one} is 0 and {other} is 1, --classes {back} the other way round"
    return None


def _spelt(name: str, given: Sequence[str]) -> str:
    """A name as it is written in the file, or as the other one is."""
    own = [text for text in given if text.lower() == name]
    if own:
        return own[0]
    return (
        name.upper() if given[0].isupper() and len(given[0]) > 1 else name.title() if given[0][:1].isupper() else name
    )
