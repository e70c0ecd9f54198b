"""How often `compare` sees a difference where there is none, by each of several methods, and how often it finds one. Prints Markdown tables.

    python -m tests.benchmarks.errorrates [--cecli] [trials [family…]]

Each line is a family of losses of two models of which neither is better in the long run; each number is the share of trials with p below 0.05. `cecli` is
the command's own test and cautions, of five times as many trials; the other methods are computed here, for all trials at once:
the t test, 999 sign flips, the bootstrap-t of 999 resamples, and Hall's correction of the t test with all of the skewness that is seen. `--cecli` leaves
them out. The seed is fixed.
"""

from __future__ import annotations

import math
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from cecli.comparing.model_batches import Mistaken, ModelBatch, ModelTotals
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.pairs import Pairs
from cecli.reading.arrays import array_source
from cecli.statistics import paired
from cecli.statistics.cautions import StudentRatio, caution
from cecli.statistics.differences import Difference, Mistakes
from cecli.statistics.discordant import discordant_terms
from cecli.statistics.distributions import normal_quantile, student_t_quantile
from cecli.statistics.moments import Moments, Shape
from cecli.statistics.sums import Sum, Totals
from tests.benchmarks import loss_families as families
from tests.benchmarks.page import table

SEED = 20240611
TRIALS, MORE_TRIALS = 2000, 5
"""Of cecli's method five times as many."""
CHECKED = 10
"""Of so many trials of each part the sums are those that the command's folding gives."""
LARGEST = 10
"""1 % of the most samples."""
SIZES = (10, 20, 50, 100, 200, 500, 1000)
REPLICATES = 999
LEVEL = 0.05
OTHERS = ("t", "sign flips", "bootstrap-t", "Hall")

# --- methods ------------------------------------------------------------------------------------------------------


