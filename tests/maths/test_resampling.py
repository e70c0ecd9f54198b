"""Random resamples, Holm's adjustment, weights, clusters and the number of samples needed: against SciPy, and by their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from cecli.statistics import distributions, paired, resampling
from tests.corrected_t import corrected_t
from tests.maths.test_paired import SHAPE, folded, pairs_of, statistics


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_the_normal_quantile(confidence: float) -> None:
    """As SciPy's."""
    probability = (1 + confidence) / 2

    assert distributions.normal_quantile(probability) == pytest.approx(float(stats.norm.ppf(probability)), rel=1e-12)


def test_samples_needed() -> None:
    """(2.80·s/d̄)² for 80 % power at 5 %, rounded up."""
    d = np.random.default_rng(3).normal(size=50) + 0.3
    expected = ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * d.std(ddof=1) / d.mean()) ** 2

    assert folded(d).needed == math.ceil(expected)
    assert folded(d * -1e6).needed == math.ceil(expected)
    assert folded(np.zeros(12)).needed is None
    assert folded(SHAPE[:9]).needed is None


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.5, None, 0.6], [1.0, None, 1.0]),
        ([0.02], [0.02]),
        ([None], [None]),
        ([], []),
        ([0.01, 0.01, 0.01, 0.005], [0.03, 0.03, 0.03, 0.02]),
    ],
)
def test_holm(p_values, adjusted) -> None:
    """By hand: sorted, times m, m − 1, …, and never falling."""
    assert paired.holm(p_values) == [None if p is None else pytest.approx(p, rel=1e-14) for p in adjusted]


# --- weights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [1.0, 0.1, 3.0, 1e150, 1e-300, 1e-320])
@pytest.mark.parametrize("samples", [12, 300])
def test_equal_weights_are_no_weights(samples: int, weight: float) -> None:
    """Whatever their size."""
    d = np.random.default_rng(samples).normal(size=samples) + 0.2
    found, plain = folded(d, 3, weight=np.full(samples, weight)), folded(d)

    assert [*found][:5] == pytest.approx([*plain][:5], rel=1e-9 if weight > 1e-308 else 0.02)


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_weighted_interval(pieces: int) -> None:
    """d̄ = Σwd/Σw and √(Σw²(d−d̄)²·N/(N−1))/Σw, the t of the effective number of samples, corrected for skewness."""
    random = np.random.default_rng(4)
    d, w = random.normal(size=80) + 0.3, random.gamma(1.0, size=80)
    mean, low, high, p = corrected_t(d, w)
    pairs = pairs_of(d, pieces, weight=w)
    found = statistics(pairs).terms

    assert pairs.units == pytest.approx(np.sum(w) ** 2 / np.sum(w * w), rel=1e-12)
    assert found.difference == pytest.approx(mean, rel=1e-13)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)
    assert found.p_value == pytest.approx(p, rel=1e-9)


def test_one_heavy_sample_is_too_few() -> None:
    """It counts as hardly more than one."""
    found = folded(SHAPE, weight=[100.0, *[1.0] * 11])

    assert [*found][1:] == [None] * 5


# --- clusters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [1, 3, 11])
def test_clusters(pieces: int) -> None:
    """Miller's standard error, with C/(C − 1), and the skewness of the clusters."""
    random = np.random.default_rng(6)
    names = random.integers(0, 30, 400)
    d = random.normal(size=400) + random.normal(size=30)[names] + 0.2
    _, low, high, p = corrected_t(d, groups=names)
    found = statistics(pairs_of(d, pieces, clusters=names))

    assert (found.terms.low, found.terms.high) == pytest.approx((low, high), rel=1e-9)
    assert found.terms.p_value == pytest.approx(p, rel=1e-9)
    assert found.terms.p_value > 2 * folded(d).p_value


@pytest.mark.parametrize("samples", [12, 200])
def test_clusters_of_one_are_no_clusters(samples: int) -> None:
    """The same numbers."""
    d = np.random.default_rng(8).normal(size=samples) + 0.3

    of_clusters = folded(d, 2, clusters=np.arange(samples)[::-1])

    assert [*of_clusters][:5] == pytest.approx([*folded(d)][:5], rel=1e-10)


# --- bootstrap ----------------------------------------------------------------------------------------------------


def test_bootstrap_weights_are_poisson() -> None:
    """With mean 1, variance 1 and e⁻¹ of none."""
    counts = resampling._poisson_table()

    assert counts.mean() == pytest.approx(1, abs=1e-4)
    assert counts.var() == pytest.approx(1, abs=1e-3)
    assert (counts == 0).mean() == pytest.approx(math.exp(-1), abs=1e-4)


@pytest.mark.parametrize("samples", [40, 1000])
def test_bootstrap_intervals_agree_with_scipys(samples: int) -> None:
    """Percentile and basic, within what resamples differ by."""
    d = np.random.default_rng(samples).gamma(2.0, size=samples) - 1.7
    found = statistics(pairs_of(d, 3, bootstrap=9_999)).bootstrap
    for method in ("percentile", "basic"):
        theirs = stats.bootstrap(
            (d,), np.mean, method=method, n_resamples=9_999, rng=np.random.default_rng(1)
        ).confidence_interval

        assert getattr(found, method) == pytest.approx(tuple(theirs), abs=0.2 * d.std() / math.sqrt(samples))


@pytest.mark.parametrize("pieces", [2, 5, 60])
@pytest.mark.parametrize("clusters", [False, True])
def test_bootstrap_bits_do_not_depend_on_the_blocks(pieces: int, clusters: bool) -> None:
    """The same to the last bit wherever the samples are cut; another seed gives others."""
    d = np.random.default_rng(9).normal(size=700)
    names = np.repeat(np.arange(70), 10) if clusters else None
    whole = statistics(pairs_of(d, bootstrap=200, clusters=names)).bootstrap

    assert statistics(pairs_of(d, pieces, bootstrap=200, clusters=names)).bootstrap.percentile == pytest.approx(
        whole.percentile, rel=1e-13 if clusters else 0, abs=1e-15
    )
    assert statistics(pairs_of(d, bootstrap=200, clusters=names, seed=1)).bootstrap.percentile != whole.percentile
