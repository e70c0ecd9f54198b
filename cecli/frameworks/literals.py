"""The numbers of a call as lines of a program: read from their file where NumPy reads the same from it, else written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from cecli.errors import UsageError
from cecli.maths.namespace import Array
from cecli.reading.binary import ArrayTable
from cecli.reading.delimited import TextTable
from cecli.reading.one_each import OneEach
from cecli.reading.sources import Source
from cecli.reading.table_source import TableSource

MOST_WRITTEN = 2_000
"""Values that a program holds itself."""


def data_lines(name: str, values: Array, source: Source | None, classes: Sequence[str] | None = None) -> list[str]:
    """The lines that give a variable its values."""
    array: np.ndarray = np.asarray(values)
    for line, read in _readers(source, array, classes):
        if _gives(read, array):
            return [f"{name} = {line}"]
    if array.size > MOST_WRITTEN:
        raise UsageError(
            f"--code: NumPy does not read the same from {'its source' if source is None else source.name}",
            hint=f"save it as a .npy file; up to {MOST_WRITTEN:,} values are written into the program",
        )
    return _written(name, array)


def _written(name: str, array: np.ndarray) -> list[str]:
    """The values themselves, a line for each row."""
    if len(array.shape) < 2:
        return [f"{name} = np.array({_text(array.tolist())})"]
    rows = [_text(row) for row in array.tolist()]
    if len(rows) == 1:
        return [f"{name} = np.array([{rows[0]}])"]
    return [f"{name} = np.array([", *(f"    {row}," for row in rows), "])"]


def _text(values: list[Any]) -> str:
    """A list as Python writes it, infinite numbers as NumPy knows them."""
    return repr(values).replace("inf", "np.inf")


def _gives(read: Callable[[], Array], wanted: Array) -> bool:
    """Whether a reader gives exactly these values."""
    try:
        found = np.asarray(read())
    except (ValueError, OSError, IndexError, KeyError):
        return False
    is_narrower = found.dtype.kind == "f" and found.dtype.itemsize < np.asarray(wanted).dtype.itemsize
    return found.shape == wanted.shape and not is_narrower and bool(np.array_equal(found, wanted))


def _readers(
    source: Source | None, array: Array, classes: Sequence[str] | None
) -> Iterator[tuple[str, Callable[[], Array]]]:
    """Expressions that may read the values, each with the same as a function."""
    if isinstance(source, OneEach):
        source = source.source
    if not isinstance(source, TableSource):
        return
    columns = [*source.columns.positions]
    if isinstance(source.table, TextTable):
        yield from _of_text(source.table, columns, array, classes)
    elif isinstance(source.table, ArrayTable):
        yield from _of_array(source.table.name, columns, array)


def _of_text(
    table: TextTable, columns: list[int], array: Array, classes: Sequence[str] | None
) -> Iterator[tuple[str, Callable[[], Array]]]:
    """Columns of a text file; names of classes become their numbers."""
    is_row = len(array.shape) == 2
    options: dict[str, Any] = {"delimiter": table.grammar.delimiter, "skiprows": int(table.header)}
    options["usecols"] = columns if is_row else columns[0]
    kind: dict[str, Any] = {"ndmin": 2} if is_row else {"dtype": int} if array.dtype.kind == "i" else {}
    if classes and not is_row and array.dtype.kind == "i":
        names: dict[str, Any] = {"dtype": str, "quotechar": '"'}
        text = f"np.array([{[*classes]!r}.index(name) for name in {_call(table.name, options | names)}])"
        yield text, lambda: np.array([[*classes].index(str(n)) for n in np.loadtxt(table.name, **options, **names)])
    yield _call(table.name, options | kind), lambda: np.loadtxt(table.name, **options, **kind)


def _call(name: str, options: dict[str, Any]) -> str:
    words = [f"{key}={value.__name__ if isinstance(value, type) else repr(value)}" for key, value in options.items()]
    return f"np.loadtxt({name!r}, {', '.join(words)})"


def _of_array(name: str, columns: list[int], array: Array) -> Iterator[tuple[str, Callable[[], Array]]]:
    """An array, or some of its columns; those of a .npz by their keys."""
    path, _, key = name.partition(":")
    opened: list[tuple[str, Callable[[], Any]]] = [(f"np.load({path!r})", partial(np.load, path))]
    if key:
        opened = [(f"np.load({path!r})[{key!r}]", partial(_member, path, key))]
    elif path.endswith(".npz"):
        keys = np.load(path).files
        opened = [(f"np.load({path!r})[{one!r}]", partial(_member, path, one)) for one in keys]
    chosen: Any = columns if len(array.shape) == 2 else columns[0]
    for text, read in opened:
        yield text, read
        yield f"{text}.astype(float)", partial(_as_float, read)
        yield f"{text}[:, {chosen}]", partial(_columns, read, chosen)


def _member(path: str, key: str) -> Any:
    return np.load(path)[key]


def _as_float(read: Callable[[], Any]) -> Any:
    return read().astype(float)


def _columns(read: Callable[[], Any], chosen: Any) -> Any:
    return read()[:, chosen]
