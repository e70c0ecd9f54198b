"""The metrics of `compare` beside scikit-learn's, on real classifiers, and their laws: any split into blocks gives the same numbers."""

import json
import math
import typing

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import cecli
from cecli.comparing.results import ComparisonResult
from cecli.library_result import ModelComparison
from cecli.statistics import scores

CLOSE = {"rel": 1e-10, "abs": 1e-10}
MODELS = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500)),
    "neighbours": lambda: make_pipeline(StandardScaler(), KNeighborsClassifier(7)),
    "bayes": lambda: make_pipeline(StandardScaler(), GaussianNB(var_smoothing=1e-2)),
}


def _fitted(load):
    """The labels of a test set, and what each model says of it, with nothing that scikit-learn would clip."""
    x, y = load(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.5, random_state=3)
    models = {}
    for name, make in MODELS.items():
        p = make().fit(train_x, train_y).predict_proba(test_x)
        p = np.clip(p, 1e-9, 1)
        models[name] = p / p.sum(axis=1, keepdims=True)
    return test_y, models


@pytest.fixture(scope="module")
def digits():
    """Ten classes."""
    return _fitted(load_digits)


@pytest.fixture(scope="module")
def cancer():
    """Two classes."""
    return _fitted(load_breast_cancer)


@pytest.fixture(params=["digits", "cancer"])
def data(request):
    """Both, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=[False, True], ids=["plain", "weighted"])
def weights(request, data):
    """No weights, and random ones of which some are 0."""
    if not request.param:
        return None
    return np.random.default_rng(5).choice([0.0, 0.5, 1.0, 2.5], len(data[0]))


def found(y, models, **options):
    """The models of a comparison by name."""
    return {model["name"]: model for model in cecli.compare(y, models, **options)["models"]}


def test_what_scikit_learn_says(data, weights):
    """Every metric that both have, to 1e-10, with and without weights."""
    y, models = data
    ours = found(y, models, metrics="all", sample_weights=weights, confusion=True)
    classes = models["bayes"].shape[1]
    w = {"sample_weight": weights}
    for name, p in models.items():
        mine, hard = ours[name], p.argmax(axis=1)
        expected = {
            "accuracy": sk.accuracy_score(y, hard, **w),
            "log_loss": sk.log_loss(y, p, **w),
            "skill_prior": sk.d2_log_loss_score(y, p, **w),
            "balanced_accuracy": sk.balanced_accuracy_score(y, hard, **w),
            "macro_f1": sk.f1_score(y, hard, average="macro", **w),
        }
        if classes == 2:
            expected |= {
                "roc_auc": sk.roc_auc_score(y, p[:, 1], **w),
                "average_precision": sk.average_precision_score(y, p[:, 1], **w),
                "mse": 2 * sk.brier_score_loss(y, p[:, 1], **w),
            }
        else:
            expected |= {
                "top2": sk.top_k_accuracy_score(y, _tie_free(p), k=2, labels=range(classes), **w),
                "top5": sk.top_k_accuracy_score(y, _tie_free(p), k=5, labels=range(classes), **w),
            }
        assert {key: mine[key] for key in expected} == {key: pytest.approx(expected[key], **CLOSE) for key in expected}
        assert mine["confusion"] == pytest.approx(sk.confusion_matrix(y, hard, labels=range(classes), **w), **CLOSE)


def _tie_free(p):
    """The same order of classes without ties: scikit-learn gives a tie to the highest index, cecli to the lowest."""
    order = np.argsort(-p, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(p.shape[1])[None, :], axis=1)
    return -ranks.astype(float)


def test_classes_are_scikit_learns(data, weights):
    """Support, precision, recall and F1 of every class."""
    y, models = data
    for name, model in found(y, models, by_class=True, sample_weights=weights).items():
        p = models[name]
        report = sk.precision_recall_fscore_support(y, p.argmax(axis=1), sample_weight=weights, zero_division=0)
        for key, column in zip(("precision", "recall", "f1", "support"), report, strict=True):
            assert [row[key] or 0 for row in model["classes"]] == pytest.approx(column, **CLOSE)
        loss = -np.log(p[np.arange(len(y)), y])
        means = [
            np.average(loss[y == k], weights=None if weights is None else weights[y == k]) for k in range(p.shape[1])
        ]
        assert [row["mean_loss"] for row in model["classes"]] == pytest.approx(means, **CLOSE)


def ece_directly(p, y, w, bins, left):
    """ECE and MCE as a loop over samples and bins."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    gaps, total = [], w.sum()
    for b in range(bins):
        low, high = np.linspace(0, 1, bins + 1)[b : b + 2]
        inside = [
            i
            for i, c in enumerate(confidence)
            if ((low <= c < high or (c == 1 and b == bins - 1)) if left else (low < c <= high or (c == 0 and b == 0)))
        ]
        if w[inside].sum() > 0:
            gaps.append((abs(math.fsum(w[i] * (right[i] - confidence[i]) for i in inside)), w[inside].sum()))
    return sum(gap for gap, _ in gaps) / total, max(gap / n for gap, n in gaps)


