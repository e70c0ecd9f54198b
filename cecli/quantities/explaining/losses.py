"""The working of `xent`, `bce` and `compare`: their terms, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.compare.models import Comparison, Model
from cecli.expression import Number
from cecli.maths import losses
from cecli.maths.namespace import Array, quiet
from cecli.maths.softmax import softmax, softmax_terms
from cecli.quantities.evaluation import Evaluation
from cecli.quantities.explaining.kept import SHOWN_FIRST, Kept
from cecli.quantities.explaining.rows import (
    floats,
    option,
    picked,
    prediction,
    samples,
    softmaxed,
    typed,
    typed_weights,
)
from cecli.quantities.losses import binary_parts, cross_entropy_parts, predict
from cecli.report import Report, Step
from cecli.running.batches import Input
from cecli.running.options import Settings
from cecli.working import losses as working
from cecli.working.losses import Entry, Reduction, Shape
from cecli.working.samples import Preparation, Sample, Terms
from cecli.working.writing import Logarithm, Numbers, computed

Found = list[tuple[Sample, Terms]]
"""Samples with their terms."""

# --- xent -----------------------------------------------------------------------------------------------------------


def cross_entropy(report: Report, kept: Kept, settings: Settings, evaluation: Evaluation) -> Report:
    """The report with its working, and with the question that it answers."""
    weights = kept.class_weights
    question = kept.question("xent", settings, reduction=evaluation.reduction)
    report = report.replace(question=question)
    if not kept.working:
        return report
    found = loss_terms(kept, settings, weights)
    steps = working.cross_entropy(found, loss_shape(kept, settings))
    return report.replace(
        steps=[*steps, *working.reduced(reduction_of(found, kept, evaluation).replace(unit=settings.base.unit))],
    )


def loss_shape(kept: Kept, settings: Settings) -> Shape:
    """What the formula of the cross-entropy has in it."""
    some = kept.steps[0][0].block
    return Shape(
        Logarithm(settings.base.unit),
        by_label=some.labels is not None and settings.label_smoothing == 0,
        by_logits=settings.logits and settings.eps is None,
        weighted=settings.class_weights is not None,
        focal=option(settings, "focal"),
    )


def loss_terms(kept: Kept, settings: Settings, weights: Array | None, model: int = 0) -> Found:
    """Every shown sample of a model with its terms."""
    return [(sample, _terms(part, sample, kept, settings, weights)) for part, sample in samples(kept, settings, model)]


@quiet
def _terms(part: Input, sample: Sample, kept: Kept, settings: Settings, weights: Array | None) -> Terms:
    """The terms of one sample."""
    block, width = part.block, part.plan.width
    predicted = predict(block, settings)
    given, preparation = prediction(part, sample.number - 1)
    by_label = sample.label is not None and settings.label_smoothing == 0
    classes = [sample.label] if by_label and sample.label is not None else list(range(width))
    own = predicted.at(block.labels) if by_label else predicted
    terms, denominator, *_ = cross_entropy_parts(block, own, settings, weights, 2.0**-52)
    used, more = used_probabilities(part, given, predicted.probability, settings)
    p, smoothing = (None, []) if by_label else _target(part, sample, kept, settings)
    return Terms(
        classes,
        p,
        picked(used, classes),
        floats(terms.term),
        float(terms.loss[0]),
        softmaxed(part, sample.number - 1, settings) if settings.logits else None,
        floats(terms.surprisal),
        picked(floats(predicted.complement), classes),
        None if weights is None else picked(typed_weights(weights, settings), classes),
        float(denominator[0]),
        [*preparation, *more, *smoothing],
    )


def used_probabilities(
    part: Input, given: Numbers, probability: Array, settings: Settings
) -> tuple[Numbers, list[Preparation]]:
    """The probabilities as the formula takes them, and how they were clipped."""
    if settings.eps is None:
        return (computed(floats(probability)) if settings.logits else given), []
    before = computed(floats(softmax(softmax_terms(part.block.prediction)))) if settings.logits else given
    return computed(floats(probability)), [Preparation("eps", before, floats(probability), option(settings, "eps"))]


def _target(part: Input, sample: Sample, kept: Kept, settings: Settings) -> tuple[Numbers, list[Preparation]]:
    """The target as a distribution, and how it was smoothed."""
    block = part.block
    if sample.label is not None:
        plain: Numbers = [Number(float(k == sample.label)) for k in range(part.plan.width)]
    else:
        plain = typed(kept.target, sample.number - 1, block.target, unchanged=not settings.normalize)
    if settings.label_smoothing == 0:
        return plain, []
    smoothed = floats(losses.smooth(block.target_rows, settings.label_smoothing))
    return computed(smoothed), [Preparation("smoothing", plain, smoothed, option(settings, "label_smoothing"))]


def reduction_of(found: Found, kept: Kept, evaluation: Evaluation, symbol: str = "ℓ") -> Reduction:
    """How the samples' values become the one number."""
    value = 0.0 if evaluation.reduction == "none" else evaluation.reduced("loss")
    count = evaluation.counted - evaluation.ignored
    values = [(sample, terms.value) for sample, terms in found]
    denominators = None
    if kept.class_weights is not None:
        denominators = [terms.denominator for sample, terms in found if sample.kept]
    own = _reduction(values, evaluation.reduction, count, value)
    return own.replace(denominators=denominators, symbol=symbol)


