"""Labels by name, data frames of other libraries, and columns of labels."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import cecli

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
NAMES = ["cat", "dog", "bird"]
LOSS = -(math.log(0.7) + math.log(0.8)) / 2

LABELS = {
    "list": ["cat", "dog"],
    "numpy": np.array(["cat", "dog"]),
    "objects": np.array(["cat", "dog"], dtype=object),
    "pandas": pd.Series(["cat", "dog"]),
    "pandas object": pd.Series(["cat", "dog"], dtype=object),
    "categorical": pd.Series(["cat", "dog"], dtype="category"),
    "pandas string": pd.Series(["cat", "dog"], dtype="string"),
    "arrow backed": pd.Series(["cat", "dog"], dtype=pd.ArrowDtype(pa.string())),
    "polars": pl.Series(["cat", "dog"]),
    "pyarrow": pa.array(["cat", "dog"]),
    "column": np.array([["cat"], ["dog"]]),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_by_name(kind):
    assert cecli.cross_entropy(LABELS[kind], P, classes=NAMES) == pytest.approx(LOSS)
    found = cecli.compare(LABELS[kind], {"a": P}, classes=NAMES)
    assert found["models"][0]["cross_entropy"] == pytest.approx(LOSS)


def test_labels_by_name_that_match_no_class():
    with pytest.raises(ValueError, match="'cow'"):
        cecli.cross_entropy(["cat", "cow"], P, classes=NAMES)
    with pytest.raises(ValueError, match="classes have no names"):
        cecli.cross_entropy(["cat", "cow"], P)
    with pytest.raises(ValueError, match="missing"):
        cecli.cross_entropy(pd.Series(["cat", None]), P, classes=NAMES)


FRAMES = {
    "pandas": pd.DataFrame(P, columns=NAMES),
    "nullable": pd.DataFrame(P, columns=NAMES).convert_dtypes(),
    "arrow backed": pd.DataFrame(P, columns=NAMES).astype(pd.ArrowDtype(pa.float64())),
    "objects": pd.DataFrame(P, columns=NAMES).astype(object),
    "polars": pl.DataFrame(P, schema=NAMES),
    "pyarrow": pa.table(dict(zip(NAMES, P.T, strict=True))),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind):
    assert cecli.cross_entropy([0, 1], FRAMES[kind]) == pytest.approx(LOSS)
    assert cecli.cross_entropy(["cat", "dog"], FRAMES[kind]) == pytest.approx(LOSS)
    weights = pd.Series([1, 3], dtype="Int64")
    assert cecli.cross_entropy(pl.Series([0, 1]), FRAMES[kind], sample_weights=weights) == pytest.approx(
        -(math.log(0.7) + 3 * math.log(0.8)) / 4
    )


def test_a_column_of_labels():
    assert cecli.cross_entropy(np.array([[0], [1]]), P) == pytest.approx(LOSS)
    assert cecli.cross_entropy(pd.DataFrame({"y": [0, 1]}), P) == pytest.approx(LOSS)


def test_missing_values_and_other_objects_are_value_errors():
    for values in (
        pd.Series([0.5, None], dtype="Float64"),
        pd.Series([0.5, None]),
        np.array([0.5, None], dtype=object),
        np.array([0.5, "x"], dtype=object),
        pa.array([0.5, None]),
    ):
        with pytest.raises(ValueError, match=r"values; numbers are needed|values that are not numbers|not a number"):
            cecli.entropy(values)
    with pytest.raises(ValueError, match="sparse"):
        cecli.entropy(type("Sparse", (), {"is_sparse": True, "__dlpack__": None})())


def test_arrays_outside_the_standard_become_numpy_arrays():
    """TensorFlow's have DLPack, and no namespace that is known."""
    foreign = type("Tensor", (), {"__dlpack__": None, "__array__": lambda *_, **__: P})()
    assert isinstance(cecli.softmax(foreign), np.ndarray)
    assert cecli.cross_entropy([0, 1], foreign) == pytest.approx(LOSS)


def test_clusters_in_a_series():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet([1, 1], 40), rng.dirichlet([1, 1], 40)
    names = np.repeat(["a", "b", "c", "d"], 10)
    expected = cecli.compare(np.zeros(40, int), {"p": p, "q": q}, cluster=names)
    for cluster in (pd.Series(names), pl.Series(names)):
        assert cecli.compare(np.zeros(40, int), {"p": p, "q": q}, cluster=cluster) == expected


def test_libraries_in_one_call():
    strict = pytest.importorskip("array_api_strict")
    assert cecli.cross_entropy(strict.asarray([0, 1]), P) == pytest.approx(LOSS)
    assert cecli.cross_entropy(np.array([0, 1]), strict.asarray(P)) == pytest.approx(LOSS)
    assert cecli.cross_entropy(["cat", "dog"], strict.asarray(P), classes=NAMES) == pytest.approx(LOSS)


