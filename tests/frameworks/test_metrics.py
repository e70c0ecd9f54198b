"""`--like` of metrics, of the second functions, and of gradients: values that torchmetrics, Keras, scikit-learn and SciPy gave by hand."""

import json

import numpy as np
import pytest
from scipy import special

from cecli.frameworks import likeness
from cecli.frameworks.convention import Function

TEN = ".9,.1;.8,.2;.7,.3;.6,.4;.5,.5;.4,.6;.3,.7;.2,.8;.1,.9;0,1"
FOUR = ".6,.3,.1;.2,.7,.1;.2,.2,.6;.1,.8,.1"
NEAR = ".9,.1;.499,.501;.497,.503;.498,.502;.2,.8"
TIED = ".4,.4,.2;.1,.8,.1;.4,.2,.4"

# Printed by torchmetrics 1.9.0, Keras 3.15.1 and scikit-learn 1.9.1.
VALUES = [
    ("torch", f"0,0,1,0,1,1,1,0,1,1 {TEN} --metric ece --bins 10", 0.25, ["float32", "bins"]),
    ("torch", f"0,0,1,0,1,1,1,0,1,1 {TEN} --metric mce --bins 10", 0.5, []),
    ("torch", "1,0 .2,.9,.1;.5,.4,.8 -l --metric ece", 0.45000001788139343, ["guess", "float32"]),
    ("torch", "1,0 .2,.9,.1;.5,.4,.8 -l --metric perplexity", 2.5166167414063443, []),
    ("torch", f"0,1,0,1 {FOUR} --metric balanced_accuracy", 0.5, ["classes"]),
    ("torch", f"0,1,0,1 {FOUR} --metric f1", 0.5555555820465088, ["float32"]),
    ("keras", f"0,1,0,1 {FOUR} --metric f1", 0.555555522441864, ["classes", "float32"]),
    ("keras", f"1,1,2 {TIED} --metric top1", 1.0, ["ties", "float32"]),
    ("sklearn", f"1,1,2 {TIED} --metric top1", 1.0, ["ties"]),
    ("sklearn", "0,1 .5,.5;.5,.5 --metric top1", 0.5, []),
    ("torch", "0,0 .9,.1;.1,.9 --metric auc", 0.0, ["undefined"]),
    ("keras", "0,1,2,2 0,1,2,1 --metric accuracy", 0.75, []),
    ("keras", f"0,1,1,0,1 {NEAR} --metric auc", 0.9166666865348816, ["float32", "thresholds"]),
    (
        "keras",
        f"0,1,1,0,1 {NEAR} --metric average_precision",
        0.9488579034805298,
        ["float32", "thresholds", "interpolation"],
    ),
    ("keras", f"0,1,2,2 {FOUR} --metric roc_auc_ovr", 0.805555522441864, ["float32"]),
    ("keras", f"0,1,2,2 {FOUR} --metric roc_auc_ovr_weighted", 0.7916666269302368, ["float32"]),
    ("keras", f"0,1,0,1 {FOUR} --metric roc_auc_ovr", 0.625, ["undefined"]),
]


