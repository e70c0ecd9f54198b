"""JSON: one strict object with the members that the contract names, in the shapes that it names."""

import json
import math

import pytest

from cecli.version import VERSION
from tests.every import every

COMMON = {"command", "value", "samples", "notes", "settings", "version"}
P, ROWS = "0.5,0.3,0.2", "0.5,0.3,0.2;0.1,0.1,0.8"


def refuse(text):
    """NaN and Infinity are not JSON."""
    raise AssertionError(text)


@pytest.fixture
def strict(cecli):
    """The JSON object that a command line prints."""

    def run(*words, exit_code=0, stdin=None):
        result = cecli(*words, "-f", "json", stdin=stdin)
        assert result.exit_code == exit_code, result.stderr
        return json.loads(result.stdout, parse_constant=refuse)

    return run


MEMBERS = [
    (["softmax", P], set()),
    (["softmax", P, "--log"], {"unit"}),
    (["entropy", P], {"unit", "reduction"}),
    (["xent", "0", P], {"unit", "reduction", "entropy", "kl", "perplexity"}),
    (["kl", P, P], {"unit", "reduction"}),
    (["kl", P, P, "--js"], {"unit", "reduction", "distance"}),
    (["bce", "1,0", "0.5,0.2"], {"unit", "reduction"}),
    (["calibrate", "0.5,0.2,0.3", "2,0,0"], {"interval", "before", "after"}),
    (["compare", "0", P, P], {"unit", "models", "best", "differences", "verdict"}),
    (["compare", "0", P, P, "--plot", "terminal"], {"unit", "models", "best", "differences", "verdict", "picture"}),
    (["compare", "0", P, P, "--metric", "mse"], {"models", "best", "differences", "verdict"}),
    (["grad", "0", P], {"unit", "loss", "probabilities", "target"}),
    (["grad", "0", P, "--loss", "mse"], {"loss", "probabilities", "target"}),
    (["grad", "0", P, "--x", "1,2"], {"unit", "loss", "probabilities", "target", "weights", "bias"}),
    (
        ["grad", "0", P, "--jacobian", "--verify"],
        {"unit", "loss", "probabilities", "target", "jacobian", "max_relative_error"},
    ),
]


@pytest.mark.parametrize(("words", "own"), MEMBERS, ids=lambda part: " ".join(part) if isinstance(part, list) else "")
def test_the_members_of_every_command(strict, words, own):
    """These and no others."""
    found = strict(*words)
    assert set(found) == COMMON | own
    assert found["command"] == words[0]
    assert found["version"] == VERSION


SETTINGS = {
    "softmax": {"temperature", "classes", "log"},
    "entropy": {"logits", "base", "reduction", "normalize", "sample_weights", "classes"},
    "xent": {
        "logits",
        "base",
        "reduction",
        "normalize",
        "class_weights",
        "sample_weights",
        "label_smoothing",
        "ignore_index",
        "focal",
        "eps",
        "classes",
    },
    "kl": {"js", "logits", "base", "reduction", "normalize", "sample_weights", "eps", "classes"},
    "bce": {
        "logits",
        "base",
        "reduction",
        "sample_weights",
        "label_smoothing",
        "ignore_index",
        "pos_weight",
        "focal",
        "eps",
        "classes",
    },
    "compare": {
        "logits",
        "base",
        "normalize",
        "sample_weights",
        "ignore_index",
        "eps",
        "classes",
        "metric",
        "confidence",
        "seed",
        "bootstrap",
        "cluster",
        "baseline",
    },
    "calibrate": {"base", "normalize", "sample_weights", "ignore_index", "classes", "probabilities"},
    "grad": {
        "logits",
        "base",
        "reduction",
        "normalize",
        "class_weights",
        "sample_weights",
        "label_smoothing",
        "ignore_index",
        "classes",
        "loss",
    },
}


