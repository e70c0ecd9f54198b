"""Samples that are left out, by `--ignore-index` or `--skip-missing`: what they may hold, and what stays an error."""

import json
import math
import re
import shutil
import subprocess

import pytest

from tests.reading.conftest import WAYS

from .conftest import close

CLUSTERED = ["compare", "--scores", "a=f.csv:a", "b=f.csv:b", "-f", "json"]
BAD = "a,b,y\n0.5,0.5,a\nx,1e999,other\n0.2,0.8,b\n"
OTHER = ["--ignore-index", "other"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "list"])
def test_an_ignored_sample_may_hold_texts(files, value, refused, by, kind, way):
    by(way)
    rows = [line.split(",") for line in BAD.splitlines()[1:]]
    objects = [{"a": a, "b": b, "p": [a, b], "y": y} for a, b, y in rows]
    del objects[1]["b"]
    files(f__csv=BAD, f__jsonl=objects)
    file, columns = ("f.csv", "a,b") if kind == "csv" else ("f.jsonl", "a,b" if kind == "jsonl" else "p")
    words = [f"{file}:y", f"{file}:{columns}", "--classes", "a,b"]
    loss = -(math.log(0.5) + math.log(0.8)) / 2
    close(value("xent", *words, *OTHER)[0], loss)
    close(value("xent", *words, *OTHER, "--skip-missing")[0], loss)
    close(value("compare", *words, *OTHER, "--metric", "cross_entropy")[0], loss)
    assert "'other' is not a class name" in refused("xent", *words, "--ignore-index", "b")


def test_what_is_wrong_in_a_sample_that_stays_is_an_error(files, refused, value):
    files(f__csv="a,b,y\n0.5,0.5,a\nx,,other\n0.2,oops,b\n0.1,0.9,b\n", w__csv="w\n1\n2\nx\n3\n")
    for more in ([], ["--skip-missing"]):
        said = refused("xent", "f.csv:y", "f.csv:a,b", *OTHER, *more)
        assert "f.csv, line 4 (sample 3), column 2 (b): 'oops' is not a number" in said
    p = ".5,.5;.5,.5;.5,.5;.5,.5"
    for weights in ("w.csv", "1,2,x,3"):
        assert "'x' is not a number" in refused(
            "xent", "0,9,1,1", p, "--ignore-index", "9", "--sample-weights", weights
        )
        found, _ = value("xent", "0,1,9,1", p, "--ignore-index", "9", "--sample-weights", weights)
        close(found, math.log(2))
    said = refused("xent", "0,9,1", ".5,.5;x,y;.2,z", "--ignore-index", "9", "--skip-missing")
    assert "'z' is not a number" in said


def test_joined_samples_that_are_left_out_may_hold_texts(files, value, refused):
    files(y__csv="id,y\n3,b\n2,other\n1,a\n", p__csv="id,a,b\n1,0.5,0.5\n2,x,\n3,0.2,0.8\n")
    close(value("xent", "y.csv:y", "p.csv:a,b", "--id", "id", *OTHER)[0], -(math.log(0.5) + math.log(0.8)) / 2)
    assert refused("xent", "y.csv:y", "p.csv:a,b", "--id", "id", "--ignore-index", "b", "--classes", "a,b,other")


def test_inputs_of_an_ignored_sample_may_be_missing(files, value, refused):
    files(x__csv="u,v\n1,2\n3,4\n,x\n")
    wanted = value("grad", "0,1", "1,2;3,1", "-l", "--x", "1,2;3,4", "--of", "weights")[0]
    for x in ("x.csv", "1,2;3,4;NA,x", "1,2;3,4;inf,-inf"):
        call = ["1,2;3,1;1,1", "-l", "--x", x, "--of", "weights"]
        assert value("grad", "0,1,9", *call, "--ignore-index", "9")[0] == wanted
    for x in ("x.csv", "1,2;3,4;NA,5"):
        said = refused("grad", "0,9,1", "1,2;3,1;1,1", "-l", "--x", x, "--ignore-index", "9")
        assert "--skip-missing" not in said
    assert value("grad", "0,1,9", "1,2;3,1;1,1", "-l", "--x", "1,2,NA", "--ignore-index", "9")
    assert "'NA' is a missing value" in refused(
        "grad", "0,9,1", "1,2;3,1;1,1", "-l", "--x", "1,2,NA", "--ignore-index", "9"
    )


def test_a_missing_value_in_one_row_is_one_sample(files, value):
    files(p__csv="0.5,NA,0.25\n")
    found, said = value("bce", "0,1,1", "p.csv", "--skip-missing", "-r", "none")
    assert found[::2] == [[math.log(2)], [math.log(4)]]
    assert math.isnan(found[1][0])
    assert "1 sample has a missing value" in said
    found, _ = value("xent", "0,1,0", ".5,.5;.2,.8;.25,.75", "--skip-missing", "--sample-weights", "p.csv")
    close(found, (0.5 * math.log(2) + 0.25 * math.log(4)) / 0.75)
    found, _ = value("xent", "0,1,0", ".5,.5;.2,.8;.25,.75", "--skip-missing", "--sample-weights", "0.5,NA,0.25")
    close(found, (0.5 * math.log(2) + 0.25 * math.log(4)) / 0.75)


