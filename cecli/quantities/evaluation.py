"""Blocks of samples folded into what a report needs: totals, the numbers of each sample, notes, tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from cecli.errors import InputError
from cecli.maths.namespace import Array, is_finite, namespace
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Column, Data, Later, Table
from cecli.running import batches as inputs
from cecli.running.batches import Input, Plan
from cecli.running.blocks import Block
from cecli.running.driver import block_placed, fetched, run
from cecli.running.options import Settings
from cecli.statistics.sums import Sum, Totals

NAMED_INFINITE = 3
"""How many infinite losses a note names one by one."""


class Measures(Record):
    """What one block gave: named quantities, one number per sample (or entry), already weighted.

    `weight` is what each counts in the mean; `kept` is False where a sample was left out; `infinite` finds the
    (sample, class) pairs of infinite losses.
    """

    values: dict[str, Array]
    weight: Array
    kept: Array | None = None
    infinite: Callable[[], Sequence[tuple[int, int]]] = tuple
    even: bool = False
    """Whether every weight is 1."""
    zero: Sequence[str] = ()
    """Quantities that are 0 for every sample."""

    def folded(self, settings: Settings, listed: bool) -> Folded:
        """What is kept of the block: its totals, and the numbers of each sample where they are asked for."""
        totals = self._totals()
        finite = math.isfinite(totals["loss"].values.high)
        return Folded(
            int(self.weight.shape[0]),
            math.prod(self.weight.shape),
            0 if self.kept is None else _count(~self.kept),
            totals,
            {name: fetched(values, settings) for name, values in self._listed().items()} if listed else {},
            () if finite else self.infinite(),
        )

    def _totals(self) -> dict[str, Totals]:
        """The sums of every quantity; the weights are the same for all."""
        even = self.even and self.kept is None
        weights = Sum(float(math.prod(self.weight.shape))) if even else Sum.of(self._masked(self.weight, 0.0))
        distinct = {id(value): value for value in self.values.values()}
        sums = {key: Sum.of(self._masked(value, 0.0)) for key, value in distinct.items()}
        found = {name: Totals(sums[id(value)], weights) for name, value in self.values.items()}
        return found | {name: Totals(Sum(), weights) for name in self.zero}

    def _listed(self) -> dict[str, Array]:
        """Every quantity of each sample, NaN where it was left out."""
        zeros = {name: namespace(self.weight).zeros_like(self.weight) for name in self.zero}
        return {name: self._masked(value, math.nan) for name, value in (self.values | zeros).items()}

    def _masked(self, value: Array, instead: float) -> Array:
        xp = namespace(value)
        return value if self.kept is None else xp.where(self.kept, value, xp.full_like(value, instead))


class Folded(Record):
    """What one block comes to: plain numbers, and the arrays of those that were asked for one by one."""

    samples: int
    counted: int
    """Samples, or entries of a matrix of binary predictions."""
    ignored: int
    totals: Mapping[str, Totals]
    listed: Mapping[str, Array]
    infinite: Sequence[tuple[int, int]]


class Evaluation:
    """Blocks folded: totals of every quantity, and the numbers of each sample where they were asked for."""

    def __init__(
        self,
        reduction: str,
        plan: Plan,
        first: int = 0,
        infinite: Sequence[tuple[int, int]] = (),
        infinite_count: int = 0,
    ) -> None:
        self.reduction, self.plan, self.first = reduction, plan, first
        self.totals: dict[str, Totals] = {}
        self.listed: dict[str, list[Array]] = {}
        self.samples = self.ignored = self.counted = 0
        self.infinite, self.infinite_count = list(infinite), infinite_count

    def add(self, part: Folded) -> None:
        """Adds the next block."""
        self.totals = {
            name: self.totals[name] + total if name in self.totals else total for name, total in part.totals.items()
        }
        self.samples += part.samples
        self.counted += part.counted
        self.ignored += part.ignored
        self.infinite_count += len(part.infinite)
        self.infinite = [*self.infinite, *part.infinite][:NAMED_INFINITE]
        for name, values in part.listed.items():
            self.listed.setdefault(name, []).append(values)

    def following(self) -> Evaluation:
        """An empty one for the next block, which knows where it begins and what was infinite before."""
        return Evaluation(self.reduction, self.plan, self.first + self.samples, self.infinite, self.infinite_count)

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
        return values.tolist() if is_finite(values) else _without_nan(values.tolist())
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
    evaluation = Evaluation(how, found)

    def folded(block: Block) -> Folded:
        return work(block_placed(block, settings)).folded(settings, listed=how == "none")

    answers = run(folded, blocks, settings, at_once=each)
    if each:
        yield from _one_by_one(answers, evaluation, settings)
        return
    for part in answers:
        evaluation.add(part)
    _require_some_left(evaluation.counted - evaluation.ignored)
    if how == "mean":
        _require_weight(evaluation, settings)
    yield evaluation


def _one_by_one(answers: Iterable[Folded], evaluation: Evaluation, settings: Settings) -> Iterator[Evaluation]:
    """The evaluation of every block; the last one's waits until the end of the input was found to be right."""
    left, waiting = 0, list[Evaluation]()
    try:
        for part in answers:
            yield from waiting
            evaluation.add(part)
            left += evaluation.counted - evaluation.ignored
            waiting, evaluation = [evaluation], evaluation.following()
            if settings.line_buffered:
                yield waiting.pop()
        _require_some_left(left)
    except InputError:
        if not evaluation.plan.ended:
            yield from waiting
        raise
    yield from waiting


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
        raise InputError(
            "the class weights of all targets are 0, so their mean is 0/0", hint="--reduction sum needs no weight"
        )
    raise InputError("no sample with a weight above 0 is left, and a mean of nothing is no number")


