"""Arrays passed to the library, seen as sources are: the same questions, the same answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.maths.namespace import Array, namespace, on_cpu
from cecli.reading import collections, frames, python_rows
from cecli.reading.doubtful_columns import doubtful, odd_column
from cecli.reading.labels import LEFT_OUT, Ignored, Matcher, UnknownLabelError, all_numbers, require_number
from cecli.reading.missing import is_missing
from cecli.reading.sources import LARGE, Rows, Source
from cecli.record import Record, computed_once

TOLERANCE = 1e-5
HALF_TOLERANCE = 1e-2
HALF_EPSILON = 2.0**-10
SEEN = 5
"""First rows that say which columns of a table are doubtful."""


class ArraySource(Source):
    """An array as a source: values of any floating type, with their own number of dimensions."""

    skips_missing = False
    """Whether samples with a missing value, NaN, are left out: these are marked, and hold harmless values."""
    collection: collections.Collection | None = None
    """The Dask collection whose first rows these are."""
    first = 0
    """The number of the first sample in the whole input, of which this may be a part."""
    rows_in_all: int | None = None
    """How many samples the whole input has, of which this is a part."""
    columns: Sequence[int] | None = None
    """Which columns of a collection are read, if not all in their order."""
    unordered = False
    """Whether the order of the columns means nothing: labels with their scores."""

    def __init__(self, values: Array, name: str, tolerance: float = TOLERANCE, rounding: float | None = None) -> None:
        self.given, self.name, self.tolerance = values, name, tolerance
        self.shape, self.type_given = tuple(values.shape), values.dtype
        """The shape and the type of what was passed: three axes are seen as rows, float16 is computed in float32."""
        self.dimensions = len(values.shape)
        self.width = int(values.shape[-1]) if self.dimensions else 1
        self.is_vector = self.dimensions == 1
        if rounding is not None:
            self.rounding = rounding
        elif not _is_integral(values):
            type_ = namespace(values).finfo(values.dtype)
            self.rounding, self.bytes_each = float(type_.eps), type_.bits // 8
        self.row_names: Any = None
        """The index of a pandas object, which names its rows."""
        self._taken = 0
        self._is_vector = False

    @computed_once
    def values(self) -> Array:
        """The values in the type that they are computed in; whole numbers, which may be labels, wait until they are asked for."""
        return (
            namespace(self.given).astype(self.given, namespace(self.given).float64)
            if _is_integral(self.given)
            else self.given
        )

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        values = self._next(namespace(self.values).reshape(self.values, (-1, self.width)), n)
        return None if values is None else Rows(self._marked(values, 1 / max(2, self.width)), lambda _: self.tolerance)

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        values = self._next(self._as_vector(self.values), n)
        return None if values is None else self._marked(values, 0.5)

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n values; where the class names are numbers, the indices of the classes so named."""
        values = self._next(self._as_vector(self.given), n)
        if values is None:
            return None
        xp = namespace(values)
        if names and all_numbers(names):
            values, ignore = xp.asarray(self._matched(on_cpu(values), Matcher(names, ignore))), LEFT_OUT
        if ignore is None or (isinstance(ignore, str) and not is_missing(ignore)):
            require_number(ignore, float(values[0]))
            return self._marked(values, 0.0)
        self.ignored = values != values if isinstance(ignore, str) else values == ignore  # noqa: PLR0124 - NaN
        return self._marked(xp.where(self.ignored, xp.zeros_like(values), values), 0.0)

    def _marked(self, values: Array, harmless: float) -> Array:
        """The values of a piece; with a harmless one for all of a sample that has a missing one, which is marked."""
        self.missing = None
        if not self.skips_missing or _is_integral(values):
            return values
        xp, each = namespace(values), values != values  # noqa: PLR0124 - NaN
        if not bool(xp.any(each)):
            return values
        self.missing = xp.any(each, axis=1) if values.ndim == 2 else each
        mask = self.missing[:, None] if values.ndim == 2 else each
        return xp.where(mask, xp.full_like(values, harmless), values)

    def _matched(self, values: np.ndarray, matcher: Matcher) -> np.ndarray:
        """The class indices of labels by the numbers that name the classes."""
        try:
            return on_cpu(matcher.of_numbers(values.astype(np.float64)))
        except UnknownLabelError as error:
            sample = self.first + self._taken - len(values) + values.tolist().index(float(str(error)))
            raise matcher.unknown(f"{float(str(error)):g}", self.where(sample), None) from None

    def _as_vector(self, values: Array) -> Array:
        """The values in one dimension, if that is what they have."""
        if self.dimensions > 1 and self.width > 1:
            raise InputError(f"{self.name}: {self.dimensions} dimensions; a vector is needed")
        self._is_vector = True
        return namespace(values).reshape(values, (-1,))

    def _next(self, values: Array, n: int) -> Array | None:
        collections.require_values(self.collection, self.name)
        start, self._taken = self._taken, min(self._taken + n, int(values.shape[0]))
        if self._taken == start:
            return None
        piece = values[start : self._taken, ...]
        return np.ascontiguousarray(piece) if isinstance(piece, np.ndarray) else piece

    def glance(self) -> Array | None:
        """The array itself."""
        return on_cpu(self.values)

    @property
    def is_column(self) -> bool:
        """An array's shape says what it is: a column is not a vector."""
        return False

    def flatten(self) -> None:
        """Makes it an array of one dimension: a value for each sample."""
        self.given = namespace(self.given).reshape(self.given, (-1,))
        self.shape = tuple(self.given.shape)
        self.dimensions, self.width, self.is_vector, self.names = 1, self.shape[0], True, None
        self.__dict__.pop("values", None)
        if self.collection is not None:
            self.stand_for(self.collection)

    def stand_for(self, whole: collections.Collection) -> None:
        """These are the first rows of a collection, and what is asked of shapes is asked of all of it."""
        self.collection, self.rows_in_all = whole, whole.rows
        self.shape = whole.shape or (whole.rows, *self.shape[1:])
        if self.dimensions == 1:
            self.width = whole.rows
        if self.names and whole.columns is not None:
            self.columns = [[*map(str, whole.columns)].index(name) for name in self.names]

    def take_part(self, blocks: Sequence[np.ndarray]) -> None:
        """Takes the values of a part of a collection, as those of its first rows were taken."""
        values = _plain_numpy(np.concatenate(blocks), self.name)
        values = values if self.columns is None or values.ndim < 2 else values[:, list(self.columns)]
        values = values.reshape(-1) if self.dimensions == 1 else values
        self.given = values if _is_integral(values) else as_computed(values, self.name)[0]

    @property
    def count(self) -> int:
        """How many values there are in all."""
        if self.rows_in_all is not None:
            return self.rows_in_all * (self.width if self.dimensions > 1 else 1)
        return math.prod(self.given.shape)

    @property
    def is_large(self) -> bool:
        """Whether there are many values."""
        return self.count >= LARGE

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """Arrays hold numbers."""
        return False

    # -- names meet names, as the columns of files do

    @property
    def has_classes(self) -> bool:
        """Whether it has columns with names."""
        return self.names is not None and self.dimensions == 2 and self.width > 1

    def reorder(self, order: Sequence[int], names: tuple[str, ...]) -> None:
        """Puts the columns in another order."""
        xp = namespace(self.given)
        self.given = xp.take(self.given, xp.asarray(list(order)), axis=1)
        self.width = len(order)
        self.columns = [(self.columns or range(self.shape[-1]))[i] for i in order]
        self.__dict__.pop("values", None)
        self.rename(names)

    def rename(self, names: tuple[str, ...]) -> None:
        """Gives the columns other names."""
        self.names = names

    def where(self, sample: int) -> str:
        """The sample, where there is more than one."""
        alone = self.count == 1 if self._is_vector else self.dimensions < 2
        return self.name if alone else super().where(sample)


