"""The note that a dump was clipped before it was written: its largest loss is what a library's clip gives."""

from __future__ import annotations

from collections.abc import Iterator

from cecli.reading.sources import TypedSource
from cecli.running.options import Options
from cecli.running.streams import PredictionStream

BELOW_CLIPS = 15.0
"""No library clips where the loss is smaller than so many nats."""


def clip_notes(stream: PredictionStream, largest: float, options: Options, who: str = "") -> Iterator[str]:
    """The note that the largest loss of a file is what a library's clip gives."""
    if isinstance(stream.source, TypedSource) or largest * options.base.ln < BELOW_CLIPS:
        return
    from cecli.maths.clips import clip_of

    if (clip := clip_of(largest * options.base.ln)) is not None:
        yield (
            f"{who}the largest loss, {clip.nats:.3f} nats, is −ln {clip.text}: it looks clipped at {clip.name}, "
            "and the true loss may be larger"
        )
