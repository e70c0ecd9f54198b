"""`FILE:COLUMNS`: names, positions, ranges, globs, members; and what is a path at all."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from tests.every import every

ROWS = [[7, 1.5, 2.5, 3.5, 0], [8, -1, 0, 4, 1], [9, 2, 2, 2, 2]]
HEADER = ["id", "p_cat", "p_dog", "q 1", "label"]


@pytest.fixture
def files(folder):
    """The same table in text and in columns, and arrays without names."""
    lines = [",".join(HEADER), *(",".join(map(str, row)) for row in ROWS)]
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    (folder / "bare.csv").write_text("\n".join(lines[1:]) + "\n")
    (folder / "t.jsonl").write_text("".join(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in ROWS))
    columns = {name: pa.array([float(row[k]) for row in ROWS]) for k, name in enumerate(HEADER)}
    pa.parquet.write_table(pa.table(columns), folder / "t.parquet")
    pa.feather.write_feather(pa.table(columns), str(folder / "t.feather"))
    np.save(folder / "a.npy", np.array(ROWS))
    np.savez(folder / "a.npz", logits=np.array(ROWS), other=np.zeros(3), **{"with.dot": np.array(ROWS)[:, 1:3]})
    return folder


CHOSEN = [
    ("p_cat,p_dog", [1, 2]), ("p_dog,p_cat", [2, 1]), ("p*", [1, 2]), ("p_*", [1, 2]), ("p_cat,q 1", [1, 3]), ("p_cat, p_dog", [1, 2]), ("2,3", [1, 2]), ("3,2", [2, 1]), ("2-4", [1, 2, 3]),
    ("2-", [1, 2, 3, 4]), ("p_cat,4-5", [1, 3, 4]), ("*_dog,1", [2, 0]), ("?_cat,p_dog", [1, 2]), ("[pq]*", [1, 2, 3]), ("1-5", [0, 1, 2, 3, 4]), ("2-2,5", [1, 4]),
]  # fmt: skip


def by_columns(printed, columns):
    """The softmax of these columns, typed."""
    return printed("softmax", ";".join(",".join(str(row[k]) for k in columns) for row in ROWS), "-q")


@every(("spec", "columns"), CHOSEN)
@every("file", ["t.csv", "t.jsonl", "t.parquet", "t.feather"])
@pytest.mark.usefixtures("files")
def test_columns_by_name_position_range_and_glob(printed, file, spec, columns):
    """In the order asked for, in every format that has names."""
    assert printed("softmax", f"{file}:{spec}", "-q") == by_columns(printed, columns)


@pytest.mark.parametrize(("spec", "columns"), [case for case in CHOSEN if case[0][0].isdigit()])
@pytest.mark.parametrize("file", ["bare.csv", "a.npy", "a.npz:logits"])
@pytest.mark.usefixtures("files")
def test_columns_by_position_where_there_are_no_names(printed, file, spec, columns):
    """Positions count from 1."""
    assert printed("softmax", f"{file}:{spec}", "-q") == by_columns(printed, columns)


@pytest.mark.parametrize("member", ["logits", "logits:1-5", "logits:1-"])
@pytest.mark.usefixtures("files")
def test_a_member_of_an_archive(printed, member):
    """By its name."""
    assert printed("softmax", f"a.npz:{member}", "-q") == by_columns(printed, range(5))


@pytest.mark.usefixtures("files")
def test_a_member_whose_name_has_a_point(printed):
    """Names are taken as they are."""
    assert printed("softmax", "a.npz:with.dot", "-q") == by_columns(printed, [1, 2])


@every("file", ["two.csv", "two.txt", "two.jsonl", "two.parquet", "two.npy"])
@every("spec", ["2,1", "b,a", "b,1", "2,a", "b*,a*"])
def test_all_columns_in_another_order(folder, cecli, file, spec):
    """Choosing every column is still choosing: the values move with the names."""
    (folder / "two.csv").write_text("a,b\n1,2\n3,5\n")
    (folder / "two.txt").write_text("a b\n1 2\n3 5\n")
    (folder / "two.jsonl").write_text('{"a": 1, "b": 2}\n{"a": 3, "b": 5}\n')
    pa.parquet.write_table(pa.table({"a": [1.0, 3.0], "b": [2.0, 5.0]}), folder / "two.parquet")
    np.save(folder / "two.npy", np.array([[1.0, 2.0], [3.0, 5.0]]))
    if file == "two.npy" and spec != "2,1":
        pytest.skip("an array has no names")
    result = cecli("softmax", f"{file}:{spec}", "-f", "csv")
    expected = cecli("softmax", "2,1;5,3", "-f", "csv", *([] if file == "two.npy" else ["--classes", "b,a"]))
    assert (result.exit_code, result.stdout) == (0, expected.stdout), result.stderr


@pytest.mark.usefixtures("files")
def test_the_names_of_chosen_columns_are_the_class_names(cecli):
    """In their order."""
    for file in ("t.csv", "t.jsonl", "t.parquet"):
        found = json.loads(cecli("softmax", f"{file}:p_dog,p_cat", "-f", "json").stdout)
        assert found["settings"]["classes"] == ["p_dog", "p_cat"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t.csv:p_cta,p_dog", ["t.csv", "'p_cta'", "did you mean p_cat?", "p_dog", "label"]), ("t.parquet:p_cta", ["t.parquet", "'p_cta'", "did you mean p_cat?"]),
        ("t.jsonl:lable", ["'lable'", "did you mean label?"]), ("t.csv:x*", ["'x*'", "the columns are id, p_cat"]), ("t.csv:0", ["'0'"]), ("t.csv:6", ["'6'"]), ("t.csv:2-6", ["'2-6'"]),
        ("t.csv:4-2", ["'4-2'"]), ("bare.csv:p_cat", ["'p_cat'", "5 columns", "counted from 1", "no header"]), ("a.npy:6", ["'6'", "5 columns"]), ("a.npy:label", ["'label'", "5 columns"]),
        ("a.npz:logist", ["'logist'", "a.npz:logits", "a.npz:other"]), ("a.npz", ["3 members", "a.npz:logits"]), ("t.csv:2,2", ["twice"]), ("t.csv:p*,p_cat", ["twice"]), ("t.csv:", ["t.csv"]),
        ("t.csv:p_cat,,p_dog", ["''"]), ("a.npz:logits:6", ["'6'"]), ("none.csv:label", ["none.csv", "no such file"]), ("t.csv:label:2", ["no such file"]),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("files")
def test_a_column_that_is_not_there(refused, text, words):
    """The error names the file and the column, and says what there is."""
    said = refused("softmax", text)
    for word in words:
        assert word in said


@pytest.mark.usefixtures("files")
def test_a_file_is_guessed_too(refused):
    """A slip in a file's name is met with the name of one that is there."""
    assert "did you mean bare.csv?" in refused("softmax", "bar.csv")
    assert "did you mean t.csv?" in refused("softmax", "./tt.csv:label")


