"""Models on the same samples: one pass over them, folded into what each model and each pair adds up to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cecli.comparing.disagreement import Disagreement
from cecli.comparing.first_samples import SampleRow
from cecli.comparing.grouping import GroupedWalk, in_order
from cecli.comparing.metrics import SUMMARY, MetricInputs, metric_of, values_of
from cecli.comparing.paired_options import ALL_PAIRS, PairedTestOptions
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.request import NOTHING_MORE, MetricRequest
from cecli.comparing.step_totals import Design, StepTotals
from cecli.errors import UsageError
from cecli.reading.checks import MOST_CLASSES
from cecli.reading.sources import Source
from cecli.record import Record, computed_once
from cecli.running.driver import folded
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.streams import PredictionStream
from cecli.running.targets import nothing_left

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

    @computed_once
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
    design = Design(target, predictions, options, paired, request)
    of_slices = Design(None, predictions, options, paired, request.of_slices())
    sources = list(predictions.values())
    walk = GroupedWalk(sources, options, execution, target, clusters=paired.cluster, by=request.by)
    found = folded(lambda step: design.of(step).replace(slices=of_slices.slices_of(step)), walk, execution)
    slices = {value: found.slices[value] for value in in_order(found.slices) if found.slices[value].counts}
    known = {value: _comparison(of_slices, each, walk.streams) for value, each in slices.items()}
    return _comparison(design, found, walk.streams).replace(slices=known)


def _comparison(design: Design, found: StepTotals, streams: Sequence[PredictionStream]) -> Comparison:
    """What all steps come to."""
    if not found.counts:
        raise nothing_left()
    width = streams[0].width
    classes = width if width < MOST_CLASSES else max(totals.classes for totals in found.models)
    models: list[Model] = []
    for name, stream, totals, tallies, rows, groups, probable in zip(
        design.names, streams, found.models, found.tallies, found.rows, found.groups, found.probable, strict=True
    ):
        inputs = MetricInputs(totals, tallies, design.options.base, classes, stream.gives)
        model = Model(
            **inputs._asdict(),
            name=name,
            stream=stream,
            metrics=values_of(inputs, design.request.computed),
            rows=rows,
            looks_probable=probable,
            without=design.groups.without(groups, inputs),
        )
        models.append(model)
    counts = found.samples - found.skipped, found.ignored - found.skipped, found.skipped
    test = PairedTest(design.pairs, found.pairs)
    return Comparison(models, test, *counts, found.disagreements, design.request.only)
