"""Types, shapes and namespaces: what goes in decides what comes out, and is never written to."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cecli
from tests.every import every

LOGITS = [[2.0, 1.0, 0.1], [0.5, 2.5, -1.0]]
P = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]]
Q = [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]
GAPS = [[0.7, 0.2, 0.1], [0.5, math.nan, 0.25], [0.1, 0.8, 0.1]]

CALLS = {
    "softmax": lambda a: cecli.softmax(a(LOGITS)),
    "softmax, temperature": lambda a: cecli.softmax(a(LOGITS), temperature=0.7),
    "log_softmax": lambda a: cecli.log_softmax(a(LOGITS), base=2),
    "entropy": lambda a: cecli.entropy(a(P)),
    "entropy, one row": lambda a: cecli.entropy(a(P[0]), reduction="none"),
    "entropy, counts": lambda a: cecli.entropy(a([[2, 1, 1], [0, 5, 5]]), normalize=True),
    "entropy, weighted": lambda a: cecli.entropy(a(P), sample_weights=a([1.0, 0.0])),
    "cross_entropy, labels": lambda a: cecli.cross_entropy(a([0, 2]), a(P), reduction="none"),
    "cross_entropy, rows": lambda a: cecli.cross_entropy(a(P), a(LOGITS), logits=True, reduction="none"),
    "cross_entropy, ignored": lambda a: cecli.cross_entropy(a([0, -1]), a(P), ignore_index=-1, reduction="none"),
    "cross_entropy, everything": lambda a: cecli.cross_entropy(
        a([0, 2]),
        a(P),
        class_weights=a([1.0, 2.0, 3.0]),
        sample_weights=a([1.0, 2.0]),
        label_smoothing=0.1,
        focal=2,
        eps=1e-3,
        base=10,
        reduction="none",
    ),
    "cross_entropy, eps of logits": lambda a: cecli.cross_entropy(
        a([0, 2]), a(LOGITS), logits=True, eps=1e-3, reduction="none"
    ),
    "cross_entropy, infinite": lambda a: cecli.cross_entropy(a([0, 1]), a([[1.0, 0.0], [1.0, 0.0]]), reduction="none"),
    "cross_entropy, missing": lambda a: cecli.cross_entropy(a([0, 2, 1]), a(GAPS), skip_missing=True, reduction="none"),
    "softmax, missing": lambda a: cecli.softmax(a(GAPS), skip_missing=True),
    "gradient, missing": lambda a: cecli.gradient(a([0, 2, 1]), a(GAPS), logits=True, skip_missing=True),
    "binary_cross_entropy, missing": lambda a: cecli.binary_cross_entropy(
        a([1.0, math.nan]), a([0.3, 0.9]), skip_missing=True, reduction="none"
    ),
    "kl_divergence": lambda a: cecli.kl_divergence(a(P), a(Q)),
    "kl_divergence, infinite": lambda a: cecli.kl_divergence(a(P), a([[1.0, 0.0, 0.0]] * 2)),
    "kl_divergence, logits": lambda a: cecli.kl_divergence(a(P), a(LOGITS), logits=True),
    "js_divergence": lambda a: cecli.js_divergence(a(P), a(Q)),
    "binary_cross_entropy": lambda a: cecli.binary_cross_entropy(a([1, 0]), a([0.3, 0.9]), reduction="none"),
    "binary_cross_entropy, rows": lambda a: cecli.binary_cross_entropy(
        a([[1, 0, 1], [0, 1, 0]]), a(LOGITS), logits=True, pos_weight=3, focal=1, label_smoothing=0.1, reduction="none"
    ),
    "binary_cross_entropy, ignored": lambda a: cecli.binary_cross_entropy(
        a([1, 7]), a([0.3, 0.9]), ignore_index=7, reduction="none"
    ),
    "gradient": lambda a: cecli.gradient(a([0, 2]), a(LOGITS), logits=True, reduction="mean"),
    "gradient, weighted": lambda a: cecli.gradient(
        a([0, 2]),
        a(P),
        class_weights=a([1.0, 2.0, 3.0]),
        sample_weights=a([1.0, 2.0]),
        label_smoothing=0.1,
        reduction="mean",
    ),
    "gradient, ignored": lambda a: cecli.gradient(a([0, -1]), a(P), ignore_index=-1, reduction="mean"),
    "gradient, mse": lambda a: cecli.gradient(a([0, 2]), a(P), "mse"),
    "gradient, bce": lambda a: cecli.gradient(a([1, 0]), a([0.3, 0.9]), "bce"),
}
SCALARS = {
    "cross_entropy": lambda a: cecli.cross_entropy(a([0, 2]), a(P)),
    "entropy of one row": lambda a: cecli.entropy(a(P[0])),
    "kl_divergence of one row": lambda a: cecli.kl_divergence(a(P[0]), a(Q[0])),
    "binary_cross_entropy": lambda a: cecli.binary_cross_entropy(a([1, 0]), a([0.3, 0.9])),
    "mse": lambda a: cecli.mse(a([0, 2]), a(P)),
    "mse, weighted logits": lambda a: cecli.mse(a([0, 2]), a(LOGITS), logits=True, sample_weights=a([1.0, 2.0])),
    "error_rate": lambda a: cecli.error_rate(a([0, 2]), a(P)),
    "calibrate": lambda a: cecli.calibrate(a([0, 2, 1]), a([[4.0, 1, 0], [1, 0, 3.5], [2, 0, 1]])),
    "compare": lambda a: cecli.compare(a([0, 2]), {"a": a(P), "b": a(Q)}, sample_weights=a([1.0, 2.0]))["models"][1][
        "mse"
    ],
    "compare, ignored": lambda a: cecli.compare(a([0, 9]), {"a": a(P), "b": a(Q)}, ignore_index=9)["models"][1]["mse"],
}


@pytest.fixture(autouse=True, params=["small", "large"])
def size(request: pytest.FixtureRequest, every_array_is_large: Callable[[], None]) -> str:
    """Everything by the way of small arrays, and by the way of large ones."""
    if request.param == "large":
        every_array_is_large()
    return str(request.param)


@every("name", CALLS)
def test_results_stay_in_the_namespace_of_the_input(name: str, xp: Any) -> None:
    """An array of a library goes in, one of the same library comes out, with the numbers that NumPy gives."""
    found = CALLS[name](xp.asarray)

    assert xp.owns(found)
    np.testing.assert_allclose(xp.numpy(found), CALLS[name](np.asarray), rtol=1e-15)


@every("name", SCALARS)
def test_a_single_number_is_a_python_float(name: str, xp: Any) -> None:
    """Whatever the library, the mean of its losses is a Python float."""
    found = SCALARS[name](xp.asarray)

    assert type(found) is float
    assert found == pytest.approx(SCALARS[name](np.asarray), rel=1e-15)


@every("name", [*CALLS, *SCALARS])
def test_inputs_are_never_written_to(name: str) -> None:
    """The arrays passed are the same afterwards, to the bit."""
    seen: list[tuple[np.ndarray, np.ndarray]] = []

    def remembered(values: Any) -> np.ndarray:
        array = np.asarray(values)
        seen.append((array, array.copy()))
        return array

    {**CALLS, **SCALARS}[name](remembered)

    assert seen
    for now, before in seen:
        np.testing.assert_array_equal(now, before)


@every("name", [name for name in CALLS if name != "entropy, counts"])
def test_a_result_never_shares_memory_with_the_input(name: str) -> None:
    """Writing into an answer does not change the question."""
    seen: list[np.ndarray] = []

    def remembered(values: Any) -> np.ndarray:
        seen.append(np.asarray(values))
        return seen[-1]

    found = CALLS[name](remembered)

    assert not any(np.shares_memory(found, array) for array in seen)


MIXED = {
    "labels in a list": lambda a: cecli.cross_entropy([0, 2], a(P)),
    "rows in a list": lambda a: cecli.cross_entropy(Q, a(P)),
    "NumPy labels": lambda a: cecli.cross_entropy(np.asarray([0, 2]), a(P)),
    "class weights in a list": lambda a: cecli.cross_entropy(a([0, 2]), a(P), class_weights=[1.0, 2.0, 3.0]),
    "sample weights in a list": lambda a: cecli.cross_entropy(a([0, 2]), a(P), sample_weights=[1.0, 2.0]),
    "gradient, labels in a list": lambda a: cecli.gradient([0, 2], a(P)),
    "gradient, weights in lists": lambda a: cecli.gradient(
        a([0, 2]), a(P), class_weights=[1.0, 2.0, 3.0], sample_weights=[1.0, 2.0]
    ),
    "kl, target in a list": lambda a: cecli.kl_divergence(Q, a(P)),
    "js, target in a list": lambda a: cecli.js_divergence(Q, a(P)),
    "binary, target in a list": lambda a: cecli.binary_cross_entropy([1, 0], a([0.3, 0.6])),
    "mse, labels in a list": lambda a: cecli.mse([0, 2], a(P)),
    "compare, labels in a list": lambda a: cecli.compare([0, 2], {"a": a(P), "b": a(Q)})["models"][0]["mse"],
}


@every("name", MIXED)
def test_lists_may_stand_beside_arrays(name: str, xp: Any) -> None:
    """A list of labels or weights (or a NumPy array of them) goes with predictions of any library."""
    np.testing.assert_allclose(xp.numpy(MIXED[name](xp.asarray)), MIXED[name](np.asarray), rtol=1e-15)


# --- types --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f8", ">f4", ">f2"])
def test_softmax_log_softmax_and_gradient_keep_the_type(dtype: str) -> None:
    """Floats come back as wide as they went in, whatever their byte order."""
    logits = np.asarray(LOGITS, dtype=dtype)
    for found in (cecli.softmax(logits), cecli.log_softmax(logits), cecli.gradient([0, 2], logits, logits=True)):
        assert found.dtype.kind == "f"
        assert found.dtype.itemsize == logits.dtype.itemsize
        assert found.shape == logits.shape


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_per_sample_keep_the_type(dtype: str) -> None:
    """Under reduction none a float32 prediction has float32 losses."""
    for found in (
        cecli.entropy(np.asarray(P, dtype=dtype)),
        cecli.cross_entropy([0, 2], np.asarray(P, dtype=dtype), reduction="none"),
        cecli.kl_divergence(P, np.asarray(Q, dtype=dtype)),
        cecli.binary_cross_entropy([1, 0], np.asarray([0.3, 0.6], dtype=dtype), reduction="none"),
    ):
        assert found.dtype == dtype


@every("dtype", ["int8", "uint8", "int32", "int64", "uint64", "bool"])
def test_integers_become_float64(dtype: str, xp: Any) -> None:
    """Integers and booleans are numbers like others: as logits, labels, targets and counts."""
    kind = getattr(xp.namespace, dtype)
    ones = xp.asarray([[1, 0, 0], [0, 0, 1]], dtype=kind)
    labels = xp.asarray([1, 0], dtype=kind)

    assert xp.numpy(cecli.softmax(ones)).dtype == np.float64
    assert cecli.cross_entropy(ones, xp.asarray(P)) == cecli.cross_entropy(xp.asarray([0, 2]), xp.asarray(P))
    assert cecli.cross_entropy(labels, xp.asarray(P)) == cecli.cross_entropy(xp.asarray([1, 0]), xp.asarray(P))
    assert cecli.binary_cross_entropy(labels, xp.asarray([0.5, 0.5])) == np.log(2)
    np.testing.assert_array_equal(xp.numpy(cecli.entropy(ones, normalize=True)), 0.0)


@pytest.mark.parametrize("byte_order", [">f8", ">f4", ">f2", ">i4"])
def test_byte_order_changes_no_bit(byte_order: str) -> None:
    """A big-endian array gives what its native twin gives."""
    foreign = np.asarray([[3, -40, 0], [7, 1, -300]], dtype=byte_order)
    native = foreign.astype(foreign.dtype.newbyteorder("="))
    for temperature in (1.0, 0.7):
        np.testing.assert_array_equal(
            cecli.softmax(foreign, temperature=temperature), cecli.softmax(native, temperature=temperature)
        )
    assert cecli.cross_entropy([0, 1], foreign, logits=True) == cecli.cross_entropy([0, 1], native, logits=True)


def test_float16_is_computed_in_float32() -> None:
    """The loss of a float16 array is that of its values in float32."""
    half = np.asarray(LOGITS, dtype=np.float16)

    assert cecli.cross_entropy([0, 2], half, logits=True) == cecli.cross_entropy(
        [0, 2], half.astype(np.float32), logits=True
    )
    np.testing.assert_array_equal(cecli.softmax(half), cecli.softmax(half.astype(np.float32)).astype(np.float16))


def test_float16_results_beyond_its_range_are_infinite_without_a_warning() -> None:
    """log_softmax of float16 logits 120,000 apart does not fit float16: −inf, and no warning."""
    found = cecli.log_softmax(np.asarray([6e4, -6e4], dtype=np.float16))

    assert found.tolist() == [0.0, -np.inf]


def test_many_float32_losses_are_summed_in_float64() -> None:
    """A million float32 losses add up without float32's drift."""
    logits = np.tile(np.asarray([0.1, 0.0], dtype=np.float32), (1_000_000, 1))
    one = cecli.cross_entropy([0], logits[:1], logits=True)

    assert cecli.cross_entropy(np.zeros(1_000_000, int), logits, logits=True, reduction="sum") == pytest.approx(
        one * 1e6, rel=1e-14
    )


