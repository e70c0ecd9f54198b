"""The array namespace (NumPy, CuPy, array-api-strict, …) that comes with an array."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
"""An array of some array API namespace; the standard has no type to name it."""

quiet = np.errstate(all="ignore")
"""Decorates kernels: the limits they take (log 0, inf − inf under a mask) are theirs to settle, not to warn of."""


def namespace(*arrays: Array) -> Any:
    """The namespace that the arrays share: `numpy` itself for NumPy's, else what array-api-compat finds."""
    if all(isinstance(array, np.ndarray | np.generic) for array in arrays):
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
    return xp.take_along_axis(x, labels[..., None], axis=-1)


def one_hot(labels: Array, classes: int, like: Array) -> Array:
    """Rows that are 1 at the label and 0 elsewhere, in the type of `like`."""
    xp = namespace(labels)
    index = xp.arange(classes, dtype=labels.dtype, device=labels.device)
    return xp.astype(index == labels[..., None], like.dtype)


def safe_product(weight: Array, value: Array) -> Array:
    """weight · value with 0 · inf = 0: the mask comes before the product, so a NaN is never made."""
    xp = namespace(weight, value)
    return weight * xp.where(weight == 0, xp.zeros_like(value), value)
