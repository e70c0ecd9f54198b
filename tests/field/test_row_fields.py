"""Rows of values in one field of a text: lists, objects of numbers, lists of labels with their scores."""

import csv
import io
import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

import cecli

from .conftest import close

OBJECTS = [{"cat": 0.7, "dog": 0.3}, {"dog": 0.8, "cat": 0.2}]
SCORES = [[{"label": key, "score": value} for key, value in each.items()] for each in OBJECTS]
LOSS = -(math.log(0.7) + math.log(0.8)) / 2


def table(cells, delimiter=",", header=True):
    """Labels, a text, and a cell for each sample."""
    out = io.StringIO()
    rows = [["y", "note, or not", "p"]] if header else []
    rows += [[label, "{a} [b]", cell] for label, cell in zip(["cat", "dog"], cells, strict=True)]
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("write", [json.dumps, str, lambda cell: str(cell).replace("0.7", "np.float64(0.7)")])
@pytest.mark.parametrize("cells", [OBJECTS, SCORES], ids=["objects", "scores"])
def test_an_object_in_a_field_is_a_row_with_names(files, value, cells, write, delimiter):
    """As JSON and as Python write it."""
    files(f__csv=table(map(write, cells), delimiter), q__csv="dog,cat\n.3,.7\n.8,.2\n")
    close(value("xent", "f.csv:y", "f.csv:p")[0], LOSS)
    close(value("xent", "cat,dog", "-:p", stdin=table(map(write, cells), delimiter))[0], LOSS)
    found, said = value("kl", "q.csv", "f.csv:p", "-r", "sum")
    close(found, 0)
    assert "another order" in said
    close(value("xent", "1,0", "f.csv:p", "--classes", "dog,cat")[0], LOSS)
    close(value("xent", "f.csv:y", "f.csv:p", "--id", "y")[0], LOSS)


@pytest.mark.parametrize("write", [json.dumps, lambda each: json.dumps([*each.values()])])
def test_a_first_row_with_a_row_in_it_is_no_header(files, value, write):
    cells = [{"cat": 0.7, "dog": 0.3}, {"cat": 0.2, "dog": 0.8}]
    files(f__csv=table(map(write, cells), header=False))
    close(value("xent", "f.csv:1", "f.csv:3", "--classes", "cat,dog")[0], LOSS)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('{"cat": 0.7}', "lacks the key 'dog'"),
        ('{"cat": 0.7, "dog": 0.2, "cow": 0.1}', "has the key 'cow'"),
        ('{"cat": "x", "dog": 0.2}', "'x' is not a number"),
        ('{"cat": [1], "dog": 0.2}', "is not an object of numbers"),
        ("{oops}", "is not an object of numbers"),
        ("{[1]: 0.7}", "is not an object of numbers"),
        ('{"cat": 0.7, "dog": 0.2, "cat": 0.1}', "two values are called 'cat'"),
        ("{'cat': 0.7, 'dog': 0.2, 'cat': 0.8}", "two values are called 'cat'"),
        ("", "a value is missing"),
    ],
)
def test_an_object_that_is_wrong(files, refused, value, cell, words):
    files(f__csv=table([json.dumps(OBJECTS[0]), cell]))
    said = refused("xent", "f.csv:y", "f.csv:p", "-l")
    assert "f.csv, line 3" in said
    assert words in said
    if not cell:
        close(value("xent", "f.csv:y", "f.csv:p", "--skip-missing")[0], -math.log(0.7))


def test_an_object_holds_the_class_names_in_its_own_order(files, cecli, refused):
    files(f__csv=table(map(json.dumps, OBJECTS)), s__csv=table(map(json.dumps, SCORES)))
    assert cecli("softmax", "f.csv:p", "-q", "-f", "csv").stdout.startswith("cat,dog\n")
    assert cecli("softmax", "f.csv:p", "-q", "-f", "csv", "--classes", "dog,cat").stdout.startswith("dog,cat\n")
    assert "--classes cat,dog" in refused("xent", "0,1", "s.csv:p")


def test_labels_with_scores_of_one_sample(files, value):
    files(one__json=SCORES[0], more__json=[{"label": "cat", "score": 0.9}, {"label": "cat", "score": 0.8}])
    close(value("xent", "cat", "one.json")[0], -math.log(0.7))
    close(value("entropy", "one.json")[0], -0.7 * math.log(0.7) - 0.3 * math.log(0.3))
    close(value("bce", "1,1", "more.json:score")[0], -(math.log(0.9) + math.log(0.8)) / 2)
    files(all__jsonl=SCORES, binary__json=[{"label": 1, "score": 0.9}, {"label": 0, "score": 0.2}])
    close(value("xent", "cat,dog", "all.jsonl")[0], LOSS)
    close(value("bce", "binary.json:label", "binary.json:score")[0], -(math.log(0.9) + math.log(0.8)) / 2)