# --- shapes and layouts -------------------------------------------------------------------------------------------


def test_shapes() -> None:
    """A row gives a number, rows give one each; values per class have the shape of the input."""
    assert cecli.softmax(LOGITS).shape == (2, 3)
    assert cecli.softmax(LOGITS[0]).shape == (3,)
    assert cecli.softmax(LOGITS[:1]).shape == (1, 3)
    assert cecli.entropy(P).shape == (2,)
    assert cecli.entropy(P[0], reduction="none").shape == ()
    assert cecli.entropy(P[:1], reduction="none").shape == (1,)
    assert cecli.cross_entropy([0, 2], P, reduction="none").shape == (2,)
    assert cecli.cross_entropy(0, P[0], reduction="none").shape == ()
    assert cecli.binary_cross_entropy([1, 0], [0.3, 0.6], reduction="none").shape == (2,)
    assert cecli.binary_cross_entropy([[1, 0]], [[0.3, 0.6]], reduction="none").shape == (1, 2)
    assert cecli.binary_cross_entropy([[1], [0]], [[0.3], [0.6]], reduction="none").shape == (2, 1)
    assert cecli.binary_cross_entropy(1, 0.5, reduction="none").shape == ()
    assert cecli.gradient([1, 0, 0], P[0]).shape == (3,)
    assert cecli.gradient(0, P[0]).shape == (3,)
    assert cecli.gradient([0, 2], P).shape == (2, 3)
    assert cecli.gradient([1, 0], [0.3, 0.6], "bce").shape == (2,)
    assert cecli.gradient([[1, 0]], [[0.3, 0.6]], "bce").shape == (1, 2)


