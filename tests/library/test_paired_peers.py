"""The statistics of pairs on real models, against SciPy and (where it is installed) statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

import cecli
from tests.corrected_t import corrected_t

EPS = 1e-6


@pytest.fixture(scope="module", params=["digits", "breast cancer"])
def data(request):
    """The labels of a test set, and what three models say of it."""
    x, y = {"digits": load_digits, "breast cancer": load_breast_cancer}[request.param](return_X_y=True)
    x = (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.5, random_state=3)
    models = {
        "logistic": LogisticRegression(C=0.05, max_iter=500),
        "neighbours": KNeighborsClassifier(15, weights="distance"),
        "bayes": GaussianNB(var_smoothing=1e-2),
    }
    predictions = {}
    for name, model in models.items():
        p = np.clip(model.fit(train_x, train_y).predict_proba(test_x), EPS, None)
        predictions[name] = p / p.sum(axis=1, keepdims=True)
    return test_y, predictions


@pytest.fixture(scope="module")
def found(data):
    """What cecli says of the pairs."""
    return cecli.compare(*data, bootstrap=4000)["differences"]


def losses(data, name):
    """Cross-entropy and squared error of each sample, and whether it is right."""
    y, p = data[0], data[1][name]
    return -np.log(p[np.arange(len(y)), y]), np.sum((p - np.eye(p.shape[1])[y]) ** 2, axis=1), p.argmax(axis=1) == y


def parts(data, found):
    """Each pair by each metric, with its differences."""
    for one in found:
        a, b = (losses(data, one[which]) for which in "ab")
        yield one, a[0] - b[0]
        yield one["metrics"]["mse"], a[1] - b[1]


def test_intervals_and_p_values_are_those_of_the_corrected_t_test(data, found):
    """By its definition, to ten digits."""
    for part, d in parts(data, found):
        expected = corrected_t(d)

        assert [part[name] for name in ("difference", "ci_low", "ci_high", "p_value")] == pytest.approx(
            expected, rel=1e-9
        )
        assert (part["better"], part["worse"]) == (int(np.sum(d > 0)), int(np.sum(d < 0)))


def test_bootstrap_intervals_are_near_scipys(data, found):
    """`scipy.stats.bootstrap`: ends within a tenth of the interval's width."""
    for part, d in parts(data, found):
        width = part["ci_high"] - part["ci_low"]
        for method in ("percentile", "basic"):
            theirs = stats.bootstrap((d,), np.mean, method=method, n_resamples=4000, rng=np.random.default_rng(6))

            assert part["bootstrap"][method] == pytest.approx(list(theirs.confidence_interval), abs=0.1 * width)


def exact_and_point(one):
    """The exact p-value of McNemar's test by SciPy, and the probability of the very count."""
    b, c = one["mcnemar"]["only_a_right"], one["mcnemar"]["only_b_right"]
    return stats.binomtest(min(b, c), b + c).pvalue, stats.binom.pmf(min(b, c), b + c, 0.5), b == c


def test_mcnemar_is_the_exact_one_less_the_point(data, found):
    """mid-p = exact − P(X = min), of equal counts 1 − P/2: `scipy.stats.binomtest` of the two counts."""
    for one in found:
        right = [losses(data, one[which])[2] for which in "ab"]
        exact, point, draw = exact_and_point(one)

        assert one["mcnemar"]["only_a_right"] == int(np.sum(right[0] & ~right[1]))
        assert one["mcnemar"]["only_b_right"] == int(np.sum(right[1] & ~right[0]))
        assert one["mcnemar"]["p_value"] == pytest.approx(1 - point / 2 if draw else exact - point, rel=1e-10)


def test_statsmodels_says_the_same(data, found):
    """Its exact McNemar less the point probability, and its Holm."""
    tables = pytest.importorskip(
        "statsmodels.stats.contingency_tables", reason="statsmodels is installed by hand (pip install statsmodels)"
    )
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p_values, adjusted = [], []
    for one in found:
        right = [losses(data, one[which])[2] for which in "ab"]
        counts = [[int(np.sum((right[0] == i) & (right[1] == j))) for j in (True, False)] for i in (True, False)]
        _, point, draw = exact_and_point(one)
        theirs = tables.mcnemar(counts, exact=True).pvalue
        assert one["mcnemar"]["p_value"] == pytest.approx(1 - point / 2 if draw else theirs - point, rel=1e-10)
        for part in (one, one["metrics"]["mse"], one["mcnemar"]):
            p_values.append(part["p_value"])
            adjusted.append(part["p_adjusted"])

    assert adjusted == pytest.approx(multitest.multipletests(p_values, method="holm")[1].tolist(), rel=1e-10)


def test_clusters_by_the_definition(data):
    """Sums of clusters are the units."""
    y, predictions = data
    names = np.random.default_rng(8).integers(0, 40, len(y))
    for one in cecli.compare(y, predictions, cluster=names)["differences"]:
        d = losses(data, one["a"])[0] - losses(data, one["b"])[0]
        expected = corrected_t(d, groups=names)

        assert [one[name] for name in ("difference", "ci_low", "ci_high", "p_value")] == pytest.approx(
            expected, rel=1e-9
        )


def test_the_library_takes_what_the_terminal_takes(data):
    """The same names and defaults; names of clusters may be texts."""
    y, predictions = data
    plain = cecli.compare(y, predictions)["differences"]
    clusters = [f"user {i // 5}" for i in range(len(y))]

    assert plain == cecli.compare(y, predictions, confidence=0.95, seed=12345)["differences"]
    assert [one["b"] for one in cecli.compare(y, predictions, baseline="bayes")["differences"]] == ["bayes"] * 2
    assert cecli.compare(y, predictions, cluster=clusters)["differences"][0]["clusters"] == len(set(clusters))
    with pytest.raises(ValueError, match="--confidence"):
        cecli.compare(y, predictions, confidence=1.0)
    with pytest.raises(ValueError, match="seed"):
        cecli.compare(y, predictions, seed=1.5)
    with pytest.raises(ValueError, match="clusters"):
        cecli.compare(y, predictions, cluster=clusters[:-1])
