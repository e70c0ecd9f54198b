"""Files are tables of named columns: each rule of it."""

import gzip
import io
import json
import math
import pickle
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from cecli.reading.json_rows import LABELS_AND_SCORES
from tests.reading.conftest import WAYS

from .conftest import close

P = "cat,dog,bird\n0.7,0.2,0.1\n0.1,0.8,0.1\n"
LOSS = -(math.log(0.7) + math.log(0.8)) / 2


# --- headers ------------------------------------------------------------------------------------------------------


def test_said_outright(files, value):
    files(p__csv="3,7\n1,2\n3,5\n")
    assert len(value("softmax", "p.csv")[0]) == 3
    assert len(value("softmax", "p.csv", "--header")[0]) == 2


def test_text_beside_decimals_in_a_first_row_is_doubted(files, refused, value):
    files(p__csv="0.7,O.2,0.1\n0.1,0.8,0.1\n")
    said = refused("entropy", "p.csv")
    assert "--header" in said
    assert "--no-header" in said
    assert "'O.2'" in refused("entropy", "p.csv", "--no-header")
    files(img__csv="a.png,0.7,0.3\nb.png,0.2,0.8\n")
    assert len(value("entropy", "img.csv:2-3")[0]) == 2


def test_text_above_numbers_is_a_header_whichever_columns_are_in_use(files, value):
    files(p__csv="note,0,1\n7,0.5,0.5\n8,0.2,0.8\n")
    assert len(value("entropy", "p.csv:2-3")[0]) == 2


def test_missing_values_are_no_header(files, value):
    files(p__csv="0.7,NA,0.1\n0.1,0.8,0.1\n")
    found, said = value("entropy", "p.csv", "--skip-missing", "-r", "mean")
    close(found, -(0.8 * math.log(0.8) + 0.2 * math.log(0.1)))
    assert "1 sample has a missing value" in said


def test_pandas_with_its_index(files, value):
    files(p__csv=",0,1,2\n0,1,2,3\n1,3,2,1\n")
    assert len(value("softmax", "p.csv")[0][0]) == 3


def test_pandas_without_names(files, refused, value):
    files(p__csv="0,1,2\n1,2,3\n", two__csv="0,1\n1,0\n", one__csv="0,1,2\n")
    said = refused("softmax", "p.csv")
    assert "--header" in said
    assert "--no-header" in said
    found, said = value("softmax", "two.csv")
    assert len(found) == 2
    assert "--header" in said
    assert len(value("xent", "one.csv", "[[1,0,0],[0,1,0],[0,0,1]]")[0]) == 1
    assert len(value("softmax", "-", stdin="0,1,2\n1,2,3\n")[0]) == 2


FRACTIONS = "0.7,0.2,0.1\n0.1,0.8,0.1\n0.3,0.3,0.4\n0.25,0.5,0.25\n0.5,0.4,0.1\n"
TWO_ROWS = "0.7,0.2,0.1\n0.1,0.8,0.1\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"10,20,30\n{TWO_ROWS}", ["xent", "10,20", "FILE", "--classes", "10,20,30"]),
        (f"10,20,30\n{TWO_ROWS}", ["softmax", "FILE", "--classes", "10,20,30"]),
        ("10;20\n0.7;0.3\n0.2;0.8\n", ["softmax", "FILE", "--classes", "10,20"]),
        (f"1,2,3\n{FRACTIONS}", ["softmax", "FILE"]),
        (f"2019,2020,2021\n{FRACTIONS}", ["entropy", "FILE", "--normalize"]),
    ],
)
def test_names_that_are_numbers_are_doubted_above_fractions(files, refused, value, text, words):
    files(p__csv=text)
    words = [word.replace("FILE", "p.csv") for word in words]
    said = refused(*words)
    assert "--header" in said
    assert "--no-header" in said
    assert value(*words, "--header")
    if "--classes" in words:
        piped = [word.replace("p.csv", "-") for word in words]
        assert "the names of the classes" in refused(*piped, stdin=text)
        assert value(*piped, "--header", stdin=text)[0] == value(*words, "--header")[0]


@pytest.mark.parametrize(
    ("text", "first", "stdin"),
    [
        (f"1,2,3\n{TWO_ROWS}", "1,2,3", True),
        (f"0,1,2\n{TWO_ROWS}", "0,1,2", None),
        (f"10,30,20\n{FRACTIONS}", "10,30,20", True),
        ("0,1\n0.7,0.3\n", "0,1", True),
        ("0\n0.7\n0.3\n", "0", True),
        ("1,0\n0.7,0.3\n", None, True),
        ("0,0,1\n0.7,0.2,0.1\n", None, True),
        ("1,2,3\n3,2,1\n", None, True),
        ("3,1.5\n0.2,0.1\n", None, True),
        ("1\n0.7\n", None, True),
        ("0.0,1.0\n0.0,1.0\n", None, True),
        ("0.0,1.0\n0.5,0.5\n", "0.0,1.0", True),
    ],
)
def test_whole_numbers_above_fractions_are_mentioned(files, value, text, first, stdin):
    """They are values; the note says how to read them as names. A pipe is never refused for 0,1,2."""
    files(z__csv=text)
    for words in [["softmax", "-"], *([["softmax", "z.csv"]] if stdin else [])]:
        found, said = value(*words, stdin=text)
        assert len(found) == text.count("\n")
        assert (f", {first}, was read as values; --header reads it as names" in " ".join(said.split())) == bool(first)


@pytest.mark.parametrize("first", ["10,20,30", "3,1,2", "0,1,2"])
@pytest.mark.parametrize(
    "words",
    [["entropy", "-"], ["xent", "0,1", "-"], ["kl", "-", "0.7,0.2,0.1;0.1,0.8,0.1"], ["bce", "0,1,0;0,1,0;1,0,0", "-"]],
)
def test_the_hint_for_whole_numbers_above_probabilities_names_the_header_first(refused, value, first, words):
    text = f"{first}\n{TWO_ROWS}"
    assert "hint: is its first row names? then add --header" in refused(*words, stdin=text)
    if words[0] in ("entropy", "kl"):
        assert value(*words, "--header", stdin=text)
    assert "--header" not in refused(*words, stdin=f"{first}\n30,20,10\n")
    assert "--header" not in refused(*words, "--no-header", stdin=text)


def test_numbers_of_thousands_of_digits_are_no_names(files, refused):
    files(p__csv=f"{'9' * 5000},1,2\n" + "0.5,0.25,0.25\n" * 6)
    assert "too large" in refused("softmax", "p.csv")


def test_one_sample_more_names_the_header(files, refused):
    files(y__csv="0\n0\n1\n", p__csv=P)
    assert "--header" in refused("xent", "y.csv", "p.csv")


def test_a_class_name_is_data_in_a_column_of_labels_only(files, value):
    files(y__csv="cat\ndog\n", p__csv=P)
    close(value("xent", "y.csv", "p.csv")[0], LOSS)


def test_a_first_row_that_is_a_label_far_below_is_doubted(files, refused, value):
    body = "cat\ndog\n" * 150
    files(a__csv=f"fish\n{body}fish\n", b__csv=f"fish\n{body}cat\n")
    said = refused("compare", "a.csv", "b.csv", "--metric", "error_rate")
    assert "a.csv" in said or "b.csv" in said
    assert "--header" in said
    close(value("compare", "a.csv", "b.csv", "--metric", "error_rate", "--header")[0], 1 / 301)
    close(value("compare", "a.csv", "b.csv", "--metric", "error_rate", "--no-header")[0], 1 / 302)
    files(b__csv=f"fish\n{body}", y__csv=f"label\n{body}", z__csv=f"label\n{body}")
    close(value("compare", "y.csv", "z.csv", "--metric", "error_rate")[0], 0)


