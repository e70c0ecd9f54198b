"""`compare`: models side by side, sample by sample and in sum, and who wins."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from cecli.analyses import inputs
from cecli.analyses.information import as_rows
from cecli.analyses.inputs import Input, Plan
from cecli.analyses.losses import NAMED_INFINITE, Evaluation, cross_entropy_block, infinite_notes, predict
from cecli.analyses.settings import Settings
from cecli.blocks import Block, run
from cecli.errors import UsageError
from cecli.maths import losses, paired
from cecli.maths.namespace import Array, namespace, quiet, safe_product
from cecli.reading.sources import Source
from cecli.report import Cell, Column, Data, Given, Report, Table, Typed, Verdict
from cecli.totals import Sum, Totals

METRICS = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")
"""The metrics of a model, as JSON calls them; for each of them less is better."""

SAME = 1e-12
"""Values within this relative distance share the best place: they differ by their rounding."""

SHOWN = 8
"""Samples shown one by one; of more, the summary comes first."""

SHOWN_CLASSES = 5
"""With more classes the sample rows show the probabilities that matter, not all."""


# --- one model, block by block ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModelTotals:
    """What a model's samples add up to; mergeable."""

    wrong: Totals = field(default_factory=Totals)
    squared: Totals = field(default_factory=Totals)
    loss: Totals = field(default_factory=Totals)
    errors: int = 0
    ties: int = 0
    infinite: tuple[tuple[int, int], ...] = ()
    infinite_count: int = 0

    def __add__(self, other: ModelTotals) -> ModelTotals:
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


@dataclass(frozen=True)
class ModelBlock:
    """What a block of one model gave: totals, and the numbers of each sample for pairs and tables."""

    totals: ModelTotals
    loss: np.ndarray
    """Each sample's own loss, without its weight."""
    right: np.ndarray
    chosen: np.ndarray
    expected: np.ndarray
    counted: np.ndarray
    """False for samples that are left out or have weight 0."""


@quiet
def model_block(block: Block, settings: Settings) -> ModelBlock:
    """Error, squared error and cross-entropy of every sample of a block; ties go to the lowest index."""
    xp = namespace(block.prediction)
    predicted = predict(block.prediction, settings)
    target = as_rows(block)
    measures = cross_entropy_block(replace(block, weights=None), settings, None)
    scores = block.prediction if settings.logits else predicted.probability
    chosen, expected = xp.argmax(scores, axis=-1), xp.argmax(target, axis=-1)
    tied = xp.sum(xp.astype(scores == xp.max(scores, axis=-1, keepdims=True), xp.int64), axis=-1) > 1
    weight, counted = _weights(block, measures.weight)
    right = chosen == expected
    squared = losses.squared_error_terms(target, predicted).loss
    own = measures.values["loss"]
    wrong = xp.astype(~right, own.dtype)
    infinite = [pair for pair in measures.infinite if bool(counted[pair[0] - block.first])]
    errors, ties = (int(xp.sum(xp.astype(which & counted, xp.int64))) for which in (~right, tied))
    weighted = (Totals.of(safe_product(weight, value), weight) for value in (wrong, squared, own))
    totals = ModelTotals(next(weighted), next(weighted), next(weighted), errors, ties, tuple(infinite[:NAMED_INFINITE]), len(infinite))
    return ModelBlock(totals, *(np.asarray(part) for part in (own, right, chosen, expected, counted)))


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

    def add(self, part: Input, found: ModelBlock, target: Source) -> None:
        """Folds in the next block."""
        if part.block.first == 0:
            self.rows = [_sample_row(part, found, i, target) for i in range(min(SHOWN, part.block.samples))]
        self.totals = self.totals + found.totals


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
            return paired.PairedTerms(self.infinite.pop() if len(self.infinite) == 1 else None, None, None, None)
        mean = self.total.over(Sum(float(self.n)))
        if not math.isfinite(self.spread):  # differences so large that their squares are beyond float64
            return paired.PairedTerms(mean, None, None, None)
        deviation = math.sqrt(self.spread / (self.n - 1)) if self.n > 1 else 0.0
        differences = None if self.kept is None else np.concatenate(self.kept)
        return paired.paired_terms(self.n, mean, deviation, differences)