@pytest.mark.parametrize("bins", [15, 10, 1])
def test_calibration_is_that_of_a_loop(data, weights, bins):
    """Both readings of the edges; neighbours' confidences are sevenths, some on an edge."""
    y, models = data
    w = np.ones(len(y)) if weights is None else weights
    for name, model in found(y, models, metrics=["ece", "mce"], bins=bins, sample_weights=weights).items():
        right, left = (ece_directly(models[name], y, w, bins, closed) for closed in (False, True))
        assert (model["ece"], model["mce"]) == pytest.approx(right, **CLOSE)
        assert (model["ece_left_closed"], model["mce_left_closed"]) == pytest.approx(left, **CLOSE)


def test_the_edges_matter_where_confidences_stand_on_them():
    """0.5 is in (0.4, 0.5] or in [0.5, 0.6)."""
    p = [[0.5, 0.5], [0.55, 0.45], [0.45, 0.55]]
    model = found([0, 0, 0], {"a": p}, metrics="ece", bins=10)["a"]
    assert model["ece"] == pytest.approx((0.5 + abs(1 - 1.1)) / 3)
    assert model["ece_left_closed"] == pytest.approx(abs(2 - 1.6) / 3)


@pytest.mark.parametrize(("n", "published"), [(50, 0.168), (200, 0.086), (1000, 0.038), (10_000, 0.012)])
def test_what_a_perfectly_calibrated_model_scores(n, published):
    """The expected ECE is that of simulated outcomes of the same confidences."""
    generator = np.random.default_rng(n)
    z = 2 * generator.normal(size=(n, 10))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    by_chance = found(np.zeros(n, int), {"a": p}, metrics="ece")["a"]["ece_by_chance"]
    confidence, bins = p.max(axis=1), scores.bins_of(p.max(axis=1), 15)
    simulated = [
        np.abs(np.bincount(bins, (generator.random(n) < confidence) - confidence)).sum() / n for _ in range(400)
    ]
    assert by_chance == pytest.approx(np.mean(simulated), rel=0.05)
    assert by_chance == pytest.approx(published, rel=0.1)


def test_the_deviation_of_a_binomial():
    """E|X − np|, summed."""
    for n, p in ((1, 0.3), (7, 0.5), (40, 0.97), (3, 1 / 3)):
        direct = sum(abs(k - n * p) * math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1))
        assert scores.binomial_deviation(n, p) == pytest.approx(direct, rel=1e-12)
    assert scores.binomial_deviation(5, 1.0) == 0


@pytest.mark.parametrize("bins", [1, 5, 15])
def test_the_parts_of_the_brier_score_add_up(data, weights, bins):
    """MSE = reliability − resolution + uncertainty + within bins."""
    y, models = data
    for model in found(y, models, metrics="brier", bins=bins, sample_weights=weights).values():
        parts = model["reliability"] - model["resolution"] + model["uncertainty"] + model["within_bins"]
        assert parts == pytest.approx(model["mse"], rel=1e-12, abs=1e-14)
        assert min(model["reliability"], model["resolution"], model["uncertainty"]) >= 0


def test_the_parts_add_up_for_soft_targets():
    """The uncertainty is then the variance of the targets."""
    generator = np.random.default_rng(0)
    target, p = generator.dirichlet(np.ones(4), 300), generator.dirichlet(np.ones(4), 300)
    model = found(target, {"a": p}, metrics=["brier", "kl"])["a"]
    parts = model["reliability"] - model["resolution"] + model["uncertainty"] + model["within_bins"]
    assert parts == pytest.approx(model["mse"], rel=1e-12)
    assert model["uncertainty"] == pytest.approx(target.var(axis=0).sum())
    assert model["kl"] == pytest.approx(cecli.kl_divergence(target, p, reduction="mean"), rel=1e-13)


