"""Models on the same samples: what each adds up to, and what each pair differs by, block by block."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from cecli.analyses import inputs
from cecli.analyses.evaluation import NAMED_INFINITE
from cecli.analyses.information import as_rows
from cecli.analyses.inputs import Input, Plan
from cecli.analyses.losses import cross_entropy_block, predict
from cecli.analyses.pictures import PictureTotals, picture_totals
from cecli.analyses.running import block_placed, run
from cecli.analyses.settings import Settings
from cecli.blocks import Block
from cecli.errors import UsageError
from cecli.maths import losses, paired
from cecli.maths.namespace import Array, namespace, on_cpu, quiet, safe_product
from cecli.reading.sources import Source
from cecli.report import Cell, Given, Typed, Verdict
from cecli.totals import Sum, Totals

SHOWN = 8
"""Samples shown one by one; of more, the summary comes first."""

SHOWN_CLASSES = 5
"""With more classes the sample rows show the probabilities that matter, not all."""

# --- one model, block by block ------------------------------------------------------------------------------------


class ModelTotals(NamedTuple):
    """What a model's samples add up to; mergeable."""

    wrong: Totals = Totals()
    squared: Totals = Totals()
    loss: Totals = Totals()
    errors: int = 0
    ties: int = 0
    infinite: tuple[tuple[int, int], ...] = ()
    infinite_count: int = 0

    def __add__(self, other: ModelTotals) -> ModelTotals:  # type: ignore[override]
        return ModelTotals(
            self.wrong + other.wrong,
            self.squared + other.squared,
            self.loss + other.loss,
            self.errors + other.errors,
            self.ties + other.ties,
            (self.infinite + other.infinite)[:NAMED_INFINITE],
            self.infinite_count + other.infinite_count,
        )

    def metrics(self, settings: Settings) -> dict[str, float]:
        """Every metric of the model."""
        mean = self.loss.reduced("mean")
        return {
            "error_rate": self.wrong.reduced("mean"),
            "errors": self.errors,
            "mse": self.squared.reduced("mean"),
            "cross_entropy": mean,
            "cross_entropy_sum": self.loss.reduced("sum"),
            "perplexity": settings.base.power(mean),
        }


class ModelBlock(NamedTuple):
    """What a block of one model gave: totals, and the numbers of each sample for pairs and tables."""

    totals: ModelTotals
    loss: np.ndarray
    """Each sample's own loss, without its weight."""
    right: np.ndarray
    chosen: np.ndarray
    expected: np.ndarray
    counted: np.ndarray
    """False for samples that are left out or have weight 0."""
    picture: Any = None
    """Its `PictureTotals`, where a picture is asked for."""


@quiet
def model_block(block: Block, settings: Settings) -> ModelBlock:
    """Error, squared error and cross-entropy of every sample of a block; ties go to the lowest index."""
    xp = namespace(block.prediction)
    predicted = predict(block.prediction, settings)
    target = as_rows(block)
    measures = cross_entropy_block(replace(block, weights=None), settings, None, predicted=predicted)
    scores = block.prediction if settings.logits else predicted.probability
    chosen, expected = xp.argmax(scores, axis=-1), xp.argmax(target, axis=-1)
    tied = xp.sum(xp.astype(scores == xp.max(scores, axis=-1, keepdims=True), xp.int64), axis=-1) > 1
    weight, counted = _weights(block, measures.weight)
    right = chosen == expected
    squared = losses.squared_error_terms(target, predicted).loss
    own = measures.values["loss"]
    wrong = xp.astype(~right, own.dtype)
    errors, ties = (int(xp.sum(xp.astype(which & counted, xp.int64))) for which in (~right, tied))
    numbers = [on_cpu(part) for part in (own, right, chosen, expected, counted)]
    infinite = [pair for pair in measures.infinite if numbers[-1][pair[0] - block.first]]
    weighted = (Totals.of(safe_product(weight, value), weight) for value in (wrong, squared, own))
    totals = ModelTotals(
        next(weighted), next(weighted), next(weighted), errors, ties, tuple(infinite[:NAMED_INFINITE]), len(infinite)
    )
    return ModelBlock(totals, *numbers)


