"""`devices`."""

from __future__ import annotations

from typing import Any

from cecli.cli.call import Call
from cecli.errors import MissingError
from cecli.report import Cell, Column, Data, Report, Table
from cecli.running import devices as device

GIGABYTE = 1e9
FIELDS = ("device", "model", "threads", "memory", "free")


def devices(call: Call) -> Report:
    """The processor and every CUDA device; without one, why."""
    rows: list[dict[str, Any]] = [{"device": "cpu", "model": _processor(), "threads": call.place.threads}]
    missing = None
    try:
        rows += [
            {"device": each.name, "model": each.model, "memory": each.memory, "free": each.free}
            for each in device.descriptions()
        ]
    except MissingError as error:
        missing = f"{error.message}; {error.hint}" if error.hint else error.message
    listed = [{name: row.get(name) for name in FIELDS} for row in rows]
    return Report(
        "devices",
        len(rows),
        0,
        {},
        fields={"devices": listed, "missing": {} if missing is None else {"cuda": missing}},
        tables=[_table(rows)],
        lines=[[row["device"], row["model"], _size(row)] for row in rows],
        records=listed,
        data=Data(FIELDS, [["" if value is None else value for value in row.values()] for row in listed]),
        notes=[] if missing is None else [f"no CUDA device: {missing}"],
    )


def _table(rows: list[dict[str, Any]]) -> Table:
    columns = [Column("device", "left"), Column("model", "left"), Column("size", "left")]
    cells: list[tuple[Cell, ...]] = [(row["device"], row["model"], _size(row)) for row in rows]
    return Table(columns, cells)


def _size(row: dict[str, Any]) -> str:
    if "memory" in row:
        return f"{row['memory'] / GIGABYTE:.1f} GB, {row['free'] / GIGABYTE:.1f} GB free"
    return "1 thread" if row["threads"] == 1 else f"{row['threads']} threads"


def _processor() -> str:
    import platform

    return platform.processor() or platform.machine() or "processor"