def array_source(values: Any, name: str, like: Any = None) -> ArraySource:
    """Anything array-like as a source: arrays keep their namespace, but are brought to that of `like` where it is given; all else is NumPy's.

    Integers and booleans become float64 and float16 becomes float32: the types that are computed in. Three axes (N, T, K) are N·T rows.
    """
    if collections.is_collection(values):
        return collections.opened(values, name, lambda rows: array_source(rows, name, like))
    return source_of(without_index(values, name), name, like)


class Given(Record):
    """What was passed, without its index."""

    values: Any
    notes: Sequence[str] = ()
    unordered: bool = False
    """Whether it was labels with their scores."""


def source_of(given: Given, name: str, like: Any) -> ArraySource:
    """The source of an array, or of a table without its index, with the notes of how it was read."""
    values = given.values
    names, row_names = frames.names_of(values), frames.row_names_of(values)
    values = _as_array(values, name)
    shape, type_ = tuple(values.shape), values.dtype
    if 0 in shape:
        raise InputError(f"{name}: no values are given")
    if len(shape) == 3:
        values = namespace(values).reshape(values, (-1, shape[-1]))
    elif len(shape) > 3:
        raise InputError(
            f"{name}: {len(shape)} dimensions; at most three are allowed, of which the last is the classes",
            hint="reshape(-1, K) makes it rows of K classes",
        )
    tolerance, rounding = TOLERANCE, HALF_EPSILON if is_half(type_) else None
    if not _is_integral(values):
        values, tolerance = as_computed(values, name, namespace(values))
    source = ArraySource(brought(values, name, like), name, tolerance, rounding)
    source.names = names if names and len(names) == source.width else None  # lists in one column have no names
    source.row_names, source.notes, source.unordered = row_names, given.notes, given.unordered
    if source.names and source.width > 1:
        _mention_doubts(source, source.names, on_cpu(source.given)[:SEEN])
    source.shape, source.type_given = shape, type_
    return source


