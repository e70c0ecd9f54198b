"""`softmax`, `entropy` and `kl`: distributions, how uncertain they are, and how far apart."""

from __future__ import annotations

from typing import Any

from cecli.analyses import inputs
from cecli.analyses.inputs import Input
from cecli.analyses.losses import (
    Evaluation,
    Measures,
    divergence_of,
    evaluate,
    infinite_notes,
    matrix_table,
    predict,
    quantity_data,
    quantity_tables,
)
from cecli.analyses.settings import Settings, Source
from cecli.blocks import Block
from cecli.maths import information
from cecli.maths import softmax as kernels
from cecli.maths.namespace import Array, namespace, one_hot, quiet, safe_product
from cecli.report import Bar, Column, Data, Report, Table, Typed

# --- softmax ------------------------------------------------------------------------------------------------------


def softmax(logits: Source, settings: Settings, log: bool = False) -> Report:
    """`softmax`: probabilities (or their logarithms), one row per row."""
    given = inputs.predictions(logits, settings, logits=True)
    values = softmax_rows(given.block.prediction, settings, log)
    rows = [[float(value) for value in row] for row in values]
    unit = settings.base.unit if log else None
    return Report(
        "softmax",
        rows[0] if len(rows) == 1 else rows,
        len(rows),
        settings.described("temperature", "classes") | {"log": log} | (settings.described("base") if log else {}),
        unit=unit,
        tables=[_softmax_table(rows, given, logits, settings, log)],
        data=Data(given.headings("logp" if log else "p"), rows),
        notes=given.notes,
    )


@quiet
def softmax_rows(z: Array, settings: Settings, log: bool) -> Array:
    """softmax(z/T) of each row, or its logarithm in the unit asked for."""
    terms = kernels.softmax_terms(z, settings.temperature)
    return settings.base.of_nats(kernels.log_softmax(terms)) if log else kernels.softmax(terms)


def _softmax_table(rows: list[list[float]], given: Input, source: Source, settings: Settings, log: bool) -> Table:
    """One row as classes one below the other, with bars; several rows as a matrix."""
    heading = f"log probability, {settings.base.unit}" if log else "probability"
    if len(rows) > 1:
        return matrix_table(heading, rows, given)
    typed = typed_values(source, 0, given.width)
    columns = [Column("class", "left"), Column("logit"), Column(heading)]
    cells: list[tuple[Any, ...]] = [(given.class_name(k), typed[k], value) for k, value in enumerate(rows[0])]
    if not log:
        columns.append(Column("", "left"))
        cells = [(*cell, Bar(value)) for cell, value in zip(cells, rows[0], strict=True)]
    return Table(columns, cells)


def typed_values(source: Source, row: int, width: int) -> list[Typed]:
    """The values of a row as they were typed."""
    found = [source.place(row, k) for k in range(width)]
    return [Typed(place.text[place.start : place.stop] if place else "") for place in found]


# --- entropy ------------------------------------------------------------------------------------------------------


def entropy(p: Source, settings: Settings) -> Report:
    """`entropy`: H(p) of each row."""
    evaluated = evaluate_entropy(p, settings)
    return _report("entropy", {"entropy H(p)": "loss"}, evaluated, settings, evaluated[0].notes,
                   ("logits", "base", "normalize", "sample_weights", "classes"))


def evaluate_entropy(p: Source, settings: Settings) -> tuple[Input, Evaluation]:
    """The entropy of every row, folded."""
    given = inputs.weighted(inputs.predictions(p, settings), settings)
    return given, evaluate(lambda block: _entropy_block(block, settings), given, settings, _reduction(given, settings))


def _reduction(given: Input, settings: Settings) -> str:
    """`none` for several rows and `mean` for one, unless asked otherwise."""
    return settings.reduction or ("mean" if given.block.samples == 1 else "none")


@quiet
def _entropy_block(block: Block, settings: Settings) -> Measures:
    predicted = predict(block.prediction, settings)
    terms = information.entropy_terms(predicted.probability, predicted.surprisal)
    return _weighed({"loss": terms.entropy}, block)


