"""Where a command computes: `--threads` and `--device`, over their environment variables, over the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cecli.record import Record
from cecli.running.execution import cores
from cecli.running.options import MOST_THREADS, OPTIONS

if TYPE_CHECKING:
    from cecli.running.devices import Device


class Place(Record):
    """The options, read and checked, and what there is to say about them."""

    threads: int
    device: Device | None = None
    """None is the CPU."""
    notes: tuple[str, ...] = ()


def read_place(device: str | None, threads: str | None) -> Place:
    """The options as they were typed, checked; for the CPU nothing of any device is loaded."""
    called, text = OPTIONS["device"].given(device)
    named, typed = OPTIONS["threads"].given(threads)
    count = min(cores(), MOST_THREADS) if typed is None else OPTIONS["threads"].read(typed, named)
    if text in (None, "cpu"):
        return Place(count)
    from cecli.running.devices import find

    found, note = find(str(text), called)
    return Place(count, found, () if note is None else (f"{called} {text}: {note}",))
