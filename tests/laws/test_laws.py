"""What holds for every input: identities between the functions, their symmetries and their bounds."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cecli

MODERATE = st.floats(-50, 50, allow_subnormal=False)
BASES = st.sampled_from([2, 10, 3.7, 1.01, 1e6])
WEIGHTS = st.floats(0.01, 100)
EPSILONS = st.sampled_from([0.0, 0.1, 0.5, 1.0])
GAMMAS = st.sampled_from([0.0, 0.5, 2.0])


def rows(values: st.SearchStrategy[float], most: int = 6, fewest: int = 1) -> st.SearchStrategy[np.ndarray]:
    """Matrices of a few rows and classes."""
    shape = st.tuples(st.integers(1, 5), st.integers(fewest, most))
    return shape.flatmap(
        lambda size: st.lists(st.lists(values, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
    ).map(lambda matrix: np.asarray(matrix, dtype=float))


@st.composite
def distributions(draw: st.DrawFn, count: int = 1, fewest: int = 1) -> Any:
    """Matrices of one shape, of rows that sum to 1 up to their rounding; some classes are impossible."""
    samples, classes = draw(st.integers(1, 4)), draw(st.integers(fewest, 6))
    part = st.one_of(st.integers(0, 3).map(float), st.floats(1e-12, 1))
    one = st.lists(part, min_size=classes, max_size=classes).filter(lambda row: sum(row) > 0)
    found = []
    for _ in range(count):
        counts = np.asarray(draw(st.lists(one, min_size=samples, max_size=samples)))
        found.append(counts / counts.sum(axis=-1, keepdims=True))
    return found[0] if count == 1 else found


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Logits and a label for each row."""
    logits = draw(rows(MODERATE, fewest=2))
    return logits, np.asarray(
        draw(st.lists(st.integers(0, logits.shape[1] - 1), min_size=len(logits), max_size=len(logits)))
    )


