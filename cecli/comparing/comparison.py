"""`compare`: models side by side, sample by sample and in sum, and who wins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from cecli.comparing import details, differences, metrics
from cecli.comparing.metrics import EDGES, Asked, Facts, metric_of, plain_name
from cecli.comparing.metrics import SUMMARY as METRICS
from cecli.comparing.models import SHOWN, Comparison, Model, evaluate_models
from cecli.comparing.pairs import Design
from cecli.comparing.pictures import Pictured, figure, figure_data, figure_tables
from cecli.comparing.tallies import Wanted
from cecli.quantities.summary import Answer, LossSummary, infinite_notes
from cecli.reading.sources import Source
from cecli.reading.two_classes import in_two_classes
from cecli.record import Record
from cecli.report import Cell, Column, Data, Figure, Report, Table
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.statistics.paired import FEWEST

SAME = 1e-12
"""Values within this relative distance share the best place: they differ by their rounding."""

NOTHING_MORE = Asked()


class Picture(Record):
    """That a picture is asked for, and whether the terminal draws it."""

    in_text: bool = False


# --- who wins -----------------------------------------------------------------------------------------------------


def best(models: Sequence[Model]) -> dict[str, list[str]]:
    """For each metric the names of the models that share the best value."""
    found = {}
    for metric in models[0].metrics:
        better = "less" if metric in METRICS else metric_of(metric).better
        known = [value for model in models if (value := model.metrics[metric]) is not None]
        if better and known:
            best_value = min(known) if better == "less" else max(known)
            found[metric] = [model.name for model in models if _same(model.metrics[metric], best_value)]
    return found


def _same(a: float | None, b: float) -> bool:
    """Whether two values differ by their rounding at most."""
    return a is not None and (a == b or math.isclose(a, b, rel_tol=SAME))


# --- the report ---------------------------------------------------------------------------------------------------


def compare(
    target: Source,
    predictions: Mapping[str, Source],
    options: Options,
    execution: Execution,
    metric: str | None = None,
    design: Design | None = None,
    asked: Asked = NOTHING_MORE,
    picture: Picture | None = None,
) -> Answer:
    """`compare`: every model's metrics, the best of each, the paired differences, and one sentence."""
    metric, design = None if metric is None else plain_name(metric, "--metric"), design or Design()
    predictions = {
        name: in_two_classes(target, source, options.logits, options.ignore_index, options.classes)
        for name, source in predictions.items()
    }
    width = next((source.width for source in predictions.values()), 0)
    wanted = metrics.wanted(asked, metric, width, soft=target.dimensions == 2 and target.width > 1)
    compared = evaluate_models(target, predictions, options, execution, design, wanted, picture is not None)
    facts = [
        Facts(model.metrics, model.totals.wrong, model.tally, options, model.classes, wanted)
        for model in compared.models
    ]
    for model, found in zip(compared.models, facts, strict=True):
        model.metrics = model.metrics | metrics.values_of(found)
    report = _report(compared, options, execution, metric, facts[0], design)
    if picture is not None:
        pictured = [Pictured(model.name, model.picture, model.metrics["cross_entropy"]) for model in compared.models]
        report = _pictured(report, figure(pictured, options, picture.in_text))
    return Answer(report, compared.replace(metric=metric))


def _report(
    compared: Comparison, options: Options, execution: Execution, metric: str | None, facts: Facts, design: Design
) -> Report:
    """The report of all models; `facts` are those of the first."""
    models, wanted = compared.models, facts.wanted
    winners = best(models)
    fields = _fields(compared, winners, options, wanted)
    chosen = metric or "cross_entropy"
    data = (metric,) if metric else (*METRICS, *wanted.metrics)
    return Report(
        "compare",
        [model.metrics[chosen] for model in models],
        compared.samples,
        _described(options, execution, models[0], wanted) | {"metric": chosen} | design.described(),
        unit=_unit(chosen, options),
        fields=fields,
        tables=[*_tables(compared, winners, metric, facts), *details.tables(compared, fields, options, wanted)],
        sentences=[verdict(compared, winners)] if metric is None else [],
        data=Data(
            ("metric", *(model.name for model in models)),
            [(name, *(model.metrics[name] for model in models)) for name in data],
        ),
        lines=None if metric else [_line(model, wanted) for model in models],
        notes=[
            *_notes(models, options),
            *differences.notes(compared.pairs),
            *metrics.notes(facts),
            *details.notes(compared),
        ],
    )


