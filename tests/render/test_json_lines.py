"""`-f jsonl`: a line for each row."""

import json

import pytest


def lines(result):
    """The objects of a result, strict JSON each."""
    assert result.exit_code in (0, 1), result.stderr
    return [json.loads(line, parse_constant=pytest.fail) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "objects"),
    [
        (["softmax", "0,0; 0,inf"], [{"p0": 0.5, "p1": 0.5}, {"p0": 0.0, "p1": 1.0}]),
        (["softmax", "cat=0,dog=0"], [{"cat": 0.5, "dog": 0.5}]),
        (["softmax", "0,0; 0,inf", "--log"], [{"logp0": -0.6931471805599453, "logp1": -0.6931471805599453}, {"logp0": "-inf", "logp1": 0.0}]),
        (["entropy", "1,0; 0.5,0.5", "-b", "2"], [{"entropy": 0.0}, {"entropy": 1.0}]),
        (["xent", "0", "0.5,0.5"], [{"cross_entropy": 0.6931471805599453, "entropy": 0.0, "kl": 0.6931471805599453, "perplexity": 2.0}]),
        (["xent", "0,9", "1,0;1,0", "--ignore-index", "9", "-r", "none"], [{"cross_entropy": 0.0, "entropy": 0.0, "kl": 0.0}, {"cross_entropy": None, "entropy": None, "kl": None}]),
        (["bce", "1,0", "0.5,0.5", "-b", "2", "-r", "none"], [{"binary_cross_entropy": 1.0}] * 2),
        (["grad", "0", "0.5,0.5"], [{"dz0": -0.5, "dz1": 0.5}]),
        (["kl", "0.5,0.5", "1,0"], [{"kl": "inf"}]),
        (["softmax", "1,2,3", "-p", "2"], [{"p0": 0.09, "p1": 0.24, "p2": 0.67}]),
    ],
)  # fmt: skip
def test_the_objects_have_the_columns_of_csv(cecli, words, objects):
    """In their order."""
    result = cecli(*words, "-f", "jsonl")
    assert lines(result) == objects
    assert list(objects[0]) == cecli(*words, "-f", "csv").stdout.splitlines()[0].split(",")


def test_models_claims_and_devices_are_those_of_json(cecli):
    """A line for each."""
    for words, stdin, members in (
        (["compare", "--example", "--by-class"], None, ("models",)),
        (["check", "-"], "xent 0 0.5,0.5 = 1\nnothing\nsoftmax 0,0 = 0.5,0.5\n", ("claims", "errors")),
        (["devices"], None, ("devices",)),
    ):
        whole = json.loads(cecli(*words, "-f", "json", stdin=stdin).stdout)
        found = [json.loads(line) for line in cecli(*words, "-f", "jsonl", stdin=stdin).stdout.splitlines()]
        rows = [row for member in members for row in whole[member]]
        assert sorted(found, key=repr) == sorted(rows, key=repr)
    assert [row["line"] for row in found if "line" in row] == []


def test_claims_and_errors_come_in_the_order_of_the_worksheet(cecli):
    """By their lines."""
    result = cecli("check", "-", "-f", "jsonl", stdin="xent 0 0.5,0.5 = 1\nnothing = 3\nsoftmax 0,0 = 0.5,0.5\n")
    assert [json.loads(line)["line"] for line in result.stdout.splitlines()] == [1, 2, 3]


def test_the_working_has_a_line_for_each_step(cecli):
    """As JSON shows them."""
    steps = json.loads(cecli("xent", "0", "0.5,0.5", "--steps", "-f", "json").stdout)["steps"]
    assert lines(cecli("xent", "0", "0.5,0.5", "--steps", "-f", "jsonl")) == steps


def test_it_is_read_back(cecli):
    """What one command writes another can read, in blocks of any size."""
    rows = cecli("softmax", "1,2,3;4,6,8", "-f", "jsonl").stdout
    plain = cecli("softmax", "1,2,3;4,6,8").stdout
    assert cecli("entropy", "-", stdin=rows).stdout == cecli("entropy", "-", stdin=plain).stdout


def test_it_streams(cecli, block_values):
    """Block by block, the same lines."""
    stdin = "\n".join(f"{i},1,0" for i in range(50))
    whole = cecli("softmax", "-", "-f", "jsonl", stdin=stdin).stdout
    block_values(9)
    assert cecli("softmax", "-", "-f", "jsonl", stdin=stdin).stdout == whole


def test_md_is_markdown(cecli):
    """Another name for it."""
    assert cecli("softmax", "1,2", "-f", "md").stdout == cecli("softmax", "1,2", "-f", "markdown").stdout
