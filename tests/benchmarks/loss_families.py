"""Families of losses of two models of which neither is better in the long run: what the levels of `compare` are measured on.

The test sets are scikit-learn's; the models are cross-validated in five parts. Samples are redrawn from their differences, and the mean of all is the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

OF_CLUSTER = 5

Drawn = tuple[np.ndarray, np.ndarray]
"""The losses of two models, a row for each trial."""

Family = Callable[[np.random.Generator, tuple[int, int]], Drawn]


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


def always(random: np.random.Generator, shape: tuple[int, int], a: float = 0.8, b: float = 0.98) -> Drawn:
    """One model always says 0.8, the other always 0.98, both wrong in the same samples, as many as make their losses equal: 8.1 %."""
    right, wrong = -np.log([a, b]), -np.log([1 - a, 1 - b])
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


def heavier_pareto(random: np.random.Generator, shape: tuple[int, int], power: float = 2.5) -> Drawn:
    """Lomax losses whose tail falls with the power 2.5, against ones that are about 2/3 always, their mean."""
    mean = 1 / (power - 1)
    return random.pareto(power, shape), random.uniform(mean / 2, 1.5 * mean, shape)


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


def pareto(random: np.random.Generator, shape: tuple[int, int], power: float = 3.0) -> Drawn:
    """Lomax losses whose tail falls with the third power, P(X > x) = (1 + x)⁻³, against exponential ones, both of mean 1/2."""
    return random.pareto(power, shape), random.exponential(size=shape) / (power - 1)


def exponential_of_t(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """exp of Student's t of 5, cut at ±4, in the one model and of half that in the other, each over its mean."""
    a, b = (np.exp(scale * np.clip(random.standard_t(5, shape), -4, 4)) for scale in (1.0, 0.5))
    return a / mean_of_exponential(1.0), b / mean_of_exponential(0.5)


@cache
def mean_of_exponential(scale: float, freedom: int = 5, cut: float = 4.0) -> float:
    """The mean of exp of a scale times Student's t, cut at both ends, by a sum over its density."""
    t = np.linspace(-60, 60, 4_000_001)
    density = (1 + t**2 / freedom) ** (-(freedom + 1) / 2)
    return float(np.sum(density * np.exp(scale * np.clip(t, -cut, cut))) / np.sum(density))


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


def gammas(random: np.random.Generator, shape: tuple[int, int], k: float) -> Drawn:
    """Gamma losses of some shape against ones of three times that shape, both of mean 1."""
    return random.gamma(k, 1 / k, shape), random.gamma(3 * k, 1 / (3 * k), shape)


def weibulls(random: np.random.Generator, shape: tuple[int, int], k: float) -> Drawn:
    """Weibull losses against ones that are about 1 always, their mean."""
    return random.weibull(k, shape) / math.gamma(1 + 1 / k), random.uniform(0.5, 1.5, shape)


def two_values(random: np.random.Generator, shape: tuple[int, int], share: float, large: float) -> Drawn:
    """Losses of 0.1, and a large one in some share of the samples, against ones that are about their mean always."""
    mean = share * large + (1 - share) * 0.1
    return np.where(random.random(shape) < share, large, 0.1), mean * random.uniform(0.8, 1.2, shape)