def test_a_first_row_without_values_is_a_sample_without_values(files, value, refused):
    files(p__csv=",\n0.7,0.3\n", q__csv=",\n,\n")
    assert "line 1 (sample 1), column 1: a value is missing" in refused("entropy", "p.csv")
    close(value("xent", "0,0", "p.csv", "--skip-missing")[0], -math.log(0.7))
    assert "is empty" in refused("entropy", "q.csv")


def test_excel_says_its_delimiter(files, value):
    files(p__csv="sep=;\ncat;dog\n0.7;0.3\n0.2;0.8\n")
    close(value("xent", "0,1", "p.csv")[0], LOSS)


# --- indexes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "id", "ID", "index", "idx", "row", "sample"])
def test_an_index_is_left_out(files, value, name):
    files(p__csv=f"{name},cat,dog\n5,1,2\n7,3,5\n", x__csv=f"{name},a\n1,1\n2,3\n")
    found, said = value("softmax", "p.csv")
    assert [len(row) for row in found] == [2, 2]
    assert "p.csv:1-" in said
    assert [len(row) for row in value("softmax", "p.csv:1-")[0]] == [3, 3]
    assert (
        value("grad", "0,1", "1,2;3,5", "-l", "--x", "x.csv")[0]
        == value("grad", "0,1", "1,2;3,5", "-l", "--x", "1;3")[0]
    )


@pytest.mark.parametrize("column", ["1,1", "0.5,0.7"])
def test_a_class_called_row_is_no_index(files, value, column):
    one, other = column.split(",")
    files(p__csv=f"row,cat,dog\n{one},1,2\n{other},3,5\n")
    assert len(value("softmax", "p.csv")[0][0]) == 3


def test_a_target_of_an_index_and_one_column(files, value):
    files(y__csv="id,label\n1,cat\n2,dog\n", p__csv=P)
    close(value("xent", "y.csv", "p.csv")[0], LOSS)


def test_row_names_as_r_writes_them(files, value):
    files(p__txt='"cat" "dog"\n"1" 0.7 0.3\n"2" 0.2 0.8\n', v__csv='"cat","dog"\n"1",0.7,0.3\n"2",0.2,0.8\n')
    close(value("xent", "0,1", "p.txt")[0], LOSS)
    close(value("xent", "0,1", "v.csv")[0], LOSS)


def test_pandas_index_levels(tmp_path, files, value):
    files()
    pa.parquet.write_table(
        pa.table({"a": [1.0, 2.0], "b": [2.0, 5.0], "__index_level_0__": [3, 4]}), tmp_path / "p.parquet"
    )
    assert len(value("softmax", "p.parquet")[0][0]) == 2


def test_a_first_column_without_a_name_that_counts(files, refused, value):
    rows = [f"{i},{0.1 * i},{1 - 0.1 * i}" for i in range(5)]
    files(p__csv="\n".join(rows), q__csv="\n".join(rows[:4]), a__npy=np.array([[i, 1, 2] for i in range(1, 6)]))
    assert "p.csv:2-" in refused("softmax", "p.csv")
    assert "a.npy:1-" in refused("softmax", "a.npy")
    assert len(value("softmax", "q.csv")[0][0]) == 3
    assert len(value("softmax", "-", stdin="\n".join(rows))[0][0]) == 3


# --- names --------------------------------------------------------------------------------------------------------

MODELS = {"a.csv": P, "b.csv": "bird,dog,cat\n0.1,0.2,0.7\n0.1,0.8,0.1\n"}


def test_models_in_another_order(files, cecli, value):
    files(**{name.replace(".", "__"): text for name, text in MODELS.items()})
    result = cecli("compare", "cat;dog", "a.csv", "b.csv", "--classes", "cat,dog,bird", "--metric", "cross_entropy")
    close([[float(each) for each in result.stdout.split(",")]], LOSS, LOSS)
    found, said = value("kl", "a.csv", "b.csv")
    close(found, 0, 0)
    assert "another order" in said


def test_targets_in_another_order(files, value, tmp_path):
    files(
        p__csv=P,
        y__csv="dog,bird,cat\n0,0,1\n1,0,0\n",
        y__jsonl=[{"dog": 0, "cat": 1, "bird": 0}, {"bird": 0, "dog": 1, "cat": 0}],
    )
    pa.parquet.write_table(pa.table({"dog": [0, 1], "bird": [0, 0], "cat": [1, 0]}), tmp_path / "y.parquet")
    for target in ("y.csv", "y.jsonl", "y.parquet"):
        close(value("xent", target, "p.csv")[0], LOSS)
        assert value("bce", target, "p.csv")[0] == value("bce", "1,0,0;0,1,0", "p.csv")[0]


def test_other_names_are_an_error(files, refused):
    files(p__csv=P, q__csv="cat,dog,fish\n0.7,0.2,0.1\n")
    said = refused("kl", "q.csv", "p.csv")
    assert "'fish'" in said
    assert "'bird'" in said


def test_classes_choose_order_rename_or_are_refused(files, cecli, value, refused):
    files(p__csv="cat,dog,bird,note\n0.7,0.2,0.1,5\n0.1,0.8,0.1,6\n")
    close(value("xent", "dog,dog", "p.csv", "--classes", "dog,cat,bird")[0], -(math.log(0.2) + math.log(0.8)) / 2)
    result = cecli("xent", "x,y", "p.csv:1-3", "--classes", "x,y,z")
    close([[float(result.stdout)]], LOSS)
    assert "are called x, y, z" in result.stderr
    assert "'ant'" in refused("xent", "cat", "p.csv:1-3", "--classes", "cat,dog,ant")


def test_a_common_part_is_taken_off(files, value):
    files(
        p__csv="prob_cat,prob_dog\n0.7,0.3\n0.2,0.8\n",
        s__csv="cat_score,dog_score\n0.7,0.3\n0.2,0.8\n",
        y__csv="y\ncat\ndog\n",
        q__csv="dog,cat\n0.3,0.7\n0.8,0.2\n",
    )
    for file in ("p.csv", "s.csv"):
        found, said = value("xent", "y.csv", file)
        close(found, LOSS)
        assert "cat, dog" in said
        close(value("kl", "q.csv", file)[0], 0, 0)


