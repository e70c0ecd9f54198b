"""Many models: those that differ are told apart, whatever the number of pairs."""

from __future__ import annotations

import numpy as np

import cecli


def test_thirty_models_that_differ_are_told_apart():
    """5,000 samples, each model a little worse than the one before: of 435 pairs all that are eight steps from one another; identical ones never."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 3, 5000)
    shared = rng.normal(size=(5000, 3)) + 1.5 * np.eye(3)[y]
    models = {}
    for i in range(30):
        z = shared * (1 - 0.02 * i) + 0.25 * rng.normal(size=(5000, 3)) if i else shared
        models[f"m{i}"] = cecli.softmax(z)
    models["copy"] = models["m0"]
    found = cecli.compare(y, models)["differences"]

    assert len(found) == 465
    smallest = min(one["p_adjusted"] for one in found)
    assert 0 < smallest < 1e-100
    apart = [
        one for one in found if "copy" not in (one["a"], one["b"]) and abs(int(one["a"][1:]) - int(one["b"][1:])) >= 8
    ]
    assert all(one["p_adjusted"] < 0.05 and one["difference"] < 0 for one in apart)
    (same,) = [one for one in found if (one["a"], one["b"]) == ("m0", "copy")]
    assert (same["p_value"], same["p_adjusted"]) == (1.0, 1.0)
