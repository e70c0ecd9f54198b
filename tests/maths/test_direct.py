"""The short way of large arrays beside the stable one, in every array library: also where exponentials overflow, vanish, or are masked."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest

from cecli.maths import binary_losses, direct, direct_divergences, gradients, losses, namespace
from cecli.maths import softmax as stable
from tests.every import every

HARD = [
    [1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [800.0, 0.0, -800.0], [-800.0, -801.0, -900.0], [-1e300, 1e300, 0.0],
    [-400.0, -400.5, -700.0], [-math.inf, 1.0, 2.0], [-math.inf, -1000.0, -math.inf], [math.inf, 3.0, 1e5], [40.0, 0.0, -1.0],
    [0.0, -745.0, -720.0], [-100.0, -800.0, -101.0],
]  # fmt: skip
WIDE = np.random.default_rng(3).normal(size=(40, 200)) * np.geomspace(0.1, 1000, 40)[:, None]
LABELS = np.arange(40) % 3


@pytest.fixture(params=["few classes", "many classes"])
def rows(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels, among them rows that are beyond reach."""
    z = np.array(HARD * 3) if request.param == "few classes" else WIDE
    return z, np.repeat([0, 1, 2], len(HARD)) if z is not WIDE else LABELS


def close(found: Any, expected: Any, least: float = 5e-324) -> None:
    """Within eight units of rounding (of the least number with digits); infinities alike."""
    np.testing.assert_allclose(found, expected, rtol=8 * 2.0**-52, atol=least)


def test_of_all_classes(xp: Any, rows: tuple[np.ndarray, np.ndarray]) -> None:
    """Softmax and log-softmax."""
    terms = stable.softmax_terms(rows[0])
    z = xp.asarray(rows[0])
    close(xp.numpy(direct.softmax(z)), stable.softmax(terms))
    close(xp.numpy(direct.log_softmax(z)), stable.log_softmax(terms))


def test_of_labels(xp: Any, rows: tuple[np.ndarray, np.ndarray]) -> None:
    """The surprisal, the probability and its complement; the gradient, 0 at a masked class."""
    z, y = rows
    expected = losses.PredictedByLogits(stable.softmax_terms(z), y)
    found = losses.PredictedByOdds(direct.label_odds(xp.asarray(z), xp.asarray(y)))
    close(xp.numpy(found.surprisal), expected.surprisal)
    close(xp.numpy(found.complement), expected.complement)
    close(xp.numpy(found.probability), expected.probability, least=2.0**-1022)
    own = gradients.label_gradient(y, losses.PredictedByLogits(stable.softmax_terms(z)))
    close(xp.numpy(direct.label_gradient(xp.asarray(z), xp.asarray(y))), np.where(z == -math.inf, 0.0, own))


@every("kind", ["one-hot", "soft", "even", "weighed", "none"])
def test_expected_surprisals(xp: Any, rows: tuple[np.ndarray, np.ndarray], kind: str) -> None:
    """Σ_k w_k·(−log σ_k) for all kinds of weights; a masked class without a weight counts nothing."""
    z, y = rows
    hot = (np.arange(z.shape[1]) == y[:, None]).astype(float)
    soft = np.random.default_rng(7).dirichlet(np.full(z.shape[1], 0.3), len(z)) * (z > -math.inf)
    even = np.ones_like(z)
    weight = {"one-hot": hot, "soft": soft, "even": even, "weighed": 1e6 * soft, "none": 0 * soft}[kind]
    each = 0.0 - stable.log_softmax(stable.softmax_terms(z))
    truth = [math.fsum(w * s for w, s in zip(*row, strict=True) if w) for row in zip(weight, each, strict=True)]
    close(xp.numpy(direct.expected_surprisal(xp.asarray(z), xp.asarray(weight))), truth)


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 0.9, 1.0])
def test_smoothed_surprisals(xp: Any, rows: tuple[np.ndarray, np.ndarray], epsilon: float) -> None:
    """(1 − ε)·(−log σ_y) + ε/K·Σ_k (−log σ_k): infinite where a class is masked."""
    z, y = rows
    each = 0.0 - stable.log_softmax(stable.softmax_terms(z))
    share = np.full_like(z, epsilon / z.shape[1])
    share[np.arange(len(y)), y] += 1 - epsilon
    truth = [math.fsum(w * s for w, s in zip(*row, strict=True)) for row in zip(share, each, strict=True)]
    close(xp.numpy(direct.smoothed_surprisal(xp.asarray(z), xp.asarray(y), epsilon)), truth)


