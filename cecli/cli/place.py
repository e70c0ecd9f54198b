"""Where a command computes: `--threads` and `--device`, over their environment variables, over the defaults."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cecli.cli.output import integer_option
from cecli.errors import UsageError
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.running.devices import Device

MOST_THREADS = 1024


class Place(Record):
    """The options, read and checked, and what there is to say about them."""

    threads: int
    device: Device | None = None
    """None is the CPU."""
    notes: tuple[str, ...] = ()


def read_place(device: str | None, threads: str | None) -> Place:
    """The options as they were typed, checked; for the CPU nothing of any device is loaded."""
    option, text = _chosen("--device", device, "CECLI_DEVICE")
    count = _threads(*_chosen("--threads", threads, "CECLI_THREADS"))
    if text in (None, "cpu"):
        return Place(count)
    from cecli.running.devices import find

    found, note = find(str(text), option)
    return Place(count, found, () if note is None else (f"{option} {text}: {note}",))


def _chosen(option: str, typed: str | None, variable: str) -> tuple[str, str | None]:
    """What was typed, else what the environment says; with the name that an error calls it by."""
    return (option, typed) if typed is not None else (variable, os.environ.get(variable) or None)


def _threads(option: str, text: str | None) -> int:
    """The value of `--threads`."""
    if text is None:
        return min(cores(), MOST_THREADS)
    count = integer_option(option, text)
    if not 1 <= count <= MOST_THREADS:
        raise UsageError(f"{option}: {text} is not between 1 and {MOST_THREADS}")
    return count


def cores() -> int:
    """The processor's cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
