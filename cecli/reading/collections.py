"""Collections of Dask that were passed to the library: opened by their first rows, and computed in parts where they are.

No library is imported for it until there is such a collection: it is known by what it can do.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np

from cecli.errors import InputError
from cecli.extras import load
from cecli.reading import frames

FIRST_ROWS = 1000
"""Rows that say what a collection holds."""


class Collection:
    """A Dask array, Series or DataFrame as blocks of rows, whose lengths are known."""

    def __init__(self, values: Any, name: str) -> None:
        self._delayed = load("dask", "a Dask collection", "dask").delayed
        self.is_array = not hasattr(values, "divisions")
        self.shape: tuple[int, ...] | None = None
        """That of an array of three axes, which is seen as rows."""
        if self.is_array and values.ndim > 2:
            self.shape, values = tuple(values.shape), _rows_of(values, name)
        self.name, self.columns = name, None if self.is_array else getattr(values, "columns", None)
        self._blocks = self._blocks_of(values)
        self.lengths = self._lengths_of(values)
        *self._firsts, self.rows = accumulate(self.lengths, initial=0)
        self.first_rows = self._first_rows()

    def _blocks_of(self, values: Any) -> list[Any]:
        if self.is_array and values.ndim == 2:
            values = values.rechunk({1: -1})
        return list(np.ravel(values.to_delayed()))

    def _lengths_of(self, values: Any) -> list[int]:
        """The rows of each block: counted where the collection does not know them."""
        if self.is_array and not any(np.isnan(values.chunks[0])):
            return [*map(int, values.chunks[0])]
        compute = load("dask", "a Dask collection", "dask").compute
        return [*map(int, compute(*map(self._delayed(len), self._blocks)))]

    def _first_rows(self) -> Any:
        first = next((i for i, rows in enumerate(self.lengths) if rows), None)
        if first is None:
            raise InputError(f"{self.name}: no values are given")
        return self._delayed(_slice)(self._blocks[first], 0, FIRST_ROWS).compute()

    def distinct(self, texts_of: Callable[[Any], Iterable[str]]) -> set[str]:
        """The texts that there are in all blocks."""
        compute = load("dask", "a Dask collection", "dask").compute
        return set().union(*compute(*(self._delayed(_distinct)(texts_of, block) for block in self._blocks)))

    def part(self, start: int, stop: int) -> list[Any]:
        """The blocks, still to be computed, that rows start…stop are made of; of a block at the edge only its share."""
        found = []
        for i in range(max(0, bisect_right(self._firsts, start) - 1), bisect_left(self._firsts, stop)):
            first, rows = self._firsts[i], self.lengths[i]
            a, b = max(start - first, 0), min(stop - first, rows)
            if a < b:
                found.append(self._blocks[i] if b - a == rows else self._delayed(_slice)(self._blocks[i], a, b))
        return found


def _rows_of(values: Any, name: str) -> Any:
    """An array (N, T, K) as N·T rows."""
    if values.ndim > 3:
        raise InputError(
            f"{name}: a Dask array of {values.ndim} dimensions; at most three are allowed, of which the last is the classes",
            hint="reshape(-1, K) makes it rows of K classes",
        )
    if any(map(math.isnan, values.shape)):
        raise InputError(
            f"{name}: a Dask array of three dimensions that does not know their lengths",
            hint="compute_chunk_sizes() finds them",
        )
    return values.rechunk({2: -1}).reshape(-1, values.shape[2])


def _distinct(texts_of: Callable[[Any], Iterable[str]], block: Any) -> set[str]:
    return set(texts_of(block)) if len(block) else set()


def _slice(block: Any, start: int, stop: int) -> Any:
    return block.iloc[start:stop] if hasattr(block, "iloc") else block[start:stop]


S = TypeVar("S")


def is_collection(values: Any) -> bool:
    """Whether something is a Dask array, Series or DataFrame."""
    return hasattr(values, "__dask_graph__") and hasattr(values, "to_delayed")


def one_each(values: Any, shape: Sequence[int] | None) -> Any:
    """A Dask array (N, T) beside a prediction of the shape (N, T, K) as one value for each of its rows; what is anything else as it is."""
    beside = None if shape is None or len(shape) != 3 else tuple(shape[:-1])
    is_one_each = is_collection(values) and hasattr(values, "chunks") and tuple(values.shape) == beside
    return values.reshape(-1) if is_one_each else values


def opened(values: Any, name: str, open_rows: Callable[[Any], S]) -> S:
    """The source that the first rows of a collection are, which stands for all of it."""
    whole = Collection(values, name)
    source: Any = open_rows(whole.first_rows)
    source.row_names = None
    source.stand_for(whole)
    found: S = source
    return found


def require_values(whole: Collection | None, name: str) -> None:
    """The error for a collection of which values are needed here, and not in a task."""
    if whole is not None:
        raise InputError(
            f"{name} is a Dask collection: only totals come back, if a prediction is a Dask collection too",
            hint='reduction="mean" or "sum" gives a total; compute() makes an array of it',
        )


def rows_of(source: Any) -> int:
    """How many samples a source of the library has."""
    if source.collection is not None:
        return int(source.collection.rows)
    return len(source.given) if np.ndim(source.given) else 1


def part_of(source: Any, start: int, stop: int) -> list[Any]:
    """What samples start…stop of a source are made of: blocks of its collection, or a piece of the array in memory."""
    return [source.given[start:stop]] if source.collection is None else source.collection.part(start, stop)


def without_values(source: Any) -> Any:
    """A source as it travels to its part of the values."""
    empty = copy(source)
    empty.__dict__.pop("values", None)
    empty.is_collection = source.collection is not None
    empty.rows_in_all = rows_of(source)
    empty.given, empty.collection, empty.row_names = (), None, None
    return empty


def with_part(empty: Any, blocks: Sequence[Any], first: int) -> Any:
    """The source of a part, whose first sample has this number in the whole input."""
    source = copy(empty)
    if source.is_collection:
        source.take_part([frames.as_numpy(b, source.name) if frames.is_frame(b) else b for b in blocks])
    else:
        source.given = blocks[0]
    source.first = first
    return source
