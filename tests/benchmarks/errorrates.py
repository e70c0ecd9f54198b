"""How often `compare` sees a difference where there is none, by each of several methods, and how often it finds one. Prints Markdown tables.

    python -m tests.benchmarks.errorrates [trials [family…]]

Each line is a family of losses of two models of which neither is better in the long run; each number is the share of trials with p below 0.05. `cecli` goes
through the same folding and judging as the command (`Pairs`, `PairedTest`); the other methods are computed here, for all trials at once:
the t test, 999 sign flips, the bootstrap-t of 999 resamples, and Hall's correction of the t test with all of the skewness that is seen. The seed is fixed.

The test sets are scikit-learn's: logistic regression against naive Bayes, cross-validated in five parts; samples are redrawn from their differences, and
the mean of all is the truth.
"""

from __future__ import annotations

import math
import sys
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from cecli.comparing.model_batches import Mistaken, ModelBatch, ModelTotals
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.pairs import Pairs
from cecli.reading.arrays import array_source
from cecli.statistics.discordant import discordant_terms
from cecli.statistics.distributions import normal_quantile, student_t_quantile
from cecli.statistics.sums import Totals
from tests.benchmarks.page import table

SEED = 20240611
TRIALS = 2000
SIZES = (10, 20, 50, 100, 200, 500, 1000)
REPLICATES = 999
LEVEL = 0.05
OF_CLUSTER = 5

Drawn = tuple[np.ndarray, np.ndarray]
"""The losses of two models, a row for each trial."""

# --- families -----------------------------------------------------------------------------------------------------


def symmetric(random: np.random.Generator, shape: tuple[int, int], common: np.ndarray | float = 0.0) -> Drawn:
    """−ln σ(m) with margins m that are Student's t of 5 with a part in common: excess kurtosis of the differences 17."""
    own = random.standard_t(5, size=(2, *shape))
    a, b = np.logaddexp(0, -(1 + 1.5 * random.standard_t(5, size=shape) + 1.5 * own + common))
    return a, b


