"""`grad`: its report, from the gradient and what was asked for with it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cecli.errors import UsageError
from cecli.maths.namespace import Array, on_cpu, quiet
from cecli.quantities.gradient import MSE, GradientResult, Layer, evaluate, layer_of, without_masked
from cecli.quantities.softmax import shown_probabilities, shown_values, without_missing
from cecli.quantities.summary import Answer, as_list, matrix_table, skipped_field
from cecli.quantities.underflow import unless_underflowed
from cecli.quantities.verification import WITHIN, verified
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Cell, Column, Data, Given, Report, Table, Typed
from cecli.running.batches import Batch
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.running.streams import PredictionStream


class GradientAnswer(Record):
    """What `grad` computed, with the linear layer where its inputs were given."""

    gradient: GradientResult
    layer: Layer | None = None
    of: str = "gradient"
    """Which of the derivatives is the value: the gradient, the weights or the bias."""


def gradient(
    target: Source,
    prediction: Source,
    options: Options,
    execution: Execution,
    x: Source | None = None,
    jacobian: bool = False,
    verify: bool = False,
    of: str = "gradient",
) -> Answer:
    """`grad`: dL/dz, and what was asked for with it."""
    _require_layer(of, x)
    result = evaluate(target, prediction, options, execution)
    layer = None if x is None else layer_of(result, x)
    report = _report(result, options, execution)
    if layer is not None:
        report = _with_layer(report, result, layer, of)
    if jacobian:
        report = _with_jacobian(report, result)
    if verify:
        report = _with_verification(report, result)
    return Answer(report, GradientAnswer(result, layer, of))


def _report(result: GradientResult, options: Options, execution: Execution) -> Report:
    """The gradient alone."""
    batch = result.batch
    fields = {
        "loss": result.reduced_loss,
        "probabilities": _plain(without_masked(result.probabilities, batch), batch),
        "target": _plain(without_masked(result.state.given_target, batch), batch),
    }
    value = without_missing(result.value, batch)
    names = ("gradient",) if batch.stream.is_vector else batch.stream.headings("dz")
    return Report(
        "grad",
        _plain(value, batch),
        batch.samples - batch.skipped,
        _described(options, execution, result),
        unit=options.base.unit if result.loss is not MSE else None,
        fields=fields | skipped_field(batch.skipped, options),
        tables=[_gradient_table(result, options)],
        data=Data(names, as_list(value), str(result.value.dtype)),
        notes=[*batch.stream.notes(batch.looks_probable, batch.skipped), *_infinite_note(result.reduced_loss)],
    )


def _with_layer(report: Report, result: GradientResult, layer: Layer, of: str) -> Report:
    """With dL/dW and dL/db, of which one may be the value."""
    kind, weights, bias = str(result.value.dtype), as_list(layer.weights), as_list(layer.bias)
    report = report.replace(
        fields={**report.fields, "weights": weights, "bias": bias},
        tables=[*report.tables, _layer_table(weights, bias, result.batch)],
    )
    if of == "gradient":
        return report
    if of == "weights":
        value, data = weights, Data([f"dw{j + 1}" for j in range(len(weights[0]))], weights, kind)
    else:
        value, data = bias, Data(("db",), [(each,) for each in bias], kind)
    return report.replace(value=value, data=data, fields={**report.fields, "of": of})


def _with_jacobian(report: Report, result: GradientResult) -> Report:
    """With dp/dz."""
    matrices = without_masked(result.jacobian(), result.batch)
    return report.replace(
        fields={**report.fields, "jacobian": _jacobian_value(matrices, result.batch)},
        tables=[*report.tables, *_jacobian_tables(matrices, result.batch)],
    )


def _with_verification(report: Report, result: GradientResult) -> Report:
    """With the numerical derivative, which must agree."""
    error, more = verified(result)
    holds = error is not None and error <= WITHIN
    return report.replace(
        fields={**report.fields, "max_relative_error": error},
        tables=[*report.tables, _verify_table(error, holds)],
        notes=[*report.notes, *more],
        holds=holds,
    )


def _require_layer(of: str, x: Source | None) -> None:
    """The derivative by weights or bias needs the inputs of their layer."""
    if of != "gradient" and x is None:
        raise UsageError(f"--of {of}: there is no linear layer", hint="give its inputs with --x")


def _described(options: Options, execution: Execution, result: GradientResult) -> dict[str, Any]:
    names = [name for name in settings_of("grad") if name != "base"]
    base = () if result.loss is MSE else ("base",)
    own = {"loss": result.loss.name, "reduction": options.reduction_of("grad")}
    classes = result.batch.stream.classes
    return options.described(*names, *base, classes=classes, device=execution.device) | own


def _infinite_note(loss: Any) -> list[str]:
    """The note where the loss is infinite, though its gradient p − y is not."""
    values = loss if isinstance(loss, list) else [loss]
    flat = [entry for value in values for entry in (value if isinstance(value, list) else [value])]
    return ["infinite loss: a prediction gives probability 0 to what the target expects"] if math.inf in flat else []


# --- plain values and tables --------------------------------------------------------------------------------------


def _plain(values: Array, batch: Batch) -> Any:
    """An array in the shape of the predictions as they were given: a vector where they were one."""
    rows = as_list(values)
    if batch.stream.is_vector:
        return [row[0] for row in rows]
    return rows[0] if len(rows) == 1 else rows


def _jacobian_value(matrices: Array, batch: Batch) -> Any:
    """dp/dz: a matrix for each row; for binary predictions the derivative of each entry."""
    if len(matrices.shape) == 2:
        return _plain(matrices, batch)
    rows = as_list(matrices)
    return rows[0] if len(rows) == 1 else rows


def _gradient_table(result: GradientResult, options: Options) -> Table:
    """One row as classes one below the other: p, y and the gradient; several rows as a matrix."""
    unit = "" if result.loss is MSE else f", {options.base.unit}"
    kind, batch, shown = f"{result.loss.title}{unit}", result.batch, _shown_gradient(result, options)
    if batch.samples > 1 and not batch.stream.is_vector:
        return matrix_table(f"dL/dz: {_title(kind, result)}", shown, batch.stream)
    of_all, given = (without_masked(v, batch) for v in (result.probabilities, result.state.given_target))
    p, y = shown_probabilities(of_all, batch) if options.logits else as_list(of_all), as_list(given)
    numbers = [Column("p"), Column("y"), Column(f"dL/dz{unit}")]
    if batch.stream.is_vector:
        cells = zip(*([row[0] for row in part] for part in (p, y, shown)), strict=True)
        rows: list[tuple[Cell, ...]] = [(str(i + 1), _typed(batch, i), *cell) for i, cell in enumerate(cells)]
        return Table([Column("sample"), Column("prediction"), *numbers], rows, title=_title(kind, result))
    typed, by_class = shown_values(batch, 0), zip(p[0], y[0], shown[0], strict=True)
    rows = [(batch.stream.class_name(k), typed[k], *cell) for k, cell in enumerate(by_class)]
    return Table([Column("class", "left"), Column("typed"), *numbers], rows, title=_title(kind, result))


@quiet
def _shown_gradient(result: GradientResult, options: Options) -> list[list[Cell]]:
    """The gradient of each row as tables show it: p − y of a y of 0 or 1 is not 0 where nothing is certain, unless it underflowed."""
    batch, state = result.batch, result.state
    value = on_cpu(without_missing(result.value, batch))
    rows: list[list[Cell]] = as_list(value)
    if not options.logits or result.loss is MSE or not (value == 0).any():
        return rows
    z, y, counts = map(on_cpu, (batch.prediction, state.target_rows, result.factor * result.loss.mean_weights(state)))
    possible = np.isfinite(z) & ((counts[:, None] if result.by_rows else counts) != 0)
    if result.by_rows:
        possible &= (np.sum(np.isfinite(z), axis=-1, keepdims=True) > 1) & np.all(z < math.inf, axis=-1, keepdims=True)
    shown: list[list[Cell]] = unless_underflowed(rows, np.where(possible, 1 * (y == 0) - (y == 1), 0).tolist())
    return shown


def _typed(batch: Batch, i: int) -> Cell:
    """A binary prediction as it was typed, or as a number; nothing where a file's is left out, for it may be none."""
    text = batch.stream.source.shown(i, 0)
    if text is not None:
        return Typed(text)
    left_out = batch.mask is not None and not bool(batch.mask[i, 0])
    return None if left_out else Given((float(batch.prediction[i, 0]),))


