"""What makes a function a command: the shared options, negative numbers as values, and the help text."""

from __future__ import annotations

import inspect
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from cecli.cli import options, progress
from cecli.cli.call import asked, cleanup, command, place, read_rows_and_columns, rows_and_columns
from cecli.cli.examples import EXAMPLES, EXIT_CODES
from cecli.cli.output import Output, color_asked, emit, read_output, styled
from cecli.cli.place import read_place
from cecli.errors import UsageError

if TYPE_CHECKING:
    from cecli.report import Report

CONTEXT = {"help_option_names": ["-h", "--help"]}

Options = dict[str, tuple[Any, Any]]
"""The shared options of a command: the annotation and the default of each."""

OUTPUT_OPTIONS: Options = {
    "format": (options.Format, None),
    "precision": (options.Precision, None),
    "output": (options.OutputFile, None),
    "steps": (options.Steps, False),
    "expect": (options.Expect, None),
    "fail_above": (options.FailAbove, None),
    "quiet": (options.Quiet, False),
    "color": (options.Color, "auto"),
}
UNJUDGED = ("precision", "steps", "expect", "fail_above")
"""What means nothing for a list of things."""

collecting: ContextVar[list[Report] | None] = ContextVar("collecting", default=None)
"""Where reports go instead of being printed, while the claims of a worksheet run."""

READING_OPTIONS: Options = {
    "id_column": (options.IdColumn, None),
    "where": (options.Where, None),
    "columns": (options.Columns, None),
    "label": (options.Label, None),
    "skip_missing": (options.SkipMissing, False),
    "decimal_comma": (options.DecimalComma, False),
}
PLACE_OPTIONS: Options = {"device": (options.Device, None), "threads": (options.Threads, None)}
Answer = Callable[..., "Report | Iterator[Report]"]


def computing(function: Answer) -> Callable[..., int]:
    """A command that computes, with the options where to do so and those of the output added to its own."""

    def run(output: Output, arguments: dict[str, Any]) -> int:
        found = read_place(**{name: arguments.pop(name) for name in PLACE_OPTIONS})
        place.set(found)
        command.set(function.__name__)
        rows_and_columns.set(read_rows_and_columns(**{name: arguments.pop(name, default) for name, (_, default) in READING_OPTIONS.items()}))
        answer = function(**arguments)
        if (reports := collecting.get()) is None:
            return emit(answer, output, found.notes)
        reports += answer if isinstance(answer, Iterator) else [answer]
        return 0

    alone = function.__name__ in ("softmax", "entropy")
    reading = {name: option for name, option in READING_OPTIONS.items() if not (alone and name in ("id_column", "label"))}
    return _command(function, reading | PLACE_OPTIONS | OUTPUT_OPTIONS, run)


def listing(function: Answer) -> Callable[..., int]:
    """A command that lists something, with the options of the output added to its own; it has no value to judge."""

    def run(output: Output, arguments: dict[str, Any]) -> int:
        if collecting.get() is not None:
            raise UsageError(f"{function.__name__} gives no answer that can be claimed")
        return emit(function(**arguments), output)

    return _command(function, {name: option for name, option in OUTPUT_OPTIONS.items() if name not in UNJUDGED}, run)


def _command(function: Answer, added: Options, act: Callable[[Output, dict[str, Any]], int]) -> Callable[..., int]:
    """The function with shared options added to its own; it returns a report (or some, block by block), and this prints it.

    A function with a parameter `streams` is told whether the format can take its answer in pieces.
    """
    signature = inspect.signature(function)
    hints = get_type_hints(function, include_extras=True)

    streams = "streams" in signature.parameters

    def run(**arguments: Any) -> int:
        output = read_output(**{name: arguments.pop(name, None) for name in OUTPUT_OPTIONS})
        if collecting.get() is not None:
            output = _for_claim(output, arguments.get("plot"))
        if streams:
            arguments["streams"] = output.streams
        to_screen = streams and output.streams and sys.stdout is not None and sys.stdout.isatty()
        progress.wanted.set(not output.quiet and not to_screen)
        with ExitStack() as stack:
            cleanup.set(stack)
            asked.set(output)
            return act(output, arguments)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in added.items()
    ]
    own = [
        parameter.replace(annotation=hints[parameter.name])
        for name, parameter in signature.parameters.items()
        if name != "streams"
    ]
    run.__name__, run.__doc__, run.__module__ = function.__name__, function.__doc__, function.__module__
    run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {}  # all that Typer needs is in the signature
    return run


