"""Data frames are tables of named columns: an index is no class, names meet names, and what was settled is said."""

import logging
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


def pandas(**columns):
    return pd.DataFrame(columns)


def polars(**columns):
    return pl.DataFrame(columns)


def arrow(**columns):
    return pa.table({name: pa.array(list(values)) for name, values in columns.items()})


def records(**columns):
    types = [(name, np.asarray(values).dtype) for name, values in columns.items()]
    return np.array(list(zip(*columns.values(), strict=True)), dtype=types)


TABLES = [pandas, polars, arrow, records]
SCORES = dict(zip(NAMES, P.T, strict=True))


@pytest.fixture
def notes(caplog):
    """What was said, in order."""
    caplog.set_level(logging.WARNING, logger="cecli")
    return lambda: [record.getMessage() for record in caplog.records]


# --- an index is no class -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [pandas, polars, arrow])
@pytest.mark.parametrize(
    ("name", "values"),
    [("", [0.1, 0.2]), ("Unnamed: 0", [5, 6]), ("ID", [11, 12]), ("idx", ["a", "b"]), ("row", [1.0, 2.0])],
)
def test_an_index_in_front_is_left_out(table, name, values, notes):
    frame = table(**{name: values, **SCORES})
    assert cecli.cross_entropy([0, 1], frame) == pytest.approx(LOSS)
    title = repr(name) if name else "without a name"
    assert notes() == [f"the column {title} of the prediction was left out as an index; rename it to take it in"]


@pytest.mark.parametrize("table", TABLES)
def test_an_index_that_pandas_wrote_is_left_out_wherever_it_stands(table, notes):
    frame = table(**SCORES, __index_level_0__=[7, 8])
    assert cecli.softmax(frame).shape == (2, 3)
    assert notes() == ["the column '__index_level_0__' of the logits was left out as an index; rename it to take it in"]


@pytest.mark.parametrize("table", TABLES)
def test_a_target_of_an_index_and_one_column_is_that_column(table):
    for labels in ([0, 1], ["cat", "dog"]):
        target = table(id=[11, 12], label=labels)
        assert cecli.cross_entropy(target, table(**SCORES)) == pytest.approx(LOSS)
        assert cecli.compare(target, {"a": table(id=[1, 2], **SCORES)})["models"][0]["errors"] == 0


@pytest.mark.parametrize("table", TABLES)
def test_what_only_seems_an_index_stays(table, notes):
    """The same whole number twice, numbers that are not whole, an index that stands behind, or alone."""
    for columns in ({"id": [3, 3]}, {"id": [0.25, 0.5]}, {"other": [1.0, 2.0], "id": [3, 4]}, {"id": [3, 4]}):
        frame = table(**columns)
        assert cecli.softmax(frame).shape == (2, len(columns))
    assert notes() == []


def test_a_column_of_text_is_named():
    for table in TABLES:
        with pytest.raises(ValueError, match="column 'name' of the prediction: "):
            cecli.cross_entropy([0, 1], table(name=["a", "b"], **SCORES))


# --- names meet names -----------------------------------------------------------------------------------------------

PREFIXED = {f"prob_{name}": column for name, column in SCORES.items()}
TURNED = {f"{name}_score": SCORES[name] for name in ("bird", "cat", "dog")}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("columns", [PREFIXED, TURNED])
def test_a_common_part_of_the_names_is_taken_off(table, columns, notes):
    frame = table(**columns)
    assert cecli.cross_entropy(["cat", "dog"], frame) == pytest.approx(LOSS)
    assert "are called" in notes()[0]
    assert cecli.error_rate(["cat", "dog"], frame) == 0
    assert cecli.cross_entropy([0, 1], frame, classes=NAMES) == pytest.approx(LOSS)
    assert cecli.kl_divergence(table(**SCORES), frame, reduction="sum") == 0
    weights = {"dog": 3, "bird": 9, "cat": 1}
    expected = -(math.log(0.7) + 3 * math.log(0.8)) / 4
    assert cecli.cross_entropy(["cat", "dog"], frame, class_weights=weights) == pytest.approx(expected)


