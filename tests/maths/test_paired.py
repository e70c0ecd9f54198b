"""The paired statistics against SciPy's."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import optimize, stats

from cecli.comparing.model_batches import ModelBatch, ModelTotals
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.paired_test import PairedTest, Statistics
from cecli.comparing.pairs import Pairs
from cecli.maths.namespace import safe_product
from cecli.reading.arrays import array_source
from cecli.statistics import discordant, distributions, paired
from cecli.statistics.moments import Moments, Shape
from cecli.statistics.sums import Totals
from tests.corrected_t import corrected_t
from tests.every import every


def model(loss: np.ndarray, counted: np.ndarray | None = None, weight: np.ndarray | None = None) -> ModelBatch:
    """A batch of a model with these losses, all of them right."""
    yes, zero = np.ones(len(loss), dtype=bool), np.zeros(len(loss), dtype=np.int64)
    counted = yes if counted is None else counted
    each = counted.astype(float) if weight is None else weight
    with np.errstate(invalid="ignore"):
        total = Totals.of(safe_product(each, loss), each)
    totals = ModelTotals(wrong=Totals.of(0 * each, each), squared=total, loss=total)
    return ModelBatch(totals, loss, yes, zero, zero, counted, loss, weight)


def pairs_of(difference, pieces=1, weight=None, counted=None, clusters=None, **options):
    """Two models that differ by this, folded piece by piece, as they come from the batches of two models."""
    difference = np.asarray(difference, dtype=float)
    source = None if clusters is None else array_source(np.asarray(clusters), "the clusters")
    pairs = Pairs(["a", "b"], PairedTestOptions(cluster=source, **options))
    total = pairs.nothing
    for indices in np.array_split(np.arange(len(difference)), pieces):
        d = difference[indices]
        own = [None if each is None else np.asarray(each)[indices] for each in (counted, weight)]
        batch = SimpleNamespace(stream=SimpleNamespace(source=None))
        names = None if clusters is None else np.asarray(clusters)[indices]
        step = SimpleNamespace(first=indices[0] if len(indices) else 0, samples=len(d), batches=[batch], clusters=names)
        losses = (np.where(np.isnan(d), np.inf, np.maximum(sign * d, 0)) for sign in (1, -1))
        total = total + pairs.of([model(loss, *own) for loss in losses], step)
    return PairedTest(pairs, total)


def statistics(test) -> Statistics:
    """Those of the cross-entropy."""
    return test.statistics[0].by["cross_entropy"]


def folded(difference: list[float] | np.ndarray, pieces: int = 1, **how) -> paired.PairedTerms:
    """The statistics of differences folded piece by piece."""
    return statistics(pairs_of(difference, pieces, **how)).terms


FREEDOMS = [1, 2, 3, 9, 15, 30, 100, 1000, 20_000, 999_999]


@pytest.mark.parametrize("freedom", FREEDOMS)
def test_student_t_distribution(freedom: int) -> None:
    """P(T ≤ t) on both sides, near 0 and far out."""
    for t in (-40.0, -8.0, -2.5, -1.0, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 0.5, 1.0, 1.96, 3.0, 10.0):
        expected = float(stats.t.cdf(t, freedom))

        assert distributions.student_t_cdf(t, freedom) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@every("freedom", FREEDOMS)
@every("probability", [0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.99999])
def test_student_t_quantile(freedom: int, probability: float) -> None:
    """The t of a probability, as the interval needs it."""
    found = distributions.student_t_quantile(probability, freedom)

    assert found == pytest.approx(float(stats.t.ppf(probability, freedom)), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("freedom", [30.5, 999_999, 9_999_999])
def test_student_t_far_out(freedom: float) -> None:
    """To ten digits, down to the smallest floats."""
    for t in (1e-5, 1.0, 5.0, 20.0, 37.0):
        assert distributions.student_t_cdf(-t, freedom) == pytest.approx(
            float(stats.t.sf(t, freedom)), rel=1e-10, abs=1e-320
        )


SHAPES = {
    "normal": lambda random, n: random.normal(size=n) + 0.2,
    "skewed": lambda random, n: random.gamma(0.3, size=n) - 0.2,
    "skewed down": lambda random, n: 0.35 - random.exponential(size=n) ** 2 / 6,
    "heavy tails": lambda random, n: random.standard_t(3, size=n),
    "two values": lambda random, n: np.where(random.random(n) < 0.2, -2.3, 0.2),
}


@every("shape", SHAPES)
@every("samples", [12, 50, 700, 30_000])
@every("confidence", [0.8, 0.95, 0.999])
def test_interval_and_p_value(shape: str, samples: int, confidence: float) -> None:
    """Those of the definition, to ten digits, wherever the samples are cut."""
    difference = SHAPES[shape](np.random.default_rng(samples), samples)
    mean, low, high, p = corrected_t(difference, confidence=confidence)
    found = folded(difference, 3, confidence=confidence)

    assert found.difference == pytest.approx(mean, rel=1e-12)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-10, abs=1e-12)
    assert found.p_value == pytest.approx(p, rel=1e-9)


def test_without_skewness_it_is_the_t_test() -> None:
    """Symmetric differences of light tails: SciPy's interval and p-value."""
    half = np.random.default_rng(1).uniform(size=40)
    difference = np.concatenate([half, -half]) + 0.25
    theirs = stats.ttest_1samp(difference, 0)
    found = folded(difference)

    assert found.p_value == pytest.approx(float(theirs.pvalue), rel=1e-10)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)), rel=1e-10)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_the_interval_leaves_out_0_where_p_is_small(confidence: float) -> None:
    """And nowhere else, whatever the differences."""
    random = np.random.default_rng(9)
    for _ in range(300):
        name, n = list(SHAPES)[random.integers(len(SHAPES))], int(random.integers(10, 60))
        difference = SHAPES[name](random, n) + random.normal() * 0.3
        found = folded(difference, confidence=confidence)
        if found.p_value is not None:
            assert (found.p_value < 1 - confidence) == (not found.low <= 0 <= found.high)


