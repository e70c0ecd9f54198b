"""Lists of dictionaries: labels with their scores, as a pipeline of transformers gives them, and rows of named numbers."""

import math

import numpy as np
import pandas as pd
import pytest

import cecli

SCORES = [
    [{"label": "cat", "score": 0.7}, {"label": "dog", "score": 0.3}],
    [{"label": "dog", "score": 0.8}, {"label": "cat", "score": 0.2}],
]
SORTED = [
    {"sequence": "a", "labels": ["cat", "dog"], "scores": [0.7, 0.3]},
    {"sequence": "b", "labels": ["dog", "cat"], "scores": [0.8, 0.2]},
]
ROWS = [{"cat": 0.7, "dog": 0.3}, {"dog": 0.8, "cat": 0.2}]
FORMS = [
    SORTED,
    pd.Series(SCORES),
    pd.Series(ROWS, index=[4, 2]),
    np.array(ROWS),
    SCORES,
    ROWS,
    tuple(map(tuple, SCORES)),
    [{"cat": np.float32(0.7), "dog": np.float64(0.3)}, ROWS[1]],
]
LOSS = -(math.log(0.7) + math.log(0.8)) / 2


@pytest.mark.parametrize("given", FORMS)
def test_rows_are_read_by_name(given):
    assert cecli.cross_entropy(["cat", "dog"], given) == pytest.approx(LOSS, rel=1e-7)
    assert cecli.cross_entropy(["cat", "dog"], given, classes=["dog", "cat"]) == pytest.approx(LOSS, rel=1e-7)
    assert cecli.cross_entropy([1, 0], given, classes=["dog", "cat"]) == pytest.approx(LOSS, rel=1e-7)
    assert cecli.error_rate(["cat", "cat"], given) == 0.5
    assert cecli.kl_divergence(given, SCORES, reduction="sum") == pytest.approx(0, abs=1e-6)
    assert cecli.entropy(given).shape == (2,)
    found = cecli.compare(["cat", "dog"], {"a": given, "b": [{"dog": 0.5, "cat": 0.5}] * 2})
    assert [model["cross_entropy"] for model in found["models"]] == pytest.approx([LOSS, math.log(2)], rel=1e-7)


def test_labels_by_number_need_an_order():
    assert cecli.cross_entropy([0, 1], ROWS) == pytest.approx(LOSS)
    with pytest.raises(ValueError, match=r"in no order; classes=\['cat', 'dog'\] says which is 0, 1"):
        cecli.cross_entropy([0, 1], SCORES)
    with pytest.raises(ValueError, match="in no order"):
        cecli.compare([0, 1], {"a": SCORES})
    numbered = [[{"label": f"LABEL_{k}", "score": p} for k, p in ((1, 0.3), (0, 0.7))], SCORES[1]]
    numbered[1] = [{"label": "LABEL_0", "score": 0.2}, {"label": "LABEL_1", "score": 0.8}]
    assert cecli.cross_entropy([0, 1], numbered) == pytest.approx(LOSS)


def test_the_labels_of_one_sample():
    assert cecli.cross_entropy("cat", SCORES[0]) == pytest.approx(-math.log(0.7))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([[SCORES[0][0]], [SCORES[1][0]]], "sample 2 of the prediction lacks 'cat'.*top_k=None"),
        ([SCORES[0], [*SCORES[1], {"label": "cow", "score": 0.1}]], "has 'cow'.*top_k=None"),
        ([SCORES[0][0], SCORES[0][0]], "not the scores of all classes; top_k=None"),
        ([ROWS[0], {"cat": 1.0}], "sample 2 of the prediction lacks 'dog'"),
        ([ROWS[0], [0.2, 0.8]], "sample 2 of the prediction is not a dictionary"),
        ([SCORES[0], "x"], "sample 2 of the prediction is not a dictionary"),
        ([{"cat": "x", "dog": 0.3}], "'cat' of the prediction: 'x' is not a number"),
        ([{}], "not a dictionary of numbers"),
        ({"cat": [0.7], "dog": [0.3]}, "pandas.DataFrame"),
    ],
)
def test_rows_that_do_not_fit(given, said):
    with pytest.raises(ValueError, match=said):
        cecli.cross_entropy(["cat", "dog"], given)
