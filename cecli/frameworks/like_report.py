"""What a report shows of a framework: its value beside ours, and a line for each convention that makes them differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cecli.errors import UsageError
from cecli.frameworks.likeness import Likeness, is_same, likeness
from cecli.report import Cell, Column, Data, Given, Later, Report, Table, Value, flat
from cecli.running.problem import Problem

MOST_SHOWN = 20
"""Entries of a value that a table shows one below the other."""


def with_likeness(report: Report, problem: Problem | None, framework: str) -> Report:
    """The report with what a framework gives for the same call."""
    if problem is None:
        raise UsageError("--like: too many values", hint="it needs all of them at once; take a part of the samples")
    like = likeness(framework, problem, report.value)
    return report.replace(
        fields={**report.fields, "like": _member(like)},
        lines=[("cecli", _shown(report.value)), (like.framework, _shown(like.value))],
        data=_data(report, like),
        records=(),
        tables=Later(lambda: [*report.tables, *_tables(report, like)]),
        sentences=[*report.sentences, *_sentences(report, like)],
        notes=[*report.notes, *([like.message] if like.message else [])],
    )


def _member(like: Likeness) -> dict[str, Any]:
    """The member of the JSON object."""
    conventions = [each._asdict() for each in like.differences]
    head = {"framework": like.framework, "versions": like.versions, "function": like.function}
    found = head | {"value": like.value, "unit": like.unit, "conventions": conventions, "message": like.message}
    others = [_member(other) for other in like.others]
    kept = ("function", "value", "unit", "conventions")
    return found | {"others": [{name: other[name] for name in kept} for other in others]}


def _shown(value: Value) -> Any:
    """A value in a line: nan where there is none."""
    if isinstance(value, Sequence):
        return [_shown(each) for each in value]
    return math.nan if value is None else value


# --- csv ----------------------------------------------------------------------------------------------------------


def _data(report: Report, like: Likeness) -> Data:
    """The rows of both, with who gives them in the first column."""
    rows = [
        (name, *row)
        for name, value in (("cecli", report.value), (like.framework, like.value))
        for row in _rectangle(value, report.per_sample)
    ]
    width = max(map(len, rows)) - 1
    names = report.data.columns if len(report.data.columns) == width > 1 else [f"value{k}" for k in range(width)]
    return Data(
        ("by", *(names if width > 1 else ["value"])), [(*row, *[None] * (width + 1 - len(row))) for row in rows]
    )


def _rectangle(value: Value, per_sample: bool) -> list[list[float | None]]:
    """A value as rows of numbers."""
    if not isinstance(value, Sequence):
        return [[value]]
    if value and isinstance(value[0], Sequence):
        return [flat(row) for row in value]
    return [[entry] for entry in flat(value)] if per_sample else [flat(value)]


# --- tables -------------------------------------------------------------------------------------------------------


def _tables(report: Report, like: Likeness) -> list[Table]:
    """Both values, and the conventions that differ."""
    tables = [_values_table(report, like)]
    if like.differences:
        columns = [
            Column("convention", "left"), Column("effect alone"), Column(like.title, "left"), Column("cecli", "left"),
        ]  # fmt: skip
        rows = [(each.name, _effect(each.effect), each.theirs, each.ours) for each in like.differences]
        tables.append(Table(columns, rows))
    if like.others:
        columns = [Column(f"other functions of {like.title}", "left"), Column("value"), Column("differs in", "left")]
        functions = [(each.function or "", _cell(each.value), _names(each)) for each in like.others]
        tables.append(Table(columns, functions))
    return tables


def _names(like: Likeness) -> str:
    """The conventions that differ, by name."""
    return ", ".join(dict.fromkeys(each.name for each in like.differences)) or "nothing"


def _values_table(report: Report, like: Likeness) -> Table:
    """Ours and theirs: one below the other, or of many values side by side."""
    ours, theirs = report.value, like.value
    if not isinstance(ours, Sequence) or len(flat(ours)) != len(flat(theirs)):
        head = [Column("", "left"), Column("value"), Column("unit", "left")]
        rows = [("cecli", _cell(ours), report.unit or ""), (like.title, _cell(theirs), like.unit or "")]
        return Table(head, rows)
    pairs = [(str(i + 1), *pair) for i, pair in enumerate(zip(flat(ours), flat(theirs), strict=True))]
    columns = [Column("entry"), Column(_with_unit("cecli", report.unit)), Column(_with_unit(like.title, like.unit))]
    return Table(columns, pairs[:MOST_SHOWN], more=max(0, len(pairs) - MOST_SHOWN), each="entry")


def _with_unit(name: str, unit: str | None) -> str:
    return f"{name}, {unit}" if unit else name


def _cell(value: Value) -> Cell:
    """A number; of several the values side by side, or how many there are."""
    if not isinstance(value, Sequence):
        return value
    entries = [entry for entry in flat(value) if entry is not None]
    if len(entries) <= MOST_SHOWN // 2:
        return Given(tuple(entries))
    return f"{len(entries)} values, up to {max(entries, key=abs):.4g}"


def _effect(value: Value) -> Cell:
    """A number; of several the largest."""
    if not isinstance(value, Sequence):
        return value
    entries = [entry for entry in flat(value) if entry is not None]
    if len(entries) < 2:
        return entries[0] if entries else None
    return f"up to {max(entries, key=abs):.4g}"


def _sentences(report: Report, like: Likeness) -> list[str]:
    """What there is to say in words."""
    called = [f"{like.title}: {like.function} (versions {like.versions})"] if like.function else []
    same = not like.differences and is_same(report.value, like.value)
    return [*called, f"No difference: {like.title} gives the same value."] if same else called
