"""Arrays passed to the library, seen as sources are: the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cecli.errors import InputError, Origin
from cecli.maths.namespace import Array, namespace

TOLERANCE = 1e-5
HALF_TOLERANCE = 1e-2


@dataclass(frozen=True)
class ArraySource(Origin):
    """An array as a source: values of any floating type, with their own number of dimensions."""

    values: Array
    tolerance: float = TOLERANCE
    hint: str | None = None
    names: tuple[str, ...] | None = None
    fewest_decimals: int = 17

    @property
    def dimensions(self) -> int:
        """0, 1 or 2."""
        return len(self.values.shape)

    @property
    def is_column(self) -> bool:
        """An array's shape says what it is: a column is no vector."""
        return False

    @property
    def count(self) -> int:
        """How many values there are in all."""
        return int(np.prod(self.values.shape))

    def rows(self) -> tuple[Array, float]:
        """The values as rows, and how far from 1 a row may sum if it holds probabilities."""
        xp = namespace(self.values)
        width = self.values.shape[-1] if self.dimensions else 1
        return xp.reshape(self.values, (-1, width)), self.tolerance

    def flat(self) -> Array:
        """The values of a vector."""
        xp = namespace(self.values)
        if self.dimensions > 1:
            raise InputError(f"{self.name} has {self.dimensions} dimensions; a vector is meant")
        return xp.reshape(self.values, (-1,))

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """Arrays hold numbers."""
        return False

    def label_indices(self, names: Sequence[str] | None, ignore: int | None) -> Array:  # noqa: ARG002
        """The values as class indices."""
        return self.flat()


def array_source(values: Any, name: str) -> ArraySource:
    """Anything array-like as a source: arrays keep their namespace, all else becomes a NumPy array.

    Integers and booleans become float64 and float16 becomes float32: the types that are computed in.
    """
    if not (hasattr(values, "__array_namespace__") or hasattr(values, "__dlpack__")):
        values = _numpy(values, name)
    xp = namespace(values)
    if len(values.shape) > 2:
        raise InputError(f"{name} has {len(values.shape)} dimensions; at most two are meant, a row per sample")
    if 0 in values.shape:
        raise InputError(f"{name} is empty")
    half = str(values.dtype).endswith("float16")
    if half:
        values = xp.astype(values, xp.float32)
    elif not xp.isdtype(values.dtype, ("real floating",)):
        if xp.isdtype(values.dtype, "complex floating"):
            raise InputError(f"{name} is complex; probabilities and logits are real")
        values = xp.astype(values, xp.float64)
    return ArraySource(name, values, HALF_TOLERANCE if half else TOLERANCE)


def _numpy(values: Any, name: str) -> Any:
    """A list, tuple or number as a NumPy array of numbers."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} is ragged: its rows differ in length") from error
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} holds {array.dtype} values; numbers are meant")
    return array
