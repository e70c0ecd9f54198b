"""Every number of `compare --metrics all` on three real sets with five models each, beside scikit-learn's, SciPy's and statsmodels', or the definition, to 1e-10.

What a comparison returns is walked through to its last member: one that nothing here computes is an error.
"""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from scipy import special, stats
from sklearn import metrics as sk

from cecli import compare
from cecli.statistics.jackknife import GROUPS, group_of
from tests.corrected_t import corrected_t, units_of
from tests.metrics_by_definition import delong, losses, values
from tests.predictions_of_real_sets import SETS, predicted
from tests.rates_by_search import rate_difference, wilson
from tests.temperature_by_search import best_temperature, interval_by_delta

NEVER_BETTER = ("ece_left_closed", "mce_left_closed", "ece_by_chance", "uncertainty", "within_bins")
"""Metrics of which neither value is the better one."""
LESS = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity", "log_loss", "ece", "mce", "reliability")  # fmt: skip
BY_JACKKNIFE = {
    *("top2", "top5", "skill_prior", "balanced_accuracy", "macro_f1", "ece", "ece_left_closed", "ece_by_chance"),
    *("mce", "mce_left_closed", "reliability", "resolution", "uncertainty", "within_bins", "average_precision"),
    *("roc_auc_ovr", "roc_auc_ovr_weighted"),
}
NAMES = ("difference", "ci_low", "ci_high", "p_value")
TEXTS = {"method", "caution", "verdict"}


@pytest.fixture(scope="module", params=SETS)
def data(request):
    """The labels of a set, and what five models say of it."""
    return predicted(request.param)