@dataclass(frozen=True)
class Comparison:
    """All models and all pairs of them."""

    models: list[Model]
    pairs: list[Pair]
    samples: int
    ignored: int


def evaluate_models(target: Source, predictions: Mapping[str, Source], settings: Settings) -> Comparison:
    """All models' numbers in one pass, in the order given; they must have as many samples and classes."""
    if not predictions:
        raise UsageError("compare needs at least one prediction", hint="cecli compare TARGET MODEL1 MODEL2, or cecli compare --example")
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
        ignored += 0 if step[0].block.kept is None else int(np.sum(~np.asarray(step[0].block.kept)))
    if models[0].totals.loss.weights.value == 0:
        raise inputs.nothing_left()
    for model in models:
        model.metrics = model.totals.metrics(settings)
    return Comparison(models, pairs, samples, ignored)


def _measured(steps: Iterable[list[Input]], settings: Settings) -> Iterator[tuple[list[Input], list[ModelBlock]]]:
    """Every step with what its blocks gave, in order."""

    def work(step: list[Input]) -> tuple[list[Input], list[ModelBlock]]:
        return step, [model_block(part.block, settings) for part in step]

    return run(work, steps, settings.threads)


# --- who wins -----------------------------------------------------------------------------------------------------


def best(models: Sequence[Model]) -> dict[str, list[str]]:
    """For each metric the names of the models that share the best value."""
    found = {}
    for metric in METRICS:
        least = min(model.metrics[metric] for model in models)
        found[metric] = [model.name for model in models if _same(model.metrics[metric], least)]
    return found


def _same(a: float, b: float) -> bool:
    """Whether two values differ by their rounding at most."""
    return a == b or math.isclose(a, b, rel_tol=SAME)


def differences(compared: Comparison, settings: Settings) -> list[dict[str, Any]]:
    """The paired statistics of each pair of models."""
    by_name = {model.name: model for model in compared.models}
    return [_difference(pair, by_name[pair.a], by_name[pair.b], settings) for pair in compared.pairs]


def _difference(pair: Pair, a: Model, b: Model, settings: Settings) -> dict[str, Any]:
    """Mean loss of a minus b with its interval and p-value, and McNemar's test on right and wrong.

    Under sample weights the difference is that of the weighted means; the interval and the p-value know no weights.
    """
    terms = pair.terms()
    if settings.sample_weights is not None:
        difference = a.metrics["cross_entropy"] - b.metrics["cross_entropy"]
        terms = paired.PairedTerms(None if math.isnan(difference) else difference, None, None, None)
    enough = pair.n >= paired.FEWEST
    return {
        "a": pair.a,
        "b": pair.b,
        "difference": terms.difference,
        "ci_low": terms.low,
        "ci_high": terms.high,
        "p_value": terms.p_value,
        "mcnemar": {
            "only_a_right": pair.only_a,
            "only_b_right": pair.only_b,
            "p_value": paired.mcnemar_p_value(pair.only_a, pair.only_b) if enough else None,
        },
    }


# --- the report ---------------------------------------------------------------------------------------------------


def compare(target: Source, predictions: Mapping[str, Source], settings: Settings, metric: str | None = None) -> Report:
    """`compare`: every model's metrics, the best of each, the paired differences, and one sentence."""
    metric = metric_name(metric)
    compared = evaluate_models(target, predictions, settings)
    models = compared.models
    winners = best(models)
    fields: dict[str, Any] = {
        "models": [{"name": model.name, **model.metrics} for model in models],
        "best": winners,
        "differences": differences(compared, settings),
    }
    if settings.ignore_index is not None:
        fields["ignored"] = compared.ignored
    asked = [model.metrics[metric or "cross_entropy"] for model in models]
    information = (metric or "cross_entropy").startswith("cross_entropy")
    return Report(
        "compare",
        asked,
        compared.samples,
        settings.described("logits", "base", "normalize", "sample_weights", "ignore_index", "eps", classes=models[0].plan.classes)
        | {"metric": metric or "cross_entropy"},
        unit=settings.base.unit if information else None,
        fields=fields,
        tables=_tables(compared, winners, settings, metric),
        sentences=[verdict(compared, winners)] if metric is None else [],
        data=Data(
            ("metric", *(model.name for model in models)),
            [(name, *(model.metrics[name] for model in models)) for name in ((metric,) if metric else METRICS)],
        ),
        lines=None if metric else [_line(model) for model in models],
        notes=_notes(models, settings),
    )


