"""Collections of Dask, folded where they are: a task reads a few blocks of each, and only totals leave it.

Whatever scheduler of Dask is active runs the tasks: a client of a cluster, processes, or the threads of this process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from cecli.errors import InputError
from cecli.extras import load
from cecli.reading import checks
from cecli.reading.arrays import ArraySource
from cecli.reading.collections import part_of, rows_of, with_part, without_values
from cecli.reading.label_source import LabelSource
from cecli.reading.sources import Source
from cecli.running.batches import Step
from cecli.running.parts import Totals, answered, in_tree, known_before, right, spans
from cecli.running.streams import ONE_EACH
from cecli.running.travelling import pickled, unpickled
from cecli.running.walk import Span, Walk


class Collections:
    """Where a library call computes whose prediction is a Dask collection."""

    def folded(self, work: Callable[[Step], Any], walk: Walk) -> Any:
        """The totals of the work on all steps of a walk."""
        dask = load("dask", "a Dask collection", "dask")
        _require_rows(walk)
        grain = walk.rows_at_once * walk.together
        sources: list[Any] = []
        packed = pickled((work, walk), lambda source: _place(source, sources, walk))
        _require_lengths(sources, walk)
        lead = _lead(sources).collection
        message = dask.delayed((packed, [without_values(source) for source in sources]), pure=False)
        cut = spans(accumulate(lead.lengths), lead.rows, grain)
        parts = [(span, _blocks(sources, span, lead.rows)) for span in cut]
        before: list[Any] = [None] * len(parts)
        if walk.together > 1:
            counted = dask.compute(*(dask.delayed(_counted)(message, *part) for part in parts[:-1]))
            before = known_before(map(right, counted))
        leaves = [dask.delayed(_totals)(message, *part, known) for part, known in zip(parts, before, strict=True)]
        found = right(in_tree(lambda join, *some: dask.delayed(join)(*some), leaves).compute())
        walk.require(found.seen)
        return found.fold.total


def _place(source: Source, sources: list[Any], walk: Walk) -> int | None:
    """The place of a source that has a value for each sample: it is noted when it is first met."""
    if source is walk.options.class_weights or not isinstance(source, (ArraySource, LabelSource)):
        return None
    place = next((i for i, each in enumerate(sources) if each is source), None)
    if place is None:
        place = len(sources)
        sources.append(source)
    return place


def _lead(sources: Sequence[Any]) -> Any:
    """The first collection: its blocks are the parts."""
    return next(source for source in sources if source.collection is not None)


def _require_rows(walk: Walk) -> None:
    for stream in walk.streams:
        if stream.is_one_row and not stream.is_vector and stream.kind not in ONE_EACH:
            raise InputError(
                f"{stream.source.name} is one row, and a Dask collection is read in rows",
                hint="compute() makes an array of it",
            )


def _require_lengths(sources: Sequence[Any], walk: Walk) -> None:
    """All must have as many samples."""
    lead, weights = _lead(sources), walk.options.sample_weights
    for source in sources:
        ours, theirs = rows_of(source), rows_of(lead)
        if ours != theirs and weights is not None and source is weights:
            raise checks.weight_count_error(ours, theirs, weights, "samples")
        if ours != theirs:
            raise checks.length_error(ours, theirs, source, lead)


def _blocks(sources: Sequence[Any], span: Span, total: int) -> list[list[Any]]:
    stop = total if span.samples is None else span.first + span.samples
    return [part_of(source, span.first, stop) for source in sources]


# --- tasks ----------------------------------------------------------------------------------------------------------


def _opened(message: tuple[bytes, list[Any]], span: Span, blocks: Sequence[Sequence[Any]]) -> tuple[Any, Walk]:
    packed, empty = message
    sources = [with_part(each, values, span.first) for each, values in zip(empty, blocks, strict=True)]
    work, walk = unpickled(packed, lambda place: sources[place])
    return work, walk.part(span)


@answered
def _counted(message: tuple[bytes, list[Any]], span: Span, blocks: Sequence[Sequence[Any]]) -> Any:
    """What later parts must know of this one."""
    return _opened(message, span, blocks)[1].counted()


@answered
def _totals(message: tuple[bytes, list[Any]], span: Span, blocks: Sequence[Sequence[Any]], before: Any) -> Totals:
    """What a part of the samples comes to."""
    return Totals.of(*_opened(message, span, blocks), before)
