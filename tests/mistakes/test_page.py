"""The page about mistakes lists every mistake that is looked for, as the command line tells it."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

from tests.every import every
from tests.mistakes.conftest import FOUND

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "mistakes.md"
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end -->)", re.DOTALL)


def rows() -> list[dict[str, str]]:
    """The rows of the page's table: mistake, gives, where, advice."""
    found = TABLE.search(PAGE.read_text("utf-8"))
    assert found
    heads, _, *lines = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in found[0].strip().splitlines()
    ]
    return [dict(zip(heads, line, strict=True)) for line in lines]


def listed() -> dict[tuple[str, str], dict[str, str]]:
    """Each row under (mistake, command), once for every command that it is listed for."""
    return {
        (row["mistake"].strip("*"), command.strip(" `")): row for row in rows() for command in row["where"].split(",")
    }


LISTED = listed()


def command_of(call: str) -> str:
    """The command of a call, as the page names it."""
    command = call.partition(" ")[0]
    return "kl --js" if command == "kl" and "--js" in call.split() else command


def test_every_row_has_all_it_needs() -> None:
    """A name, a formula, a command and advice of one sentence; a name is listed once for each command."""
    for row in rows():
        assert all(row.values())
        assert row["advice"].endswith(".")
    told = [(row["mistake"].strip("*"), command.strip()) for row in rows() for command in row["where"].split(",")]
    assert len(told) == len(set(told)) == len(LISTED)


def numbers_of_each() -> list[dict]:
    """For every row of the page and every command its first case that is one number of no more than two digits before the point."""
    found: dict[tuple[str, str], dict] = {}
    for case in FOUND["cases"]:
        if re.fullmatch(r"-?\d{1,2}\.\d+", case["claimed"]):
            found.setdefault((case["row"], command_of(FOUND["problems"][case["problem"]])), case)
    return list(found.values())


@every("case", numbers_of_each(), ids=lambda case: f"{case['problem']}-{case['mistake']}")
def test_bold_mistakes_alone_explain_two_digits(judged, case) -> None:
    """What the page says of the mistakes in bold: the others are not looked for then. Of many that fit five are named, of those with many
    ways and those that give a claim close to the answer none."""
    call, claim = FOUND["problems"][case["problem"]], two_digits(float(case["claimed"]))
    answer = judged(call, claim)
    if answer["holds"]:
        return
    named = [finding["mistake"] for finding in answer["diagnosis"]]
    if LISTED[case["row"], command_of(call)]["mistake"].startswith("**"):
        is_silent = is_close(claim, answer["value"]) or case["row"] in MANY_WAYS
        assert case["mistake"] in named or len(named) == 5 or is_silent
    else:
        assert case["mistake"] not in named


MANY_WAYS = {"a term left out", "target and prediction swapped"}
"""Each term may be the one, and a 0 in the swapped prediction is clipped at one of several numbers."""


def is_close(claim: str, value: float | str | list[float]) -> bool:
    """Whether a claim is within two units of its last digit from the answer."""
    unit = 10.0 ** -len(claim.partition(".")[2])
    return abs(float(claim) - float(value[0] if isinstance(value, list) else value)) < 3 * unit


def two_digits(value: float) -> str:
    """A number to two significant digits, without an exponent."""
    power = int(f"{value:.1e}".partition("e")[2])
    return f"{value:.{max(0, 1 - power)}f}"


def test_all_advice_is_on_the_page() -> None:
    """Whatever is told after a mistake is the page's advice for one, or for two, and what there is to say of rounded terms."""
    known = {row["advice"] for row in rows()} | {
        "Keep all digits until the end and round once.",
        "The values stand in the order of the models.",
    }
    cases = json.loads((PAGE.parents[2] / "tests" / "cases" / "diagnoses.json").read_text("utf-8"))
    told = {
        after
        for case in cases
        for line, after in itertools.pairwise(case["said"])
        if line.startswith(("This is what one gets with: ", "This is another part", "Likely: ", "Possibly: "))
    }

    assert len(told) > 50
    for advice in told:
        left = re.sub(
            r"--like [\w-]+ shows both values and what makes them differ\.", "", advice
        )  # a framework's value
        for sentence in sorted(known, key=len, reverse=True):
            left = left.replace(sentence, "")
        assert not left.strip(), advice
