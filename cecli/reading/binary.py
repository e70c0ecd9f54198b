"""`.npy` and `.npz` files as sources: memory-mapped or read in order, never held whole, never unpickled."""

from __future__ import annotations

import contextlib
import mmap
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from cecli.errors import InputError
from cecli.maths.namespace import Array
from cecli.reading import columns
from cecli.reading.arrays import HALF_EPSILON, as_computed, native
from cecli.reading.labels import Matcher, UnknownLabelError
from cecli.reading.sources import LARGE, Rows, Source

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
"""Bytes read at a time at the most, however wide a row is."""


class PieceSource(Source):
    """A source whose rows come as arrays: pieces of any length, handed out n at a time."""

    def __init__(
        self,
        name: str,
        pieces: Iterator[Array],
        width: int,
        dimensions: int,
        chosen: list[int] | None = None,
        length: int | None = None,
    ) -> None:
        self.name, self.dimensions, self.length = name, dimensions, length
        self._pieces, self._chosen = pieces, chosen
        self.width = width if chosen is None else len(chosen)
        self._waiting: list[Array] = []
        self._tolerance = 1e-5
        self._matcher: Matcher | None = None
        self._labelled = 0

    def _take(self, n: int) -> Array | None:
        """The next n rows as they stand in the file."""
        have = sum(len(piece) for piece in self._waiting)
        while have < n and (piece := next(self._pieces, None)) is not None:
            self._waiting.append(piece)
            have += len(piece)
        if not have:
            return None
        whole = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        self._waiting = [whole[n:]] if have > n else []
        return whole[:n] if self._chosen is None else whole[:n][:, self._chosen]

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        values = self._take(n)
        if values is None:
            return None
        self.rounding = (
            HALF_EPSILON if values.dtype == np.float16 else 2.0**-23 if values.dtype == np.float32 else self.rounding
        )
        values, self._tolerance = as_computed(native(values), self.name)
        return Rows(np.ascontiguousarray(values).reshape(len(values), -1), lambda _: self._tolerance)

    def vector(self, n: int) -> Array | None:
        """The next n values of a vector."""
        if self.width > 1:
            raise InputError(f"{self.name} has rows of {self.width} values; a vector is meant")
        rows = self.rows(n)
        return None if rows is None else rows.values[:, 0]

    def labels(self, n: int, names: Sequence[str] | None, ignore: int | None) -> Array | None:
        """The next n labels: numbers, or class names in an array of strings."""
        if self.width > 1:
            raise InputError(f"{self.name} has rows of {self.width} values; labels are meant")
        values = self._take(n)
        if values is None:
            return None
        self._matcher = self._matcher or Matcher(names, ignore)
        if values.dtype.kind in "biuf" and not self._matcher.by_names:
            return values.reshape(-1).astype(np.float64)
        first, self._labelled = self._labelled, self._labelled + len(values)
        return np.array([self._index(value, i) for i, value in enumerate(values.reshape(-1).tolist(), first)])

    def _index(self, value: Any, sample: int) -> float:
        """The class index of one label."""
        assert self._matcher is not None
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        try:
            return self._matcher.index(text)
        except UnknownLabelError:
            raise self._matcher.unknown(text, self.where(sample), None) from None

    def texts(self, n: int) -> list[str] | None:
        """The next n values of a column as text: ids."""
        values = self._take(n)
        return None if values is None else [str(value) for value in values.reshape(-1).tolist()]

    @property
    def is_large(self) -> bool:
        """Whether there are many values; where their number is unknown they may be few."""
        return self.length is not None and self.length * self.width >= LARGE

    def are_several(self) -> bool:
        """Whether there is a second row."""
        return self.length is None or self.length > 1

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """Whether the array holds strings."""
        if not self._waiting and (piece := next(self._pieces, None)) is not None:
            self._waiting.append(piece)
        return bool(names) and bool(self._waiting) and self._waiting[0].dtype.kind in "USOT"


# --- .npy ---------------------------------------------------------------------------------------------------------


def npy_source(path: str, spec: str | None) -> PieceSource:
    """A memory-mapped `.npy` file; pages that were read are given back."""
    with Path(path).open("rb") as stream:
        start = stream.read(len(MAGIC))
    if start != MAGIC:
        raise InputError(f"{path} is no .npy file: it does not begin as one does", hint="is it what its ending says?")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # a damaged header may make NumPy warn before it fails
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except BROKEN as error:
        raise _broken(path, error) from error
    return _source(path, array.shape, array.dtype, _mapped(array), spec)


def _mapped(array: Any) -> Iterator[Array]:
    """Pieces of a memory map, copied, so that its pages can go."""
    rows = _rows_at_once(array.shape, array.dtype)
    mapped = getattr(array, "_mmap", None)
    if array.ndim == 0:
        yield np.array(array).reshape(1)
        return
    for start in range(0, len(array), rows):
        yield np.array(array[start : start + rows])
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            with contextlib.suppress(OSError):  # advice the system need not take
                mapped.madvise(mmap.MADV_DONTNEED)


