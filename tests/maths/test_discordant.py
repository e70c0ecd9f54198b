"""Right and wrong: McNemar's mid-p, and the interval of the difference of two error rates that agrees with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cecli.statistics.discordant import discordant_terms, mid_p_interval
from tests.rates_by_search import bounds_of_share, rate_difference


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 40), (3, 13), (7, 14), (40, 40), (900, 1900), (4, 30_000)])
@pytest.mark.parametrize("level", [0.5, 0.05, 0.001])
def test_the_interval_of_a_share(k: int, n: int, level: float) -> None:
    """Berry and Armitage's mid-p interval, by a search with SciPy's binomial."""
    assert mid_p_interval(k, n, level) == pytest.approx(bounds_of_share(k, n, level), rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(
    ("only_a", "only_b", "n"),
    [(10, 3, 50), (3, 10, 13), (0, 0, 12), (0, 9, 9), (9, 0, 400), (5, 5, 20), (600, 500, 5000), (1, 2, 10**6)],
)
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_the_difference_by_its_definition(only_a: int, only_b: int, n: int, confidence: float) -> None:
    """Difference, interval and p-value."""
    found = discordant_terms(only_a, only_b, n, confidence)
    expected = rate_difference(only_a, only_b, n, confidence)

    assert [*found][:4] == pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.99])
def test_the_interval_leaves_out_0_where_p_is_small(confidence: float) -> None:
    """And nowhere else: all counts of 36 samples, and some of many."""
    random = np.random.default_rng(1)
    few = [(a, b, 36) for a in range(37) for b in range(37 - a)]
    many = [(int(a), int(b), 10_000) for a, b in random.integers(0, 120, (200, 2))]
    for only_a, only_b, n in few + many:
        found = discordant_terms(only_a, only_b, n, confidence)

        assert -1 <= found.low <= found.difference <= found.high <= 1
        assert (found.p_value < 1 - confidence) == (not found.low <= 0 <= found.high)


@pytest.mark.parametrize("shares", [(0.05, 0.05), (0.2, 0.05), (0.3, 0.01), (0.02, 0.0)])
@pytest.mark.parametrize("n", [40, 100])
def test_the_interval_covers_the_truth(shares: tuple[float, float], n: int) -> None:
    """By the sum over all counts that may occur: 94.5 % or more."""
    counts = np.asarray([(a, b, n - a - b) for a in range(n // 2) for b in range(n // 3)])
    counts = counts[counts[:, 2] >= 0]
    odds = stats.multinomial.pmf(counts, n, [*shares, 1 - sum(shares)])
    covered = 0.0
    for (only_a, only_b, _), each in zip(counts.tolist(), odds, strict=True):
        if each > 1e-9:
            found = discordant_terms(only_a, only_b, n)
            covered += each * (found.low <= shares[1] - shares[0] <= found.high)

    assert covered > 0.945
