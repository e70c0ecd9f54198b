"""Batches folded into what a report needs: totals, the numbers of each sample, notes, tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cecli.errors import InputError
from cecli.maths.namespace import Array, count_true, is_finite, namespace, safe_product
from cecli.quantities.batch_summary import NAMED_INFINITE, BatchSummary, Infinite, NamedInfinite, named
from cecli.quantities.clip_notes import clip_notes
from cecli.quantities.states import AnyState
from cecli.quantities.underflow import unless_underflowed
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Column, Data, Later, Report, Table
from cecli.running.batches import Batch, Step
from cecli.running.driver import folded, run
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.streams import PredictionStream
from cecli.running.targets import nothing_left
from cecli.running.walk import Walk
from cecli.statistics.sums import Sum, Totals


class Answer(Record):
    """The report of a command, with the result that it was made of: what the working and the search for mistakes start from."""

    report: Report
    result: Any


class BatchLosses(Record):
    """What one batch gave: named quantities, one number per sample (or entry), already weighted."""

    values: Mapping[str, Array]
    weights: Array
    """What each sample counts in the mean."""
    mask: Array | None = None
    """False where a sample was left out."""
    infinite: Callable[[], Infinite] = tuple
    """Finds the infinite losses."""
    even: bool = False
    """Whether every weight is 1."""
    zero: Sequence[str] = ()
    """Quantities that are 0 for every sample."""
    underflowed: Callable[[], Array | None] = lambda: None
    """Finds the losses that have underflowed."""

    @classmethod
    def of(
        cls,
        state: AnyState,
        values: Mapping[str, Array],
        weights: Array,
        infinite: Callable[[Array], Infinite] = lambda _: (),
        zero: Sequence[str] = (),
        underflowed: Callable[[Array], Array | None] = lambda _: None,
    ) -> BatchLosses:
        """Quantities of each sample (or entry), times the sample weights; `weights` is what each counts in a mean before these."""
        loss = values["loss"]
        if state.weights is not None:
            own = namespace(loss).astype(state.weights, loss.dtype)
            own = own if len(loss.shape) == 1 else own[:, None]
            values = {name: safe_product(own, value) for name, value in values.items()}
            weights = own * weights
        even = state.weights is None and state.class_weights is None
        return cls(values, weights, state.mask, lambda: infinite(values["loss"]), even, zero, lambda: underflowed(loss))

    def summary(self, batch: Batch, execution: Execution, listed: bool) -> BatchSummary:
        """What is remembered of the batch: its totals, and the numbers of each sample where they are asked for."""
        totals = self._totals()
        total = totals["loss"].values.high
        infinite = () if math.isfinite(total) else self.infinite()
        underflowed = self._underflowed() if listed or total == 0 else None
        return BatchSummary(
            int(self.weights.shape[0]),
            math.prod(self.weights.shape),
            0 if self.mask is None else count_true(~self.mask),
            batch.skipped,
            batch.looks_probable,
            totals,
            {name: (execution.fetched(values),) for name, values in self._listed(underflowed).items()}
            if listed
            else {},
            named(infinite, batch),
            len(infinite),
            self._largest(),
            underflowed is not None and count_true(underflowed) > 0,
        )

    def _underflowed(self) -> Array | None:
        """Which losses that count have underflowed."""
        found = self.underflowed()
        return found if found is None else self._masked(found & (self.weights > 0), False)

    def _largest(self) -> float:
        """The largest loss, where all samples count and none has a weight; else 0."""
        loss = self.values["loss"]
        return float(namespace(loss).max(loss)) if self.even and self.mask is None and loss.shape[0] else 0.0

    def _totals(self) -> dict[str, Totals]:
        """The sums of every quantity; the weights are the same for all."""
        even = self.even and self.mask is None
        weights = Sum(float(math.prod(self.weights.shape))) if even else Sum.of(self._masked(self.weights, 0.0))
        distinct = {id(value): value for value in self.values.values()}
        sums = {key: Sum.of(self._masked(value, 0.0)) for key, value in distinct.items()}
        totals = {name: Totals(sums[id(value)], weights) for name, value in self.values.items()}
        return totals | {name: Totals(Sum(), weights) for name in self.zero}

    def _listed(self, underflowed: Array | None) -> dict[str, Array]:
        """Every quantity of each sample, NaN where it was left out; and which losses have underflowed."""
        zeros = {name: namespace(self.weights).zeros_like(self.weights) for name in self.zero}
        found = {name: self._masked(value, math.nan) for name, value in {**self.values, **zeros}.items()}
        xp, loss = namespace(self.weights), self.values["loss"]
        return found | {"underflowed": xp.zeros_like(loss, dtype=xp.bool) if underflowed is None else underflowed}

    def _masked(self, value: Array, instead: float) -> Array:
        xp = namespace(value)
        return value if self.mask is None else xp.where(self.mask, value, xp.full_like(value, instead))


class LossSummary:
    """Batches folded: totals of every quantity, and the numbers of each sample where they were asked for."""

    def __init__(
        self,
        reduction: str,
        stream: PredictionStream,
        first: int = 0,
        infinite: NamedInfinite = (),
        infinite_count: int = 0,
        class_weights: Array | None = None,
        skipped: int = 0,
    ) -> None:
        self.reduction, self.stream, self.first, self.class_weights = reduction, stream, first, class_weights
        self.totals: Mapping[str, Totals] = {}
        self.listed: Mapping[str, tuple[Array, ...]] = {}
        self.samples = self.ignored = self.counted = 0
        self.infinite, self.infinite_count = infinite, infinite_count
        self.looks_probable, self.skipped, self.largest = False, skipped, 0.0
        self.has_underflowed = False

    def add(self, part: BatchSummary) -> None:
        """Takes in what all batches, or one of an answer in pieces, come to."""
        self.totals, self.listed, self.looks_probable = part.totals, part.listed, part.looks_probable
        self.samples, self.counted, self.ignored = part.samples, part.counted, part.ignored
        self.skipped += part.skipped
        self.largest = max(self.largest, part.largest)
        self.has_underflowed = self.has_underflowed or part.underflowed
        self.infinite_count += part.infinite_count
        self.infinite = (self.infinite + part.infinite)[:NAMED_INFINITE]

    def following(self) -> LossSummary:
        """An empty one for the next batch, which knows where it begins and what was infinite before."""
        first = self.first + self.samples
        return LossSummary(
            self.reduction, self.stream, first, self.infinite, self.infinite_count, self.class_weights, self.skipped
        )

    @property
    def considered(self) -> int:
        """How many samples there are without those that have a missing value."""
        return max(self.samples - self.skipped, 0)

    @property
    def left_out(self) -> int:
        """How many samples (or entries) `--ignore-index` leaves out."""
        return self.ignored - self.skipped * (self.counted // max(self.samples, 1))

    def array(self, name: str) -> Array:
        """A quantity of each sample, NaN where it was left out."""
        parts = self.listed[name]
        whole = parts[0] if len(parts) == 1 else namespace(*parts).concat(parts)
        return whole[:, 0] if self.stream.is_vector else whole

    def shown(self, name: str) -> Any:
        """A quantity as tables show it, which has underflowed where the loss has."""
        value = self.reduced(name)
        if value is None or not self.has_underflowed:
            return value
        return unless_underflowed(value, as_list(self.array("underflowed")) if self.reduction == "none" else True)

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
    if isinstance(values, list):
        return [_without_nan(value) for value in values]
    return None if values != values else values  # noqa: PLR0124 - only NaN differs from itself


def summaries(
    work: Callable[[Step], BatchLosses],
    walk: Walk,
    options: Options,
    execution: Execution,
    reduction: str | None,
    class_weights: Array | None = None,
) -> Iterator[LossSummary]:
    """The summary of all steps; or, for an answer that is a row per row and may be streamed, one of every step as it comes."""
    how = reduction or _left_out(walk, execution)
    listed, each = how == "none", execution.streams and how == "none"
    summary = LossSummary(how, walk.streams[0], class_weights=class_weights)

    def summarised(step: Step) -> BatchSummary:
        return work(step).summary(step.batches[0], execution, listed)

    if each:
        yield from _one_by_one(run(summarised, walk, execution, at_once=True), summary, execution)
        return
    summary.add(folded(summarised, walk, execution))
    _require_some_left(summary.counted - summary.ignored)
    if how == "mean":
        _require_weight(summary, options)
    yield summary


def _left_out(walk: Walk, execution: Execution) -> str:
    """The reduction where none is named: `none` for several rows."""
    return "mean" if not execution.line_buffered and walk.peek().samples == 1 else "none"


def _one_by_one(parts: Iterable[BatchSummary], summary: LossSummary, execution: Execution) -> Iterator[LossSummary]:
    """The summary of every step; one without a sample that counts waits for the next, for there must be some in all."""
    left, waiting = 0, list[LossSummary]()
    for part in parts:
        yield from waiting
        summary.add(part)
        left += summary.counted - summary.ignored
        waiting, summary = [summary], summary.following()
        if left or execution.line_buffered:
            yield waiting.pop()
    _require_some_left(left)


def _require_some_left(left: int) -> None:
    if left == 0:
        raise nothing_left()


def _require_weight(summary: LossSummary, options: Options) -> None:
    """A mean needs a weight to divide by."""
    if summary.totals["loss"].weights.value > 0:
        return
    if options.class_weights is not None:
        raise InputError(
            "the class weights of all targets are 0, so their mean is 0/0", hint="--reduction sum needs no weight"
        )
    raise InputError("no sample with a weight above 0 is left, and the mean of no samples is undefined")


# --- what reports show --------------------------------------------------------------------------------------------


def ignored(summary: LossSummary, options: Options) -> dict[str, int]:
    """How many samples were left out, where that was asked for."""
    found = {} if options.ignore_index is None else {"ignored": summary.left_out}
    return found | skipped_field(summary.skipped, options)


def skipped_field(skipped: int, options: Options) -> dict[str, int]:
    """How many samples had a missing value, where these are to be left out."""
    return {"skipped": skipped} if options.skip_missing else {}


def all_notes(summary: LossSummary, options: Options) -> list[str]:
    """What reading gave rise to, and the infinite losses, of the whole input."""
    reading = summary.stream.notes(summary.looks_probable, summary.skipped)
    clipped = clip_notes(summary.stream, summary.largest, options)
    return [*reading, *infinite_notes(summary, options), *clipped]


def infinite_notes(summary: LossSummary, options: Options) -> Iterator[str]:
    """The notes that name infinite losses: the sample, the class, and what usually causes them."""
    stream = summary.stream
    for where, index in summary.infinite:
        if stream.is_vector:
            says = "is certain, and the target says otherwise"
        elif stream.is_binary:
            says = f"is certain of label {stream.class_name(index)}, and the target says otherwise"
        else:
            says = f"gives probability 0 to class {stream.class_name(index)}, which the target expects"
        yield f"infinite loss: {where} {says}"
    if summary.infinite_count > len(summary.infinite):
        more = summary.infinite_count - len(summary.infinite)
        one, several = ("entry", "entries") if stream.is_binary else ("sample", "samples")
        yield f"infinite loss: {more} more {one if more == 1 else several}"
    if summary.infinite:
        yield _advice(stream.source, options)


def _advice(prediction: Source, options: Options) -> str:
    """What to do about an infinite loss."""
    few = prediction.fewest_decimals
    if not options.logits and 1 <= few <= 3:
        digits = "1 digit" if few == 1 else f"{few} digits"
        return f"probabilities rounded to {digits} do this: give more digits or logits (--logits), or clip with --eps"
    return "nothing is clipped unless --eps asks for it, as in --eps 1e-15"


def quantity_tables(
    quantities: Mapping[str, Any], summary: LossSummary, unit: str, more: list[tuple[str, Any, str]]
) -> list[Table]:
    """Reduced quantities one below the other; per sample, a column each."""
    if summary.reduction != "none":
        kind = "" if summary.considered == 1 else f"{summary.reduction} of "
        rows = [(name, value, unit) for name, value in quantities.items()] + more
        heading = f"{kind}{_samples(summary.considered)}{_but(summary)}"
        columns = [Column(heading, "left"), Column("value"), Column("unit", "left")]
        return [Table(columns, rows)]
    columns = [Column("sample"), *(Column(f"{name}, {unit}") for name in quantities)]
    each = zip(*quantities.values(), strict=True)
    tables = [Table(columns, Later(lambda: [(str(i + 1), *row) for i, row in enumerate(each, summary.first)]))]
    if more:
        tables.append(Table([Column("over all samples", "left"), Column("value"), Column("unit", "left")], more))
    return tables


def quantity_data(quantities: Mapping[str, Any], summary: LossSummary) -> Data:
    """The quantities as columns: one row of reduced values, or a row per sample."""
    columns, values = tuple(quantities), list(quantities.values())
    if summary.reduction != "none":
        return Data(columns, [values])
    return Data(columns, Later(lambda: list(zip(*values, strict=True))), "float64")


def _but(summary: LossSummary) -> str:
    """How many of the samples (or entries) are left out, if any are."""
    return f", {summary.left_out} left out" if summary.left_out else ""


def _samples(n: int) -> str:
    return "1 sample" if n == 1 else f"{n} samples"


def matrix_table(title: str, rows: Sequence[Sequence[Any]], stream: PredictionStream, first: int = 0) -> Table:
    """A row per sample and a column per class."""
    columns = [Column("sample"), *(Column(stream.class_name(k)) for k in range(stream.width))]
    return Table(columns, Later(lambda: [(str(i + 1), *row) for i, row in enumerate(rows, first)]), title)


def quantity_report(
    command: str,
    titles: Mapping[str, str],
    summary: LossSummary,
    options: Options,
    execution: Execution,
    named: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> Report:
    """The report of a command whose quantities all have one unit; `titles` are their names in tables, with their keys."""
    values = {key: summary.reduced(key) for key in titles.values()}
    columns = {"loss": "js" if "distance" in values else command, "distance": "distance"}
    return Report(
        command,
        values["loss"],
        summary.considered,
        options.described(*named, classes=summary.stream.classes, device=execution.device)
        | {"reduction": summary.reduction}
        | dict(more or {}),
        unit=options.base.unit,
        fields={"reduction": summary.reduction}
        | {key: value for key, value in values.items() if key == "distance"}
        | skipped_field(summary.skipped, options),
        tables=quantity_tables(
            {title: summary.shown(key) for title, key in titles.items()}, summary, options.base.unit, []
        ),
        data=quantity_data({columns[key]: value for key, value in values.items()}, summary),
        per_sample=summary.reduction == "none",
        last_notes=partial(all_notes, summary, options),
    )
