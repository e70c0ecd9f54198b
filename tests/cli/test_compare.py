"""`compare`: what is said of pairs of models, the and the options that shape it."""

import json
import math
import re

import numpy as np
import pytest
from scipy import stats

from tests.corrected_t import corrected_t

N = 60
RANDOM = np.random.default_rng(11)
Y = RANDOM.integers(0, 3, N)


def predictions(sure, random=RANDOM):
    """Rows of three probabilities with three digits, the right class the surer the larger `sure` is."""
    scores = random.normal(size=(N, 3))
    scores[np.arange(N), Y] += sure
    counts = np.round(997 * np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)) + 1
    return counts / counts.sum(axis=1, keepdims=True)


MODELS = {"poor": predictions(0.3), "good": predictions(2.5), "also poor": predictions(0.35)}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The words of a command line for these models."""
    folder = tmp_path_factory.mktemp("compare")
    np.save(folder / "y.npy", Y)
    words = [str(folder / "y.npy")]
    for i, (name, p) in enumerate(MODELS.items()):
        np.save(folder / f"{i}.npy", p)
        words.append(f"{name}={folder / f'{i}.npy'}")
    np.save(folder / "clusters.npy", np.arange(N) // 4)
    (folder / "users.csv").write_text("user,x\n" + "".join(f"u{i // 4},1\n" for i in range(N)))
    return words, folder


@pytest.fixture
def report(cecli, files):
    """The JSON of a comparison of the files, with more options."""

    def run(*words, models=(0, 1, 2)):
        result = cecli("compare", files[0][0], *(files[0][1 + i] for i in models), *words, "-f", "json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run


def losses(name):
    """The cross-entropies of a model."""
    return -np.log(MODELS[name][np.arange(N), Y])


def test_every_pair_has_its_members(report):
    """Against the definition, for all three pairs."""
    found = report()["differences"]

    assert [(one["a"], one["b"]) for one in found] == [("poor", "good"), ("poor", "also poor"), ("good", "also poor")]
    for one in found:
        a, b = losses(one["a"]), losses(one["b"])
        expected = corrected_t(a - b)
        assert [one[name] for name in ("difference", "ci_low", "ci_high", "p_value")] == pytest.approx(
            expected, rel=1e-9
        )
        assert (one["better"], one["worse"], one["tied"]) == (int(np.sum(b < a)), int(np.sum(b > a)), 0)
        assert one["method"] == "t, corrected for skewness"
        assert one["infinite"] == {"a": 0, "b": 0}
        assert set(one["metrics"]["mse"]) <= set(one)
        right = [MODELS[one[which]].argmax(axis=1) == Y for which in "ab"]
        only_a, only_b = int(np.sum(right[0] & ~right[1])), int(np.sum(~right[0] & right[1]))
        mcnemar = one["mcnemar"]
        assert (mcnemar["only_a_right"], mcnemar["only_b_right"]) == (only_a, only_b)
        k, n = min(only_a, only_b), only_a + only_b
        point = stats.binom.pmf(k, n, 0.5)
        mid = 2 * stats.binom.cdf(k, n, 0.5) - point if only_a != only_b else 1 - point / 2
        assert mcnemar["p_value"] == pytest.approx(float(mid), rel=1e-10)


def test_the_settings_say_how(report):
    """So that anybody can get the same numbers again; the same call gives the same bits."""
    words = ("--confidence", "90%", "--seed", "3", "--bootstrap", "200", "--baseline", "good")
    settings = report(*words)["settings"]

    assert {name: settings[name] for name in ("confidence", "seed", "bootstrap", "cluster", "baseline")} == {
        "confidence": 0.9, "seed": 3, "bootstrap": 200, "cluster": None, "baseline": "good",
    }  # fmt: skip
    assert report(*words) == report(*words, "--threads", "1")
    assert report(*words)["differences"] != report(*words[:3], "4", *words[4:])["differences"]


def test_confidence(report):
    """The interval's own."""
    one = report("--confidence", "0.8", models=(0, 2))["differences"][0]
    expected = corrected_t(losses("poor") - losses("also poor"), confidence=0.8)

    assert (one["ci_low"], one["ci_high"]) == pytest.approx(expected[1:3], rel=1e-9)


def test_baseline(report, cecli, files):
    """Its pairs alone, the candidates minus it."""
    found = report("--baseline", "good")["differences"]
    assert [(one["a"], one["b"]) for one in found] == [("poor", "good"), ("also poor", "good")]

    result = cecli("compare", *files[0], "--baseline", "god")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--baseline" in result.stderr
    assert "did you mean good?" in result.stderr


