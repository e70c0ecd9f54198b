"""`compare`: models side by side, sample by sample and in sum, and who wins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from cecli import checks
from cecli.analyses import inputs
from cecli.analyses.information import typed_values
from cecli.analyses.inputs import Input
from cecli.analyses.losses import cross_entropy_block, infinite_notes, predict
from cecli.analyses.settings import Settings, Source
from cecli.blocks import Block, cut, run
from cecli.errors import UsageError
from cecli.maths import losses, paired
from cecli.maths.namespace import Array, namespace, one_hot, quiet, safe_product
from cecli.report import Cell, Column, Data, Report, Table, Typed, Verdict
from cecli.totals import Totals

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

    def __add__(self, other: ModelTotals) -> ModelTotals:
        return ModelTotals(
            self.wrong + other.wrong,
            self.squared + other.squared,
            self.loss + other.loss,
            self.errors + other.errors,
            self.ties + other.ties,
            self.infinite + other.infinite,
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
    right: np.ndarray
    chosen: np.ndarray
    expected: np.ndarray


@quiet
def model_block(block: Block, settings: Settings) -> ModelBlock:
    """Error, squared error and cross-entropy of every sample of a block; ties go to the lowest index."""
    xp = namespace(block.prediction)
    predicted = predict(block.prediction, settings)
    classes = int(block.prediction.shape[-1])
    target = one_hot(block.labels, classes, block.prediction) if block.target is None else block.target
    target = xp.astype(target, block.prediction.dtype)
    measures = cross_entropy_block(block, settings, None)
    scores = block.prediction if settings.logits else predicted.probability
    chosen, expected = xp.argmax(scores, axis=-1), xp.argmax(target, axis=-1)
    tied = xp.sum(xp.astype(scores == xp.max(scores, axis=-1, keepdims=True), xp.int64), axis=-1) > 1
    counted = _counted(block, measures.weight)
    right = chosen == expected
    squared = losses.squared_error_terms(target, predicted).loss
    wrong = xp.astype(~right, predicted.probability.dtype)
    weight = xp.where(counted, measures.weight, xp.zeros_like(measures.weight))
    totals = ModelTotals(
        Totals.of(safe_product(weight, wrong), weight),
        Totals.of(safe_product(weight, squared), weight),
        Totals.of(xp.where(counted, measures.values["loss"], xp.zeros_like(weight)), weight),
        int(xp.sum(xp.astype(~right & counted, xp.int64))),
        int(xp.sum(xp.astype(tied & counted, xp.int64))),
        tuple(measures.infinite),
    )
    own = cross_entropy_block(replace(block, weights=None), settings, None).values["loss"] if block.weights is not None else None
    loss = measures.values["loss"] if own is None else own
    return ModelBlock(totals, *(_numpy(part) for part in (loss, right, chosen, expected)))


def _counted(block: Block, weight: Array) -> Array:
    """Which samples count: those that are kept and have a weight above 0."""
    return weight > 0 if block.kept is None else (weight > 0) & block.kept


def _numpy(values: Array) -> np.ndarray:
    """An array of plain numbers, for the statistics."""
    return np.asarray(values)


@dataclass
class Model:
    """A model of the comparison: its input, its totals and each sample's numbers."""

    name: str
    source: Source
    given: Input
    totals: ModelTotals = field(default_factory=ModelTotals)
    loss: np.ndarray = field(default_factory=lambda: np.zeros(0))
    right: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    chosen: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    expected: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    metrics: dict[str, float] = field(default_factory=dict)


def evaluate_model(name: str, target: Source, source: Source, settings: Settings) -> Model:
    """One model's numbers, all blocks folded."""
    given = inputs.with_target(inputs.predictions(source, settings), target, source, settings)
    clipped, used = inputs.clip_prediction(given, settings)
    model = Model(name, source, given)
    parts = list(run(lambda block: model_block(block, used), cut(clipped.block), settings.threads))
    for part in parts:
        model.totals = model.totals + part.totals
    for each in ("loss", "right", "chosen", "expected"):
        setattr(model, each, np.concatenate([getattr(part, each) for part in parts]))
    if model.totals.loss.weights.value == 0:
        raise inputs.nothing_left()
    model.metrics = model.totals.metrics(settings)
    return model


