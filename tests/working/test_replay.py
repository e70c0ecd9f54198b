"""Every printed expression, evaluated on its printed parts, gives the printed result."""

import itertools
import json
import math
import re

import mpmath
import numpy as np
import pytest

from tests.every import every

M = "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7"
P8 = "0.5,0.5;0.5,0.5;0.5,0.5;0.5,0.5;0.5,0.5;0.2,0.8;0.5,0.5;0.5,0.5"
CALLS = [
    ["softmax", "2,1,0.1"], ["softmax", "-1,0,3", "-t", "2"], ["softmax", "1,2;3,4"], ["softmax", "1000,999,-1000"], ["softmax", "0,-inf,1"],
    ["softmax", "2,1,0.1", "--log"], ["softmax", "2,1,0.1;40,0,0", "--log", "-b", "2"], ["softmax", "2,1", "--log", "-b", "3", "-t", "0.5"], ["softmax", "1,inf,3"],
    ["entropy", "63/64,1/64", "-b", "2"], ["entropy", "0.5,0.5;1,0"], ["entropy", "3,5,2", "-n"], ["entropy", "2,1,0.1", "-l", "-b", "10"],
    ["entropy", "98.4%,1.6%"], ["entropy", "0.5,0.5;1,0;0.3,0.7", "-r", "mean", "--sample-weights", "1,2,3"], ["entropy", "100,0,0", "-l"],
    ["xent", "1,0,0", "0.5,0.2,0.3"], ["xent", "2,1,0", M], ["xent", "2,1,0", M, "-b", "10", "-r", "sum"], ["xent", "2,1,0", M, "-r", "none"],
    ["xent", "2,1,0", M, "--class-weights", "1,2,4"], ["xent", "2,1,0", M, "--class-weights", "1,2,4", "--sample-weights", "1/2,2,3"],
    ["xent", "2,9,0", M, "--ignore-index", "9"], ["xent", "0.7,0.2,0.1", "0.6,0.3,0.1", "--label-smoothing", "0.1"], ["xent", "0", "2,1,0.1", "-l"],
    ["xent", "0", "2,1,0.1", "-l", "--label-smoothing", "0.1", "-b", "2"], ["xent", "0,1", "2,1,0.1;0,30,1", "-l"], ["xent", "0", "40,0", "-l"], ["xent", "0,0", "40,0;100,0", "-l"],
    ["xent", "0", "0.25,0.75", "--focal", "2"], ["xent", "0,1", "2,1;40,0", "-l", "--focal", "2", "--class-weights", "1,3"], ["xent", "0", "0.0,1.0"], ["xent", "0", "0,1", "--eps", "1e-3"],
    ["xent", "0", "2,1,0.1", "-l", "--eps", "0.2"], ["xent", "1,3", "1,1", "-n"], ["xent", "0.5,0.5;0.2,0.8", "1,2;3,4", "-l"], ["xent", "0,1,0,1,0,1,0,1", ";".join(["0.9,0.1"] * 8)],
    ["kl", "0.5,0.5", "0.75,0.25", "-b", "2"], ["kl", "0.5,0.5", "0.75,0.25", "--js"], ["kl", "0.5,0.5;1,0", "0.4,0.6;0.9,0.1"], ["kl", "0.5,0.5", "1,2", "-l"], ["kl", "1,0", "0.5,0.5", "--js", "-b", "2"],
    ["kl", "0.5,0.5", "0,1", "--eps", "0.1"], ["kl", "1,1", "2,3", "-n"], ["kl", "0.5,0.5", "0.4999,0.5001"],
    ["bce", "1,0,1", "0.9,0.2,0.6"], ["bce", "1,0", "0.3,-1.2", "-l", "--pos-weight", "3"], ["bce", "1,0;0,1", "0.9,0.2;0.4,0.7"], ["bce", "1", "0.9"], ["bce", "1", "50", "-l"],
    ["bce", "1,0", "0.9,0.2", "--label-smoothing", "0.2", "--focal", "2"], ["bce", "1,0", "2,-3", "-l", "--focal", "2", "-b", "2"], ["bce", "0.3,1", "0.5,1", "--eps", "0.01", "--sample-weights", "1,3"],
    ["compare", "--example"], ["compare", "--example", "--metric", "cross_entropy_sum", "-b", "10"], ["compare", "--example", "--metric", "perplexity", "-b", "2"],
    ["compare", "0,1", "a=2,1;0,1", "b=0,0.5;3,1", "-l", "--sample-weights", "1,2"], ["compare", "--example", "--metric", "errors"],
    ["calibrate", "0,1,1", "4,0,1;1,3,0;2,0,1"], ["calibrate", "0.7,0.3", "2,0"], ["calibrate", "7,3;0,2", "2,0;-1,1", "-n", "--sample-weights", "1,3"],
    ["calibrate", "0,9,1,1", "2,0;0,5;1,0;0,-inf", "--ignore-index", "9", "--sample-weights", "1,1,1,0"], ["calibrate", "0,0,1,0,0,1,0,0", ";".join(["2,0", "3,-1"] * 4)],
    ["grad", "0", "2,1,0.1", "-l", "--x", "1,2"], ["grad", "0,1", "0.5,0.3,0.2;0.1,0.8,0.1", "-r", "mean", "--x", "1,2;3,4"], ["grad", "0", "100,0,0", "-l"], ["grad", "0", "2,1,0.1", "-l", "--loss", "mse"],
    ["grad", "0,1", "2,1,0;0,1,3", "-l", "--loss", "mse", "-r", "mean"], ["grad", "1,0", "0.9,0.2", "--loss", "bce"], ["grad", "1", "3", "-l", "--loss", "bce"], ["grad", "1,0;0,1", "0.9,0.2;0.4,0.7", "--loss", "bce"],
    ["softmax", "1"], ["xent", "0", "1", "-l"], ["entropy", "0;1.08", "-l"], ["compare", "0", "2", "3", "-l"],
    ["xent", "9,9,9,9,0,1,0,9", P8, "--ignore-index", "9"], ["xent", "0,9,9,0,9,1,9,0", P8, "--ignore-index", "9"], ["compare", "9,9,9,9,0,1,0,9", P8, P8, "--ignore-index", "9"],
    ["bce", "9,9,9,9,0,1,0,9", "0.5,0.5,0.5,0.5,0.5,0.4,0.5,0.5", "--ignore-index", "9"], ["xent", "0", "5e1%,5E-1"], ["kl", "0,1", "0,1"], ["kl", "63/64,1/64", "1/2,1/2"],
    ["grad", "9,0", "0.5,0.5;0.2,0.8", "--ignore-index", "9", "-b", "2"], ["grad", "9,1;0,1", "0.9,0.2;0.4,0.7", "--loss", "bce", "--ignore-index", "9", "-r", "mean"],
    ["grad", "0", "-inf,1", "-l"], ["grad", "0,1", "-inf,1;0,1", "-l", "-r", "mean"], ["grad", "8/17,9/17", "800,-1.35", "-l"], ["grad", "0.33,0.33,0.33", "1,2,3", "-l"],
    ["grad", ",".join(["0"] * 49), ";".join(["0.9,0.1"] * 49), "-r", "mean"], ["grad", "0,1", "0.5,0.5;0.5,0.5", "-b", "2", "-r", "mean"], ["grad", "0,1", "0.5,0.5;0.3,0.7", "--class-weights", "1,2"],
    ["kl", "0.3,0.7;1,0", "0.5,0.5;1,0", "--js"], ["grad", "0", "0.0,1.0"], ["xent", "0,0", "0.9,0.1;0.8,0.2", "-r", "sum", "--class-weights", "1,2"],
    ["grad", "0", "0.5,0.3,0.2", "--class-weights", "1,2,3", "--label-smoothing", "0.3", "-b", "2"], ["grad", "0,1", "2,1;0,3", "-l", "--sample-weights", "1,3", "-r", "mean"],
]  # fmt: skip
SYMBOLIC = re.compile(r"[ₖₜₙⱼᵢ]|[a-df-zA-DF-Zℓσγε∂](?!n |n\(|og)|y|N\b")
WORDS = re.compile(r"ln|log|max|clip|inf")