@pytest.mark.parametrize(
    "words", [words for words, _ in MEMBERS if "--metric" not in words and "mse" not in words], ids=" ".join
)
def test_the_settings_say_how_to_get_the_number_again(strict, words):
    """Every option that shapes the number of this command is there."""
    assert set(strict(*words)["settings"]) - {"base"} == SETTINGS[words[0]] - {"base"}
    assert ("base" in strict(*words)["settings"]) is (words[0] != "softmax" or "--log" in words)


def test_settings_hold_what_was_given(strict):
    """Read, not as typed: fractions are numbers, weights are lists."""
    found = strict(
        "xent", "0,1", "1,2,1;0,0,0", "-l", "-b", "2", "-r", "sum", "--class-weights", "1,2,3", "--sample-weights", "1/2,2", "--label-smoothing", "10%",
        "--ignore-index", "-1", "--classes", "a,b,c",
    )["settings"]  # fmt: skip
    assert found == {
        "logits": True, "base": 2, "reduction": "sum", "normalize": False, "class_weights": [1, 2, 3], "sample_weights": [0.5, 2], "label_smoothing": 0.1,
        "ignore_index": -1, "focal": 0, "eps": None, "classes": ["a", "b", "c"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("base", "unit"), [("e", "nats"), ("2", "bits"), ("10", "dits"), ("3", "base 3"), ("2.5", "base 2.5")]
)
def test_units(strict, base, unit):
    """nats, bits, dits, or base N."""
    assert strict("entropy", P, "-b", base)["unit"] == unit


def test_a_base_with_many_digits_keeps_them_in_its_unit(strict):
    """Anybody can get the same number again."""
    assert strict("entropy", P, "-b", "2.123456789")["unit"] == "base 2.123456789"


SHAPES = [
    (["softmax", P], (3,), 1), (["softmax", ROWS], (2, 3), 2), (["softmax", P, "--log"], (3,), 1),
    (["entropy", P], (), 1), (["entropy", ROWS], (2,), 2), (["entropy", ROWS, "-r", "mean"], (), 2), (["entropy", P, "-r", "none"], (1,), 1),
    (["xent", "0", P], (), 1), (["xent", "0,1", ROWS], (), 2), (["xent", "0,1", ROWS, "-r", "none"], (2,), 2), (["xent", "0", P, "-r", "none"], (1,), 1),
    (["kl", P, P], (), 1), (["kl", ROWS, ROWS], (2,), 2), (["kl", ROWS, ROWS, "-r", "sum"], (), 2),
    (["bce", "1", "0.5"], (), 1), (["bce", "1,0", "0.5,0.2"], (), 2), (["bce", "1,0", "0.5,0.2", "-r", "none"], (2,), 2),
    (["bce", "1,0;0,1;1,1", "0.5,0.2;0.3,0.4;0.1,0.9", "-r", "none"], (3, 2), 3), (["bce", "1,0;0,1;1,1", "0.5,0.2;0.3,0.4;0.1,0.9"], (), 3),
    (["compare", "0", P], (1,), 1), (["compare", "0,1", ROWS, ROWS], (2,), 2),
    (["calibrate", "0,1,1", "2,0;1,0;0,1"], (), 3),
    (["grad", "0", P], (3,), 1), (["grad", "0,1", ROWS], (2, 3), 2), (["grad", "1,0", "0.5,0.2", "--loss", "bce"], (2,), 2),
]  # fmt: skip


def shape(value):
    """The shape of nested lists."""
    return (len(value), *shape(value[0])) if isinstance(value, list) else ()


@every(
    ("words", "expected", "samples"),
    SHAPES,
)
def test_the_shape_of_the_value(strict, words, expected, samples):
    """A number, a list for a vector or under -r none, a list of lists for several rows."""
    found = strict(*words)
    assert shape(found["value"]) == expected
    assert found["samples"] == samples


def test_the_parts_of_a_cross_entropy(strict):
    """value = entropy + kl, reduced alike; perplexity is e to the mean in nats whatever the base and the reduction."""
    for extra in ([], ["-r", "sum"], ["-b", "2"], ["-b", "10", "-r", "sum"], ["--label-smoothing", "0.1"]):
        found = strict("xent", "0.5,0.5,0;0.2,0.2,0.6", ROWS, *extra)
        assert found["value"] == pytest.approx(found["entropy"] + found["kl"], rel=1e-14)
    mean = strict("xent", "0,1", ROWS)
    for extra in ([], ["-r", "sum"], ["-b", "2"], ["-r", "none"]):
        assert strict("xent", "0,1", ROWS, *extra)["perplexity"] == pytest.approx(math.exp(mean["value"]), rel=1e-14)
    found = strict("xent", "0,1", ROWS, "-r", "none")
    assert shape(found["entropy"]) == shape(found["kl"]) == (2,)


@pytest.mark.parametrize("option", [["--class-weights", "1,1,1"], ["--focal", "2"]])
def test_the_parts_are_null_under_class_weights_and_focal(strict, option):
    """All three."""
    found = strict("xent", "0", P, *option)
    assert found["entropy"] is found["kl"] is found["perplexity"] is None


def test_infinite_numbers_are_strings(strict):
    """inf and -inf, in every place."""
    found = strict("xent", "0", "0,1")
    assert (found["value"], found["entropy"], found["kl"], found["perplexity"]) == ("inf", 0, "inf", "inf")
    assert strict("softmax", "0,-inf", "--log")["value"] == [0, "-inf"]
    assert strict("xent", "0,1", "0,1;0,1", "-r", "none")["value"] == ["inf", 0]
    found = strict("compare", "0", "a=0,1", "b=0,1")
    assert found["value"] == ["inf", "inf"]
    assert found["differences"][0]["difference"] is None
    assert strict("grad", "0", "0,1")["loss"] == "inf"


def test_samples_left_out_are_null(strict):
    """Under -r none, in every list that has an entry per sample."""
    found = strict("xent", "0,9,1", "0.5,0.5;0.5,0.5;0.5,0.5", "--ignore-index", "9", "-r", "none")
    for member in ("value", "entropy", "kl"):
        assert [entry is None for entry in found[member]] == [False, True, False]
    assert found["samples"] == 3
    assert strict("bce", "1,9", "0.5,0.5", "--ignore-index", "9", "-r", "none")["value"][1] is None
    assert strict("bce", "1,9;0,1", "0.5,0.5;0.5,0.5", "--ignore-index", "9", "-r", "none")["value"][0][1] is None


def test_what_grad_says_of_a_sample_left_out(strict):
    """Its gradient is 0, its loss null, and it has no class for a target."""
    found = strict("grad", "0,9", "0.5,0.5;0.25,0.75", "--ignore-index", "9", "-r", "none")
    assert found["value"] == [[-0.5, 0.5], [0, 0]]
    assert found["loss"][1] is None
    assert found["target"][1] != [1, 0]


def test_compare(strict):
    """The models in the order given, the best of each metric, and the pair's statistics."""
    found = strict(
        "compare", "2,1,0", "b=0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7", "a=0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3"
    )
    metrics = ["error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity"]
    assert [set(model) for model in found["models"]] == [{"name", "intervals", *metrics}] * 2
    assert [model["name"] for model in found["models"]] == ["b", "a"]
    assert found["value"] == [model["cross_entropy"] for model in found["models"]]
    assert found["best"] == {"error_rate": ["b", "a"], "errors": ["b", "a"]} | {metric: ["a"] for metric in metrics[2:]}
    (pair,) = found["differences"]
    statistics = {
        "difference",
        "ci_low",
        "ci_high",
        "p_value",
        "p_adjusted",
        "method",
        "better",
        "worse",
        "tied",
        "needed",
        "caution",
    }
    of_pair = {"a", "b", "infinite", "mcnemar", "metrics", "samples", "effective_samples", "clusters"}
    assert set(pair) == statistics | of_pair
    assert set(pair["metrics"]) == {*metrics} - {"cross_entropy"}
    assert set(pair["metrics"]["mse"]) == set(pair["metrics"]["error_rate"]) == statistics
    assert set(pair["metrics"]["perplexity"]) == {"difference", "ci_low", "ci_high", "p_value"}
    assert [set(model["intervals"]) for model in found["models"]] == [{*metrics}] * 2
    assert set(pair["mcnemar"]) == {"only_a_right", "only_b_right", "p_value", "p_adjusted"}
    assert (pair["a"], pair["b"]) == ("b", "a")
    assert pair["difference"] == pytest.approx(found["value"][0] - found["value"][1], rel=1e-14)
    assert isinstance(found["models"][0]["errors"], int)


def test_compare_pairs_every_two_models(strict):
    """Three models, three pairs."""
    found = strict("compare", "0", "a=0.5,0.5", "b=0.4,0.6", "c=0.3,0.7", "--metric", "mse")
    assert [(pair["a"], pair["b"]) for pair in found["differences"]] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found["value"] == [model["mse"] for model in found["models"]]
    assert found["differences"][0]["p_value"] is None


def test_grad(strict):
    """probabilities and target have the shape of the value; the layer is classes × inputs."""
    found = strict("grad", "0,1", ROWS, "--x", "1,2;3,4", "--jacobian", "--verify")
    assert shape(found["value"]) == shape(found["probabilities"]) == shape(found["target"]) == (2, 3)
    assert (shape(found["weights"]), shape(found["bias"]), shape(found["jacobian"])) == ((3, 2), (3,), (2, 3, 3))
    assert found["target"] == [[1, 0, 0], [0, 1, 0]]
    assert found["loss"] == pytest.approx(-math.log(0.5) - math.log(0.1))
    assert found["settings"]["loss"] == "xent"
    assert found["settings"]["reduction"] == "sum"
    found = strict("grad", "0", P, "--x", "5", "--jacobian")
    assert (shape(found["weights"]), shape(found["bias"]), shape(found["jacobian"])) == ((3, 1), (3,), (3, 3))


def test_precision_rounds_the_numbers_and_not_the_settings(strict):
    """Digits after the point."""
    found = strict("xent", "0", P, "--label-smoothing", "0.123456", "-p", "2")
    assert found["value"] == round(found["value"], 2)
    assert found["settings"]["label_smoothing"] == 0.123456


def test_json_is_one_line_in_utf8(cecli):
    """Names stay readable, and one line is one object."""
    result = cecli("compare", "0", "モデル=0.5,0.5", "-f", "json")
    assert result.stdout.count("\n") == 1
    assert "モデル" in result.stdout


def test_names_from_a_header_are_in_the_settings(strict):
    """Names that the header gave are names as --classes' are."""
    assert strict("softmax", "-", stdin="cat,dog\n1,2\n")["settings"]["classes"] == ["cat", "dog"]


def test_notes_are_those_of_stderr(cecli):
    """Each of them, also where so many are not all told there, and where they are not wanted there."""
    words = ["compare", "0,0", *(f"m{i}=0.0,1.0;0.5,0.5" for i in range(9)), "--fail-if", "m0.mse > 0", "-f", "json"]
    told = cecli(*words)
    notes = json.loads(told.stdout)["notes"]
    lines = [line.removeprefix("note: ") for line in told.stderr.splitlines()]

    assert len(notes) > 12
    assert set(lines) - set(notes) == {f"and {len(notes) - 13} more notes"}
    assert notes[-1] == lines[-1]
    assert json.loads(cecli(*words, "-q").stdout)["notes"] == notes
    assert json.loads(cecli("xent", "0", "0.5,0.5", "-f", "json").stdout)["notes"] == []
