"""The tallies of groups of samples, for the intervals of metrics that are not means (`statistics/jackknife.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cecli.comparing.batch_samples import BatchSamples
from cecli.comparing.metrics import Metric, MetricInputs, metric_of
from cecli.comparing.model_batches import ModelBatch, ModelTotals
from cecli.comparing.request import MetricRequest
from cecli.comparing.tallies import Tallies, tallies_of
from cecli.maths.namespace import Array, namespace, quiet, safe_product
from cecli.running.batches import Batch, Step
from cecli.running.options import Options
from cecli.statistics.jackknife import group_of, group_of_clusters, without_each
from cecli.statistics.sums import Sum, Totals

GroupTotals = tuple[Mapping[int, tuple[ModelTotals, Tallies]], ...]
"""Of each model what the samples of each group add up to."""


def merged(a: GroupTotals, b: GroupTotals) -> GroupTotals:
    """What the samples of both add up to."""
    return tuple(_merged(own, other) for own, other in zip(a, b, strict=True))


def _merged(
    own: Mapping[int, tuple[ModelTotals, Tallies]], other: Mapping[int, tuple[ModelTotals, Tallies]]
) -> dict[int, tuple[ModelTotals, Tallies]]:
    found = dict(own)
    for group, (totals, tallies) in other.items():
        found[group] = (own[group][0] + totals, own[group][1] + tallies) if group in own else (totals, tallies)
    return found


class GroupedTallies:
    """How the samples of a comparison fall into groups, for the metrics that need it."""

    def __init__(self, models: int, options: Options, request: MetricRequest, clustered: bool) -> None:
        self.models, self.options = models, options
        self.names = tuple(name for name in request.computed if _is_grouped(metric_of(name), clustered))
        self.request = request.replace(needs=frozenset(need for name in self.names for need in metric_of(name).needs))

    def of(self, step: Step, models: Sequence[ModelBatch]) -> GroupTotals:
        """What a step comes to; the samples of a cluster stay together."""
        parts: list[dict[int, tuple[ModelTotals, Tallies]]] = [{} for _ in range(self.models)]
        if not self.names:
            return tuple(parts)
        clusters = step.clusters
        groups = group_of(step.first, step.samples) if clusters is None else group_of_clusters(clusters)
        for group in np.unique(groups[models[0].counted]).tolist():
            chosen = np.flatnonzero(groups == group)
            for own, batch, model in zip(parts, step.batches, models, strict=True):
                own[group] = self._part(batch, model, chosen)
        return tuple(parts)

    def _part(self, batch: Batch, model: ModelBatch, chosen: np.ndarray) -> tuple[ModelTotals, Tallies]:
        """What some samples of a batch add up to."""
        part, rows = model.taken(chosen), batch.each(lambda array: _taken(array, chosen))
        return _totals(part), tallies_of(BatchSamples(rows, self.options, part, self.request))

    def without(
        self, groups: Mapping[int, tuple[ModelTotals, Tallies]], inputs: MetricInputs
    ) -> Mapping[str, list[float]]:
        """Each metric of a model without each group."""
        parts = [groups[group] for group in sorted(groups)]
        if len(parts) < 2:
            return {}
        totals, tallies = (without_each([part[i] for part in parts]) for i in (0, 1))
        each = [inputs.replace(totals=a, tallies=b) for a, b in zip(totals, tallies, strict=True)]
        return {name: [_number(metric_of(name).value(one)) for one in each] for name in self.names}


def _is_grouped(metric: Metric, clustered: bool) -> bool:
    """Whether nothing else knows how far a metric may be off."""
    return bool(metric.needs) and not metric.mean and (metric.shares is None or clustered)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _taken(array: Array, chosen: np.ndarray) -> Array:
    xp = namespace(array)
    return xp.take(array, xp.asarray(chosen, device=array.device), axis=0)


@quiet
def _totals(model: ModelBatch) -> ModelTotals:
    """The sums of a model's losses."""
    weight = model.counted.astype(np.float64) if model.weight is None else model.weight.astype(np.float64)
    weights = Sum.of(weight)
    wrong, squared, loss = (
        Totals(Sum.of(safe_product(weight, part.astype(np.float64))), weights)
        for part in (model.wrong, model.squared, model.loss)
    )
    return ModelTotals(wrong, squared, loss)
