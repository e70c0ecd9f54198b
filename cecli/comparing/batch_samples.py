"""The samples of a batch as the tallies see them: one NumPy number each, made where it is asked for."""

from __future__ import annotations

import numpy as np

from cecli.comparing.model_batches import ModelBatch
from cecli.comparing.request import MetricRequest
from cecli.maths.losses import ClassPrediction
from cecli.maths.namespace import Array, namespace, on_cpu, safe_product
from cecli.quantities.predictions import with_prediction
from cecli.quantities.states import State, Terms, state_of
from cecli.reading.checks import MOST_CLASSES
from cecli.record import computed_once
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.statistics.sums import Sum, Totals


class BatchSamples:
    """A batch of one model, with what is known of its samples and what is asked for."""

    def __init__(self, batch: Batch, options: Options, model: ModelBatch, request: MetricRequest) -> None:
        self.batch, self.options, self.model, self.request = batch, options, model, request

    @computed_once
    def are_labels(self) -> bool:
        """Whether labels were predicted, and no probabilities."""
        return self.batch.stream.kind == "labels"

    @computed_once
    def classes(self) -> int:
        """How many classes there are; beside predicted labels alone, how many the batch shows."""
        if not self.are_labels:
            return int(self.batch.prediction.shape[-1])
        if self.batch.stream.width < MOST_CLASSES:
            return self.batch.stream.width
        return 1 + int(max(np.max(self.model.expected), np.max(self.model.chosen)))

    @computed_once
    def state(self) -> State[ClassPrediction, Terms]:
        """The samples with what is predicted of every class."""
        return with_prediction(state_of(self.batch, self.options))

    @property
    def predicted(self) -> ClassPrediction:
        """What is predicted of every class."""
        return self.state.prediction

    @computed_once
    def target(self) -> Array:
        """The targets as distributions."""
        return self.batch.target_rows

    @computed_once
    def weight(self) -> np.ndarray:
        """What each sample counts: 0 where it is left out."""
        weight = np.ones(self.batch.samples) if self.batch.weights is None else on_cpu(self.batch.weights)
        return np.where(self.model.counted, weight, 0.0).astype(np.float64)

    @computed_once
    def weights(self) -> Sum:
        """What they count together."""
        return Sum.of(self.weight)

    @computed_once
    def probability(self) -> np.ndarray:
        """All probabilities, (N, K)."""
        return on_cpu(self.predicted.probability).astype(np.float64)

    @computed_once
    def rows(self) -> np.ndarray:
        """All targets, (N, K)."""
        return on_cpu(self.target).astype(np.float64)

    @computed_once
    def confidence(self) -> np.ndarray:
        """The largest probability of each sample."""
        probability = self.predicted.probability
        return on_cpu(namespace(probability).max(probability, axis=-1)).astype(np.float64)

    @computed_once
    def expected(self) -> Array:
        """The class that each target expects, where the prediction is."""
        return namespace(self.target).argmax(self.target, axis=-1)

    def weighted(self, values: np.ndarray) -> np.ndarray:
        """weight · value, 0 where the weight is."""
        return on_cpu(safe_product(self.weight, values.astype(np.float64)))

    def totals(self, values: np.ndarray) -> Totals:
        """The totals of one number per sample."""
        return Totals(Sum.of(self.weighted(values)), self.weights)
