"""`--like`: the values that frameworks gave when they were asked by hand, the conventions that are named, and what comes out."""

import json
import math

import numpy as np
import pytest
from sklearn import metrics
from sklearn.exceptions import UndefinedMetricWarning

from tests.every import every

X = "2,1,.1;.5,2.5,-1"
SOFT = ".7,.2,.1;0,.3,.7"
ONE_HOT = "1,0,0;0,0,1"

# Printed by torch 2.14.1, scikit-learn 1.9.1, SciPy 1.17.1 and Keras 3.15.1.
VALUES = [
    ("torch", f"xent 0,2 {X} -l -r none", [0.41703001627783354, 3.6531782071222882], []),
    ("torch", f"xent 0,2 {X} -l", 2.035104111700061, []),
    ("torch", f"xent 0,2 {X} -l --class-weights 1,2,5", 3.1138201753148795, []),
    ("torch", f"xent {ONE_HOT} {X} -l --class-weights 1,2,5", 9.341460525944639, ["denominator"]),
    ("torch", f"xent {SOFT} {X} -l", 1.705104111700061, []),
    ("torch", f"xent {SOFT} {X} -l --class-weights 1,2,5", 7.447639337622958, ["denominator"]),
    ("torch", f"xent 0,2 {X} -l --label-smoothing .1", 2.0001041117000606, []),
    ("torch", f"xent 0,2 {X} -l --label-smoothing .1 --class-weights 1,2,5", 3.000002967712286, []),
    ("torch", f"xent {ONE_HOT} {X} -l --label-smoothing .1 --class-weights 1,2,5", 9.000008903136857, ["denominator"]),
    ("torch", "bce 1,0 .3,-1.2 -l", 0.40881885590327915, []),
    ("torch", "bce 1,0 .3,-1.2 -l --pos-weight 3", 0.9631741003718063, []),
    ("torch", "bce 1 1e-60", 100.0, ["clip"]),
    ("torch", "xent 0 20,0 -l", 2.0611536900435727e-09, ["rounding"]),
    ("torch", "xent 0 40,0 -l", 0.0, ["rounding"]),
    ("torch", "entropy 1,0", 2.2204460492503136e-16, ["clip"]),
    ("torch", "kl .5,.5 .75,.25", 0.07192051811294521, ["denominator"]),
    ("torch", "kl 1,0 .5,.5 -r sum", math.log(2), []),
    ("optax", "bce 1 .3 -l --focal 2", 0.10039327548859704, ["float32"]),
    ("sklearn", "xent 0,1 1,0;1,0", 18.021826694558577, ["clip"]),
    ("sklearn", "xent 0 .5,.3,.2", math.log(2), []),
    ("sklearn", "bce 1,1;0,1 .5,.3;.2,.6", 1.203972804325936, None),
    ("keras", "xent 1 1,0", 16.118095, ["float32", "clip"]),
    ("keras", "xent 0 .5,.5 -b 2", math.log(2), ["base", "float32"]),
    ("keras", "bce 1 .3 -l --focal 2", 0.10039327548859704, ["float32"]),
    ("scipy", "kl .5,.5 .75,.25 -b 2", 0.2075187496394219, []),
    ("scipy", "kl .5,.5 .75,.25 -b 2 --js", 0.2208957688490174, ["distance"]),
    ("scipy", "softmax 0,0;0,0", [[0.25, 0.25], [0.25, 0.25]], ["axis"]),
    ("scipy", "entropy .5,.5;.5,.5;.2,.8 -b 2", [1.4833557549816876, 1.5466316153937778], ["axis", "rescaling"]),
]


