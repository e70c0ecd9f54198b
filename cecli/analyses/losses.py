"""`xent` and `bce`: losses sample by sample, folded into totals, reduced, reported."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cecli.analyses import inputs
from cecli.analyses.inputs import Input
from cecli.analyses.settings import Settings, Source
from cecli.blocks import Block, cut, run
from cecli.errors import InputError
from cecli.maths import information, losses
from cecli.maths.namespace import Array, at_labels, namespace, one_hot, quiet, safe_product
from cecli.maths.softmax import softmax_terms
from cecli.report import Column, Data, Report, Table, Value
from cecli.totals import Totals

NAMED_INFINITE = 3
"""How many infinite losses a note names one by one."""


# --- a block of samples, measured ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measures:
    """What one block gave: named quantities, one number per sample (or entry), already weighted.

    `weight` is what each counts in the mean; `kept` is False where a sample was left out; `infinite` names the
    (sample, class) pairs of infinite losses.
    """

    values: Mapping[str, Array]
    weight: Array
    kept: Array | None = None
    infinite: list[tuple[int, int]] = field(default_factory=list)

    def totals(self) -> dict[str, Totals]:
        """The sums of every quantity."""
        return {name: Totals.of(self._masked(value), self._masked(self.weight)) for name, value in self.values.items()}

    def _masked(self, value: Array) -> Array:
        xp = namespace(value)
        return value if self.kept is None else xp.where(self.kept, value, xp.zeros_like(value))

    def listed(self) -> dict[str, Value]:
        """Every quantity as a list, None where a sample was left out."""
        return {name: _listed(value, self.kept) for name, value in self.values.items()}


def _listed(value: Array, kept: Array | None) -> Any:
    """An array as (nested) lists, None where it is not kept."""
    if len(value.shape) > 1:
        return [_listed(value[i, ...], None if kept is None else kept[i, ...]) for i in range(value.shape[0])]
    keep = [True] * int(value.shape[0]) if kept is None else [bool(kept[i]) for i in range(value.shape[0])]
    return [float(value[i]) if keep[i] else None for i in range(value.shape[0])]


@quiet
def cross_entropy_block(block: Block, settings: Settings, weights: Array | None) -> Measures:
    """Cross-entropy of a block, with the entropy of its targets and the divergence from them."""
    terms, denominator, entropy, divergence = _cross_entropy_parts(block, settings, weights)
    xp = namespace(terms.loss)
    sample_weight = xp.ones_like(terms.loss) if block.weights is None else xp.astype(block.weights, terms.loss.dtype)
    values = {"loss": safe_product(sample_weight, terms.loss)}
    if settings.class_weights is None and settings.focal == 0:
        values["entropy"] = safe_product(sample_weight, entropy)
        values["kl"] = safe_product(sample_weight, divergence)
    infinite = infinite_losses(terms, values["loss"], block)
    return Measures(values, sample_weight * denominator, block.kept, infinite)


def _cross_entropy_parts(
    block: Block, settings: Settings, weights: Array | None
) -> tuple[losses.CrossEntropyTerms, Array, Array, Array]:
    """The terms, the class weight in the mean, H(p) and KL(p‖q) of each sample.

    Unsmoothed labels need the labelled class alone; all else is a distribution over the classes.
    """
    xp = namespace(block.prediction)
    classes = int(block.prediction.shape[-1])
    labels = block.labels if settings.label_smoothing == 0 else None
    predicted = predict(block.prediction, settings, labels)
    row_weights = None if weights is None else xp.astype(weights, block.prediction.dtype)
    if labels is not None:
        target = xp.ones_like(predicted.probability)
        if row_weights is not None:
            row_weights = at_labels(xp.broadcast_to(row_weights, block.prediction.shape), labels)
    else:
        target = one_hot(block.labels, classes, block.prediction) if block.target is None else block.target
        target = xp.astype(target, block.prediction.dtype)
    denominator = xp.sum(target if row_weights is None else target * row_weights, axis=-1)
    smoothed = losses.smooth(target, settings.label_smoothing)
    terms = losses.cross_entropy_terms(smoothed, predicted, row_weights, settings.focal)
    if labels is not None:
        return terms, denominator, xp.zeros_like(terms.loss), terms.loss
    entropy = information.entropy_terms(smoothed, information.surprisal(smoothed, settings.base)).entropy
    return terms, denominator, entropy, divergence_of(smoothed, predicted, settings)


def predict(prediction: Array, settings: Settings, labels: Array | None = None) -> losses.Predicted:
    """What a block predicts, from logits or probabilities, of all classes or the labelled ones."""
    if settings.logits:
        return losses.predicted_by_logits(softmax_terms(prediction), labels, settings.base)
    return losses.predicted_by_probabilities(prediction, labels, settings.base)


def divergence_of(p: Array, predicted: losses.Predicted, settings: Settings) -> Array:
    """KL(p‖q) of each row, in the unit asked for."""
    nats = predicted.surprisal * settings.base.ln if settings.logits else None
    return settings.base.of_nats(information.kl_terms(p, predicted.probability, nats).divergence)


def infinite_losses(terms: losses.CrossEntropyTerms, loss: Array, block: Block) -> list[tuple[int, int]]:
    """The samples (counted in the whole input) whose loss is infinite and counts, each with the class that makes it so."""
    xp = namespace(loss)
    counts = xp.isinf(loss) if block.kept is None else xp.isinf(loss) & block.kept
    if not bool(xp.any(counts)):
        return []
    rows = [int(i) for i in xp.nonzero(counts)[0]]
    if terms.term.shape[-1] == 1 and block.labels is not None:
        return [(block.first + i, int(block.labels[i])) for i in rows]
    column = xp.argmax(xp.astype(xp.isinf(terms.term), xp.int64), axis=-1)
    return [(block.first + i, int(column[i])) for i in rows]


@quiet
def binary_block(block: Block, settings: Settings) -> Measures:
    """Binary cross-entropy of a block, entry by entry."""
    y = losses.smooth_binary(block.target, settings.label_smoothing)
    xp = namespace(y)
    by = losses.binary_by_logits if settings.logits else losses.binary_by_probabilities
    y = xp.astype(y, block.prediction.dtype)
    terms = losses.binary_terms(y, by(block.prediction, settings.base), settings.pos_weight, settings.focal)
    weight = xp.ones_like(terms.loss)
    if block.weights is not None:
        weight = weight * xp.astype(block.weights, terms.loss.dtype)[:, None]
    loss = safe_product(weight, terms.loss)
    counts = xp.isinf(loss) if block.kept is None else xp.isinf(loss) & block.kept
    rows, columns = xp.nonzero(counts)
    infinite = [(block.first + int(i), int(j)) for i, j in zip(rows, columns, strict=True)]
    return Measures({"loss": loss}, weight, block.kept, infinite)


# --- all blocks, reduced ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evaluation:
    """All blocks folded: totals of every quantity, and the numbers of each sample where they were asked for."""

    totals: Mapping[str, Totals]
    listed: Mapping[str, list[Any]]
    reduction: str
    samples: int
    ignored: int
    infinite: list[tuple[int, int]]

    def reduced(self, name: str) -> Any:
        """A quantity under the reduction that was asked for; None where it was not computed."""
        if name not in self.totals:
            return None
        return list(self.listed[name]) if self.reduction == "none" else self.totals[name].reduced(self.reduction)


def evaluate(work: Callable[[Block], Measures], given: Input, settings: Settings, reduction: str) -> Evaluation:
    """Measures every block and folds the results in order."""
    totals: dict[str, Totals] = {}
    listed: dict[str, list[Any]] = {}
    infinite: list[tuple[int, int]] = []
    for measures in run(work, cut(given.block), settings.threads):
        totals = {name: totals.get(name, Totals()) + total for name, total in measures.totals().items()}
        infinite += measures.infinite
        if reduction == "none":
            for name, values in measures.listed().items():
                listed.setdefault(name, []).extend(values)  # type: ignore[arg-type]
    kept = given.block.kept
    ignored = 0 if kept is None else _count(~kept)
    if kept is not None and ignored == math.prod(kept.shape):
        raise inputs.nothing_left()
    if reduction == "mean":
        _require_weight(totals["loss"], settings, ignored)
    return Evaluation(totals, listed, reduction, given.block.samples, ignored, infinite)


def _count(mask: Array) -> int:
    """How many entries are True."""
    xp = namespace(mask)
    return int(xp.sum(xp.astype(mask, xp.int64)))


def _require_weight(loss: Totals, settings: Settings, ignored: int) -> None:
    """A mean needs a weight to divide by."""
    if loss.weights.value > 0:
        return
    if settings.class_weights is not None:
        raise InputError("the class weights of all targets are 0, so their mean is 0/0", hint="--reduction sum needs no weight")
    raise InputError(f"no sample with a weight above 0 is left{' after --ignore-index' if ignored else ''}: their mean is 0/0")


# --- reports ------------------------------------------------------------------------------------------------------


def cross_entropy(target: Source, prediction: Source, settings: Settings) -> Report:
    """`xent`: the cross-entropy H(p, q), with H(p), KL(p‖q) and the perplexity."""
    given, evaluation = evaluate_cross_entropy(target, prediction, settings)
    base = settings.base
    fields = {
        "reduction": evaluation.reduction,
        "entropy": evaluation.reduced("entropy"),
        "kl": evaluation.reduced("kl"),
        "perplexity": perplexity(evaluation, settings),
        **_ignored(evaluation, settings),
    }
    names = {"loss": "cross-entropy H(p, q)", "entropy": "entropy H(p)", "kl": "divergence KL(p‖q)"}
    quantities = {names[name]: evaluation.reduced(name) for name in names if evaluation.reduced(name) is not None}
    rows = [("perplexity", fields["perplexity"], "")] if fields["perplexity"] is not None else []
    return Report(
        "xent",
        evaluation.reduced("loss"),
        evaluation.samples,
        settings.described(
            "logits", "base", "normalize", "class_weights", "sample_weights", "label_smoothing",
            "ignore_index", "focal", "eps", "classes",
        ) | {"reduction": evaluation.reduction},
        unit=base.unit,
        fields=fields,
        tables=quantity_tables(quantities, evaluation, base.unit, rows),
        data=quantity_data(
            {"cross_entropy": evaluation.reduced("loss")}
            | {name: fields[name] for name in ("entropy", "kl") if fields[name] is not None}
            | ({"perplexity": fields["perplexity"]} if rows and evaluation.reduction != "none" else {}),
            evaluation,
        ),
        notes=[*given.notes, *infinite_notes(evaluation.infinite, given, prediction, settings)],
    )


def evaluate_cross_entropy(target: Source, prediction: Source, settings: Settings) -> tuple[Input, Evaluation]:
    """The cross-entropy of every sample, folded."""
    given = inputs.with_target(inputs.predictions(prediction, settings), target, prediction, settings)
    weights = inputs.class_weights(settings, given.width)
    clipped, used = inputs.clip_prediction(given, settings)
    evaluation = evaluate(
        lambda block: cross_entropy_block(block, used, weights), clipped, used, settings.reduction or "mean"
    )
    return given, evaluation


def perplexity(evaluation: Evaluation, settings: Settings) -> float | None:
    """e to the mean cross-entropy in nats, one number whatever the base and the reduction."""
    if "kl" not in evaluation.totals or evaluation.totals["loss"].weights.value == 0:
        return None
    return settings.base.power(evaluation.totals["loss"].reduced("mean"))


def binary_cross_entropy(target: Source, prediction: Source, settings: Settings) -> Report:
    """`bce`: the binary cross-entropy, per entry, then reduced."""
    given, evaluation = evaluate_binary(target, prediction, settings)
    unit = settings.base.unit
    reduced = evaluation.reduced("loss")
    tables = quantity_tables({"binary cross-entropy": reduced}, evaluation, unit, [])
    data = quantity_data({"binary_cross_entropy": reduced}, evaluation)
    if evaluation.reduction == "none" and not given.vector:
        tables = [matrix_table(f"binary cross-entropy, {unit}", reduced, given)]
        data = Data(given.headings("bce"), reduced)
    return Report(
        "bce",
        reduced,
        evaluation.samples,
        settings.described(
            "logits", "base", "sample_weights", "label_smoothing", "ignore_index", "pos_weight", "focal", "eps", "classes"
        ) | {"reduction": evaluation.reduction},
        unit=unit,
        fields={"reduction": evaluation.reduction, **_ignored(evaluation, settings)},
        tables=tables,
        data=data,
        notes=[*given.notes, *_binary_notes(evaluation, given, prediction, settings)],
    )


def evaluate_binary(target: Source, prediction: Source, settings: Settings) -> tuple[Input, Evaluation]:
    """The binary cross-entropy of every entry, folded; a vector's entries are listed as samples."""
    given = inputs.binary(target, prediction, settings)
    block, used = given, settings
    if settings.eps is not None:
        block, used = _clip_binary(given, settings)
    evaluation = evaluate(lambda part: binary_block(part, used), block, used, settings.reduction or "mean")
    if given.vector and evaluation.listed:
        flat = {name: [row[0] for row in rows] for name, rows in evaluation.listed.items()}
        evaluation = Evaluation(
            evaluation.totals, flat, evaluation.reduction, evaluation.samples, evaluation.ignored, evaluation.infinite
        )
    return given, evaluation


