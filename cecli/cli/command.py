"""Commands as Typer has them, made of the rows of the tables; and negative numbers as values."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cecli.cli.command_table import COMMANDS, Argument, Command
from cecli.cli.option_help import help_of
from cecli.cli.session import Session
from cecli.errors import UsageError
from cecli.running.option import FLAG, SWITCH, Option
from cecli.running.options import offered

WHOLE_HELP = "--help"
CONTEXT = {"help_option_names": ["-h", WHOLE_HELP]}
SHORT = "cecli.short"
"""Where a call's context says whether its help is to fit one screen: `-h` does, `--help` and `cecli help` are whole."""

CURLY = "“”„‟‘’"
"""Quotes as editors write them; a shell hands them on as they are."""

# --- parsing --------------------------------------------------------------------------------------------------------


def is_negative(token: str) -> bool:
    """Whether a token begins like a negative number: then it is a value, wherever it stands."""
    rest = token[1:]
    word = "".join(takewhile(str.isalpha, rest)).lower()
    return token[:1] in ("-", "−") and (begins_a_value(rest) or word in ("inf", "infinity", "nan"))


def begins_a_value(text: str) -> bool:
    """Whether a text begins like a number without a sign, a row or a matrix."""
    return text[:1].isdigit() or text[:1] in (".", "[", "(")


class NumericCommand(TyperCommand):
    """A command that takes `-1,0,3` as a value in every position, and whose help begins with examples."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments and options; `-base 2` and `—base 2`, as editors write it, would be read as something else."""
        ctx.meta[SHORT] = WHOLE_HELP not in args
        for word in takewhile(lambda word: word != "--", args):
            name = word.lstrip("-—–").partition("=")[0]
            if word[:1] in ("-", "—", "–") and len(name) > 1 and not word.startswith("--"):
                for param in self.get_params(ctx):
                    if f"--{name}" in (*param.opts, *param.secondary_opts):
                        raise UsageError(
                            f"{word}: a long option begins with two dashes",
                            hint=f"did you mean --{word.lstrip('-—–')}?",
                        )
        for word in args:
            if word[:1] in CURLY and word[-1:] in CURLY and len(word) > 1:
                raise UsageError(f"{word}: these quotes are curly", hint=f"type straight ones: '{word.strip(CURLY)}'")
        return super().parse_args(ctx, args)

    def make_parser(self, ctx: Any) -> Any:
        """The parser: tokens that begin like a negative number are arguments, and an option has one value."""
        _take_as_typed(self.get_params(ctx))
        parser: Any = super().make_parser(ctx)
        as_option = parser._process_opts  # noqa: SLF001

        def route(token: str, state: Any) -> None:
            if is_negative(token) or token.startswith("-:"):  # columns of standard input
                state.largs.append(token)
            else:
                as_option(token, state)

        parser._process_opts = route  # noqa: SLF001
        for option in {*parser._short_opt.values(), *parser._long_opt.values()}:  # noqa: SLF001
            if option.action in ("store", "store_const"):
                option.process = _once(option)
        return parser

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help of the command's row."""
        from cecli.cli.help_text import command_help

        formatter.write(command_help(COMMANDS[str(self.name)], self.get_params(ctx), ctx.meta.get(SHORT, False)))


def _once(option: Any) -> Any:
    """How a parser takes an option's value: two that differ are an error."""
    take = option.process

    def process(value: Any, state: Any) -> None:
        known = option.dest in state.opts
        before = state.opts.get(option.dest)
        take(value, state)
        if known and (now := state.opts[option.dest]) != before:
            shown = "" if isinstance(now, bool) else f": {before} and {now}"
            raise UsageError(
                f"--{option.dest.replace('_', '-')} is given twice with different values{shown}",
                hint="leave out one of them",
            )

    return process


# --- from a row to a command ----------------------------------------------------------------------------------------


@cache
def typer_command(command: Command) -> Any:
    """The command as Typer has it, with its arguments and options."""

    def run(**typed: Any) -> int:
        from cecli.cli.answering import answer

        return answer(command, typed.pop("ctx").obj, typed)

    parameters = [
        _parameter("ctx", typer.Context),
        *(_parameter(each.name, _annotation(each), None if each.optional else ...) for each in command.arguments),
        *(_parameter(each.name, _option(each, command.name), _default(each)) for each in offered(command.name)),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {}  # all that Typer needs is in the signature
    one = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    one.command(command.name, cls=NumericCommand, context_settings=CONTEXT, help=command.help)(run)
    return typer.main.get_command(one)


class AsTyped:
    """What values are taken by: they stay the texts and flags that they are, which the tables read.

    Typer 0.29 and later would load pydantic for that, in every call.
    """

    @staticmethod
    def coerce(value: Any, param: Any, ctx: Any) -> Any:  # noqa: ARG004
        """The value; of what may stand several times a list."""
        return [*(value or ())] if param.multiple or param.nargs == -1 else value


def _take_as_typed(params: Iterable[Any]) -> None:
    """Typer makes what coerces a parameter's value when it first needs it: here it is there before."""
    for param in params:
        if getattr(param, "_runtime_param", ...) is None:  # Typer before 0.29 has no such thing
            param._runtime_param = AsTyped()  # noqa: SLF001


def _parameter(name: str, annotation: Any, default: Any = ...) -> inspect.Parameter:
    """A parameter; `...` is for one without a default."""
    without = inspect.Parameter.empty if default is ... else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=without, annotation=annotation)