FORMS = (
    "P (y={})", "P(y={})", "prob_{}_gbm", "Prob[{}]", "probability({})", "confidence({})", "forest ({})", "target_{}_PREDICTION", 'Scored Probabilities for Class "{}"',
    "P_target{}", ".pred_{}", "prob.{}", "prediction_prob_{}", "Scored Probabilities_{}", "{}_proba", "{} (Tree)", "Prediction {}", "p{}",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("classes", ["cat,rat", "b,a", "New York,Old York", "1,0", "3,1", "1.5,-1", "yes,no"])
def test_a_common_part_on_both_sides_is_taken_off(files, value, form, classes):
    """As KNIME, JMP, RapidMiner, DataRobot and others name their columns; which class is first is theirs to say."""
    names = classes.split(",")
    columns = [form.format(name).replace('"', '""') for name in names]
    head = ",".join(f'"{column}"' for column in columns)
    files(
        f__csv=f"y,{head}\n{names[0]},0.7,0.3\n{names[1]},0.2,0.8\n",
        q__csv=f"{names[1]},{names[0]}\n0.3,0.7\n0.8,0.2\n",
        o__csv=f"{names[1]}_o,{names[0]}_o\n0,1\n1,0\n",
    )
    glob = "f.csv:" + form.replace("{}", "*")
    for words in (["f.csv:y", glob], ["f.csv:y", "f.csv"], ["--label", "y", "f.csv"], ["o.csv", glob]):
        found, said = value("xent", *words)
        close(found, LOSS)
        assert "as the labels are" in said or "are matched as" in said
    close(value("kl", "q.csv", glob, "--header")[0], 0, 0)
    close(value("xent", ",".join(f'"{name}"' for name in names), glob, "--class-weights", "1,1")[0], LOSS)
    weights = ",".join(f"{name}={k}" for k, name in enumerate(names, 1))
    if " " not in classes:
        close(value("xent", "f.csv:y", glob, "--class-weights", weights)[0], -(math.log(0.7) + 2 * math.log(0.8)) / 3)


def test_typed_names_meet_columns_with_a_common_part(files, value, refused):
    """Labels, class names and class weights that are typed; names that match no part are an error as ever."""
    files(p__csv=P.replace("cat,dog,bird", "prob_cat,prob_dog,prob_bird"))
    found, said = value("xent", "cat,dog", "p.csv")
    close(found, LOSS)
    assert "prob_cat, prob_dog, prob_bird are called cat, dog, bird" in said
    found, said = value("xent", "1,2", "p.csv", "--classes", "bird,cat,dog")
    close(found, LOSS)
    assert "prob_cat, prob_dog, prob_bird of p.csv are matched as cat, dog, bird" in said
    for labels in ("cat,dog", "0,1"):
        found, _ = value("xent", labels, "p.csv", "--class-weights", "dog=3,bird=9,cat=1")
        close(found, -(math.log(0.7) + 3 * math.log(0.8)) / 4)
    assert "prob_cat" in refused("xent", "cat,cow", "p.csv")


def test_numeric_names_are_matched_by_name(files, value, refused):
    files(p__csv="x,3,7\n0,0.7,0.3\n1,0.2,0.8\n", y__csv="y\n3\n7\n", z__csv="y\n3\n1\n")
    close(value("xent", "y.csv", "p.csv:3,7")[0], LOSS)
    assert "'1'" in refused("xent", "z.csv", "p.csv:3,7")


# --- choosing -----------------------------------------------------------------------------------------------------


def test_numbers_are_names_where_all_are(files, value):
    files(p__csv="id,1,2,3\n9,1,2,3\n", q__csv="id,2,x\n9,1,2\n")
    assert value("softmax", "p.csv:1-3")[0] == value("softmax", "1,2,3")[0]
    assert value("softmax", "q.csv:2,3")[0] == value("softmax", "1,2")[0]


def test_names_with_commas(files, value):
    files(p__csv='"dem, weak",rep,x\n1,2,9\n')
    assert value("softmax", 'p.csv:"dem, weak",rep')[0] == value("softmax", "1,2")[0]


def test_a_source_without_columns_has_those_that_no_other_names(files, value):
    files(p__csv="label,cat,dog,w\ncat,0.7,0.3,1\ndog,0.2,0.8,3\n")
    close(
        value("xent", "p.csv:label", "p.csv", "--sample-weights", "p.csv:w")[0],
        -(math.log(0.7) + 3 * math.log(0.8)) / 4,
    )


def test_columns_and_label_for_every_file(files, cecli, refused):
    files(
        a_S_p__csv="label,p0,p1,n\n0,0.7,0.3,x\n1,0.2,0.8,y\n",
        b_S_p__csv="n,p0,p1,label\nx,0.5,0.5,0\ny,0.5,0.5,1\n",
        c__csv="n,p0,p1,label\nx,0.5,0.5,1\ny,0.5,0.5,1\n",
    )
    result = cecli("compare", "--label", "label", "--columns", "p*", "a/p.csv", "b/p.csv", "--metric", "cross_entropy")
    close([[float(each) for each in result.stdout.split(",")]], LOSS, math.log(2))
    names = [
        line.split("\t")[0]
        for line in cecli("compare", "--label", "label", "--columns", "p*", "*/p.csv").stdout.splitlines()
    ]
    assert names == ["a", "b"]
    assert "labels differ" in refused("compare", "--label", "label", "--columns", "p*", "a/p.csv", "c.csv")
    assert "--label" in refused("compare", "--label", "label", "0.5,0.5")
    assert float(cecli("xent", "--label", "label", "--columns", "p*", "a/p.csv").stdout) == pytest.approx(LOSS)


# --- rows in one field --------------------------------------------------------------------------------------------

FORMS = {
    "rows.json": [[0.7, 0.3], [0.2, 0.8]],
    "objects.json": [{"cat": 0.7, "dog": 0.3}, {"dog": 0.8, "cat": 0.2}],
    "split.json": {"columns": ["cat", "dog"], "index": [0, 1], "data": [[0.7, 0.3], [0.2, 0.8]]},
    "columns.json": {"cat": [0.7, 0.2], "dog": [0.3, 0.8]},
    "pandas.json": {"cat": {"0": 0.7, "1": 0.2}, "dog": {"0": 0.3, "1": 0.8}},
    "dump.json:logits": {"logits": [[0.7, 0.3], [0.2, 0.8]], "labels": [0, 1]},
    "scores.json": [
        [{"label": "cat", "score": 0.7}, {"label": "dog", "score": 0.3}],
        [{"label": "dog", "score": 0.8}, {"label": "cat", "score": 0.2}],
    ],
    "hf.jsonl:pred": [
        {"pred": [{"label": "LABEL_1", "score": 0.3}, {"label": "LABEL_0", "score": 0.7}]},
        {"pred": [{"label": "LABEL_1", "score": 0.8}, {"label": "LABEL_0", "score": 0.2}]},
    ],
    "deep.jsonl:pred.probs": [{"pred": {"probs": [0.7, 0.3]}}, {"pred": {"probs": [0.2, 0.8]}}],
    "named.jsonl:pred.probs": [
        {"pred": {"probs": {"cat": 0.7, "dog": 0.3}}},
        {"pred": {"probs": {"cat": 0.2, "dog": 0.8}}},
    ],
}


@pytest.mark.parametrize("source", FORMS)
def test_forms_of_json(files, value, source):
    files(**{source.partition(":")[0].replace(".", "__"): FORMS[source]})
    target = "cat;dog" if source == "scores.json" else "0;1"
    more = ["--classes", "cat,dog"] if source == "scores.json" else []
    close(value("xent", target, source, *more)[0], LOSS)


def test_scores_in_no_order_need_classes_for_labels_by_number(files, refused):
    files(s__json=FORMS["scores.json"])
    assert "--classes" in refused("xent", "0;1", "s.json")


@pytest.mark.parametrize(
    ("content", "target", "prediction"),
    [
        ({"results": {"probs": [[0.7, 0.3], [0.2, 0.8]]}}, "0,1", "f.json"),
        ({"results": {"probs": [[0.7, 0.3], [0.2, 0.8]]}}, "0,1", "f.json:results"),
        ({"run": {"out": {"p": [[0.7, 0.3], [0.2, 0.8]], "y": [0, 1]}}}, "f.json:run.out.y", "f.json:run.out.p"),
        ({"run": {"rows": [{"y": 0, "p": [0.7, 0.3]}, {"y": 1, "p": [0.2, 0.8]}]}}, "f.json:run.rows.y", "f.json"),
        ({"p": [[0.7, 0.3]] * 3, "y": [0, 0, 0], "classes": ["cat", "dog"]}, "f.json:y", "f.json:p"),
    ],
)
def test_rows_within_objects(files, value, content, target, prediction):
    files(f__json=content)
    close(value("xent", target, prediction)[0], -math.log(0.7) if "classes" in content else LOSS)


def test_columns_and_data_within_an_object(files, value):
    files(f__json={"table": {"columns": ["y", "cat", "dog"], "data": [[0, 0.7, 0.3], [1, 0.2, 0.8]]}})
    close(value("xent", "f.json:y", "f.json")[0], LOSS)


COLUMNS = {"cat": [0.7, 0.2], "dog": [0.3, 0.8]}
BY_INDEX = {key: dict(zip("01", column, strict=True)) for key, column in COLUMNS.items()}
ROWS = [[0.7, 0.3], [0.2, 0.8]]


@pytest.mark.parametrize(
    ("content", "target", "prediction"),
    [
        ({"p": COLUMNS}, "cat,dog", "f.json"),
        ({"p": COLUMNS}, "cat,dog", "f.json:p"),
        ({"p": COLUMNS}, "cat,dog", "f.json:p.dog,p.cat"),
        ({"p": BY_INDEX}, "cat,dog", "f.json:p"),
        ({"n": 2, "p": COLUMNS, "seeds": {"first": [1, 2, 3]}}, "cat,dog", "f.json"),
        ({"y": ["cat", "dog"], "p": COLUMNS, "seeds": {"first": [1, 2]}}, "f.json:y", "f.json"),
        ({"y": ["cat", "dog"], "p": COLUMNS | {"dog": [0.3]}, "q": {"out": COLUMNS}}, "f.json:y", "f.json:q.out"),
        ({"y": [0, 1], "p": {"logits": ROWS, "loss": 0.3}}, "f.json:y", "f.json"),
    ],
)
def test_objects_of_columns_within_an_object(files, value, content, target, prediction):
    files(f__json=content)
    close(value("xent", target, prediction)[0], LOSS)


SHARES = [{"p": {"0": 0.7, "1": 0.3}}, {"p": {"1": 0.8, "0": 0.2}}]


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (dict(enumerate(SHARES)), "0,1"),
        (dict(enumerate(SHARES[::-1])), "1,0"),
        ({"id": 7, "of": SHARES[1]}, "1"),
        ({"of": {"first": SHARES[1]}}, "1"),
    ],
)
def test_classes_by_number_within_an_object_are_no_index(files, value, content, labels):
    """Rows by index, or one sample, whose objects of probabilities have an order each."""
    files(f__json=content)
    close(value("xent", labels, "f.json", "-r", "sum")[0], -math.log(0.8) - math.log(0.7) * (labels != "1"))


