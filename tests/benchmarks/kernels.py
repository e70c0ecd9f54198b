"""How long do the losses take beside the CPU kernels of torch, SciPy and scikit-learn, in one process?

    python -m tests.benchmarks kernels

Each is run in turn with its peer, after a short rest, for torch's threads go on spinning after their work; the medians count. torch
and cecli have the same number of threads.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.special
import sklearn.metrics
import torch

import cecli
from tests.benchmarks import page

THREADS = len(os.sched_getaffinity(0))
SHAPES = ((10**6, 2), (10**6, 3), (10**6, 10), (2 * 10**5, 100), (5 * 10**4, 1000), (10**3, 50257))
SECONDS = 2.0
REST = 0.02
Pair = tuple[Callable[[], Any], Callable[[], Any]]


def data(shape: tuple[int, int], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Logits with a spread of 3, and labels."""
    rng = np.random.default_rng(0)
    return (rng.standard_normal(shape) * 3).astype(dtype), rng.integers(0, shape[1], shape[0])


def cross_entropy(z: np.ndarray, y: np.ndarray) -> Pair:
    """The loss of labels, from logits."""
    zt, yt = torch.from_numpy(z), torch.from_numpy(y)
    return lambda: cecli.cross_entropy(y, z, logits=True, threads=THREADS), lambda: torch.nn.functional.cross_entropy(
        zt, yt
    )


def binary(z: np.ndarray, y: np.ndarray) -> Pair:  # noqa: ARG001
    """Binary cross-entropy of as many labels as logits."""
    yes = (np.random.default_rng(1).random(z.shape) < 0.5).astype(z.dtype)
    zt, yt = torch.from_numpy(z), torch.from_numpy(yes)
    ours = lambda: cecli.binary_cross_entropy(yes, z, logits=True, threads=THREADS)  # noqa: E731
    return ours, lambda: torch.nn.functional.binary_cross_entropy_with_logits(zt, yt)


def gradient(z: np.ndarray, y: np.ndarray) -> Pair:
    """The gradient of the summed loss with respect to the logits."""
    zt, yt = torch.from_numpy(z).requires_grad_(True), torch.from_numpy(y)

    def theirs() -> None:
        zt.grad = None
        torch.nn.functional.cross_entropy(zt, yt, reduction="sum").backward()

    return lambda: cecli.gradient(y, z, logits=True, threads=THREADS), theirs


def softmax(z: np.ndarray, y: np.ndarray) -> Pair:  # noqa: ARG001
    """All probabilities."""
    zt = torch.from_numpy(z)
    return lambda: cecli.softmax(z, threads=THREADS), lambda: torch.softmax(zt, -1)


def scipy_cross_entropy(z: np.ndarray, y: np.ndarray) -> Pair:
    """The loss of labels, from logits, as one takes it with SciPy."""
    places = np.arange(len(y))
    return lambda: cecli.cross_entropy(
        y, z, logits=True, threads=THREADS
    ), lambda: -scipy.special.log_softmax(z, axis=-1)[places, y].mean()


def scipy_log_softmax(z: np.ndarray, y: np.ndarray) -> Pair:  # noqa: ARG001
    """All log-probabilities, beside SciPy."""
    return lambda: cecli.log_softmax(z, threads=THREADS), lambda: scipy.special.log_softmax(z, axis=-1)


def scipy_entropy(z: np.ndarray, y: np.ndarray) -> Pair:  # noqa: ARG001
    """The entropy of every row, beside SciPy."""
    p = cecli.softmax(z)
    return lambda: cecli.entropy(p, threads=THREADS), lambda: scipy.special.entr(p).sum(axis=-1)


def sklearn_log_loss(z: np.ndarray, y: np.ndarray) -> Pair:
    """The loss of labels from probabilities, beside scikit-learn."""
    p = cecli.softmax(z)
    labels = np.arange(z.shape[1])
    return lambda: cecli.cross_entropy(y, p, threads=THREADS), lambda: sklearn.metrics.log_loss(y, p, labels=labels)


TASKS = {
    "cross-entropy, torch": (cross_entropy, "2.5 in the mean, 1.2 at least", SHAPES),
    "binary cross-entropy, torch": (binary, "2 in the mean", SHAPES),
    "gradient, torch": (gradient, "1.2 in the mean", SHAPES),
    "softmax, torch": (softmax, "1.0 in the mean, 0.8 at least", SHAPES),
    "cross-entropy, SciPy": (scipy_cross_entropy, "4", SHAPES),
    "log-softmax, SciPy": (scipy_log_softmax, "4", SHAPES),
    "entropy, SciPy": (scipy_entropy, "4", SHAPES),
    "log loss, scikit-learn": (sklearn_log_loss, "4", SHAPES[:4]),
}


def ratio(pair: Pair) -> float:
    """The peer's time over ours: medians of runs in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for run in pair:
        run()
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times[0]) < 3:
        for run, found in zip(pair, times, strict=True):
            time.sleep(REST)
            start = time.perf_counter()
            run()
            found.append(time.perf_counter() - start)
    return statistics.median(times[1]) / statistics.median(times[0])


def rows() -> Iterator[tuple[object, ...]]:
    """A row per task and type: the ratio for every shape, and their geometric mean."""
    for name, (task, goal, shapes) in TASKS.items():
        for dtype in (np.float32, np.float64):
            found = [ratio(task(*data(shape, dtype))) for shape in shapes]
            missing = ["–"] * (len(SHAPES) - len(found))
            mean = float(np.exp(np.mean(np.log(found))))
            print(name, dtype.__name__, found, flush=True)
            yield name, dtype.__name__, *(f"{value:.2f}" for value in found), *missing, f"**{mean:.2f}**", goal


def main() -> None:
    """Measures, and writes the table."""
    torch.set_num_threads(THREADS)
    head = ("task, peer", "type", *(f"{n:,} × {k:,}".replace(",", " ") for n, k in SHAPES), "mean", "goal")
    page.put("kernels", page.table(head, list(rows())))


if __name__ == "__main__":
    main()
