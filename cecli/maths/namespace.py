"""The array namespace (NumPy, CuPy, array-api-strict, …) that comes with an array."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache, reduce
from typing import Any, Protocol, TypeGuard, cast

import numpy as np

FEW_CLASSES = 64
"""Below so many classes rows are too short for the instructions that take many numbers at once."""

TURNED_AT_ONCE = 2**10
"""Rows that are turned at once to lie class by class: so many stay in the cache while they are read class after class."""

PIECE = 2**19
"""Numbers that take many steps at once: few enough for the cache, and enough that threads seldom wait for Python's lock."""

VERY_FEW_CLASSES = 7
"""Below so many classes a sum along them is quicker column by column."""

PRODUCT = 2**13
"""Numbers of a matrix product that BLAS computes on the thread that asks for it, without waking others."""

ROWS_AT_ONCE = 8
"""A multiple of the rows that BLAS takes together."""

RUN = 128
"""Numbers that are summed one after the other; sums of such runs are summed in pairs, so that rounding errors do not add up."""

SHORT_RUN = 8
"""The same of classes that lie one behind the other."""

LONG_RUN = 1024
"""The same of products, of which `vecdot` sums many side by side."""


class Array(Protocol):  # noqa: PLW1641 - an array has no hash
    """An array of some namespace of the array API standard, as far as it is used here."""

    @property
    def dtype(self) -> Any: ...
    @property
    def device(self) -> Any: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def ndim(self) -> int: ...
    def __array__(self, /) -> np.ndarray: ...
    def __getitem__(self, key: Any, /) -> Array: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def __float__(self) -> float: ...
    def __int__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __abs__(self) -> Array: ...
    def __neg__(self) -> Array: ...
    def __invert__(self) -> Array: ...
    def __add__(self, other: Any, /) -> Array: ...
    def __radd__(self, other: Any, /) -> Array: ...
    def __sub__(self, other: Any, /) -> Array: ...
    def __rsub__(self, other: Any, /) -> Array: ...
    def __mul__(self, other: Any, /) -> Array: ...
    def __rmul__(self, other: Any, /) -> Array: ...
    def __truediv__(self, other: Any, /) -> Array: ...
    def __rtruediv__(self, other: Any, /) -> Array: ...
    def __pow__(self, other: Any, /) -> Array: ...
    def __and__(self, other: Any, /) -> Array: ...
    def __or__(self, other: Any, /) -> Array: ...
    def __eq__(self, other: Any, /) -> Array: ...  # type: ignore[override]
    def __ne__(self, other: Any, /) -> Array: ...  # type: ignore[override]
    def __lt__(self, other: Any, /) -> Array: ...
    def __le__(self, other: Any, /) -> Array: ...
    def __gt__(self, other: Any, /) -> Array: ...
    def __ge__(self, other: Any, /) -> Array: ...


class Namespace(Protocol):
    """The functions of the array API standard, and what each library has beside them."""

    float32: Any
    float64: Any
    int64: Any
    inf: float
    nan: float

    def finfo(self, dtype: Any, /) -> Any: ...
    def __getattr__(self, name: str) -> Callable[..., Array]: ...


NUMPY = (np.ndarray, np.generic)

quiet = np.errstate(all="ignore")
"""Decorates kernels: the limits they take (log 0, inf − inf under a mask) are theirs to settle, not to warn of."""


def namespace(*arrays: Array) -> Namespace:
    """The namespace that the arrays share: `numpy` itself for NumPy's, else what array-api-compat finds."""
    for array in arrays:
        if not isinstance(array, NUMPY):
            break
    else:
        return np
    kinds = frozenset(map(type, arrays))
    if kinds not in _NAMESPACES:  # kernels ask for every operation
        from array_api_compat import array_namespace

        _NAMESPACES[kinds] = array_namespace(*arrays)
    return _NAMESPACES[kinds]


