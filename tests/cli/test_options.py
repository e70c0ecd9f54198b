"""Every option on every command that has it changes the number as it should; elsewhere it is refused."""

import json
import math

import pytest

from tests.every import every

M = "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7"
BASIC = {
    "softmax": ["1,2"],
    "entropy": ["0.5,0.5"],
    "xent": ["0", "0.5,0.5"],
    "kl": ["0.5,0.5", "0.4,0.6"],
    "bce": ["1,0", "0.5,0.5"],
    "compare": ["0", "0.5,0.5", "0.4,0.6"],
    "grad": ["0", "0.5,0.5"],
    "calibrate": ["0,0,1", "2,0;1,0;1,0"],
}
ALL = set(BASIC)
"""The commands that compute."""

ONE_SAMPLE = {"bce": ["1", "0.5"], "calibrate": ["0.7,0.3", "2,0"]}

EVERY = ALL | {"devices", "check"}
OFFERED = {
    ("-l",): ALL - {"softmax", "calibrate"},
    ("--logits",): ALL - {"softmax", "calibrate"},
    ("-b", "2"): ALL - {"softmax"},
    ("--base", "2"): ALL - {"softmax"},
    ("-r", "sum"): ALL - {"softmax", "compare", "calibrate"},
    ("--reduction", "mean"): ALL - {"softmax", "compare", "calibrate"},
    ("-n",): ALL - {"softmax", "bce"},
    ("--normalize",): ALL - {"softmax", "bce"},
    ("--class-weights", "1,2"): {"xent", "grad"},
    ("--sample-weights", "1"): ALL - {"softmax"},
    ("--label-smoothing", "0.1"): {"xent", "bce", "grad"},
    ("--ignore-index", "7"): {"xent", "bce", "compare", "grad", "calibrate"},
    ("--pos-weight", "2"): {"bce"},
    ("--focal", "2"): {"xent", "bce"},
    ("--eps", "1e-3"): {"xent", "bce", "kl", "compare"},
    ("-t", "2"): {"softmax"},
    ("--temperature", "2"): {"softmax"},
    ("--log",): {"softmax"},
    ("--js",): {"kl"},
    ("--loss", "mse"): {"grad"},
    ("--x", "1,2"): {"grad"},
    ("--jacobian",): {"grad"},
    ("--verify",): {"grad"},
    ("--metric", "mse"): {"compare"},
    ("--confidence", "0.9"): {"compare"},
    ("--bootstrap", "100"): {"compare"},
    ("--seed", "7"): {"compare"},
    ("--cluster", "1"): {"compare"},
    ("--baseline", "model 1"): {"compare"},
    ("--fail-if", "1 > 2"): {"compare"},
    ("--metrics", "ece,accuracy"): {"compare"},
    ("--bins", "4"): {"compare"},
    ("--sort", "mse"): {"compare"},
    ("--samples", "2"): {"compare"},
    ("--pairs",): {"compare"},
    ("--worst", "2"): {"compare"},
    ("--disagree", "2"): {"compare"},
    ("--by-class",): {"compare"},
    ("--confusion",): {"compare"},
    ("--plot", "terminal"): {"compare"},
    ("--classes", "a,b"): ALL,
    ("--device", "cpu"): ALL,
    ("--threads", "2"): ALL,
    ("-f", "json"): EVERY,
    ("--format", "plain"): EVERY,
    ("-p", "3"): ALL,
    ("--precision", "3"): ALL,
    ("--fail-above", "99"): ALL,
    ("--steps",): ALL,
    ("--expect",): ALL,
    ("-q",): EVERY,
    ("--quiet",): EVERY,
    ("--color", "never"): EVERY,
    ("-o", "/dev/stdout"): EVERY,
    ("--output", "/dev/stdout"): EVERY,
    ("--header",): ALL,
    ("--no-header",): ALL,
    ("--line-buffered",): ALL - {"compare", "grad", "calibrate"},
    ("--id", "id"): ALL - {"softmax", "entropy"},
    ("--columns", "1"): ALL,
    ("--skip-missing",): ALL,
    ("--by", "1"): {"compare"},
    ("--scores",): {"compare"},
    ("--of", "weights"): {"grad"},
    ("--like", "torch"): ALL - {"calibrate"},
    ("--code", "numpy"): ALL - {"calibrate"},
}
BESIDE = {
    ("compare", "--bins"): ["--metrics", "ece"],
    ("compare", "--like"): ["--metric", "mse"],
    ("compare", "--code"): ["--metric", "mse"],
    ("grad", "--of"): ["--x", "1,2"],
}
"""What an option needs beside it."""

