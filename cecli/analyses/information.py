"""`softmax`, `entropy` and `kl`: distributions, how uncertain they are, and how far apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

from cecli.analyses import inputs
from cecli.analyses.evaluation import (
    Evaluation,
    Measures,
    all_notes,
    as_list,
    evaluations,
    matrix_table,
    quantity_data,
    quantity_tables,
)
from cecli.analyses.explaining import explained
from cecli.analyses.inputs import Input
from cecli.analyses.losses import divergence_of, predict
from cecli.analyses.running import block_placed, fetched, run
from cecli.analyses.settings import Settings
from cecli.blocks import Block
from cecli.maths import information
from cecli.maths import softmax as kernels
from cecli.maths.namespace import Array, class_major, namespace, on_cpu, quiet, safe_product
from cecli.reading.sources import Source
from cecli.report import Bar, Cell, Column, Data, Given, Report, Table, Typed

# --- softmax ------------------------------------------------------------------------------------------------------


def softmax(logits: Source, settings: Settings, log: bool = False) -> Iterator[Report]:
    """`softmax`: probabilities (or their logarithms), one row per row."""
    found = softmax_rows(logits, settings, log)
    for parts in ([part] for part in found) if settings.streams else [list(found)]:
        part = parts[0][0]
        rows = [row for _, values in parts for row in as_list(values)]
        report = Report(
            "softmax",
            rows[0] if len(rows) == 1 and part.block.first == 0 else rows,
            len(rows),
            settings.described("temperature", classes=part.plan.classes)
            | {"log": log}
            | (settings.described("base") if log else {}),
            unit=settings.base.unit if log else None,
            tables=[_softmax_table(rows, part, settings, log)],
            data=Data(part.plan.headings("logp" if log else "p"), rows),
            last_notes=part.plan.notes,
        )
        yield explained(report, settings, log)


def softmax_rows(logits: Source, settings: Settings, log: bool) -> Iterator[tuple[Input, Array]]:
    """Every block of logits with its softmax."""

    def work(part: Input) -> tuple[Input, Array]:
        found = fetched(softmax_of(block_placed(part.block, settings), settings, log), settings)
        if part.block.kept is not None:  # samples with a missing value keep their row
            found[~part.block.kept] = math.nan
        return part, found

    steps = (step[0] for step in inputs.steps([logits], settings, kind="softmax"))
    return run(work, steps, settings, at_once=settings.streams)


@quiet
def softmax_of(block: Block, settings: Settings, log: bool, out: Array | None = None) -> Array:
    """softmax(z/T) of each row, or its logarithm in the unit asked for; it may be written into `out`."""
    if block.is_large and settings.temperature == 1:
        from cecli.maths import direct  # loaded for large arrays alone

        found = (direct.log_softmax if log else direct.softmax)(block.prediction, out)
    else:
        terms = kernels.softmax_terms(class_major(block.prediction), settings.temperature)
        found = (kernels.log_softmax if log else kernels.softmax)(terms)
    return settings.base.of_nats(found) if log else found


def _softmax_table(rows: list[list[float]], part: Input, settings: Settings, log: bool) -> Table:
    """One row as classes one below the other, with bars; several rows as a matrix."""
    heading = f"log probability, {settings.base.unit}" if log else "probability"
    if len(rows) > 1:
        return matrix_table(heading, rows, part.plan, part.block.first)
    typed = shown_values(part, 0)
    columns = [Column("class", "left"), Column("logit"), Column(heading)]
    cells: list[tuple[Cell, ...]] = [(part.plan.class_name(k), typed[k], value) for k, value in enumerate(rows[0])]
    if not log:
        columns.append(Column("", "left"))
        cells = [(*cell, Bar(value)) for cell, value in zip(cells, rows[0], strict=True)]
    return Table(columns, cells)


def shown_values(part: Input, row: int) -> list[Cell]:
    """The values of a row of predictions: as they were typed, or as numbers."""
    source, block = part.plan.source, part.block
    texts = [source.shown(block.first + row, k) for k in range(int(block.prediction.shape[-1]))]
    return [Given((float(block.prediction[row, k]),)) if text is None else Typed(text) for k, text in enumerate(texts)]


# --- entropy ------------------------------------------------------------------------------------------------------


def entropy(p: Source, settings: Settings) -> Iterator[Report]:
    """`entropy`: H(p) of each row."""
    options = ("logits", "base", "normalize", "sample_weights")
    for evaluation in evaluate_entropy(p, settings, each=settings.streams):
        report = _report("entropy", {"entropy H(p)": "loss"}, evaluation, settings, options)
        yield explained(report, settings, evaluation)


def evaluate_entropy(p: Source, settings: Settings, each: bool = False) -> Iterator[Evaluation]:
    """The entropy of every row, folded."""
    parts = (step[0] for step in inputs.steps([p], settings))
    return evaluations(partial(_entropy_block, settings=settings), parts, settings, settings.reduction, each)


@quiet
def _entropy_block(block: Block, settings: Settings) -> Measures:
    if not settings.logits:
        return _weighed({"loss": information.entropy(block.prediction, settings.base)}, block)
    predicted = predict(block, settings)
    return _weighed({"loss": information.entropy_terms(predicted.probability, predicted.surprisal).entropy}, block)


def _weighed(values: dict[str, Array], block: Block) -> Measures:
    """Quantities of each row, times the weight of its sample."""
    some = next(iter(values.values()))
    xp = namespace(some)
    if block.weights is None:
        return Measures(values, xp.ones_like(some), block.kept, even=True)
    weight = xp.astype(block.weights, some.dtype)
    return Measures({name: safe_product(weight, value) for name, value in values.items()}, weight, block.kept)


# --- kl -----------------------------------------------------------------------------------------------------------


def kl(p: Source, q: Source, settings: Settings, js: bool = False) -> Iterator[Report]:
    """`kl`: the Kullback–Leibler divergence of q from p, or the Jensen–Shannon divergence of the two."""
    quantities = {"divergence JS(p, q)": "loss", "distance √JS": "distance"} if js else {"divergence KL(p‖q)": "loss"}
    options = ("logits", "base", "normalize", "sample_weights", "eps")
    for evaluation in evaluate_kl(p, q, settings, js, each=settings.streams):
        report = _report("kl", quantities, evaluation, settings, options, {"js": js})
        yield explained(report, settings, evaluation, js)


def evaluate_kl(p: Source, q: Source, settings: Settings, js: bool, each: bool = False) -> Iterator[Evaluation]:
    """The divergence of every row, folded."""
    parts = (step[0] for step in inputs.steps([q], settings, p))
    if js:
        return evaluations(partial(_js_block, settings=settings), parts, settings, settings.reduction, each)
    work = partial(_kl_block, settings=settings, rounding=max(p.rounding, q.rounding))
    return evaluations(work, parts, settings, settings.reduction, each)


@quiet
def _kl_block(block: Block, settings: Settings, rounding: float) -> Measures:
    p, predicted = block.target_rows, predict(block, settings)
    measures = _weighed({"loss": divergence_of(p, predicted, settings, rounding)}, block)
    return measures.replace(
        infinite=partial(_infinite_rows, p, predicted.surprisal, measures.values["loss"], block.first)
    )


def _infinite_rows(p: Array, surprisal: Array, loss: Array, first: int) -> list[tuple[int, int]]:
    """The samples whose divergence is infinite, each with the class that makes it so."""
    xp = namespace(p)
    term = xp.where(p > 0, surprisal, xp.zeros_like(p))
    return [(first + i, int(xp.argmax(term[i, ...]))) for i in on_cpu(xp.nonzero(xp.isinf(loss))[0]).tolist()]


@quiet
def _js_block(block: Block, settings: Settings) -> Measures:
    p, predicted = block.target_rows, predict(block, settings)
    divergence = settings.base.of_nats(information.js_terms(p, predicted.probability).divergence)
    return _weighed({"loss": divergence, "distance": namespace(p).sqrt(divergence)}, block)


def _report(
    command: str,
    quantities: dict[str, str],
    evaluation: Evaluation,
    settings: Settings,
    options: tuple[str, ...],
    more: dict[str, Any] | None = None,
) -> Report:
    """The report of a command whose quantities all have one unit."""
    values = {key: evaluation.reduced(key) for key in quantities.values()}
    columns = {"loss": "js" if "distance" in values else command, "distance": "distance"}
    fields = {"reduction": evaluation.reduction} | {key: value for key, value in values.items() if key == "distance"}
    shown = {title: values[key] for title, key in quantities.items()}
    return Report(
        command,
        values["loss"],
        evaluation.samples,
        settings.described(*options, classes=evaluation.plan.classes)
        | {"reduction": evaluation.reduction}
        | (more or {}),
        unit=settings.base.unit,
        fields=fields,
        tables=quantity_tables(shown, evaluation, settings.base.unit, []),
        data=quantity_data({columns[key]: value for key, value in values.items()}, evaluation),
        last_notes=partial(all_notes, evaluation, settings),
    )