class Expected:
    """All of a comparison, by other means."""

    def __init__(self, y, predictions):
        self.y, self.predictions, self.n = y, predictions, len(y)
        self.classes = next(iter(predictions.values())).shape[1]
        self.values = {name: values(y, p) for name, p in predictions.items()}
        self.losses = {name: losses(y, p) for name, p in predictions.items()}
        groups = group_of(0, self.n)
        kept = [np.flatnonzero(groups != g) for g in range(GROUPS)]
        self.without = {name: [values(y[i], p[i]) for i in kept] for name, p in predictions.items()}
        if self.classes == 2:
            self.covariance = delong(y, [p[:, 1] for p in predictions.values()])[1]

    # -- models

    def model(self, name):
        """A model with its metrics, intervals and classes."""
        own = self.values[name]
        return {
            "name": name,
            **own,
            "intervals": {metric: self.interval(name, metric) for metric in own},
            "classes": [self.of_class(name, k) for k in range(self.classes)],
            "confusion": sk.confusion_matrix(self.y, self.predictions[name].argmax(axis=1)).tolist(),
        }

    def interval(self, name, metric):
        """The interval of a metric: of a mean loss, of a rate, by DeLong, or by the jackknife."""
        n, value, own = self.n, self.values[name][metric], self.losses[name]
        low, high = wilson(int(own["error_rate"].sum()), n, 0.05)
        mean = [max(0.0, end) for end in corrected_t(own["cross_entropy"])[1:3]]
        known = {
            "error_rate": [low, high],
            "errors": [n * low, n * high],
            "accuracy": [1 - high, 1 - low],
            "mse": [max(0.0, end) for end in corrected_t(own["mse"])[1:3]],
            "cross_entropy": mean,
            "log_loss": mean,
            "cross_entropy_sum": [n * end for end in mean],
            "perplexity": [math.exp(end) for end in mean],
            "skill_uniform": [1 - end / math.log(self.classes) for end in reversed(mean)],
        }
        if metric in known:
            return known[metric]
        if metric.startswith("top"):
            return [*wilson(round(n * value), n, 0.05)]
        ends = self.estimated(metric, value, name)[1:3]
        if ends[0] is None:
            return None
        return [*ends] if metric in ("skill_prior", "within_bins") else [max(0.0, ends[0]), min(1.0, ends[1])]

    def estimated(self, metric, value, a, b=None):
        """Value, low, high, p of a metric, or of the difference of two models by it, that is no mean."""
        if metric == "roc_auc":
            names = [*self.predictions]
            signs = np.asarray([(name == a) - (name == b) for name in names], dtype=float)
            error, spread = math.sqrt(signs @ self.covariance @ signs), stats.norm
        else:
            each = np.asarray([own[metric] for own in self.without[a]])
            each = each if b is None else each - np.asarray([own[metric] for own in self.without[b]])
            error = math.sqrt((GROUPS - 1) / GROUPS * np.sum((each - each.mean()) ** 2))
            spread = stats.t(GROUPS - 1)
        if error < 1e-13:
            return (0.0, 0.0, 0.0, 1.0) if abs(value) < 1e-13 else (value, None, None, None)
        reach = spread.ppf(0.975) * error
        return value, value - reach, value + reach, 2 * spread.sf(abs(value) / error)

    def of_class(self, name, k):
        """What scikit-learn says of a class."""
        hard, is_k = self.predictions[name].argmax(axis=1), self.y == k
        labels = {"labels": [k], "zero_division": np.nan}
        parts = (part[0] for part in sk.precision_recall_fscore_support(self.y, hard, **labels))
        precision, recall, f1, support = parts
        return {
            "class": str(k),
            "support": support,
            "predicted": int(np.sum(hard == k)),
            "precision": precision,
            "recall": recall,
            "recall_interval": [*wilson(int(np.sum(is_k & (hard == k))), support, 0.05)],
            "f1": f1,
            "mean_loss": np.mean(self.losses[name]["cross_entropy"][is_k]),
        }

    def best(self):
        """The models that share the best value of each metric."""
        found = {}
        for metric in self.values[next(iter(self.predictions))]:
            if metric not in NEVER_BETTER:
                own = {name: found[metric] for name, found in self.values.items()}
                top = min(own.values()) if metric in LESS else max(own.values())
                found[metric] = [name for name, value in own.items() if math.isclose(value, top, rel_tol=1e-12)]
        return found

    # -- pairs

    def differences(self):
        """All pairs, their p-values adjusted together."""
        pairs = [self.pair(a, b) for a, b in itertools.combinations(self.predictions, 2)]
        tested = [one for pair in pairs for one in (pair, pair["metrics"]["mse"], pair["metrics"]["error_rate"])]
        p_values = np.asarray([one["p_value"] for one in tested])
        order, least = np.argsort(p_values, kind="stable"), 0.0
        for rank, i in enumerate(order):
            least = max(least, min(1.0, p_values[i] * (len(tested) - rank)))
            tested[i]["p_adjusted"] = least
        for pair in pairs:
            pair["mcnemar"]["p_adjusted"] = pair["metrics"]["error_rate"]["p_adjusted"]
        return pairs

    def pair(self, a, b):
        """Two models."""
        ours, theirs = self.losses[a], self.losses[b]
        alone = [int(np.sum(x["error_rate"] < y["error_rate"])) for x, y in ((ours, theirs), (theirs, ours))]
        of_errors = rate_difference(*alone, self.n)
        by_loss = {name: corrected_t(ours[name] - theirs[name]) for name in ("cross_entropy", "mse")}
        found = {
            **{name: self.in_full(by_loss[name], ours[name] - theirs[name]) for name in by_loss},
            "error_rate": self.in_full(of_errors, ours["error_rate"] - theirs["error_rate"]),
            **self.by_other_metrics(a, b, by_loss["cross_entropy"], of_errors),
        }
        return {
            "a": a,
            "b": b,
            **found.pop("cross_entropy"),
            "infinite": {"a": 0, "b": 0},
            "mcnemar": {"only_a_right": alone[0], "only_b_right": alone[1], "p_value": of_errors[3]},
            "metrics": found,
            "samples": self.n,
            "effective_samples": None,
            "clusters": None,
        }

    def in_full(self, terms, d):
        """Terms with how many samples are better, and how many it would take."""
        mean, error = np.mean(d), np.std(d, ddof=1) / math.sqrt(self.n)
        reach = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
        counts = int(np.sum(d > 0)), int(np.sum(d < 0))
        return {
            **dict(zip(NAMES, terms, strict=True)),
            "better": counts[0],
            "worse": counts[1],
            "tied": self.n - sum(counts),
            "needed": math.ceil(self.n * (reach * error / mean) ** 2) if mean and error else None,
        }

    def by_other_metrics(self, a, b, of_loss, of_errors):
        """Functions of the mean loss and of the error rate, and all that are no mean."""
        base = self.values[b]["cross_entropy"]
        functions = {
            "log_loss": (lambda mean: mean, of_loss, base),
            "cross_entropy_sum": (lambda mean: self.n * mean, of_loss, base),
            "perplexity": (math.exp, of_loss, base),
            "skill_uniform": (lambda mean: 1 - mean / math.log(self.classes), of_loss, base),
            "errors": (lambda rate: self.n * rate, of_errors, self.values[b]["error_rate"]),
            "accuracy": (lambda rate: 1 - rate, of_errors, self.values[b]["error_rate"]),
        }
        found = {}
        for metric, value in self.values[a].items():
            difference = value - self.values[b][metric]
            if metric in functions:
                function, terms, start = functions[metric]
                ends = sorted(function(start + end) - function(start) for end in terms[1:3])
                found[metric] = dict(zip(NAMES, (difference, *ends, terms[3]), strict=True))
            elif metric in BY_JACKKNIFE or metric == "roc_auc":
                found[metric] = dict(zip(NAMES, self.estimated(metric, difference, a, b), strict=True))
        return found

    def yardsticks(self):
        """What no model at all would score."""
        shares = np.bincount(self.y) / self.n
        return {
            "uniform": {"log_loss": math.log(self.classes), "mse": 1 - 1 / self.classes},
            "prior": {"log_loss": stats.entropy(shares), "mse": 1 - np.sum(shares**2)},
        }


