"""Whatever is given to a function: an answer, or a ValueError of cecli that says what is wrong; never another exception.

The messages are in tests/cases/errors.json.
"""

import collections
import datetime
import decimal
import fractions
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

import cecli
from cecli.errors import CecliError

DATE = datetime.date(2024, 1, 1)
G = [[0.5, 0.5], [0.25, 0.75]]
Y = [0, 1]
MODELS = {"a": G, "b": G}


class Refuses:
    """An object that can't be made an array."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")


class Counts:
    """An object with a length and nothing in it."""

    def __len__(self):
        return 3

    def __getitem__(self, place):
        raise KeyError(place)


PLAIN = [
    {0.5, 0.25}, {"a": 0.5}, [[0.5, 0.5], [1.0]], [[[0.5], [0.5]], [1.0]], "0.5,0.5", b"abc", "", object(), Refuses(), Counts(), len, math,
    [1j, 2], True, [True, False], [DATE] * 2, [], [[], []], 10**400, [10**400, 1], [2**70, 1], [decimal.Decimal("0.5")] * 2,
    [fractions.Fraction(1, 2)] * 2, math.nan, [math.inf] * 2, [-1, 2], [{"label": "a", "score": 0.5}], [{1}, {2}], [None, None], [object()] * 2,
    ["a", 1], ["0.5", "0.5"], [[[[1.0]]]], collections.deque([0.5, 0.5]), range(2), {"a": 0.5}.values(), ..., slice(3), ValueError("x"),
]  # fmt: skip
ARRAYS = [
    np.zeros((0, 2)), np.zeros((2, 0)), np.array(0.5), np.array(None), np.array([1, 2], dtype="m8[s]"), np.array(["2020"], dtype="M8[D]"),
    np.ma.masked_array([0.5, 0.5], [0, 1]), np.full((2, 2, 2), 0.5), np.full((2, 2, 2, 2), 0.5), np.array([0.5, [0.5]], dtype=object),
    np.array([[0.5, None], [0.5, 0.5]], dtype=object), np.zeros(2, dtype="V8"), np.array([((0.5, 0.5),)], dtype=[("a", [("x", float), ("y", float)])]),
    np.array((0.5, 0.5), dtype=[("a", float), ("b", float)]), np.array([0.5, 0.5], dtype=np.longdouble), np.array([2**64 - 1, 0], dtype=np.uint64),
    np.array([b"a", b"b"]), np.array(["a", "b"]), scipy.sparse.csr_array(np.eye(2)), scipy.sparse.coo_matrix(np.eye(2)),
]  # fmt: skip
FRAMES = [
    pd.Series([0.5, pd.NA], dtype="Float64"), pd.Series([0.5, pd.NA], dtype=object), pd.Series([pd.NaT] * 2), pd.Series(["a", "b"], dtype="category"),
    pd.Categorical(["a", "b"]), pd.Series(pd.period_range("2020", periods=2)), pd.DataFrame(), pd.DataFrame({"a": [0.5, 0.5], "b": ["x", "y"]}),
    pd.DataFrame([[0.5, 0.5]] * 2, columns=["a", "a"]), pd.DataFrame([[0.5, 0.5]] * 2, columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
    pd.MultiIndex.from_tuples([(1, 2), (3, 4)]), pd.Timestamp("2020"), pd.NA, pd.DataFrame({"id": [1, 2]}), pd.DataFrame({"a": [1]}).groupby("a"),
    pl.Series([0.5, None]), pl.Series([{"a": 0.5, "b": 0.5}] * 2), pl.Series([[0.5, 0.5], [0.5]]), pl.Series([None, None]), pl.Series([1, 2], dtype=pl.Int128),
    pl.Series([object()] * 2, dtype=pl.Object), pl.Series([DATE] * 2), pl.DataFrame(), pl.LazyFrame({"a": [0.5]}), pl.col("a"),
    pa.array(["a", "b"]).dictionary_encode(), pa.array([{"a": 0.5}] * 2), pa.array([None, None]), pa.scalar(0.5), pa.table({}),
    pa.table({"a": pa.array([], type=pa.float64())}), pa.Table.from_arrays([pa.array([0.5, 0.5])] * 2, names=["a", "a"]),
]  # fmt: skip

CALLS = {
    "softmax": cecli.softmax,
    "log_softmax": cecli.log_softmax,
    "entropy": lambda v: cecli.entropy(v, normalize=True),
    "cross_entropy, target": lambda v: cecli.cross_entropy(v, G, reduction="none"),
    "cross_entropy, names": lambda v: cecli.cross_entropy(v, G, classes=["a", "b"]),
    "cross_entropy, prediction": lambda v: cecli.cross_entropy(Y, v, logits=True),
    "cross_entropy, both": lambda v: cecli.cross_entropy(v, v),
    "kl_divergence": lambda v: cecli.kl_divergence(v, G),
    "js_divergence": lambda v: cecli.js_divergence(G, v),
    "binary_cross_entropy, target": lambda v: cecli.binary_cross_entropy(v, [0.5, 0.5], classes=["a", "b"]),
    "binary_cross_entropy, prediction": lambda v: cecli.binary_cross_entropy([[0, 1], [1, 0]], v, reduction="none"),
    "mse": lambda v: cecli.mse(v, G),
    "error_rate": lambda v: cecli.error_rate(Y, v),
    "gradient": lambda v: cecli.gradient(v, v, "bce"),
    "calibrate, target": lambda v: cecli.calibrate(v, [[1.0, 2.0], [3.0, 1.0]]),
    "calibrate, logits": lambda v: cecli.calibrate([0, 0], v),
    "compare, target": lambda v: cecli.compare(v, MODELS),
    "compare, models": lambda v: cecli.compare(Y, v),
    "compare, a model": lambda v: cecli.compare(Y, {"a": G, "b": v}),
    "compare, scores": lambda v: cecli.compare(None, {"a": v, "b": [0.5, 0.25]}, scores=True),
}
KEYWORDS = {
    cecli.softmax: ["temperature", "threads", "device"],
    cecli.cross_entropy: ["class_weights", "sample_weights", "classes", "ignore_index", "label_smoothing", "focal", "eps", "base", "reduction", "logits", "skip_missing"],
    cecli.binary_cross_entropy: ["pos_weight"],
    cecli.gradient: ["loss"],
    cecli.compare: ["cluster", "by", "baseline", "metrics", "confidence", "bootstrap", "seed", "worst", "disagree", "bins", "by_class", "scores"],
}  # fmt: skip
FIRST = {cecli.softmax: ([1.0, 2.0],), cecli.binary_cross_entropy: (Y, [0.5, 0.5]), cecli.compare: (Y, MODELS)}
for function, names in KEYWORDS.items():
    for keyword in names:
        CALLS[f"{function.__name__}, {keyword}="] = lambda v, f=function, k=keyword: f(*FIRST.get(f, (Y, G)), **{k: v})


@pytest.fixture(autouse=True)
def in_silence():
    """pandas and NumPy may warn of what they are given."""
    import warnings

    with warnings.catch_warnings(action="ignore"):
        yield


@pytest.mark.parametrize("name", CALLS)
def test_nothing_but_value_errors(name):
    answered = refused = 0
    for value in [*PLAIN, *ARRAYS, *FRAMES, (x for x in [0.5, 0.5])]:
        try:
            CALLS[name](value)
            answered += 1
        except CecliError:
            refused += 1
    assert refused > 20
    assert answered + refused == len(PLAIN) + len(ARRAYS) + len(FRAMES) + 1


def test_what_functions_do_not_take_is_a_type_error():
    """As Python has it."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        cecli.softmax([1.0, 2.0], nonsense=1)
    with pytest.raises(TypeError):
        cecli.cross_entropy([0])


@pytest.mark.parametrize(
    ("name", "value"),
    [("base", np.float64(2)), ("base", np.array(2)), ("base", "2"), ("ignore_index", np.int64(-1)), ("focal", decimal.Decimal(0)), ("threads", np.int32(1))],
)  # fmt: skip
def test_numbers_of_other_types_are_numbers(name, value):
    expected = cecli.cross_entropy(Y, G, base=2 if name == "base" else "e")
    assert cecli.cross_entropy(Y, G, **{name: value}) == expected


def test_metrics_may_be_a_text_or_any_names():
    for names in (
        "accuracy,ece",
        ["accuracy", "ece"],
        ("accuracy", "ece"),
        pd.Index(["accuracy", "ece"]),
        iter(["accuracy", "ece"]),
    ):
        assert {"accuracy", "ece"} <= cecli.compare(Y, MODELS, metrics=names)["models"][0].keys()
