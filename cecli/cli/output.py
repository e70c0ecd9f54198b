"""What comes out: the report in the format asked for, notes on stderr, and the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from cecli.cli.files import is_special, whole_file
from cecli.errors import MissingError, UsageError

if TYPE_CHECKING:
    from cecli.report import Report

FORMATS = ("auto", "table", "plain", "json", "csv", "tsv", "markdown", "latex")
ENDINGS = {
    ".md": "markdown", ".tex": "latex", ".csv": "csv", ".tsv": "tsv", ".json": "json", ".txt": "plain", ".svg": "svg", ".html": "html",
}
COLORS = ("auto", "always", "never")
MOST_PRECISION = 400


@dataclass(frozen=True)
class Output:
    """The output options of a call, read and checked."""

    format: str = "auto"
    precision: int | None = None
    fail_above: float | None = None
    quiet: bool = False
    color: str = "auto"
    file: str | None = None


def read_output(
    format: str,  # noqa: A002
    precision: str | None,
    output: str | None,
    fail_above: str | None,
    quiet: bool,
    color: str,
) -> Output:
    """The output options as they were typed, checked."""
    chosen = one_of("--format", format, FORMATS)
    if output is not None:
        chosen = _format_of_file(output, chosen)
    return Output(
        chosen,
        None if precision is None else _digits(precision),
        None if fail_above is None else number_option("--fail-above", fail_above),
        quiet,
        one_of("--color", color, COLORS),
        output,
    )


def _format_of_file(file: str, chosen: str) -> str:
    """The format of `-o FILE`: the one asked for, else the ending's; a device or a pipe gets plain text."""
    ending = os.path.splitext(file)[1].lower()
    if chosen != "auto":
        return chosen
    if ending in ENDINGS:
        return ENDINGS[ending]
    if is_special(file):
        return "plain"
    raise UsageError(
        f"--output: the ending of {file!r} says no format",
        hint=f"end it in one of {' '.join(ENDINGS)}, or say --format",
    )


def one_of(option: str, value: str, choices: Iterable[str]) -> str:
    """The value, if it is one of the choices; else the error that lists them."""
    choices = tuple(choices)
    if value in choices:
        return value
    from difflib import get_close_matches

    close = get_close_matches(value, choices, n=1)
    guess = f"did you mean {close[0]}?" if close else None
    raise UsageError(f"{option}: {value!r} is none of {', '.join(choices)}", hint=guess)


def number_option(option: str, value: str) -> float:
    """An option's value as a number: decimal, fraction or percentage."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    try:
        return number(value).value
    except NotANumberError:
        raise UsageError(f"{option}: {value!r} is not a number") from None
    except TooLargeError:
        raise UsageError(f"{option}: {value} is too large for a 64-bit float") from None


def integer_option(option: str, value: str) -> int:
    """An option's value as a whole number."""
    found = number_option(option, value)
    if not found.is_integer():
        raise UsageError(f"{option}: {value} is not a whole number")
    return int(found)


def _digits(value: str) -> int:
    """The value of `--precision`."""
    digits = integer_option("--precision", value)
    if not 0 <= digits <= MOST_PRECISION:
        raise UsageError(f"--precision: {value} is not between 0 and {MOST_PRECISION}")
    return digits


# --- the report, out ----------------------------------------------------------------------------------------------


def emit(report: Report, output: Output) -> int:
    """Prints the report and its notes; the exit code says whether what was asked to hold holds."""
    from cecli.render import Style, render

    if output.file is not None:
        style = Style(output.precision, None, output.color == "always")
        with whole_file(output.file) as stream:
            stream.writelines(render(report, output.format, style))
    else:
        if sys.stdout is None:
            raise MissingError("standard output is closed, and there is nowhere to print to")
        chosen = output.format
        if chosen == "auto":
            chosen = "table" if sys.stdout.isatty() else "plain"
        style = Style(output.precision, table_width(), wants_color(sys.stdout, output.color), ascii_only())
        sys.stdout.writelines(render(report, chosen, style))
        sys.stdout.flush()
    above = _above(report, output)
    if not output.quiet:
        say([*report.notes, *above], output.color)
    return 0 if report.holds and not above else 1


def _above(report: Report, output: Output) -> list[str]:
    """Why `--fail-above` fails, if it does."""
    limit = output.fail_above
    if limit is None:
        return []
    found = [value for value in _flat(report.value) if value > limit]
    return [f"--fail-above: {max(found):.10g} is above {limit:.10g}"] if found else []


def _flat(value: Any) -> Iterator[float]:
    """All numbers of a value; those left out are none."""
    if isinstance(value, list):
        for entry in value:
            yield from _flat(entry)
    elif value is not None:
        yield value


def say(notes: Iterable[str], color: str = "auto") -> None:
    """Notes on stderr, one line each."""
    from cecli.render.safe import visible

    for note in notes:
        print(f"{styled('note:', '36', sys.stderr, color)} {visible(note)}", file=sys.stderr)


def table_width() -> int | None:
    """The columns of the terminal that the table goes to; None, no limit, where it goes elsewhere."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None


def ascii_only() -> bool:
    """Whether stdout is a terminal whose locale names a character set other than UTF-8."""
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "")
    return bool(locale) and "utf" not in locale.lower() and sys.stdout.isatty()


def wants_color(stream: TextIO, asked: str = "auto") -> bool:
    """`--color` over NO_COLOR over FORCE_COLOR over TERM=dumb over whether it is a terminal."""
    if asked != "auto":
        return asked == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def styled(text: str, code: str, stream: TextIO, asked: str = "auto") -> str:
    """The text in an ANSI style, where the stream wants colour."""
    return f"\x1b[{code}m{text}\x1b[0m" if wants_color(stream, asked) else text
