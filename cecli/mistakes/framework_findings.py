"""A wrong claim that is what a framework gives for the call: which one, and by which conventions."""

from __future__ import annotations

from cecli.frameworks.likeness import Likeness, all_likenesses
from cecli.mistakes.claims import Claim
from cecli.mistakes.findings import Finding
from cecli.report import Value
from cecli.running.problem import Problem

ENOUGH_DIGITS = 3
"""Below this many significant digits a claim fits some framework by accident."""

USUAL = {"base", "rounding", "float32"}
"""Conventions that explain no wrong claim: another base is a mistake of its own, and rounding is within the claim's digits."""


def framework_findings(problem: Problem, value: Value, claim: Claim) -> list[Finding]:
    """What frameworks give, where that is the claim; those with the same conventions are one finding."""
    if claim.significant < ENOUGH_DIGITS:
        return []
    by_reason: dict[str, list[Likeness]] = {}
    for like in all_likenesses(problem, value):
        if claim.holds(like.value):
            reason = "; ".join(each.theirs for each in like.differences if each.name not in USUAL)
            by_reason.setdefault(reason, []).append(like)
    by_reason.pop("", None)
    return [_finding(reason, likes) for reason, likes in by_reason.items()]


def _finding(reason: str, likes: list[Likeness]) -> Finding:
    """What is said of frameworks with the same conventions."""
    *others, last = dict.fromkeys(like.title.removesuffix(" 1.4") for like in likes)
    titles = f"{', '.join(others)} and {last}" if others else last
    advice = f"--like {likes[0].framework} shows both values and what makes them differ."
    return Finding(f"{titles} ({reason})", likes[0].value, codes=("M25",), advice=advice)