def test_the_correction_and_its_inverse() -> None:
    """Both rise, and one takes back the other."""
    for skew in (-0.9, -0.2, -1e-9, 0.0, 1e-12, 0.05, 0.7):
        values = [paired.uncorrected(y, skew) for y in np.linspace(-6, 6, 41)]

        assert values == sorted(values)
        assert [paired.corrected(t, skew) for t in values] == pytest.approx(
            [*np.linspace(-6, 6, 41)], rel=1e-9, abs=1e-12
        )


def test_skewness_of_few_samples_is_noise() -> None:
    """One sample owns all of it: hardly anything is taken off; of many alike nearly all counts."""
    one, many = np.zeros(50), np.zeros(5000)
    one[0], many[:500] = 1.0, 1.0

    assert 0 <= paired.reliable_skew(Shape.of_units(one - one.mean())) < 0.02
    shape = Shape.of_units(many - many.mean())
    assert 0.99 < paired.reliable_skew(shape) / shape.skew < 1


def test_p_values_reach_the_smallest_floats() -> None:
    """No floor: 1e-200 is that, and not 0."""
    difference = np.random.default_rng(5).normal(size=4000) + 0.6
    found = folded(difference)

    assert 0 < found.p_value < 1e-200
    assert found.p_value == pytest.approx(corrected_t(difference)[3], rel=1e-8)


@pytest.mark.parametrize(("samples", "confidence", "low"), [(40, 0.95, 0.1), (10, 0.95, 0.1), (10, 0.999, 0.0)])
def test_differences_that_are_all_alike(samples: int, confidence: float, low: float) -> None:
    """The p-value of the sign test, an interval of no width (0 in it where p is not small), and a caution."""
    found = statistics(pairs_of(np.full(samples, 0.1), confidence=confidence))

    assert found.terms.p_value == 2.0 ** (1 - samples)
    assert (found.terms.low, found.terms.high) == pytest.approx((low, 0.1))
    assert "all samples differ by the same amount" in found.caution


def test_a_spread_of_few_samples_is_told_as_that() -> None:
    """Three samples make up little of a large difference, and nearly all of its spread: the caution names the spread."""
    close = 1 + 0.01 * np.sin(np.arange(117))
    few = statistics(pairs_of(np.r_[close, -15.0, -15.0, -15.0])).caution
    most = statistics(pairs_of(np.r_[0.1 * close, -15.0, -15.0, -15.0])).caution

    assert (
        few
        == "the spread of the difference comes from about 3 samples: too few to rely on the interval and the p-value"
    )
    assert most.startswith("the 3 samples that differ most make up 79 % of the difference: too few")


