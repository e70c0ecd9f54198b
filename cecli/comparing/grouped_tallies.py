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
from cecli.statistics.sums import Totals


class GroupedTallies:
    """What the samples of each group add up to, of each model."""

    def __init__(self, models: int, options: Options, request: MetricRequest, clustered: bool) -> None:
        self.options, self.request = options, request
        self.names = tuple(name for name in request.computed if _is_grouped(metric_of(name), clustered))
        self.parts: list[dict[int, tuple[ModelTotals, Tallies]]] = [{} for _ in range(models)]

    def add(self, step: Step, models: Sequence[ModelBatch]) -> None:
        """Folds in a step; the samples of a cluster stay together."""
        if not self.names:
            return
        clusters = step.clusters
        groups = group_of(step.first, step.samples) if clusters is None else group_of_clusters(clusters)
        for group in np.unique(groups[models[0].counted]).tolist():
            chosen = np.flatnonzero(groups == group)
            for own, batch, model in zip(self.parts, step.batches, models, strict=True):
                found = self._part(batch, model, chosen)
                own[group] = (own[group][0] + found[0], own[group][1] + found[1]) if group in own else found

    def _part(self, batch: Batch, model: ModelBatch, chosen: np.ndarray) -> tuple[ModelTotals, Tallies]:
        """What some samples of a batch add up to."""
        part, rows = model.taken(chosen), batch.each(lambda array: _taken(array, chosen))
        return _totals(part), tallies_of(BatchSamples(rows, self.options, part, self.request))

    def without(self, model: int, inputs: MetricInputs) -> Mapping[str, list[float]]:
        """Each metric of a model without each group."""
        parts = [self.parts[model][group] for group in sorted(self.parts[model])]
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
    wrong, squared, loss = (
        Totals.of(safe_product(weight, part.astype(np.float64)), weight)
        for part in (model.wrong, model.squared, model.loss)
    )
    return ModelTotals(wrong, squared, loss)
