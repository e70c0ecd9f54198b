"""A call with all its samples: what the search for mistakes starts from, so that it does not read the input again."""

from __future__ import annotations

from cecli.maths.namespace import Array
from cecli.report import Question
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.running.recorder import SampleRecorder


class Problem(Question):
    """All samples of a call, checked, and the options that shape its number."""

    command: str
    batches: tuple[Batch, ...]
    """One of all samples; for `compare` one for each model, with the same target in all. `entropy` has P as its prediction,
    `kl` P as its target and Q as its prediction. Predictions are as they are used: after `--normalize`, before `--logits` and `--eps`."""
    options: Options
    class_weights: Array | None = None
    reduction: str = "mean"
    metric: str = "cross_entropy"
    """`compare --metric`."""
    bins: int = 0
    """How many bins a metric of `compare` has."""
    of: str = "gradient"
    """`grad --of`."""
    inputs: Array | None = None
    """`grad --x`: a row for each sample."""


def problem_of(
    command: str,
    recorder: SampleRecorder,
    options: Options,
    class_weights: Array | None = None,
    reduction: str = "mean",
    metric: str = "cross_entropy",
    bins: int = 0,
    of: str = "gradient",
    inputs: Array | None = None,
) -> Problem | None:
    """The problem that a call poses; None where it has too many values to look for a mistake in."""
    if not recorder.is_whole:
        return None
    return Problem(command, tuple(recorder.whole()), options, class_weights, reduction, metric, bins, of, inputs)
