"""Predicted labels in the library, beside scikit-learn and SciPy; any split into batches gives the same."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import sklearn.metrics

import cecli
from cecli.running import walk as walking


@pytest.fixture(scope="module")
def drawn():
    """Targets of seven classes, of which one never occurs, with two models' labels and weights."""
    rng = np.random.default_rng(5)
    y = rng.choice([0, 1, 2, 3, 4, 6], 500)
    models = {
        name: np.where(rng.random(500) < share, y, rng.integers(0, 7, 500)) for name, share in (("a", 0.7), ("b", 0.5))
    }
    return y, models, rng.random(500)


@pytest.mark.parametrize("weighted", [False, True])
def test_every_number_beside_scikit_learn(drawn, weighted):
    """Error rate, accuracy, balanced accuracy, F1, confusion."""
    y, models, weights = drawn
    own = {"sample_weights": weights} if weighted else {}
    theirs = {"sample_weight": weights} if weighted else {}
    found = cecli.compare(y, models, metrics="all", confusion=True, by_class=True, **own)
    for model in found["models"]:
        p = models[model["name"]]
        assert model["accuracy"] == pytest.approx(sklearn.metrics.accuracy_score(y, p, **theirs), rel=1e-12)
        assert model["error_rate"] == pytest.approx(1 - model["accuracy"], rel=1e-12)
        assert model["errors"] == np.sum(y != p)
        assert model["macro_f1"] == pytest.approx(sklearn.metrics.f1_score(y, p, average="macro", **theirs), rel=1e-12)
        with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
            balanced = sklearn.metrics.balanced_accuracy_score(y, p, **theirs)
        assert model["balanced_accuracy"] == pytest.approx(balanced, rel=1e-12)
        np.testing.assert_allclose(
            model["confusion"], sklearn.metrics.confusion_matrix(y, p, labels=range(7), **theirs)
        )
        assert model["cross_entropy"] is None


def test_mcnemar_beside_scipy(drawn):
    """The exact test's mid-p of the samples that one alone has right."""
    y, models, _ = drawn
    (pair,) = cecli.compare(y, models)["differences"]
    a, b = (p == y for p in models.values())
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    assert (pair["mcnemar"]["only_a_right"], pair["mcnemar"]["only_b_right"]) == (only_a, only_b)
    low, n = min(only_a, only_b), only_a + only_b
    mid_p = 2 * scipy.stats.binom.cdf(low, n, 0.5) - scipy.stats.binom.pmf(low, n, 0.5)
    assert pair["mcnemar"]["p_value"] == pytest.approx(mid_p, rel=1e-10)


def test_labels_are_certain_probabilities_without_losses(drawn):
    """Right and wrong are those of one-hot rows."""
    y, models, _ = drawn
    rows = {name: np.eye(7)[p] for name, p in models.items()}
    options = {"metrics": ["accuracy", "balanced_accuracy", "macro_f1"], "confusion": True}
    for one, other in zip(cecli.compare(y, models, **options)["models"], cecli.compare(y, rows, **options)["models"], strict=True):  # fmt: skip
        assert {name for name in one if one[name] != other[name]} == {"mse", "cross_entropy", "cross_entropy_sum", "perplexity", "intervals"}  # fmt: skip
        assert all(
            one["intervals"][name] == other["intervals"][name] for name in ("error_rate", "accuracy", "macro_f1")
        )


def test_any_batches_and_threads_give_the_same(drawn, monkeypatch):
    """Where the number of classes is known only in the end too."""
    y, models, weights = drawn
    order = np.argsort(y, kind="stable")
    y, models = y[order], {name: p[order] for name, p in models.items()}
    options = {"metrics": "all", "confusion": True, "by_class": True, "sample_weights": weights}
    whole = cecli.compare(y, models, **options)
    monkeypatch.setattr(walking, "BATCH_VALUES", 21)
    monkeypatch.setattr(walking, "LARGE_BATCH_BYTES", 21)
    in_pieces = cecli.compare(y, models, **options, threads=1)
    assert in_pieces == cecli.compare(y, models, **options, threads=3)
    for one, other in zip(in_pieces["models"], whole["models"], strict=True):
        spans = one.pop("intervals"), other.pop("intervals")
        assert one == other
        assert {name: span and pytest.approx(span, rel=1e-12) for name, span in spans[0].items()} == spans[1]
    errors = (found["differences"][0]["metrics"]["error_rate"] for found in (in_pieces, whole))
    one, other = ([found[name] for name in ("difference", "ci_low", "ci_high", "p_value")] for found in errors)
    assert one == pytest.approx(other, rel=1e-11)


@pytest.mark.parametrize("of", [list, np.array, pd.Series, lambda texts: pd.Series(texts, dtype="category")])
def test_labels_by_name(of):
    """Their classes are the names that there are, or those of `classes`."""
    y, p = ["b", "a", "c", "a"], of(["b", "b", "c", "a"])
    assert cecli.compare(y, {"m": p})["models"][0]["errors"] == 1
    assert cecli.compare(y, {"m": p}, classes=["a", "b", "c", "d"], confusion=True)["models"][0]["confusion"][1] == [0, 1, 0, 0]  # fmt: skip
    assert cecli.error_rate(y, p) == 0.25


def test_names_beside_a_frame_of_probabilities():
    """The frame's columns are the classes."""
    frame = pd.DataFrame({"b": [0.1, 0.2], "a": [0.9, 0.8]})
    found = cecli.compare(["a", "b"], {"frame": frame, "names": ["a", "a"]})["models"]
    assert [model["errors"] for model in found] == [1, 1]
    assert [model["mse"] is None for model in found] == [False, True]


def test_whole_numbers_of_any_type_are_labels():
    """By value: 1.0 is one too; under `logits` never."""
    for p in ([1, 0, 0], [1.0, 0.0, 0.0], [True, False, False], np.array([1, 0, 0], np.uint8)):
        assert cecli.compare([1, 0, 1], {"m": p})["models"][0]["cross_entropy"] is None
        assert cecli.compare([1, 0, 1], {"m": p}, logits=True)["models"][0]["cross_entropy"] is not None


def test_a_single_loss_takes_them_as_probabilities():
    """`mse` has no meaning for labels, so that 0 and 1 are probabilities of 1 there."""
    assert cecli.mse([1, 0, 1], [1, 0, 0]) == pytest.approx(2 * sklearn.metrics.brier_score_loss([1, 0, 1], [1, 0, 0]))
    assert cecli.error_rate([2, 1, 0], [2, 1, 1]) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="labels by name"):
        cecli.mse(["x", "y"], ["x", "x"])


def test_strings_beside_numbers():
    """Are an error."""
    with pytest.raises(ValueError, match="the classes have no names"):
        cecli.compare([0, 1], {"m": ["a", "b"]})


@pytest.mark.parametrize("missing", [None, math.nan, "", "NA"])
def test_a_missing_name_is_no_class(missing):
    """In labels and in predicted labels; `skip_missing` leaves the sample out."""
    names, gap = ["a", "b", "b"], ["a", missing, "b"]
    for target, predicted in ((gap, names), (names, gap)):
        arrays = np.array(target, dtype=object), np.array(predicted, dtype=object)
        with pytest.raises(ValueError, match=r"sample 2 of the .*: the label is missing"):
            cecli.error_rate(*arrays)
        assert cecli.error_rate(*arrays, skip_missing=True) == 0
