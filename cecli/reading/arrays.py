"""Arrays passed to the library, seen as sources are: the same questions, the same answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.maths.namespace import Array, namespace, on_cpu
from cecli.reading.labels import Ignored
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

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:  # noqa: ARG002
        """The next n values; arrays hold numbers."""
        values = self._next(self._as_vector(self.given), n)
        if values is None or ignore is None or isinstance(ignore, str):
            return values
        xp = namespace(values)
        self.ignored = values == ignore
        return xp.where(self.ignored, xp.zeros_like(values), values)

    def _as_vector(self, values: Array) -> Array:
        """The values in one dimension, if that is what they have."""
        if self.dimensions > 1:
            raise InputError(f"{self.name} has {self.dimensions} dimensions; a vector is meant")
        self._is_vector = True
        return namespace(values).reshape(values, (-1,))

    def _next(self, values: Array, n: int) -> Array | None:
        """The next n of the first axis."""
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

    def where(self, sample: int) -> str:
        """The sample, where there is more than one."""
        alone = self.count == 1 if self._is_vector else self.dimensions < 2
        return self.name if alone else super().where(sample)


def array_source(values: Any, name: str, like: Any = None) -> ArraySource:
    """Anything array-like as a source: arrays keep their namespace; lists and numbers take that of `like`, or NumPy's.

    Integers and booleans become float64 and float16 becomes float32: the types that are computed in.
    """
    if not _is_array(values):
        values = _numpy(values, name)
    elif isinstance(values, np.ndarray):
        values = _plain_numpy(values, name)
    elif hasattr(values, "detach"):  # a tensor that autograd follows: the numbers are what is asked for
        values = values.detach()
    if like is not None and isinstance(values, np.ndarray) and not isinstance(like, np.ndarray):
        values = namespace(like).asarray(values.astype(np.float64) if values.dtype.kind in "biu" else values)
    if len(values.shape) > 2:
        raise InputError(f"{name} has {len(values.shape)} dimensions; at most two are meant, a row per sample")
    if 0 in values.shape:
        raise InputError(f"{name} is empty")
    if _is_integral(values):
        return ArraySource(values, name)
    rounding = HALF_EPSILON if is_half(values.dtype) else None
    values, tolerance = as_computed(values, name, namespace(values))
    return ArraySource(values, name, tolerance, rounding)


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
    """Whether an array holds whole numbers by its type."""
    return bool(namespace(values).isdtype(values.dtype, "integral"))


def is_half(dtype: Any) -> bool:
    """Whether a type is float16, of any namespace and byte order."""
    return str(dtype).endswith("float16") or (getattr(dtype, "kind", "") == "f" and dtype.itemsize == 2)


def native(values: Array) -> Array:
    """NumPy values in the byte order of this machine."""
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def _is_array(values: Any) -> bool:
    """Whether something is an array of some namespace."""
    return hasattr(values, "__array_namespace__") or hasattr(values, "__dlpack__")


def _plain_numpy(values: Any, name: str) -> Any:
    """A NumPy array of no subclass and in native byte order; a masked one is refused, as its mask would be lost."""
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(
            f"{name} is a masked array", hint="leave samples out with sample_weights of 0, or with ignore_index"
        )
    if values.dtype.kind not in "biufc":
        raise InputError(f"{name} holds {values.dtype} values; numbers are meant")
    return native(np.asarray(values))


def _numpy(values: Any, name: str) -> Any:
    """A list, tuple or number as a NumPy array of numbers."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} is ragged: its rows differ in length") from error
    if array.dtype.kind == "O" and all(isinstance(value, int) for value in array.reshape(-1)):
        array = array.astype(np.float64)  # integers too large for 64 bits
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} holds {array.dtype} values; numbers are meant")
    return array
