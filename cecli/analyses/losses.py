"""`xent` and `bce`: losses sample by sample, folded into totals, reduced, reported."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any

from cecli.analyses import inputs
from cecli.analyses.inputs import Input, Plan
from cecli.analyses.settings import Settings
from cecli.blocks import Block, run
from cecli.errors import InputError
from cecli.maths import information, losses
from cecli.maths.namespace import Array, at_labels, namespace, one_hot, quiet, safe_product
from cecli.maths.softmax import softmax, softmax_terms
from cecli.reading.sources import Source
from cecli.report import Column, Data, Report, Table
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
        return {name: Totals.of(self._masked(value, 0.0), self._masked(self.weight, 0.0)) for name, value in self.values.items()}

    def listed(self) -> dict[str, Array]:
        """Every quantity of each sample, NaN where it was left out."""
        return {name: self._masked(value, math.nan) for name, value in self.values.items()}

    def _masked(self, value: Array, instead: float) -> Array:
        xp = namespace(value)
        return value if self.kept is None else xp.where(self.kept, value, xp.full_like(value, instead))


@quiet
def cross_entropy_block(block: Block, settings: Settings, weights: Array | None, rounding: float = 2.0**-52) -> Measures:
    """Cross-entropy of a block, with the entropy of its targets and the divergence from them."""
    terms, denominator, entropy, divergence = _cross_entropy_parts(block, settings, weights, rounding)
    xp = namespace(terms.loss)
    sample_weight = xp.ones_like(terms.loss) if block.weights is None else xp.astype(block.weights, terms.loss.dtype)
    values = {"loss": safe_product(sample_weight, terms.loss)}
    if settings.class_weights is None and settings.focal == 0:
        values["entropy"] = safe_product(sample_weight, entropy)
        values["kl"] = safe_product(sample_weight, divergence)
    infinite = infinite_losses(terms, values["loss"], block)
    return Measures(values, sample_weight * denominator, block.kept, infinite)


def _cross_entropy_parts(
    block: Block, settings: Settings, weights: Array | None, rounding: float
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
    return terms, denominator, entropy, divergence_of(smoothed, predicted, settings, rounding)


def predict(prediction: Array, settings: Settings, labels: Array | None = None) -> losses.Predicted:
    """What a block predicts, from logits or probabilities, of all classes or the labelled ones."""
    if not settings.logits:
        return losses.predicted_by_probabilities(clipped(prediction, settings), labels, settings.base)
    terms = softmax_terms(prediction)
    if settings.eps is None:
        return losses.predicted_by_logits(terms, labels, settings.base)
    return losses.predicted_by_probabilities(clipped(softmax(terms), settings), labels, settings.base)


def clipped(p: Array, settings: Settings) -> Array:
    """Probabilities clipped to [ε, 1 − ε], if `--eps` asks for it."""
    return p if settings.eps is None else namespace(p).clip(p, settings.eps, 1 - settings.eps)


def divergence_of(p: Array, predicted: losses.Predicted, settings: Settings, rounding: float = 2.0**-52) -> Array:
    """KL(p‖q) of each row, in the unit asked for."""
    by_logits = settings.logits and settings.eps is None
    nats = predicted.surprisal * settings.base.ln if by_logits else None
    return settings.base.of_nats(information.kl_terms(p, predicted.probability, nats, rounding).divergence)


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
    y = xp.astype(y, block.prediction.dtype)
    terms = losses.binary_terms(y, _binary_prediction(block.prediction, settings), settings.pos_weight, settings.focal)
    weight = xp.ones_like(terms.loss)
    if block.weights is not None:
        weight = weight * xp.astype(block.weights, terms.loss.dtype)[:, None]
    loss = safe_product(weight, terms.loss)
    counts = xp.isinf(loss) if block.kept is None else xp.isinf(loss) & block.kept
    rows, columns = xp.nonzero(counts)
    infinite = [(block.first + int(i), int(j)) for i, j in zip(rows, columns, strict=True)]
    return Measures({"loss": loss}, weight, block.kept, infinite)


def _binary_prediction(values: Array, settings: Settings) -> losses.BinaryPredicted:
    """What a block of binary predictions says, from logits or (clipped) probabilities."""
    if not settings.logits:
        return losses.binary_by_probabilities(clipped(values, settings), settings.base)
    predicted = losses.binary_by_logits(values, settings.base)
    if settings.eps is None:
        return predicted
    return losses.binary_by_probabilities(clipped(predicted.probability, settings), settings.base)


# --- all blocks, reduced ------------------------------------------------------------------------------------------


@dataclass
class Evaluation:
    """Blocks folded: totals of every quantity, and the numbers of each sample where they were asked for."""

    reduction: str
    plan: Plan
    totals: dict[str, Totals] = field(default_factory=dict)
    listed: dict[str, list[Array]] = field(default_factory=dict)
    first: int = 0
    samples: int = 0
    ignored: int = 0
    counted: int = 0
    infinite: list[tuple[int, int]] = field(default_factory=list)
    infinite_count: int = 0

    def add(self, measures: Measures) -> None:
        """Folds in the next block."""
        self.totals = {name: self.totals.get(name, Totals()) + total for name, total in measures.totals().items()}
        self.samples += int(measures.weight.shape[0])
        self.counted += math.prod(measures.weight.shape)
        self.ignored += 0 if measures.kept is None else _count(~measures.kept)
        self.infinite_count += len(measures.infinite)
        self.infinite = (self.infinite + measures.infinite)[:NAMED_INFINITE]
        if self.reduction == "none":
            for name, values in measures.listed().items():
                self.listed.setdefault(name, []).append(values)

    def array(self, name: str) -> Array:
        """A quantity of each sample, NaN where it was left out."""
        parts = self.listed[name]
        whole = parts[0] if len(parts) == 1 else namespace(*parts).concat(parts)
        return whole[:, 0] if self.plan.vector else whole

    def reduced(self, name: str) -> Any:
        """A quantity under the reduction that was asked for; None where it was not computed."""
        if name not in self.totals:
            return None
        return as_list(self.array(name)) if self.reduction == "none" else self.totals[name].reduced(self.reduction)


def as_list(values: Array) -> Any:
    """An array as (nested) lists of numbers, None for NaN."""
    if hasattr(values, "tolist"):
        return _without_nan(values.tolist())
    if len(values.shape) > 1:
        return [as_list(values[i, ...]) for i in range(values.shape[0])]
    return _without_nan([float(values[i]) for i in range(values.shape[0])])


def _without_nan(values: Any) -> Any:
    """None for NaN."""
    if isinstance(values, list):
        return [_without_nan(value) for value in values]
    return None if values != values else values  # noqa: PLR0124 - only NaN differs from itself


def evaluations(
    work: Callable[[Block], Measures], parts: Iterable[Input], settings: Settings, reduction: str | None, each: bool
) -> Iterator[Evaluation]:
    """The evaluation of all blocks, or (with `each`) one of every block as it comes, for answers that are a row per row."""
    parts = iter(parts)
    head = list(islice(parts, 1))
    found = head[0].plan
    how = reduction or ("mean" if head[0].block.samples == 1 and not settings.line_buffered else "none")
    each = each and how == "none"
    blocks = (part.block for part in chain(head, parts))
    left = 0
    evaluation = Evaluation(how, found)
    for measures in run(work, blocks, settings.threads):
        evaluation.add(measures)
        if each:
            left += evaluation.counted - evaluation.ignored
            yield evaluation
            evaluation = Evaluation(how, found, first=evaluation.first + evaluation.samples)
    if each:
        _require_some_left(left)
        return
    _require_some_left(evaluation.counted - evaluation.ignored)
    if how == "mean":
        _require_weight(evaluation, settings)
    yield evaluation


def _require_some_left(left: int) -> None:
    """Something must be left to answer about."""
    if left == 0:
        raise inputs.nothing_left()


def _count(mask: Array) -> int:
    """How many entries are True."""
    xp = namespace(mask)
    return int(xp.sum(xp.astype(mask, xp.int64)))


def _require_weight(evaluation: Evaluation, settings: Settings) -> None:
    """A mean needs a weight to divide by."""
    if evaluation.totals["loss"].weights.value > 0:
        return
    if settings.class_weights is not None:
        raise InputError("the class weights of all targets are 0, so their mean is 0/0", hint="--reduction sum needs no weight")
    raise InputError("no sample with a weight above 0 is left, and a mean of nothing is no number")


# --- reports ------------------------------------------------------------------------------------------------------


def cross_entropy(target: Source, prediction: Source, settings: Settings) -> Iterator[Report]:
    """`xent`: the cross-entropy H(p, q), with H(p), KL(p‖q) and the perplexity."""
    for evaluation in evaluate_cross_entropy(target, prediction, settings, each=settings.streams):
        yield _cross_entropy_report(evaluation, settings)


def _cross_entropy_report(evaluation: Evaluation, settings: Settings) -> Report:
    """The report of an evaluation."""
    unit = settings.base.unit
    values = {name: evaluation.reduced(name) for name in ("loss", "entropy", "kl")}
    fields = {
        "reduction": evaluation.reduction,
        "entropy": values["entropy"],
        "kl": values["kl"],
        "perplexity": perplexity(evaluation, settings),
        **_ignored(evaluation, settings),
    }
    titles = {"loss": "cross-entropy H(p, q)", "entropy": "entropy H(p)", "kl": "divergence KL(p‖q)"}
    columns = {"loss": "cross_entropy", "entropy": "entropy", "kl": "kl"}
    given = {name: value for name, value in values.items() if value is not None}
    more = [("perplexity", fields["perplexity"], "")] if fields["perplexity"] is not None else []
    data = {columns[name]: value for name, value in given.items()}
    if more and evaluation.reduction != "none":
        data["perplexity"] = fields["perplexity"]
    return Report(
        "xent",
        values["loss"],
        evaluation.samples,
        settings.described(
            "logits", "base", "normalize", "class_weights", "sample_weights", "label_smoothing",
            "ignore_index", "focal", "eps", classes=evaluation.plan.classes,
        ) | {"reduction": evaluation.reduction},
        unit=unit,
        fields=fields,
        tables=quantity_tables({titles[name]: value for name, value in given.items()}, evaluation, unit, more),
        data=quantity_data(data, evaluation),
        notes=[*evaluation.plan.notes(), *infinite_notes(evaluation, settings)],
    )


def evaluate_cross_entropy(
    target: Source, prediction: Source, settings: Settings, each: bool = False
) -> Iterator[Evaluation]:
    """The cross-entropy of every sample, folded."""
    weights = inputs.class_weights(settings, prediction.width)
    parts = (step[0] for step in inputs.steps([prediction], settings, target))
    rounding = max(target.rounding, prediction.rounding)
    work = partial(cross_entropy_block, settings=settings, weights=weights, rounding=rounding)
    return evaluations(work, parts, settings, settings.reduction or "mean", each)


def perplexity(evaluation: Evaluation, settings: Settings) -> float | None:
    """e to the mean cross-entropy in nats, one number whatever the base and the reduction."""
    if "kl" not in evaluation.totals or evaluation.totals["loss"].weights.value == 0:
        return None
    return settings.base.power(evaluation.totals["loss"].reduced("mean"))


def binary_cross_entropy(target: Source, prediction: Source, settings: Settings) -> Iterator[Report]:
    """`bce`: the binary cross-entropy, per entry, then reduced."""
    for evaluation in evaluate_binary(target, prediction, settings, each=settings.streams):
        yield _binary_report(evaluation, settings)


def _binary_report(evaluation: Evaluation, settings: Settings) -> Report:
    """The report of an evaluation."""
    unit, reduced = settings.base.unit, evaluation.reduced("loss")
    if evaluation.reduction == "none" and not evaluation.plan.vector:
        tables = [matrix_table(f"binary cross-entropy, {unit}", reduced, evaluation.plan, evaluation.first)]
        data = Data(evaluation.plan.headings("bce"), reduced)
    else:
        tables = quantity_tables({"binary cross-entropy": reduced}, evaluation, unit, [])
        data = quantity_data({"binary_cross_entropy": reduced}, evaluation)
    return Report(
        "bce",
        reduced,
        evaluation.samples,
        settings.described(
            "logits", "base", "sample_weights", "label_smoothing", "ignore_index", "pos_weight", "focal", "eps", classes=evaluation.plan.classes
        ) | {"reduction": evaluation.reduction},
        unit=unit,
        fields={"reduction": evaluation.reduction, **_ignored(evaluation, settings)},
        tables=tables,
        data=data,
        notes=[*evaluation.plan.notes(), *infinite_notes(evaluation, settings)],
    )


def evaluate_binary(target: Source, prediction: Source, settings: Settings, each: bool = False) -> Iterator[Evaluation]:
    """The binary cross-entropy of every entry, folded."""
    parts = inputs.binary_steps(target, prediction, settings)
    return evaluations(partial(binary_block, settings=settings), parts, settings, settings.reduction or "mean", each)


def _ignored(evaluation: Evaluation, settings: Settings) -> dict[str, int]:
    """How many samples were left out, where that was asked for."""
    return {} if settings.ignore_index is None else {"ignored": evaluation.ignored}


def infinite_notes(evaluation: Evaluation, settings: Settings) -> Iterator[str]:
    """The notes that name infinite losses: the sample, the class, and what usually causes them."""
    found, source = evaluation.plan, evaluation.plan.source
    for sample, index in evaluation.infinite:
        if found.vector:
            says = "is certain, and the target says otherwise"
        elif found.is_binary:
            says = f"is certain of label {found.class_name(index)}, and the target says otherwise"
        else:
            says = f"gives probability 0 to class {found.class_name(index)}, which the target expects"
        yield f"infinite loss: {source.where(sample)} {says}"
    if evaluation.infinite_count > len(evaluation.infinite):
        each = "entries" if found.is_binary else "samples"
        yield f"infinite loss: {evaluation.infinite_count - len(evaluation.infinite)} {each} more"
    if evaluation.infinite:
        yield _advice(source, settings)


def _advice(prediction: Source, settings: Settings) -> str:
    """What to do about an infinite loss."""
    few = prediction.fewest_decimals
    if not settings.logits and 1 <= few <= 3:
        digits = "1 digit" if few == 1 else f"{few} digits"
        return f"probabilities rounded to {digits} do this: give more digits or logits (--logits), or clip with --eps"
    return "nothing is clipped unless --eps asks for it, as in --eps 1e-15"


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
    rows_ = [(str(i + 1), *row) for i, row in enumerate(zip(*quantities.values(), strict=True), evaluation.first)]
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


def matrix_table(title: str, rows: list[list[Any]], found: Plan, first: int = 0) -> Table:
    """A row per sample and a column per class."""
    columns = [Column("sample"), *(Column(found.class_name(k)) for k in range(found.width))]
    return Table(columns, [(str(i + 1), *row) for i, row in enumerate(rows, first)], title)