@pytest.mark.parametrize(("size", "told"), [(-9.0, True), (-7.0, False), (-2.0, False), (2.0, True)])
def test_few_large_differences_are_enough_where_many_would_be_needed(size: float, told: bool) -> None:
    """Three differences −s among 97 of 1: 100/(1 + s) of them would bring the mean to 0. Where these are twelve there is no caution. In favour, they are three."""
    found = statistics(pairs_of(np.r_[np.ones(97), [size] * 3]))

    assert (found.caution is not None) == told


def drawn_to(p_value: float, side: int, samples: int = 80) -> np.ndarray:
    """Exponential numbers, tail to the right, whose mean is this far from 0 on one side by the corrected t."""
    d = np.random.default_rng(6).exponential(size=samples)

    def p_of(shift: float) -> float:
        return corrected_t(d - d.mean() + side * shift)[3] - p_value

    return d - d.mean() + side * optimize.brentq(p_of, 0, 1)


@pytest.mark.parametrize(("side", "p_value", "told"), [(-1, 0.04, True), (-1, 0.025, True), (-1, 0.06, False), (-1, 0.001, False), (1, 0.04, True), (1, 0.03, False)])  # fmt: skip
def test_a_difference_that_a_longer_tail_could_explain(side: int, p_value: float, told: bool) -> None:
    """With a tail that goes on beyond the largest deviation, against the difference, p would be above 0.05: by the definition, with SciPy's t."""
    d = drawn_to(p_value, side)
    found, u = statistics(pairs_of(d)), d - d.mean()
    ratio = d.mean() / d.std(ddof=1) * math.sqrt(len(d))
    peak, skew = np.sum(u**4) / np.sum(u**2) ** 2, np.sum(u**3) / np.sum(u**2) ** 1.5
    reliable = skew * (1 - peak**2 / skew**2)
    largest = np.max(u**2) / np.sum(u**2)
    beyond = reliable - side * (1.5 if side < 0 else 0.75) * (largest - peak)
    corrected = ratio + beyond * ratio**2 / 3 + beyond**2 * ratio**3 / 27 + beyond / 6
    p_beyond = 2 * stats.t.sf(abs(corrected), min(len(d) - 1, 2 / (peak - 1 / len(d) - reliable**2)))

    assert found.terms.p_value == pytest.approx(p_value, rel=1e-6)
    assert told == (p_value < 0.05 < p_beyond)
    assert (found.caution or "").startswith("with a few more large differences against this one") == told


@pytest.mark.parametrize(
    ("b", "c"),
    [
        (10, 3),
        (3, 10),
        (1, 0),
        (0, 7),
        (40, 25),
        (5, 6),
        (300, 260),
        (900, 1000),
        (1500, 1400),
        (5000, 5200),
        (500_000, 501_000),
    ],
)
def test_mcnemar_mid_p(b: int, c: int) -> None:
    """2·P(X ≤ min) − P(X = min) of a fair binomial; b=10, c=3 gives .0574."""
    n, k = b + c, min(b, c)
    expected = 2 * stats.binom.cdf(k, n, 0.5) - stats.binom.pmf(k, n, 0.5)
    found = discordant.mcnemar_p_value(b, c)

    assert found == pytest.approx(float(expected), rel=1e-10)
    assert found == discordant.mcnemar_p_value(c, b)


@pytest.mark.parametrize("both", [1, 4, 50, 5000])
def test_mcnemar_of_a_draw(both: int) -> None:
    """As many each way: 1 − P(X = k)/2 (Fagerland et al. 2013, below equation 9)."""
    assert discordant.mcnemar_p_value(both, both) == pytest.approx(
        1 - stats.binom.pmf(both, 2 * both, 0.5) / 2, rel=1e-10
    )


def test_mcnemar_without_disagreement() -> None:
    """Nothing differs: p = 1."""
    assert discordant.mcnemar_p_value(0, 0) == 1.0


def test_mcnemar_golden_value() -> None:
    """b = 10, c = 3: mid-p .0574 (Fagerland et al.'s recommendation; exact would be .0923)."""
    assert discordant.mcnemar_p_value(10, 3) == pytest.approx(0.0574, abs=5e-5)