def _clip_binary(given: Input, settings: Settings) -> tuple[Input, Settings]:
    """With `--eps`, the probabilities of the positive class clipped first."""
    values = given.block.prediction
    if settings.logits:
        values = losses.binary_by_logits(values).probability
    block = replace(given.block, prediction=inputs.clipped(values, settings.eps or 0.0))
    return replace(given, block=block), replace(settings, logits=False)


def _ignored(evaluation: Evaluation, settings: Settings) -> dict[str, int]:
    """How many samples were left out, where that was asked for."""
    return {} if settings.ignore_index is None else {"ignored": evaluation.ignored}


def infinite_notes(
    infinite: list[tuple[int, int]], given: Input, prediction: Source, settings: Settings
) -> Iterator[str]:
    """The notes that name infinite losses: the sample, the class, and what usually causes them."""
    for sample, index in infinite[:NAMED_INFINITE]:
        where = prediction.where(sample, given.block.samples)
        yield (
            f"infinite loss: {where} gives probability 0 to class {given.class_name(index)}, which the target expects"
        )
    if len(infinite) > NAMED_INFINITE:
        yield f"infinite loss: {len(infinite) - NAMED_INFINITE} samples more"
    if infinite:
        yield _advice(prediction, settings)


def _advice(prediction: Source, settings: Settings) -> str:
    """What to do about an infinite loss."""
    few = prediction.fewest_decimals
    if not settings.logits and 1 <= few <= 3:
        digits = "1 digit" if few == 1 else f"{few} digits"
        return f"probabilities rounded to {digits} do this: give more digits or logits (--logits), or clip with --eps"
    return "nothing is clipped unless --eps asks for it, as in --eps 1e-15"


