"""JSON: one strict object per report, with everything that shaped the number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cecli.render import numbers
from cecli.report import Report
from cecli.version import VERSION

if TYPE_CHECKING:
    from cecli.render import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """The report as one JSON object on one line."""
    members: dict[str, Any] = {"command": report.command, "value": report.value}
    if report.unit is not None:
        members["unit"] = report.unit
    members["samples"] = report.samples
    members |= report.fields
    if report.steps:
        from cecli.render.working import as_data

        members["steps"] = as_data(report.steps)
    members = {name: strict(value, style.precision) for name, value in members.items()}
    members |= {"notes": [*report.notes], "settings": strict(report.settings, None), "version": VERSION}
    yield json.dumps(members, ensure_ascii=False, allow_nan=False) + "\n"


def strict(value: Any, precision: int | None) -> Any:
    """A value as strict JSON can hold it, its numbers rounded where that is asked for."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)):
        return numbers.json_number(value, precision)
    if isinstance(value, (list, tuple)):
        return [strict(member, precision) for member in value]
    if isinstance(value, Mapping):
        return {str(name): strict(member, precision) for name, member in value.items()}
    return value
