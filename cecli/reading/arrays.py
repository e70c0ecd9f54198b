"""Arrays passed to the library, seen as sources are: the same questions, the same answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.maths.namespace import Array, namespace, on_cpu
from cecli.reading import frames
from cecli.reading.labels import LEFT_OUT, Ignored, Matcher, UnknownLabelError, all_numbers, require_number
from cecli.reading.sources import LARGE, Rows, Source

TOLERANCE = 1e-5
HALF_TOLERANCE = 1e-2
HALF_EPSILON = 2.0**-10


class ArraySource(Source):
    """An array as a source: values of any floating type, with their own number of dimensions."""

    def __init__(self, values: Array, name: str, tolerance: float = TOLERANCE, rounding: float | None = None) -> None:
        self.given, self.name, self.tolerance = values, name, tolerance
        self.dimensions = len(values.shape)
        self.width = int(values.shape[-1]) if self.dimensions else 1
        self.is_vector = self.dimensions == 1
        if rounding is not None:
            self.rounding = rounding
        elif not _is_integral(values):
            type_ = namespace(values).finfo(values.dtype)
            self.rounding, self.bytes_each = float(type_.eps), type_.bits // 8
        self._taken = 0
        self._is_vector = False

    @cached_property
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
        return None if values is None else Rows(values, lambda _: self.tolerance)

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        return self._next(self._as_vector(self.values), n)

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n values; where the class names are numbers, the indices of the classes so named."""
        values = self._next(self._as_vector(self.given), n)
        if values is None:
            return None
        xp = namespace(values)
        if names and all_numbers(names):
            values, ignore = xp.asarray(self._matched(on_cpu(values), Matcher(names, ignore))), LEFT_OUT
        if ignore is None or isinstance(ignore, str):
            require_number(ignore, float(values[0]))
            return values
        self.ignored = values == ignore
        return xp.where(self.ignored, xp.zeros_like(values), values)

    def _matched(self, values: np.ndarray, matcher: Matcher) -> np.ndarray:
        """The class indices of labels by the numbers that name the classes."""
        try:
            return on_cpu(matcher.of_numbers(values.astype(np.float64)))
        except UnknownLabelError as error:
            sample = self._taken - len(values) + values.tolist().index(float(str(error)))
            raise matcher.unknown(f"{float(str(error)):g}", self.where(sample), None) from None

    def _as_vector(self, values: Array) -> Array:
        """The values in one dimension, if that is what they have."""
        if self.dimensions > 1:
            raise InputError(f"{self.name} has {self.dimensions} dimensions; a vector is meant")
        self._is_vector = True
        return namespace(values).reshape(values, (-1,))

    def _next(self, values: Array, n: int) -> Array | None:
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
        """An array's shape says what it is: a column is no vector."""
        return False

    @property
    def count(self) -> int:
        """How many values there are in all."""
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

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.name

    def reorder(self, order: Sequence[int], names: tuple[str, ...]) -> None:
        """Puts the columns in another order."""
        xp = namespace(self.given)
        self.given = xp.take(self.given, xp.asarray(list(order)), axis=1)
        self.width = len(order)
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
    """Anything array-like as a source: arrays keep their namespace; lists and numbers take that of `like`, or NumPy's.

    Integers and booleans become float64 and float16 becomes float32: the types that are computed in.
    """
    names = frames.names_of(values) if frames.is_frame(values) else None
    values = _brought(_as_array(values, name), name, like)
    if len(values.shape) > 2:
        raise InputError(f"{name} has {len(values.shape)} dimensions; at most two are meant, a row per sample")
    if 0 in values.shape:
        raise InputError(f"{name} is empty")
    if _is_integral(values):
        source = ArraySource(values, name)
    else:
        rounding = HALF_EPSILON if is_half(values.dtype) else None
        values, tolerance = as_computed(values, name, namespace(values))
        source = ArraySource(values, name, tolerance, rounding)
    source.names = names
    return source


def _as_array(values: Any, name: str) -> Array:
    if frames.is_frame(values):
        values = frames.as_numpy(values, name)
    if not _is_array(values):
        return _numpy(values, name)
    if isinstance(values, np.ndarray):
        return _plain_numpy(values, name)
    if getattr(values, "is_sparse", False):
        raise InputError(f"{name} is a sparse tensor", hint="to_dense() makes it one that is read")
    array: Array = values.detach() if hasattr(values, "detach") else values  # of a tensor that autograd follows
    return array