def like_of(cecli, framework, line):
    """The member `like` of the answer."""
    result = cecli(*line.split(), "--like", framework, "-f", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["like"]


@every(("framework", "line", "value", "names"), VALUES)
def test_values(cecli, framework, line, value, names):
    like = like_of(cecli, framework, line)
    close = 3e-7 if framework in ("keras", "optax") else 4e-16
    assert flat(like["value"]) == pytest.approx(flat(value), rel=close, abs=0)
    assert names is None or [each["name"] for each in like["conventions"]] == names
    for each in like["conventions"]:
        assert set(each) == {"name", "theirs", "ours", "effect"}


def flat(value):
    return [entry for row in value for entry in flat(row)] if isinstance(value, list) else [value]


def test_scikit_learn_1_4_rescales_where_1_5_does_not(cecli):
    """Rows that miss 1 by what their decimals hide."""
    line = "xent 0,1 .33,.33,.33;.1,.6,.31"
    old, new = (like_of(cecli, name, line) for name in ("sklearn-1.4", "sklearn"))
    assert new["value"] == pytest.approx((-math.log(0.33) - math.log(0.6)) / 2, rel=1e-14)
    assert old["value"] == pytest.approx((-math.log(0.33 / 0.99) - math.log(0.6 / 1.01)) / 2, rel=1e-14)
    assert [each["name"] for each in old["conventions"]] == ["rescaling"]
    assert "rescales" in old["message"]
    assert "warns" in new["message"]


def test_the_effect_is_that_of_the_convention_alone(cecli):
    """Two conventions of one call, whose effects are known."""
    like = like_of(cecli, "torch", "kl .5,.5 .75,.25 -b 2")
    ours = 0.2075187496394219
    assert [each["name"] for each in like["conventions"]] == ["base", "denominator"]
    assert like["conventions"][0]["effect"] == pytest.approx(ours * (math.log(2) - 1))
    assert like["conventions"][1]["effect"] == pytest.approx(-ours / 2)
    assert like["value"] == pytest.approx(ours * math.log(2) / 2)


@pytest.mark.parametrize(
    ("framework", "line", "says"),
    [
        ("scipy", "xent 0 .5,.5", "SciPy has no function for this"),
        ("optax", "entropy .5,.5", "optax has no function for this"),
        ("optax", "bce 1 .5", "optax has no function for this"),
        ("torch", "xent 0 .5,.5 --focal 2", "has no focal factor"),
        ("torch", "bce 1 .5 --pos-weight 2", "has no weight of the positive term"),
        ("keras", "xent 0 .5,.5 --class-weights 1,2", "has no class weights"),
        ("sklearn", "xent .5,.5 .5,.5", "raises ValueError"),
        ("sklearn", "xent 0,1 .5,.5;.2,.8 -r none", "has no value for each sample"),
    ],
)
def test_no_value(cecli, framework, line, says):
    like = like_of(cecli, framework, line)
    assert like["value"] is None
    assert says in like["message"]
    plain = cecli(*line.split(), "--like", framework, "-f", "plain")
    assert plain.exit_code == 0
    assert plain.stdout.splitlines()[-1] == f"{framework}\tnan"
    assert says in plain.stderr


def test_plain_and_csv_have_a_line_for_each(cecli):
    line = ["xent", "1,0;0,1", "0.5,0.5;0.25,0.75", "--like", "keras"]
    plain = cecli(*line).stdout.splitlines()
    assert [cell.split("\t")[0] for cell in plain] == ["cecli", "keras"]
    assert plain[0] == "cecli\t0.4904146265058631"
    assert float(plain[1].split("\t")[1]) == pytest.approx(0.49041463, rel=2e-7)
    csv = cecli(*line, "-f", "csv").stdout.splitlines()
    assert csv[0] == "by,value"
    assert csv[1:] == [each.replace("\t", ",") for each in plain]


def test_rows_on_a_plain_line_can_be_read_again(cecli):
    line = cecli("softmax", "0,0;0,0", "--like", "scipy").stdout.splitlines()[1]
    assert line == "scipy\t0.25,0.25;0.25,0.25"
    assert cecli("entropy", line.split("\t")[1], "--normalize", "-b", "2").stdout == "1\n1\n"


def test_the_table_says_that_there_is_no_difference(cecli):
    shown = cecli("xent", "0", "2,1,0.1", "-l", "--like", "torch", "-f", "table").stdout
    assert "No difference: torch gives the same value." in shown
    shown = cecli("bce", "1", "1e-60", "--like", "torch", "-f", "table").stdout
    assert "no logarithm below −100" in shown
    assert "No difference" not in shown


def test_a_claim_and_a_limit_judge_our_value(cecli):
    line = ["bce", "1", "1e-60", "--like", "torch", "-f", "plain"]
    assert cecli(*line, "--expect", "138.155").exit_code == 0
    assert cecli(*line, "--expect", "100").exit_code == 1
    assert cecli(*line, "--fail-above", "120").exit_code == 1


def test_an_ignored_label_is_0_in_torch(cecli):
    like = like_of(cecli, "torch", "xent 0,1 .5,.5;.5,.5 -r none --ignore-index 1")
    assert like["value"] == [math.log(2), 0.0]
    assert [(each["name"], each["effect"]) for each in like["conventions"]] == [("ignored", [0.0, None])]


def test_float16_is_said(cecli, tmp_path):
    """torch computes in the type of the input, Keras in float32."""
    np.save(tmp_path / "p.npy", np.array([[0.7, 0.3], [0.2, 0.8]], np.float16))
    line = f"xent 0,1 {tmp_path / 'p.npy'}"
    assert "computes float16 in float16" in like_of(cecli, "torch", line)["message"]
    assert like_of(cecli, "keras", line)["message"] is None


def test_a_skill_over_the_frequencies(cecli):
    """scikit-learn's D²: the same number, but where all samples have one class."""
    like = like_of(cecli, "sklearn", "compare 0,1,1 .7,.3;.2,.8;.6,.4 --metric d2_log_loss --sample-weights 1,2,.5")
    wanted = metrics.d2_log_loss_score([0, 1, 1], [[0.7, 0.3], [0.2, 0.8], [0.6, 0.4]], sample_weight=[1, 2, 0.5])
    assert like["value"] == pytest.approx([wanted], rel=1e-14)
    assert like["conventions"] == []
    like = like_of(cecli, "sklearn", "compare 1,1 .7,.3;.2,.8 --metric d2_log_loss")
    assert like["value"] == pytest.approx(
        [metrics.d2_log_loss_score([1, 1], [[0.7, 0.3], [0.2, 0.8]], labels=[0, 1])], rel=1e-12
    )
    assert [each["name"] for each in like["conventions"]] == ["clip"]
    assert like_of(cecli, "sklearn", "compare 1 .7,.3 --metric d2_log_loss")["value"] is None


def test_weights_stay_in_float64_beside_float32(cecli, tmp_path):
    """scikit-learn 1.9 gave this number; NumPy's average takes float32 losses and float64 weights."""
    np.save(tmp_path / "z.npy", np.array([-44.731, -2.68], np.float32))
    like = like_of(cecli, "sklearn", f"bce 1,0 {tmp_path / 'z.npy'} -l --sample-weights 1.02,2.64")
    assert like["value"] == pytest.approx(4.490793362504146, rel=1e-15)


def test_an_unknown_framework_is_an_error(cecli):
    result = cecli("xent", "0", "0.5,0.5", "--like", "sklern")
    assert result.exit_code == 2
    assert "did you mean sklearn" in result.stderr


@pytest.mark.parametrize(
    ("name", "same"),
    [("Torch", "torch"), ("SKLEARN-1.4", "sklearn-1.4"), ("PyTorch", "torch"), ("scikit-learn", "sklearn")],
)
def test_a_framework_by_another_name(cecli, name, same):
    assert like_of(cecli, name, "xent 0 .5,.5") == like_of(cecli, same, "xent 0 .5,.5")


@pytest.mark.parametrize(
    ("option", "name", "under"),
    [
        ("--like", "tensorflow", "keras"),
        ("--like", "TF", "keras"),
        ("--like", "jax", "optax"),
        ("--code", "tensorflow", "keras"),
        ("--code", "optax", "jax"),
    ],
)
def test_functions_that_are_found_under_another_name(cecli, option, name, under):
    result = cecli("xent", "0", "0.5,0.5", option, name)
    assert result.exit_code == 2
    assert f"the functions of {name.lower()} are found under {under}: {option} {under}" in result.stderr


def test_a_worksheet_takes_no_framework(cecli):
    assert "a claim can't have --like" in cecli("check", "-", stdin="xent 0 0.5,0.5 --like torch = 0.69\n").stdout


CLASS_METRICS = {
    "accuracy": "accuracy_score(y, y_pred)",
    "error_rate": "zero_one_loss(y, y_pred)",
    "errors": "zero_one_loss(y, y_pred, normalize=False)",
    "balanced_accuracy": "balanced_accuracy_score(y, y_pred)",
    "macro_f1": "f1_score(y, y_pred, average='macro')",
}


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@pytest.mark.parametrize(("metric", "call"), CLASS_METRICS.items())
def test_scikit_learn_takes_predicted_labels(cecli, metric, call):
    """Drawn labels of up to five classes, some of which are never there, and the ones of them that are ignored."""
    rng = np.random.default_rng([29, *map(ord, metric)])
    for _ in range(8):
        y, one, other = rng.integers(rng.integers(2, 6), size=(3, rng.integers(3, 12)))
        words = [",".join(map(str, labels)) for labels in (y, one, other)]
        like = like_of(cecli, "sklearn", f"compare {words[0]} a={words[1]} b={words[2]} --metric {metric}")
        assert like["function"] == f"sklearn.metrics.{call}"
        assert like["message"] is None
        wanted = [eval(call, vars(metrics), {"y": y, "y_pred": labels}) for labels in (one, other)]  # noqa: S307 - calls of the table above
        assert like["value"] == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize("predicted", ["0,0,1,2", ".9,.1,0;.9,.1,0;.2,.5,.3;0,.1,.9"])
def test_a_weight_of_0_keeps_a_class_in_the_f1_of_scikit_learn(cecli, predicted):
    """Class 2 has one sample, of weight 0: scikit-learn counts an F1 of 0 for it, and we leave it out."""
    line = f"compare 0,0,1,2 {predicted} --metric f1 --sample-weights"
    assert like_of(cecli, "sklearn", f"{line} 1,1,1,2")["value"] == [1.0]
    with pytest.warns(UndefinedMetricWarning):
        theirs = metrics.f1_score([0, 0, 1, 2], [0, 0, 1, 2], average="macro", sample_weight=[1, 1, 1, 0])
    assert theirs == pytest.approx(2 / 3)
    assert float(cecli(*line.split(), "1,1,1,0").stdout) == 1
    like = like_of(cecli, "sklearn", f"{line} 1,1,1,0")
    assert like["value"] is None
    assert "also counts the classes that only samples of weight 0 have" in like["message"]


def test_predicted_labels_beside_probabilities(cecli):
    """The call that is named holds for both, and the value is that of both."""
    like = like_of(cecli, "sklearn", "compare 0,1,2 m=0,1,1 p=.5,.3,.2;.2,.5,.3;.1,.2,.7 --metric f1")
    assert like["function"].startswith("sklearn.metrics.f1_score(y, y_pred")
    wanted = [metrics.f1_score([0, 1, 2], labels, average="macro") for labels in ([0, 1, 1], [0, 1, 2])]
    assert like["value"] == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize("framework", ["sklearn", "torch", "keras", "optax"])
@pytest.mark.parametrize("metric", ["cross_entropy", "mse"])
def test_predicted_labels_have_no_losses(cecli, framework, metric):
    like = like_of(cecli, framework, f"compare 0,1,2 0,1,1 --metric {metric}")
    assert like["value"] is None
    assert like["message"] == "predicted labels have no probabilities for a framework to take"


SURE = "40,0,1;.5,2,-30"
UNSURE = "2,1,.5;.5,2,-1"
CLIPPED = [
    ("sklearn", "xent 1,2 {} -l", 2.0**-52),
    ("sklearn", "bce 0,1,0;1,1,0 {} -l", 2.0**-52),
    ("keras", "xent 1,2 {} -l --focal 2", 1e-7),
    ("keras", "kl .2,.5,.3;.1,.4,.5 {} -l -r sum", 1e-7),
]


@pytest.mark.parametrize(("framework", "line", "epsilon"), CLIPPED, ids=lambda part: str(part)[:8])
def test_logits_are_clipped_as_probabilities(cecli, framework, line, epsilon):
    """The effect is that of the same clip with `--eps`; where no probability is outside of the bounds there is none."""
    unsure = like_of(cecli, framework, line.format(UNSURE))
    assert "clip" not in [each["name"] for each in unsure["conventions"]]
    sure = line.format(SURE)
    effects = {each["name"]: each["effect"] for each in like_of(cecli, framework, sure)["conventions"]}
    ours, clipped = (float(cecli(*sure.split(), *more, "-q").stdout) for more in ([], [f"--eps={epsilon}"]))
    assert effects["clip"] == pytest.approx(clipped - ours, rel=1e-6)
