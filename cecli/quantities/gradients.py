"""`grad`: the gradient of a loss with respect to the logits, and of the linear layer before them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any

from cecli.errors import InputError, UsageError
from cecli.maths import gradients, losses
from cecli.maths.namespace import Array, class_major, is_finite, namespace, quiet, safe_product
from cecli.maths.softmax import softmax_terms
from cecli.maths.units import NATS
from cecli.quantities.evaluation import as_list, matrix_table
from cecli.quantities.explaining import explained
from cecli.quantities.information import shown_values
from cecli.quantities.losses import plain_labels
from cecli.quantities.verification import WITHIN, Gradient, verified
from cecli.reading import checks
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Cell, Column, Data, Given, Report, Table, Typed
from cecli.running import batches as inputs
from cecli.running.batches import Input, Plan
from cecli.running.blocks import Block
from cecli.running.driver import block_placed, fetched, run
from cecli.running.option_table import LOSSES
from cecli.running.options import Settings
from cecli.statistics.sums import Sum

NAMES = {"xent": "cross-entropy", "mse": "MSE", "bce": "binary cross-entropy"}


def gradient(
    target: Source,
    prediction: Source,
    settings: Settings,
    loss: str = "xent",
    x: Source | None = None,
    jacobian: bool = False,
    verify: bool = False,
) -> Report:
    """`grad`: dL/dz, and what was asked for with it."""
    found = find_gradient(target, prediction, settings, loss)
    fields: dict[str, Any] = {
        "loss": found.loss,
        "probabilities": _plain(found.probabilities, found.given),
        "target": _unwrapped(_without_ignored(found.target, found.given), found.given),
    }
    tables = [_gradient_table(found, loss, settings)]
    layer = None
    if x is not None:
        by_weights, by_bias, inputs_ = by_layer(found, x)
        layer = (x, inputs_, by_weights, by_bias)
        fields |= {"weights": _nested(by_weights), "bias": _nested(by_bias)}
        tables.append(_layer_table(fields["weights"], fields["bias"], found.given))
    if jacobian:
        matrices = found.jacobian()
        fields["jacobian"] = _jacobian_value(matrices, found.given)
        tables += _jacobian_tables(matrices, found.given)
    notes, holds = [*found.given.plan.notes(), *_infinite_note(found.loss)], True
    if verify:
        error, more = verified(found, settings)
        fields["max_relative_error"] = error
        notes += more
        holds = error is not None and error <= WITHIN
        tables.append(_verify_table(error, holds))
    report = Report(
        "grad",
        _plain(found.value, found.given),
        found.given.block.samples,
        _described(settings, loss, found),
        unit=settings.base.unit if loss != "mse" else None,
        fields=fields,
        tables=tables,
        data=Data(("gradient",) if found.given.plan.vector else found.given.plan.headings("dz"), _nested(found.value)),
        notes=notes,
        holds=holds,
    )
    return explained(report, settings, found, loss, layer)


def _described(settings: Settings, loss: str, found: Gradient) -> dict[str, Any]:
    """The options that shaped the gradient."""
    names = ("logits", "normalize", "class_weights", "sample_weights", "label_smoothing", "ignore_index")
    base = () if loss == "mse" else ("base",)
    own = {"loss": loss, "reduction": _reduction(settings)}
    return settings.described(*names, *base, classes=found.given.plan.classes) | own


def _infinite_note(loss: Any) -> list[str]:
    """The note where the loss is infinite, though its gradient p − y is not."""
    values = loss if isinstance(loss, list) else [loss]
    flat = [entry for value in values for entry in (value if isinstance(value, list) else [value])]
    return ["infinite loss: a prediction gives probability 0 to what the target expects"] if math.inf in flat else []


def _reduction(settings: Settings) -> str:
    """`sum` unless asked otherwise: each row of the gradient is that sample's own."""
    return settings.reduction or "sum"