@pytest.mark.parametrize(
    "name",
    [
        "with:colon.csv",
        "a:b",
        "x:1",
        "1:2.csv",
        "my data.csv",
        "日本.csv",
        "=x.csv",
        "a=b.csv",
        "[1].csv",
        "p*.csv",
        "#1.csv",
        "-x.csv",
    ],
)
def test_a_file_of_any_name(folder, printed, name):
    """A file whose whole name is there is taken whole, its colons included."""
    (folder / name).write_text("a,b\n1,2\n3,5\n")
    expected = printed("softmax", "1,2;3,5")
    assert printed("softmax", f"./{name}") == expected
    assert printed("softmax", str(folder / name)) == expected
    assert printed("softmax", f"./{name}:b,a") == printed("softmax", "2,1;5,3")
    if name[0] not in "-[":
        assert printed("softmax", name) == expected


@pytest.mark.parametrize("name", ["0.5,0.5", "1", "0.5", "1e3", "-1,2", "1,2;3,4"])
def test_numbers_are_numbers_and_a_dot_slash_forces_a_path(folder, printed, name):
    """A file called 0.5,0.5 is read only as ./0.5,0.5."""
    (folder / name).write_text("3,3\n")
    assert printed("softmax", f"./{name}") == "0.5,0.5\n"
    assert printed("softmax", str(folder / name)) == "0.5,0.5\n"
    assert printed("softmax", name, "-q") == printed("softmax", f"[{name}]" if ";" not in name else name, "-q")
    if name != "0.5,0.5":
        assert printed("softmax", name, "-q") != "0.5,0.5\n"


