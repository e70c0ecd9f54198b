"""A state of a quantity as the table of mistakes speaks of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Self

from cecli.maths.namespace import Array
from cecli.maths.units import Base
from cecli.quantities.states import Stage, State
from cecli.record import Record

OPTIONS = {
    "logits": "logits",
    "base": "base",
    "smoothing": "label_smoothing",
    "focal": "focal",
    "eps": "eps",
    "temperature": "temperature",
    "log": "log",
}
"""What a work calls the options that a mistake may change."""


class StateWork(Record):
    """A state that a mistake may change under the names that it has in the table."""

    state: State

    def changed(self, **changes: Any) -> Self:
        """The work with other values: fields of its own, options, or what a method `_with_NAME` puts into the state."""
        own = {name: value for name, value in changes.items() if name in self._fields}
        rest = {name: value for name, value in changes.items() if name not in own}
        options = {OPTIONS[name]: rest.pop(name) for name in OPTIONS if name in rest}
        state = self.state.with_options(**options) if options else self.state
        for name, value in rest.items():
            state = getattr(self, f"_with_{name}")(state, value)
        return self.replace(state=state, **own)

    @property
    def scores(self) -> Array:
        """Predictions as given, a row each; of a binary entry the one value."""
        return self.state.scores

    @property
    def class_weights(self) -> Array | None:
        """One for each class, where they are given."""
        return self.state.class_weights

    @property
    def logits(self) -> bool:
        """Whether the scores are logits."""
        return self.state.options.logits

    @property
    def base(self) -> Base:
        """The base of the logarithm."""
        return self.state.options.base

    @property
    def smoothing(self) -> float:
        """ε of the label smoothing."""
        return self.state.options.label_smoothing

    def _with_scores(self, state: State, scores: Array) -> State:
        return state.replace(scores=scores)

    def _with_target(self, state: State, rows: Array) -> State:
        return state.replace(target=rows)

    def _with_class_weights(self, state: State, weights: Array | None) -> State:
        return state.replace(class_weights=weights)


def on_state(stage: Stage) -> Callable[[Any], Any]:
    """A stage of a quantity as one of a work."""
    return lambda work: work.replace(state=stage(work.state))


def plain(value: Any) -> Any:
    """Numbers with None for NaN."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return None if math.isnan(value) else value