def test_columns_in_another_order_are_matched_by_name():
    """A data frame is a table of named columns: two of them agree by name, never by place."""
    frame = pd.DataFrame(P, columns=NAMES)
    turned = frame[["bird", "cat", "dog"]]
    found = cecli.compare(["cat", "dog"], {"a": frame, "b": turned})["models"]
    assert found[0]["cross_entropy"] == found[1]["cross_entropy"] == pytest.approx(LOSS)
    onehot = pd.DataFrame([[0, 1.0, 0], [0, 0, 1.0]], columns=["bird", "cat", "dog"])
    assert cecli.cross_entropy(onehot, frame) == pytest.approx(LOSS)
    assert cecli.cross_entropy([0, 1], turned, classes=NAMES) == pytest.approx(LOSS)
    assert cecli.kl_divergence(frame, turned, reduction="mean") == 0
    with pytest.raises(ValueError, match="cow"):
        cecli.cross_entropy(onehot.rename(columns={"bird": "cow"}), frame)


def test_metrics_of_labels_by_name_and_of_binary_vectors():
    """`error_rate` and `mse` take what `compare` takes."""
    assert cecli.error_rate(["cat", "bird"], P, classes=NAMES) == 0.5
    assert cecli.mse([1, 0, 0], [0.5, 0.25, 0.75]) == pytest.approx(2 * (0.25 + 0.0625 + 0.5625) / 3)
    assert cecli.error_rate(pd.Series([1, 0, 0]), [2.0, -1.0, 3.0], logits=True) == pytest.approx(1 / 3)


def test_class_weights_with_names_are_matched_by_name():
    """A mapping or a Series says which weight is whose; one that says otherwise than the classes do is an error."""
    frame, expected = pd.DataFrame(P, columns=NAMES), -(math.log(0.7) + 2 * math.log(0.8)) / 3
    for weights in (
        pd.Series({"bird": 9, "dog": 2, "cat": 1}),
        {"dog": 2, "cat": 1, "bird": 9},
        [1, 2, 9],
        pd.Series([1, 2, 9]),
    ):
        assert cecli.cross_entropy(["cat", "dog"], frame, class_weights=weights) == pytest.approx(expected)
    for like, known in ((frame, "the classes are cat, dog, bird"), (P, "the classes have no names")):
        with pytest.raises(ValueError, match=f"the class weights are for cat, dog, cow, and {known}"):
            cecli.cross_entropy([0, 1], like, class_weights={"cat": 1, "dog": 2, "cow": 3})


def test_class_names_differ():
    with pytest.raises(ValueError, match="classes: 'a' is given twice"):
        cecli.cross_entropy([0, 1], P, classes=["a", "a", "b"])


# --- class names that are numbers ----------------------------------------------------------------------------------

NUMBERED = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]]
BY_NUMBER = -(math.log(0.7) + math.log(0.5)) / 2


@pytest.mark.parametrize("labels", [[1, 2], np.array([1, 2]), np.array([1.0, 2.0]), pd.Series([1, 2]), ["1", "2"]])
@pytest.mark.parametrize("columns", [[1, 2, 3], ["1", "2", "3"]])
def test_labels_meet_columns_that_are_numbers(labels, columns):
    frame = pd.DataFrame(NUMBERED, columns=columns)
    assert cecli.cross_entropy(labels, frame) == pytest.approx(BY_NUMBER)
    assert cecli.error_rate(labels, frame) == 0
    found = cecli.compare(labels, {"a": frame})
    assert found["models"][0]["cross_entropy"] == pytest.approx(BY_NUMBER)


def test_labels_meet_classes_that_are_numbers():
    assert cecli.cross_entropy([1, 2], NUMBERED, classes=[1, 2, 3]) == pytest.approx(BY_NUMBER)
    assert cecli.cross_entropy([30, 20], NUMBERED, classes=[30, 10, 20]) == pytest.approx(
        -(math.log(0.7) + math.log(0.3)) / 2
    )
    assert cecli.cross_entropy([1, -1], NUMBERED, classes=[1, 2, 3], ignore_index=-1) == pytest.approx(-math.log(0.7))
    with pytest.raises(ValueError, match="sample 2 of the target: '0' is not a class name"):
        cecli.cross_entropy([1, 0], NUMBERED, classes=[1, 2, 3])


def test_columns_that_count_from_0_are_positions_as_ever():
    frame = pd.DataFrame(NUMBERED, columns=["0", "1", "2"])
    assert cecli.cross_entropy([0, 1], frame) == pytest.approx(BY_NUMBER)