def _for_claim(output: Output, plot: str | None) -> Output:
    """The output options of a claim of a worksheet, which may have none that say where or how to answer."""
    wrong = {
        "--output": output.file,
        "--steps": output.steps,
        "--expect": output.claim,
        "--fail-above": output.fail_above,
        "--plot": plot,
    }
    for option, value in wrong.items():
        if value not in (None, False):
            raise UsageError(f"a claim takes no {option}", hint="write the command and, after =, its answer")
    return output.replace(keeps=True)


# --- parsing ------------------------------------------------------------------------------------------------------


def is_negative(token: str) -> bool:
    """Whether a token begins like a negative number: then it is a value, wherever it stands."""
    rest = token[1:]
    word = "".join(takewhile(str.isalpha, rest)).lower()
    return token[:1] in ("-", "−") and (begins_a_value(rest) or word in ("inf", "infinity", "nan"))


def begins_a_value(text: str) -> bool:
    """Whether a text begins like a number without a sign, a row or a matrix."""
    return text[:1].isdigit() or text[:1] in (".", "[", "(")


class Command(TyperCommand):
    """A command that takes `-1,0,3` as a value in every position, and whose help begins with examples."""

    def make_parser(self, ctx: Any) -> Any:
        """The parser, with tokens that begin like a negative number routed to the arguments."""
        parser: Any = super().make_parser(ctx)
        as_option = parser._process_opts  # noqa: SLF001

        def route(token: str, state: Any) -> None:
            if is_negative(token):
                state.largs.append(token)
            else:
                as_option(token, state)

        parser._process_opts = route  # noqa: SLF001
        return parser

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """One line, examples with their output, the arguments, the options by panel, the exit codes."""
        formatter.write(command_help(self, ctx))


def run_in_process(app: typer.Typer, words: Sequence[str]) -> Report:
    """The report of a command line, not printed; its errors are raised."""
    reports: list[Report] = []
    token = collecting.set(reports)
    try:
        TyperGroup.main(_group(app), list(words), "cecli", standalone_mode=False)
    finally:
        collecting.reset(token)
    if len(reports) != 1:
        raise UsageError(f"{words[0]} gives no answer that can be claimed")
    return reports[0]


@cache
def _group(app: typer.Typer) -> Any:
    """The group of all commands, made once for all the claims of a worksheet."""
    return typer.main.get_command(app)


LISTS = ("check", "devices")
"""Commands whose answer is a list of things, and no value."""


def _made(function: Answer) -> Callable[..., int]:
    """The function as a command of its kind."""
    return (listing if function.__name__ in LISTS else computing)(function)