def metric_name(name: str | None) -> str | None:
    """The metric that a name stands for, whatever its dashes and capitals."""
    if name is None:
        return None
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in METRICS:
        from difflib import get_close_matches

        close = get_close_matches(plain, METRICS, n=1)
        guess = f"did you mean {close[0]}? " if close else ""
        raise UsageError(f"--metric: {name!r} is no metric", hint=f"{guess}the metrics are {', '.join(METRICS)}")
    return plain


def _line(model: Model) -> tuple[str | float, ...]:
    """The plain line of a model."""
    return (model.name, *(model.metrics[name] for name in ("error_rate", "mse", "cross_entropy")))


def _notes(models: Sequence[Model], settings: Settings) -> list[str]:
    """Ties, infinite losses, and what reading gave rise to, each told once."""
    notes = []
    for model in models:
        notes += model.plan.notes()
        if model.totals.ties:
            n = model.totals.ties
            samples = "1 sample has its largest prediction" if n == 1 else f"{n} samples have their largest prediction"
            notes.append(f"{model.name}: {samples} more than once; the lowest class counts")
        notes += infinite_notes(_infinite(model), settings)
    return list(dict.fromkeys(notes))


def _infinite(model: Model) -> Evaluation:
    """The infinite losses of a model, as the notes want them."""
    found = model.totals.infinite
    return Evaluation("mean", model.plan, infinite=list(found[:NAMED_INFINITE]), infinite_count=model.totals.infinite_count)


def verdict(compared: Comparison, winners: Mapping[str, list[str]]) -> str:
    """Who wins by these numbers, and why the error rate can or cannot tell. Never more than the numbers carry."""
    models = compared.models
    if len(models) == 1:
        return f"{models[0].name} alone: name a second model to compare it with."
    by_loss, by_mse, by_error = winners["cross_entropy"], winners["mse"], winners["error_rate"]
    if len(by_loss) == len(by_mse) == len(models):
        return "No difference: the models share the same cross-entropy and the same MSE."
    return f"{_winner(compared, by_loss, by_mse)} {_about_errors(compared, by_error, by_loss, by_mse)}"


def _winner(compared: Comparison, by_loss: list[str], by_mse: list[str]) -> str:
    """Who is better by cross-entropy and by MSE, on these samples and no others."""
    n = compared.samples - compared.ignored
    on = "on this 1 sample" if n == 1 else f"on these {n} samples"
    if by_loss == by_mse:
        verb = "is" if len(by_loss) == 1 else "are"
        better, low = ("better", "lower") if len(compared.models) == 2 else ("best", "lowest")
        return f"{_and(by_loss)} {verb} {better} {on}: {low} cross-entropy and {low} MSE."
    return f"{_and(by_loss)} by cross-entropy, {_and(by_mse)} by MSE: the two losses disagree {on}."


def _about_errors(compared: Comparison, by_error: list[str], by_loss: list[str], by_mse: list[str]) -> str:
    """What the error rate says beside that."""
    models = compared.models
    errors, n = models[0].metrics["errors"], compared.samples - compared.ignored
    if len(by_error) == len(models):
        both = "both" if len(models) == 2 else "all"
        return (
            f"The error rate cannot tell: {both} get {errors:g} of {n} wrong, and it only counts whether the "
            "largest probability is the right one, not how sure the model was."
        )
    if by_error == by_loss == by_mse:
        return "The error rate agrees."
    return f"The error rate prefers {_and(by_error)}: it counts only whether the largest probability is the right one."


