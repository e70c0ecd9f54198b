"""The slices of a comparison (`--by`) as tables, and as rows of CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cecli.comparing.metrics import metric_of
from cecli.maths.units import Base
from cecli.report import Cell, Column, Interval, Table

if TYPE_CHECKING:
    from cecli.comparing.flat_data import Row
    from cecli.comparing.results import ComparisonResult, ModelResult, SliceResult

MOST_ROWS = 50
"""Slices that the table shows; CSV and JSON have all."""


def slice_tables(result: ComparisonResult, column: str, base: Base) -> list[Table]:
    """A row for each slice, with the metric that models are compared by; and how far apart the slices of each model are."""
    metric = metric_of(result["models"][0]["slice_gap"]["metric"])
    unit = metric.unit_name(base)
    heading = f"{metric.noun}, {unit}" if unit else metric.noun
    slices = [*result["slices"].items()][:MOST_ROWS]
    rows: list[tuple[Cell, ...]] = [
        (value, str(part["samples"]), *(model[metric.name] for model in part["models"])) for value, part in slices
    ]
    best = [part["best"].get(metric.name, []) for _, part in slices]
    names = [model["name"] for model in result["models"]]
    marked = {
        (i, j + 2)
        for i, winners in enumerate(best)
        for j, name in enumerate(names)
        if name in winners and len(winners) < len(names)
    }
    columns = [Column(column, "left"), Column("samples"), *map(Column, names)]
    more = len(result["slices"]) - len(rows)
    by_slice = Table(
        columns,
        rows,
        f"{heading}, by {column}",
        best=frozenset(marked),
        more=more,
        each="slice",
        shown_by="-f csv and -f json have all",
        signs=False,
    )
    return [by_slice, _gap_table(result["models"], heading)]


def _gap_table(models: Sequence[ModelResult], heading: str) -> Table:
    """The best and the worst slice of each model, and the gap between them."""
    gaps = [(model["name"], model["slice_gap"]) for model in models]
    rows: list[tuple[Cell, ...]] = [
        (name, gap["best"], gap["worst"], gap["difference"], Interval(gap["ci_low"], gap["ci_high"]))
        for name, gap in gaps
    ]
    titles = (Column("best slice", "left"), Column("worst slice", "left"), Column(f"gap in {heading}"))
    return Table([Column("model", "left"), *titles, Column("interval", tight=True)], rows, signs=False)


def slice_rows(
    result: ComparisonResult, whole: Sequence[Row], of_slice: Callable[[SliceResult, str], Sequence[Row]]
) -> list[Row]:
    """The rows of CSV with the slice in front: those of all samples, whose slice is empty; those of each slice; and the gaps."""
    rows: list[Row] = [("", *row) for row in whole]
    for value, part in result["slices"].items():
        rows.append((value, "samples", *(part["samples"] for _ in part["models"])))
        rows += [(value, *row) for row in of_slice(part, value)]
    gaps = [model["slice_gap"] for model in result["models"]]
    name = f"{gaps[0]['metric']}_slice_gap"
    rows += [
        ("", name, *(gap["difference"] for gap in gaps)),
        ("", f"{name}_low", *(gap["ci_low"] for gap in gaps)),
        ("", f"{name}_high", *(gap["ci_high"] for gap in gaps)),
        ("", f"{name}_best", *(gap["best"] for gap in gaps)),
        ("", f"{name}_worst", *(gap["worst"] for gap in gaps)),
    ]
    return rows
