"""Bad input is a ValueError that says what is wrong, where, and what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cecli

NAN, INF = math.nan, math.inf
GOOD = [[0.5, 0.5], [0.25, 0.75]]

ERRORS: dict[str, tuple[Callable[[], Any], str]] = {
    # values
    "NaN in a prediction": (
        lambda: cecli.cross_entropy([0, 1], [[0.5, 0.5], [NAN, 0.5]]),
        r"sample 2 of the prediction: nan is not a number",
    ),
    "NaN in a target": (
        lambda: cecli.cross_entropy([[NAN, 1]] * 2, GOOD),
        r"sample 1 of the target: nan is not a number",
    ),
    "NaN in logits": (lambda: cecli.softmax([1, NAN]), r"the logits: nan is not a number"),
    "NaN label": (lambda: cecli.cross_entropy([0, NAN], GOOD), r"sample 2 of the target: nan is not a number"),
    "NaN in binary logits": (
        lambda: cecli.binary_cross_entropy([1, 0], [0, NAN], logits=True),
        r"sample 2 of the prediction: nan",
    ),
    "NaN counts": (lambda: cecli.entropy([NAN, 1], normalize=True), r"nan is not a number"),
    "negative": (lambda: cecli.entropy([-0.5, 1.5]), r"p: -0\.5 is negative, so it is not a probability.*--logits"),
    "negative in a row": (
        lambda: cecli.kl_divergence(GOOD, [[0.5, 0.5], [1.1, -0.1]]),
        r"sample 2 of q: -0\.1 is negative",
    ),
    "above 1": (lambda: cecli.entropy([1.5, 0.0]), r"p: 1\.5 is above 1, so it is not a probability.*--logits"),
    "infinite probability": (lambda: cecli.entropy([INF, 0.0]), r"p: inf is above 1"),
    "binary above 1": (
        lambda: cecli.binary_cross_entropy([1, 0], [0.5, 3.0]),
        r"sample 2 of the prediction: 3 is above 1",
    ),
    "binary negative": (
        lambda: cecli.binary_cross_entropy([1, 0], [-0.1, 0.5]),
        r"sample 1 of the prediction: -0\.1 is negative",
    ),
    "binary target of 5": (
        lambda: cecli.binary_cross_entropy([5, 0], [0.1, 0.5]),
        r"sample 1 of the target: 5 is above 1.*belong to xent",
    ),
    "sum below 1": (
        lambda: cecli.cross_entropy([0, 0], [[0.5, 0.5], [0.5, 0.3]]),
        r"sample 2 of the prediction sums to 0\.8, not 1.*--normalize",
    ),
    "sum above 1": (lambda: cecli.entropy([0.5, 0.3, 0.3]), r"p sums to 1\.1, not 1"),
    "sum of a target": (lambda: cecli.cross_entropy([[0.5, 0.4]] * 2, GOOD), r"sample 1 of the target sums to 0\.9"),
    "sum just off": (lambda: cecli.entropy([0.5, 0.50002]), r"sums to 1\.00002"),
    "negative counts": (lambda: cecli.entropy([2, -1], normalize=True), r"-1 is negative"),
    "infinite counts": (lambda: cecli.entropy([INF, 1], normalize=True), r"inf is infinite"),
    "no counts": (lambda: cecli.entropy([[1, 2], [0, 0]], normalize=True), r"sample 2 of p is 0 everywhere"),
    # logits
    "two +inf": (
        lambda: cecli.softmax([[0, 1, 2], [INF, INF, 0]]),
        r"sample 2 of the logits.*only one class can be certain",
    ),
    "nothing but -inf": (lambda: cecli.log_softmax([-INF, -INF]), r"the logits.*-inf.*every class is masked"),
    "nothing but -inf, as a prediction": (
        lambda: cecli.gradient([0], [[-INF, -INF]], logits=True),
        r"the prediction.*-inf.*every class is masked",
    ),
    # labels
    "label too large": (
        lambda: cecli.cross_entropy([0, 2], GOOD),
        r"sample 2 of the target: 2 is no label of 2 classes, which are 0…1",
    ),
    "label negative": (
        lambda: cecli.cross_entropy([0, -1], GOOD),
        r"sample 2 of the target: -1 is no label.*--ignore-index -1",
    ),
    "label below the ignored": (lambda: cecli.cross_entropy([-100, -1], GOOD, ignore_index=-100), r"-1 is no label"),
    "labels from 1": (
        lambda: cecli.cross_entropy([1, 2], GOOD),
        r"labels count from 0 here: 2 classes are 0…1; if yours count from 1, subtract 1",
    ),
    "label 2.5": (lambda: cecli.cross_entropy([0, 2.5], GOOD), r"sample 2 of the target: 2\.5 is not a label"),
    "label inf": (lambda: cecli.cross_entropy([0, INF], GOOD), r"inf is not a label"),
    "label 1e300": (lambda: cecli.cross_entropy([0, 1e300], GOOD), r"1e\+300 is no label"),
    "all ignored": (
        lambda: cecli.cross_entropy([9, 9], GOOD, ignore_index=9),
        r"no sample is left after --ignore-index",
    ),
    "all ignored, sum": (
        lambda: cecli.cross_entropy([9, 9], GOOD, ignore_index=9, reduction="sum"),
        r"no sample is left",
    ),
    "all ignored, gradient": (lambda: cecli.gradient([9, 9], GOOD, ignore_index=9), r"no sample is left"),
    "all ignored, binary": (
        lambda: cecli.binary_cross_entropy([9, 9], [0.5, 0.5], ignore_index=9),
        r"no sample is left",
    ),
    "all ignored, error rate": (lambda: cecli.error_rate([9, 9], GOOD, ignore_index=9), r"no sample is left"),
    "ignoring rows": (
        lambda: cecli.cross_entropy(GOOD, GOOD, ignore_index=0),
        r"--ignore-index leaves out labels, and the target is distributions",
    ),
    # shapes
    "ragged": (lambda: cecli.entropy([[0.5, 0.5], [1.0]]), r"p is ragged: its rows differ in length"),
    "ragged target": (lambda: cecli.cross_entropy([[1, 0], [1]], GOOD), r"the target is ragged"),
    "three dimensions": (lambda: cecli.softmax(np.zeros((2, 2, 2))), r"the logits has 3 dimensions; at most two"),
    "empty": (lambda: cecli.entropy([]), r"p is empty"),
    "no rows": (lambda: cecli.entropy(np.zeros((0, 3))), r"p is empty"),
    "lengths": (lambda: cecli.cross_entropy([0, 1, 1], GOOD), r"the target has 3 samples and the prediction has 2"),
    "rows": (lambda: cecli.cross_entropy([[1, 0]] * 3, GOOD), r"the target has 3 samples and the prediction has 2"),
    "widths": (
        lambda: cecli.cross_entropy([[1, 0, 0]] * 2, GOOD),
        r"the target has 3 values and the prediction has 2 classes",
    ),
    "widths of a divergence": (
        lambda: cecli.kl_divergence([0.5, 0.5], [0.25, 0.25, 0.5]),
        r"p has 2 values and q has 3 classes",
    ),
    "binary lengths": (
        lambda: cecli.binary_cross_entropy([0, 1, 1], [0.5, 0.5]),
        r"the target has 3 samples and the prediction has 2",
    ),
    "binary widths": (lambda: cecli.binary_cross_entropy([[0, 1, 1]], [[0.5, 0.5]]), r"the target has 3 values"),
    "models of different length": (
        lambda: cecli.compare([0, 1], {"a": GOOD, "b": GOOD[:1]}),
        r"b has 1 sample and a has 2",
    ),
    "models of different width": (
        lambda: cecli.compare([0, 1], {"a": GOOD, "b": [[1, 0, 0]] * 2}),
        r"b has 3 values and a has 2 classes",
    ),
    "no models": (lambda: cecli.compare([0, 1], {}), r"at least one prediction"),
    # types
    "text": (lambda: cecli.entropy(["a", "b"]), r"p holds <U1 values; numbers are meant"),
    "None": (lambda: cecli.entropy([0.5, None]), r"p holds object values; numbers are meant"),
    "complex": (lambda: cecli.softmax(np.asarray([1j, 0])), r"complex|numbers are meant"),
    # weights
    "negative weight": (
        lambda: cecli.cross_entropy([0, 1], GOOD, sample_weights=[1, -1]),
        r"the sample weights: -1 is negative",
    ),
    "NaN weight": (
        lambda: cecli.cross_entropy([0, 1], GOOD, sample_weights=[1, NAN]),
        r"the sample weights: nan is not a number",
    ),
    "infinite weight": (
        lambda: cecli.cross_entropy([0, 1], GOOD, sample_weights=[1, INF]),
        r"the sample weights: inf is infinite",
    ),
    "weights all 0": (
        lambda: cecli.cross_entropy([0, 1], GOOD, sample_weights=[0, 0]),
        r"the sample weights are all 0, so no sample counts",
    ),
    "weights all 0, sum": (lambda: cecli.entropy(GOOD, reduction="sum", sample_weights=[0, 0]), r"are all 0"),
    "weights all 0, gradient": (lambda: cecli.gradient([0, 1], GOOD, sample_weights=[0, 0]), r"are all 0"),
    "too few weights": (lambda: cecli.cross_entropy([0, 1], GOOD, sample_weights=[1]), r"1 weights? for 2 samples"),
    "too many class weights": (
        lambda: cecli.cross_entropy([0, 1], GOOD, class_weights=[1, 2, 3]),
        r"the class weights: 3 weights for 2 classes",
    ),
    "negative class weight": (
        lambda: cecli.cross_entropy([0, 1], GOOD, class_weights=[1, -2]),
        r"the class weights: -2 is negative",
    ),
    "class weights of the targets all 0": (
        lambda: cecli.cross_entropy([0, 0], GOOD, class_weights=[0, 1]),
        r"class weights of all targets are 0",
    ),
    "only the ignored weigh": (
        lambda: cecli.cross_entropy([9, 1], GOOD, ignore_index=9, sample_weights=[1, 0]),
        r"no sample with a weight above 0 is left",
    ),
    "a matrix of weights": (
        lambda: cecli.cross_entropy([0, 1], GOOD, sample_weights=GOOD),
        r"the sample weights has 2 dimensions",
    ),
    "class weights for MSE": (
        lambda: cecli.gradient([0], GOOD[:1], "mse", class_weights=[1, 2]),
        r"--class-weights belongs to xent",
    ),
    # options
    "temperature 0": (lambda: cecli.softmax([1, 2], temperature=0), r"--temperature: 0(\.0)? is not above 0"),
    "temperature negative": (lambda: cecli.softmax([1, 2], temperature=-1), r"--temperature"),
    "temperature NaN": (lambda: cecli.softmax([1, 2], temperature=NAN), r"--temperature"),
    "temperature inf": (lambda: cecli.softmax([1, 2], temperature=INF), r"--temperature"),
    "base 1": (lambda: cecli.entropy([0.5, 0.5], base=1), r"--base: 1 is not above 1.*base 1 does not exist"),
    "base 0.5": (lambda: cecli.entropy([0.5, 0.5], base=0.5), r"--base: 0\.5 is not above 1.*turn the sign"),
    "base 0": (lambda: cecli.entropy([0.5, 0.5], base=0), r"--base"),
    "base inf": (lambda: cecli.entropy([0.5, 0.5], base=INF), r"--base"),
    "base NaN": (lambda: cecli.entropy([0.5, 0.5], base=NAN), r"--base"),
    "base two": (lambda: cecli.entropy([0.5, 0.5], base="two"), r"--base: 'two' is not a base"),
    "base of the squared error": (
        lambda: cecli.gradient([0], GOOD[:1], "mse", base=2),
        r"--base: the squared error has no logarithm",
    ),
    "smoothing above 1": (
        lambda: cecli.cross_entropy([0, 1], GOOD, label_smoothing=1.5),
        r"--label-smoothing: 1\.5 is not between 0 and 1",
    ),
    "smoothing negative": (lambda: cecli.cross_entropy([0, 1], GOOD, label_smoothing=-0.1), r"--label-smoothing"),
    "focal negative": (lambda: cecli.cross_entropy([0, 1], GOOD, focal=-1), r"--focal"),
    "pos_weight negative": (lambda: cecli.binary_cross_entropy([0], [0.5], pos_weight=-1), r"--pos-weight"),
    "pos_weight inf": (lambda: cecli.binary_cross_entropy([0], [0.5], pos_weight=INF), r"--pos-weight"),
    "eps 0": (lambda: cecli.cross_entropy([0, 1], GOOD, eps=0), r"--eps"),
    "eps 0.5": (lambda: cecli.cross_entropy([0, 1], GOOD, eps=0.5), r"--eps"),
    "reduction": (
        lambda: cecli.cross_entropy([0, 1], GOOD, reduction="average"),
        r"reduction: 'average' is none of none, mean, sum",
    ),
    "loss": (lambda: cecli.gradient([0, 1], GOOD, "hinge"), r"'hinge' is none of xent, mse, bce"),
    "threads": (lambda: cecli.entropy(GOOD, threads=0), r"--threads"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_bad_input_is_a_value_error(name: str) -> None:
    """Each with a message that names the source, the sample and the value."""
    call, message = ERRORS[name]

    with pytest.raises(ValueError, match=message):
        call()


BY_ARRAYS = {
    "NaN": (lambda a: cecli.softmax(a([[0.0, 1.0], [1.0, NAN]])), r"sample 2 of the logits: nan"),
    "negative": (lambda a: cecli.entropy(a([-0.5, 1.5])), r"-0\.5 is negative"),
    "sum": (lambda a: cecli.entropy(a([[0.5, 0.5], [0.5, 0.3]])), r"sample 2 of p sums to 0\.8"),
    "counts": (lambda a: cecli.entropy(a([[1.0, 2.0], [0.0, 0.0]]), normalize=True), r"sample 2 of p is 0 everywhere"),
    "two +inf": (lambda a: cecli.softmax(a([INF, INF])), r"only one class can be certain"),
    "label": (lambda a: cecli.cross_entropy(a([1, 2]), a(GOOD)), r"if yours count from 1"),
    "half a label": (lambda a: cecli.cross_entropy(a([0.0, 0.5]), a(GOOD)), r"0\.5 is not a label"),
    "weights": (lambda a: cecli.cross_entropy(a([0, 1]), a(GOOD), sample_weights=a([0.0, 0.0])), r"all 0"),
    "ignored": (lambda a: cecli.cross_entropy(a([5, 5]), a(GOOD), ignore_index=5), r"no sample is left"),
    "empty": (lambda a: cecli.softmax(a([])), r"is empty"),
    "widths": (lambda a: cecli.kl_divergence(a([0.5, 0.5]), a([0.25, 0.25, 0.5])), r"2 values and q has 3"),
}


@pytest.mark.parametrize("name", BY_ARRAYS)
def test_errors_are_the_same_for_every_array_library(name: str, xp: Any) -> None:
    """No array library's own error shows through."""
    call, message = BY_ARRAYS[name]

    with pytest.raises(ValueError, match=message):
        call(xp.asarray)


@pytest.mark.parametrize("decimals", [0.333333, 0.3333334])
def test_rows_within_the_tolerance_pass_as_they_are(decimals: float) -> None:
    """A row of an array may miss 1 by 1e-5, and is not rescaled."""
    row = [decimals] * 3

    assert cecli.cross_entropy(0, row) == -math.log(decimals)


def test_half_precision_rows_may_miss_by_a_hundredth() -> None:
    """A row of float16 misses 1 by more, for want of digits."""
    row = np.asarray([0.333, 0.333, 0.329], dtype=np.float16)

    assert cecli.entropy(row) == pytest.approx(1.0981, abs=1e-3)
    with pytest.raises(ValueError, match="sums to"):
        cecli.entropy(row.astype(np.float32))