def _and(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- tables -------------------------------------------------------------------------------------------------------


def _tables(
    compared: Comparison, winners: Mapping[str, list[str]], settings: Settings, metric: str | None
) -> list[Table]:
    """The samples of each model and the summary; the summary first where there are many samples."""
    models = compared.models
    if metric:
        return [_metric_table(models, winners, metric, settings)]
    summary = _summary(models, winners, settings)
    samples = [_samples_table(model, compared.samples, settings) for model in models]
    return [*samples, summary] if compared.samples <= SHOWN else [summary, *samples]


def _summary(models: Sequence[Model], winners: Mapping[str, list[str]], settings: Settings) -> Table:
    """A row per metric, a column per model, the better value of each row marked."""
    unit = settings.base.unit
    names = {
        "error_rate": "error rate",
        "mse": "MSE",
        "cross_entropy": f"cross-entropy, mean ({unit})",
        "cross_entropy_sum": f"cross-entropy, sum ({unit})",
        "perplexity": "perplexity",
    }
    rows: list[tuple[Cell, ...]] = [(text, *(model.metrics[metric] for model in models)) for metric, text in names.items()]
    marked = frozenset(
        (i, j + 1)
        for i, metric in enumerate(names)
        for j, model in enumerate(models)
        if model.name in winners[metric] and len(winners[metric]) < len(models)
    )
    columns = [Column("summary", "left"), *(Column(model.name) for model in models)]
    return Table(columns, rows, best=marked)


def _metric_table(models: Sequence[Model], winners: Mapping[str, list[str]], metric: str, settings: Settings) -> Table:
    """One metric, a row per model."""
    unit = f", {settings.base.unit}" if metric.startswith("cross_entropy") else ""
    rows = [(model.name, model.metrics[metric]) for model in models]
    marked = frozenset(
        (i, 1) for i, model in enumerate(models) if model.name in winners[metric] and len(winners[metric]) < len(models)
    )
    return Table([Column("model", "left"), Column(f"{metric.replace('_', ' ')}{unit}")], rows, best=marked)


def _samples_table(model: Model, samples: int, settings: Settings) -> Table:
    """The first samples of a model: prediction, target, right or wrong, and what each cost."""
    columns = [
        Column("sample"),
        Column("logits" if settings.logits else "prediction"),
        Column("target"),
        Column("answer", "left"),
        Column(f"loss, {settings.base.unit}"),
    ]
    return Table(columns, model.rows, title=model.name, more=samples - len(model.rows))


def _sample_row(part: Input, found: ModelBlock, i: int, target: Source) -> tuple[Cell, ...]:
    """One sample of one model."""
    block = part.block
    prediction = _row_cell(part.plan.source, block.prediction, i, int(found.chosen[i]))
    if block.kept is not None and not bool(block.kept[i]):
        return (str(i + 1), prediction, "left out", None, None)
    if block.labels is not None:
        expected: Cell = part.plan.class_name(int(block.labels[i]))
    else:
        expected = _row_cell(target, block.target, i, int(found.expected[i]))
    return (str(i + 1), prediction, expected, Verdict(bool(found.right[i])), float(found.loss[i]))


def _row_cell(source: Source, values: Array, i: int, chosen: int) -> Cell:
    """A row of values, as typed where it was; of many classes the largest alone."""
    width = int(values.shape[-1])
    shown = range(width) if width <= SHOWN_CLASSES else [chosen]
    more = "" if width <= SHOWN_CLASSES else f" (largest of {width})"
    texts = [source.shown(i, k) for k in shown]
    if None in texts:
        return Given(tuple(float(values[i, k]) for k in shown), more)
    return Typed(", ".join(text or "" for text in texts) + more)


# --- the example --------------------------------------------------------------------------------------------------

EXAMPLE_TARGET = "0,0,1; 0,1,0; 1,0,0"
EXAMPLE_MODELS = {
    "model 1": "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7",
    "model 2": "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3",
}
"""The two models that the article compares: the same errors, and yet the second is better."""
