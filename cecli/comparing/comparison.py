"""`compare`: models side by side, sample by sample and in sum, and who wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from cecli.comparing import details, metrics
from cecli.comparing.intervals import intervals
from cecli.comparing.metric_names import metric_name, of_scores, require_confusable, resolved, shown
from cecli.comparing.metrics import ON_LINE, metric_of
from cecli.comparing.models import Comparison, Model, evaluate_models
from cecli.comparing.pair_report import pair_notes, pair_results
from cecli.comparing.paired_options import ALL_PAIRS, PairedTestOptions
from cecli.comparing.ranking import ranking
from cecli.comparing.request import NOTHING_MORE, MetricRequest
from cecli.comparing.verdict import primary_metric, verdict
from cecli.quantities.clip_notes import clip_notes
from cecli.quantities.summary import Answer, LossSummary, infinite_notes
from cecli.reading.checks import MOST_CLASSES
from cecli.reading.columns import split_columns
from cecli.reading.meanings import meant
from cecli.reading.one_each import Scores
from cecli.reading.sources import Source, TypedSource
from cecli.report import Data, Later, Report, Table
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.statistics.paired import FEWEST

if TYPE_CHECKING:
    from cecli.comparing.flat_data import Row
    from cecli.comparing.results import ComparisonResult, ModelResult, SliceResult


def compare(
    target: Source | None,
    predictions: Mapping[str, Source],
    options: Options,
    execution: Execution,
    paired: PairedTestOptions = ALL_PAIRS,
    request: MetricRequest = NOTHING_MORE,
    labels: bool = True,
) -> Answer:
    """Every model's metrics, the best of each, the paired differences, and one sentence.

    Without a target the sources are scores; `labels` is whether predictions may be labels.
    """
    if request.only is not None:
        request = request.replace(only=metric_name(request.only, "--metric"))
    if target is None:
        predictions = {name: Scores(source) for name, source in predictions.items()}
        request = of_scores(request)
    else:
        predictions = meant(target, predictions, options.classes, options.logits, options.normalize, labels)
        soft = target.dimensions == 2 and target.width > 1
        only_labels = all(source.are_labels for source in predictions.values())
        request = resolved(request, _classes(predictions), soft, only_labels)
    compared = evaluate_models(target, predictions, options, execution, paired, request)
    require_confusable(request, compared.models[0].classes)
    report = _report(compared, request, options, execution)
    return Answer(_pictured(report, compared, request, options) if request.picture else report, compared)


def _classes(predictions: Mapping[str, Source]) -> int | None:
    """How many classes there are; None where predicted labels are all there is."""
    sources = [*predictions.values()]
    return next((s.width for s in sources if not (s.are_labels and s.width == MOST_CLASSES)), None if sources else 0)


def _report(compared: Comparison, request: MetricRequest, options: Options, execution: Execution) -> Report:
    """The report; tables and sentences are made where a format shows them."""
    models, only = compared.models, request.only
    chosen = metric_of(only or ("score" if request.scores else "cross_entropy"))
    result = _result(compared, request, options)
    settings = options.described(*settings_of("compare"), classes=models[0].stream.classes, device=execution.device)
    return Report(
        "compare",
        [model.metrics[chosen.name] for model in models],
        compared.samples,
        settings | _asked(request) | {"metric": chosen.name} | compared.paired.options.described(),
        unit=chosen.unit_name(options.base),
        fields=cast("Mapping[str, Any]", result),
        tables=Later(lambda: _tables(compared, result, request, options)),
        sentences=() if only else (result["verdict"],),
        data=_data(compared, result, request),
        records=cast("Sequence[Mapping[str, Any]]", result["models"]),
        lines=None if only else _lines(models, result, request),
        notes=[
            *dict.fromkeys(note for model in models for note in _model_notes(model, options, compared.skipped)),
            *_label_notes(models, request),
            *pair_notes(compared, metric_of(primary_metric(result, request)).mean),
            *metrics.notes(models, request.computed),
            *details.notes(compared),
            *_slice_notes(compared),
        ],
    )


def _result(compared: Comparison, request: MetricRequest, options: Options) -> ComparisonResult:
    """The members of the JSON object that are `compare`'s own."""
    result: ComparisonResult = {
        "models": [_model_result(compared, model, request) for model in compared.models],
        "best": compared.winners,
        "differences": pair_results(compared),
        "verdict": "",
    }
    details.add_shared(result, compared, request)
    if options.ignore_index is not None:
        result["ignored"] = compared.ignored
    if options.skip_missing:
        result["skipped"] = compared.skipped
    result["verdict"] = verdict(compared, result, request, options.base)
    if request.by is not None:
        _add_slices(result, compared, request, options)
    return result


def _add_slices(result: ComparisonResult, compared: Comparison, request: MetricRequest, options: Options) -> None:
    """Adds what each slice comes to, and to each model the gap between its slices."""
    from cecli.comparing.slice_gaps import slice_gap

    found = {value: (each, _result(each, request.of_slices(), options)) for value, each in compared.slices.items()}
    result["slices"] = {
        value: {
            "samples": each.samples,
            "models": own["models"],
            "best": own["best"],
            "differences": own["differences"],
            "verdict": own["verdict"],
        }
        for value, (each, own) in found.items()
    }
    metric = primary_metric(result, request)
    for model in result["models"]:
        model["slice_gap"] = slice_gap(compared.slices, model["name"], metric)


def _slice_notes(compared: Comparison) -> Iterator[str]:
    """Which slices the gaps leave out."""
    if not compared.slices:
        return
    from cecli.comparing.slice_gaps import left_out

    if names := left_out(compared.slices):
        yield f"slice_gap leaves out slices of fewer than {FEWEST} samples: {', '.join(names[:12])}"


