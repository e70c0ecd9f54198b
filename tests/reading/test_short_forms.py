"""Typed values with names, repeated ones, and whole rows in a word."""

import json
import math

import pytest


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("0.25x4", "0.25,0.25,0.25,0.25"),
        ("0.25×4", "0.25,0.25,0.25,0.25"),
        ("1/4x4", "0.25,0.25,0.25,0.25"),
        ("25%x4", "0.25,0.25,0.25,0.25"),
        ("0.1x2,0.8", "0.1,0.1,0.8"),
        ("0.5x2; 1,0", "0.5,0.5;1,0"),
        ("uniform:4", "0.25,0.25,0.25,0.25"),
        ("uniform:1", "[1]"),
        ("onehot:2/5", "0,0,1,0,0"),
        ("onehot:0/3; onehot:2/3", "1,0,0;0,0,1"),
        ("uniform:2; onehot:1/2", "0.5,0.5;0,1"),
        ("[uniform:2]", "0.5,0.5"),
        ("cat=0.7,dog=0.3", "0.7,0.3"),
        ("cat = 0.7, dog = 0.3", "0.7,0.3"),
        ("cat=0.7 dog=0.3", "0.7,0.3"),
        ("[cat=0.7, dog=0.3]", "0.7,0.3"),
        ("cat=70%,dog=3/10", "0.7,0.3"),
        ("cat=0.7,dog=0.3; dog=0.2,cat=0.8", "0.7,0.3; 0.8,0.2"),
    ],
)
def test_what_they_stand_for(cecli, text, plain):
    """Typed and piped, as a target and as a prediction."""
    words = [["entropy", text], ["kl", text, plain], ["kl", plain, text]]
    wanted = [["entropy", plain], ["kl", plain, plain], ["kl", plain, plain]]
    for short, long in zip(words, wanted, strict=True):
        result = cecli(*short)
        assert (result.exit_code, result.stdout) == (0, cecli(*long).stdout), result.stderr
    assert cecli("entropy", "-", stdin=text + "\n").stdout == cecli("entropy", plain).stdout


CALLS = [
    (["xent", "cat=1,dog=0", "dog=0.3,cat=0.7"], -math.log(0.7)),
    (["xent", "cat", "dog=0.3,cat=0.7"], -math.log(0.7)),
    (["xent", "cat,dog", "dog=0.3,cat=0.7;cat=0.2,dog=0.8"], -(math.log(0.7) + math.log(0.8)) / 2),
    (["xent", "1", "dog=0.3,cat=0.7"], -math.log(0.7)),
    (["xent", "cat", "dog=0.3,cat=0.7", "--classes", "cat,dog"], -math.log(0.7)),
    (["xent", "0", "dog=0.3,cat=0.7", "--classes", "cat,dog"], -math.log(0.7)),
    (["xent", "owl", "dog=0.3,cat=0.7", "--classes", "owl,cow"], -math.log(0.3)),
    (["xent", "New York", "New York=0.7,LA=0.3"], -math.log(0.7)),
    (["xent", "New York", '"New York"=0.7,LA=0.3'], -math.log(0.7)),
    (["xent", "New York", "New York = 0.7, Los Angeles = 0.3"], -math.log(0.7)),
    (["xent", "0", "Class 1=0.7,Class 2=0.3"], -math.log(0.7)),
    (["kl", "cat=0.5,dog=0.5", "dog=0.25,cat=0.75"], math.log(2) - math.log(3) / 2),
    (["bce", "a=1,b=0", "b=0.2,a=0.9"], -(math.log(0.9) + math.log(0.8)) / 2),
    (["bce", "1,0", "a=0.9,b=0.2"], -(math.log(0.9) + math.log(0.8)) / 2),
    (["compare", "cat", "m=dog=0.3,cat=0.7", "--metric", "cross_entropy"], -math.log(0.7)),
    (["compare", "cat=1,dog=0", "m=dog=0.3,cat=0.7", "--metric", "mse"], 0.18),
    (["compare", "onehot:0/2", "m=uniform:2", "--metric", "mse"], 0.5),
    (["xent", "dog", "dog=0.3,cat=0.7", "--class-weights", "cat=9,dog=2", "-r", "sum"], -2 * math.log(0.3)),
    (["xent", "0,1", "0.5,0.5;0.5,0.5", "--sample-weights", "2x2"], math.log(2)),
    (["calibrate", "0,1,1", "cat=4,dog=0,owl=1; owl=0,cat=1,dog=3; cat=2,dog=0,owl=1"], 1.6260675367178914),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"), CALLS, ids=lambda case: " ".join(case) if isinstance(case, list) else ""
)
def test_names_are_matched(cecli, words, expected):
    """As those of files are, in every command."""
    assert float(cecli(*words).stdout) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("text", ["dog=0.3,cat=0.7", "[dog=0.3, cat=0.7]"])