def test_columns_by_one_index_in_other_orders(files, refused, value):
    """Their rows do not belong together as they stand; those of another index may be other samples."""
    q = {key: dict(reversed(column.items())) for key, column in BY_INDEX.items()}
    files(f__json={"p": BY_INDEX, "q": q})
    assert "columns with one index in different orders" in refused("entropy", "f.json:p")
    files(f__json={"p": BY_INDEX, "q": {key: dict(zip("89", each, strict=True)) for key, each in COLUMNS.items()}})
    close(value("xent", "cat,dog", "f.json:q")[0], LOSS)


@pytest.mark.parametrize("name", ["f.json", "f.jsonl"])
def test_objects_with_the_same_keys_side_by_side(files, refused, value, name):
    """Two models in a row; or a row of each sample, or a column of each class, by ids."""
    files(**{name.replace(".", "__"): [{"a": {"cat": 0.7, "dog": 0.3}, "b": {"dog": 0.8, "cat": 0.2}}] * 2})
    files(rows__json={"s1": {"cat": 0.7, "dog": 0.3}, "s2": {"cat": 0.2, "dog": 0.8}})
    files(columns__json={"a": {"cat": [0.7, 0.2], "dog": [0.3, 0.8]}, "b": {"cat": [0.6, 0.1], "dog": [0.4, 0.9]}})
    for file in (name, "rows.json", "columns.json"):
        assert "objects with the same keys side by side" in refused("entropy", file, "-n")
    close(value("xent", "dog,dog", f"{name}:b")[0], -math.log(0.8))
    close(value("xent", "dog,cat", "columns.json:b")[0], -(math.log(0.4) + math.log(0.1)) / 2)
    assert len(value("softmax", f"{name}:a,b")[0][0]) == 4


@pytest.mark.parametrize("keys", LABELS_AND_SCORES)
def test_scores_beside_a_list_of_their_labels_belong_to_these(files, refused, value, keys):
    """Also where each row has its largest score first."""
    rows = [(["cat", "dog"], [0.9, 0.1]), (["dog", "cat"], [0.7, 0.3])]
    files(f__jsonl=[{"n": 1, "prediction": dict(zip(keys, row, strict=True))} for row in rows])
    source = f"f.jsonl:prediction.{keys[1]}"
    close(value("xent", "cat,dog", source)[0], -(math.log(0.9) + math.log(0.7)) / 2)
    close(value("xent", "1,0", source, "--classes", "cat,dog")[0], -(math.log(0.1) + math.log(0.3)) / 2)
    assert "scores by name, in no order" in refused("xent", "0,1", source)


def test_sparse_vectors_are_refused(files, refused):
    """Their values are those of other classes in each row."""
    sparse = [{"type": 0, "size": 3, "indices": [0, k], "values": [0.9, 0.1]} for k in (2, 1)]
    files(f__jsonl=[{"y": 0, "p": each} for each in sparse])
    assert "sparse vectors" in refused("xent", "f.jsonl:y", "f.jsonl:p.values")


def test_lists_of_other_lengths_within_an_object_are_no_columns(files, refused):
    files(f__json={"n": 2, "p": {"cat": [0.7, 0.2], "dog": [0.3, 0.8, 0.1]}})
    assert "where all have one length" in refused("entropy", "f.json:p")


@pytest.mark.parametrize("rows", [[[0.7, 0.2, 0.25], [0.3, 0.8, 0.75]], [[0.5, 0.9], [0.5, 0.1]]])
def test_rows_and_columns_that_were_exchanged(files, refused, rows):
    files(p__npy=np.array(rows), p__json={f"{i}.png": row for i, row in enumerate(np.array(rows).T.tolist())})
    for file in ("p.npy", "p.json"):
        said = refused("entropy", file)
        assert "were rows and columns exchanged?" in said
        assert "--normalize" not in said


def test_rows_within_objects_of_different_lengths(files, refused):
    files(f__json={"train": {"p": [[0.5, 0.5]] * 3}, "test": {"p": [[0.5, 0.5]] * 2}})
    said = refused("entropy", "f.json")
    assert "3 (train.p), 2 (test.p) values" in said
    assert "a file of their own" in said


@pytest.mark.parametrize("content", [[[[0.5, 0.5]]], {"logits": [[[0.5, 0.5]]]}])
def test_lists_three_deep(files, refused, content):
    files(p__json=content)
    assert "three deep" in refused("softmax", "p.json")