def _reduction(values: Sequence[tuple[Sample, float]], how: str, count: int, value: float) -> Reduction:
    """How the values of samples (or entries) become one; those that are left out are no part of it."""
    counted = [(sample, own) for sample, own in values if sample.kept]
    weights = [sample.weight for sample, _ in counted if sample.weight is not None]
    before = sum(sample.number <= SHOWN_FIRST for sample, _ in counted)
    return Reduction(how, [own for _, own in counted], weights or None, None, count, before, value)


# --- compare --------------------------------------------------------------------------------------------------------


def comparison(report: Report, kept: Kept, settings: Settings, compared: Comparison, metric: str | None) -> Report:
    """The report with the losses of each model worked out."""
    report = report.replace(question=kept.question("compare", settings, metric=metric or "cross_entropy"))
    if not kept.working:
        return report
    names = ("error_rate", "mse", "cross_entropy") if metric is None else (metric,)
    count = compared.samples - compared.ignored
    steps: list[Step] = []
    for i, model in enumerate(compared.models):
        for name in names:
            own = _of_model(name, i, model, kept, settings, count)
            steps += [own[0].replace(title=f"{model.name}: {own[0].title}"), *own[1:]]
    return report.replace(steps=steps)


def _of_model(name: str, i: int, model: Model, kept: Kept, settings: Settings, count: int) -> list[Step]:
    """One metric of one model."""
    if name in ("error_rate", "errors"):
        wrong = model.totals.wrong
        return working.errors(name, wrong.values.value, wrong.weights.value, model.metrics[name])
    if name == "mse":
        found = [(sample, _squared_terms(part, sample, kept, settings)) for part, sample in samples(kept, settings, i)]
        reduction = _reduction([(sample, terms.value) for sample, terms in found], "mean", count, model.metrics["mse"])
        return [*working.squared_error(found), *working.reduced(reduction.replace(name="MSE"))]
    found = loss_terms(kept, settings, None, i)
    how = "sum" if name == "cross_entropy_sum" else "mean"
    value = model.metrics["cross_entropy_sum" if how == "sum" else "cross_entropy"]
    reduction = _reduction([(sample, terms.value) for sample, terms in found], how, count, value)
    end = working.reduced(reduction.replace(unit=settings.base.unit))
    steps = [*working.cross_entropy(found, loss_shape(kept, settings)), *end]
    if name == "perplexity":
        steps += working.perplexity(settings.base.name, value, model.metrics["perplexity"])
    return [steps[0].replace(title=steps[0].title or "cross-entropy"), *steps[1:]]


@quiet
def _squared_terms(part: Input, sample: Sample, kept: Kept, settings: Settings) -> Terms:
    """The terms of ‖q − p‖²."""
    predicted = predict(part.block, settings)
    terms = losses.squared_error_terms(part.block.target_rows, predicted)
    given, _ = prediction(part, sample.number - 1)
    used, _ = used_probabilities(part, given, predicted.probability, settings)
    p, _ = _target(part, sample, kept, settings)
    return Terms(range(len(used)), p, used, floats(terms.term), float(terms.loss[0]))


# --- bce ------------------------------------------------------------------------------------------------------------


def binary(report: Report, kept: Kept, settings: Settings, evaluation: Evaluation) -> Report:
    """The report of `bce` with its working, and with the question that it answers."""
    report = report.replace(question=kept.question("bce", settings, reduction=evaluation.reduction))
    if not kept.working:
        return report
    by_logits = settings.logits and settings.eps is None
    focal = option(settings, "focal")
    shape = Shape(Logarithm(settings.base.unit), by_logits=by_logits, weighted=settings.pos_weight != 1, focal=focal)
    entries = [e for part, sample in samples(kept, settings) for e in _entries(part, sample, kept, settings)]
    smoothing = option(settings, "label_smoothing")
    steps = working.binary(entries, shape, option(settings, "pos_weight") if shape.weighted else None, smoothing)
    value = 0.0 if evaluation.reduction == "none" else evaluation.reduced("loss")
    count = evaluation.counted - evaluation.ignored
    reduction = _reduction([(entry.sample, entry.value) for entry in entries], evaluation.reduction, count, value)
    return report.replace(steps=[*steps, *working.reduced(reduction.replace(unit=settings.base.unit))])


@quiet
def _entries(part: Input, sample: Sample, kept: Kept, settings: Settings) -> list[Entry]:
    """The entries of a sample: one for a vector, one for each label of a row."""
    y, predicted, terms = binary_parts(part.block, settings)
    given, _ = prediction(part, sample.number - 1)
    probabilities = floats(predicted.probability)
    smoothed = settings.label_smoothing != 0
    targets = computed(floats(y)) if smoothed else typed(kept.target, sample.number - 1, part.block.target)
    mask = part.block.kept
    found = []
    for k, positive in enumerate(floats(terms.positive)):
        shown = given[k] if settings.eps is None else Number(probabilities[k])
        name = str(sample.number) if part.plan.vector else f"{sample.number},{sample.classes[k]}"
        own = sample.replace(kept=mask is None or bool(mask[0, k]), hidden=sample.hidden if k == 0 else 0)
        found.append(Entry(own, name, targets[k], shown, positive, floats(terms.negative)[k], floats(terms.loss)[k]))
    return found