def _mention_doubts(source: ArraySource, names: Sequence[str], first: np.ndarray) -> None:
    """A note of columns that seem to be labels, and advice on one that keeps rows from summing to 1."""
    columns = dict(enumerate(first.T.tolist()))
    texts = {i: [*map(str, column)] for i, column in columns.items()}
    found = doubtful(dict(enumerate(names)), texts) if len(names) > 2 else []
    doubted = [repr(names[i]) for i in found]
    said = [f"the column {name} of {source.name} is read as a class; drop it if it is none" for name in doubted]
    source.notes = [*source.notes, *said]
    if (odd := odd_column(columns)) is not None:
        source.advice = f"the column {names[odd]!r} seems to be no class: without it rows sum to 1; drop it"


def without_index(values: Any, name: str) -> Given:
    """Lists as arrays, those of named values as records; tables without their index, and a note of it."""
    values = python_rows.listed(values)
    if isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        records = python_rows.as_records(values, name)
        return Given(_listed(values, name)) if records is None else Given(records, (), python_rows.are_scores(values))
    return Given(*frames.without_index(values, name))


def _as_array(values: Any, name: str) -> Array:
    if frames.is_frame(values):
        values = frames.as_numpy(values, name)
    if not _is_array(values):
        values = _listed(values, name)
    if isinstance(values, np.ndarray):
        return _plain_numpy(values, name)
    _require_values(values, name)
    array: Array = values.detach() if hasattr(values, "detach") else values  # of a tensor that autograd follows
    xp = namespace(array)
    return xp.astype(array, xp.float64) if xp.isdtype(array.dtype, "unsigned integer") else array


def _require_values(tensor: Any, name: str) -> None:
    """The error for a tensor of torch whose values do not lie side by side in memory, or are not there at all."""
    if getattr(tensor, "is_nested", False):
        raise InputError(f"{name} is a nested tensor: its rows differ in length")
    if getattr(tensor, "is_sparse", False) or str(getattr(tensor, "layout", "torch.strided")) != "torch.strided":
        raise InputError(f"{name}: a sparse tensor is not read", hint="to_dense() makes it dense")
    if getattr(tensor, "is_meta", False):
        raise InputError(f"{name} is a tensor without values, on the device meta")


def brought(values: Array, name: str, like: Any) -> Array:
    """An array in the library of another one."""
    if like is None or type(values) is type(like) or (isinstance(values, np.ndarray) and isinstance(like, np.ndarray)):
        return values
    if not isinstance(values, np.ndarray):
        try:
            values = on_cpu(values)
        except (TypeError, ValueError, RuntimeError) as error:
            raise InputError(f"{name} can't be brought to the library of the prediction: {str(error)[:80]}") from error
        values = np.asarray(values)
    if isinstance(like, np.ndarray):
        return values
    values = values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)
    return namespace(like).asarray(values, device=like.device)


def as_computed(values: Array, name: str, xp: Any = np) -> tuple[Array, float]:
    """Values in the type that they are computed in, and how far from 1 a row of that type may sum."""
    if is_half(values.dtype):
        return xp.astype(values, xp.float32), HALF_TOLERANCE
    if xp.isdtype(values.dtype, "complex floating"):
        raise InputError(f"{name}: complex values; probabilities and logits are real")
    if values.dtype not in (xp.float32, xp.float64):
        if not xp.isdtype(values.dtype, ("bool", "integral", "real floating")):
            raise InputError(f"{name}: {values.dtype} values; numbers are needed")
        values = xp.astype(values, xp.float64)
    return values, TOLERANCE


def _is_integral(values: Array) -> bool:
    return bool(namespace(values).isdtype(values.dtype, "integral"))


def is_half(dtype: Any) -> bool:
    """Whether a type is float16, of any namespace and byte order."""
    return str(dtype).endswith("float16") or (getattr(dtype, "kind", "") == "f" and dtype.itemsize == 2)


def native(values: np.ndarray) -> np.ndarray:
    """NumPy values in the byte order of this machine."""
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def _is_array(values: Any) -> bool:
    """Whether it is an array that is computed on as it is; others, TensorFlow's too, become NumPy's."""
    if hasattr(values, "__array_namespace__"):
        return True
    if not hasattr(values, "__dlpack__"):
        return False
    try:
        return bool(namespace(values))
    except TypeError:
        return getattr(values, "is_sparse", False)


def _plain_numpy(values: np.ndarray, name: str) -> np.ndarray:
    """A NumPy array of no subclass and in native byte order; a masked one is refused, as its mask would be lost."""
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(
            f"{name}: a masked array is not read",
            hint="leave samples out with sample_weights of 0, or with ignore_index",
        )
    return native(frames.numbers(np.asarray(values), name))


def _listed(values: Any, name: str) -> np.ndarray:
    """A list, a tuple, a number, or what says that it is an array, as NumPy's."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name}: rows of unequal length") from error
    except (TypeError, RuntimeError, OverflowError, BufferError) as error:
        raise InputError(f"{name} can't be read as an array: {' '.join(str(error).split())[:80]}") from error
