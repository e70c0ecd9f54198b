"""Plain output: what one command prints another can read, with all its digits."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cecli.cli.app import app

LINES = [
    (["softmax", "0,0"], "0.5,0.5\n"),
    (["softmax", "0,0;0,-inf"], "0.5,0.5\n1,0\n"),
    (["softmax", "[[0,0]]"], "0.5,0.5\n"),
    (["softmax", "7"], "1\n"),
    (["entropy", "1,0"], "0\n"),
    (["entropy", "1,0;1,0"], "0\n0\n"),
    (["xent", "0,1", "0,1;0,1", "-r", "none"], "inf\n0\n"),
    (["xent", "0,9", "1,0;1,0", "--ignore-index", "9", "-r", "none"], "0\nnan\n"),
    (["bce", "1,9", "1,0", "--ignore-index", "9", "-r", "none"], "0\nnan\n"),
    (["bce", "1,9;0,1", "1,0;0,1", "--ignore-index", "9", "-r", "none"], "0,nan\n0,0\n"),
    (["grad", "0", "0.5,0.5"], "-0.5,0.5\n"),
    (["grad", "0,1", "0.5,0.5;0.25,0.75"], "-0.5,0.5\n0.25,-0.25\n"),
    (["grad", "0", "1,0"], "0,0\n"),
    (["grad", "1,0", "0.5,0.5", "--loss", "bce"], "-0.5,0.5\n"),
    (["compare", "0", "a=0.5,0.5", "b=1,0", "--metric", "mse"], "0.5,0\n"),
    (["compare", "0", "a=0.5,0.5", "b=1,0"], "a\t0\t0.5\t0.6931471805599453\nb\t0\t0\t0\n"),
    (["softmax", "1,2", "-p", "3"], "0.269,0.731\n"),
    (["softmax", "1,2", "-p", "0"], "0,1\n"),
    (["softmax", "0,0", "-p", "3"], "0.500,0.500\n"),
    (["grad", "0", "0.9999,0.0001", "-p", "2"], "0.00,0.00\n"),
    (["xent", "0", "0,1", "-p", "3"], "inf\n"),
    (["compare", "0", "a=0.5,0.5", "-p", "2"], "a\t0.00\t0.50\t0.69\n"),
]


@pytest.mark.parametrize(("words", "text"), LINES, ids=lambda part: " ".join(part) if isinstance(part, list) else "")
def test_lines(cecli, words, text):
    """A number alone on a line, a row joined by commas, a line per sample, tabs between the columns of compare."""
    result = cecli(*words, "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (0, text, "")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=5))
def test_what_softmax_prints_entropy_reads(logits):
    """All digits: the probabilities read back as the same numbers, and give the entropy of the logits."""
    run = CliRunner().invoke
    text = ",".join(map(repr, logits))
    printed = run(app, ["softmax", text, "-f", "plain"]).stdout.strip()
    assert all(repr(float(entry)).removesuffix(".0") == entry for entry in printed.split(","))
    direct, piped = run(app, ["entropy", text, "-l", "-q"]), run(app, ["entropy", printed, "-q"])
    by_stdin = run(app, ["entropy", "-", "-q"], input=printed + "\n")
    assert float(piped.stdout) == pytest.approx(float(direct.stdout), rel=1e-12, abs=1e-15)
    assert by_stdin.stdout == piped.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["softmax", "1,2;3,5;-inf,0"],
        ["softmax", "1e-5,700"],
        ["grad", "0,1", "1,2;3,5", "-l"],
        ["entropy", "0.5,0.5;0.1,0.9"],
        ["xent", "0,1", "1,2;3,5", "-l", "-r", "none"],
    ],
    ids=" ".join,
)
def test_what_is_printed_reads_back_the_same(cecli, words):
    """Rows and vectors are forms that a source may have."""
    from cecli.reading.vector import cut_vector, row_numbers

    text = cecli(*words).stdout
    vector = cut_vector(text, "it")
    rows = [[number.value for number in row_numbers(vector, i, "it")] for i in range(len(vector.rows))]
    assert [",".join(repr(v).removesuffix(".0") for v in row) for row in rows] == text.splitlines()


def test_notes_go_to_stderr_and_quiet_silences_them(cecli):
    """Only the result is on stdout."""
    loud, quiet = cecli("xent", "0", "0,1"), cecli("xent", "0", "0,1", "-q")
    assert loud.stdout == quiet.stdout == "inf\n"
    assert loud.stderr.startswith("note:")
    assert quiet.stderr == ""


NOTES = [
    (["xent", "0", "0,1"], ["infinite loss", "class 0", "--eps"]),
    (["xent", "0,1", "0.5,0.5;1,0"], ["infinite loss", "sample 2", "class 1"]),
    (["xent", "0,1", "0.50,0.50;1.00,0.00"], ["infinite loss", "2 digits", "more digits", "--logits"]),
    (["xent", "dog", "1,0", "--classes", "cat,dog"], ["infinite loss", "class dog"]),
    (["xent", "0,0,0,0,0", "0,1;0,1;0,1;0,1;0,1"], ["sample 1", "sample 3", "2 more samples"]),
    (["kl", "0.5,0.5", "1,0"], ["infinite", "class 1"]),
    (["kl", "0.33,0.33,0.33", "0.34,0.33,0.33"], ["below 0", "--normalize"]),
    (["kl", "0.33,0.33,0.33; 1,0,0", "0.34,0.33,0.33; 1,0,0", "-r", "none"], ["below 0", "--normalize"]),
    (["kl", "0.8,0.1,0.1", "0.8,0.1,0.1", "--eps", "0.2"], ["below 0", "--eps"]),
    (["bce", "1,0", "0,0.5"], ["infinite loss", "sample 1"]),
    (["xent", "0", "0.7,0.3", "-l"], ["look like probabilities"]),
    (["softmax", "0.7,0.3"], ["look like probabilities"]),
    (["bce", "1,0", "0.7,0.3", "-l"], ["look like probabilities"]),
    (["xent", "0", "1"], ["one class", "bce"]),
    (["softmax", "5"], ["one class"]),
    (["compare", "0", "a=0.5,0.5"], ["a: 1 sample", "more than once"]),
    (["compare", "0,1", "0.5,0.5;0.5,0.5"], ["2 samples", "lowest"]),
    (["softmax", "1,2", "--fail-above", "0.5"], ["--fail-above", "0.73", "0.5"]),
]


@pytest.mark.parametrize(("words", "parts"), NOTES, ids=lambda part: " ".join(part) if isinstance(part, list) else "")
def test_the_notes(cecli, words, parts):
    """What a reader should know of the number: each note is a line on stderr."""
    result = cecli(*words)
    assert all(line.startswith("note:") for line in result.stderr.splitlines())
    assert all(part in result.stderr for part in parts), result.stderr
    assert result.stdout


@pytest.mark.parametrize(
    "words",
    [["xent", "0", "0.5,0.5"], ["softmax", "1,2"], ["xent", "0", "2,1", "-l"], ["compare", "0", "0.4,0.6"], ["xent", "0,0", "0,1;0.5,0.5", "--sample-weights", "0,1"],
     ["xent", "9,0", "0,1;0.5,0.5", "--ignore-index", "9"], ["xent", "0", "0,1", "--eps", "1e-9"], ["entropy", "1,0"], ["bce", "1", "0.5"],
     ["kl", "0.34,0.33,0.33", "0.33,0.33,0.33"], ["kl", "0.33,0.33,0.33", "0.34,0.33,0.33", "-n"], ["kl", "0.33,0.33,0.33", "0.34,0.33,0.33", "--js"]],
    ids=" ".join,
)  # fmt: skip
def test_no_note_where_there_is_nothing_to_note(cecli, words):
    """Silence is the rule."""
    assert cecli(*words).stderr == ""


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("0.5", 1),
        ("0.7", 0),
        ("0.6931471805599453", 0),
        ("0.6931471805599452", 1),
        ("-1", 1),
        ("1/2", 1),
        ("inf", 0),
        ("100%", 0),
    ],
)
def test_fail_above(cecli, limit, code):
    """Exit 1 if the value is above, with the result printed all the same."""
    result = cecli("xent", "0", "0.5,0.5", "--fail-above", limit)
    assert (result.exit_code, result.stdout) == (code, "0.6931471805599453\n")
    assert ("--fail-above" in result.stderr) is (code == 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["softmax", "1,2", "--fail-above", "0.7"], 1), (["softmax", "1,2", "--fail-above", "0.8"], 0), (["xent", "0", "0,1", "--fail-above", "5"], 1),
        (["xent", "0,9", "0.5,0.5;0,1", "--ignore-index", "9", "-r", "none", "--fail-above", "0.7"], 0),
        (["entropy", "1,0;0.5,0.5", "--fail-above", "0.5"], 1), (["compare", "--example", "--metric", "mse", "--fail-above", "0.5"], 1),
        (["compare", "--example", "--metric", "mse", "--fail-above", "0.9"], 0), (["softmax", "1,2", "--fail-above", "0.7", "-f", "json"], 1),
    ],
)  # fmt: skip
def test_fail_above_judges_every_entry(cecli, words, code):
    """Any entry above is enough; samples left out are none."""
    assert cecli(*words).exit_code == code


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("labels", ["0", "2,1,0.1", "-l"]), ("labels", ["0,2", "0.5,0.3,0.2;0.2,0.2,0.6", "-r", "mean", "--class-weights", "1,2,3"]),
        ("distributions", ["0.5,0.5,0", "2,1,0.1", "-l"]), ("distributions", ["0,1", "0.5,0.5;0.2,0.8", "--label-smoothing", "0.1", "-b", "2"]),
        ("the squared error", ["1", "2,1,0.1", "-l", "--loss", "mse"]), ("binary labels", ["1,0", "0.5,0.9", "--loss", "bce"]),
        ("binary labels", ["1,0;0,1", "2,-1;0.5,3", "-l", "--loss", "bce", "--sample-weights", "1,2"]),
    ],
)  # fmt: skip
def test_a_gradient_that_does_not_hold_exits_with_1(cecli, wrong_gradient, of, words):
    """grad --verify against a gradient that is 1 % off: it is printed as it is, and its largest error is that 1 %."""
    words = ["grad", *words, "--verify"]
    right = json.loads(cecli(*words, "-f", "json").stdout)
    assert cecli(*words).exit_code == 0
    assert right["max_relative_error"] < 1e-8
    wrong_gradient(of)
    result = cecli(*words, "-f", "json")
    assert result.exit_code == 1
    wrong = json.loads(result.stdout)
    assert np.array(wrong["value"]) == pytest.approx(1.01 * np.array(right["value"]), rel=1e-12)
    assert wrong["max_relative_error"] == pytest.approx(0.01 / 1.01, rel=1e-6)
    assert cecli(*words).exit_code == 1
    assert cecli(*words).stdout
    assert "DOES NOT HOLD" in cecli(*words, "-f", "table").stdout


@pytest.mark.parametrize(
    "words",
    [
        ["0", "2,1,0.1", "-l"], ["0", "0.5,0.3,0.2"], ["0", "0.333,0.333,0.333"], ["0.2,0.8", "0.5,0.5"], ["0", "100,0", "-l"], ["0", "-800,0", "-l"],
        ["0", "-inf,0,1", "-l", "--loss", "mse"], ["2", "0,0,-inf", "-l", "--loss", "mse"], ["1,0", "0.5,0.9", "--loss", "bce"], ["1,0", "40,-40", "-l", "--loss", "bce"],
        ["0,1", "1,2;3,4", "-l", "-r", "mean", "--class-weights", "1,5"], ["0,1", "1,2;3,4", "-l", "--sample-weights", "2,0"], ["0", "1,2", "-l", "--label-smoothing", "0.3"],
        ["0", "1e5,1e5", "-l"], ["0", "1,2", "-l", "-b", "2"], ["0", "0,-40", "-l"], ["0", "0.9999999999999065,9.3576229688393e-14"], ["0", "1,1.9287498479639178e-22"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_right_gradient_is_verified(cecli, words):
    """No false alarm: the gradient is right, whatever the numerical derivative can see."""
    result = cecli("grad", *words, "--verify")
    assert result.exit_code == 0, result.stdout + result.stderr


def test_perplexity_of_a_certain_model_is_one(cecli):
    """e to the 0."""
    assert math.isclose(float(cecli("compare", "0", "1,0", "--metric", "perplexity").stdout), 1.0)