class Commands(Mapping[str, Any]):
    """The commands by name. Each is loaded, and its options built, when it is asked for: a call needs one of them."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = modules
        self._built: dict[str, Any] = {}

    def function(self, name: str) -> Callable[..., Any]:
        """The function of a command, in its module of `cecli.cli`."""
        found: Callable[..., Any] = getattr(import_module(f"cecli.cli.{self.modules[name]}"), name)
        return found

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = self._build(name)
        return self._built[name]

    def _build(self, name: str) -> Any:
        """The command, with its options."""
        one = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        one.command(cls=Command, context_settings=CONTEXT)(_made(self.function(name)))
        return typer.main.get_command(one)

    def __iter__(self) -> Iterator[str]:
        return iter(self.modules)

    def __len__(self) -> int:
        return len(self.modules)


class Group(TyperGroup):
    """The group of all commands: its bare call, its help, and the hint for a value without a command."""

    modules: ClassVar[Mapping[str, str]]
    """Each command's module in `cecli.cli`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = Commands(self.modules)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """The names of all commands, of which none is loaded for that."""
        return list(self.modules)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A bare call shows three things to try; `help CMD` is `CMD --help`; a value first is an error."""
        if not args and not ctx.resilient_parsing:
            print(short_help(), file=sys.stderr)
            raise typer.Exit(2)
        if args and args[0] == "help":
            args = [*(word for word in args[1:] if word != "help"), "--help"]
        if args and (is_negative(args[0]) or begins_a_value(args[0])):
            raise UsageError(f"{args[0]!r} is a value; name the command first", hint=f"cecli softmax {args[0]}")
        return super().parse_args(ctx, args)

    def main(self, args: Any = None, prog_name: str | None = None, *rest: Any, **extra: Any) -> Any:
        """Runs a command inside the error boundary; the same for a process and for a test's runner."""
        from cecli.cli.boundary import guarded

        standalone = extra.pop("standalone_mode", True)
        extra |= {"prog_name": prog_name or "cecli", "standalone_mode": False}
        words = sys.argv[1:] if args is None else list(args)
        code = guarded(lambda: super(Group, self).main(words, extra.pop("prog_name"), *rest, **extra), words)
        if standalone:
            sys.exit(code)
        return code

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The commands, a line each, and where to go on."""
        formatter.write(group_help(self, ctx))


# --- help ---------------------------------------------------------------------------------------------------------


def _heading(text: str) -> str:
    """A heading of the help."""
    return styled(text, "1", sys.stdout, color_asked(sys.argv[1:]))


def _width() -> int:
    """The columns that help is laid out for."""
    return max(40, min(shutil.get_terminal_size().columns, 100))


def _definitions(entries: list[tuple[str, str]], column: int) -> str:
    """Terms and their explanations in two columns."""
    lines = []
    for term, text in entries:
        wrapped = textwrap.wrap(text, _width() - column - 2, break_long_words=False, break_on_hyphens=False) or [""]
        if len(term) > column - 4:
            lines.append(f"  {term}")
            wrapped = ["", *wrapped]
        else:
            wrapped[0] = f"  {term:<{column - 2}}{wrapped[0]}"
            lines.append(wrapped[0])
        lines += [f"{'':<{column}}{line}" for line in wrapped[1:]]
    return "\n".join(line.rstrip() for line in lines)


def command_help(command: Any, ctx: Any) -> str:
    """The help of one command."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    text = [textwrap.fill(" ".join(paragraph.split()), _width()) for paragraph in paragraphs]
    arguments = [p for p in command.get_params(ctx) if p.param_type_name == "argument"]
    usage = " ".join(["cecli", command.name, *(a.metavar for a in arguments), "[OPTIONS]"])
    sections = [f"{_heading('Usage:')} {usage}", *text, _examples(command.name)]
    if arguments:
        sections.append(_section("Arguments", [(a.metavar.rstrip("."), a.help or "") for a in arguments], 16))
    panels: dict[str, list[tuple[str, str]]] = {}
    for option in command.get_params(ctx):
        if option.param_type_name == "option":
            panels.setdefault(getattr(option, "rich_help_panel", None) or options.OUTPUT, []).append(_entry(option))
    order = (options.INPUT, options.MATHS, options.COMPUTING, options.OUTPUT)
    sections += [_section(panel, panels[panel], 30) for panel in order if panel in panels]
    sections.append(_section("Exit codes", list(EXIT_CODES), 10))
    return "\n\n".join(sections) + "\n"


def _section(title: str, entries: list[tuple[str, str]], column: int) -> str:
    """A heading and its definitions."""
    return f"{_heading(title + ':')}\n{_definitions(entries, column)}"


def _entry(option: Any) -> tuple[str, str]:
    """An option's names and its help."""
    names = sorted(option.opts, key=len)
    if option.secondary_opts:
        names = [f"{names[0]}/{option.secondary_opts[0]}"]
    lead = "" if names[0].startswith("-") and not names[0].startswith("--") else "    "
    metavar = "" if option.is_flag else f" {option.metavar or ''}".rstrip()
    return f"{lead}{', '.join(names)}{metavar}", (option.help or "").replace(
        "Show this message and exit.", "show this help"
    )


def _examples(name: str) -> str:
    """A command's examples with their output."""
    lines = [f"  $ {call}\n" + textwrap.indent(output, "  ") for call, output in EXAMPLES[name]]
    return f"{_heading('Examples:')}\n" + "\n".join(lines)


def group_help(group: Any, ctx: Any) -> str:
    """The help of cecli itself."""
    commands = [(name, _summary(group.commands.function(name))) for name in group.list_commands(ctx)]
    entries = [_entry(option) for option in group.get_params(ctx) if option.param_type_name == "option"]
    sections = [
        f"{_heading('Usage:')} cecli COMMAND ... [OPTIONS]",
        textwrap.fill(inspect.cleandoc(group.help or ""), _width()),
        _section("Commands", commands, 13),
        _section("Options", entries, 30),
        f"{_heading('Examples:')}\n" + "\n".join(f"  $ {call}" for call in TRY),
        "cecli COMMAND --help has examples, every option and the exit codes.",
    ]
    return "\n\n".join(sections) + "\n"


def _summary(function: Callable[..., Any]) -> str:
    """The first line of a command's description."""
    return (function.__doc__ or "").partition("\n")[0]


TRY = ("cecli softmax 2,1,0.1", "cecli xent 1,0,0 0.5,0.2,0.3", "cecli compare --example")


def short_help() -> str:
    """What a bare `cecli` shows."""
    tries = "\n".join(f"  {call}" for call in TRY)
    return (
        f"cecli: the numbers behind classification. Three things to try:\n\n{tries}\n\ncecli --help lists all commands."
    )