def _weights(block: Block, of_targets: Array) -> tuple[Array, Array]:
    """What each sample counts in a mean (0 where it is left out), and whether it counts at all."""
    xp = namespace(of_targets)
    weight = of_targets if block.weights is None else of_targets * xp.astype(block.weights, of_targets.dtype)
    if block.kept is not None:
        weight = xp.where(block.kept, weight, xp.zeros_like(weight))
    return weight, weight > 0


# --- one model and one pair of models, folded ---------------------------------------------------------------------


@dataclass
class Model:
    """A model of the comparison: its totals, and its first samples for the table."""

    name: str
    plan: Plan
    totals: ModelTotals = field(default_factory=ModelTotals)
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    picture: PictureTotals = field(default_factory=PictureTotals)

    def add(self, part: Input, found: ModelBlock, target: Source) -> None:
        """Folds in the next block."""
        missing = min(SHOWN - len(self.rows), part.block.samples)
        self.rows += [_sample_row(part, found, i, target) for i in range(missing)]
        self.totals = self.totals + found.totals
        if found.picture is not None:
            self.picture = self.picture + found.picture


@dataclass
class Pair:
    """The paired differences of two models, folded: their number, mean and spread, and the samples that one alone has right."""

    a: str
    b: str
    total: Sum = field(default_factory=Sum)
    n: int = 0
    spread: float = 0.0
    """Σ (d − d̄)², merged by Chan's formula."""
    infinite: set[float] = field(default_factory=set)
    only_a: int = 0
    only_b: int = 0
    kept: list[np.ndarray] | None = field(default_factory=list)
    """The differences themselves, while there are few enough to flip."""

    def add(self, a: ModelBlock, b: ModelBlock) -> None:
        """Folds in the next block of both."""
        counted = a.counted
        with np.errstate(invalid="ignore"):
            d = (a.loss - b.loss)[counted].astype(np.float64)
        self.only_a += int(np.sum(a.right & ~b.right & counted))
        self.only_b += int(np.sum(~a.right & b.right & counted))
        self.infinite |= {math.inf if math.isnan(x) else x for x in d[~np.isfinite(d)].tolist()}
        if np.isnan(d).any():
            self.infinite |= {math.inf, -math.inf}
        if self.infinite or not len(d):
            self.n += len(d)
            return
        own = Sum.of(d)
        with np.errstate(over="ignore", invalid="ignore"):
            center = np.float64(own.over(Sum(float(len(d)))))
            shift = center - (self.total.over(Sum(float(self.n))) if self.n else 0.0)
            self.spread += float(np.sum((d - center) ** 2) + shift**2 * self.n * len(d) / (self.n + len(d)))
        self.total = self.total + own
        self.n += len(d)
        if self.kept is not None:
            self.kept.append(d)
            if self.n > paired.FLIPS_UP_TO:
                self.kept = None

    def terms(self) -> paired.PairedTerms:
        """The statistics; an infinite difference leaves no interval, and differences infinite both ways no mean."""
        if self.infinite:
            return paired.PairedTerms(next(iter(self.infinite)) if len(self.infinite) == 1 else None, None, None, None)
        mean = self.total.over(Sum(float(self.n)))
        differences = None if self.kept is None else np.concatenate(self.kept)
        if not math.isfinite(self.spread):
            return _terms_of_large(differences, mean)
        deviation = math.sqrt(self.spread / (self.n - 1)) if self.n > 1 else 0.0
        return paired.paired_terms(self.n, mean, deviation, differences)


def _terms_of_large(differences: np.ndarray | None, mean: float) -> paired.PairedTerms:
    """The statistics of differences whose squares are beyond float64: of the same differences, scaled down."""
    if differences is None:
        return paired.PairedTerms(mean, None, None, None)
    small = differences * 2.0**-600
    terms = paired.paired_terms(len(small), math.fsum(small.tolist()) / len(small), float(np.std(small, ddof=1)), small)
    low, high = (None if bound is None else bound * 2.0**600 for bound in (terms.low, terms.high))
    return paired.PairedTerms(mean, low, high, terms.p_value)


