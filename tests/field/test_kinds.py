"""Kinds of files that went wrong in silence, or whose hints led nowhere: what comes, or what is said."""

import bz2
import gzip
import lzma
import math
import shlex

import numpy as np
import pandas as pd
import pytest

import cecli
from cecli.reading import lines, raw_text
from cecli.running import walk
from tests.reading.conftest import WAYS

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2


def plain(said):
    """What was said, on one line."""
    return " ".join(said.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("token,cat,dog\nthe,0.7,0.3\n##ing,0.5,0.5\na,0.2,0.8\n", "line 3 of f.csv begins with # and was passed over"),
        ("token,cat,dog\n#,0.5,0.5\nthe,0.7,0.3\n#x,1,0\na,0.2,0.8\n", "line 2 of f.csv and 1 more begin with #"),
        ("#a,0.1,0.9\nthe,0.7,0.3\na,0.2,0.8\n", "line 1 of f.csv begins with #"),
        ("# made by hand\nt,cat,dog\nthe,0.7,0.3\n# a note, of two\na,0.2,0.8\n#\n", None),
        ("# t,cat,dog\nthe,0.7,0.3\na,0.2,0.8\n# t,cat,dog\n", None),
        ("#rate,0.1,0\n#seed,3,4\nt,cat,dog\nthe,0.7,0.3\na,0.2,0.8\n", None),
        ("t,cat,dog\n1,0.7,0.3\n#2,0.5,0.5\n# 4,0.5,0.5\n3,0.2,0.8\n", None),
        ("t,cat,dog\na,0.7,0.3\n##2,0.5,0.5\nb,0.2,0.8\n", "line 3 of f.csv begins with #"),
    ],
)
def test_rows_that_look_like_comments(files, value, text, said):
    files(f__csv=text)
    found, notes = value("xent", "0,1", "f.csv:2-3")
    close(found, LOSS)
    assert (said in plain(notes)) if said else notes == ""


def test_quotes_around_the_first_value_make_a_line_a_row(files, value):
    files(f__csv='token,cat,dog\nthe,0.7,0.3\n"##ing",0.2,0.8\n')
    found, notes = value("xent", "0,1", "f.csv:2-3")
    close(found, LOSS)
    assert notes == ""


def test_labels_that_look_like_comments_are_named_where_samples_lack(files, refused):
    files(y__csv="y\n#a\nb\n", p__csv="#a,b\n0.7,0.3\n0.2,0.8\n")
    assert "line 2 of y.csv begins with # and was passed over" in plain(refused("xent", "y.csv", "p.csv"))


@pytest.mark.parametrize("word", ["#DIV/0!", "#VALUE!", "#NV", "#NAME?", "#WERT!"])
def test_what_a_spreadsheet_could_not_compute_is_no_comment(files, refused, word):
    files(f__csv=f"cat,dog\n0.7,0.3\n{word},{word}\n0.2,0.8\n")
    said = refused("entropy", "f.csv")
    assert f"f.csv, line 3, column 1 (cat): '{word}' is not a number" in said
    assert "the header?" not in said


def test_a_comment_in_another_encoding_is_passed_over(files, value):
    files(f__csv=b"# caf\xe9,b\n0.7,0.3\n0.2,0.8\n")
    close(value("xent", "0,1", "f.csv")[0], LOSS)


@pytest.mark.parametrize("word", ["30.75 %", "0.3f", "tensor(0.3)", "3.0D-01", "?", "0x1p-2"])
def test_a_line_of_values_is_not_taken_for_the_header(files, refused, word):
    files(f__csv=f"cat,dog\n{word},{word}\n{word},{word}\n", g__csv=f"cat,dog\n0.5,0.5\n{word},{word}\n0.5,0.5\n")
    assert "the header?" not in refused("entropy", "f.csv")
    assert "the header?" not in refused("entropy", "g.csv")


SCORES = [{"cat": 0.7, "dog": 0.3}, {"dog": 0.8, "cat": 0.2}]
"""The largest first, as programs list them."""


