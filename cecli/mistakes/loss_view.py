"""The losses of a problem as the mistakes see them: the state of its quantity, of the samples that count.

Nothing is assembled here: the stages are those of `cecli.quantities`. All is seen as rows of classes; a binary prediction is one of two
classes, yes and no, for each of its entries.
"""

from __future__ import annotations

import math
from typing import Self, cast

import numpy as np

from cecli.maths.binary_losses import BinaryPredicted
from cecli.maths.losses import Predicted, all_parts
from cecli.maths.namespace import Array, safe_product
from cecli.mistakes.pipeline import Pipeline
from cecli.mistakes.state_view import StateView, on_state
from cecli.quantities import binary, classification_error, cross_entropy, divergence, entropy, squared_error
from cecli.quantities.states import AnyStages, AnyState, after, state_of
from cecli.quantities.summary import as_list
from cecli.record import Record
from cecli.report import Value
from cecli.running.batches import Batch
from cecli.running.problem import Problem
from cecli.statistics.sums import Sum

QUANTITIES: dict[str, AnyStages] = {
    "xent": cross_entropy.STAGES,
    "cross_entropy": cross_entropy.STAGES,
    "cross_entropy_sum": cross_entropy.STAGES,
    "perplexity": cross_entropy.STAGES,
    "bce": binary.STAGES,
    "entropy": entropy.STAGES,
    "kl": divergence.STAGES,
    "js": divergence.STAGES,
    "mse": squared_error.STAGES,
    "error_rate": classification_error.STAGES,
    "errors": classification_error.STAGES,
}
"""The stages of everything that is a sum of terms over samples."""

SUMS = ("cross_entropy_sum", "errors")


class ChangedTerms(Record):
    """Terms that a mistake put in place; the losses are their sums."""

    term: Array

    @property
    def loss(self) -> Array:
        """Σ_k of the terms."""
        return cast("Array", np.sum(self.term, axis=-1))


class LossView(StateView):
    """A state of samples of several classes, and what becomes of its losses."""

    quantity: str
    places: Array
    """Where each row stands in the whole input."""
    shape: tuple[int, ...]
    """The shape of the answer where nothing is reduced."""
    reduction: str
    raw: Array | None = None
    """The predictions before they were rescaled, where that was asked for."""
    value: Array | float = math.nan

    is_binary = False

    # -- as given

    @property
    def target(self) -> Array:
        """Rows over the classes, before smoothing."""
        return self.state.target_rows

    @property
    def sample_weights(self) -> Array:
        """One for each row."""
        weights = self.state.weights
        return np.ones(self.count) if weights is None else weights

    @property
    def classes(self) -> int:
        """How many there are."""
        return int(self.target.shape[-1])

    @property
    def count(self) -> int:
        """How many samples (or entries) count."""
        return self.places.shape[0]

    # -- after a stage

    @property
    def predicted(self) -> AnyState:
        """The state after its first stage, whether it has passed it or not."""
        return self.state if self.state.prediction is not None else self.stages[0][1](self.state)

    @property
    def prediction(self) -> Predicted:
        """What is predicted of every class."""
        return all_parts(self.predicted.prediction)

    @property
    def terms(self) -> Array:
        """What each class adds, a row for each sample."""
        return cast("Array", self.state.terms.term)

    def _with_terms(self, state: AnyState, terms: Array) -> AnyState:
        return state.replace(terms=ChangedTerms(terms))

    @property
    def losses(self) -> Array:
        """One for each row."""
        return self.state.losses

    # -- to the value

    @property
    def stages(self) -> AnyStages:
        """The stages of the quantity."""
        return QUANTITIES[self.quantity]

    @property
    def weighted(self) -> Array:
        """The losses, times the weights of their samples."""
        return self.losses if self.state.weights is None else safe_product(self.state.weights, self.losses)

    @property
    def mean_weights(self) -> Array:
        """What each row counts in a mean."""
        if self.class_weights is None or self.is_binary:
            return self.sample_weights
        return self.sample_weights * cross_entropy.mean_weights(self.state)

    @property
    def divisor(self) -> float:
        """What the mean divides by."""
        return self._weights.value

    @property
    def _weights(self) -> Sum:
        """The same to twice the digits."""
        is_counted = self.state.weights is None and (self.class_weights is None or self.is_binary)
        return Sum(float(self.count)) if is_counted else Sum.of(self.mean_weights)

    @property
    def total(self) -> float:
        """The sum of the weighted losses."""
        return Sum.of(self.weighted).value

    def reduced(self, reduction: str) -> float:
        """The sum or the mean of the losses."""
        weighted = Sum.of(self.weighted)
        return weighted.value if reduction == "sum" else weighted.over(self._weights)

    def with_terms_of(self, quantity: str) -> Self:
        """The view with the terms of another quantity."""
        state = self.state.with_options(js=quantity == "js")
        terms = QUANTITIES[quantity][1][1](state).terms
        return self.replace(state=self.state.replace(terms=terms))

    @property
    def target_factor(self) -> Array:
        """What stands in front of the logarithm of each class: p, of an entropy its own."""
        return self.prediction.probability if self.quantity == "entropy" else cross_entropy.target_used(self.state)

    @property
    def terms_anew(self) -> Array:
        """The terms as the stages give them under the options as they are now."""
        return self.with_terms_of(self.quantity).terms

    def as_metric(self, metric: str) -> float:
        """What another metric of `compare` makes of the same prediction."""
        state = after(QUANTITIES[metric], self.state)
        view = self.replace(state=state, quantity=metric, reduction="sum" if metric in SUMS else "mean")
        return float(_as_shown(_with_value(view)).value)

    def sample_name(self, n: int) -> str:
        """What to call a row: a sample, or one label of a sample."""
        place = int(self.places[n])
        if len(self.shape) == 1:
            return f"sample {place + 1}"
        return f"sample {place // self.shape[1] + 1}, label {place % self.shape[1] + 1}"


