"""What comes out: the report in the format asked for, notes on stderr, and the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, TextIO

from cecli.cli import progress
from cecli.errors import MissingError, UsageError
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.mistakes.claims import Claim
    from cecli.report import Report

FORMATS = ("auto", "table", "plain", "json", "csv", "tsv", "markdown", "latex")
ENDINGS = {
    ".md": "markdown",
    ".tex": "latex",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".txt": "plain",
    ".svg": "svg",
    ".html": "html",
}
COLORS = ("auto", "always", "never")
STREAMING = ("plain", "csv", "tsv")
"""Formats whose pieces, one after the other, are the whole."""

STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
MOST_PRECISION = 400
MOST_NOTES = 12


class Output(Record):
    """The output options of a call, read and checked."""

    format: str = "auto"
    precision: int | None = None
    fail_above: float | None = None
    quiet: bool = False
    color: str = "auto"
    file: str | None = None
    steps: bool = False
    claim: Claim | None = None
    """The answer that `--expect` claims."""
    keeps: bool = False
    """Whether the samples are needed after the answer, though neither the working nor a claim was asked for here."""

    @property
    def explains(self) -> bool:
        """Whether the answer is to be explained or judged, for which its samples are needed."""
        return self.steps or self.keeps or self.claim is not None

    @property
    def chosen(self) -> str:
        """The format, once it is known whether stdout is a terminal."""
        if self.format != "auto":
            return self.format
        return "table" if sys.stdout is not None and sys.stdout.isatty() else "plain"

    @property
    def streams(self) -> bool:
        """Whether the format can take an answer in pieces."""
        return not self.explains and (self.format if self.file else self.chosen) in STREAMING


def read_output(
    format: str | None,  # noqa: A002
    precision: str | None,
    output: str | None,
    steps: bool,
    expect: str | None,
    fail_above: str | None,
    quiet: bool,
    color: str,
) -> Output:
    """The output options as they were typed, checked."""
    chosen = one_of("--format", format or os.environ.get("CECLI_FORMAT") or "auto", FORMATS)
    if output is not None:
        chosen = _format_of_file(output, format and chosen, chosen)
    precision = precision or os.environ.get("CECLI_PRECISION") or None
    return Output(
        chosen,
        None if precision is None else _digits(precision),
        None if fail_above is None else number_option("--fail-above", fail_above),
        quiet,
        one_of("--color", color, COLORS),
        output,
        bool(steps),
        None if expect is None else _claim(expect),
    )


def _claim(text: str) -> Claim:
    """The answer that is claimed."""
    from cecli.mistakes.claims import read_claim

    return read_claim(text)


def _format_of_file(file: str, asked: str | None, otherwise: str) -> str:
    """The format of `-o FILE`: the one asked for, else the ending's, else the environment's; a device gets plain text."""
    ending = os.path.splitext(file)[1].lower()
    if asked not in (None, "auto"):
        return str(asked)
    if ending in ENDINGS:
        return ENDINGS[ending]
    if otherwise != "auto":
        return otherwise
    from cecli.cli.files import is_special

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
    raise UsageError(f"{option}: {value!r} is not one of {', '.join(choices)}", hint=guess)


def number_option(option: str, value: str) -> float:
    """An option's value as a number: decimal, fraction or percentage."""
    from cecli.reading.vector import NotANumberError, TooLargeError, number

    try:
        return TypedNumber(number(value).value, value)
    except NotANumberError:
        raise UsageError(f"{option}: {value!r} is not a number") from None
    except TooLargeError:
        raise UsageError(f"{option}: {value} is too large for a 64-bit float") from None


class TypedNumber(float):
    """A number that remembers how it was typed, for the error that it may cause."""

    text: str

    def __new__(cls, value: float, text: str) -> Self:
        """The number, with its text."""
        made = super().__new__(cls, value)
        made.text = text
        return made


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


