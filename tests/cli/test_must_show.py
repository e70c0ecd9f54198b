"""The numbers that anybody tries first, exactly."""

import math

import pytest

MODEL_1 = "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7"
MODEL_2 = "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3"

EXACT = [
    (["xent", "1,0,0", "0.5,0.2,0.3"], "0.6931471805599453"),
    (["xent", "1,0,0", "0.8,0.1,0.1"], "0.2231435513142097"),
    (["xent", "0", "0.8,0.1,0.1"], "0.2231435513142097"),
    (["entropy", "63/64,1/64", "-b", "2"], "0.11611507530476972"),
    (["xent", "2,1,0", MODEL_1, "-b", "10", "-r", "sum"], "1.7958800173440752"),
    (["compare", "2,1,0", MODEL_1, MODEL_2, "--metric", "mse"], "0.8066666666666666,0.34"),
    (["xent", "0", "100,0,0", "-l"], "7.440151952041672e-44"),
]

NEAR = [
    (["xent", "2,1,0", MODEL_2, "-b", "10", "-r", "sum"], 0.832682665251824),
    (["xent", "2,1,0", MODEL_1, "-r", "sum"], 4.135166556742355),
    (["xent", "2,1,0", MODEL_2, "-r", "sum"], 1.917322692203401),
    (["xent", "2,1,0", MODEL_1], 1.3783888522474517),
    (["xent", "2,1,0", MODEL_2], 0.6391075640678003),
    (["xent", "0", "2,1,0.1", "--logits"], 0.41703001627783354),
    (["xent", "0", "40,0", "-l"], 4.248354255291589e-18),
    (["entropy", "1,0"], 0.0),
    (["entropy", "0.5,0.5", "-b", "2"], 1.0),
    (["entropy", "1/2,1/4,1/4", "-b", "2"], 1.5),
    (["kl", "0.5,0.5", "0.75,0.25", "-b", "2"], 0.2075187496394219),
    (["kl", "0.5,0.5", "0.5,0.5"], 0.0),
    (["kl", "0.5,0.5", "1,0"], math.inf),
    (["bce", "1,0,1", "0.9,0.2,0.6"], 0.2797765635793423),
    (["xent", "0", "0,1"], math.inf),
]


@pytest.mark.parametrize(("words", "text"), EXACT)
def test_printed_exactly(cecli, words, text):
    """The very digits."""
    result = cecli(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (0, text + "\n", "")


@pytest.mark.parametrize(("words", "expected"), NEAR)
def test_printed_to_the_last_place(value, words, expected):
    """The number, or its neighbour."""
    (found,) = value(*words)[0]
    assert found == expected or abs(found - expected) <= math.ulp(expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["softmax", "2,1,0.1"], [0.6590011388859679, 0.2424329707047139, 0.09856589040931818]),
        (["softmax", "1,2,3"], [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]),
        (["softmax", "1000,1000"], [0.5, 0.5]),
        (["softmax", "-inf,0"], [0, 1]),
        (["softmax", "inf,0"], [1, 0]),
        (["softmax", "1e308,-1e308"], [1, 0]),
        (["grad", "0", "2,1,0.1", "-l"], [-0.34099886111403206, 0.2424329707047139, 0.09856589040931818]),
        (["compare", "2,1,0", MODEL_1, MODEL_2, "--metric", "error_rate"], [1 / 3, 1 / 3]),
        (
            ["compare", "2,1,0", MODEL_1, MODEL_2, "--metric", "cross_entropy_sum", "-b", "10"],
            [1.7958800173440752, 0.832682665251824],
        ),
    ],
)
def test_vectors_to_the_last_place(value, words, expected):
    """Every entry, or its neighbour."""
    (found,) = value(*words)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert abs(a - b) <= math.ulp(b)


def test_the_article_by_its_one_hot_targets(cecli):
    """One-hot rows and labels are the same targets."""
    labels = cecli("xent", "2,1,0", MODEL_1)
    rows = cecli("xent", "0,0,1; 0,1,0; 1,0,0", MODEL_1)
    assert labels.stdout == rows.stdout


def test_the_second_model_is_better(cecli):
    """compare --example says what the article says, in its sentence and in JSON."""
    table = cecli("compare", "--example", "-f", "table").stdout
    assert "model 2 is better" in table
    assert "error rate cannot" in " ".join(table.split())
