"""The error boundary: every error becomes one message on stderr and an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from cecli.cli.command_table import COMMANDS
from cecli.cli.screen import color_asked, in_lines, styled
from cecli.cli.session import Session
from cecli.errors import CecliError, MissingError, Place, UsageError
from cecli.render.safe import visible
from cecli.running.options import offered
from cecli.version import VERSION

USAGE, OWN_FAULT, INTERRUPTED = 2, 70, 130
WINDOW = 66
"""Columns of a typed text that an error shows around what it underlines."""


def guarded(run: Callable[[], Any], words: Sequence[str], session: Session) -> int:
    """Runs a command and returns its exit code, whatever happens."""
    try:
        code = run()
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        return 0
    except Exception as error:
        fault = _told(error)
        if fault.exit_code == OWN_FAULT and os.environ.get("CECLI_DEBUG"):
            raise
        session.progress.end()
        show(fault.message, fault.place, fault.hint, color_asked(words))
        return fault.exit_code
    finally:
        session.progress.end()


def _told(error: Exception) -> CecliError:
    """Any error as one of ours; whatever nobody foresaw is a bug, and is said to be one."""
    if isinstance(error, CecliError):
        return error
    if isinstance(error, OSError):
        _drop_stdout()
        return MissingError(f"the output can't be written: {error.strerror or error}")
    if isinstance(error, MemoryError):
        return MissingError("this machine has too little memory for this input")
    hint = f"please report it with the command line and cecli {VERSION}; CECLI_DEBUG=1 shows the traceback"
    return OwnError(f"this is a fault of cecli itself: {type(error).__name__}: {error}", hint=hint)


class OwnError(CecliError):
    """A bug."""

    exit_code = OWN_FAULT


def _drop_stdout() -> None:
    """Lets the interpreter end without trying to write the rest."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # a stdout that is no file has nothing left to write
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- Typer's errors, in our words ---------------------------------------------------------------------------------


def translated(error: Any, words: Sequence[str], has_stdin: bool) -> UsageError:
    """An error that Typer raised while parsing, in our words."""
    kind, message = type(error).__name__, error.format_message().rstrip(".")
    command = next((word for word in words if word in COMMANDS), None)
    see = f"cecli {command} --help" if command else "cecli --help"
    if kind == "NoSuchOption":
        return _no_option(error.option_name, command, see)
    if kind == "BadOptionUsage" and command:
        return _wrong_value(error.option_name, command)
    if kind == "MissingParameter" and command:
        missing = error.param.metavar if error.param is not None else ""
        return UsageError(f"cecli {command}: {missing} is missing", hint=COMMANDS[command].first_example(has_stdin))
    if unknown := re.match(r"No such command '(.*?)'(?:\. Did you mean (.*?)\??)?$", message):
        from cecli.cli.other_names import command_for

        close = f"cecli {unknown[2].strip(chr(39))}" if unknown[2] else None
        meant = command_for(unknown[1]) or close
        hint = f"did you mean {meant}?" if meant else "cecli --help lists the commands"
        return UsageError(f"there is no command {unknown[1]!r}", hint=hint)
    if extra := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message):
        from cecli.cli.stray import advice

        hint = advice(command, words) if command else see
        return UsageError(f"cecli {command}: unexpected argument {extra[1]}", hint=hint)
    return UsageError(message, hint=see)


def _no_option(name: str, command: str | None, see: str) -> UsageError:
    """The error for an option that the command does not have, and the one that is probably wanted."""
    from difflib import get_close_matches

    from cecli.cli.other_names import is_argument, option_for

    if command and is_argument(name):
        hint = f"arguments have no name here: {COMMANDS[command].examples[0]}"
        return UsageError(f"cecli {command} has no option {name}", hint=hint)
    meant = option_for(name, names := _options_of(command))
    close = [meant] if meant else get_close_matches(name, names, n=1, cutoff=0.75)
    guess = f"did you mean {close[0]}? " if close else ""
    says = f"cecli {command} has no option" if command else "there is no option"
    return UsageError(f"{says} {name}", hint=f"{guess}{see} lists the options")


def _wrong_value(name: str, command: str) -> UsageError:
    """The error for an option that has no value and needs one, or has one and takes none."""
    from cecli.cli.option_help import help_of

    option = next((each for each in offered(command) if name in (each.flag, each.letter)), None)
    if option is not None and option.metavar:
        return UsageError(f"{name} needs a value", hint=f"{name} {option.metavar}: {help_of(option, command)}")
    return UsageError(f"{name} takes no value", hint=f"write {name} alone, or leave it out")


def _options_of(command: str | None) -> list[str]:
    options = offered(command) if command else []
    return (
        ["--version", "--help"]
        if not command
        else [name for option in options for name in (option.flag, option.letter) if name]
    )


# --- the message --------------------------------------------------------------------------------------------------


def show(message: str, place: Place | None, hint: str | None, color: str = "auto") -> None:
    """One message on stderr: what is wrong, where, and what to do about it."""
    lines = [in_lines("error:", "1;31", message, color)]
    if place is not None:
        source, carets = underlined(place)
        lines += ["", f"    {source}", f"    {styled(carets, '1;31', sys.stderr, color)}"]
    if hint:
        lines.append(in_lines("hint:", "1;36", hint, color))
    print("\n".join(lines), file=sys.stderr)


def underlined(place: Place) -> tuple[str, str]:
    """The line that an error is in, shortened around the place, and the carets under it."""
    text, start, stop = place.text, place.start, place.stop
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    line, start, stop = text[begin : end if end >= 0 else None], start - begin, stop - begin
    stop = max(start + 1, min(stop, len(line)))
    low = max(0, min(start - WINDOW // 3, len(line) - WINDOW))
    high = min(len(line), low + WINDOW)
    before, inside, after = (
        visible(line[a:b]) for a, b in ((low, start), (start, min(stop, high)), (min(stop, high), high))
    )
    lead = "…" if low else ""
    source = f"{lead}{before}{inside}{after}{'…' if high < len(line) else ''}"
    return source, " " * _cells(lead + before) + "^" * max(1, _cells(inside))


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes: full-width characters take two, combining ones none."""
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
