"""The working of `xent`, `bce` and `compare`: their states, sample by sample."""

from __future__ import annotations

import math

from cecli.comparing.models import Comparison, Model
from cecli.expression import Number
from cecli.maths.namespace import Array, quiet
from cecli.maths.softmax import softmax, softmax_terms
from cecli.quantities import binary as bce
from cecli.quantities import cross_entropy as xent
from cecli.quantities import squared_error
from cecli.quantities.states import AnyState, after, state_of
from cecli.quantities.summary import LossSummary
from cecli.report import Step
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.working import losses as working
from cecli.working.losses import Entry, Shape
from cecli.working.reduction import reduced, reduction_of, reduction_of_values
from cecli.working.samples import Preparation, Sample, Terms
from cecli.working.shown_rows import (
    R,
    Shown,
    are_finite,
    floats,
    option,
    picked,
    prediction,
    softmaxed,
    typed,
    typed_weights,
    underflowed,
)
from cecli.working.writing import Logarithm, Numbers, computed

SampleTerms = list[tuple[Sample, Terms]]

# --- xent -----------------------------------------------------------------------------------------------------------


def cross_entropy(shown: Shown[LossSummary]) -> list[Step]:
    """The losses of the samples, and their reduction."""
    terms = _loss_terms(shown, shown.result.class_weights)
    steps = working.cross_entropy(terms, _loss_shape(shown))
    return [*steps, *end_of(terms, shown.result, shown.options.base.unit)]


def _loss_shape(shown: Shown[R]) -> Shape:
    """What the formula of the cross-entropy has in it."""
    options, some = shown.options, shown.recorder.steps[0].batches[0]
    return Shape(
        Logarithm(options.base.unit),
        by_label=some.labels is not None and options.label_smoothing == 0,
        by_logits=options.logits and options.eps is None,
        weighted=options.class_weights is not None,
        focal=option(options, "focal"),
        smoothed=options.label_smoothing != 0,
    )


def _loss_terms(shown: Shown[R], class_weights: Array | None, model: int = 0) -> SampleTerms:
    """Every shown sample of a model with its terms."""
    return [(sample, _terms(batch, sample, shown, class_weights)) for batch, sample in shown.samples(model)]


@quiet
def _terms(batch: Batch, sample: Sample, shown: Shown[R], class_weights: Array | None) -> Terms:
    """The terms of one sample."""
    options = shown.options
    state = after(xent.STAGES, state_of(batch, options, class_weights))
    every, labels = state.prediction, state.plain_labels
    given, preparation = prediction(batch)
    by_label = labels is not None and sample.label is not None
    tiny = are_finite(batch, options)
    classes = [sample.label] if by_label and sample.label is not None else list(range(batch.stream.width))
    used, more = used_probabilities(batch, given, every.probability, options)
    p, smoothing = (None, []) if by_label else _target(state, sample, shown)
    surprisal = [underflowed(each, tiny) for each in floats((every if labels is None else every.at(labels)).surprisal)]
    denominator = float(xent.mean_weights(state)[0])
    expected = [tiny and denominator > 0] if p is None else [tiny and each.value > 0 for each in p]
    return Terms(
        classes,
        p,
        picked(used, classes),
        [*map(underflowed, floats(state.terms.term), expected)],
        underflowed(float(state.terms.loss[0]), tiny and denominator > 0),
        softmaxed(batch, options) if options.logits else None,
        surprisal,
        picked(floats(every.complement), classes),
        None if class_weights is None else picked(typed_weights(class_weights, options), classes),
        denominator,
        [*preparation, *more, *smoothing],
    )


def used_probabilities(
    batch: Batch, given: Numbers, probability: Array, options: Options
) -> tuple[Numbers, list[Preparation]]:
    """The probabilities as the formula takes them, and how they were clipped."""
    if options.eps is None:
        return (computed(floats(probability)) if options.logits else given), []
    before = computed(floats(softmax(softmax_terms(batch.prediction)))) if options.logits else given
    return computed(floats(probability)), [Preparation("eps", before, floats(probability), option(options, "eps"))]


def _target(state: AnyState, sample: Sample, shown: Shown[R]) -> tuple[Numbers, list[Preparation]]:
    """The target as a distribution, and how it was smoothed."""
    options = shown.options
    if sample.label is not None:
        plain: Numbers = [Number(float(k == sample.label)) for k in range(len(sample.classes))]
    else:
        plain = typed(shown.target, state.first, state.given_target, unchanged=not options.normalize)
    if options.label_smoothing == 0:
        return plain, []
    smoothed = floats(xent.target_used(state))
    return computed(smoothed), [Preparation("smoothing", plain, smoothed, option(options, "label_smoothing"))]


