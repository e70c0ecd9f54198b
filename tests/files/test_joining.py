"""`--id`: the same number whatever the order of the rows; what does not match is named."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

N = 40
RNG = np.random.default_rng(11)
P = RNG.dirichlet([1, 1, 1], N)
Q = RNG.dirichlet([1, 1, 1], N)
Y = RNG.integers(0, 3, N)
NAMES = ["cat", "dog", "bird"]
IDS = [f"s{i}" for i in range(N)]


def rows(values, order=range(N), ids=IDS, header=("id", *NAMES)):
    """A CSV file's text."""
    return ",".join(header) + "\n" + "".join(f"{ids[i]},{','.join(map(str, values[i]))}\n" for i in order)


@pytest.fixture
def files(folder):
    """Two models and the labels, each in an order of its own; and all in the same order."""
    labels = [[NAMES[k]] for k in Y]
    (folder / "y.csv").write_text(rows(labels, RNG.permutation(N), header=("id", "label")))
    (folder / "p.csv").write_text(rows(P.tolist(), RNG.permutation(N)))
    (folder / "q.csv").write_text(rows(Q.tolist(), RNG.permutation(N)))
    (folder / "soft.csv").write_text(rows(Q.tolist(), RNG.permutation(N)))
    order = RNG.permutation(N)
    pa.parquet.write_table(
        pa.table({"id": [IDS[i] for i in order], **{name: Q[order, k] for k, name in enumerate(NAMES)}}),
        folder / "q.parquet",
    )
    (folder / "y.jsonl").write_text(
        "".join(json.dumps({"label": NAMES[Y[i]], "id": IDS[i]}) + "\n" for i in RNG.permutation(N))
    )
    np.save(folder / "p.npy", P)
    np.save(folder / "q.npy", Q)
    np.save(folder / "y.npy", Y)
    return folder


@pytest.mark.parametrize("target", ["y.csv:label", "y.csv", "y.jsonl:label"])
@pytest.mark.parametrize("second", ["q.csv", "q.parquet", "q.csv:cat,dog,bird", "q.csv:2-"])
@pytest.mark.usefixtures("files")
def test_rows_in_any_order_give_the_same_numbers(cecli, target, second):
    """All metrics of both models, and their paired statistics."""
    found = cecli("compare", target, "p=p.csv", f"q={second}", "--id", "id", "-f", "json")
    assert found.exit_code == 0, found.stderr
    expected = cecli("compare", "y.npy", "p=p.npy", "q=q.npy", "-f", "json")
    found, expected = json.loads(found.stdout), json.loads(expected.stdout)
    for a, b in zip(found["models"], expected["models"], strict=True):
        assert a.pop("name") == b.pop("name")
        assert a.pop("intervals") == {name: pytest.approx(each, rel=1e-12) for name, each in b.pop("intervals").items()}
        assert a == pytest.approx(b, rel=1e-13)
    a, b = found["differences"][0], expected["differences"][0]
    assert [a[key] for key in ("difference", "ci_low", "ci_high", "p_value", "p_adjusted", "mcnemar")] == [
        pytest.approx(b[key], rel=1e-12)
        for key in ("difference", "ci_low", "ci_high", "p_value", "p_adjusted", "mcnemar")
    ]


