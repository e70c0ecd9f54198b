"""What the environment says, where the command line says nothing."""

import json

import pytest


@pytest.mark.parametrize(
    ("name", "value", "words", "same_as"),
    [
        ("CECLI_BASE", "2", ["entropy", "0.5,0.5"], ["-b", "2"]),
        ("CECLI_BASE", "10", ["softmax", "1,2", "--log"], ["-b", "10"]),
        ("CECLI_FORMAT", "md", ["softmax", "1,2"], ["-f", "md"]),
        ("CECLI_FORMAT", "jsonl", ["softmax", "1,2"], ["-f", "jsonl"]),
        ("CECLI_PRECISION", "2", ["softmax", "1,2"], ["-p", "2"]),
        ("CECLI_DEVICE", "cpu", ["softmax", "1,2"], ["--device", "cpu"]),
        ("CECLI_THREADS", "1", ["softmax", "1,2"], ["--threads", "1"]),
    ],
)
def test_a_variable_is_the_option(cecli, name, value, words, same_as):
    """And the command line wins over it; an empty variable is none."""
    assert cecli(*words, **{name: value}).stdout == cecli(*words, *same_as).stdout
    assert cecli(*words, *same_as, **{name: "nonsense"}).stdout == cecli(*words, *same_as).stdout
    assert cecli(*words, **{name: ""}).stdout == cecli(*words).stdout


def test_a_note_says_where_the_base_came_from(cecli):
    """On stderr and in JSON; not where there is no logarithm, nor where it was typed."""
    note = "base 2 is that of CECLI_BASE; --base overrules it"
    result = cecli("xent", "0", "0.5,0.5", "-f", "json", CECLI_BASE="2")
    assert result.stderr == f"note: {note}\n"
    assert json.loads(result.stdout)["notes"] == [note]
    assert json.loads(result.stdout)["settings"]["base"] == 2
    for words in (["softmax", "1,2"], ["grad", "0", "0.5,0.5", "--loss", "mse"], ["compare", "0", "0.6,0.4", "--metric", "mse"],
                  ["xent", "0", "0.5,0.5", "-b", "2"]):  # fmt: skip
        assert (cecli(*words, CECLI_BASE="2").exit_code, cecli(*words, CECLI_BASE="2").stderr) == (0, "")
    assert cecli("xent", "0", "0.5,0.5", "-q", CECLI_BASE="2").stderr == ""


def test_a_worksheet_ignores_the_base(cecli):
    """What a claim says must not depend on whose machine it is."""
    for base in ("2", "nonsense"):
        result = cecli("check", "-", stdin="entropy 0.5,0.5 = 0.6931\n", CECLI_BASE=base)
        assert (result.exit_code, result.stderr) == (0, "")