def test_models_whose_names_have_other_parts_in_common():
    found = cecli.compare(["cat", "dog"], {"a": pandas(**PREFIXED), "b": pl.DataFrame(TURNED)})["models"]
    assert [model["cross_entropy"] for model in found] == pytest.approx([LOSS, LOSS])


def test_names_that_end_in_the_labels():
    """p1, p2, p3 are the classes 1, 2, 3 where all labels are among these; else, and from 0 on, labels are positions."""
    one, zero = pandas(p1=P[:, 0], p2=P[:, 1], p3=P[:, 2]), pandas(p0=P[:, 0], p1=P[:, 1], p2=P[:, 2])
    assert cecli.cross_entropy([1, 2], one) == pytest.approx(LOSS)
    assert cecli.cross_entropy([1, -1], one, ignore_index=-1) == pytest.approx(-math.log(0.7))
    assert cecli.cross_entropy([0, 1], one) == cecli.cross_entropy([0, 1], zero) == pytest.approx(LOSS)
    assert cecli.cross_entropy([0, 1], zero[["p2", "p1", "p0"]]) == pytest.approx(LOSS)


def test_numbers_that_a_library_gives_as_names_are_no_names():
    """polars calls the columns of an array column_0, column_1, …"""
    found = cecli.compare([0, 1], {"a": pandas(**SCORES), "b": pl.DataFrame(P), "c": pd.DataFrame(P)})["models"]
    assert [model["cross_entropy"] for model in found] == pytest.approx([LOSS] * 3)


@pytest.mark.parametrize("classes", [[False, True], [True, False], ["True", "False"]])
def test_truth_values_are_names_where_classes_are_called_so(xp, classes):
    """As scikit-learn's `classes_` may be; elsewhere they are 0 and 1."""
    p, labels = np.array([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]]), np.array([True, True, False])
    ours = p if classes[0] is False else p[:, ::-1]
    expected = -(math.log(0.25) + math.log(0.5) + math.log(0.125)) / 3
    for target in (labels, labels.tolist(), pd.Series(labels), pd.Series(labels, dtype="boolean"), xp.asarray(labels)):
        assert cecli.cross_entropy(target, ours, classes=classes) == pytest.approx(expected)
        assert cecli.cross_entropy(target, pd.DataFrame(ours, columns=classes)) == pytest.approx(expected)
        assert cecli.error_rate(["True", "False", "False"], target, classes=classes) == pytest.approx(1 / 3)
        assert cecli.cross_entropy(target, p) == pytest.approx(expected)


def test_a_column_that_seems_to_be_no_class_is_mentioned(notes):
    """Labels beside logits are read, and said; what keeps rows from summing to 1 is named in the error."""
    frame = pandas(y=[0, 1], **SCORES)
    cecli.cross_entropy([0, 1], frame, logits=True)
    assert notes() == ["the column 'y' of the prediction is read as a class; drop it if it is none"]
    for table in TABLES:
        with pytest.raises(
            ValueError, match="the column 'age' seems to be no class: without it rows sum to 1; drop it"
        ):
            cecli.cross_entropy([0, 1], table(age=[41, 42], **SCORES))


def test_numbers_that_are_missing_may_be_ignored():
    labels = pd.Series([0, None, 1], dtype="Int64")
    expected = -(math.log(0.7) + math.log(0.8)) / 2
    for target in (labels, labels.astype(float), [0.0, math.nan, 1.0], pl.Series([0, None, 1])):
        assert cecli.cross_entropy(target, P[[0, 1, 1]], ignore_index="NA") == pytest.approx(expected)
    with pytest.raises(ValueError, match="sample 2 of the target"):
        cecli.cross_entropy(labels, P[[0, 1, 1]])


# --- rows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(P.tolist()),
        pd.Series([*P]),
        pl.Series(P.tolist()),
        pl.Series(P, dtype=pl.Array(pl.Float64, 3)),
        pa.array(P.tolist()),
        pa.chunked_array([P[:1].tolist(), P[1:].tolist()]),
        pd.DataFrame({"probs": P.tolist()}),
        pl.DataFrame({"probs": P.tolist()}),
        pa.table({"probs": P.tolist()}),
        pd.DataFrame({"id": [5, 6], "probs": P.tolist()}),
        [*P],
    ],
    ids=lambda column: f"{type(column).__module__.partition('.')[0]}.{type(column).__name__}",
)
def test_a_column_of_lists_holds_rows(column):
    assert cecli.cross_entropy([0, 1], column) == pytest.approx(LOSS)