def emit(answer: Report | Iterator[Report], output: Output, notes: Sequence[str] = ()) -> int:
    """Prints the report (or those of all blocks) and the notes; the exit code says whether what was asked to hold holds."""
    from cecli.report import Report

    reports = iter([answer]) if isinstance(answer, Report) else answer
    seen = Seen(output.fail_above, notes)
    try:
        if output.file is not None and output.file not in STDOUT:
            from cecli.cli.files import whole_file

            first = next(reports)  # nothing is written, not even to a device, before there is an answer
            with whole_file(output.file) as stream:
                _write(chain([first], reports), output, output.format, stream, None, seen)
        else:
            if sys.stdout is None:
                raise MissingError("standard output is closed, and there is nowhere to print to")
            format_ = output.format if output.file else output.chosen
            _write(reports, output, format_, sys.stdout, table_width(), seen)
    finally:
        if not output.quiet:
            say(seen.notes(), output.color)
    return seen.exit_code


def _write(
    reports: Iterable[Report], output: Output, format_: str, stream: TextIO, width: int | None, seen: Seen
) -> None:
    """Renders every report as it comes."""
    from cecli.render import Style, render

    colored = wants_color(stream, output.color) if stream is sys.stdout else output.color == "always"
    style = Style(output.precision, width, colored, stream is sys.stdout and ascii_only())
    for answer in reports:
        report = answer if output.claim is None else _judged(answer, output.claim)
        progress.end()
        stream.writelines(render(report, format_, style))
        stream.flush()
        seen.add(report, said=format_ in STREAMING)
        style = style.replace(header=False)


def _judged(report: Report, claim: Claim) -> Report:
    """The report with what `--expect` has to say of it."""
    from cecli.mistakes.judging import judged

    return judged(report, claim)


class Seen:
    """What the reports of a call have in common: their notes, and whether what was asked to hold holds."""

    def __init__(self, limit: float | None, notes: Sequence[str]) -> None:
        self.limit = limit
        self.holds = True
        self.incomplete = False
        self.largest: float | None = None
        self.found = dict.fromkeys(notes)
        self.verdict: Sequence[str] = ()
        self.closing: Callable[[], Sequence[str]] | None = None

    def add(self, report: Report, said: bool) -> None:
        """The next report; its verdict is a note where the format has no room for sentences."""
        self.found.update(dict.fromkeys(report.notes))
        self.verdict = report.verdict if said else ()
        self.incomplete = self.incomplete or report.incomplete
        self.closing = report.last_notes or self.closing
        self.holds = self.holds and report.holds
        if self.limit is not None:
            above = [value for value in _flat(report.value) if value > self.limit]
            self.largest = max([*above, *([] if self.largest is None else [self.largest])], default=None)

    def notes(self) -> list[str]:
        """The notes, each once, the first of many."""
        whole = self.closing() if self.closing else ()
        notes = list(dict.fromkeys([*whole, *self.found]))
        if len(notes) > MOST_NOTES:
            notes = [*notes[:MOST_NOTES], f"and {len(notes) - MOST_NOTES} notes more"]
        notes += self.verdict
        if self.largest is not None:
            from cecli.render.numbers import shortest

            notes.append(f"--fail-above: {shortest(self.largest)} is above {shortest(self.limit)}")
        return notes

    @property
    def exit_code(self) -> int:
        """0, or 1 where something does not hold, or 2 where a part could not be answered."""
        if self.incomplete:
            return 2
        return 0 if self.holds and self.largest is None else 1


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


def color_asked(words: Sequence[str]) -> str:
    """The value of `--color`, known before the command line is parsed: for help, and for the errors of parsing itself."""
    for word, following in zip(words, [*words, ""][1:], strict=True):
        value = following if word == "--color" else word.removeprefix("--color=") if word.startswith("--color=") else ""
        if value in ("always", "never"):
            return value
    return "auto"


def styled(text: str, code: str, stream: TextIO, asked: str = "auto") -> str:
    """The text in an ANSI style, where the stream wants colour."""
    return f"\x1b[{code}m{text}\x1b[0m" if wants_color(stream, asked) else text
