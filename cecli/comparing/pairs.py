"""Pairs of models on the same samples: what their losses differ by, folded block by block, and whether that is more than chance.

Under sample weights w the mean difference is d̄ = Σ w·d/Σ w, its standard error √(Σ w²(d−d̄)²·N/(N−1))/Σ w, and N/(N−1) aside that is
s_d/√N where all weights are alike. Of clusters, samples that belong together, the sums are the units:
√(Σ_c(Σ_{i∈c} w(d_i−d̄))²·C/(C−1))/Σ w (Miller, "Adding error bars to evals", arXiv:2411.00640, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from cecli.errors import UsageError
from cecli.maths.namespace import quiet
from cecli.reading import checks
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.statistics import paired, resampling
from cecli.statistics.sums import Sum

if TYPE_CHECKING:
    from cecli.comparing.model_blocks import ModelBlock
    from cecli.running.batches import Batch

METRICS = ("cross_entropy", "mse")
"""What pairs are compared by, sample by sample; right and wrong are counted beside it."""

FEWEST_REPLICATES, MOST_REPLICATES = 100, 1_000_000


class Design(Record):
    """How the pairs are judged."""

    confidence: float = 0.95
    bootstrap: int | None = None
    """How many resamples, where a bootstrap interval is asked for."""
    seed: int = resampling.SEED
    cluster: Source | None = None
    """Which samples belong together."""
    baseline: str | None = None
    """The model that the others are compared with; without one every pair is."""

    def checked(self, names: Sequence[str]) -> Design:
        """The design, its values in their ranges."""
        if not 0.5 <= self.confidence < 1:
            raise UsageError(f"--confidence: {self.confidence:g} is not from 0.5 to below 1", hint="as in 0.95 or 95%")
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise UsageError(f"--seed: {self.seed} is not a whole number between 0 and 2^63 − 1")
        if self.bootstrap is not None and not FEWEST_REPLICATES <= self.bootstrap <= MOST_REPLICATES:
            raise UsageError(
                f"--bootstrap: {self.bootstrap} resamples are not between {FEWEST_REPLICATES} and {MOST_REPLICATES}"
            )
        if self.baseline is not None and self.baseline not in names:
            close = get_close_matches(self.baseline, names, n=1)
            guess = f"did you mean {close[0]}? " if close else ""
            raise UsageError(
                f"--baseline: no model is called {self.baseline!r}", hint=f"{guess}the models are {', '.join(names)}"
            )
        return self

    def pairs(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """The names of the two models of each pair."""
        if self.baseline is None:
            return list(combinations(names, 2))
        return [(self.baseline, name) for name in names if name != self.baseline]

    def described(self) -> dict[str, Any]:
        """The design as JSON shows it."""
        cluster = None if self.cluster is None else self.cluster.described()
        return {
            "confidence": self.confidence,
            "seed": self.seed,
            "bootstrap": self.bootstrap,
            "cluster": cluster,
            "baseline": self.baseline,
        }


# --- folding ------------------------------------------------------------------------------------------------------


class Spread(Record):
    """Σ w², Σ w²(d − c) and Σ w²(d − c)² about a centre c near the mean, so that nothing cancels when blocks are merged."""

    center: float = 0.0
    size: float = 0.0
    first: float = 0.0
    second: float = 0.0

    @classmethod
    def of(cls, d: np.ndarray, weight: np.ndarray | None, center: float) -> Spread:
        """The spread of a block about its mean."""
        off = d - center
        if weight is None:
            return cls(center, float(len(d)), 0.0, float(np.sum(off * off)))
        off = off * weight
        return cls(center, float(np.sum(weight * weight)), float(np.sum(weight * off)), float(np.sum(off * off)))

    def about(self, center: float) -> Spread:
        """The same about another centre."""
        shift = self.center - center
        second = self.second + 2 * shift * self.first + shift * shift * self.size
        return Spread(center, self.size, self.first + shift * self.size, second)

    def __add__(self, other: Spread) -> Spread:
        size = self.size + other.size
        center = self.center + (other.center - self.center) * (other.size / size)
        a, b = self.about(center), other.about(center)
        return Spread(center, size, a.first + b.first, a.second + b.second)


class Part(Record):
    """What a block has in common for all pairs: which of its samples count, what they weigh, and their random codes."""

    counted: np.ndarray | None
    """None where all do."""
    weight: np.ndarray | None
    codes: np.ndarray | None
    """None where there are no signs to flip: of clusters, and beyond the most samples."""

    def of(self, values: np.ndarray) -> np.ndarray:
        """The values of the samples that count."""
        found: np.ndarray = values if self.counted is None else values[self.counted]
        return found


class Difference:
    """The differences of two models by one metric, folded: their sum and spread, and those of their random flips."""

    def __init__(self) -> None:
        self.total = self.weights = Sum()
        self.spread = Spread()
        self.better = self.worse = 0
        """In how many samples b's loss is the smaller, and in how many the larger."""
        self.infinite = (0, 0)
        """How many losses of a, and of b, are infinite."""
        self.directions: set[float] = set()
        """Which infinite values the differences have; both where two infinite losses leave none."""
        self.first: list[float] = []
        """The first differences, times their weights: enough of them to try all flips where there are no more."""
        self.sums = np.zeros(2**resampling.BITS)
        """The sum of the differences of each code, times their weights."""

    @quiet
    def add(self, a: np.ndarray, b: np.ndarray, total: Sum, weights: Sum, part: Part) -> np.ndarray:
        """Folds in the losses of the samples of a block that count, with the sum of their differences; the weighted differences."""
        d: np.ndarray = np.subtract(a, b, dtype=np.float64)
        self.better += int(np.count_nonzero(d > 0))
        self.worse += int(np.count_nonzero(d < 0))
        self.total, self.weights = self.total + total, self.weights + weights
        if not math.isfinite(total.high):
            self._note_infinite(a, b)
        weighted: np.ndarray = d if part.weight is None else part.weight * d
        if self.directions:
            return weighted
        self.spread = self.spread + Spread.of(d, part.weight, total.over(weights))
        self.first += weighted[: resampling.EXACT_UP_TO + 1 - len(self.first)].tolist()
        if part.codes is not None:
            np.add.at(self.sums, part.codes, weighted)
        return weighted

    def _note_infinite(self, a: np.ndarray, b: np.ndarray) -> None:
        """Counts the infinite losses of a block that has some."""
        in_a, in_b = np.isinf(a), np.isinf(b)
        self.infinite = (self.infinite[0] + int(np.sum(in_a)), self.infinite[1] + int(np.sum(in_b)))
        self.directions |= {math.inf} if bool(np.any(in_a)) else set()
        self.directions |= {-math.inf} if bool(np.any(in_b)) else set()

    @property
    def mean(self) -> float:
        """The mean difference; NaN where infinite losses leave none."""
        if self.directions:
            return next(iter(self.directions)) if len(self.directions) == 1 else math.nan
        return self.total.over(self.weights)


