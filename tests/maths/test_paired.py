"""The paired statistics against SciPy's."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from cecli.comparing.model_batches import ModelBatch, ModelTotals
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.paired_test import PairedTest, Statistics
from cecli.comparing.pairs import Pairs
from cecli.maths.namespace import safe_product
from cecli.reading.arrays import array_source
from cecli.statistics import paired, resampling
from cecli.statistics.sums import Totals


def terms(difference: np.ndarray, confidence: float = 0.95) -> paired.PairedTerms:
    """The statistics of differences that are all at hand."""
    n = len(difference)
    error = float(difference.std(ddof=1)) / math.sqrt(n)
    p_value = resampling.sign_flip_p_value(difference) if n <= resampling.FLIPS_UP_TO else None
    return paired.paired_terms(n, n, float(difference.mean()), error, p_value, confidence)


def model(loss: np.ndarray, counted: np.ndarray | None = None, weight: np.ndarray | None = None) -> ModelBatch:
    """A batch of a model with these losses, all of them right."""
    yes, zero = np.ones(len(loss), dtype=bool), np.zeros(len(loss), dtype=np.int64)
    counted = yes if counted is None else counted
    each = counted.astype(float) if weight is None else weight
    with np.errstate(invalid="ignore"):
        total = Totals.of(safe_product(each, loss), each)
    return ModelBatch(ModelTotals(squared=total, loss=total), loss, yes, zero, zero, counted, loss, weight)


def pairs_of(difference, pieces=1, weight=None, counted=None, clusters=None, **options):
    """Two models that differ by this, folded piece by piece, as they come from the batches of two models."""
    difference = np.asarray(difference, dtype=float)
    source = None if clusters is None else array_source(np.asarray(clusters), "the clusters")
    pairs = Pairs(["a", "b"], PairedTestOptions(cluster=source, **options))
    for indices in np.array_split(np.arange(len(difference)), pieces):
        d = difference[indices]
        own = [None if each is None else np.asarray(each)[indices] for each in (counted, weight)]
        batch = SimpleNamespace(stream=SimpleNamespace(source=None))
        step = SimpleNamespace(first=indices[0] if len(indices) else 0, samples=len(d), batches=[batch])
        losses = (np.where(np.isnan(d), np.inf, np.maximum(sign * d, 0)) for sign in (1, -1))
        pairs.add([model(loss, *own) for loss in losses], step)
    return pairs


def statistics(pairs) -> Statistics:
    """Those of the cross-entropy."""
    return PairedTest(pairs).statistics[0].by["cross_entropy"]


def folded(difference: list[float] | np.ndarray, pieces: int = 1, **how) -> paired.PairedTerms:
    """The statistics of differences folded piece by piece."""
    return statistics(pairs_of(difference, pieces, **how)).terms


FREEDOMS = [1, 2, 3, 9, 15, 30, 100, 1000, 20_000, 999_999]


@pytest.mark.parametrize("freedom", FREEDOMS)
def test_student_t_distribution(freedom: int) -> None:
    """P(T ≤ t) on both sides, near 0 and far out."""
    for t in (-40.0, -8.0, -2.5, -1.0, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 0.5, 1.0, 1.96, 3.0, 10.0):
        expected = float(stats.t.cdf(t, freedom))

        assert paired.student_t_cdf(t, freedom) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("freedom", FREEDOMS)
@pytest.mark.parametrize("probability", [0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.99999])
def test_student_t_quantile(freedom: int, probability: float) -> None:
    """The t of a probability, as the interval needs it."""
    found = paired.student_t_quantile(probability, freedom)

    assert found == pytest.approx(float(stats.t.ppf(probability, freedom)), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("samples", [10, 12, 16])
@pytest.mark.parametrize("shift", [0.0, 0.4, 2.0])
def test_exact_sign_flips(samples: int, shift: float) -> None:
    """All 2^N sign flips, as SciPy's permutation test counts them."""
    difference = np.random.default_rng(samples).normal(size=samples) + shift
    expected = stats.permutation_test(
        (difference,),
        lambda d, axis: d.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )

    assert resampling.sign_flip_p_value(difference) == pytest.approx(float(expected.pvalue), rel=1e-12)


