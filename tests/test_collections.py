"""Dask collections in the library: the numbers of the same call on the computed arrays, bit for bit, wherever they are cut."""

import numpy as np
import pytest

import cecli
from cecli.errors import CecliError
from cecli.running import walk

da = pytest.importorskip("dask.array")
dd = pytest.importorskip("dask.dataframe")
pd = pytest.importorskip("pandas")

N, K = 5000, 4
CHUNKS = (1000, 7, 1700, 1, 2292)
RANDOM = np.random.default_rng(18)
Z = RANDOM.normal(size=(N, K))
Y = (Z + RANDOM.gumbel(size=Z.shape)).argmax(axis=1)
P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
Q = P[:, ::-1].copy()
W = RANDOM.gamma(2, size=N)
G = RANDOM.choice(["de", "fr", "en"], N)
C = RANDOM.integers(0, 99, N)
NAMES = np.array(["cat", "dog", "fox", "owl"])
LATE = np.where(np.arange(N) < 4000, NAMES[Y % 2], NAMES[Y])
"""Labels of which two stand in the last rows alone."""


@pytest.fixture(autouse=True)
def short_steps(monkeypatch):
    """Steps of 1024 rows, so that chunks and steps overlap."""
    monkeypatch.setattr(walk, "BATCH_VALUES", 4096)
    monkeypatch.setattr(walk, "LARGE_BATCH_BYTES", 32768)


def array(values):
    """Chunks of rows, and of columns too where there are some."""
    return da.from_array(values, chunks=(CHUNKS, 3) if values.ndim == 2 else (CHUNKS,))


def unknown(values):
    """An array that does not know how many rows its chunks have."""
    kept = array(values)
    return kept[da.from_array(np.ones(N, bool), chunks=(CHUNKS,))]


def frame(values):
    """A Series or a DataFrame, whose lengths are not known."""
    made = pd.DataFrame(values, columns=["a", "b", "c", "d"]) if values.ndim == 2 else pd.Series(values)
    return dd.from_pandas(made, npartitions=3)


def plain(values):
    return values


CALLS = {
    "xent": lambda of, beside: cecli.cross_entropy(beside(Y), of(P)),
    "weights": lambda of, beside: cecli.cross_entropy(
        beside(Y), of(Z), logits=True, sample_weights=beside(W), class_weights=[1, 2, 3, 4], label_smoothing=0.1
    ),
    "soft": lambda of, beside: cecli.cross_entropy(beside(P), of(Q), reduction="sum"),
    "float32": lambda of, beside: cecli.cross_entropy(beside(Y), of(Z.astype(np.float32)), logits=True, base=2),
    "entropy": lambda of, _: cecli.entropy(of(P), reduction="mean"),
    "kl": lambda of, beside: cecli.kl_divergence(beside(P), of(Q), reduction="mean"),
    "bce": lambda of, beside: cecli.binary_cross_entropy(beside((Y > 1) * 1), of(P[:, 0].copy())),
    "multi-label": lambda of, beside: cecli.binary_cross_entropy(beside((P > 0.5) * 1), of(P)),
    "error rate": lambda of, beside: cecli.error_rate(beside(Y), of(P), ignore_index=3),
    "calibrate": lambda of, beside: cecli.calibrate(beside(Y), of(Z)),
    "compare": lambda of, beside: dict(
        cecli.compare(
            beside(Y), {"p": of(P), "q": of(Q)}, metrics=["accuracy", "ece"], worst=3, cluster=beside(C), bootstrap=100
        )
    ),
    "two classes": lambda of, beside: dict(
        cecli.compare(beside((Y > 1) * 1), {"p": of(P[:, 0].copy()), "q": beside(P[:, 1].copy())}, metrics=["roc_auc"])
    ),
    "by": lambda of, beside: dict(
        cecli.compare(beside(Y), {"p": of(P), "labels": of((Y + 1) % 4)}, by=beside(G), sample_weights=beside(W))
    ),
    "labels by name": lambda of, beside: dict(
        cecli.compare(beside(NAMES[Y]), {"a": of(LATE), "b": of(NAMES[Y])}, metrics=["macro_f1"], confusion=True)
    ),
    "labels by name, then scores": lambda of, beside: dict(
        cecli.compare(beside(NAMES[Y]), {"a": of(LATE), "p": of(P)}, classes=list(NAMES), sample_weights=beside(W))
    ),
    "an array in memory first": lambda of, beside: dict(cecli.compare(beside(Y), {"p": P, "q": of(Q)}, worst=2)),
    "error rate of names": lambda of, beside: cecli.error_rate(beside(NAMES[Y]), of(LATE)),
}


MIXES = [(array, True), (unknown, False), (frame, True), (array, False), (unknown, True), (frame, False)]


@pytest.mark.parametrize(
    ("name", "of", "beside"),
    [(name, *mix) for i, name in enumerate(CALLS) for mix in (MIXES[:3] if i % 2 else MIXES[3:])],
)
def test_the_same_bits(name, of, beside):
    """Targets, weights and groups are collections too, or arrays in memory."""
    call = CALLS[name]

    def computed(values):
        return of(values).compute()

    assert call(of, of if beside else plain) == call(computed, computed if beside else plain)


