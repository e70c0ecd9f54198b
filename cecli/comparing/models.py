"""Models on the same samples: one pass over them, folded into what each model and each pair adds up to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

import numpy as np

from cecli.comparing.batch_samples import BatchSamples
from cecli.comparing.disagreement import Disagreement, disagreements
from cecli.comparing.first_samples import SampleRow, sample_rows
from cecli.comparing.grouped_tallies import GroupedTallies
from cecli.comparing.grouping import grouped, in_order
from cecli.comparing.metrics import SUMMARY, MetricInputs, metric_of, values_of
from cecli.comparing.model_batches import ModelBatch, ModelTotals, model_batch
from cecli.comparing.one_each_batches import label_batch, score_batch
from cecli.comparing.paired_options import ALL_PAIRS, PairedTestOptions
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.pairs import Pairs, measures_of
from cecli.comparing.request import NOTHING_MORE, MetricRequest
from cecli.comparing.tallies import Tallies, tallies_of
from cecli.errors import UsageError
from cecli.maths.namespace import on_cpu
from cecli.reading.checks import MOST_CLASSES
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.batches import Batch, Step
from cecli.running.driver import run
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.streams import PredictionStream
from cecli.running.targets import nothing_left
from cecli.running.walk import walk

SAME = 1e-12
"""Values within this relative distance share the best place: they differ by their rounding."""


class Model(MetricInputs):
    """A model of the comparison: what it adds up to, its metrics, and its first samples."""

    name: str
    stream: PredictionStream
    metrics: Mapping[str, float | None]
    """Every number that was asked for; None where there is none."""
    rows: Sequence[SampleRow]
    looks_probable: bool
    """Whether all its raw scores look like probabilities."""
    without: Mapping[str, Sequence[float]]
    """Metrics that are not means, without each group of samples."""

    def number(self, metric: str) -> float:
        """A metric as a number: NaN where there is none, which no metric of the summary is."""
        value = self.metrics[metric]
        return math.nan if value is None else value


class Comparison(Record):
    """All models and all pairs of them."""

    models: list[Model]
    paired: PairedTest
    samples: int
    """Without those that have a missing value."""
    ignored: int
    skipped: int
    """Samples with a missing value."""
    disagreements: Sequence[Disagreement] = ()
    metric: str | None = None
    """The one metric that was asked for, if one was."""
    slices: Mapping[str, Comparison] = MappingProxyType({})
    """The same of the samples of each value of the column of `--by`."""

    @property
    def counted(self) -> int:
        """The samples that are not left out."""
        return self.samples - self.ignored

    @property
    def probabilistic(self) -> list[Model]:
        """The models that gave probabilities."""
        return [model for model in self.models if model.gives == "probabilities"]

    @cached_property
    def winners(self) -> dict[str, list[str]]:
        """For each metric of which one value is the better the names of the models that share the best one."""
        winners = {}
        for name in self.models[0].metrics:
            better = metric_of(name).better
            known = [value for model in self.models if (value := model.metrics[name]) is not None]
            if better and (known or name in SUMMARY):
                best = (min(known) if better == "less" else max(known)) if known else None
                winners[name] = [model.name for model in self.models if is_same(model.metrics[name], best)]
        return winners


def is_same(a: float | None, b: float | None) -> bool:
    """Whether two values differ by their rounding at most."""
    return a is not None and b is not None and (a == b or math.isclose(a, b, rel_tol=SAME))


def evaluate_models(
    target: Source | None,
    predictions: Mapping[str, Source],
    options: Options,
    execution: Execution,
    paired: PairedTestOptions = ALL_PAIRS,
    request: MetricRequest = NOTHING_MORE,
) -> Comparison:
    """All models' numbers in one pass, in the order given; they must have as many samples and classes."""
    if not predictions:
        raise UsageError(
            "compare needs at least one prediction",
            hint="cecli compare TARGET MODEL1 MODEL2, or cecli compare --example",
        )
    fold, of_slices = _Fold(target, predictions, paired, request, options), request.of_slices()
    slices: dict[str, _Fold] = {}
    steps = walk(list(predictions.values()), options, execution, target)
    steps = grouped(steps, paired.cluster, request.by, next(iter(predictions.values())))
    for evaluated in run(
        lambda step: _evaluated(step, options, of_slices if step.slice else request), steps, execution
    ):
        value = evaluated.step.slice
        if value is None:
            fold.add(evaluated)
        else:
            slices.setdefault(value, _Fold(None, predictions, paired, of_slices, options)).add(evaluated)
    known = {value: slices[value].comparison(options) for value in in_order(slices) if slices[value].counts}
    return fold.comparison(options).replace(slices=known)


