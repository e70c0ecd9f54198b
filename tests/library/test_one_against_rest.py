"""ROC AUC of more than two classes, one against the rest: scikit-learn's numbers, ties and weights too."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.linear_model
import sklearn.metrics

import cecli
from cecli.comparing import tallies
from cecli.running import walk as walking

NAMES = ("roc_auc_ovr", "roc_auc_ovr_weighted")


def ours(y, p, **options):
    """Both numbers."""
    (model,) = cecli.compare(y, {"m": p}, metrics=NAMES, **options)["models"]
    return [model[name] for name in NAMES]


def theirs(y, p, **options):
    """Both numbers of scikit-learn."""
    return [
        sklearn.metrics.roc_auc_score(y, p, multi_class="ovr", average=how, **options) for how in ("macro", "weighted")
    ]


@pytest.fixture(scope="module")
def digits():
    """Targets and probabilities of a classifier of ten classes, of which most are sure."""
    x, y = sklearn.datasets.load_digits(return_X_y=True)
    model = sklearn.linear_model.LogisticRegression(max_iter=200, C=1e-4).fit(x[:600], y[:600])
    return y[600:], model.predict_proba(x[600:])


@pytest.mark.parametrize("decimals", [17, 2, 1])
@pytest.mark.parametrize("weighted", [False, True])
def test_scikit_learn(digits, decimals, weighted):
    """Rounded probabilities tie."""
    y, p = digits
    p = np.round(p, decimals)
    p = p / p.sum(axis=1, keepdims=True)
    w = np.random.default_rng(1).random(len(y)) if weighted else None
    options = {"sample_weights": w} if weighted else {}
    assert ours(y, p, **options) == pytest.approx(theirs(y, p, sample_weight=w), rel=1e-12)


def test_logits(digits):
    """Are ranked as their softmax."""
    y, p = digits
    assert ours(y, np.log(p), logits=True) == pytest.approx(theirs(y, p), rel=1e-12)


def test_one_hot_and_soft_targets(digits):
    """A soft target counts for each class by its share: as if every sample stood there once for each class."""
    y, p = digits
    assert ours(np.eye(10)[y], p) == pytest.approx(ours(y, p), rel=1e-14)
    soft = 0.9 * np.eye(10)[y] + 0.01
    repeated = np.repeat(p, 10, axis=0), np.tile(np.arange(10), len(y))
    assert ours(soft, p) == pytest.approx(theirs(repeated[1], repeated[0], sample_weight=soft.reshape(-1)), rel=1e-9)


def test_two_classes_say_the_same_as_roc_auc(digits):
    """Each class against the rest is the other one's ranking turned round."""
    y, p = digits
    kept = y < 2
    p = p[kept][:, :2] / p[kept][:, :2].sum(axis=1, keepdims=True)
    (model,) = cecli.compare(y[kept], {"m": p}, metrics=[*NAMES, "roc_auc"])["models"]
    assert model["roc_auc_ovr"] == pytest.approx(model["roc_auc"], rel=1e-14)
    assert "roc_auc_ovr" not in cecli.compare(y[kept], {"m": p}, metrics="all")["models"][0]


def test_any_batches_and_threads_give_the_same(digits, monkeypatch):
    """It is one ranking in the end."""
    y, p = digits
    whole = ours(y, p)
    monkeypatch.setattr(walking, "BATCH_VALUES", 130)
    monkeypatch.setattr(walking, "LARGE_BATCH_BYTES", 130)
    assert ours(y, p, threads=3) == whole


def test_too_many_scores_and_absent_classes(cecli, digits, monkeypatch):
    """No number, and a note that says why; scikit-learn refuses absent classes too."""
    y, p = digits
    with pytest.raises(ValueError, match="not equal"):
        theirs(y[y > 0], p[y > 0])
    assert ours(y[y > 0], p[y > 0]) == [None, None]
    rows = "0.5,0.3,0.2; 0.2,0.5,0.3; 0.6,0.2,0.2"
    words = ["compare", "0,1,1", rows, "--metric", "roc_auc_ovr"]
    result = cecli(*words)
    assert (result.exit_code, result.stdout) == (0, "nan\n")
    assert "1 class has no sample" in result.stderr
    monkeypatch.setattr(tallies, "MOST_SCORES", 8)
    assert (
        "every score in memory, and 9 are too many" in cecli("compare", "0,1,2", rows, "--metric", "roc_auc_ovr").stderr
    )


def test_the_names_that_people_write(cecli):
    """One table, in `--metric` and `--metrics`; `brier` alone is the Brier score, which is the MSE, and its parts where several may be."""
    binary = ["compare", "0,1,1,0", "0.25,0.75,0.5,0.625"]
    for alias, name in (("xent", "cross_entropy"), ("acc", "accuracy"), ("f1", "macro_f1"), ("auc", "roc_auc"), ("brier", "mse"), ("F1", "macro_f1")):  # fmt: skip
        assert cecli(*binary, "--metric", alias).stdout == cecli(*binary, "--metric", name).stdout != ""
    named = cecli(*binary, "--metrics", "acc,f1,auc,xent,brier", "-f", "csv").stdout
    assert named == cecli(*binary, "--metrics", "accuracy,macro_f1,roc_auc,brier", "-f", "csv").stdout
    assert "reliability" in named
    refused = cecli("compare", "0,1,2", "0.5,0.3,0.2; 0.25,0.5,0.25; 0.2,0.2,0.6", "--metric", "auc")
    assert refused.exit_code == 2
    assert "roc_auc_ovr" in refused.stderr