def links(answer):
    """(step, expression, value) of every expression of a chain that is made of numbers, with the value that the step ends in."""
    for step in answer["steps"]:
        numeric = [text for text in step["chain"] if not SYMBOLIC.search(WORDS.sub("", text)) and "more" not in text]
        for text in numeric[:-1]:
            yield step, text, numeric[-1]


def flat(value):
    return [float(entry) for entry in value] if isinstance(value, list) else [float(value)]


def largest_part(text):
    """The largest number in an expression: what is left of a difference is known to its rounding."""
    return max([abs(float(found.replace("−", "-"))) for found in re.findall(r"\d+\.?\d*(?:e−?\d+)?", text)] + [1e-300])


@every("words", CALLS, ids=" ".join)
def test_every_expression_gives_the_printed_value(cecli, replay, words):
    """With all digits: each expression in numbers equals the last one of its chain, to the rounding of what is printed."""
    seen = check(json.loads(cecli(*words, "--steps", "-f", "json").stdout), replay, words)
    assert seen or words[:2] == ["softmax", "1,inf,3"] or "errors" in words or "--ignore-index" in words


def check(answer, replay, words):
    """Replays every expression of an answer; how many there were."""
    seen = 0
    for step, text, result in links(answer):
        got, expected = flat(replay(text)), flat(replay(result))
        size = max(largest_part(text), step["left"].startswith("KL"))  # its terms differ by less than their own digits
        for a, b in zip(got, expected, strict=True):
            assert a == b or math.isclose(a, b, rel_tol=2e-14, abs_tol=3e-15 * size), (
                words,
                step["left"],
                text,
                result,
            )
        seen += 1
    return seen


