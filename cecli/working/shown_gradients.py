"""The working of `grad`: every link of the chain, sample by sample, from the states of its stages."""

from __future__ import annotations

import math

from cecli.expression import Number
from cecli.maths import gradients
from cecli.maths.namespace import Array, namespace, quiet
from cecli.quantities import cross_entropy
from cecli.quantities.gradient import BCE, MSE, GradientLoss, Layer
from cecli.quantities.gradient_report import GradientAnswer
from cecli.quantities.states import AnyState, after, state_of
from cecli.report import Step
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.working import gradients as working
from cecli.working.gradients import Chain
from cecli.working.layer import layer as layer_steps
from cecli.working.samples import Sample
from cecli.working.shown_rows import Shown, floats, option, softmaxed, typed, typed_weights
from cecli.working.writing import Logarithm, Numbers, computed


def gradient(shown: Shown[GradientAnswer]) -> list[Step]:
    """The chain of every sample, its factor, and the linear layer."""
    result, layer = shown.result.gradient, shown.result.layer
    chains = [_chain(batch, sample, shown, result.loss) for batch, sample in shown.samples()]
    alone = len(chains) == 1 and chains[0].sample.alone
    steps = working.one_sample(chains[0]) if alone else working.several(chains)
    rows = [chain.sample.number - 1 for chain in chains]
    values = [floats(result.value[i, :]) for i in rows]
    divisor = Number(result.divisor) if shown.options.reduction == "mean" else None
    steps += working.scaled(chains, values, divisor)
    if layer is not None:
        steps += _layer(layer, values, rows, shown.recorder.hidden, chains[0].sample)
    return steps


@quiet
def _chain(batch: Batch, sample: Sample, shown: Shown[GradientAnswer], loss: GradientLoss) -> Chain:
    """One sample's gradient with every link."""
    weights = shown.result.gradient.state.class_weights
    state: AnyState = state_of(batch, shown.options, weights).replace(labels=None, target=batch.target_rows)
    state = after(loss.stages, state)
    target = _plain_target(batch, shown, loss)
    chain = Chain(
        sample.replace(classes=[""]) if batch.stream.is_vector else sample,
        loss.name,
        computed(floats(loss.target_used(state))) if shown.options.label_smoothing else target,
        floats(_in_unit(state.terms.by_probability, shown.options, loss)),
        plain=target,
        smoothing=option(shown.options, "label_smoothing"),
        mean_error=_mean_error(state) if loss is MSE else None,
        logarithm=Logarithm(shown.options.base.unit),
    )
    terms = state.terms.replace(gradient=_in_unit(state.terms.gradient, shown.options, loss))
    links = _with_binary_links if loss is BCE else _with_softmax_links
    return links(chain, batch, shown.options, state.replace(terms=terms))


def _in_unit(derivative: Array, options: Options, loss: GradientLoss) -> Array:
    """A derivative in the unit of the loss; a squared error has none."""
    return derivative if loss is MSE else options.base.of_nats(derivative)


def _plain_target(batch: Batch, shown: Shown[GradientAnswer], loss: GradientLoss) -> Numbers:
    """The target as it was typed, before its smoothing."""
    unchanged = loss is BCE or (batch.target is not None and not shown.options.normalize)
    return typed(shown.target, batch.first, batch.target_rows, unchanged)


def _mean_error(state: AnyState) -> float:
    """Σ_i (p_i − y_i)·p_i."""
    return float(gradients.mean_error(cross_entropy.target_used(state), state.prediction)[0])


def _with_softmax_links(chain: Chain, batch: Batch, options: Options, state: AnyState) -> Chain:
    """The links through a softmax."""
    values, xp = batch.prediction, namespace(batch.prediction)
    masked = (values == -math.inf) if options.logits else xp.zeros_like(values, dtype=xp.bool)
    given = typed(batch.stream.source, batch.first, values, unchanged=batch.raw is None)
    return chain.replace(
        p=computed(floats(state.prediction.probability)) if options.logits else given,
        jacobian=[floats(row) for row in _rows(gradients.softmax_jacobian(state.prediction)[0, ...])],
        gradient=floats(state.terms.gradient),
        logits=softmaxed(batch, options) if options.logits else None,
        weights=None if state.class_weights is None else typed_weights(state.class_weights, options),
        masked=[bool(each) for each in floats(xp.astype(masked, values.dtype))],
    )


def _with_binary_links(chain: Chain, batch: Batch, options: Options, state: AnyState) -> Chain:
    """The links through a sigmoid, entry by entry."""
    values, own, xp = batch.prediction, state.terms.gradient, namespace(batch.prediction)
    given = typed(batch.stream.source, batch.first, values)
    counts = xp.ones_like(values, dtype=xp.bool) if batch.mask is None else batch.mask
    return chain.replace(
        p=computed(floats(state.prediction.probability)) if options.logits else given,
        jacobian=[floats(gradients.sigmoid_derivative(state.prediction))],
        gradient=floats(xp.where(counts, own, xp.zeros_like(own))),
        z=given if options.logits else None,
        masked=[not bool(each) for each in floats(xp.astype(counts, values.dtype))],
    )


def _rows(matrix: Array) -> list[Array]:
    """The rows of a matrix, each as a matrix of one row."""
    return [matrix[i : i + 1, :] for i in range(int(matrix.shape[0]))]


def _layer(layer: Layer, gradient: list[list[float]], rows: list[int], hidden: int, sample: Sample) -> list[Step]:
    """dL/dW and dL/db, entry by entry."""
    inputs: list[Numbers] = [typed(layer.source, row, layer.inputs[row : row + 1, :]) for row in rows]
    weights = [floats(line) for line in _rows(layer.weights)]
    return layer_steps(gradient, inputs, sample.classes, weights, floats(layer.bias), hidden)