class Comparison(NamedTuple):
    """All models and all pairs of them."""

    models: list[Model]
    pairs: list[Pair]
    samples: int
    ignored: int


def evaluate_models(target: Source, predictions: Mapping[str, Source], settings: Settings) -> Comparison:
    """All models' numbers in one pass, in the order given; they must have as many samples and classes."""
    if not predictions:
        raise UsageError(
            "compare needs at least one prediction",
            hint="cecli compare TARGET MODEL1 MODEL2, or cecli compare --example",
        )
    models: list[Model] = []
    pairs = [Pair(a, b) for a, b in combinations(predictions, 2)]
    samples = ignored = 0
    for step, found in _measured(inputs.steps(list(predictions.values()), settings, target), settings):
        if not models:
            models = [Model(name, part.plan) for name, part in zip(predictions, step, strict=True)]
        for model, part, one in zip(models, step, found, strict=True):
            model.add(part, one, target)
        by_name = dict(zip(predictions, found, strict=True))
        for pair in pairs:
            pair.add(by_name[pair.a], by_name[pair.b])
        samples += step[0].block.samples
        ignored += 0 if step[0].block.kept is None else int(np.sum(~on_cpu(step[0].block.kept)))
    if models[0].totals.loss.weights.value == 0:
        raise inputs.nothing_left()
    for model in models:
        model.metrics = model.totals.metrics(settings)
    return Comparison(models, pairs, samples, ignored)


@dataclass(frozen=True)
class Step:
    """The predictions of all models for the same samples."""

    inputs: list[Input]

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.inputs[0].samples

    def halves(self) -> tuple[Step, Step]:
        """The samples in two steps."""
        cut = [part.halves() for part in self.inputs]
        return Step([first for first, _ in cut]), Step([second for _, second in cut])


def _measured(steps: Iterable[list[Input]], settings: Settings) -> Iterator[tuple[list[Input], list[ModelBlock]]]:
    """Every step with what its blocks gave, in order."""

    def work(step: Step) -> tuple[list[Input], list[ModelBlock]]:
        return step.inputs, [_model_block(block_placed(part.block, settings), settings) for part in step.inputs]

    return run(work, map(Step, steps), settings)


def _model_block(block: Block, settings: Settings) -> ModelBlock:
    """What a block of one model gave, with what a picture needs where one is asked for."""
    found = model_block(block, settings)
    return found._replace(picture=picture_totals(block, found, settings)) if settings.pictured else found


# --- the first samples, for the table ------------------------------------------------------------------------------


def _sample_row(part: Input, found: ModelBlock, i: int, target: Source) -> tuple[Cell, ...]:
    """One sample of one model."""
    block = part.block
    sample = block.first + i
    prediction = _row_cell(part.plan.source, block.prediction, i, sample, int(found.chosen[i]))
    if block.kept is not None and not bool(block.kept[i]):
        return (str(sample + 1), prediction, "left out", None, None)
    if block.labels is not None:
        expected: Cell = part.plan.class_name(int(block.labels[i]))
    else:
        expected = _row_cell(target, block.target, i, sample, int(found.expected[i]))
    return (str(sample + 1), prediction, expected, Verdict(bool(found.right[i])), float(found.loss[i]))


def _row_cell(source: Source, values: Array, i: int, sample: int, chosen: int) -> Cell:
    """A row of values, as typed where it was; of many classes the largest alone."""
    width = int(values.shape[-1])
    shown = range(width) if width <= SHOWN_CLASSES else [chosen]
    more = "" if width <= SHOWN_CLASSES else f" (largest of {width})"
    texts = [source.shown(sample, k) for k in shown]
    if None in texts:
        return Given(tuple(float(values[i, k]) for k in shown), more)
    return Typed(", ".join(text or "" for text in texts) + more)
