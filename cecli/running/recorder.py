"""The samples that pass a walk, recorded: for the working, and for the search for mistakes.

A recorder is an observer of the walk. All samples of a small input are recorded, of a large one the first and the last.
"""

from __future__ import annotations

from cecli.record import Record, computed_once
from cecli.running.batches import Batch, Step, joined

MOST_VALUES = 20_000
"""Inputs of more values are too large to look for a mistake in."""

SHOWN_ALL, SHOWN_FIRST = 6, 4
"""Of more samples than SHOWN_ALL the working shows the first and the last."""


class ShownSample(Record):
    """A sample of the working: its number in the whole input, and what each prediction says of it."""

    sample: int
    batches: list[Batch]
    """Of every prediction the batch of this one sample."""


class SampleRecorder:
    """Steps that have passed."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self.most = most
        """Inputs of more values are not recorded whole."""
        self.steps: list[Step] = []
        self.last: Step | None = None
        self.values = 0
        self.samples = 0

    def __call__(self, step: Step) -> None:
        """The next step."""
        self.last = step
        rows, width = step.batches[0].prediction.shape
        self.values += int(rows) * int(width) * len(step.batches)
        if self.is_whole or self.samples < SHOWN_FIRST:
            self.steps.append(step)
        self.samples += int(rows)

    @property
    def is_whole(self) -> bool:
        """Whether every sample was recorded."""
        return self.values <= self.most

    @computed_once
    def shown(self) -> list[ShownSample]:
        """The samples that the working shows, once all have passed."""
        few = self.samples <= SHOWN_ALL
        chosen = [*range(self.samples)] if few else [*range(SHOWN_FIRST), self.samples - 1]
        steps = [*self.steps, *([self.last] if self.last is not None else [])]
        return [_only(next(step for step in steps if sample < step.first + step.samples), sample) for sample in chosen]

    @property
    def hidden(self) -> int:
        """How many samples the working does not show."""
        return 0 if self.samples <= SHOWN_ALL else self.samples - SHOWN_FIRST - 1

    def whole(self) -> list[Batch]:
        """Of every prediction all samples in one batch."""
        return [joined(column) for column in zip(*(step.batches for step in self.steps), strict=True)]


def _only(step: Step, sample: int) -> ShownSample:
    """One sample of a step."""
    at = sample - step.first
    return ShownSample(sample, [batch.part(at, at + 1) for batch in step.batches])
