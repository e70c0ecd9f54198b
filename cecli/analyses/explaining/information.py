"""The working of `softmax`, `entropy` and `kl`: their terms, row by row."""

from __future__ import annotations

from dataclasses import replace

from cecli.analyses.evaluation import Evaluation
from cecli.analyses.explaining.kept import Kept
from cecli.analyses.explaining.losses import reduction_of, used_probabilities
from cecli.analyses.explaining.rows import floats, prediction, sample_of, softmaxed, typed
from cecli.analyses.information import as_rows, softmax_of
from cecli.analyses.inputs import Input
from cecli.analyses.losses import divergence_of, predict
from cecli.analyses.settings import Settings
from cecli.maths import information
from cecli.maths.namespace import namespace, quiet
from cecli.report import Report
from cecli.working import information as working
from cecli.working import losses as reducing
from cecli.working.samples import Sample, Terms
from cecli.working.writing import Logarithm


def softmax(report: Report, kept: Kept, settings: Settings, log: bool) -> Report:
    """The report of `softmax` with its working, and with the question that it answers."""
    report = replace(report, question=kept.question("softmax", settings, log=log))
    if not kept.working:
        return report
    rows = []
    for shown in kept.shown():
        sample, part = sample_of(shown, kept, settings), shown.inputs[0]
        values = floats(softmax_of(part.block.prediction, settings, log))
        rows.append((sample, softmaxed(part, shown.sample, settings), values))
    return replace(report, steps=working.softmax(rows, Logarithm(settings.base.unit) if log else None))


def entropy(report: Report, kept: Kept, settings: Settings, evaluation: Evaluation) -> Report:
    """The report of `entropy` with its working, and with the question that it answers."""
    report = replace(report, question=kept.question("entropy", settings, reduction=evaluation.reduction))
    if not kept.working:
        return report
    samples = [sample_of(shown, kept, settings) for shown in kept.shown()]
    found = [
        (sample, _entropy_terms(shown.inputs[0], sample, settings))
        for sample, shown in zip(samples, kept.shown(), strict=True)
    ]
    steps = working.entropy(found, Logarithm(settings.base.unit))
    return replace(report, steps=[*steps, *reducing.reduced(reduction_of(found, kept, settings, evaluation, "H"))])


@quiet
def _entropy_terms(part: Input, sample: Sample, settings: Settings) -> Terms:
    """The terms of H(p)."""
    predicted = predict(part.block.prediction, settings)
    terms = information.entropy_terms(predicted.probability, predicted.surprisal)
    given, preparation = prediction(part, sample.number - 1)
    used, more = used_probabilities(part, given, predicted.probability, settings)
    return Terms(
        range(len(used)),
        None,
        used,
        floats(terms.term),
        float(terms.entropy[0]),
        softmaxed(part, sample.number - 1, settings) if settings.logits else None,
        floats(terms.surprisal),
        preparation=[*preparation, *more],
    )


def kl(report: Report, kept: Kept, settings: Settings, evaluation: Evaluation, js: bool) -> Report:
    """The report of `kl` with its working, and with the question that it answers."""
    report = replace(report, question=kept.question("kl", settings, reduction=evaluation.reduction, js=js))
    if not kept.working:
        return report
    found = [
        (sample, _divergence_terms(shown.inputs[0], sample, kept, settings, js))
        for shown in kept.shown()
        for sample in [sample_of(shown, kept, settings)]
    ]
    logarithm = Logarithm(settings.base.unit)
    steps = (working.js if js else working.kl)(found, logarithm)
    steps = [*steps, *reducing.reduced(reduction_of(found, kept, settings, evaluation, "JS" if js else "KL"))]
    return replace(report, steps=steps)


@quiet
def _divergence_terms(part: Input, sample: Sample, kept: Kept, settings: Settings, js: bool) -> Terms:
    """The terms of KL(p‖q), or of JS(p, q)."""
    p, predicted = as_rows(part.block), predict(part.block.prediction, settings)
    nats = predicted.surprisal * settings.base.ln if settings.logits and settings.eps is None else None
    if js:
        terms = information.js_terms(p, predicted.probability)
        term, value = terms.term, terms.divergence
    else:
        term = information.log_ratio_terms(p, predicted.probability, nats)
        value = divergence_of(p, predicted, settings) * settings.base.ln
    given, preparation = prediction(part, sample.number - 1)
    used, more = used_probabilities(part, given, predicted.probability, settings)
    unchanged = not settings.normalize and part.block.target is not None
    return Terms(
        range(len(used)),
        typed(kept.target, sample.number - 1, p, unchanged),
        used,
        floats(settings.base.of_nats(term)),
        float(namespace(value).reshape(settings.base.of_nats(value), (-1,))[0]),
        softmaxed(part, sample.number - 1, settings) if nats is not None and not js else None,
        floats(predicted.surprisal),
        preparation=[*preparation, *more],
    )
