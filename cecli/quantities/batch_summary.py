"""What one batch of losses comes to: a mergeable record, with the first infinite losses by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cecli.maths.namespace import Array
from cecli.record import Record
from cecli.running.batches import Batch
from cecli.statistics.sums import Totals

NAMED_INFINITE = 3
"""How many infinite losses a note names one by one."""

Infinite = Sequence[tuple[int, int]]
"""(sample, class) pairs of infinite losses."""

NamedInfinite = tuple[tuple[str, int], ...]
"""The first of them: what a message calls the sample, and the class."""


def named(infinite: Infinite, batch: Batch) -> NamedInfinite:
    """The infinite losses of a batch that a note may name."""
    assert batch.seen is not None
    return tuple((batch.seen.where(sample), index) for sample, index in infinite[:NAMED_INFINITE])


class BatchSummary(Record):
    """What one batch comes to: plain numbers, and the arrays of those that were asked for one by one; mergeable."""

    samples: int
    counted: int
    """Samples, or entries of a matrix of binary predictions."""
    ignored: int
    """How many of these are left out, for whatever reason."""
    skipped: int
    """Samples with a missing value."""
    looks_probable: bool
    """Whether all raw scores up to here look like probabilities."""
    totals: Mapping[str, Totals]
    listed: Mapping[str, tuple[Array, ...]]
    infinite: NamedInfinite
    infinite_count: int
    largest: float
    """The largest loss, where samples have no weights and all of them count."""
    underflowed: bool
    """Whether losses have underflowed, where these are listed or all are 0."""

    def __add__(self, other: BatchSummary) -> BatchSummary:
        return BatchSummary(
            self.samples + other.samples,
            self.counted + other.counted,
            self.ignored + other.ignored,
            self.skipped + other.skipped,
            self.looks_probable and other.looks_probable,
            {name: total + other.totals[name] for name, total in self.totals.items()},
            {name: arrays + other.listed[name] for name, arrays in self.listed.items()},
            (self.infinite + other.infinite)[:NAMED_INFINITE],
            self.infinite_count + other.infinite_count,
            max(self.largest, other.largest),
            self.underflowed or other.underflowed,
        )
