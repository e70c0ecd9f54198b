"""`xent`: the cross-entropy H(p, q), sample by sample, reduced, reported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cecli.maths import information, losses
from cecli.maths.losses import ClassPrediction
from cecli.maths.namespace import Array, is_finite, namespace, on_cpu, quiet, row_sum
from cecli.quantities.predictions import divergence, with_prediction
from cecli.quantities.states import AnyState, State, Terms, after, loss_stages, state_of
from cecli.quantities.summary import (
    Answer,
    BatchLosses,
    LossSummary,
    all_notes,
    ignored,
    quantity_data,
    quantity_tables,
    summaries,
)
from cecli.quantities.underflow import underflows
from cecli.reading.sources import Source
from cecli.report import Report, unless_overflowed
from cecli.running.batches import Step
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.running.targets import class_weights
from cecli.running.walk import walk

OPTIONS = settings_of("xent")
PARTS = ("entropy", "kl")
"""What may be asked for beside the loss; it takes longer than the loss itself."""

TITLES = {"loss": "cross-entropy H(p, q)", "entropy": "entropy H(p)", "kl": "divergence KL(p‖q)"}
COLUMNS = {"loss": "cross_entropy", "entropy": "entropy", "kl": "kl"}

ClassState = State[ClassPrediction, Terms]

# --- stages -------------------------------------------------------------------------------------------------------


@quiet
def with_terms(state: ClassState) -> ClassState:
    """The terms of the loss: of plain labels one each, else one for every class."""
    return state.replace(terms=_terms(state))


def _terms(state: ClassState) -> Terms:
    weights, prediction, options = own_class_weights(state), state.prediction, state.options
    if (labels := state.plain_labels) is not None:
        of_labels = None if weights is None else namespace(weights).take(weights, labels)[:, None]
        return losses.label_terms(prediction.at(labels), of_labels, options.focal)
    if state.labels is not None and weights is None and options.focal == 0:
        return losses.SmoothedTerms(prediction, state.labels, options.label_smoothing)
    return losses.cross_entropy_terms(target_used(state), prediction, weights, options.focal)


STAGES = loss_stages(with_prediction, with_terms)


def target_used(state: AnyState) -> Array:
    """The target as distributions, smoothed."""
    return losses.smooth(state.target_rows, state.options.label_smoothing)


def own_class_weights(state: AnyState) -> Array | None:
    """The class weights in the type of the predictions."""
    if state.class_weights is None:
        return None
    return namespace(state.scores).astype(state.class_weights, state.scores.dtype)


@quiet
def mean_weights(state: AnyState) -> Array:
    """What each sample counts in a mean before its own weight: Σ_k w_k·p_k of the target before smoothing."""
    weights = own_class_weights(state)
    if state.labels is not None:
        if weights is None:
            return namespace(state.scores).ones_like(state.losses)
        return namespace(weights).take(weights, state.labels)
    target = state.target_rows
    xp = namespace(target)
    return row_sum(xp.ones_like(target[:, :1]) if weights is None else target * weights)


# --- beside the loss ----------------------------------------------------------------------------------------------


@quiet
def target_entropy(state: ClassState) -> Array:
    """H(p) of the targets as they are used."""
    target = target_used(state)
    return information.entropy_terms(target, information.surprisal(target, state.options.base)).loss


@quiet
def target_divergence(state: ClassState) -> Array:
    """KL(p‖q) from the targets as they are used; of plain labels it is the loss."""
    if state.plain_labels is not None and state.losses is not None:
        return state.losses
    return divergence(state, target_used(state))


# --- a batch ------------------------------------------------------------------------------------------------------


@quiet
def batch_losses(state: ClassState, parts: tuple[str, ...] = ()) -> BatchLosses:
    """The losses of a finished state, with the `PARTS` that are asked for."""
    values, zero = {"loss": state.losses}, tuple[str, ...]()
    if "kl" in parts:
        values["kl"] = target_divergence(state)
    if "entropy" in parts and state.plain_labels is not None:
        zero = ("entropy",)
    elif "entropy" in parts:
        values["entropy"] = target_entropy(state)
    return BatchLosses.of(
        state, values, mean_weights(state), partial(_infinite, state), zero, partial(underflows, state)
    )


def _infinite(state: ClassState, weighted: Array) -> list[tuple[int, int]]:
    """The samples (counted in the whole input) whose loss is infinite and counts, each with the class that makes it so."""
    xp, term = namespace(weighted), state.terms.term
    if is_finite(weighted):
        return []
    counts = xp.isinf(weighted) if state.mask is None else xp.isinf(weighted) & state.mask
    if term.shape[-1] == 1 and state.labels is not None:
        column = state.labels
    else:
        column = xp.argmax(xp.astype(xp.isinf(term), xp.int64), axis=-1)
    rows, columns = on_cpu(xp.nonzero(counts)[0]), on_cpu(column)
    return [(state.first + i, int(columns[i])) for i in rows.tolist()]


# --- the whole input ----------------------------------------------------------------------------------------------


def evaluate(
    target: Source,
    prediction: Source,
    options: Options,
    execution: Execution,
    parts: tuple[str, ...] = (),
) -> Iterator[LossSummary]:
    """The cross-entropy of every sample, summarised; with `execution.streams` and no reduction step by step."""
    weights = class_weights(options, execution, prediction.width)
    rounding = max(target.rounding, prediction.rounding)
    if options.class_weights is not None or options.focal:
        parts = ()  # under class weights and focal H(p, q) = H(p) + KL(p‖q) does not hold

    def work(step: Step) -> BatchLosses:
        return batch_losses(after(STAGES, state_of(step.batches[0], options, weights, rounding)), parts)

    steps = walk([prediction], options, execution, target)
    return summaries(
        work,
        steps,
        options,
        execution,
        options.reduction_of("xent"),
        weights if weights is None else execution.fetched(weights),
    )


def cross_entropy(
    target: Source, prediction: Source, options: Options, execution: Execution, parts: tuple[str, ...] = PARTS
) -> Iterator[Answer]:
    """`xent`: the cross-entropy H(p, q), with H(p), KL(p‖q) and the perplexity."""
    for summary in evaluate(target, prediction, options, execution, parts):
        yield Answer(_report(summary, options, execution), summary)


def _report(summary: LossSummary, options: Options, execution: Execution) -> Report:
    unit = options.base.unit
    values = {name: summary.reduced(name) for name in ("loss", *PARTS)}
    shown = {name: value for name, value in values.items() if value is not None}
    power = perplexity(summary, options)
    data = {COLUMNS[name]: value for name, value in shown.items()}
    if power is not None and summary.reduction != "none":
        data["perplexity"] = power
    return Report(
        "xent",
        values["loss"],
        summary.considered,
        options.described(*OPTIONS, classes=summary.stream.classes, device=execution.device)
        | {"reduction": summary.reduction},
        unit=unit,
        fields={
            "reduction": summary.reduction,
            "entropy": values["entropy"],
            "kl": values["kl"],
            "perplexity": power,
            **ignored(summary, options),
        },
        tables=quantity_tables(
            {TITLES[name]: value if name == "entropy" else summary.shown(name) for name, value in shown.items()},
            summary,
            unit,
            [] if power is None else [("perplexity", unless_overflowed(power, summary.infinite_count), "")],
        ),
        data=quantity_data(data, summary),
        per_sample=summary.reduction == "none",
        last_notes=partial(all_notes, summary, options),
    )


def perplexity(summary: LossSummary, options: Options) -> float | None:
    """e to the mean cross-entropy in nats, one number whatever the base and the reduction."""
    if options.class_weights is not None or options.focal or summary.totals["loss"].weights.value == 0:
        return None
    return options.base.power(summary.totals["loss"].reduced("mean"))
