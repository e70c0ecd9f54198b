"""What a picture of a model is drawn from, as mergeable totals: how sure it was and how often right, and the histogram of its losses.

They are collected in the one pass over the samples, in bins that merge; single samples are kept of the first few alone.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.comparing.batch_samples import BatchSamples
from cecli.maths.units import Base
from cecli.record import Record

BINS = 15
"""Of the reliability diagram: equal widths, open on the left and closed on the right, as in Guo et al. 2017 (arXiv:1706.04599, section 2)."""

EDGES = np.arange(1, BINS) / BINS

FINE = 4096
"""Bins that losses are counted in, each about 1/64 nat wide; what is shown are some of these together."""

POINTS = 2000
"""Samples, from the first, that have a point on the curve."""


class PictureTotals(Record):
    """What a model's samples come to in a picture; mergeable."""

    samples: int
    counts: np.ndarray
    """Samples in each bin of confidence."""
    weight: np.ndarray
    confidence: np.ndarray
    """The weighted sum of the largest probabilities."""
    right: np.ndarray
    losses: np.ndarray
    above: int
    infinite: int
    points: np.ndarray
    """The losses of the first samples."""

    @classmethod
    def of(cls, samples: BatchSamples) -> PictureTotals:
        """What a batch adds; samples that are left out or have weight 0 are in no part of it."""
        counted = samples.model.counted
        confidence, weight = samples.confidence[counted], samples.weight[counted]
        which = np.searchsorted(EDGES, confidence, side="left")
        loss = samples.model.loss[counted].astype(np.float64)
        finite = loss[np.isfinite(loss)]
        with np.errstate(over="ignore"):
            fine = np.floor(finite / fine_width(samples.options.base))
        inside = fine[fine < FINE].astype(np.int64)

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(which, weights=weight * values, minlength=BINS)

        return cls(
            len(confidence),
            np.bincount(which, minlength=BINS),
            summed(np.ones(len(confidence))),
            summed(confidence),
            summed(samples.model.right[counted].astype(np.float64)),
            np.bincount(np.maximum(inside, 0), minlength=FINE),
            int(np.sum(fine >= FINE)),
            len(loss) - len(finite),
            loss[:POINTS],
        )

    def __add__(self, other: PictureTotals) -> PictureTotals:
        sums = {name: own + getattr(other, name) for name, own in self._asdict().items() if name != "points"}
        return self.replace(**sums, points=np.concatenate([self.points, other.points])[:POINTS])


def fine_width(base: Base) -> float:
    """The width of a fine bin: a power of two, in whatever unit about 1/64 nat."""
    return float(2.0 ** (round(-math.log2(base.ln)) - 6))
