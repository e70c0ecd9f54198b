"""JSON Lines: an object on a line for each row, which other programs and cecli itself read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cecli.errors import UsageError
from cecli.render.structured import strict
from cecli.report import Data, Report

if TYPE_CHECKING:
    from cecli.render import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """A line for each row: an object of the columns that CSV has, or a model or claim as JSON shows it; with the working, a line for each step."""
    for members in _objects(report):
        yield json.dumps(strict(members, style.precision), ensure_ascii=False, allow_nan=False) + "\n"


def _objects(report: Report) -> Iterable[Mapping[str, Any]]:
    if report.steps:
        from cecli.render.working import as_data

        return as_data(report.steps)
    return report.records or _rows(report.data)


def _rows(data: Data) -> Iterator[Mapping[str, Any]]:
    """The rows with the names of their columns, of which an object can hold each once."""
    require_distinct(data.columns, "JSON Lines")
    for row in data.rows:
        yield dict(zip(data.columns, row, strict=True))


def require_distinct(columns: Iterable[str], form: str) -> None:
    """The error for names that stand for two columns, of which one would be lost."""
    names = list(columns)
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"{form}: {names.count(name)} columns are called {name!r}, and each name can stand for one",
                hint="--classes gives the columns names",
            )