# --- what reports show --------------------------------------------------------------------------------------------


def ignored(evaluation: Evaluation, settings: Settings) -> dict[str, int]:
    """How many samples were left out, where that was asked for."""
    return {} if settings.ignore_index is None else {"ignored": evaluation.ignored}


def all_notes(evaluation: Evaluation, settings: Settings) -> list[str]:
    """What reading gave rise to, and the infinite losses, of the whole input."""
    return [*evaluation.plan.notes(), *infinite_notes(evaluation, settings)]


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
        heading = f"{kind}{_samples(evaluation.samples)}{_but(evaluation)}"
        columns = [Column(heading, "left"), Column("value"), Column("unit", "left")]
        return [Table(columns, rows)]
    columns = [Column("sample"), *(Column(f"{name}, {unit}") for name in quantities)]
    each = zip(*quantities.values(), strict=True)
    tables = [Table(columns, Later(lambda: [(str(i + 1), *row) for i, row in enumerate(each, evaluation.first)]))]
    if more:
        tables.append(Table([Column("over all samples", "left"), Column("value"), Column("unit", "left")], more))
    return tables


def quantity_data(quantities: Mapping[str, Any], evaluation: Evaluation) -> Data:
    """The quantities as columns: one row of reduced values, or a row per sample."""
    values = list(quantities.values())
    rows = Later(lambda: list(zip(*values, strict=True))) if evaluation.reduction == "none" else [values]
    return Data(tuple(quantities), rows)


def _but(evaluation: Evaluation) -> str:
    """How many of the samples (or entries) are left out, if any are."""
    return f", {evaluation.ignored} left out" if evaluation.ignored else ""


def _samples(n: int) -> str:
    return "1 sample" if n == 1 else f"{n} samples"


def matrix_table(title: str, rows: list[list[Any]], found: Plan, first: int = 0) -> Table:
    """A row per sample and a column per class."""
    columns = [Column("sample"), *(Column(found.class_name(k)) for k in range(found.width))]
    return Table(columns, Later(lambda: [(str(i + 1), *row) for i, row in enumerate(rows, first)]), title)