@quiet
def find_gradient(target: Source, prediction: Source, settings: Settings, loss: str) -> Gradient:
    """The gradient of `loss` with respect to the logits."""
    if loss not in LOSSES:
        raise UsageError(f"--loss: {loss!r} is none of {', '.join(LOSSES)}")
    if loss != "xent" and settings.class_weights is not None:
        raise UsageError(f"--class-weights belongs to xent; {NAMES[loss]} has no use for it")
    if loss == "bce" and settings.normalize:
        raise UsageError("--normalize rescales rows of classes; binary predictions have none")
    if loss == "mse" and settings.base != NATS:
        raise UsageError("--base: the squared error has no logarithm in it")
    return _binary(target, prediction, settings) if loss == "bce" else _multiclass(target, prediction, settings, loss)


def _multiclass(target: Source, prediction: Source, settings: Settings, loss: str) -> Gradient:
    """The gradient of the cross-entropy or the squared error through a softmax."""
    pieces = [step[0] for step in inputs.steps([prediction], settings, target)]
    given = inputs.whole(pieces)
    weights = inputs.class_weights(settings, given.plan.width)
    found = _parts(partial(_multiclass_parts, settings=settings, weights=weights, loss=loss), pieces, settings)
    values = given.block.prediction
    xp = namespace(values)
    weights = None if weights is None else xp.astype(fetched(weights, settings), values.dtype)
    at = partial(_loss_and_gradient, found.target, None, weights, loss)
    return _finished(
        given,
        settings,
        found,
        jacobian=lambda: gradients.softmax_jacobian(losses.Predicted(*found.predicted)),
        function=lambda z: at(_at(z))[0],
        gradient=lambda z: at(_at(z))[1],
        logits=values if settings.logits else xp.log(values),
        by_logits=settings.logits,
    )


class Parts(Record):
    """What a block gives: for each of its samples (or entries) what the gradient of all is made of."""

    own: Array
    """The gradient, before any weight of the sample."""
    loss: Array
    denominator: Array
    """What the sample counts in a mean, before its weight."""
    target: Array
    """As it is used: distributions, smoothed."""
    predicted: tuple[Array, ...]
    """`Predicted` or `BinaryPredicted`."""


def _parts(work: Callable[[Block], Parts], pieces: Sequence[Input], settings: Settings) -> Parts:
    """The parts of all samples, computed block by block."""

    def part(piece: Input) -> Parts:
        found = work(block_placed(piece.block, settings))
        own, loss, denominator, target, *predicted = (fetched(a, settings) for a in (*[*found][:-1], *found.predicted))
        return Parts(own, loss, denominator, target, tuple(predicted))

    found = list(run(part, pieces, settings))
    if len(found) == 1:
        return found[0]
    xp = namespace(found[0].own)
    flat = zip(*((*[*each][:-1], *each.predicted) for each in found), strict=True)
    own, loss, denominator, target, *predicted = (xp.concat(arrays) for arrays in flat)
    return Parts(own, loss, denominator, target, tuple(predicted))


@quiet
def _multiclass_parts(block: Block, settings: Settings, weights: Array | None, loss: str) -> Parts:
    """Cross-entropy or squared error of a block, and its gradient through a softmax."""
    xp, values = namespace(block.prediction), block.prediction
    plain = block.target_rows
    weights = None if weights is None else xp.astype(weights, values.dtype)
    y = losses.smooth(plain, settings.label_smoothing)
    predicted = _at(values) if settings.logits else losses.predicted_by_probabilities(values)
    labels = plain_labels(block, settings)
    each, own = _loss_and_gradient(y, labels, weights, loss, predicted)
    if settings.logits:
        own = xp.where(values == -math.inf, xp.zeros_like(own), own)
    denominator = xp.sum(xp.ones_like(plain[:, :1]) if weights is None else plain * weights, axis=-1)
    return Parts(
        own, each, xp.ones_like(denominator) if loss == "mse" else denominator, y, tuple(losses.all_parts(predicted))
    )