def evaluate_models(target: Source, predictions: Mapping[str, Source], settings: Settings) -> list[Model]:
    """All models' numbers, in the order given; they must have as many samples and classes."""
    if not predictions:
        raise UsageError("compare needs at least one prediction", hint="cecli compare TARGET MODEL1 MODEL2, or cecli compare --example")
    sources = list(predictions.items())
    (_, first), (values, _) = sources[0], sources[0][1].rows()
    for _, source in sources[1:]:
        other, _ = source.rows()
        checks.same_length(int(other.shape[0]), int(values.shape[0]), source, first)
        checks.same_width(int(other.shape[-1]), int(values.shape[-1]), source, first)
    return [evaluate_model(name, target, source, settings) for name, source in sources]


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


def differences(models: Sequence[Model]) -> list[dict[str, Any]]:
    """The paired statistics of each pair of models."""
    return [_difference(a, b) for a, b in combinations(models, 2)]


def _difference(a: Model, b: Model) -> dict[str, Any]:
    """Mean loss of a minus b with its interval and p-value, and McNemar's test on right and wrong."""
    block = a.given.block
    counted = np.ones(len(a.loss), dtype=bool) if block.kept is None else np.asarray(block.kept)
    if block.weights is not None:
        counted = counted & (np.asarray(block.weights) > 0)
    with np.errstate(invalid="ignore"):
        terms = paired.paired_terms((a.loss - b.loss)[counted])
    if block.weights is not None:
        terms = _weighted_terms(a, b)
    only_a = int(np.sum(a.right & ~b.right & counted))
    only_b = int(np.sum(~a.right & b.right & counted))
    enough = int(counted.sum()) >= paired.FEWEST
    return {
        "a": a.name,
        "b": b.name,
        "difference": terms.difference,
        "ci_low": terms.low,
        "ci_high": terms.high,
        "p_value": terms.p_value,
        "mcnemar": {
            "only_a_right": only_a,
            "only_b_right": only_b,
            "p_value": paired.mcnemar_p_value(only_a, only_b) if enough else None,
        },
    }


def _weighted_terms(a: Model, b: Model) -> paired.PairedTerms:
    """Under sample weights the difference of the weighted means; the interval and the p-value know no weights."""
    difference = a.metrics["cross_entropy"] - b.metrics["cross_entropy"]
    return paired.PairedTerms(None if math.isnan(difference) else difference, None, None, None)


# --- the report ---------------------------------------------------------------------------------------------------


