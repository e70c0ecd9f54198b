"""Where two models differ most: the samples with the largest differences of their losses, and how much of all the few largest own."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from cecli.comparing.costly import largest
from cecli.record import Record
from cecli.statistics.sums import Sum

if TYPE_CHECKING:
    from cecli.comparing.model_batches import ModelBatch
    from cecli.running.batches import Batch

MOST_KEPT = 100_000
"""The largest differences that are kept: 1 % of the samples is exact up to a hundred times as many."""

SHARE = 100
"""One in a hundred samples: the top 1 %."""


class Differing(Record):
    """A sample that two models see differently."""

    sample: int
    expected: int
    a: float
    b: float
    where: str | None
    """What finds it, apart from its number."""

    @property
    def difference(self) -> float:
        """Loss of a minus loss of b; 0 where both are infinite."""
        return 0.0 if self.a == self.b else self.a - self.b


class Top(Record):
    """What the largest differences own: how many samples they are, their share of Σ|d|, and the mean with and without them."""

    top_samples: int
    top_share: float | None
    mean: float | None
    mean_without: float | None


class Disagreement(Record):
    """The differences d of two models' losses: the largest few with their samples, and the largest many without. Mergeable."""

    a: str
    b: str
    places: tuple[int, int]
    """Where the two stand among the models."""
    limit: int
    rows: tuple[Differing, ...] = ()
    n: int = 0
    infinite: int = 0
    total: Sum = Sum()
    size: Sum = Sum()
    """Σ|d|."""
    largest: np.ndarray = np.zeros(0)
    """The differences of the largest |d|, signed, in no order."""

    def of(self, batch: Batch, models: Sequence[ModelBatch]) -> Disagreement:
        """The same pair of one batch; samples that are left out, or weigh 0, don't count, and weights do nothing else."""
        a, b = (models[place] for place in self.places)
        counted = np.flatnonzero(a.counted)
        loss_a, loss_b = (each.loss[counted].astype(np.float64) for each in (a, b))
        d = np.where(loss_a == loss_b, 0.0, loss_a - np.where(loss_a == loss_b, 0.0, loss_b))
        rows = tuple(
            self._row(batch, int(counted[i]), a, float(loss_a[i]), float(loss_b[i]))
            for i in largest(np.abs(d), self.limit)
        )
        finite = d[np.isfinite(d)]
        sums = Sum.of(finite), Sum.of(np.abs(finite))
        return Disagreement(
            self.a, self.b, self.places, self.limit, rows, len(d), len(d) - len(finite), *sums, _most(finite)
        )

    @staticmethod
    def _row(batch: Batch, i: int, model: ModelBatch, a: float, b: float) -> Differing:
        assert batch.seen is not None
        sample = batch.first + i
        return Differing(sample, int(model.expected[i]), a, b, batch.seen.found_at(sample))

    def __add__(self, other: Disagreement) -> Disagreement:
        rows = sorted(self.rows + other.rows, key=lambda row: (-abs(row.difference), row.sample))
        return self.replace(
            rows=tuple(rows[: self.limit]),
            n=self.n + other.n,
            infinite=self.infinite + other.infinite,
            total=self.total + other.total,
            size=self.size + other.size,
            largest=_most(np.concatenate([self.largest, other.largest])),
        )

    def top(self) -> Top:
        """What the top 1 % of the samples owns, one at least; nothing can be said beside infinite differences."""
        count = min(max(1, math.ceil(self.n / SHARE)), len(self.largest))
        if self.infinite or not count:
            return Top(count, None, None, None)
        order = np.argsort(-np.abs(self.largest), kind="stable")[:count]
        top = self.largest[order]
        rest = self.total + Sum.of(-top)
        size = self.size.value
        return Top(
            count,
            float(Sum.of(np.abs(top)).value / size) if size > 0 else None,
            self.total.value / self.n,
            rest.value / (self.n - count) if self.n > count else None,
        )

    def note(self) -> str | None:
        """What is to be known of the share: that it is not of 1 % in a very long input, or that there is none."""
        if self.infinite:
            return f"{self.a} and {self.b}: a difference of losses is infinite, so no share of the sum is given"
        if self.n > MOST_KEPT * SHARE:
            return f"the largest {MOST_KEPT:,} differences are kept: their share is that of {MOST_KEPT / self.n:.2%} of the samples, not of 1 %"
        return None


def disagreements(models: Sequence[str], limit: int, losses: Mapping[str, Collection[str]]) -> list[Disagreement]:
    """One for each pair of models with a loss, if any are asked for."""
    with_loss = [place for place, name in enumerate(models) if "cross_entropy" in losses[name]]
    pairs = combinations(with_loss, 2) if limit else ()
    return [Disagreement(models[i], models[j], (i, j), limit) for i, j in pairs]


def _most(values: np.ndarray) -> np.ndarray:
    """The values of the largest size, `MOST_KEPT` of them."""
    if len(values) <= MOST_KEPT:
        return values
    cut = len(values) - MOST_KEPT
    return values[np.argpartition(np.abs(values), cut)[cut:]]
