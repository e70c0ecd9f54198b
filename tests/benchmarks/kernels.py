"""How long do the losses take beside the CPU kernels of torch, SciPy and scikit-learn, in one process?

    python -m tests.benchmarks kernels

Each call is written as a user writes it, and run in turn with its peer, after a short rest, for torch's threads go on spinning after
their work; the medians count. torch has as many threads as there are cores, which is what cecli takes by itself.

All is measured twice, each time in a process of its own: as the processor is, and without AVX-512, as on most laptops. Beside each
row stands how many times as long as its limit cecli takes: the exponentials and logarithms that the task can't do without, at
NumPy's speed on all cores, or the memory that it has to read and write, whichever takes longer.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import scipy.special
import sklearn.metrics
import torch

import cecli
from tests.benchmarks import page

THREADS = len(os.sched_getaffinity(0))
SHAPES = ((10**6, 2), (10**6, 3), (10**6, 10), (2 * 10**5, 100), (5 * 10**4, 1000), (10**3, 50257))
TYPES = (np.float32, np.float64)
SECONDS = 0.7
REST = 0.02
SMOOTHING = 0.1
WITHOUT_AVX512 = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR", "ATEN_CPU_CAPABILITY": "avx2"}
PROCESSORS: dict[str, dict[str, str]] = {"as it is": {}, "without AVX-512": WITHOUT_AVX512}
Run = Callable[[], Any]
Pair = tuple[Run, Run]


class Data:
    """Inputs of one shape and type."""

    def __init__(self, shape: tuple[int, int], dtype: Any) -> None:
        rng = np.random.default_rng(0)
        self.z = (rng.standard_normal(shape) * 3).astype(dtype)
        self.y = rng.integers(0, shape[1], shape[0])
        self.p = cecli.softmax(self.z)
        self.soft = cecli.softmax(rng.standard_normal(shape).astype(dtype))
        self.yes = (rng.random(shape) < 0.5).astype(dtype)
        self.chance = rng.uniform(0.001, 0.999, shape).astype(dtype)
        self.weights = rng.uniform(0.5, 2, shape[1]).astype(dtype)
        self.torch = {name: torch.from_numpy(value) for name, value in vars(self).items()}


# --- the tasks ----------------------------------------------------------------------------------------------------


def labels(d: Data) -> Pair:
    """The loss of labels, from logits."""
    z, y = d.torch["z"], d.torch["y"]
    return lambda: cecli.cross_entropy(d.y, d.z, logits=True), lambda: torch.nn.functional.cross_entropy(z, y)


def softmax(d: Data) -> Pair:
    """All probabilities."""
    z = d.torch["z"]
    return lambda: cecli.softmax(d.z), lambda: torch.softmax(z, -1)


def labels_from_probabilities(d: Data) -> Pair:
    """The loss of labels, from probabilities."""
    p, y = d.torch["p"], d.torch["y"]
    return lambda: cecli.cross_entropy(d.y, d.p), lambda: torch.nn.functional.nll_loss(torch.log(p), y)


def class_weights(d: Data) -> Pair:
    """The weighted mean of the losses of labels, from logits."""
    z, y, weights = d.torch["z"], d.torch["y"], d.torch["weights"]
    ours = lambda: cecli.cross_entropy(d.y, d.z, logits=True, class_weights=d.weights)  # noqa: E731
    return ours, lambda: torch.nn.functional.cross_entropy(z, y, weight=weights)


def soft_targets(d: Data) -> Pair:
    """The loss of soft targets, from logits."""
    z, soft = d.torch["z"], d.torch["soft"]
    return lambda: cecli.cross_entropy(d.soft, d.z, logits=True), lambda: torch.nn.functional.cross_entropy(z, soft)


def smoothing(d: Data) -> Pair:
    """The loss of smoothed labels, from logits."""
    z, y = d.torch["z"], d.torch["y"]
    ours = lambda: cecli.cross_entropy(d.y, d.z, logits=True, label_smoothing=SMOOTHING)  # noqa: E731
    return ours, lambda: torch.nn.functional.cross_entropy(z, y, label_smoothing=SMOOTHING)


def kl(d: Data) -> Pair:
    """The mean KL divergence, from probabilities."""
    p, soft = d.torch["p"], d.torch["soft"]
    ours = lambda: cecli.kl_divergence(d.soft, d.p, reduction="mean")  # noqa: E731
    return ours, lambda: torch.nn.functional.kl_div(p.log(), soft, reduction="batchmean")


def kl_from_logits(d: Data) -> Pair:
    """The mean KL divergence, of logits."""
    z, soft = d.torch["z"], d.torch["soft"]
    ours = lambda: cecli.kl_divergence(d.soft, d.z, logits=True, reduction="mean")  # noqa: E731
    return ours, lambda: torch.nn.functional.kl_div(torch.log_softmax(z, -1), soft, reduction="batchmean")


def binary(d: Data) -> Pair:
    """Binary cross-entropy of as many labels as logits."""
    z, yes = d.torch["z"], d.torch["yes"]
    ours = lambda: cecli.binary_cross_entropy(d.yes, d.z, logits=True)  # noqa: E731
    return ours, lambda: torch.nn.functional.binary_cross_entropy_with_logits(z, yes)


def binary_from_probabilities(d: Data) -> Pair:
    """Binary cross-entropy of as many labels as probabilities."""
    chance, yes = d.torch["chance"], d.torch["yes"]
    ours = lambda: cecli.binary_cross_entropy(d.yes, d.chance)  # noqa: E731
    return ours, lambda: torch.nn.functional.binary_cross_entropy(chance, yes)


def gradient(d: Data) -> Pair:
    """The gradient of the summed loss with respect to the logits."""
    z, y = torch.from_numpy(d.z).requires_grad_(True), d.torch["y"]

    def theirs() -> torch.Tensor:
        z.grad = None
        torch.nn.functional.cross_entropy(z, y, reduction="sum").backward()
        return z.grad

    return lambda: cecli.gradient(d.y, d.z, logits=True), theirs


def scipy_labels(d: Data) -> Pair:
    """The loss of labels, from logits, as one takes it with SciPy."""
    rows = np.arange(len(d.y))
    theirs = lambda: -scipy.special.log_softmax(d.z, axis=-1)[rows, d.y].mean()  # noqa: E731
    return lambda: cecli.cross_entropy(d.y, d.z, logits=True), theirs


def scipy_soft_targets(d: Data) -> Pair:
    """The loss of soft targets, from logits, as one takes it with SciPy."""
    theirs = lambda: -(d.soft * scipy.special.log_softmax(d.z, axis=-1)).sum(axis=-1).mean()  # noqa: E731
    return lambda: cecli.cross_entropy(d.soft, d.z, logits=True), theirs


def scipy_log_softmax(d: Data) -> Pair:
    """All log-probabilities."""
    return lambda: cecli.log_softmax(d.z), lambda: scipy.special.log_softmax(d.z, axis=-1)


def scipy_entropy(d: Data) -> Pair:
    """The entropy of every row."""
    return lambda: cecli.entropy(d.p), lambda: scipy.special.entr(d.p).sum(axis=-1)


def scipy_kl(d: Data) -> Pair:
    """The mean KL divergence, from probabilities."""
    ours = lambda: cecli.kl_divergence(d.soft, d.p, reduction="mean")  # noqa: E731
    return ours, lambda: scipy.special.rel_entr(d.soft, d.p).sum(axis=-1).mean()


def sklearn_log_loss(d: Data) -> Pair:
    """The loss of labels from probabilities."""
    classes = np.arange(d.z.shape[1])
    return lambda: cecli.cross_entropy(d.y, d.p), lambda: sklearn.metrics.log_loss(d.y, d.p, labels=classes)


class Task(NamedTuple):
    """What is measured, and what it can't do without for each number of the prediction."""

    pair: Callable[[Data], Pair]
    exponentials: float = 0
    logarithms: float = 0
    arrays: int = 1
    """How many arrays as large as the prediction are read or written."""
    shapes: int = len(SHAPES)
    """How many of the shapes are measured: the peer takes too long for the others."""