CUBE, TABLE, WEIGHTS = P.reshape(500, 10, K), Y.reshape(500, 10), W.reshape(500, 10)
CUBES = {
    "xent": lambda of, beside: cecli.cross_entropy(beside(TABLE), of(CUBE), sample_weights=beside(WEIGHTS)),
    "entropy": lambda of, _: cecli.entropy(of(CUBE), reduction="sum"),
    "calibrate": lambda of, beside: cecli.calibrate(beside(TABLE), of(np.log(CUBE))),
    "compare": lambda of, beside: dict(
        cecli.compare(beside(NAMES[TABLE]), {"p": of(CUBE), "labels": of(TABLE)}, classes=list(NAMES), worst=3)
    ),
}


@pytest.mark.parametrize("beside", [True, False], ids=["all", "prediction"])
@pytest.mark.parametrize("name", CUBES)
def test_three_axes_are_rows(name, beside):
    """An array (N, T, K), cut along each of its axes, and labels and weights (N, T)."""

    def of(values):
        return da.from_array(values, chunks=(170, 7, 3)[: values.ndim])

    assert CUBES[name](of, of if beside else plain) == CUBES[name](plain, plain)


AXES = [
    (lambda: da.from_array(CUBE[None]), r"4 dimensions; at most three .*; reshape\(-1, K\) makes it rows of K classes"),
    (lambda: da.from_array(CUBE)[da.from_array(np.ones(500, bool))], r"lengths; compute_chunk_sizes\(\) finds them"),
]


@pytest.mark.parametrize(("values", "says"), AXES)
def test_axes_that_are_not_read(values, says):
    """What to do is said."""
    with pytest.raises(ValueError, match=says):
        cecli.entropy(values(), reduction="mean")


def test_names_meet_names():
    """Columns of a frame in another order, an index among them, and labels by name."""
    names = np.array(["a", "b", "c", "d"])[Y]
    mixed = pd.DataFrame(P, columns=["a", "b", "c", "d"])[["d", "b", "a", "c"]]
    mixed.insert(0, "id", np.arange(N))
    there = cecli.cross_entropy(dd.from_pandas(pd.Series(names), 2), dd.from_pandas(mixed, 3))
    assert there == cecli.cross_entropy(names, mixed)
    soft = pd.DataFrame(Q, columns=["a", "b", "c", "d"])
    there = cecli.cross_entropy(dd.from_pandas(soft, 2), dd.from_pandas(mixed, 3))
    assert there == cecli.cross_entropy(soft, mixed)


def wrong_row():
    values = P.copy()
    values[4321] = 0.3
    values[4800] = -1
    return values


WRONG = {
    "row": lambda of: cecli.cross_entropy(of(Y), of(wrong_row())),
    "label": lambda of: cecli.cross_entropy(of(np.where(np.arange(N) == 3003, 9, Y)), of(P)),
    "length": lambda of: cecli.cross_entropy(Y[:-1], of(P)),
    "no weight": lambda of: cecli.cross_entropy(of(Y), of(P), sample_weights=of(np.zeros(N))),
    "an unknown name": lambda of: cecli.cross_entropy(
        of(np.where(np.arange(N) == 3003, "x", "a").astype(object)), of(P), classes=["a", "b", "c", "d"]
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_have_the_number_of_the_sample_in_the_whole(name):
    """And the first in the order of the input comes first."""
    with pytest.raises(CecliError) as here:
        WRONG[name](plain)
    with pytest.raises(ValueError) as there:
        WRONG[name](array)
    assert str(there.value) == str(here.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cecli.cross_entropy(array(Y), array(P), reduction="none"),
        lambda: cecli.entropy(array(P)),
        lambda: cecli.softmax(array(Z)),
        lambda: cecli.gradient(Y, array(P)),
        lambda: cecli.cross_entropy(array(Y), P),
        lambda: cecli.cross_entropy(0, da.from_array(P[0])),
    ],
)
def test_what_is_no_total(call):
    """What has a value for each sample is an error, which names compute()."""
    with pytest.raises(ValueError, match=r"compute\(\) makes an array of it"):
        call()


@pytest.mark.parametrize("of", [array, frame])
def test_missing_values_are_left_out(of):
    """As on one array: in the target, the weights and the prediction."""
    values, weights = P.copy(), W.copy()
    values[[3, 4400]], weights[2500] = np.nan, np.nan

    def call(of):
        return cecli.cross_entropy(of(Y), of(values), sample_weights=of(weights), skip_missing=True)

    assert call(of) == call(plain)


@pytest.mark.parametrize("of", [array, frame])
def test_a_sample_without_a_cluster(of):
    """Left out as on one array, or the error for it."""
    clusters = C.astype(float)
    clusters[[3, 4400]] = np.nan

    def call(of, **more):
        models = {"p": of(P), "q": of(Q)}
        return dict(cecli.compare(of(Y), models, cluster=of(clusters), **more))

    found = call(of, skip_missing=True)
    assert found["skipped"] == 2
    assert found == call(plain, skip_missing=True)
    with pytest.raises(ValueError, match="sample 4 of the clusters: a value is missing"):
        call(of)


def test_what_the_first_rows_do_not_show_is_an_error():
    """A column that begins with whole numbers was taken for labels: a part with others says so."""
    late = np.where(np.arange(N) < 4000, (Y > 1) * 1.0, P[:, 0])
    with pytest.raises(ValueError, match="sample 4001 of p"):
        cecli.compare(array((Y > 1) * 1), {"p": array(late)})
