"""The tables of a comparison's own: the metrics of the models, and their first samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cecli.comparing.first_samples import SHOWN
from cecli.comparing.metric_names import shown
from cecli.comparing.metrics import Metric, metric_of
from cecli.comparing.models import Comparison, Model, is_same
from cecli.comparing.pair_report import pair_tables
from cecli.comparing.request import MetricRequest
from cecli.report import Column, Table
from cecli.running.options import Options


def summary_tables(compared: Comparison, request: MetricRequest, options: Options) -> list[Table]:
    """The summary, the pairs and the samples of each model; the samples first where there are few."""
    if request.only:
        return [_metric_table(compared, metric_of(request.only), options)]
    tables = [_summary(compared, request, options), *pair_tables(compared.paired, options.base.unit)]
    samples = [_samples_table(model, compared.samples, options) for model in compared.models if not request.scores]
    return [*samples, *tables] if compared.samples <= SHOWN else [*tables, *samples]


def _summary(compared: Comparison, request: MetricRequest, options: Options) -> Table:
    """A row per metric, a column per model, the better value of each row marked."""
    models = compared.models
    metrics = [metric for name in shown(request) if _is_shown(metric := metric_of(name), models)]
    rows = [
        (metric.heading(request.bin_count, options.base), *(model.metrics[metric.name] for model in models))
        for metric in metrics
    ]
    columns = [Column("summary", "left"), *(Column(model.name) for model in models)]
    return Table(columns, rows, best=_marked(compared, metrics, lambda i, j: (i, j + 1)))


def _is_shown(metric: Metric, models: Sequence[Model]) -> bool:
    """Whether the summary has a row for a metric."""
    if not metric.title or not metric.unlike:
        return bool(metric.title)
    return any(not is_same(model.metrics[metric.name], model.metrics[metric.unlike]) for model in models)


def _metric_table(compared: Comparison, metric: Metric, options: Options) -> Table:
    """One metric, a row per model."""
    unit = metric.unit_name(options.base)
    rows = [(model.name, model.metrics[metric.name]) for model in compared.models]
    heading = metric.name.replace("_", " ") + (f", {unit}" if unit else "")
    best = _marked(compared, [metric], lambda _, j: (j, 1))
    return Table([Column("model", "left"), Column(heading)], rows, best=best)


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
