"""Models on the same samples: what each adds up to, block by block; `pairs` folds what they differ by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cecli.comparing.model_blocks import ModelBlock, ModelTotals, model_block
from cecli.comparing.pairs import Design, Pairs
from cecli.comparing.pictures import PictureTotals, picture_totals
from cecli.comparing.tallies import Tally, Wanted, merged, tally
from cecli.comparing.worst import Disagreement, disagreements
from cecli.errors import UsageError
from cecli.maths.namespace import Array, on_cpu
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Cell, Given, Typed, Verdict
from cecli.running.batches import Batch, Step
from cecli.running.driver import run
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.streams import PredictionStream
from cecli.running.targets import nothing_left
from cecli.running.walk import walk

SHOWN = 8
"""Samples shown one by one; of more, the summary comes first."""

NOTHING_MORE = Wanted()

SHOWN_CLASSES = 5
"""With more classes the sample rows show the probabilities that matter, not all."""

# --- one model and one pair of models, folded ---------------------------------------------------------------------


class Model:
    """A model of the comparison: its totals, and its first samples for the table."""

    def __init__(self, name: str, plan: PredictionStream) -> None:
        self.name, self.stream = name, plan
        self.totals = ModelTotals()
        self.rows: list[tuple[Cell, ...]] = []
        self.metrics: dict[str, Any] = {}
        """Every number that was asked for; None where there is none."""
        self.tally: Tally = {}
        self.picture = PictureTotals()
        self.looks_probable = False

    @property
    def classes(self) -> int:
        """The number of classes."""
        return self.stream.width

    def add(self, part: Batch, found: ModelBlock, target: Source) -> None:
        """Folds in the next block."""
        missing = min(SHOWN - len(self.rows), part.samples)
        self.rows += [_sample_row(part, found, i, target) for i in range(missing)]
        self.totals = self.totals + found.totals
        self.looks_probable = part.looks_probable
        if found.picture is not None:
            self.picture = self.picture + found.picture


class Comparison(Record):
    """All models and all pairs of them."""

    models: list[Model]
    pairs: Pairs
    samples: int
    ignored: int
    disagreements: Sequence[Disagreement] = ()
    metric: str | None = None
    """The one metric that was asked for, if one was."""


def evaluate_models(
    target: Source,
    predictions: Mapping[str, Source],
    options: Options,
    execution: Execution,
    design: Design | None = None,
    wanted: Wanted = NOTHING_MORE,
    pictured: bool = False,
) -> Comparison:
    """All models' numbers in one pass, in the order given; they must have as many samples and classes."""
    if not predictions:
        raise UsageError(
            "compare needs at least one prediction",
            hint="cecli compare TARGET MODEL1 MODEL2, or cecli compare --example",
        )
    models: list[Model] = []
    pairs = Pairs(list(predictions), design or Design())
    apart = disagreements(list(predictions), wanted.disagree)
    samples = ignored = 0
    steps = walk(list(predictions.values()), options, execution, target)
    for each_step in _measured(steps, options, execution, wanted, pictured):
        step, found, more = each_step.step.batches, each_step.blocks, each_step.tallies
        if not models:
            models = [Model(name, part.stream) for name, part in zip(predictions, step, strict=True)]
        for model, part, one in zip(models, step, found, strict=True):
            model.add(part, one, target)
        pairs.add(found, step)
        for model, part_of_it in zip(models, more, strict=True):
            model.tally = merged(model.tally, part_of_it)
        for each in apart:
            each.add(step[0].first, found)
        samples += step[0].samples
        ignored += 0 if step[0].mask is None else int(np.sum(~on_cpu(step[0].mask)))
    pairs.finish(next(iter(predictions.values())))
    if models[0].totals.loss.weights.value == 0:
        raise nothing_left()
    for model in models:
        model.metrics = model.totals.metrics(options)
    return Comparison(models, pairs, samples, ignored, apart)


class ModelsBlock(Record):
    """What a step gave of every model, and what was added up beyond the summary."""

    step: Step
    blocks: list[ModelBlock]
    tallies: list[Tally]


def _measured(
    steps: Iterable[Step], options: Options, execution: Execution, wanted: Wanted, pictured: bool
) -> Iterator[ModelsBlock]:
    """Every step with what its batches gave, in order."""

    def work(step: Step) -> ModelsBlock:
        found = [_model_block(batch, options, pictured) for batch in step.batches]
        pairs = zip(step.batches, found, strict=True)
        return ModelsBlock(step, found, [tally(batch, options, one, wanted) for batch, one in pairs])

    return run(work, steps, execution)


def _model_block(batch: Batch, options: Options, pictured: bool) -> ModelBlock:
    """What a batch of one model gave, with what a picture needs where one is asked for."""
    found = model_block(batch, options)
    return found.replace(picture=picture_totals(batch, found, options)) if pictured else found


# --- the first samples, for the table ------------------------------------------------------------------------------


def _sample_row(part: Batch, found: ModelBlock, i: int, target: Source) -> tuple[Cell, ...]:
    """One sample of one model."""
    block = part
    sample = block.first + i
    prediction = _row_cell(part.stream.source, block.prediction, i, sample, int(found.chosen[i]))
    if block.mask is not None and not bool(block.mask[i]):
        return (str(sample + 1), prediction, "left out", None, None)
    if block.labels is not None:
        expected: Cell = part.stream.class_name(int(block.labels[i]))
    else:
        expected = _row_cell(target, block.target, i, sample, int(found.expected[i]))
    return (str(sample + 1), prediction, expected, Verdict(bool(found.right[i])), float(found.loss[i]))


def _row_cell(source: Source, values: Array, i: int, sample: int, chosen: int) -> Cell:
    """A row of values, as typed where it was; of many classes the largest alone."""
    width = int(values.shape[-1])
    shown = range(width) if width <= SHOWN_CLASSES else [chosen]
    more = "" if width <= SHOWN_CLASSES else f" (largest of {width})"
    texts = [source.shown(sample, k) for k in shown]
    if None in texts:
        return Given(tuple(float(values[i, k]) for k in shown), more)
    return Typed(", ".join(text or "" for text in texts) + more)