def test_names_that_are_piped_in_are_matched_too(cecli, text):
    """On either side; a name that is in no order is never taken for a place."""
    assert float(cecli("xent", "cat", "-", stdin=text).stdout) == pytest.approx(-math.log(0.7), rel=1e-7)
    assert float(cecli("kl", "cat=0.7,dog=0.3", "-", stdin=text).stdout) == 0
    assert float(cecli("kl", "-", "cat=0.7,dog=0.3", stdin=text).stdout) == 0
    assert cecli("softmax", "-", "-f", "csv", stdin=text).stdout.startswith("dog,cat\n")


def test_weights_by_name_need_classes_with_names(cecli):
    """As in the library."""
    result = cecli("xent", "0", "0.7,0.3", "--class-weights", "cat=2,dog=1")
    assert result.exit_code == 2
    assert "the class weights are for cat, dog, and the classes have no names" in result.stderr
    named = cecli("xent", "0", "0.7,0.3", "--class-weights", "cat=2,dog=1", "--classes", "dog,cat", "-r", "sum")
    assert float(named.stdout) == pytest.approx(-math.log(0.7))


def test_missing_values_that_are_piped_in_are_left_out(cecli):
    """Rows in brackets, as those of files are."""
    result = cecli("xent", "0,1", "-", "--skip-missing", stdin="[[0.5,0.5],[nan,0.5]]")
    assert float(result.stdout) == pytest.approx(math.log(2))
    assert "1 sample has a missing value" in result.stderr


def test_names_are_those_of_the_classes(cecli):
    """In tables, CSV and JSON; the working is in the order of the prediction."""
    assert cecli("softmax", "cat=1,dog=2", "-f", "csv").stdout.startswith("cat,dog\n")
    assert " cat " in cecli("softmax", "cat=1,dog=2", "-f", "table").stdout
    found = json.loads(cecli("xent", "cat=1,dog=0", "dog=0.3,cat=0.7", "-f", "json").stdout)
    assert found["settings"]["classes"] == ["dog", "cat"]
    assert found["notes"] == [
        "the columns of the target are in another order than those of the prediction, and were matched by name"
    ]
    steps = cecli("xent", "cat=1,dog=0", "dog=3/10,cat=7/10", "--steps").stdout
    assert "−(0·ln(3/10) + 1·ln(7/10))" in steps
    assert cecli("softmax", "cat=1,dog=2", "--expect", "0.27,0.73").exit_code == 0


def test_in_a_worksheet(cecli):
    """The last = with blanks around it begins the claim."""
    text = 'xent cat=1,dog=0 dog=0.3,cat=0.7 = 0.357\nkl uniform:2 0.75,0.25 = 0.1438\nxent cat "cat = 0.7, dog = 0.3" = 0.357\n'
    assert cecli("check", "-", stdin=text).exit_code == 0


def test_paths(tmp_path, monkeypatch, cecli):
    """`./` makes a path of any text; a file called so is one where a single named value would be."""
    monkeypatch.chdir(tmp_path)
    for name in ("uniform:4", "0.1x4", "lr=0.1"):
        (tmp_path / name).write_text("0.5,0.5\n")
    assert cecli("entropy", "uniform:4").stdout == "1.3862943611198906\n"
    assert cecli("entropy", "0.25x4").stdout == "1.3862943611198906\n"
    assert cecli("entropy", "./0.1x4").stdout == "0.6931471805599453\n"
    assert cecli("entropy", "lr=0.1").stdout == "0.6931471805599453\n"


def test_a_piped_header_of_such_names_is_one(cecli):
    """`1x1` above numbers."""
    assert cecli("softmax", "-", "-f", "csv", stdin="1x1,3x3\n0.4,0.6\n").stdout.startswith("1x1,3x3\n")
