"""How many digits does each library keep? Measures and prints the table of docs/explanation/accuracy.md.

    pip install -e ".[test]" torch && python tests/benchmarks/accuracy.py

Every value is compared with mpmath at 50 digits on the float64 numbers that went in; the error is in units in the last
place (ulp) of the float64 nearest to the truth. `lost` counts values that came out as 0, infinite or NaN though the truth is none
of these. A dash means that the library has no function for it, or is torch and not installed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import scipy.special
import scipy.stats
import sklearn.metrics

import cecli

try:
    import torch
except ModuleNotFoundError:
    torch = None

mpmath.mp.dps = 60
Rows = np.ndarray
Measure = Callable[[Any, Any], Sequence[float]]


# --- the truth ----------------------------------------------------------------------------------------------------


def true_softmax(z: Sequence[float]) -> list[Any]:
    """Softmax to 50 digits."""
    largest = mpmath.mpf(max(z))
    e = [mpmath.exp(mpmath.mpf(x) - largest) for x in z]
    return [x / mpmath.fsum(e) for x in e]


def true_loss(z: Sequence[float], y: int) -> Any:
    """−log softmax(z)_y to 50 digits: the others' sum is taken before the logarithm."""
    others = mpmath.fsum(mpmath.exp(mpmath.mpf(x) - mpmath.mpf(z[y])) for k, x in enumerate(z) if k != y)
    return mpmath.log1p(others)


def true_kl(p: Sequence[float], q: Sequence[float]) -> Any:
    """Σ p·log(p/q) to 50 digits."""
    return mpmath.fsum(
        mpmath.mpf(a) * mpmath.log(mpmath.mpf(a) / mpmath.mpf(b)) for a, b in zip(p, q, strict=True) if a
    )


# --- the cases ----------------------------------------------------------------------------------------------------


def rows_of_logits(generator: np.random.Generator, lead: tuple[float, float], n: int = 300) -> Rows:
    """Rows of four logits in which the first leads the next by a value in the range."""
    leads = generator.uniform(*lead, size=n)
    z = generator.uniform(-1, 0, size=(n, 4))
    z[:, 0] = z[:, 1:].max(axis=1) + leads
    return z


def nearly_equal(generator: np.random.Generator, n: int = 300) -> tuple[Rows, Rows]:
    """Pairs of rows that differ by a dyadic amount, so that both sum to 1 exactly in float64."""
    step = 2.0 ** generator.integers(-30, -12, size=n)
    p = np.stack([0.5 + step, 0.5 - step], axis=1)
    return p, np.full_like(p, 0.5)


# --- the libraries ------------------------------------------------------------------------------------------------


def t(x: Rows) -> Any:
    """A float64 tensor."""
    return torch.from_numpy(np.ascontiguousarray(x))


def by_torch(values: Callable[[], Rows]) -> dict[str, Rows]:
    """What torch computes, where it is installed."""
    return {} if torch is None else {"torch": values()}


def torch_gradient(z: Rows, y: np.ndarray) -> Rows:
    """The target's entry of torch's gradient of the summed cross-entropy."""
    leaf = t(z).requires_grad_(True)
    torch.nn.functional.cross_entropy(leaf, torch.from_numpy(y), reduction="sum").backward()
    assert leaf.grad is not None
    return leaf.grad.numpy()[np.arange(len(z)), y]


def each_sklearn(y: np.ndarray, p: Rows) -> list[float]:
    """scikit-learn's log loss, one sample at a time: it has no per-sample form."""
    labels = list(range(p.shape[1]))
    return [float(sklearn.metrics.log_loss(y[i : i + 1], p[i : i + 1], labels=labels)) for i in range(len(p))]


def zeros(n: int) -> np.ndarray:
    """Labels 0."""
    return np.zeros(n, dtype=np.int64)


def logit_case(z: Rows, label: int) -> dict[str, Any]:
    """Cross-entropy from logits."""
    y = np.full(len(z), label, dtype=np.int64)
    return {
        "truth": [true_loss(row.tolist(), label) for row in z],
        "cecli": cecli.cross_entropy(y, z, logits=True, reduction="none"),
        **by_torch(lambda: torch.nn.functional.cross_entropy(t(z), torch.from_numpy(y), reduction="none").numpy()),
        "scipy": -scipy.special.log_softmax(z, axis=1)[:, label],
        "scikit-learn": each_sklearn(y, scipy.special.softmax(z, axis=1)),
    }