def test_every_command_joins(files, printed):
    """`xent`, `kl`, `grad`; the answer is in the order of the prediction."""
    assert float(printed("xent", "y.csv:label", "p.csv", "--id", "id")) == pytest.approx(
        float(printed("xent", "y.npy", "p.npy")), rel=1e-13
    )
    assert float(printed("kl", "soft.csv", "p.csv", "--id", "id", "-r", "mean")) == pytest.approx(
        float(printed("kl", "q.npy", "p.npy", "-r", "mean")), rel=1e-13
    )
    assert float(printed("xent", "soft.csv", "p.csv", "--id", "id")) == pytest.approx(
        float(printed("xent", "q.npy", "p.npy")), rel=1e-13
    )
    order = [int(line.split(",")[0][1:]) for line in (files / "p.csv").read_text().splitlines()[1:]]
    each = [float(line) for line in printed("xent", "y.csv:label", "p.csv", "--id", "id", "-r", "none").split()]
    assert each == pytest.approx((-np.log(P[np.arange(N), Y]))[order].tolist(), rel=1e-12)
    grad = json.loads(printed("grad", "y.csv:label", "p.csv", "--id", "id", "-f", "json"))["value"]
    np.testing.assert_allclose(grad, (P - np.eye(3)[Y])[order], rtol=1e-12, atol=1e-15)


def test_binary_columns_join(folder, printed):
    """A column each."""
    (folder / "y.csv").write_text("id,y\na,1\nb,0\n")
    (folder / "p.csv").write_text("id,p\nb,0.75\na,0.5\n")
    assert float(printed("bce", "y.csv:y", "p.csv:p", "--id", "id")) == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert float(printed("bce", "y.csv", "p.csv", "--id", "id")) == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_ids_are_texts(folder, printed, cecli):
    """01 is not 1, and blanks around an id do not count; a numeric id in JSON is the one in CSV."""
    (folder / "y.csv").write_text("id,y\n01,0\n1,1\n")
    (folder / "p.csv").write_text("id,a,b\n1,0.25,0.75\n 01 ,0.5,0.5\n")
    assert printed("xent", "y.csv", "p.csv", "--id", "id", "-r", "none") == "0.2876820724517809\n0.6931471805599453\n"
    (folder / "y.jsonl").write_text('{"id": 7, "y": 0}\n{"id": 8, "y": 1}\n')
    (folder / "q.csv").write_text("id,a,b\n8,0.25,0.75\n7,0.5,0.5\n")
    assert printed("xent", "y.jsonl", "q.csv", "--id", "id", "-r", "none") == "0.2876820724517809\n0.6931471805599453\n"
    pa.parquet.write_table(pa.table({"id": [8, 7], "a": [0.25, 0.5], "b": [0.75, 0.5]}), folder / "q.parquet")
    assert (
        printed("xent", "y.jsonl", "q.parquet", "--id", "id", "-r", "none")
        == "0.2876820724517809\n0.6931471805599453\n"
    )
    pa.parquet.write_table(pa.table({"id": [8.0, 7.0], "a": [0.25, 0.5], "b": [0.75, 0.5]}), folder / "f.parquet")
    result = cecli("xent", "y.jsonl", "f.parquet", "--id", "id", "-r", "none")
    assert result.exit_code in (0, 2)


