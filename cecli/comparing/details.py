"""What JSON holds beside metrics: the samples that cost most, those where models differ, classes and confusions, and the yardsticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from cecli.comparing.disagreement import Disagreement
from cecli.comparing.models import Comparison, Model
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.request import MetricRequest
from cecli.statistics import scores
from cecli.statistics.rates import wilson

if TYPE_CHECKING:
    from cecli.comparing.results import ClassResult, ComparisonResult, CostlySample, DisagreementResult, Standing


def of_model(model: Model, request: MetricRequest, test: PairedTest) -> dict[str, Any]:
    """The members that a model gets beside its metrics."""
    members: dict[str, Any] = {}
    if request.by_class:
        members["classes"] = _classes(model, test)
    if request.confusion:
        members["confusion"] = [_counts(row) for row in model.tallies.confused.matrix(model.classes)]
    if request.worst:
        members["worst"] = _costly(model)
    return members


def add_shared(result: ComparisonResult, compared: Comparison, request: MetricRequest) -> None:
    """Adds the members that all models share."""
    if "frequencies" in request.needs and (models := compared.probabilistic):
        result["yardsticks"] = models[0].tallies.frequencies.yardsticks()
    if request.disagree:
        result["disagreements"] = [_disagreement(each, compared.models[0]) for each in compared.disagreements]


def notes(compared: Comparison) -> list[str]:
    """What is to be known of the shares."""
    return [note for each in compared.disagreements if (note := each.note())]


def _classes(model: Model, test: PairedTest) -> list[ClassResult]:
    """Every class: its samples, how well they are recognised, and what they cost."""
    tally = model.tallies.classes
    support, hits, loss, count, square = tally.expected.padded(model.classes).values
    predicted = tally.predicted.padded(model.classes).values[0]
    loss = np.full_like(loss, np.nan) if model.are_labels else loss
    columns = {
        "class": [model.stream.class_name(k) for k in range(model.classes)],
        "support": _counts(support),
        "predicted": _counts(predicted),
        "precision": _known(scores.shares(hits, predicted)),
        "recall": _known(scores.shares(hits, support)),
        "recall_interval": _recall_intervals(hits, support, square, test),
        "f1": _known(scores.f1(hits, support, predicted)),
        "mean_loss": _known(np.where(count > 0, loss / np.where(support > 0, support, 1.0), np.nan)),
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return cast("list[ClassResult]", rows)


def _recall_intervals(
    hits: np.ndarray, support: np.ndarray, square: np.ndarray, test: PairedTest
) -> list[list[float] | None]:
    """Wilson's interval of each recall, of the effective number of samples; none under clusters, or of too few samples."""
    if not test.is_enough or test.clusters is not None:
        return [None] * len(support)
    return [
        [*wilson(min(hit / whole, 1.0), whole * whole / s, test.options.confidence)] if whole > 0 else None
        for hit, whole, s in zip(hits.tolist(), support.tolist(), square.tolist(), strict=True)
    ]


def _costly(model: Model) -> list[CostlySample]:
    """The samples that cost a model most; none of predicted labels, which have no loss."""
    if model.are_labels:
        return []
    name = model.stream.class_name
    return [
        {
            "sample": row.sample + 1,
            **_standing(row.where),
            "target": name(row.expected),
            "prediction": name(row.chosen),
            "probability": row.probability,
            "loss": row.loss,
        }
        for row in model.tallies.costliest.rows
    ]


def _disagreement(pair: Disagreement, model: Model) -> DisagreementResult:
    rows = [
        {
            "sample": row.sample + 1,
            **_standing(row.where),
            "target": model.stream.class_name(row.expected),
            "a_loss": row.a,
            "b_loss": row.b,
            "difference": row.difference,
        }
        for row in pair.rows
    ]
    members = {"a": pair.a, "b": pair.b, **pair.top()._asdict(), "samples": rows}
    return cast("DisagreementResult", members)


def _standing(where: str | None) -> Standing:
    return {} if where is None else {"where": where}


def _counts(values: np.ndarray) -> list[float]:
    """Numbers of samples as integers; weights as they are."""
    return [int(value) if float(value).is_integer() else value for value in values.tolist()]


def _known(values: np.ndarray) -> list[float | None]:
    """Numbers, None for NaN."""
    return [None if np.isnan(value) else value for value in values.tolist()]