@pytest.mark.parametrize(
    "keys", ["label score", "label prob", "token logprob", "Name Score", "name score", "name confidence"]
)
def test_lists_of_labels_with_their_scores(files, value, refused, keys):
    name, score = keys.split()
    rows = [[{name: label, score: share, "more": [1]} for label, share in row.items()] for row in SCORES]
    files(
        f__jsonl=[{"y": y, "out": row} for y, row in zip(["cat", "dog"], rows, strict=True)],
        f__csv="y,out\n" + "".join(f'{y},"{row}"\n' for y, row in zip(["cat", "dog"], rows, strict=True)),
        n__jsonl=[{"y": y, "out": row} for y, row in zip([0, 1], rows, strict=True)],
    )
    for file in ("f.jsonl", "f.csv"):
        close(value("xent", f"{file}:y", f"{file}:out")[0], LOSS)
        close(value("xent", "--label", "y", file)[0], LOSS)
    files(m__jsonl=[{"y": 0, "out": [{name: label, score: 0.125} for label in "hgfedcba"]}])
    for file, names in (("n", "cat,dog"), ("m", "NAMES")):
        said = plain(refused("xent", f"{file}.jsonl:y", f"{file}.jsonl:out"))
        assert f"--classes {names} says which is 0, 1, 2, …" in said


def test_rows_of_a_name_and_a_score_are_rows(files, value):
    files(f__json=[{"name": "a", "score": 0.7}, {"name": "b", "score": 0.8}])
    close(value("bce", "1,1", "f.json:score")[0], LOSS)


def test_a_list_of_other_objects_is_named(files, refused):
    files(f__jsonl=[{"p": [{"x": 0.7, "y": 0.3}]}] * 2)
    assert "'p' is a list of objects" in refused("entropy", "f.jsonl:p")


def test_numbers_beside_objects_whose_keys_change_their_order(files, value):
    """The first row says which class is 0, and that is said: the largest of each may come first."""
    rows = [{"y": 1, "p": SCORES[1]}, {"y": 0, "p": SCORES[0]}]
    files(f__jsonl=rows, flat__jsonl=[{"y": row["y"], **row["p"]} for row in rows])
    files(f__csv="y,p\n" + "".join(f'{row["y"]},"{row["p"]}"\n' for row in rows))
    files(sorted__jsonl=[{"y": 0, "p": SCORES[0]}] * 2, moving__jsonl=rows[::-1])
    for file in ("f.jsonl", "f.csv", "flat.jsonl"):
        found, said = value("xent", "--label", "y", file)
        close(found, -(math.log(0.3) + math.log(0.2)) / 2)
        assert "the labels of" in plain(said)
        said = plain(said).replace("p.", "")
        assert "are numbers: 0 is dog, 1 is cat, in the order of the columns; --classes cat,dog gives" in said
        close(value("xent", "--label", "y", file, "--classes", "cat,dog")[0], LOSS)
    assert "--classes NAMES gives another order" in plain(value("xent", "--label", "y", "moving.jsonl")[1])
    assert value("xent", "--label", "y", "sorted.jsonl")[1] == ""


@pytest.mark.parametrize(
    ("head", "other"),
    [
        ("yes,no", "no,yes"),
        ("True,False", "False,True"),
        ("positive,negative", "negative,positive"),
        ("class 2,class 1", "'class 1,class 2'"),
        ('"b, c",a', """'a,"b, c"'"""),
        ("no,yes", None),
        ("p9,p10", None),
        ("c0,c1", None),
        ("cat,Dog", None),
        ("B,a", None),
        ("zero,one", None),
        ("Äpfel,Birnen", None),
    ],
)
def test_labels_by_number_beside_names_in_an_order_of_their_own(files, value, head, other):
    files(p__csv=f"{head}\n0.3,0.7\n0.8,0.2\n", y__csv="y\n1\n0\n")
    found, said = value("xent", "y.csv", "p.csv")
    close(found, LOSS)
    if other is None:
        assert said == ""
        return
    assert f"--classes {other} gives another order" in plain(said)
    swapped = value("xent", "y.csv", "p.csv", *shlex.split(f"--classes {other}"))
    close(swapped[0], -(math.log(0.3) + math.log(0.2)) / 2)
    assert value("xent", "1,0", "p.csv")[1] == ""
    files(f__csv=f"y,{head}\n1,0.3,0.7\n0,0.8,0.2\n", g__csv=f"y,{head}\n1,0.3,0.7\n0,0.5,0.5\n")
    said = plain(value("compare", "--label", "y", "f.csv", "g.csv", "--metric", "accuracy")[1])
    assert said.count("gives another order") == 1


