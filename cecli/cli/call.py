"""One call: its sources opened, its options read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from cecli.cli.output import integer_option, number_option

if TYPE_CHECKING:
    from cecli.analyses.settings import Settings
    from cecli.reading.sources import Source

NUMBERS = {
    "label_smoothing": "--label-smoothing",
    "pos_weight": "--pos-weight",
    "focal": "--focal",
    "eps": "--eps",
    "temperature": "--temperature",
}
SOURCES = {"class_weights": "the class weights", "sample_weights": "the sample weights"}


class Call:
    """Opens sources and reads options; standard input can be had once per call."""

    def __init__(self, classes: str | None = None) -> None:
        from cecli.reading.labels import class_names
        from cecli.reading.sources import Opener

        self.classes = None if classes is None else class_names(classes)
        self._opener = Opener(self.classes)

    def open(self, text: str, name: str) -> Source:
        """The source that a text stands for, and what errors call it."""
        return self._opener.open(text, name)

    def settings(self, **options: Any) -> Settings:
        """The options as typed, read and checked; those that are None keep their defaults."""
        from cecli.analyses.settings import Settings, base_of

        readers: dict[str, Callable[[str], Any]] = {
            "base": base_of,
            "ignore_index": partial(integer_option, "--ignore-index"),
            **{name: partial(number_option, option) for name, option in NUMBERS.items()},
            **{name: partial(self.open, name=title) for name, title in SOURCES.items()},
        }
        read = {
            name: readers[name](value) if name in readers else value
            for name, value in options.items()
            if value is not None
        }
        return Settings(classes=self.classes, **read)