def test_objects_in_the_parts_of_one_table(files, value, refused):
    one, two = table(map(json.dumps, OBJECTS)), table(map(json.dumps, OBJECTS[::-1]))
    files(z1__csv=one, z2__csv=two, l1__jsonl=[{"p": [1, 2]}], l2__jsonl=[{"p": [1, 2, 3]}])
    close(
        value("xent", "z*.csv:y", "z*.csv:p")[0], -(math.log(0.7) + math.log(0.8) + math.log(0.2) + math.log(0.3)) / 4
    )
    assert "l2.jsonl: column 1 (p) has lists of 3 values, and l1.jsonl of 2" in refused("softmax", "l*.jsonl:p")
    files(z2__csv=one.replace("0.8", '""x""'))
    said = refused("xent", "z*.csv:y", "z*.csv:p", "--ignore-index", "cat", "--skip-missing")
    assert "z2.csv, line 3 (sample 4), column 3 (p): 'x' is not a number" in said


@pytest.mark.parametrize("cell", ["[0.5, x]", "[0.5]", "{oops}", '{"cat": 0.5}'])
def test_an_ignored_sample_may_hold_any_field(files, value, refused, cell):
    cells = [{"cat": 0.7, "dog": 0.3}, cell]
    for first in (json.dumps(cells[0]), "[0.7, 0.3]"):
        files(f__csv=table([first, cell]))
        words = ["f.csv:y", "f.csv:p", "--classes", "cat,dog", "--ignore-index"]
        close(value("xent", *words, "dog")[0], -math.log(0.7))
        close(value("xent", *words, "dog", "--skip-missing")[0], -math.log(0.7))
        for more in ([], ["--skip-missing"]):
            assert "line 3" in refused("xent", *words, "cat", *more)


ZERO_SHOT = [
    {"sequence": "a", "labels": ["cat", "dog"], "scores": [0.7, 0.3]},
    {"sequence": "b", "labels": ["dog", "cat"], "scores": [0.8, 0.2]},
]


def test_lists_of_labels_and_of_their_scores_are_matched_by_name(files, value, refused):
    """As zero-shot pipelines write them, the largest first: by place each row would have another order."""
    files(
        z__jsonl=ZERO_SHOT,
        z__json=ZERO_SHOT,
        one__json=ZERO_SHOT[0],
        n__jsonl=[{"labels": [0, 1], "scores": [0.7, 0.3]}],
    )
    for file in ("z.jsonl", "z.json"):
        close(value("xent", "cat,dog", f"{file}:scores")[0], LOSS)
        close(value("xent", "1,0", f"{file}:scores", "--classes", "dog,cat")[0], LOSS)
        assert "in no order" in refused("xent", "0,1", f"{file}:scores")
    close(value("entropy", "n.jsonl:scores")[0], -0.7 * math.log(0.7) - 0.3 * math.log(0.3))


def test_the_best_label_alone_is_no_distribution(files, refused, value):
    best = [max(row, key=lambda each: each["score"]) for row in SCORES]
    files(a__json=[*best, best[0]], b__json=[[each] for each in best])
    for file in ("a.json", "b.json"):
        assert "top_k=None" in refused("entropy", file)
    close(value("compare", "cat,dog,dog", "a.json:label", "--classes", "cat,dog", "--metric", "error_rate")[0], 1 / 3)


@pytest.mark.parametrize("labels", ["0,1", "cat,dog"])
def test_columns_of_text_are_not_the_classes(files, refused, value, labels):
    rows = [{"text": "t", "gold": label, "p": row} for label, row in zip(["cat", "dog"], SCORES, strict=True)]
    files(f__jsonl=rows)
    said = refused("xent", labels, "f.jsonl")
    assert "as in f.jsonl:p.cat,p.dog" in said
    close(value("xent", "cat,dog", "f.jsonl:p.cat,p.dog")[0], LOSS)


