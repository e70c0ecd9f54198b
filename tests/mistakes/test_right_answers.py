"""Without a mistake, every pipeline gives the answer of the command line, whatever the options."""

from __future__ import annotations

import math
from itertools import chain, combinations
from typing import Any

import pytest

A = [[0.3, 0.3, 0.4], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]]
B = [[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3]]
Z = [[2, 1, 0.1], [0.5, 2.5, -1], [-3, 0, 1]]
SOFT = [[0.7, 0.2, 0.1], [0, 0.3, 0.7], [1, 0, 0]]
COUNTS = [[7, 2, 1], [0, 3, 9], [5, 5, 5]]
LABELS = [2, 1, 0]
Y, P = [1, 0, 1], [0.9, 0.2, 0.6]
YY, PP = [[1, 0], [0, 1], [1, 1]], [[0.9, 0.2], [0.3, 0.6], [0.5, 0.99]]
ZZ = [[3, -2], [0.1, 40], [-5, 0]]

CLASS_OPTIONS: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "sum"}, {"reduction": "none"}, {"class_weights": [1, 2, 5]}, {"sample_weights": [1, 0, 3]},
    {"label_smoothing": 0.1}, {"focal": 2}, {"eps": 0.05},
]  # fmt: skip
BINARY_OPTIONS: list[dict[str, Any]] = [
    {"base": 10}, {"reduction": "sum"}, {"reduction": "none"}, {"sample_weights": [1, 0, 3]}, {"label_smoothing": 0.1},
    {"focal": 2}, {"eps": 0.15}, {"pos_weight": 3},
]  # fmt: skip
DIVERGENCE_OPTIONS: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "sum"}, {"reduction": "mean"}, {"sample_weights": [1, 0, 3]}, {"eps": 0.05},
]  # fmt: skip
GRADIENT_OPTIONS: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "mean"}, {"reduction": "none"}, {"class_weights": [1, 2, 5]}, {"sample_weights": [1, 0, 3]},
    {"label_smoothing": 0.1},
]  # fmt: skip
METRICS = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")


def merged(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """None, one, two, or all of some options."""
    chosen = chain([()], combinations(options, 1), combinations(options, 2), [tuple(options)])
    return [{name: value for one in some for name, value in one.items()} for some in chosen]


def same(a: Any, b: Any) -> bool:
    """Equal up to a few units in the last place, in shape and None alike."""
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    a = float(a) if isinstance(a, str) else a
    return a == b or (None not in (a, b) and math.isclose(a, b, rel_tol=4e-15, abs_tol=1e-16))


def agree(call: Any) -> None:
    """The command line's answer and the pipeline's."""
    assert same(call.answer(), call.right()), (call.answer(), call.right())


SOURCES = [(LABELS, A, {}), (SOFT, B, {}), (LABELS, Z, {"logits": True}), (SOFT, Z, {"logits": True})]


@pytest.mark.parametrize("options", merged(CLASS_OPTIONS), ids=str)
@pytest.mark.parametrize(("target", "prediction", "more"), SOURCES, ids=["labels", "soft", "logits", "soft-logits"])
def test_cross_entropy(asked, target, prediction, more, options) -> None:
    """Every option alone, with every other, and all together."""
    agree(asked("xent", prediction, target, more | options))


@pytest.mark.parametrize("options", merged(BINARY_OPTIONS), ids=str)
@pytest.mark.parametrize(
    ("target", "prediction", "more"),
    [(Y, P, {}), (YY, PP, {}), (YY, ZZ, {"logits": True})],
    ids=["vector", "rows", "logits"],
)
def test_binary_cross_entropy(asked, target, prediction, more, options) -> None:
    """A vector and rows of labels."""
    agree(asked("bce", prediction, target, more | options))


@pytest.mark.parametrize("options", merged(DIVERGENCE_OPTIONS), ids=str)
@pytest.mark.parametrize("more", [{}, {"js": True}], ids=["kl", "js"])
def test_divergences(asked, more, options) -> None:
    """Of probabilities and of logits."""
    agree(asked("kl", B, SOFT, more | options))
    agree(asked("kl", Z, SOFT, more | options | {"logits": True}))


@pytest.mark.parametrize("options", merged(DIVERGENCE_OPTIONS[:-1]), ids=str)
def test_entropy(asked, options) -> None:
    """Of probabilities, logits and counts; of one row too."""
    agree(asked("entropy", SOFT, None, options))
    agree(asked("entropy", Z, None, options | {"logits": True}))
    agree(asked("entropy", COUNTS, None, options | {"normalize": True}))
    agree(asked("entropy", [0.5, 0.25, 0.25]))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "more", [{}, {"base": 2}, {"sample_weights": [1, 0, 3]}, {"eps": 0.05}, {"ignore_index": 1}], ids=str
)
def test_models(asked, metric, more) -> None:
    """Every metric of two models."""
    agree(asked("compare", [A, B], LABELS, more | {"metric": metric}))
    agree(asked("compare", [Z, A], LABELS, more | {"metric": metric, "logits": True}))
    if "ignore_index" not in more:
        agree(asked("compare", [A, B], SOFT, more | {"metric": metric}))


@pytest.mark.parametrize("options", merged(GRADIENT_OPTIONS), ids=str)
@pytest.mark.parametrize(("target", "prediction", "more"), SOURCES, ids=["labels", "soft", "logits", "soft-logits"])
def test_gradients(asked, target, prediction, more, options) -> None:
    """Of the cross-entropy and of the squared error."""
    agree(asked("grad", prediction, target, more | options))
    mse = {name: value for name, value in options.items() if name not in {"base", "class_weights"}}
    agree(asked("grad", prediction, target, more | mse | {"loss": "mse"}))


@pytest.mark.parametrize(
    "more",
    [{}, {"reduction": "mean"}, {"sample_weights": [1, 0, 3], "reduction": "mean"}, {"label_smoothing": 0.1}],
    ids=str,
)
def test_binary_gradients(asked, more) -> None:
    """A vector and rows of labels."""
    agree(asked("grad", P, Y, more | {"loss": "bce"}))
    agree(asked("grad", ZZ, YY, more | {"loss": "bce", "logits": True}))


@pytest.mark.parametrize(
    "more", [{}, {"reduction": "none"}, {"reduction": "sum"}, {"class_weights": [1, 2, 5]}], ids=str
)
def test_samples_left_out(asked, more) -> None:
    """They have no value, and the mean does not count them."""
    agree(asked("xent", A, [2, -1, 0], more | {"ignore_index": -1}))
    agree(asked("grad", A, [2, -1, 0], more | {"ignore_index": -1}))
    more = {name: value for name, value in more.items() if name == "reduction"}
    agree(asked("bce", PP, [[1, -1], [0, 1], [-1, 1]], more | {"ignore_index": -1}))
    agree(asked("bce", P, [1, -1, 0], more | {"ignore_index": -1}))


@pytest.mark.parametrize("more", [{}, {"temperature": 2.5}, {"log": True}, {"log": True, "base": 2}], ids=str)
def test_softmax(asked, more) -> None:
    """A row and several."""
    agree(asked("softmax", [1, 2, 3], None, more))
    agree(asked("softmax", Z, None, more))


def test_counts(asked) -> None:
    """Rescaled to probabilities."""
    agree(asked("xent", COUNTS, [0, 1, 2], {"normalize": True}))
    agree(asked("grad", COUNTS, [0, 1, 2], {"normalize": True}))


def test_infinite(asked) -> None:
    """A class that was given no probability."""
    agree(asked("xent", [[1, 0], [0.5, 0.5]], [1, 0]))