def _at(logits: Array) -> losses.Prediction:
    """What logits predict."""
    return losses.PredictedByLogits(softmax_terms(logits))


def _loss_and_gradient(
    y: Array, labels: Array | None, weights: Array | None, loss: str, predicted: losses.Prediction
) -> tuple[Array, Array]:
    """The loss of each sample, and its gradient with respect to the logits."""
    if loss == "mse":
        gradient_terms = gradients.squared_error_gradient(y, predicted)
        return losses.squared_error_terms(y, predicted).loss, gradient_terms.gradient
    value = losses.cross_entropy_terms(y, predicted, weights).loss
    return value, _cross_entropy_gradient(y, labels, weights, predicted)


def _cross_entropy_gradient(
    y: Array | None, labels: Array | None, weights: Array | None, predicted: losses.Prediction
) -> Array:
    """The gradient of each row: of unsmoothed labels, or of distributions."""
    if labels is not None:
        return gradients.label_gradient(labels, predicted, weights)
    return gradients.cross_entropy_gradient(y, predicted, weights).gradient


def by_rows(settings: Settings, loss: str) -> bool:
    """Whether each row's gradient needs nothing but its row: a cross-entropy from logits, all samples counting alike."""
    own = (settings.class_weights, settings.sample_weights, settings.ignore_index)
    return loss == "xent" and settings.logits and own == (None, None, None)


@quiet
def rows_of_gradient(block: Block, settings: Settings, out: Array | None = None) -> Array:
    """The gradient of each row of a block, before any mean; it may be written into `out`."""
    labels = plain_labels(block, settings)
    if block.is_large and labels is not None:
        from cecli.maths import direct  # loaded for large arrays alone

        return settings.base.of_nats(direct.label_gradient(block.prediction, labels, out))
    y = losses.smooth(block.target_rows, settings.label_smoothing) if labels is None else None
    logits = class_major(block.prediction)
    own = settings.base.of_nats(_cross_entropy_gradient(y, labels, None, _at(logits)))
    return own if is_finite(logits) else namespace(own).where(logits == -math.inf, namespace(own).zeros_like(own), own)


def _binary(target: Source, prediction: Source, settings: Settings) -> Gradient:
    """The gradient of the binary cross-entropy through a sigmoid, entry by entry."""
    pieces = list(inputs.binary_steps(target, prediction, settings))
    given = inputs.whole(pieces)
    found = _parts(partial(_binary_parts, settings=settings), pieces, settings)
    values, y = given.block.prediction, found.target
    xp = namespace(values)
    return _finished(
        given,
        settings,
        found,
        jacobian=lambda: gradients.sigmoid_derivative(losses.BinaryPredicted(*found.predicted)),
        function=lambda z: losses.binary_terms(y, losses.BinaryByLogits(z)).loss,
        gradient=lambda z: gradients.binary_gradient(y, losses.BinaryByLogits(z)).gradient,
        logits=values if settings.logits else xp.log(values) - xp.log1p(-values),
        by_logits=settings.logits,
    )


@quiet
def _binary_parts(block: Block, settings: Settings) -> Parts:
    """Binary cross-entropy of a block, and its gradient through a sigmoid."""
    xp = namespace(block.prediction)
    y = losses.smooth_binary(xp.astype(block.target, block.prediction.dtype), settings.label_smoothing)
    by = losses.BinaryByLogits if settings.logits else losses.binary_by_probabilities
    predicted = by(block.prediction)
    each = losses.binary_terms(y, predicted).loss
    own = gradients.binary_gradient(y, predicted).gradient
    return Parts(own, each, xp.ones_like(each), y, tuple(losses.all_binary_parts(predicted)))