@every("words", CALLS, ids=" ".join)
def test_the_working_ends_in_the_answer(cecli, words):
    """The last values of the steps are the command's own."""
    answer = json.loads(cecli(*words, "--steps", "-f", "json").stdout)
    values = [number(entry) for step in answer["steps"] for entry in listed(step["value"])]
    if isinstance(answer["value"], float) and words[0] != "grad":
        last = [step["value"] for step in answer["steps"] if not step["left"].startswith("√")][-1]
        assert last == pytest.approx(answer["value"], rel=1e-12)
    for wanted in listed(answer["value"]):
        if wanted == 0 and "--ignore-index" in words:
            continue
        assert any(math.isclose(number(wanted), value, rel_tol=1e-12) for value in values), wanted


def listed(value):
    """All numbers of a value."""
    if isinstance(value, list):
        return [entry for each in value for entry in listed(each)]
    return [] if value is None else [value]


def number(value):
    return float(value)


def random_call(seed):
    """A call of any command, with any options that it has."""
    r = np.random.default_rng(seed)
    n, k = int(r.integers(1, 9)), int(r.integers(1, 5))
    command = str(r.choice(["softmax", "entropy", "xent", "kl", "bce", "compare", "grad"]))
    logits = command == "softmax" or bool(r.integers(0, 2))

    def rows(raw):
        values = r.choice([0.0, 1.0, 40.0, -3.5, 800.0, 0.1], (n, k)) + r.normal(size=(n, k)).round(2)
        shares = r.integers(1, 9, (n, k)) * (r.random((n, k)) < 0.8) + 1e-9 * (np.arange(k) == 0)
        shares = np.maximum(shares, (shares.sum(1) < 1)[:, None] * 1)
        if raw:
            return ";".join(",".join(f"{v:.2f}" for v in row) for row in values)
        whole = shares.round().astype(int)
        whole[:, 0] += whole.sum(1) == 0
        return ";".join(",".join(f"{v}/{row.sum()}" for v in row) for row in whole)

    def maybe(*words):
        return list(words) if r.random() < 0.25 else []

    labels = ",".join(str(v) for v in r.integers(0, k, n))
    target = labels if r.integers(0, 2) and (n > 1 or k > 1) else rows(raw=False)
    raw = ["-l"] if logits and command != "softmax" else []
    general = [*raw, *maybe("-b", "2"), *maybe("-r", str(r.choice(["mean", "sum", "none"])))]
    weights = maybe("--sample-weights", ",".join(str(v) for v in r.integers(1, 5, n)))
    smoothing = maybe("--label-smoothing", "0.1")
    classes = maybe("--class-weights", ",".join(str(v) for v in r.integers(1, 5, k)))
    values = rows(raw=logits)
    if command == "softmax":
        return [command, values, *maybe("-t", "2"), *maybe("--log")]
    if command == "entropy":
        return [command, values, *general, *weights]
    if command == "kl":
        return [command, rows(raw=False), values, *general, *weights, *maybe("--js"), *maybe("--eps", "0.01")]
    if command == "bce":
        y = ";".join(",".join(str(v) for v in row) for row in r.integers(0, 2, (n, k)))
        p = values if logits else ";".join(",".join(f"{v:.2f}" for v in row) for row in r.random((n, k)))
        return [command, y, p, *general, *weights, *smoothing, *maybe("--focal", "2"), *maybe("--pos-weight", "3")]
    if command == "compare":
        return [command, target, values, f"b={rows(raw=logits)}", *raw, *weights, *maybe("--metric", "mse")]
    extra = (
        maybe("--focal", "2")
        if command == "xent"
        else maybe("--loss", "mse")
        if not classes and "-b" not in general
        else []
    )
    return [command, target, values, *general, *weights, *smoothing, *classes, *extra]