def test_list_columns(files, value, tmp_path):
    files(p__csv='y,probs\n0,"[0.7, 0.3]"\n1,"[0.2, 0.8]"\n')
    close(value("xent", "p.csv:y", "p.csv:probs")[0], LOSS)
    close(value("xent", "p.csv:y", "p.csv")[0], LOSS)
    struct = pa.array([{"cat": 0.7, "dog": 0.3}, {"cat": 0.2, "dog": 0.8}])
    table = pa.table({"y": [0, 1], "probs": [[0.7, 0.3], [0.2, 0.8]], "s": struct})
    pa.parquet.write_table(table, tmp_path / "p.parquet")
    pa.feather.write_feather(table, str(tmp_path / "p.arrow"))
    for file in ("p.parquet", "p.arrow"):
        for column in ("probs", "s", "s.cat,s.dog"):
            close(value("xent", f"{file}:y", f"{file}:{column}")[0], LOSS)


def test_lists_beside_other_columns_must_be_named(files, refused):
    """Which of them is meant is not guessed."""
    files(p__jsonl=[{"loss": 0.5, "probs": [0.7, 0.3]}, {"loss": 1, "probs": [0.2, 0.8]}])
    assert "p.jsonl:probs" in refused("entropy", "p.jsonl")


def test_a_file_with_more_columns_says_which_to_name(files, refused):
    """Those of the other file."""
    files(p__csv=P, q__csv="note,cat,dog,bird\n1,0.7,0.2,0.1\n2,0.1,0.8,0.1\n")
    assert "q.csv:cat,dog,bird" in refused("kl", "q.csv", "p.csv")
    assert "q.csv:cat,dog,bird" in refused("kl", "p.csv", "q.csv")


def test_arrays_of_three_axes_and_structured_ones(files, value):
    rows = np.array([[0.7, 0.3], [0.2, 0.8]])
    structured = np.array([(0, 0.7, 0.3), (1, 0.2, 0.8)], dtype=[("y", "i4"), ("cat", "f8"), ("dog", "f8")])
    files(p__npy=rows.reshape(1, 2, 2), y__npy=np.array([[0, 1]]), s__npy=structured)
    close(value("xent", "y.npy", "p.npy")[0], LOSS)
    close(value("xent", "s.npy:y", "s.npy")[0], LOSS)


def test_a_column_that_is_no_class_is_named_first(files, refused):
    """Never a hint that leads to a wrong number."""
    files(p__csv="cat,dog,label\n0.7,0.3,0\n0.2,0.8,1\n", q__csv="img,0.7,0.3,2\nimh,0.2,0.8,0\n")
    said = refused("entropy", "p.csv")
    assert "column 3 (label)" in said
    assert "p.csv:cat,dog" in said
    assert "--normalize" not in said
    assert "--logits" not in said
    assert "q.csv:2,3\n" in refused("entropy", "q.csv", "--no-header")


def test_labels_among_logits_are_mentioned(files, value):
    """A column of labels that nobody named is a class, and a note says so."""
    files(z__csv="label,cat,dog\n0,1.5,2\n1,3,0.5\n")
    found, said = value("softmax", "z.csv")
    assert len(found[0]) == 3
    assert "z.csv:cat,dog" in said
    assert value("xent", "z.csv:label", "z.csv", "-l")[1] == ""


def test_one_dimension_is_one_value_per_sample(files, value):
    """Whatever the labels sum to, in `compare`."""
    files(p__npy=np.array([0.9, 0.05, 0.05]), y__npy=np.array([1, 0, 0]))
    close(value("compare", "y.npy", "p.npy", "--metric", "cross_entropy")[0], -(math.log(0.9) + 2 * math.log(0.95)) / 3)


# --- missing values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["NA", "", "null", "nan", "NaN"])
def test_missing_values(files, value, refused, missing):
    files(
        p__csv=f"y,cat,dog,w\n0,0.7,0.3,1\n1,{missing},0.8,1\n1,0.2,0.8,1\n{missing},0.5,0.5,1\n0,0.5,0.5,{missing}\n"
    )
    words = ["xent", "p.csv:y", "p.csv:cat,dog", "--sample-weights", "p.csv:w"]
    said = refused(*words)
    assert "line 3" in said
    assert "--skip-missing" in said
    found, said = value(*words, "--skip-missing")
    close(found, LOSS)
    assert "3 samples have a missing value" in said


def test_ignored_labels(files, value, refused):
    files(y__csv="y\ncat\nother\ndog\n", n__csv="y\n0\nNA\n1\n", p__csv="cat,dog\n0.7,0.3\n0.5,0.5\n0.2,0.8\n")
    close(value("xent", "y.csv", "p.csv", "--ignore-index", "other")[0], LOSS)
    close(value("xent", "n.csv", "p.csv", "--ignore-index", "NA")[0], LOSS)
    close(value("xent", "cat,other,dog", "p.csv", "--ignore-index", "other")[0], LOSS)
    assert "'other'" in refused("xent", "y.csv", "p.csv")


# --- rows ---------------------------------------------------------------------------------------------------------

SPLIT = "id,split,cat,dog\na,test,0.7,0.3\nb,train,0.5,0.5\nc,test,0.2,0.8\n"


def test_where_keeps_rows_of_every_file(files, value, refused):
    files(p__csv=SPLIT, all__csv="y\n0\n1\n1\n", kept__csv="y\n0\n1\n", bad__csv="y\n0\n")
    for target in ("all.csv", "kept.csv", "0,1", "0,1,1"):
        close(value("xent", target, "p.csv", "--where", "split=test")[0], LOSS)
    assert "keeps 2" in refused("xent", "bad.csv", "p.csv", "--where", "split=test")
    assert "'fold'" in refused("xent", "0,1", "p.csv", "--where", "fold=1")
    close(value("xent", "0,1,1", "p.csv", "--where", "split=test,train")[0], (2 * LOSS + math.log(2)) / 3)
    close(value("xent", "0", "p.csv", "--where", "split=test", "--where", "id=a")[0], -math.log(0.7))


def test_where_compares_numbers_as_numbers(files, value):
    files(p__csv="fold,cat,dog\n1.0,0.7,0.3\n2,0.5,0.5\n1,0.2,0.8\n")
    close(value("xent", "0,1", "p.csv", "--where", "fold=1")[0], LOSS)


def test_id_joins_everything(files, value, refused):
    files(
        p__csv="key,cat,dog\n1,0.7,0.3\n2,0.2,0.8\n",
        y__csv="id,label\n2,dog\n1,cat\n",
        w__csv="id,w\n2,3\n1,1\n",
        q__csv="key,cat,dog\n1,0.7,0.3\n3,0.2,0.8\n",
    )
    words = ["xent", "y.csv", "p.csv", "--id", "id,key"]
    close(value(*words)[0], LOSS)
    close(value(*words, "--sample-weights", "w.csv")[0], -(math.log(0.7) + 3 * math.log(0.8)) / 4)
    assert "'3'" in refused("xent", "y.csv", "q.csv", "--id", "id,key")


def test_id_with_where(files, value):
    files(p__csv=SPLIT, y__csv="id,label\nc,dog\nb,dog\na,cat\n")
    close(value("xent", "y.csv:label", "p.csv:cat,dog", "--id", "id", "--where", "split=test")[0], LOSS)


def test_the_same_ids_in_another_order_are_mentioned(files, value):
    files(p__csv="id,cat,dog\n1,0.7,0.3\n2,0.2,0.8\n", y__csv="id,label\n2,dog\n1,cat\n")
    assert "--id id" in value("xent", "y.csv", "p.csv")[1]


