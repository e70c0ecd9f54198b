"""Exports that went wrong in silence or led nowhere: what comes, or what is said."""

import math
import re

import pandas as pd
import pytest

import cecli
from tests.reading.conftest import WAYS

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        (",Unnamed: 0,cat,dog", ["0,0,0.7,0.3", "1,1,0.2,0.8"], "left out as an index"),
        ("Unnamed: 0.1,Unnamed: 0,cat,dog", ["0,0,0.7,0.3", "1,1,0.2,0.8"], "left out as an index"),
        ("Unnamed: 0.1.1,cat,dog", ["0,0.7,0.3", "1,0.2,0.8"], "left out as an index"),
        ("cat,dog,,", ["0.7,0.3,,", "0.2,0.8,,"], "the last 2 columns of f.csv are empty and were left out"),
        ("cat,dog,", ["0.7,0.3,", "0.2,0.8,"], "the last column of f.csv is empty and was left out"),
        ("cat,dog", ["0.7,0.3", "#N/A,0.5", "0.2,0.8"], "1 sample has a missing value"),
        ("cat,dog", ["0.7,0.3", "0.5,n/a", "0.2,0.8"], "1 sample has a missing value"),
    ],
)
def test_columns_without_values(files, value, head, rows, words):
    files(f__csv="\n".join([head, *rows, ""]))
    more = ["--skip-missing"] if "missing" in words else []
    target = "0,1,1" if more else "0,1"
    found, said = value("xent", target, "f.csv", *more)
    close(found, LOSS)
    assert words in " ".join(said.split())


@pytest.mark.parametrize(
    ("head", "first", "is_said"),
    [
        ("image_id", 17, True),
        ("userId", 9, True),
        ("rank", 1, True),
        ("n", 0, True),
        ("covid", 17, False),
        ("n", 3, False),
    ],
)
def test_a_column_of_scores_that_seems_to_be_an_index_is_mentioned(files, value, head, first, is_said):
    files(f__csv=f"{head},cat,dog\n" + "".join(f"{first + i},{i}.5,{10 * i}\n" for i in range(5)))
    found, said = value("softmax", "f.csv")
    assert len(found[0]) == 3
    assert (
        f"column 1 ({head}) of f.csv is read as a class; f.csv:cat,dog leaves it out" in " ".join(said.split())
    ) == is_said


@pytest.mark.parametrize("first", ["0.0,1.0,2.0", "1.0,2.0,3.0"])
def test_names_that_pandas_made_of_numbers_with_a_point(files, refused, value, first):
    rows = "0.5,0.25,0.25\n1.5,2.5,0.5\n"
    files(f__csv=f"{first}\n{rows}", g__csv=f"{first}\n" + rows * 3)
    assert "--header reads it as names" in value("softmax", "f.csv")[1]
    assert "--no-header" in refused("softmax", "g.csv")
    files(h__csv=f"{first}\n1.0,0.0,0.0\n0.5,0.5,0.0\n")
    assert value("softmax", "h.csv")[1] == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",prob,prob\n,cat,dog\n0,0.7,0.3\n", "is line 2 the header? tail -n +2 f.csv"),
        ("Model A,\n\ncat,dog\n0.7,0.3\n", "is line 3 the header? tail -n +3 f.csv"),
        ("cat,dog\n0.7,0.3\ncat,dog\n0.2,0.8\n", "line 3 is the header once more"),
        ('cat,dog\n"1,234.5",2\n', "did you mean 1234.5?"),
        ("0.7,0.3,cat\n0.2,0.8,dog\n", "name the columns of numbers, as in f.csv:1,2"),
        ("id,class,prob\n1,cat,0.7\n1,dog,0.3\n", "name the columns that hold the values, as in f.csv:prob\n"),
        ("     [,1] [,2]\n[1,] 0.70 0.30\n", "write.csv"),
        (
            "__label__cat 0.7 __label__dog 0.3\n__label__dog 0.8 __label__cat 0.2\n",
            "the predictions of fastText are not read",
        ),
    ],
)
def test_hints_for_texts_of_other_programs(files, refused, text, words):
    files(f__csv=text)
    assert words in refused("entropy", "f.csv")


