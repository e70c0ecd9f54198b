"""What a batch of predicted labels gives: right or wrong, and no loss."""

from __future__ import annotations

import math

import numpy as np

from cecli.comparing.model_batches import ModelBatch, ModelTotals
from cecli.maths.namespace import Array, namespace, on_cpu, quiet, row_sum
from cecli.running.batches import Batch
from cecli.statistics.sums import Sum, Totals


@quiet
def label_batch(batch: Batch) -> ModelBatch:
    """The errors of a batch of predicted labels; the losses are NaN."""
    xp = namespace(batch.prediction)
    chosen = xp.astype(batch.prediction[:, 0], xp.int64)
    expected = xp.argmax(batch.target_rows, axis=-1) if batch.labels is None else batch.labels
    weight = _weights(batch)
    right, counted = chosen == expected, weight > 0
    wrong = xp.astype(~right, xp.float64)
    sums = Totals.of(weight * wrong, weight)
    errors = int(xp.sum(xp.astype(~right & counted, xp.int64)))
    none = Totals(Sum(math.nan), sums.weights)
    classes = 1 + int(max(xp.max(chosen), xp.max(expected)))
    totals = ModelTotals(sums, none, none, errors, classes=classes)
    no_loss = np.full(batch.samples, math.nan)
    right, chosen, expected, counted, weight = map(on_cpu, (right, chosen, expected, counted, weight))
    own = None if batch.weights is None else weight
    return ModelBatch(totals, no_loss, right, chosen, expected, counted, squared=no_loss, weight=own)


def _weights(batch: Batch) -> Array:
    """What each sample counts in a mean: as beside probabilities."""
    xp = namespace(batch.prediction)
    weight = xp.ones_like(batch.prediction[:, 0]) if batch.target is None else row_sum(batch.target_rows)
    if batch.weights is not None:
        weight = weight * xp.astype(batch.weights, weight.dtype)
    return weight if batch.mask is None else xp.where(batch.mask, weight, xp.zeros_like(weight))