def test_exact_sign_flips_count_ties() -> None:
    """Equal differences tie with the data in half of nothing: 2 of 2^N flips are as extreme."""
    assert resampling.sign_flip_p_value(np.full(10, 0.1)) == 2 / 2**10
    assert resampling.sign_flip_p_value(np.asarray([0.1, 0.2, 0.3] * 4)) == 2 / 2**12


@pytest.mark.parametrize("shift", [0.0, 0.15, 0.3])
def test_random_sign_flips(shift: float) -> None:
    """Random flips give the t test's p-value up to their own noise, and the same one every time."""
    difference = np.random.default_rng(3).normal(size=120) + shift
    found = resampling.sign_flip_p_value(difference)
    expected = float(stats.ttest_1samp(difference, 0).pvalue)

    assert found == resampling.sign_flip_p_value(difference.copy())
    assert abs(found - expected) < 5 * math.sqrt(expected / resampling.FLIPS) + 2 / resampling.FLIPS


def test_random_sign_flips_are_never_zero() -> None:
    """The data are one of their own flips: p is at least 1/(B + 1)."""
    assert resampling.sign_flip_p_value(np.full(50, 1.0)) == 1 / (resampling.FLIPS + 1)


@pytest.mark.parametrize("t", [0.5, 2.0, 5.0, 8.0, 12.0, 30.0])
def test_the_t_tests_p_value_keeps_its_digits(t: float) -> None:
    """Above the flips' limit the t test serves, and a p-value of 1e-30 is that and not 0."""
    n = resampling.FLIPS_UP_TO + 1
    difference = np.random.default_rng(4).normal(size=n)
    difference = (difference - difference.mean()) / difference.std(ddof=1) + t / math.sqrt(n)
    expected = float(stats.ttest_1samp(difference, 0).pvalue)

    assert terms(difference).p_value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("samples", [10, 25, 500, 30_000])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_interval(samples: int, confidence: float) -> None:
    """d̄ ± t·s/√N."""
    difference = np.random.default_rng(samples).gamma(2.0, size=samples) - 1.7
    found = terms(difference, confidence)
    expected = stats.ttest_1samp(difference, 0).confidence_interval(confidence)

    assert found.difference == pytest.approx(difference.mean(), rel=1e-13)
    assert found.low == pytest.approx(expected.low, rel=1e-9)
    assert found.high == pytest.approx(expected.high, rel=1e-9)


@pytest.mark.parametrize(
    ("b", "c"),
    [(10, 3), (3, 10), (1, 0), (0, 7), (40, 25), (5, 6), (300, 260), (900, 1000), (1500, 1400), (5000, 5200)],
)
def test_mcnemar_mid_p(b: int, c: int) -> None:
    """2·P(X ≤ min) − P(X = min) of a fair binomial; b=10, c=3 gives .0574."""
    n, k = b + c, min(b, c)
    expected = 2 * stats.binom.cdf(k, n, 0.5) - stats.binom.pmf(k, n, 0.5)
    found = paired.mcnemar_p_value(b, c)

    assert found == pytest.approx(float(expected), rel=1e-9 if n <= 2000 else 1e-3)
    assert found == paired.mcnemar_p_value(c, b)


@pytest.mark.parametrize("both", [0, 1, 4, 5000])
def test_mcnemar_of_a_draw(both: int) -> None:
    """As many each way, or no disagreement at all: p = 1."""
    assert paired.mcnemar_p_value(both, both) == 1.0


def test_mcnemar_golden_value() -> None:
    """b = 10, c = 3: mid-p .0574 (Fagerland et al.'s recommendation; exact would be .0923)."""
    assert paired.mcnemar_p_value(10, 3) == pytest.approx(0.0574, abs=5e-5)


