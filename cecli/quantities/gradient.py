"""`grad`: the gradient of a loss with respect to the logits, and of the linear layer before them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from cecli.errors import InputError, UsageError
from cecli.maths import binary_losses, gradients, losses
from cecli.maths.namespace import Array, class_major, is_finite, namespace, quiet, safe_product
from cecli.maths.softmax import softmax_terms, terms_of_shares
from cecli.maths.units import NATS
from cecli.quantities import binary, cross_entropy
from cecli.quantities.states import AnyStage, AnyStages, AnyState, State, after, state_of
from cecli.quantities.summary import as_list
from cecli.reading import checks
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.batches import Batch, Step, joined
from cecli.running.driver import run
from cecli.running.execution import Execution
from cecli.running.option import choice_meant
from cecli.running.options import Options
from cecli.running.targets import class_weights, nothing_left
from cecli.running.walk import walk
from cecli.statistics.sums import Sum

ClassGradient = State[losses.ClassPrediction, gradients.GradientTerms]
GradientState = State[losses.Prediction, gradients.GradientTerms]
BinaryGradient = State[binary_losses.BinaryPrediction, gradients.GradientTerms]

# --- stages -------------------------------------------------------------------------------------------------------


def predicted_by_softmax(state: ClassGradient) -> ClassGradient:
    """What logits or probabilities predict, in nats."""
    if state.options.logits:
        return state.replace(prediction=losses.PredictedByLogits(softmax_terms(state.scores)))
    if state.options.normalize:
        return state.replace(prediction=losses.PredictedByLogits(terms_of_shares(state.scores)))
    return state.replace(prediction=losses.PredictedByProbabilities(state.scores))


def predicted_by_sigmoid(state: BinaryGradient) -> BinaryGradient:
    """The same of binary predictions."""
    by = binary_losses.BinaryByLogits if state.options.logits else binary_losses.binary_by_probabilities
    return state.replace(prediction=by(state.scores))


@quiet
def with_cross_entropy_gradient(state: ClassGradient) -> ClassGradient:
    """p − y, times the class weights."""
    weights = cross_entropy.own_class_weights(state)
    labels = state.plain_labels
    if labels is not None:
        gradient = gradients.label_gradient(labels, state.prediction, weights)
        return _unmasked(state, gradients.GradientTerms(None, gradient))
    target = cross_entropy.target_used(state)
    return _unmasked(state, gradients.cross_entropy_gradient(target, state.prediction, weights))


@quiet
def with_squared_error_gradient(state: ClassGradient) -> ClassGradient:
    """2·J·(p − y)."""
    target = cross_entropy.target_used(state)
    return _unmasked(state, gradients.squared_error_gradient(target, state.prediction))


@quiet
def with_binary_gradient(state: BinaryGradient) -> BinaryGradient:
    """p − y, entry by entry."""
    return state.replace(terms=gradients.binary_gradient(binary.target_used(state), state.prediction))


def _unmasked(state: ClassGradient, terms: gradients.GradientTerms) -> ClassGradient:
    """The gradient of a masked class, whose logit is −∞, is 0."""
    if state.options.logits and not is_finite(state.scores):
        xp, gradient = namespace(state.scores), terms.gradient
        terms = terms.replace(gradient=xp.where(state.scores == -math.inf, xp.zeros_like(gradient), gradient))
    return state.replace(terms=terms)


@quiet
def with_cross_entropy(state: ClassGradient) -> ClassGradient:
    """The loss of each sample, in nats."""
    weights = cross_entropy.own_class_weights(state)
    terms = losses.cross_entropy_terms(cross_entropy.target_used(state), state.prediction, weights)
    return state.replace(losses=terms.loss)


@quiet
def with_squared_error(state: ClassGradient) -> ClassGradient:
    """Σ_k (p_k − y_k)² of each sample."""
    return state.replace(losses=losses.squared_error_terms(cross_entropy.target_used(state), state.prediction).loss)


@quiet
def with_binary_cross_entropy(state: BinaryGradient) -> BinaryGradient:
    """The loss of each entry, in nats."""
    return state.replace(losses=binary_losses.binary_terms(binary.target_used(state), state.prediction).loss)


def _one_each(state: AnyState) -> Array:
    """Every sample (or entry) counts 1 in a mean."""
    return namespace(state.losses).ones_like(state.losses)


class GradientLoss(Record):
    """A loss that `grad` differentiates: its stages, and what each sample counts in its mean."""

    name: str
    title: str
    stages: AnyStages
    target_used: Callable[[AnyState], Array] = cross_entropy.target_used
    mean_weights: Callable[[AnyState], Array] = _one_each
    all_parts: Callable[[Any], Record] = losses.all_parts
    jacobian: Callable[[Any], Array] = gradients.softmax_jacobian


def _stages(predict: AnyStage, gradient: AnyStage, loss: AnyStage) -> AnyStages:
    return ("prediction", predict), ("gradient", gradient), ("losses", loss)


XENT = GradientLoss(
    "xent",
    "cross-entropy",
    _stages(predicted_by_softmax, with_cross_entropy_gradient, with_cross_entropy),
    mean_weights=cross_entropy.mean_weights,
)
MSE = GradientLoss("mse", "MSE", _stages(predicted_by_softmax, with_squared_error_gradient, with_squared_error))
BCE = GradientLoss(
    "bce",
    "binary cross-entropy",
    _stages(predicted_by_sigmoid, with_binary_gradient, with_binary_cross_entropy),
    binary.target_used,
    all_parts=binary_losses.all_binary_parts,
    jacobian=gradients.sigmoid_derivative,
)
LOSSES = {loss.name: loss for loss in (XENT, MSE, BCE)}


def loss_of(options: Options) -> GradientLoss:
    """The loss that `--loss` names, with options that have a meaning for it."""
    loss = LOSSES.get(options.loss)
    if loss is None:
        raise UsageError(
            f"--loss: {options.loss!r} is not one of {', '.join(LOSSES)}", hint=choice_meant(options.loss, LOSSES)
        )
    if loss is not XENT and options.class_weights is not None:
        raise UsageError(f"--class-weights is for xent; {loss.title} has no class weights")
    if loss is BCE and options.normalize:
        raise UsageError("--normalize rescales rows of classes; binary predictions have none")
    if loss is MSE and options.base != NATS:
        raise UsageError("--base: the squared error has no logarithm in it")
    return loss


# --- the whole input ----------------------------------------------------------------------------------------------


class GradientResult(Record):
    """Everything `grad` computes for the samples of one call."""

    loss: GradientLoss
    batch: Batch
    """All samples."""
    state: GradientState
    """The same after every stage, with the target as it is used and every part of the prediction."""
    value: Array
    """dL/dz, with the reduction in it."""
    reduced_loss: Any
    factor: Array
    """What each sample's own gradient was multiplied by."""
    divisor: float
    """What a mean divides by; 1 for a sum."""

    @property
    def probabilities(self) -> Array:
        """What is predicted."""
        return self.state.prediction.probability

    @property
    def by_rows(self) -> bool:
        """Whether the loss is one for each row, and not for each entry."""
        return len(self.factor.shape) == 1

    @quiet
    def jacobian(self) -> Array:
        """dp/dz: K × K numbers for each sample; of binary predictions one for each entry."""
        return self.loss.jacobian(self.state.prediction)


