"""Which usual mistakes give exactly the claimed digits?

Every mistake alone; where none explains the claim two at a time; and failing that, terms rounded on the way, each as far as the claim's
digits allow (`evidence`). Nothing beyond: a claim that nothing explains has no diagnosis.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cecli.comparing.metrics import SUMMARY
from cecli.mistakes.claims import Claim
from cecli.mistakes.findings import Diagnosis, ambiguities
from cecli.mistakes.framework_findings import framework_findings
from cecli.mistakes.loss_search import LossSearch
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.search import Search
from cecli.mistakes.table import pipeline_of
from cecli.report import Value, flat
from cecli.running.problem import Problem
from cecli.running.recorder import MOST_VALUES

ENOUGH_DIGITS = 2
"""Below this many significant digits a claim says little."""

FEW_DIGITS = "a claim of fewer than two digits says little, so no mistake is looked for"
FEW = {
    2: "a claim of two digits fits some mistake by accident about one time in eight; four digits would say more",
    3: "a claim of three digits fits some mistake by accident about one time in thirty; four digits would say more",
}
"""What is said beside a diagnosis of a claim of so many significant digits."""

TOO_LARGE = f"no mistakes are looked for in more than {MOST_VALUES:,} values"


def diagnose(problem: Problem, value: Value, claim: Claim) -> Diagnosis:
    """The mistakes that give what is claimed, where the answer is another value."""
    if claim.holds(value):
        return Diagnosis()
    if sum(math.prod(batch.prediction.shape) for batch in problem.batches) > MOST_VALUES:
        return Diagnosis(notes=(TOO_LARGE,))
    if claim.significant < ENOUGH_DIGITS:
        return Diagnosis(notes=(FEW_DIGITS,))
    with np.errstate(all="ignore"):
        findings = framework_findings(problem, value, claim)
        if problem.metric not in SUMMARY:
            return Diagnosis(tuple(findings), () if findings else (f"no mistakes of {problem.metric} are known",))
        findings += _search(problem, claim).findings()
    caution = FEW.get(claim.significant) if findings and all(entry.unit for entry in claim.entries) else None
    close = [] if findings else closeness(claim, value)
    return Diagnosis(tuple(findings), (*([caution] if caution else close), *ambiguities(findings)))


def closeness(claim: Claim, value: Value) -> list[str]:
    """How far a claim is off that no mistake explains and that is close to the answer."""
    entry, answer = claim.number, flat(value)[0]
    if entry is None or answer is None or not claim.is_close(value):
        return []
    off = entry.value - answer
    return [f"it is close: too {'large' if off > 0 else 'small'} by {abs(off):.2g}"]


def _search(problem: Problem, claim: Claim) -> Search[Any]:
    pipeline = pipeline_of(problem)
    kind = LossSearch if isinstance(pipeline.inputs[0], LossView) else Search
    return kind(pipeline, claim)
