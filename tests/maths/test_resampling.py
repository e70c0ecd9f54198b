"""Random signs, random resamples, Holm's adjustment and the number of samples needed: against SciPy, and by their laws."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from cecli.comparing.paired_test import PairedTest
from cecli.statistics import paired, resampling
from tests.maths.test_paired import SHAPE, folded, pairs_of, statistics


def test_the_transform_is_the_signed_sums() -> None:
    """Against the definition, sign by sign."""
    sums = np.random.default_rng(1).normal(size=16)
    signs = [[(-1) ** (k & c).bit_count() for c in range(16)] for k in range(16)]

    assert resampling.flip_sums(sums) == pytest.approx(np.asarray(signs) @ sums, rel=1e-13)


def test_the_flips_are_fair_and_independent_of_one_another() -> None:
    """Signs of any flip: half of them minus, of any two flips: a quarter each way."""
    codes = resampling.codes(0, 40_000, 7)
    signs = {k: 1 - 2 * (np.bitwise_count(codes & k) % 2).astype(int) for k in (1, 2, 3, 4097, 8191, 16383)}

    for a, b in product(signs, signs):
        expected = 1.0 if a == b else 0.0
        assert abs(float(np.mean(signs[a] * signs[b])) - expected) < 4 / math.sqrt(40_000)
    assert all(abs(float(np.mean(sign))) < 4 / math.sqrt(40_000) for sign in signs.values())


def test_codes_are_the_same_however_the_samples_are_cut() -> None:
    """And others for another seed."""
    whole = resampling.codes(0, 1000, 5)

    assert whole.tolist() == [*resampling.codes(0, 123, 5), *resampling.codes(123, 877, 5)]
    assert np.mean(whole == resampling.codes(0, 1000, 6)) < 0.01
    assert 0 <= whole.min() <= whole.max() < 2**resampling.BITS


@pytest.mark.parametrize(("samples", "shift"), [(17, 0.3), (40, 0.2), (400, 0.05), (3000, 0.03)])
def test_random_flips_agree_with_scipys(samples: int, shift: float) -> None:
    """Within what 9,999 and 16,383 random flips can differ by."""
    d = np.random.default_rng(samples).standard_t(3, size=samples) + shift
    theirs = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", vectorized=True, n_resamples=9_999, rng=np.random.default_rng(1)
    ).pvalue
    ours = [resampling.sign_flip_p_value(d, seed) for seed in range(20)]

    within = 4 * math.sqrt(theirs * (1 - theirs) * (1 / 9_999 + 1 / 16_383)) + 1e-4
    assert all(abs(p - theirs) < within for p in ours)
    assert 0 < np.std(ours) < 1.6 * math.sqrt(theirs * (1 - theirs) / 16_383)


def test_more_than_a_million_samples_take_the_t_test() -> None:
    """And say so."""
    d = np.random.default_rng(2).normal(size=1_000_001) + 0.002
    many, most = (statistics(pairs_of(values, pieces=7)) for values in (d, d[:-1]))

    assert (many.method, most.method) == ("t test", "16383 random flips")
    assert many.terms.p_value == pytest.approx(float(stats.ttest_1samp(d, 0).pvalue), rel=1e-8)
    assert abs(most.terms.p_value - many.terms.p_value) < 0.01


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_the_normal_quantile(confidence: float) -> None:
    """As SciPy's."""
    probability = (1 + confidence) / 2

    assert paired.normal_quantile(probability) == pytest.approx(float(stats.norm.ppf(probability)), rel=1e-12)


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

    assert [*found] == pytest.approx([*plain], rel=1e-9 if weight > 1e-308 else 0.02)


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_weighted_interval(pieces: int) -> None:
    """d̄ = Σwd/Σw and √(Σw²(d−d̄)²·N/(N−1))/Σw, the t of the effective number of samples."""
    random = np.random.default_rng(4)
    d, w = random.normal(size=80) + 0.3, random.gamma(1.0, size=80)
    mean = np.sum(w * d) / np.sum(w)
    error = math.sqrt(np.sum((w * (d - mean)) ** 2) * 80 / 79) / np.sum(w)
    units = np.sum(w) ** 2 / np.sum(w * w)
    pairs = pairs_of(d, pieces, weight=w)
    found = statistics(pairs).terms

    assert PairedTest(pairs).units == pytest.approx(units, rel=1e-12)
    assert found.difference == pytest.approx(mean, rel=1e-13)
    assert found.low == pytest.approx(mean - stats.t.ppf(0.975, units - 1) * error, rel=1e-9)
    assert found.high == pytest.approx(mean + stats.t.ppf(0.975, units - 1) * error, rel=1e-9)
    assert found.p_value == pytest.approx(resampling.sign_flip_p_value(w * d), rel=1e-12)


def test_one_heavy_sample_is_too_few() -> None:
    """It counts as hardly more than one."""
    found = folded(SHAPE, weight=[100.0, *[1.0] * 11])

    assert [*found][1:] == [None] * 4


# --- clusters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [1, 3, 11])
def test_clusters(pieces: int) -> None:
    """Miller's standard error, with C/(C − 1); the flips turn whole clusters."""
    random = np.random.default_rng(6)
    names = random.integers(0, 30, 400)
    d = random.normal(size=400) + random.normal(size=30)[names] + 0.2
    sums = np.bincount(names, d - d.mean())
    error = math.sqrt(np.sum(sums**2) * 30 / 29) / 400
    found = statistics(pairs_of(d, pieces, clusters=names))

    assert found.terms.low == pytest.approx(d.mean() - stats.t.ppf(0.975, 29) * error, rel=1e-9)
    assert found.terms.high == pytest.approx(d.mean() + stats.t.ppf(0.975, 29) * error, rel=1e-9)
    assert found.terms.p_value > 2 * folded(d).p_value
    assert found.terms.p_value == statistics(pairs_of(d, clusters=names)).terms.p_value
    assert found.terms.p_value == pytest.approx(float(stats.ttest_1samp(np.bincount(names, d), 0).pvalue), abs=0.03)


@pytest.mark.parametrize("samples", [12, 200])
def test_clusters_of_one_are_no_clusters(samples: int) -> None:
    """The interval is that of the samples, and for few of them the p-value too."""
    d = np.random.default_rng(8).normal(size=samples) + 0.3
    found, plain = folded(d, 2, clusters=np.arange(samples)[::-1]), folded(d)

    assert [*found][:3] == pytest.approx([*plain][:3], rel=1e-12)
    assert found.p_value == pytest.approx(plain.p_value, abs=1e-12 if samples == 12 else 0.02)


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
