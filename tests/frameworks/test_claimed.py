"""A wrong claim that is a framework's value is told so, before any mistake."""

import json

import pytest

CLAIMS = [
    ("xent 1,0 1,0;0.25,0.75", "8.7522", "Keras (clips probabilities to [1e-7, 1 − 1e-7]"),
    ("xent 0,1 1,0;1,0", "18.0218", "scikit-learn (clips probabilities to [ε, 1 − ε], ε = 2.2e-16"),
    ("bce 1 1e-60", "100.00", "torch (no logarithm below −100"),
    ("xent 1,0,0;0,0,1 2,1,.1;.5,2.5,-1 -l --class-weights 1,2,5", "9.3415", "torch (the mean divides by the number of samples, N = 2"),
    ("kl .5,.5 .75,.25 --js", "0.18391", "SciPy (the square root of the divergence"),
    ("compare 0,1 .7,.3;.2,.8 --metric mse", "0.0650", "torch, Keras and optax (the mean over the K = 2 classes)"),
    ("compare 0,1,0,1 .6,.3,.1;.2,.7,.1;.2,.2,.6;.1,.8,.1 --metric balanced_accuracy", "0.500", "torch (a class that is predicted and has no sample counts with recall 0"),
    ("compare 1,1,2 .4,.4,.2;.1,.8,.1;.4,.2,.4 --metric top1", "1.00", "scikit-learn (of equal scores the class of the highest index comes first"),
    ("grad 1,0;0,1 1,2;3,4 -l --loss bce", "-0.1345,0.4404;0.4763,-0.0090", "Keras (the mean over the K = 2 entries of a row, whatever the reduction"),
    ("grad 0,1 1,2;3,4 -l --loss mse -r mean", "-0.14373,0.14373;0.05288,-0.05288", "torch and optax (the mean divides by N·K = 4)"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "claim", "told"), CLAIMS, ids=lambda part: part[:30])
def test_the_framework_is_named_first(cecli, line, claim, told):
    result = cecli(*line.split(), "--expect", claim, "-f", "json")
    assert result.exit_code == 1
    diagnosis = json.loads(result.stdout)["diagnosis"]
    assert diagnosis[0]["mistake"].startswith(told)
    assert not diagnosis[0]["likely"]


def test_a_metric_whose_mistakes_are_not_known_says_so(cecli):
    line = "compare 0,1,0,1 .6,.3,.1;.2,.7,.1;.2,.2,.6;.1,.8,.1 --metric balanced_accuracy"
    said = cecli(*line.split(), "--expect", "0.613", "-f", "table")
    assert "No mistakes of balanced_accuracy are known" in " ".join((said.stdout + said.stderr).split())


def test_a_worksheet_tells_it_too(cecli):
    said = cecli("check", "-", "-f", "table", stdin="bce 1 1e-60 = 100.00\n").stdout
    assert "torch (no logarithm below −100" in " ".join(said.split())


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        ("xent 0 0.5,0.5 -b 2", "0.69315"),  # another base, which is a mistake of its own
        ("xent 0 0.7,0.3", "0.5"),  # too few digits
        ("compare 0,1 .7,.3;.2,.8 --metric mse", "0.07"),
    ],
)
def test_nothing_is_said_where_it_explains_nothing(cecli, line, claim):
    diagnosis = json.loads(cecli(*line.split(), "--expect", claim, "-f", "json").stdout)["diagnosis"]
    assert not [each for each in diagnosis if "torch" in each["mistake"] or "SciPy" in each["mistake"]]
