"""Where blocks are computed: here, on threads, or on a device. What comes back from a device is NumPy's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from cecli.maths.namespace import Array, on_cpu
from cecli.running import blocks
from cecli.running.options import Settings

if TYPE_CHECKING:
    from cecli.running.blocks import Block
    from cecli.running.devices import Piece


S = TypeVar("S", bound="Piece")
T = TypeVar("T")


def run(work: Callable[[S], T], pieces: Iterable[S], settings: Settings, at_once: bool = False) -> Iterator[T]:
    """work(piece) for every piece, in order; on a device a piece that does not fit comes back in parts.

    With `at_once` each piece is answered before the next is read: printing row by row takes so much longer than computing
    that threads would only delay the answer.
    """
    if settings.device is not None:
        return settings.device.run(work, pieces)
    return blocks.run(work, pieces, 1 if at_once or settings.line_buffered else settings.threads)


def placed(array: Array, settings: Settings) -> Array:
    """An array where the work is done."""
    return array if settings.device is None else settings.device.place(array)


def block_placed(block: Block, settings: Settings) -> Block:
    """A block with its arrays where the work is done."""
    return block if settings.device is None else block.each(settings.device.place)


def fetched(array: Array, settings: Settings) -> Array:
    """A result, back from where the work was done; without a device it stays in the namespace that it came in."""
    return array if settings.device is None else on_cpu(array)
