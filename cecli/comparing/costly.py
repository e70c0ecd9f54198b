"""The samples that cost a model most."""

from __future__ import annotations

import numpy as np

from cecli.comparing.batch_samples import BatchSamples
from cecli.maths.namespace import at_labels, on_cpu
from cecli.record import Record


class Costly(Record):
    """A sample that cost a model much."""

    sample: int
    expected: int
    chosen: int
    probability: float
    loss: float
    where: str | None
    """What finds it, apart from its number."""


class Costliest(Record):
    """The samples of the largest losses, the largest first; of the same loss the earlier. Mergeable."""

    limit: int
    rows: tuple[Costly, ...]

    @classmethod
    def of(cls, samples: BatchSamples) -> Costliest:
        """Those of a batch."""
        model, seen, limit = samples.model, samples.batch.seen, samples.request.worst or 0
        assert seen is not None
        own = on_cpu(at_labels(samples.predicted.probability, samples.expected))[:, 0]
        rows = [
            Costly(
                samples.batch.first + i,
                int(model.expected[i]),
                int(model.chosen[i]),
                float(own[i]),
                float(model.loss[i]),
                seen.found_at(samples.batch.first + i),
            )
            for i in largest(np.where(model.counted, model.loss, -1.0), limit)
            if model.counted[i]
        ]
        return cls(limit, tuple(rows))

    def __add__(self, other: Costliest) -> Costliest:
        rows = sorted(self.rows + other.rows, key=lambda row: (-row.loss, row.sample))
        return Costliest(self.limit, tuple(rows[: self.limit]))


def largest(values: np.ndarray, count: int) -> list[int]:
    """Where the largest values stand, in order; of the same value the earlier first."""
    if len(values) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        candidates = np.flatnonzero(values >= least)
    else:
        candidates = np.arange(len(values))
    order: list[int] = candidates[np.argsort(-values[candidates], kind="stable")][:count].tolist()
    return order
