"""A value that begins with a minus sign is a value, in every position; a mistyped option still is an error."""

import pytest

from tests.every import every

SAME = [
    (["softmax", "-1,0,3"], ["softmax", "[-1,0,3]"]),
    (["softmax", "--", "-1,0,3"], ["softmax", "[-1,0,3]"]),
    (["softmax", "−1,0,3"], ["softmax", "[-1,0,3]"]),
    (["softmax", "-t", "2", "-1,0,3"], ["softmax", "[-1,0,3]", "-t", "2"]),
    (["softmax", "-1,0,3", "-t", "2"], ["softmax", "[-1,0,3]", "-t", "2"]),
    (["softmax", "-t2", "-1,0,3"], ["softmax", "[-1,0,3]", "-t", "2"]),
    (["softmax", "--temperature=2", "-1,0,3"], ["softmax", "[-1,0,3]", "-t", "2"]),
    (["softmax", "-q", "-1,0,3", "--log"], ["softmax", "[-1,0,3]", "--log"]),
    (["softmax", "-.5,1"], ["softmax", "[-0.5,1]"]),
    (["softmax", "-1e-3,1"], ["softmax", "[-0.001,1]"]),
    (["softmax", "-1e3,1"], ["softmax", "[-1000,1]"]),
    (["softmax", "-1/3,1"], ["softmax", "[-1/3,1]"]),
    (["softmax", "-50%,1"], ["softmax", "[-0.5,1]"]),
    (["softmax", "-Infinity,1"], ["softmax", "[-inf,1]"]),
    (["softmax", "-1 -2 -3"], ["softmax", "[-1,-2,-3]"]),
    (["softmax", "-1,2; -3,4"], ["softmax", "[[-1,2],[-3,4]]"]),
    (["xent", "0", "-1,2", "-l"], ["xent", "0", "[-1,2]", "-l"]),
    (["xent", "-l", "0", "-1,2"], ["xent", "0", "[-1,2]", "-l"]),
    (["xent", "0", "-l", "-1,2", "-b", "2"], ["xent", "0", "[-1,2]", "-l", "-b", "2"]),
    (["xent", "0", "-1,2", "-lb2"], ["xent", "0", "[-1,2]", "-l", "-b", "2"]),
    (["xent", "0", "-lqb", "2", "-1,2"], ["xent", "0", "[-1,2]", "-l", "-b", "2"]),
    (["xent", "-1,0", "-1,2;3,4", "-l", "--ignore-index", "-1"], ["xent", "0", "3,4", "-l"]),
    (["xent", "-1,0", "-1,2;3,4", "-l", "--ignore-index=-1"], ["xent", "0", "3,4", "-l"]),
    (["xent", "--ignore-index", "-1", "-1,0", "-1,2;3,4", "-l"], ["xent", "0", "3,4", "-l"]),
    (["grad", "0", "-1,2", "-l", "--x", "-1,-2"], ["grad", "0", "[-1,2]", "-l"]),
    (["kl", "0.5,0.5", "-1,-1", "-l"], ["kl", "0.5,0.5", "0,0", "-l"]),
    (["bce", "1", "-0.5", "-l"], ["bce", "1", "[-0.5]", "-l"]),
    (["entropy", "-1,-1", "-l"], ["entropy", "0,0", "-l"]),
    (["compare", "0", "-1,2", "-3,1", "-l", "--metric", "mse"], ["compare", "0", "[-1,2]", "[-3,1]", "-l", "--metric", "mse"]),
    (["compare", "0", "a=-1,2", "-l", "--metric", "mse"], ["compare", "0", "[-1,2]", "-l", "--metric", "mse"]),
    (["xent", "0", "0.5,0.5", "--fail-above", "1", "-l"], ["xent", "0", "0.5,0.5", "-l", "-q"]),
]  # fmt: skip


@every(("words", "same"), SAME)
def test_a_negative_value_stands_anywhere(cecli, words, same):
    """As a bracketed value would."""
    found, expected = cecli(*words), cecli(*same)
    assert found.exit_code == 0, found.stderr
    assert found.stdout == expected.stdout != ""


def test_a_masked_logit_first(cecli):
    """-inf at the beginning is a value too."""
    assert cecli("softmax", "-inf,1").stdout == "0,1\n"


def test_standard_input_is_a_dash(cecli):
    """A lone - is standard input, before and after options."""
    expected = cecli("softmax", "1,2", "-t", "2").stdout
    assert cecli("softmax", "-", "-t", "2", stdin="1,2\n").stdout == expected
    assert cecli("softmax", "-t", "2", "-", stdin="1,2\n").stdout == expected
    assert cecli("softmax", "-t", "2", "--", "-", stdin="1,2\n").stdout == expected


def test_a_negative_limit(cecli):
    """--fail-above takes a negative number with a blank and with =."""
    assert cecli("xent", "0", "0.5,0.5", "--fail-above", "-1").exit_code == 1
    assert cecli("xent", "0", "0.5,0.5", "--fail-above=-1").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["softmax", "1,2", "--tempertaure", "2"], ["softmax", "1,2", "--temp", "2"], ["softmax", "1,2", "-x"], ["softmax", "-a", "1,2"],
        ["softmax", "-i", "1,2"], ["softmax", "-information", "1,2"], ["softmax", "-n1,2"], ["xent", "0", "0.5,0.5", "-lz"],
        ["xent", "0", "0.5,0.5", "--ignore-idx", "-1"], ["xent", "0", "0.5,0.5", "--1"], ["softmax", "-e5,1"], ["softmax", "--", "-x"],
    ],
)  # fmt: skip
def test_a_mistyped_option_still_fails(cecli, words):
    """Nothing that is not a number passes as a value."""
    result = cecli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error:")


@pytest.mark.parametrize(
    "words",
    [["softmax", "-nan,1"], ["softmax", "-1,x"], ["softmax", "-1e999,1"], ["softmax", "-(1,2"], ["softmax", "-.,1"]],
)
def test_a_wrong_negative_value_is_judged_as_a_value(cecli, words):
    """The error is about the value, not about an option."""
    result = cecli(*words)
    assert result.exit_code == 2
    assert "the logits" in result.stderr
    assert "no option" not in result.stderr


@pytest.mark.parametrize("token", ["-1,2", "1,2", "[1,2]", "(1,2)", ".5,.5", "-.5", "-inf,0", "−1,2", "0"])
def test_a_value_without_a_command(cecli, token):
    """The command was forgotten: the hint names one."""
    result = cecli(token)
    assert result.exit_code == 2
    assert "is a value" in result.stderr
    assert "cecli softmax" in result.stderr