# --- step by step -------------------------------------------------------------------------------------------------


class EvaluatedStep(Record):
    """A step, and what it gave of every model."""

    step: Step
    models: list[ModelBatch]
    tallies: list[Tallies]


def _evaluated(step: Step, options: Options, request: MetricRequest) -> EvaluatedStep:
    models = [_model_batch(batch, options) for batch in step.batches]
    pairs = zip(step.batches, models, strict=True)
    tallies = [tallies_of(BatchSamples(batch, options, model, request)) for batch, model in pairs]
    return EvaluatedStep(step, models, tallies)


def _model_batch(batch: Batch, options: Options) -> ModelBatch:
    """What a batch gives, by what its values are."""
    of_one_each = {"labels": label_batch, "scores": score_batch}.get(batch.stream.kind)
    return model_batch(batch, options) if of_one_each is None else of_one_each(batch)


class _Fold:
    """Steps, folded into a comparison."""

    def __init__(
        self,
        target: Source | None,
        predictions: Mapping[str, Source],
        paired: PairedTestOptions,
        request: MetricRequest,
        options: Options,
    ) -> None:
        names = list(predictions)
        self.target, self.names, self.request = target, names, request
        losses = {name: measures_of(source) for name, source in predictions.items()}
        self.pairs = Pairs(names, paired, losses)
        self.grouped = GroupedTallies(len(names), options, request, paired.cluster is not None)
        self.disagreements = disagreements(names, request.disagree or 0, losses)
        self.last: Step | None = None
        self.totals = [ModelTotals()] * len(names)
        self.tallies = [Tallies()] * len(names)
        self.rows: list[list[SampleRow]] = [[] for _ in names]
        self.samples = self.ignored = self.skipped = 0

    def add(self, evaluated: EvaluatedStep) -> None:
        """Folds in the next step."""
        self.last = step = evaluated.step
        if self.target is not None:
            for rows, batch, model in zip(self.rows, step.batches, evaluated.models, strict=True):
                rows.extend(sample_rows(batch, model, self.target, self.request.kept_samples))
        self.totals = [total + model.totals for total, model in zip(self.totals, evaluated.models, strict=True)]
        self.tallies = [tally + part for tally, part in zip(self.tallies, evaluated.tallies, strict=True)]
        self.pairs.add(evaluated.models, step)
        self.grouped.add(step, evaluated.models)
        self.disagreements = [each + each.of(step.first, evaluated.models) for each in self.disagreements]
        mask = step.batches[0].mask
        self.samples += step.samples
        self.ignored += 0 if mask is None else int(np.sum(~on_cpu(mask)))
        self.skipped += step.batches[0].skipped

    def _classes(self) -> int:
        """How many classes there are: where predicted labels are all there is, as many as were seen."""
        assert self.last is not None
        width = self.last.batches[0].stream.width
        return width if width < MOST_CLASSES else max(total.classes for total in self.totals)

    @property
    def counts(self) -> bool:
        """Whether any sample counts."""
        return self.totals[0].loss.weights.value > 0

    def comparison(self, options: Options) -> Comparison:
        """What all steps come to."""
        if self.last is None or not self.counts:
            raise nothing_left()
        classes = self._classes()
        parts = zip(self.names, self.last.batches, self.totals, self.tallies, self.rows, strict=True)
        models: list[Model] = []
        for name, batch, totals, tallies, rows in parts:
            inputs = MetricInputs(totals, tallies, options.base, classes, batch.stream.gives)
            metrics = values_of(inputs, self.request.computed)
            model = Model(
                **inputs._asdict(),
                name=name,
                stream=batch.stream,
                metrics=metrics,
                rows=rows,
                looks_probable=batch.looks_probable,
                without=self.grouped.without(len(models), inputs),
            )
            models.append(model)
        test, disagreements = PairedTest(self.pairs), self.disagreements
        counts = self.samples - self.skipped, self.ignored - self.skipped, self.skipped
        return Comparison(models, test, *counts, disagreements, self.request.only)
