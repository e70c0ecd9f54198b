"""Tables and columns of other libraries as arrays: pandas (nullable and Arrow-backed too), polars, pyarrow; NumPy's records; and arrays of Python objects.

No library is imported for it: each is known by what its objects can do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.reading.index_columns import index_columns
from cecli.reading.vector import shortened
from cecli.record import Record

SEEN = 1000
"""First values of a column that say whether it is an index."""
WAYS = ("collect", "toarray", "to_dense", "to_numpy", "compute")
"""Methods by which other objects become arrays or tables that are read."""
KINDS = {"U": "text", "S": "bytes", "T": "text", "M": "dates", "m": "durations", "c": "complex numbers", "V": "records"}
"""What NumPy's types that are not numbers hold."""


class TableKind(Record):
    """How a table of one library is recognised and taken apart."""

    fits: Callable[[Any], bool]
    names: Callable[[Any], Any]
    column: Callable[[Any, int], Any]
    chosen: Callable[[Any, list[int]], Any]


PYARROW = TableKind(
    lambda table: hasattr(table, "column_names"),
    lambda table: table.column_names,
    lambda table, i: table.column(i),
    lambda table, kept: table.select(kept),
)
PANDAS = TableKind(
    lambda table: hasattr(table, "iloc") and table.ndim == 2,
    lambda table: table.columns,
    lambda table, i: table.iloc[:, i],
    lambda table, kept: table.iloc[:, kept],
)
POLARS = TableKind(
    lambda table: hasattr(table, "get_columns"),
    lambda table: table.columns,
    lambda table, i: table.to_series(i),
    lambda table, kept: table[:, kept],
)
RECORDS = TableKind(
    lambda table: bool(getattr(getattr(table, "dtype", None), "names", None)),
    lambda table: table.dtype.names,
    lambda table, i: table[table.dtype.names[i]],
    lambda table, kept: table[[table.dtype.names[i] for i in kept]],
)
TABLES = (PYARROW, PANDAS, POLARS, RECORDS)


def table_kind(values: Any) -> TableKind | None:
    """How a table is taken apart; None for anything else."""
    if isinstance(values, np.ndarray) and values.dtype.names is None:
        return None
    return next((kind for kind in TABLES if kind.fits(values)), None)


def is_frame(values: Any) -> bool:
    """Whether something is a column or a table of such a library."""
    if hasattr(values, "__array_namespace__"):
        return RECORDS.fits(values)
    return hasattr(values, "to_numpy") or table_kind(values) is not None


def names_of(values: Any) -> tuple[str, ...] | None:
    """The names of the columns of a table; None for a column, and where no column has a name but its number."""
    kind = table_kind(values)
    if kind is None:
        return None
    found = list(kind.names(values))
    numbers = range(len(found))
    is_named = found != list(numbers) and found != [f"column_{i}" for i in numbers]  # as pandas and polars call them
    return tuple(map(str, found)) if is_named else None


def without_index(values: Any, name: str) -> tuple[Any, list[str]]:
    """A table without its index (`index_columns.py`), and a note of it; anything else as it is."""
    kind, names = table_kind(values), names_of(values)
    if kind is None or names is None:
        return values, []
    index = index_columns(names, lambda: [_text(value) for value in _column(kind.column(values, 0), name)[:SEEN]])
    kept = [i for i in range(len(names)) if i not in index]
    if not index or not kept:
        return values, []
    title = repr(names[index[0]]) if names[index[0]] else "without a name"
    return kind.chosen(values, kept), [
        f"the column {title} of {name} was left out as an index; rename it to take it in"
    ]


def as_numpy(values: Any, name: str) -> np.ndarray:
    """The values of a column, texts and all; or of a table, whose columns must be numbers."""
    kind = table_kind(values)
    if kind is None:
        return _column(values, name)
    if not len(kind.names(values)):
        raise InputError(f"{name}: no values are given")
    if kind in (PANDAS, POLARS) and (whole := np.asarray(values.to_numpy())).dtype.kind in "biuf":
        return whole
    columns = [_column(kind.column(values, i), name) for i in range(len(kind.names(values)))]
    if len(columns) == 1:
        return of_objects(columns[0], name) if _holds_rows(columns[0]) else columns[0][:, None]
    titles = [f"column {str(title)!r} of {name}" for title in kind.names(values)]
    return np.column_stack([numbers(column, title) for column, title in zip(columns, titles, strict=True)])


def _column(values: Any, name: str) -> np.ndarray:
    """A column: numbers, NaN where one is missing, or objects."""
    try:
        if hasattr(values, "type") and not hasattr(values, "chunks"):  # an array of pyarrow
            return np.asarray(values.to_numpy(zero_copy_only=False))
        found = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    except Exception as error:  # each library has errors of its own
        raise InputError(f"{name}: values that are not numbers: {' '.join(str(error).split())[:80]}") from error
    return found if found.dtype.kind != "O" or not hasattr(values, "iloc") else _of_pandas(values, found)


