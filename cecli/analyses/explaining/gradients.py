"""The working of `grad`: every link of the chain, sample by sample."""

from __future__ import annotations

from dataclasses import replace

from cecli.analyses.explaining.kept import Kept, Shown
from cecli.analyses.explaining.rows import floats, option, sample_of, softmaxed, typed, typed_weights
from cecli.analyses.information import as_rows
from cecli.analyses.inputs import Input
from cecli.analyses.settings import Settings
from cecli.analyses.verification import Gradient
from cecli.expression import Expression, Number, Quotient
from cecli.maths import gradients, losses
from cecli.maths.namespace import Array, namespace, quiet
from cecli.maths.softmax import softmax_terms
from cecli.reading.sources import Source
from cecli.report import Report, Step
from cecli.working import gradients as working
from cecli.working.gradients import Chain
from cecli.working.samples import Sample
from cecli.working.writing import Logarithm, Numbers, computed

Layer = tuple[Source, Array, Array, Array]
"""The inputs x as they came, their values, dL/dW and dL/db."""


def gradient(report: Report, kept: Kept, settings: Settings, found: Gradient, loss: str, layer: Layer | None) -> Report:
    """The report of `grad` with its working, and with the question that it answers."""
    question = kept.question("grad", settings, reduction=settings.reduction or "sum", loss=loss)
    report = replace(report, question=question)
    if not kept.working:
        return report
    shown = kept.shown()
    chains = [_chain(each, kept, settings, loss) for each in shown]
    alone = len(chains) == 1 and chains[0].sample.alone
    steps = working.chain(chains[0]) if alone else working.several(chains)
    rows = [each.sample for each in shown]
    steps = [*steps, *_scaled(chains, rows, settings, found)]
    if layer is not None:
        steps += _layer(layer, [floats(found.value[i, :]) for i in rows], rows, kept, chains[0].sample)
    return replace(report, steps=steps)


@quiet
def _chain(shown: Shown, kept: Kept, settings: Settings, loss: str) -> Chain:
    """One sample's gradient with every link."""
    part, sample = shown.inputs[0], sample_of(shown, kept, settings)
    build = _binary_chain if loss == "bce" else _softmax_chain
    return build(part, sample, kept, settings, loss)


def _softmax_chain(part: Input, sample: Sample, kept: Kept, settings: Settings, loss: str) -> Chain:
    """Through a softmax."""
    values = part.block.prediction
    plain = as_rows(part.block)
    y = losses.smooth(plain, settings.label_smoothing)
    predicted = (
        losses.predicted_by_logits(softmax_terms(values))
        if settings.logits
        else losses.predicted_by_probabilities(values)
    )
    weights = kept.class_weights
    terms = (
        gradients.squared_error_gradient(y, predicted)
        if loss == "mse"
        else gradients.cross_entropy_gradient(y, predicted, weights)
    )
    given = typed(part.plan.source, sample.number - 1, values, unchanged=part.raw is None)
    target = typed(kept.target, sample.number - 1, plain, part.block.target is not None and not settings.normalize)
    return Chain(
        sample,
        loss,
        computed(floats(predicted.probability)) if settings.logits else given,
        computed(floats(y)) if settings.label_smoothing else target,
        floats(terms.by_probability),
        [floats(row) for row in _rows(gradients.softmax_jacobian(predicted)[0, ...])],
        floats(terms.gradient),
        softmaxed(part, sample.number - 1, settings) if settings.logits else None,
        weights=None if weights is None else typed_weights(weights, settings),
        plain=target,
        smoothing=option(settings, "label_smoothing"),
    )


def _binary_chain(part: Input, sample: Sample, kept: Kept, settings: Settings, loss: str) -> Chain:
    """Through a sigmoid, entry by entry."""
    values, block = part.block.prediction, part.block
    plain = namespace(values).astype(block.target, values.dtype)
    y = losses.smooth_binary(plain, settings.label_smoothing)
    predicted = (losses.binary_by_logits if settings.logits else losses.binary_by_probabilities)(values)
    terms = gradients.binary_gradient(y, predicted)
    given = typed(part.plan.source, sample.number - 1, values)
    target = typed(kept.target, sample.number - 1, plain)
    return Chain(
        replace(sample, classes=[""]) if part.plan.vector else sample,
        loss,
        computed(floats(predicted.probability)) if settings.logits else given,
        computed(floats(y)) if settings.label_smoothing else target,
        floats(terms.by_probability),
        [floats(gradients.sigmoid_derivative(predicted))],
        floats(terms.gradient),
        z=given if settings.logits else None,
        plain=target,
        smoothing=option(settings, "label_smoothing"),
    )


def _rows(matrix: Array) -> list[Array]:
    """The rows of a matrix, each as a matrix of one row."""
    return [matrix[i : i + 1, :] for i in range(int(matrix.shape[0]))]


def _scaled(chains: list[Chain], rows: list[int], settings: Settings, found: Gradient) -> list[Step]:
    """What the weights, the mean and the base make of each sample's gradient."""
    factors = found.factor if len(found.factor.shape) == 2 else found.factor[:, None]
    if bool(namespace(factors).all(factors == 1)):
        return []
    steps = []
    for chain, row in zip(chains, rows, strict=True):
        value = floats(found.value[row, :])
        factor: Expression = Number(float(factors[row, 0]))
        if settings.sample_weights is None and settings.reduction != "mean":
            factor = Logarithm(settings.base.unit).from_nats(Number(1.0))
        elif settings.sample_weights is None and kept_all(found) and settings.base.ln == 1:
            factor = Quotient(Number(1.0), Number(1.0 / float(factors[row, 0])))
        title = "its weight in the reduction" if row == rows[0] else ""
        steps.append(
            working.scaled("" if chain.sample.alone else chain.sample.index, chain.gradient, factor, value, title)
        )
    return steps


def kept_all(found: Gradient) -> bool:
    """Whether no sample was left out."""
    return found.given.block.kept is None


def _layer(layer: Layer, gradient: list[list[float]], rows: list[int], kept: Kept, sample: Sample) -> list[Step]:
    """dL/dW and dL/db, entry by entry."""
    x, values, by_weights, by_bias = layer
    inputs: list[Numbers] = [typed(x, row, values[row : row + 1, :]) for row in rows]
    weights = [floats(line) for line in _rows(by_weights)]
    return working.layer(gradient, inputs, sample.classes, weights, floats(by_bias), kept.hidden)