def _finished(given: Input, settings: Settings, found: Parts, **rest: Any) -> Gradient:
    """The gradient with the weights of the samples in it, and the loss reduced alike."""
    rows = len(found.loss.shape) == 1
    factor, divisor = _factor(given, settings, found.denominator)
    scale = settings.base.of_nats(factor)
    value = safe_product(scale[:, None] if rows else scale, found.own) + 0.0
    loss = _reduced_loss(safe_product(scale, found.loss), given, settings)
    return Gradient(given, value, loss, found.predicted[0], found.target, scale, divisor, **rest)


def _reduced_loss(weighted: Array, given: Input, settings: Settings) -> Any:
    """The loss, reduced as the gradient is; the factor already divides a mean."""
    if _reduction(settings) != "none":
        return Sum.of(weighted).value
    values = _without_ignored(weighted, given)
    return [row[0] for row in values] if given.plan.vector else values


def _factor(given: Input, settings: Settings, denominator: Array) -> tuple[Array, float]:
    """What each sample's (or entry's) gradient counts: its weight, 0 where left out, divided for a mean; and that divisor."""
    xp = namespace(denominator)
    block = given.block
    weight = xp.ones_like(denominator)
    if block.weights is not None:
        own = xp.astype(block.weights, denominator.dtype)
        weight = weight * (own if len(denominator.shape) == 1 else own[:, None])
    if block.kept is not None:
        weight = xp.where(block.kept, weight, xp.zeros_like(weight))
        if not bool(xp.any(block.kept)):
            raise inputs.nothing_left()
    if _reduction(settings) != "mean":
        return weight, 1.0
    whole = Sum.of(weight * denominator).value
    if whole == 0:
        raise InputError("the weights of all samples are 0, so their mean is 0/0")
    return weight / whole, whole


# --- the linear layer, the Jacobian, the check --------------------------------------------------------------------


def by_layer(found: Gradient, x: Source) -> tuple[Array, Array, Array]:
    """dL/dW and dL/db of z = W·x + b, for a row of inputs per sample, and these inputs."""
    samples = found.given.block.samples
    rows = x.rows(samples + 1)
    if rows is None:
        raise InputError(f"{x.name} has no rows")
    values = rows.values
    xp = namespace(values)
    if x.dimensions < 2 and samples > 1 and int(values.shape[-1]) == samples:
        values = xp.reshape(values, (-1, 1))
    if int(values.shape[0]) != samples:
        hint = "give a row of inputs for each sample, separated by ;"
        raise checks.length_error(int(values.shape[0]) + x.drain(), samples, x, found.given.plan.source, hint)
    checks.not_nan(values, x)
    checks.finite(values, x)
    return *gradients.linear_gradient(found.value, xp.astype(values, found.value.dtype)), values


# --- plain values and tables --------------------------------------------------------------------------------------


def _nested(values: Array) -> Any:
    """An array as (nested) lists of Python numbers."""
    if hasattr(values, "tolist"):
        return values.tolist()
    if len(values.shape) == 0:
        return float(values)
    return [_nested(values[i, ...]) for i in range(values.shape[0])]


def _without_ignored(values: Array, given: Input) -> Any:
    """An array as lists, None for samples (or entries) that are left out."""
    kept = given.block.kept
    if kept is None:
        return _nested(values)
    if len(kept.shape) > 1:
        return as_list(namespace(values).where(kept, values, namespace(values).full_like(values, math.nan)))
    return [value if bool(kept[i]) else None for i, value in enumerate(_nested(values))]


def _plain(values: Array, given: Input) -> Any:
    """An array in the shape of the predictions as they were given: a vector where they were one."""
    return _unwrapped(_nested(values), given)


def _unwrapped(rows: Any, given: Input) -> Any:
    """Rows in the shape of the predictions as they were given."""
    if given.plan.vector:
        return [row[0] for row in rows]
    return rows[0] if len(rows) == 1 else rows


def _jacobian_value(matrices: Array, given: Input) -> Any:
    """dp/dz: a matrix for each row; for binary predictions the derivative of each entry."""
    if len(matrices.shape) == 2:
        return _plain(matrices, given)
    rows = _nested(matrices)
    return rows[0] if len(rows) == 1 else rows


