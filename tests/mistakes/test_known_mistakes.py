"""Every mistake that the page lists, with the wrong numbers that it gives.

Cases whose source is `cecli` are numbers that cecli itself gave, kept so that they stay found; the others come from questions, answers
and textbooks, or were worked by hand.
"""

from __future__ import annotations

from collections import Counter

from tests.every import every
from tests.mistakes.conftest import FOUND, agrees
from tests.mistakes.test_page import LISTED, command_of

ONE_SAMPLE_TELLS_NOTHING = {
    "sum instead of mean, or mean instead of sum", "mean divided by another number of samples", "mean taken twice", "one sample alone",
    "one sample left out of the mean", "two samples exchanged", "mean of the samples' perplexities",
    "outer product of the sums", "outer product of the means",
    "logarithm of the mean probability", "product of the probabilities", "logarithm of the accuracy", "softmax over the samples",
    "softmax over the other axis", "one softmax over all values", "positives alone", "sum over the labels of a sample",
    "divided, or not divided, by the number of samples", "divided by the number of samples twice",
}  # fmt: skip
"""Mistakes that need several samples, or several labels of one."""

SAYS = "This is what one gets with", "This is another part of the same call"

ONE_SAMPLE_IS_A_WHOLE_NUMBER = {"accuracy in place of the error rate"}
"""0 for 1: a claim of too few digits to be explained."""

NEVER_MET = {("log 0 clipped", "kl"), ("smoothing with ε/(K−1)", "compare")}
"""The page lists them, but a divergence keeps its infinity, and `compare` has no smoothing."""


def name_of(case) -> str:
    """What a case is called."""
    return f"{case['problem']}-{case['mistake']}-{case['claimed'][:20]}"


def others_and_one_of_each() -> list[dict]:
    """All cases that are not cecli's own, and of these one for every mistake, command, and whether it is one sample or several."""
    own: Counter[tuple[str, str, bool]] = Counter()
    chosen = []
    for case in FOUND["cases"]:
        kind = case["mistake"], command_of(FOUND["problems"][case["problem"]]), case["samples"] == 1
        own[kind] += case["source"] == "cecli"
        if case["source"] != "cecli" or own[kind] == 1:
            chosen.append(case)
    return chosen


@every("case", others_and_one_of_each(), ids=name_of)
def test_the_mistake_is_named(judged, case) -> None:
    """Among the findings, exactly, with a value that is what is claimed."""
    answer = judged(FOUND["problems"][case["problem"]], case["claimed"])

    assert not answer["holds"]
    assert answer["samples"] == case["samples"]
    named = {finding["mistake"]: finding for finding in answer["diagnosis"]}
    assert case["mistake"] in named, list(named)
    assert not named[case["mistake"]]["likely"]
    assert agrees(case["claimed"], named[case["mistake"]]["value"])


def one_of_each() -> list[dict]:
    """For every row of the page and every command its first case."""
    found: dict[tuple[str, str], dict] = {}
    for case in FOUND["cases"]:
        found.setdefault((case["row"], command_of(FOUND["problems"][case["problem"]])), case)
    return list(found.values())


@every("case", one_of_each(), ids=name_of)
def test_the_mistake_is_told_in_words(said, case) -> None:
    """With the advice that the page has for it."""
    call = FOUND["problems"][case["problem"]]
    words = said(call, case["claimed"])

    assert any(line.startswith(f"✗ {case['claimed']} does not hold") for line in words)
    told = [i for i, line in enumerate(words) if line.startswith(tuple(f"{says}: {case['mistake']}" for says in SAYS))]
    assert told
    assert words[told[0] + 1] == LISTED[case["row"], command_of(call)]["advice"]


def test_every_mistake_has_cases() -> None:
    """For every command that the page lists it for, of one sample and of several, where it can be made with those."""
    one, several = (
        {
            (case["row"], command_of(FOUND["problems"][case["problem"]]))
            for case in FOUND["cases"]
            if is_one == (case["samples"] == 1)
        }
        for is_one in (True, False)
    )

    needs_several = ONE_SAMPLE_TELLS_NOTHING | ONE_SAMPLE_IS_A_WHOLE_NUMBER
    assert LISTED.keys() - NEVER_MET - several == set()
    assert {key for key in LISTED.keys() - NEVER_MET - one if key[0] not in needs_several} == set()
    assert (one | several) <= LISTED.keys()
    assert not NEVER_MET & (one | several)