class BinaryView(LossView):
    """A state of binary predictions, one a row, seen as rows of two classes: yes and no."""

    is_binary = True

    @property
    def target(self) -> Array:
        """(y, 1 − y)."""
        y = np.asarray(self.state.target)
        return np.concatenate([y, 1 - y], axis=-1)

    def _with_target(self, state: AnyState, rows: Array) -> AnyState:
        return state.replace(target=rows[:, :1])

    @property
    def class_weights(self) -> Array | None:
        """The positive weight beside 1."""
        weight = self.options.pos_weight
        return None if weight == 1 else np.asarray([weight, 1.0])

    def _with_class_weights(self, state: AnyState, weights: Array | None) -> AnyState:
        return state.with_options(pos_weight=1.0 if weights is None else float(weights[0]))

    @property
    def prediction(self) -> Predicted:
        """What is predicted of yes and of no."""
        p = self.predicted.prediction
        return Predicted(
            np.concatenate([p.probability, p.complement], axis=-1),
            np.concatenate([p.surprisal, p.complement_surprisal], axis=-1),
            np.concatenate([p.complement, p.probability], axis=-1),
        )

    def _with_prediction(self, state: AnyState, prediction: Predicted) -> AnyState:
        yes, no = slice(0, 1), slice(1, 2)
        probability, surprisal = prediction.probability, prediction.surprisal
        parts = (probability[:, yes], probability[:, no], surprisal[:, yes], surprisal[:, no])
        return state.replace(prediction=BinaryPredicted(*parts))

    @property
    def terms(self) -> Array:
        """The positive and the negative term of each entry."""
        return np.reshape(self.state.terms.term, (-1, 2))

    @property
    def losses(self) -> Array:
        """One for each entry."""
        return np.reshape(self.state.losses, (-1,))


# --- from a problem -----------------------------------------------------------------------------------------------


