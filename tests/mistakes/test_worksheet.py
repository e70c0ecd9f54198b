"""A worksheet: a claim a line."""

from __future__ import annotations

import json
from typing import Any

import pytest

PAGE = """\ufeff# three classes, the true one is the first
xent 1,0,0 0.5,0.2,0.3 = 0.69

    cecli softmax 1,2,3 = 0.09,0.24,0.67
compare 2,1,0 small="0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3" --metric mse = 0.34\t# the second's
entropy 63/64,1/64 --base 2 = 0.1164        # fails: it is 0.1161\r
xent a#b 0.5,0.5 --classes a#b,c = 1#2
softmax 0,0 '-t' "2" = 0.5,0.5
"""


@pytest.fixture
def checked(cecli):
    """The JSON of a worksheet, and the exit code that it comes with."""

    def run(text: str) -> tuple[dict[str, Any], int]:
        result = cecli("check", "-", "-f", "json", stdin=text)
        return json.loads(result.stdout), result.exit_code

    return run


def test_a_page(checked) -> None:
    """Comments, blank lines, quotes, models' names, indented lines, CRLF and a byte order mark."""
    found, code = checked(PAGE)

    assert code == 2
    assert [(claim["line"], claim["command"], claim["claimed"], claim["holds"]) for claim in found["claims"]] == [
        (2, "xent 1,0,0 0.5,0.2,0.3", 0.69, True),
        (4, "cecli softmax 1,2,3", [0.09, 0.24, 0.67], True),
        (5, 'compare 2,1,0 small="0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3" --metric mse', 0.34, True),
        (6, "entropy 63/64,1/64 --base 2", 0.1164, False),
        (8, "softmax 0,0 '-t' \"2\"", [0.5, 0.5], True),
    ]
    assert [claim["diagnosis"] for claim in found["claims"] if claim["holds"]] == [[], [], [], []]
    assert [error["line"] for error in found["errors"]] == [7]
    assert "1#2" in found["errors"][0]["message"]
    assert (found["held"], found["failed"]) == (4, 1)


@pytest.mark.parametrize("before", ["1. ", "2) ", "(3) ", "12.\t ", "$ ", "  $  cecli ", "4. $ cecli "])
def test_a_number_or_a_prompt_before_a_command_is_passed_over(checked, before) -> None:
    """As a line is copied from an exercise or a terminal; the command in the JSON runs as it is."""
    found, code = checked(f"{before}xent 0 0.5,0.5 = 0.69\n")

    assert code == 0
    assert found["claims"][0]["command"].removeprefix("cecli ") == "xent 0 0.5,0.5"


@pytest.mark.parametrize("line", ["1. = 0.69", "$ = 0.69", "0.5. xent 0 0.5,0.5 = 0.69", "1 xent 0 0.5,0.5 = 0.69"])
def test_what_is_not_a_number_of_a_line(checked, line) -> None:
    """A number alone is not a command."""
    assert checked(f"{line}\n")[1] == 2


def test_a_wrong_line_is_explained_as_a_wrong_claim_is(checked, judged) -> None:
    """The same diagnosis, with the same values."""
    calls = [
        ("xent 2,1,0 '0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7'", "0.459463"),
        ("grad 0 2,1,0.1 -l", "0.3410,-0.2424,-0.0986"),
        ("entropy 63/64,1/64 -b 2", "0.1164"),
    ]
    found, code = checked("".join(f"{call} = {claim}\n" for call, claim in calls))

    assert code == 1
    assert [claim["diagnosis"] for claim in found["claims"]] == [judged(*call)["diagnosis"] for call in calls]
    assert all(claim["diagnosis"] for claim in found["claims"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("xent 0 0.5,0.5", "no answer is claimed"),
        ("xent 0 0.5,0.5 =0.69", "no answer is claimed"),
        ("xent 0 0.5,0.5 =", "the answer is missing"),
        ("xent 0 0.5,0.5 =  # 0.69", "the answer is missing"),
        ("cecli = 0.69", "the command is missing"),
        ("= 0.69", "the command is missing"),
        ("xent 0 '0.5,0.5 = 0.69", "a quotation mark is never closed"),
        ('xent 0 "0.5,0.5 = 0.69', "a quotation mark is never closed"),
    ],
)
def test_lines_that_can_not_be_read(checked, text, says) -> None:
    """Each with its number; the rest is read."""
    found, code = checked(f"{text}\nsoftmax 1,2 = 0.3,0.7")

    assert code == 2
    assert [error["line"] for error in found["errors"]] == [1]
    assert says in found["errors"][0]["message"]
    assert [(claim["line"], claim["claimed"]) for claim in found["claims"]] == [(2, [0.3, 0.7])]


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("softmax 1,2 = '0.27, 0.73'", [0.27, 0.73]),
        ("softmax 1,2 = 0.27, 0.73", [0.27, 0.73]),
        ("softmax '1, 2' = 0.27, 0.73", [0.27, 0.73]),
        (r"softmax 1,\ 2 = 0.27,0.73", [0.27, 0.73]),
        ("softmax 1,2\t=\t0.27,0.73", [0.27, 0.73]),
        ("compare 0,1 a='0.5,0.5; 0.5,0.5' b='1,0; 0,1' --metric mse = 0.5,0", [0.5, 0]),
        ("xent 0 0.5,0.5 --classes 'a = b,c' = 0.69", 0.69),
        ("xent 0 0.5,0.5 = '0.7 ± 0.01'", 0.7),
    ],
)
def test_the_last_sign_outside_quotes_divides(checked, text, claimed) -> None:
    """With a blank on both sides."""
    found, code = checked(text)

    assert (code, found["errors"]) == (0, [])
    assert [(claim["line"], claim["command"], claim["claimed"]) for claim in found["claims"]] == [
        (1, text.replace("\t=\t", " = ").rpartition(" = ")[0], claimed)
    ]


def test_a_sign_before_the_last_belongs_to_the_command(checked) -> None:
    """Where it is one word too many."""
    found, code = checked("xent 0 0.5,0.5 = 1 = 2")

    assert code == 2
    assert [error["line"] for error in found["errors"]] == [1]
    assert "=" in found["errors"][0]["message"]


def test_nothing(cecli) -> None:
    """No claims at all."""
    result = cecli("check", "-", stdin="\n# nothing\n   \n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "the worksheet has no claims" in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_powershell_writes(cecli, encoding: str) -> None:
    """A byte order mark says how the text is encoded."""
    result = cecli("check", "-", stdin="xent 1 0.5,0.5 = 0.69\n".encode(encoding))

    assert (result.exit_code, result.stdout.split()[1]) == (0, "holds")