def test_a_single_label_may_come_in_any_dress() -> None:
    """0, 0.0, [0], a NumPy scalar and a 0-d array are the same label beside one row."""
    dresses = [0, 0.0, [0], np.int64(0), np.float64(0), np.asarray(0), np.asarray([0])]

    assert {cecli.cross_entropy(label, P[:1]) for label in dresses} == {cecli.cross_entropy([1, 0, 0], P[0])}


def test_a_vector_beside_one_row_is_a_distribution() -> None:
    """[0, 1] beside a row of two is the second class for certain, not two labels."""
    assert cecli.cross_entropy([0, 1], [0.25, 0.75]) == cecli.cross_entropy(1, [0.25, 0.75])
    assert cecli.cross_entropy([0, 1], [[0.25, 0.75]]) == cecli.cross_entropy(1, [0.25, 0.75])


@pytest.mark.parametrize(
    "layout", [np.asfortranarray, lambda a: a[::-1][::-1], lambda a: np.repeat(a, 2, axis=1)[:, ::2]]
)
def test_the_layout_in_memory_changes_nothing(layout: Any) -> None:
    """Column-major, reversed and strided arrays give the bits of a plain one."""
    rng = np.random.default_rng(1)
    logits, p = rng.normal(size=(7, 300)) * 5, rng.dirichlet([1.0] * 300, 7)
    labels = rng.integers(0, 300, 7)
    for ask in (
        lambda wrap: cecli.softmax(wrap(logits)),
        lambda wrap: cecli.entropy(wrap(p)),
        lambda wrap: cecli.entropy(wrap(logits), logits=True),
        lambda wrap: cecli.cross_entropy(wrap(p), wrap(logits), logits=True, reduction="none"),
        lambda wrap: cecli.cross_entropy(labels, wrap(logits), logits=True),
        lambda wrap: cecli.kl_divergence(wrap(p), wrap(p[::-1])),
        lambda wrap: cecli.js_divergence(wrap(p), wrap(p[::-1])),
        lambda wrap: cecli.gradient(labels, wrap(logits), logits=True),
    ):
        np.testing.assert_array_equal(ask(layout), ask(np.asarray))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_numpy_matrix_is_an_array() -> None:
    """numpy.matrix, whose * is another, gives what its array gives."""
    p, logits = np.matrix(P), np.matrix(LOGITS)

    np.testing.assert_array_equal(cecli.entropy(p), cecli.entropy(P))
    np.testing.assert_array_equal(cecli.softmax(logits), cecli.softmax(LOGITS))
    assert cecli.cross_entropy([0, 2], p) == cecli.cross_entropy([0, 2], P)