def test_lists_of_other_lengths_are_named():
    with pytest.raises(ValueError, match="sample 2 of p has 3 values, and sample 1 has 2"):
        cecli.entropy(pd.Series([[0.5, 0.5], [0.5, 0.25, 0.25]]))


def test_the_same_rows_in_another_order_are_mentioned(notes):
    """pandas aligns by its index and cecli does not: two of the same index in another order are most likely a slip."""
    frame = pd.DataFrame(P, columns=NAMES, index=["x", "y"])
    cecli.cross_entropy(pd.Series([0, 1], index=["x", "y"]), frame)
    cecli.cross_entropy(pd.Series([0, 1], index=["u", "v"]), frame)
    cecli.cross_entropy(pd.Series([0, 1]), P)
    assert notes() == []
    for target in (pd.Series([0, 1], index=["y", "x"]), pd.Series(["cat", "dog"], index=["y", "x"])):
        assert cecli.cross_entropy(target, frame) == pytest.approx(LOSS)
    assert len(notes()) == 2
    assert notes()[0].startswith("the target and the prediction have the same index in another order")


# --- three axes, columns, groups ------------------------------------------------------------------------------------

CUBE = np.stack([P, P[::-1], P])
ROWS = CUBE.reshape(-1, 3)
LABELS = np.array([[0, 1], [1, 0], [2, 1]])


@pytest.mark.parametrize("labels", [LABELS, LABELS.tolist(), LABELS.reshape(-1)])
def test_three_axes_are_rows(xp, labels):
    """(N, T, K) is N·T rows, with labels (N, T), as a .npy file is; what has a value per sample comes back as (N, T)."""
    cube, flat = xp.asarray(CUBE), LABELS.reshape(-1)
    found = xp.numpy(cecli.cross_entropy(labels, cube, reduction="none"))
    np.testing.assert_array_equal(found, cecli.cross_entropy(flat, ROWS, reduction="none").reshape(3, 2))
    weights = np.arange(6.0).reshape(3, 2)
    expected = cecli.cross_entropy(flat, ROWS, sample_weights=weights.reshape(-1))
    assert cecli.cross_entropy(labels, cube, sample_weights=weights) == pytest.approx(expected)
    for function in (cecli.error_rate, cecli.mse):
        assert function(labels, cube) == pytest.approx(function(flat, ROWS))


def test_results_have_the_three_axes(xp):
    cube = xp.asarray(CUBE)
    for found in (cecli.softmax(cube), cecli.gradient(LABELS, cube), cecli.gradient(CUBE, cube)):
        assert found.shape == CUBE.shape
    np.testing.assert_allclose(
        xp.numpy(cecli.gradient(LABELS, cube)).reshape(-1, 3), cecli.gradient(LABELS.reshape(-1), ROWS), rtol=1e-15
    )
    assert cecli.entropy(cube).shape == cecli.kl_divergence(CUBE, cube).shape == (3, 2)
    binary = (CUBE > 0.5).astype(float)
    assert cecli.binary_cross_entropy(binary, cube, reduction="none").shape == CUBE.shape


def test_labels_by_name_of_two_axes():
    names = np.array(NAMES)[LABELS]
    expected = cecli.cross_entropy(LABELS, CUBE)
    assert cecli.cross_entropy(names, CUBE, classes=NAMES) == expected
    assert cecli.cross_entropy(names.tolist(), CUBE, classes=NAMES) == expected
    with pytest.raises(ValueError, match="rows of labels by name"):
        cecli.cross_entropy(names, ROWS, classes=NAMES)


@pytest.mark.parametrize("shape", [(3, 3, 2), (2, 3, 3)])
def test_axes_that_do_not_fit_are_an_error(shape):
    """Of torch's (N, K, T) too."""
    with pytest.raises(ValueError, match=r"(samples|values) in the target, "):
        cecli.cross_entropy(LABELS, np.full(shape, 1 / shape[-1]))


