"""The working of `softmax`, `entropy` and `kl`: their terms, row by row."""

from __future__ import annotations

import math

from cecli.maths import information
from cecli.maths.namespace import namespace, quiet
from cecli.quantities.evaluation import Evaluation
from cecli.quantities.explaining.kept import Kept
from cecli.quantities.explaining.losses import Found, reduction_of, used_probabilities
from cecli.quantities.explaining.rows import floats, prediction, samples, softmaxed, typed
from cecli.quantities.information import softmax_of
from cecli.quantities.losses import divergence_of, predict
from cecli.report import Report, Step
from cecli.running.batches import Input
from cecli.running.options import Settings
from cecli.working import information as working
from cecli.working import losses as reducing
from cecli.working.samples import Sample, Terms
from cecli.working.writing import Logarithm


def softmax(report: Report, kept: Kept, settings: Settings, log: bool) -> Report:
    """The report of `softmax` with its working, and with the question that it answers."""
    report = report.replace(question=kept.question("softmax", settings, log=log))
    if not kept.working:
        return report
    rows = [
        (sample, softmaxed(part, sample.number - 1, settings), floats(softmax_of(part.block, settings, log)))
        for part, sample in samples(kept, settings)
    ]
    return report.replace(steps=working.softmax(rows, Logarithm(settings.base.unit) if log else None))


def entropy(report: Report, kept: Kept, settings: Settings, evaluation: Evaluation) -> Report:
    """The report of `entropy` with its working, and with the question that it answers."""
    report = report.replace(question=kept.question("entropy", settings, reduction=evaluation.reduction))
    if not kept.working:
        return report
    found = [(sample, _entropy_terms(part, sample, settings)) for part, sample in samples(kept, settings)]
    steps = working.entropy(found, Logarithm(settings.base.unit))
    return report.replace(steps=[*steps, *_end(found, kept, settings, evaluation, "H")])


def _end(found: Found, kept: Kept, settings: Settings, evaluation: Evaluation, symbol: str) -> list[Step]:
    """The reduction of the rows' values."""
    return reducing.reduced(reduction_of(found, kept, evaluation, symbol).replace(unit=settings.base.unit))


@quiet
def _entropy_terms(part: Input, sample: Sample, settings: Settings) -> Terms:
    """The terms of H(p)."""
    predicted = predict(part.block, settings)
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
    report = report.replace(question=kept.question("kl", settings, reduction=evaluation.reduction, js=js))
    if not kept.working:
        return report
    found = [(sample, _divergence_terms(part, sample, kept, settings, js)) for part, sample in samples(kept, settings)]
    steps = (working.js if js else working.kl)(found, Logarithm(settings.base.unit))
    steps = [*steps, *_end(found, kept, settings, evaluation, "JS" if js else "KL")]
    return report.replace(steps=[*steps, *(_distances(found) if js else [])])


def _distances(found: Found) -> list[Step]:
    """√JS of every shown row."""
    return working.distance([(sample, terms.value, math.sqrt(terms.value)) for sample, terms in found])


@quiet
def _divergence_terms(part: Input, sample: Sample, kept: Kept, settings: Settings, js: bool) -> Terms:
    """The terms of KL(p‖q), or of JS(p, q)."""
    p, predicted = part.block.target_rows, predict(part.block, settings)
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