def _of_pandas(values: Any, objects: np.ndarray) -> np.ndarray:
    """A column of pandas, whose missing values become NaN; its texts stay."""
    try:
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        return objects


# --- arrays of Python objects --------------------------------------------------------------------------------------


def numbers(array: np.ndarray, name: str) -> np.ndarray:
    """An array of numbers; those among Python objects as float64."""
    if array.dtype.kind == "O":
        return of_objects(array, name)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name}: {KINDS.get(array.dtype.kind, array.dtype)}; numbers are needed")
    return array


def of_objects(array: np.ndarray, name: str) -> np.ndarray:
    """An array of Python objects as float64: numbers, NaN where one is missing; lists of numbers are rows."""
    if array.ndim == 0:
        raise _not_read(array.item(), name)
    if _holds_rows(array):
        return _of_rows(array, name)
    flat = [math.nan if _is_missing(value) else value for value in array.reshape(-1)]
    wrong = next((i for i, value in enumerate(flat) if not _is_real(value)), None)
    if wrong is not None:
        where = name if array.ndim == 1 else f"sample {wrong // array[0].size + 1} of {name}"
        raise InputError(f"{where}: {shortened(repr(flat[wrong]))} is not a number")
    try:
        return np.array(flat, dtype=np.float64).reshape(array.shape)
    except OverflowError as error:
        raise InputError(f"{name}: a number too large for a 64-bit float") from error


def _holds_rows(array: np.ndarray) -> bool:
    """Whether each entry of a column is a list of values: a row."""
    is_column = array.ndim == 1 and array.dtype.kind == "O" and len(array) > 0
    return is_column and all(isinstance(value, (list, tuple, np.ndarray)) for value in array)


def _of_rows(array: np.ndarray, name: str) -> np.ndarray:
    """A column of lists as rows."""
    rows = [np.asarray(row) if isinstance(row, np.ndarray) else row for row in array]
    lengths = [len(row) if np.ndim(row) else 0 for row in rows]
    odd = next((i for i, length in enumerate(lengths) if length != lengths[0]), None)
    if odd is not None:
        raise InputError(f"sample {odd + 1} of {name} has {lengths[odd]} values, and sample 1 has {lengths[0]}")
    return numbers(np.array([list(row) for row in rows]), name)


def _not_read(value: Any, name: str) -> InputError:
    """The error for an object that is neither an array nor a list of numbers, with the method that makes it one."""
    way = next((way for way in WAYS if hasattr(value, way)), None)
    hint = None if way is None else f"{way}() makes it one that is read"
    if isinstance(value, dict):
        hint = "pandas.DataFrame(values) makes a table of lists by name"
    article = "None" if value is None else f"of the type {type(value).__name__}"
    return InputError(f"{name}: {article}; numbers are needed, in an array or a list", hint=hint)


def _is_real(value: Any) -> bool:
    return isinstance(value, (Number, np.bool_)) and not isinstance(value, complex | np.complexfloating)


def _is_missing(value: Any) -> bool:
    """Whether a Python object stands for a missing value: None, NaN, pandas' NA and NaT."""
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float) and math.isnan(value))
    )


def texts_of(values: Any, name: str, truth: bool = False) -> np.ndarray | None:
    """Labels by name as texts, in the shape that they have: of an array, a column or a text; None where there is none.

    `truth` is whether truth values are names too.
    """
    array = _one_column(values, name)
    words = (str, bytes, bool, np.bool_) if truth else (str, bytes)
    if array.dtype.kind not in "OUSTb" or not any(isinstance(value, words) for value in array.flat):
        return None
    return np.array([_text(value) for value in array.flat], dtype=object).reshape(array.shape)


def group_names(values: Any, name: str) -> list[str] | None:
    """What groups are called that are not numbers: by texts, truth values, dates, or any other objects; None for numbers."""
    array = _one_column(values, name)
    if array.dtype.kind in "iuf" or (array.dtype.kind == "O" and all(map(_is_real, array.flat))):
        return None
    array = np.datetime_as_string(array, unit="auto") if array.dtype.kind == "M" else array
    return [_text(value) for value in array.flat]


def _one_column(values: Any, name: str) -> np.ndarray:
    """A column, a table of one column, a text, or an array of NumPy; of anything else, which can hold numbers only, nothing."""
    kind = table_kind(values)
    if kind is not None and len(kind.names(values)) == 1:
        values, kind = kind.column(values, 0), None
    if isinstance(values, (str, bytes)):
        values = np.array([values], dtype=object)
    array = _column(values, name) if kind is None and is_frame(values) else values
    return array if isinstance(array, np.ndarray) else np.empty(0)


def row_names_of(values: Any) -> Any:
    """The index of a pandas object; None of anything else."""
    return values.index if hasattr(values, "iloc") else None


def _text(value: Any) -> str:
    """A label as text; nothing where it is missing."""
    if _is_missing(value):
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
