"""The array namespace (NumPy, CuPy, array-api-strict, …) that comes with an array."""

from __future__ import annotations

from typing import Any

import numpy as np

FEW_CLASSES = 64
"""Below so many classes rows are too short for the instructions that take many numbers at once."""

Array = Any
"""An array of some array API namespace; the standard has no type to name it."""

NUMPY = (np.ndarray, np.generic)

quiet = np.errstate(all="ignore")
"""Decorates kernels: the limits they take (log 0, inf − inf under a mask) are theirs to settle, not to warn of."""


def namespace(*arrays: Array) -> Any:
    """The namespace that the arrays share: `numpy` itself for NumPy's, else what array-api-compat finds."""
    for array in arrays:
        if not isinstance(array, NUMPY):
            break
    else:
        return np
    from array_api_compat import array_namespace

    return array_namespace(*arrays)


def on_cpu(array: Array) -> np.ndarray:
    """The array as NumPy's, wherever it is; CuPy's refuse to be converted unless asked by name."""
    fetch = getattr(array, "get", None)
    return np.asarray(array if fetch is None else fetch())


def at_labels(x: Array, labels: Array) -> Array:
    """x[n, labels[n]] with the last axis kept, of length 1."""
    xp = namespace(x, labels)
    if xp is np and x.ndim == 2 and x.flags.forc:  # one index into the memory, where NumPy would build two
        rows, classes = x.shape
        flat, step, stride = (x.reshape(-1), classes, 1) if x.flags.c_contiguous else (x.T.reshape(-1), 1, rows)
        return np.take(flat, labels * stride + np.arange(rows) * step)[:, None]
    return xp.take_along_axis(x, labels[..., None], axis=-1)


def with_labels(x: Array, labels: Array, values: Array) -> Array:
    """x with values[n] in the place of x[n, labels[n]]; values have a last axis of length 1."""
    xp = namespace(x, labels)
    if xp is np:
        found = np.copy(x, order="K")
        found[np.arange(labels.shape[0]), labels] = values[:, 0]
        return found
    return xp.where(xp.arange(x.shape[-1], dtype=labels.dtype, device=x.device) == labels[..., None], values, x)


def class_major(x: Array) -> Array:
    """The same values; of few classes all of the first, then all of the second, and so on in memory.

    What is done along short rows is then done to many rows at once. Shapes and formulas stay as they are.
    """
    few = isinstance(x, np.ndarray) and x.ndim == 2 and x.shape[-1] < FEW_CLASSES
    return np.asfortranarray(x) if few else x


@quiet
def is_finite(x: Array) -> bool:
    """Whether all values are surely finite: their sum is. (A sum may be too large where no value is.)"""
    xp = namespace(x)
    return bool(xp.isfinite(xp.sum(x)))


def one_hot(labels: Array, classes: int, like: Array) -> Array:
    """Rows that are 1 at the label and 0 elsewhere, in the type of `like`."""
    xp = namespace(labels)
    index = xp.arange(classes, dtype=labels.dtype, device=labels.device)
    return xp.astype(index == labels[..., None], like.dtype)


def safe_product(weight: Array, value: Array) -> Array:
    """weight · value with 0 · inf = 0: the mask comes before the product, so a NaN is never made."""
    xp = namespace(weight, value)
    if xp is np and is_finite(value):
        return weight * value
    return weight * xp.where(weight == 0, xp.zeros_like(value), value)
