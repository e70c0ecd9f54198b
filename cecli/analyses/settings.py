"""The options that shape a number, with their meanings checked once for the terminal and the library."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cecli.errors import UsageError
from cecli.maths.units import NATS, Base
from cecli.reading.sources import Source
from cecli.reading.vector import NotANumberError, TooLargeError, number
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.analyses.explaining.kept import Kept
    from cecli.device import Device

REDUCTIONS = ("none", "mean", "sum")
TYPED = ("label_smoothing", "pos_weight", "focal", "eps", "temperature")
LOSSES = ("xent", "mse", "bce")
NOT_TYPED: Mapping[str, str | None] = dict.fromkeys(TYPED)
BASES = "e, 2, 10 or any number above 1"


class Settings(Record):
    """The options of contract section 2 that change a number; each command uses the ones it offers."""

    logits: bool = False
    base: Base = NATS
    reduction: str | None = None
    normalize: bool = False
    class_weights: Source | None = None
    sample_weights: Source | None = None
    label_smoothing: float = 0.0
    ignore_index: int | float | str | None = None
    pos_weight: float = 1.0
    focal: float = 0.0
    eps: float | None = None
    temperature: float = 1.0
    classes: tuple[str, ...] | None = None
    header: bool | None = None
    id: str | None = None
    skip_missing: bool = False
    threads: int = 1
    device: Device | None = None
    """Where blocks are computed, if not on the CPU."""
    line_buffered: bool = False
    tick: Callable[[int], None] = lambda _: None
    """Told how many samples are done, after every block."""
    kept: Kept | None = None
    """Where blocks are kept for the working and for the search of mistakes, if one of them is asked for."""
    typed: Mapping[str, str | None] = NOT_TYPED
    """How an option's number was typed, for the working."""
    pictured: bool = False
    """Whether the numbers of a picture are collected."""
    streams: bool = False
    """Whether the rows of an answer may come block by block."""

    def __post_init__(self) -> None:
        if self.reduction not in (None, *REDUCTIONS):
            raise UsageError(f"--reduction: {self.reduction!r} is not one of {', '.join(REDUCTIONS)}")
        _require(0 <= self.label_smoothing <= 1, "--label-smoothing", self.label_smoothing, "between 0 and 1")
        _require(0 <= self.pos_weight < math.inf, "--pos-weight", self.pos_weight, "0 or more")
        _require(0 <= self.focal < math.inf, "--focal", self.focal, "0 or more")
        _require(self.eps is None or 0 < self.eps < 0.5, "--eps", self.eps, "above 0 and below 0.5")
        _require(0 < self.temperature < math.inf, "--temperature", self.temperature, "above 0")
        _require(self.threads >= 1, "--threads", self.threads, "1 or more")
        numbers = {name: getattr(self, name) for name in TYPED}
        typed = {name: getattr(value, "text", None) for name, value in numbers.items()}
        plain = {name: None if value is None else float(value) for name, value in numbers.items()}
        vars(self).update(
            plain, typed=typed
        )  # arrays take plain numbers only; how one was typed is kept for the working

    def described(self, *names: str, classes: tuple[str, ...] | None = None) -> dict[str, Any]:
        """The named options as JSON shows them, so that anybody can get the same number again; `classes` may come from a header."""
        reading = {name: value for name in ("header", "id") if (value := getattr(self, name)) is not None}
        own = {name: _plain(getattr(self, name)) for name in names}
        device = {} if self.device is None else {"device": self.device.name}
        return own | {"classes": _plain(self.classes or classes)} | reading | device


def _require(holds: bool, option: str, value: object, range_: str) -> None:
    """An option's value in its range, or the error that says which that is."""
    if not holds:
        raise UsageError(f"{option}: {getattr(value, 'text', value)} is not {range_}")


def base_of(value: str | float) -> Base:
    """The base that `e`, `2`, `10` or any other number above 1 stands for."""
    try:
        found = math.e if value == "e" else number(value).value if isinstance(value, str) else float(value)
    except (NotANumberError, TooLargeError, TypeError, ValueError):
        raise UsageError(f"--base: {value!r} is not a base", hint=BASES) from None
    if 1 < found < math.inf:
        return Base(found)
    if found <= 1:
        why = "a logarithm to base 1 does not exist" if found == 1 else "a base below 1 would turn the sign"
        raise UsageError(f"--base: {value} is not above 1", hint=f"{why}; {BASES}")
    raise UsageError(f"--base: {value} is not a base", hint=BASES)


def _plain(value: Any) -> Any:
    """A setting as a plain value."""
    if isinstance(value, Base):
        return value.name
    if isinstance(value, Source):
        return value.described()
    return list(value) if isinstance(value, tuple) else value