def test_holm_is_over_pairs_and_metrics(report):
    """Six p-values with a baseline, nine with three pairs; by the definition."""
    found = report()["differences"]
    parts = [part for one in found for part in (one, one["metrics"]["mse"], one["mcnemar"])]
    p_values = sorted(part["p_value"] for part in parts)
    expected = np.minimum(1, np.maximum.accumulate(np.asarray(p_values) * np.arange(len(parts), 0, -1)))

    assert len(parts) == 9
    assert sorted(part["p_adjusted"] for part in parts) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("source", ["clusters.npy", "users.csv:user"])
def test_clusters(report, files, source):
    """Numbers or names, from a file."""
    one = report("--cluster", str(files[1] / source), models=(0, 2))["differences"][0]
    d = losses("poor") - losses("also poor")
    right = [MODELS[name].argmax(axis=1) == Y for name in ("poor", "also poor")]
    expected = corrected_t(d, groups=np.arange(N) // 4)

    assert one["clusters"] == 15
    assert [one[name] for name in ("difference", "ci_low", "ci_high", "p_value")] == pytest.approx(expected, rel=1e-9)
    of_errors = corrected_t(right[1].astype(float) - right[0], groups=np.arange(N) // 4)
    assert one["mcnemar"]["p_value"] == one["metrics"]["error_rate"]["p_value"] == pytest.approx(of_errors[3], rel=1e-9)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--cluster", "1,2,3"], "3 samples in the clusters, 60 in"),
        (["--cluster", ",".join(["1"] * 61)], "61 samples in the clusters, 60 in"),
        (["--cluster", "1,2", "--id", "x"], "'x'"),
        (["--confidence", "1"], "--confidence"),
        (["--confidence", "0.4"], "--confidence"),
        (["--confidence", "nan"], "--confidence"),
        (["--bootstrap", "99"], "--bootstrap"),
        (["--bootstrap", "1.5"], "--bootstrap"),
        (["--seed", "-1"], "--seed"),
        (["--seed", "x"], "--seed"),
    ],
)
def test_wrong_values_are_named(cecli, files, words, says):
    """Exit 2, and nothing on stdout."""
    result = cecli("compare", *files[0], *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_bootstrap(report):
    """Both intervals of both metrics, near the t interval."""
    one = report("--bootstrap", "2000", models=(0, 2))["differences"][0]
    width = one["ci_high"] - one["ci_low"]
    for part in (one, one["metrics"]["mse"]):
        assert set(part["bootstrap"]) == {"percentile", "basic"}
        low, high = part["bootstrap"]["percentile"]
        assert part["bootstrap"]["basic"] == pytest.approx(
            [2 * part["difference"] - high, 2 * part["difference"] - low]
        )
    assert one["bootstrap"]["percentile"] == pytest.approx([one["ci_low"], one["ci_high"]], abs=0.15 * width)


def test_sample_weights(report):
    """The weighted mean difference, with an interval; the effective number of samples is said."""
    weights = ",".join(["1", "3"] * (N // 2))
    one = report("--sample-weights", weights, models=(0, 2))["differences"][0]
    w = np.asarray([1, 3] * (N // 2))
    d = losses("poor") - losses("also poor")
    right = [MODELS[name].argmax(axis=1) == Y for name in ("poor", "also poor")]
    errors = one["metrics"]["error_rate"]

    assert one["effective_samples"] == pytest.approx(np.sum(w) ** 2 / np.sum(w * w))
    names = ("difference", "ci_low", "ci_high", "p_value")
    assert [one[name] for name in names] == pytest.approx(corrected_t(d, w), rel=1e-9)
    assert [errors[name] for name in names] == pytest.approx(
        corrected_t(right[1].astype(float) - right[0], w), rel=1e-9
    )


# --- what is said -------------------------------------------------------------------------------------------------


@pytest.fixture
def table(cecli, files):
    """The table of a comparison of the files, at 80 columns."""

    def run(*words, models=(0, 1, 2)):
        chosen = [files[0][1 + i] for i in models]
        result = cecli("compare", files[0][0], *chosen, *words, "-f", "table", COLUMNS="80")
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return run


def sentence(text):
    """The sentence at the end of a table, on one line."""
    return " ".join(text.rpartition("\n\n")[2].split())


def test_a_clear_difference_is_said_to_be_one(table):
    """Better, and by what."""
    text = table("--pairs", models=(0, 1))

    assert "poor − good" in text
    assert "good is better than poor: its cross-entropy is lower by " in sentence(text)
    assert re.search(
        r"and the difference is significant \(p = [\d.e-]+\)\. The MSE and the error rate agree\.$", sentence(text)
    )
    assert max(map(len, text.splitlines())) <= 80


def test_a_small_difference_is_not(table):
    """Not distinguishable."""
    said = sentence(table(models=(0, 2)))

    assert "poor and also poor are not distinguishable: " in said
    assert "but chance could explain that (p = " in said
    assert "is better" not in said


def test_better_by_this_but_not_by_that(cecli):
    """Right as often as the other, and surer."""
    y = ",".join(["0", "1"] * 60)
    sure = ";".join((["0.9,0.1", "0.1,0.9"] * 9 + ["0.1,0.9", "0.9,0.1"]) * 6)
    shy = ";".join((["0.6,0.4", "0.4,0.6"] * 9 + ["0.4,0.6", "0.6,0.4"]) * 6)
    said = sentence(cecli("compare", y, f"shy={shy}", f"sure={sure}", "-f", "table").stdout)

    assert "sure is better than shy: its cross-entropy is lower by 0.23 nats (41 %), and the difference is sig" in said
    assert "The MSE agrees. The error rate cannot tell: both get 12 of 120 wrong." in said


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (1, "One sample is too few to tell whether that is more than chance"),
        (
            3,
            "These are too few samples to tell whether that is more than chance: with 3, a sign test cannot give p below 0.25",
        ),
        (5, "with 5, a sign test cannot give p below 0.0625"),
        (6, "6 show too little of how much the losses vary"),
        (9, "9 show too little of how much the losses vary"),
    ],
)
def test_too_few_samples_to_tell(cecli, samples, why):
    """And why: a sign test of so few can't have a small p-value, and of a few more the spread is hardly known."""
    words = [",".join(["0"] * samples), ";".join(["0.6,0.4"] * samples), ";".join(["0.9,0.1"] * samples)]
    said = sentence(cecli("compare", *words, "-f", "table").stdout)
    found = json.loads(cecli("compare", *words, "-f", "json").stdout)["differences"][0]

    assert f"{why}. At least 10 are needed." in said
    assert (found["ci_low"], found["p_value"], found["p_adjusted"], found["mcnemar"]["p_value"]) == (None,) * 4
    assert found["needed"] is None
    assert found["difference"] == pytest.approx(math.log(1.5))


def test_identical_models_are_alike(cecli):
    """Whatever their number of samples: p = 1, no disagreement, no number of samples is needed."""
    words = [",".join("01" * 6), ";".join(["0.6,0.4"] * 12)]
    found = json.loads(cecli("compare", words[0], f"a={words[1]}", f"b={words[1]}", "-f", "json").stdout)[
        "differences"
    ][0]

    assert (found["p_value"], found["mcnemar"]["p_value"], found["tied"], found["needed"]) == (1, 1, 12, None)
    assert (found["ci_low"], found["difference"], found["ci_high"]) == (0, 0, 0)


def test_infinite_losses_are_counted_and_named(cecli):
    """No interval, no p-value, never NaN; the squared error is judged all the same."""
    p = ";".join(["0.5,0.5"] * 12)
    q = ";".join(["1.0,0.0"] * 2 + ["0.4,0.6"] * 10)
    result = cecli("compare", ",".join("1" * 12), f"a={p}", f"b={q}", "-f", "json")
    found = json.loads(result.stdout)["differences"][0]

    assert found["infinite"] == {"a": 0, "b": 2}
    assert (found["difference"], found["p_value"]) == ("-inf", None)
    assert found["metrics"]["mse"]["p_value"] is not None
    assert "2 losses of b are infinite" in result.stderr
    assert "nan" not in result.stdout.lower()


def test_many_pairs_are_counted(cecli):
    """Ten pairs: none is shown unasked, and all are with --pairs."""
    models = [f"m{i}=" + ";".join([f"0.{i + 3},0.{7 - i}"] * 12) for i in range(5)]
    words = ["compare", ",".join("01" * 6), *models, "-f", "table"]

    assert cecli(*words).stdout.count(") vs m") == 0
    assert cecli(*words, "--pairs").stdout.count("second better/worse/tied") == 10
