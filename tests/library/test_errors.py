"""Bad input is a ValueError for every array library (the messages are in tests/cases/errors.json), and what is just good enough is none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import cecli
from tests.every import every

NAN, INF = math.nan, math.inf
GOOD = [[0.5, 0.5], [0.25, 0.75]]

BY_ARRAYS = {
    "NaN": (lambda a: cecli.softmax(a([[0.0, 1.0], [1.0, NAN]])), r"sample 2 of the logits: nan"),
    "negative": (lambda a: cecli.entropy(a([-0.5, 1.5])), r"-0\.5 is negative"),
    "sum": (lambda a: cecli.entropy(a([[0.5, 0.5], [0.5, 0.3]])), r"sample 2 of p sums to 0\.8"),
    "counts": (lambda a: cecli.entropy(a([[1.0, 2.0], [0.0, 0.0]]), normalize=True), r"sample 2 of p is 0 everywhere"),
    "two +inf": (lambda a: cecli.softmax(a([INF, INF])), r"only one class can be certain"),
    "label": (lambda a: cecli.cross_entropy(a([1, 2]), a(GOOD)), r"if yours count from 1"),
    "half a label": (lambda a: cecli.cross_entropy(a([0.0, 0.5]), a(GOOD)), r"0\.5 is not a label"),
    "weights": (lambda a: cecli.cross_entropy(a([0, 1]), a(GOOD), sample_weights=a([0.0, 0.0])), r"all 0"),
    "ignored": (lambda a: cecli.cross_entropy(a([5, 5]), a(GOOD), ignore_index=5), r"no sample is left"),
    "empty": (lambda a: cecli.softmax(a([])), r"no values are given"),
    "widths": (lambda a: cecli.kl_divergence(a([0.5, 0.5]), a([0.25, 0.25, 0.5])), r"2 values in p, 3 classes in q"),
}


@every("name", BY_ARRAYS)
def test_errors_are_the_same_for_every_array_library(name: str, xp: Any) -> None:
    """No array library's own error shows through."""
    call, message = BY_ARRAYS[name]

    with pytest.raises(ValueError, match=message):
        call(xp.asarray)


@pytest.mark.parametrize("decimals", [0.333333, 0.3333334])
def test_rows_within_the_tolerance_pass_as_they_are(decimals: float) -> None:
    """A row of an array may miss 1 by 1e-5, and is not rescaled."""
    row = [decimals] * 3

    assert cecli.cross_entropy(0, row) == -math.log(decimals)


def test_half_precision_rows_may_miss_by_a_hundredth() -> None:
    """A row of float16 misses 1 by more, for want of digits."""
    row = np.asarray([0.333, 0.333, 0.329], dtype=np.float16)

    assert cecli.entropy(row) == pytest.approx(1.0981, abs=1e-3)
    with pytest.raises(ValueError, match="sums to"):
        cecli.entropy(row.astype(np.float32))


def test_an_ignored_text_beside_numbers() -> None:
    with pytest.raises(ValueError, match="'foo' is text, and the label 0 is a number"):
        cecli.cross_entropy([0, 1], [[0.5, 0.5], [0.5, 0.5]], ignore_index="foo")
    assert cecli.cross_entropy(["a", "b"], [[1, 0], [0, 1]], classes=["a", "b"], ignore_index="foo") == 0