def _weighed(values: dict[str, Array], block: Block) -> Measures:
    """Quantities of each row, times the weight of its sample."""
    some = next(iter(values.values()))
    xp = namespace(some)
    weight = xp.ones_like(some) if block.weights is None else xp.astype(block.weights, some.dtype)
    return Measures({name: safe_product(weight, value) for name, value in values.items()}, weight, block.kept)


# --- kl -----------------------------------------------------------------------------------------------------------


def kl(p: Source, q: Source, settings: Settings, js: bool = False) -> Report:
    """`kl`: the Kullback–Leibler divergence of q from p, or the Jensen–Shannon divergence of the two."""
    given, evaluation = evaluated = evaluate_kl(p, q, settings, js)
    quantities = {"divergence KL(p‖q)": "loss"}
    if js:
        quantities = {"divergence JS(p, q)": "loss", "distance √JS": "distance"}
    notes = [*given.notes, *infinite_notes(evaluation.infinite, given, q, settings)]
    options = ("logits", "base", "normalize", "sample_weights", "eps", "classes")
    return _report("kl", quantities, evaluated, settings, notes, options, {"js": js})


def evaluate_kl(p: Source, q: Source, settings: Settings, js: bool) -> tuple[Input, Evaluation]:
    """The divergence of every row, folded."""
    given = inputs.with_target(inputs.predictions(q, settings), p, q, settings)
    clipped, used = inputs.clip_prediction(given, settings)
    block = _js_block if js else _kl_block
    return given, evaluate(lambda part: block(part, used), clipped, used, _reduction(given, settings))


def _rows(block: Block) -> Array:
    """The target as distributions."""
    if block.target is None:
        return one_hot(block.labels, int(block.prediction.shape[-1]), block.prediction)
    return namespace(block.target).astype(block.target, block.prediction.dtype)


@quiet
def _kl_block(block: Block, settings: Settings) -> Measures:
    p, predicted = _rows(block), predict(block.prediction, settings)
    measures = _weighed({"loss": divergence_of(p, predicted, settings)}, block)
    xp = namespace(p)
    where = xp.nonzero(xp.isinf(measures.values["loss"]))[0]
    term = xp.where(p > 0, predicted.surprisal, xp.zeros_like(p))
    infinite = [(block.first + int(i), int(xp.argmax(term[int(i), ...]))) for i in where]
    return Measures(measures.values, measures.weight, block.kept, infinite)


@quiet
def _js_block(block: Block, settings: Settings) -> Measures:
    p, predicted = _rows(block), predict(block.prediction, settings)
    divergence = settings.base.of_nats(information.js_terms(p, predicted.probability).divergence)
    return _weighed({"loss": divergence, "distance": namespace(p).sqrt(divergence)}, block)


def _report(
    command: str,
    quantities: dict[str, str],
    evaluated: tuple[Input, Evaluation],
    settings: Settings,
    notes: list[str],
    options: tuple[str, ...],
    more: dict[str, Any] | None = None,
) -> Report:
    """The report of a command whose quantities all have one unit."""
    _, evaluation = evaluated
    fields = {"reduction": evaluation.reduction}
    if "distance" in evaluation.totals:
        fields["distance"] = evaluation.reduced("distance")
    shown = {name: evaluation.reduced(key) for name, key in quantities.items()}
    names = {"loss": "js" if "distance" in evaluation.totals else command, "distance": "distance"}
    return Report(
        command,
        evaluation.reduced("loss"),
        evaluation.samples,
        settings.described(*options) | {"reduction": evaluation.reduction} | (more or {}),
        unit=settings.base.unit,
        fields=fields,
        tables=quantity_tables(shown, evaluation, settings.base.unit, []),
        data=quantity_data({names[key]: evaluation.reduced(key) for key in quantities.values()}, evaluation),
        notes=notes,
    )
