"""One call of a command: its options read, its sources opened when they are asked for. What a command's function gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cecli.cli.clusters import named_cluster
from cecli.cli.command_table import COMMANDS, Command
from cecli.cli.output import Output
from cecli.cli.place import Place
from cecli.errors import UsageError
from cecli.record import computed_once
from cecli.running.option import NAMES, SOURCE
from cecli.running.options import OPTIONS, SHAPING, offered, reduction_of

if TYPE_CHECKING:
    from cecli.cli.session import Session
    from cecli.quantities.summary import Answer
    from cecli.reading.roles import ReadingOptions
    from cecli.reading.sources import Source
    from cecli.report import Report
    from cecli.running.batches import Step
    from cecli.running.cluster import DaskCluster
    from cecli.running.execution import Execution
    from cecli.running.options import Options
    from cecli.running.recorder import SampleRecorder

    Quantity = Callable[..., Iterable[Answer]]
    """Takes one or two sources, the options and the execution."""


def is_piped(text: str) -> bool:
    """Whether a source is standard input."""
    return text == "-" or text.startswith("-:")


def _require_files_of_this_machine(texts: Sequence[str]) -> None:
    """What a program of `--code` can read."""
    from cecli.reading.addresses import is_remote, shown

    if any(map(is_piped, texts)):
        raise UsageError("--code: a program cannot hold standard input", hint="save it as a file, and name the file")
    if (remote := next(filter(is_remote, texts), None)) is not None:
        raise UsageError(
            f"--code: a program reads files of this machine, and {shown(remote)} is none",
            hint="copy the file here, and name the copy",
        )


MOST_LIKE = 4_000_000
"""Inputs of more values are too large for `--like` and `--code`, which need all of them at once."""


class Call:
    """What was typed, as values. `call["base"]` is an option; None where it was left out."""

    def __init__(
        self, command: Command, typed: Mapping[str, Any], output: Output, place: Place, session: Session
    ) -> None:
        self.command, self.typed = command, typed
        self.output, self.place, self.session = output, place, session
        self._others: dict[str, Source] = {}
        """The sources of options, by their names."""
        self.base_note: str | None = None
        """That the base comes from the environment, where it does."""
        self._classes: tuple[str, ...] | None = None
        """Class names that labels by name alone gave rise to."""
        self.cluster: DaskCluster | None = None

    def __getitem__(self, name: str) -> Any:
        option, value = OPTIONS[name], self.typed[name]
        if value is not None and option.kind == SOURCE:
            return self._others[name]
        if value is not None and option.kind == NAMES:
            from cecli.reading.labels import class_names

            return class_names(value)
        return option.read(value)

    # -- sources

    def open(
        self, target: str | None, predictions: Mapping[str, str], title: str = "the target"
    ) -> tuple[Source | None, dict[str, Source]]:
        """All sources of the call at once, because what a column means is settled over all of them; the target and the predictions."""
        from cecli.reading.opening import open_call
        from cecli.reading.roles import PREDICTION, TARGET, Request

        others = [
            row for row in offered(self.command.name) if row.kind == SOURCE and self.typed.get(row.name) is not None
        ]
        requests = [
            *(Request(PREDICTION, text, name) for name, text in predictions.items()),
            *([] if target is None else [Request(TARGET, target, title)]),
            *(Request(row.role, self.typed[row.name], row.title) for row in others),
        ]
        if self.output.code is not None:
            _require_files_of_this_machine([request.text for request in requests])
        cluster = named_cluster(self.command.name, self.typed, self.output, self.place)
        opened = open_call(requests, self._reading_options(), has_stdin=not self.session.claim)
        self.session.files.callback(opened.close)
        self.session.progress.begin(opened)
        opened.sources[0].notes = opened.notes
        self._classes = opened.label_names
        self.cluster = None if cluster is None else cluster.of(opened, self.session.progress.tell)
        if self.cluster is not None:
            self.session.files.callback(self.cluster.close)
        found = dict(zip(predictions, opened.sources, strict=False))
        self._others = dict(
            zip((row.name for row in others), opened.sources[len(requests) - len(others) :], strict=True)
        )
        return opened.target, found

    def _reading_options(self) -> ReadingOptions:
        """The options that say which rows and columns of the sources to use, and how to read text."""
        from cecli.reading.roles import ReadingOptions

        like = COMMANDS.get(self.typed.get("loss") or "", self.command)  # `grad --loss bce` reads what `bce` does
        named = {
            name: self[name]
            for name in ("where", "columns", "label", "skip_missing", "decimal_comma")
            if name in self.typed
        }
        ignore = self["ignore_index"] if "ignore_index" in self.typed else None
        return ReadingOptions(
            self["classes"],
            self.typed["header"],
            self.typed.get("line_buffered", False),
            ids=self["id"] or () if "id" in self.typed else (),
            ignore=ignore,
            threads=self.place.threads,
            binary=like.binary,
            **{name: value for name, value in named.items() if value is not None},
        )

    def sources(self) -> tuple[Source, ...]:
        """The arguments: one, or a target and its prediction, of which `--label` needs the prediction alone."""
        arguments = self.command.arguments
        texts = [self.typed[each.name] for each in arguments]
        if len(arguments) == 1:
            return (self.open(None, {arguments[0].title: texts[0]})[1][arguments[0].title],)
        target, prediction = arguments
        first, second = texts
        if self.has_labels:
            if second is not None:
                raise UsageError("--label replaces TARGET: give one source, not two")
            first, second = None, first
        if second is None:
            raise self.missing(prediction.metavar, first, self.command.first_example(not self.session.claim))
        opened, found = self.open(first, {prediction.title: second}, target.title)
        assert opened is not None
        return opened, found[prediction.title]

    def missing(self, metavar: str, alone: str | None, hint: str) -> UsageError:
        """The error for a target or a prediction that is missing beside the source that is there."""
        from cecli.reading.alone import hint_on_alone

        name = f"cecli {self.command.name}"
        both = None if self.has_labels else hint_on_alone(name, alone, self._reading_options())
        return UsageError(f"{name}: {metavar} is missing", hint=both or hint)

    @property
    def has_labels(self) -> bool:
        """Whether every prediction brings its labels along: there is no target then."""
        return self.typed.get("label") is not None

    # -- what the quantities take

    def options(self, **more: Any) -> Options:
        """The options that shape the number, read and checked; those that were left out keep their defaults. The sources are open by now."""
        from cecli.running.options import Options

        taken = [option.name for option in SHAPING if self.typed.get(option.name) is not None]
        read: dict[str, Any] = {name: self[name] for name in taken}
        if (base := self._base_of_environment()) is not None:
            read["base"] = base
        if self._classes is not None:
            read.setdefault("classes", self._classes)
        return Options(**read, **more)

    def _base_of_environment(self) -> Any:
        """The base of CECLI_BASE, where none was typed; the claims of a worksheet say theirs."""
        if self.session.claim or self.typed.get("base") is not None or self.typed.get("loss") == "mse":
            return None
        called, text = OPTIONS["base"].given(None)
        base = OPTIONS["base"].read(text, called)
        if base is not None:
            self.base_note = f"base {base.name} is that of {called}; --base overrules it"
        return base

    @computed_once
    def execution(self) -> Execution:
        """Where and how the call computes, with the progress line and what records samples watching."""
        from cecli.running.execution import Execution

        reduction = reduction_of(self.command.name, self.typed.get("reduction"))
        streams = self.command.streams and self.output.streams and reduction in (None, "none")
        watching: list[Callable[[Step], None]] = [self.session.progress.watch]
        watching += [] if self.recorder is None else [self.recorder]
        buffered = self.typed.get("line_buffered", False)
        return Execution(self.place.threads, self.place.device, buffered, streams, tuple(watching), self.cluster)

    @computed_once
    def recorder(self) -> SampleRecorder | None:
        """What records samples, if the working or the check of an answer is asked for."""
        if not self.output.explains or self.cluster is not None:
            return None
        from cecli.running.recorder import MOST_VALUES, SampleRecorder

        return SampleRecorder(MOST_LIKE if self.output.reworks else MOST_VALUES)

    # -- what they answer

    def of_sources(self, quantity: Quantity, **more: Any) -> Iterator[Report]:
        """The reports of a quantity of the arguments."""
        sources = self.sources()
        options = self.options(**more)
        return self.reports(
            quantity(*sources, options, self.execution), options, sources[0] if len(sources) > 1 else None
        )

    def reports(self, answers: Iterable[Answer], options: Options, target: Source | None = None) -> Iterator[Report]:
        """The reports of answers, with the working and the question where they are asked for."""
        recorder, working = self.recorder, self.command.working if self.output.steps else ""
        if recorder is None:
            return (answer.report for answer in answers)
        from cecli.cli.explaining import explained

        explain = partial(explained, recorder=recorder, working=working, options=options, target=target)
        return (explain(answer, like=self.output.like, code=self.output.code) for answer in answers)

    def report(self, answer: Answer, options: Options, target: Source | None = None) -> Report:
        """The report of one answer."""
        return next(self.reports([answer], options, target))
