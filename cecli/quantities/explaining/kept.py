"""The samples that the working shows, and that a wrong answer's mistake is looked for in.

`inputs` shows every block to a `Kept` as it passes: all samples of a small input are kept, of a large one the first and the last.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from cecli.maths.namespace import Array, namespace
from cecli.quantities.question import MOST_VALUES, Question
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.blocks import Block

if TYPE_CHECKING:
    from cecli.running.batches import Input
    from cecli.running.options import Settings

SHOWN_ALL, SHOWN_FIRST = 6, 4
"""Of more samples than SHOWN_ALL the working shows the first and the last."""


class Shown(Record):
    """A sample of the working: its number in the whole input, and what each prediction says of it."""

    sample: int
    inputs: list[Input]
    """Of every prediction the block of this one sample."""


class Kept:
    """Blocks that have passed; `working` is whether the working is asked for."""

    def __init__(self, working: bool = True) -> None:
        self.working = working
        self.target: Source | None = None
        self.class_weights: Array | None = None
        self.steps: list[list[Input]] = []
        self.last: list[Input] | None = None
        self.values = 0
        self.samples = 0

    @property
    def is_whole(self) -> bool:
        """Whether every sample was kept."""
        return self.values <= MOST_VALUES

    def see(self, step: list[Input], target: Source | None) -> None:
        """The next block of every prediction."""
        self.target, self.last = target, step
        rows, width = step[0].block.prediction.shape
        self.values += int(rows) * int(width) * len(step)
        if self.is_whole or self.samples < SHOWN_FIRST:
            self.steps.append(step)
        self.samples += int(rows)

    @cached_property
    def shown(self) -> list[Shown]:
        """The samples that the working shows, once all have passed."""
        few = self.samples <= SHOWN_ALL
        chosen = [*range(self.samples)] if few else [*range(SHOWN_FIRST), self.samples - 1]
        steps = [*self.steps, *([self.last] if self.last is not None else [])]
        return [Shown(sample, _only(next(s for s in steps if _holds(s, sample)), sample)) for sample in chosen]

    @property
    def hidden(self) -> int:
        """How many samples the working does not show."""
        return 0 if self.samples <= SHOWN_ALL else self.samples - SHOWN_FIRST - 1

    def question(self, command: str, settings: Settings, **more: Any) -> Question | None:
        """What was asked, of all samples; None where there are too many."""

        if not self.is_whole:
            return None
        columns = list(zip(*self.steps, strict=True))
        blocks = tuple(_joined([part.block for part in column]) for column in columns)
        raw = [[part.raw for part in column if part.raw is not None] for column in columns]
        return Question(
            command,
            blocks,
            raw=tuple(map(_concat, raw)) if raw[0] else (),
            vector=columns[0][0].plan.vector,
            logits=settings.logits,
            base=settings.base,
            class_weights=self.class_weights,
            label_smoothing=settings.label_smoothing,
            pos_weight=settings.pos_weight,
            focal=settings.focal,
            eps=settings.eps,
            temperature=settings.temperature,
            **more,
        )


def _holds(step: list[Input], sample: int) -> bool:
    """Whether a sample is in a block."""
    block = step[0].block
    return block.first <= sample < block.first + block.samples


def _only(step: list[Input], sample: int) -> list[Input]:
    """Of every prediction the block of one sample."""
    return [
        part.replace(block=_row(part.block, sample), raw=_slice(part.raw, sample - part.block.first)) for part in step
    ]


ARRAYS = ("prediction", "labels", "target", "weights", "kept")


def _row(block: Block, sample: int) -> Block:
    """One sample of a block."""
    i = sample - block.first
    rows: dict[str, Any] = {name: _slice(getattr(block, name), i) for name in ARRAYS}
    return Block(**rows, first=sample)


def _slice(values: Array | None, i: int) -> Array | None:
    """One row of an array."""
    return None if values is None else values[i : i + 1, ...]


def _joined(blocks: list[Block]) -> Block:
    """Blocks that follow one another, as one."""
    if len(blocks) == 1:
        return blocks[0]
    columns = {name: [getattr(block, name) for block in blocks] for name in ARRAYS}
    whole: dict[str, Any] = {name: None if found[0] is None else _concat(found) for name, found in columns.items()}
    return Block(**whole)


def _concat(parts: list[Any]) -> Array:
    """Arrays one after the other."""
    return parts[0] if len(parts) == 1 else namespace(*parts).concat(parts)