def test_degrees_of_freedom() -> None:
    """2/(ν − 1/N − λ'²) and at most N − 1: two sizes alike have all; one sample that makes up the spread hardly any; of many that do so the mean says how many."""
    alike, one, many = np.resize([1.0, -1.0], 50), np.eye(50)[0], np.repeat([1.0, 0.0], [50, 450])
    normal = np.random.default_rng(3).normal(size=4000)
    freedoms = [
        paired.freedom_of(Shape.of_units(each - each.mean()), len(each), len(each))
        for each in (alike, one, normal, many)
    ]

    assert freedoms[0] == 49
    assert freedoms[1] == pytest.approx(2 / (0.9604081632653069 - 1 / 50), rel=1e-3)
    assert 3600 < freedoms[2] <= 3999
    assert freedoms[3] == 499


PIECES = [1, 2, 5, 12]


@every("pieces", PIECES)
@every(
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

    assert [*statistics(pairs).terms] == [*statistics(pairs).terms] == [math.inf, *[None] * 5]


@pytest.mark.parametrize("pieces", PIECES)
def test_infinite_losses_are_counted(pieces: int) -> None:
    """Of each model; a pair of two has no difference and warns of nothing."""
    found = statistics(pairs_of([math.inf, 2.0, math.nan, -1.0, 0.0, *[1.0] * 7], pieces))

    assert found.difference.infinite == (2, 1)
    assert (found.difference.better, found.difference.worse) == (9, 1)
    assert found.terms.method is None


SHAPE = np.asarray([1.0, -0.5, 0.25, 1.5, -0.75, 0.5, 0.125, 1.25, -0.25, 0.75, 1.0, 0.5])


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("size", [1e308, 1e200, 1e150, 1e-150, 1e-200, 1e-320])
def test_differences_at_the_ends_of_the_range(size: float, pieces: int) -> None:
    """Differences near overflow or underflow raise nothing and warn of nothing; the p-value does not depend on their unit."""
    found = folded(SHAPE * size, pieces)

    assert found.difference == pytest.approx(SHAPE.mean() * size, rel=1e-2)
    assert found.p_value == pytest.approx(folded(SHAPE).p_value, rel=1e-9 if size > 1e-300 else 1e-2)


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
    found, expected = folded(difference, pieces), folded(difference)
    within = 1e-7 if shift == 1e8 else 1e-11

    assert found.difference == pytest.approx(expected.difference, rel=1e-14, abs=1e-16)
    assert found.high - found.low == pytest.approx(expected.high - expected.low, rel=within)
    assert found.p_value == pytest.approx(expected.p_value, rel=within, abs=1e-320)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("unit", [1.0, 1e200, 1e-200])
def test_moments_merge(weighted: bool, unit: float) -> None:
    """Blocks of very different places and sizes, zeros among them: the moments of all at once."""
    random = np.random.default_rng(2)
    blocks = [
        np.zeros(5),
        random.normal(size=40) * unit,
        3 * unit + random.gamma(1, size=30) * unit * 1e-3,
        np.zeros(3),
    ]
    weights = [random.gamma(2, size=len(block)) if weighted else np.ones(len(block)) for block in blocks]
    merged = Moments()
    for block, weight in zip(blocks, weights, strict=True):
        merged = merged + Moments.of(block, weight if weighted else None, float(np.average(block, weights=weight)))
    values, weight = np.concatenate(blocks) / unit, np.concatenate(weights)
    mean = float(np.average(values, weights=weight))
    off = weight * (values - mean)
    shape = merged.shape(mean * unit)

    assert math.sqrt(shape.square) * 2.0**shape.scale / unit == pytest.approx(math.sqrt(np.sum(off**2)), rel=1e-12)
    assert shape.skew == pytest.approx(np.sum(off**3) / np.sum(off**2) ** 1.5, rel=1e-10)
    assert shape.peak == pytest.approx(np.sum(off**4) / np.sum(off**2) ** 2, rel=1e-10)


def test_samples_that_do_not_count_are_in_no_difference() -> None:
    """Those left out or of weight 0, infinite losses among them."""
    pairs = pairs_of([math.inf, *SHAPE], counted=[False, *[True] * 12])

    assert pairs.n == 12
    assert statistics(pairs).terms == folded(SHAPE)
    weighted = pairs_of([math.inf, *SHAPE], weight=[0.0, *[1.0] * 12], counted=[False, *[True] * 12])
    assert [*statistics(weighted).terms][:4] == pytest.approx([*folded(SHAPE)][:4], rel=1e-14)
