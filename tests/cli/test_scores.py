"""`compare --scores`: a number per sample, higher is better, and no target."""

import json

import numpy as np
import pytest
import scipy.stats

import cecli as package
from cecli.running import walk as walking

LOSSES = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs of an evaluation, whose items stand in another order; and the scores of both by item."""
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(1)
    a = {i: float(draw.random() < 0.7) for i in range(60)}
    b = {i: max(a[i], float(draw.random() < 0.5)) for i in a}
    other = draw.permutation(60).tolist()
    for name, scores, order in (("run1", a, a), ("run2", b, other)):
        lines = [json.dumps({"doc_id": i, "acc": scores[i], "lang": "de" if i % 3 else "en"}) for i in order]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return np.array([*a.values()]), np.array([*b.values()])


WORDS = ("compare", "--scores", "a=run1.jsonl:acc", "b=run2.jsonl:acc", "--id", "doc_id")


def test_plain_lines_are_name_and_mean(cecli, runs):
    """And `--metric score` the means alone."""
    a, b = runs
    assert cecli(*WORDS).stdout == f"a\t{a.mean()!r}\nb\t{b.mean()!r}\n".replace("np.float64(", "").replace(")", "")
    assert [float(x) for x in cecli(*WORDS, "--metric", "score").stdout.split(",")] == pytest.approx(
        [a.mean(), b.mean()]
    )


def test_json(cecli, runs):
    """The loss fields are null; the best is the largest; the difference is that of the means, with the paired statistics of losses."""
    a, b = runs
    found = json.loads(cecli(*WORDS, "-f", "json").stdout)
    assert found["value"] == pytest.approx([a.mean(), b.mean()])
    assert found["samples"] == 60
    assert "unit" not in found
    assert (found["settings"]["metric"], found["settings"]["scores"]) == ("score", True)
    for model in found["models"]:
        assert [model[name] for name in LOSSES] == [None] * 6
    assert found["best"]["score"] == ["b"]
    (pair,) = found["differences"]
    d = a - b
    assert pair["difference"] == pytest.approx(d.mean(), rel=1e-12)
    low, high = scipy.stats.t.interval(0.95, 59, d.mean(), d.std(ddof=1) / 60**0.5)
    assert pair["ci_low"] == pytest.approx(low, abs=0.03)
    assert pair["ci_high"] == pytest.approx(high, abs=0.03)
    assert (pair["better"], pair["worse"]) == (int(np.sum(b > a)), 0)
    assert pair["p_value"] < 0.02
    assert pair["mcnemar"] == dict.fromkeys(("only_a_right", "only_b_right", "p_value", "p_adjusted"))


def test_the_statistics_are_those_of_losses_turned_round(runs):
    """−score is a loss: squared errors of a binary model, say."""
    a, _ = runs
    y = np.ones(60, dtype=int)
    p = np.linspace(0.05, 0.95, 60)
    q = 0.2 + 0.5 * a
    losses = package.compare(y, {"p": p, "q": q})["differences"][0]
    scores = package.compare(None, {"p": np.log(p), "q": np.log(q)}, scores=True)["differences"][0]
    assert scores["difference"] == pytest.approx(-losses["difference"], rel=1e-10)
    assert scores["ci_low"] == pytest.approx(-losses["ci_high"], rel=1e-8)
    assert scores["ci_high"] == pytest.approx(-losses["ci_low"], rel=1e-8)
    assert scores["p_value"] == pytest.approx(losses["p_value"], rel=1e-6)
    assert (scores["better"], scores["worse"]) == (losses["better"], losses["worse"])


@pytest.mark.usefixtures("runs")
def test_table(cecli):
    """One row for each number that there is, and the verdict."""
    told = " ".join(cecli(*WORDS, "-f", "table").stdout.split())
    assert "score" in told
    assert "b is better than a: its score is higher by" in told
    assert "cross-entropy" not in told
    assert "error" not in told


def test_rows_columns_weights_and_baseline(cecli, runs):
    """The options of files and of pairs work as for predictions."""
    a, b = runs
    words = ["compare", "--scores", "--columns", "acc", "run1.jsonl", "run2.jsonl", "--id", "doc_id"]
    kept = np.arange(60) % 3 == 0
    found = json.loads(cecli(*words, "--where", "lang=en", "--baseline", "run2", "-f", "json").stdout)
    assert found["value"] == pytest.approx([a[kept].mean(), b[kept].mean()])
    assert found["samples"] == 20
    assert {found["differences"][0]["a"], found["differences"][0]["b"]} == {"run1", "run2"}
    weighted = cecli("compare", "--scores", "a=1,2,30", "--sample-weights", "1,3,0")
    assert weighted.stdout == "a\t1.75\n"
    assert cecli("compare", "--scores", "a=1,nan,3", "--skip-missing").stdout == "a\t2\n"


def test_gates(cecli):
    """A condition names score."""
    words = ["compare", "--scores", "a=1,2,3", "b=2,3,4"]
    assert cecli(*words, "--fail-if", "b.score < a.score").exit_code == 0
    assert cecli(*words, "--fail-if", "a.score < b.score").exit_code == 1
    assert cecli(*words, "--fail-above", "2.5").exit_code == 1
    assert cecli(*words, "--expect", "2,3").exit_code == 0
    assert cecli(*words, "--fail-if", "a.mse < b.mse").exit_code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a=1,2", "b=1,2,3"], "give the same number in both"),
        (["a=1,2; 3,4"], "a vector is needed"),
        (["a=1,nan"], "'nan' is a missing value"),
        (["a=1,inf"], "inf is infinite"),
        (["a=cat,dog"], "'cat,dog' is not a number"),
        (["a=1,2", "--label", "y"], "--label"),
        (["a=1,2", "--logits"], "--logits"),
        (["a=1,2", "--confusion"], "--confusion"),
        (["a=1,2", "--worst", "1"], "--worst"),
        (["a=1,2", "--metrics", "ece"], "ece is a metric of predictions"),
        (["a=1,2", "--metric", "mse"], "mse is a metric of predictions"),
        (["a=1,2", "--like", "torch"], "leave out --like or --scores"),
        (["a=1,2", "--code", "numpy", "--metric", "score"], "leave out --code or --scores"),
        (["a=1,2", "--steps"], "scores have no working"),
        ([], "PREDICTION is missing"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_is_refused(cecli, words, says):
    """Each is an error that says why."""
    result = cecli("compare", "--scores", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_the_metric_belongs_to_scores(cecli):
    """Elsewhere it is an error."""
    assert "--scores" in cecli("compare", "0", "0.5,0.5", "--metric", "score").stderr


def test_library(monkeypatch):
    """`scores=True` and no target; any batches give the same."""
    draw = np.random.default_rng(3)
    models = {name: draw.normal(size=500) for name in "abc"}
    found = package.compare(None, models, scores=True)
    assert [model["score"] for model in found["models"]] == pytest.approx(
        [x.mean() for x in models.values()], abs=1e-15
    )
    monkeypatch.setattr(walking, "BATCH_VALUES", 7)
    monkeypatch.setattr(walking, "LARGE_BATCH_BYTES", 7)
    again = package.compare(None, models, scores=True, threads=2)
    for ours, theirs in zip(again["models"], found["models"], strict=True):
        assert ours["intervals"].pop("score") == pytest.approx(theirs["intervals"].pop("score"), rel=1e-12)
        assert ours == theirs
    assert again["differences"][0]["difference"] == found["differences"][0]["difference"]
    with pytest.raises(ValueError, match="scores have no target"):
        package.compare([0, 1], models, scores=True)
    with pytest.raises(ValueError, match="the target is missing"):
        package.compare(None, models)


def test_a_caution_is_said_of_scores_too(cecli):
    """Beside the numbers, as of losses; of the pairs with the best, or with the baseline."""
    words = ["compare", "--scores", "a=" + "0," * 22 + "50", "b=" + "0.1,0.2," * 11 + "0.1", "c=" + "0.1," * 22 + "0.1"]
    note = "a and b, score: the 3 samples that differ most make up 95 % of the difference: too few to rely on"
    result = cecli(*words[:4])
    assert note in " ".join(result.stderr.split())
    assert any(note in each for each in json.loads(cecli(*words[:4], "-f", "json").stdout)["notes"])
    said = " ".join(cecli(*words, "--baseline", "b").stderr.split())
    assert note in said
    assert "a and c" not in said
    assert "caution" not in cecli(*words[:4], "-q").stderr
