"""Where and how a call computes: nothing here changes a number, but for the last digit that a device may round otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from cecli.errors import UsageError
from cecli.maths.namespace import Array, on_cpu
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.running.batches import Step
    from cecli.running.devices import Device


class Cluster(Protocol):
    """Several processes, perhaps on several machines."""

    def folded(self, work: Callable[[Step], Any], walk: Any) -> Any:
        """The totals of the work on all steps of a walk."""
        ...


class Execution(Record):
    """Threads, device, streaming, and who watches the samples pass."""

    threads: int = 1
    device: Device | None = None
    """Where batches are computed, if not on the CPU."""
    line_buffered: bool = False
    """Whether each line of the input is answered at once."""
    streams: bool = False
    """Whether the rows of an answer may come batch by batch."""
    observers: tuple[Callable[[Step], None], ...] = ()
    """Called with every step of the walk: the progress line, and what records samples for the working."""
    cluster: Cluster | None = None
    """Where totals are computed, if not in this process."""

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise UsageError(f"--threads: {self.threads} is not 1 or more")

    def placed(self, array: Array) -> Array:
        """An array where the work is done."""
        return array if self.device is None else self.device.place(array)

    def fetched(self, array: Array) -> Array:
        """A result, back from where the work was done; without a device it stays in the namespace that it came in."""
        return array if self.device is None else on_cpu(array)


def cores() -> int:
    """The processor's cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
