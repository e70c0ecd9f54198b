"""Labels: indices, class names, and numeric class names matched by name."""

import json
import re

import pytest

from cecli.errors import UsageError
from cecli.reading.labels import class_names
from tests.every import every


@pytest.fixture
def read(cecli):
    """What a target of labels is read as: the result of a call with as many uniform rows."""

    def run(text, names, samples, *more):
        classes = len(class_names(names)) if names else 3
        rows = ";".join([",".join(["1"] * classes)] * samples)
        return cecli("grad", text, rows, "-n", "-f", "json", *(["--classes", names] if names else []), *more)

    return run


@pytest.fixture
def indices(read):
    """The class indices that a text of labels stands for."""

    def run(text, names, samples=1, *more):
        result = read(text, names, samples, *more)
        assert result.exit_code == 0, result.stderr
        target = json.loads(result.stdout)["target"]
        return [row.index(1) for row in (target if samples > 1 else [target])]

    return run


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat,dog,bird", ("cat", "dog", "bird")), ("cat dog bird", ("cat", "dog", "bird")), (" cat , dog ", ("cat", "dog")),
        ("cat，dog", ("cat", "dog")), ("grey cat,dog", ("grey cat", "dog")), ("'cat',\"dog\"", ("cat", "dog")), ("1,2", ("1", "2")), ("cat", ("cat",)),
    ],
)  # fmt: skip
def test_class_names(text, names):
    """Names stand between commas, or between blanks where there is no comma."""
    assert class_names(text) == names


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), (" ", "empty"), ("a,,b", "empty"), ("a,", "empty"), ("a,b,a", "'a'")]
)
def test_class_names_that_are_wrong(text, words):
    """An empty name or one that stands there twice is an error."""
    with pytest.raises(UsageError, match=words):
        class_names(text)


@every(
    ("text", "names", "expected"),
    [
        ("2,1,0", None, [2, 1, 0]), ("2", None, [2]), ("2.0", None, [2]), ("2;1;0", None, [2, 1, 0]), ("2\n1\n0\n", None, [2, 1, 0]),
        ("dog", "cat,dog,bird", [1]), ("dog,cat", "cat,dog,bird", [1, 0]), ("dog;cat", "cat,dog,bird", [1, 0]), ("dog 0", "cat,dog", [1, 0]),
        ("2", "1,2,3", [1]), ("3,1", "1,2,3", [2, 0]), ("2.0", "1,2,3", [1]), ("02", "1,2,3", [1]), ("10,9", "9,10", [1, 0]), ("-1,1", "-1,1", [0, 1]),
        ("1", "cat,dog", [1]), ("0.5", "0.1,0.5", [1]), ("1/2", "0.1,0.5", [1]), ("nan", "nan,ok", [0]), ("'dog'", "cat,dog", [1]), ('"dog","cat"', "cat,dog", [1, 0]),
        ('"grey cat"', "dog,grey cat", [1]), ('"grey cat",dog', "dog,grey cat", [1, 0]), ('"[b]"', "a,[b]", [1]), ('"2"', "1,2,3", [1]),
    ],
)  # fmt: skip
def test_labels_become_indices(indices, text, names, expected):
    """Names are looked up; where all names are numbers a number is a name too."""
    assert indices(text, names, len(expected)) == expected


@pytest.mark.parametrize(
    ("text", "names", "label"),
    [
        ("0", "1,2,3", "0"),
        ("4", "1,2,3", "4"),
        ("1,0", "1,2,3", "0"),
        ("cat,brid", "cat,dog,bird", "brid"),
        ("1.5", "1,2", "1.5"),
        ("1e999", "1,2", "1e999"),
    ],
)
def test_a_label_that_matches_no_name_is_an_error(read, text, names, label):
    """Never a silent guess: the label is underlined and the classes are listed."""
    result = read(text, names, len(text.split(",")))
    assert result.exit_code == 2
    assert f"'{label}' is not a class name" in result.stderr
    assert ", ".join(names.split(",")) in result.stderr
    assert re.search(rf"\n {{{4 + text.index(label)}}}\^{{{len(label)}}}\n", result.stderr)


def test_a_close_name_is_suggested(read):
    """A slip of the finger finds its name."""
    assert "did you mean bird" in read("cat,brid", "cat,dog,bird", 2).stderr


def test_a_close_name_is_suggested_for_a_label_alone(read):
    """One label alone is helped as one of several is."""
    assert "did you mean bird" in read("brid", "cat,dog,bird", 1).stderr


def test_the_ignored_label_needs_no_name(cecli):
    """--ignore-index with numeric class names: the ignored value passes."""
    result = cecli("xent", "2,-1", "1,3;1,1", "-n", "--classes", "1,2", "--ignore-index", "-1", "-r", "none")
    assert (result.exit_code, result.stdout) == (0, "0.2876820724517809\nnan\n")


def test_names_of_the_same_value_are_told_apart_or_refused(cecli):
    """`1` and `1.0` as two classes: the label 1 is the first of them, or an error; never silently the second."""
    result = cecli("xent", "1", "0.25,0.75", "--classes", "1,1.0")
    assert result.exit_code == 2 or float(result.stdout) == pytest.approx(1.3862943611198906)


def test_a_class_name_too_large_for_float64_is_a_name(indices):
    """A name is a text, whatever number it looks like: no fault of cecli's own."""
    assert indices("1", "1,1e999") == [0]