def _binary_notes(evaluation: Evaluation, given: Input, prediction: Source, settings: Settings) -> Iterator[str]:
    """The notes that name infinite binary losses."""
    for sample, column in evaluation.infinite[:NAMED_INFINITE]:
        where = prediction.where(sample, given.block.samples)
        label = "" if given.vector else f", label {given.class_name(column)}"
        yield f"infinite loss: {where}{label} is certain, and the target says otherwise"
    if len(evaluation.infinite) > NAMED_INFINITE:
        yield f"infinite loss: {len(evaluation.infinite) - NAMED_INFINITE} entries more"
    if evaluation.infinite:
        yield _advice(prediction, settings)


def quantity_tables(
    quantities: Mapping[str, Any], evaluation: Evaluation, unit: str, more: list[tuple[str, Any, str]]
) -> list[Table]:
    """Reduced quantities one below the other; per sample, a column each."""
    if evaluation.reduction != "none":
        kind = "" if evaluation.samples == 1 else f"{evaluation.reduction} of "
        rows = [(name, value, unit) for name, value in quantities.items()] + more
        columns = [Column(f"{kind}{_samples(evaluation.samples)}", "left"), Column("value"), Column("unit", "left")]
        return [Table(columns, rows)]
    columns = [Column("sample"), *(Column(f"{name}, {unit}") for name in quantities)]
    rows_ = [(str(i + 1), *row) for i, row in enumerate(zip(*quantities.values(), strict=True))]
    tables = [Table(columns, rows_)]
    if more:
        tables.append(Table([Column("over all samples", "left"), Column("value"), Column("unit", "left")], more))
    return tables


def quantity_data(quantities: Mapping[str, Any], evaluation: Evaluation) -> Data:
    """The quantities as columns: one row of reduced values, or a row per sample."""
    values = list(quantities.values())
    return Data(tuple(quantities), list(zip(*values, strict=True)) if evaluation.reduction == "none" else [values])


def _samples(n: int) -> str:
    return "1 sample" if n == 1 else f"{n} samples"


def matrix_table(title: str, rows: list[list[Any]], given: Input) -> Table:
    """A row per sample and a column per class."""
    columns = [Column("sample"), *(Column(given.class_name(k)) for k in range(given.width))]
    return Table(columns, [(str(i + 1), *row) for i, row in enumerate(rows)], title)