@every("spread", [0.1, 1, 5, 30, 200])
@every("classes", [2, 3, 10, 50, 200])
@every("dtype", ["float64", "float32"])
def test_expected_surprisals_of_all_sizes(spread: float, classes: int, dtype: str) -> None:
    """Beside sums of the exact terms: rows that are unsure, confident, and confident and right."""
    rng = np.random.default_rng(classes)
    z = (rng.normal(size=(400, classes)) * spread).astype(dtype)
    hot = np.eye(classes)[np.argmax(z, axis=1)]
    for weight in (hot, 0.999 * hot + 0.001 / classes, rng.dirichlet(np.full(classes, 0.2), 400)):
        w = weight.astype(dtype)
        each = 0.0 - stable.log_softmax(stable.softmax_terms(z.astype(float)))
        truth = [math.fsum(row) for row in w.astype(float) * each]
        epsilon, least = (2.0**-52, 1e-300) if dtype == "float64" else (2.0**-23, 1e-30)
        np.testing.assert_allclose(direct.expected_surprisal(z, w), truth, rtol=8 * epsilon, atol=least)


@cache
@mpmath.workdps(50)
def divergent(
    classes: int, apart: float, dtype: str
) -> tuple[np.ndarray, np.ndarray, list[tuple[float, float, float]]]:
    """Rows p and q so far apart, with zeros among them and one in q alone; KL, JS and what p misses of the sum of q, of each row."""
    rng = np.random.default_rng(classes)
    p, other = (rng.dirichlet(np.full(classes, 0.3), 8).astype(dtype) for _ in range(2))
    q = ((1 - apart) * p + apart * other).astype(dtype)
    p[::4, 0], q[0, 0], q[5, -1], p[5, -1] = 0, 0, 0, 0.5
    true = []
    for row_p, row_q in zip(p.tolist(), q.tolist(), strict=True):
        pairs = [(mpmath.mpf(a), mpmath.mpf(b)) for a, b in zip(row_p, row_q, strict=True)]
        js = sum(a * mpmath.log(2 * a / (a + b)) for pair in pairs for a, b in (pair, pair[::-1]) if a) / 2
        kl = sum(a * mpmath.log(a / b) if b else mpmath.inf for a, b in pairs if a)
        true.append((float(kl), float(js), float(abs(sum(a - b for a, b in pairs)))))
    return p, q, true


@every("dtype", ["float64", "float32"])
@every("classes", [2, 3, 10, 70])
@every("apart", [1.0, 0.3, 1e-2, 1e-6, 0.0])
def test_divergences(xp: Any, classes: int, apart: float, dtype: str) -> None:
    """Beside mpmath; rows that miss 1 by their rounding alone may be taken to sum to 1."""
    p, q, true = divergent(classes, apart, dtype)
    epsilon = 2.0**-52 if dtype == "float64" else 2.0**-23
    kl, js = (
        xp.numpy(f(xp.asarray(p), xp.asarray(q)))
        for f in (direct_divergences.kl_divergence, direct_divergences.js_divergence)
    )
    for n, (true_kl, true_js, excess) in enumerate(true):
        assert float(kl[n]) == pytest.approx(true_kl, rel=8 * epsilon, abs=2 * excess + 1e-30)
        assert float(js[n]) == pytest.approx(true_js, rel=8 * epsilon, abs=2 * excess + 1e-30)