def weights_for(draw: Any, count: int) -> np.ndarray:
    """So many weights above 0."""
    return np.asarray(draw(st.lists(WEIGHTS, min_size=count, max_size=count)))


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Rows that are 1 at the label."""
    return np.eye(classes)[labels]


def close(found: Any, expected: Any, rtol: float = 1e-13, atol: float = 1e-15) -> None:
    """Equal up to rounding."""
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


# --- softmax ------------------------------------------------------------------------------------------------------


@given(rows(st.floats(-1e308, 1e308)), st.floats(1e-3, 1e3))
def test_softmax_sums_to_one(logits: np.ndarray, temperature: float) -> None:
    """Each row is a distribution, at any temperature."""
    found = cecli.softmax(logits, temperature=temperature)

    assert np.all((found >= 0) & (found <= 1))
    close(found.sum(axis=-1), 1, rtol=4e-16 * logits.shape[1])


@given(rows(st.integers(-50, 50).map(float)), st.integers(-(2**40), 2**40))
def test_softmax_ignores_a_shift(logits: np.ndarray, shift: int) -> None:
    """The same number added to all logits of a row changes no bit, where the addition is exact."""
    np.testing.assert_array_equal(cecli.softmax(logits + shift), cecli.softmax(logits))
    np.testing.assert_array_equal(cecli.log_softmax(logits + shift), cecli.log_softmax(logits))


@given(rows(MODERATE), st.floats(-300, 300))
def test_temperature_divides_the_logits(logits: np.ndarray, power: float) -> None:
    """softmax(z, T) = softmax(z/T); exactly so for a power of two."""
    temperature = 2.0 ** round(power / 10)

    np.testing.assert_array_equal(cecli.softmax(logits, temperature=temperature), cecli.softmax(logits / temperature))


@given(rows(MODERATE), BASES)
def test_log_softmax_is_the_logarithm_of_softmax(logits: np.ndarray, base: float) -> None:
    """log_softmax = log ∘ softmax, wherever the latter has digits."""
    close(cecli.log_softmax(logits, base=base), np.log(cecli.softmax(logits)) / math.log(base), atol=1e-13)


@given(rows(MODERATE, fewest=2), st.randoms())
def test_classes_have_no_order(logits: np.ndarray, random: Any) -> None:
    """Exchanging classes exchanges the probabilities, and nothing else."""
    order = list(range(logits.shape[1]))
    random.shuffle(order)

    close(cecli.softmax(logits[:, order]), cecli.softmax(logits)[:, order], rtol=1e-15, atol=0)


# --- entropy and divergences --------------------------------------------------------------------------------------


@given(distributions())
def test_entropy_is_between_zero_and_log_k(p: np.ndarray) -> None:
    """0 ≤ H(p) ≤ log K, and no −0."""
    found = cecli.entropy(p, reduction="none")

    assert np.all(found >= 0)
    assert not np.any(np.signbit(found))
    assert np.all(found <= math.log(p.shape[1]) * (1 + 1e-15) + 1e-15)


@given(distributions(2))
def test_cross_entropy_is_entropy_plus_divergence(pair: list[np.ndarray]) -> None:
    """H(p, q) = H(p) + KL(p‖q), sample by sample, infinite ones included."""
    p, q = pair
    whole = cecli.cross_entropy(p, q, reduction="none")
    parts = cecli.entropy(p, reduction="none") + cecli.kl_divergence(p, q, reduction="none")

    close(whole, parts, atol=1e-14)


@given(rows(MODERATE), st.data())
def test_cross_entropy_of_logits_is_entropy_plus_divergence(logits: np.ndarray, data: Any) -> None:
    """The same of logits."""
    counts = data.draw(st.lists(st.integers(1, 9), min_size=logits.size, max_size=logits.size))
    p = np.reshape(counts, logits.shape) / np.reshape(counts, logits.shape).sum(axis=-1, keepdims=True)
    whole = cecli.cross_entropy(p, logits, logits=True, reduction="none")

    close(
        whole,
        cecli.entropy(p, reduction="none") + cecli.kl_divergence(p, logits, logits=True, reduction="none"),
        atol=1e-14,
    )


@given(distributions(2))
def test_kl_is_never_negative(pair: list[np.ndarray]) -> None:
    """KL(p‖q) ≥ 0 and not −0; 0 from a row to itself."""
    p, q = pair
    found = cecli.kl_divergence(p, q, reduction="none")

    assert np.all(found >= 0)
    assert not np.any(np.signbit(found))
    np.testing.assert_array_equal(cecli.kl_divergence(p, p, reduction="none"), 0.0)


@given(distributions(fewest=2), st.floats(-1e-6, 1e-6))
def test_kl_of_neighbours_is_never_negative(p: np.ndarray, shift: float) -> None:
    """Nor is it between rows that all but coincide, and 0 only where they do."""
    q = np.maximum(p * (1 + shift * np.arange(p.shape[1])), 0)
    q = q / q.sum(axis=-1, keepdims=True)
    found = cecli.kl_divergence(p, q, reduction="none")

    assert np.all(found >= 0)
    assert np.all((found > 0) == np.any((p != q), axis=-1))


@given(distributions(2), st.sampled_from(["e", 2, 10]))
def test_js_is_symmetric_and_bounded(pair: list[np.ndarray], base: str | float) -> None:
    """JS(p, q) = JS(q, p) to the bit, between 0 and log 2."""
    p, q = pair
    found = cecli.js_divergence(p, q, reduction="none", base=base)
    most = math.log(2) if base == "e" else math.log(2) / math.log(base)

    np.testing.assert_array_equal(found, cecli.js_divergence(q, p, reduction="none", base=base))
    assert np.all(found >= 0)
    assert np.all(found <= most * (1 + 4e-16))
    np.testing.assert_array_equal(cecli.js_divergence(p, p, reduction="none"), 0.0)


@given(distributions(2))
def test_js_is_the_mean_divergence_from_the_mixture(pair: list[np.ndarray]) -> None:
    """JS = ½·KL(p‖m) + ½·KL(q‖m)."""
    p, q = pair
    m = (p + q) / 2
    halves = [cecli.kl_divergence(x, m, reduction="none") / 2 for x in (p, q)]

    close(cecli.js_divergence(p, q, reduction="none"), halves[0] + halves[1], rtol=1e-12, atol=1e-15)


# --- one quantity, several ways to ask ----------------------------------------------------------------------------


@given(labelled(), BASES)
def test_the_base_is_a_factor(sample: tuple[np.ndarray, np.ndarray], base: float) -> None:
    """A loss, an entropy, a divergence, a gradient in base b is that in nats over ln b."""
    logits, labels = sample
    p = cecli.softmax(logits)
    q = cecli.softmax(logits[:, ::-1])
    asked = [
        lambda **b: cecli.cross_entropy(labels, logits, logits=True, **b),
        lambda **b: cecli.cross_entropy(labels, p, **b),
        lambda **b: cecli.entropy(logits, logits=True, reduction="sum", **b),
        lambda **b: cecli.kl_divergence(p, q, reduction="sum", **b),
        lambda **b: cecli.js_divergence(p, q, reduction="sum", **b),
        lambda **b: cecli.gradient(labels, logits, logits=True, **b),
        lambda **b: cecli.binary_cross_entropy(one_hot(labels, logits.shape[1]), logits, logits=True, **b),
    ]
    for ask in asked:
        close(ask(base=base), np.asarray(ask()) / math.log(base), rtol=1e-12)


@given(st.lists(st.tuples(MODERATE, st.booleans()), min_size=1, max_size=8), EPSILONS, GAMMAS)
def test_binary_is_two_class(samples: list[tuple[float, bool]], epsilon: float, gamma: float) -> None:
    """Binary cross-entropy of z is cross-entropy of (0, z), with smoothing (ε/2) and focal factor too."""
    z, y = np.asarray([pair[0] for pair in samples]), np.asarray([int(pair[1]) for pair in samples])
    two = np.stack([np.zeros_like(z), z], axis=-1)
    options = {"logits": True, "label_smoothing": epsilon, "focal": gamma, "reduction": "none"}

    close(
        cecli.binary_cross_entropy(y, z, **options),
        np.reshape(cecli.cross_entropy([0, *y], np.concatenate([[[0.0, 0.0]], two]), **options)[1:], z.shape),
        atol=0,
    )


@given(labelled(), st.data(), EPSILONS, GAMMAS, st.sampled_from(["none", "mean", "sum"]), st.booleans(), st.booleans())
def test_one_hot_rows_are_labels(
    sample: tuple[np.ndarray, np.ndarray],
    data: Any,
    epsilon: float,
    gamma: float,
    reduction: str,
    by_class: bool,
    by_sample: bool,
) -> None:
    """Labels and their one-hot rows give the same number under every combination of weights and smoothing."""
    logits, labels = sample
    samples, classes = logits.shape
    options = {
        "logits": True,
        "label_smoothing": epsilon,
        "focal": gamma,
        "reduction": reduction,
        "class_weights": weights_for(data.draw, classes) if by_class else None,
        "sample_weights": weights_for(data.draw, samples) if by_sample else None,
    }

    close(
        cecli.cross_entropy(one_hot(labels, classes), logits, **options),
        cecli.cross_entropy(labels, logits, **options),
        atol=0,
    )


@given(labelled(), st.data(), EPSILONS)
def test_the_gradient_of_one_hot_rows_is_that_of_labels(
    sample: tuple[np.ndarray, np.ndarray], data: Any, epsilon: float
) -> None:
    """The same for the gradient of a mean."""
    logits, labels = sample
    samples, classes = logits.shape
    options = {
        "logits": True,
        "label_smoothing": epsilon,
        "reduction": "mean",
        "class_weights": weights_for(data.draw, classes),
        "sample_weights": weights_for(data.draw, samples),
    }

    np.testing.assert_array_equal(
        cecli.gradient(one_hot(labels, classes), logits, **options), cecli.gradient(labels, logits, **options)
    )


@given(labelled(), st.data())
def test_the_mean_is_the_sum_over_the_weights(sample: tuple[np.ndarray, np.ndarray], data: Any) -> None:
    """mean = sum / N, or sum / Σ weights; none are the summands."""
    logits, labels = sample
    samples, classes = logits.shape
    by_sample, by_class = weights_for(data.draw, samples), weights_for(data.draw, classes)
    for options, whole in (
        ({}, float(samples)),
        ({"sample_weights": by_sample}, by_sample.sum()),
        ({"class_weights": by_class}, by_class[labels].sum()),
        ({"sample_weights": by_sample, "class_weights": by_class}, (by_sample * by_class[labels]).sum()),
    ):
        each, total, mean = (
            cecli.cross_entropy(labels, logits, logits=True, reduction=reduction, **options)
            for reduction in ("none", "sum", "mean")
        )
        close(total, each.sum(), rtol=1e-14)
        close(mean, total / whole, rtol=1e-14)


# --- leaving samples out ------------------------------------------------------------------------------------------


@given(labelled(), st.data())
def test_weight_zero_leaves_a_sample_out(sample: tuple[np.ndarray, np.ndarray], data: Any) -> None:
    """A sample of weight 0, even one of infinite loss, changes nothing."""
    logits, labels = sample
    weights = weights_for(data.draw, len(labels))
    more = np.full((2, logits.shape[1]), -math.inf)
    more[:, 0] = 0.0
    at = data.draw(st.integers(0, len(labels)))
    padded = np.insert(logits, at, more, axis=0)
    padded_labels = np.insert(labels, at, [0, logits.shape[1] - 1])
    padded_weights = np.insert(weights, at, [0.0, 0.0])
    for reduction in ("mean", "sum"):
        options = {"logits": True, "reduction": reduction}
        expected = cecli.cross_entropy(labels, logits, sample_weights=weights, **options)

        close(
            cecli.cross_entropy(padded_labels, padded, sample_weights=padded_weights, **options), expected, rtol=1e-15
        )
    own = np.insert(np.ones(len(labels), dtype=bool), at, [False, False])
    close(
        cecli.gradient(padded_labels, padded, logits=True, sample_weights=padded_weights, reduction="mean")[own],
        cecli.gradient(labels, logits, logits=True, sample_weights=weights, reduction="mean"),
    )
    close(
        cecli.mse(padded_labels, padded, logits=True, sample_weights=padded_weights),
        cecli.mse(labels, logits, logits=True, sample_weights=weights),
    )
    close(
        cecli.error_rate(padded_labels, padded, logits=True, sample_weights=padded_weights),
        cecli.error_rate(labels, logits, logits=True, sample_weights=weights),
    )


@given(labelled(), st.data(), EPSILONS, st.booleans())
def test_ignored_samples_are_left_out(
    sample: tuple[np.ndarray, np.ndarray], data: Any, epsilon: float, by_class: bool
) -> None:
    """ignore_index gives what the other samples give alone, under weights and smoothing too."""
    logits, labels = sample
    keep = np.asarray(data.draw(st.lists(st.booleans(), min_size=len(labels), max_size=len(labels))))
    assume(keep.any())
    weights = weights_for(data.draw, logits.shape[1]) if by_class else None
    marked = np.where(keep, labels, -100)
    for reduction in ("mean", "sum"):
        options = {"logits": True, "reduction": reduction, "class_weights": weights, "label_smoothing": epsilon}
        found = cecli.cross_entropy(marked, logits, ignore_index=-100, **options)

        close(found, cecli.cross_entropy(labels[keep], logits[keep], **options), rtol=1e-15)
        gradient = cecli.gradient(marked, logits, ignore_index=-100, **options)
        close(gradient[keep], cecli.gradient(labels[keep], logits[keep], **options), rtol=1e-15)
        np.testing.assert_array_equal(gradient[~keep], 0.0)
    each = cecli.cross_entropy(marked, logits, logits=True, ignore_index=-100, reduction="none")
    np.testing.assert_array_equal(np.isnan(each), ~keep)


@given(labelled())
def test_an_ignored_class_may_be_a_real_one(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """ignore_index=0 leaves out the samples of class 0, whose column still sits in the softmax."""
    logits, labels = sample
    assume((labels > 0).any())
    keep = labels > 0

    close(
        cecli.cross_entropy(labels, logits, logits=True, ignore_index=0),
        cecli.cross_entropy(labels[keep], logits[keep], logits=True),
        rtol=1e-15,
    )


@given(st.lists(st.tuples(MODERATE, st.integers(0, 2)), min_size=1, max_size=8))
def test_ignored_binary_entries_are_left_out(samples: list[tuple[float, int]]) -> None:
    """ignore_index of binary targets: the mean of the entries that are left."""
    z, y = np.asarray([pair[0] for pair in samples]), np.asarray([pair[1] for pair in samples])
    assume((y < 2).any())

    close(
        cecli.binary_cross_entropy(y, z, logits=True, ignore_index=2),
        cecli.binary_cross_entropy(y[y < 2], z[y < 2], logits=True),
        rtol=1e-15,
    )


# --- gradients ----------------------------------------------------------------------------------------------------


def loss_of(name: str, target: np.ndarray, z: list[mp.mpf], weights: np.ndarray | None) -> mp.mpf:
    """The textbook loss of one row of logits, at many digits."""
    y = [mp.mpf(float(value)) for value in target]
    if name == "bce":
        p = [1 / (1 + mp.exp(-value)) for value in z]
        return -mp.fsum(a * mp.log(b) + (1 - a) * mp.log(1 - b) for a, b in zip(y, p, strict=True))
    total = mp.fsum(mp.exp(value) for value in z)
    p = [mp.exp(value) / total for value in z]
    if name == "mse":
        return mp.fsum((b - a) ** 2 for a, b in zip(y, p, strict=True))
    w = [mp.mpf(1)] * len(y) if weights is None else [mp.mpf(float(value)) for value in weights]
    return -mp.fsum(c * a * mp.log(b) for a, b, c in zip(y, p, w, strict=True))


@pytest.mark.parametrize("loss", ["xent", "mse", "bce"])
@given(rows(st.floats(-8, 8), most=4, fewest=2), st.data(), EPSILONS)
def test_the_gradient_is_the_numerical_derivative(loss: str, logits: np.ndarray, data: Any, epsilon: float) -> None:
    """dL/dz of smoothed, weighted, soft targets by central differences of the textbook loss at 60 digits."""
    samples, classes = logits.shape
    counts = np.asarray(data.draw(st.lists(st.integers(1, 9), min_size=logits.size, max_size=logits.size)), dtype=float)
    target = counts.reshape(logits.shape) / (
        10.0 if loss == "bce" else counts.reshape(logits.shape).sum(axis=-1, keepdims=True)
    )
    smoothed = (1 - epsilon) * target + epsilon / (2 if loss == "bce" else classes)
    weights = weights_for(data.draw, classes) if loss == "xent" else None
    by_sample = weights_for(data.draw, samples)
    whole = (
        (by_sample[:, None] * target * (1 if weights is None else weights)).sum() if loss == "xent" else by_sample.sum()
    )
    whole = whole * classes if loss == "bce" else whole
    found = cecli.gradient(
        target,
        logits,
        loss,
        logits=True,
        class_weights=weights,
        sample_weights=by_sample,
        label_smoothing=epsilon,
        reduction="mean",
    )
    with mp.workdps(60):
        h = mp.mpf(10) ** -20
        for n in range(samples):
            z = [mp.mpf(float(value)) for value in logits[n]]
            for k in range(classes):
                up, down = ([value + sign * h * (i == k) for i, value in enumerate(z)] for sign in (1, -1))
                slope = (loss_of(loss, smoothed[n], up, weights) - loss_of(loss, smoothed[n], down, weights)) / (2 * h)
                expected = float(slope * by_sample[n] / whole)

                assert found[n, k] == pytest.approx(expected, rel=1e-11, abs=1e-14 * by_sample[n] / whole * 100)


@given(rows(st.floats(-1e4, 1e4), fewest=2), st.data(), EPSILONS)
def test_the_rows_of_a_softmax_gradient_sum_to_zero(logits: np.ndarray, data: Any, epsilon: float) -> None:
    """A shift of all logits changes no loss, so the gradient has nothing along it."""
    labels = np.asarray(
        data.draw(st.lists(st.integers(0, logits.shape[1] - 1), min_size=len(logits), max_size=len(logits)))
    )
    weights = weights_for(data.draw, logits.shape[1])
    for loss, options in (("xent", {}), ("xent", {"class_weights": weights}), ("mse", {})):
        found = cecli.gradient(labels, logits, loss, logits=True, label_smoothing=epsilon, **options)

        close(found.sum(axis=-1), 0, atol=1e-15 * max(np.abs(found).sum(axis=-1).max(), 1))


def test_a_confident_smoothed_row_keeps_its_digits_under_unequal_class_weights() -> None:
    """−Σ_k a_k log q_k with a = w·t: the derivative at the true class is q₀·a₁ − a₀·(1 − q₀)."""
    found = cecli.gradient([0], [[4.0, 0.0]], logits=True, label_smoothing=0.1, class_weights=[17, 0.5])
    smoothing, e = mp.mpf(0.1), mp.e**4
    a, q = (17 * (1 - smoothing / 2), smoothing / 4), (e / (1 + e), 1 / (1 + e))
    expected = float(q[0] * a[1] - a[0] * q[1])

    assert np.ravel(found) == pytest.approx([expected, -expected], rel=8 * 2.0**-52)


@given(labelled())
def test_the_gradient_from_probabilities_is_that_from_logits(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """p − y, whichever of the two was given."""
    logits, labels = sample
    p = cecli.softmax(logits)
    for loss in ("xent", "mse"):
        close(
            cecli.gradient(labels, p, loss), cecli.gradient(labels, logits, loss, logits=True), rtol=1e-12, atol=4e-16
        )


# --- comparison ---------------------------------------------------------------------------------------------------


@given(labelled(), st.sampled_from(["e", 2, 10]))
def test_compare_says_what_the_functions_say(sample: tuple[np.ndarray, np.ndarray], base: str | float) -> None:
    """Every metric of a model is the number that its own function gives."""
    logits, labels = sample
    found = cecli.compare(labels, {"a": logits, "b": -logits}, logits=True, base=base)
    model = found["models"][0]
    mean = cecli.cross_entropy(labels, logits, logits=True, base=base)

    assert model["cross_entropy"] == mean
    assert model["cross_entropy_sum"] == cecli.cross_entropy(labels, logits, logits=True, base=base, reduction="sum")
    assert model["mse"] == cecli.mse(labels, logits, logits=True)
    assert model["error_rate"] == cecli.error_rate(labels, logits, logits=True)
    assert model["errors"] == round(model["error_rate"] * len(labels))
    close(model["perplexity"], math.exp(cecli.cross_entropy(labels, logits, logits=True)), rtol=1e-12)
    difference = found["differences"][0]["difference"]
    close(difference, mean - found["models"][1]["cross_entropy"], rtol=1e-12, atol=1e-13 * (1 + mean))
