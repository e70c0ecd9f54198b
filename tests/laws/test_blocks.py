"""However the work is cut, ordered or shared among threads, the answer is the same."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cecli
from cecli.reading.arrays import array_source
from cecli.running.batches import Batch, Step
from cecli.running.driver import run
from cecli.running.execution import Execution
from cecli.running.options import Options
from cecli.running.walk import walk
from cecli.statistics.sums import GroupSums, Sum, Totals

NUMBERS = st.floats(-1e200, 1e200, allow_subnormal=False)
LOSSES = st.floats(0, 1e6)


@given(st.lists(NUMBERS, min_size=1, max_size=60), st.data())
def test_any_split_gives_the_same_sum(values: list[float], data: Any) -> None:
    """Sums of pieces, merged in any order, are the sum of the whole, and that is the exact one rounded."""
    exact = sum(map(Fraction, values))
    most = max(map(abs, values))
    edges = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=6)))
    bounds = zip([0, *edges], [*edges, len(values)], strict=True)
    pieces = [Sum.of(np.asarray(values[a:b], dtype=float)) for a, b in bounds]
    order = data.draw(st.permutations(pieces))

    for total in (Sum.of(np.asarray(values)), reduce(add, order, Sum())):
        assert abs(Fraction(total.value) - exact) <= Fraction(math.ulp(float(exact)) / 2) + Fraction(1e-29 * most)


@given(st.lists(st.tuples(st.integers(0, 3), LOSSES), min_size=1, max_size=60), st.data())
def test_any_split_gives_the_same_sums_by_group(pairs: list[tuple[int, float]], data: Any) -> None:
    """Of every group the exact sum, rounded, in one piece or in many."""
    edges = sorted(data.draw(st.lists(st.integers(0, len(pairs)), max_size=6)))
    bounds = list(zip([0, *edges], [*edges, len(pairs)], strict=True))

    def sums(some: list[tuple[int, float]]) -> GroupSums:
        groups = np.asarray([group for group, _ in some], dtype=int)
        return GroupSums.of(groups, [np.asarray([value for _, value in some], dtype=float)], 4)

    pieces = data.draw(st.permutations([sums(pairs[a:b]) for a, b in bounds]))
    for found in (sums(pairs), reduce(add, pieces)):
        for group, total in enumerate(found.values[0].tolist()):
            exact = sum(Fraction(value) for at, value in pairs if at == group)
            assert abs(Fraction(total) - exact) <= Fraction(math.ulp(float(exact))) * Fraction(1 + 2**-20) / 2


@given(st.lists(LOSSES, min_size=1, max_size=60), st.data())
def test_losses_add_up_to_the_same_bits(values: list[float], data: Any) -> None:
    """Losses are never negative, so that nothing cancels: every cut and order gives the same bits."""
    pieces = [Totals.of(np.asarray([value]), np.asarray([1.0])) for value in data.draw(st.permutations(values))]
    while len(pieces) > 1:
        at = data.draw(st.integers(0, len(pieces) - 2))
        pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
    whole = Totals.of(np.asarray(values), np.ones(len(values)))

    assert pieces[0].reduced("sum") == whole.reduced("sum")
    assert (
        abs(Fraction(whole.reduced("sum")) - sum(map(Fraction, values)))
        <= Fraction(math.ulp(math.fsum(values))) * Fraction(1 + 2**-40) / 2
    )
    assert pieces[0].reduced("mean") == whole.reduced("mean")


@given(st.lists(st.one_of(LOSSES, st.just(math.inf)), min_size=1, max_size=20))
def test_an_infinite_loss_stays_infinite(values: list[float]) -> None:
    """inf anywhere makes the sum inf, never NaN, in one piece or in many."""
    expected = sum(values)
    pieces = reduce(add, [Sum.of(np.asarray([value])) for value in values], Sum())

    assert math.isinf(pieces.value) == math.isinf(expected)
    assert math.isinf(Sum.of(np.asarray(values)).value) == math.isinf(expected)


def stepped(samples: int, classes: int, labels: np.ndarray, weights: np.ndarray) -> list[Batch]:
    """The blocks that the analyses see of logits 0, 1, 2, … with their labels (of which class 1 is left out) and weights."""
    prediction = np.arange(samples * classes, dtype=float).reshape(samples, classes)
    options = Options(logits=True, ignore_index=1, sample_weights=array_source(weights, "w"))
    target = array_source(labels, "t")
    return [step.batches[0] for step in walk([array_source(prediction, "p")], options, Execution(), target)]


@given(samples=st.integers(1, 40), classes=st.integers(2, 7), values=st.integers(1, 50))
def test_no_row_is_lost_and_all_keep_their_numbers(
    inside_meanwhile: Any, samples: int, classes: int, values: int
) -> None:
    """The pieces are the rows in order, each piece knows its first, and none is larger than asked."""
    labels, weights = np.arange(samples) % classes, np.arange(samples) / 2 + 1
    with inside_meanwhile("numbers in a block", values):
        pieces = stepped(samples, classes, labels, weights)

    prediction = np.arange(samples * classes, dtype=float).reshape(samples, classes)
    expected = {
        "prediction": prediction,
        "labels": np.where(labels == 1, 0, labels),
        "weights": weights,
        "mask": labels != 1,
    }
    for name, whole in expected.items():
        np.testing.assert_array_equal(np.concatenate([getattr(piece, name) for piece in pieces]), whole)
    assert [piece.first for piece in pieces] == list(np.cumsum([0] + [piece.samples for piece in pieces[:-1]]))
    assert all(piece.samples <= 2 or piece.prediction.size <= values for piece in pieces)
    assert len(pieces) >= samples * classes / max(values, 2 * classes)
    assert all(piece.target is None for piece in pieces)


def one_row(first: int) -> Step:
    """A step of one sample."""
    return Step([Batch(np.zeros((1, 2)), None, first=first)])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_run_hands_back_results_in_order(threads: int) -> None:
    """Whichever thread is done first, the first block's result comes first."""
    pieces = [one_row(i) for i in range(100)]

    assert list(run(lambda step: step.first, pieces, Execution(threads))) == list(range(100))


