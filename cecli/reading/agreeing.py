"""Columns that several files bring along, labels (`--label`) and slices (`--by`): they must be the same, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.maths.namespace import Array
from cecli.numerals import shortest
from cecli.reading import vector
from cecli.reading.labels import Ignored
from cecli.reading.missing import is_missing
from cecli.reading.sources import Rows, SeenSamples, Source


def agreeing(sources: Sequence[Source], what: str) -> Source:
    """One column of several files, which must be the same in all of them."""
    return sources[0] if len(sources) == 1 else Agreeing(sources, what)


class Agreeing(Source):
    """The column of the first file, as long as those of the others are the same; `what` is what errors call its values."""

    def __init__(self, sources: Sequence[Source], what: str) -> None:
        self.what = what
        self.first, self.others = sources[0], sources[1:]
        self.name, self.text, self.width = self.first.name, self.first.text, self.first.width
        self.names, self.hint, self.rounding = self.first.names, self.first.hint, self.first.rounding
        self.dimensions = self.first.dimensions
        self._taken = 0

    def labels(self, n: int, names: Sequence[str] | None, ignore: Ignored) -> Array | None:
        """The next n labels."""
        return self._agreed([source.labels(n, names, ignore) for source in (self.first, *self.others)])

    def vector(self, n: int) -> Array | None:
        """The next n labels as numbers."""
        return self._agreed([source.vector(n) for source in (self.first, *self.others)])

    def texts(self, n: int) -> list[str] | None:
        """The next n values as they are written; numbers may be written in several ways."""
        sources: list[Any] = [self.first, *self.others]
        found = [source.texts(n) for source in sources]
        same = all(texts == found[0] for texts in found)
        self._agreed(found if same else [texts and [*map(_plain, texts)] for texts in found])
        own: list[str] | None = found[0]
        return own

    def rows(self, n: int) -> Rows | None:
        """The next n labels as rows of one."""
        found = [source.rows(n) for source in (self.first, *self.others)]
        self._agreed([None if rows is None else rows.values[:, 0] for rows in found])
        return found[0]

    def _agreed(self, found: Sequence[Any]) -> Array | None:
        """The labels, or the error for the first that differs."""
        self.missing, self.ignored = self.first.missing, self.first.ignored
        mine = found[0]
        for source, labels in zip(self.others, found[1:], strict=True):
            length = 0 if labels is None else len(labels)
            if length != (0 if mine is None else len(mine)):
                continue  # the predictions beside it are of another length too, which is said of them
            if mine is None:
                continue
            wrong = np.flatnonzero(np.asarray(labels) != np.asarray(mine))
            if len(wrong):
                sample = self._taken + int(wrong[0])
                raise InputError(
                    f"{self.what} differ: {self.first.where(sample)} and {source.where(sample)}",
                    hint=self._hint(),
                )
        self._taken += 0 if mine is None else len(mine)
        return None if mine is None else np.asarray(mine)

    def _hint(self) -> str:
        joins = "rows in another order? --id COLUMN joins them"
        return joins if self.what == "the labels" else f"{joins}; --by FILE:COLUMN takes those of one file"

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """What the first file says."""
        return self.first.are_class_names(names)

    def glance(self) -> Array | None:
        """What the first file says."""
        return self.first.glance()

    def are_several(self) -> bool:
        """What the first file says."""
        return self.first.are_several()

    def where(self, sample: int) -> str:
        """Where the first file has it."""
        return self.first.where(sample)

    def seen(self) -> SeenSamples:
        """Where the first file has them."""
        return self.first.seen()

    def begin(self, first: int) -> None:
        """All files begin there."""
        self._taken = first
        for source in (self.first, *self.others):
            source.begin(first)

    def found_at(self, sample: int) -> str | None:
        """Where the first file has it."""
        return self.first.found_at(sample)

    def shown(self, sample: int, column: int) -> str | None:
        """As the first file writes it."""
        return self.first.shown(sample, column)

    def drain(self) -> int:
        """How many samples were left."""
        return self.first.drain()


def _plain(text: str) -> str:
    """A value so that equal ones have equal texts: of a missing one nothing, of a number its shortest."""
    if is_missing(text):
        return ""
    value = vector.value_of(text)
    return text if value is None else shortest(value)