@pytest.mark.parametrize("head", ["a cat,a dog", "Class=cat,x:dog", "cat's,dog", '"a,b",c'])
def test_columns_of_a_hint_are_typed_as_they_stand(files, value, refused, head):
    files(my__csv=f"t,{head},y\nx,0.7,0.3,0\nx,0.2,0.8,1\n")
    (files() / "my.csv").rename(files() / "my file.csv")
    said = plain(refused("xent", "--label", "y", "my file.csv"))
    hinted = shlex.split(said.partition("as in ")[2])[0]
    close(value("xent", "--label", "y", hinted)[0], LOSS)


def joined(files, value, first, second, words):
    """What is said of two files that are not joined; the `--id` that is said joins them."""
    files(y__csv=first, p__csv=second)
    target, prediction = words
    said = plain(value("xent", target, prediction)[1])
    hinted = said.partition("in another order: ")[2] or said.partition("in each row: ")[2]
    return said, shlex.split(hinted.partition(" joins")[0])


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ("id,y\n0,0\n1,1\n", "id,cat,dog\n1.0,0.2,0.8\n0.0,0.7,0.3\n", "the same id in another order: --id id"),
        (",y\n0,0\n1,1\n", ",cat,dog\n1,0.2,0.8\n0,0.7,0.3\n", "the same column 1 in another order: --id 1"),
        ("id,y\n1,0\n2,1\n", "id,cat,dog\n1,0.7,0.3\n2,0.2,0.8\n", None),
    ],
)
def test_the_same_ids_in_another_order(files, value, ours, theirs, said):
    found, hinted = joined(files, value, ours, theirs, ("y.csv:y", "p.csv:cat,dog"))
    assert said in found if said else found == ""
    close(value("xent", "y.csv:y", "p.csv:cat,dog", *hinted)[0], LOSS)


def test_the_same_ids_beside_what_is_typed(files, value, refused):
    files(p__csv="id,a,b\n1,0.7,0.3\n2,0.2,0.8\n", q__csv="id,a,b\n2,0.2,0.8\n1,0.7,0.3\n")
    said = plain(value("compare", "0,1", "p.csv", "q.csv", "--metric", "mse")[1])
    assert "in another order: --id id joins them, where the target is a file with ids too" in said
    assert "typed values have no id" in plain(refused("compare", "0,1", "p.csv", "q.csv", "--id", "id"))
    said = plain(value("kl", "p.csv", "q.csv", "-r", "sum")[1])
    assert said.endswith("--id id joins them")


def test_the_same_ids_under_two_names(files, value):
    rows = [(f"img{i}.png", i % 2, (0.2, 0.8) if i % 2 else (0.7, 0.3)) for i in range(6)]
    ours = "y,path\n" + "".join(f"{y},{path}\n" for path, y, _ in rows)
    theirs = "filename,cat,dog\n" + "".join(f"{path},{a},{b}\n" for path, _, (a, b) in rows[::-1])
    found, hinted = joined(files, value, ours, theirs, ("y.csv:y", "p.csv:cat,dog"))
    assert "the same values in column 1 (filename) and column 2 (path), in another order" in found
    close(value("xent", "y.csv:y", "p.csv:cat,dog", *hinted)[0], LOSS)
    same = "rank,path,y\n" + "".join(f"{5 - i},{path},{y}\n" for i, (path, y, _) in enumerate(rows))
    both = "n,path,cat,dog\n" + "".join(f"{i},{path},{a},{b}\n" for i, (path, _, (a, b)) in enumerate(rows))
    assert joined(files, value, same, both, ("y.csv:y", "p.csv:cat,dog"))[0] == ""


