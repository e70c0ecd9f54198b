"""What a step of all models comes to: everything that `compare` adds up, in one mergeable record."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from cecli.comparing.batch_samples import BatchSamples
from cecli.comparing.disagreement import Disagreement, disagreements
from cecli.comparing.first_samples import SampleRow, sample_rows
from cecli.comparing.grouped_tallies import GroupedTallies, GroupTotals, merged
from cecli.comparing.model_batches import ModelBatch, ModelTotals, model_batch
from cecli.comparing.one_each_batches import label_batch, score_batch
from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.pairs import Pairs, PairTotals, measures_of
from cecli.comparing.request import MetricRequest
from cecli.comparing.tallies import Tallies, tallies_of
from cecli.maths.namespace import on_cpu
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.batches import Batch, Step
from cecli.running.options import Options


class StepTotals(Record):
    """Of every model, in order, and of every pair what the samples come to; mergeable."""

    models: tuple[ModelTotals, ...]
    tallies: tuple[Tallies, ...]
    rows: tuple[tuple[SampleRow, ...], ...]
    """The first samples one by one."""
    groups: GroupTotals
    probable: tuple[bool, ...]
    """Whether all raw scores look like probabilities."""
    pairs: PairTotals
    disagreements: tuple[Disagreement, ...]
    samples: int
    ignored: int
    skipped: int
    slices: Mapping[str, StepTotals] = MappingProxyType({})
    """The same of the samples of each value of the column of `--by`."""

    @property
    def counts(self) -> bool:
        """Whether any sample counts."""
        return self.models[0].loss.weights.value > 0

    def __add__(self, other: StepTotals) -> StepTotals:
        both = {value: other.slices[value] for value in other.slices if value not in self.slices}
        for value, own in self.slices.items():
            both[value] = own + other.slices[value] if value in other.slices else own
        return StepTotals(
            tuple(a + b for a, b in zip(self.models, other.models, strict=True)),
            tuple(a + b for a, b in zip(self.tallies, other.tallies, strict=True)),
            tuple(a + b for a, b in zip(self.rows, other.rows, strict=True)),
            merged(self.groups, other.groups),
            tuple(a and b for a, b in zip(self.probable, other.probable, strict=True)),
            self.pairs + other.pairs,
            tuple(a + b for a, b in zip(self.disagreements, other.disagreements, strict=True)),
            self.samples + other.samples,
            self.ignored + other.ignored,
            self.skipped + other.skipped,
            both,
        )


class Design:
    """What is asked for of which models."""

    def __init__(
        self,
        target: Source | None,
        predictions: Mapping[str, Source],
        options: Options,
        paired: PairedTestOptions,
        request: MetricRequest,
    ) -> None:
        self.target, self.names, self.options, self.request = target, list(predictions), options, request
        losses = {name: measures_of(source) for name, source in predictions.items()}
        self.pairs = Pairs(self.names, paired, losses)
        self.groups = GroupedTallies(len(self.names), options, request, paired.cluster is not None)
        self.disagreements = disagreements(self.names, request.disagree or 0, losses)

    def of(self, step: Step) -> StepTotals:
        """What a step comes to."""
        models = [_model_batch(batch, self.options) for batch in step.batches]
        both = [*zip(step.batches, models, strict=True)]
        samples = [BatchSamples(batch, self.options, model, self.request) for batch, model in both]
        lead = step.batches[0]
        return StepTotals(
            tuple(model.totals for model in models),
            tuple(tallies_of(each) for each in samples),
            tuple(self._rows(batch, model) for batch, model in both),
            self.groups.of(step, models),
            tuple(batch.looks_probable for batch in step.batches),
            self.pairs.of(models, step),
            tuple(each.of(lead, models) for each in self.disagreements),
            step.samples,
            0 if lead.mask is None else int(np.sum(~on_cpu(lead.mask))),
            lead.skipped,
        )

    def slices_of(self, step: Step) -> dict[str, StepTotals]:
        """What the slices come to that come with a step."""
        found: dict[str, StepTotals] = {}
        for each in step.slices:
            totals = self.of(each)
            value = str(each.slice)
            found[value] = found[value] + totals if value in found else totals
        return found

    def _rows(self, batch: Batch, model: ModelBatch) -> tuple[SampleRow, ...]:
        if self.target is None:
            return ()
        return tuple(sample_rows(batch, model, self.target, self.request.kept_samples))


def _model_batch(batch: Batch, options: Options) -> ModelBatch:
    """What a batch gives, by what its values are."""
    of_one_each = {"labels": label_batch, "scores": score_batch}.get(batch.stream.kind)
    return model_batch(batch, options) if of_one_each is None else of_one_each(batch)