def _pictured(report: Report, drawn: Figure) -> Report:
    """The report with a picture, its numbers, and its tables where it is drawn in text."""
    tables = [*report.tables, *(figure_tables(drawn) if drawn.in_text else [])]
    return report.replace(figure=drawn, tables=tables, fields={**report.fields, "picture": figure_data(drawn)})


def _fields(compared: Comparison, winners: Mapping[str, list[str]], options: Options, wanted: Wanted) -> dict[str, Any]:
    """The members of the JSON object that are `compare`'s own."""
    fields: dict[str, Any] = {
        "models": [
            {"name": model.name, **model.metrics, **details.of_model(model, wanted)} for model in compared.models
        ],
        "best": winners,
        "differences": partial(differences.members, compared.pairs),
        **details.of_all(compared, wanted),
    }
    if options.ignore_index is not None:
        fields["ignored"] = compared.ignored
    return fields


def _described(options: Options, execution: Execution, model: Model, wanted: Wanted) -> dict[str, Any]:
    """The settings that shaped the numbers; the number of bins where there are bins."""
    bins = {"bins": wanted.bins} if wanted.needs & {"bins", "reliability"} else {}
    return options.described(*settings_of("compare"), classes=model.stream.classes, device=execution.device) | bins


def _unit(metric: str, options: Options) -> str | None:
    """The unit of a metric, where it has one."""
    if metric in METRICS:
        return options.base.unit if metric.startswith("cross_entropy") else None
    unit = metric_of(metric).unit
    return options.base.unit if unit == "base" else unit or None


def _line(model: Model, wanted: Wanted) -> tuple[str | float, ...]:
    """The plain line of a model, with what more was asked for at its end."""
    return (model.name, *(model.metrics[name] for name in ("error_rate", "mse", "cross_entropy", *wanted.metrics)))


def _notes(models: Sequence[Model], options: Options) -> list[str]:
    """Ties, infinite losses, and what reading gave rise to, each told once."""
    notes = []
    for model in models:
        notes += model.stream.notes(model.looks_probable)
        if model.totals.ties:
            n = model.totals.ties
            samples = "1 sample has its largest prediction" if n == 1 else f"{n} samples have their largest prediction"
            notes.append(f"{model.name}: {samples} more than once; the lowest class counts")
        notes += infinite_notes(_infinite(model), options)
    return list(dict.fromkeys(notes))


def _infinite(model: Model) -> LossSummary:
    """The infinite losses of a model, as the notes want them."""
    found = model.totals.infinite
    return LossSummary("mean", model.stream, infinite=list(found), infinite_count=model.totals.infinite_count)


def verdict(compared: Comparison, winners: Mapping[str, list[str]]) -> str:
    """Who wins by these numbers, and why the error rate can or cannot tell. Never more than the numbers carry."""
    models = compared.models
    if len(models) == 1:
        return f"{models[0].name} alone: name a second model to compare it with."
    by_loss, by_mse, by_error = winners["cross_entropy"], winners["mse"], winners["error_rate"]
    if len(by_loss) == len(by_mse) == len(models):
        return "No difference: the models share the same cross-entropy and the same MSE."
    told = [_winner(compared, by_loss, by_mse), _about_errors(compared, by_error, by_loss, by_mse)]
    return " ".join([*told, differences.conclusion(compared.pairs)])


def _winner(compared: Comparison, by_loss: list[str], by_mse: list[str]) -> str:
    """Who is better by cross-entropy and by MSE, on these samples and no others."""
    n = compared.samples - compared.ignored
    if compared.pairs.units >= FEWEST:
        return _lower(n, by_loss, by_mse, len(compared.models))
    on = "on this 1 sample" if n == 1 else f"on these {n} samples"
    if by_loss == by_mse:
        verb = "is" if len(by_loss) == 1 else "are"
        better, low = ("better", "lower") if len(compared.models) == 2 else ("best", "lowest")
        return f"{_and(by_loss)} {verb} {better} {on}: {low} cross-entropy and {low} MSE."
    return f"{_and(by_loss)} by cross-entropy, {_and(by_mse)} by MSE: the two losses disagree {on}."


