"""How an answer is worked out, in stages, and what a mistake does to it.

A record of the work passes through the stages of a method in order; a mistake changes the record after one stage, or takes the
stage's place. Two mistakes are two changes in one run, and without any the run gives the right answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from cecli.maths.units import NATS, Base
from cecli.record import Record

AnyWork = Any
"""A frozen record of the work of one command, as it stands after a stage; each command has its own."""

Stage = Callable[[AnyWork], AnyWork]


BASES = (("natural logarithm", NATS), ("logarithm to base 2", Base(2.0)), ("logarithm to base 10", Base(10.0)))


def other_bases(base: Base) -> list[tuple[str, Base]]:
    """The usual bases but the one in use, each with what its logarithm is called."""
    return [(name, other) for name, other in BASES if other != base]


class Mistake(Record):
    """A usual mistake: a row of the table.

    `of` names the quantities that it can be made with, `at` the stage that it changes, `change` what it makes of the record there.
    """

    code: str
    name: str
    formula: str
    of: str
    at: str
    change: Callable[..., AnyWork]
    advice: str
    instead: bool = False
    """The change takes the stage's place; else it follows it."""
    common: bool = False
    """So frequent that it is tried together with others."""
    over: Callable[[AnyWork], Iterable[tuple[str, Any]]] | None = None
    """The ways to make the mistake with this work: what to call each, and what `change` is told of it."""
    each: str = ""
    """What to call it where one sample alone has it; empty where that makes no sense."""
    separates: str = ""
    """What kind of other numbers would tell it from mistakes that give the same."""
    adds: bool = True
    """Whether the value is still a sum of terms, which may have been rounded on the way."""


class Slip(Record):
    """A mistake as it is made with one piece of work."""

    mistake: Mistake
    name: str
    change: Stage


class Method(Record):
    """How the answers of a kind of question are worked out: a record to begin with, and the stages it passes."""

    quantity: str
    begun: tuple[AnyWork, ...]
    """One record; for `compare` one for each model."""
    stages: Sequence[tuple[str, Stage]]
    shown: Callable[[tuple[AnyWork, ...]], Any]
    """The answer of the finished work, as a report has it."""

    def stage(self, name: str) -> int:
        """Where a stage comes in the order; 0 is before the first."""
        return [stage for stage, _ in self.stages].index(name) + 1 if name != "inputs" else 0

    def right(self) -> list[tuple[AnyWork, ...]]:
        """The work after every stage, without a mistake."""
        return self._onward([self.begun])

    def _onward(self, states: list[tuple[AnyWork, ...]]) -> list[tuple[AnyWork, ...]]:
        """The work after every stage, given it after the first ones."""
        for _, stage in self.stages[len(states) - 1 :]:
            states = [*states, tuple(stage(work) for work in states[-1])]
        return states

    @np.errstate(all="ignore")
    def with_slip(self, states: list[tuple[AnyWork, ...]], slip: Slip) -> list[tuple[AnyWork, ...]] | None:
        """The work after every stage where a slip is made on the way; None where it makes no sense with these numbers."""
        at = self.stage(slip.mistake.at)
        before = states[at - 1 if slip.mistake.instead else at]
        try:
            changed = tuple(slip.change(work) for work in before)
            return self._onward([*states[:at], changed])
        except (ArithmeticError, ValueError):
            return None


def slips(mistake: Mistake, work: AnyWork) -> list[Slip]:
    """The ways to make a mistake with some work."""
    if mistake.over is None:
        return [Slip(mistake, mistake.name, mistake.change)]
    return [Slip(mistake, name, partial(_told, mistake.change, what)) for name, what in mistake.over(work)]


def _told(change: Callable[[AnyWork, Any], AnyWork], what: Any, work: AnyWork) -> AnyWork:
    """A change that is told which way."""
    return change(work, what)