@pytest.mark.parametrize(("name", "is_said"), [("id", True), ("image_id", True), ("loss", False)])
def test_long_files_in_another_order(files, value, name, is_said):
    rows = [(i, i % 2, (0.2, 0.8) if i % 2 else (0.7, 0.3)) for i in range(1000)]
    ours = f"{name},y\n" + "".join(f"{i},{y}\n" for i, y, _ in rows)
    theirs = f"{name},cat,dog\n" + "".join(f"{i},{a},{b}\n" for i, _, (a, b) in rows[::-1])
    found, hinted = joined(files, value, ours, theirs, ("y.csv:y", "p.csv:cat,dog"))
    says = f"do not have the same {name} in each row: --id {name} joins them, if both have the same ones"
    assert (says in found) == is_said
    if is_said:
        close(value("xent", "y.csv:y", "p.csv:cat,dog", *hinted)[0], LOSS)


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("on_True_P,on_False_P", "True False"),
        ("out.cat.confidence,out.dog.confidence", "cat dog"),
        ("p(a),p(b)", "a b"),
    ],
)
def test_names_with_a_common_beginning_and_a_common_end(files, value, head, names):
    first, second = names.split()
    files(
        p__csv=f"{head}\n0.7,0.3\n0.2,0.8\n",
        y__csv=f"y\n{first}\n{second}\n",
        q__csv=f"{second},{first}\n0.3,0.7\n0.8,0.2\n",
    )
    close(value("xent", "y.csv", "p.csv")[0], LOSS)
    close(value("kl", "p.csv", "q.csv", "-r", "sum")[0], 0)


@pytest.mark.parametrize(
    ("head", "doubted"),
    [
        ("a,b,loss", "column 3 (loss) of f.csv is read as a class; f.csv:a,b leaves it out"),
        ("Time,a,b", "column 1 (Time) of f.csv is read as a class; f.csv:a,b leaves it out"),
        ("logit_a,logit_b,x", "column 3 (x) of f.csv is read as a class; f.csv:logit_a,logit_b leaves it out"),
        (
            "z0,z1,prob0,prob1",
            "column 3 (prob0), column 4 (prob1) of f.csv are read as classes; f.csv:z0,z1 leaves them",
        ),
        ("p0,p1,p2", None),
        ("logit_a,x,y", None),
        ("a,b,losses", None),
        ("loss,time,entropy", None),
    ],
)
def test_columns_of_scores_that_seem_to_be_no_class_are_mentioned(files, value, head, doubted):
    width = head.count(",") + 1
    files(f__csv=f"{head}\n" + "".join(",".join(f"{i * k}.5" for k in range(width)) + "\n" for i in range(1, 4)))
    found, said = value("softmax", "f.csv")
    assert len(found[0]) == width
    assert doubted in plain(said) if doubted else said == ""


def test_all_columns_but_one_are_named_by_ranges_where_they_are_many(files, value, refused):
    """A hint with the first twelve alone led to another answer."""
    head = [f"c{k}" for k in range(20)]
    row = [f"{(k + 1) / 210!r}" for k in range(20)]
    files(f__csv="".join(",".join([*own[:7], odd, *own[7:]]) + "\n" for own, odd in ((head, "loss"), (row, "1.5"))))
    assert "without it rows sum to 1; f.csv:1-7,9-21 leaves it out" in plain(refused("entropy", "f.csv"))
    assert value("entropy", "f.csv:1-7,9-21") == value("entropy", ",".join(row))


