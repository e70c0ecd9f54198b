"""A call on its way to its value, through the stages of its quantity, which a framework's conventions change.

Without a change the stages give our own value; with all changes of a function they give the framework's, and with one alone the effect
of that convention.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from cecli.quantities import gradient
from cecli.quantities.states import AnyState
from cecli.quantities.summary import as_list
from cecli.record import Record
from cecli.report import Value

GRADIENTS = {f"gradient of {name}": loss for name, loss in gradient.LOSSES.items()}


class Work(Record):
    """Samples on their way to the value of a call.

    Targets are rows, also where labels were given: then `has_labels` is true. Samples that are left out are not among them.
    """

    quantity: str
    state: AnyState
    places: np.ndarray
    """Where each sample stands in the whole input."""
    samples: int
    """Of the whole input."""
    reduction: str
    labels: Any = None
    """The true class of each sample."""
    size: int = 0
    """k of a top-k accuracy, or how many bins a calibration error has."""
    has_labels: bool = False
    predicts_labels: bool = False
    """Whether the predictions are labels, with no probabilities."""
    is_vector: bool = False
    """Whether each value is a binary prediction of its own."""
    is_one_row: bool = False
    """Whether the predictions were one vector."""
    sums_plainly: bool = False
    """Whether sums are taken in the type of the numbers, as frameworks do, and not exactly."""
    left_out: float = math.nan
    """What stands for a sample that is left out where there is a value for each."""
    losses: Any = None
    """One for each sample (or entry), in the unit asked for, before its weight."""
    counts: Any = None
    """What each of these counts in a mean."""
    value: Any = None

    @property
    def is_gradient(self) -> bool:
        """Whether the value is a gradient."""
        return self.quantity in GRADIENTS

    @property
    def rows(self) -> int:
        """How many samples count."""
        return int(self.state.scores.shape[0])

    @property
    def classes(self) -> int:
        """How many columns there are."""
        return int(self.state.scores.shape[-1])

    @property
    def sample_counts(self) -> np.ndarray:
        """What each sample counts: its own weight."""
        own = self.state.weights
        return np.ones(self.rows) if own is None else np.asarray(own, np.float64)

    def with_state(self, **changes: Any) -> Work:
        """The same with a changed state; scores that stay as they were may still be counts divided by their sum."""
        scores = changes.pop("scores", self.state.scores)
        state = self.state if np.array_equal(scores, self.state.scores) else self.state.with_scores(scores)
        return self.replace(state=state.replace(**changes))

    def with_options(self, **changes: Any) -> Work:
        """The same samples under other options."""
        return self.replace(state=self.state.with_options(**changes))


Change = Callable[[Work], Work]


class StageChange(Record):
    """A change of the work after a stage, or in place of a stage; `inputs` is before the first."""

    stage: str
    made: Change
    instead: bool = False


def presented(work: Work) -> Value:
    """The value as a report has it: a number, a list, or lists; None for a sample that is left out."""
    value = work.value
    if value is None or isinstance(value, float | int):
        return value
    whole = np.full((work.samples, *value.shape[1:]), work.left_out, dtype=value.dtype)
    whole[work.places] = value
    listed = as_list(whole)
    if work.is_vector and len(whole.shape) > 1:
        return [row[0] for row in listed]
    alone = work.is_one_row and (work.is_gradient or work.quantity == "softmax")
    return cast("Value", listed[0] if alone and len(listed) == 1 else listed)