def test_a_home_folder(folder, printed, monkeypatch):
    """~ is the home folder."""
    (folder / "x.csv").write_text("3,3\n")
    monkeypatch.setenv("HOME", str(folder))
    assert printed("softmax", "~/x.csv") == "0.5,0.5\n"


@pytest.mark.usefixtures("files")
def test_models_are_named(cecli):
    """NAME=FILE:COLUMNS; a model without a name is called by its file."""
    result = cecli("compare", "t.csv:label", "small=t.csv:2-4", "t.parquet:2-4", "big=a.npz:logits:2-4", "-l")
    assert result.exit_code == 0, result.stderr
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["small", "t", "big"]
    assert len({line.partition("\t")[2] for line in result.stdout.splitlines()}) == 1


def test_a_model_whose_file_has_an_equals_sign(folder, cecli):
    """Everything before the first = is the name, unless that is a path that is there."""
    (folder / "a=b.csv").write_text("0.5,0.5\n")
    for text in ("m=a=b.csv", "m=./a=b.csv"):
        result = cecli("compare", "0", text)
        assert (result.exit_code, result.stdout.split("\t")[0]) == (0, "m"), result.stderr


def test_one_column_of_many(files, printed):
    """A column of numbers as the binary target and prediction, as weights, as inputs."""
    (files / "b.csv").write_text("y,p,w\n1,0.5,1\n0,0.75,3\n")
    assert float(printed("bce", "b.csv:y", "b.csv:p")) == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert float(printed("bce", "b.csv:y", "b.csv:p", "--sample-weights", "b.csv:w")) == pytest.approx(
        (np.log(2) + 3 * np.log(4)) / 4
    )
    (files / "two.csv").write_text("w\n1\n3\n")
    assert printed("xent", "0,1", "0.5,0.5;0.75,0.25", "--class-weights", "two.csv") == printed(
        "xent", "0,1", "0.5,0.5;0.75,0.25", "--class-weights", "1,3"
    )
    assert printed("grad", "0,1", "0.5,0.5;0.75,0.25", "--x", "b.csv:p,w", "-f", "json") == printed(
        "grad", "0,1", "0.5,0.5;0.75,0.25", "--x", "0.5,1;0.75,3", "-f", "json"
    )


def test_text_columns_beside_the_numbers(folder, printed, refused):
    """Columns of text that were not asked for are not read; where all are asked for the error names the column and says how to choose."""
    (folder / "t.csv").write_text("name,cat,dog\nrex,1,2\ntom,3,5\n")
    expected = printed("softmax", "1,2;3,5")
    assert printed("softmax", "t.csv:cat,dog") == expected
    assert printed("softmax", "t.csv:2-") == expected
    said = refused("softmax", "t.csv")
    assert "t.csv, line 2" in said
    assert "column 1 (name)" in said
    assert "'rex'" in said
    assert "t.csv:" in said
    pa.parquet.write_table(
        pa.table({"name": ["rex", "tom"], "cat": [1.0, 3.0], "dog": [2.0, 5.0]}), folder / "t.parquet"
    )
    assert printed("softmax", "t.parquet:cat,dog") == expected
    assert "'name'" in refused("softmax", "t.parquet")


# --- a last column that is empty ----------------------------------------------------------------------------------


def test_a_last_column_without_values_is_left_out(cecli, folder):
    """With a name or without one, from the first row to the last."""
    rows = "0.5,0.25,0.25,\n" * 300
    for text in (rows, "a,b,c,\n" + rows, "a,b,c,remark\n" + rows):
        (folder / "t.csv").write_text(text)
        result = cecli("entropy", "t.csv", "-r", "mean")
        assert float(result.stdout) == pytest.approx(1.0397207708399179)
        assert "note: the last column of t.csv is empty and was left out" in result.stderr