@pytest.mark.parametrize("head", ["step,jump,run", "time,place,person", "p_a,p_b,other"])
def test_columns_of_distributions_are_classes_whatever_they_are_called(files, value, head):
    files(f__csv=f"{head}\n0.2,0.3,0.5\n0.1,0.7,0.2\n")
    assert value("entropy", "f.csv")[1] == ""


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("y,pred,confidence,p0,p1", "{y},{y},0.75,{p}", "column 2 (pred), column 3 (confidence) seem to be no classes"),
        ("length,y,width,p_a,p_b", "5.5,{y},2.5,{p}", "column 1 (length), column 3 (width) seem to be no classes"),
    ],
)
def test_several_columns_that_are_no_classes(files, value, refused, head, row, said):
    rows = [row.format(y=y, p=p) for y, p in ((0, "0.7,0.3"), (1, "0.2,0.8"), (0, "0.7,0.3"), (1, "0.2,0.8"))]
    files(f__csv="\n".join([head, *rows, ""]))
    found = plain(refused("xent", "--label", "y", "f.csv"))
    assert f"{said}: without them rows sum to 1" in found
    hinted = shlex.split(found.partition("sum to 1; ")[2])[0]
    close(value("xent", "--label", "y", hinted)[0], LOSS)


def test_an_unnamed_class_that_was_taken_for_an_index(files, value, refused):
    files(f__csv=",cat,dog\n0.2,0.3,0.5\n0.1,0.1,0.8\n")
    said = plain(refused("xent", "1,2", "f.csv"))
    assert "column 1 has no name: with it rows sum to 1; f.csv:1- takes it in" in said
    assert "--normalize" not in said
    close(value("xent", "1,2", "f.csv:1-")[0], -(math.log(0.3) + math.log(0.8)) / 2)


TWO_LEVELS = "z,z,z\n0,1,2\n1.5,0.25,-1\n0.5,2.5,0.25\n"


@pytest.mark.parametrize("index", [False, True])
def test_names_of_two_levels(files, value, refused, index):
    rows = TWO_LEVELS.splitlines()
    text = "\n".join(f"{first},{row}" for first, row in zip(["", "", 0, 1], rows, strict=True)) if index else TWO_LEVELS
    files(f__csv=text, g__csv=text.split("\n", 1)[1], h__csv="z,z\n0,1\n2,3\n", k__csv="a,b,c\n0,1,2\n0.5,1,1\n")
    said = plain(refused("softmax", "f.csv"))
    assert "its first two rows may both be names" in said
    assert "tail -n +2 f.csv leaves out the first" in said
    assert len(value("softmax", "g.csv", "--header")[0]) == 2
    assert len(value("softmax", "f.csv", "--header")[0]) == 3
    assert [len(value("softmax", file)[0]) for file in ("h.csv", "k.csv")] == [2, 2]
    assert len(value("softmax", "-", stdin=text)[0]) == 3


def test_class_weights_under_the_numbers_of_classes(files, value):
    files(w__json={"1": 3, "0": 1}, p__csv="cat,dog\n0.7,0.3\n0.2,0.8\n", p__npy=np.array([[0.7, 0.3], [0.2, 0.8]]))
    weighted = -(math.log(0.7) + 3 * math.log(0.8)) / 4
    for weights in ("w.json", "1=3,0=1"):
        for prediction in ("p.csv", "p.npy", "0.7,0.3; 0.2,0.8"):
            found, said = value("xent", "0,1", prediction, "--class-weights", weights)
            close(found, weighted)
            assert "are in another order than their numbers" in plain(said)


@pytest.mark.parametrize("command", ["xent", "kl"])
def test_numbered_columns_beside_columns_without_names(files, value, command):
    files(t__json=[{"1": 0.0, "0": 1.0}, {"0": 0.0, "1": 1.0}], p__npy=np.array([[0.7, 0.3], [0.2, 0.8]]))
    for prediction in ("p.npy", "0.7,0.3; 0.2,0.8"):
        found, said = value(command, "t.json", prediction, "-r", "mean")
        close(found, LOSS)
        assert "the columns of t.json are in another order than their numbers" in plain(said)


FALLING = [[0.5, 0.25 + i / 64, 0.25 - i / 64] for i in range(8)]