PIECES = [1, 2, 5, 12]


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        ([1.0] * 9, (1.0, None, None, None)),
        ([math.inf, *[1.0] * 11], (math.inf, None, None, None)),
        ([-math.inf, *[1.0] * 11], (-math.inf, None, None, None)),
        ([math.inf, -math.inf, *[1.0] * 11], (None, None, None, None)),
        ([math.inf, *[1.0] * 10, -math.inf], (None, None, None, None)),
        ([math.nan, *[1.0] * 11], (None, None, None, None)),
        ([*[1.0] * 11, math.nan], (None, None, None, None)),
        ([0.0] * 12, (0.0, 0.0, 0.0, 1.0)),
    ],
)
def test_where_there_is_nothing_to_tell(
    difference: list[float], expected: tuple[float | None, ...], pieces: int
) -> None:
    """Too few samples, infinite differences, identical models: None, never NaN, wherever the blocks are cut."""
    assert tuple(folded(difference, pieces))[:4] == expected


@pytest.mark.parametrize("pieces", PIECES)
def test_statistics_can_be_asked_for_twice(pieces: int) -> None:
    """Asking does not change the answer."""
    pairs = pairs_of([math.inf, *[1.0] * 11], pieces)

    assert [*statistics(pairs).terms] == [*statistics(pairs).terms] == [math.inf, None, None, None, None]


@pytest.mark.parametrize("pieces", PIECES)
def test_infinite_losses_are_counted(pieces: int) -> None:
    """Of each model; a pair of two has no difference and warns of nothing."""
    found = statistics(pairs_of([math.inf, 2.0, math.nan, -1.0, 0.0, *[1.0] * 7], pieces))

    assert found.difference.infinite == (2, 1)
    assert (found.difference.better, found.difference.worse) == (9, 1)
    assert found.method is None


SHAPE = np.asarray([1.0, -0.5, 0.25, 1.5, -0.75, 0.5, 0.125, 1.25, -0.25, 0.75, 1.0, 0.5])


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("size", [1e308, 1e200, 1e150, 1e-150, 1e-200, 1e-320])
def test_differences_at_the_ends_of_the_range(size: float, pieces: int) -> None:
    """Differences near overflow or underflow raise nothing and warn of nothing; the p-value does not depend on their unit."""
    found = folded(SHAPE * size, pieces)

    assert found.difference == pytest.approx(SHAPE.mean() * size, rel=1e-2)
    assert found.p_value == folded(SHAPE).p_value


@pytest.mark.parametrize("size", [1e308, 1e200])
def test_an_interval_beyond_float64_is_none(size: float) -> None:
    """Where the squares of the differences leave float64 there is an interval or none, but never one of NaN or infinity."""
    found = folded(SHAPE * size)

    assert found.low is None or math.isfinite(found.low)
    assert found.high is None or math.isfinite(found.high)


@pytest.mark.parametrize("pieces", [2, 3, 7, 60])
@pytest.mark.parametrize(("samples", "shift"), [(12, 0.3), (60, 0.0), (61, 1e8), (25_000, 0.01)])
def test_folding_gives_what_all_at_once_gives(samples: int, shift: float, pieces: int) -> None:
    """Chan's formula: mean, spread and p-value do not depend on where the blocks are cut."""
    difference = np.random.default_rng(samples).normal(size=samples) + shift
    found, expected = folded(difference, pieces), terms(difference)

    assert found.difference == pytest.approx(expected.difference, rel=1e-14, abs=1e-16)
    assert found.high - found.low == pytest.approx(expected.high - expected.low, rel=1e-7 if shift == 1e8 else 1e-12)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-12)


def test_samples_that_do_not_count_are_in_no_difference() -> None:
    """Those left out or of weight 0, infinite losses among them."""
    pairs = pairs_of([math.inf, *SHAPE], counted=[False, *[True] * 12])

    assert pairs.n == 12
    assert statistics(pairs).terms == folded(SHAPE)
    weighted = pairs_of([math.inf, *SHAPE], weight=[0.0, *[1.0] * 12], counted=[False, *[True] * 12])
    assert [*statistics(weighted).terms][:4] == pytest.approx([*folded(SHAPE)][:4], rel=1e-14)