def _brought(values: Array, name: str, like: Any) -> Array:
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
    return namespace(like).asarray(values.astype(np.float64) if values.dtype.kind in "biu" else values)


class LabelSource(Source):
    """Labels by name that were passed to the library."""

    dimensions, width = 1, 1
    is_vector = True

    def __init__(self, texts: Sequence[str], name: str, like: Any = None) -> None:
        self.name, self.given, self._like = name, texts, like
        self._taken = 0

    @property
    def count(self) -> int:
        """How many labels there are."""
        return len(self.given)

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n labels."""
        texts = self.given[self._taken : self._taken + n]
        if not texts:
            return None
        matcher = Matcher(names, ignore)
        try:
            found = np.array(list(map(matcher.index, texts)), dtype=np.float64)
        except UnknownLabelError as error:
            sample = self._taken + list(texts).index(str(error))
            raise matcher.unknown(str(error), self.where(sample), None) from None
        if np.isnan(found).any():
            raise InputError(f"{self.where(self._taken + int(np.argmax(np.isnan(found))))}: the label is missing")
        self._taken += len(texts)
        left_out = found == LEFT_OUT
        self.ignored = left_out if left_out.any() else None
        found = np.where(left_out, 0.0, found)
        return (
            found if self._like is None or isinstance(self._like, np.ndarray) else namespace(self._like).asarray(found)
        )

    def texts(self, n: int) -> Sequence[str] | None:
        """The next n labels as they are: names of groups."""
        texts = self.given[self._taken : self._taken + n]
        self._taken += len(texts)
        return texts or None

    def vector(self, n: int) -> Array | None:  # noqa: ARG002
        """Nothing that is asked of names."""
        raise InputError(
            f"{self.name} holds labels by name; numbers are meant", hint="classes=[…] names the two classes, 0 first"
        )

    def rows(self, n: int) -> Rows | None:
        """Nothing that is asked of names."""
        self.vector(n)
        return None

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """They are."""
        return True

    def are_several(self) -> bool:
        """Whether there is more than one."""
        return len(self.given) > 1

    def drain(self) -> int:
        """How many labels were left."""
        left = len(self.given) - self._taken
        self._taken += left
        return left


def target_source(values: Any, name: str, like: Any = None) -> Source:
    """A target: labels by name or by number, in one dimension or in a column (N, 1), or distributions."""
    texts = frames.texts_of(values, name)
    if texts is not None:
        return LabelSource(texts, name, like)
    source = array_source(values, name, like)
    many = like is not None and len(like.shape) == 2 and like.shape[1] > 1
    if many and source.dimensions == 2 and source.width == 1 and source.given.shape[0] == like.shape[0]:
        return array_source(namespace(source.given).reshape(source.given, (-1,)), name, like)
    return source


def as_computed(values: Array, name: str, xp: Any = np) -> tuple[Array, float]:
    """Values in the type that they are computed in, and how far from 1 a row of that type may sum."""
    if is_half(values.dtype):
        return xp.astype(values, xp.float32), HALF_TOLERANCE
    if xp.isdtype(values.dtype, "complex floating"):
        raise InputError(f"{name} is complex; probabilities and logits are real")
    if values.dtype not in (xp.float32, xp.float64):
        if not xp.isdtype(values.dtype, ("bool", "integral", "real floating")):
            raise InputError(f"{name} holds {values.dtype} values; numbers are meant")
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
    return hasattr(values, "__array_namespace__") or hasattr(values, "__dlpack__")


def _plain_numpy(values: Any, name: str) -> np.ndarray:
    """A NumPy array of no subclass and in native byte order; a masked one is refused, as its mask would be lost."""
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(
            f"{name} is a masked array", hint="leave samples out with sample_weights of 0, or with ignore_index"
        )
    if values.dtype.kind == "O":
        return frames.of_objects(np.asarray(values), name)
    if values.dtype.kind not in "biufc":
        raise InputError(f"{name} holds {values.dtype} values; numbers are meant")
    return native(np.asarray(values))


def _numpy(values: Any, name: str) -> np.ndarray:
    """A list, tuple or number as a NumPy array of numbers."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} is ragged: its rows differ in length") from error
    if array.dtype.kind == "O":
        return frames.of_objects(array, name)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} holds {array.dtype} values; numbers are meant")
    return array
