"""`.parquet`, `.arrow` and `.feather` files as sources, through pyarrow: the extra `cecli[data]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cecli.errors import InputError, MissingError
from cecli.maths.namespace import Array
from cecli.reading import columns
from cecli.reading.binary import PieceSource

BATCH = 1 << 16


def columnar_source(path: str, spec: str | None, left_out: str | None) -> PieceSource:
    """The chosen columns of a columnar file, batch by batch."""
    arrow = _pyarrow(path)
    try:
        names, batches = _parquet(path) if path.endswith(".parquet") else _ipc(path)
        kept = [i for i, name in enumerate(names) if name != left_out]
        chosen = kept if spec is None else columns.chosen(spec, names, len(names), path)
        wanted = [names[i] for i in chosen]
        source = PieceSource(path, _arrays(batches(wanted), wanted, path), len(wanted), 2)
    except (arrow.ArrowException, OSError, NotImplementedError) as error:
        raise InputError(
            f"{path} can't be read: {str(error)[:120]}", hint="is it complete, and what its ending says?"
        ) from error
    source.names = tuple(wanted)
    return source


def _pyarrow(path: str) -> Any:
    """pyarrow, or the error that names the extra."""
    try:
        import pyarrow
    except ImportError as error:
        raise MissingError(
            f"{path}: reading this kind of file needs pyarrow", hint="pip install 'cecli[data]'"
        ) from error
    return pyarrow


def _parquet(path: str) -> tuple[list[str], Any]:
    """The columns of a Parquet file, and a function that reads some of them in batches."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    return file.schema_arrow.names, lambda wanted: file.iter_batches(batch_size=BATCH, columns=wanted)


def _ipc(path: str) -> tuple[list[str], Any]:
    """The columns of an Arrow file (or stream), and a function that reads its batches."""
    import pyarrow.ipc

    source = pyarrow.memory_map(path)
    try:
        file = pyarrow.ipc.open_file(source)
    except pyarrow.ArrowInvalid:
        source.seek(0)
        stream = pyarrow.ipc.open_stream(source)
        return stream.schema.names, lambda _: iter(stream)
    return file.schema.names, lambda _: (file.get_batch(i) for i in range(file.num_record_batches))


def _arrays(batches: Iterator[Any], wanted: list[str], path: str) -> Iterator[Array]:
    """Each batch as a matrix; a single column of text stays text."""
    import pyarrow

    row = 0
    try:
        for batch in batches:
            found = [batch.column(batch.schema.get_field_index(name)) for name in wanted]
            for name, column in zip(wanted, found, strict=True):
                if column.null_count:
                    missing = column.is_null().to_pylist().index(True)
                    raise InputError(f"{path}: column {name!r} has no value in sample {row + missing + 1}")
            if batch.num_rows:
                yield _matrix(found, wanted, path)
            row += batch.num_rows
    except (pyarrow.ArrowException, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} can't be read: {' '.join(str(error).split())[:120]}") from error


def _matrix(found: list[Any], wanted: list[str], path: str) -> Array:
    """Columns side by side, in the widest of their types."""
    arrays = [column.to_numpy(zero_copy_only=False) for column in found]
    if len(arrays) == 1 and arrays[0].dtype.kind in "OUS":
        return np.array([str(value) for value in arrays[0].tolist()])[:, None]
    for name, array in zip(wanted, arrays, strict=True):
        if array.dtype.kind not in "biuf":
            raise InputError(
                f"{path}: column {name!r} holds no numbers", hint=f"name the columns that do, as in {path}:{wanted[-1]}"
            )
    return np.stack(arrays, axis=1)
