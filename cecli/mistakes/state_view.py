"""A state of a quantity as the table of mistakes speaks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from cecli.maths.namespace import Array
from cecli.quantities.states import AnyStage, AnyState
from cecli.record import Record
from cecli.running.options import Options

OPTIONS = {"logits", "base", "label_smoothing", "focal", "eps", "temperature", "log"}
"""The options that a mistake may change."""


class StateView(Record):
    """A state that a mistake may change under the names that it has in the table."""

    state: AnyState

    def changed(self, **changes: Any) -> Self:
        """The view with other values: of its own fields, of options, or of the state (through `_with_NAME` where there is one)."""
        own = {name: value for name, value in changes.items() if name in self._fields}
        options = {name: value for name, value in changes.items() if name in OPTIONS}
        state = self.state.with_options(**options) if options else self.state
        for name, value in changes.items():
            if name not in own and name not in options:
                place = getattr(self, f"_with_{name}", None)
                state = state.replace(**{name: value}) if place is None else place(state, value)
        return self.replace(state=state, **own)

    def _with_scores(self, state: AnyState, scores: Array) -> AnyState:
        return state.with_scores(scores)

    @property
    def options(self) -> Options:
        """What shapes the number."""
        return self.state.options

    @property
    def scores(self) -> Array:
        """Predictions as given, a row each; of a binary entry the one value."""
        return self.state.scores

    @property
    def class_weights(self) -> Array | None:
        """One for each class, where they are given."""
        return self.state.class_weights


V = TypeVar("V", bound=StateView)


def on_state(stage: AnyStage) -> Callable[[V], V]:
    """A stage of a quantity as one of its view."""
    return lambda view: view.replace(state=stage(view.state))
