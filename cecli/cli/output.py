"""The options of the output, read and checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cecli.errors import UsageError
from cecli.record import Record
from cecli.render import CHOICES, ENDINGS, FORMATS, Format
from cecli.running.options import OPTIONS

if TYPE_CHECKING:
    from cecli.mistakes.claims import Claim


class Output(Record):
    """What is printed, and where."""

    format: str = "auto"
    precision: int | None = None
    fail_above: float | None = None
    quiet: bool = False
    color: str = "auto"
    file: str | None = None
    steps: bool = False
    claim: Claim | None = None
    """The answer that `--expect` claims."""
    like: str | None = None
    """The framework whose value is to stand beside the answer."""
    code: str | None = None
    """The library that a program is to be written for."""
    keeps: bool = False
    """Whether the samples are needed after the answer, though neither the working nor a claim was asked for here."""

    @property
    def explains(self) -> bool:
        """Whether the answer is to be explained or judged, for which its samples are needed."""
        return self.steps or self.keeps or self.claim is not None or self.reworks

    @property
    def reworks(self) -> bool:
        """Whether a framework's value or a program is asked for, for which all samples are needed."""
        return self.like is not None or self.code is not None

    @property
    def chosen(self) -> Format:
        """The format, once it is known whether stdout is a terminal."""
        if self.code is not None:
            return FORMATS["plain"]
        if self.format != "auto":
            return FORMATS[self.format]
        return FORMATS["table" if sys.stdout is not None and sys.stdout.isatty() else "plain"]

    @property
    def shows_value_alone(self) -> bool:
        """Whether nothing beside the value is shown or judged."""
        return self.chosen.value_alone and not self.explains

    @property
    def streams(self) -> bool:
        """Whether the format can take an answer in pieces."""
        return self.chosen.streams and not self.explains


STANDARD_OUTPUT = "-"


def read_output(typed: Mapping[str, Any]) -> Output:
    """The options as they were typed, checked; a command that lists things does not have them all."""
    file, expected = typed["output"], typed.get("expect")
    file = None if file == STANDARD_OUTPUT else file
    limits = OPTIONS["fail_above"].read(typed.get("fail_above"))
    code = _library(typed)
    called, precision = OPTIONS["precision"].given(typed.get("precision"))
    form = "plain" if code else _format(typed["format"], file)
    _require_numbers(form, typed)
    return Output(
        form,
        OPTIONS["precision"].read(precision, called),
        min(limits) if limits else None,
        typed["quiet"],
        one_of("--color", typed["color"], OPTIONS["color"].choices),
        file,
        typed.get("steps", False),
        None if expected is None else _claim(expected),
        None if typed.get("like") is None else _framework(typed["like"]),
        code,
    )


def _require_numbers(form: str, typed: Mapping[str, Any]) -> None:
    """A file of numbers has no place for a text."""
    if form == "auto" or not FORMATS[form].holds:
        return
    for name in ("steps", "like"):
        if typed.get(name):
            raise UsageError(
                f"--output: {FORMATS[form].ending} holds {FORMATS[form].holds}, and {OPTIONS[name].flag} is text",
                hint=f"write it to a file that ends in .txt or .json, or leave out {OPTIONS[name].flag}",
            )


def for_claim(output: Output, plot: str | None) -> Output:
    """The output options of a line of a worksheet, which may have none that say where or how to answer."""
    wrong = {
        "--output": output.file,
        "--steps": output.steps,
        "--expect": output.claim,
        "--like": output.like,
        "--code": output.code,
        "--fail-above": output.fail_above,
        "--plot": plot,
    }
    for option, value in wrong.items():
        if value not in (None, False):
            raise UsageError(f"a claim can't have {option}", hint="write the command and, after =, its answer")
    return output.replace(keeps=True)


def _framework(name: str) -> str:
    from cecli.frameworks.functions import FRAMEWORKS

    return _called("--like", name, FRAMEWORKS)


def _called(option: str, name: str, choices: Iterable[str]) -> str:
    """A framework or library by any of its names, in any case; of one that has none the error says under which its functions are found."""
    from cecli.frameworks.functions import FOUND_UNDER, OTHER_NAMES

    names, plain = tuple(choices), name.lower()
    under = FOUND_UNDER.get(plain)
    if plain not in names and under in names:
        hint = f"the functions of {plain} are found under {under}: {option} {under}"
        raise UsageError(f"{option}: {name!r} is not one of {', '.join(names)}", hint=hint)
    known = OTHER_NAMES.get(plain, plain)
    return known if known in names else one_of(option, name, names)


def _library(typed: Mapping[str, Any]) -> str | None:
    """The library of `--code`, which goes with nothing that says how an answer is shown."""
    if typed.get("code") is None:
        return None
    from cecli.frameworks.library_code import LIBRARIES

    for name in ("like", "format", "steps", "precision"):
        if typed.get(name) not in (None, False):
            raise UsageError(
                f"--code prints a program and can't be combined with {OPTIONS[name].flag}",
                hint="leave out one of the two",
            )
    return _called("--code", typed["code"], LIBRARIES)


def _claim(text: str) -> Claim:
    from cecli.mistakes.claim_text import read_claim

    return read_claim(text)


def _format(typed: str | None, file: str | None) -> str:
    """The name of the format: the one asked for, else that of the file's ending, else the environment's; a device gets plain text."""
    called, text = OPTIONS["format"].given(typed)
    if text in FORMATS and text not in CHOICES:
        raise UsageError(f"{called}: {text} is a kind of file", hint=f"-o FILE{FORMATS[text].ending} writes one")
    name = one_of(called, text or "auto", CHOICES)
    asked = FORMATS[name].name if name != "auto" else name
    if file is None or (typed and asked != "auto"):
        return asked
    ending = os.path.splitext(file)[1].lower()
    if ending in ENDINGS:
        return ENDINGS[ending]
    if asked != "auto":
        return asked
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

    close = get_close_matches(value.lower(), choices, n=1)
    guess = f"did you mean {close[0]}?" if close else None
    raise UsageError(f"{option}: {value!r} is not one of {', '.join(choices)}", hint=guess)
