"""The working of `softmax`, `entropy` and `kl`: their states, row by row."""

from __future__ import annotations

from cecli.maths.namespace import quiet
from cecli.quantities import divergence
from cecli.quantities import entropy as entropies
from cecli.quantities import softmax as softmaxes
from cecli.quantities.states import after, state_of
from cecli.report import Step
from cecli.running.batches import Batch
from cecli.working import information as working
from cecli.working.samples import Terms
from cecli.working.shown_losses import end_of, used_probabilities
from cecli.working.shown_rows import Shown, floats, prediction, softmaxed, typed
from cecli.working.writing import Logarithm


def softmax(shown: Shown) -> list[Step]:
    """The softmax of every row."""
    options = shown.options
    rows = [
        (
            sample,
            softmaxed(batch, options),
            floats(after(softmaxes.STAGES, state_of(batch, options)).losses),
        )
        for batch, sample in shown.samples()
    ]
    return working.softmax(rows, Logarithm(options.base.unit) if options.log else None)


def entropy(shown: Shown) -> list[Step]:
    """The terms of H(p), row by row, and their reduction."""
    terms = [(sample, _entropy_terms(batch, shown)) for batch, sample in shown.samples()]
    return [
        *working.entropy(terms, Logarithm(shown.options.base.unit)),
        *end_of(terms, shown.result, shown.options.base.unit, "H"),
    ]


@quiet
def _entropy_terms(batch: Batch, shown: Shown) -> Terms:
    """The terms of H(p)."""
    options = shown.options
    state = after(entropies.STAGES, state_of(batch, options))
    given, preparation = prediction(batch)
    used, more = used_probabilities(batch, given, state.prediction.probability, options)
    return Terms(
        range(len(used)),
        None,
        used,
        floats(state.terms.term),
        float(state.terms.loss[0]),
        softmaxed(batch, options) if options.logits else None,
        floats(state.terms.surprisal),
        preparation=[*preparation, *more],
    )


def kl(shown: Shown) -> list[Step]:
    """The terms of KL(p‖q), or of JS(p, q), row by row, and their reduction."""
    is_js = shown.options.js
    terms = [(sample, _divergence_terms(batch, shown)) for batch, sample in shown.samples()]
    steps = (working.js if is_js else working.kl)(terms, Logarithm(shown.options.base.unit))
    steps = [*steps, *end_of(terms, shown.result, shown.options.base.unit, "JS" if is_js else "KL")]
    return [*steps, *(working.distance([(sample, each.value) for sample, each in terms]) if is_js else [])]


@quiet
def _divergence_terms(batch: Batch, shown: Shown) -> Terms:
    """The terms of a row: of KL p·log(p/q), as its definition has them."""
    options = shown.options
    state = after(divergence.STAGES, state_of(batch, options))
    p, predicted = state.target_rows, state.prediction
    by_logits = options.logits and options.eps is None and not options.js
    given, preparation = prediction(batch)
    used, more = used_probabilities(batch, given, predicted.probability, options)
    unchanged = not options.normalize and batch.target is not None
    return Terms(
        range(len(used)),
        typed(shown.target, batch.first, p, unchanged),
        used,
        floats(state.terms.term),
        float(state.losses[0]),
        softmaxed(batch, options) if by_logits else None,
        floats(predicted.surprisal),
        preparation=[*preparation, *more],
    )
