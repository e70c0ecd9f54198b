"""`softmax`: probabilities of raw scores, row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from cecli.maths import softmax as kernels
from cecli.maths.losses import PredictedByLogits, Prediction
from cecli.maths.namespace import Array, class_major, namespace, on_cpu, quiet
from cecli.quantities.states import Stages, State, after, state_of
from cecli.quantities.summary import Answer, as_list, matrix_table, skipped_field
from cecli.quantities.underflow import unless_underflowed
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Bar, Cell, Column, Data, Given, Later, Report, Table, Typed
from cecli.running.batches import Batch, Step
from cecli.running.driver import run
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.walk import walk

SoftmaxState = State[Prediction, None]

# --- stages -------------------------------------------------------------------------------------------------------


@quiet
def with_prediction(state: SoftmaxState) -> SoftmaxState:
    """What the logits predict at the temperature."""
    options = state.options
    terms = kernels.softmax_terms(class_major(state.scores), options.temperature)
    return state.replace(prediction=PredictedByLogits(terms, base=options.base))


@quiet
def with_values(state: SoftmaxState) -> SoftmaxState:
    """softmax(z/T) of each row, or its logarithm in the unit asked for."""
    prediction = state.prediction
    return state.replace(losses=0.0 - prediction.surprisal if state.options.log else prediction.probability)


STAGES: Stages[Prediction, None] = (("probability", with_prediction), ("value", with_values))


@quiet
def softmax_of(batch: Batch, options: Options, out: Array | None = None) -> Array:
    """softmax(z/T) of each row, or its logarithm; of large arrays the quick way, which may write it into `out`."""
    if not batch.is_large or options.temperature != 1:
        return after(STAGES, state_of(batch, options)).losses
    from cecli.maths import direct  # loaded for large arrays alone

    values = (direct.log_softmax if options.log else direct.softmax)(batch.prediction, out)
    return options.base.of_nats(values) if options.log else values


def without_missing(values: Array, batch: Batch) -> Array:
    """Rows with NaN in place of samples with a missing value."""
    if batch.missing is None:
        return values
    xp = namespace(values)
    return xp.where(batch.missing[:, None], xp.full_like(values, math.nan), values)


# --- the whole input ----------------------------------------------------------------------------------------------


class SoftmaxRows(Record):
    """A batch of logits, without what stands beside them, and its softmax."""

    batch: Batch
    values: Array


def evaluate(logits: Source, options: Options, execution: Execution) -> Iterator[SoftmaxRows]:
    """The softmax of every batch."""

    def work(step: Step) -> SoftmaxRows:
        batch = step.batches[0]
        return SoftmaxRows(batch, execution.fetched(without_missing(softmax_of(batch, options), batch)))

    steps = walk([logits], options, execution, kind="softmax")
    return run(work, steps, execution, at_once=execution.streams)


def softmax(logits: Source, options: Options, execution: Execution) -> Iterator[Answer]:
    """`softmax`: probabilities (or their logarithms), one row per row."""
    parts = evaluate(logits, options, execution)
    for some in ([part] for part in parts) if execution.streams else [list(parts)]:
        yield Answer(_report(some, options, execution), some)


def _report(parts: list[SoftmaxRows], options: Options, execution: Execution) -> Report:
    batch, log, stream = parts[0].batch, options.log, parts[0].batch.stream
    rows = [row for part in parts for row in as_list(part.values)]
    probable, skipped = parts[-1].batch.looks_probable, sum(part.batch.skipped for part in parts)
    return Report(
        "softmax",
        rows[0] if len(rows) == 1 and batch.first == 0 else rows,
        len(rows) - skipped,
        options.described("temperature", classes=stream.classes, device=execution.device)
        | {"log": log}
        | (options.described("base") if log else {}),
        unit=options.base.unit if log else None,
        tables=[_table(rows, parts, options)],
        data=Data(stream.headings("logp" if log else "p"), rows, str(parts[0].values.dtype)),
        fields=skipped_field(skipped, options),
        last_notes=lambda: stream.notes(probable, skipped),
    )


def _table(rows: list[list[float]], parts: list[SoftmaxRows], options: Options) -> Table:
    """One row as classes one below the other, with bars; several rows as a matrix."""
    batch = parts[0].batch
    heading = f"log probability, {options.base.unit}" if options.log else "probability"
    shown: Sequence[Sequence[Cell]] = rows if options.log else _shown(parts)
    if len(rows) > 1:
        return matrix_table(heading, shown, batch.stream, batch.first)
    typed = shown_values(batch, 0)
    columns = [Column("class", "left"), Column("logit"), Column(heading)]
    cells: list[tuple[Cell, ...]] = [(batch.stream.class_name(k), typed[k], value) for k, value in enumerate(shown[0])]
    if not options.log:
        columns.append(Column("", "left"))
        cells = [(*cell, Bar(value)) for cell, value in zip(cells, rows[0], strict=True)]
    return Table(columns, cells)


def _shown(parts: list[SoftmaxRows]) -> Sequence[Sequence[Cell]]:
    """The probabilities as tables show them, once a table is."""
    return Later(lambda: [row for part in parts for row in shown_probabilities(part.values, part.batch)])


def shown_probabilities(values: Array, batch: Batch) -> list[list[Cell]]:
    """The probabilities of each row of logits as tables show them: a 0 of a finite logit, none being infinite, has underflowed."""
    logits = on_cpu(batch.prediction)
    tiny = (logits > -math.inf) & ~(logits == math.inf).any(axis=-1, keepdims=True)
    shown: list[list[Cell]] = unless_underflowed(as_list(values), tiny.tolist())
    return shown


def shown_values(batch: Batch, row: int) -> list[Cell]:
    """The values of a row of predictions: as they were typed, or as numbers."""
    source = batch.stream.source
    texts = [source.shown(batch.first + row, k) for k in range(int(batch.prediction.shape[-1]))]
    return [Given((float(batch.prediction[row, k]),)) if text is None else Typed(text) for k, text in enumerate(texts)]
