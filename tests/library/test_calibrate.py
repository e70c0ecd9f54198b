"""The temperature that minimises the cross-entropy: against mpmath, SciPy and closed forms, and where there is none."""

from __future__ import annotations

import json
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

import cecli
from cecli.quantities.calibration import find_temperature
from cecli.quantities.temperature_sums import Fit, Limits, fit_batch, limits_of
from cecli.reading.arrays import array_source
from cecli.running.batches import Batch
from cecli.running.execution import Execution
from cecli.running.options import Options
from tests.temperature_by_search import best_temperature, interval_by_delta


def by_mpmath(target: Any, logits: Any, weights: Any = None) -> Any:
    """T by a search between two bounds at 30 digits; nothing is shared with what is tested."""
    with mpmath.workdps(30):
        rows = [[mpmath.mpf(float(value)) for value in row] for row in logits]
        targets = [[mpmath.mpf(float(value)) for value in row] for row in target]
        own = [mpmath.mpf(float(weight)) for weight in (np.ones(len(rows)) if weights is None else weights)]

        def slope(beta: Any) -> Any:
            total = mpmath.mpf(0)
            for z, p, weight in zip(rows, targets, own, strict=True):
                exponentials = [mpmath.exp(beta * (value - max(z))) for value in z]
                predicted = sum(e * value for e, value in zip(exponentials, z, strict=True)) / sum(exponentials)
                total += weight * (sum(p) * predicted - sum(a * b for a, b in zip(p, z, strict=True)))
            return total

        low = high = mpmath.mpf(1)
        while slope(low) > 0:
            low /= 2
        while slope(high) < 0:
            high *= 2
        return 1 / mpmath.findroot(slope, (low, high), solver="anderson")


def one_hot(labels: Any, classes: int) -> Any:
    return np.eye(classes)[labels]


def drawn(seed: int, samples: int, classes: int, temperature: float) -> tuple[Any, Any]:
    """Logits, and labels drawn from softmax(logits / temperature)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(samples, classes)) * 3
    p = special.softmax(logits / temperature, axis=-1)
    return (p.cumsum(axis=-1) > rng.random((samples, 1))).argmax(axis=-1), logits


@pytest.mark.parametrize(("samples", "classes"), [(3, 2), (20, 3), (15, 12)])
@pytest.mark.parametrize("temperature", [0.6, 1, 4])
def test_all_digits(samples: int, classes: int, temperature: float) -> None:
    """To 1e-13 of the exact minimum, for labels, weights and soft targets."""
    labels, logits = drawn(samples + classes, samples, classes, temperature)
    labels[0] = np.argmin(logits[0])
    if samples == 3:
        logits, labels = np.array([[3.0, 0], [1, 0], [2, 0.5]]), np.array([0, 1, 0])
    weights = np.linspace(0.5, 3, samples)
    rows = one_hot(labels, classes)
    soft = 0.9 * rows + 0.1 / classes
    for target, given_, weight in ((labels, rows, None), (labels, rows, weights), (soft, soft, None)):
        expected = float(by_mpmath(given_, logits, weight))
        assert cecli.calibrate(target, logits, sample_weights=weight) == pytest.approx(expected, rel=1e-13)


def test_beside_scipy() -> None:
    """On a few thousand samples of a few blocks, as SciPy finds it."""
    labels, logits = drawn(7, 30_000, 10, 1.7)
    expected = best_temperature(labels, logits)
    assert cecli.calibrate(labels, logits) == pytest.approx(expected, rel=1e-11)
    assert cecli.calibrate(labels, logits) == cecli.calibrate(labels, logits, threads=3)


@pytest.mark.parametrize("scale", [1e-300, 1e-20, 1.0, 1e20, 1e299])
@pytest.mark.parametrize("p", [0.5000001, 0.75, 0.999999999])
def test_two_classes_have_a_closed_form(scale: float, p: float) -> None:
    """σ(d/T) = p at T = d/ln(p/(1−p)), whatever the scale of the logits."""
    expected = mpmath.mpf(2) / mpmath.log(mpmath.mpf(p) / mpmath.mpf(1 - p))
    found = cecli.calibrate([p, 1 - p], [2 * scale, 0])
    assert abs(found / (expected * scale) - 1) < 1e-13 + 1e-15 / (
        p - 0.5
    )  # near 1/2 the input itself has no more digits


def test_the_scale_of_the_logits_is_that_of_the_temperature() -> None:
    """calibrate(y, c·z) = c·calibrate(y, z), to the last bits for powers of two."""
    labels, logits = drawn(1, 200, 4, 2)
    one = cecli.calibrate(labels, logits)
    for scale in (2.0**-900, 0.5, 8, 2.0**1000):
        assert cecli.calibrate(labels, logits * scale) == pytest.approx(one * scale, rel=1e-14)


def test_what_is_calibrated_needs_nothing_more() -> None:
    """After dividing by T the best temperature is 1, and the loss is no larger than before."""
    labels, logits = drawn(3, 500, 6, 2.5)
    best = cecli.calibrate(labels, logits)
    assert cecli.calibrate(labels, logits / best) == pytest.approx(1, rel=1e-13)
    loss = lambda t: cecli.cross_entropy(labels, logits / t, logits=True)  # noqa: E731
    assert loss(best) < min(loss(1), loss(best * 1.001), loss(best / 1.001))


@given(st.data())
def test_the_loss_is_nowhere_smaller(data: Any) -> None:
    """Of any small input: the temperature found is the least of its neighbours', or there is an error."""
    n, classes = data.draw(st.integers(1, 6)), data.draw(st.integers(2, 4))
    number = st.one_of(st.integers(-5, 5).map(float), st.floats(-30, 30, allow_subnormal=False), st.just(-math.inf))
    row = st.lists(number, min_size=classes, max_size=classes).filter(lambda z: max(z) > -math.inf)
    logits = np.array(data.draw(st.lists(row, min_size=n, max_size=n)))
    labels = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n)))
    try:
        best = cecli.calibrate(labels, logits)
    except ValueError:
        return
    assume(1e-3 < best < 1e3)
    here = cecli.cross_entropy(labels, logits / best, logits=True)
    for factor in (0.5, 0.9, 1.1, 2):
        assert here <= cecli.cross_entropy(labels, logits / (best * factor), logits=True) * (1 + 1e-12)