def beta_prime(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Ratios of gamma numbers, whose tail falls with the power 4.5, against gamma losses of shape 2, both of mean 4/7."""
    return random.gamma(2.0, size=shape) / random.gamma(4.5, size=shape), random.gamma(2.0, 2 / 7, shape)


def ties_of_t(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """exp of half of Student's t of 3, cut at ±6, over its mean, against exponential losses; in half of the samples the models agree."""
    a = np.exp(0.5 * np.clip(random.standard_t(3, shape), -6, 6)) / mean_of_exponential(0.5, 3, 6.0)
    return a, np.where(random.random(shape) < 0.5, a, random.exponential(size=shape))


@cache
def test_sets() -> Mapping[str, np.ndarray]:
    """The losses of two models on each test set. Those of nearest neighbours and of a tree are of 98 % of their probabilities and 2 % of equal ones."""
    from sklearn import datasets
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    def scaled(model: Any) -> Any:
        return make_pipeline(StandardScaler(), model)

    digits, labels = datasets.load_digits(return_X_y=True)
    cancer, iris, wine = (
        load(return_X_y=True) for load in (datasets.load_breast_cancer, datasets.load_iris, datasets.load_wine)
    )
    alike = np.isin(labels, [3, 8, 9])
    logistic, strong = scaled(LogisticRegression(max_iter=2000)), scaled(LogisticRegression(C=0.01))
    bayes, smooth = GaussianNB(), GaussianNB(var_smoothing=0.1)
    neighbours, tree = scaled(KNeighborsClassifier(10)), DecisionTreeClassifier(min_samples_leaf=5, random_state=0)
    sets = {
        "breast cancer": (*cancer, logistic, bayes, 0.0),
        "iris": (*iris, logistic, bayes, 0.0),
        "wine": (*wine, logistic, bayes, 0.0),
        "digits": (digits, labels, logistic, smooth, 0.0),
        "digits, 8 or not": (digits, (labels == 8).astype(int), logistic, smooth, 0.0),
        "digits 3, 8, 9": (digits[alike], labels[alike] // 5 + labels[alike] // 9, logistic, smooth, 0.0),
        "breast cancer, C = 1 and 0.01": (*cancer, logistic, strong, 0.0),
        "digits, neighbours and tree": (digits, labels, neighbours, tree, 0.02),
        "breast cancer, neighbours and tree": (*cancer, neighbours, tree, 0.02),
    }
    found = {}
    for name, (x, y, *models, equal) in sets.items():
        parts = StratifiedKFold(5, shuffle=True, random_state=0)
        method = "predict_proba" if equal else "predict_log_proba"
        own = [cross_val_predict(each, x, y, cv=parts, method=method)[np.arange(len(y)), y] for each in models]
        found[name] = -np.stack([np.log((1 - equal) * p + equal / len(np.unique(y))) if equal else p for p in own])
    return found


def redrawn(name: str) -> Family:
    """Samples of a test set; the difference of all is taken off."""

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> Drawn:
        a, b = test_sets()[name]
        chosen = random.integers(0, len(a), shape)
        return a[chosen], b[chosen]

    return draw


# --- tables -------------------------------------------------------------------------------------------------------

CHOSEN_ON = ("breast cancer", "iris", "wine", "digits", "digits, 8 or not")
NOT_CHOSEN_ON = ("digits 3, 8, 9", "breast cancer, C = 1 and 0.01")
LOOKED_AT_ONCE = ("digits, neighbours and tree", "breast cancer, neighbours and tree")
REDRAWN = (*CHOSEN_ON, *NOT_CHOSEN_ON, *LOOKED_AT_ONCE)

FAMILIES: dict[str, Family] = {
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
    "log-normal, 1": partial(unequal, spread=1.0),
    "Pareto, 2.5": heavier_pareto,
    "weights, exponential": exponential,
    "weights, log-normal, 1": partial(unequal, spread=1.0),
    **{name: redrawn(name) for name in CHOSEN_ON},
}
"""What the method and its cautions were chosen on."""

OF_THEIR_KIND: dict[str, Family] = {
    **{f"log-normal, {spread}": partial(unequal, spread=spread) for spread in (0.9, 1.3)},
    **{f"Pareto and exponential, {power}": partial(pareto, power=power) for power in (2.8, 3.5)},
    **{f"Pareto, {power}": partial(heavier_pareto, power=power) for power in (2.8, 3.2, 4.0)},
    **{f"gamma, {k}": partial(gammas, k=k) for k in (0.3, 1.0)},
    "Weibull, 0.7": partial(weibulls, k=0.7),
    **{f"two values, {p:.0%}": partial(two_values, share=p, large=x) for p, x in ((0.05, 4), (0.08, 3), (0.03, 6))},
    **{f"weights, log-normal, {spread}": partial(unequal, spread=spread) for spread in (0.9, 1.1)},
    "weights, Pareto, 3.2": partial(heavier_pareto, power=3.2),
    "weights, gamma, 0.6": partial(gammas, k=0.6),
    "weights, Weibull, 0.8": partial(weibulls, k=0.8),
    **{f"{a} always, {b} always": partial(always, a=a, b=b) for a, b in ((0.7, 0.95), (0.9, 0.99), (0.6, 0.9))},
}
"""And these too: others of their kinds, with other parameters."""

HELD_OUT: dict[str, Family] = {
    "log-normal": unequal,
    "four values": four_values,
    "Weibull": weibull,
    "weights, Weibull": weibull,
    "clusters, skewed": skewed_clusters,
    "gamma": gamma,
    "Pareto": pareto,
    "exp of t": exponential_of_t,
    "mixture": mixture,
    **{name: redrawn(name) for name in NOT_CHOSEN_ON},
}
"""Families that nothing was chosen on: neither the method nor where its cautions stand."""

NEW: dict[str, Family] = {
    "beta prime": beta_prime,
    "weights, beta prime": beta_prime,
    "exp of t, ties": ties_of_t,
    **{name: redrawn(name) for name in LOOKED_AT_ONCE},
}
"""Families that were looked at once, when all was chosen."""

ALL = {**FAMILIES, **OF_THEIR_KIND, **HELD_OUT, **NEW}
PROBABILITIES = {
    "symmetric, heavy tails", "70 % ties", f"clusters of {OF_CLUSTER}", "weights", "the same, weights", "sharp and flat", "1 % at 1e-4",
    *(name for name in ALL if "always" in name), *REDRAWN,
}  # fmt: skip
"""Those whose losses are of probabilities."""
