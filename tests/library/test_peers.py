"""Beside SciPy and scikit-learn on random data: the same numbers, where these have digits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial import distance
from sklearn import metrics

import cecli
from tests.corrected_t import corrected_t

CLASSES = [2, 3, 10]
CLOSE = {"rtol": 1e-12, "atol": 1e-15}


@pytest.fixture(params=CLASSES)
def data(request: pytest.FixtureRequest) -> dict[str, np.ndarray]:
    """Random logits, two sets of distributions, labels (each class at least once) and weights."""
    classes = request.param
    rng = np.random.default_rng(classes)
    samples = 200
    logits = rng.normal(size=(samples, classes)) * 3
    return {
        "logits": logits,
        "p": rng.dirichlet([0.7] * classes, samples).clip(1e-9, 1),
        "q": special.softmax(logits, axis=-1),
        "labels": np.concatenate([np.arange(classes), rng.integers(0, classes, samples - classes)]),
        "weights": rng.uniform(0, 5, samples),
    }


@pytest.fixture
def p(data: dict[str, np.ndarray]) -> np.ndarray:
    """Distributions rescaled to sum to 1."""
    return data["p"] / data["p"].sum(axis=-1, keepdims=True)


def test_softmax(data: dict[str, np.ndarray]) -> None:
    """scipy.special.softmax and log_softmax, row by row."""
    np.testing.assert_allclose(cecli.softmax(data["logits"]), special.softmax(data["logits"], axis=-1), **CLOSE)
    np.testing.assert_allclose(cecli.log_softmax(data["logits"]), special.log_softmax(data["logits"], axis=-1), **CLOSE)


@pytest.mark.parametrize("base", [None, 2, 10, 3.7])
def test_entropy_and_divergences(data: dict[str, np.ndarray], p: np.ndarray, base: float | None) -> None:
    """scipy.stats.entropy, with and without q; jensenshannon squared."""
    q, mine = data["q"], "e" if base is None else base

    np.testing.assert_allclose(cecli.entropy(p, base=mine), stats.entropy(p, axis=-1, base=base), **CLOSE)
    np.testing.assert_allclose(
        cecli.kl_divergence(p, q, base=mine), stats.entropy(p, q, axis=-1, base=base), rtol=1e-11, atol=1e-15
    )
    js = distance.jensenshannon(p, q, axis=-1, base=base) ** 2
    np.testing.assert_allclose(cecli.js_divergence(p, q, base=mine), js, rtol=1e-11, atol=1e-15)


def test_elementwise_functions(data: dict[str, np.ndarray], p: np.ndarray) -> None:
    """The sums of special.entr and special.rel_entr."""
    np.testing.assert_allclose(cecli.entropy(p), special.entr(p).sum(axis=-1), **CLOSE)
    np.testing.assert_allclose(
        cecli.kl_divergence(p, data["q"]), special.rel_entr(p, data["q"]).sum(axis=-1), rtol=1e-11, atol=1e-15
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_log_loss(data: dict[str, np.ndarray], weighted: bool) -> None:
    """sklearn.metrics.log_loss, weighted or not, mean or sum."""
    labels, q = data["labels"], data["q"]
    weights = data["weights"] if weighted else None

    assert cecli.cross_entropy(labels, q, sample_weights=weights) == pytest.approx(
        metrics.log_loss(labels, q, sample_weight=weights), rel=1e-12
    )
    assert cecli.cross_entropy(labels, q, sample_weights=weights, reduction="sum") == pytest.approx(
        metrics.log_loss(labels, q, sample_weight=weights, normalize=False), rel=1e-12
    )
    assert cecli.cross_entropy(labels, data["logits"], logits=True, sample_weights=weights) == pytest.approx(
        metrics.log_loss(labels, q, sample_weight=weights), rel=1e-12
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_log_loss(data: dict[str, np.ndarray], weighted: bool) -> None:
    """log_loss of the positive class's probability is the binary cross-entropy."""
    y, z = data["labels"] % 2, data["logits"][:, 0]
    weights = data["weights"] if weighted else None
    expected = metrics.log_loss(y, special.expit(z), sample_weight=weights)

    assert cecli.binary_cross_entropy(y, special.expit(z), sample_weights=weights) == pytest.approx(expected, rel=1e-12)
    assert cecli.binary_cross_entropy(y, z, logits=True, sample_weights=weights) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_brier_score_and_errors(data: dict[str, np.ndarray], weighted: bool) -> None:
    """The multi-class Brier score, and 1 − accuracy."""
    labels, q = data["labels"], data["q"]
    weights = data["weights"] if weighted else None
    squares = ((q - np.eye(q.shape[1])[labels]) ** 2).sum(axis=-1)

    assert cecli.mse(labels, q, sample_weights=weights) == pytest.approx(
        np.average(squares, weights=weights), rel=1e-12
    )
    if q.shape[1] == 2:
        half = metrics.brier_score_loss(labels, q[:, 1], sample_weight=weights)
        assert cecli.mse(labels, q, sample_weights=weights) == pytest.approx(2 * half, rel=1e-12)
    wrong = metrics.zero_one_loss(labels, q.argmax(axis=-1), sample_weight=weights)
    assert cecli.error_rate(labels, q, sample_weights=weights) == pytest.approx(wrong, rel=1e-12, abs=1e-15)


def test_temperature(data: dict[str, np.ndarray]) -> None:
    """softmax(z/T) at a temperature."""
    np.testing.assert_allclose(
        cecli.softmax(data["logits"], temperature=1.7), special.softmax(data["logits"] / 1.7, axis=-1), rtol=1e-12
    )


def test_compare_has_the_corrected_t_interval_of_the_paired_differences(data: dict[str, np.ndarray]) -> None:
    """The interval and the p-value of the mean difference are those of the definition, with SciPy's distribution."""
    labels, q = data["labels"], data["q"]
    other = cecli.softmax(data["logits"] * 0.8)
    found = cecli.compare(labels, {"a": q, "b": other})["differences"][0]
    each = [cecli.cross_entropy(labels, x, reduction="none") for x in (q, other)]
    expected = corrected_t(each[0] - each[1])

    assert [found[name] for name in ("difference", "ci_low", "ci_high", "p_value")] == pytest.approx(
        expected, rel=1e-10
    )