def test_run_raises_what_the_work_raises() -> None:
    """An error on a thread is an error of the call."""

    def fails(step: Step) -> None:
        raise ArithmeticError(step.first)

    with pytest.raises(ArithmeticError, match=r"^0$"):
        list(run(fails, [one_row(i) for i in range(4)], Execution(3)))


def test_run_hands_back_what_came_before_an_error() -> None:
    """In order: two results, then the error of the third block, whoever worked on it."""

    def fails_at_two(number: int) -> int:
        if number == 2:
            raise ArithmeticError(number)
        return number

    for threads in (1, 2, 3):
        found = run(fails_at_two, range(50), Execution(threads))
        assert [next(found), next(found)] == [0, 1]
        with pytest.raises(ArithmeticError, match=r"^2$"):
            next(found)


def test_run_keeps_few_blocks_at_a_time() -> None:
    """While one thread is held up the others do not read on for ever, and what they did is not done twice."""
    read, done, held = list[int](), list[int](), threading.Event()

    def blocks() -> Iterator[int]:
        for number in range(200):
            read.append(number)
            yield number

    def work(number: int) -> int:
        if number == 0:
            assert held.wait(30)
        done.append(number)
        return number

    found = run(work, blocks(), Execution(2))
    threading.Timer(0.2, held.set).start()
    assert next(found) == 0
    assert len(read) < 20
    assert list(found) == list(range(1, 200))
    assert sorted(done) == list(range(200))


