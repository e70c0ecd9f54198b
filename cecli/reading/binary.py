"""`.npy` and `.npz` files as tables: read piece by piece, never held whole, never unpickled."""

from __future__ import annotations

import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from cecli.errors import InputError
from cecli.reading import to_type
from cecli.reading.arrays import HALF_EPSILON, native
from cecli.reading.tables import (
    LIST,
    NUMBER,
    TEXT,
    Cut,
    Even,
    Piece,
    Table,
    Wanted,
    as_text,
    places_of,
    side_by_side,
)
from cecli.record import Record

BROKEN = (
    ValueError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    OverflowError,
    tokenize.TokenError,
)
MAGIC = b"\x93NUMPY"
MOST_BLOCK = 1 << 24
"""At most so many bytes are read at a time, however wide a row is."""


class ArrayTable(Table):
    """An array: its last axis is the columns, or the fields of a structured one are; all axes before are rows.

    `pieces` are those of its first axis, in order; where `between` is given, it makes those from one place on that axis up to another.
    """

    sums_by_digits = False

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: Any,
        pieces: Iterator[np.ndarray],
        between: Callable[[int, int | None], Iterator[np.ndarray]] | None = None,
    ) -> None:
        super().__init__(name)
        self.shape, self.dtype, self._between = shape, dtype, between
        self._pieces, self._waiting = pieces, list[np.ndarray]()
        self._firsts = dict[int, list[str]]()
        fields = dtype.names or ()
        if fields:
            self.names = tuple(fields)
            self._formats = [dtype[field] for field in fields]
        else:
            self._formats = [dtype] * (shape[-1] if len(shape) > 1 else 1)
        for kind in dict.fromkeys(self._formats):
            if kind.base.kind not in "biufUS" or len(kind.shape) > 1:
                raise InputError(f"{name} holds {kind} values; numbers are needed, or strings for labels")
        if len(shape) > (1 if fields else 3):
            raise InputError(f"{name} has {len(shape)} dimensions; at most three are allowed, the last for classes")
        if 0 in shape:
            raise InputError(f"{name} is empty")
        self.kinds = [LIST if kind.shape else TEXT if kind.kind in "US" else NUMBER for kind in self._formats]
        self.sizes = [kind.shape[0] if kind.shape else 1 for kind in self._formats]
        self.gives_all = not fields and self.kinds[0] == NUMBER
        rows = shape if fields else shape[:-1] if len(shape) > 1 else shape
        self.length = self.array_length = int(np.prod(rows, dtype=np.int64))
        self.rounding = _rounding(dtype)

    @property
    def is_vector(self) -> bool:
        """Whether it has one dimension, or none: one row of values, or a value for each sample, as it is asked for."""
        return len(self.shape) < 2 and not self.dtype.names

    def as_labels(self) -> None:
        """Takes all values as one column: labels of several axes."""
        self.length = self.array_length = int(np.prod(self.shape, dtype=np.int64))
        self._formats, self.kinds, self.sizes = self._formats[:1], self.kinds[:1], self.sizes[:1]
        self._firsts = {}

    def cuts(self, size: int) -> list[Cut]:
        """Places on the first axis."""
        if self._between is None or not self.shape or not self.length:
            return super().cuts(size)
        bytes_ = math.prod(self.shape[1:]) * self.dtype.itemsize
        rows, each = max(1, size // max(1, bytes_)), self.length // self.shape[0]
        lengths = ((at, min(rows, self.shape[0] - at)) for at in range(0, self.shape[0], rows))
        return [Cut(at, n * each, n * bytes_) for at, n in lengths]

    def begin(self, at: int, stop: int | None = None, line: int = 1) -> None:  # noqa: ARG002
        """The pieces from a place on the first axis on."""
        if at or stop is not None:
            assert self._between is not None
            self._pieces, self._waiting = self._between(at, stop), []

    def first(self, column: int) -> list[str]:
        """The first values of a column, as text."""
        if not self._waiting and (piece := next(self._pieces, None)) is not None:
            self._waiting.append(piece)
        if not self._waiting:
            return []
        if column not in self._firsts:
            values = self._column(self._waiting[0], column)[:200].reshape(-1)
            self._firsts[column] = [as_text(value) for value in values.tolist()]
        return self._firsts[column]

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """The rows, piece by piece."""
        for array in chain(self._waiting, self._pieces):
            self._waiting = []
            yield self._piece(array, wanted)

    def _column(self, array: np.ndarray, column: int) -> np.ndarray:
        if self.names:
            return array[self.names[column]]
        return array.reshape(-1, self.width)[:, column]

    def _piece(self, array: np.ndarray, wanted: Wanted) -> Piece:
        if self.gives_all:
            values = native(array.reshape(-1, self.width))
            return Piece(len(values), values, Even(self.width))
        numeric = [c for c in dict.fromkeys([*wanted.numbers, *wanted.labels]) if self.kinds[c] != TEXT]
        if wrong := [c for c in wanted.numbers if self.kinds[c] == TEXT]:
            raise InputError(
                f"{self.name}: {self.title(wrong[0])} holds text; numbers are needed", hint=self.numeric_hint(wrong[0])
            )
        texts = [*wanted.words, *(c for c in wanted.labels if self.kinds[c] == TEXT)]
        words = {c: [as_text(value) for value in self._column(array, c).tolist()] for c in texts}
        columns = [native(self._column(array, c)) for c in numeric]
        count = len(array) if self.names else array.size // self.width
        places = places_of(numeric, self.sizes)
        return Piece(count, side_by_side(columns, count), places, words)


def _rounding(dtype: Any) -> float:
    """The epsilon of a type."""
    if dtype.kind != "f":
        return 2.0**-52
    return {2: HALF_EPSILON, 4: 2.0**-23}.get(dtype.itemsize, 2.0**-52)


# --- .npy ---------------------------------------------------------------------------------------------------------


def npy_table(path: str, name: str) -> ArrayTable:
    """A `.npy` file. NumPy's memory map says what is in it; the values are read piece by piece."""
    with Path(path).open("rb") as stream:
        start = stream.read(len(MAGIC))
    if start != MAGIC:
        raise InputError(f"{name} is not a valid .npy file", hint="is it of the kind that its ending says?")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # a damaged header may make NumPy warn before it fails
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except BROKEN as error:
        raise _broken(name, error) from error
    layout = Layout(array.shape, array.dtype, array.offset, array.flags.fnc)
    between = partial(_local_pieces, path, layout, name)
    return ArrayTable(name, array.shape, array.dtype, between(0, None), between)


def remote_table(stream: BinaryIO, name: str) -> ArrayTable:
    """A `.npy` file that is open and can be read anywhere."""
    shape, fortran, dtype = _header(stream, name)
    layout = Layout(shape, dtype, stream.tell(), fortran and len(shape) > 1)
    between = partial(_pieces, partial(_read, stream), layout, name)
    return ArrayTable(name, shape, dtype, between(0, None), between)


class Layout(Record):
    """How an array lies in a file: its values are the same distance apart, from an offset on."""

    shape: tuple[int, ...]
    dtype: Any
    offset: int
    by_columns: bool


def _local_pieces(path: str, layout: Layout, name: str, begin: int, end: int | None) -> Iterator[np.ndarray]:
    """Pieces of the array in a file, read from it: a page of a memory map that is gone, because the file shrank, would end the process."""
    with Path(path).open("rb", buffering=0) as stream:
        yield from _pieces(
            lambda offset, dtype, count: _from_file(stream, offset, dtype, count), layout, name, begin, end
        )


def _pieces(
    read: Callable[[int, Any, int], np.ndarray], layout: Layout, name: str, begin: int, end: int | None
) -> Iterator[np.ndarray]:
    """Pieces of an array from a place on its first axis up to another: `read` gives so many values from an offset on, or as many as there are."""
    shape = layout.shape or (1,)
    total, width, dtype = shape[0], math.prod(shape[1:]), layout.dtype
    rows = _rows_at_once(shape, dtype)

    def values(first: int, count: int) -> np.ndarray:
        found = read(layout.offset + first * dtype.itemsize, dtype, count)
        if len(found) < count:
            raise InputError(f"{name} is cut off: it became shorter while it was read")
        return found

    stop = total if end is None else min(end, total)
    for start in range(begin, stop, rows):
        count = min(rows, stop - start)
        if layout.by_columns:
            columns = [values(k * total + start, count) for k in range(width)]
            yield np.stack(columns, axis=-1).reshape((count, *shape[1:]), order="F")
        else:
            yield values(start * width, count * width).reshape((count, *shape[1:]))


def _from_file(stream: FileIO, offset: int, dtype: Any, count: int) -> np.ndarray:
    stream.seek(offset)
    return np.fromfile(stream, dtype, count)


def _read(stream: BinaryIO, offset: int, dtype: Any, count: int) -> np.ndarray:
    stream.seek(offset)
    data = stream.read(count * dtype.itemsize)
    return np.frombuffer(data, dtype, len(data) // dtype.itemsize)


def stream_table(stream: Any, name: str) -> ArrayTable:
    """An array that is read in order, from a pipe or an archive."""
    shape, fortran, dtype = _header(stream, name)
    pieces = _read_in_order(stream, shape, dtype, name)
    if fortran and len(shape) > 1:  # columns come one after the other, so a row is known only when all were read
        pieces = (np.concatenate(list(part)).T for part in [_read_in_order(stream, shape[::-1], dtype, name)])
    return ArrayTable(name, shape, dtype, pieces)


def _header(stream: Any, name: str) -> tuple[tuple[int, ...], bool, Any]:
    """The shape of an array, whether its columns come one after the other, and its type."""
    try:
        version = npy.read_magic(stream)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read_header(stream)
    except BROKEN as error:
        raise _broken(name, error) from error
    if dtype.hasobject:
        raise _broken(name, ValueError("pickle"))
    return shape, fortran, dtype


def _rows_at_once(shape: tuple[int, ...], dtype: Any) -> int:
    """Rows of a piece of bounded size."""
    bytes_of_row = max(1, int(np.prod(shape[1:], dtype=np.float64)) * dtype.itemsize)
    return max(1, int(MOST_BLOCK // bytes_of_row))


def _broken(name: str, error: Exception) -> InputError:
    text = str(error)
    if "pickle" in text.lower() or "python objects" in text.lower():
        return InputError(
            f"{name} holds pickled objects, which are refused: they could run code",
            hint="save plain arrays with numpy.save",
        )
    short = " ".join(text.split())[:120]
    return InputError(f"{name} can't be read: {short}", hint="is it complete, and of the kind that its ending says?")


# --- .npz ---------------------------------------------------------------------------------------------------------


class Archive:
    """An `.npz` archive, whose members are read in order."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(file)
        except BROKEN as error:
            raise _broken(path, error) from error
        self.members = [name.removesuffix(".npy") for name in self._zip.namelist() if name.endswith(".npy")]

    def is_other(self) -> str:
        """The ending of another kind of archive that this is; nothing where it has arrays, or nothing at all."""
        names = self._zip.namelist()
        if self.members or not names:
            return ""
        if any(name.startswith("xl/") for name in names):
            return ".xlsx"
        return ".pt" if any(name.endswith("data.pkl") for name in names) else ".zip"

    def member(self, spec: str | None, label: str | None = None) -> tuple[str, str | None]:
        """The member that was asked for, the only one beside that of the labels where none is named, and what is left of the column specification."""
        if spec is not None:
            first, _, rest = spec.partition(":")
            if first in self.members:
                return first, rest or None
        alone = [name for name in self.members if name != label] or self.members
        if len(alone) == 1 and (spec is None or spec[:1].isdigit()):
            return alone[0], spec
        if not self.members:
            raise InputError(f"{self.path} holds no arrays", hint="numpy.savez writes them: numpy.savez('p.npz', p)")
        what = f"has no member {spec!r}" if spec is not None else f"has {len(self.members)} members"
        typed = to_type.as_typed(self.path)
        named = ", ".join(f"{typed}:{name}" for name in self.members[:6])
        raise InputError(f"{self.path} {what}", hint=f"name one of them: {named}")

    def table(self, member: str) -> ArrayTable:
        """The table of a member."""
        name = f"{self.path}:{member}"
        try:
            stream = self._zip.open(f"{member}.npy")
        except BROKEN as error:
            raise _broken(name, error) from error
        found = stream_table(stream, name)
        found.members = self.members
        return found


def _read_in_order(stream: BinaryIO, shape: tuple[int, ...], dtype: Any, name: str) -> Iterator[np.ndarray]:
    """Pieces of an array read from a stream."""
    total = shape[0] if shape else 1
    rows = _rows_at_once(shape, dtype)
    bytes_of_row = int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
    for start in range(0, total, rows):
        count = min(rows, total - start)
        try:
            data = stream.read(count * bytes_of_row)
        except BROKEN as error:
            raise _broken(name, error) from error
        if len(data) < count * bytes_of_row:
            raise InputError(
                f"{name} is cut off: it ends in row {start + len(data) // max(1, bytes_of_row) + 1} of {total}"
            )
        yield np.frombuffer(data, dtype=dtype).reshape((count, *shape[1:]))
