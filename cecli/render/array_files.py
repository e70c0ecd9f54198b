"""Files of numbers, `.npy`, `.npz` and `.parquet`: the rows of an answer, for programs that compute on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from cecli.errors import UsageError
from cecli.extras import load
from cecli.render.json_lines import require_distinct
from cecli.report import Report

if TYPE_CHECKING:
    from cecli.render import Style

ROW_HINT = "-r none gives a number for each sample"


def write_npy(reports: Iterable[Report], style: Style, stream: BinaryIO) -> None:
    """The value as one array: (samples, classes), or (samples,) where each sample has one number."""
    _write_array([_value(report, style) for report in reports], stream)


def write_npz(reports: Iterable[Report], style: Style, stream: BinaryIO) -> None:
    """Rows by class as an array that is named as the command is; numbers of each sample as an array for each column."""
    import zipfile

    first, blocks = _blocks(reports)
    if first.per_sample and not _is_matrix(first):
        members = {
            name: [_array([row[j] for row in report.data.rows], report, style) for report in blocks]
            for j, name in enumerate(first.data.columns)
        }
    else:
        members = {first.command: [_value(report, style) for report in blocks]}
    with zipfile.ZipFile(stream, "w") as archive:
        for name, parts in members.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                _write_array(parts, member)  # type: ignore[arg-type]


def write_parquet(reports: Iterable[Report], style: Style, stream: BinaryIO) -> None:
    """The columns that CSV has, a row group for each block."""
    pq = load("pyarrow.parquet", "--output: writing a Parquet file", "pyarrow")
    import pyarrow as pa

    first, blocks = _blocks(reports)
    require_distinct(first.data.columns, "Parquet")
    schema = pa.schema([(name, pa.from_numpy_dtype(np.dtype(first.data.type))) for name in first.data.columns])
    with pq.ParquetWriter(stream, schema) as writer:
        for report in blocks:
            columns = [_array(column, report, style) for column in zip(*report.data.rows, strict=True)]
            writer.write_table(pa.table([pa.array(each, from_pandas=True) for each in columns], schema=schema))


def _blocks(reports: Iterable[Report]) -> tuple[Report, list[Report]]:
    blocks = list(map(_with_rows, reports))
    return blocks[0], blocks


def _with_rows(report: Report) -> Report:
    """The report, if its answer is rows of numbers."""
    if not report.data.type:
        hint = ROW_HINT if "reduction" in report.settings else "write it to .json or .csv"
        raise UsageError(
            f"--output: the answer of {report.command} has no rows that a file of numbers can hold", hint=hint
        )
    return report


def _is_matrix(report: Report) -> bool:
    """Whether each row of the value has several numbers."""
    value = report.value
    return isinstance(value, Sequence) and len(value) > 0 and isinstance(value[0], Sequence)


def _value(report: Report, style: Style) -> np.ndarray:
    """The value of a block: rows by class, or a number for each sample."""
    _with_rows(report)
    return _array(report.value if report.per_sample else report.data.rows, report, style)


def _array(values: Any, report: Report, style: Style) -> np.ndarray:
    """Numbers of a report in their own type, NaN where a sample was left out, rounded where that is asked for."""
    found = np.array(values, dtype=report.data.type)
    return found if style.precision is None else np.round(found, style.precision)


def _write_array(parts: Sequence[np.ndarray], stream: BinaryIO) -> None:
    """Arrays, one below the other, as one in the NPY format; the stream may be one that only takes bytes, as a pipe does."""
    shape = (sum(len(part) for part in parts), *parts[0].shape[1:])
    header = {"descr": parts[0].dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    stream.writelines(np.ascontiguousarray(part).data for part in parts)
