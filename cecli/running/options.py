"""The options that shape a number, with their meanings checked once for the terminal and the library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cecli.maths.units import NATS, Base
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.running.option_table import NUMBER, SHAPING

if TYPE_CHECKING:
    from cecli.running.devices import Device

TYPED = tuple(option.name for option in SHAPING if option.kind == NUMBER)
NOT_TYPED: Mapping[str, str | None] = dict.fromkeys(TYPED)


class Options(Record):
    """The options of contract section 2 that change a number; each command uses the ones it offers."""

    logits: bool = False
    base: Base = NATS
    reduction: str | None = None
    normalize: bool = False
    class_weights: Source | None = None
    sample_weights: Source | None = None
    label_smoothing: float = 0.0
    ignore_index: int | None = None
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
    classes: tuple[str, ...] | None = None
    header: bool | None = None
    id: str | None = None
    typed: Mapping[str, str | None] = NOT_TYPED
    """How an option's number was typed, for the working."""

    def __post_init__(self) -> None:
        for option in SHAPING:
            if option.range is not None or option.choices:
                option.check(getattr(self, option.name))
        numbers = {name: getattr(self, name) for name in TYPED}
        typed = {name: getattr(value, "text", None) for name, value in numbers.items()}
        plain = {name: None if value is None else float(value) for name, value in numbers.items()}
        vars(self).update(
            plain, typed=typed
        )  # arrays take plain numbers only; how one was typed is kept for the working

    def described(
        self, *names: str, classes: tuple[str, ...] | None = None, device: Device | None = None
    ) -> dict[str, Any]:
        """The named options as JSON shows them, so that anybody can get the same number again; `classes` may come from a header."""
        reading = {name: value for name in ("header", "id") if (value := getattr(self, name)) is not None}
        own = {name: _plain(getattr(self, name)) for name in names}
        where = {} if device is None else {"device": device.name}
        return own | {"classes": _plain(self.classes or classes)} | reading | where


def _plain(value: Any) -> Any:
    if isinstance(value, Base):
        return value.name
    if isinstance(value, Source):
        return value.described()
    return list(value) if isinstance(value, tuple) else value