INSTEAD = {("compare", "--scores"): ["0.5,0.7", "0.4,0.6"]}
"""Values in the place of the usual ones."""


@every("command", sorted(EVERY))
@every("option", OFFERED, ids=" ".join)
def test_each_option_where_it_has_a_meaning(cecli, command, option):
    """Offered where the contract says so, refused with exit 2 where it means nothing."""
    words = ONE_SAMPLE[command] if option[0] == "--sample-weights" and command in ONE_SAMPLE else BASIC.get(command, [])
    claim = {
        "softmax": ["0.27,0.73"],
        "compare": ["0.69,0.9"],
        "grad": ["-0.5,0.5"],
        "kl": ["0.02"],
        "calibrate": ["1.3"],
    }.get(command, ["0.69"])
    words = ["-"] if command == "check" else words
    option = (option[0], *claim) if option[0] == "--expect" else option
    words = [*INSTEAD.get((command, option[0]), words), *BESIDE.get((command, option[0]), [])]
    if option == ("--decimal-comma",):
        words = [word.translate({ord("."): ",", ord(","): " "}) for word in words]
    result = cecli(command, *words, *option, stdin="xent 0 0.5,0.5 = 0.69\n")
    offered = command in (OFFERED.get(option) or ALL)
    if offered and option[0] == "--id":
        assert "--id joins the rows of files" in result.stderr
    elif offered and "/dev/stdout" in option:
        assert result.exit_code == 0, result.stderr  # it goes to the descriptor, past the runner
    elif offered:
        assert result.exit_code == 0, result.stderr
        assert result.stdout
    else:
        assert (result.exit_code, result.stdout) == (2, "")
        assert "no option" in result.stderr or "--base" in result.stderr


def test_every_option_is_in_the_table():
    """No command offers an option that the table above does not judge."""
    from cecli.cli.app import app, typer

    group = typer.main.get_command(app)
    known = {option[0] for option in OFFERED} | {
        "-h",
        "--help",
        "--example",
        "--label",
        "--dask",
        "--probabilities",
        "--where",
        "--decimal-comma",
    }
    offered = {
        name
        for command in group.commands.values()
        for p in command.params
        if p.param_type_name == "option"
        for name in p.opts
    }
    assert offered <= known


@pytest.mark.parametrize(
    "words",
    [
        ["softmax", "1,2", "-b", "2"], ["grad", "0", "0.5,0.5", "--loss", "mse", "-b", "2"], ["grad", "0", "0.5,0.5", "--loss", "mse", "--class-weights", "1,2"],
        ["grad", "1,0", "0.5,0.5", "--loss", "bce", "--class-weights", "1,2"], ["grad", "1,0", "0.5,0.5", "--loss", "bce", "--normalize"],
        ["xent", "1,0", "0.5,0.5", "--ignore-index", "0"], ["compare", "0", "0.5,0.5", "--example"],
        ["compare", "0", "0.5,0.5", "--bins", "5"], ["compare", "0", "0.5,0.5", "--metric", "mse", "--metrics", "ece"],
        ["compare", "0", "0.5,0.5", "--metric", "accuracy", "--steps"], ["compare", "0", "0.5,0.3,0.2", "--metrics", "roc_auc"],
    ],
)  # fmt: skip
def test_an_option_without_a_meaning_in_this_call_is_refused(cecli, words):
    """Never silently ignored: the option is named."""
    result = cecli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert any(word in result.stderr for word in words if word.startswith("--")) or "--base" in result.stderr


def ln(*values):
    return [-math.log(value) for value in values]


L = ln(0.4, 0.4, 0.1)  # the losses of labels 2,1,0 under M
SIG = [1 / (1 + math.exp(-z)) for z in (0.3, -1.2)]

