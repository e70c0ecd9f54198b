"""What is found for some three hundred wrong claims, as tests/cases/diagnoses.json has it. With CECLI_UPDATE_GOLDEN=1 the claims are drawn
and the file written anew; then read the difference."""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.wrong_claims import is_pair
from tests.mistakes.conftest import FOUND
from tests.mistakes.drawing import answers_of, drawn

PATH = Path(__file__).parent.parent / "cases" / "diagnoses.json"
UPDATE = bool(os.environ.get("CECLI_UPDATE_GOLDEN"))
CASES = [] if UPDATE else json.loads(PATH.read_text("utf-8"))


def write(cecli: Any, judged: Any, said: Any) -> None:
    """A line for each wrong claim: the call, the claim, the diagnosis of the JSON, and the sentences. Of claims about drawn questions that
    nothing explains every second one is enough, of all that is left again, and of the unexplained among these: their searches are the longest."""
    lines, silent, known = [], 0, set(FOUND["problems"].values())
    for call, claim in drawn(answers_of(cecli), judged):
        answer = judged(call, claim)
        silent += answer.get("diagnosis") == []
        if not answer["holds"] and (answer["diagnosis"] or call in known or silent % 2):
            case = {"call": call, "claim": claim, "diagnosis": answer["diagnosis"], "said": said(call, claim)}
            lines.append(json.dumps(case, ensure_ascii=False))
    kept = lines[::2]
    too_many = {*[line for line in kept if '"diagnosis": []' in line][1::2]}
    PATH.write_text("[\n" + ",\n".join(line for line in kept if line not in too_many) + "\n]\n", "utf-8")


def name_of(case) -> str:
    """What a case is called."""
    return f"{case['call'][:40]}-{case['claim'][:20]}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_same_is_found(judged, case) -> None:
    """The same mistakes in the same order, with the same values."""
    answer = judged(case["call"], case["claim"])

    assert not answer["holds"]
    assert [(found["mistake"], found["likely"]) for found in answer["diagnosis"]] == [
        (found["mistake"], found["likely"]) for found in case["diagnosis"]
    ]
    for found, expected in zip(answer["diagnosis"], case["diagnosis"], strict=True):
        assert same(found["value"], expected["value"])


@pytest.mark.parametrize("case", CASES[::4], ids=name_of)
def test_the_same_is_said(said, case) -> None:
    """In the same words; of every fourth, since each is a search of its own."""
    assert said(case["call"], case["claim"]) == case["said"]


def same(found: Any, expected: Any) -> bool:
    """Equal to 12 digits, in shape and None alike."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if expected is None or found is None:
        return found is expected
    return float(found) == pytest.approx(float(expected), rel=1e-12, abs=1e-15, nan_ok=True)


def test_the_claims_are_of_all_kinds(cecli, judged, said) -> None:
    """Every command; nothing found, one mistake, several, two at once, one sample's or one model's, and likely ones."""
    if UPDATE:
        write(cecli, judged, said)
    cases = json.loads(PATH.read_text("utf-8"))
    commands = Counter(shlex.split(case["call"])[0] for case in cases)
    named = [found["mistake"] for case in cases for found in case["diagnosis"]]

    assert len(cases) >= 250
    assert min(commands[name] for name in ("xent", "bce", "entropy", "kl", "softmax", "grad", "compare")) >= 15
    assert sum(not case["diagnosis"] for case in cases) >= 50
    assert sum(map(is_pair, named)) >= 15
    assert sum("for sample " in name for name in named) >= 5
    assert sum("for model " in name for name in named) >= 2
    assert sum(found["likely"] for case in cases for found in case["diagnosis"]) >= 15