def softmax_case(z: Rows) -> dict[str, Any]:
    """Softmax, every entry."""
    return {
        "truth": [x for row in z for x in true_softmax(row.tolist())],
        "cecli": cecli.softmax(z).reshape(-1),
        **by_torch(lambda: torch.softmax(t(z), dim=1).numpy().reshape(-1)),
        "scipy": scipy.special.softmax(z, axis=1).reshape(-1),
    }


def gradient_case(z: Rows) -> dict[str, Any]:
    """The target's entry of the gradient: minus what the other classes have."""
    truth = [-mpmath.fsum(true_softmax(row.tolist())[1:]) for row in z]
    return {
        "truth": truth,
        "cecli": cecli.gradient(zeros(len(z)), z, logits=True)[:, 0],
        **by_torch(lambda: torch_gradient(z, zeros(len(z)))),
    }


def kl_case(p: Rows, q: Rows) -> dict[str, Any]:
    """KL of nearly equal rows."""
    return {
        "truth": [true_kl(a.tolist(), b.tolist()) for a, b in zip(p, q, strict=True)],
        "cecli": cecli.kl_divergence(p, q),
        **by_torch(lambda: torch.nn.functional.kl_div(t(q).log(), t(p), reduction="none").sum(dim=1).numpy()),
        "scipy": scipy.special.rel_entr(p, q).sum(axis=1),
    }


def binary_case(p: Rows) -> dict[str, Any]:
    """Binary cross-entropy of y = 1 from probabilities."""
    return {
        "truth": [-mpmath.log(mpmath.mpf(x)) for x in p.tolist()],
        "cecli": cecli.binary_cross_entropy(np.ones_like(p), p, reduction="none"),
        **by_torch(
            lambda: torch.nn.functional.binary_cross_entropy(t(p), torch.ones_like(t(p)), reduction="none").numpy()
        ),
        "scikit-learn": [float(sklearn.metrics.log_loss([1], [x], labels=[0, 1])) for x in p],
    }


def cases() -> dict[str, dict[str, Any]]:
    """Every row of the table."""
    g = np.random.default_rng(1)
    tiny = np.concatenate([10.0 ** g.uniform(-300, -20, size=200), [5e-324, 1e-310]])
    return {
        "cross-entropy from logits, everyday (lead 0 to 5)": logit_case(rows_of_logits(g, (0, 5)), 0),
        "cross-entropy from logits, confident (lead 20 to 36)": logit_case(rows_of_logits(g, (20, 36)), 0),
        "cross-entropy from logits, very confident (lead 37 to 700)": logit_case(rows_of_logits(g, (37, 700)), 0),
        "cross-entropy from logits, confidently wrong": logit_case(rows_of_logits(g, (37, 700)), 1),
        "softmax, leads up to 5": softmax_case(rows_of_logits(g, (0, 5))),
        "softmax, leads up to 700": softmax_case(rows_of_logits(g, (5, 700))),
        "gradient of the true class, lead 20 to 700": gradient_case(rows_of_logits(g, (20, 700))),
        "KL of nearly equal distributions": kl_case(*nearly_equal(g)),
        "binary cross-entropy, p from 5e-324 to 1e-20, y = 1": binary_case(tiny),
    }


# --- the table ----------------------------------------------------------------------------------------------------


def errors(values: Sequence[float], truth: Sequence[Any]) -> str:
    """The worst error in ulp, and how many values were lost."""
    worst, lost = 0.0, 0
    for value, true in zip(np.asarray(values, dtype=np.float64).tolist(), truth, strict=True):
        nearest = float(true)
        if (value == 0) != (nearest == 0) or math.isinf(value) != math.isinf(nearest) or math.isnan(value):
            lost += 1
        elif nearest not in (0.0, math.inf):
            worst = max(worst, float(abs(mpmath.mpf(value) - true) / mpmath.mpf(math.ulp(nearest))))
    shown = f"{worst:.1f}" if worst < 1000 else f"{worst:.0e}".replace("e+0", "e").replace("e+", "e")
    return f"{shown}, {lost} lost" if lost < len(truth) and lost else f"all {lost} lost" if lost else shown


def main() -> None:
    """Prints the table in Markdown."""
    warnings.filterwarnings("ignore")
    libraries = ("cecli", "torch", "scipy", "scikit-learn")
    print("| worst error in ulp | " + " | ".join(libraries) + " |")
    print("|---|" + "---|" * len(libraries))
    for name, case in cases().items():
        cells = [errors(case[library], case["truth"]) if library in case else "–" for library in libraries]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