def heavier(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """exp of normal numbers with a part in common: excess kurtosis 100."""
    a, b = np.exp(0.8 * random.normal(size=shape) + 0.7 * random.normal(size=(2, *shape)) - 1)
    return a, b


def tied(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """The symmetric ones; in 70 % of the samples the models agree."""
    a, b = symmetric(random, shape)
    return a, np.where(random.random(shape) < 0.7, a, b)


def clustered(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """The symmetric ones, with a part in common to the samples of a cluster that differs between the models."""
    parts = random.standard_t(5, size=(2, shape[0], shape[1] // OF_CLUSTER))
    a, b = symmetric(random, shape, 1.2 * np.repeat(parts, OF_CLUSTER, axis=2))
    return a, b


def always(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """One model always says 0.8, the other always 0.98, both wrong in the same samples, as many as make their losses equal: 8.1 %."""
    right, wrong = -np.log([0.8, 0.98]), -np.log([0.2, 0.02])
    share = (right[0] - right[1]) / (right[0] - right[1] + wrong[1] - wrong[0])
    is_wrong = random.random(shape) < share
    return np.where(is_wrong, wrong[0], right[0]), np.where(is_wrong, wrong[1], right[1])


@cache
def as_flat() -> float:
    """The scale of the flat model's logits at which its loss is that of the sharp one."""
    random = np.random.default_rng(1)
    margin = np.where(random.random(2_000_000) < 1 / (1 + np.exp(-(m := random.normal(0, 2, 2_000_000)))), m, -m)
    goal, low, high = float(np.mean(np.logaddexp(0, -2 * margin))), 0.01, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if np.mean(np.logaddexp(0, -middle * margin)) > goal else (low, middle)
    return low


def sharp(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """The logits of a model that is sure enough, made flat (times 0.3) and made sharp (times 2): the same loss."""
    m = random.normal(0, 2, size=shape)
    margin = np.where(random.random(shape) < 1 / (1 + np.exp(-m)), m, -m)
    return np.logaddexp(0, -as_flat() * margin), np.logaddexp(0, -2 * margin)


def blunder(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """One model gives the true class 0.9, but in 1 % of the samples 1e-4; the other has the same mean loss, scattered a little."""
    mean = -0.99 * math.log(0.9) - 0.01 * math.log(1e-4)
    return mean * random.uniform(0.9, 1.1, shape), np.where(
        random.random(shape) < 0.01, -math.log(1e-4), -math.log(0.9)
    )


def unequal(random: np.random.Generator, shape: tuple[int, int], spread: float = 1.2) -> Drawn:
    """Log-normal losses of mean 1, of one model spread twice as wide as of the other."""
    a, b = (np.exp(each * random.normal(size=shape) - each**2 / 2) for each in (spread, spread / 2))
    return a, b


def narrower(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """The same, spread less."""
    return unequal(random, shape, 1.0)


def heavier_pareto(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Lomax losses whose tail falls with the power 2.5, against ones that are about 2/3 always, their mean."""
    return random.pareto(2.5, shape), random.uniform(1 / 3, 1, shape)


def exponential(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Exponential losses against ones that are about 1 always."""
    return random.exponential(size=shape), random.uniform(0.5, 1.5, shape)


def exponentials(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Exponential losses against others of half their spread, both of mean 1."""
    return random.exponential(size=shape), 0.5 * random.exponential(size=shape) + 0.5


def three_values(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Losses of three values, of which the largest occurs in 5 %, against ones that are about 0.39 always, their mean."""
    return random.choice([0.05, 1.0, 4.0], shape, p=[0.8, 0.15, 0.05]), 0.39 * random.uniform(0.8, 1.2, shape)


def four_values(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Losses of four values each, of the same mean: 0.187."""
    a = random.choice([0.02, 0.3, 2.0, 6.0], shape, p=[0.85, 0.1, 0.04, 0.01])
    b = random.choice([0.05, 0.3, 0.4, 1.42], shape, p=[0.8, 0.1, 0.05, 0.05])
    return a, b + (0.187 - 0.161)


def weibull(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Weibull losses of shape 0.6 against exponential ones, both of mean 1."""
    return random.weibull(0.6, shape) / math.gamma(1 + 1 / 0.6), random.exponential(size=shape)


def gamma(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Gamma losses of shape 0.5 against ones of shape 2, both of mean 1."""
    return random.gamma(0.5, 2.0, shape), random.gamma(2.0, 0.5, shape)


def pareto(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Lomax losses whose tail falls with the third power, P(X > x) = (1 + x)⁻³, against exponential ones, both of mean 1/2."""
    return random.pareto(3.0, shape), 0.5 * random.exponential(size=shape)


def exponential_of_t(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """exp of Student's t of 5, cut at ±4, in the one model and of half that in the other, each over its mean."""
    a, b = (np.exp(scale * np.clip(random.standard_t(5, shape), -4, 4)) for scale in (1.0, 0.5))
    return a / mean_of_exponential(1.0), b / mean_of_exponential(0.5)


@cache
def mean_of_exponential(scale: float) -> float:
    """The mean of exp of a scale times Student's t of 5, cut at ±4, by a sum over its quantiles."""
    t = np.clip(np.linspace(-60, 60, 4_000_001), -60, 60)
    density = (1 + t**2 / 5) ** -3
    return float(np.sum(density * np.exp(scale * np.clip(t, -4, 4))) / np.sum(density))


def mixture(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Losses of mean 1 of which 5 % come from an exponential of mean 10.5, against exponential ones."""
    rare = random.random(shape) < 0.05
    return np.where(rare, random.exponential(10.5, shape), random.exponential(0.5, shape)), random.exponential(
        size=shape
    )


def skewed_clusters(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Exponential losses, with an exponential part in common to the samples of a cluster; the other model loses 2 always, on average."""
    parts = random.exponential(size=(shape[0], shape[1] // OF_CLUSTER))
    return random.exponential(size=shape) + np.repeat(parts, OF_CLUSTER, axis=1), random.uniform(1.5, 2.5, shape)


@cache
def test_sets() -> Mapping[str, np.ndarray]:
    """The losses of logistic regression and of naive Bayes on each test set; or of two logistic regressions."""
    from sklearn import datasets
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    digits, labels = datasets.load_digits(return_X_y=True)
    alike = np.isin(labels, [3, 8, 9])
    sets = {
        "breast cancer": (*datasets.load_breast_cancer(return_X_y=True), 1e-9),
        "iris": (*datasets.load_iris(return_X_y=True), 1e-9),
        "wine": (*datasets.load_wine(return_X_y=True), 1e-9),
        "digits": (digits, labels, 0.1),
        "digits, 8 or not": (digits, (labels == 8).astype(int), 0.1),
        "digits 3, 8, 9": (digits[alike], labels[alike] // 5 + labels[alike] // 9, 0.1),
        "breast cancer, C = 1 and 0.01": (*datasets.load_breast_cancer(return_X_y=True), None),
    }
    found = {}
    for name, (x, y, smoothing) in sets.items():
        plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        strong = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        models = plain, strong if smoothing is None else GaussianNB(var_smoothing=smoothing)
        parts = StratifiedKFold(5, shuffle=True, random_state=0)
        found[name] = np.stack(
            [-cross_val_predict(m, x, y, cv=parts, method="predict_log_proba")[np.arange(len(y)), y] for m in models]
        )
    return found


def redrawn(name: str) -> Callable[[np.random.Generator, tuple[int, int]], Drawn]:
    """Samples of a test set; the difference of all is taken off."""

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
        a, b = test_sets()[name]
        chosen = random.integers(0, len(a), shape)
        return a[chosen], b[chosen]

    return draw


REDRAWN = ("breast cancer", "iris", "wine", "digits", "digits, 8 or not")
REDRAWN_TOO = ("digits 3, 8, 9", "breast cancer, C = 1 and 0.01")
FAMILIES: dict[str, Callable[[np.random.Generator, tuple[int, int]], Drawn]] = {
    "symmetric, heavy tails": symmetric,
    "symmetric, heavier tails": heavier,
    "70 % ties": tied,
    f"clusters of {OF_CLUSTER}": clustered,
    "weights": symmetric,
    "0.8 always, 0.98 always": always,
    "the same, weights": always,
    "sharp and flat": sharp,
    "1 % at 1e-4": blunder,
    "exponential": exponential,
    "two exponentials": exponentials,
    "three values": three_values,
    "log-normal, 1": narrower,
    "Pareto, 2.5": heavier_pareto,
    "weights, exponential": exponential,
    "weights, log-normal, 1": narrower,
    **{name: redrawn(name) for name in REDRAWN},
}
HELD_OUT: dict[str, Callable[[np.random.Generator, tuple[int, int]], Drawn]] = {
    "log-normal": unequal,
    "four values": four_values,
    "Weibull": weibull,
    "weights, Weibull": weibull,
    "clusters, skewed": skewed_clusters,
    "gamma": gamma,
    "Pareto": pareto,
    "exp of t": exponential_of_t,
    "mixture": mixture,
    **{name: redrawn(name) for name in REDRAWN_TOO},
}
"""Families that nothing was chosen on: neither the method nor where its cautions stand."""

SKEWED = ("exponential", "two exponentials", "three values", "log-normal, 1", "Pareto, 2.5")
SKEWED += ("weights, exponential", "weights, log-normal, 1")
NO_PROBABILITIES = {"symmetric, heavier tails", *SKEWED, *HELD_OUT} - {*REDRAWN_TOO}


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


def judged(
    a: np.ndarray, b: np.ndarray, shift: float, weight: np.ndarray | None, clusters: np.ndarray | None, probable: bool
) -> tuple[bool, bool]:
    """What `compare` says of one trial: p below 0.05, and whether with a caution."""
    source = None if clusters is None else array_source(clusters, "clusters")
    pairs = Pairs(["a", "b"], PairedTestOptions(cluster=source))
    models = [_model(a - shift, a, weight, probable), _model(b, b, weight, probable)]
    batch = SimpleNamespace(stream=SimpleNamespace(source=None))
    step: Any = SimpleNamespace(first=0, samples=len(a), batches=[batch], clusters=clusters)
    one = PairedTest(pairs, pairs.of(models, step)).statistics[0].by["cross_entropy"]
    return one.terms.p_value is not None and one.terms.p_value < LEVEL, one.caution is not None


def _model(loss: np.ndarray, own: np.ndarray, weight: np.ndarray | None, probable: bool) -> ModelBatch:
    """A batch of a model with these losses; `own` are those that its probabilities have."""
    each = np.ones(len(loss)) if weight is None else weight
    zero, yes = np.zeros(len(loss), dtype=np.int64), each > 0
    total = Totals.of(each * loss, each)
    mistaken = None
    if probable:
        p = np.exp(-np.maximum(own, 1e-15))
        q = -np.expm1(-np.maximum(own, 1e-15))
        mistaken = Mistaken(np.log(p) - np.log(q), 2 * (p - q), p * q)
    totals = ModelTotals(wrong=Totals.of(0 * each, each), squared=total, loss=total)
    return ModelBatch(totals, loss, yes, zero, zero, yes, loss, weight, mistaken=mistaken)


# --- tables -------------------------------------------------------------------------------------------------------


def levels(random: np.random.Generator, name: str, n: int, trials: int) -> list[Any]:
    """A line of the table of levels."""
    a, b = (FAMILIES | HELD_OUT)[name](random, (trials, n))
    shift = float(np.subtract(*test_sets()[name]).mean()) if name in (*REDRAWN, *REDRAWN_TOO) else 0.0
    weight = np.exp(0.7 * random.normal(size=a.shape)) if "weights" in name else None
    each, d = np.ones_like(a) if weight is None else weight, a - b - shift
    names = None
    if name.startswith("clusters"):
        d, each = d.reshape(trials, -1, OF_CLUSTER).mean(axis=2), np.ones((trials, n // OF_CLUSTER))
        names = np.arange(n) // OF_CLUSTER
    others = by_others(random, d, each)
    found = np.asarray([
        judged(a[i], b[i], shift, None if weight is None else weight[i], names, name not in NO_PROBABILITIES)
        for i in range(trials)
    ])  # fmt: skip
    rejected, cautioned = found.T
    sure = rejected[~cautioned]
    shown = f"{sure.mean():.1%}" if len(sure) >= trials / 2 else "–"
    return [name, n, *(f"{each.mean():.1%}" for each in (*others.values(), rejected)), f"{cautioned.mean():.0%}", shown]


def power(random: np.random.Generator, name: str, n: int, trials: int) -> list[Any]:
    """A line of the table of power: a difference that theory says is found in 80 % of all tries."""
    far = FAMILIES[name](np.random.default_rng(1), (1, 4_000_000))
    shift = (normal_quantile(0.975) + normal_quantile(0.8)) * float(np.std(far[0] - far[1])) / math.sqrt(n)
    a, b = FAMILIES[name](random, (trials, n))
    others = by_others(random, a - b + shift, np.ones_like(a))
    found = np.asarray([judged(a[i], b[i], -shift, None, None, False) for i in range(trials)])
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
    trials, chosen = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS, sys.argv[2:]
    started = time.perf_counter()
    others = ["t", "sign flips", "bootstrap-t", "Hall"]
    of_levels = ["no difference", "N", *others, "cecli", "with a caution", "cecli without"]
    with ProcessPoolExecutor() as processes:
        for families in (FAMILIES, HELD_OUT):
            if not (names := [name for name in families if name in chosen or not chosen]):
                continue
            sizes = {name: SIZES[2 if name.startswith("clusters") else 0 :] for name in names}
            _print(processes, of_levels, levels, [(name, n, trials) for name in names for n in sizes[name]])
        if chosen:
            return
        symmetric_ones = [*FAMILIES][:2]
        found = [(name, n, trials) for name in symmetric_ones for n in SIZES[1:6]]
        _print(processes, ["a difference", "N", *others, "cecli"], power, found)
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
    seeds = [np.random.default_rng([SEED, zlib.crc32(repr(each).encode())]) for each in of]
    print(table([*titles], [*processes.map(line, seeds, *zip(*of, strict=True))]), flush=True)
    print()


if __name__ == "__main__":
    main()