@pytest.mark.parametrize("names", ["a,b", "-1,1"])
def test_bce_ignores_labels_by_name(files, value, names):
    no, yes = names.split(",")
    for ignored, label in (("0", "0"), ("NA", "NA"), *([("other", "other")] if names == "a,b" else [])):
        if (names, label) == ("a,b", "0"):
            continue
        files(f__csv=f"y,p\n{no},0.25\n{yes},0.5\n{label},7\n")
        for target, q in (("f.csv:y", "f.csv:p"), (f"{no},{yes},{label}", "0.25,0.5,x")):
            close(
                value("bce", target, q, "--classes", names, "--ignore-index", ignored)[0],
                (math.log(2) - math.log(0.75)) / 2,
            )


@pytest.mark.parametrize("name", ["7", "u7"])
@pytest.mark.parametrize("way", WAYS)
def test_a_sample_without_a_cluster(files, cecli, by, way, name):
    """Missing clusters are no cluster of their own: an error that names the line, or the samples are left out."""
    by(way)
    rows = [[i, i % 5, (7 * i) % 11, name if i % 3 else f"{name}{i}"] for i in range(40)]
    lines = ["i,a,b,g", *(",".join(map(str, [*row[:3], "" if row[0] in (4, 11) else row[3]])) for row in rows)]
    kept = [line for i, line in enumerate(lines) if i not in (5, 12)]
    files(f__csv="\n".join(lines) + "\n", kept__csv="\n".join(kept) + "\n")
    refused = cecli(*CLUSTERED, "--cluster", "f.csv:g")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "f.csv, line 6 (sample 5), column 4 (g): a value is missing" in refused.stderr
    assert "--skip-missing" in refused.stderr
    for more in ([], ["--id", "i"]):
        found = json.loads(cecli(*CLUSTERED, "--cluster", "f.csv:g", "--skip-missing", *more).stdout)
        words = [word.replace("f.csv", "kept.csv") for word in CLUSTERED]
        expected = json.loads(cecli(*words, "--cluster", "kept.csv:g", *more).stdout)
        assert (found["samples"], found["skipped"]) == (38, 2)
        assert found["models"] == expected["models"]
        assert found["differences"] == expected["differences"]
    joined = cecli(*CLUSTERED, "--cluster", "f.csv:g", "--id", "i")
    assert (joined.exit_code, joined.stdout) == (2, "")
    assert "f.csv, line 6 (sample 5), column 4 (g): a value is missing" in joined.stderr


def test_the_cluster_of_a_sample_that_is_left_out_may_be_missing(files, value, refused):
    """By `--ignore-index`, or for a missing prediction; numbers that are typed are read alike."""
    files(f__csv="y,p,g\n0,0.25,u\n9,0.5,\n1,0.5,v\n", gap__csv="y,p,g\n0,0.25,u\n1,,\n1,0.5,v\n")
    wanted = (math.log(2) - math.log(0.75)) / 2
    for cluster in ("f.csv:g", "1,NA,2", "1,x,2"):
        words = ["compare", "f.csv:y", "f.csv:p", "--cluster", cluster, "--metric", "cross_entropy"]
        close(value(*words, "--ignore-index", "9")[0], wanted)
    words = ["compare", "gap.csv:y", "gap.csv:p", "--cluster", "gap.csv:g", "--metric", "cross_entropy"]
    close(value(*words, "--skip-missing")[0], wanted)
    assert "'NA' is a missing value" in refused("compare", "--scores", "a=1,2,3", "--cluster", "1,NA,2")
    words = ["compare", "--scores", "a=1,5,3", "--metric", "score"]
    close(value(*words, "--cluster", "1,NA,2", "--skip-missing")[0], 2)


# --- rows that `--where` leaves out, and lines without a value ------------------------------------------------------

SPLIT = "id,split,y,a,b\n1,train,NA,x,0.5\n2,test,a,0.7,0.3\n3,train,oops,0.5,0.5\n4,test,b,0.2,0.8\n"
LOSS = -(math.log(0.7) + math.log(0.8)) / 2
ASIDE = {
    "y.csv": ("id,y\n1,NA\n2,a\n3,oops\n4,b\n", "y.csv:y"),
    "n.csv": ("id,y\n1,\n2,0\n3,9\n4,1\n", "n.csv:y"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", ["f.csv:y", *ASIDE])
@pytest.mark.parametrize("more", [[], ["--id", "id"], ["--skip-missing"]])
def test_rows_that_where_leaves_out_may_hold_anything(files, value, refused, by, target, more, way):
    by(way)
    files(f__csv=SPLIT, **{name.replace(".", "__"): text for name, (text, _) in ASIDE.items()})
    target = ASIDE[target][1] if target in ASIDE else target
    words = ["xent", target, "f.csv:a,b", *more, "--where"]
    close(value(*words, "split=test")[0], LOSS)
    refused(*words, "split=test,train")
    assert "f.csv, line 2" in refused("xent", "0;1;0;1", "f.csv:a,b", "--where", "split=test,train", "--skip-missing")


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ("0\n0\nNA\n1\n", "line 3 (sample 3), column 1: 'NA' is a missing value"),
        ("0\n0\n5\n1\n", "line 3 (sample 2): label 5 is out of range"),
        ("a\na\nfoo\nb\n", "line 3 (sample 3): 'foo' is not a class name"),
        ("0\n0\n2.5\n1\n", "line 3 (sample 2): 2.5 is not a label"),
    ],
)
def test_what_is_wrong_in_a_row_that_where_keeps_names_its_line(files, refused, y, said):
    files(f__csv="split,a,b\nno,0.5,0.5\nyes,0.7,0.3\nyes,0.2,0.8\nno,0.5,0.5\n", y__csv=y)
    assert f"y.csv, {said}" in refused("xent", "y.csv", "f.csv:a,b", "--where", "split=yes")


