"""Hints of what to do next: followed to the letter, they work."""

import math
import re
import shlex

import numpy as np
import pytest

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2
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


TWO = ["0.7,0.3", "0.2,0.8"]


@pytest.mark.parametrize(
    ("name", "content", "typed"),
    [
        ("f.csv", f"id,label,cat,dog\n1,cat,{TWO[0]}\n2,dog,{TWO[1]}\n", "f.csv"),
        ("f.csv", f"cat,dog,y_true\n{TWO[0]},0\n{TWO[1]},1\n", "f.csv"),
        ("f.csv", f"species,cat,dog\ncat,{TWO[0]}\ndog,{TWO[1]}\n", "f.csv"),
        ("f.csv", f"cat,dog,Gold,n\n{TWO[0]},cat,1\n{TWO[1]},dog,2\n", "f.csv:cat,dog"),
        ("f.csv", f"cat,dog,y\n{TWO[0]},0\n{TWO[1]},1\n", "f.csv:y"),
        ("f 1.jsonl", [{"label": 0, "p": [0.7, 0.3]}, {"label": 1, "p": [0.2, 0.8]}], "f 1.jsonl"),
        ("f.json", {"out": {"p": [[0.7, 0.3], [0.2, 0.8]], "labels": [0, 1]}}, "f.json:out.p"),
        ("f.npz", {"labels": [0, 1], "p": [[0.7, 0.3], [0.2, 0.8]]}, "f.npz"),
        ("f.npz", {"labels": [0, 1], "p": [[0.7, 0.3], [0.2, 0.8]], "x": [1]}, "f.npz:p"),
    ],
)
@pytest.mark.parametrize("command", ["xent", "compare"])
def test_a_file_with_its_target_that_is_given_alone(files, tmp_path, refused, value, command, name, content, typed):
    files()
    if name.endswith(".npz"):
        np.savez(tmp_path / name, **content)
    else:
        files(**{name.replace(".", "__"): content})
    said = refused(command, typed)
    assert "PREDICTION is missing" in said
    hinted = re.search(rf"\? cecli ({command} .*)", said)
    assert hinted is not None
    metric = ["--metric", "cross_entropy"] if command == "compare" else []
    close(value(*shlex.split(hinted[1]), *metric)[0], LOSS)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "0,1,2\n", "", "| a | b |\n|---|---|\n", "y\n1\n0\n"])
def test_a_file_without_a_target_that_is_given_alone(files, refused, content):
    files(f__csv=content)
    assert "hint: for example: cecli xent" in refused("xent", "f.csv")
    assert "hint: for example: cecli bce" in refused("bce", "f.csv")


def test_members_of_an_archive_beside_their_labels(tmp_path, files, value, refused):
    files()
    np.savez(tmp_path / "a.npz", y=[0, 1], p=[[0.7, 0.3], [0.2, 0.8]])
    np.savez(tmp_path / "b.npz", y=[0, 1], p=[[0.5, 0.5], [0.5, 0.5]])
    found = value("compare", "--label", "y", "a.npz", "b.npz", "--metric", "cross_entropy")[0]
    close(found, LOSS, math.log(2))
    np.savez(tmp_path / "c.npz", y=[1, 1], p=[[0.5, 0.5], [0.5, 0.5]])
    assert "sample 1" in refused("compare", "--label", "y", "a.npz", "c.npz")
    assert "a.npz has 2 members" in refused("xent", "--label", "z", "a.npz")


@pytest.mark.parametrize("command", ["bce", "xent"])
def test_a_value_above_1_in_a_column_of_ids(files, refused, command):
    """`--logits` and `--normalize` would give a number, and a wrong one."""
    files(p__csv="PassengerId,Survived\n892,0.7\n893,0.2\n", y__csv="PassengerId,Survived\n892,1\n893,0\n")
    said = refused(command, "y.csv" if command == "bce" else "y.csv:Survived", "p.csv")
    assert "column 1 (PassengerId) seems to hold ids; p.csv:Survived leaves it out" in said
    assert "--logits" not in said
    assert "--normalize" not in said


@pytest.mark.parametrize("form", ["P (y={})", "Prob[{}]", "it's {}", "{} & more", 'of "{}"', "p_{}", "a, {}"])
def test_columns_that_a_hint_names_are_in_quotes_where_a_shell_needs_them(files, refused, value, form):
    """What the hint says can be pasted: the columns of numbers beside a column of predicted labels."""
    head = ",".join('"' + form.format(name).replace('"', '""') + '"' for name in ("cat", "dog"))
    files(f__csv=f"y,{head},pred\ncat,0.7,0.3,cat\ndog,0.2,0.8,dog\n")
    said = refused("xent", "f.csv:y", "f.csv")
    hinted = shlex.split(re.search(r"the values, as in (.*)", " ".join(said.split()))[1])
    assert len(hinted) == 1
    found, _ = value("xent", "f.csv:y", hinted[0])
    close(found, LOSS)
