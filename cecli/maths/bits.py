"""What the bits of numbers tell in one pass, and a choice made bit by bit."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from cecli.maths.namespace import Array, namespace

UNSIGNED: dict[Any, Any] = {
    np.dtype(np.float32): np.uint32,
    np.dtype(np.float64): np.uint64,
    np.dtype(np.int64): np.uint64,
}
"""The type of the same bits as whole numbers from 0 up."""


def within_0_and_1(x: Array) -> bool:
    """Whether all values are from 0 to 1; no NaN is.

    The bits of floats from 0 to 1 are, as whole numbers, at most those of 1, and all others' are more (also those of −0).
    """
    xp = namespace(x)
    return _bits_at_most(x, 1) or (bool(xp.min(x) >= 0) and bool(xp.max(x) <= 1))


def are_below(labels: Array, classes: int) -> bool:
    """Whether all labels, whole numbers, are from 0 to K − 1; negative ones are large numbers by their bits."""
    xp = namespace(labels)
    return _bits_at_most(labels, classes - 1) or (int(xp.min(labels)) >= 0 and int(xp.max(labels)) < classes)


def _bits_at_most(x: Array, most: int) -> bool:
    """Whether the bits of all values, as whole numbers, are at most those of `most`: one pass, of NumPy's."""
    if not isinstance(x, np.ndarray) or (unsigned := UNSIGNED.get(x.dtype)) is None:
        return False
    return bool(np.max(x.view(unsigned)) <= np.asarray(most, x.dtype).view(unsigned))


def either(mask: Array, a: Array, b: Array) -> Array:
    """a where the mask is True, else b, of one float type and shape: `where` without a branch for each entry, which a random mask makes slow."""
    xp = namespace(mask, a, b)
    if xp is not np:
        return xp.where(mask, a, b)
    unsigned = UNSIGNED[a.dtype]
    bits, others = cast("np.ndarray", a).view(unsigned), cast("np.ndarray", b).view(unsigned)
    found: np.ndarray = bits ^ others
    found &= -cast("np.ndarray", mask).astype(unsigned)
    found ^= others
    return cast("Array", found.view(a.dtype))