def test_skill_over_the_yardsticks(data):
    """1 − loss/ln K, and the yardsticks' own scores."""
    y, models = data
    result = cecli.compare(y, models, metrics="skill")
    classes = models["bayes"].shape[1]
    prior = np.bincount(y, minlength=classes) / len(y)
    for model in result["models"]:
        assert model["skill_uniform"] == pytest.approx(1 - model["cross_entropy"] / math.log(classes))
    yardsticks = found(y, {"uniform": np.full((len(y), classes), 1 / classes), "prior": np.tile(prior, (len(y), 1))})
    for name, values in result["yardsticks"].items():
        assert values["log_loss"] == pytest.approx(yardsticks[name]["cross_entropy"], rel=1e-12)
        assert values["mse"] == pytest.approx(yardsticks[name]["mse"], rel=1e-12)


def test_log_loss_is_in_nats_and_kl_in_the_base():
    """Whatever the base."""
    model = found([[0.5, 0.5]], {"a": [[0.25, 0.75]]}, metrics=["log_loss", "kl"], base=2)["a"]
    assert model["log_loss"] == pytest.approx(-(math.log(0.25) + math.log(0.75)) / 2)
    assert model["kl"] == pytest.approx((math.log2(2) + math.log2(2 / 3)) / 2)


# --- two classes as a vector ----------------------------------------------------------------------------------------


def test_a_vector_is_a_model_of_two_classes(cancer):
    """The same numbers as two columns; raw scores through the sigmoid."""
    y, models = cancer
    p = {name: values[:, 1] for name, values in models.items()}
    rows = {name: np.stack([1 - values, values], axis=1) for name, values in p.items()}
    assert cecli.compare(y, p, metrics="all") == cecli.compare(y, rows, metrics="all")
    z = {name: np.log(values) - np.log1p(-values) for name, values in p.items()}
    ours, expected = (found(y, each, metrics="all", logits=each is z) for each in (z, p))
    for name, model in ours.items():
        for key in ("cross_entropy", "mse", "roc_auc", "average_precision", "macro_f1"):
            assert model[key] == pytest.approx(expected[name][key], rel=1e-6)


def test_a_vector_beside_its_labels_of_any_kind():
    """Two of them in one comparison; a single row stays a single row."""
    assert found([0, 1, 1], {"a": [0.2, 0.7, 0.9], "b": [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]})["a"]["errors"] == 0
    assert cecli.compare([1, 0], {"a": [0.9, 0.1]})["models"][0]["cross_entropy"] == pytest.approx(-math.log(0.9))
    assert cecli.compare([1, 0], {"a": [0.9, 0.3]})["models"][0]["cross_entropy"] == pytest.approx(
        -(math.log(0.9) + math.log(0.7)) / 2
    )


@pytest.mark.parametrize(
    ("y", "score"),
    [
        ([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]),
        ([0, 1, 1, 1, 0, 0], [0.1, 0.1, 0.4, 0.9, 0.4, 0.0]),
        ([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]),
    ],
)
def test_ties_of_scores_count_as_scikit_learn_counts_them(y, score):
    """Half a point each for the ROC AUC, one threshold for the average precision."""
    model = found(y, {"a": score}, metrics=["roc_auc", "average_precision"])["a"]
    assert model["roc_auc"] == pytest.approx(sk.roc_auc_score(y, score), **CLOSE)
    assert model["average_precision"] == pytest.approx(sk.average_precision_score(y, score), **CLOSE)


def test_raw_scores_that_saturate_still_rank():
    """σ(40) and σ(50) are both 1; 40 and 50 are not the same."""
    model = found([1, 0, 1], {"a": [50.0, 40.0, 45.0]}, metrics="roc_auc", logits=True)["a"]
    assert model["roc_auc"] == 1


@pytest.mark.parametrize("classes", [2, 6])
def test_under_eps_logits_rank_as_their_clipped_probabilities_do(classes):
    """Those that are clipped to the same value are tied, whatever was given: scikit-learn's areas of the clipped ones."""
    random = np.random.default_rng(5)
    z, y = random.normal(0, 6, (200, classes)), random.integers(classes, size=200)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    by_logits, by_probability = (
        found(y, {"a": given}, metrics="all", eps=0.01, logits=is_logits)["a"]
        for given, is_logits in ((z, True), (p, False))
    )
    if classes == 2:
        area = {"roc_auc": sk.roc_auc_score(y, np.clip(p[:, 1], 0.01, 0.99))}
    else:
        areas = [sk.roc_auc_score(y == k, np.clip(p[:, k], 0.01, 0.99)) for k in range(classes)]
        area = {"roc_auc_ovr": np.mean(areas)}

    names = [name for name, value in by_logits.items() if isinstance(value, float)]
    assert len(names) > 15
    assert {name: by_logits[name] for name in names} == pytest.approx(
        {name: by_probability[name] for name in names}, **CLOSE
    )
    assert {name: by_logits[name] for name in area} == pytest.approx(area, **CLOSE)