TASKS = {
    "labels from logits": Task(labels, exponentials=1),
    "softmax": Task(softmax, exponentials=1, arrays=2),
    "labels from probabilities": Task(labels_from_probabilities),
    "class weights": Task(class_weights, exponentials=1),
    "soft targets": Task(soft_targets, exponentials=1, arrays=2),
    "label smoothing": Task(smoothing, exponentials=1),
    "KL": Task(kl, logarithms=1, arrays=2),
    "KL from logits": Task(kl_from_logits, exponentials=1, logarithms=1, arrays=2),
    "binary": Task(binary, exponentials=1, arrays=2),
    "binary from probabilities": Task(binary_from_probabilities, logarithms=1, arrays=2),
    "gradient": Task(gradient, exponentials=1, arrays=2),
}
OTHERS = {
    "labels from logits, SciPy": Task(scipy_labels, exponentials=1),
    "soft targets, SciPy": Task(scipy_soft_targets, exponentials=1, arrays=2),
    "log-softmax, SciPy": Task(scipy_log_softmax, exponentials=1, arrays=2),
    "entropy, SciPy": Task(scipy_entropy, logarithms=1),
    "KL, SciPy": Task(scipy_kl, logarithms=1, arrays=2),
    "labels from probabilities, scikit-learn": Task(sklearn_log_loss, shapes=4),
}
"""Beside peers whose speed hardly depends on the processor: measured once."""