def test_a_column_is_a_value_for_each_sample():
    y, p = np.array([[1], [0], [0]]), np.array([[0.5], [0.25], [0.75]])
    expected = cecli.mse([1, 0, 0], [0.5, 0.25, 0.75])
    for prediction in (p, p[:, 0], pd.DataFrame(p), pd.DataFrame({"p": p[:, 0]}), pl.DataFrame(p)):
        assert cecli.mse(y, prediction) == expected
        assert cecli.compare(y, {"a": prediction, "b": p})["models"][0]["mse"] == expected
    losses = cecli.binary_cross_entropy(y, p[:, 0], reduction="none")
    np.testing.assert_array_equal(losses, cecli.binary_cross_entropy([1, 0, 0], p[:, 0], reduction="none"))
    weights = pd.DataFrame({"w": [1, 2, 3]})
    assert cecli.mse(y, p, sample_weights=weights) == cecli.mse(y, p, sample_weights=[1, 2, 3])


def test_values_whose_sum_is_1_are_one_for_each_sample():
    """An array of one dimension is never a distribution in `compare`, whatever the labels and the values sum to."""
    assert cecli.mse([0, 1, 0], [0.25, 0.5, 0.25]) == pytest.approx(2 * (0.0625 + 0.25 + 0.0625) / 3)
    found = cecli.compare(np.array([0, 1, 0]), {"a": np.array([0.25, 0.5, 0.25])})["models"][0]
    assert found["cross_entropy"] == pytest.approx(-(2 * math.log(0.75) + math.log(0.5)) / 3)


DATES = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02"] * 20))


@pytest.mark.parametrize(
    "groups",
    [DATES, DATES.dt.day, DATES.dt.day == 1, DATES.astype(str).astype("category"), pd.DataFrame({"day": DATES})],
)
def test_groups_of_any_kind(groups):
    rng = np.random.default_rng(1)
    models = {"a": rng.dirichlet([1, 1], 40), "b": rng.dirichlet([1, 1], 40)}
    labels = rng.integers(0, 2, 40)
    expected = cecli.compare(labels, models, cluster=[0, 1] * 20)["differences"]
    assert cecli.compare(labels, models, cluster=groups)["differences"] == expected
    slices = cecli.compare(labels, models, by=groups)["slices"]
    assert [part["samples"] for part in slices.values()] == [20, 20]


def test_slices_of_truth_values_and_dates_have_their_names():
    half = {"a": [[0.5, 0.5], [0.5, 0.5]]}
    assert [*cecli.compare([0, 1], half, by=[True, False])["slices"]] == ["False", "True"]
    assert [*cecli.compare([0, 1], half, by=DATES[:2])["slices"]] == ["2024-01-01", "2024-01-02"]


# --- libraries and types --------------------------------------------------------------------------------------------


def test_models_of_several_libraries(xp):
    """All are brought to the first one's library."""
    models = {"x": xp.asarray(P), "list": P.tolist(), "pandas": pd.DataFrame(P), "polars": pl.DataFrame(P)}
    for order in (models, dict(reversed(models.items()))):
        found = cecli.compare(pl.Series([0, 1]), order, sample_weights=xp.asarray([1.0, 1.0]))["models"]
        assert [model["cross_entropy"] for model in found] == pytest.approx([LOSS] * 4)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_frames_of_narrow_floats_give_arrays_of_that_type(dtype):
    for table in (pd.DataFrame(P), pl.DataFrame(P)):
        values = np.asarray(table.to_numpy(), dtype=dtype)
        frame = type(table)(values)
        assert cecli.softmax(frame).dtype == cecli.gradient([0, 1], values).dtype == np.dtype(dtype)
    assert cecli.softmax(pa.array(P[0].astype(dtype))).dtype == np.dtype(dtype)
    assert cecli.softmax([*P.astype(dtype)]).dtype == np.dtype(dtype)


# --- missing values -------------------------------------------------------------------------------------------------

GAPS = np.array([[0.7, 0.2, 0.1], [math.nan, 0.8, 0.1], [0.25, 0.25, 0.5], [0.1, 0.8, 0.1]])
TRUE = pd.Series([0, 1, None, 1], dtype="Int64")
KEPT = [0, 3]