_NAMESPACES: dict[frozenset[type], Namespace] = {}
"""The namespace of the kinds of arrays that were met together."""


def on_cpu(array: Array) -> np.ndarray:
    """The array as NumPy's, wherever it is; CuPy's refuse to be converted unless asked by name."""
    fetch = getattr(array, "get", None)
    return np.asarray(array if fetch is None else fetch())


def at_labels(x: Array, labels: Array) -> Array:
    """x[n, labels[n]] with the last axis kept, of length 1."""
    xp = namespace(x, labels)
    if _lies_in_one(x):
        return np.take(_in_memory(x), _places(x, on_cpu(labels)))[:, None]
    return xp.take_along_axis(x, labels[..., None], axis=-1)


def with_labels(x: Array, labels: Array, values: Array) -> Array:
    """x with values[n] in place of x[n, labels[n]]; values have a last axis of length 1."""
    xp = namespace(x, labels)
    if _lies_in_one(x):
        return put_at_labels(np.copy(x, order="K"), labels, values)
    return xp.where(xp.arange(x.shape[-1], dtype=labels.dtype, device=x.device) == labels[..., None], values, x)


def put_at_labels(x: Array, labels: Array, values: Array) -> Array:
    """The same, in place where that can be done: what is in x may be lost."""
    if not _lies_in_one(x) or not x.flags.writeable:
        return with_labels(x, labels, values)
    _in_memory(x)[_places(x, on_cpu(labels))] = values[:, 0]
    return x


def apart(x: Array, labels: Array) -> tuple[Array, Array]:
    """(x[n, labels[n]], the sum of the rest of row n), with the last axis kept, of length 1. What is in x may be lost."""
    if not _lies_in_one(x) or not x.flags.writeable:
        chosen = at_labels(x, labels)
        return chosen, row_sum(with_labels(x, labels, namespace(x).zeros_like(chosen)))[..., None]
    memory, places = _in_memory(x), _places(x, on_cpu(labels))
    chosen = np.take(memory, places)
    memory[places] = 0
    return chosen[:, None], row_sum(x)[:, None]


def _lies_in_one(x: Array) -> TypeGuard[np.ndarray]:
    """Whether a matrix is NumPy's and lies in one piece, so that one index into its memory does what NumPy would build two for."""
    return isinstance(x, np.ndarray) and x.ndim == 2 and x.flags.forc


def _lies_by_rows(x: Array) -> TypeGuard[np.ndarray]:
    """Whether it is so, and one row lies behind the other."""
    return _lies_in_one(x) and x.flags.c_contiguous


def _in_memory(x: np.ndarray) -> np.ndarray:
    """All values, as they lie in memory."""
    return x.reshape(-1) if x.flags.c_contiguous else x.T.reshape(-1)