def _title(kind: str, result: GradientResult) -> str:
    return f"gradient of the {kind}" if result.batch.samples == 1 else f"gradient of the {kind}, a row per sample"


def _layer_table(weights: list[list[float]], bias: list[float], batch: Batch) -> Table:
    inputs_ = len(weights[0])
    columns = [Column("class", "left"), *(Column(f"dL/dw·{j + 1}") for j in range(inputs_)), Column("dL/db")]
    names = [batch.stream.class_name(k) for k in range(len(weights))] if not batch.stream.is_vector else ["1"]
    rows: list[tuple[Cell, ...]] = [(name, *row, b) for name, row, b in zip(names, weights, bias, strict=True)]
    return Table(columns, rows, title="gradient of the linear layer z = W·x + b")


def _jacobian_tables(matrices: Array, batch: Batch) -> list[Table]:
    if len(matrices.shape) == 2:
        return [matrix_table("dp/dz = p·(1 − p)", as_list(matrices), _named_column(batch.stream))]
    tables, by_sample = [], as_list(matrices)
    for i, matrix in enumerate(by_sample):
        columns = [
            Column("dp/dz", "left"),
            *(Column(f"z {batch.stream.class_name(k)}") for k in range(batch.stream.width)),
        ]
        rows = [(f"p {batch.stream.class_name(k)}", *row) for k, row in enumerate(matrix)]
        tables.append(Table(columns, rows, title="Jacobian" if len(by_sample) == 1 else f"Jacobian of sample {i + 1}"))
    return tables


def _named_column(stream: PredictionStream) -> PredictionStream:
    """The stream with its one column named for what it holds, where there is but one."""
    return stream.replace(classes=("p·(1 − p)",)) if stream.is_vector else stream


def _verify_table(error: float | None, holds: bool) -> Table:
    verdict = "nothing to verify" if error is None else "holds" if holds else "DOES NOT HOLD"
    columns = [Column("numerical derivative", "left"), Column("largest relative error"), Column("allowed")]
    return Table(columns, [(verdict, error, WITHIN)])