def compare(target: Source, predictions: Mapping[str, Source], settings: Settings, metric: str | None = None) -> Report:
    """`compare`: every model's metrics, the best of each, the paired differences, and one sentence."""
    metric = metric_name(metric)
    models = evaluate_models(target, predictions, settings)
    winners = best(models)
    fields: dict[str, Any] = {
        "models": [{"name": model.name, **model.metrics} for model in models],
        "best": winners,
        "differences": differences(models),
    }
    if settings.ignore_index is not None:
        kept = models[0].given.block.kept
        fields["ignored"] = 0 if kept is None else int(np.sum(~np.asarray(kept)))
    asked = [model.metrics[metric or "cross_entropy"] for model in models]
    information = (metric or "cross_entropy").startswith("cross_entropy")
    return Report(
        "compare",
        asked,
        models[0].given.block.samples,
        settings.described("logits", "base", "normalize", "sample_weights", "ignore_index", "eps", "classes")
        | {"metric": metric or "cross_entropy"},
        unit=settings.base.unit if information else None,
        fields=fields,
        tables=_tables(models, target, winners, settings, metric),
        sentences=[verdict(models, winners)] if metric is None else [],
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
        notes += model.given.notes
        if model.totals.ties:
            n = model.totals.ties
            samples = "1 sample has its largest prediction" if n == 1 else f"{n} samples have their largest prediction"
            notes.append(f"{model.name}: {samples} more than once; the lowest class counts")
        notes += infinite_notes(list(model.totals.infinite), model.given, model.source, settings)
    return list(dict.fromkeys(notes))


def verdict(models: Sequence[Model], winners: Mapping[str, list[str]]) -> str:
    """Who wins by these numbers, and why the error rate can or cannot tell. Never more than the numbers carry."""
    if len(models) == 1:
        return f"{models[0].name} alone: name a second model to compare it with."
    by_loss, by_mse, by_error = winners["cross_entropy"], winners["mse"], winners["error_rate"]
    if len(by_loss) == len(by_mse) == len(models):
        return "No difference: the models share the same cross-entropy and the same MSE."
    return f"{_winner(models, by_loss, by_mse)} {_about_errors(models, by_error, by_loss, by_mse)}"


def _winner(models: Sequence[Model], by_loss: list[str], by_mse: list[str]) -> str:
    """Who is better by cross-entropy and by MSE, on these samples and no others."""
    n = models[0].given.block.samples
    on = "on this 1 sample" if n == 1 else f"on these {n} samples"
    if by_loss == by_mse:
        verb = "is" if len(by_loss) == 1 else "are"
        better, low = ("better", "lower") if len(models) == 2 else ("best", "lowest")
        return f"{_and(by_loss)} {verb} {better} {on}: {low} cross-entropy and {low} MSE."
    return f"{_and(by_loss)} by cross-entropy, {_and(by_mse)} by MSE: the two losses disagree {on}."


def _about_errors(models: Sequence[Model], by_error: list[str], by_loss: list[str], by_mse: list[str]) -> str:
    """What the error rate says beside that."""
    errors = models[0].metrics["errors"]
    n = int(models[0].totals.wrong.weights.value) if models[0].given.block.weights is None else models[0].given.block.samples
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
    models: Sequence[Model], target: Source, winners: Mapping[str, list[str]], settings: Settings, metric: str | None
) -> list[Table]:
    """The samples of each model and the summary; the summary first where there are many samples."""
    if metric:
        return [_metric_table(models, winners, metric, settings)]
    summary = _summary(models, winners, settings)
    samples = [_samples_table(model, target, settings) for model in models]
    return [*samples, summary] if models[0].given.block.samples <= SHOWN else [summary, *samples]


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


def _samples_table(model: Model, target: Source, settings: Settings) -> Table:
    """The first samples of a model: prediction, target, right or wrong, and what each cost."""
    total = model.given.block.samples
    shown = min(total, SHOWN)
    unit = settings.base.unit
    columns = [
        Column("sample"),
        Column("logits" if settings.logits else "prediction"),
        Column("target"),
        Column("answer", "left"),
        Column(f"loss, {unit}"),
    ]
    rows = [_sample_row(model, i, target) for i in range(shown)]
    return Table(columns, rows, title=model.name, more=total - shown)


def _sample_row(model: Model, i: int, target: Source) -> tuple[Cell, ...]:
    """One sample of one model."""
    given = model.given
    kept = given.block.kept
    left_out = kept is not None and not bool(kept[i])
    expected = _target_cell(model, i, target)
    if left_out:
        return (str(i + 1), _row_cell(model.source, i, given.width, int(model.chosen[i])), "left out", None, None)
    return (
        str(i + 1),
        _row_cell(model.source, i, given.width, int(model.chosen[i])),
        expected,
        Verdict(bool(model.right[i])),
        float(model.loss[i]),
    )


def _row_cell(source: Source, row: int, width: int, chosen: int) -> Cell:
    """A row of predictions as typed; of many classes the largest alone."""
    if width <= SHOWN_CLASSES:
        return Typed(", ".join(cell.text for cell in typed_values(source, row, width)))
    return Typed(f"{typed_values(source, row, width)[chosen].text} (largest of {width})")


def _target_cell(model: Model, i: int, target: Source) -> Cell:
    """A sample's target: its class, or the distribution as typed."""
    block, width = model.given.block, model.given.width
    if block.labels is not None:
        return model.given.class_name(int(block.labels[i]))
    return _row_cell(target, i, width, int(model.expected[i]))


# --- the example --------------------------------------------------------------------------------------------------

EXAMPLE_TARGET = "0,0,1; 0,1,0; 1,0,0"
EXAMPLE_MODELS = {
    "model 1": "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7",
    "model 2": "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3",
}
"""The two models that the article compares: the same errors, and yet the second is better."""
