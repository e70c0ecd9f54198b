"""States: samples on their way from what was given to their losses.

A quantity is a short list of stages, each a function that takes a state and returns the next: prediction → terms → losses. The commands, the
library, `compare`, the working and the search for mistakes all run these; a mistake is a change of the state between two stages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from cecli.maths.losses import Prediction
from cecli.maths.namespace import Array
from cecli.record import Record
from cecli.running.batches import Batch, rows_of_target
from cecli.running.options import Options


class Terms(Protocol):
    """The named parts of the losses: what each class adds, and their sum, in the unit asked for."""

    @property
    def term(self) -> Array:
        """A row each."""
        ...

    @property
    def loss(self) -> Array:
        """One each."""
        ...


P = TypeVar("P", bound=Prediction)
T = TypeVar("T")
L = TypeVar("L", bound=Terms)

UNKNOWN: Any = None
"""What a state holds before the stage that finds it."""


class State(Record, Generic[P, T]):
    """Samples with the options that shape their losses, and what the stages so far have made of them.

    The target is `labels` (class indices) or `target` (rows), as in a batch.
    """

    scores: Array
    """Predictions as given: probabilities or logits, a row each."""
    options: Options
    labels: Array | None = None
    target: Array | None = None
    weights: Array | None = None
    """One for each sample."""
    mask: Array | None = None
    """False for samples (or entries) that are left out."""
    class_weights: Array | None = None
    first: int = 0
    """The number of the first sample in the whole input."""
    is_large: bool = False
    rounding: float = 2.0**-52
    """The epsilon of the type that the values were given in."""
    prediction: P = UNKNOWN
    """What the scores say of every class, or of every binary entry."""
    terms: T = UNKNOWN
    """`Terms` of some kind; of a gradient its parts."""
    losses: Array = UNKNOWN
    """One for each sample (or entry), in the unit asked for, before any weight of the sample."""

    @property
    def given_target(self) -> Array:
        """The target, where it was not given as labels."""
        assert self.target is not None
        return self.target

    @property
    def plain_labels(self) -> Array | None:
        """The labels, where they are not smoothed to distributions."""
        return self.labels if self.options.label_smoothing == 0 else None

    @property
    def target_rows(self) -> Array:
        """The target as distributions, in the type of the predictions."""
        return rows_of_target(self.labels, self.target, self.scores)

    def with_options(self, **changes: Any) -> State[P, T]:
        """The same samples under other options."""
        return self.replace(options=self.options.replace(**changes))

    def with_scores(self, scores: Array) -> State[P, T]:
        """The same samples with other scores, which are no longer counts divided by their sum."""
        return self.replace(scores=scores, options=self.options.replace(normalize=False))


Stage = Callable[[State[P, T]], State[P, T]]
Stages = tuple[tuple[str, Stage[P, T]], ...]
"""Stages in order, each under its name."""

AnyState = State[Any, Any]
AnyStage = Stage[Any, Any]
AnyStages = Stages[Any, Any]
"""Of whichever quantity."""


def loss_stages(prediction: Stage[P, L], terms: Stage[P, L]) -> Stages[P, L]:
    """The stages of a loss: what is predicted, its terms, and their sums."""
    return ("prediction", prediction), ("terms", terms), ("losses", _with_losses)


def _with_losses(state: State[P, L]) -> State[P, L]:
    return state.replace(losses=state.terms.loss)


def state_of(
    batch: Batch, options: Options, class_weights: Array | None = None, rounding: float = 2.0**-52
) -> State[P, T]:
    """The state of a batch before the first stage."""
    return State(
        batch.prediction,
        options,
        batch.labels,
        batch.target,
        batch.weights,
        batch.mask,
        class_weights,
        batch.first,
        batch.is_large,
        rounding,
    )


def after(stages: Stages[P, T], state: State[P, T]) -> State[P, T]:
    """The state after all stages."""
    for _, stage in stages:
        state = stage(state)
    return state
