"""How long do the losses take beside the CPU kernels of torch, SciPy and scikit-learn, in one process?

    python -m tests.benchmarks kernels
    python -m tests.benchmarks.kernels soft

Each is run in turn with its peer, after a short rest, for torch's threads go on spinning after their work; the medians count. torch
and cecli have the same number of threads. Without torch its rows are left out, and the table that needs them is printed and not written.

`soft` measures soft targets alone, in CPU time on one thread, beside labels in the same rounds.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.special
import sklearn.metrics

import cecli
from tests.benchmarks import page

try:
    import torch
except ModuleNotFoundError:
    torch = None

THREADS = len(os.sched_getaffinity(0))
SHAPES = ((10**6, 2), (10**6, 3), (10**6, 10), (2 * 10**5, 100), (5 * 10**4, 1000), (10**3, 50257))
SECONDS = 2.0
REST = 0.02
SOFT_SHAPE = (10**6, 10)
SOFT_ROUNDS = 21
SMOOTHING = 0.1
Run = Callable[[], Any]
Pair = tuple[Run, Run]


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
        if torch is None and name.endswith("torch"):
            continue
        for dtype in (np.float32, np.float64):
            found = [ratio(task(*data(shape, dtype))) for shape in shapes]
            missing = ["–"] * (len(SHAPES) - len(found))
            mean = float(np.exp(np.mean(np.log(found))))
            print(name, dtype.__name__, found, flush=True)
            yield name, dtype.__name__, *(f"{value:.2f}" for value in found), *missing, f"**{mean:.2f}**", goal


# --- soft targets -------------------------------------------------------------------------------------------------


def numpy_log_softmax(z: np.ndarray) -> np.ndarray:
    """log softmax, as one writes it down."""
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def soft_tasks() -> dict[str, dict[str, Run]]:
    """What is measured: cecli first, then its peers, which give the same value."""
    z, y = data(SOFT_SHAPE, np.float32)
    p = cecli.softmax(z)
    soft = cecli.softmax(np.random.default_rng(1).standard_normal(SOFT_SHAPE).astype(np.float32))
    places = np.arange(len(y))

    def smoothed(logs: np.ndarray) -> Any:
        return -((1 - SMOOTHING) * logs[places, y] + SMOOTHING * logs.mean(axis=-1)).mean()

    def js(term: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Any:
        mixture = (soft + p) / 2
        return (term(soft, mixture) + term(p, mixture)).sum(axis=-1).mean() / 2

    log_softmax = scipy.special.log_softmax
    tasks: dict[str, dict[str, Run]] = {
        "labels, logits": {
            "cecli": lambda: cecli.cross_entropy(y, z, logits=True, threads=1),
            "SciPy": lambda: -log_softmax(z, axis=-1)[places, y].mean(),
            "NumPy": lambda: -numpy_log_softmax(z)[places, y].mean(),
        },
        "labels, probabilities": {
            "cecli": lambda: cecli.cross_entropy(y, p, threads=1),
            "NumPy": lambda: -np.log(p[places, y]).mean(),
        },
        "soft targets, logits": {
            "cecli": lambda: cecli.cross_entropy(soft, z, logits=True, threads=1),
            "SciPy": lambda: -(soft * log_softmax(z, axis=-1)).sum(axis=-1).mean(),
            "NumPy": lambda: -(soft * numpy_log_softmax(z)).sum(axis=-1).mean(),
        },
        "soft targets, probabilities": {
            "cecli": lambda: cecli.cross_entropy(soft, p, threads=1),
            "SciPy": lambda: -scipy.special.xlogy(soft, p).sum(axis=-1).mean(),
            "NumPy": lambda: -(soft * np.log(p)).sum(axis=-1).mean(),
        },
        f"labels smoothed by {SMOOTHING}, logits": {
            "cecli": lambda: cecli.cross_entropy(y, z, logits=True, label_smoothing=SMOOTHING, threads=1),
            "SciPy": lambda: smoothed(log_softmax(z, axis=-1)),
            "NumPy": lambda: smoothed(numpy_log_softmax(z)),
        },
        "KL, probabilities": {
            "cecli": lambda: cecli.kl_divergence(soft, p, reduction="mean", threads=1),
            "SciPy": lambda: scipy.special.rel_entr(soft, p).sum(axis=-1).mean(),
            "NumPy": lambda: (soft * np.log(soft / p)).sum(axis=-1).mean(),
        },
        "JS, probabilities": {
            "cecli": lambda: cecli.js_divergence(soft, p, reduction="mean", threads=1),
            "SciPy": lambda: js(scipy.special.rel_entr),
            "NumPy": lambda: js(lambda a, b: a * np.log(a / b)),
        },
    }
    if torch is not None:
        loss, zt, yt, softt = torch.nn.functional.cross_entropy, *map(torch.from_numpy, (z, y, soft))
        theirs = (lambda: loss(zt, yt), lambda: loss(zt, softt), lambda: loss(zt, yt, label_smoothing=SMOOTHING))
        for task, run in zip((runs for name, runs in tasks.items() if "logits" in name), theirs, strict=True):
            task["torch"] = run
    return tasks


def soft_rows() -> Iterator[tuple[object, ...]]:
    """A row per task: cecli's CPU time on one thread, how many times that of labels it is, and each peer's over it."""
    tasks = soft_tasks()
    for name, runs in tasks.items():
        values = [float(run()) for run in runs.values()]
        if not np.allclose(values, values[0], rtol=1e-4):
            raise ValueError(f"{name}: {dict(zip(runs, values, strict=True))}")
    times: dict[tuple[str, str], list[float]] = {(name, who): [] for name, runs in tasks.items() for who in runs}
    for _ in range(SOFT_ROUNDS):
        for (name, who), found in times.items():
            time.sleep(REST)
            start = time.process_time()
            tasks[name][who]()
            found.append(time.process_time() - start)
    medians = {key: statistics.median(found) for key, found in times.items()}
    for name in tasks:
        own, labels = medians[name, "cecli"], medians[f"labels, {name.split(', ')[-1]}", "cecli"]
        peers = (medians.get((name, who)) for who in SOFT_PEERS)
        yield name, f"{own * 1000:.0f}", f"{own / labels:.1f}", *(f"{t / own:.1f}" if t else "–" for t in peers)


SOFT_PEERS = ("SciPy", "NumPy", "torch")


def soft() -> None:
    """Measures soft targets, and writes their table."""
    threads = torch.get_num_threads() if torch else 0
    if torch:
        torch.set_num_threads(1)
    head = ("1 000 000 × 10, float32", "CPU ms", "times labels", *(f"{peer} / cecli" for peer in SOFT_PEERS))
    page.put("soft", page.table(head, list(soft_rows())))
    if torch:
        torch.set_num_threads(threads)


def main() -> None:
    """Measures, and writes the tables."""
    soft()
    if torch:
        torch.set_num_threads(THREADS)
    head = ("task, peer", "type", *(f"{n:,} × {k:,}".replace(",", " ") for n, k in SHAPES), "mean", "goal")
    table = page.table(head, list(rows()))
    if torch:
        page.put("kernels", table)
    else:
        print(table)


if __name__ == "__main__":
    soft() if sys.argv[1:] == ["soft"] else main()
