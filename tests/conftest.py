"""What all tests share: `xp`, the array libraries that the maths must run on unchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Arrays:
    """One array library: how to make its arrays, its namespace, and how to get plain NumPy back."""

    name: str
    namespace: Any
    asarray: Callable[..., Any]
    numpy: Callable[[Any], np.ndarray]

    def owns(self, array: Any) -> bool:
        """Whether an array belongs to this library."""
        return isinstance(array, type(self.asarray([0.0])))


def _numpy() -> Arrays:
    return Arrays("numpy", np, np.asarray, np.asarray)


def _read_only() -> Arrays:
    def asarray(values: Any, **options: Any) -> np.ndarray:
        array = np.array(values, **options)
        array.flags.writeable = False
        return array

    return Arrays("read-only", np, asarray, np.asarray)


def _strict() -> Arrays:
    import array_api_strict

    return Arrays("array-api-strict", array_api_strict, array_api_strict.asarray, np.asarray)


def _cupy() -> Arrays:
    import cupy

    return Arrays("cupy", cupy, cupy.asarray, cupy.asnumpy)


def _has_cupy() -> bool:
    """Whether CuPy is there with a device to run on."""
    try:
        import cupy

        return bool(cupy.cuda.runtime.getDeviceCount())
    except Exception:
        return False


LIBRARIES = {"numpy": _numpy, "read-only": _read_only, "array-api-strict": _strict} | (
    {"cupy": _cupy} if _has_cupy() else {}
)


@pytest.fixture(params=LIBRARIES)
def xp(request: pytest.FixtureRequest) -> Arrays:
    """Each array library in turn: NumPy, NumPy that must not be written to, array-api-strict, CuPy where there is a GPU."""
    return LIBRARIES[request.param]()
