"""Hints of what to do next: followed to the letter, they work."""

import math
import re
import shlex

import pytest

from .conftest import close

SWAP = "the target comes first, then the prediction"


@pytest.mark.parametrize(
    ("head", "rows", "columns"),
    [
        ("id,note,cat,dog,y", ["1,a,0.7,0.3,0", "2,b,0.2,0.8,1"], "cat,dog"),
        ("cat,note,dog,y", ["0.7,a,0.3,0", "0.2,b,0.8,1"], "cat,dog"),
        ("cat,dog,y,split,fold", ["0.7,0.3,0,test,1", "0.2,0.8,1,test,2"], "cat,dog"),
        ("note,p,y", ['a,"[0.7,0.3]",0', 'b,"[0.2,0.8]",1'], "p"),
    ],
)
def test_the_columns_that_a_hint_names_fit(files, refused, value, head, rows, columns):
    files(f__csv="\n".join([head, *rows, ""]))
    hinted = re.search(r"as in (f\.csv:\S+)", refused("xent", "f.csv:y", "f.csv"))
    assert hinted is not None
    assert hinted[1] == f"f.csv:{columns}"
    close(value("xent", "f.csv:y", hinted[1])[0], -(math.log(0.7) + math.log(0.8)) / 2)


@pytest.mark.parametrize("columns", ["", ":cat,dog"])
def test_a_slip_in_a_column_of_numbers_is_no_reason_to_name_other_columns(files, refused, columns):
    files(f__csv="id,cat,dog,y\n1,0.7,0.3,cat\n2,x,0.8,dog\n", g__csv="cat,dog,y\nx,0.3,cat\n0.2,0.8,dog\n")
    for file in ("f.csv", "g.csv"):
        assert "name the columns" not in refused("xent", f"{file}:y", file + columns)


@pytest.mark.parametrize("command", ["xent", "grad", "calibrate", "kl"])
@pytest.mark.parametrize("labels", ["0", "cat"])
def test_rows_beside_labels_the_wrong_way_round(files, refused, command, labels):
    files(p__csv="cat,dog\n.7,.3\n.2,.8\n", y__csv=f"y\n{labels}\n{labels}\n")
    said = refused(command, "p.csv", "y.csv")
    assert "look swapped" in said
    assert SWAP in said


def test_binary_predictions_beside_labels_the_wrong_way_round(files, refused, value):
    files(f__csv="y,p,z\nyes,0.7,1\nno,0.2,0\n")
    for more in ([], ["--classes", "no,yes"]):
        assert SWAP in refused("bce", "f.csv:p", "f.csv:y", *more)
        assert SWAP in refused("grad", "f.csv:p", "f.csv:y", "--loss", "bce", *more)
    assert SWAP in refused("bce", "0.7,0.2", "yes,no", "--classes", "no,yes")
    for target, prediction in (("f.csv:p", "f.csv:z"), ("0.7,0.2", "1,0")):
        assert SWAP in value("bce", target, prediction)[1]
        assert SWAP not in value("bce", prediction, target)[1]


@pytest.mark.parametrize("words", ["yes no", "True False", "TRUE FALSE", "Y N", "pos neg", "b a"])
def test_names_of_a_binary_target(files, refused, value, words):
    yes, no = words.split()
    files(f__csv=f"y,p\n{yes},0.7\n{no},0.2\n", f__jsonl=[{"y": yes, "p": 0.7}, {"y": no, "p": 0.2}])
    for target, prediction in (("f.csv:y", "f.csv:p"), ("f.jsonl:y", "f.jsonl:p"), (f"{yes},{no}", "0.7,0.2")):
        hinted = re.search(r"(--classes \S+) says", refused("bce", target, prediction))
        assert hinted is not None
        close(value("bce", target, prediction, *shlex.split(hinted[1]))[0], -(math.log(0.7) + math.log(0.8)) / 2)


@pytest.mark.parametrize(
    ("target", "prediction", "wanted"),
    [
        ("1,0,0", "0.5,0.3,0.3", "--normalize"),
        ("0,0,1", "0.3,0.3,0.3", "--normalize"),
        ("1,0,0", "0.9,0.2,0.6", "bce"),
        ("1,0,1", "0.5,0.3,0.3", "bce"),
        ("0,1", "0.3,0.8", "bce"),
    ],
)
def test_a_row_that_misses_1_beside_zeros_and_ones(refused, value, target, prediction, wanted):
    said = refused("xent", target, prediction)
    assert wanted in said
    assert ("--normalize" in said) == (wanted == "--normalize")
    assert value(*(["bce"] if wanted == "bce" else ["xent", "--normalize"]), target, prediction)


def test_names_in_the_place_of_a_prediction_of_classes_are_no_binary_target(files, refused):
    files(p__csv="y\ncat\ndog\n")
    for words in (("xent", "0,1", "p.csv"), ("entropy", "p.csv"), ("softmax", "p.csv")):
        said = refused(*words)
        assert "'cat' is not a number" in said
        assert "--classes" not in said
