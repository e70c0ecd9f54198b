"""One call: its sources opened, its options read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from cecli.cli.output import Output, integer_option, number_option
from cecli.cli.place import Place
from cecli.cli.progress import Progress
from cecli.errors import UsageError

if TYPE_CHECKING:
    from cecli.quantities.summary import Answer
    from cecli.reading.sources import Source
    from cecli.report import Report
    from cecli.running.batches import Step
    from cecli.running.execution import Execution
    from cecli.running.options import Options
    from cecli.running.recorder import SampleRecorder

NUMBERS = {
    "label_smoothing": "--label-smoothing",
    "pos_weight": "--pos-weight",
    "focal": "--focal",
    "eps": "--eps",
    "temperature": "--temperature",
}
SOURCES = {"class_weights": "the class weights", "sample_weights": "the sample weights"}


cleanup: ContextVar[ExitStack] = ContextVar("cleanup")
"""What is to be closed at the end of the command."""

asked: ContextVar[Output] = ContextVar("asked")
"""The output options of the command: the working and the check of an answer need the samples kept."""
place: ContextVar[Place] = ContextVar("place")
"""Where the command computes."""


class Call:
    """Opens sources and reads options; standard input can be had once per call."""

    def __init__(
        self,
        classes: str | None = None,
        header: bool | None = None,
        line_buffered: bool = False,
        id_column: str | None = None,
    ) -> None:
        from cecli.reading.labels import class_names
        from cecli.reading.opening import Opener

        self.classes = None if classes is None else class_names(classes)
        self._line_buffered = line_buffered
        self._header, self._id_column = header, id_column
        self._ignore: int | None = None
        self.recorder = _recorder()
        self._opener = Opener(self.classes, header, line_buffered, id_column)
        self._progress = Progress(self._opener)
        cleanup.get().callback(self._opener.close)

    def open(self, text: str, name: str, names: Sequence[str] | None = None) -> Source:
        """The source that a text stands for, what errors call it, and the class names that its labels may use."""
        return self._opener.open(text, name, names)

    def open_pair(self, target: str, prediction: str, names: tuple[str, str]) -> tuple[Source, Source]:
        """A target and its prediction; the prediction's header names the classes of the target's labels."""
        sources = self.open_all(target, {names[1]: prediction}, names[0])
        return sources[0], sources[1][names[1]]

    def open_all(self, target: str, predictions: Mapping[str, str], name: str) -> tuple[Source, dict[str, Source]]:
        """A target and its predictions; with `--id` all in the order of the first prediction."""
        found = {title: self.open(text, title) for title, text in predictions.items()}
        opened = self.open(target, name, next(iter(found.values())).names)
        if self._opener.id_column is None:
            return opened, found
        from cecli.reading.joining import joined

        ids = {title: self._opener.id_of(text, title) for title, text in {name: target, **predictions}.items()}
        return joined(opened, name, found, ids, self.classes, self._ignore)

    def options(self, **options: Any) -> Options:
        """The options as typed, read and checked; those that are None keep their defaults."""
        from cecli.running.options import Options, base_of

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
        self._ignore = read.get("ignore_index")
        if self._id_column is not None and "sample_weights" in read:
            raise UsageError(
                "--id does not join --sample-weights", hint="put the rows in order beforehand, and leave --id out"
            )
        return Options(classes=self.classes, header=self._header, id=self._id_column, **read)

    def execution(self, streams: bool = False) -> Execution:
        """Where and how the call computes, with the progress line and what records samples watching."""
        from cecli.running.execution import Execution

        found = place.get()
        watching: list[Callable[[Step], None]] = [self._progress.watch]
        watching += [] if self.recorder is None else [self.recorder]
        return Execution(found.threads, found.device, self._line_buffered, streams, tuple(watching))

    def reports(self, answers: Iterable[Answer], options: Options, target: Source | None = None) -> Iterator[Report]:
        """The reports of answers, with what was asked for beside them."""
        from cecli.cli.explaining import explained

        for answer in answers:
            yield explained(answer, self.recorder, asked.get().steps, options, target)

    def report(self, answer: Answer, options: Options, target: Source | None = None) -> Report:
        """The report of one answer."""
        return next(self.reports([answer], options, target))


def _recorder() -> SampleRecorder | None:
    """What records samples, if the working or the check of an answer is asked for."""
    if not asked.get().explains:
        return None
    from cecli.running.recorder import SampleRecorder

    return SampleRecorder()
