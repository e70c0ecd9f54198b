"""Blocks of text read by pyarrow, which takes several threads to it: the extra `cecli-calculator[data]`.

Each function gives None for what pyarrow refuses, or would read otherwise than the typed grammar does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from cecli import extras
from cecli.errors import MissingError

NULLS = [
    text
    for word in ("na", "nan", "null", "none", "<na>", "n/a", "#n/a")
    for text in {word, word.upper(), word.title(), "-" + word}
]
NULLS += ["", "NaN", "-NaN"]
"""The texts of missing values."""
ROWS_AT_ONCE = 1 << 12
BLOCK = 1 << 20
"""Bytes of text that pyarrow gives to one of its threads."""


@cache
def is_there() -> bool:
    """Whether pyarrow is installed and can be loaded; text is read without one that is broken."""
    try:
        load("csv")
    except MissingError:
        return False
    return True


def load(module: str) -> Any:
    """pyarrow, with one of its modules loaded too; the error says whether it is not installed, or can't be loaded."""
    extras.load(f"pyarrow.{module}", "reading this kind of file", "pyarrow")
    return extras.load("pyarrow", "reading this kind of file", "pyarrow")


def csv_columns(
    text: bytes, delimiter: str, width: int, numbers: Sequence[int], words: Sequence[int], use_threads: bool = True
) -> tuple[np.ndarray, dict[int, Sequence[str]]] | None:
    """Columns of CSV text as numbers, and others as texts."""
    import pyarrow
    from pyarrow import csv

    types = {f"f{c}": pyarrow.float64() for c in numbers} | {f"f{c}": pyarrow.string() for c in words}
    if set(numbers) & set(words):
        return None
    convert = csv.ConvertOptions(
        column_types=types,
        include_columns=list(types),
        null_values=NULLS,
        strings_can_be_null=False,
        quoted_strings_can_be_null=True,
    )
    names = [f"f{c}" for c in range(width)]
    try:
        found = csv.read_csv(
            pyarrow.BufferReader(text),
            read_options=csv.ReadOptions(column_names=names, block_size=BLOCK, use_threads=use_threads),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=convert,
        )
    except pyarrow.ArrowException:
        return None
    texts: dict[int, Sequence[str]] = {c: [*map(str.strip, found.column(f"f{c}").to_pylist())] for c in words}
    if b'"' in text and any('"' in word for column in texts.values() for word in column):
        return None  # a quote that pyarrow does not take for one: it stands after a blank
    return _numbers_of(found.select([f"f{c}" for c in numbers]), found.num_rows), texts


def _numbers_of(table: Any, rows: int) -> np.ndarray:
    """Columns of numbers side by side, written down in parts that stay in the processor's cache."""
    values, start = np.empty((rows, table.num_columns)), 0
    for batch in table.to_batches(max_chunksize=ROWS_AT_ONCE):
        stop = start + batch.num_rows
        for k, column in enumerate(batch.columns):
            values[start:stop, k] = array_of(column)
        start = stop
    return values


def array_of(chunk: Any) -> np.ndarray:
    """A pyarrow array of numbers, NaN where one is missing; by its buffers, as `to_numpy` imports pandas where it is installed."""
    validity, data = chunk.buffers()
    part = slice(chunk.offset, chunk.offset + len(chunk))
    values = np.frombuffer(data, dtype=chunk.type.to_pandas_dtype())[part] if data is not None else np.zeros(0)
    if not chunk.null_count:
        return values
    valid = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[part].astype(bool)
    return np.where(valid, values, np.array(np.nan, dtype=values.dtype if values.dtype.kind == "f" else np.float64))


def json_table(text: bytes, schema: Any, may_have_more: bool, use_threads: bool = True) -> Any:
    """JSON Lines as a table of the columns of a schema, beside which rows may have more."""
    import pyarrow
    from pyarrow import json

    try:
        return json.read_json(
            pyarrow.BufferReader(text),
            read_options=json.ReadOptions(block_size=BLOCK, use_threads=use_threads),
            parse_options=json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="ignore" if may_have_more else "error"
            ),
            memory_pool=pyarrow.system_memory_pool(),  # the usual one clears 2 MB at a time for each thread
        )
    except (pyarrow.ArrowException, NotImplementedError):
        return None
