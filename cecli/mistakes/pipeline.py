"""How an answer is worked out, in stages, and what a mistake does to it.

A view of the numbers passes through the stages in order; a mistake changes it after one stage, or takes the stage's place. Two
mistakes are two changes in one run, and without any the run gives the right answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic

import numpy as np

from cecli.mistakes.mistake import AppliedMistake
from cecli.mistakes.state_view import V
from cecli.record import Record, computed_once
from cecli.report import Value

Trace = list[tuple[V, ...]]
"""The views after every stage, the inputs first; for `compare` one for each model."""


class Pipeline(Record, Generic[V]):
    """How the answer of one problem is worked out."""

    quantity: str
    inputs: tuple[V, ...]
    """One view; for `compare` one for each model."""
    stages: Sequence[tuple[str, Callable[[V], V]]]
    answer: Callable[[tuple[V, ...]], Value]
    """The answer of the finished views, as a report has it."""

    @computed_once
    def places(self) -> dict[str, int]:
        """Where each stage comes in a trace; 0 is before the first."""
        return {name: place for place, name in enumerate(["inputs", *(name for name, _ in self.stages)])}

    def run(self) -> Trace[V]:
        """The right answer's trace."""
        return self._onward([self.inputs])

    def _onward(self, trace: Trace[V]) -> Trace[V]:
        """The whole trace, given its first part."""
        for _, stage in self.stages[len(trace) - 1 :]:
            trace = [*trace, tuple(stage(view) for view in trace[-1])]
        return trace

    def before(self, stage: str, instead: bool) -> int:
        """Where the views are in a trace that a change of a stage, or one in its place, starts from."""
        return self.places[stage] - int(instead)

    @np.errstate(all="ignore")
    def run_with(self, trace: Trace[V], made: AppliedMistake[V]) -> Trace[V] | None:
        """The trace with a mistake made on the way; None where it makes no sense with these numbers."""
        mistake = made.mistake
        try:
            changed = tuple(made.change(view) for view in trace[self.before(mistake.stage, mistake.instead)])
            return self._onward([*trace[: self.places[mistake.stage]], changed])
        except (ArithmeticError, ValueError):
            return None