@pytest.mark.parametrize("value", ["0.1", "what a row", '"0.1"'])
def test_a_value_late_in_an_empty_column_is_no_class_in_silence(cecli, refused, folder, value):
    """Far behind the rows that were looked at first."""
    rows = ["0.5,0.25,0.25,"] * 3000
    rows[2500] = "0.5,0.25,0.25," + value
    (folder / "t.csv").write_text("a,b,c,\n" + "\n".join(rows) + "\n")
    assert "t.csv, line 2502, column 4: '" in (said := refused("entropy", "t.csv", "-r", "mean"))
    assert "is in a column that was empty so far" in said
    assert "t.csv:a,b,c" in said
    assert cecli("entropy", "t.csv:a,b,c", "-r", "mean").exit_code == 0


def test_a_part_with_values_in_an_empty_column(refused, folder):
    """Of the parts of one table all must be empty there: the first says so, and the others are opened later."""
    (folder / "g1.csv").write_text("0.5,0.5,\n" * 3)
    (folder / "g2.csv").write_text("0.5,0.5,0.7\n" * 3)
    said = refused("entropy", "g?.csv", "-r", "mean")
    assert "g2.csv, line 1, column 3: '0.7' is in a column that was empty so far" in said


def test_files_of_one_kind_have_one_note_on_their_index(folder, cecli):
    """pandas writes its index into each of many files: one note says so, and leaves room for others."""
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_text(",x,y,label\n0,0.5,0.5,x\n1,0.4,0.6,y\n")
    result = cecli("compare", "--label", "label", "a.csv", "b.csv", "c.csv", "--metric", "mse")

    said = [line for line in result.stderr.splitlines() if "index" in line]
    assert said == ["note: column 1 of a.csv and of 2 more files was left out as an index; a.csv:1- takes it in"]


@every(
    ["words", "says"],
    [
        ("kl t.csv:1,2 t.csv:4,3", "the columns of t.csv:1,2 and t.csv:4,3 are matched as dog, cat"), ("compare 0,1 a=t.csv:3,4 b=t.csv:4,3", "the columns of t.csv:4,3 are in another order than those of t.csv:3,4,"),
        ("xent t.csv:1,2 t.csv:5,6", "error: the columns of t.csv:1,2 are not those of t.csv:5,6: it lacks"), ("kl t.csv:1,2 t.csv", "error: the columns of t.csv:1,2 are not those of t.csv: it lacks"),
        ("bce t.csv:1 t.csv:3,4", "error: t.csv:3,4 has 2 columns, and t.csv:1 one value per sample"), ("bce t.csv:3,4 t.csv:1", "error: rows of 2 values in t.csv:3,4, one value per sample in t.csv:1"),
        ("xent t.csv:3,4 t.csv:1", "error: t.csv:3,4 and t.csv:1 look swapped: "), ("xent a.npz:p a.npz:q", "error: 2 values in a.npz:p, 3 classes in a.npz:q"), ("xent s.jsonl:y s.jsonl:s", "error: s.jsonl:y has labels that are numbers, and s.jsonl:s has scores"),
        ("xent u.csv:1,2 u.csv:3-5", "error: 2 values in u.csv:1,2, 3 classes in u.csv:3-5: give"),
    ],
)  # fmt: skip
def test_columns_of_one_file_are_told_apart(folder, cecli, words, says):
    """A message on two sources of one file says which columns it means, as they were typed."""
    (folder / "t.csv").write_text("y_cat,y_dog,cat,dog,x_cow,x_dog\n1,0,0.2,0.8,0.2,0.8\n0,1,0.3,0.7,0.3,0.7\n")
    (folder / "u.csv").write_text("1,0,0.2,0.5,0.3\n0,1,0.3,0.5,0.2\n")
    scores = '[{"label": "cat", "score": 0.3}, {"label": "dog", "score": 0.7}]'
    (folder / "s.jsonl").write_text("".join(f'{{"y": {y}, "s": {scores}}}\n' for y in (0, 1)))
    np.savez(folder / "a.npz", p=np.eye(2), q=np.eye(3)[:2])
    assert says in " ".join(cecli(*words.split(), COLUMNS="400").stderr.split())
