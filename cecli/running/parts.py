"""An input in parts, of which each is a task: where the parts begin, what one comes to, and how they join. `--dask` and the library's collections share it.

What is wrong with the input comes back from a task as a value, so that the first in the order of the input is the one that is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import accumulate, pairwise
from typing import Any, TypeVar

from cecli.errors import CecliError
from cecli.record import Record
from cecli.running.batches import Step
from cecli.running.driver import run
from cecli.running.folding import Fold
from cecli.running.walk import WHOLE, Seen, Span, Walk

AT_ONCE = 8
"""How many parts join in one task."""

T = TypeVar("T")


class Failed(Record):
    """What is wrong with the input."""

    error: CecliError


class Totals(Record):
    """What a part of the input comes to; mergeable."""

    fold: Fold[Any]
    seen: Seen

    @classmethod
    def of(cls, work: Callable[[Step], Any], part: Walk, before: Any) -> Totals:
        """Those of a part of a walk; `before` is what it must know of the parts before it."""
        part = part if before is None else part.after(before)
        fold = Fold[Any](part.span.first // part.rows_at_once).extend(run(work, part, part.execution))
        assert part.seen is not None
        return cls(fold, part.seen)

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.fold.join(other.fold), self.seen + other.seen)


def answered(task: Callable[..., T]) -> Callable[..., T | Failed]:
    """A task whose errors of input are values."""

    @wraps(task)
    def answer(*arguments: Any) -> T | Failed:
        try:
            return task(*arguments)
        except CecliError as error:
            return Failed(error)

    return answer


def right(found: Any) -> Any:
    """What a task has found; what is wrong with the input is raised."""
    if isinstance(found, Failed):
        raise found.error
    return found


def joined(*parts: Any) -> Any:
    """What parts that follow one another come to; where something is wrong, the first of it."""
    whole = parts[0]
    for part in parts[1:]:
        if isinstance(whole, Failed):
            return whole
        if isinstance(part, Failed):
            return part
        whole = whole + part
    return whole


def in_tree(submit: Callable[..., Any], leaves: Sequence[Any]) -> Any:
    """The task that joins all parts: some at a time, level by level."""
    tree = [*leaves]
    while len(tree) > 1:
        tree = [submit(joined, *tree[i : i + AT_ONCE]) for i in range(0, len(tree), AT_ONCE)]
    return tree[0]


def known_before(counted: Iterable[Any]) -> list[Any]:
    """What each part must know of those before it, from what was counted in all but the last."""
    return [None, *accumulate(counted)]


def spans(places: Iterable[int], total: int, grain: int, is_whole: bool = True) -> list[Span]:
    """The parts: from one place, the number of a row, to the next, cut between whole steps; where it is whole the last one has no end.

    A part begins with the first whole step behind a place, so that little is read twice: the rows between the place and the step.
    """
    firsts = sorted({0} | {first for place in places if (first := -(-place // grain) * grain) < total})
    if is_whole:
        return [*(Span(a, b - a) for a, b in pairwise(firsts)), Span(firsts[-1]) if firsts[-1] else WHOLE]
    return [Span(a, b - a) for a, b in pairwise([*firsts, total])] if total else []
