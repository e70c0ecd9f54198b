"""The tables of what was asked for beside metrics, from what JSON holds of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cecli.comparing.models import Model
from cecli.comparing.request import MetricRequest
from cecli.report import Cell, Column, Table

if TYPE_CHECKING:
    from cecli.comparing.results import (
        ClassResult,
        ComparisonResult,
        CostlySample,
        DifferingSample,
        DisagreementResult,
    )

SHOWN_WHOLE = 20
"""Up to this many classes a table has a row for each, and a confusion matrix is shown whole."""

ALL = "-f csv and -f json have all"


def detail_tables(
    compared: Sequence[Model], result: ComparisonResult, request: MetricRequest, unit: str
) -> list[Table]:
    """The tables of all that was asked for; those of a kind stand together, so that they can stand side by side."""
    models = [*zip(compared, result["models"], strict=True)]
    tables = [_yardstick_table(result["yardsticks"])] if "yardsticks" in result else []
    if request.by_class:
        tables += [_class_table(model.name, own["classes"], unit) for model, own in models]
    if request.confusion:
        tables += [_confusion_table(model, own["confusion"]) for model, own in models]
    if request.worst:
        tables += [_costly_table(model.name, own["worst"], unit) for model, own in models if not model.are_labels]
    if pairs := result.get("disagreements"):
        tables += [*(_disagreement_table(pair, unit) for pair in pairs), _top_table(pairs, unit)]
    return tables


def _yardstick_table(yardsticks: Mapping[str, Mapping[str, float]]) -> Table:
    """What no model at all would score."""
    names = {"uniform": "uniform, 1/K each", "prior": "class frequencies"}
    rows = [(names[name], values["log_loss"], values["mse"]) for name, values in yardsticks.items()]
    return Table([Column("yardstick", "left"), Column("log loss (nats)"), Column("MSE")], rows, signs=False)


def _class_table(name: str, classes: Sequence[ClassResult], unit: str) -> Table:
    """A row per class; of many those that cost most."""
    shown = classes
    if len(classes) > SHOWN_WHOLE:
        shown = sorted(classes, key=lambda row: -1.0 if row["mean_loss"] is None else row["mean_loss"], reverse=True)
    rows: list[tuple[Cell, ...]] = [
        (row["class"], _count(row["support"]), row["precision"], row["recall"], row["f1"], row["mean_loss"])
        for row in shown[:SHOWN_WHOLE]
    ]
    headings = ("support", "precision", "recall", "F1", f"mean loss, {unit}")
    columns = [Column("class", "left"), *map(Column, headings)]
    return Table(
        columns, rows, title=f"{name}: classes", more=len(classes) - len(rows), each="class", shown_by=ALL, signs=False
    )


def _confusion_table(model: Model, matrix: Sequence[Sequence[float]]) -> Table:
    """The matrix whole, or of many classes the confusions that occur most."""
    names = [model.stream.class_name(k) for k in range(model.classes)]
    if model.classes <= SHOWN_WHOLE:
        columns = [Column("target", "left"), *map(Column, names)]
        rows: list[tuple[Cell, ...]] = [(name, *map(_count, row)) for name, row in zip(names, matrix, strict=True)]
        return Table(columns, rows, title=f"{model.name}: predictions in columns", signs=False)
    array = np.asarray(matrix, dtype=float)
    support = array.sum(axis=1)
    np.fill_diagonal(array, 0.0)
    order = np.argsort(-array, axis=None, kind="stable")[:SHOWN_WHOLE]
    pairs = [divmod(int(code), model.classes) for code in order]
    rows = [(names[i], names[j], _count(matrix[i][j]), array[i, j] / support[i]) for i, j in pairs if array[i, j] > 0]
    more = int(np.count_nonzero(array)) - len(rows)
    columns = [Column("target", "left"), Column("prediction", "left"), Column("samples"), Column("share of class")]
    title = f"{model.name}: most frequent confusions"
    return Table(columns, rows, title=title, keys=2, more=more, each="confusion", shown_by=ALL, signs=False)


def _costly_table(name: str, rows: Sequence[CostlySample], unit: str) -> Table:
    headings = [Column("prediction", "left"), Column("probability"), Column(f"loss, {unit}")]
    cells = [(row["prediction"], row["probability"], row["loss"]) for row in rows]
    return _sample_table("worst", rows, headings, cells, f"{name}: largest losses")


def _disagreement_table(pair: DisagreementResult, unit: str) -> Table:
    headings = [Column(pair["a"]), Column(pair["b"]), Column(f"difference, {unit}")]
    cells = [(row["a_loss"], row["b_loss"], row["difference"]) for row in pair["samples"]]
    return _sample_table(
        "most different", pair["samples"], headings, cells, f"loss of {pair['a']} − loss of {pair['b']}"
    )


def _sample_table(
    name: str,
    rows: Sequence[CostlySample] | Sequence[DifferingSample],
    headings: Sequence[Column],
    cells: Sequence[Sequence[Cell]],
    title: str,
) -> Table:
    """A row per sample: its number, where it stands if that is known, its target, and the cells."""
    known = any("where" in row for row in rows)
    columns = [Column(name), *([Column("where", "left")] if known else []), Column("target", "left"), *headings]
    keys = [(str(row["sample"]), *([row.get("where")] if known else []), row["target"]) for row in rows]
    return Table(columns, [(*key, *more) for key, more in zip(keys, cells, strict=True)], title=title, signs=False)


def _top_table(pairs: Sequence[DisagreementResult], unit: str) -> Table:
    """What the top 1 % of the samples owns of each pair's difference."""
    headings = ("samples", "share of Σ|d|", f"mean d, {unit}", "without them")
    rows = [
        (f"{p['a']} − {p['b']}", str(p["top_samples"]), p["top_share"], p["mean"], p["mean_without"]) for p in pairs
    ]
    return Table([Column("top 1 %", "left"), *map(Column, headings)], rows, signs=False)


def _count(value: float) -> Cell:
    """A number of samples as plain digits; weights as the numbers that they are."""
    return str(value) if isinstance(value, int) else value
