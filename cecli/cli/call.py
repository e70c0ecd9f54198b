"""One call: its sources opened, its options read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from cecli.cli.output import Output, number_option
from cecli.cli.place import Place
from cecli.cli.progress import Progress
from cecli.errors import UsageError

if TYPE_CHECKING:
    from cecli.analyses.explaining.kept import Kept
    from cecli.analyses.settings import Settings
    from cecli.reading.sources import Source

NUMBERS = {
    "label_smoothing": "--label-smoothing",
    "pos_weight": "--pos-weight",
    "focal": "--focal",
    "eps": "--eps",
    "temperature": "--temperature",
}
SOURCES = {
    "class_weights": ("class weights", "the class weights"),
    "sample_weights": ("weights", "the sample weights"),
    "x": ("inputs", "the inputs x"),
    "cluster": ("clusters", "the clusters"),
}
"""The role of each other source, and what errors call it."""


cleanup: ContextVar[ExitStack] = ContextVar("cleanup")
"""What is to be closed at the end of the command."""

asked: ContextVar[Output] = ContextVar("asked")
"""The output options of the command: the working and the check of an answer need the samples kept."""
place: ContextVar[Place] = ContextVar("place")
"""Where the command computes."""
command: ContextVar[str] = ContextVar("command")
"""The name of the command that runs."""
rows_and_columns: ContextVar[dict[str, Any]] = ContextVar("rows_and_columns")
"""The options that say which rows and columns of files are meant, as they were typed."""


class Call:
    """Opens sources and reads options; standard input can be had once per call."""

    def __init__(
        self,
        classes: str | None = None,
        header: bool | None = None,
        line_buffered: bool = False,
    ) -> None:
        from cecli.reading.labels import class_names

        self.classes = None if classes is None else class_names(classes)
        self._line_buffered, self._header = line_buffered, header
        self._asked = rows_and_columns.get()
        self._opened: dict[str, Source] = {}

    def open(
        self, target: str | None, predictions: Mapping[str, str], name: str = "the target", **others: str | None
    ) -> tuple[Source | None, dict[str, Source]]:
        """All sources of the call; `others` are weights, inputs and clusters, under the names that `settings` and `other` ask for."""
        from cecli.reading.opening import open_call
        from cecli.reading.roles import PREDICTION, TARGET, ReadingOptions, Request

        binary = others.pop("loss", None) == "bce"
        given = {key: text for key, text in others.items() if text is not None}
        ignore = given.pop("ignore_index", None)
        requests = [
            *(Request(PREDICTION, text, title) for title, text in predictions.items()),
            *([] if target is None else [Request(TARGET, target, name)]),
            *(Request(SOURCES[key][0], text, SOURCES[key][1]) for key, text in given.items()),
        ]
        opened = open_call(requests, ReadingOptions(self.classes, self._header, self._line_buffered, ignore=ignored(ignore), binary=binary, **self._asked))
        self._progress = Progress(opened)
        cleanup.get().callback(opened.close)
        found = dict(zip(predictions, opened.sources, strict=False))
        self._opened = dict(zip(given, opened.sources[-len(given) :] if given else [], strict=True))
        opened.sources[0].notes = opened.notes
        if self.classes is None and all(source.is_column for source in opened.sources):
            self.classes = opened.classes  # of labels by name alone
        return opened.target, found

    def open_pair(
        self, target: str, prediction: str | None, names: tuple[str, str], **others: str | None
    ) -> tuple[Source, Source]:
        """A target and its prediction; with `--label` the one source is the prediction."""
        only = (None, target) if self._asked["label"] is not None and prediction is None else (target, prediction)
        if only[1] is None:
            raise UsageError(f"cecli {command.get()}: PREDICTION is missing", hint="the target comes first, then the prediction")
        if only[0] is not None and self._asked["label"] is not None:
            raise UsageError("--label takes the place of TARGET, and two sources are given")
        opened, found = self.open(only[0], {names[1]: only[1]}, names[0], **others)
        assert opened is not None
        return opened, found[names[1]]

    @property
    def has_labels(self) -> bool:
        """Whether every prediction brings its labels along: there is no target then."""
        return self._asked["label"] is not None

    def other(self, name: str) -> Source | None:
        """The weights, inputs or clusters that were opened under a name."""
        return self._opened.get(name)

    def _weights(self, name: str, _: str) -> Source | None:
        """Weights that were opened with all other sources."""
        return self._opened[name]

    def settings(self, **options: Any) -> Settings:
        """The options as typed, read and checked; those that are None keep their defaults."""
        from cecli.analyses.settings import Settings, base_of

        readers: dict[str, Callable[[str], Any]] = {
            "base": base_of,
            "ignore_index": ignored,
            **{name: partial(number_option, option) for name, option in NUMBERS.items()},
            **{name: partial(self._weights, name) for name in ("class_weights", "sample_weights")},
        }
        read = {
            name: readers[name](value) if name in readers else value
            for name, value in options.items()
            if value is not None
        }
        return Settings(
            classes=self.classes,
            line_buffered=self._line_buffered,
            header=self._header,
            id=",".join(self._asked["ids"]) or None,
            skip_missing=self._asked["skip_missing"],
            tick=self._progress.tick,
            kept=_kept(),
            threads=place.get().threads,
            device=place.get().device,
            **read,
        )


def ignored(text: str | None) -> int | float | str | None:
    """The label of `--ignore-index`: a number, or a text."""
    from cecli.reading.labels import ignored_label

    return None if text is None else ignored_label(text)


def read_rows_and_columns(
    id_column: str | None, where: list[str] | None, columns: str | None, label: str | None, **flags: bool
) -> dict[str, Any]:
    """The options that say which rows and columns are meant, as `ReadingOptions` has them."""
    ids = tuple(name.strip() for name in (id_column or "").split(",") if name.strip())
    return {"ids": ids, "where": tuple(where or ()), "columns": columns, "label": label, **flags}


def _kept() -> Kept | None:
    """Where samples are kept, if the working or the check of an answer is asked for."""
    output = asked.get()
    if not output.explains:
        return None
    from cecli.analyses.explaining.kept import Kept

    return Kept(working=output.steps)
