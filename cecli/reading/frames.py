"""Columns and tables of other libraries as arrays: pandas (nullable and Arrow-backed too), polars, pyarrow; and arrays of Python objects.

No library is imported for it: each is known by what its objects can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cecli.errors import InputError


def is_frame(values: Any) -> bool:
    """Whether something is a column or a table of such a library."""
    is_table = hasattr(values, "to_numpy") or hasattr(values, "column_names")
    return is_table and not hasattr(values, "__array_namespace__")


def names_of(values: Any) -> tuple[str, ...] | None:
    """The names of the columns of a table; None for a column, and where no column has a name but its number."""
    names = getattr(values, "column_names", None)
    if names is None and len(getattr(values, "shape", ())) == 2:
        names = getattr(values, "columns", None)
    if names is None:
        return None
    found = list(names)
    return None if found == list(range(len(found))) else tuple(map(str, found))


def as_numpy(values: Any, name: str) -> np.ndarray:
    """The values of a column or a table: numbers, NaN where one is missing, or texts as objects."""
    try:
        if hasattr(values, "column_names"):  # a table of pyarrow
            return np.column_stack([as_numpy(column, name) for column in values.columns])
        if hasattr(values, "iloc"):  # pandas
            return _of_pandas(values)
        if hasattr(values, "type") and not hasattr(values, "columns"):  # an array of pyarrow
            return (
                np.asarray(values.to_numpy(zero_copy_only=False))
                if not hasattr(values, "chunks")
                else np.asarray(values.to_numpy())
            )
        return np.asarray(values.to_numpy())
    except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
        raise InputError(f"{name} holds values that are not numbers: {' '.join(str(error).split())[:80]}") from error


def _of_pandas(values: Any) -> np.ndarray:
    """A pandas object, whose missing values become NaN; its texts stay."""
    array = np.asarray(values.to_numpy())
    if array.dtype.kind != "O" or array.ndim == 2:
        return array if array.dtype.kind != "O" else np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    try:
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        return array


def of_objects(array: np.ndarray, name: str) -> np.ndarray:
    """An array of Python objects that are all numbers as float64."""
    flat = array.reshape(-1).tolist()
    if not all(isinstance(value, (int, float, np.number, np.bool_)) for value in flat):
        raise InputError(f"{name} holds object values; numbers are meant")
    try:
        return array.astype(np.float64)
    except OverflowError as error:
        raise InputError(f"{name} holds a number too large for a 64-bit float") from error


def texts_of(values: Any, name: str) -> Sequence[str] | None:
    """The texts of a column of labels by name: a list, an array or a column of strings; None where it holds anything else."""
    array = as_numpy(values, name) if is_frame(values) else values
    if isinstance(array, (list, tuple)):
        if not array or not isinstance(array[0], (str, bytes)):
            return None
        array = np.array(array, dtype=object)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "OUST":
        return None
    flat = array.reshape(-1).tolist()
    if array.ndim > 1 and array.shape[1:] != (1,):
        return None
    if not any(isinstance(value, (str, bytes)) for value in flat):
        return None
    return [_text(value) for value in flat]


def _text(value: Any) -> str:
    """A label as text; nothing where it is missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