def unlike(mine, expected, path=""):
    """The members that differ, or that only one side has; texts aside."""
    if isinstance(expected, dict):
        names = {*mine} - TEXTS
        if names != {*expected}:
            yield f"{path}: {sorted(names ^ {*expected})}"
        for name in names & {*expected}:
            yield from unlike(mine[name], expected[name], f"{path}/{name}")
    elif isinstance(expected, list):
        if len(mine) != len(expected):
            yield f"{path}: {len(mine)}, not {len(expected)}"
        for i, (one, other) in enumerate(zip(mine, expected, strict=False)):
            yield from unlike(one, other, f"{path}/{i}")
    elif isinstance(expected, (str, type(None))):
        if mine != expected:
            yield f"{path}: {mine}, not {expected}"
    elif mine != pytest.approx(float(expected), rel=1e-10, abs=1e-12):
        yield f"{path}: {mine}, not {expected}"


@pytest.fixture(scope="module")
def found(data):
    """All that a comparison of them returns."""
    return compare(*data, metrics="all", by_class=True, confusion=True)


def test_every_number(data, found):
    """Values, intervals, p-values, differences, classes: to 1e-10, and nothing else is there."""
    expected = Expected(*data)
    wanted = {
        "models": [expected.model(name) for name in data[1]],
        "best": expected.best(),
        "differences": expected.differences(),
        "yardsticks": expected.yardsticks(),
    }

    assert [*unlike(found, wanted)] == []
    assert len(wanted["differences"]) == 10
    assert len(wanted["models"][0]["intervals"]) >= 20


def test_intervals_agree_with_p_values(found):
    """0 is outside where p is below 0.05, and nowhere else."""
    seen = 0
    for pair in found["differences"]:
        for one in (pair, *pair["metrics"].values()):
            if one["p_value"] is not None:
                seen += 1
                assert (one["p_value"] < 0.05) == (not one["ci_low"] <= 0 <= one["ci_high"])
    assert seen > 150


