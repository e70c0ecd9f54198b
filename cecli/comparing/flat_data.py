"""What CSV and TSV hold of a comparison: a row for each number, a column for each model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cecli.comparing.metric_names import shown
from cecli.comparing.models import Comparison
from cecli.comparing.ranking import Ranking, ranking
from cecli.comparing.request import MetricRequest
from cecli.comparing.summary_tables import is_summarised

if TYPE_CHECKING:
    from cecli.comparing.results import ComparisonResult

Row = tuple[str | float | None, ...]

MEASURES = ("support", "predicted", "precision", "recall", "f1", "mean_loss")
"""Of each class."""


def flat_rows(compared: Comparison, result: ComparisonResult, request: MetricRequest) -> list[Row]:
    """The metrics; then what the tables show of intervals, differences, classes and confusions."""
    names = (request.only,) if request.only else shown(request)
    models = result["models"]
    rows: list[Row] = [(name, *(model[name] for model in models)) for name in names]
    if not request.only:
        rows += _differences(compared, result, request)
    if request.by_class:
        rows += _of_classes([model["classes"] for model in models])
    if request.confusion:
        rows += _of_confusions(compared, [model["confusion"] for model in models])
    return rows


def _differences(compared: Comparison, result: ComparisonResult, request: MetricRequest) -> Iterator[Row]:
    """The intervals, and the differences to the best model or to the baseline; of all pairs those to each model."""
    test, names = compared.paired.options, [model["name"] for model in result["models"]]
    metrics = [name for name in shown(request) if name in result["best"]]
    level = 1 - test.confidence
    if not is_summarised(compared, request):
        for metric in metrics:
            ranks = ranking(result, metric, level, test.baseline)
            yield from _intervals(ranks, names)
            yield from _against(ranks, names, "baseline" if test.baseline else "best")
    if request.pairs:
        for metric in metrics:
            for name in names if test.baseline is None else ():
                yield from _against(ranking(result, metric, level, name), names, name)


def _intervals(ranks: Ranking, names: Sequence[str]) -> Iterator[Row]:
    for place, end in enumerate(("low", "high")):
        yield from _known(f"{ranks.metric.name}_{end}", [ranks.of(name).interval[place] for name in names])


def _against(ranks: Ranking, names: Sequence[str], reference: str) -> Iterator[Row]:
    """The difference of every model to the reference, with its interval and p-value; nothing where there is no test."""
    standings = [ranks.of(name) for name in names]
    minus = f"{ranks.metric.name}_minus_{reference}"
    if all(each.p is None and each.bounds == (None, None) for each in standings):
        return
    yield (minus, *(each.difference for each in standings))
    yield from _known(f"{minus}_low", [each.bounds[0] for each in standings])
    yield from _known(f"{minus}_high", [each.bounds[1] for each in standings])
    yield from _known(f"{minus}_p", [each.p for each in standings])


def _known(name: str, values: Sequence[float | None]) -> Iterator[Row]:
    """A row, if there is anything in it."""
    if any(value is not None for value in values):
        yield (name, *values)


def _of_classes(models: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Row]:
    """A row for each measure of each class."""
    for rows in zip(*models, strict=True):
        for measure in MEASURES:
            yield (f"{measure} of {rows[0]['class']}", *(row[measure] for row in rows))


def _of_confusions(compared: Comparison, matrices: Sequence[Sequence[Sequence[float]]]) -> Iterator[Row]:
    """A row for each target and prediction."""
    model = compared.models[0]
    names = [model.stream.class_name(k) for k in range(model.classes)]
    for i, target in enumerate(names):
        for j, prediction in enumerate(names):
            yield (f"{target} predicted as {prediction}", *(matrix[i][j] for matrix in matrices))