@pytest.mark.parametrize("seed", range(50))
def test_any_working_replays(cecli, replay, seed):
    """Random calls of every command: the working is made in every format, and its expressions give what they say."""
    words = random_call(seed)
    result = cecli(*words, "--steps", "-f", "json")
    if result.exit_code == 2:
        assert "fault" not in result.stderr
        return
    assert result.exit_code == 0, (words, result.stderr)
    check(json.loads(result.stdout), replay, words)
    for format_ in ("table", "plain", "csv", "markdown", "latex"):
        assert cecli(*words, "--steps", "-f", format_).exit_code == 0, (words, format_)


@every("precision", ["2", "9"])
@every("words", CALLS, ids=" ".join)
def test_equal_signs_are_honest(cecli, replay, words, precision):
    """As a terminal shows it: after `=` an expression is exactly what went before; after `≈` it is so to the rounding of its parts."""
    shown = cecli(*words, "--steps", "-f", "plain", "-p", precision, COLUMNS="400").stdout.partition("\n\n\n")[0]
    for line in shown.splitlines():
        parts = re.split(r" ([=≈]) ", line.strip())
        numeric = [
            (sign, text)
            for sign, text in zip(parts[1::2], parts[2::2], strict=True)
            if not SYMBOLIC.search(WORDS.sub("", UNITS.sub("", text))) and "more" not in text
        ]
        for (_, before), (sign, after) in itertools.pairwise(numeric):
            if sign == "=" and "≈" not in [mark for mark, _ in numeric[:-1]]:
                a, b = flat(replay(UNITS.sub("", before))), flat(replay(UNITS.sub("", after)))
                assert a == pytest.approx(b, rel=1e-15, abs=1e-16), line


UNITS = re.compile(r" (nats|bits|dits|base [\d.]+)$")


def test_the_evaluator_can_tell(replay):
    """A wrong expression does not replay."""
    assert replay("−(1·ln 0.5 + 0·ln 0)") == pytest.approx(math.log(2))
    assert replay("2^3/(1 − 3)") == -4
    assert replay("63/64·log₂(63/64) + 1/64·log₂(1/64)") == pytest.approx(-0.11611507530476972)
    assert replay("1/2·(2, 4)") == [1, 2]
    assert replay("e^(−1)") == pytest.approx(math.exp(-1))
    with pytest.raises(ValueError, match="can't be read"):
        replay("ln q")
    assert mpmath.mp.dps == 15