NONE = {
    "every answer right": ([0, 1], [[2.0, 0], [1, 3]], "as T goes to 0"),
    "right or tied": ([0, 1], [[2.0, 2], [1, 3]], "as T goes to 0"),
    "one sample": (0, [2.0, 1], "as T goes to 0"),
    "worse than chance": ([1, 0, 0], [[2.0, 0], [1, 3], [1, 0]], "as T goes to infinity"),
    "as good as chance": ([0, 1], [[0.1, 0], [0.1, 0]], "as T goes to infinity"),
    "as good as chance, in thirds": ([0, 1, 2], [[0.3, 0.2, 0.1]] * 3, "as T goes to infinity"),
    "constant rows": ([0, 1], [[2.0, 2], [3, 3]], "all temperatures are equally good"),
    "constant but for a mask": ([0, 1], [[2.0, 2, -math.inf], [3, 3, -math.inf]], "all temperatures are equally good"),
    "certain": ([0], [[math.inf, 2]], "all temperatures are equally good"),
    "a single class": ([0, 0], [[2.0], [3]], "all temperatures are equally good"),
    "a masked target": ([0, 1], [[2.0, 0], [3, -math.inf]], "sample 2 of the logits gives probability 0 to class 1"),
    "certain and wrong": ([0, 1], [[2.0, 0], [math.inf, 3]], "sample 2 of the logits"),
}


@pytest.mark.parametrize("name", NONE)
def test_where_there_is_none(name: str) -> None:
    """An error says which way the loss falls; never a number."""
    target, logits, message = NONE[name]
    with pytest.raises(ValueError, match=message):
        cecli.calibrate(target, logits)


def test_samples_that_do_not_count_decide_nothing() -> None:
    """Neither of weight 0 nor left out."""
    logits = [[2.0, 0], [1, 0], [1, 0], [-math.inf, 0]]
    expected = cecli.calibrate([0, 0, 1], logits[:3])
    assert cecli.calibrate([0, 0, 1, 0], logits, sample_weights=[1, 1, 1, 0]) == expected
    assert cecli.calibrate([0, 0, 1, 7], logits, ignore_index=7) == expected
    with pytest.raises(ValueError, match="no sample is left"):
        cecli.calibrate([7, 7], logits[:2], ignore_index=7)
    with pytest.raises(ValueError, match="no sample with a weight above 0"):
        cecli.calibrate([7, 0], logits[:2], ignore_index=7, sample_weights=[1, 0])