# --- kinds --------------------------------------------------------------------------------------------------------


def test_kinds_by_first_bytes(files, value, tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.array([[0.7, 0.3], [0.2, 0.8]]))
    archive = io.BytesIO()
    np.savez(archive, p=np.array([[0.7, 0.3], [0.2, 0.8]]))
    files(
        a=buffer.getvalue(),
        b=archive.getvalue(),
        c=gzip.compress(b"cat,dog\n0.7,0.3\n0.2,0.8\n"),
        d='[{"cat": 0.7, "dog": 0.3}, {"cat": 0.2, "dog": 0.8}]',
    )
    pa.parquet.write_table(pa.table({"cat": [0.7, 0.2], "dog": [0.3, 0.8]}), tmp_path / "e.parquet")
    (tmp_path / "e.parquet").rename(tmp_path / "e")
    for name in "abcde":
        close(value("xent", "0,1", name)[0], LOSS)
        close(value("xent", "0,1", "-", stdin=(tmp_path / name).read_bytes())[0], LOSS)
    lines = '{"cat": 0.7, "dog": 0.3}\n{"cat": 0.2, "dog": 0.8}\n'
    close(value("xent", "0,1", "-", stdin=lines)[0], LOSS)


ZIPPED = io.BytesIO()
with zipfile.ZipFile(ZIPPED, "w") as _archive:
    _archive.writestr("p.csv", P)
ZIPPED = ZIPPED.getvalue()


@pytest.mark.parametrize("name", ["p.npy.gz", "p.gz"])
def test_a_packed_array(files, value, name):
    packed = io.BytesIO()
    np.save(packed, np.array([[0.7, 0.3], [0.2, 0.8]]))
    files(**{name.replace(".", "__"): gzip.compress(packed.getvalue())})
    close(value("xent", "0,1", name)[0], LOSS)


def test_a_packed_file_that_is_read_from_its_end(files, refused):
    files(p__parquet__gz=gzip.compress(b"PAR1"))
    assert "p.parquet.gz: .parquet files are not read where they are packed" in refused("entropy", "p.parquet.gz")


def test_packed_twice(files, cecli, refused):
    files(p__gz=gzip.compress(gzip.compress(P.encode())))
    assert "p.gz is packed twice" in refused("entropy", "p.gz")
    assert "is packed twice" in cecli("entropy", "-", stdin=(files() / "p.gz").read_bytes()).stderr


def test_an_archive_of_no_arrays(files, refused):
    np.savez(files() / "p.npz")
    assert "p.npz holds no arrays" in refused("entropy", "p.npz")


@pytest.mark.parametrize("name", ["p.arrows", "p"])
def test_a_stream_of_arrow(files, value, name):
    table = pa.table({"cat": [0.7, 0.2], "dog": [0.3, 0.8]})
    with pa.ipc.new_stream(str(files() / name), table.schema) as stream:
        stream.write_table(table)
    close(value("xent", "0,1", name)[0], LOSS)
    close(value("xent", "0,1", "-", stdin=(files() / name).read_bytes())[0], LOSS)


def test_lists_of_lists_in_parquet(files, refused):
    pa.parquet.write_table(pa.table({"p": [[[0.7, 0.3]]] * 2}), files() / "p.parquet")
    assert "column 'p' has lists nested three deep" in refused("entropy", "p.parquet")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pkl", pickle.dumps([1])),
        ("b", pickle.dumps([1])),
        ("c.pt", b"x"),
        ("d.h5", b"\x89HDF\r\n"),
        ("e", b"\x89HDF\r\n"),
        ("f.xlsx", b"PK"),
        ("g.mat", b"MATLAB"),
        ("h.rds", b"x"),
        ("i.csv.zst", b"\x28\xb5\x2f\xfd\x00"),
        ("j", b"\x28\xb5\x2f\xfd\x00"),
        ("k.tar.gz", gzip.compress(b"x")),
        ("l.csv.zip", ZIPPED),
        ("m.gz", gzip.compress(pickle.dumps([1]))),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_not_read_says_how_to_save_it(files, refused, name, content):
    files(**{name.replace(".", "__"): content})
    said = refused("softmax", name)
    assert "are not read" in said
    assert "save the values as" in said


# --- globs and names ----------------------------------------------------------------------------------------------


def test_globs(files, cecli, value):
    files(
        z1__csv="cat,dog\n0.7,0.3\n",
        z2__csv="cat,dog\n0.2,0.8\n",
        runs_S_knn__csv__gz=gzip.compress(P.encode()),
        runs_S_svm__csv=P,
    )
    close(value("xent", "0,1", "z*.csv")[0], LOSS)
    close(value("xent", "0,1", "z*.csv:cat,dog", "--classes", "cat,dog")[0], LOSS)
    result = cecli("compare", "0,1", "m=z*.csv", "--metric", "cross_entropy")
    close([[float(result.stdout)]], LOSS)
    names = [
        line.split("\t")[0]
        for line in cecli("compare", "cat,dog", "runs/*", "--classes", "cat,dog,bird").stdout.splitlines()
    ]
    assert names == ["knn", "svm"]


def test_models_of_one_file_are_called_by_their_columns(files, cecli):
    files(p__csv="a0,a1,b0,b1\n0.7,0.3,0.5,0.5\n0.2,0.8,0.5,0.5\n")
    result = cecli("compare", "0,1", "p.csv:1,2", "p.csv:3,4", "0.5,0.5;0.5,0.5", "--classes", "x,y")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["1,2", "3,4", "model 3"], result.stderr


# --- what is typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "array([0.7, 0.3])",
        "np.array([0.7, 0.3])",
        "tensor([0.7, 0.3], dtype=torch.float64)",
        "tensor([0.7000, 0.3000], device='cuda:0', grad_fn=<X>)",
        "c(0.7, 0.3)",
        "[0.7 0.3]",
        "Array([0.7, 0.3], dtype=float32)",
        "cat=0.7,dog=0.3",
    ],
)
def test_pasted_values(value, text):
    close(value("xent", "0", text)[0], -math.log(0.7))


def test_pasted_matrices(value):
    for text in (
        "array([[0.7, 0.3],\n       [0.2, 0.8]])",
        "[[0.7 0.3]\n [0.2 0.8]]",
        "tensor([[0.7, 0.3],\n        [0.2, 0.8]])",
    ):
        close(value("xent", "0,1", text)[0], LOSS)


def test_short_forms(value):
    close(value("entropy", "uniform:4")[0], math.log(4))
    close(value("xent", "onehot:1/3", "0.25,0.5,0.25")[0], math.log(2))
    close(value("entropy", "0.1x4,0.6")[0], -(4 * 0.1 * math.log(0.1) + 0.6 * math.log(0.6)))


def test_decimal_commas(files, value):
    files(p__csv="cat;dog\n0,7;0,3\n0,2;0,8\n")
    close(value("xent", "0;1", "p.csv", "--decimal-comma")[0], LOSS)
    close(value("entropy", "0,5;0,5", "--decimal-comma")[0], math.log(2))


def test_whole_class_names(value, refused):
    close(value("xent", "[bold]", "0.5,0.5", "--classes", "plain,[bold]")[0], math.log(2))
    assert "look swapped" in refused("xent", "0.5,0.2,0.3", "0")
    assert "look swapped" in refused("xent", "0.2,0.8;0.7,0.3", "0,1")
    assert "--classes no,yes" in refused("bce", "yes,no", "0.9,0.2")