@cache
@mpmath.workdps(50)
def divergent_from_logits(classes: int, apart: float, dtype: str) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Rows p that sum to 1, and logits so far from theirs, with one too small for its type and one masked; KL of each row."""
    rng = np.random.default_rng(classes)
    z = (rng.normal(size=(12, classes)) * 2).astype(dtype)
    p = np.array([[float(x) for x in row] for row in _exact_softmax(z + apart * rng.normal(size=z.shape))], dtype)
    p[::3, 0], z[3, 0], z[6, 0], z[9, 0] = 0, -math.inf, -120, -800
    p[5, 0], z[5, 0] = 0.5, -110 if dtype == "float32" else -760
    p /= p.sum(axis=-1, keepdims=True)
    true = []
    for row_p, row_q in zip(p.tolist(), _exact_softmax(z), strict=True):
        pairs = [(mpmath.mpf(a), b) for a, b in zip(row_p, row_q, strict=True)]
        true.append(float(mpmath.fsum(a * mpmath.log(a / b) for a, b in pairs if a)))
    return p, z, true


def _exact_softmax(z: np.ndarray) -> list[list[mpmath.mpf]]:
    exponentials = [[mpmath.exp(mpmath.mpf(x)) for x in row] for row in z.tolist()]
    return [[x / mpmath.fsum(row) for x in row] for row in exponentials]


@every("dtype", ["float64", "float32"])
@every("classes", [2, 3, 10, 70])
@every("apart", [3.0, 1.0, 0.1, 1e-3])
def test_divergences_from_logits(xp: Any, classes: int, apart: float, dtype: str) -> None:
    """Beside mpmath, within what the rounding of p and of σ(z) to their type changes in a divergence of size d, its root times epsilon; rows that
    miss 1 by their rounding alone may be taken to sum to 1."""
    p, z, true = divergent_from_logits(classes, apart, dtype)
    epsilon = 2.0**-52 if dtype == "float64" else 2.0**-23
    found = xp.numpy(direct_divergences.kl_divergence_from_logits(xp.asarray(p), xp.asarray(z)))
    for own, truth, row in zip(found.tolist(), true, p.tolist(), strict=True):
        first_order = classes * epsilon * min(1.0, math.sqrt(abs(truth)))
        excess = abs(math.fsum(row) - 1)
        assert own == pytest.approx(truth, rel=8 * epsilon, abs=first_order + 2 * excess + 1e-30)


@pytest.mark.parametrize("vector", [True, False])
@pytest.mark.parametrize(("dtype", "least"), [("float64", 1e-320), ("float32", 1e-44)])
def test_log1p(monkeypatch: pytest.MonkeyPatch, vector: bool, dtype: str, least: float) -> None:
    """Both ways of log(1 + x), beside Python's own: for x from the least number up, and where u = 1 + x is rounded."""
    monkeypatch.setattr(namespace, "_has_vector_log1p", lambda: vector)
    rng = np.random.default_rng(1)
    x = np.concatenate([[0.0], np.geomspace(least, 1e30, 500), rng.random(500), 2.0 ** np.arange(-60, 60)]).astype(
        dtype
    )
    epsilon = float(np.finfo(dtype).eps)
    truth = [math.log1p(value) for value in x.tolist()]
    np.testing.assert_allclose(namespace.log1p(x), truth, rtol=2 * epsilon, atol=least)


def test_a_certain_row_has_no_negative_zero(xp: Any) -> None:
    """All other classes masked, or vanishing: nothing is left to push."""
    z = xp.asarray([[0.0, -math.inf, -math.inf], [1000.0, 0.0, 0.0]])
    found = xp.numpy(direct.label_gradient(z, xp.asarray([0, 0])))
    assert not np.signbit(found[0]).any()
    assert found[0].tolist() == [0.0, 0.0, 0.0]
    assert not np.signbit(found[1]).any()


def test_of_binary_labels(xp: Any) -> None:
    """Both labels at every logit."""
    z = np.array([0.0, 1.0, -1.0, 40.0, -40.0, 710.0, -710.0, 745.0, 1e300, -1e300, math.inf, -math.inf])[:, None]
    for label in (0.0, 1.0):
        y = np.full_like(z, label)
        found = direct.binary_loss(xp.asarray(y), xp.asarray(z))
        close(xp.numpy(found), binary_losses.binary_terms(y, binary_losses.BinaryByLogits(z)).loss)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_of_binary_probabilities(xp: Any, label: float, dtype: str) -> None:
    """Beside mpmath, from the least probability to certainty."""
    epsilon, least = (2.0**-52, 1e-310) if dtype == "float64" else (2.0**-23, 1e-44)
    near = np.geomspace(epsilon / 8, 0.5, 200)
    p = np.concatenate([[0.0, least, 1e-30, 0.5, 1.0], near, 1 - near, np.linspace(0.01, 0.99, 99)]).astype(dtype)
    found = xp.numpy(
        direct.binary_loss_by_probability(xp.asarray(np.full((len(p), 1), label, dtype)), xp.asarray(p[:, None]))
    )
    with mpmath.workdps(40):
        exact = [mpmath.mpf(x) for x in p.tolist()]
        true = [float(-(mpmath.log(x) if label else mpmath.log1p(-x))) if x != 1 - label else math.inf for x in exact]
    np.testing.assert_allclose(found[:, 0], true, rtol=8 * epsilon, atol=0 if dtype == "float64" else 1e-44)
    assert not np.signbit(found).any()