class Pair:
    """Two models: their differences by each metric, and the samples that one alone has right."""

    def __init__(self, a: str, b: str) -> None:
        self.a, self.b = a, b
        self.by = {metric: Difference() for metric in METRICS}
        self.only_a = self.only_b = 0

    def add(self, a: ModelBlock, b: ModelBlock, part: Part) -> list[np.ndarray]:
        """Folds in the next block of both; the weighted differences by each metric."""
        right_a, right_b = part.of(a.right), part.of(b.right)
        self.only_a += int(np.count_nonzero(right_a > right_b))
        self.only_b += int(np.count_nonzero(right_b > right_a))
        columns = []
        for metric, name in zip(METRICS, ("loss", "squared"), strict=True):
            ours, theirs = getattr(a.totals, name), getattr(b.totals, name)
            total = ours.values + negative(theirs.values)
            losses = part.of(getattr(a, name)), part.of(getattr(b, name))
            columns.append(self.by[metric].add(*losses, total, ours.weights, part))
        return columns


def negative(total: Sum) -> Sum:
    """Minus a sum."""
    return Sum(-total.high, -total.low, total.scale)


class Clusters:
    """Sums of columns over samples that belong together, whatever these are called."""

    def __init__(self, source: Source, columns: int) -> None:
        self.source = source
        self.index: dict[Any, int] = {}
        self._sums = np.zeros((64, columns))

    def take(self, n: int, first: int, predictions: Source) -> np.ndarray:
        """The names of the clusters of the next n samples."""
        found = self._next(n)
        got = 0 if found is None else len(found)
        if got < n or found is None:
            total = first + got + (self.source.drain() if got else 0)
            raise checks.length_error(total, first + n + predictions.drain(), self.source, predictions)
        return found

    def _next(self, n: int) -> np.ndarray | None:
        """The next n names: texts where the source has a column of them, else numbers."""
        source: Any = self.source
        texts = hasattr(source, "texts") and source.width == 1
        found = source.texts(n) if texts else source.vector(n)
        return None if found is None else np.asarray(found)

    def finish(self, samples: int, predictions: Source) -> None:
        """No name of a cluster may be left."""
        if self._next(1) is not None:
            raise checks.length_error(samples + 1 + self.source.drain(), samples, self.source, predictions)

    def add(self, names: np.ndarray, columns: np.ndarray) -> None:
        """Folds in the columns of the samples of these clusters."""
        unique, inverse = np.unique(names, return_inverse=True)
        at = [self.index.setdefault(name, len(self.index)) for name in unique.tolist()]
        if len(self.index) > len(self._sums):
            more = np.zeros((max(len(self._sums), len(self.index)), columns.shape[1]))
            self._sums = np.concatenate([self._sums, more])
        local = np.stack([np.bincount(inverse, column, len(unique)) for column in columns.T], axis=1)
        self._sums[at] += local

    @property
    def sums(self) -> np.ndarray:
        """The sums, a row per cluster, in the order of their names: the same however the samples were cut into blocks."""
        found: np.ndarray = self._sums[[self.index[name] for name in sorted(self.index)]]
        return found