def by_others(random: np.random.Generator, d: np.ndarray, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Which trials each of the other methods calls significant; d and weight are those of the units, a row for each trial."""
    n = d.shape[1]
    total, mean = weight.sum(axis=1), (weight * d).sum(axis=1) / weight.sum(axis=1)
    off = weight * (d - mean[:, None])
    square = (off**2).sum(axis=1)
    units = np.round(total**2 / (weight**2).sum(axis=1))
    edges = {unit: student_t_quantile(1 - LEVEL / 2, unit - 1) for unit in {*units.tolist()}}
    edge = np.asarray([edges[unit] for unit in units.tolist()])
    with np.errstate(all="ignore"):
        ratio = np.where(square < 1e-20, np.inf * np.sign(mean), mean * total / np.sqrt(square * n / (n - 1)))
        skew = np.where(square < 1e-20, 0, (off**3).sum(axis=1) / square**1.5)
        corrected = ratio + skew * ratio**2 / 3 + skew**2 * ratio**3 / 27 + skew / 6
    return {
        "t": np.abs(ratio) > edge,
        "sign flips": _flipped(random, weight * d),
        "bootstrap-t": _bootstrapped(random, d, weight, ratio, mean),
        "Hall": np.where(np.isfinite(ratio), np.abs(corrected) > edge, True),
    }


def _flipped(random: np.random.Generator, d: np.ndarray) -> np.ndarray:
    """Sign flips, the same for all trials."""
    signs = random.choice([-1.0, 1.0], (d.shape[1], REPLICATES))
    own = np.abs(d.sum(axis=1))
    as_large = (np.abs(d @ signs) >= own[:, None] * (1 - 1e-12)).sum(axis=1) + 1
    return as_large / (REPLICATES + 1) < LEVEL


def _bootstrapped(
    random: np.random.Generator, d: np.ndarray, weight: np.ndarray, ratio: np.ndarray, mean: np.ndarray
) -> np.ndarray:
    """The ratios of resamples, the same for all trials; a resample without spread counts as infinitely far off."""
    n = d.shape[1]
    counts = random.multinomial(n, np.full(n, 1 / n), REPLICATES).T.astype(float)
    off = d - mean[:, None]
    total, first = weight @ counts, (weight * off) @ counts
    shift = first / total
    square = (weight**2 * off**2) @ counts - 2 * shift * ((weight**2 * off) @ counts) + shift**2 * (weight**2 @ counts)
    with np.errstate(all="ignore"):
        ratios = np.where(square < 1e-20, np.inf * np.sign(shift), first / np.sqrt(square * n / (n - 1)))
    low, high = np.quantile(np.nan_to_num(ratios, posinf=1e9, neginf=-1e9), [LEVEL / 2, 1 - LEVEL / 2], axis=1)
    return (ratio < low) | (ratio > high)


class Drawn(NamedTuple):
    """Trials of a family, a row for each: the losses, what is taken off those of a, the weights, how many samples a cluster has, and whether there are probabilities."""

    a: np.ndarray
    b: np.ndarray
    shift: float = 0.0
    weight: np.ndarray | None = None
    of_cluster: int = 1
    probable: bool = False

    def units(self) -> tuple[np.ndarray, np.ndarray]:
        """The differences of the units and their weights."""
        d = (self.a - self.shift - self.b).reshape(len(self.a), -1, self.of_cluster).mean(axis=2)
        return d, np.ones_like(d) if self.weight is None else self.weight


def judged(drawn: Drawn, i: int) -> tuple[bool, bool]:
    """What `compare` says of one trial, folded and judged as by the command: p below 0.05, and whether with a caution."""
    a, b, shift, weight, of_cluster, probable = drawn
    names = None if of_cluster == 1 else np.arange(a.shape[1]) // of_cluster
    pairs = Pairs(["a", "b"], PairedTestOptions(cluster=None if names is None else array_source(names, "clusters")))
    own = None if weight is None else weight[i]
    models = [_model(a[i] - shift, a[i], own, probable), _model(b[i], b[i], own, probable)]
    batch = SimpleNamespace(stream=SimpleNamespace(source=None))
    step: Any = SimpleNamespace(first=0, samples=a.shape[1], batches=[batch], clusters=names)
    one = PairedTest(pairs, pairs.of(models, step)).statistics[0].by["cross_entropy"]
    return one.terms.p_value is not None and one.terms.p_value < LEVEL, one.caution is not None


def _model(loss: np.ndarray, own: np.ndarray, weight: np.ndarray | None, probable: bool) -> ModelBatch:
    """A batch of a model with these losses; `own` are those that its probabilities have."""
    each = np.ones(len(loss)) if weight is None else weight
    zero, yes = np.zeros(len(loss), dtype=np.int64), each > 0
    total = Totals.of(each * loss, each)
    mistaken = _mistaken(own) if probable else None
    totals = ModelTotals(wrong=Totals.of(0 * each, each), squared=total, loss=total)
    return ModelBatch(totals, loss, yes, zero, zero, yes, loss, weight, mistaken=mistaken)


def _mistaken(loss: np.ndarray) -> Mistaken:
    """How losses of these probabilities would change if other classes were right."""
    p, q = np.exp(-np.maximum(loss, 1e-15)), -np.expm1(-np.maximum(loss, 1e-15))
    return Mistaken(np.log(p) - np.log(q), 2 * (p - q), p * q)


def all_judged(drawn: Drawn) -> np.ndarray:
    """The same of all trials, a row for each: the sums of all at once, then the command's test and cautions. The first trials show that it is the same."""
    d, weight = drawn.units()
    weight = weight * drawn.of_cluster
    total, count = weight.sum(axis=1), d.shape[1]
    mean, units = (weight * d).sum(axis=1) / total, total**2 / (weight**2).sum(axis=1)
    off, sizes = weight * (d - mean[:, None]), np.abs(weight * d)
    powers = np.stack([(off**k).sum(axis=1) for k in (2, 3, 4)], axis=1)
    apart = drawn.a - drawn.shift - drawn.b
    better, worse = (apart > 0).sum(axis=1), (apart < 0).sum(axis=1)
    mistakes, size, largest = _mistakes(drawn), sizes.sum(axis=1), np.sort(sizes, axis=1)[:, -LARGEST:]
    found = []
    for i in range(len(d)):
        difference = Difference(
            Sum(mean[i] * total[i]), Sum(total[i]), Moments(), int(better[i]), int(worse[i]), mistakes=mistakes[i]
        )
        shape = Shape.of(*powers[i].tolist(), 0)
        found.append(_judged(difference, shape, count, float(units[i]), largest[i], float(size[i])))
    for i in range(CHECKED):
        assert judged(drawn, i) == found[i]
    return np.asarray(found)


def _mistakes(drawn: Drawn) -> list[Mistakes]:
    """How the differences of each trial would change if other classes were right."""
    if not drawn.probable:
        return [Mistakes()] * len(drawn.a)
    a, b = (_mistaken(each) for each in (drawn.a, drawn.b))
    odds, change = np.minimum(a.odds, b.odds), a.loss - b.loss
    change = change if drawn.weight is None else change * drawn.weight
    return [Mistakes.of(*each) for each in zip(change, odds, strict=True)]


def _judged(
    difference: Difference, shape: Shape, count: int, units: float, largest: np.ndarray, size: float
) -> tuple[bool, bool]:
    """Whether p is below 0.05, and whether there is a caution."""
    if round(units, 9) < paired.FEWEST:
        return False, False
    error = math.sqrt(shape.square * count / (count - 1)) / difference.weights.high
    test = StudentRatio(difference.mean / error if error else math.inf, paired.freedom_of(shape, count, units), LEVEL)
    if shape.is_rounding(difference.mean):
        p_value = paired.alike_terms(difference.mean, units, 1 - LEVEL).p_value or 1.0
    else:
        p_value = paired.p_value_of(test.ratio, paired.reliable_skew(shape), test.freedom)
    return p_value < LEVEL, caution(difference, shape, test, largest, size, count) is not None


# --- tables -------------------------------------------------------------------------------------------------------


def drawn_of(random: np.random.Generator, name: str, n: int, trials: int) -> Drawn:
    """Trials of a family."""
    a, b = families.ALL[name](random, (trials, n))
    shift = float(np.subtract(*families.test_sets()[name]).mean()) if name in families.REDRAWN else 0.0
    weight = np.exp(0.7 * random.normal(size=a.shape)) if "weights" in name else None
    of_cluster = families.OF_CLUSTER if name.startswith("clusters") else 1
    return Drawn(a, b, shift, weight, of_cluster, name in families.PROBABILITIES)


def levels(random: np.random.Generator, name: str, n: int, trials: int, alone: bool) -> list[Any]:
    """A line of the table of levels, with the other methods or without; cecli's numbers are the same."""
    drawn = drawn_of(random, name, n, trials)
    others = {} if alone else by_others(deepcopy(random), *drawn.units())
    parts = [all_judged(drawn), *(all_judged(drawn_of(random, name, n, trials)) for _ in range(1, MORE_TRIALS))]
    rejected, cautioned = np.concatenate(parts).T
    sure = rejected[~cautioned]
    shown = f"{sure.mean():.1%}" if len(sure) >= len(rejected) / 2 else "–"
    return [name, n, *(f"{each.mean():.1%}" for each in (*others.values(), rejected)), f"{cautioned.mean():.0%}", shown]


def power(random: np.random.Generator, name: str, n: int, trials: int) -> list[Any]:
    """A line of the table of power: a difference that theory says is found in 80 % of all tries."""
    far = families.FAMILIES[name](np.random.default_rng(1), (1, 4_000_000))
    shift = (normal_quantile(0.975) + normal_quantile(0.8)) * float(np.std(far[0] - far[1])) / math.sqrt(n)
    a, b = families.FAMILIES[name](random, (trials, n))
    others = by_others(random, a - b + shift, np.ones_like(a))
    found = all_judged(Drawn(a, b, -shift))
    return [name, n, *(f"{each.mean():.1%}" for each in (*others.values(), found[:, 0]))]


def counts(random: np.random.Generator, share: float, n: int, trials: int) -> list[Any]:
    """A line of the table of right and wrong: each model alone is wrong in this share of the samples."""
    u = random.random((trials, n))
    only_a, only_b = (u < share).sum(axis=1), (u > 1 - share).sum(axis=1)
    d = (u < share).astype(float) - (u > 1 - share)
    with np.errstate(all="ignore"):
        t = np.abs(d.mean(axis=1) / d.std(axis=1, ddof=1)) * math.sqrt(n) > student_t_quantile(1 - LEVEL / 2, n - 1)
    terms = [discordant_terms(int(x), int(y), n) for x, y in zip(only_a, only_b, strict=True)]
    found = np.asarray([each.p_value is not None and each.p_value < LEVEL for each in terms])
    return [f"{share:.0%}", n, f"{t.mean():.1%}", f"{found.mean():.1%}"]


def coverage(random: np.random.Generator, shares: tuple[float, float], n: int, trials: int) -> list[Any]:
    """A line of the table of intervals of the difference of two error rates: how often the true one is outside, and how wide they are."""
    counted = random.multinomial(n, [*shares, 1 - sum(shares)], trials)
    terms = [discordant_terms(int(x), int(y), n) for x, y, _ in counted]
    bounds = np.asarray([(each.low, each.high) for each in terms], dtype=float)
    truth = shares[1] - shares[0]
    outside = (bounds[:, 0] > truth) | (bounds[:, 1] < truth)
    return [
        ", ".join(f"{share:.1%}" for share in shares),
        n,
        f"{outside.mean():.1%}",
        f"{np.mean(bounds[:, 1] - bounds[:, 0]):.3f}",
    ]


ALONE = ((0.02, 0.02), (0.05, 0.05), (0.2, 0.2), (0.1, 0.02), (0.2, 0.05), (0.3, 0.01), (0.05, 0.001))


def main() -> None:
    """All tables, or the levels of some families; each line with random numbers of its own."""
    words = [word for word in sys.argv[1:] if word != "--cecli"]
    trials, chosen, alone = int(words[0]) if words else TRIALS, words[1:], "--cecli" in sys.argv
    started = time.perf_counter()
    of_levels = ["no difference", "N", *(() if alone else OTHERS), "cecli", "with a caution", "cecli without"]
    with ProcessPoolExecutor() as processes:
        for group in (families.FAMILIES, families.OF_THEIR_KIND, families.HELD_OUT, families.NEW):
            if not (names := [name for name in group if name in chosen or not chosen]):
                continue
            sizes = {name: SIZES[2 if name.startswith("clusters") else 0 :] for name in names}
            _print(processes, of_levels, levels, [(name, n, trials, alone) for name in names for n in sizes[name]])
        if chosen:
            return
        symmetric_ones = [*families.FAMILIES][:2]
        found = [(name, n, trials) for name in symmetric_ones for n in SIZES[1:6]]
        _print(processes, ["a difference", "N", *OTHERS, "cecli"], power, found)
        _print(
            processes,
            ["wrong alone", "N", "t", "cecli"],
            counts,
            [(share, n, trials) for share in (0.2, 0.05, 0.02) for n in SIZES[1:]],
        )
        _print(
            processes,
            ["right alone", "N", "outside the interval", "its width"],
            coverage,
            [(shares, n, trials) for shares in ALONE for n in (50, 200, 1000)],
        )
    print(f"{trials} trials each, in {time.perf_counter() - started:.0f} s")


def _print(
    processes: ProcessPoolExecutor, titles: Sequence[str], line: Callable[..., list[Any]], of: Sequence[tuple[Any, ...]]
) -> None:
    """A table, its lines computed beside one another."""
    seeds = [np.random.default_rng([SEED, zlib.crc32(repr(each[:3]).encode())]) for each in of]
    print(table([*titles], [*processes.map(line, seeds, *zip(*of, strict=True))]), flush=True)
    print()


if __name__ == "__main__":
    main()
