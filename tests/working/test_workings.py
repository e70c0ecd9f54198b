"""The working of every call of test_replay.py, and of some random ones, is what tests/cases/workings.json has. With CECLI_UPDATE_GOLDEN=1 the
file is written anew; then read the difference."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.every import every
from tests.working.test_replay import CALLS, random_call

PATH = Path(__file__).parent.parent / "cases" / "workings.json"
UPDATE = bool(os.environ.get("CECLI_UPDATE_GOLDEN"))
CASES = {} if UPDATE else json.loads(PATH.read_text("utf-8"))
RANDOM = 30
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e−?\d+)?")
"""A number in an expression; signs stay where they are."""


def steps_of(cecli: Any, call: str) -> Any:
    """The steps of a call's JSON; None where the call is an error."""
    result = cecli(*shlex.split(call), "--steps", "-f", "json")
    return json.loads(result.stdout)["steps"] if result.exit_code == 0 else None


def write(cecli: Any) -> None:
    """A line for each call."""
    calls = [shlex.join(words) for words in (*CALLS, *map(random_call, range(RANDOM)))]
    found = {call: steps_of(cecli, call) for call in calls}
    lines = [
        f"{json.dumps(call, ensure_ascii=False)}: {json.dumps(steps, ensure_ascii=False)}"
        for call, steps in found.items()
        if steps is not None
    ]
    PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


@every("call", CASES)
def test_the_working_is_the_same(cecli, call) -> None:
    """Word for word; numbers to 12 digits, since the last ones depend on the processor."""
    assert_same(steps_of(cecli, call), CASES[call])


def assert_same(found: Any, expected: Any) -> None:
    """Whether two parts of a working are the same."""
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for name, part in expected.items():
            assert_same(found[name], part)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, str):
        assert NUMBER.sub("#", found) == NUMBER.sub("#", expected)
        assert _numbers(found) == pytest.approx(_numbers(expected), rel=1e-12, abs=1e-15)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)
    else:
        assert found == expected


def _numbers(text: str) -> list[float]:
    """The numbers in an expression."""
    return [float(number.replace("−", "-")) for number in NUMBER.findall(text)]


def test_every_command_is_there(cecli) -> None:
    """Those that have a working."""
    if UPDATE:
        write(cecli)
    calls = [shlex.split(call) for call in json.loads(PATH.read_text("utf-8"))]

    assert len(calls) >= len(CALLS) + RANDOM // 2
    assert {words[0] for words in calls} == {"softmax", "entropy", "xent", "kl", "bce", "compare", "calibrate", "grad"}