def test_rows_that_are_sorted_are_mentioned(files, value):
    files(
        f__jsonl=[{"y": i % 3, "top": row} for i, row in enumerate(FALLING)],
        f__npy=np.array(FALLING),
        f__csv="class1,prob1,class2,prob2,class3,prob3\n" + "".join("a,{},b,{},c,{}\n".format(*r) for r in FALLING),
        named__csv="a,b,c\n" + "".join("{},{},{}\n".format(*r) for r in FALLING),
        few__npy=np.array(FALLING[:5]),
        other__npy=np.array([*FALLING, [0.25, 0.5, 0.25]]),
        same__npy=np.array(FALLING[:1] * 9),
    )
    said = "the values fall from the first to the last"
    for source in ("f.jsonl:top", "f.npy", "f.csv:prob*"):
        assert said in plain(value("entropy", source, "-r", "mean")[1])
    for source in ("named.csv", "few.npy", "other.npy", "same.npy"):
        assert value("entropy", source, "-r", "mean")[1] == ""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "cell",
    [
        "[np.float64({}), np.float64({})]",
        "tensor([{}, {}])",
        "tensor([{}, {}], device='cuda:0')",
        "array([{}, {}], dtype=float32)",
        "(np.float64({}), np.float64({}))",
        "[tensor({}), tensor({})]",
    ],
)
def test_rows_in_one_field_as_programs_print_them(files, value, by, cell, way):
    by(way)
    first, second = cell.format("0.7", "0.3"), cell.format("0.2", "0.8")
    files(f__csv=f'y,p\n0,"{first}"\n1,"{second}"\n', g__csv=f'0,"{first}"\n1,"{second}"\n')
    close(value("xent", "--label", "y", "f.csv")[0], LOSS)
    close(value("xent", "f.csv:y", "f.csv:p")[0], LOSS)
    close(value("xent", "g.csv:1", "g.csv:2")[0], LOSS)


def test_points_between_thousands_beside_decimal_commas(files, value, refused):
    files(
        f__csv="id;cat;dog\n1.001;12.345;460\n1.002;5.000;1000\n", g__csv="v;cat;dog\n1.001;1,234;0.5\n1.002;2,5;0,25\n"
    )
    said = plain(refused("entropy", "f.csv:cat,dog", "-n", "--decimal-comma"))
    assert "f.csv, line 2: '12.345' has a point, and with --decimal-comma the comma is the decimal mark" in said
    assert "as in 12345" in said
    close(value("softmax", "g.csv:cat", "--decimal-comma")[0], 1, 1)
    assert len(value("softmax", "g.csv:2-3", "--decimal-comma")[0]) == 2


def test_a_glob_that_takes_text_too(files, value, refused):
    files(f__csv="p_cat,p_dog,p_class,y\n0.7,0.3,cat,cat\n0.2,0.8,dog,dog\n")
    said = plain(refused("xent", "f.csv:y", "f.csv:p_*"))
    assert "as in f.csv:p_cat,p_dog" in said
    close(value("xent", "f.csv:y", "f.csv:p_cat,p_dog")[0], LOSS)


@pytest.mark.parametrize("first", ["-1,1", "-1,0"])
def test_names_that_are_negative_numbers(files, value, refused, first):
    files(p__csv=f"{first}\n0.7,0.3\n0.2,0.8\n", y__csv="y\n" + "\n".join(first.split(",")))
    assert "is its first row names? then add --header" in plain(refused("xent", "y.csv", "p.csv"))
    close(value("xent", "y.csv", "p.csv", "--header")[0], LOSS)


def test_several_columns_beside_binary_labels(files, refused):
    files(f__csv="predict,p0,p1,y\n1,0.25,0.75,1\n0,0.5,0.5,1\n")
    said = plain(refused("bce", "--label", "y", "f.csv"))
    assert "f.csv has 3 columns, and the target one value per sample" in said
    assert "name one column, as in f.csv:p1" in said


