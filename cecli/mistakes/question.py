"""What was asked, with every value that the answer is made of.

The working shows these values and the search for mistakes varies them; both start from here, so that neither reads the input again.
"""

from __future__ import annotations

from typing import Any

from cecli.maths.namespace import Array
from cecli.maths.units import NATS, Base
from cecli.record import Record
from cecli.running.batches import Batch
from cecli.running.options import Options
from cecli.running.recorder import SampleRecorder

METRICS = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")
"""The metrics of `compare` that have a working, and whose mistakes are known; for each of them less is better."""


class Question(Record):
    """All samples of a call, checked, and the options that shape its number, each under the name that the user knows."""

    command: str
    """`softmax`, `entropy`, `xent`, `kl`, `bce`, `compare` or `grad`."""
    blocks: tuple[Batch, ...]
    """One block of all samples; for `compare` one for each model, with the same target in all. `entropy` has P as its prediction,
    `kl` P as its target and Q as its prediction. Predictions are as they are used: after `--normalize`, before `--logits` and `--eps`."""
    raw: tuple[Array, ...] = ()
    """The predictions of each block before `--normalize`, where that was asked for."""
    vector: bool = False
    """For `bce` (and `grad --loss bce`): each value is a sample of its own, and the blocks have one column."""
    logits: bool = False
    base: Base = NATS
    reduction: str = "mean"
    class_weights: Array | None = None
    label_smoothing: float = 0.0
    pos_weight: float = 1.0
    focal: float = 0.0
    eps: float | None = None
    temperature: float = 1.0
    log: bool = False
    """`softmax --log`."""
    js: bool = False
    """`kl --js`."""
    loss: str = "xent"
    """`grad --loss`."""
    metric: str = "cross_entropy"
    """`compare --metric`."""


def question_of(
    command: str, recorder: SampleRecorder, options: Options, class_weights: Array | None = None, **more: Any
) -> Question | None:
    """What was asked, of all samples; None where there are too many."""
    if not recorder.is_whole:
        return None
    blocks = recorder.whole()
    return Question(
        command,
        tuple(blocks),
        raw=tuple(block.raw for block in blocks) if blocks[0].raw is not None else (),
        vector=blocks[0].stream.is_vector,
        logits=options.logits,
        base=options.base,
        class_weights=class_weights,
        label_smoothing=options.label_smoothing,
        pos_weight=options.pos_weight,
        focal=options.focal,
        eps=options.eps,
        temperature=options.temperature,
        log=options.log,
        js=options.js,
        loss=options.loss,
        **more,
    )