def _annotation(argument: Argument) -> Any:
    kind: Any = list[str] if argument.many else str
    info = typer.Argument(metavar=argument.metavar, help=argument.help, show_default=False)
    return Annotated[kind | None if argument.optional else kind, info]


def _option(option: Option, command: str) -> Any:
    """An option as Typer reads it; its text is read by the table."""
    text: Any = list[str] if option.repeats else str
    kind = bool if option.kind == FLAG else bool | None if option.kind == SWITCH else text | None
    about = help_of(option, command)
    names = [f"{option.flag}/--no-{option.flag[2:]}"] if option.kind == SWITCH else [option.flag]
    info = typer.Option(
        *([option.letter] if option.letter else []),
        *names,
        help=about,
        rich_help_panel=option.panel,
        metavar=option.metavar or None,
        show_default=False,
    )
    return Annotated[kind, info]


def _default(option: Option) -> Any:
    return False if option.kind == FLAG else option.default


class Commands(Mapping[str, Any]):
    """The commands by name. Each is made when it is asked for, once in a process: a call needs one of them."""

    def __getitem__(self, name: str) -> Any:
        return typer_command(COMMANDS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Group(TyperGroup):
    """The group of all commands: its bare call, its help, and the hint for a value without a command."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = Commands()

    def make_parser(self, ctx: Any) -> Any:
        """The parser of what stands before the command."""
        _take_as_typed(self.get_params(ctx))
        return super().make_parser(ctx)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """The names of all commands, of which none is made for that."""
        return list(COMMANDS)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A bare call shows three things to try; `help` and `version` are words of the group; a value first is an error."""
        if not args and not ctx.resilient_parsing:
            from cecli.cli.help_text import bare_help

            print(bare_help(), file=sys.stderr)
            raise typer.Exit(2)
        if args and args[0] == "help":
            args = _helped(args[1:])
        if args and args[0] in OWN_WORDS:
            print(OWN_WORDS[args[0]](args[1:]), end="")
            raise typer.Exit
        ctx.meta[SHORT] = WHOLE_HELP not in args
        if args and (is_negative(args[0]) or begins_a_value(args[0])):
            raise UsageError(f"{args[0]!r} is a value; name the command first", hint=f"cecli softmax {args[0]}")
        return super().parse_args(ctx, args)

    def run(self, words: Sequence[str], session: Session, prog_name: str = "cecli", **extra: Any) -> Any:
        """Runs a command line in a session; its errors are raised, those of Typer in our words."""
        try:
            return super().main(list(words), prog_name, **extra | {"standalone_mode": False, "obj": session})
        except typer.TyperException as error:
            from cecli.cli.boundary import translated

            raise translated(error, words, not session.claim) from error

    def main(self, args: Any = None, prog_name: str | None = None, *rest: Any, **extra: Any) -> Any:  # noqa: ARG002
        """Runs a command inside the error boundary; the same for a process and for a test's runner."""
        from cecli.cli.boundary import guarded

        standalone = extra.pop("standalone_mode", True)
        words = sys.argv[1:] if args is None else list(args)
        session = Session(self)
        code = guarded(lambda: self.run(words, session, prog_name or "cecli", **extra), words, session)
        if standalone:
            sys.exit(code)
        return code

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The commands, a line each."""
        from cecli.cli.help_text import group_help

        formatter.write(group_help(self.help or "", self.get_params(ctx), ctx.meta.get(SHORT, False)))


def _version(words: Sequence[str]) -> str:
    from cecli.cli.about import version

    return version(words)


def _completion(words: Sequence[str]) -> str:
    from cecli.cli.about import completion

    return completion(words)


OWN_WORDS = {"version": _version, "completion": _completion}
"""Words of the group that are not commands: each prints a text."""


def _man_page(_: Sequence[str]) -> str:
    from cecli.cli.man_page import man_page

    return man_page()


def _find(words: Sequence[str]) -> str:
    from cecli.cli.finding import found_text

    return found_text(words)


HELP_WORDS = {"find": _find, "--man": _man_page}
"""Words behind `help` that are not a command or a topic: each prints a text."""


def _helped(words: Sequence[str]) -> list[str]:
    """What `help WORD` stands for: a command's whole help, or that of all; the page of a topic is printed."""
    if words and words[0] in HELP_WORDS:
        print(HELP_WORDS[words[0]](words[1:]), end="")
        raise typer.Exit
    named = [word for word in words if word not in ("help", "-h", WHOLE_HELP)]
    if not named or named[0] in COMMANDS:
        return [*named[:1], WHOLE_HELP]
    from cecli.cli.topics import TOPICS, topic_text

    if named[0] in OWN_WORDS:
        return [named[0], WHOLE_HELP]
    if named[0] not in TOPICS:
        from difflib import get_close_matches

        known, word = [*TOPICS, *COMMANDS, *HELP_WORDS], named[0].lower()
        close = [name for name in known if name.startswith(word)] or get_close_matches(word, known, n=1)
        hint = (
            f"did you mean cecli help {close[0]}?"
            if close
            else f"cecli help find {word} searches all of it; topics are {', '.join(TOPICS)}"
        )
        raise UsageError(f"there is no help on {named[0]!r}", hint=hint)
    print(topic_text(named[0]), end="")
    raise typer.Exit