# --- weights at the ends of the range -----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e-160, 1e140, 5e149])
@pytest.mark.parametrize("option", ["sample_weights", "class_weights"])
def test_the_size_of_the_weights_cancels_in_a_mean(scale: float, option: str) -> None:
    """A weighted mean depends on the ratios of the weights, however small or large they are."""
    target, p = [0, 1, 1], [[0.5, 0.5], [0.01, 0.99], [0.99, 0.01]]
    ratios = [1.0, 2.0, 1.0][: 3 if option == "sample_weights" else 2]
    found = cecli.cross_entropy(target, p, **{option: [ratio * scale for ratio in ratios]})

    assert found == pytest.approx(
        cecli.cross_entropy(target, p, **{option: ratios}), rel=1e-3 if scale == 1e-320 else 1e-14
    )


@pytest.mark.parametrize("option", ["sample_weights", "class_weights"])
def test_weights_beyond_their_limit_are_refused(option: str) -> None:
    """Above 1e150 products overflow, and the size of a weight says nothing: the error says to divide them."""
    weights = [1.0, 1.1e150, 1.0][: 3 if option == "sample_weights" else 2]
    with pytest.raises(ValueError, match=r"1\.1e\+150 is above 1e\+150.*divide all weights"):
        cecli.cross_entropy([0, 1, 1], [[0.5, 0.5], [0.01, 0.99], [0.99, 0.01]], **{option: weights})