def test_counts_as_targets() -> None:
    """`normalize` rescales the targets, and never the logits."""
    logits = [[2.0, 0], [1, 3]]
    assert cecli.calibrate([[3, 1], [1, 4]], logits, normalize=True) == cecli.calibrate(
        [[0.75, 0.25], [0.2, 0.8]], logits
    )


def test_float32_logits_are_computed_in_float64() -> None:
    """So that T has all its digits; so do soft float64 targets beside them."""
    labels, logits = drawn(5, 400, 5, 2)
    narrow = logits.astype(np.float32)
    assert cecli.calibrate(labels, narrow) == cecli.calibrate(labels, narrow.astype(np.float64))
    soft = special.softmax(logits / 3, axis=-1)
    assert cecli.calibrate(soft, narrow) == cecli.calibrate(soft, narrow.astype(np.float64))


def test_any_cut_into_blocks_gives_the_same() -> None:
    """Totals merge: in pieces and in any order."""
    labels, logits = drawn(9, 60, 4, 2)
    pieces = [Batch(logits[a:b], None, labels=labels[a:b], first=a) for a, b in ((0, 7), (7, 8), (8, 41), (41, 60))]
    whole = Batch(logits, None, labels=labels)
    found = [fit_batch(piece, 1.3) for piece in pieces]
    expected = fit_batch(whole, 1.3)
    for order in (found, found[::-1]):
        total = sum(order[1:], order[0])
        for a, b in zip(total, expected, strict=True):
            assert a.value == pytest.approx(b.value, rel=1e-15, abs=1e-15)
    ends = [limits_of(piece, 8.0) for piece in pieces]
    total, expected_ends = sum(ends, Limits()), limits_of(whole, 8.0)
    assert [*total][2:] == [*expected_ends][2:]
    assert total.slope.value == pytest.approx(expected_ends.slope.value, rel=1e-14)
    assert Fit() + expected == expected


