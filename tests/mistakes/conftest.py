"""A claim put to the command line: what its JSON says of it, and what it says in words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cecli.mistakes.diagnose import diagnose
from cecli.mistakes.findings import Diagnosis

FOUND = json.loads((Path(__file__).parent.parent / "cases" / "mistakes.json").read_text("utf-8"))
"""Calls as they are typed, under a name each; and wrong claims about them with the mistake that gives each."""


@pytest.fixture(scope="session")
def put(cecli, inside_meanwhile) -> Callable[[str, str, str], Any]:
    """Puts a claim to a call, in a format. What explains it does not depend on the format, and is searched for once."""
    searched: dict[tuple[str, str], Diagnosis] = {}

    def run(call: str, claim: str, format_: str) -> Any:
        def once(*question: Any) -> Diagnosis:
            if (call, claim) not in searched:
                searched[call, claim] = diagnose(*question)
            return searched[call, claim]

        with inside_meanwhile("the mistakes that explain a claim", once):
            result = cecli(*shlex.split(call), f"--expect={claim}", "-f", format_)
        assert result.exit_code in {0, 1}, result.stderr
        return result

    return run


@pytest.fixture(scope="session")
def judged(put) -> Callable[[str, str], dict[str, Any]]:
    """Runs a call with a claim and gives its JSON; the exit code agrees with it."""

    def run(call: str, claim: str) -> dict[str, Any]:
        result = put(call, claim, "json")
        answer: dict[str, Any] = json.loads(result.stdout)
        assert result.exit_code == (0 if answer["holds"] else 1)
        assert ("diagnosis" in answer) == (not answer["holds"])
        return answer

    return run


@pytest.fixture(scope="session")
def said(put) -> Callable[[str, str], list[str]]:
    """Runs a call with a claim and gives the sentences that a user reads, one by one."""

    def run(call: str, claim: str) -> list[str]:
        result = put(call, claim, "plain")
        return [line.removeprefix("note: ") for line in result.stderr.splitlines()]

    return run


def numbers(value: Any) -> list[float | None]:
    """All numbers of an answer, or of a claim that is one of plain decimals, row after row."""
    if isinstance(value, list):
        return [entry for part in value for entry in numbers(part)]
    if isinstance(value, str):
        return [entry for part in value.replace(";", ",").split(",") for entry in _number(part)]
    return [None if value in (None, "nan") else float(value)]


def _number(text: str) -> list[float | None]:
    """The number that a decimal writes."""
    return [None if text == "nan" else float(text)]


def agrees(claim: str, value: Any) -> bool:
    """Whether every number of a value is less than one unit in the last digit from the claimed one."""
    texts, found = claim.replace(";", ",").split(","), numbers(value)
    if len(texts) != len(found):
        return False
    return all(_near(text, own) for text, own in zip(texts, found, strict=True))


def _near(text: str, own: float | None) -> bool:
    """Whether a number is what one decimal says."""
    if text == "nan" or own is None:
        return text == "nan" and own is None
    if "inf" in text:
        return float(text) == own
    digits, _, power = text.lower().partition("e")
    unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    return abs(float(text) - own) <= unit * (1 + 1e-9)