def test_the_mean_of_large_losses_is_finite() -> None:
    """The mean of three losses of 1e308 is 1e308, though their sum is beyond float64."""
    assert cecli.cross_entropy([1] * 3, [[1e308, 0.0]] * 3, logits=True) == pytest.approx(1e308)


def test_compare_of_large_losses_does_not_crash() -> None:
    """Twelve losses of 1.5e308 have statistics or none, but no error and no NaN."""
    found = cecli.compare([1] * 12, {"a": [[1.5e308, 0.0]] * 12, "b": [[0.0, 0.0]] * 12}, logits=True)

    assert found["best"]["cross_entropy"] == ["b"]
    for value in found["differences"][0].values():
        assert value is None or isinstance(value, str | dict) or value == value  # noqa: PLR0124  (NaN is not itself)


# --- importing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import cecli; dir(cecli); cecli.__version__", ("typer", "rich", "click", "numpy", "array_api_compat")),
        (
            "import cecli; cecli.cross_entropy([1, 0], [0.5, 0.5])",
            ("typer", "rich", "click", "array_api_compat", "scipy"),
        ),
        (
            "import cecli; cecli.compare([0] * 20, {'a': [[.5, .5]] * 20, 'b': [[.6, .4]] * 20})",
            ("typer", "rich", "click", "scipy"),
        ),
    ],
)
def test_importing_loads_no_terminal_package(code: str, absent: tuple[str, ...]) -> None:
    """`import cecli` loads not even NumPy; the functions load no typer and no rich."""
    script = textwrap.dedent(f"""
        import sys
        {code}
        print([name for name in {absent!r} if name in sys.modules])
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_public_names_are_there_and_documented() -> None:
    """Every public name can be had, and says what it is."""
    names = [name for name in cecli.__all__ if not name.startswith("__")]

    assert len(names) == 12
    for name in names:
        assert callable(getattr(cecli, name))
        assert ">>>" in getattr(cecli, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'crossentropy'"):
        cecli.crossentropy  # noqa: B018


def test_the_functions_may_run_on_many_threads_at_once() -> None:
    """Warnings stay off on every thread, and the answers do not mix."""
    found: list[float] = []

    def work(lead: float) -> None:
        found.extend(cecli.cross_entropy([0, 1], [[1e308, -1e308], [lead, 0.0]], logits=True) for _ in range(30))

    threads = [threading.Thread(target=work, args=(float(lead),)) for lead in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 120
    assert len(set(found)) == 4
