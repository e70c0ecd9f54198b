"""Whether pairs of models differ by more than chance: the statistics of each, from what was folded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np

from cecli.comparing.pairs import Pair, Pairs
from cecli.maths.namespace import quiet
from cecli.record import Record
from cecli.statistics import paired, resampling
from cecli.statistics.differences import Difference


class Statistics(Record):
    """A pair by one loss."""

    difference: Difference
    terms: paired.PairedTerms
    method: str | None = None
    bootstrap: resampling.Interval | None = None
    adjusted: float | None = None


class PairStatistics(Record):
    """A pair with all its statistics."""

    pair: Pair
    n: int
    by: dict[str, Statistics]
    mcnemar: float | None
    mcnemar_adjusted: float | None = None

    @property
    def p_values(self) -> list[float | None]:
        """The p-value by each loss, and McNemar's."""
        return [*(statistics.terms.p_value for statistics in self.by.values()), self.mcnemar]

    def adjusted(self, p_values: Sequence[float | None]) -> PairStatistics:
        """The same with the adjusted p-values."""
        by = {name: one.replace(adjusted=p) for (name, one), p in zip(self.by.items(), p_values, strict=False)}
        return self.replace(by=by, mcnemar_adjusted=p_values[-1])


class PairedTest:
    """The statistics of all pairs, once all samples were seen."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs, self.options, self.n = pairs.pairs, pairs.options, pairs.n
        self._pairs = pairs

    @property
    def clusters(self) -> int | None:
        """How many clusters there are, where samples belong together."""
        return None if self._pairs.clusters is None else len(self._pairs.clusters)

    @property
    def is_effective(self) -> bool:
        """Whether the units are an effective number of samples."""
        return self._pairs.is_weighted and self.clusters is None

    @cached_property
    def units(self) -> float:
        """How many independent samples there are: all of them; under weights the effective number (Σw)²/Σw²; or the clusters."""
        if self.clusters is not None:
            return self.clusters
        if not self.is_effective or not self.n:
            return self.n
        size = max((d.spread.size for pair in self.pairs for d in pair.by.values()), default=0.0)
        effective = self._pairs.weight**2 / size if size else 0.0
        return float(round(effective)) if abs(effective - round(effective)) < 1e-9 * self.n else effective

    @property
    def is_enough(self) -> bool:
        """Whether there are units enough to tell anything."""
        return self.units >= paired.FEWEST

    @cached_property
    def statistics(self) -> list[PairStatistics]:
        """Every pair with its statistics, the p-values adjusted for how many they are."""
        starts = accumulate((len(pair.by) for pair in self.pairs), initial=1)
        pairs = [self._of_pair(pair, first) for pair, first in zip(self.pairs, starts, strict=False)]
        adjusted = iter(paired.holm([p for pair in pairs for p in pair.p_values]))
        return [pair.adjusted([next(adjusted) for _ in pair.p_values]) for pair in pairs]

    def _of_pair(self, pair: Pair, first: int) -> PairStatistics:
        """A pair whose columns begin with this one."""
        by = {name: self._of_loss(difference, first + j) for j, (name, difference) in enumerate(pair.by.items())}
        mcnemar = paired.mcnemar_p_value(pair.only_a, pair.only_b) if self.is_enough and pair.has_errors else None
        return PairStatistics(pair, self.n, by, mcnemar)

    @quiet
    def _of_loss(self, difference: Difference, column: int) -> Statistics:
        """The statistics of a pair by one loss, which stands in this column of the clusters and of the bootstrap."""
        if not self.is_enough or not difference.is_finite:
            return Statistics(difference, paired.paired_terms(self.n, 0, difference.mean, math.nan, None))
        p_value = self._flipped(difference, column) if self.units <= resampling.FLIPS_UP_TO else None
        error = self._error(difference, column)
        terms = paired.paired_terms(self.n, self.units, difference.mean, error, p_value, self.options.confidence)
        method = None if terms.p_value is None else self._method(p_value)
        return Statistics(difference, terms, method, self._resampled(difference.mean, column))

    def _flipped(self, difference: Difference, column: int) -> float | None:
        """The p-value of the sign flips."""
        if self.clusters is not None:
            return resampling.sign_flip_p_value(self._clustered[:, column], self.options.seed)
        if self.n <= resampling.EXACT_UP_TO:
            return resampling.exact_p_value(np.asarray(difference.first))
        if self._pairs.seen > resampling.FLIPS_UP_TO or difference.flips is None:
            return None
        return resampling.flip_p_value(difference.flips)

    def _error(self, difference: Difference, column: int) -> float:
        """The standard error of the mean difference."""
        if self.clusters is not None:
            sums, count = self._clustered, self.clusters
            off = sums[:, column] - difference.mean * sums[:, 0]
            return math.sqrt(float(off @ off) * count / (count - 1)) / self._pairs.weight
        second = difference.spread.about(difference.mean).second
        return math.sqrt(max(second, 0.0) * self.n / (self.n - 1)) / self._pairs.weight

    def _method(self, flipped: float | None) -> str:
        """How the p-value was computed."""
        if flipped is None:
            return "t test"
        few = self.units <= resampling.EXACT_UP_TO and (self.clusters is not None or self.n <= resampling.EXACT_UP_TO)
        return f"all {2 ** (self.clusters or self.n)} flips" if few else f"{resampling.FLIPS} random flips"

    def _resampled(self, mean: float, column: int) -> resampling.Interval | None:
        """The bootstrap interval, where one is asked for."""
        if self._means is None:
            return None
        return resampling.bootstrap_interval(self._means[:, column - 1], mean, self.options.confidence)

    @cached_property
    def _clustered(self) -> np.ndarray:
        """The sums of the clusters: of the weights, and of the weighted differences."""
        return np.zeros((0, 0)) if self._pairs.clusters is None else self._pairs.clusters.rows

    @cached_property
    def _means(self) -> np.ndarray | None:
        """The resampled means of every pair by every loss."""
        bootstrap = self._pairs.bootstrap
        if bootstrap is not None and self.clusters is not None:
            bootstrap.add(self._clustered)
        return None if bootstrap is None else bootstrap.means()