class Pairs:
    """All pairs of a comparison, folded together."""

    def __init__(self, names: Sequence[str], design: Design) -> None:
        self.design = design.checked(names)
        self.names = list(names)
        self.pairs = [Pair(a, b) for a, b in design.pairs(self.names)]
        self.n, self.seen, self.weight, self.weighted = 0, 0, 0.0, False
        self._scale: int | None = None
        columns = 1 + len(self.pairs) * len(METRICS)
        self.clusters = None if design.cluster is None else Clusters(design.cluster, columns)
        resampled = design.bootstrap if self.pairs else None
        self._bootstrap = None if resampled is None else resampling.Bootstrap(resampled, columns, design.seed)

    @quiet
    def add(self, found: Sequence[ModelBlock], step: Sequence[Batch]) -> None:
        """Folds in the next block of all models."""
        block, origin = step[0], step[0].stream.source
        names = None if self.clusters is None else self.clusters.take(block.samples, block.first, origin)
        self.seen = block.first + block.samples
        part = self._part(found[0], block.first)
        n = len(part.of(found[0].right))
        if not self.pairs or not n:
            return
        weight = np.ones(n) if part.weight is None else part.weight
        self.n, self.weight = self.n + n, self.weight + float(np.sum(weight))
        by_name = dict(zip(self.names, found, strict=True))
        columns = [c for pair in self.pairs for c in pair.add(by_name[pair.a], by_name[pair.b], part)]
        if self.clusters is not None and names is not None:
            self.clusters.add(part.of(names), np.stack([weight, *columns], axis=1))
        elif self._bootstrap is not None:
            self._bootstrap.add(np.stack([weight, *columns], axis=1))

    def _part(self, found: ModelBlock, first: int) -> Part:
        """Which samples of a block count, their weights near 1, and their codes."""
        counted = None if bool(np.all(found.counted)) else found.counted
        part = Part(counted, None, None)
        if self.clusters is None and self.pairs and first < resampling.FLIPS_UP_TO:
            codes = resampling.codes(first, len(found.right), self.design.seed)
            part = part.replace(codes=part.of(codes))
        if found.weight is None:
            return part
        weight = part.of(found.weight).astype(np.float64)
        self.weighted = True
        if self._scale is None and len(weight):
            self._scale = -math.frexp(float(np.max(weight)))[1]
        return part.replace(weight=np.ldexp(weight, self._scale or 0))

    def finish(self, predictions: Source) -> None:
        """The input has ended."""
        if self.clusters is not None:
            self.clusters.finish(self.seen, predictions)

    # -- judging

    @cached_property
    def judged(self) -> list[Judged]:
        """Every pair with its statistics, the p-values adjusted for how many they are."""
        found = [self._judged(pair, i) for i, pair in enumerate(self.pairs)]
        p_values = [p for one in found for p in one.p_values]
        adjusted = iter(paired.holm(p_values))
        return [one.adjusted([next(adjusted) for _ in one.p_values]) for one in found]

    def _judged(self, pair: Pair, i: int) -> Judged:
        """The statistics of a pair."""
        found = {
            metric: self._statistics(difference, 1 + len(METRICS) * i + j)
            for j, (metric, difference) in enumerate(pair.by.items())
        }
        enough = self.units >= paired.FEWEST
        mcnemar = paired.mcnemar_p_value(pair.only_a, pair.only_b) if enough else None
        return Judged(pair, self.n, found, mcnemar)

    @cached_property
    def units(self) -> float:
        """How many independent samples there are: all of them; under weights the effective number (Σw)²/Σw²; or the clusters."""
        if self.clusters is not None:
            return len(self.clusters.index)
        if not self.weighted or not self.n:
            return self.n
        size = max((d.spread.size for pair in self.pairs for d in pair.by.values()), default=0.0)
        effective = self.weight**2 / size if size else 0.0
        return float(round(effective)) if abs(effective - round(effective)) < 1e-9 * self.n else effective

    @quiet
    def _statistics(self, difference: Difference, column: int) -> Statistics:
        """The statistics of a pair by one metric."""
        if self.units < paired.FEWEST or difference.directions:
            return Statistics(difference, paired.paired_terms(self.n, 0, difference.mean, math.nan, None))
        p_value = self._flipped(difference, column) if self.units <= resampling.FLIPS_UP_TO else None
        error = self._error(difference, column)
        terms = paired.paired_terms(self.n, self.units, difference.mean, error, p_value, self.design.confidence)
        method = None if terms.p_value is None else self._method(p_value)
        return Statistics(difference, terms, method, self._resampled(difference.mean, column))

    def _flipped(self, difference: Difference, column: int) -> float | None:
        """The p-value of the sign flips."""
        if self.clusters is not None:
            return resampling.sign_flip_p_value(self._clustered[:, column], self.design.seed)
        if self.n <= resampling.EXACT_UP_TO:
            return resampling.exact_p_value(np.asarray(difference.first))
        if self.seen > resampling.FLIPS_UP_TO:
            return None
        return resampling.flip_p_value(difference.sums)

    def _error(self, difference: Difference, column: int) -> float:
        """The standard error of the mean difference."""
        if self.clusters is not None:
            sums, count = self._clustered, len(self._clustered)
            off = sums[:, column] - difference.mean * sums[:, 0]
            return math.sqrt(float(off @ off) * count / (count - 1)) / self.weight
        second = difference.spread.about(difference.mean).second
        return math.sqrt(max(second, 0.0) * self.n / (self.n - 1)) / self.weight

    def _method(self, flipped: float | None) -> str:
        """How the p-value was found."""
        if flipped is None:
            return "t test"
        few = self.units <= resampling.EXACT_UP_TO and (self.clusters is not None or self.n <= resampling.EXACT_UP_TO)
        count = self.n if self.clusters is None else len(self.clusters.index)
        return f"all {2**count} flips" if few else f"{resampling.FLIPS} random flips"

    def _resampled(self, mean: float, column: int) -> resampling.Interval | None:
        """The bootstrap interval, where one is asked for."""
        if self._means is None:
            return None
        return resampling.bootstrap_interval(self._means[:, column - 1], mean, self.design.confidence)

    @cached_property
    def _clustered(self) -> np.ndarray:
        """The sums of the clusters: of the weights, and of the weighted differences."""
        return np.zeros((0, 0)) if self.clusters is None else self.clusters.sums

    @cached_property
    def _means(self) -> np.ndarray | None:
        """The resampled means of every pair by every metric."""
        if self._bootstrap is not None and self.clusters is not None:
            self._bootstrap.add(self._clustered)
        return None if self._bootstrap is None else self._bootstrap.means()


# --- what was found -----------------------------------------------------------------------------------------------


class Statistics(Record):
    """A pair by one metric."""

    difference: Difference
    terms: paired.PairedTerms
    method: str | None = None
    bootstrap: resampling.Interval | None = None
    adjusted: float | None = None


class Judged(Record):
    """A pair with all its statistics."""

    pair: Pair
    n: int
    by: dict[str, Statistics]
    mcnemar: float | None
    mcnemar_adjusted: float | None = None

    @property
    def p_values(self) -> list[float | None]:
        """The p-value by each metric, and McNemar's."""
        return [*(found.terms.p_value for found in self.by.values()), self.mcnemar]

    def adjusted(self, p_values: Sequence[float | None]) -> Judged:
        """The same with the adjusted p-values."""
        by = {name: found.replace(adjusted=p) for (name, found), p in zip(self.by.items(), p_values, strict=False)}
        return self.replace(by=by, mcnemar_adjusted=p_values[-1])
