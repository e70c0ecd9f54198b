"""`grad --x --of weights` and `--of bias`: claims of dL/dW and dL/db, and what is mistaken in them."""

from __future__ import annotations

import json

import numpy as np
import pytest

CALL = "grad 0,1 '2,1,0.1; 0,1,0' -l --x '1,2; 3,4'"
LOGITS, INPUTS = np.asarray([[2, 1, 0.1], [0, 1, 0]]), np.asarray([[1.0, 2], [3, 4]])
GRADIENT = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True) - np.asarray([[1, 0, 0], [0, 1, 0]])
WEIGHTS, BIAS = GRADIENT.T @ INPUTS, GRADIENT.sum(axis=0)


def typed(rows) -> str:
    """Rows as they are claimed."""
    return ";".join(",".join(f"{value:.5f}" for value in row) for row in np.atleast_2d(rows))


def test_the_value_is_the_one_that_is_asked_for(cecli) -> None:
    """In JSON, plain and CSV; the gradient unless it is said."""
    for of, value in (("weights", WEIGHTS), ("bias", BIAS), ("gradient", GRADIENT)):
        words = ["grad", "0,1", "2,1,0.1; 0,1,0", "-l", "--x", "1,2; 3,4", "--of", of]
        found = json.loads(cecli(*words, "-f", "json").stdout)
        assert np.allclose(found["value"], value, rtol=1e-12)
        plain = [[float(each) for each in line.split(",")] for line in cecli(*words).stdout.splitlines()]
        assert np.allclose(plain, value, rtol=1e-12)
        rows = cecli(*words, "-f", "csv").stdout.splitlines()[1:]
        assert np.allclose(np.ravel([list(map(float, row.split(","))) for row in rows]), np.ravel(value), rtol=1e-12)


@pytest.mark.parametrize(
    ("of", "claim", "mistake"),
    [
        ("weights", WEIGHTS.T, "dL/dW transposed"),
        ("weights", GRADIENT.sum(axis=0)[:, None] * np.ones(2), "the inputs left out of dL/dW"),
        ("weights", np.outer(GRADIENT.sum(axis=0), INPUTS.sum(axis=0)), "outer product of the sums"),
        ("weights", np.outer(GRADIENT.sum(axis=0), INPUTS.mean(axis=0)), "outer product of the means"),
        ("weights", -WEIGHTS, "sign of the gradient reversed"),
        ("weights", WEIGHTS / 2, "divided by the number of samples"),
        ("bias", (GRADIENT * INPUTS.sum(axis=1, keepdims=True)).sum(axis=0), "the inputs in dL/db"),
        ("bias", -BIAS, "sign of the gradient reversed"),
    ],
)
def test_mistakes(judged, of, claim, mistake) -> None:
    """Each with its worked value."""
    assert judged(f"{CALL} --of {of}", typed(WEIGHTS if of == "weights" else BIAS))["holds"]
    found = judged(f"{CALL} --of {of}", typed(claim))

    assert not found["holds"]
    assert found["diagnosis"][0]["mistake"] == mistake
    assert np.allclose(found["diagnosis"][0]["value"], claim, atol=1e-9)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--of", "bias"], "there is no linear layer"),
        (["--of", "input", "--x", "1,2"], "is not one of gradient, weights, bias"),
    ],
)
def test_what_can_not_be_asked_for(cecli, words, says) -> None:
    """Exit 2, with what is wrong."""
    result = cecli("grad", "0", "2,1,0.1", "-l", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
