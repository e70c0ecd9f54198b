"""`compare(bootstrap=…)`, against an independent reading in plain NumPy, and what an interval must be."""

from __future__ import annotations

import math

import numpy as np
import pytest

import cecli

CHUNK = 256
"""Samples whose counts one generator draws."""


def poisson_counts(seed, samples, replicates):
    """How often each sample stands in each resample: Poisson(1), by the inverse of its distribution, of 16 random bits.

    The k-th 256 samples have a Philox generator of their own, with the key (seed, k).
    """
    cumulative = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)])
    parts = []
    for chunk in range(-(-samples // CHUNK)):
        bits = np.random.Generator(np.random.Philox(key=[seed, chunk])).integers(
            0, 2**16, (replicates, CHUNK), dtype=np.uint16
        )
        parts.append(np.searchsorted(cumulative, (bits + 0.5) / 2**16))
    return np.concatenate(parts, axis=1)[:, :samples]


def resampled(d, weights, counts):
    """The weighted mean difference of each resample, where it has any sample."""
    total = counts @ weights
    return (counts @ (weights * d))[total > 0] / total[total > 0]


def models(d):
    """Labels and two models whose cross-entropies differ by d, above −1, in each sample."""
    a, b = np.exp(-(1 + d)), np.exp(-np.ones(len(d)))
    return np.zeros(len(d), int), {"a": np.stack([a, 1 - a], axis=1), "b": np.stack([b, 1 - b], axis=1)}


def agrees(found, means, d, weights, confidence):
    """Whether both intervals are the quantiles of the resampled means."""
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    mean = weights @ d / weights.sum()
    assert found["bootstrap"]["percentile"] == pytest.approx([low, high], rel=1e-9, abs=1e-12)
    assert found["bootstrap"]["basic"] == pytest.approx([2 * mean - high, 2 * mean - low], rel=1e-9, abs=1e-12)


@pytest.fixture(params=[(40, 200), (256, 150), (700, 1100)], ids=str)
def sizes(request):
    """Samples and resamples: less than a chunk, one, and several."""
    return request.param


@pytest.mark.parametrize(("seed", "confidence"), [(12345, 0.95), (7, 0.8)])
def test_the_intervals_are_those_of_plain_numpy(sizes, seed, confidence):
    samples, replicates = sizes
    d = np.random.default_rng(samples).gamma(2.0, size=samples) / 3 - 0.6
    found = cecli.compare(*models(d), bootstrap=replicates, seed=seed, confidence=confidence)["differences"][0]
    ones = np.ones(samples)
    agrees(found, resampled(d, ones, poisson_counts(seed, samples, replicates)), d, ones, confidence)
    p = np.exp(-(1 + d))
    squared = 2 * (1 - p) ** 2 - 2 * (1 - math.exp(-1)) ** 2
    means = resampled(squared, ones, poisson_counts(seed, samples, replicates))
    agrees(found["metrics"]["mse"], means, squared, ones, confidence)


def test_weights_count_in_the_resampled_means(sizes):
    """Σ w·d/Σ w of each resample; samples of weight 0 add nothing, whatever their counts."""
    samples, replicates = sizes
    rng = np.random.default_rng(samples)
    d, weights = rng.gamma(2.0, size=samples) / 3 - 0.6, rng.choice([0.0, 0.5, 1.0, 3.0], samples)
    found = cecli.compare(*models(d), bootstrap=replicates, sample_weights=weights)["differences"][0]
    agrees(found, resampled(d, weights, poisson_counts(12345, len(d), replicates)), d, weights, 0.95)


def test_clusters_are_resampled_whole(sizes):
    """In the order of their names."""
    samples, replicates = sizes
    rng = np.random.default_rng(samples)
    d, names = rng.gamma(2.0, size=samples) / 3 - 0.6, rng.integers(0, samples // 3, samples)
    found = cecli.compare(*models(d), bootstrap=replicates, cluster=names)["differences"][0]
    _, of = np.unique(names, return_inverse=True)
    sums, sizes_of = np.bincount(of, d), np.bincount(of)
    counts = poisson_counts(12345, len(sums), replicates)
    total = counts @ sizes_of
    means = (counts @ sums)[total > 0] / total[total > 0]
    agrees(found, means, d, np.ones(samples), 0.95)


@pytest.mark.parametrize("pieces", [1, 100, 600])
def test_blocks_change_nothing(pieces, block_values):
    """Counts are those of the samples' numbers; what is left is the rounding of sums."""
    d = np.random.default_rng(5).gamma(2.0, size=700) / 3 - 0.6
    whole = cecli.compare(*models(d), bootstrap=200)["differences"][0]["bootstrap"]
    block_values(pieces)
    again = cecli.compare(*models(d), bootstrap=200)["differences"][0]["bootstrap"]
    assert again["percentile"] == pytest.approx(whole["percentile"], rel=1e-12)
    assert again["basic"] == pytest.approx(whole["basic"], rel=1e-12)


def test_the_interval_covers_the_true_difference():
    """In about 95 of 100 samples of 60; its ends are about as far as those of the t interval."""
    rng = np.random.default_rng(3)
    covered, widths = 0, []
    for seed in range(300):
        d = rng.uniform(-0.5, 0.9, 60)
        found = cecli.compare(*models(d), bootstrap=300, seed=seed)["differences"][0]
        low, high = found["bootstrap"]["percentile"]
        covered += low <= 0.2 <= high
        widths.append((high - low) / (found["ci_high"] - found["ci_low"]))
    assert 0.90 < covered / 300 < 0.98
    assert np.mean(widths) == pytest.approx(1, abs=0.06)


def test_more_resamples_tell_the_same_more_steadily():
    """The ends of intervals of other seeds lie nearer to one another."""
    d = np.random.default_rng(8).uniform(-0.5, 0.9, 100)

    def spread(replicates):
        ends = [
            cecli.compare(*models(d), bootstrap=replicates, seed=seed)["differences"][0]["bootstrap"]["percentile"][0]
            for seed in range(30)
        ]
        return np.std(ends)

    assert spread(3000) < 0.6 * spread(200)
