"""Whether models differ by more than chance, and how far their numbers may be off: the statistics of each, from what was folded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cecli.comparing.pairs import Alone, Pair, Pairs, PairTotals
from cecli.maths.namespace import quiet
from cecli.record import Record, computed_once
from cecli.statistics import paired, resampling
from cecli.statistics.cautions import StudentRatio, caution
from cecli.statistics.differences import Difference
from cecli.statistics.discordant import discordant_terms
from cecli.statistics.moments import Shape


class Statistics(Record):
    """A pair by one measure."""

    difference: Difference
    terms: paired.PairedTerms
    bootstrap: resampling.Interval | None = None
    adjusted: float | None = None
    caution: str | None = None
    """Why interval and p-value may mislead."""


class PairStatistics(Record):
    """A pair with all its statistics."""

    pair: Pair
    n: int
    by: dict[str, Statistics]
    """By each loss."""
    errors: Statistics | None = None
    """Of wrong and right; scores are neither."""

    def of(self, measure: str) -> Statistics | None:
        """The statistics by a loss, or by wrong and right."""
        return self.errors if measure == "error_rate" else self.by.get(measure)

    @property
    def all(self) -> list[Statistics]:
        """The statistics by each loss, and by wrong and right."""
        return [*self.by.values(), *([] if self.errors is None else [self.errors])]

    @property
    def p_values(self) -> list[float | None]:
        """The p-value of each."""
        return [each.terms.p_value for each in self.all]

    def adjusted(self, p_values: Sequence[float | None]) -> PairStatistics:
        """The same with the adjusted p-values."""
        found = [each.replace(adjusted=p) for each, p in zip(self.all, p_values, strict=True)]
        by = dict(zip(self.by, found, strict=False))
        return self.replace(by=by, errors=None if self.errors is None else found[-1])


class PairedTest:
    """The statistics of all models and pairs, once all samples were seen."""

    def __init__(self, pairs: Pairs, totals: PairTotals) -> None:
        self.pairs, self.options, self.n = pairs.reported(totals.pairs), pairs.options, totals.n
        self._pairs, self._totals = pairs, totals

    @property
    def clusters(self) -> int | None:
        """How many clusters there are, where samples belong together."""
        if self.options.cluster is None:
            return None
        return 0 if self._totals.clusters is None else len(self._totals.clusters)

    @property
    def is_effective(self) -> bool:
        """Whether the units are an effective number of samples."""
        return self._totals.scale is not None and self.clusters is None

    @computed_once
    def effective_samples(self) -> float:
        """(Σw)²/Σw², all samples where they weigh the same."""
        if self._totals.scale is None or not self.n:
            return self.n
        effective = self._totals.weight**2 / self._totals.squared_weight
        return float(round(effective)) if abs(effective - round(effective)) < 1e-9 * self.n else effective

    @property
    def weighs_alike(self) -> bool:
        """Whether all samples that count weigh the same."""
        return self.effective_samples == self.n

    @property
    def units(self) -> float:
        """How many independent samples there are: all of them; under weights the effective number; or the clusters."""
        return self.effective_samples if self.clusters is None else self.clusters

    @property
    def is_enough(self) -> bool:
        """Whether there are units enough to tell anything."""
        return self.units >= paired.FEWEST

    def at(self, confidence: float) -> PairedTest:
        """The same at another level."""
        test = PairedTest(self._pairs, self._totals)
        test.options = self.options.replace(confidence=confidence)
        return test

    # -- pairs

    def of_all_pairs(self) -> PairedTest:
        """The same of every pair, whether or not there is a baseline."""
        test = PairedTest(self._pairs, self._totals)
        test.pairs = list(self._totals.pairs)
        return test

    @computed_once
    def statistics(self) -> list[PairStatistics]:
        """Every pair with its statistics, the p-values adjusted for how many they are."""
        pairs = [self._of_pair(pair) for pair in self.pairs]
        adjusted = iter(paired.holm([p for pair in pairs for p in pair.p_values]))
        return [pair.adjusted([next(adjusted) for _ in pair.p_values]) for pair in pairs]

    def _of_pair(self, pair: Pair) -> PairStatistics:
        by = {name: self._of_measure(each, (pair.a, pair.b, name)) for name, each in pair.by.items()}
        if not pair.has_errors:
            return PairStatistics(pair, self.n, by)
        return PairStatistics(pair, self.n, by, self._of_errors(pair))

    def _of_errors(self, pair: Pair) -> Statistics:
        """The statistics by wrong and right: McNemar's where counts say it all, else those of the weighted samples, or of the clusters."""
        found = self._of_measure(pair.wrong, (pair.a, pair.b, "error_rate"))
        if self.clusters is not None or not self.weighs_alike:
            return found.replace(terms=found.terms.within(1.0))
        if not self.is_enough:
            return found
        terms = discordant_terms(pair.only_a, pair.only_b, self.n, self.options.confidence)
        return found.replace(terms=terms.replace(needed=found.terms.needed), caution=None)

    @quiet
    def _of_measure(self, difference: Difference, key: tuple[str, str, str]) -> Statistics:
        """The statistics of a pair by one measure."""
        terms = self._terms(difference, key)
        if not self.is_enough or not difference.is_finite:
            return Statistics(difference, terms)
        means, place = self._means, self._pairs.columns[key] - 1
        resampled = None if means is None or place >= means.shape[1] else means[:, place]
        bootstrap = (
            None
            if resampled is None
            else resampling.bootstrap_interval(resampled, difference.mean, self.options.confidence)
        )
        return Statistics(difference, terms, bootstrap, caution=self._caution(difference, key))

    @quiet
    def _terms(self, difference: Difference, key: tuple[str, str, str]) -> paired.PairedTerms:
        """The mean with its interval and p-value."""
        mean = difference.mean
        if not self.is_enough or not difference.is_finite:
            return paired.paired_terms(self.n, 0, 0, mean, math.nan, Shape(0.0))
        shape = self._shape(difference, key)
        return paired.paired_terms(
            self.n, self._count, self.units, mean, self._error(shape), shape, self.options.confidence
        )

    @property
    def _count(self) -> int:
        """How many units there are, whatever they weigh."""
        return self.clusters or self.n

    def _error(self, shape: Shape) -> float:
        """The standard error of a mean, in the unit of its shape."""
        return math.sqrt(shape.square * self._count / (self._count - 1)) / self._totals.weight

    def _test(self, difference: Difference, shape: Shape) -> StudentRatio:
        """What a difference is judged by."""
        error, mean = self._error(shape), float(np.ldexp(difference.mean, -shape.scale))
        freedom = paired.freedom_of(shape, self._count, self.units)
        return StudentRatio(mean / error if error else math.inf, freedom, 1 - self.options.confidence)

    def _shape(self, difference: Difference, key: tuple[str, str, str]) -> Shape:
        """How the units lie about the mean difference."""
        if self.clusters is None:
            return difference.moments.shape(difference.mean)
        sums = self._clustered
        return Shape.of_units(sums[:, self._pairs.columns[key]] - difference.mean * sums[:, 0])

    def _caution(self, difference: Difference, key: tuple[str, str, str]) -> str | None:
        """Why so few samples may mislead."""
        shape = self._shape(difference, key)
        test = self._test(difference, shape)
        if self.clusters is None:
            return caution(difference, shape, test, difference.largest, difference.size, self.n)
        sizes = np.abs(self._clustered[:, self._pairs.columns[key]])
        return caution(difference, shape, test, sizes, float(np.sum(sizes)), len(sizes), "clusters")

    # -- models

    def mean(self, model: Alone, loss: str) -> paired.PairedTerms:
        """A model's mean loss with its interval."""
        return self._terms(model.by[loss], (model.name, "", loss))

    @property
    def models(self) -> Sequence[Alone]:
        """The models, one by one."""
        return self._totals.models

    def rate_units(self, model: Alone, rate: float) -> float:
        """How many independent samples would know the error rate as well: under clusters fewer than there are, mostly."""
        if self.clusters is None:
            return self.units
        sums = self._clustered
        off = sums[:, self._pairs.columns[model.name, "", "error_rate"]] - rate * sums[:, 0]
        square = float(off @ off) * self.clusters / (self.clusters - 1) / self._totals.weight**2
        return rate * (1 - rate) / square if square > 0 else self.clusters

    # -- clusters and resamples

    @computed_once
    def _clustered(self) -> np.ndarray:
        """The sums of the clusters: of the weights, and of each column."""
        return np.zeros((0, 0)) if self._totals.clusters is None else self._totals.clusters.rows

    @computed_once
    def _means(self) -> np.ndarray | None:
        """The resampled means of every pair by every measure."""
        resamples = self._pairs.resamples
        if resamples is None:
            return None
        if self.clusters is None:
            sums = self._totals.resampled
        else:
            columns = self._clustered[:, : self._pairs.of_pairs]
            sums = resampling.resampled(columns, 0, resamples, self.options.seed)
        return None if sums is None else resampling.means_of(sums)
