"""The slices of a comparison (`--by`) as tables, and as rows of CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from cecli.comparing.metrics import metric_of
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.ranking import ranking
from cecli.comparing.summary_tables import mark_of, meanings
from cecli.maths.units import Base
from cecli.report import Cell, Column, Interval, Table

if TYPE_CHECKING:
    from cecli.comparing.flat_data import Row
    from cecli.comparing.results import ComparisonResult, ModelResult, SliceResult

MOST_ROWS = 50
"""Slices that the table shows; CSV and JSON have all."""


def slice_tables(result: ComparisonResult, column: str, base: Base, test: PairedTestOptions) -> list[Table]:
    """The metric that models are compared by, of each model in each slice; and how far apart the slices of each model are. Models are best first."""
    metric = metric_of(result["models"][0]["slice_gap"]["metric"])
    unit = metric.unit_name(base)
    heading = f"{metric.noun}, {unit}" if unit else metric.noun
    order = [each.name for each in ranking(result, metric.name, 0.0, test.baseline).standings]
    has_rows_of_models = len(order) > len(result["slices"])
    shown = dict(islice(result["slices"].items(), None if has_rows_of_models else MOST_ROWS))
    slices = {value: _cells(part, metric.name, test) for value, part in shown.items()}
    samples = {value: str(part["samples"]) for value, part in shown.items()}
    if has_rows_of_models:
        by_slice = _of_models(order, slices, samples)
    else:
        by_slice = _of_slices(order, slices, samples, column, more=len(result["slices"]) - len(shown))
    note = "; ".join(meanings(by_slice.rows, test.baseline, " (p adjusted within each slice)"))
    gaps = sorted(result["models"], key=lambda model: order.index(model["name"]))
    return [by_slice.replace(title=f"{heading}, by {column}", note=note), _gap_table(gaps, heading)]


def _cells(part: SliceResult, metric: str, test: PairedTestOptions) -> dict[str, tuple[Cell, Cell]]:
    """The value of each model in a slice, with its mark; where all have the same there is none."""
    ranks = ranking(part, metric, 1 - test.confidence, test.baseline)
    is_shared = len(ranks.best) == len(ranks.standings)
    return {each.name: (each.value, "" if is_shared else mark_of(ranks, each)) for each in ranks.standings}


Slices = Mapping[str, Mapping[str, tuple[Cell, Cell]]]
"""Of each slice the value and the mark of each model."""


def _of_models(order: Sequence[str], slices: Slices, samples: Mapping[str, str]) -> Table:
    """A row for each model: where there are more of them than slices."""
    counts: tuple[Cell, ...] = ("samples", *(cell for value in slices for cell in (samples[value], "")))
    rows = [(name, *(cell for found in slices.values() for cell in found[name])) for name in order]
    return Table([Column("model", "left"), *_marked_columns(slices)], [counts, *rows], signs=False)


def _of_slices(order: Sequence[str], slices: Slices, samples: Mapping[str, str], column: str, more: int) -> Table:
    """A row for each slice; `more` of them are not shown."""
    rows = [
        (value, samples[value], *(cell for name in order for cell in found[name])) for value, found in slices.items()
    ]
    columns = [Column(column, "left"), Column("samples"), *_marked_columns(order)]
    return Table(columns, rows, more=more, each="slice", shown_by="-f csv and -f json have all", signs=False)


def _marked_columns(names: Iterable[str]) -> list[Column]:
    """A column for each name, its mark beside it."""
    return [column for name in names for column in (Column(name), Column("", "left", tight=True))]


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
