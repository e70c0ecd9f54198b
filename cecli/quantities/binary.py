"""`bce`: the binary cross-entropy, entry by entry, reduced, reported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cecli.maths import binary_losses
from cecli.maths.namespace import Array, indexes, namespace, on_cpu, quiet, safe_product
from cecli.quantities.predictions import predict_binary
from cecli.quantities.states import AnyState, State, after, loss_stages, state_of
from cecli.quantities.summary import (
    Answer,
    BatchLosses,
    LossSummary,
    all_notes,
    ignored,
    matrix_table,
    quantity_data,
    quantity_tables,
    summaries,
)
from cecli.quantities.underflow import underflows
from cecli.reading.sources import Source
from cecli.report import Data, Report
from cecli.running.batches import Step
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.running.walk import walk

OPTIONS = settings_of("bce")

BinaryState = State[binary_losses.BinaryPrediction, binary_losses.BinaryTerms]

# --- stages -------------------------------------------------------------------------------------------------------


def with_prediction(state: BinaryState) -> BinaryState:
    """What is predicted of every entry."""
    return state.replace(prediction=predict_binary(state))


@quiet
def with_terms(state: BinaryState) -> BinaryState:
    """The positive and the negative term of every entry."""
    options = state.options
    return state.replace(
        terms=binary_losses.binary_terms(target_used(state), state.prediction, options.pos_weight, options.focal)
    )


STAGES = loss_stages(with_prediction, with_terms)


def target_used(state: AnyState) -> Array:
    """The targets, smoothed, in the type of the predictions."""
    smoothed = binary_losses.smooth_binary(state.given_target, state.options.label_smoothing)
    return namespace(smoothed).astype(smoothed, state.scores.dtype)


# --- a batch ------------------------------------------------------------------------------------------------------


def entry_losses(state: BinaryState) -> Array:
    """The loss of every entry: of large arrays of plain 0/1 labels by the shortest way."""
    if not _is_plain(state):
        return after(STAGES, state).losses
    from cecli.maths import direct  # loaded for large arrays alone

    loss = direct.binary_loss if state.options.logits else direct.binary_loss_by_probability
    return state.options.base.of_nats(loss(_plain_targets(state), state.scores))


def losses_together(state: BinaryState) -> Array | None:
    """Losses whose sum is that of all entries, where that is quicker and nothing needs the entries one by one."""
    if state.weights is not None or state.mask is not None or state.options.reduction == "none":
        return None
    if not (state.options.logits and _is_plain(state)):
        return None
    from cecli.maths import direct  # loaded for large arrays alone

    return state.options.base.of_nats(direct.binary_loss_together(_plain_targets(state), state.scores))


@quiet
def batch_losses(state: BinaryState) -> BatchLosses:
    """The losses of a batch, entry by entry."""
    xp, values = namespace(state.scores), state.scores
    weights = xp.broadcast_to(xp.ones_like(values[:1, :1]), values.shape)
    together = losses_together(state)
    loss = entry_losses(state) if together is None else together
    tiny = partial(underflows, state)
    return BatchLosses.of(state, {"loss": loss}, weights, partial(_infinite, state), underflowed=tiny)


def _infinite(state: BinaryState, _: Array) -> list[tuple[int, int]]:
    """The (sample, entry) pairs whose loss is infinite and counts."""
    loss = entry_losses(state)
    if state.weights is not None:
        loss = safe_product(namespace(loss).astype(state.weights, loss.dtype)[:, None], loss)
    xp = namespace(loss)
    counts = xp.isinf(loss) if state.mask is None else xp.isinf(loss) & state.mask
    rows, columns = (on_cpu(each).tolist() for each in indexes(counts))
    return [(state.first + i, j) for i, j in zip(rows, columns, strict=True)]


def _is_plain(state: BinaryState) -> bool:
    """Whether a batch is one of a large array of 0/1 labels, and nothing changes their losses."""
    options = state.options
    plain = options.eps is None and options.pos_weight == 1 and options.focal == 0
    if not (state.is_large and plain and options.label_smoothing == 0):
        return False
    y = state.given_target
    return bool(namespace(y).all((y == 0) | (y == 1)))


def _plain_targets(state: BinaryState) -> Array:
    return namespace(state.given_target).astype(state.given_target, state.scores.dtype, copy=False)


# --- the whole input ----------------------------------------------------------------------------------------------


def evaluate(target: Source, prediction: Source, options: Options, execution: Execution) -> Iterator[LossSummary]:
    """The binary cross-entropy of every entry, summarised."""

    def work(step: Step) -> BatchLosses:
        return batch_losses(state_of(step.batches[0], options))

    steps = walk([prediction], options, execution, target, kind="binary")
    return summaries(work, steps, options, execution, options.reduction_of("bce"))


def binary_cross_entropy(
    target: Source, prediction: Source, options: Options, execution: Execution
) -> Iterator[Answer]:
    """`bce`: the binary cross-entropy, per entry, then reduced."""
    for summary in evaluate(target, prediction, options, execution):
        yield Answer(_report(summary, options, execution), summary)


def _report(summary: LossSummary, options: Options, execution: Execution) -> Report:
    unit, reduced, shown, stream = options.base.unit, summary.reduced("loss"), summary.shown("loss"), summary.stream
    if summary.reduction == "none" and not stream.is_vector:
        tables = [matrix_table(f"binary cross-entropy, {unit}", shown, stream, summary.first)]
        data = Data(stream.headings("bce"), reduced, "float64")
    else:
        tables = quantity_tables({"binary cross-entropy": shown}, summary, unit, [])
        data = quantity_data({"binary_cross_entropy": reduced}, summary)
    return Report(
        "bce",
        reduced,
        summary.considered,
        options.described(*OPTIONS, classes=stream.classes, device=execution.device) | {"reduction": summary.reduction},
        unit=unit,
        fields={"reduction": summary.reduction, **ignored(summary, options)},
        tables=tables,
        data=data,
        per_sample=summary.reduction == "none",
        last_notes=partial(all_notes, summary, options),
    )