@pytest.mark.parametrize(("weighted", "clustered"), [(True, False), (False, True), (True, True)])
def test_under_weights_and_clusters(data, weighted, clustered):
    """Whole weights: a metric is that of samples as often repeated; intervals and p-values are those of the units, which repetition would make too many."""
    y, predictions = data
    draw, n = np.random.default_rng(3), len(y)
    w = draw.integers(1, 4, n) if weighted else np.ones(n, dtype=int)
    names = draw.integers(0, n // 4, n) if clustered else None
    found = compare(y, predictions, metrics="all", by_class=True, sample_weights=w.astype(float), cluster=names)
    each = np.repeat(np.arange(n), w)
    for model in found["models"]:
        p = predictions[model["name"]]
        own, expected = losses(y, p), values(y[each], p[each])
        if weighted:  # counted are samples, and chance knows the effective number
            expected = {name: value for name, value in expected.items() if name not in ("errors", "ece_by_chance")}
        assert {name: model[name] for name in expected} == pytest.approx(expected, rel=1e-10, abs=1e-12)
        for loss in ("mse", "cross_entropy"):
            ends = corrected_t(own[loss], w, names)[1:3]
            assert model["intervals"][loss] == pytest.approx((max(0.0, ends[0]), ends[1]), rel=1e-10, abs=1e-13)
        off, rate, total, count, units = units_of(own["error_rate"], w, names)
        if clustered:
            units = rate * (1 - rate) * total**2 * (count - 1) / count / (off @ off)
        assert model["intervals"]["error_rate"] == pytest.approx(wilson(rate * units, units, 0.05), rel=1e-9)
        for k, row in enumerate(model["classes"] if not clustered else ()):
            mine = w[y == k]
            n, hits = mine.sum() ** 2 / (mine @ mine), mine @ (p[y == k].argmax(axis=1) == k)
            assert row["recall_interval"] == pytest.approx(wilson(hits / mine.sum() * n, n, 0.05), rel=1e-9, abs=1e-12)
    for pair in found["differences"]:
        ours, theirs = losses(y, predictions[pair["a"]]), losses(y, predictions[pair["b"]])
        parts = {"cross_entropy": pair, **{name: pair["metrics"][name] for name in ("mse", "error_rate")}}
        for loss in parts:
            terms = corrected_t(ours[loss] - theirs[loss], w, names)
            assert [parts[loss][name] for name in NAMES] == pytest.approx(terms, rel=1e-9, abs=1e-13)


def test_the_definitions_are_scikit_learns(data):
    """What it has too, of all samples and of those without one group."""
    y, predictions = data
    classes = range(predictions["tree"].shape[1])
    groups = group_of(0, len(y))
    for kept in (groups >= 0, groups != 3):
        for p in predictions.values():
            known, said = y[kept], p[kept]
            own, hard = values(known, said), said.argmax(axis=1)
            theirs = {
                "accuracy": sk.accuracy_score(known, hard),
                "log_loss": sk.log_loss(known, said, labels=classes),
                "skill_prior": sk.d2_log_loss_score(known, said, labels=classes),
                "balanced_accuracy": sk.balanced_accuracy_score(known, hard),
                "macro_f1": sk.f1_score(known, hard, average="macro"),
            }
            if len(classes) == 2:
                theirs["roc_auc"] = sk.roc_auc_score(known, said[:, 1])
                theirs["average_precision"] = sk.average_precision_score(known, said[:, 1])
            else:
                averages = {"roc_auc_ovr": "macro", "roc_auc_ovr_weighted": "weighted"}
                for key, of in averages.items():
                    theirs[key] = sk.roc_auc_score(known, said, multi_class="ovr", average=of)
            assert {key: own[key] for key in theirs} == pytest.approx(theirs, rel=1e-12)


def test_json_holds_the_same(data, found, cecli, tmp_path):
    """What the library returns is what the terminal prints, to the last digit."""
    y, predictions = data
    np.save(tmp_path / "y.npy", y)
    words = []
    for name, p in predictions.items():
        np.save(tmp_path / f"{name}.npy", p)
        words.append(str(tmp_path / f"{name}.npy"))
    options = ("--metrics", "all", "--by-class", "--confusion", "-f", "json")
    told = json.loads(cecli("compare", str(tmp_path / "y.npy"), *words, *options).stdout)

    assert {key: told[key] for key in found} == json.loads(json.dumps(found))


def test_statsmodels_says_the_same(data):
    """Its Wilson interval of the error rate, its exact McNemar less the point, its Holm."""
    proportion = pytest.importorskip(
        "statsmodels.stats.proportion", reason="statsmodels is installed by hand (pip install statsmodels)"
    )
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    found, n = compare(*data), len(data[0])
    for model in found["models"]:
        theirs = proportion.proportion_confint(model["errors"], n, method="wilson")
        assert model["intervals"]["error_rate"] == pytest.approx(theirs, rel=1e-10)
    parts = [part for one in found["differences"] for part in (one, one["metrics"]["mse"], one["mcnemar"])]
    adjusted = multitest.multipletests([part["p_value"] for part in parts], method="holm")[1]
    assert [part["p_adjusted"] for part in parts] == pytest.approx(adjusted.tolist(), rel=1e-10)
    for one in found["differences"]:
        b, c = one["mcnemar"]["only_a_right"], one["mcnemar"]["only_b_right"]
        exact, point = tables.mcnemar([[0, b], [c, 0]], exact=True).pvalue, stats.binom.pmf(min(b, c), b + c, 0.5)
        assert one["mcnemar"]["p_value"] == pytest.approx(
            1 - point / 2 if b == c > 0 else exact - point * (b != c), rel=1e-10
        )


def test_calibrate_by_search(data, cecli, tmp_path):
    """T as SciPy finds it, its interval by the definition, and the loss before and after as scikit-learn has them."""
    y, predictions = data
    np.save(tmp_path / "y.npy", y)
    for name, p in predictions.items():
        np.save(tmp_path / f"{name}.npy", p)
        words = ["calibrate", str(tmp_path / "y.npy"), str(tmp_path / f"{name}.npy"), "--probabilities", "-f", "json"]
        told = json.loads(cecli(*words).stdout)
        best = best_temperature(y, np.log(p))

        assert told["value"] == pytest.approx(best, rel=1e-10)
        assert told["interval"] == pytest.approx(interval_by_delta(np.eye(p.shape[1])[y], np.log(p), best), rel=1e-10)
        for part, t in (("before", 1.0), ("after", best)):
            loss = sk.log_loss(y, special.softmax(np.log(p) / t, axis=1))
            assert told[part]["cross_entropy"] == pytest.approx(loss, rel=1e-10)
            assert told[part]["perplexity"] == pytest.approx(math.exp(loss), rel=1e-10)