def test_typed_names_are_matched(value):
    close(value("kl", "cat=0.7,dog=0.3", "dog=0.3,cat=0.7")[0], 0)
    close(value("xent", "dog", "cat=0.7,dog=0.3")[0], -math.log(0.3))


# --- what was found by trying -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "text", "expected"),
    [
        (("xent", "0,-1"), "0.5,0.5;0.7,9", math.log(2)),
        (("xent", "0,-1"), "0.5,0.5;NA,0.5", math.log(2)),
        (("bce", "1,-1"), "0.5,7", math.log(2)),
        (("bce", "1,-1"), "0.5,nan", math.log(2)),
    ],
)
def test_an_ignored_sample_may_hold_anything(value, call, text, expected):
    close(value(*call, text, "--ignore-index", "-1")[0], expected)


def test_an_ignored_sample_of_a_file_may_hold_anything(files, value, refused):
    files(p__csv="label,a,b\na,0.5,0.5\nx,0.7,NA\nb,0.75,0.25\nx,3,-3\n")
    found = value("xent", "p.csv:label", "p.csv", "--ignore-index", "x", "-r", "none")[0]
    assert [row[0] for row in found] == pytest.approx([math.log(2), math.nan, math.log(4), math.nan], nan_ok=True)
    files(p__csv="label,a,b\na,0.5,NA\nb,0.7,NA\n")
    said = refused("xent", "p.csv:label", "p.csv", "--ignore-index", "a")
    assert "line 3 (sample 2), column 3 (b): 'NA' is a missing value" in said


def test_standard_input_has_columns_too(cecli, value):
    text = "id,cat,dog,label\ns1,0.7,0.3,cat\ns2,0.2,0.8,dog\n"
    expected = -(math.log(0.7) + math.log(0.8)) / 2
    close(value("xent", "cat,dog", "-:cat,dog", stdin=text)[0], expected)
    close(value("xent", "-:label", "0.7,0.3;0.2,0.8", "--classes", "cat,dog", stdin=text)[0], expected)
    result = cecli("entropy", "-", stdin="id,a,b\n1,0.5,0.5\n3,0.5,0.5\n")
    assert "-:1- takes it in" in result.stderr


def test_class_weights_are_matched_by_name(files, value, refused):
    files(
        p__csv=P, y__csv="label\ncat\ndog\n", row__csv="bird,dog,cat\n9,2,1\n", part__csv="dog,cat\n2,1\n",
        rows__csv="class,weight\nbird,9\ndog,2\ncat,1\n", bare__csv="1\n2\n9\n",
    )  # fmt: skip
    expected = -(math.log(0.7) + 2 * math.log(0.8)) / 3
    for weights in ("row.csv", "rows.csv", "rows.csv:weight", "bare.csv", "dog=2,bird=9,cat=1"):
        found, said = value("xent", "y.csv", "p.csv", "--class-weights", weights)
        close(found, expected)
        assert ("matched by name" in said) == weights.startswith("row")
    assert "are for dog, cat, and the classes are cat, dog, bird" in refused(
        "xent", "y.csv", "p.csv", "--class-weights", "part.csv"
    )


def test_two_columns_of_one_name_are_not_told_apart_by_it(files, refused, value):
    files(p__csv="a,a,b\n0.2,0.3,0.5\n", q__csv="b,a,a\n0.5,0.2,0.3\n")
    assert "p.csv has 2 columns 'a'" in refused("entropy", "p.csv:a,b")
    assert "2 columns 'a', so they can't be matched by name" in refused("kl", "q.csv", "p.csv")
    close(value("kl", "p.csv", "p.csv")[0], 0)


def test_a_key_more_in_a_later_object_is_no_class_left_out_in_silence(files, refused, value):
    files(
        p__jsonl='{"a": 1, "b": 2}\n{"b": 2, "a": 1, "c": 3}\n',
        q__jsonl='{"p": {"a": 1}}\n{"p": {"a": 1, "b": 3}, "m": 1}\n',
    )
    assert "p.jsonl, line 2 has 'c', which the first row does not have" in refused("softmax", "p.jsonl")
    assert "q.jsonl, line 2 has 'b', which the first row does not have" in refused("softmax", "q.jsonl:p")
    assert len(value("softmax", "p.jsonl:a,b")[0]) == 2
    assert len(value("softmax", "q.jsonl:p.a")[0]) == 2


def test_frames_by_index_or_by_column(files, value):
    rows = {"4": {"cat": 0.7, "dog": 0.3}, "2": {"cat": 0.2, "dog": 0.8}}
    columns = {"cat": {"4": 0.7, "2": 0.2}, "dog": {"4": 0.3, "2": 0.8}}
    files(rows__json=json.dumps(rows), columns__json=json.dumps(columns))
    for name in ("rows.json", "columns.json"):
        close(value("xent", "cat,dog", name)[0], -(math.log(0.7) + math.log(0.8)) / 2)
    files(one__json='{"target": {"cat": 1, "dog": 0}, "pred": {"cat": 0.75, "dog": 0.25}}')
    close(value("xent", "one.json:target", "one.json:pred")[0], math.log(4 / 3))


def test_other_order_is_mentioned_with_where_too(files, value):
    files(p__csv="id,a,b\n2,0.5,0.5\n1,0.2,0.8\n", y__csv="id,y,split\n1,0,t\n2,1,t\n")
    assert "--id id joins them" in value("xent", "y.csv:y", "p.csv:a,b", "--where", "split=t")[1]


def test_where_that_keeps_nothing(files, refused):
    files(p__csv="split,a,b\nt,0.5,0.5\nt,0.2,0.8\n")
    assert "--where keeps no row of p.csv" in refused("entropy", "p.csv:a,b", "--where", "split=test")


def test_true_and_false_in_rows(files, refused):
    files(y__csv="a,b\nTrue,False\nFalse,True\n")
    assert "write 1 for true and 0 for false" in refused("entropy", "y.csv")


@pytest.mark.parametrize("x", ["x.csv", "1,2;NA,3"])
@pytest.mark.parametrize("more", [[], ["--skip-missing"]])
def test_a_missing_input_of_a_layer_is_never_filled_in(files, refused, x, more):
    files(p__csv=P, x__csv="a,b\n1,2\nNA,3\n")
    said = refused("grad", "0,1", "p.csv", "--x", x, *more)
    assert "'NA'" in said
    assert "--skip-missing" not in said


def test_a_missing_class_weight_is_never_filled_in(files, refused):
    files(p__csv=P, w__csv="w\n1\nNA\n2\n")
    assert "'NA' is a missing value" in refused("xent", "0,1", "p.csv", "--class-weights", "w.csv", "--skip-missing")


def test_a_gradient_has_nothing_for_samples_that_are_left_out(files, cecli):
    files(p__csv="a,b,y\n0.75,0.25,0\nNA,0.5,0\n7,0.3,9\n")
    call = ["grad", "p.csv:y", "p.csv:a,b", "--skip-missing", "--ignore-index", "9", "--jacobian"]
    found = json.loads(cecli(*call, "-f", "json").stdout)
    assert found["value"] == [[-0.25, 0.25], [None, None], [0, 0]]
    assert found["probabilities"] == [[0.75, 0.25], [None, None], [None, None]]
    assert found["target"] == [[1, 0], [None, None], [None, None]]
    assert found["jacobian"][1:] == [[[None, None], [None, None]]] * 2
    assert found["skipped"] == 1
    shown = cecli(*call, "-f", "markdown").stdout
    assert "| 2 | – | – |" in shown