def end_of(terms: SampleTerms, summary: LossSummary, unit: str, symbol: str = "ℓ") -> list[Step]:
    """How the samples' values become the one number."""
    own = reduction_of([(sample, each.value) for sample, each in terms], summary)
    denominators = None
    if summary.class_weights is not None:
        denominators = [each.denominator for sample, each in terms if sample.counts]
    return reduced(own.replace(denominators=denominators, symbol=symbol, unit=unit))


# --- compare --------------------------------------------------------------------------------------------------------


def comparison(shown: Shown[Comparison]) -> list[Step]:
    """The losses of each model worked out, or the one metric that was asked for."""
    compared = shown.result
    names = ("error_rate", "mse", "cross_entropy") if compared.metric is None else (compared.metric,)
    count = compared.samples - compared.ignored
    steps: list[Step] = []
    for i, model in enumerate(compared.models):
        for name in names if not model.are_labels else ("error_rate",):
            first, *rest = _of_model(name, i, model, shown, count)
            steps += [first.replace(title=f"{model.name}: {first.title}"), *rest]
    return steps


def _of_model(name: str, i: int, model: Model, shown: Shown[Comparison], count: int) -> list[Step]:
    """One metric of one model."""
    if name in ("error_rate", "errors"):
        wrong = model.totals.wrong
        return working.errors(name, wrong.values.value, wrong.weights.value, model.number(name))
    if name == "mse":
        squares = [(sample, _squared_terms(batch, sample, shown)) for batch, sample in shown.samples(i)]
        values = [(sample, terms.value) for sample, terms in squares]
        end = reduction_of_values(values, "mean", count, model.number("mse"))
        return [*working.squared_error(squares), *reduced(end.replace(name="MSE"))]
    base, terms = shown.options.base, _loss_terms(shown, None, i)
    how, metric = ("sum", "cross_entropy_sum") if name == "cross_entropy_sum" else ("mean", "cross_entropy")
    value = model.number(metric)
    end = reduction_of_values([(sample, each.value) for sample, each in terms], how, count, value)
    steps = [*working.cross_entropy(terms, _loss_shape(shown)), *reduced(end.replace(unit=base.unit))]
    if name == "perplexity":
        steps += working.perplexity(base.name, value, model.number("perplexity"))
    return [steps[0].replace(title=steps[0].title or "cross-entropy"), *steps[1:]]


@quiet
def _squared_terms(batch: Batch, sample: Sample, shown: Shown[R]) -> Terms:
    """The terms of ‖q − p‖²."""
    state = after(squared_error.STAGES, state_of(batch, shown.options))
    given, _ = prediction(batch)
    used, _ = used_probabilities(batch, given, state.prediction.probability, shown.options)
    p, _ = _target(state, sample, shown)
    return Terms(range(len(used)), p, used, floats(state.terms.term), float(state.terms.loss[0]))


# --- bce ------------------------------------------------------------------------------------------------------------


def binary(shown: Shown[LossSummary]) -> list[Step]:
    """The losses of the entries, and their reduction."""
    options = shown.options
    shape = Shape(
        Logarithm(options.base.unit),
        by_logits=options.logits and options.eps is None,
        weighted=options.pos_weight != 1,
        focal=option(options, "focal"),
    )
    entries = [entry for batch, sample in shown.samples() for entry in _entries(batch, sample, shown)]
    weight = option(options, "pos_weight") if shape.weighted else None
    steps = working.binary(entries, shape, weight, option(options, "label_smoothing"))
    end = reduction_of([(entry.sample, entry.value) for entry in entries], shown.result)
    return [*steps, *reduced(end.replace(unit=options.base.unit))]


@quiet
def _entries(batch: Batch, sample: Sample, shown: Shown[R]) -> list[Entry]:
    """The entries of a sample: one for a vector, one for each label of a row."""
    options, mask = shown.options, batch.mask
    state = after(bce.STAGES, state_of(batch, options))
    given, _ = prediction(batch)
    if options.eps is not None:
        given = computed(floats(state.prediction.probability))
    smoothed = options.label_smoothing != 0
    targets = (
        computed(floats(bce.target_used(state))) if smoothed else typed(shown.target, batch.first, state.given_target)
    )
    terms = [floats(part) for part in (state.terms.positive, state.terms.negative, state.terms.loss)]
    by_logits, weight = options.logits and options.eps is None, options.pos_weight
    entries = []
    for k, (positive, negative, loss) in enumerate(zip(*terms, strict=True)):
        y, tiny = targets[k].value, by_logits and math.isfinite(given[k].value)
        parts = underflowed(positive, tiny and y > 0 < weight), underflowed(negative, tiny and y < 1)
        name = str(sample.number) if batch.stream.is_vector else f"{sample.number},{sample.classes[k]}"
        own = sample.replace(counts=mask is None or bool(mask[0, k]), hidden=sample.hidden if k == 0 else 0)
        entries.append(Entry(own, name, targets[k], given[k], *parts, underflowed(loss, tiny and weight > 0)))
    return entries