WRONG = [
    ("id,y\na,0\nb,1\nb,0\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["'b'", "twice", "y.csv"]),
    ("id,y\na,0\nb,1\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\na,0.5,0.5\n", ["'a'", "twice", "p.csv"]),
    ("id,y\na,0\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["'b'", "the target", "1 of 2"]),
    ("id,y\na,0\nb,1\nc,1\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["'c'", "the prediction", "1 of 3"]),
    ("id,y\na,0\n,1\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["sample 2", "no id", "y.csv"]),
    ("id,y\na,0\nb,1\n", "ident,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["'id'", "ident", "p.csv"]),
    ("a,0\nb,1\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["'id'", "y.csv"]),
    ("id,y\na,0\nb,2\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["'b'", "label 2 is out of range 0…1"]),
    ("id,y\na,0\nb,1\n", "id,p,q\na,0.5,0.5\nb,0.5,0.6\n", ["'b'", "sums to 1.1"]),
    ("id,y\na,0\nb,x\n", "id,p,q\na,0.5,0.5\nb,0.5,0.5\n", ["y.csv, line 3", "'x'", "p, q"]),
]  # fmt: skip


@pytest.mark.parametrize(("target", "prediction", "words"), WRONG, ids=[" ".join(case[2]) for case in WRONG])
def test_what_does_not_match_is_named(folder, refused, target, prediction, words):
    """Twice, missing, unmatched: the id, and which file."""
    (folder / "y.csv").write_text(target)
    (folder / "p.csv").write_text(prediction)
    said = refused("xent", "y.csv", "p.csv", "--id", "id")
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["0,1", "p.csv"], "'0,1'"),
        (["y.csv", "0.5,0.5;0.5,0.5"], "0.5,0.5"),
        (["y.csv", "p.npy"], "p.npy"),
    ],
)
def test_only_files_with_columns_can_be_joined(folder, refused, words, says):
    """Typed values and arrays have no ids; the message says so."""
    (folder / "y.csv").write_text("id,y\na,0\nb,1\n")
    (folder / "p.csv").write_text("id,p,q\na,0.5,0.5\nb,0.5,0.5\n")
    np.save(folder / "p.npy", P)
    said = refused("xent", *words, "--id", "id", stdin="id,a,b\na,0.5,0.5\n")
    assert "--id" in said or "'id'" in said
    assert says in said


@pytest.mark.parametrize("option", ["--header", "--no-header"])
def test_the_id_column_may_be_a_position(folder, printed, option):
    """Counted from 1, as in FILE:COLUMNS; a column that is chosen by position is left out of the values too."""
    lines = ["a,0.5,0.5", "b,0.25,0.75"]
    (folder / "p.csv").write_text("\n".join(["i,p,q"] * (option == "--header") + lines) + "\n")
    (folder / "y.csv").write_text("\n".join(["i,y"] * (option == "--header") + ["b,1", "a,0"]) + "\n")
    assert (
        printed("xent", "y.csv:2", "p.csv:2,3", "--id", "1", option, "-r", "none")
        == "0.6931471805599453\n0.2876820724517809\n"
    )


def test_weights_are_not_joined_in_silence(folder, cecli):
    """Sample weights in a file with the id are joined too."""
    (folder / "y.csv").write_text("id,y\na,0\nb,1\n")
    (folder / "p.csv").write_text("id,p,q\nb,0.25,0.75\na,0.5,0.5\n")
    (folder / "w.csv").write_text("id,w\na,3\nb,1\n")
    result = cecli("xent", "y.csv", "p.csv", "--id", "id", "--sample-weights", "w.csv:w")
    assert float(result.stdout) == pytest.approx((3 * np.log(2) - np.log(0.75)) / 4)


def test_class_weights_are_not_joined(folder, printed):
    """They are the classes' own, and their file needs no ids."""
    (folder / "y.csv").write_text("id,y\na,0\nb,1\n")
    (folder / "p.csv").write_text("id,p,q\nb,0.25,0.75\na,0.5,0.5\n")
    (folder / "w.csv").write_text("w\n3\n1\n")
    found = printed("xent", "y.csv", "p.csv", "--id", "id", "--class-weights", "w.csv")
    assert float(found) == pytest.approx((3 * np.log(2) - np.log(0.75)) / 4)


def test_a_condition_on_a_column_that_no_file_has(folder, refused):
    """With `--id` too it keeps no silence."""
    (folder / "y.csv").write_text("id,y\na,0\nb,1\n")
    (folder / "p.csv").write_text("id,p,q\na,0.5,0.5\nb,0.5,0.5\n")
    assert "no file of the call has a column 'split'" in refused(
        "xent", "y.csv", "p.csv", "--id", "id", "--where", "split=test"
    )


def test_what_is_wrong_with_ids_is_said_before_what_is_wrong_with_values(folder, refused):
    (folder / "y.csv").write_text("id,y\na,0\nb,1\nc,1\n")
    (folder / "p.csv").write_text("id,p,q\na,0.5,0.6\nb,0.5,0.5\n")
    assert "the prediction has no id 'c'" in refused("xent", "y.csv", "p.csv", "--id", "id")
