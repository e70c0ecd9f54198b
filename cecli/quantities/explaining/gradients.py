"""The working of `grad`: every link of the chain, sample by sample."""

from __future__ import annotations

import math

from cecli.expression import Number
from cecli.maths import gradients, losses
from cecli.maths.namespace import Array, namespace, quiet
from cecli.maths.softmax import softmax_terms
from cecli.quantities.explaining.kept import Kept
from cecli.quantities.explaining.rows import floats, option, samples, softmaxed, typed, typed_weights
from cecli.quantities.verification import Gradient
from cecli.reading.sources import Source
from cecli.report import Report, Step
from cecli.running.batches import Input
from cecli.running.options import Settings
from cecli.working import gradients as working
from cecli.working.gradients import Chain
from cecli.working.samples import Sample
from cecli.working.writing import Logarithm, Numbers, computed

Layer = tuple[Source, Array, Array, Array]
"""The inputs x as they came, their values, dL/dW and dL/db."""


def gradient(report: Report, kept: Kept, settings: Settings, found: Gradient, loss: str, layer: Layer | None) -> Report:
    """The report of `grad` with its working, and with the question that it answers."""
    question = kept.question("grad", settings, reduction=settings.reduction or "sum", loss=loss)
    report = report.replace(question=question)
    if not kept.working:
        return report
    chains = [_chain(part, sample, kept, settings, loss) for part, sample in samples(kept, settings)]
    alone = len(chains) == 1 and chains[0].sample.alone
    steps = working.chain(chains[0]) if alone else working.several(chains)
    rows = [chain.sample.number - 1 for chain in chains]
    values = [floats(found.value[i, :]) for i in rows]
    divisor = Number(found.divisor) if settings.reduction == "mean" else None
    steps += working.scaled(chains, values, divisor, Logarithm(settings.base.unit))
    if layer is not None:
        steps += _layer(layer, values, rows, kept, chains[0].sample)
    return report.replace(steps=steps)


@quiet
def _chain(part: Input, sample: Sample, kept: Kept, settings: Settings, loss: str) -> Chain:
    """One sample's gradient with every link."""
    build = _binary_chain if loss == "bce" else _softmax_chain
    return build(part, sample, kept, settings, loss)


def _softmax_chain(part: Input, sample: Sample, kept: Kept, settings: Settings, loss: str) -> Chain:
    """Through a softmax."""
    values = part.block.prediction
    plain = part.block.target_rows
    y = losses.smooth(plain, settings.label_smoothing)
    predicted = (
        losses.PredictedByLogits(softmax_terms(values))
        if settings.logits
        else losses.predicted_by_probabilities(values)
    )
    weights = kept.class_weights
    terms = (
        gradients.squared_error_gradient(y, predicted)
        if loss == "mse"
        else gradients.cross_entropy_gradient(y, predicted, weights)
    )
    xp = namespace(values)
    masked = (values == -math.inf) if settings.logits else xp.zeros_like(values, dtype=xp.bool)
    gradient = xp.where(masked, xp.zeros_like(terms.gradient), terms.gradient)
    given = typed(part.plan.source, sample.number - 1, values, unchanged=part.raw is None)
    target = typed(kept.target, sample.number - 1, plain, part.block.target is not None and not settings.normalize)
    return Chain(
        sample,
        loss,
        computed(floats(predicted.probability)) if settings.logits else given,
        computed(floats(y)) if settings.label_smoothing else target,
        floats(terms.by_probability),
        [floats(row) for row in _rows(gradients.softmax_jacobian(predicted)[0, ...])],
        floats(gradient),
        softmaxed(part, sample.number - 1, settings) if settings.logits else None,
        weights=None if weights is None else typed_weights(weights, settings),
        plain=target,
        smoothing=option(settings, "label_smoothing"),
        masked=[bool(each) for each in floats(xp.astype(masked, values.dtype))],
        mean_error=float(gradients.mean_error(y, predicted)[0]) if loss == "mse" else None,
    )


def _binary_chain(part: Input, sample: Sample, kept: Kept, settings: Settings, loss: str) -> Chain:
    """Through a sigmoid, entry by entry."""
    values, block = part.block.prediction, part.block
    plain = namespace(values).astype(block.target, values.dtype)
    y = losses.smooth_binary(plain, settings.label_smoothing)
    predicted = (losses.BinaryByLogits if settings.logits else losses.binary_by_probabilities)(values)
    terms = gradients.binary_gradient(y, predicted)
    given = typed(part.plan.source, sample.number - 1, values)
    target = typed(kept.target, sample.number - 1, plain)
    counts = namespace(values).ones_like(values, dtype=namespace(values).bool) if block.kept is None else block.kept
    gradient = namespace(values).where(counts, terms.gradient, namespace(values).zeros_like(terms.gradient))
    return Chain(
        sample.replace(classes=[""]) if part.plan.vector else sample,
        loss,
        computed(floats(predicted.probability)) if settings.logits else given,
        computed(floats(y)) if settings.label_smoothing else target,
        floats(terms.by_probability),
        [floats(gradients.sigmoid_derivative(predicted))],
        floats(gradient),
        z=given if settings.logits else None,
        plain=target,
        smoothing=option(settings, "label_smoothing"),
        masked=[not bool(each) for each in floats(namespace(values).astype(counts, values.dtype))],
    )


def _rows(matrix: Array) -> list[Array]:
    """The rows of a matrix, each as a matrix of one row."""
    return [matrix[i : i + 1, :] for i in range(int(matrix.shape[0]))]


def _layer(layer: Layer, gradient: list[list[float]], rows: list[int], kept: Kept, sample: Sample) -> list[Step]:
    """dL/dW and dL/db, entry by entry."""
    x, values, by_weights, by_bias = layer
    inputs: list[Numbers] = [typed(x, row, values[row : row + 1, :]) for row in rows]
    weights = [floats(line) for line in _rows(by_weights)]
    return working.layer(gradient, inputs, sample.classes, weights, floats(by_bias), kept.hidden)