def like_of(cecli, framework, line):
    """The member `like` of the answer."""
    result = cecli(*line.split(), "--like", framework, "-f", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["like"]


@pytest.mark.parametrize(("framework", "line", "value", "names"), VALUES, ids=lambda part: str(part)[:40])
def test_metrics(cecli, framework, line, value, names):
    like = like_of(cecli, framework, f"compare {line}")
    assert like["value"] == pytest.approx([value], rel=1e-7 if "float32" in names else 1e-15, abs=0)
    assert [each["name"] for each in like["conventions"]] == names


@pytest.mark.parametrize(
    ("framework", "line", "says"),
    [
        ("torch", "0,2 .4,.3,.3;.4,.3,.3 --metric top2", "has no rule for the equal scores at the k-th place"),
        ("keras", f"1,1,2 {TIED} --metric top4", "k = 4 is more than the 3 classes"),
        ("torch", f"0,1,0,1 {FOUR} --metric roc_auc_ovr", "counts 0 for a class that has no sample"),
        ("sklearn", f"0,1,0,1 {FOUR} --metric roc_auc_ovr_weighted", "leaves out a class that has no sample"),
        ("sklearn", "0,1,2 .33,.33,.33;.2,.5,.3;.1,.2,.7 --metric roc_auc_ovr", "rows must sum to 1"),
        ("sklearn", "0,1 1,2,-inf;1,2,3 -l --metric top2", "raises ValueError: scores must be finite"),
        ("keras", f"0,1,0,1 {FOUR} --metric ece", "Keras has no function for this"),
        ("torch", "0,1 .5,.5;.5,.5 --metric accuracy --sample-weights 1,2", "has no sample weights"),
    ],
)
def test_no_value(cecli, framework, line, says):
    like = like_of(cecli, framework, f"compare {line}")
    assert like["value"] is None
    assert says in like["message"]


@pytest.mark.parametrize("metric", ["auc", "average_precision", "roc_auc_ovr", "roc_auc_ovr_weighted"])
@pytest.mark.parametrize("target", ["0,1,2,1", ".8,.2,0;.1,.7,.2;0,.25,.75;.2,.6,.2"])
@pytest.mark.parametrize("more", ["", " -l", " --sample-weights 1,2,0.5,3"])
def test_the_stages_of_an_area_give_our_value(cecli, monkeypatch, metric, target, more):
    """A function without a convention, of a framework that has none, gives what cecli gives."""
    quantity = "roc_auc" if metric == "auc" else metric
    plain = Function(("torch",), (quantity,), "ours", (), ("sample_weights",))
    monkeypatch.setattr(likeness, "FUNCTIONS", (plain,))
    classes = 3 if "ovr" in metric else 2
    target = target if classes == 3 else "0,1,0,1" if ";" not in target else ".8,.2;.1,.9;0,1;.5,.49"
    rows = ";".join(",".join(row.split(",")[:classes]) for row in [".6,.4,0", ".25,.75,0", ".5,.5,0", ".5,.5,0"])
    result = cecli("compare", target, rows, "--metric", metric, *more.split(), "--like", "torch", "-f", "json")
    answer = json.loads(result.stdout)
    assert answer["like"]["function"] == "ours"
    assert answer["like"]["value"] == pytest.approx(answer["value"], rel=1e-15)
    assert answer["value"][0] is not None


def test_every_model_is_asked_whether_it_is_refused(cecli):
    """The rows of the second model do not sum to 1, of which scikit-learn warns."""
    like = like_of(
        cecli, "sklearn", "compare 0,1,2 .5,.3,.2;.2,.5,.3;.1,.2,.7 .33,.33,.33;.2,.5,.3;.1,.2,.7 --metric log_loss"
    )
    assert "do not sum to 1" in like["message"]


# --- second functions ---------------------------------------------------------------------------------------------

P, Q = np.array([[0.33, 0.33, 0.33], [0.2, 0.3, 0.5]]), np.array([[0.5, 0.2, 0.3], [0.1, 0.1, 0.8]])
ROWS = ".33,.33,.33;.2,.3,.5"
BOTH = f"{ROWS} .5,.2,.3;.1,.1,.8"
WEIGHTED = ".8,.2;.3,.7 --sample-weights 1,3"

OTHERS = [
    ("scipy", f"kl {BOTH}", "scipy.special.rel_entr", special.rel_entr(P, Q).sum(-1).tolist(), []),
    ("scipy", f"kl {BOTH}", "scipy.special.kl_div", special.kl_div(P, Q).sum(-1).tolist(), ["extra terms"]),
    ("scipy", f"entropy {ROWS}", "scipy.special.entr", special.entr(P).sum(-1).tolist(), []),
    ("torch", f"kl {BOTH}", "torchmetrics.functional.kl_divergence", [0.07024034377188434, 0.2332113080895541], ["rescaling"]),
    ("torch", f"kl {BOTH} -r mean", "F.kl_div(log(Q), P, reduction='batchmean')", [0.14639970796437649], []),
    ("torch", "xent 0 .33,.33,.33", "F.cross_entropy(log(p), y)", [1.0986122886681098], ["rescaling"]),
    ("keras", f"xent 0,1 {WEIGHTED}", "keras.metrics.SparseCategoricalCrossentropy", [0.3232921063899994], ["float32"]),
    ("keras", f"xent .8,.2;.5,.5 {WEIGHTED}", "keras.metrics.CategoricalCrossentropy", None, ["float32"]),
    ("keras", "bce 1,0 .8,.3 --sample-weights 1,3", "keras.metrics.BinaryCrossentropy", [0.3232921063899994], ["float32"]),
    ("keras", f"kl {BOTH} -r mean --sample-weights 1,3", "keras.metrics.KLDivergence", [0.1898055225610733], ["float32"]),
    ("keras", "xent 0,1 1,2,-inf;.5,.5,-inf -l -r none", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z) on NumPy or JAX", [np.nan, np.nan], ["float32", "0·∞"]),
    ("keras", "bce 1,0 -20,10 -l -r none", "keras.losses.BinaryCrossentropy(from_logits=True)(y, z) on NumPy", [16.11809539794922, 9.99958610534668], ["float32", "input", "clip"]),
    ("keras", f"compare 0,2,2 {TIED} --metric top4", "keras.metrics.SparseTopKCategoricalAccuracy(k)(y, p) on NumPy", [1.0], []),
    ("keras", f"compare 0,1 {WEIGHTED} --metric mse", "keras.metrics.MeanSquaredError", [0.07750000059604645], ["float32", "denominator"]),
]  # fmt: skip


@pytest.mark.parametrize(("framework", "line", "function", "value", "names"), OTHERS, ids=lambda part: str(part)[:40])
def test_other_functions(cecli, framework, line, function, value, names):
    """A framework's other functions stand beside the first, each with its own value."""
    others = {each["function"]: each for each in like_of(cecli, framework, line)["others"]}
    found = next(each for name, each in others.items() if name.startswith(function))
    ours = json.loads(cecli(*line.split(), "-f", "json").stdout)["value"]
    wanted = ours if value is None else value
    got = np.ravel(np.array(found["value"], float))
    assert got == pytest.approx(np.ravel(wanted), rel=2e-7 if framework == "keras" else 1e-14, nan_ok=True)
    assert [each["name"] for each in found["conventions"]] == names


def test_other_functions_have_a_table(cecli):
    shown = cecli("kl", *BOTH.split(), "--like", "scipy", "-f", "table").stdout
    assert "other functions of SciPy" in shown
    assert "extra terms" in shown


def test_a_claim_that_is_another_functions_value_is_told(cecli):
    result = cecli("kl", *BOTH.split(), "-r", "sum", "--expect", "0.3028", "-f", "json")
    diagnosis = json.loads(result.stdout)["diagnosis"]
    assert diagnosis[0]["mistake"] == "SciPy (p·ln(p/q) − p + q of each class: more where rows do not sum to the same)"


# --- clip constants -----------------------------------------------------------------------------------------------

KERAS_CLIP = (
    "the largest loss, 16.118 nats, is −ln 1e-7: it looks clipped at 1e-7 (Keras), and the true loss may be larger"
)


@pytest.fixture
def _dump(tmp_path, monkeypatch):
    """Probabilities as Keras clips them, and their losses with four decimals."""
    monkeypatch.chdir(tmp_path)
    q = np.clip([[0.0, 1.0], [0.25, 0.75]], 1e-7, 1 - 1e-7)
    np.save("q.npy", q)
    np.save("q32.npy", q.astype(np.float32))
    with open("loss.csv", "w", encoding="utf-8") as file:
        file.write("loss,percent\n16.1181,100\n0.2877,50\n")


@pytest.mark.usefixtures("_dump")
@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("xent 0,1 q.npy", ""),
        ("xent 0,1 q32.npy -b 2", ""),
        ("compare 0,1 q.npy", "q: "),
        ("compare --scores loss.csv:loss", "loss: "),
    ],
)
def test_a_dump_whose_largest_loss_is_a_clip_is_told(cecli, words, who):
    assert who + KERAS_CLIP in json.loads(cecli(*words.split(), "-f", "json").stdout)["notes"]


@pytest.mark.usefixtures("_dump")
@pytest.mark.parametrize(
    "words", ["xent 0,1 1e-7,0.9999999;.25,.75", "xent 1,1 q.npy", "compare --scores loss.csv:percent"]
)
def test_no_clip_is_seen_where_there_is_none(cecli, words):
    """In typed values, in losses far from one, in a score of 100 per cent."""
    assert not [note for note in json.loads(cecli(*words.split(), "-f", "json").stdout)["notes"] if "clipped" in note]
