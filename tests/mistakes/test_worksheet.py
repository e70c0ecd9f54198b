"""A worksheet: a claim a line."""

from __future__ import annotations

import pytest

from cecli.mistakes.worksheet import read_worksheet

PAGE = """\ufeff# three classes, the true one is the first
xent 1,0,0 0.5,0.2,0.3 = 0.69

    cecli softmax 1,2,3 = 0.09,0.24,0.67
compare 2,1,0 small="0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3" --metric mse = 0.34\t# the second's
entropy 63/64,1/64 --base 2 = 0.1164        # fails: it is 0.1161\r
xent 0 "a = b#c" = 1#2
"""


def test_a_page() -> None:
    """Comments, blank lines, quotes, models' names, indented lines, CRLF and a byte order mark."""
    found = read_worksheet(PAGE)

    assert [(line.line, line.words, line.claimed, line.error) for line in found] == [
        (2, ("xent", "1,0,0", "0.5,0.2,0.3"), "0.69", None),
        (4, ("softmax", "1,2,3"), "0.09,0.24,0.67", None),
        (5, ("compare", "2,1,0", "small=0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3", "--metric", "mse"), "0.34", None),
        (6, ("entropy", "63/64,1/64", "--base", "2"), "0.1164", None),
        (7, ("xent", "0", "a = b#c"), "1#2", None),
    ]
    assert found[1].command == "cecli softmax 1,2,3"


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
def test_lines_that_can_not_be_read(text, says) -> None:
    """Each with its number; the rest is read."""
    first, second = read_worksheet(f"{text}\nsoftmax 1,2 = 0.3,0.7")

    assert first.line == 1
    assert first.error is not None
    assert says in first.error
    assert second.error is None


@pytest.mark.parametrize(
    ("text", "words", "claimed"),
    [
        ("xent 0 a=b = 1 = 2", ("xent", "0", "a=b", "=", "1"), "2"),
        ("softmax 1,2 = '0.3, 0.7'", ("softmax", "1,2"), "0.3, 0.7"),
        ("softmax 1,2 = 0.3, 0.7", ("softmax", "1,2"), "0.3, 0.7"),
        (r"xent 0 a\ b = 1", ("xent", "0", "a b"), "1"),
        ("softmax 1,2\t=\t0.3,0.7", ("softmax", "1,2"), "0.3,0.7"),
    ],
)
def test_the_last_sign_outside_quotes_divides(text, words, claimed) -> None:
    """With a blank on both sides."""
    assert [(line.words, line.claimed) for line in read_worksheet(text)] == [(words, claimed)]


def test_nothing() -> None:
    """No claims at all."""
    assert read_worksheet("\n# nothing\n   \n") == []
