"""What a batch of one value per sample gives: predicted labels are right or wrong and have no loss, scores are scores."""

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
    sums = Totals.of(weight * xp.astype(~right, xp.float64), weight)
    errors = int(xp.sum(xp.astype(~right & counted, xp.int64)))
    classes = 1 + int(max(xp.max(chosen), xp.max(expected)))
    totals = without_losses(sums.weights).replace(wrong=sums, errors=errors, classes=classes)
    right, chosen, expected, counted, weight = map(on_cpu, (right, chosen, expected, counted, weight))
    no_loss = np.full(batch.samples, math.nan)
    own = None if batch.weights is None else weight
    return ModelBatch(totals, no_loss, right, chosen, expected, counted, squared=no_loss, weight=own)


@quiet
def score_batch(batch: Batch) -> ModelBatch:
    """The scores of a batch; there is nothing else, and no sample is right or wrong."""
    weight = _weights(batch)
    score = namespace(weight).astype(batch.prediction[:, 0], weight.dtype)
    sums = Totals.of(weight * score, weight)
    totals = without_losses(sums.weights).replace(score=sums)
    score, weight = on_cpu(score).astype(np.float64), on_cpu(weight)
    totals = totals.replace(largest=float(np.max(np.abs(score), initial=0.0, where=weight > 0)))
    none, no_loss = np.zeros(batch.samples, dtype=np.int64), np.full(batch.samples, math.nan)
    own = None if batch.weights is None else weight
    return ModelBatch(totals, no_loss, none > 0, none, none, weight > 0, squared=no_loss, weight=own, score=score)


def without_losses(weights: Sum) -> ModelTotals:
    """Totals of so much weight, whose losses are NaN."""
    none = Totals(Sum(math.nan), weights)
    return ModelTotals(none, none, none)


def _weights(batch: Batch) -> Array:
    """What each sample counts in a mean: as beside probabilities."""
    xp = namespace(batch.prediction)
    weight = xp.ones_like(batch.prediction[:, 0]) if batch.target is None else row_sum(batch.target_rows)
    if batch.weights is not None:
        weight = weight * xp.astype(batch.weights, weight.dtype)
    return weight if batch.mask is None else xp.where(batch.mask, weight, xp.zeros_like(weight))
