"""Many models: those that differ are told apart, whatever the number of pairs, and those that do not differ are not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import cecli

KINDS, EACH = 6, "abcde"


@pytest.fixture(scope="module")
def found():
    """30 models on 5,000 samples: five of each of six kinds, which are equally good but for the noise of their own; and a copy of the first."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 3, 5000)
    shared = rng.normal(size=(5000, 3)) + 1.5 * np.eye(3)[y]
    models = {
        f"{kind}{one}": cecli.softmax(shared + (0.3 + 0.25 * kind) * rng.normal(size=(5000, 3)))
        for kind in range(KINDS)
        for one in EACH
    }
    return cecli.compare(y, {**models, "copy": models["0a"]})


def test_thirty_models_that_differ_are_told_apart(found):
    """The 375 pairs of two kinds, and no other: none of the 60 pairs of one kind."""
    pairs = {(one["a"], one["b"]): one for one in found["differences"] if one["b"] != "copy"}
    apart = {names for names, one in pairs.items() if one["p_adjusted"] < 0.05}
    names = [f"{kind}{one}" for kind in range(KINDS) for one in EACH]

    assert len(found["differences"]) == 465
    assert apart == {(a, b) for a, b in itertools.combinations(names, 2) if a[0] != b[0]}
    assert all(pairs[both]["difference"] < 0 for both in apart)
    assert 0 < min(one["p_adjusted"] for one in pairs.values()) < 1e-100


def test_a_copy_is_never_told_apart(found):
    """p is 1, by all that is compared; and the copy differs from others as its model does."""
    of_copy = {one["a"]: one for one in found["differences"] if one["b"] == "copy"}
    assert (of_copy["0a"]["p_value"], of_copy["0a"]["p_adjusted"], of_copy["0a"]["mcnemar"]["p_value"]) == (1, 1, 1)
    assert {name for name, one in of_copy.items() if one["p_adjusted"] >= 0.05} == {f"0{one}" for one in EACH}


def test_the_verdict_names_those_of_the_best_kind(found):
    """The others are counted."""
    best = found["verdict"].split(". The other 25 are significantly worse")[0]
    assert all(f"0{one}" in best for one in EACH)
    assert "not distinguishable" in best
    assert not any(f"{kind}{one}" in best for kind in range(1, KINDS) for one in EACH)