EFFECTS = [
    (["softmax", "1,2", "-t", "2"], [[1 / (1 + math.exp(0.5)), 1 / (1 + math.exp(-0.5))]]),
    (["softmax", "1,2", "-t", "50%"], [[1 / (1 + math.exp(2)), 1 / (1 + math.exp(-2))]]),
    (["softmax", "1,2", "--log"], [[-math.log1p(math.e), -math.log1p(1 / math.e)]]),
    (["softmax", "1,2", "--log", "-b", "2"], [[-math.log2(1 + math.e), -math.log2(1 + 1 / math.e)]]),
    (["entropy", "0,1", "-l"], [[math.log(1 + math.e) - math.e / (1 + math.e)]]),
    (["entropy", "3,5,2", "-n"], [[-(0.3 * math.log(0.3) + 0.5 * math.log(0.5) + 0.2 * math.log(0.2))]]),
    (["entropy", "0.5,0.5;1,0"], [[math.log(2)], [0]]),
    (["entropy", "0.5,0.5;1,0", "-r", "mean"], [[math.log(2) / 2]]),
    (["entropy", "0.5,0.5;0.5,0.5", "-r", "sum", "-b", "2"], [[2]]),
    (["entropy", "0.5,0.5;1,0", "-r", "mean", "--sample-weights", "3,1"], [[math.log(2) * 3 / 4]]),
    (["entropy", "0.5,0.5", "-b", "10"], [[math.log10(2)]]),
    (["entropy", "0.5,0.5", "-b", "4"], [[0.5]]),
    (["xent", "2,1,0", M], [[sum(L) / 3]]),
    (["xent", "2,1,0", M, "-r", "sum"], [[sum(L)]]),
    (["xent", "2,1,0", M, "-r", "none"], [[loss] for loss in L]),
    (["xent", "2,1,0", M, "-b", "2", "-r", "none"], [[loss / math.log(2)] for loss in L]),
    (["xent", "2,1,0", M, "-b", "1.5", "-r", "sum"], [[sum(L) / math.log(1.5)]]),
    (["xent", "2,1,0", M, "--class-weights", "1,2,4"], [[(4 * L[0] + 2 * L[1] + L[2]) / 7]]),
    (["xent", "2,1,0", M, "--class-weights", "1,2,4", "-r", "sum"], [[4 * L[0] + 2 * L[1] + L[2]]]),
    (["xent", "2,1,0", M, "--class-weights", "1,2,4", "-r", "none"], [[4 * L[0]], [2 * L[1]], [L[2]]]),
    (["xent", "2,1,0", M, "--sample-weights", "1,0,3"], [[(L[0] + 3 * L[2]) / 4]]),
    (["xent", "2,1,0", M, "--sample-weights", "1,0,3", "-r", "sum"], [[L[0] + 3 * L[2]]]),
    (["xent", "2,1,0", M, "--sample-weights", "1;0;3", "-r", "none"], [[L[0]], [0], [3 * L[2]]]),
    (
        ["xent", "2,1,0", M, "--sample-weights", "1,2,3", "--class-weights", "1,2,4"],
        [[(4 * L[0] + 4 * L[1] + 3 * L[2]) / 11]],
    ),
    (["xent", "0,0", "0,1;0.5,0.5", "--sample-weights", "0,1"], [[math.log(2)]]),
    (["xent", "2,1,0", M, "--ignore-index", "1"], [[(L[0] + L[2]) / 2]]),
    (["xent", "2,-100,0", M, "--ignore-index", "-100", "-r", "sum"], [[L[0] + L[2]]]),
    (["xent", "0", "0.5,0.25,0.25", "--label-smoothing", "0.3"], [[0.8 * math.log(2) + 0.2 * math.log(4)]]),
    (["xent", "0", "0.5,0.25,0.25", "--label-smoothing", "1"], [[(math.log(2) + 2 * math.log(4)) / 3]]),
    (["xent", "0", "0.5,0.25,0.25", "--label-smoothing", "30%"], [[0.8 * math.log(2) + 0.2 * math.log(4)]]),
    (["xent", "0", "0.25,0.75", "--focal", "2"], [[0.75**2 * math.log(4)]]),
    (["xent", "0", "0,1", "--eps", "1e-3"], [[-math.log(1e-3)]]),
    (["xent", "1", "0,1", "--eps", "1e-3"], [[-math.log(1 - 1e-3)]]),
    (["xent", "0", "-1000,0", "-l", "--eps", "1e-3"], [[-math.log(1e-3)]]),
    (["xent", "0", "1,3", "-n"], [[math.log(4)]]),
    (["xent", "1,3", "1,1", "-n"], [[math.log(2)]]),
    (["xent", "dog", "0.5,0.2,0.3", "--classes", "cat,dog,bird"], ln(0.2) and [[-math.log(0.2)]]),
    (["xent", "dog,cat", "0.5,0.5;0.2,0.8", "--classes", "cat,dog", "-r", "none"], [[math.log(2)], [-math.log(0.2)]]),
    (["xent", "2", "0.5,0.2,0.3", "--classes", "1,2,3"], [[-math.log(0.2)]]),
    (["xent", "2", "0.5,0.2,0.3"], [[-math.log(0.3)]]),
    (["kl", "0.5,0.5", "0.4,0.6"], [[0.5 * math.log(1.25) + 0.5 * math.log(5 / 6)]]),
    (["kl", "1,1", "2,3", "-n"], [[0.5 * math.log(1.25) + 0.5 * math.log(5 / 6)]]),
    (["kl", "1", "0.4,0.6"], [[-math.log(0.6)]]),
    (["kl", "0.5,0.5", "0,0", "-l"], [[0]]),
    (["kl", "1,0", "0,1", "--js", "-b", "2"], [[1]]),
    (["kl", "1,0", "0.5,0.5", "--js"], [[0.5 * math.log(4 / 3) + 0.5 * (0.5 * math.log(2 / 3) + 0.5 * math.log(2))]]),
    (["kl", "1,0", "0,1", "--eps", "1e-3"], [[-math.log(1e-3)]]),
    (["kl", "1,0;0,1", "0.5,0.5;0.5,0.5"], [[math.log(2)], [math.log(2)]]),
    (["kl", "1,0;0,1", "0.5,0.5;0.25,0.75", "-r", "mean", "-b", "2"], [[(1 + math.log2(4 / 3)) / 2]]),
    (["kl", "1,0;0,1", "0.5,0.5;0.25,0.75", "-r", "mean", "--sample-weights", "1,0"], [[math.log(2)]]),
    (["bce", "1,0", "0.3,-1.2", "-l"], [[sum(ln(SIG[0], 1 - SIG[1])) / 2]]),
    (["bce", "1,0", "0.3,-1.2", "-l", "--pos-weight", "3"], [[(3 * -math.log(SIG[0]) - math.log(1 - SIG[1])) / 2]]),
    (["bce", "1,0", "0.9,0.2", "-r", "none"], [[-math.log(0.9)], [-math.log(0.8)]]),
    (["bce", "1,0", "0.9,0.2", "-r", "sum", "-b", "2"], [[-math.log2(0.9) - math.log2(0.8)]]),
    (["bce", "1,0", "0.9,0.2", "--sample-weights", "1,3"], [[(-math.log(0.9) - 3 * math.log(0.8)) / 4]]),
    (
        ["bce", "1,0", "0.9,0.2", "--label-smoothing", "0.2", "-r", "none"],
        [[-0.9 * math.log(0.9) - 0.1 * math.log(0.1)], [-0.1 * math.log(0.2) - 0.9 * math.log(0.8)]],
    ),
    (["bce", "1,0", "0.9,0.2", "--focal", "2", "-r", "none"], [[-0.01 * math.log(0.9)], [-0.04 * math.log(0.8)]]),
    (["bce", "1,0", "0,0.2", "--eps", "1e-3", "-r", "none"], [[-math.log(1e-3)], [-math.log(0.8)]]),
    (["bce", "1,0,9", "0.9,0.2,0.5", "--ignore-index", "9"], [[(-math.log(0.9) - math.log(0.8)) / 2]]),
    (["bce", "1,0;0,1", "0.9,0.2;0.4,0.7", "-r", "none"], [ln(0.9, 0.8), ln(0.6, 0.7)]),
    (["bce", "1,0;0,1", "0.9,0.2;0.4,0.7"], [[sum(ln(0.9, 0.8, 0.6, 0.7)) / 4]]),
    (["bce", "1;0", "0.9;0.2"], [[sum(ln(0.9, 0.8)) / 2]]),
    (["compare", "2,1,0", M, M, "--metric", "errors"], [[1, 1]]),
    (["compare", "2,1,0", M, "--metric", "perplexity"], [[math.exp(sum(L) / 3)]]),
    (["compare", "2,1,0", M, "--metric", "perplexity", "-b", "2"], [[math.exp(sum(L) / 3)]]),
    (["compare", "2,1,0", M, "--metric", "cross-entropy", "-b", "2"], [[sum(L) / 3 / math.log(2)]]),
    (["compare", "2,1,0", M, "--metric", "cross_entropy", "--sample-weights", "1,0,1"], [[(L[0] + L[2]) / 2]]),
    (["compare", "2,9,0", M, "--metric", "cross_entropy", "--ignore-index", "9"], [[(L[0] + L[2]) / 2]]),
    (["compare", "0", "1,3", "--metric", "cross_entropy", "-n"], [[math.log(4)]]),
    (["compare", "0", "0,0", "--metric", "mse", "-l"], [[0.5]]),
    (["compare", "0", "0,1", "--metric", "cross_entropy", "--eps", "1e-3"], [[-math.log(1e-3)]]),
    (["compare", "dog", "0.5,0.5", "--metric", "mse", "--classes", "cat,dog"], [[0.5]]),
    (["grad", "0", "0.5,0.3,0.2"], [[-0.5, 0.3, 0.2]]),
    (["grad", "0", "0,0", "-l", "-b", "2"], [[-0.5 / math.log(2), 0.5 / math.log(2)]]),
    (["grad", "0", "0.6,0.4", "--loss", "mse"], [[2 * 0.6 * 0.4 * -0.8, 2 * 0.6 * 0.4 * 0.8]]),
    (["grad", "1,0", "0.9,0.2", "--loss", "bce"], [[-0.1, 0.2]]),
    (["grad", "0,1", "0.5,0.5;0.25,0.75"], [[-0.5, 0.5], [0.25, -0.25]]),
    (["grad", "0,1", "0.5,0.5;0.25,0.75", "-r", "none"], [[-0.5, 0.5], [0.25, -0.25]]),
    (["grad", "0,1", "0.5,0.5;0.25,0.75", "-r", "mean"], [[-0.25, 0.25], [0.125, -0.125]]),
    (["grad", "0,1", "0.5,0.5;0.25,0.75", "--class-weights", "2,4"], [[-1, 1], [1, -1]]),
    (
        ["grad", "0,1", "0.5,0.5;0.25,0.75", "--class-weights", "2,6", "-r", "mean"],
        [[-0.125, 0.125], [0.1875, -0.1875]],
    ),
    (["grad", "0,1", "0.5,0.5;0.25,0.75", "--sample-weights", "2,0"], [[-1, 1], [0, 0]]),
    (["grad", "0,9", "0.5,0.5;0.25,0.75", "--ignore-index", "9", "-r", "mean"], [[-0.5, 0.5], [0, 0]]),
    (["grad", "0", "0.5,0.5", "--label-smoothing", "0.2"], [[-0.4, 0.4]]),
    (["grad", "0", "1,3", "-n"], [[-0.75, 0.75]]),
]


