"""Lists of Python's dictionaries as tables: `{"cat": 0.7, "dog": 0.3}` for each sample, or labels with their scores, as a pipeline of transformers gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.reading import json_rows
from cecli.reading.frames import numbers


def listed(values: Any) -> Any:
    """A column of dictionaries, or of lists of them, as a list; anything else as it is."""
    if str(getattr(values, "dtype", "")) != "object" or getattr(values, "ndim", 0) != 1 or not len(values):
        return values
    rows = list(values)
    return rows if isinstance(rows[0], dict) or are_scores(rows) else values


def are_scores(values: Any) -> bool:
    """Whether values are labels with their scores, of one sample or of each."""
    if not isinstance(values, (list, tuple)) or not len(values):
        return False
    return _is_score(values[0]) or _is_of_scores(values[0]) or _is_sorted(values[0])


def as_records(values: Sequence[Any], name: str) -> np.ndarray | None:
    """Rows of named values as an array of records; None for a list of anything else."""
    if not isinstance(values[0] if len(values) else None, dict) and not are_scores(values):
        return None
    rows = [_by_name(row, f"sample {i + 1} of {name}") for i, row in enumerate(_samples(list(values), name))]
    names = list(rows[0]) if isinstance(rows[0], dict) else []
    for i, row in enumerate(rows):
        _require_same_names(
            row, names, f"sample {i + 1} of {name}", json_rows.ALL_SCORES if are_scores(values) else None
        )
    if are_scores(values):
        names = json_rows.by_their_numbers(names)
    columns = [numbers(np.array([row[key] for row in rows], object), f"{key!r} of {name}") for key in names]
    found = np.empty(len(rows), dtype=[(str(key), np.float64) for key in names])
    for key, column in zip(names, columns, strict=True):
        found[str(key)] = column
    return found


def _samples(values: list[Any], name: str) -> list[Any]:
    """The rows: the labels of one sample with their scores are one."""
    if not _is_score(values[0]):
        return values
    if not json_rows.is_scores(values) or not json_rows.is_one_sample(values):
        raise InputError(
            f"{name}: a label and a score for each sample, and not the scores of all classes", hint=json_rows.ALL_SCORES
        )
    return [values]


def _by_name(row: Any, where: str) -> Any:
    """The values of a sample by their names."""
    found = json_rows.scored(list(row) if _is_of_scores(row) else row, where)
    return found["scores"] if _is_sorted(row) else found


def _is_sorted(value: Any) -> bool:
    """Whether a value is what a zero-shot pipeline gives for a sample: its labels and their scores, the largest first."""
    return isinstance(value, dict) and bool(json_rows.labels_and_scores(value))


def _is_score(value: Any) -> bool:
    return isinstance(value, dict) and "label" in value and "score" in value


def _is_of_scores(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and json_rows.is_scores(list(value))


def _require_same_names(row: Any, names: Sequence[Any], where: str, hint: str | None) -> None:
    """The error for a row that does not have a value for each name."""
    if not isinstance(row, dict) or not row:
        raise InputError(f"{where} is not a dictionary of numbers, as others are")
    lacking, extra = [each for each in names if each not in row], [each for each in row if each not in names]
    if lacking or extra:
        says = f"lacks {lacking[0]!r}, which sample 1 has" if lacking else f"has {extra[0]!r}, which sample 1 lacks"
        raise InputError(f"{where} {says}", hint=hint)
