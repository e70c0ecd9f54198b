"""The tables of a comparison's own: the models best first, or of few samples these one by one and a summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cecli.comparing.metric_names import shown
from cecli.comparing.metrics import Metric, metric_of
from cecli.comparing.models import Comparison, Model, is_same
from cecli.comparing.pair_report import pair_tables
from cecli.comparing.ranking import Ranking, Standing, ranking
from cecli.comparing.request import FEW_SAMPLES, MetricRequest
from cecli.comparing.verdict import COMPARED, primary_metric
from cecli.report import Cell, Change, Column, Interval, Table, unless_overflowed
from cecli.running.options import Options

if TYPE_CHECKING:
    from cecli.comparing.results import ComparisonResult

FEW_MODELS = 4
"""Up to so many models stand side by side in the summary of few samples."""

BEST, BY_CHANCE, UNTESTED = "★", "~", "?"


def summary_tables(
    compared: Comparison, result: ComparisonResult, request: MetricRequest, options: Options
) -> list[Table]:
    """The models, then the pairs and the samples that are asked for; few samples come first."""
    if request.only:
        return [_metric_table(compared, result, request, options)]
    is_few = compared.samples <= FEW_SAMPLES
    if is_summarised(compared, request):
        tables = [_summary(compared, request, options)]
    else:
        tables = [ranked(compared, result, request, options)]
    asked = request.pairs or compared.paired.options.bootstrap is not None
    tables += pair_tables(compared.paired, options.base.unit) if asked else []
    count = compared.samples if is_few and request.samples is None else request.samples or 0
    samples = [_samples_table(each, compared.samples, count, options) for each in compared.models if each.rows[:count]]
    return [*samples, *tables] if is_few else [*tables, *samples]


def is_summarised(compared: Comparison, request: MetricRequest) -> bool:
    """Whether a few models on a few samples stand side by side, and not one below the other."""
    return compared.samples <= FEW_SAMPLES and len(compared.models) <= FEW_MODELS and request.sort is None


# --- the summary of few samples -----------------------------------------------------------------------------------


def _summary(compared: Comparison, request: MetricRequest, options: Options) -> Table:
    """A row per metric, a column per model, the better value of each row marked."""
    models = compared.models
    metrics = [metric for name in shown(request) if _is_shown(metric := metric_of(name), models)]
    rows = [
        (metric.heading(request.bin_count, options.base), *(_value(model, metric) for model in models))
        for metric in metrics
    ]
    columns = [Column("summary", "left"), *(Column(model.name) for model in models)]
    return Table(columns, rows, best=_marked(compared, metrics, lambda i, j: (i, j + 1)), signs=False)


def _value(model: Model, metric: Metric) -> Cell:
    """A metric of a model; of one that overflowed, though no loss is infinite, that it did."""
    return unless_overflowed(model.metrics[metric.name], model.totals.infinite_count)


def _is_shown(metric: Metric, models: Sequence[Model]) -> bool:
    """Whether the summary has a row for a metric."""
    if not metric.title or not metric.unlike:
        return bool(metric.title)
    return any(not is_same(model.metrics[metric.name], model.metrics[metric.unlike]) for model in models)


def _metric_table(compared: Comparison, result: ComparisonResult, request: MetricRequest, options: Options) -> Table:
    """One metric, a row per model, in the order given or in that of `--sort`."""
    metric, models = metric_of(request.only or ""), {model.name: model for model in compared.models}
    names = [*models] if request.sort is None else [each.name for each in ranking(result, request.sort, 0).standings]
    rows = [(name, _value(models[name], metric)) for name in names]
    best = {
        (names.index(compared.models[j].name), column) for j, column in _marked(compared, [metric], lambda _, j: (j, 1))
    }
    columns = [Column("model", "left"), _value_columns(metric, options)[0]]
    return Table(columns, rows, best=frozenset(best), signs=len(rows) == 1)


def _marked(
    compared: Comparison, metrics: Sequence[Metric], place: Callable[[int, int], tuple[int, int]]
) -> frozenset[tuple[int, int]]:
    """The places of the best values, of each metric whose best not all models share; `place` is that of a metric and a model."""
    models = compared.models
    winners = [compared.winners.get(metric.name, []) for metric in metrics]
    return frozenset(
        place(i, j)
        for i, names in enumerate(winners)
        for j, model in enumerate(models)
        if model.name in names and len(names) < len(models)
    )


# --- the models best first ----------------------------------------------------------------------------------------


def ranked(compared: Comparison, result: ComparisonResult, request: MetricRequest, options: Options) -> Table:
    """A row for each model, best first: its metrics with their intervals, and its difference to the best model or to the baseline."""
    test = compared.paired.options
    level, baseline = 1 - test.confidence, test.baseline
    first = ranking(result, primary_metric(result, request), level, baseline)
    others = [
        ranking(result, name, level, baseline)
        for name in dict.fromkeys((*COMPARED, *request.metrics))
        if name != first.metric.name and _is_known(metric_of(name), compared.models)
    ]
    several = len(compared.models) > 1
    columns = [Column("model", "left"), *_value_columns(first.metric, options)]
    columns += _difference_columns(baseline) if several else []
    for each in others:
        columns += [*_value_columns(each.metric, options), Column("", "left", tight=True)]
    rows = []
    for standing in first.standings:
        row: list[Cell] = [standing.name, standing.value, Interval(*standing.interval)]
        row += _difference(first, standing) if several else []
        for each in others:
            own = each.of(standing.name)
            row += [own.value, Interval(*own.interval), mark_of(each, own) if several else ""]
        rows.append(tuple(row))
    columns, rows = _without_empty(columns, rows)
    return Table(columns, rows, signs=False, note=_legend(compared, first, rows))


def _is_known(metric: Metric, models: Sequence[Model]) -> bool:
    """Whether there is anything to show of a metric."""
    return _is_shown(metric, models) and any(model.metrics.get(metric.name) is not None for model in models)


def _value_columns(metric: Metric, options: Options) -> list[Column]:
    unit = metric.unit_name(options.base)
    return [Column(metric.noun + (f", {unit}" if unit else "")), Column("interval", tight=True)]


def _difference_columns(baseline: str | None) -> list[Column]:
    heading = "difference to the best" if baseline is None else f"difference to {baseline}"
    return [Column(heading), Column("its interval", tight=True), Column("", "left", tight=True)]


def _difference(ranks: Ranking, standing: Standing) -> list[Cell]:
    """The difference to the reference, its interval and a mark; of the reference itself the mark alone."""
    if standing.name == ranks.reference:
        return ["", "", mark_of(ranks, standing)]
    return [Change(standing.difference), Interval(*standing.bounds), mark_of(ranks, standing)]


def mark_of(ranks: Ranking, standing: Standing) -> str:
    """★ for the best, ~ where chance could explain the difference to the reference, ? where there is no test."""
    if standing.name in ranks.best:
        return BEST
    if standing.name == ranks.reference or not ranks.metric.better or standing.value is None:
        return ""
    return {"same": BY_CHANCE, "alike": BY_CHANCE, "untested": UNTESTED, "apart": ""}[standing.state]


def _without_empty(
    columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]
) -> tuple[list[Column], list[tuple[Cell, ...]]]:
    """The table without tight columns that say nothing."""
    nothing = (Interval(None, None), "", None)
    kept = [j for j, column in enumerate(columns) if not column.tight or any(row[j] not in nothing for row in rows)]
    return [columns[j] for j in kept], [tuple(row[j] for j in kept) for row in rows]


def _legend(compared: Comparison, ranks: Ranking, rows: Sequence[Sequence[Cell]]) -> str:
    """What the rows and the marks stand for."""
    test = compared.paired.options
    tests = sum(p is not None for pair in compared.paired.statistics for p in pair.p_values)
    adjusted = f" (p adjusted for {tests} tests)" if tests > 1 else ""
    parts = meanings(rows, test.baseline, adjusted)
    samples = f"{compared.counted} sample{'' if compared.counted == 1 else 's'}, best {ranks.metric.noun} first"
    return "; ".join([samples, f"{test.confidence * 100:g} % intervals", *parts])


def meanings(rows: Sequence[Sequence[Cell]], baseline: str | None, adjusted: str) -> list[str]:
    """What the marks in the rows of a table stand for; `adjusted` says for how many tests p is."""
    known = {
        BEST: f"{BEST} best",
        BY_CHANCE: f"{BY_CHANCE} chance could explain the difference to {baseline or 'the best'}{adjusted}",
        UNTESTED: f"{UNTESTED} not tested",
    }
    return [text for mark, text in known.items() if any(mark in row for row in rows)]


# --- samples ------------------------------------------------------------------------------------------------------


def _samples_table(model: Model, samples: int, count: int, options: Options) -> Table:
    """The first samples of a model: prediction, target, right or wrong, and what each cost."""
    rows = model.rows[:count]
    columns = [
        Column("sample"),
        Column("logits" if options.logits else "prediction"),
        Column("predicted"),
        Column("target"),
        Column("answer", "left"),
        Column(f"loss, {options.base.unit}"),
    ]
    kept = [j for j in range(len(columns)) if j != PREDICTED or any(row.by_name for row in rows)]
    cells = [(row.number, row.prediction, row.predicted, row.target, row.right, row.loss) for row in rows]
    return Table(
        [columns[j] for j in kept],
        [tuple(row[j] for j in kept) for row in cells],
        title=model.name,
        more=samples - len(rows),
        shown_by=f"--samples {samples} shows all",
        signs=False,
    )


PREDICTED = 2
"""The place of the predicted class."""
