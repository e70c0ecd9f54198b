"""How often `compare` sees a difference where there is none, and how often it finds one that is there. Prints a Markdown table.

    python -m tests.benchmarks.errorrates [trials]

Losses are heavy-tailed, as cross-entropies are: −ln σ(m) with margins m that are Student's t of 5 with a part in common, so that hard samples are
hard for both models (excess kurtosis of their differences 17). `heavier tails` are exp of normal numbers (100). Without a true difference both have the
same distribution; with one, the second is better by what theory says is found in 80 % of all tries: (z_0.975 + z_0.8)·s/√N. Right and
wrong are drawn alike: each model errs in 35 % of the samples, in 15 % both do. The seed is fixed.

Each trial goes through the same folding and judging as the command: `Pairs`, the raw p-values (Holm's adjustment is for several at once
and is judged by itself: the share of trials with any of its three p-values below 5 %).
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from cecli.comparing.model_batches import ModelBatch, ModelTotals
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.pairs import Pairs
from cecli.reading.arrays import array_source
from cecli.statistics.paired import normal_quantile
from cecli.statistics.sums import Totals
from tests.benchmarks.page import table

SEED = 20240611
TRIALS = 2000
SIZES = (20, 200, 2000)
LEVEL = 0.05
COLUMNS = ("t interval excludes 0", "sign flips", "McNemar mid-p", "any of three, Holm")
ERRS, ERR_TOGETHER = 0.35, 0.15
OF_CLUSTER = 5
HEAVIER, CLUSTERED = "no difference, heavier tails", f"no difference, clusters of {OF_CLUSTER}"
NONE, SOME = "no difference", "a difference that 80 % should find"
LINES = [(NONE, SIZES), (HEAVIER, SIZES[:2]), (CLUSTERED, SIZES[1:2]), (SOME, SIZES)]


def losses(random: np.random.Generator, n: int, kind: str = "") -> tuple[np.ndarray, np.ndarray]:
    """The losses of two models of which neither is better; those of a cluster have a part in common."""
    if kind == HEAVIER:
        a, b = np.exp(0.8 * random.normal(size=n) + 0.7 * random.normal(size=(2, n)) - 1)
        return a, b
    own = random.standard_t(5, size=(2, n))
    if kind == CLUSTERED:
        own = 0.6 * own + 0.8 * np.repeat(random.standard_t(5, size=(2, n // OF_CLUSTER)), OF_CLUSTER, axis=1)
    a, b = np.logaddexp(0, -(1 + 1.5 * random.standard_t(5, size=n) + 1.5 * own))
    return a, b


def right(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """What two models of the same error rate get right."""
    u = random.random(n)
    only = ERRS - ERR_TOGETHER
    wrong_a = u < ERRS
    wrong_b = (u < ERR_TOGETHER) | ((u >= ERRS) & (u < ERRS + only))
    return ~wrong_a, ~wrong_b


def judged(a: np.ndarray, b: np.ndarray, right_a: np.ndarray, right_b: np.ndarray, options: PairedTestOptions) -> Any:
    """The pair, folded in two batches and judged as the command does."""
    pairs = Pairs(["a", "b"], options)
    for part in np.array_split(np.arange(len(a)), 2):
        batch = SimpleNamespace(stream=SimpleNamespace(source=None))
        found = [model(loss[part], correct[part]) for loss, correct in ((a, right_a), (b, right_b))]
        step: Any = SimpleNamespace(first=int(part[0]), samples=len(part), batches=[batch])
        pairs.add(found, step)
    return PairedTest(pairs).statistics[0]


def model(loss: np.ndarray, correct: np.ndarray) -> ModelBatch:
    """A block of a model with these losses, their squares as its squared errors."""
    ones, zero = np.ones(len(loss)), np.zeros(len(loss), dtype=np.int64)
    squared = np.minimum(loss, 2.0)
    totals = ModelTotals(squared=Totals.of(squared, ones), loss=Totals.of(loss, ones))
    return ModelBatch(totals, loss, correct, zero, zero, ones > 0, squared)


def shift_found_in_80_percent(n: int) -> float:
    """The difference that theory says is found in 80 % of all tries, from the spread of many samples."""
    a, b = losses(np.random.default_rng(1), 4_000_000)
    return (normal_quantile(0.975) + normal_quantile(0.8)) * float(np.std(a - b)) / math.sqrt(n)


def rates(random: np.random.Generator, n: int, trials: int, kind: str) -> Counter[str]:
    """How many trials each statistic calls significant."""
    found: Counter[str] = Counter()
    shift = shift_found_in_80_percent(n) if kind == SOME else 0.0
    for trial in range(trials):
        a, b = losses(random, n, kind)
        names = array_source(np.arange(n) // OF_CLUSTER, "the clusters") if kind == CLUSTERED else None
        one = judged(a + shift, b, *right(random, n), PairedTestOptions(seed=trial, cluster=names))
        loss = one.by["cross_entropy"]
        found[COLUMNS[0]] += not loss.terms.low <= 0 <= loss.terms.high
        found[COLUMNS[1]] += loss.terms.p_value <= LEVEL
        found[COLUMNS[2]] += one.mcnemar <= LEVEL
        found[COLUMNS[3]] += min(*(each.adjusted for each in one.by.values()), one.mcnemar_adjusted) <= LEVEL
    return found


def main() -> None:
    """Every size, without and with a difference."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    random = np.random.default_rng(SEED)
    started = time.perf_counter()
    rows = []
    for kind, sizes in LINES:
        for n in sizes:
            found = rates(random, n, trials, kind)
            shown = [f"{found[name] / trials:.1%}" for name in COLUMNS]
            rows.append([kind, n, *(shown if kind != SOME else [*shown[:2], "–", "–"])])
    print(table(["", "N", *COLUMNS], rows))
    print(f"\n{trials} trials each, in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
