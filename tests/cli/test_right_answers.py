"""Every command under every option, and every two together, gives what the formulas of tests/reference.py give."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from tests import reference
from tests.every import every

A = [[0.3, 0.3, 0.4], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]]
B = [[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3]]
Z = [[2, 1, 0.1], [0.5, 2.5, -1], [-3, 0, 1]]
SOFT = [[0.7, 0.2, 0.1], [0, 0.3, 0.7], [1, 0, 0]]
COUNTS = [[7, 2, 1], [4, 3, 9], [5, 5, 5]]
LABELS = [2, 1, 0]
Y, P = [1, 0, 1], [0.9, 0.2, 0.6]
YY, PP = [[1, 0], [0, 1], [1, 1]], [[0.9, 0.2], [0.3, 0.6], [0.5, 0.99]]
ZZ = [[3, -2], [0.1, 4], [-5, 0]]
LEFT_OUT = {"ignore_index": 9}

CLASS: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "sum"}, {"reduction": "none"}, {"class_weights": [1, 2, 5]}, {"sample_weights": [1, 0, 3]},
    {"label_smoothing": 0.1}, {"focal": 2}, {"eps": 0.15}, LEFT_OUT,
]  # fmt: skip
BINARY: list[dict[str, Any]] = [
    {"base": 10}, {"reduction": "sum"}, {"reduction": "none"}, {"sample_weights": [1, 0, 3]}, {"label_smoothing": 0.1},
    {"focal": 2}, {"eps": 0.15}, {"pos_weight": 3}, LEFT_OUT,
]  # fmt: skip
DIVERGENCE: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "sum"}, {"reduction": "mean"}, {"sample_weights": [1, 0, 3]}, {"eps": 0.15},
]  # fmt: skip
MODELS: list[dict[str, Any]] = [{"base": 2}, {"sample_weights": [1, 0, 3]}, {"eps": 0.15}, LEFT_OUT]
GRADIENT: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "mean"}, {"reduction": "none"}, {"class_weights": [1, 2, 5]}, {"sample_weights": [1, 0, 3]},
    {"label_smoothing": 0.1}, LEFT_OUT,
]  # fmt: skip
BINARY_GRADIENT: list[dict[str, Any]] = [
    {"base": 2}, {"reduction": "mean"}, {"sample_weights": [1, 0, 3]}, {"label_smoothing": 0.1}, LEFT_OUT,
]  # fmt: skip
METRICS = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")


def pairs(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """None, and every two; an option that is given twice counts once."""
    return [{}, *(one | other for one, other in combinations(options, 2))]


def typed(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, list):
        return (";" if isinstance(value[0], list) else ",").join(map(typed, value))
    return str(value)


@pytest.fixture
def answer(cecli):
    """The value of a call: command, sources, and options under their names."""

    def run(command: str, *sources: Any, **options: Any) -> Any:
        words = [command, *map(typed, sources)]
        for name, value in options.items():
            flag = f"--{name.replace('_', '-')}"
            words += [flag] if value is True else [f"{flag}={typed(value)}"]
        result = cecli(*words, "-f", "json")
        assert result.exit_code == 0, (words, result.stderr)
        return json.loads(result.stdout)["value"]

    return run


def same(found: Any, expected: Any) -> None:
    """Equal to 12 digits, in shape and None alike."""
    if isinstance(expected, list):
        assert isinstance(found, list)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    elif expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


def of(options: dict[str, Any], labels: list[int]) -> tuple[list[int], dict[str, Any]]:
    """The labels with the second one left out where that is asked for, and the options as the formulas take them."""
    if "ignore_index" not in options:
        return labels, options
    kept = np.arange(len(labels)) != 1
    return [label if keep else 9 for label, keep in zip(labels, kept, strict=True)], {
        "kept": kept,
        **{name: value for name, value in options.items() if name != "ignore_index"},
    }


@pytest.mark.parametrize("options", pairs(CLASS), ids=str)
def test_cross_entropy(answer, options) -> None:
    """Labels and distributions, probabilities, logits and counts."""
    labels, plain = of(options, LABELS)
    for words, q in (
        ((A, {}), np.asarray(A)),
        ((Z, {"logits": True}), reference.softmax(Z)),
        ((COUNTS, {"normalize": True}), reference.normalized(COUNTS)),
    ):
        expected = reference.cross_entropy(reference.one_hot(labels, 3), q, **plain)
        same(answer("xent", labels, words[0], **words[1], **options), expected)
        if "ignore_index" not in options:
            same(
                answer("xent", SOFT, words[0], **words[1], **options),
                reference.cross_entropy(np.asarray(SOFT, dtype=float), q, **plain),
            )


@every("options", pairs(BINARY), ids=str)
def test_binary_cross_entropy(answer, options) -> None:
    """A vector and rows of labels; of rows one label alone is left out."""
    plain = {name: value for name, value in options.items() if name != "ignore_index"}
    y, rows = np.asarray(Y, dtype=float), np.asarray(YY, dtype=float)
    if "ignore_index" in options:
        y[1], rows[1, 0] = 9, 9
    for target, prediction, more, q in (
        (y, P, {}, np.asarray(P)),
        (rows, PP, {}, np.asarray(PP)),
        (rows, ZZ, {"logits": True}, reference.sigmoid(ZZ)),
    ):
        kept = target != 9
        expected = reference.binary_cross_entropy(np.where(kept, target, 0), q, kept=kept, **plain)
        same(answer("bce", target.astype(int).tolist(), prediction, **more, **options), expected)


@pytest.mark.parametrize("options", pairs(DIVERGENCE), ids=str)
@pytest.mark.parametrize("js", [False, True], ids=["kl", "js"])
def test_divergences(answer, js, options) -> None:
    """Of probabilities, logits and counts."""
    p, more = np.asarray(SOFT, dtype=float), {"js": True} if js else {}
    same(answer("kl", SOFT, B, **more, **options), reference.divergence(p, np.asarray(B), js, **options))
    same(
        answer("kl", SOFT, Z, logits=True, **more, **options),
        reference.divergence(p, reference.softmax(Z), js, **options),
    )
    same(
        answer("kl", COUNTS, COUNTS[::-1], normalize=True, **more, **options),
        reference.divergence(reference.normalized(COUNTS), reference.normalized(COUNTS[::-1]), js, **options),
    )


@pytest.mark.parametrize("options", pairs(DIVERGENCE[:-1]), ids=str)
def test_entropy(answer, options) -> None:
    """Of probabilities, logits and counts."""
    same(answer("entropy", SOFT, **options), reference.entropy(np.asarray(SOFT, dtype=float), **options))
    same(answer("entropy", Z, logits=True, **options), reference.entropy(reference.softmax(Z), **options))
    same(
        answer("entropy", COUNTS, normalize=True, **options), reference.entropy(reference.normalized(COUNTS), **options)
    )


@pytest.mark.parametrize("options", pairs(MODELS), ids=str)
@pytest.mark.parametrize("metric", METRICS)
def test_models(answer, metric, options) -> None:
    """Every metric of two models."""
    labels, plain = of(options, LABELS)
    p, soft = reference.one_hot(labels, 3), np.asarray(SOFT, dtype=float)
    models = (np.asarray(A), np.asarray(B))
    same(
        answer("compare", labels, A, B, metric=metric, **options),
        [reference.metric(metric, p, q, **plain) for q in models],
    )
    same(
        answer("compare", labels, Z, A, metric=metric, logits=True, **options),
        [reference.metric(metric, p, reference.softmax(q), **plain) for q in (Z, A)],
    )
    if "ignore_index" not in options:
        same(
            answer("compare", SOFT, A, B, metric=metric, **options),
            [reference.metric(metric, soft, q, **plain) for q in models],
        )


@pytest.mark.parametrize("options", pairs(GRADIENT), ids=str)
def test_gradients(answer, options) -> None:
    """Of the cross-entropy and of the squared error."""
    labels, plain = of(options, LABELS)
    p, soft = reference.one_hot(labels, 3), np.asarray(SOFT, dtype=float)
    for loss in ("xent", "mse"):
        if loss == "mse" and {"base", "class_weights"} & options.keys():
            continue
        for source, more, q in ((A, {}, np.asarray(A)), (Z, {"logits": True}, reference.softmax(Z))):
            found = answer("grad", labels, source, loss=loss, **more, **options)
            same(found, reference.gradient(p, q, loss, **plain))
            if "ignore_index" not in options:
                same(
                    answer("grad", SOFT, source, loss=loss, **more, **options),
                    reference.gradient(soft, q, loss, **plain),
                )


@pytest.mark.parametrize("options", pairs(BINARY_GRADIENT), ids=str)
def test_binary_gradients(answer, options) -> None:
    """A vector and rows of labels."""
    plain = {name: value for name, value in options.items() if name != "ignore_index"}
    y, rows = np.asarray(Y, dtype=float), np.asarray(YY, dtype=float)
    if "ignore_index" in options:
        y[1], rows[1, 0] = 9, 9
    for target, prediction, more, q in (
        (y, P, {}, np.asarray(P)),
        (rows, ZZ, {"logits": True}, reference.sigmoid(ZZ)),
    ):
        kept = target != 9
        expected = reference.binary_gradient(np.where(kept, target, 0), q, kept=kept, **plain)
        same(answer("grad", target.astype(int).tolist(), prediction, loss="bce", **more, **options), expected)


@pytest.mark.parametrize("temperature", [1, 0.5, 2.5])
def test_softmax(answer, temperature) -> None:
    """A row and several, and their logarithms."""
    for z in ([[1, 2, 3]], Z):
        expected = reference.softmax(z, temperature)
        shown = lambda rows: rows[0] if len(rows) == 1 else rows  # noqa: E731
        sources = typed(z)
        same(answer("softmax", sources, temperature=temperature), shown(expected.tolist()))
        same(answer("softmax", sources, temperature=temperature, log=True), shown(np.log(expected).tolist()))
        same(answer("softmax", sources, temperature=temperature, log=True, base=2), shown(np.log2(expected).tolist()))


def test_infinite(cecli) -> None:
    """A class that was given no probability."""
    result = cecli("xent", "1,0", "1,0;0.5,0.5", "-f", "json")

    assert float(json.loads(result.stdout)["value"]) == np.inf