def _lower(n: int, by_loss: list[str], by_mse: list[str], models: int) -> str:
    """Who has the lower losses, where the statistics say what that means."""
    if by_loss == by_mse:
        have = "has" if len(by_loss) == 1 else "have"
        return f"On these {n} samples {_and(by_loss)} {have} the {'lower' if models == 2 else 'lowest'} cross-entropy and MSE."
    return f"On these {n} samples the losses disagree: {_and(by_loss)} by cross-entropy, {_and(by_mse)} by MSE."


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


def _tables(compared: Comparison, winners: Mapping[str, list[str]], metric: str | None, facts: Facts) -> list[Table]:
    """The samples of each model and the summary; the summary first where there are many samples."""
    models, options = compared.models, facts.options
    if metric:
        return [_metric_table(models, winners, metric, options)]
    summary = _summary(models, winners, facts)
    samples = [_samples_table(model, compared.samples, options) for model in models]
    pairs = differences.tables(compared.pairs, options.base.unit)
    return [*samples, summary, *pairs] if compared.samples <= SHOWN else [summary, *pairs, *samples]


def _summary(models: Sequence[Model], winners: Mapping[str, list[str]], facts: Facts) -> Table:
    """A row per metric, a column per model, the better value of each row marked."""
    unit = facts.options.base.unit
    names = {
        "error_rate": "error rate",
        "mse": "MSE",
        "cross_entropy": f"cross-entropy, mean ({unit})",
        "cross_entropy_sum": f"cross-entropy, sum ({unit})",
        "perplexity": "perplexity",
        **{
            name: text
            for name, text in metrics.titles(facts).items()
            if name not in EDGES or _edges_differ(models, name)
        },
    }
    rows: list[tuple[Cell, ...]] = [
        (text, *(model.metrics[metric] for model in models)) for metric, text in names.items()
    ]
    marked = frozenset(
        (i, j + 1)
        for i, metric in enumerate(names)
        for j, model in enumerate(models)
        if model.name in (winning := winners.get(metric, [])) and len(winning) < len(models)
    )
    columns = [Column("summary", "left"), *(Column(model.name) for model in models)]
    return Table(columns, rows, best=marked)


def _edges_differ(models: Sequence[Model], name: str) -> bool:
    """Whether the other reading of the bins' edges gives another number for any model."""
    usual = name.removesuffix("_left_closed")
    return any(not _same(model.metrics[name], model.metrics[usual]) for model in models)


def _metric_table(models: Sequence[Model], winners: Mapping[str, list[str]], metric: str, options: Options) -> Table:
    """One metric, a row per model."""
    unit = _unit(metric, options)
    rows = [(model.name, model.metrics[metric]) for model in models]
    winning = winners.get(metric, [])
    marked = frozenset((i, 1) for i, model in enumerate(models) if model.name in winning and len(winning) < len(models))
    heading = metric.replace("_", " ") + (f", {unit}" if unit else "")
    return Table([Column("model", "left"), Column(heading)], rows, best=marked)


def _samples_table(model: Model, samples: int, options: Options) -> Table:
    """The first samples of a model: prediction, target, right or wrong, and what each cost."""
    columns = [
        Column("sample"),
        Column("logits" if options.logits else "prediction"),
        Column("target"),
        Column("answer", "left"),
        Column(f"loss, {options.base.unit}"),
    ]
    return Table(columns, model.rows, title=model.name, more=samples - len(model.rows))


# --- the example --------------------------------------------------------------------------------------------------

EXAMPLE_TARGET = "0,0,1; 0,1,0; 1,0,0"
EXAMPLE_MODELS = {
    "model 1": "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7",
    "model 2": "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3",
}
"""The two models that the article compares: the same errors, and yet the second is better."""