@pytest.mark.parametrize("text", ["0.7,0.3,x\n0.2,0.8,0.1\n", "cat,dog\n0.7,0.3\nmean,0.5\n"])
def test_lines_that_are_no_header(files, refused, text):
    files(f__csv=text)
    said = refused("entropy", "f.csv")
    assert re.search("name the columns|the header", said.replace("--header", "")) is None


def test_json_with_single_quotes(files, refused):
    files(f__json="{'cat': [0.5], 'dog': [0.5]}", g__json="[0.5, 0.5")
    assert "JSON has double quotes" in refused("entropy", "f.json")
    assert "double quotes" not in refused("entropy", "g.json").replace("enclosed in double quotes", "")


def test_the_probabilities_of_both_labels_beside_binary_labels(files, refused, value):
    """As `predict_proba` gives them: the second column is that of label 1."""
    files(y__csv="y\n0\n1\n", p__csv="no,yes\n0.7,0.3\n0.2,0.8\n", i__csv=",y,w\n0,0,0.5\n1,1,0.5\n")
    for target in ("y.csv", "0,1,1"):
        said = refused("bce", target, "p.csv")
        assert "name one column, as in p.csv:yes" in said
    close(value("bce", "y.csv", "p.csv:yes")[0], LOSS)
    assert "name one column, as in i.csv:y" in refused("bce", "i.csv", "p.csv:yes")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "text",
    [
        '"x"\n"1" "cat"\n"2" "dog"\n',
        '"x"\n"1"\t"cat"\n"2"\t"dog"\n',
        "['cat', 'dog']\n",
        '"x"\n"a 1" 0\n"b 2" 1\n',
    ],
)
def test_labels_as_r_and_python_write_them(files, value, by, text, way):
    """`write.table` of a vector has row names, and a header of one field above them."""
    by(way)
    files(y__txt=text, p__csv="cat,dog\n0.7,0.3\n0.2,0.8\n")
    close(value("xent", "y.txt", "p.csv")[0], LOSS)


def test_quoted_names_with_blanks_are_one_column(files, value):
    files(y__txt='"name"\n"New York"\n"Rome"\n', z__txt="name\nNew York\nRome\n")
    for file in ("y.txt", "z.txt"):
        close(value("xent", file, "0.7,0.3;0.2,0.8", "--classes", "New York,Rome")[0], LOSS)


@pytest.mark.parametrize(
    ("head", "rows", "column"),
    [
        ("", ["1.5,2.5,0.5,2", "0.5,2.5,1.5,0", "0.1,0.2,0.3,1"], "column 4"),
        ("fold,a,b", ["0,1.5,2.5", "1,2,0.5", "0,0.5,1"], "column 1 (fold)"),
        ("a,b,c", ["0,1.5,2.5", "0,2.5,0.5", "0,0.5,1.5"], None),
        ("a,b,c", ["0,1.5,2.5", "1,2.5,0.5"], None),
        ("a,b,c", ["3,1,2", "2,3,1.5", "1,2,0"], None),
    ],
)
def test_a_column_of_whole_numbers_among_scores_is_mentioned(files, value, head, rows, column):
    files(f__csv="\n".join([*([head] if head else []), *rows, ""]))
    said = " ".join(value("softmax", "f.csv")[1].split())
    assert said == "" if column is None else f"{column} of f.csv is read as a class" in said
    if head:
        data = [dict(zip(head.split(","), map(float, row.split(",")), strict=True)) for row in rows]
        files(g__json=data)
        assert ("is read as a class" in value("softmax", "g.json")[1]) == bool(column)


def test_a_column_of_whole_numbers_in_a_frame_is_mentioned(caplog):
    frame = pd.DataFrame({"a": [1.5, 2.5, 0.5], "fold": [0, 1, 0], "b": [0.5, 1.5, 2.5]})
    assert cecli.softmax(frame).shape == (3, 3)
    assert "the column 'fold' of the logits is read as a class" in caplog.text