@pytest.mark.parametrize("target", [TRUE, TRUE.astype(float), [0, 1, math.nan, 1], ["cat", "dog", None, "dog"]])
@pytest.mark.parametrize(
    "table", [np.array, lambda p: pd.DataFrame(p).convert_dtypes(), lambda p: pl.DataFrame(p, nan_to_null=True)]
)
def test_samples_with_missing_values_are_left_out(table, target):
    """`--skip-missing`: what is left is what the samples without one give; their row stays, as NaN."""
    p, options = table(GAPS), {"classes": NAMES, "skip_missing": True}
    assert cecli.cross_entropy(target, p, **options) == pytest.approx(LOSS)
    found = cecli.cross_entropy(target, p, reduction="none", **options)
    np.testing.assert_allclose(found, [-math.log(0.7), math.nan, math.nan, -math.log(0.8)])
    for function in (cecli.error_rate, cecli.mse):
        assert function(target, p, **options) == pytest.approx(function([0, 1], P))
    for loss, logits in (("xent", False), ("xent", True), ("mse", False)):
        expected = cecli.gradient([0, 1], P, loss, reduction="mean", logits=logits)
        gradient = cecli.gradient(target, p, loss, reduction="mean", logits=logits, **options)
        np.testing.assert_allclose(gradient[KEPT], expected)
        assert np.isnan(gradient[[1, 2]]).all()
    compared = cecli.compare(target, {"a": p, "b": P[[0, 0, 0, 1]]}, **options)
    assert compared["skipped"] == 2
    assert compared["models"][0]["cross_entropy"] == compared["models"][1]["cross_entropy"] == pytest.approx(LOSS)


@pytest.mark.parametrize(
    "clusters",
    [
        lambda: [0, math.nan, *range(2, 40)],
        lambda: ["u0", None, *(f"u{i}" for i in range(2, 40))],
        lambda: pd.Series([0, None, *range(2, 40)], dtype="Int64"),
        lambda: pd.Categorical(["u0", None, *(f"u{i}" for i in range(2, 40))]),
        lambda: pl.Series(["u0", None, *(f"u{i}" for i in range(2, 40))]),
    ],
)
def test_a_sample_without_a_cluster(clusters, xp):
    """An error that names it, or it is left out; it is no cluster of its own."""
    a, b = np.random.default_rng(3).normal(size=(2, 40))
    scores = {"a": xp.asarray(a), "b": xp.asarray(b)}
    with pytest.raises(ValueError, match=r"sample 2 of the clusters: a value is missing"):
        cecli.compare(None, scores, scores=True, cluster=clusters())
    found = cecli.compare(None, scores, scores=True, cluster=clusters(), skip_missing=True)
    rest = {"a": np.delete(a, 1), "b": np.delete(b, 1)}
    expected = cecli.compare(None, rest, scores=True, cluster=np.arange(39))
    assert found["skipped"] == 1
    assert found["differences"][0]["clusters"] == 39
    assert found["differences"][0]["p_value"] == pytest.approx(expected["differences"][0]["p_value"], rel=1e-12)


def test_what_else_may_be_missing(xp):
    p = xp.asarray(GAPS)
    assert np.isnan(xp.numpy(cecli.softmax(p, skip_missing=True))).all(axis=1).tolist() == [False, True, False, False]
    assert np.isnan(xp.numpy(cecli.entropy(p, skip_missing=True))).tolist() == [False, True, False, False]
    weights = [1, math.nan, math.nan, 3]
    expected = -(math.log(0.7) + 3 * math.log(0.8)) / 4
    assert cecli.cross_entropy([0, 1, 0, 1], p, sample_weights=weights, skip_missing=True) == pytest.approx(expected)
    binary = cecli.binary_cross_entropy([1, math.nan, 0], xp.asarray([0.5, 0.5, math.nan]), skip_missing=True)
    assert binary == pytest.approx(math.log(2))
    scores = cecli.compare(
        None, {"a": xp.asarray([1.0, math.nan, 3.0]), "b": [2, 3, 4]}, scores=True, skip_missing=True
    )
    assert scores["models"][0]["score"] == 2
    with pytest.raises(ValueError, match="sample 2 of the prediction"):
        cecli.cross_entropy([0, 1, 0, 1], p)