@quiet
def evaluate(target: Source, prediction: Source, options: Options, execution: Execution) -> GradientResult:
    """The gradient of the loss with respect to the logits."""
    loss = loss_of(options)
    kind = "binary" if loss is BCE else None
    steps = list(walk([prediction], options, execution, target, kind))
    batch = joined([step.batches[0] for step in steps])
    weights = class_weights(options, execution, prediction.width)
    state, counts = _computed(steps, batch, loss, options, execution, weights)
    if batch.mask is not None and not bool(namespace(batch.mask).any(batch.mask)):
        raise nothing_left()
    value, factor, divisor = scaled_gradient(state, counts, options.reduction_of("grad"))
    reduced = _reduced_loss(safe_product(factor, state.losses), batch, options)
    return GradientResult(loss, batch, state, value, reduced, factor, divisor)


def _computed(
    steps: Sequence[Step],
    batch: Batch,
    loss: GradientLoss,
    options: Options,
    execution: Execution,
    weights: Array | None,
) -> tuple[AnyState, Array]:
    """The finished state of all samples, computed step by step; and what each counts in a mean."""

    def work(step: Step) -> list[Array]:
        state = after(loss.stages, state_of(step.batches[0], options, weights))
        parts = loss.all_parts(state.prediction)
        arrays = [state.terms.gradient, state.losses, loss.target_used(state), loss.mean_weights(state), *parts]
        return [execution.fetched(array) for array in arrays]

    columns = list(zip(*run(work, steps, execution), strict=True))
    xp = namespace(columns[0][0])
    gradient, own, target, counts, *parts = (c[0] if len(c) == 1 else xp.concat(list(c)) for c in columns)
    kind = binary_losses.BinaryPredicted if loss is BCE else losses.Predicted
    state: AnyState = state_of(batch, options, None if weights is None else execution.fetched(weights)).replace(
        labels=None,
        target=target,
        prediction=kind(*parts),
        terms=gradients.GradientTerms(None, gradient),
        losses=own,
    )
    return state, counts


