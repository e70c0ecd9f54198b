"""One call of a command: its options read, its sources opened when they are asked for. What a command's function gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cecli.cli.output import Output
from cecli.cli.place import Place
from cecli.errors import UsageError
from cecli.running.option_values import NAMES, SOURCE
from cecli.running.options import OPTIONS, SHAPING

if TYPE_CHECKING:
    from cecli.cli.command_table import Command
    from cecli.cli.session import Session
    from cecli.quantities.summary import Answer
    from cecli.reading.opening import Opener
    from cecli.reading.sources import Source
    from cecli.report import Report
    from cecli.running.batches import Step
    from cecli.running.execution import Execution
    from cecli.running.options import Options
    from cecli.running.recorder import SampleRecorder

    Quantity = Callable[..., Iterable[Answer]]
    """Takes one or two sources, the options and the execution."""


class Call:
    """What was typed, as values. `call["base"]` is an option; None where it was left out."""

    def __init__(
        self, command: Command, typed: Mapping[str, Any], output: Output, place: Place, session: Session
    ) -> None:
        self.command, self.typed = command, typed
        self.output, self.place, self.session = output, place, session

    def __getitem__(self, name: str) -> Any:
        option, value = OPTIONS[name], self.typed[name]
        if value is not None and option.kind == SOURCE:
            return self.open(value, option.title)
        if value is not None and option.kind == NAMES:
            from cecli.reading.labels import class_names

            return class_names(value)
        return option.read(value)

    # -- sources

    @cached_property
    def _opener(self) -> Opener:
        """What opens the sources; standard input can be had once per call."""
        from cecli.reading.opening import Opener

        typed, session = self.typed, self.session
        buffered = typed.get("line_buffered", False)
        opener = Opener(self["classes"], typed["header"], buffered, typed.get("id"), has_stdin=not session.claim)
        session.files.callback(opener.close)
        session.progress.begin(opener)
        return opener

    def open(self, text: str, title: str) -> Source:
        """The source that a text stands for, and what errors call it."""
        return self._opener.open(text, title)

    def pair(self) -> tuple[Source, Source]:
        """The two arguments, a target and its prediction."""
        target, prediction = self.command.arguments
        first, found = self.open_all(
            self.typed[target.name], {prediction.title: self.typed[prediction.name]}, target.title
        )
        return first, found[prediction.title]

    def open_all(self, target: str, predictions: Mapping[str, str], name: str) -> tuple[Source, dict[str, Source]]:
        """A target and its predictions, the first of which names the classes of its labels; with `--id` all in the order of that one."""
        found = {title: self.open(text, title) for title, text in predictions.items()}
        opened = self._opener.open(target, name, next(iter(found.values())).names)
        if self.typed["id"] is None:
            return opened, found
        from cecli.reading.joining import joined

        ids = {title: self._opener.id_of(text, title) for title, text in {name: target, **predictions}.items()}
        ignored = self["ignore_index"] if "ignore_index" in self.typed else None
        return joined(opened, name, found, ids, self["classes"], ignored)

    # -- what the quantities take

    def options(self, **more: Any) -> Options:
        """The options that shape the number, read and checked; those that were left out keep their defaults."""
        from cecli.running.options import Options

        taken = [option.name for option in SHAPING if self.typed.get(option.name) is not None]
        read: dict[str, Any] = {name: self[name] for name in taken}
        if "id" in read and "sample_weights" in read:
            raise UsageError(
                "--id does not join --sample-weights", hint="put the rows in order beforehand, and leave --id out"
            )
        return Options(**read, **more)

    @cached_property
    def execution(self) -> Execution:
        """Where and how the call computes, with the progress line and what records samples watching."""
        from cecli.running.execution import Execution

        streams = self.command.streams and self.output.streams
        watching: list[Callable[[Step], None]] = [self.session.progress.watch]
        watching += [] if self.recorder is None else [self.recorder]
        buffered = self.typed.get("line_buffered", False)
        return Execution(self.place.threads, self.place.device, buffered, streams, tuple(watching))

    @cached_property
    def recorder(self) -> SampleRecorder | None:
        """What records samples, if the working or the check of an answer is asked for."""
        if not self.output.explains:
            return None
        from cecli.running.recorder import SampleRecorder

        return SampleRecorder()

    # -- what they answer

    def of_sources(self, quantity: Quantity) -> Iterator[Report]:
        """The reports of a quantity of the arguments: one, or a target and its prediction."""
        options = self.options()
        arguments = self.command.arguments
        sources = (
            self.pair() if len(arguments) == 2 else (self.open(self.typed[arguments[0].name], arguments[0].title),)
        )
        target = sources[0] if len(sources) == 2 else None
        return self.reports(quantity(*sources, options, self.execution), options, target)

    def reports(self, answers: Iterable[Answer], options: Options, target: Source | None = None) -> Iterator[Report]:
        """The reports of answers, with the working and the question where they are asked for."""
        recorder, working = self.recorder, self.command.working if self.output.steps else ""
        if recorder is None:
            return (answer.report for answer in answers)
        from cecli.cli.explaining import explained

        return (explained(answer, recorder, working, options, target) for answer in answers)

    def report(self, answer: Answer, options: Options, target: Source | None = None) -> Report:
        """The report of one answer."""
        return next(self.reports([answer], options, target))
