"""One call of a command: its options read, its sources opened when they are asked for. What a command's function gets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cecli.cli.execution import Execution
from cecli.cli.output import Output
from cecli.errors import UsageError
from cecli.running.option_table import NAMES, OPTIONS, SHAPING, SOURCE

if TYPE_CHECKING:
    from cecli.cli.command_table import Command
    from cecli.cli.session import Session
    from cecli.quantities.explaining.kept import Kept
    from cecli.reading.opening import Opener
    from cecli.reading.sources import Source
    from cecli.running.options import Settings


class Call:
    """What was typed, as values. `call["base"]` is an option; None where it was left out."""

    def __init__(
        self, command: Command, typed: Mapping[str, Any], output: Output, execution: Execution, session: Session
    ) -> None:
        self.command, self.typed = command, typed
        self.output, self.execution, self.session = output, execution, session

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
        session.progress.watch(opener)
        return opener

    def open(self, text: str, title: str) -> Source:
        """The source that a text stands for, and what errors call it."""
        return self._opener.open(text, title)

    def source(self, name: str) -> Source:
        """The source of an argument."""
        argument = next(each for each in self.command.arguments if each.name == name)
        return self.open(self.typed[name], argument.title)

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

    def settings(self, **more: Any) -> Settings:
        """The options that shape the number, read and checked, and how it is computed; those that were left out keep their defaults."""
        from cecli.running.options import Settings

        taken = [option.name for option in SHAPING if self.typed.get(option.name) is not None]
        shaping: dict[str, Any] = {name: self[name] for name in taken}
        if "id" in shaping and "sample_weights" in shaping:
            raise UsageError(
                "--id does not join --sample-weights", hint="put the rows in order beforehand, and leave --id out"
            )
        return Settings(
            **shaping,
            threads=self.execution.threads,
            device=self.execution.device,
            line_buffered=self.typed.get("line_buffered", False),
            streams=self.command.streams and self.output.streams,
            tick=self.session.progress.tick,
            kept=self._kept(),
            **more,
        )

    def _kept(self) -> Kept | None:
        """Where samples are kept, if the working or the check of an answer is asked for."""
        if not self.output.explains:
            return None
        from cecli.quantities.explaining.kept import Kept

        return Kept(working=self.output.steps)