# --- edges ----------------------------------------------------------------------------------------------------------


def test_a_class_without_samples():
    """Balanced accuracy leaves it out; macro F1 counts it as 0 where it is predicted, and not at all where it is not."""
    y, p = np.array([0, 0, 1]), np.array([[0.9, 0.1, 0, 0], [0.2, 0.1, 0.7, 0], [0.1, 0.8, 0.1, 0]])
    model = found(y, {"a": p}, metrics=["balanced_accuracy", "macro_f1"], by_class=True)["a"]
    hard = p.argmax(axis=1)
    with pytest.warns(UserWarning, match="not in y_true"):
        assert model["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(y, hard))
    assert model["macro_f1"] == pytest.approx(sk.f1_score(y, hard, average="macro"))
    assert [row["recall"] for row in model["classes"]] == [0.5, 1, None, None]
    assert [row["precision"] for row in model["classes"]] == [1, 1, 0, None]
    assert [row["f1"] for row in model["classes"]] == [pytest.approx(2 / 3), 1, 0, None]
    assert [row["mean_loss"] is None for row in model["classes"]] == [False, False, True, True]


def test_all_samples_of_one_class():
    """No skill over a frequency that loses nothing; no ranking; no crash."""
    result = cecli.compare([1, 1], {"a": [0.5, 0.75]}, metrics="all")
    model = result["models"][0]
    assert (model["skill_prior"], model["roc_auc"], model["average_precision"]) == (None, None, 1.0)
    assert result["yardsticks"]["prior"] == {"log_loss": 0, "mse": 0}
    assert "roc_auc" not in result["best"]


def test_ties_go_to_the_lowest_index():
    """In top-k as in the error rate: of (0.4, 0.4, 0.2) the first is class 0, the second class 1."""
    model = found([1, 2, 0], {"a": [[0.4, 0.4, 0.2]] * 3}, metrics=["accuracy", "top2", "top3"])["a"]
    assert (model["accuracy"], model["top2"], model["top3"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3), 1)


def test_what_is_left_out_counts_nowhere():
    """--ignore-index and weights of 0 give what the rest alone gives."""
    generator = np.random.default_rng(2)
    p, y = generator.dirichlet(np.ones(3), 40), generator.integers(0, 3, 40)
    kept = np.arange(40) % 3 > 0
    options = dict(metrics="all", worst=3, by_class=True, confusion=True)
    alone = found(y[kept], {"a": p[kept]}, **options)["a"]
    ignored = found(np.where(kept, y, -1), {"a": p}, ignore_index=-1, **options)["a"]
    weighted = found(y, {"a": p}, sample_weights=kept.astype(float), **options)["a"]
    numbers = np.flatnonzero(kept) + 1
    for one in (alone, ignored, weighted):
        one["worst"] = [row["loss"] for row in one["worst"]]
    assert close(ignored, alone)
    assert close(weighted, alone)
    apart = cecli.compare(np.where(kept, y, -1), {"a": p, "b": p[::-1]}, ignore_index=-1, disagree=40)["disagreements"]
    assert {row["sample"] for row in apart[0]["samples"]} == set(numbers.tolist())


def test_infinite_losses():
    """The skill is −inf, the class costs inf, the worst comes first, and no share is made up."""
    p = {"a": [[0.0, 1.0], [0.5, 0.5], [0.5, 0.5]], "b": [[0.5, 0.5]] * 3}
    result = cecli.compare([0, 0, 1], p, metrics="all", worst=1, by_class=True, disagree=2)
    a = result["models"][0]
    assert (a["skill_prior"], a["log_loss"]) == (-math.inf, math.inf)
    assert [row["mean_loss"] for row in a["classes"]] == [math.inf, pytest.approx(math.log(2))]
    assert (a["worst"][0]["sample"], a["worst"][0]["loss"]) == (1, math.inf)
    apart = result["disagreements"][0]
    assert (apart["top_share"], apart["samples"][0]["difference"]) == (None, math.inf)


def test_the_worst_and_the_most_different(digits):
    """Those of a sort of all."""
    y, models = digits
    result = cecli.compare(y, models, worst=7, disagree=5)
    loss = {name: -np.log(p[np.arange(len(y)), y]) for name, p in models.items()}
    for model in result["models"]:
        order = np.lexsort((np.arange(len(y)), -loss[model["name"]]))[:7]
        assert [row["sample"] - 1 for row in model["worst"]] == order.tolist()
        assert [row["probability"] for row in model["worst"]] == pytest.approx(np.exp(-loss[model["name"]][order]))
    for pair in result["disagreements"]:
        d = loss[pair["a"]] - loss[pair["b"]]
        top = np.sort(np.abs(d))[::-1][: math.ceil(len(y) / 100)]
        assert abs(pair["samples"][0]["difference"]) == pytest.approx(np.abs(d).max())
        assert pair["top_share"] == pytest.approx(top.sum() / np.abs(d).sum())
        assert pair["mean"] == pytest.approx(d.mean())
        rest = np.delete(d, np.argsort(-np.abs(d), kind="stable")[: len(top)])
        assert pair["mean_without"] == pytest.approx(rest.mean())


# --- any size -------------------------------------------------------------------------------------------------------


def test_any_split_into_blocks_gives_the_same_numbers(digits, weights_of_digits, block_values):
    """Blocks of 300 samples on two threads, and all at once: to the last digits."""
    y, models = digits
    options = dict(
        metrics="all", worst=20, disagree=20, by_class=True, confusion=True, sample_weights=weights_of_digits
    )
    whole = cecli.compare(y, models, **options)
    block_values(3000)
    parts = cecli.compare(y, models, **options, threads=2)
    assert close(parts["models"], whole["models"])
    assert close(parts["yardsticks"], whole["yardsticks"])
    assert close(parts["disagreements"], whole["disagreements"])


def close(one, other):
    """Whether two trees of lists, dictionaries, texts and numbers are the same, numbers to 1e-13."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(close, one, other))
    return one == other if one is None or isinstance(one, str) else other == pytest.approx(one, rel=1e-13, abs=1e-15)


@pytest.fixture
def weights_of_digits(digits):
    """Weights of very different sizes, halves among them."""
    return np.random.default_rng(8).choice([0.5, 1.0, 3.0], len(digits[0]))


def test_two_classes_in_blocks(cancer, block_values):
    """The ranking of many blocks is that of one."""
    y, models = cancer
    options = dict(metrics=["roc_auc", "average_precision"])
    whole = found(y, models, **options)
    block_values(10)
    assert {name: model["roc_auc"] for name, model in found(y, models, **options).items()} == {
        name: model["roc_auc"] for name, model in whole.items()
    }


def test_the_result_is_a_dictionary_of_plain_values(digits):
    """Its types are for type checkers alone: it can be copied, compared and written like any other."""
    y, models = digits
    result = cecli.compare(y, models, metrics=["ece"], worst=2, disagree=2, by_class=True, confusion=True)
    assert isinstance(result, dict)
    seen = [*result.values()]
    for value in seen:
        assert type(value) in (dict, list, str, int, float, type(None))
        seen += value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    assert json.loads(json.dumps(result)) == result
    assert set(result) <= set(typing.get_type_hints(ComparisonResult))
    assert typing.get_type_hints(cecli.compare)["return"] is ModelComparison
    keys = [each.__annotations__["key"] for each in typing.get_overloads(ModelComparison.__getitem__)]
    known = {name for key in keys for name in typing.get_args(eval(key, vars(typing).copy()))}  # noqa: S307 - ours
    assert known == {*typing.get_type_hints(ComparisonResult)} - {"picture"}


def test_too_many_scores_to_keep_give_no_ranking(request, at_most):
    """Said in a note, not approximated in silence."""
    at_most("scores that a ranking keeps", 3)
    result = request.getfixturevalue("cecli")("compare", "0,1,1,0", "0.1,0.2,0.3,0.4", "--metrics", "roc_auc")
    assert result.stdout.split("\t")[-1] == "nan\n"
    assert "4 samples are too many" in result.stderr


def test_the_largest_differences_that_are_kept(at_most):
    """Of too many samples the share is that of those kept, and a note says so."""
    at_most("differences that are kept", 2)
    p = np.random.default_rng(1).dirichlet(np.ones(2), 500)
    result = cecli.compare(np.zeros(500, int), {"a": p, "b": p[::-1]}, disagree=1)["disagreements"][0]
    d = np.log(p[::-1, 0]) - np.log(p[:, 0])
    assert result["top_samples"] == 2
    assert result["top_share"] == pytest.approx(np.sort(np.abs(d))[-2:].sum() / np.abs(d).sum())