def loss_pipeline(problem: Problem) -> Pipeline[LossView]:
    """How the answer of `xent`, `bce`, `entropy`, `kl` or `compare` is worked out."""
    quantity = _quantity(problem)
    inputs = tuple(_view(problem, batch, quantity) for batch in problem.batches)
    stages = [(name, on_state(stage)) for name, stage in QUANTITIES[quantity]]
    answer = _answers if problem.command == "compare" else _answer
    return Pipeline(quantity, inputs, [*stages, ("value", _with_value), ("shown", _as_shown)], answer)


def _quantity(problem: Problem) -> str:
    if problem.command == "compare":
        return problem.metric
    return "js" if problem.command == "kl" and problem.options.js else problem.command


def _view(problem: Problem, batch: Batch, quantity: str) -> LossView:
    """The inputs of one prediction."""
    is_binary = problem.command == "bce"
    whole = _as_float64(batch)
    state, places = (_entries if is_binary else _samples)(whole, problem)
    if quantity == "errors" and state.weights is not None:
        state = state.replace(weights=np.where(state.weights > 0, 1.0, 0.0))
    reduction = problem.reduction
    if problem.command == "compare":
        reduction = "sum" if quantity in SUMS else "mean"
    is_matrix = is_binary and not batch.stream.is_vector
    shape = tuple(whole.prediction.shape) if is_matrix else (batch.samples,)
    raw = None if batch.raw is None else np.asarray(batch.raw, dtype=np.float64)[places]
    return (BinaryView if is_binary else LossView)(state, quantity, places, shape, reduction, raw)


def _as_float64(batch: Batch) -> Batch:
    """The numbers of a batch in float64; labels and masks as they are."""
    return batch.each(lambda a: np.asarray(a, dtype=np.float64) if np.asarray(a).dtype.kind == "f" else np.asarray(a))


def _samples(batch: Batch, problem: Problem) -> tuple[AnyState, Array]:
    """The state of the samples that count, and where they stand."""
    places = np.arange(batch.samples) if batch.mask is None else np.nonzero(batch.mask)[0]
    counted = batch.each(lambda array: array[places]).replace(mask=None)
    state: AnyState = state_of(counted, problem.options, problem.class_weights)
    has_target = batch.labels is not None or batch.target is not None
    return state.replace(labels=None, target=state.target_rows if has_target else state.scores), places


def _entries(batch: Batch, problem: Problem) -> tuple[AnyState, Array]:
    """The state of the entries that count, one a row, and where they stand."""
    width = batch.prediction.shape[-1]
    mask = np.ones(batch.prediction.shape, dtype=bool) if batch.mask is None else batch.mask
    places = np.nonzero(np.broadcast_to(mask, batch.prediction.shape).reshape(-1))[0]
    prediction, target = (np.asarray(array).reshape(-1, 1)[places] for array in (batch.prediction, batch.target))
    weights = None if batch.weights is None else np.repeat(batch.weights, width)[places]
    entries = batch.replace(prediction=prediction, target=target, weights=weights, mask=None)
    return state_of(entries, problem.options), places


# --- the answer ---------------------------------------------------------------------------------------------------


def _with_value(view: LossView) -> LossView:
    """The losses under the reduction."""
    return view.replace(value=view.weighted if view.reduction == "none" else view.reduced(view.reduction))


def _as_shown(view: LossView) -> LossView:
    """The value as it is shown: of the perplexity the base to the loss."""
    return view.replace(value=view.options.base.power(float(view.value))) if view.quantity == "perplexity" else view


def _answers(views: tuple[LossView, ...]) -> Value:
    """One for each model."""
    return [_answer((view,)) for view in views]


def _answer(views: tuple[LossView, ...]) -> Value:
    """None where a sample is left out, or where it is not a number."""
    view = views[0]
    if np.ndim(view.value) == 0:
        return None if math.isnan(view.value) else float(view.value)
    whole = np.full(math.prod(view.shape), math.nan)
    whole[view.places] = view.value
    answer: Value = as_list(whole.reshape(view.shape))
    return answer
