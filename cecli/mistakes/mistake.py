"""A usual mistake: a row of the table, and how it is made with some numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np

from cecli.maths.namespace import Array
from cecli.maths.units import NATS, Base
from cecli.mistakes.state_view import StateView, V
from cecli.record import Record

C = TypeVar("C")

RARE, COMMON, EVERYDAY = 0, 1, 2
"""How often a mistake is made."""

BASES = (("natural logarithm", NATS), ("logarithm to base 2", Base(2.0)), ("logarithm to base 10", Base(10.0)))


class Variants(Record, Generic[V]):
    """The ways to make a mistake with some numbers: what to call each, and its change."""

    of: Callable[[V], Iterable[tuple[str, Callable[[V], V]]]]


def each(
    choices: Sequence[tuple[str, C]] | Callable[[V], Iterable[tuple[str, C]]], change: Callable[[V, C], V]
) -> Variants[V]:
    """A way for every choice, each under the name that comes with it; the choices may depend on the numbers."""

    def with_choice(choice: C) -> Callable[[V], V]:
        return lambda view: change(view, choice)

    def ways(view: V) -> list[tuple[str, Callable[[V], V]]]:
        return [(name, with_choice(choice)) for name, choice in (choices(view) if callable(choices) else choices)]

    return Variants(ways)


class Mistake(Record, Generic[V]):
    """A usual mistake: a row of the table."""

    code: str
    name: str
    formula: str
    """What it makes of the right formula."""
    of: str
    """The quantities that it can be made with."""
    stage: str
    """The stage that it changes."""
    change: Callable[[V], V] | Variants[V]
    """What it makes of the view after that stage."""
    advice: str
    common: int = RARE
    """How often it is made: COMMON ones are looked for in claims of two digits too, EVERYDAY ones with another at three."""
    when: Callable[[V], bool] | None = None
    """With which numbers it can be made; None where with all."""
    called: str = ""
    """What a finding calls it, where that is not the row's name."""
    one_sample: str = ""
    """What to call it where one sample alone has it, {} for the name that it has else; empty where that makes no sense."""
    instead: bool = False
    """The change takes the stage's place; else it follows it."""
    separates: str = ""
    """What kind of other numbers would tell it from mistakes that give the same."""
    is_sum: bool = True
    """Whether the value is still a sum of terms, which may have been rounded on the way."""
    is_rounding: bool = False
    """Whether it is a rounding on the way, which is named beside other roundings, and where nothing else fits."""
    is_alone: bool = False
    """Whether it is looked for alone: it has so many ways that with another one it would explain too much."""
    is_part: bool = False
    """Whether the value is another part of the same call: that is said before any mistake."""


class AppliedMistake(Record, Generic[V]):
    """A mistake as it is made with some numbers."""

    mistake: Mistake[V]
    name: str
    change: Callable[[V], V]


def applied(mistake: Mistake[V], view: V) -> Sequence[AppliedMistake[V]]:
    """The ways to make a mistake with some numbers."""
    if mistake.when is not None and not mistake.when(view):
        return []
    if isinstance(mistake.change, Variants):
        return [AppliedMistake(mistake, name, change) for name, change in mistake.change.of(view)]
    return [AppliedMistake(mistake, mistake.called or mistake.name, mistake.change)]


MOST_EXCHANGED = 8
"""Entries up to which two that changed places are looked for."""


def exchanged(values: Array, places: tuple[int, int]) -> Array:
    """The values with two of the last axis in each other's place."""
    moved = np.array(values)
    moved[..., list(places)] = moved[..., list(reversed(places))]
    return moved


CLASSES_BESIDE = (("class index off by one, too high", 1), ("class index off by one, too low", -1))


def twice(what: str) -> Callable[[StateView], list[tuple[str, None]]]:
    """What to call a softmax or sigmoid of what is one already."""
    return lambda view: [(f"{what} applied {'twice' if view.options.logits else 'to probabilities'}", None)]


def other_bases(view: StateView) -> list[tuple[str, Base]]:
    """The usual bases but the one in use, each with what its logarithm is called."""
    return [(name, base) for name, base in BASES if base != view.options.base]


def with_base(view: V, base: Base) -> V:
    """Logarithms to another base."""
    return view.changed(base=base)
