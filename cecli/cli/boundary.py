"""The error boundary: every error becomes one message on stderr and an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from cecli.cli import progress
from cecli.cli.output import color_asked, styled
from cecli.errors import CecliError, Place
from cecli.render.safe import visible
from cecli.version import VERSION

USAGE, OWN_FAULT, INTERRUPTED = 2, 70, 130
WINDOW = 66
"""Columns of a typed text that an error shows around what it underlines."""


def guarded(run: Callable[[], Any], words: Sequence[str]) -> int:  # noqa: PLR0911 - an exit code for each kind
    """Runs a command and returns its exit code, whatever happens."""
    color = color_asked(words)
    try:
        code = run()
        return code if isinstance(code, int) else 0
    except CecliError as error:
        show(error.message, error.place, error.hint, color)
        return error.exit_code
    except typer.TyperException as error:
        show(*translated(error, words), color)
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        return 0
    except OSError as error:
        _drop_stdout()
        show(f"the output can't be written: {error.strerror or error}", None, None, color)
        return USAGE
    except MemoryError:
        show("the memory of this machine does not suffice for this input", None, None, color)
        return USAGE
    except Exception as error:  # the boundary: whatever is left is a bug, and is said to be one
        if os.environ.get("CECLI_DEBUG"):
            raise
        hint = f"please report it with the command line and cecli {VERSION}; CECLI_DEBUG=1 shows the traceback"
        show(f"this is a fault of cecli itself: {type(error).__name__}: {error}", None, hint, color)
        return OWN_FAULT
    finally:
        progress.end()


def _drop_stdout() -> None:
    """Lets the interpreter end without trying to write the rest."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # a stdout that is no file has nothing left to write
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- Typer's errors, in our words ---------------------------------------------------------------------------------


def translated(error: Any, words: Sequence[str]) -> tuple[str, None, str | None]:
    """Message and hint of an error that Typer raised while parsing."""
    from difflib import get_close_matches

    from cecli.cli.examples import EXAMPLES

    kind, message = type(error).__name__, error.format_message().rstrip(".")
    command = next((word for word in words if word in EXAMPLES), None)
    see = f"cecli {command} --help" if command else "cecli --help"
    if kind == "NoSuchOption":
        close = get_close_matches(error.option_name, error.possibilities or (), n=1, cutoff=0.75)
        guess = f"did you mean {close[0]}? " if close else ""
        offered = f"cecli {command} has no option" if command else "there is no option"
        return f"{offered} {error.option_name}", None, f"{guess}{see} lists the options"
    if kind == "MissingParameter" and command:
        missing = error.param.metavar if error.param is not None else ""
        return f"cecli {command}: {missing} is missing", None, f"for example: {EXAMPLES[command][0][0]}"
    if suggestion := re.match(
        r"No such command '(.*)'\. Did you mean (.*)\?$", message + "?" * (not message.endswith("?"))
    ):
        return f"there is no command {suggestion[1]!r}", None, f"did you mean {suggestion[2]}?"
    if message.startswith("No such command"):
        return message.replace("No such command", "there is no command"), None, "cecli --help lists the commands"
    if extra := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message):
        return f"cecli {command}: {extra[1]} is too many", None, f"put quotes around values with blanks; {see}"
    return message, None, see


# --- the message --------------------------------------------------------------------------------------------------


def show(message: str, place: Place | None, hint: str | None, color: str = "auto") -> None:
    """One message on stderr: what is wrong, where, and what to do about it."""
    progress.end()
    lines = [f"{styled('error:', '1;31', sys.stderr, color)} {visible(message)}"]
    if place is not None:
        source, carets = underlined(place)
        lines += ["", f"    {source}", f"    {styled(carets, '1;31', sys.stderr, color)}"]
    if hint:
        lines.append(f"{styled('hint:', '1;36', sys.stderr, color)} {visible(hint)}")
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
