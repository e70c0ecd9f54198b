"""A claim beside the report of its command: does it hold, and if not, what mistake explains it?"""

from __future__ import annotations

from typing import Any

from cecli.comparing.metrics import SUMMARY
from cecli.mistakes.claim_text import decimal_commas
from cecli.mistakes.claims import Claim
from cecli.mistakes.diagnose import ENOUGH_DIGITS, TOO_LARGE, diagnose
from cecli.mistakes.findings import Diagnosis
from cecli.mistakes.table import PIPELINES
from cecli.mistakes.verdict import Judgement, judgement_of
from cecli.report import Report
from cecli.running.problem import Problem

FLOAT32 = "it agrees to single precision: these are the digits of a float32"
SAYS_LITTLE = "a claim of fewer than two digits says little"


PER_CLASS = ("softmax", "grad")
"""Commands whose answer has a value for each class."""


def _in_order_of_classes(claim: Claim, report: Report) -> Claim:
    """A claim whose values have names, in the order of the report's classes."""
    if claim.names is None:
        return claim
    classes = report.settings.get("classes") if report.command in PER_CLASS else None
    if not classes:
        raise claim.error("this claim names its values, and the answer has no names", "claim the values alone")
    extra, missing = (
        [name for name in a if name not in b] for a, b in ((claim.names, classes), (classes, claim.names))
    )
    if extra or missing:
        says = f"{extra[0]!r} is not a class" if extra else f"{missing[0]!r} is missing"
        raise claim.error(says, f"the classes are {', '.join(classes[:12])}", extra[0] if extra else None)
    return claim.in_order(classes)


def judge(report: Report, claim: Claim) -> Judgement:
    """The claim judged against the answer of a report."""
    claim = _in_order_of_classes(claim, report)
    return judgement_of(claim, report.value, report.unit, _diagnosis(report, claim))


def _diagnosis(report: Report, claim: Claim) -> Diagnosis:
    """The mistakes that explain a claim that does not hold; of one that holds, what its digits say."""
    if claim.holds(report.value):
        little = [SAYS_LITTLE] if claim.significant < ENOUGH_DIGITS else []
        return Diagnosis(notes=(*little, *([FLOAT32] if claim.is_float32_of(report.value) else [])))
    if claim.misfit(report.value) and (commas := decimal_commas(claim, report.value)):
        return Diagnosis(notes=(commas,))
    if report.command not in PIPELINES:
        return Diagnosis()
    if isinstance(report.question, Problem):
        return diagnose(report.question, report.value, claim)
    metric = report.settings.get("metric")
    return Diagnosis(notes=(TOO_LARGE if metric in (None, *SUMMARY) else f"no mistakes of {metric} are known",))


def findings_data(judgement: Judgement) -> list[dict[str, Any]]:
    """The findings as JSON holds them."""
    return [
        {"mistake": finding.mistake, "value": finding.value, "likely": finding.likely}
        for finding in judgement.diagnosis.findings
    ]


def judged(report: Report, claim: Claim) -> Report:
    """The report with what `--expect` adds: whether the claim holds, and what mistake explains it where it does not."""
    judgement = judge(report, claim)
    fields = {**report.fields, "expected": judgement.claim.value, "holds": judgement.holds}
    if not judgement.holds:
        fields["diagnosis"] = findings_data(judgement)
    return report.replace(fields=fields, verdict=judgement.sentences(), holds=report.holds and judgement.holds)