def test_values_by_name_in_a_column_of_parquet(tmp_path, files, value, refused):
    """Maps, and labels with their scores, the largest first in each row."""
    files()
    maps = pa.array([list(each.items()) for each in OBJECTS], pa.map_(pa.string(), pa.float64()))
    table = pa.table(
        {"y": ["cat", "dog"], "m": maps, "s": [row[::-1] for row in SCORES], "a": [0.7, 0.2], "b": [0.3, 0.8]}
    )
    pyarrow.parquet.write_table(table, tmp_path / "f.parquet")
    pyarrow.feather.write_feather(table, str(tmp_path / "f.arrow"))
    for column in ("f.parquet:m", "f.parquet:s", "f.arrow:m", "f.arrow:s"):
        close(value("xent", "f.parquet:y", column)[0], LOSS)
        close(value("xent", "1,0", column, "--classes", "dog,cat")[0], LOSS)
        assert "in no order" in refused("xent", "0,1", column)
    close(value("xent", "0,1", "f.parquet:a,b")[0], LOSS)
    bad = pa.table({"s": [SCORES[0], [{"label": "cow", "score": 1.0}]]})
    pyarrow.parquet.write_table(bad, tmp_path / "bad.parquet")
    assert "top_k=None" in refused("entropy", "bad.parquet:s")


@pytest.mark.parametrize("kind", ["columns", "list"])
def test_half_precision_in_parquet(tmp_path, files, value, kind):
    """Rows of float16 may miss 1 by more than what their digits say."""
    files()
    rows = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], np.float16)
    names = ["cat", "dog", "bird"]
    columns = {"p": list(rows)} if kind == "list" else dict(zip(names, rows.T, strict=True))
    pyarrow.parquet.write_table(pa.table({"y": [0, 1], **columns}), tmp_path / "f.parquet")
    spec = "p" if kind == "list" else ",".join(names)
    assert value("xent", "f.parquet:y", f"f.parquet:{spec}")[0][0] == pytest.approx([LOSS], rel=1e-3)


TWICE = [{"label": "cat", "score": 0.7}, {"label": "cat", "score": 0.3}]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"cat": [0.7, 0.2], "dog": [0.3, 0.8], "cat": [0.7, 0.2]}', "f.json"),
        ('{"p": {"cat": [0.7, 0.2], "dog": [0.3, 0.8], "cat": [0.7, 0.2]}}', "f.json"),
        ('[{"cat": 0.7, "dog": 0.3}, {"cat": 0.1, "cat": 0.2, "dog": 0.8}]', "sample 2 of f.json"),
        ('{"cat": 0.7, "dog": 0.3}\n{"cat": 0.1, "cat": 0.2, "dog": 0.8}', "sample 2 of f.json"),
        (json.dumps([SCORES[0], TWICE]), "sample 2 of f.json"),
        (json.dumps([TWICE, TWICE]), "sample 1 of f.json"),
        ('[[{"label": "cat", "label": "dog", "score": 1}]]', "sample 1 of f.json"),
    ],
)
def test_a_name_that_two_values_have(files, refused, content, where):
    """`json` keeps the last of them, and says nothing."""
    files(f__json=content)
    assert f"error: {where}: two values are called 'cat'" in refused("entropy", "f.json").replace("'label'", "'cat'")


def test_an_object_with_a_key_twice_in_a_first_field(files, refused):
    files(f__csv=table(['{"cat": 0.7, "cat": 0.3}'] * 2), g__csv=table(["[0.7, 0.3]", '{"cat": 0.7, "dog": 0.3}']))
    assert "line 2, column 3 (p): two values are called 'cat'" in refused("entropy", "f.csv:p")
    assert "this object has the key 'cat': the first is a list" in refused("entropy", "g.csv:p")


@pytest.mark.parametrize("first", [[("cat", 0.7), ("dog", 0.3)], [("cat", 0.7), ("cat", 0.3)]])
def test_a_map_with_a_key_twice(files, refused, first):
    maps = pa.array([first, [("cat", 0.7), ("cat", 0.3)]], pa.map_(pa.string(), pa.float64()))
    pyarrow.parquet.write_table(pa.table({"p": maps}), files() / "f.parquet")
    assert "two values are called 'cat'" in refused("entropy", "f.parquet:p")


def test_scores_of_one_label_passed_to_the_library():
    with pytest.raises(ValueError, match="sample 2 of p: two values are called 'cat'"):
        cecli.entropy([SCORES[0], TWICE])


def test_lines_of_labels_with_scores_in_a_file_of_no_ending(files, value):
    files(f="".join(json.dumps(each) + "\n" for each in SCORES), g=json.dumps(SCORES[0]))
    close(value("xent", "cat,dog", "f")[0], LOSS)
    close(value("xent", "cat", "g")[0], -math.log(0.7))
