"""Intervals of models and of their differences, metric by metric: against statsmodels' numbers, SciPy, plain NumPy, and by simulation. Those of real sets
are in test_every_number.py."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

import cecli
from cecli.statistics.discordant import mcnemar_p_value
from cecli.statistics.jackknife import GROUPS, group_of, group_of_clusters
from cecli.statistics.paired import holm
from cecli.statistics.rates import wilson
from tests.metrics_by_definition import delong

NAMES = ("difference", "ci_low", "ci_high", "p_value")


@pytest.mark.parametrize(
    ("wrong", "n", "low", "high"),
    [
        (4, 12, 0.1381200910912131, 0.6093779111272004),
        (0, 50, 0.0, 0.07134759913335874),
        (37, 1797, 0.014974549972242384, 0.028250498206995833),
    ],
)
def test_wilson_is_that_of_statsmodels(wrong, n, low, high):
    """`statsmodels.stats.proportion.proportion_confint(wrong, n, method="wilson")`, version 0.15.0."""
    assert wilson(wrong / n, n, 0.95) == pytest.approx((low, high), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(
    ("b", "c", "exact"), [(10, 3, 0.09228515625), (37, 12, 0.0004697573180081349), (250, 198, 0.015878913940507597)]
)
def test_mcnemar_is_that_of_statsmodels_less_the_point(b, c, exact):
    """`statsmodels.stats.contingency_tables.mcnemar(…, exact=True)`, version 0.15.0, less P(X = min)."""
    expected = exact - stats.binom.pmf(min(b, c), b + c, 0.5)

    assert mcnemar_p_value(b, c) == pytest.approx(expected, rel=1e-10)


def test_holm_is_that_of_statsmodels():
    """`statsmodels.stats.multitest.multipletests(…, method="holm")`, version 0.15.0."""
    assert holm([0.01, 0.0004, 0.03, 0.2, 0.011]) == pytest.approx([0.04, 0.002, 0.06, 0.2, 0.04], rel=1e-12)


# --- the area under the curve -------------------------------------------------------------------------------------


def test_roc_auc_is_delongs():
    """Interval of each model, and the difference of two, ties among the scores."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 300)
    p = [1 / (1 + np.exp(-(y * strength + rng.normal(size=300)).round(1))) for strength in (1.0, 1.4)]
    result = cecli.compare(
        y, {"a": np.stack([1 - p[0], p[0]], 1), "b": np.stack([1 - p[1], p[1]], 1)}, metrics=["roc_auc"]
    )
    areas, covariance = delong(y, p)
    z = stats.norm.ppf(0.975)
    for i, model in enumerate(result["models"]):
        error = math.sqrt(covariance[i, i])
        assert model["roc_auc"] == pytest.approx(areas[i], rel=1e-12)
        assert model["intervals"]["roc_auc"] == pytest.approx([areas[i] - z * error, areas[i] + z * error], rel=1e-9)
    difference, error = areas[0] - areas[1], math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    expected = [difference, difference - z * error, difference + z * error, 2 * stats.norm.sf(abs(difference / error))]
    assert [result["differences"][0]["metrics"]["roc_auc"][key] for key in NAMES] == pytest.approx(expected, rel=1e-9)


# --- the jackknife of groups --------------------------------------------------------------------------------------


def test_groups_are_alike_and_do_not_depend_on_the_blocks():
    """Each group has its share of any 40 samples that follow one another from a multiple of 40."""
    whole = group_of(0, 1000)

    assert whole.tolist() == [*group_of(0, 123), *group_of(123, 877)]
    assert np.bincount(whole[:40]).tolist() == [1] * GROUPS
    assert len({tuple(whole[i : i + 40]) for i in range(0, 1000, 40)}) == 25


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_macro_f1_by_the_definition(weighted, clustered):
    """(g−1)/g·Σ(θ₍ⱼ₎ − θ̄)² of scikit-learn's F1 without each group; the t of g − 1."""
    rng = np.random.default_rng(3)
    y, weights, names = rng.integers(0, 3, 500), rng.gamma(2.0, size=500), rng.integers(0, 90, 500)
    p = {name: rng.dirichlet(np.ones(3), 500) + 0.8 * np.eye(3)[y] * rng.random((500, 1)) for name in "ab"}
    p = {name: each / each.sum(axis=1, keepdims=True) for name, each in p.items()}
    groups = group_of_clusters(names.astype(float)) if clustered else group_of(0, 500)
    own = {"sample_weights": weights} if weighted else {}
    result = cecli.compare(y, p, metrics=["macro_f1"], **own, **({"cluster": names} if clustered else {}))

    def f1(model, kept):
        return metrics.f1_score(
            y[kept], p[model][kept].argmax(1), average="macro", sample_weight=weights[kept] if weighted else None
        )

    without = np.asarray([[f1(model, groups != g) for model in "ab"] for g in np.unique(groups)])
    freedom = len(without) - 1
    reach = stats.t.ppf(0.975, freedom)
    for i, model in enumerate(result["models"]):
        error = math.sqrt(np.sum((without[:, i] - without[:, i].mean()) ** 2) * freedom / (freedom + 1))
        expected = [model["macro_f1"] - reach * error, model["macro_f1"] + reach * error]
        assert model["intervals"]["macro_f1"] == pytest.approx(expected, rel=1e-9)
    d = without[:, 0] - without[:, 1]
    error = math.sqrt(np.sum((d - d.mean()) ** 2) * freedom / (freedom + 1))
    one = result["differences"][0]["metrics"]["macro_f1"]
    assert one["ci_high"] - one["difference"] == pytest.approx(reach * error, rel=1e-9)
    assert one["p_value"] == pytest.approx(2 * stats.t.sf(abs(one["difference"]) / error, freedom), rel=1e-9)


def test_the_jackknife_covers_the_truth():
    """The value of 100,000 samples is in about 95 of 100 intervals of 200 samples."""
    names = ["balanced_accuracy", "macro_f1", "skill_prior", "average_precision", "kl"]
    rng = np.random.default_rng(7)

    def drawn(n):
        m = rng.normal(0.5, 1.5, size=n)
        p = 1 / (1 + np.exp(-m))
        y = (rng.random(n) < 1 / (1 + np.exp(-0.7 * m))).astype(int)
        return y, {"a": np.stack([1 - p, p], axis=1)}

    truth = cecli.compare(*drawn(100_000), metrics=names)["models"][0]
    covered = dict.fromkeys(names, 0)
    for _ in range(100):
        found = cecli.compare(*drawn(200), metrics=names)["models"][0]["intervals"]
        for name in names:
            covered[name] += found[name][0] <= truth[name] <= found[name][1]

    assert [name for name in names if not 0.90 <= covered[name] / 100 <= 0.99] == []


def test_few_samples_have_no_intervals():
    """Nine samples: null, of every metric, and of every difference."""
    p = {"a": np.full((9, 2), 0.5), "b": np.tile([0.4, 0.6], (9, 1))}
    result = cecli.compare([0, 1, 1] * 3, p, metrics="all")

    assert all(span is None for model in result["models"] for span in model["intervals"].values())
    assert all(one["ci_low"] is one["p_value"] is None for one in result["differences"][0]["metrics"].values())
