"""Slips that the sources of a call show together: target and prediction swapped, binary labels given to a loss of classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from cecli.errors import UsageError
from cecli.maths.namespace import on_cpu
from cecli.reading.missing import is_missing
from cecli.reading.sources import Source, TypedSource

SWAPPED = "the target comes first, then the prediction"
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
NEAR_ONE = 0.05


def judge(target: Source, predictions: Sequence[Source], notes: list[str]) -> None:
    """Says so where a typed target and its prediction were swapped, or are binary."""
    for prediction in predictions:
        if isinstance(target, TypedSource) and isinstance(prediction, TypedSource):
            _judge(target, prediction, notes)


def _judge(target: TypedSource, prediction: TypedSource, notes: list[str]) -> None:
    seen, guessed = target.glance(), prediction.glance()
    if seen is None or guessed is None:
        return
    y, q = on_cpu(seen), on_cpu(guessed)
    if _are_labels(prediction, q, len(target.typed.rows)) and target.dimensions > 0 and _has_fractions(y):
        raise UsageError(
            f"{target.name} and {prediction.name} look swapped: {prediction.text} is labels",
            place=prediction.whole(),
            hint=SWAPPED,
        )
    if target.dimensions == prediction.dimensions == 1 and len(y) == len(q) > 1:
        if _is_one_hot(q) and not _is_one_hot(y) and abs(float(y.sum()) - 1) <= NEAR_ONE:
            notes.append(f"{prediction.name} is one-hot, and {target.name} is not: were they swapped? {SWAPPED}")
        if bool(np.isin(y, (0, 1)).all()) and bool(((q >= 0) & (q <= 1)).all()):
            prediction.advice = BINARY


def _are_labels(source: TypedSource, values: np.ndarray, rows: int) -> bool:
    """Whether typed values are labels of so many rows, and no distribution."""
    whole = bool(np.all(values == np.floor(values))) and bool(np.all(values >= 0))
    if not whole or source.dimensions == 2:
        return False
    return source.dimensions == 0 or (len(values) == rows and rows > 1)


def _has_fractions(values: np.ndarray) -> bool:
    return bool(np.any(values != np.floor(values)))


def _is_one_hot(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0, 1)).all()) and float(values.sum()) == 1


def binary_classes(texts: Collection[str]) -> str | None:
    """What names the two classes of a binary target, where it is texts such as yes and no."""
    given = [text for text in texts if not is_missing(text)]
    if not 1 <= len(set(given)) <= 2:
        return None
    for pair in NO_AND_YES:
        if {text.lower() for text in given} <= set(pair):
            return f"--classes {','.join(_spelt(name, given) for name in pair)} says which is 0 and which is 1"
    if len(set(given)) == 2:
        return f"--classes {','.join(sorted(given))} says which is 0 and which is 1"
    return None


def _spelt(name: str, given: Sequence[str]) -> str:
    """A name as it is written in the file, or as the other one is."""
    own = [text for text in given if text.lower() == name]
    if own:
        return own[0]
    return (
        name.upper() if given[0].isupper() and len(given[0]) > 1 else name.title() if given[0][:1].isupper() else name
    )
