"""`-o FILE.npy`, `.npz`, `.parquet`: rows for other programs, in the type and the order that they were computed in."""

import os
import threading

import numpy as np
import pyarrow.parquet
import pytest

LOGITS = "1,2,3;4,6,8"
ROWS = [[0.09003057317038046, 0.24472847105479764, 0.6652409557748218], [0.015876239976466765, 0.11731042782619838, 0.8668133321973349]]  # fmt: skip
"""SciPy 1.16's softmax of them."""
LABELS = [0.9162907318741551, 2.3025850929940455]
"""−ln 0.4 and −ln 0.1."""


def read(path):
    """The rows of a file, as one array."""
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith(".npz"):
        with np.load(path) as archive:
            (name,) = archive.files
            return archive[name]
    table = pyarrow.parquet.read_table(path)
    return np.column_stack([column.to_numpy() for column in table.columns])


@pytest.mark.parametrize("ending", ["npy", "npz", "parquet", "NPY"])
def test_rows_by_class(folder, cecli, ending):
    """One below the other, as -f csv has them; what is read back is what was written."""
    name = f"out.{ending}"
    result = cecli("softmax", LOGITS, "-o", name)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert os.listdir(folder) == [name]
    found = np.load(name) if ending == "NPY" else read(name)
    np.testing.assert_allclose(found, ROWS, rtol=1e-15)
    assert cecli("entropy", name).stdout == cecli("entropy", "-", stdin=cecli("softmax", LOGITS).stdout).stdout


@pytest.mark.parametrize("ending", ["npy", "npz", "parquet"])
@pytest.mark.parametrize("block", [None, 4])
@pytest.mark.usefixtures("folder")
def test_a_number_for_each_sample(cecli, block_values, ending, block):
    """Of several blocks too."""
    if block:
        block_values(block)
    prediction = "0.3,0.3,0.4; 0.1,0.2,0.7; 0.3,0.4,0.3; 0.4,0.5,0.1"
    assert cecli("xent", "2,0,1,2", prediction, "-r", "none", "-o", f"out.{ending}").exit_code == 0
    found = pyarrow.parquet.read_table("out.parquet")["cross_entropy"] if ending == "parquet" else None
    values = (
        np.load("out.npy") if ending == "npy" else np.load("out.npz")["cross_entropy"] if ending == "npz" else found
    )
    np.testing.assert_allclose(np.asarray(values), [LABELS[0], LABELS[1], LABELS[0], LABELS[1]], rtol=1e-15)


@pytest.mark.usefixtures("folder")
def test_the_members_of_an_archive(cecli):
    """Rows by class are called as the command; numbers of each sample as the columns of CSV."""
    assert cecli("softmax", LOGITS, "-o", "a.npz").exit_code == 0
    assert cecli("xent", "1,2", "0.5,0.2,0.3;0.1,0.2,0.7", "-r", "none", "-o", "b.npz").exit_code == 0
    assert cecli("bce", "1,0;0,1", "0.9,0.2;0.4,0.7", "-r", "none", "-o", "c.npz").exit_code == 0
    assert np.load("a.npz").files == ["softmax"]
    assert np.load("b.npz").files == ["cross_entropy", "entropy", "kl"]
    assert {name: np.load("c.npz")[name].shape for name in np.load("c.npz").files} == {"bce": (2, 2)}


@pytest.mark.usefixtures("folder")
def test_the_columns_of_parquet_have_the_names_of_the_classes(cecli):
    """As CSV has them, and a sample that was left out is null."""
    assert cecli("softmax", LOGITS, "--classes", "cat,dog,owl", "-o", "a.parquet").exit_code == 0
    assert pyarrow.parquet.read_table("a.parquet").column_names == ["cat", "dog", "owl"]
    call = ["xent", "0,9", "0.5,0.5;0.5,0.5", "--ignore-index", "9", "-r", "none"]
    assert cecli(*call, "-o", "b.parquet").exit_code == 0
    assert pyarrow.parquet.read_table("b.parquet")["cross_entropy"].to_pylist() == [pytest.approx(np.log(2)), None]
    assert cecli(*call, "-o", "b.npy").exit_code == 0
    np.testing.assert_allclose(np.load("b.npy"), [np.log(2), np.nan])


