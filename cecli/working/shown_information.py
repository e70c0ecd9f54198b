"""The working of `softmax`, `entropy` and `kl`: their states, row by row."""

from __future__ import annotations

from cecli.expression import Underflowed
from cecli.maths.namespace import quiet
from cecli.quantities import divergence
from cecli.quantities import entropy as entropies
from cecli.quantities import softmax as softmaxes
from cecli.quantities.states import AnyStages, after, state_of
from cecli.quantities.summary import Answer, LossSummary
from cecli.report import Step
from cecli.running.batches import Batch
from cecli.working import information as working
from cecli.working.samples import Terms
from cecli.working.shown_losses import end_of, used_probabilities
from cecli.working.shown_rows import Shown, are_finite, floats, prediction, softmaxed, typed, underflowed
from cecli.working.writing import Logarithm


def softmax(shown: Shown[Answer]) -> list[Step]:
    """The softmax of every row."""
    options = shown.options
    rows = []
    for batch, sample in shown.samples():
        row, values = softmaxed(batch, options), floats(after(softmaxes.STAGES, state_of(batch, options)).losses)
        tiny = [isinstance(each, Underflowed) for each in row.probability]
        rows.append((sample, row, [*map(underflowed, values, tiny)] if not options.log else values))
    return working.softmax(rows, Logarithm(options.base.unit) if options.log else None)


def entropy(shown: Shown[LossSummary]) -> list[Step]:
    """The terms of H(p), row by row, and their reduction."""
    unit = shown.options.base.unit
    terms = [(sample, _terms(batch, shown, entropies.STAGES)) for batch, sample in shown.samples()]
    return [*working.entropy(terms, Logarithm(unit)), *end_of(terms, shown.result, unit, "H")]


def kl(shown: Shown[LossSummary]) -> list[Step]:
    """The terms of KL(p‖q), or of JS(p, q), row by row, and their reduction."""
    unit = shown.options.base.unit
    terms = [(sample, _terms(batch, shown, divergence.STAGES)) for batch, sample in shown.samples()]
    if not shown.options.js:
        return [*working.kl(terms, Logarithm(unit)), *end_of(terms, shown.result, unit, "KL")]
    roots = working.distance([(sample, each.value) for sample, each in terms])
    return [*working.js(terms, Logarithm(unit)), *end_of(terms, shown.result, unit, "JS"), *roots]


@quiet
def _terms(batch: Batch, shown: Shown[LossSummary], stages: AnyStages) -> Terms:
    """The terms of a row, of an entropy without a target; of KL p·log(p/q), as its definition has them."""
    options, is_entropy = shown.options, stages is entropies.STAGES
    state = after(stages, state_of(batch, options))
    given, preparation = prediction(batch)
    used, more = used_probabilities(batch, given, state.prediction.probability, options)
    unchanged = not options.normalize and batch.target is not None
    by_logits = options.logits and (is_entropy or (options.eps is None and not options.js))
    tiny = is_entropy and are_finite(batch, options)
    gone = None if is_entropy or options.js else divergence.underflowed(state, state.losses)
    return Terms(
        range(len(used)),
        None if is_entropy else typed(shown.target, batch.first, state.target_rows, unchanged),
        used,
        [underflowed(each, tiny) for each in floats(state.terms.term)],
        underflowed(float(state.losses[0]), tiny or (gone is not None and bool(gone[0]))),
        softmaxed(batch, options) if by_logits else None,
        [underflowed(each, tiny) for each in floats(state.prediction.surprisal)],
        preparation=[*preparation, *more],
    )