def test_labels_by_number_beside_a_frame_in_an_order_of_its_own(caplog):
    frame = pd.DataFrame({"yes": [0.3, 0.8], "no": [0.7, 0.2]})
    assert cecli.cross_entropy([1, 0], frame) == pytest.approx(LOSS)
    assert "the labels of the target are numbers: 0 is yes, 1 is no, in the order of the columns" in caplog.text
    assert "classes=['no', 'yes'] gives another order" in caplog.text
    caplog.clear()
    assert cecli.cross_entropy([0, 1], frame[["no", "yes"]]) == pytest.approx(LOSS)
    assert cecli.cross_entropy([0, 1], frame, classes=["no", "yes"]) == pytest.approx(LOSS)
    assert caplog.text == ""


def test_parts_whose_numbers_have_another_order_than_their_names(files, value):
    rows = ["0.7,0.3", "0.2,0.8", "0.5,0.5"]
    files(**{f"p{name}__csv": f"cat,dog\n{row}\n" for name, row in zip(["1", "2", "10"], rows, strict=True)})
    files(**{f"q{name}__csv": f"cat,dog\n{row}\n" for name, row in zip(["01", "02", "10"], rows, strict=True)})
    found, said = value("xent", "0,0,1", "p*.csv")
    close(found, -(math.log(0.7) + math.log(0.5) + math.log(0.8)) / 3)
    assert "the parts of p*.csv are in the order of their names: p10.csv comes before p2.csv" in plain(said)
    assert value("xent", "0,1,0", "q*.csv")[1] == ""
    files(b__txt="0.7,0.3\n", aa__txt="0.2,0.8\n")
    assert value("xent", "1,0", "*.txt")[1] == ""


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (gzip.compress(b"0.7,0.3\n0.2,0.8\n"), "f.csv.gz"),
        (bz2.compress(b"0.7,0.3\n0.2,0.8\n"), "f.csv.bz2"),
        (lzma.compress(b"0.7,0.3\n0.2,0.8\n"), "f.csv.xz"),
        (np.array([[0.7, 0.3], [0.2, 0.8]]), "f.npy"),
    ],
)
def test_files_of_another_kind_than_they_are_called(files, value, refused, content, name):
    folder = files(**{name.replace(".", "__"): content})
    (folder / name).rename(folder / "f.csv")
    assert f"f.csv is not text: it begins as a .{name.split('.')[-1]} file does" in refused("entropy", "f.csv")
    (folder / "f.csv").rename(folder / name)
    close(value("xent", "0,1", name)[0], LOSS)


def test_files_that_are_not_read_and_are_called_text(files, refused):
    files(f__csv=b"\x89HDF\r\n\x1a\n" + bytes(9))
    assert "h5py" in refused("entropy", "f.csv")


def test_names_of_a_binary_target_that_do_not_say_which_is_1(files, value, refused):
    files(f__csv="y,p\nattack,0.7\nbenign,0.2\n")
    said = plain(refused("bce", "f.csv:y", "f.csv:p"))
    assert (
        "--classes attack,benign says that attack is 0 and benign is 1, --classes benign,attack the other way" in said
    )
    close(value("bce", "f.csv:y", "f.csv:p", "--classes", "benign,attack")[0], LOSS)


@pytest.mark.parametrize(
    ("head", "more"),
    [("prob_1,prob_0", []), ("yes,no", []), ("True,False", []), ("spam,ham", ["--classes", "ham,spam"])],
)
def test_the_probability_of_the_class_that_stands_for_0(files, value, refused, head, more):
    first, second = head.split(",")
    files(f__csv=f"y,{head}\n1,0.7,0.3\n0,0.2,0.8\n", t__csv="y\nspam\nham\n" if more else "y\n1\n0\n")
    found, said = value("bce", "t.csv", f"f.csv:{second}", *more)
    close(found, -(math.log(0.3) + math.log(0.2)) / 2)
    says = f"column 3 ({second}) of f.csv is read as the probability of 1: should it be f.csv:{first}?"
    assert says in plain(said)
    assert value("bce", "t.csv", f"f.csv:{first}", *more)[1] == ""
    if not more:
        assert f"as in f.csv:{first}" in plain(refused("bce", "f.csv:y", "f.csv"))