@every(("words", "expected"), EFFECTS)
def test_an_option_changes_the_number_as_it_should(value, words, expected):
    """Against the formula, written out here by hand."""
    found = value(*words, "-q")
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a == pytest.approx(b, rel=1e-14, abs=1e-16)


def test_what_grad_adds(cecli):
    """--x, --jacobian and --verify add their members."""
    result = json.loads(cecli("grad", "0", "0.5,0.3,0.2", "--x", "2,-3", "--jacobian", "--verify", "-f", "json").stdout)
    assert result["weights"] == [pytest.approx(row) for row in ([-1, 1.5], [0.6, -0.9], [0.4, -0.6])]
    assert result["bias"] == pytest.approx([-0.5, 0.3, 0.2])
    assert result["jacobian"] == [
        pytest.approx(row) for row in ([0.25, -0.15, -0.1], [-0.15, 0.21, -0.06], [-0.1, -0.06, 0.16])
    ]
    assert 0 <= result["max_relative_error"] < 1e-6


def test_js_adds_the_distance(cecli):
    """The distance is each sample's square root, reduced alike."""
    result = json.loads(cecli("kl", "1,0;1,0", "0,1;1,0", "--js", "-b", "2", "-r", "mean", "-f", "json").stdout)
    assert (result["value"], result["distance"]) == (0.5, 0.5)