@every("entries", [1, 2, 3, 4, 5, 7, 16, 1001])
@every(("low", "high"), [(-3, 3), (-40, 40), (-200, 200), (-1000, 1000), (36, 45), (-45, -36), (-740, -700), (20, 30)])
@every("dtype", ["float64", "float32"])
def test_binary_losses_together_sum_to_those_of_each(
    xp: Any, entries: int, low: float, high: float, dtype: str
) -> None:
    """Confident ones, right and wrong, and those whose odds overflow together or alone."""
    rng = np.random.default_rng(entries)
    z = rng.uniform(low, high, (entries, 1)).astype(dtype)
    y = np.zeros_like(z) if high - low < 50 else rng.integers(0, 2, z.shape).astype(dtype)
    found = xp.numpy(direct.binary_loss_together(xp.asarray(y), xp.asarray(z)))
    each = binary_losses.binary_terms(y.astype(float), binary_losses.BinaryByLogits(z.astype(float))).loss
    truth = math.fsum(each[:, 0].tolist())
    epsilon, least = (2.0**-52, 1e-300) if dtype == "float64" else (2.0**-23, 1e-30)
    assert found.size <= entries
    assert math.fsum(found.reshape(-1).tolist()) == pytest.approx(truth, rel=8 * epsilon, abs=least)


def test_an_infinite_binary_loss_stays_one() -> None:
    """And is not made NaN by those beside it."""
    z = np.array([[math.inf], [1.0], [-math.inf], [2.0]])
    found = direct.binary_loss_together(np.array([[0.0], [1.0], [0.0], [1.0]]), z)
    assert found.reshape(-1).tolist() == [
        math.inf,
        *direct.binary_loss(np.ones((1, 1)), z[1:2])[0],
        0.0,
        *direct.binary_loss(np.ones((1, 1)), z[3:])[0],
    ]


@pytest.mark.parametrize("classes", [2, 3, 10, 100, 1000])
def test_float32_keeps_its_digits(classes: int) -> None:
    """Beside the same in float64."""
    rng = np.random.default_rng(classes)
    z = (rng.normal(size=(200, classes)) * 20).astype(np.float32)
    y = rng.integers(0, classes, 200)
    wide = z.astype(np.float64)
    normal = 2.0**-120
    for found, expected in (
        (direct.softmax(z), direct.softmax(wide)),
        (direct.log_softmax(z), direct.log_softmax(wide)),
        (direct.label_odds(z, y).surprisal, direct.label_odds(wide, y).surprisal),
        (direct.label_gradient(z, y), direct.label_gradient(wide, y)),
    ):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=8 * 2.0**-23, atol=normal)


@pytest.mark.parametrize("work", [direct.softmax, direct.log_softmax])
def test_into_a_given_array(work: Any, rows: tuple[np.ndarray, np.ndarray]) -> None:
    """The result is the array that was given, and the input is as it was."""
    z, y = rows
    before, out = z.copy(), np.empty_like(z)
    assert work(z, out) is out
    np.testing.assert_array_equal(out, work(z))
    assert direct.label_gradient(z, y, out) is out
    np.testing.assert_array_equal(out, direct.label_gradient(z, y))
    np.testing.assert_array_equal(z, before)


def test_long_rows_lose_no_digit_to_their_sum() -> None:
    """Sixty thousand classes: the sum is taken in runs, not one number after the other."""
    z = np.random.default_rng(5).normal(size=(2, 60_000))
    with np.errstate(all="raise"):
        found = direct.label_odds(z, np.array([0, 59_999])).surprisal[:, 0]
    for row, label, value in zip(z, (0, 59_999), found, strict=True):
        truth = math.log(math.fsum(math.exp(x - row[label]) for x in row))
        assert value == pytest.approx(truth, rel=4 * 2.0**-52)