def test_a_binary_gradient_has_nothing_for_samples_that_are_left_out(files, cecli):
    files(p__csv="p,y\n0.75,1\nNA,1\n")
    call = ["grad", "p.csv:y", "p.csv:p", "--loss", "bce", "--skip-missing"]
    found = json.loads(cecli(*call, "-f", "json").stdout)
    assert (found["value"], found["probabilities"], found["target"]) == ([-0.25, None], [0.75, None], [1, None])
    assert "| 2 | – | – | – | – |" in cecli(*call, "-f", "markdown").stdout


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [('g="b,c"', [0.5]), ('g="b,c",a', [0.25, 0.5]), ("g=b", [0.75]), ("g='a'", [0.25]), ('g="say ""x"""', [1.0])],
)
def test_where_takes_values_with_commas_in_quotes(files, cecli, condition, wanted):
    files(p__csv='p,g\n0.25,a\n0.5,"b,c"\n0.75,b\n1.0,"say ""x"""\n')
    found = cecli("grad", "p.csv:p", "p.csv:p", "--loss", "bce", "--where", condition, "-f", "json")
    assert json.loads(found.stdout)["probabilities"] == wanted


# --- a common part before numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("prob_1,prob_2,prob_3", "1,2"),
        ("p1,p0,p2", "1,0"),
        ("class.10,class.20,class.30", "10,20"),
        ("p-1,p0,p1", "-1,0"),
        ("1_score,2_score,3_score", "1.0,2.0"),
        ("p_10,p_11,p_12", "10,11"),
        ("p_10,p_11,p_12", "10,-100"),
        ("P (y=1),P (y=0),P (y=2)", "1,0"),
        ("prob_1_gbm,prob_2_gbm,prob_3_gbm", "1,2"),
        ("P (y=1.0),P (y=2.0),P (y=3.0)", "1,2"),
        ("P(-1),P(0),P(1)", "-1,0"),
    ],
)
def test_labels_by_number_meet_columns_without_their_common_part(files, value, header, labels):
    one, other = labels.split(",")
    files(p__csv=f"{header},y\n.7,.2,.1,{one}\n.2,.5,.3,{other}\n")
    given = [math.log(0.7)] if other == "-100" else [math.log(0.7), math.log(0.5)]
    more = ["--ignore-index", "-100"] if other == "-100" else []
    for target in ("p.csv:y", labels):
        found, said = value("xent", target, "p.csv" if target == "p.csv:y" else "p.csv:1-3", *more)
        close(found, -math.fsum(given) / len(given))
        assert "as the labels are" in said


@pytest.mark.parametrize(
    "header",
    [
        "p0,p1,p2",
        "p1,p2,p3",
        "p_10,p_11,p_12",
        "a1,b2,c3",
        "P (y=0.0),P (y=1.0),P (y=2.0)",
        "p_10_x,p_11_x,p_12_x",
        "p_0.1_x,p_1.1_x,p_2.1_x",
    ],
)
def test_other_labels_by_number_are_positions(files, value, header):
    files(p__csv=f"{header},y\n.7,.2,.1,0\n.2,.5,.3,1\n")
    found, said = value("xent", "p.csv:y", "p.csv")
    close(found, -(math.log(0.7) + math.log(0.5)) / 2)
    assert "as the labels are" not in said


def test_scores_by_label_that_end_in_numbers(files, value):
    rows = '[[{"label":"LABEL_1","score":0.9},{"label":"LABEL_0","score":0.1}],[{"label":"LABEL_0","score":0.7},{"label":"LABEL_1","score":0.3}]]'
    files(p__json=rows, y__csv="y\n1\n0\n")
    close(value("xent", "y.csv", "p.json")[0], -(math.log(0.9) + math.log(0.7)) / 2)


@pytest.mark.parametrize("command", ["xent", "grad", "compare"])
def test_typed_labels_by_number_beside_scores_by_label_need_classes(files, refused, value, command):
    rows = '[[{"label":"dog","score":0.9},{"label":"cat","score":0.1}],[{"label":"cat","score":0.7},{"label":"dog","score":0.3}]]'
    files(p__json=rows)
    for labels in ("0,1", "1 0", "[0, 1]"):
        assert "--classes cat,dog" in refused(command, labels, "p.json")
    found, _ = value("xent", "0,1", "p.json", "--classes", "cat,dog")
    close(found, -(math.log(0.1) + math.log(0.3)) / 2)
    files(one__json='[[{"label":"dog","score":0.9},{"label":"cat","score":0.1}]]')
    close(value("xent", "0.5,0.5", "one.json")[0], -(math.log(0.1) + math.log(0.9)) / 2)


@pytest.mark.parametrize(("header", "label"), [("dog,cat,cat", "cat"), ("2,1,1", "1")])
def test_a_label_that_two_columns_are_called_is_refused(files, refused, value, header, label):
    first = header.split(",")[0]
    files(p__csv=f"{header}\n.1,.3,.6\n.5,.3,.2\n", y__csv=f"y\n{first}\n{label}\n", x__csv=f"y\n{first}\n{first}\n")
    said = refused("xent", "y.csv", "p.csv", "--header")
    assert f"'{label}' is the name of 2 classes" in said
    assert "FILE:COLUMNS" in said
    close(value("xent", "x.csv", "p.csv", "--header")[0], -(math.log(0.1) + math.log(0.5)) / 2)


@pytest.mark.parametrize(
    "words", [("xent", "0,1", "p.csv"), ("xent", "y.csv", "p.csv"), ("grad", "y.csv", "p.csv:1", "--loss", "bce")]
)
def test_an_ignored_text_beside_numbers_is_an_error(files, refused, words):
    files(p__csv=P, y__csv="y\n0\n1\n")
    said = refused(*words, "--ignore-index", "foo")
    assert "'foo' is text, and the label 0 is a number" in said


@pytest.mark.parametrize("way", WAYS)
def test_an_ignored_text_among_numbers_is_an_error_too(files, refused, by, way):
    by(way)
    files(p__csv=P + "1,0,0\n", y__csv="y\nfoo\n0\n1\n", one__csv="p\n.1\n.2\n.3\n")
    for words in (("xent", "y.csv", "p.csv"), ("compare", "foo,0,1", "p.csv", "--classes", "foo,bar,baz")):
        assert "'foo' is text, and the label 0 is a number" in refused(*words, "--ignore-index", "foo")
    assert "'foo' is not a number" in refused("bce", "y.csv", "one.csv", "--ignore-index", "foo")


def test_an_ignored_text_may_stand_among_names_or_in_no_label(files, value):
    files(p__csv=P + "1,0,0\n", y__csv="y\ncat\ndog\nfoo\n")
    close(value("xent", "y.csv", "p.csv", "--ignore-index", "foo")[0], LOSS)
    files(p__csv=P, y__csv="y\ncat\ndog\n")
    close(value("xent", "y.csv", "p.csv", "--ignore-index", "foo")[0], LOSS)
    close(value("xent", "0,1", "p.csv", "--ignore-index", "NA")[0], LOSS)


def test_binary_labels_of_which_none_is_missing(value):
    close(value("bce", "0,1", "0.75,0.5", "--ignore-index", "NA")[0], math.log(8) / 2)