def _gradient_table(found: Gradient, loss: str, settings: Settings) -> Table:
    """One row as classes one below the other: p, y and the gradient; several rows as a matrix."""
    unit = "" if loss == "mse" else f", {settings.base.unit}"
    kind = f"{NAMES[loss]}{unit}"
    given = found.given
    if given.plan.vector:
        columns = [Column("sample"), Column("prediction"), Column("p"), Column("y"), Column(f"dL/dz{unit}")]
        typed = [_typed(given, i) for i in range(given.block.samples)]
        cells = zip(*(_plain(v, given) for v in (found.probabilities, found.target, found.value)), strict=True)
        rows: list[tuple[Cell, ...]] = [(str(i + 1), typed[i], *cell) for i, cell in enumerate(cells)]
        return Table(columns, rows, title=_title(kind, found))
    if given.block.samples > 1:
        return matrix_table(f"dL/dz: {_title(kind, found)}", _nested(found.value), given.plan)
    typed = shown_values(given, 0)
    columns = [Column("class", "left"), Column("typed"), Column("p"), Column("y"), Column(f"dL/dz{unit}")]
    cells = zip(*(_nested(v)[0] for v in (found.probabilities, found.target, found.value)), strict=True)
    by_class: list[tuple[Cell, ...]] = [(given.plan.class_name(k), typed[k], *cell) for k, cell in enumerate(cells)]
    return Table(columns, by_class, title=_title(kind, found))


def _typed(given: Input, i: int) -> Cell:
    """A binary prediction as it was typed, or as a number."""
    text = given.plan.source.shown(i, 0)
    return Given((float(given.block.prediction[i, 0]),)) if text is None else Typed(text)


def _title(kind: str, found: Gradient) -> str:
    """What the gradient is of."""
    return f"gradient of the {kind}" if found.given.block.samples == 1 else f"gradient of the {kind}, a row per sample"


def _layer_table(weights: list[list[float]], bias: list[float], given: Input) -> Table:
    """dL/dW, a row per class, and dL/db beside it."""
    inputs_ = len(weights[0])
    columns = [Column("class", "left"), *(Column(f"dL/dw·{j + 1}") for j in range(inputs_)), Column("dL/db")]
    names = [given.plan.class_name(k) for k in range(len(weights))] if not given.plan.vector else ["1"]
    rows: list[tuple[Cell, ...]] = [(name, *row, b) for name, row, b in zip(names, weights, bias, strict=True)]
    return Table(columns, rows, title="gradient of the linear layer z = W·x + b")


def _jacobian_tables(matrices: Array, given: Input) -> list[Table]:
    """dp/dz, a table per sample."""
    if len(matrices.shape) == 2:
        return [matrix_table("dp/dz = p·(1 − p)", _nested(matrices), _named_column(given.plan))]
    tables = []
    for i, matrix in enumerate(_nested(matrices)):
        columns = [Column("dp/dz", "left"), *(Column(f"z {given.plan.class_name(k)}") for k in range(given.plan.width))]
        rows = [(f"p {given.plan.class_name(k)}", *row) for k, row in enumerate(matrix)]
        tables.append(Table(columns, rows, title="Jacobian" if len(matrices) == 1 else f"Jacobian of sample {i + 1}"))
    return tables


def _named_column(found: Plan) -> Plan:
    """The plan with its one column named for what it holds, where there is but one."""
    if not found.vector:
        return found
    named = copy(found)
    named.classes = ("p·(1 − p)",)
    return named


def _verify_table(error: float | None, holds: bool) -> Table:
    """What the numerical derivative says."""
    verdict = "nothing to verify" if error is None else "holds" if holds else "DOES NOT HOLD"
    columns = [Column("numerical derivative", "left"), Column("largest relative error"), Column("allowed")]
    return Table(columns, [(verdict, error, WITHIN)])
