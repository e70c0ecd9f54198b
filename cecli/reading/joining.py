"""`--id`: target and predictions joined by a column, whatever the order of their rows.

Joining needs every row of the target and of all predictions but the first at once; the first sets the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.maths.namespace import Array
from cecli.reading.sources import Rows, Source
from cecli.record import Record

BLOCK = 1 << 16
STRICT = 1e-5


class Read(Record):
    """A source read whole: its values, and how far from 1 each row may sum."""

    values: Array
    tolerances: Array


class JoinedSource(Source):
    """A source that was read whole and put in another order."""

    def __init__(self, source: Source, order: Array, read: Read, ids: Sequence[str], labels: bool) -> None:
        self.source, self.name = source, source.name
        self.names, self.width, self.hint = source.names, source.width, source.hint
        self.dimensions = 1 if labels else 2
        self.rounding, self.text = source.rounding, source.text
        self._values, self._tolerances = read.values[order], read.tolerances[order]
        self._ids, self._labels = ids, labels
        self._taken = 0

    def _next(self, n: int) -> Array | None:
        """The next n samples."""
        start, self._taken = self._taken, min(self._taken + n, len(self._values))
        return self._values[start : self._taken] if self._taken > start else None

    def rows(self, n: int) -> Rows | None:
        """The next n rows."""
        values = self._next(n)
        if values is None:
            return None
        first = self._taken - len(values)
        return Rows(values.reshape(len(values), -1), lambda i: float(self._tolerances[first + i]))

    def vector(self, n: int) -> Array | None:
        """The next n values."""
        values = self._next(n)
        return None if values is None else values.reshape(-1)

    def labels(self, n: int, names: Sequence[str] | None, ignore: int | None) -> Array | None:  # noqa: ARG002
        """The next n labels: they were matched to the classes when they were read."""
        return self.vector(n)

    def are_class_names(self, names: Sequence[str] | None) -> bool:  # noqa: ARG002
        """Labels by name are indices by now."""
        return self._labels

    def where(self, sample: int) -> str:
        """The id of a sample."""
        return f"id {self._ids[sample]!r} of {self.name}"

    def found_at(self, sample: int) -> str | None:
        """The id of a sample."""
        return f"id {self._ids[sample]!r}"


def joined(
    target: Source,
    title: str,
    predictions: Mapping[str, Source],
    ids: Mapping[str, Source],
    names: Sequence[str] | None,
    ignore: int | None,
) -> tuple[Source, dict[str, Source]]:
    """The target and the predictions in the order of the first prediction, matched by their ids."""
    keys = {name: _ids(source, name) for name, source in ids.items()}
    first = next(iter(predictions))
    order = keys[first]
    found: dict[str, Source] = {name: _joined(source, name, order, keys, first) for name, source in predictions.items()}
    known = tuple(names) if names else next(iter(predictions.values())).names
    return _joined(target, title, order, keys, first, known, ignore), found


def _ids(source: Source, name: str) -> list[str]:
    """All ids of a source, each of which may stand there once."""
    texts: list[str] = []
    read: Any = source
    while (part := read.texts(BLOCK)) is not None:
        texts += part
    seen: set[str] = set()
    for i, text in enumerate(texts):
        if text in seen:
            raise InputError(f"{name}: id {text!r} stands in {source.name} twice, again as sample {i + 1}")
        if not text:
            raise InputError(f"{name}: sample {i + 1} of {source.name} has no id")
        seen.add(text)
    return texts


def _joined(
    source: Source,
    name: str,
    order: list[str],
    keys: Mapping[str, list[str]],
    first: str,
    names: Sequence[str] | None = None,
    ignore: int | None = None,
) -> JoinedSource:
    """One source in the order of the ids."""
    position = {text: i for i, text in enumerate(keys[name])}
    _require_all(order, position, name, first)
    labels = source.width == 1
    read = _read_labels(source, names, ignore) if labels else _read_rows(source)
    return JoinedSource(source, np.array([position[text] for text in order]), read, order, labels)


def _require_all(order: list[str], position: Mapping[str, int], name: str, first: str) -> None:
    """Every id must stand on both sides."""
    missing = [text for text in order if text not in position]
    if missing:
        raise InputError(
            f"{name} has no id {missing[0]!r}, which {first} has",
            hint=f"{len(missing)} of {len(order)} ids are missing",
        )
    if len(position) > len(order):
        known = set(order)
        extra = [text for text in position if text not in known]
        raise InputError(
            f"{first} has no id {extra[0]!r}, which {name} has", hint=f"{len(extra)} of {len(position)} ids are missing"
        )


def _read_labels(source: Source, names: Sequence[str] | None, ignore: int | None) -> Read:
    """All labels of a source."""
    parts: list[Array] = []
    while (part := source.labels(BLOCK, names, ignore)) is not None:
        parts.append(part)
    values = np.concatenate(parts)
    return Read(values, np.zeros(len(values)))


def _read_rows(source: Source) -> Read:
    """All rows of a source; how far from 1 a row may sum is asked only of those that miss it."""
    parts, tolerances = [], []
    while (rows := source.rows(BLOCK)) is not None:
        off = np.abs(rows.values.sum(axis=-1) - 1) > STRICT
        allowed = np.full(len(rows.values), STRICT)
        allowed[off] = [rows.tolerance(int(i)) for i in np.nonzero(off)[0]]
        parts.append(rows.values)
        tolerances.append(allowed)
    return Read(np.concatenate(parts), np.concatenate(tolerances))
