"""Totals of steps that follow one another, folded so that every way to cut the input gives the same bits.

Adding floats in another order rounds them otherwise. So the order is fixed by where a step stands in the whole input: two neighbours
make a pair, two pairs a quartet, and so on, as in a binary tree over all steps. What one thread, or one worker of many, has folded of
its own steps are the largest whole branches among these, of which there are few (at most 2·log₂ of their number); branches that meet grow together.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, Generic, Protocol, Self, TypeVar


class Mergeable(Protocol):
    """What adds up."""

    def __add__(self, other: Any) -> Any: ...


T = TypeVar("T", bound=Mergeable)


class Fold(Generic[T]):
    """The totals of consecutive steps, from step number `first` on."""

    def __init__(self, first: int = 0) -> None:
        self._next = first
        self._branches: list[tuple[int, int, T]] = []
        """Level, place among those of the level, and totals; in the order of their steps."""

    def add(self, total: T) -> None:
        """Takes in the totals of the next step."""
        self._grow(0, self._next, total)
        self._next += 1

    def extend(self, totals: Iterable[T]) -> Self:
        """Takes in those of several steps."""
        for total in totals:
            self.add(total)
        return self

    def join(self, other: Fold[T]) -> Fold[T]:
        """With the totals of the steps that follow."""
        joined: Fold[T] = Fold(other._next)
        joined._branches = [*self._branches]
        for branch in other._branches:
            joined._grow(*branch)
        return joined

    def _grow(self, level: int, place: int, total: T) -> None:
        """Puts a branch at the end; two halves become a whole."""
        while self._branches and place % 2 and self._branches[-1][:2] == (level, place - 1):
            level, place, total = level + 1, place // 2, self._branches.pop()[2] + total
        self._branches.append((level, place, total))

    @property
    def total(self) -> T | None:
        """The totals of all steps; None where there was none."""
        return reduce(lambda a, b: a + b, (total for _, _, total in self._branches)) if self._branches else None
