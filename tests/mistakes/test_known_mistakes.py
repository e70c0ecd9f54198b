"""Every mistake of the table, with the wrong number it gives: cases from questions, answers and textbooks, worked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cecli.mistakes.claims import read_claim
from cecli.mistakes.diagnose import diagnose
from cecli.mistakes.table import TABLE

FOUND = json.loads((Path(__file__).parent.parent / "cases" / "mistakes.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "case", FOUND["cases"], ids=lambda case: f"{case['code']}-{case['problem']}-{case['claimed'][:20]}"
)
def test_the_mistake_is_named(asked, case) -> None:
    """Among the findings, exactly, with its code and advice; and the claim does not hold."""
    call, claim = asked(**FOUND["problems"][case["problem"]]), read_claim(case["claimed"])
    value = call.right()
    assert not claim.holds(value)

    found = diagnose(call.question(), value, claim)

    named = {finding.mistake: finding for finding in found.findings}
    fitting = [name for name in named if name == case["mistake"] or name.endswith(f" {case['mistake']}")]
    assert fitting, list(named)
    assert named[fitting[0]].codes == (case["code"],)
    assert not named[fitting[0]].likely
    assert named[fitting[0]].advice
    assert claim.holds(named[fitting[0]].value)


def test_every_code_has_a_case() -> None:
    """No row of the table without a number that it gives."""
    rare = {"sum", "sign", "slip7"}
    assert {row.code for row in TABLE} - rare <= {case["code"] for case in FOUND["cases"]}
