"""What `compare` is asked for beyond its summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cecli.record import Record

if TYPE_CHECKING:
    from cecli.reading.sources import Source

BINS, MOST_BINS = 15, 1_000
MOST_LISTED = 100_000
FEW_SAMPLES = 20
"""Up to so many samples are shown one by one, before all else."""
MOST_CONFUSED = 2_000
"""Classes up to which a confusion matrix is kept."""

TOP = re.compile(r"top_?([1-9]\d*)(_accuracy)?")


class MetricRequest(Record):
    """Metrics, lists and a picture, as they were named; `metric_names.resolved` checks them for the classes at hand."""

    metrics: tuple[str, ...] = ()
    """Any of their names; once resolved, the rows of the table beyond the summary."""
    only: str | None = None
    """The metric that is wanted alone (`--metric`)."""
    bins: int | None = None
    worst: int | None = None
    """How many of the samples that cost most are listed, for each model."""
    disagree: int | None = None
    """How many of the samples where losses differ most are listed, for each pair."""
    sort: str | None = None
    """The metric that models are put in order by, and compared by."""
    samples: int | None = None
    """How many of the first samples are shown one by one; None for all of a few, and none of many."""
    pairs: bool = False
    """Whether the statistics of every pair are shown."""
    by_class: bool = False
    confusion: bool = False
    picture: bool = False
    picture_in_text: bool = False
    """Whether the picture is drawn in the terminal, and its tables beside it elsewhere."""
    by: Source | None = None
    """The column whose values are the slices."""
    scores: bool = False
    """Whether the sources are scores, and there is no target (`--scores`)."""
    judged: tuple[str, ...] = ()
    """Metrics that a condition of `--fail-if` names: computed, and in JSON, whether or not a table shows them."""
    needs: frozenset[str] = frozenset()
    """Once resolved, the names of the sums that all this is computed from."""

    def of_slices(self) -> MetricRequest:
        """What is asked for of each slice: the numbers, and no samples or picture."""
        needs = self.needs - {"costliest", "picture"}
        return self.replace(worst=None, disagree=None, picture=False, by=None, needs=needs)

    @property
    def kept_samples(self) -> int:
        """How many of the first samples are kept, in case that they are shown."""
        return FEW_SAMPLES if self.samples is None else self.samples

    @property
    def bin_count(self) -> int:
        """The bins of equal width that confidences, or probabilities, fall into."""
        return self.bins or BINS

    @property
    def computed(self) -> tuple[str, ...]:
        """The metrics beyond the summary that are computed, each once."""
        return tuple(dict.fromkeys((*self.metrics, *self.judged)))

    @property
    def tops(self) -> tuple[int, ...]:
        """Each k of the top-k accuracies."""
        return tuple(int(top[1]) for name in self.computed if (top := TOP.fullmatch(name)))


NOTHING_MORE = MetricRequest()