def every_reduction(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray, threads: int) -> list[Any]:
    """A number of every command, and the samples' own."""
    p = cecli.softmax(logits)
    q = cecli.softmax(logits[:, ::-1])
    common = {"threads": threads, "sample_weights": weights}
    return [
        cecli.cross_entropy(labels, logits, logits=True, **common),
        cecli.cross_entropy(labels, logits, logits=True, reduction="sum", label_smoothing=0.1, **common),
        cecli.cross_entropy(q, p, class_weights=np.arange(1.0, 1 + p.shape[1]), **common),
        cecli.entropy(p, reduction="sum", **common),
        cecli.kl_divergence(p, q, reduction="mean", **common),
        cecli.js_divergence(p, q, reduction="mean", **common),
        cecli.binary_cross_entropy(p, q, **common),
        [
            {
                name: value for name, value in model.items() if name != "intervals"
            }  # moments round: these agree to 12 digits
            for model in cecli.compare(labels, {"a": p, "b": q}, threads=threads)["models"]
        ],
        cecli.cross_entropy(labels, logits, logits=True, reduction="none", **common).tolist(),
        cecli.cross_entropy(labels, logits, logits=True, reduction="none", label_smoothing=0.1, **common).tolist(),
        cecli.cross_entropy(q, logits, logits=True, reduction="none", **common).tolist(),
        cecli.cross_entropy(q, p, reduction="none", **common).tolist(),
        cecli.entropy(p, reduction="none", **common).tolist(),
        cecli.binary_cross_entropy(p, q, reduction="none", **common).tolist(),
        cecli.binary_cross_entropy(np.rint(p), logits, logits=True, reduction="none", **common).tolist(),
        *(part(logits, threads=threads).tolist() for part in (cecli.softmax, cecli.log_softmax)),
        cecli.gradient(labels, logits, logits=True, threads=threads).tolist(),
    ]


@pytest.fixture(params=["small", "large"])
def in_blocks_of(
    request: pytest.FixtureRequest, block_values: Callable[[int], None], every_array_is_large: Callable[[], None]
) -> Callable[[int], None]:
    """Sets how many numbers a block has; everything goes the way of small arrays, or that of large ones."""
    if request.param == "large":
        every_array_is_large()
    return block_values


@pytest.fixture(params=[5, 80])
def samples(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Many samples with their labels and weights: of few classes and of many, some so far apart that e^z overflows."""
    rng, classes = np.random.default_rng(1), request.param
    logits = rng.normal(size=(157, classes)) * 8
    logits[::50] *= 100
    return logits, rng.integers(0, classes, 157), rng.uniform(0, 3, 157)


@pytest.mark.parametrize("values", [1, 499])
def test_small_blocks_give_the_same_bits(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray], values: int, in_blocks_of: Callable[[int], None]
) -> None:
    """Every command in blocks of one row or of many: the same bits as in one."""
    whole = every_reduction(*samples, threads=1)
    in_blocks_of(values)

    assert len(stepped(157, samples[0].shape[1], *samples[1:])) > 1
    assert every_reduction(*samples, threads=1) == whole


def test_threads_give_the_same_bits(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray], in_blocks_of: Callable[[int], None]
) -> None:
    """Three threads on many blocks: the same bits as one."""
    in_blocks_of(320)

    assert every_reduction(*samples, threads=3) == every_reduction(*samples, threads=1)


def test_threads_on_blocks_of_the_usual_size() -> None:
    """Several blocks without any patch: the same bits on one thread and on three, and for the rows in another order."""
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(size=(100_000, 10)), rng.integers(0, 10, 100_000)
    order = rng.permutation(len(labels))
    one, three = (cecli.cross_entropy(labels, logits, logits=True, threads=threads) for threads in (1, 3))

    assert one == three == cecli.cross_entropy(labels[order], logits[order], logits=True)


def test_an_infinite_loss_in_a_later_block_is_named_by_its_sample(block_values: Callable[[int], None]) -> None:
    """Samples are counted in the whole input, whatever block they are in."""
    from cecli.quantities import cross_entropy

    block_values(4)
    p = np.full((11, 2), 0.5)
    p[7] = [1.0, 0.0]
    (evaluation,) = cross_entropy.evaluate(array_source([1] * 11, "t"), array_source(p, "p"), Options(), Execution())

    assert evaluation.infinite == (("sample 8 of p", 1),)
