"""`compare`: models side by side, sample by sample and in sum, and who wins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import Any

from cecli.analyses.evaluation import Evaluation, infinite_notes
from cecli.analyses.explaining import explained
from cecli.analyses.models import SHOWN, Comparison, Model, Pair, evaluate_models
from cecli.analyses.pictures import figure, figure_data, figure_tables
from cecli.analyses.settings import Settings
from cecli.errors import UsageError
from cecli.maths import paired
from cecli.reading.sources import Source
from cecli.report import Cell, Column, Data, Figure, Report, Table

METRICS = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")
"""The metrics of a model, as JSON calls them; for each of them less is better."""

SAME = 1e-12
"""Values within this relative distance share the best place: they differ by their rounding."""

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


def compare(
    target: Source,
    predictions: Mapping[str, Source],
    settings: Settings,
    metric: str | None = None,
    drawn_in_text: bool = False,
) -> Report:
    """`compare`: every model's metrics, the best of each, the paired differences, and one sentence."""
    metric = metric_name(metric)
    compared = evaluate_models(target, predictions, settings)
    models = compared.models
    winners = best(models)
    fields: dict[str, Any] = {
        "models": [{"name": model.name, **model.metrics} for model in models],
        "best": winners,
        "differences": partial(differences, compared, settings),
    }
    if settings.ignore_index is not None:
        fields["ignored"] = compared.ignored
    asked = [model.metrics[metric or "cross_entropy"] for model in models]
    information = (metric or "cross_entropy").startswith("cross_entropy")
    report = Report(
        "compare",
        asked,
        compared.samples,
        settings.described(
            "logits", "base", "normalize", "sample_weights", "ignore_index", "eps", classes=models[0].plan.classes
        )
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
    if settings.pictured:
        report = _pictured(report, figure(models, settings, drawn_in_text))
    return explained(report, settings, compared, metric)


def _pictured(report: Report, drawn: Figure) -> Report:
    """The report with a picture, its numbers, and its tables where it is drawn in text."""
    tables = [*report.tables, *(figure_tables(drawn) if drawn.in_text else [])]
    return replace(report, figure=drawn, tables=tables, fields={**report.fields, "picture": figure_data(drawn)})


def metric_name(name: str | None) -> str | None:
    """The metric that a name stands for, whatever its dashes and capitals."""
    if name is None:
        return None
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in METRICS:
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
    return Evaluation("mean", model.plan, infinite=list(found), infinite_count=model.totals.infinite_count)


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
    rows: list[tuple[Cell, ...]] = [
        (text, *(model.metrics[metric] for model in models)) for metric, text in names.items()
    ]
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


# --- the example --------------------------------------------------------------------------------------------------

EXAMPLE_TARGET = "0,0,1; 0,1,0; 1,0,0"
EXAMPLE_MODELS = {
    "model 1": "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7",
    "model 2": "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3",
}
"""The two models that the article compares: the same errors, and yet the second is better."""
