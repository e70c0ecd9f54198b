"""A claim put to the command line: what its JSON says of it, and what it says in words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOUND = json.loads((Path(__file__).parent.parent / "cases" / "mistakes.json").read_text("utf-8"))
"""Calls as they are typed, under a name each; and wrong claims about them with the mistake that gives each."""


@pytest.fixture(scope="session")
def judged(cecli) -> Callable[[str, str], dict[str, Any]]:
    """Runs a call with a claim and gives its JSON; the exit code agrees with it."""

    def run(call: str, claim: str) -> dict[str, Any]:
        result = cecli(*shlex.split(call), f"--expect={claim}", "-f", "json")
        assert result.exit_code in {0, 1}, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        assert result.exit_code == (0 if answer["holds"] else 1)
        assert ("diagnosis" in answer) == (not answer["holds"])
        return answer

    return run


@pytest.fixture(scope="session")
def said(cecli) -> Callable[[str, str], list[str]]:
    """Runs a call with a claim and gives the sentences that a user reads, one by one."""

    def run(call: str, claim: str) -> list[str]:
        result = cecli(*shlex.split(call), f"--expect={claim}", "-f", "plain")
        assert result.exit_code in {0, 1}, result.stderr
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