def _model_result(compared: Comparison, model: Model, request: MetricRequest) -> ModelResult:
    own = {name: None if each is None else [*each] for name, each in intervals(compared.paired, model).items()}
    result = {
        "name": model.name,
        **model.metrics,
        "intervals": own,
        **details.of_model(model, request, compared.paired),
    }
    return cast("ModelResult", result)


def _asked(request: MetricRequest) -> dict[str, Any]:
    """The settings that are there where something is asked for."""
    found = {
        "bins": request.bin_count if request.needs & {"bins", "reliability"} else None,
        "scores": request.scores or None,
        "by": None if request.by is None else request.by.described(),
        "metrics": [*request.metrics] if request.metrics and not (request.only or request.scores) else None,
        "sort": request.sort,
    }
    return {name: value for name, value in found.items() if value is not None}


def _tables(
    compared: Comparison, result: ComparisonResult, request: MetricRequest, options: Options
) -> Sequence[Table]:
    from cecli.comparing.detail_tables import detail_tables
    from cecli.comparing.summary_tables import summary_tables

    tables = [
        *summary_tables(compared, result, request, options),
        *detail_tables(compared.models, result, request, options.base.unit),
    ]
    if request.by is None:
        return tables
    from cecli.comparing.slice_tables import slice_tables

    return [*tables, *slice_tables(result, _column(request.by), options.base, compared.paired.options)]


def _column(by: Source) -> str:
    """What the column of the slices is called: a column of a file by its name alone."""
    if isinstance(by, TypedSource) or not by.text:
        return "slice"
    name = split_columns(by.text)[1]
    return by.text if name is None or name.isdigit() else name


def _pictured(report: Report, compared: Comparison, request: MetricRequest, options: Options) -> Report:
    """The report with a picture, its numbers, and its tables where it is drawn in text."""
    from cecli.comparing.pictures import figure, figure_data, figure_tables

    result, test = cast("ComparisonResult", report.fields), compared.paired.options
    ranks = ranking(result, primary_metric(result, request), 1 - test.confidence, test.baseline)
    drawn = figure(compared.models, options.base, request.picture_in_text, test.confidence, ranks)
    tables = Later(lambda: [*report.tables, *figure_tables(drawn)]) if drawn.in_text else report.tables
    return report.replace(figure=drawn, tables=tables, fields={**report.fields, "picture": figure_data(drawn)})


def _data(compared: Comparison, result: ComparisonResult, request: MetricRequest) -> Data:
    """The rectangle of CSV: a row for each number, a column for each model; with slices also a column for these."""
    columns = ("metric", *(model.name for model in compared.models))
    columns = columns if request.by is None else (_column(request.by), *columns)
    return Data(columns, Later(lambda: _flat_rows(compared, result, request)))


def _flat_rows(compared: Comparison, result: ComparisonResult, request: MetricRequest) -> Sequence[Row]:
    from cecli.comparing.flat_data import flat_rows

    rows = flat_rows(compared, result, request)
    if request.by is None:
        return rows
    from cecli.comparing.slice_tables import slice_rows

    def of_slice(part: SliceResult, value: str) -> Sequence[Row]:
        return flat_rows(compared.slices[value], cast("ComparisonResult", part), request.of_slices())

    return slice_rows(result, rows, of_slice)


def _lines(models: Sequence[Model], result: ComparisonResult, request: MetricRequest) -> list[tuple[str | float, ...]]:
    """The plain line of each model, in the order given, or best first by the metric of `--sort`."""
    names = shown(request, ON_LINE)
    lines = {model.name: _line(model, names) for model in models}
    if request.sort is None:
        return [*lines.values()]
    return [lines[each.name] for each in ranking(result, request.sort, 0.0).standings]


def _line(model: Model, names: tuple[str, ...]) -> tuple[str | float, ...]:
    return (model.name, *cast("list[float]", [model.metrics[name] for name in names]))


def _model_notes(model: Model, options: Options, skipped: int) -> Iterator[str]:
    """Ties, infinite losses, and what reading gave rise to."""
    yield from model.stream.notes(model.looks_probable, skipped)
    if n := model.totals.ties:
        tied = "1 sample is tied: its" if n == 1 else f"{n} samples are tied: their"
        yield f"{model.name}: {tied} largest prediction occurs more than once; the lowest class is used"
    infinite, count = model.totals.infinite, model.totals.infinite_count
    yield from infinite_notes(LossSummary("mean", model.stream, infinite=infinite, infinite_count=count), options)
    yield from clip_notes(model.stream, model.totals.largest, options, f"{model.name}: ")


def _label_notes(models: Sequence[Model], request: MetricRequest) -> Iterator[str]:
    """What predicted labels cannot have."""
    if names := [model.name for model in models if model.are_labels]:
        yield (
            f"{', '.join(names)}: predicted labels have no probabilities, so that cross_entropy, cross_entropy_sum, "
            "perplexity, mse, brier and ece are null (nan in plain text)"
        )
        lists = [flag for flag, count in (("--worst", request.worst), ("--disagree", request.disagree)) if count]
        if lists:
            yield f"{' and '.join(lists)}: no samples of {', '.join(names)} are listed, because predicted labels have no losses"


# --- the example --------------------------------------------------------------------------------------------------

EXAMPLE_TARGET = "0,0,1; 0,1,0; 1,0,0"
EXAMPLE_MODELS = {
    "model 1": "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7",
    "model 2": "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3",
}
"""The two models that the article compares: the same errors, and yet the second is better."""