def test_what_is_wrong_in_joined_rows_names_line_and_id(files, refused):
    files(y__csv="id,y\nq,1\np,0\n", p__csv="id,a,b\np,0.7,0.3\nq,0.2,0.9\n")
    assert "p.csv, line 3 (id 'q') sums to 1.1" in refused("xent", "y.csv:y", "p.csv", "--id", "id")


def test_class_weights_beside_joined_rows(files, value):
    files(y__csv="id,y\nq,1\np,0\n", p__csv="id,a,b\np,0.7,0.3\nq,0.2,0.8\n", w__csv="a,b\n1,2\n")
    found = value("xent", "y.csv:y", "p.csv", "--id", "id", "--class-weights", "w.csv")[0]
    close(found, -(math.log(0.7) + 2 * math.log(0.8)) / 3)


def test_a_blank_line_among_single_values_is_mentioned(files, value, refused):
    said = "line 3 of y.csv is empty and was passed over: a missing value is written as NA"
    files(y__csv="y\n0\n\n1\n\n", z__csv="y\n\n0\n \n\n1\n", t__csv="\n0\n1\n\n\n", p__csv="a,b\n.7,.3\n\n.2,.8\n")
    assert said in " ".join(value("xent", "y.csv", "p.csv")[1].split())
    assert "line 4 of z.csv and 1 more are empty" in value("xent", "z.csv", "p.csv")[1]
    assert value("xent", "t.csv", "p.csv")[1] == ""
    assert said in refused("xent", "y.csv", ".7,.3;.5,.5;.2,.8")


FOREIGN = {"PostgreSQL": r"\N", "SAS": "."}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
@pytest.mark.parametrize("header", ["", "a,b\n"])
@pytest.mark.parametrize("program", FOREIGN)
def test_a_missing_value_of_another_program_is_an_error_that_says_what_to_do(
    files, value, refused, by, program, header, delimiter, way
):
    """In the first row too, where it is no header; the command of the hint is run here."""
    by(way)
    gap = FOREIGN[program]
    for rows in (f"{gap},{gap}\n0.5,0.5\n.2,.8\n", f"0.5,0.5\n.2,.8\n0.5,{gap}\n"):
        text = (header + rows).replace(",", delimiter)
        files(p__csv=text)
        for more in ([], ["--skip-missing"]):
            said = refused("entropy", "p.csv", *more)
            assert f"{gap!r} is not a number" in said
            assert f"{program} and " in said
        command = re.search(r"as (\S+ (?:-pe )?'.*') does", " ".join(said.split()))[1]
        if shutil.which(command.split()[0]) is None:
            pytest.skip(f"{command.split()[0]} is not installed")
        made = subprocess.run(["sh", "-c", command], input=text.encode(), stdout=subprocess.PIPE, check=True)
        files(q__csv=made.stdout)
        found = value("entropy", "q.csv", "--skip-missing", "-r", "mean")[0]
        close(found, (math.log(2) - 0.2 * math.log(0.2) - 0.8 * math.log(0.8)) / 2)


@pytest.mark.parametrize("gap", FOREIGN.values())
def test_a_label_that_another_program_has_for_a_missing_one(files, value, refused, gap):
    """It is none, unless a class is called so; where labels are all there is, a note asks."""
    files(y__csv=f"y\ncat\n{gap}\ndog\n", p__csv="p\ncat\ncat\ncat\n", q__csv="cat,dog\n.5,.5\n.5,.5\n.2,.8\n")
    for said in (refused("xent", "y.csv", "q.csv"), refused("compare", "y.csv", "p.csv", "--classes", "cat,dog")):
        assert f"{gap!r} is not a class name" in said
        assert "write a missing value so; write NA in its place" in said
    found, said = value("compare", "y.csv", "p.csv", "--metric", "errors")
    assert found == [[2]]
    assert f"{gap!r} is read as the name of a class: " in said
    assert value("compare", "y.csv", "p.csv", "--metric", "errors", "--classes", f"cat,dog,{gap}")[0] == [[2]]
