"""What `compare` shows beyond its summary: the worst samples, where models disagree, classes and confusions, and the yardsticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cecli.comparing import metrics
from cecli.comparing.worst import Disagreement
from cecli.report import Cell, Column, Table
from cecli.statistics import scores

if TYPE_CHECKING:
    from cecli.comparing.models import Comparison, Model
    from cecli.comparing.tallies import Wanted
    from cecli.running.options import Options

SHOWN_WHOLE = 20
"""Up to this many classes a table has a row for each, and a confusion matrix is shown whole."""

# --- JSON ---------------------------------------------------------------------------------------------------------


def of_model(model: Model, wanted: Wanted) -> dict[str, Any]:
    """The members that a model gets beside its metrics."""
    found: dict[str, Any] = {}
    if wanted.by_class:
        found["classes"] = by_class(model)
    if wanted.confusion:
        found["confusion"] = confusion(model)
    if wanted.worst:
        found["worst"] = worst(model)
    return found


def of_all(compared: Comparison, wanted: Wanted) -> dict[str, Any]:
    """The members that all models share."""
    found: dict[str, Any] = {}
    if "frequencies" in wanted.needs:
        first = compared.models[0]
        found["yardsticks"] = metrics.yardsticks(first.tally, first.classes)
    if wanted.disagree:
        found["disagreements"] = [_disagreement(each, compared.models) for each in compared.disagreements]
    return found


def by_class(model: Model) -> list[dict[str, Any]]:
    """Every class: its samples, how well they are found, and what they cost."""
    found = model.tally["classes"]
    support, hits, loss, count = found.expected.values
    predicted = found.predicted.values[0]
    columns: dict[str, list[Any]] = {
        "support": _counts(support),
        "predicted": _counts(predicted),
        "precision": _known(scores.shares(hits, predicted)),
        "recall": _known(scores.shares(hits, support)),
        "f1": _known(scores.f1(hits, support, predicted)),
        "mean_loss": _known(np.where(count > 0, loss / np.where(support > 0, support, 1.0), np.nan)),
    }
    return [
        {"class": model.stream.class_name(k), **{name: values[k] for name, values in columns.items()}}
        for k in range(model.classes)
    ]


def confusion(model: Model) -> list[list[float]]:
    """The confusion matrix: a row for each class that is expected, a column for each that is predicted."""
    return [_counts(row) for row in model.tally["confused"].matrix(model.classes)]


def worst(model: Model) -> list[dict[str, Any]]:
    """The samples that cost a model most."""
    name = model.stream.class_name
    return [
        {
            "sample": row.sample + 1,
            **_place(model, row.sample),
            "target": name(row.expected),
            "prediction": name(row.chosen),
            "probability": row.probability,
            "loss": row.loss,
        }
        for row in model.tally["worst"].rows
    ]


def _disagreement(found: Disagreement, models: Sequence[Model]) -> dict[str, Any]:
    """Where two models disagree."""
    model = next(model for model in models if model.name == found.a)
    top = found.top()
    rows = [
        {
            "sample": row.sample + 1,
            **_place(model, row.sample),
            "target": model.stream.class_name(row.expected),
            "a_loss": row.a,
            "b_loss": row.b,
            "difference": row.difference,
        }
        for row in found.rows
    ]
    names = {"a": found.a, "b": found.b}
    shares = {"top_samples": top.samples, "top_share": top.share, "mean": top.mean, "mean_without": top.mean_without}
    return names | shares | {"samples": rows}


def notes(compared: Comparison) -> list[str]:
    """What is to be known of the shares."""
    return [note for each in compared.disagreements if (note := each.note())]


def _place(model: Model, sample: int) -> dict[str, str]:
    """Where a sample stands, if more is known than its number: the line of a file, an id."""
    place = model.stream.source.found_at(sample)
    return {} if place is None else {"where": place}


def _counts(values: np.ndarray) -> list[float]:
    """Numbers of samples as integers; weights as they are."""
    return [int(value) if float(value).is_integer() else value for value in values.tolist()]


def _known(values: np.ndarray) -> list[float | None]:
    """Numbers, None for NaN."""
    return [None if np.isnan(value) else value for value in values.tolist()]


# --- tables -------------------------------------------------------------------------------------------------------


def tables(compared: Comparison, fields: Mapping[str, Any], options: Options, wanted: Wanted) -> list[Table]:
    """The tables of all that was asked for, from what JSON holds."""
    found = []
    unit = options.base.unit
    if "yardsticks" in fields:
        found.append(_yardstick_table(fields["yardsticks"]))
    for model, own in zip(compared.models, fields["models"], strict=True):
        found += [_class_table(model.name, own["classes"], unit)] if wanted.by_class else []
        found += [_confusion_table(model, own["confusion"])] if wanted.confusion else []
        found += [_worst_table(model.name, own["worst"], unit)] if wanted.worst else []
    for pair in fields.get("disagreements", []):
        found.append(_disagreement_table(pair, unit))
    if fields.get("disagreements"):
        found.append(_top_table(fields["disagreements"], unit))
    return sorted(found, key=lambda table: [*_ORDER, table.columns[0].name].index(table.columns[0].name))


_ORDER = ("yardstick", "class", "target", "worst", "most different", "top 1 %")
"""Tables of a kind stand together, so that they can stand side by side."""


def _yardstick_table(found: Mapping[str, Mapping[str, float]]) -> Table:
    """What no model at all would score."""
    names = {"uniform": "uniform, 1/K each", "prior": "class frequencies"}
    rows = [(names[name], values["log_loss"], values["mse"]) for name, values in found.items()]
    return Table([Column("yardstick", "left"), Column("log loss (nats)"), Column("MSE")], rows)


def _class_table(name: str, classes: Sequence[Mapping[str, Any]], unit: str) -> Table:
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
    return Table(columns, rows, title=name, more=len(classes) - len(rows), each="class")


def _confusion_table(model: Model, matrix: Sequence[Sequence[float]]) -> Table:
    """The matrix whole, or of many classes the confusions that occur most."""
    names = [model.stream.class_name(k) for k in range(model.classes)]
    if model.classes <= SHOWN_WHOLE:
        columns = [Column("target", "left"), *map(Column, names)]
        rows: list[tuple[Cell, ...]] = [(name, *map(_count, row)) for name, row in zip(names, matrix, strict=True)]
        return Table(columns, rows, title=f"{model.name}, predictions across")
    array = np.asarray(matrix, dtype=float)
    support = array.sum(axis=1)
    np.fill_diagonal(array, 0.0)
    order = np.argsort(-array, axis=None, kind="stable")[:SHOWN_WHOLE]
    pairs = [divmod(int(code), model.classes) for code in order]
    found = [(names[i], names[j], _count(matrix[i][j]), array[i, j] / support[i]) for i, j in pairs if array[i, j] > 0]
    more = int(np.count_nonzero(array)) - len(found)
    headings = [Column("target", "left"), Column("prediction", "left"), Column("samples"), Column("share of class")]
    return Table(headings, found, title=f"{model.name}: most frequent confusions", keys=2, more=more, each="confusion")


def _worst_table(name: str, rows: Sequence[Mapping[str, Any]], unit: str) -> Table:
    """The samples that cost most."""
    columns = [
        Column("worst"),
        *_where_columns(rows),
        Column("target", "left"),
        Column("prediction", "left"),
        Column("probability"),
        Column(f"loss, {unit}"),
    ]
    return Table(
        columns,
        [
            (str(row["sample"]), *_where(rows, row), row["target"], row["prediction"], row["probability"], row["loss"])
            for row in rows
        ],
        title=f"what cost {name} most",
    )


def _disagreement_table(found: Mapping[str, Any], unit: str) -> Table:
    """The samples whose losses differ most."""
    rows = found["samples"]
    losses = [Column(found["a"]), Column(found["b"]), Column(f"difference, {unit}")]
    columns = [Column("most different"), *_where_columns(rows), Column("target", "left"), *losses]
    return Table(
        columns,
        [
            (str(row["sample"]), *_where(rows, row), row["target"], row["a_loss"], row["b_loss"], row["difference"])
            for row in rows
        ],
        title=f"loss of {found['a']} − loss of {found['b']}",
    )


def _top_table(pairs: Sequence[Mapping[str, Any]], unit: str) -> Table:
    """What the top 1 % of the samples owns of each pair's difference."""
    columns = [
        Column("top 1 %", "left"),
        Column("samples"),
        Column("share of Σ|d|"),
        Column(f"mean d, {unit}"),
        Column("without them"),
    ]
    rows = [
        (f"{p['a']} − {p['b']}", str(p["top_samples"]), p["top_share"], p["mean"], p["mean_without"]) for p in pairs
    ]
    return Table(columns, rows)


def _where_columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """A column of places, if one is known."""
    return [Column("where", "left")] if any("where" in row for row in rows) else []


def _where(rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[Cell]:
    """The place of a row, in that column."""
    return [row.get("where")] if _where_columns(rows) else []


def _count(value: float) -> Cell:
    """A number of samples as plain digits; weights as the numbers that they are."""
    return str(value) if isinstance(value, int) else value
