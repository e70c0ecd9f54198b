"""`device=` of the library's functions, without a GPU; tests/cli/test_device.py says what stands in for one."""

import sys

import array_api_strict
import numpy as np
import pytest

import cecli

RNG = np.random.default_rng(3)
Z = RNG.normal(size=(40, 5))
P = cecli.softmax(Z)
LARGE = RNG.normal(size=(4000, 5))
"""So large that NumPy would take the quick way."""
Y = RNG.integers(0, 5, 40)
B, S = RNG.integers(0, 2, 40), RNG.random(40)

CALLS = {
    "softmax": lambda **more: cecli.softmax(Z, **more),
    "softmax of many": lambda **more: cecli.softmax(LARGE, **more),
    "log_softmax": lambda **more: cecli.log_softmax(Z, **more),
    "entropy": lambda **more: cecli.entropy(P, reduction="none", **more),
    "cross_entropy": lambda **more: cecli.cross_entropy(Y, P, **more),
    "each": lambda **more: cecli.cross_entropy(Y, P, reduction="none", **more),
    "kl_divergence": lambda **more: cecli.kl_divergence(P, P[::-1], **more),
    "js_divergence": lambda **more: cecli.js_divergence(P, P[::-1], reduction="mean", **more),
    "binary_cross_entropy": lambda **more: cecli.binary_cross_entropy(B, S, **more),
    "mse": lambda **more: cecli.mse(Y, P, **more),
    "error_rate": lambda **more: cecli.error_rate(Y, P, **more),
    "gradient": lambda **more: cecli.gradient(Y, Z, logits=True, **more),
    "mean gradient": lambda **more: cecli.gradient(Y, Z, loss="mse", logits=True, reduction="mean", **more),
    "calibrate": lambda **more: cecli.calibrate(P, 2 * Z, **more),
    "compare": lambda **more: [m["cross_entropy"] for m in cecli.compare(Y, {"a": P, "b": P[::-1]}, **more)["models"]],
}


@pytest.mark.parametrize("name", CALLS)
def test_the_device_gives_what_the_processor_gives(fake_cupy, monkeypatch, name):
    placed = []

    def place(array):
        placed.append(array.size)
        return array_api_strict.asarray(np.ascontiguousarray(array), device=array_api_strict.Device("device1"))

    fake_cupy(free=2**30, place=place)
    monkeypatch.setattr(array_api_strict._array_object.Array, "get", lambda array: array._array.copy(), raising=False)
    here = CALLS[name](device="cpu")
    np.testing.assert_array_equal(here, CALLS[name]())
    assert not placed
    there = CALLS[name](device="cuda")
    assert placed
    assert type(there) is type(here)
    np.testing.assert_allclose(there, here, rtol=1e-12, atol=1e-15)


def test_what_is_missing_is_said_as_in_the_terminal(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(ValueError, match="needs CuPy"):
        cecli.cross_entropy(Y, P, device="cuda")
    assert cecli.cross_entropy(Y, P, device="auto") == cecli.cross_entropy(Y, P)


def test_no_device():
    with pytest.raises(ValueError, match="'tpu' is not a device"):
        cecli.softmax(Z, device="tpu")