@pytest.mark.parametrize("type_", ["float32", "float64"])
@pytest.mark.parametrize("command", [["softmax"], ["grad", "0,1", "-l"]])
@pytest.mark.usefixtures("folder")
def test_results_of_arrays_keep_their_type(cecli, type_, command):
    """Those of softmax and grad."""
    np.save("z.npy", np.array([[1, 2, 3], [4, 6, 8]], dtype=type_))
    assert cecli(*command[:2], "z.npy", *command[2:], "-o", "p.npy").exit_code == 0
    assert np.load("p.npy").dtype == type_
    assert np.load("p.npy").shape == (2, 3)


@pytest.mark.usefixtures("folder")
def test_one_row_stays_a_row(cecli):
    """So that a program needs no case of its own for it."""
    assert cecli("softmax", "1,2,3", "-o", "p.npy").exit_code == 0
    assert np.load("p.npy").shape == (1, 3)


@pytest.mark.usefixtures("folder")
def test_a_binary_gradient_is_a_vector(cecli):
    """A number for each sample."""
    assert cecli("grad", "1,0,1", "0.9,0.2,0.6", "--loss", "bce", "-o", "g.npy").exit_code == 0
    np.testing.assert_allclose(np.load("g.npy").ravel(), [-0.1, 0.2, -0.4])


@pytest.mark.usefixtures("folder")
def test_digits_are_rounded_where_that_is_asked_for(cecli):
    """As in CSV."""
    assert cecli("softmax", "1,2,3", "-p", "2", "-o", "p.npy").exit_code == 0
    assert np.load("p.npy").tolist() == [[0.09, 0.24, 0.67]]


@pytest.mark.usefixtures("folder")
def test_many_blocks_are_one_array(cecli, block_values):
    """Whatever the walk cuts."""
    block_values(30)
    np.save("z.npy", np.arange(3000.0).reshape(1000, 3))
    assert cecli("softmax", "z.npy", "-o", "p.npy").exit_code == 0
    assert cecli("softmax", "z.npy", "-o", "p.parquet").exit_code == 0
    assert read("p.npy").shape == (1000, 3)
    np.testing.assert_array_equal(read("p.npy"), read("p.parquet"))


def test_what_was_there_stays_where_an_error_ends_the_call(folder, cecli):
    """In the last block too: the file appears whole or not at all."""
    (folder / "p.npy").write_bytes(b"before")
    (folder / "z.csv").write_text("a,b\n" + "1,2\n" * 9000 + "1,x\n")
    assert cecli("softmax", "z.csv", "-o", "p.npy").exit_code == 2
    assert (folder / "p.npy").read_bytes() == b"before"
    assert sorted(os.listdir(folder)) == ["p.npy", "z.csv"]


@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_a_pipe_is_written_to(folder, cecli, ending):
    """It is not replaced, and needs no seeking."""
    os.mkfifo(f"pipe.{ending}")
    taken = []
    reader = threading.Thread(target=lambda: taken.append((folder / f"pipe.{ending}").read_bytes()))
    reader.start()
    assert cecli("softmax", LOGITS, "-o", f"pipe.{ending}").exit_code == 0
    reader.join(10)
    (folder / f"copy.{ending}").write_bytes(taken[0])
    np.testing.assert_allclose(read(f"copy.{ending}"), ROWS)


@pytest.mark.usefixtures("folder")
def test_a_claim_is_judged_beside_the_file(cecli):
    """The verdict is a note, and the exit code is its own."""
    result = cecli("softmax", "1,2,3", "-o", "p.npy", "--expect", "0.09,0.24,0.68")
    assert result.exit_code == 1
    assert "does not hold" in result.stderr
    assert np.load("p.npy").shape == (1, 3)


def test_a_minus_is_standard_output(folder, cecli):
    """With any format, and none picked by it."""
    for more in ([], ["-f", "json"], ["-f", "md"]):
        assert cecli("softmax", "1,2", "-o", "-", *more).stdout == cecli("softmax", "1,2", *more).stdout
    assert os.listdir(folder) == []