def _reduced_loss(weighted: Array, batch: Batch, options: Options) -> Any:
    """The loss, reduced as the gradient is; the factor already divides a mean."""
    if options.reduction_of("grad") != "none":
        return Sum.of(weighted).value
    values = as_list(without_masked(weighted, batch))
    return [row[0] for row in values] if batch.stream.is_vector else values


def sample_factors(state: AnyState, ones: Array) -> Array:
    """What each sample's (or entry's) gradient counts: its weight, 0 where it is left out."""
    xp, factor = namespace(ones), ones
    if state.weights is not None:
        own = xp.astype(state.weights, ones.dtype)
        factor = factor * (own if len(ones.shape) == 1 else own[:, None])
    return factor if state.mask is None else xp.where(state.mask, factor, xp.zeros_like(factor))


@quiet
def scaled_gradient(state: AnyState, mean_weights: Array, reduction: str | None) -> tuple[Array, Array, float]:
    """The gradient with the reduction in it, the factor of each sample (or entry), and what a mean divides by."""
    xp, divisor = namespace(mean_weights), 1.0
    factor = sample_factors(state, xp.ones_like(mean_weights))
    if reduction == "mean":
        divisor = Sum.of(factor * mean_weights).value
        if divisor == 0:
            raise InputError("the weights of all samples are 0, so their mean is 0/0")
        factor = factor / divisor
    factor = state.options.base.of_nats(factor)
    scale = factor[:, None] if len(mean_weights.shape) == 1 else factor
    return safe_product(scale, state.terms.gradient) + 0.0, factor, divisor


def without_masked(values: Array, batch: Batch) -> Array:
    """An array with NaN in place of samples (or entries) that are left out."""
    if batch.mask is None:
        return values
    xp, shape = namespace(values), tuple(batch.mask.shape)
    mask = xp.reshape(batch.mask, shape + (1,) * (len(values.shape) - len(shape)))
    return xp.where(mask, values, xp.full_like(values, math.nan))


# --- row by row ---------------------------------------------------------------------------------------------------


def is_by_rows(options: Options) -> bool:
    """Whether each row's gradient needs nothing but its row: a cross-entropy from logits, all samples counting alike."""
    own = (options.class_weights, options.sample_weights, options.ignore_index)
    return options.loss == "xent" and options.logits and own == (None, None, None) and not options.skip_missing


@quiet
def rows_of_gradient(batch: Batch, options: Options, out: Array | None = None) -> Array:
    """The gradient of each row of a batch, before any mean; it may be written into `out`."""
    state: ClassGradient = state_of(batch, options)
    if batch.is_large and state.plain_labels is not None:
        from cecli.maths import direct  # loaded for large arrays alone

        return options.base.of_nats(direct.label_gradient(batch.prediction, state.plain_labels, out))
    state = state.replace(scores=class_major(state.scores))
    return options.base.of_nats(after(XENT.stages[:2], state).terms.gradient)


# --- the linear layer ---------------------------------------------------------------------------------------------


class Layer(Record):
    """dL/dW and dL/db of z = W·x + b, with the inputs that they are made of."""

    source: Source
    inputs: Array
    weights: Array
    bias: Array


def _inputs(x: Source, samples: int) -> Array:
    """A row of inputs for each sample; a vector is one input of each."""
    if x.dimensions < 2 and samples > 1 and x.width == samples:
        values = x.vector(samples)
    else:
        values = None if (rows := x.rows(samples + 1)) is None else rows.values
    if values is None:
        raise InputError(f"{x.name} has no rows")
    return values if len(values.shape) > 1 else namespace(values).reshape(values, (-1, 1))


def _without_left_out(values: Array, x: Source, batch: Batch) -> Array:
    """Inputs with 0 in place of samples that are left out, which may hold anything; in others a missing one is an error."""
    if batch.mask is None:
        return values
    xp = namespace(batch.mask)
    kept = batch.mask if len(batch.mask.shape) == 1 else xp.any(batch.mask, axis=1)
    if x.missing is not None and bool(xp.any(x.missing & kept)):
        raise x.missing_error(int(xp.argmax(xp.astype(x.missing & kept, xp.int64))))
    return xp.where(kept[:, None], values, xp.zeros_like(values))


def layer_of(result: GradientResult, x: Source) -> Layer:
    """The gradient of the linear layer, for a row of inputs per sample."""
    samples = result.batch.samples
    values = _inputs(x, samples)
    xp = namespace(values)
    if int(values.shape[0]) != samples:
        hint = "give a row of inputs for each sample, separated by ;"
        raise checks.length_error(int(values.shape[0]) + x.drain(), samples, x, result.batch.stream.source, hint)
    values = _without_left_out(values, x, result.batch)
    checks.not_nan(values, x)
    checks.finite(values, x)
    by_weights, by_bias = gradients.linear_gradient(result.value, xp.astype(values, result.value.dtype))
    return Layer(x, values, by_weights, by_bias)