@pytest.mark.parametrize("head", ["model_0,model_1,model_2", "run10,run11,x", "seed0,seed1,x", "p_no,p_yes,x"])
def test_columns_that_are_not_those_of_two_classes(files, value, head):
    """Of two models, or of two labels that may both hold, no column stands for the other."""
    files(f__csv=f"y,{head}\n1,0.7,0.6,0.5\n0,0.2,0.3,0.5\n")
    found, said = value("bce", "f.csv:y", f"f.csv:{head.split(',')[0]}")
    close(found, LOSS)
    assert said == ""


def test_labels_beside_the_names_of_their_samples(files, value, refused):
    rows = ["0.7,0.3,0", "0.2,0.8,0", "0,0,1"]
    files(y__txt="a.png 0\nb.png 1\nc.png 2\n", p__csv="\n".join(["cat,dog,bird", *rows]), q__csv="\n".join(rows))
    for prediction in ("p.csv", "q.csv"):
        assert "as in y.txt:2" in plain(refused("xent", "y.txt", prediction))
        close(value("xent", "y.txt:2", prediction, "-r", "sum")[0], 2 * LOSS)
    files(t__csv="a,b,c\n1,0,0\n0,1,0\n0,0,1\n")
    assert "name the column" not in refused("xent", "t.csv", "p.csv")


@pytest.mark.parametrize(("head", "is_said"), [("dog,cat", True), ("cat,dog", False), ("1,0", True)])
def test_columns_without_names_beside_those_with_names(files, value, head, is_said):
    files(
        p__csv=f"{head}\n0.3,0.7\n0.8,0.2\n",
        q__npy=np.array([[0.3, 0.7], [0.8, 0.2]]),
        w__json=dict.fromkeys(head.split(","), 2),
    )
    if head != "1,0":
        said = plain(value("kl", "p.csv", "q.npy", "-r", "mean")[1])
        assert (
            "the columns of q.npy have no names, and are taken in the order of those of p.csv: dog, cat" in said
        ) == is_said
        assert value("kl", "p.csv", "0.3,0.7; 0.8,0.2", "-r", "mean")[1] == ""
        assert value("kl", "p.csv", "q.npy", "-r", "mean", "--classes", "cat,dog")[1] == ""
        said = plain(value("xent", "1,0", "q.npy", "--class-weights", "w.json")[1])
        assert ("the weights of w.json are taken as they stand: dog, cat" in said) == is_said
    else:
        found, said = value("compare", "0,1", "p.csv", "q.npy", "--metric", "cross_entropy", "--header")
        assert found[0][0] != found[0][1]
        assert "in another order than their numbers" in plain(said)


def test_labels_by_number_beside_names_of_which_some_are_numbers(files, cecli):
    """They are counted, and a note says which class each is: 1 is called 2."""
    files(p__csv="1,2,other\n0.5,0.25,0.25\n0.25,0.5,0.25\n", y__csv="1\n0\n")
    result = cecli("xent", "y.csv", "p.csv", "-r", "none")
    assert list(map(float, result.stdout.split())) == pytest.approx([math.log(4), math.log(4)])
    assert "the labels of y.csv are numbers: 0 is 1, 1 is 2, 2 is other" in plain(result.stderr)


def test_names_far_below_labels_by_number_where_some_classes_are_called_numbers(files, refused, monkeypatch):
    """What was counted above is not matched by name below."""
    monkeypatch.setattr(raw_text, "CHUNK", 1 << 12)
    monkeypatch.setattr(lines, "CHUNK", 1 << 12)
    monkeypatch.setattr(walk, "BATCH_VALUES", 300)
    rows = [f"{i % 2 + 1},0.5,0.25,0.25\n" for i in range(2000)]
    files(f__csv="label,1,2,other\n" + "".join(rows) + "other,0.25,0.25,0.5\n")
    said = plain(refused("xent", "f.csv:label", "f.csv"))
    assert "there are names among the labels from here on, and those above were read as the numbers of classes" in said