def _places(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Where in memory x[n, labels[n]] is."""
    rows, classes = x.shape
    by_rows = x.flags.c_contiguous
    places: np.ndarray = _row_starts(rows, classes if by_rows else 1) + (labels if by_rows else labels * rows)
    return places


@lru_cache(maxsize=2)
def _row_starts(rows: int, classes: int) -> np.ndarray:
    """Where in memory each row begins; blocks of one call have the same."""
    return np.arange(0, rows * classes, classes)


def row_sum(x: Array) -> Array:
    """The sum over the last axis, of two and more axes.

    Of very few classes the columns are added. Few are a product with ones. `einsum` is the quickest of NumPy's own sums along longer rows,
    and adds one number after the other: they are cut into runs.
    """
    xp = namespace(x)
    if is_class_major(x):
        return cast("Array", reduce(np.add, (np.sum(some, axis=-1) for some in _runs_of_classes(x))))
    if not _lies_by_rows(x):
        return xp.sum(x, axis=-1)
    rows, classes = x.shape
    if classes < VERY_FEW_CLASSES:
        return cast("Array", reduce(np.add, (x[:, k] for k in range(classes))))
    if classes < FEW_CLASSES:
        return _row_sum_by_product(x)
    end = classes // RUN * RUN
    rest: Array = np.einsum("ij->i", x[:, end:])
    return rest + np.sum(np.einsum("ijk->ij", x[:, :end].reshape(rows, end // RUN, RUN)), axis=-1) if end else rest


@quiet
def _row_sum_by_product(x: np.ndarray) -> Array:
    """The sum of short rows: products of some of them at a time with ones, the last filled up with rows of zeros.

    All products have one shape, and BLAS takes the rows by fours, so that a sum does not depend on where its row stands.
    """
    rows, classes = x.shape
    some = PRODUCT // classes // ROWS_AT_ONCE * ROWS_AT_ONCE
    end, ones = rows // some * some, np.ones(classes, x.dtype)
    last = np.zeros((some, classes), x.dtype)
    last[: rows - end] = x[end:]
    sums = np.matmul(x[:end].reshape(-1, some, classes), ones).reshape(-1)
    return np.concatenate([sums, np.matmul(last, ones)[: rows - end]])


def row_product_sum(a: Array, b: Array) -> Array:
    """The sum of a·b over the last axis, of two and more axes; NumPy's own write no products down."""
    xp = namespace(a, b)
    if is_class_major(a) or is_class_major(b):
        parts = zip(_runs_of_classes(class_major(a)), _runs_of_classes(class_major(b)), strict=True)
        return cast("Array", reduce(np.add, (np.einsum("ij,ij->i", *some) for some in parts)))
    if not (_lies_by_rows(a) and _lies_by_rows(b)) or a.shape[-1] < VERY_FEW_CLASSES:
        return row_sum(a * b)
    rows, classes = a.shape
    if classes < FEW_CLASSES:
        products: Array = np.einsum("ij,ij->i", a, b)
        return products
    end = classes // LONG_RUN * LONG_RUN
    rest = xp.vecdot(a[:, end:], b[:, end:])
    runs = [x[:, :end].reshape(rows, end // LONG_RUN, LONG_RUN) for x in (a, b)]
    return rest + np.sum(xp.vecdot(*runs), axis=-1) if end else rest


def _runs_of_classes(x: Array) -> Iterator[Array]:
    """A matrix that lies class by class, some classes at a time."""
    return (x[:, start : start + SHORT_RUN] for start in range(0, x.shape[-1], SHORT_RUN))


def recomputed(
    found: Iterable[Array], wrong: Array, work: Callable[..., Iterable[Array]], *arrays: Array
) -> list[Array]:
    """The arrays found, with the rows that are `wrong` as work(arrays) gives them; NumPy's work is on these rows alone.

    The mask has as many dimensions as what was found, the last of length 1 where that is the classes.
    """
    xp = namespace(wrong)
    if xp is not np:
        return [xp.where(wrong, right, x) for right, x in zip(work(*arrays), found, strict=True)]
    places, mended = np.flatnonzero(wrong), list(found)
    step = _rows_of_piece(arrays[0])
    for start in range(0, len(places), step):
        rows = places[start : start + step]
        for x, right in zip(mended, work(*(_taken(on_cpu(array), rows) for array in arrays)), strict=True):
            x[rows] = right
    return mended


def _taken(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Some rows of an array; what lies class by class stays so."""
    return x.T.take(rows, axis=-1).T if is_class_major(x) else x.take(rows, axis=0)


def in_pieces(work: Callable[..., Array], *arrays: Array) -> Array:
    """work(arrays), one number for each row; NumPy's rows are taken some at a time, so that what is written on the way stays in the cache."""
    xp, rows = namespace(*arrays), int(arrays[0].shape[0])
    step = _rows_of_piece(arrays[0])
    if xp is not np or rows <= step:
        return work(*arrays)
    return np.concatenate([on_cpu(work(*(x[start : start + step] for x in arrays))) for start in range(0, rows, step)])


def _rows_of_piece(x: Array) -> int:
    """How many rows of a matrix make a piece."""
    return max(1, PIECE // max(1, int(x.shape[-1])))


def class_major(x: Array) -> Array:
    """The same values; of few classes all of the first, then all of the second, and so on in memory.

    What is done along short rows is then done to many rows at once. Shapes and formulas stay as they are.
    """
    if not isinstance(x, np.ndarray) or x.ndim != 2 or x.shape[-1] >= FEW_CLASSES or x.flags.f_contiguous:
        return x
    if len(x) <= TURNED_AT_ONCE:
        return cast("Array", np.asfortranarray(x))
    turned = np.empty(x.shape, x.dtype, order="F")
    for start in range(0, len(x), TURNED_AT_ONCE):
        turned[start : start + TURNED_AT_ONCE] = x[start : start + TURNED_AT_ONCE]
    return turned


def is_class_major(x: Array) -> bool:
    """Whether an array lies in memory class by class."""
    return isinstance(x, np.ndarray) and x.ndim == 2 and x.flags.f_contiguous and not x.flags.c_contiguous


@quiet
def log1p(x: Array) -> Array:
    """log(1 + x) for finite x ≥ 0, exact where x is small: log u − ((u − 1) − x)/u with u = 1 + x rounded, where NumPy's own takes one number at a time.

    That quotient is what the rounding of u costs, to first order; the second is below the last digit of x.
    """
    xp = namespace(x)
    if xp is not np or _has_vector_log1p():
        return xp.log1p(x)
    u = 1 + x
    found: Array = xp.log(u)
    lost = u - 1
    lost -= x
    lost /= u
    found -= lost
    return found


@cache
def _has_vector_log1p() -> bool:
    """Whether NumPy's log1p takes many numbers at once on this processor, as it does with AVX-512."""
    try:
        from numpy.lib.introspect import opt_func_info
    except ModuleNotFoundError:  # NumPy before 2.1 does not tell
        return False
    kinds = opt_func_info(func_name="^log1p$")["log1p"]  # of float16 it does so on the newest processors alone
    return not any(kinds[kind]["current"].startswith("baseline") for kind in ("ff", "dd"))


@quiet
def is_finite(x: Array) -> bool:
    """Whether all values are surely finite: their sum is. (A sum may be too large where no value is.)"""
    xp = namespace(x)
    return bool(xp.isfinite(np.einsum("i->", _in_memory(x)) if _lies_in_one(x) else xp.sum(x)))


def indexes(mask: Array) -> tuple[Array, ...]:
    """Where a mask is True: an index for each axis."""
    return cast("tuple[Array, ...]", namespace(mask).nonzero(mask))


def count_true(mask: Array) -> int:
    """How many entries of a mask are True."""
    xp = namespace(mask)
    return int(np.count_nonzero(on_cpu(mask)) if xp is np else xp.sum(xp.astype(mask, xp.int64)))


def one_hot(labels: Array, classes: int, like: Array) -> Array:
    """Rows that are 1 at the label and 0 elsewhere, in the type of `like`."""
    xp = namespace(labels)
    index = xp.arange(classes, dtype=labels.dtype, device=labels.device)
    return xp.astype(index == labels[..., None], like.dtype)


def safe_product(weight: Array, value: Array) -> Array:
    """weight · value with 0 · inf = 0: the mask comes before the product, so a NaN is never made."""
    xp = namespace(weight, value)
    if xp is np and is_finite(value):
        return weight * value
    return weight * xp.where(weight == 0, xp.zeros_like(value), value)


def safe_product_sum(weight: Array, value: Array) -> Array:
    """The sum of weight · value over the last axis with 0 · inf = 0."""
    xp, total = namespace(weight, value), row_product_sum(weight, value)
    return total if is_finite(total) else row_product_sum(weight, xp.where(weight == 0, xp.zeros_like(value), value))