def _source(name: str, shape: tuple[int, ...], dtype: Any, pieces: Iterator[Array], spec: str | None) -> PieceSource:
    """The source for an array of a shape, whose pieces are to come."""
    if dtype.kind not in "biufUS":
        raise InputError(f"{name} holds {dtype} values; numbers are meant, or strings for labels")
    if len(shape) > 2:
        raise InputError(f"{name} has {len(shape)} dimensions; at most two are meant, a row per sample")
    if 0 in shape:
        raise InputError(f"{name} is empty")
    chosen = None
    if spec is not None:
        chosen = columns.chosen(spec, None, shape[1] if len(shape) == 2 else 1, name)
    width = shape[1] if len(shape) == 2 else 1
    one_vector = len(shape) < 2
    if one_vector and chosen == [0]:
        chosen = None
    return _Vector(name, pieces, shape) if one_vector else PieceSource(name, pieces, width, 2, chosen, shape[0])


class _Vector(PieceSource):
    """An array of one dimension: one row of values, or a vector of them, as it is asked for."""

    def __init__(self, name: str, pieces: Iterator[Array], shape: tuple[int, ...]) -> None:
        length = shape[0] if shape else 1
        super().__init__(name, pieces, length, len(shape), length=length)
        self._length = length
        self._done = False

    @property
    def count(self) -> int:
        """How many values there are."""
        return self._length

    def rows(self, n: int) -> Rows | None:  # noqa: ARG002
        """The one row."""
        if self._done:
            return None
        self._done = True
        values = super()._take(self._length)
        if values is None:
            return None
        values, tolerance = as_computed(native(values), self.name)
        return Rows(np.asarray(values).reshape(1, -1), lambda _: tolerance)

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        values = self._take(n)
        return None if values is None else as_computed(native(values), self.name)[0]

    def glance(self) -> Array | None:
        """The first piece, if it holds numbers."""
        if not self._waiting and (piece := next(self._pieces, None)) is not None:
            self._waiting.append(piece)
        return self._waiting[0] if self._waiting and self._waiting[0].dtype.kind in "biuf" else None

    def labels(self, n: int, names: Sequence[str] | None, ignore: int | None) -> Array | None:
        """The next n labels."""
        self.width = 1
        return super().labels(n, names, ignore)

    def drain(self) -> int:
        """How many values were left."""
        left = 0
        while (values := self._take(1 << 20)) is not None:
            left += len(values)
        return left


def _rows_at_once(shape: tuple[int, ...], dtype: Any) -> int:
    """Rows of a piece of bounded size."""
    bytes_of_row = max(1, int(np.prod(shape[1:], dtype=np.float64)) * dtype.itemsize)
    return max(1, int(MOST_BLOCK // bytes_of_row))


def _broken(name: str, error: Exception) -> InputError:
    """The error for a file that is not what its ending says."""
    text = str(error)
    if "pickle" in text.lower() or "python objects" in text.lower():
        return InputError(
            f"{name} holds pickled objects, which are refused: they could run code",
            hint="save plain arrays with numpy.save",
        )
    short = " ".join(text.split())[:120]
    return InputError(f"{name} can't be read: {short}", hint="is it complete, and what its ending says?")


# --- .npz ---------------------------------------------------------------------------------------------------------


def npz_source(file: BinaryIO, path: str, spec: str | None) -> PieceSource:
    """A member of an `.npz` archive, read in order; without a name its only one."""
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        raise _broken(path, error) from error
    members = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    member, spec = _member(path, members, spec)
    name = f"{path}:{member}"
    try:
        stream: Any = archive.open(f"{member}.npy")
        version = npy.read_magic(stream)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read_header(stream)
    except BROKEN as error:
        raise _broken(name, error) from error
    if dtype.hasobject:
        raise _broken(name, ValueError("pickle"))
    pieces = _read_in_order(stream, shape, dtype, name)
    if fortran and len(shape) == 2:  # columns come one after the other, so a row is known only when all were read
        pieces = (np.concatenate(list(part)).T for part in [_read_in_order(stream, shape[::-1], dtype, name)])
    return _source(name, shape, dtype, pieces, spec)


def _member(path: str, members: list[str], spec: str | None) -> tuple[str, str | None]:
    """The member that is meant, and what is left of the column specification."""
    if spec is not None:
        first, _, rest = spec.partition(":")
        if first in members:
            return first, rest or None
    if len(members) == 1 and (spec is None or spec[:1].isdigit()):
        return members[0], spec
    what = f"has no member {spec!r}" if spec is not None else f"has {len(members)} members"
    raise InputError(f"{path} {what}", hint=f"name one of them: {', '.join(f'{path}:{name}' for name in members[:6])}")


def _read_in_order(stream: BinaryIO, shape: tuple[int, ...], dtype: Any, name: str) -> Iterator[Array]:
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