# --- the limit ----------------------------------------------------------------------------------------------------


class Limit(NamedTuple):
    """Seconds for a number of one type on all cores: an exponential, a logarithm, and reading or writing it."""

    exponential: float
    logarithm: float
    memory: float

    def of(self, task: Task, numbers: int) -> float:
        """The seconds that the task takes at least."""
        computed = task.exponentials * self.exponential + task.logarithms * self.logarithm
        return numbers * max(computed, task.arrays * self.memory)


def measured_limit(dtype: Any) -> Limit:
    """The smallest of many runs: NumPy's functions on numbers in the cache, and copies of what does not fit it, by all cores at once."""
    few = np.random.default_rng(0).uniform(0.1, 1, 2**14).astype(dtype)
    out = np.empty_like(few)
    many = [np.ones(10**7, dtype) for _ in range(2 * THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        copy = lambda: list(pool.map(np.copyto, many[:THREADS], many[THREADS:]))  # noqa: E731
        return Limit(
            smallest(lambda: np.exp(few, out=out), 300) / len(few) / THREADS,
            smallest(lambda: np.log(few, out=out), 300) / len(few) / THREADS,
            smallest(copy, 10) / sum(map(len, many)),
        )


def smallest(run: Run, times: int) -> float:
    """The shortest time of a run."""
    return min(seconds(run) for _ in range(times))


def seconds(run: Run) -> float:
    """How long a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


# --- measuring ----------------------------------------------------------------------------------------------------


def medians(pair: Pair) -> tuple[float, float]:
    """Seconds of ours and of the peer's, run in turn; both give nearly the same values (float32 sums differ, and scikit-learn clips)."""
    ours, theirs = (np.asarray(run(), np.float64) for run in pair)
    if not np.allclose(ours, theirs, rtol=1e-2, atol=1e-6):
        raise ValueError(f"ours is {ours}, the peer's is {theirs}")
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times[0]) < 3:
        for run, found in zip(pair, times, strict=True):
            time.sleep(REST)
            found.append(seconds(run))
    return statistics.median(times[0]), statistics.median(times[1])


def measure(tasks: dict[str, Task]) -> Iterator[tuple[str, str, float, float]]:
    """For each task, type and shape: the peer's time over ours, and ours over the limit."""
    torch.set_num_threads(THREADS)
    for dtype in TYPES:
        limit = measured_limit(dtype)
        print(dtype.__name__, limit, file=sys.stderr, flush=True)
        for i, shape in enumerate(SHAPES):
            given = Data(shape, dtype)
            for name, task in tasks.items():
                if i < task.shapes:
                    ours, theirs = medians(task.pair(given))
                    print(name, dtype.__name__, shape, f"{theirs / ours:.2f}", file=sys.stderr, flush=True)
                    yield name, dtype.__name__, theirs / ours, ours / limit.of(task, math.prod(shape))


def measured_apart(group: str, processor: str) -> list[tuple[str, str, float, float]]:
    """What `measure` finds in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.kernels", group]
    done = subprocess.run(
        command, env=os.environ | PROCESSORS[processor], stdout=subprocess.PIPE, check=True, text=True
    )
    return [tuple(row) for row in json.loads(done.stdout)]


def rows(group: str, processors: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """A row per task, processor and type: the ratio for every shape, their geometric mean, and that of the times over the limit."""
    found = {processor: measured_apart(group, processor) for processor in processors}
    for name in GROUPS[group]:
        for processor, measured in found.items():
            for dtype in TYPES:
                here = [row[2:] for row in measured if row[:2] == (name, dtype.__name__)]
                mean, over = (statistics.geometric_mean(column) for column in zip(*here, strict=True))
                missing = ["–"] * (len(SHAPES) - len(here))
                ratios = [f"{ratio:.2f}" for ratio, _ in here]
                yield (
                    name,
                    *(processor,) * (len(processors) > 1),
                    dtype.__name__,
                    *ratios,
                    *missing,
                    f"**{mean:.2f}**",
                    f"{over:.1f}",
                )


GROUPS = {"torch": TASKS, "others": OTHERS}


def main() -> None:
    """Measures, and writes the tables."""
    shapes = (*(f"{n} × {k}".replace("000000", "M").replace("000", "k") for n, k in SHAPES), "mean", "times the limit")
    page.put("kernels", page.table(("task", "processor", "type", *shapes), list(rows("torch", tuple(PROCESSORS)))))
    page.put("others", page.table(("task, peer", "type", *shapes), list(rows("others", ("as it is",)))))


if __name__ == "__main__":
    json.dump(list(measure(GROUPS[sys.argv[1]])), sys.stdout)