def test_more_than_fits_in_memory_is_refused(cecli: Any, at_most: Any) -> None:
    """With what to do about it; the library has the array in memory anyway."""
    at_most("bytes that calibrate keeps", 40)
    result = cecli("calibrate", "0,0,1", "2,0;1,0;1,0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "keeps all logits in memory" in result.stderr
    assert "a sample of the rows" in result.stderr


def test_the_same_on_the_terminal(cecli: Any) -> None:
    """T alone, and `softmax -t` takes it; before and after are what `xent` says."""
    words = ["0,0,1", "2,0;1,0;1,0"]
    found = json.loads(cecli("calibrate", *words, "-b", "2", "-f", "json").stdout)
    plain = cecli("calibrate", *words).stdout
    assert float(plain) == found["value"]
    before = json.loads(cecli("xent", *words, "-l", "-b", "2", "-f", "json").stdout)
    assert found["before"]["unit"] == found["after"]["unit"] == before["unit"] == "bits"
    assert found["before"]["cross_entropy"] == pytest.approx(before["value"], rel=1e-15)
    assert found["before"]["perplexity"] == pytest.approx(before["perplexity"], rel=1e-15)
    tempered = cecli("softmax", words[1], "-t", plain.strip()).stdout.strip().replace("\n", ";")
    after = json.loads(cecli("xent", words[0], tempered, "-b", "2", "-f", "json").stdout)
    assert found["after"]["cross_entropy"] == pytest.approx(after["value"], rel=1e-14)
    assert found["after"]["perplexity"] == pytest.approx(after["perplexity"], rel=1e-14)


def test_no_temperature_is_an_error_of_the_terminal(cecli: Any) -> None:
    """Exit 2, nothing on stdout, and what to do."""
    result = cecli("calibrate", "0,1", "2,0;1,3")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: no temperature is best: every target is the largest logit")
    assert "hint: " in result.stderr


@pytest.mark.parametrize(("claim", "code"), [("1.322", 0), ("1.3", 0), ("0.76", 1)])
def test_a_claim(cecli: Any, claim: str, code: int) -> None:
    """Judged; no mistake is looked for."""
    result = cecli("calibrate", "0,0,1", "2,0;1,0;1,0", "--expect", claim, "-f", "json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["holds"]) == (code, code == 0)
    assert "mistakes" not in result.stderr


def test_logits_that_look_like_probabilities_are_told(cecli: Any) -> None:
    """As with `--logits` elsewhere."""
    result = cecli("calibrate", "0,0,1", "0.9,0.1;0.6,0.4;0.7,0.3")
    assert result.exit_code == 0
    assert "these look like probabilities already" in result.stderr


def test_names_and_columns_of_files(cecli: Any, tmp_path: Any) -> None:
    """Labels by name, joined by `--id`."""
    (tmp_path / "y.csv").write_text("id,label\nc,dog\na,cat\nb,cat\n")
    (tmp_path / "z.csv").write_text("id,cat,dog\na,2,0\nb,1,0\nc,1,0\n")
    result = cecli("calibrate", str(tmp_path / "y.csv"), str(tmp_path / "z.csv"), "--id", "id")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == cecli("calibrate", "0,0,1", "2,0;1,0;1,0").stdout


# --- the interval -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.5])
def test_the_interval(temperature, weighted):
    """By its definition."""
    labels, logits = drawn(11, 60, 4, temperature)
    weights = np.random.default_rng(1).gamma(2.0, size=60) if weighted else None
    options = Options(sample_weights=None if weights is None else array_source(weights, "w"))
    found = find_temperature(array_source(labels, "y"), array_source(logits, "z"), options, Execution())
    expected = interval_by_delta(one_hot(labels, 4), logits, found.temperature, weights)

    assert found.interval == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("temperature", "samples", "says"), [
    (1.0, 200, "T = 1 lies within the interval"),
    (3.0, 200, "The model is too sure of itself"),
    (0.4, 200, "The model is not sure enough"),
    (3.0, 9, "too few samples to tell"),
])  # fmt: skip
def test_only_an_interval_without_1_says_what_the_model_is(cecli, temperature, samples, says):
    """Too sure or not sure enough: only where chance does not explain it."""
    labels, logits = drawn(5, samples, 3, temperature)
    if samples < 10:
        labels[:2] = logits[:2].argmin(axis=1)
    rows = ";".join(",".join(map(repr, row)) for row in logits.tolist())
    out = cecli("calibrate", ",".join(map(str, labels)), rows, "-f", "table", COLUMNS="200").stdout

    assert says in out


def test_the_interval_covers_the_temperature():
    """Of 400 sets of 60 samples drawn at T = 1.5, at least 93 in 100 have it in the interval, and 1 is outside of many."""
    covered = outside = 0
    for seed in range(400):
        labels, logits = drawn(seed, 60, 3, 1.5)
        found = find_temperature(array_source(labels, "y"), array_source(logits, "z"), Options(), Execution())
        low, high = found.interval
        covered += low <= 1.5 <= high
        outside += low > 1
    assert 0.93 <= covered / 400 <= 0.99
    assert outside > 100


@pytest.mark.parametrize("normalize", [False, True])
def test_probabilities_are_softmax_of_their_logarithms(normalize):
    """`probabilities=True` finds the temperature of ln p; those of a model are softmax of its logits, up to a constant of each row."""
    labels, logits = drawn(5, 200, 4, 1.7)
    given = special.softmax(logits, axis=-1) * (7 if normalize else 1)
    found = cecli.calibrate(labels, given, probabilities=True, normalize=normalize)
    assert found == pytest.approx(cecli.calibrate(labels, logits), rel=1e-9)
    assert found == pytest.approx(float(by_mpmath(one_hot(labels, 4), np.log(given))), rel=1e-9)


def test_a_probability_of_0_is_a_masked_class():
    """Its logarithm is −inf: the class is out, whatever the temperature."""
    assert cecli.calibrate(
        [0, 1, 1], [[0.5, 0.3, 0.2], [0.6, 0.4, 0], [0.3, 0.7, 0]], probabilities=True
    ) == pytest.approx(
        cecli.calibrate([0, 1, 1], np.log([[0.5, 0.3, 0.2], [0.6, 0.4, 1e-320], [0.3, 0.7, 1e-320]])), rel=1e-6
    )


def test_what_is_not_a_probability():
    """The hint says how raw scores are given."""
    with pytest.raises(ValueError, match=r"sums to 1.2, not 1; without --probabilities these are raw scores"):
        cecli.calibrate([0, 1], [[0.9, 0.3], [0.4, 0.6]], probabilities=True)
