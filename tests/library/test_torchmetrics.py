"""Beside torchmetrics, on scikit-learn's digits and breast cancer; it has no log-loss, and rounds its answers to float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cecli

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch is installed by hand: pip install torch torchmetrics")
functional = pytest.importorskip("torchmetrics.functional", reason="installed by hand: pip install torchmetrics")
sklearn = pytest.importorskip("sklearn")

MULTICLASS = {
    "accuracy": (functional.classification.multiclass_accuracy, {"average": "micro"}),
    "top2": (functional.classification.multiclass_accuracy, {"average": "micro", "top_k": 2}),
    "balanced_accuracy": (functional.classification.multiclass_accuracy, {"average": "macro"}),
    "macro_f1": (functional.classification.multiclass_f1_score, {"average": "macro"}),
    "ece": (functional.classification.multiclass_calibration_error, {"n_bins": 15, "norm": "l1"}),
    "mce": (functional.classification.multiclass_calibration_error, {"n_bins": 15, "norm": "max"}),
}
BINARY = {
    "roc_auc": functional.classification.binary_auroc,
    "average_precision": functional.classification.binary_average_precision,
}


def models(binary: bool) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Labels of the second half of the data, and what three models trained on the first half say."""
    from sklearn.datasets import load_breast_cancer, load_digits
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.tree import DecisionTreeClassifier

    x, y = (load_breast_cancer if binary else load_digits)(return_X_y=True)
    x = (x - x.mean(0)) / (x.std(0) + 1e-9)
    half = len(y) // 2
    chosen = {
        "lr": LogisticRegression(max_iter=500),
        "nb": GaussianNB(),
        "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    }
    return y[half:], {name: model.fit(x[:half], y[:half]).predict_proba(x[half:]) for name, model in chosen.items()}


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, Any]]:
    """The data, and what cecli says of it."""
    y, found = models(binary=False)
    ours = cecli.compare(y, found, metrics=list(MULTICLASS))
    return y, found, {model["name"]: model for model in ours["models"]}


@pytest.mark.parametrize("metric", MULTICLASS)
def test_metrics_of_many_classes(digits: Any, metric: str) -> None:
    """Its bins of calibration are closed on the left, which is our other reading."""
    y, found, ours = digits
    function, options = MULTICLASS[metric]
    for name, p in found.items():
        theirs = float(function(torch.tensor(p), torch.tensor(y), num_classes=10, **options))
        readings = [value for key, value in ours[name].items() if key.startswith(metric) and isinstance(value, float)]
        if metric in ("ece", "mce"):
            if (p == 1).any():
                continue  # torchmetrics puts a probability of 1 into a bin of its own (torchmetrics#3510)
            assert min(abs(theirs - each) for each in readings) < 1e-6, (name, theirs, readings)
        elif (
            metric != "top2" or name == "lr"
        ):  # the others have ties (saturated or equal), of which torchmetrics takes others
            assert ours[name][metric] == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("metric", BINARY)
def test_metrics_of_two_classes(metric: str) -> None:
    """The area under the curve, and the average precision."""
    y, found = models(binary=True)
    ours = cecli.compare(y, {name: p[:, 1] for name, p in found.items()}, metrics=[metric])
    for model in ours["models"]:
        theirs = float(BINARY[metric](torch.tensor(found[model["name"]][:, 1]), torch.tensor(y)))
        assert model[metric] == pytest.approx(theirs, abs=1e-6)
