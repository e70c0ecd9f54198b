"""Models on the same samples: what each adds up to, block by block; `pairs` folds what they differ by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cecli.compare.model_blocks import ModelBlock, ModelTotals, model_block
from cecli.compare.pairs import Design, Pairs
from cecli.compare.pictures import PictureTotals, picture_totals
from cecli.compare.tallies import Tally, Wanted, merged, tally
from cecli.compare.worst import Disagreement, disagreements
from cecli.errors import UsageError
from cecli.maths.namespace import Array, on_cpu
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.report import Cell, Given, Typed, Verdict
from cecli.running import batches as inputs
from cecli.running.batches import Input, Plan
from cecli.running.blocks import Block
from cecli.running.driver import block_placed, run
from cecli.running.options import Settings

SHOWN = 8
"""Samples shown one by one; of more, the summary comes first."""

NOTHING_MORE = Wanted()

SHOWN_CLASSES = 5
"""With more classes the sample rows show the probabilities that matter, not all."""

# --- one model and one pair of models, folded ---------------------------------------------------------------------


class Model:
    """A model of the comparison: its totals, and its first samples for the table."""

    def __init__(self, name: str, plan: Plan) -> None:
        self.name, self.plan = name, plan
        self.totals = ModelTotals()
        self.rows: list[tuple[Cell, ...]] = []
        self.metrics: dict[str, Any] = {}
        """Every number that was asked for; None where there is none."""
        self.tally: Tally = {}
        self.picture = PictureTotals()

    @property
    def classes(self) -> int:
        """The number of classes."""
        return self.plan.width

    def add(self, part: Input, found: ModelBlock, target: Source) -> None:
        """Folds in the next block."""
        missing = min(SHOWN - len(self.rows), part.block.samples)
        self.rows += [_sample_row(part, found, i, target) for i in range(missing)]
        self.totals = self.totals + found.totals
        if found.picture is not None:
            self.picture = self.picture + found.picture


class Comparison(Record):
    """All models and all pairs of them."""

    models: list[Model]
    pairs: Pairs
    samples: int
    ignored: int
    disagreements: Sequence[Disagreement] = ()


def evaluate_models(
    target: Source,
    predictions: Mapping[str, Source],
    settings: Settings,
    design: Design | None = None,
    wanted: Wanted = NOTHING_MORE,
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
    for step, found, more in _measured(inputs.steps(list(predictions.values()), settings, target), settings, wanted):
        if not models:
            models = [Model(name, part.plan) for name, part in zip(predictions, step, strict=True)]
        for model, part, one in zip(models, step, found, strict=True):
            model.add(part, one, target)
        pairs.add(found, step)
        for model, part_of_it in zip(models, more, strict=True):
            model.tally = merged(model.tally, part_of_it)
        for each in apart:
            each.add(step[0].block.first, found)
        samples += step[0].block.samples
        ignored += 0 if step[0].block.kept is None else int(np.sum(~on_cpu(step[0].block.kept)))
    pairs.finish(next(iter(predictions.values())))
    if models[0].totals.loss.weights.value == 0:
        raise inputs.nothing_left()
    for model in models:
        model.metrics = model.totals.metrics(settings)
    return Comparison(models, pairs, samples, ignored, apart)


class Step(Record):
    """The predictions of all models for the same samples."""

    inputs: list[Input]

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.inputs[0].samples

    def halves(self) -> tuple[Step, Step]:
        """The samples in two steps."""
        cut = [part.halves() for part in self.inputs]
        return Step([first for first, _ in cut]), Step([second for _, second in cut])


def _measured(
    steps: Iterable[list[Input]], settings: Settings, wanted: Wanted
) -> Iterator[tuple[list[Input], list[ModelBlock], list[Tally]]]:
    """Every step with what its blocks gave and what was added up beyond the summary, in order."""

    def work(step: Step) -> tuple[list[Input], list[ModelBlock], list[Tally]]:
        blocks = [block_placed(part.block, settings) for part in step.inputs]
        found = [_model_block(block, settings) for block in blocks]
        return (
            step.inputs,
            found,
            [tally(block, settings, one, wanted) for block, one in zip(blocks, found, strict=True)],
        )

    return run(work, map(Step, steps), settings)


def _model_block(block: Block, settings: Settings) -> ModelBlock:
    """What a block of one model gave, with what a picture needs where one is asked for."""
    found = model_block(block, settings)
    return found.replace(picture=picture_totals(block, found, settings)) if settings.pictured else found


# --- the first samples, for the table ------------------------------------------------------------------------------


def _sample_row(part: Input, found: ModelBlock, i: int, target: Source) -> tuple[Cell, ...]:
    """One sample of one model."""
    block = part.block
    sample = block.first + i
    prediction = _row_cell(part.plan.source, block.prediction, i, sample, int(found.chosen[i]))
    if block.kept is not None and not bool(block.kept[i]):
        return (str(sample + 1), prediction, "left out", None, None)
    if block.labels is not None:
        expected: Cell = part.plan.class_name(int(block.labels[i]))
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