@pytest.mark.parametrize("command", ["xent", "kl", "entropy", "bce", "grad"])
def test_reductions_by_any_name_but_the_three_are_refused(cecli, command):
    """none, mean, sum."""
    result = cecli(command, *BASIC[command], "-r", "median")
    assert result.exit_code == 2
    assert all(word in result.stderr for word in ("median", "none", "mean", "sum"))


@pytest.mark.parametrize(("value_", "base"), [("e", "e"), ("2", 2), ("10", 10), ("2.5", 2.5), ("5/2", 2.5)])
def test_a_base_is_any_number_above_one(cecli, value_, base):
    """A fraction too, as everywhere."""
    result = cecli("entropy", "0.5,0.5", "-b", value_, "-f", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["settings"]["base"] == base


@pytest.mark.parametrize("base", ["1", "0.5", "0", "-2", "x", "nan", "inf", "", "1__0", "2 3"])
def test_a_base_that_is_none(cecli, base):
    """Not above 1, not finite, or no number."""
    result = cecli("entropy", "0.5,0.5", "-b", base)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--base" in result.stderr


@pytest.mark.parametrize("base", ["nan", "inf"])
def test_what_a_wrong_base_is_told(cecli, base):
    """Infinity and NaN are not below 1."""
    assert "below 1" not in cecli("entropy", "0.5,0.5", "-b", base).stderr


@pytest.mark.parametrize("weight", ["1e150", "1e-320"])
def test_large_and_tiny_weights_weigh_as_any_others_do(cecli, weight):
    """A weighted mean does not depend on the scale of the weights."""
    for option in ("--sample-weights", "--class-weights"):
        result = cecli("xent", "0,1", "0.5,0.5;0.75,0.25", option, f"{weight},{weight}")
        assert result.exit_code == 0, result.stderr
        assert float(result.stdout) == pytest.approx(1.5 * math.log(2), rel=1e-14 if weight == "1e150" else 1e-3)


def test_compare_with_large_weights(cecli):
    """No fault of cecli's own."""
    result = cecli(
        "compare",
        "0,0",
        "0.3,0.7;0.5,0.5",
        "0.3,0.7;0.4,0.6",
        "--sample-weights",
        "1e150,1e150",
        "--metric",
        "cross_entropy",
    )
    assert result.exit_code == 0, result.stderr
    assert [float(entry) for entry in result.stdout.split(",")] == pytest.approx(
        [-math.log(0.15) / 2, -math.log(0.12) / 2], rel=1e-14
    )


@pytest.mark.parametrize(
    "words",
    [["xent", "0,1", "0.5,0.5;0.75,0.25", "--sample-weights", "1,1e308"], ["xent", "0,1", "0.5,0.5;0.75,0.25", "--class-weights", "1,1e308"],
     ["compare", "0,1", "0.5,0.5;0.75,0.25", "--sample-weights", "1,1e308"], ["bce", "0,1", "0.5,0.75", "--sample-weights", "1,1e308"],
     ["entropy", "0.5,0.5;1,0", "--sample-weights", "1,1e308"], ["grad", "0,1", "0.5,0.5;0.75,0.25", "--sample-weights", "1,1e308"]],
    ids=lambda words: f"{words[0]} {words[-2]}",
)  # fmt: skip
def test_huge_weights_are_refused(cecli, words):
    """Above 1e150 a weight overflows what it is multiplied with: an error that says what to do, and underlines it."""
    result = cecli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "1e+308 is above 1e+150" in result.stderr
    assert "divide all weights" in result.stderr
    assert "      ^^^^^\n" in result.stderr


def test_the_environment_sets_the_format_and_the_command_line_wins(cecli):
    """CECLI_FORMAT and CECLI_PRECISION; empty ones are none; wrong ones are errors."""
    assert cecli("softmax", "1,2", CECLI_FORMAT="json").stdout.startswith("{")
    assert cecli("softmax", "1,2", "-f", "plain", CECLI_FORMAT="json").stdout.startswith("0.2689")
    assert cecli("softmax", "1,2", CECLI_PRECISION="2").stdout == "0.27,0.73\n"
    assert cecli("softmax", "1,2", "-p", "3", CECLI_PRECISION="2").stdout == "0.269,0.731\n"
    assert cecli("softmax", "0,0", CECLI_FORMAT="", CECLI_PRECISION="").stdout == "0.5,0.5\n"
    assert cecli("softmax", "1,2", CECLI_FORMAT="bogus").exit_code == 2


def test_an_option_given_several_times(cecli):
    """The same value twice is one; of options that may be repeated all count."""
    assert cecli("xent", "0", "0.5,0.5", "-b", "2", "--base", "2", "-l", "--logits", "-q").stdout == "1\n"
    assert cecli("xent", "0", "0.5,0.5", "--fail-above", "3", "--fail-above", "0.5").exit_code == 1
    assert cecli("xent", "0", "0.5,0.5", "--fail-above", "3", "--fail-above", "2").exit_code == 0
    found = json.loads(cecli("compare", "--example", "--metrics", "ece", "--metrics", "mce", "-f", "json").stdout)
    assert {"ece", "mce"} <= found["models"][0].keys()
    conditions = "--fail-if", '"model 1".mse > 9', "--fail-if", '"model 2".mse > 0'
    result = cecli("compare", "--example", *conditions)
    assert result.exit_code == 1
    assert "model 2.mse = 0.34" in result.stderr
    assert cecli("compare", "--example", *conditions[:2]).exit_code == 0
