"""One file for every call and format, and one for what each call says beside its answer. CECLI_UPDATE_GOLDEN=1 with pytest -n 0 writes them anew; then read the difference."""

import os
import re
from pathlib import Path

import pytest

from cecli.version import VERSION

HERE = Path(__file__).parent


def rows(text, times=1):
    """Rows from `text`, where a blank separates them, as often as that."""
    return ";".join(text.split() * times)


def labels(text, times=1):
    """Labels of one digit each, as often as that."""
    return ",".join(text * times)


SHY, SURE, WRONG = "0.6,0.4 0.4,0.6", "0.9,0.1 0.1,0.9", "0.3,0.7 0.7,0.3"
"""Predictions for the labels 0 and 1: right, surely right, and wrong."""

CALLS = {
    "softmax": ["2,1,0.1"],
    "softmax-zeros": ["0,-inf,0"],
    "softmax-rows": ["1,2,3;0,0,-inf", "--classes", "cat,dog,bird"],
    "softmax-log": ["0,0,-800", "--log", "-b", "2"],
    "entropy": ["63/64,1/64", "-b", "2"],
    "entropy-rows": ["0.5,0.5;1,0"],
    "xent": ["1,0,0", "0.5,0.2,0.3"],
    "xent-none": ["2,1,9", "0.0,0.3,0.7;0.3,0.4,0.3;0.1,0.2,0.7", "--ignore-index", "9", "-r", "none"],
    "xent-tiny": ["0", "100,0,0", "-l"],
    "xent-infinite": ["0", "0.0,1.0"],
    "kl": ["0.5,0.5", "0.75,0.25", "-b", "2"],
    "kl-js": ["1.0,0.0;0.5,0.5", "0.0,1.0;0.5,0.5", "--js", "-b", "10"],
    "bce": ["1,0,1", "0.9,0.2,0.6"],
    "bce-rows": ["1,0;0,1", "1.0,0.2;0.0,0.7", "-r", "none", "--classes", "cat,dog"],
    "compare": ["--example"],
    "compare-metric": ["0,1", "a=1.0,0.0;0.5,0.5", "b=0.0,1.0;0.0,1.0", "--metric", "mse"],
    "compare-plot": ["--example", "--plot", "terminal"],
    "compare-plot-infinite": ["0,1,0", "0.9,0.1;0.6,0.4;0,1", "--plot", "terminal", "-b", "2", "--metric", "mse"],
    "compare-many": [
        ",".join("0120121201"),
        *(f"{name}=" + ";".join([row] * 10) for name, row in (("a", "0.5,0.3,0.2"), ("b", "0.2,0.0,0.8"))),
    ],
    "compare-metrics": [
        "0,1,2,2",
        "a=0.5,0.3,0.2;0.25,0.5,0.25;0.2,0.2,0.6;0.5,0.25,0.25",
        "b=0.8,0.1,0.1;0.4,0.4,0.2;0.1,0.1,0.8;0.1,0.5,0.4",
        "--metrics",
        "all",
    ],
    "compare-details": [
        "cat,dog,bird,bird",
        "a=0.5,0.3,0.2;0.25,0.5,0.25;0.2,0.2,0.6;0.5,0.25,0.25",
        "b=0.8,0.1,0.1;0.4,0.4,0.2;0.1,0.1,0.8;0.1,0.5,0.4",
        "--classes",
        "cat,dog,bird",
        "--by-class",
        "--confusion",
        "--worst",
        "2",
        "--disagree",
        "2",
    ],
    "compare-binary": [
        "0,1,1,0",
        "a=0.2,0.7,0.9,0.4",
        "b=0.3,0.6,0.2,0.1",
        "--metrics",
        "roc_auc,average_precision,ece",
    ],
    "grad": ["0", "2,1,0.1", "--logits"],
    "grad-all": ["0,1", "0.5,0.5,0.0;0.2,0.7,0.1", "--x", "1,0.0;0,2", "--jacobian"],
    "grad-bce": ["1,0", "1.0,0.25", "--loss", "bce"],
    "calibrate": ["0,1,1", "4,0,1; 1,3,0; 2,0,1"],
    "calibrate-weights": [
        "0,0,9",
        "4,0,1;1,3,0;2,0,1",
        "--ignore-index",
        "9",
        "--sample-weights",
        "3,1,2",
        "-b",
        "2",
        "--classes",
        "a,b,c",
    ],
    "calibrate-steps": ["0.7,0.3;0,1", "2,0;-1,1", "--steps", "--sample-weights", "1,3"],
    "xent-steps": ["1,0,0", "0.5,0.2,0.3", "--steps"],
    "xent-steps-logits": ["0", "2,1,0.1", "-l", "--steps", "-b", "2"],
    "xent-steps-many": [
        "2,9,0",
        "0.3,0.3,0.4;0.3,0.4,0.3;0.1,0.2,0.7",
        "--ignore-index",
        "9",
        "--class-weights",
        "1,2,4",
        "--steps",
    ],
    "entropy-steps": ["63/64,1/64", "-b", "2", "--steps"],
    "kl-steps": ["0.5,0.5", "0.75,0.25", "--steps"],
    "bce-steps": ["1,0", "0.9,0.2", "--steps"],
    "softmax-steps": ["1,2,3,4,5,6,7,8,9,10", "--steps"],
    "grad-steps": ["0", "2,1,0.1", "-l", "--x", "1,2", "--steps"],
    "compare-steps": ["--example", "--steps"],
    "xent-expect": ["0", "0.5,0.2,0.3", "--expect", "0.30"],
    "xent-expect-likely": [
        "2,1,0",
        "0.1,0.2,0.7;0.1,0.7,0.2;0.3,0.4,0.3",
        "-b",
        "10",
        "-r",
        "sum",
        "--expect",
        "0.697",
    ],
    "softmax-expect": ["2,1,0.1", "--expect", "0.66,0.24,0.10"],
    "check": ["-"],
    "xent-infinite-smoothed": ["1", "0.2,0.8,0", "--label-smoothing", "0.1"],
    "bce-steps-logits": ["1,0", "2,-1", "-l", "--steps"],
    "entropy-steps-logits": ["2,1,0", "-l", "--steps"],
    "grad-bce-jacobian": ["1,0", "0.9,0.25", "--loss", "bce", "--jacobian"],
    "grad-verify": ["0,2", "2,1,0.1;0,1,-1", "-l", "--verify"],
    "bce-fail-above": ["1,0", "1.0,0.25", "--label-smoothing", "0.1", "--fail-above", "0.7"],
    # more samples than a block has, where a block is small (see below)
    "softmax-piped": ["-", "-t", "2"],
    "softmax-piped-log": ["-", "--log"],
    "entropy-piped": ["-", "-n"],
    "entropy-piped-mean": ["-", "-n", "-r", "mean", "-b", "2"],
    "xent-piped": ["0,2,1,2,1", "-", "-l", "-r", "none"],
    "xent-piped-infinite": ["2,0,0,0,0,0,0", "0.0,0.5,0.5;0,1,0;0,0,1;1,0,0;0,1,0;0,0.5,0.5;0,0,1", "-r", "sum"],
    "kl-piped": ["-", "0.2,0.3,0.5;0.5,0.5,0.0;0.1,0.1,0.8;0.25,0.25,0.5;0.5,0.25,0.25", "-n"],
    "kl-piped-js": ["-", "0.2,0.3,0.5;0.5,0.5,0.0;0.1,0.1,0.8;0.25,0.25,0.5;0.5,0.25,0.25", "-n", "--js", "-r", "sum"],
    "bce-piped": ["1,0,1,9,0", "0.9,0.2,0.6,0.5,1.0", "--ignore-index", "9", "-r", "none"],
    "bce-piped-rows": ["1,0;0,1;1,1;0,0;1,0", "0.9,0.2;0.4,0.7;1,0.5;0.5,1;0.75,0.25", "-r", "none"],
    "grad-piped": ["0,2,9,2,1", "-", "-l", "--ignore-index", "9", "--x", "1,2;3,4;5,6;7,8;9,10", "-r", "mean"],
    "grad-piped-mse": ["0,2,1,2,1", "-", "-l", "--loss", "mse"],
    "calibrate-piped": ["0,2,9,1,1", "-", "--ignore-index", "9"],
    "compare-piped": ["0,2,1,2,1", "-", "-l", "--worst", "2", "--sample-weights", "1,2,0,1,3"],
    # what `compare` says at its end: few samples
    "compare-one": ["0,1", rows(SHY)],
    "compare-same": ["0,1", f"a={rows(SHY)}", f"b={rows(SHY)}"],
    "compare-agrees": ["0,1,0", f"a={rows(SHY)};0.4,0.6", f"b={rows(SURE)};0.8,0.2"],
    "compare-prefers": ["0,1,0", "a=0.9,0.1;0.1,0.9;0.49,0.51", "b=0.51,0.49;0.49,0.51;0.51,0.49"],
    "compare-disagree": ["0,0,0", "a=0.95,0.05;0.95,0.05;0.0001,0.9999", "b=" + rows("0.2,0.8", 3)],
    "compare-one-sample": ["0", "a=0.6,0.4", "b=0.9,0.1"],
    "compare-three": ["0,1", f"a={rows(SHY)}", f"b={rows(SURE)}", f"c={rows(WRONG)}"],
    "compare-three-tied": ["0,1", f"a={rows(SURE)}", f"b={rows(SURE)}", f"c={rows(SHY)}"],
    "compare-ignored": [
        labels("09190"),
        "a=" + rows(SHY, 2) + ";1,0",
        "b=" + rows(SURE, 2) + ";1,0",
        "--ignore-index",
        "9",
    ],
    # enough samples to tell
    "compare-better": [labels("01", 8), f"a={rows(WRONG, 8)}", f"b={rows(SURE, 8)}"],
    "compare-not-distinguishable": [
        labels("01", 6),
        f"a={rows(SHY + ' ' + SURE, 3)}",
        f"b={rows(SURE + ' ' + SHY, 2)};" + rows(SHY, 2),
    ],
    "compare-surer": [labels("01", 6), f"a={rows(SHY, 6)}", f"b={rows(SURE, 6)}"],
    "compare-each-by-one": [
        labels("0", 120),
        "a=" + rows("0.49,0.51", 120),
        "b=" + rows("0.999,0.001", 108) + ";" + rows("1e-30,1", 12),
    ],
    "compare-losses-disagree": [
        labels("0", 12),
        "a=" + rows("0.95,0.05", 11) + ";0.00001,0.99999",
        "b=" + rows("0.7,0.3", 12),
    ],
    "compare-not-tested": [
        labels("1", 12),
        "a=" + rows("0.5,0.5", 12),
        "b=" + rows("1.0,0.0", 2) + ";" + rows("0.4,0.6", 10),
    ],
    "compare-three-many": [labels("01", 6), f"a={rows(SHY, 6)}", f"b={rows(SURE, 6)}", f"c={rows(WRONG, 6)}"],
    "compare-ten-pairs": [labels("01", 6), *(f"m{i}=" + rows(f"0.{i + 3},0.{7 - i}", 12) for i in range(5))],
    "compare-one-pair-differs": [
        labels("0", 12),
        "a=" + rows("0.6,0.4", 12),
        "b=" + rows("0.35,0.65 0.9,0.1", 6),
        "c=" + rows("0.9,0.1 0.35,0.65", 6),
        "d=" + rows("0.35,0.65 0.35,0.65 0.9,0.1 0.9,0.1", 3),
        "e=" + rows("0.62,0.38", 12),
    ],
    "compare-baseline": [
        labels("01", 6),
        f"a={rows(SHY, 6)}",
        f"b={rows(SURE, 6)}",
        f"c={rows(WRONG, 6)}",
        "--baseline",
        "b",
    ],
    "compare-clusters": [
        labels("01", 12),
        f"a={rows(WRONG, 12)}",
        f"b={rows(SURE, 12)}",
        "--cluster",
        ",".join(str(i // 2) for i in range(24)),
    ],
    "compare-few-clusters": [
        labels("01", 6),
        f"a={rows(SHY, 6)}",
        f"b={rows(SURE, 6)}",
        "--cluster",
        labels("0011", 3),
    ],
    "compare-few-effective": [
        labels("01", 6),
        f"a={rows(SHY, 6)}",
        f"b={rows(SURE, 6)}",
        "--sample-weights",
        "100" + ",1" * 11,
    ],
    "compare-bootstrap": [
        labels("01", 8),
        f"a={rows(WRONG + ' ' + SHY, 4)}",
        f"b={rows(SURE, 8)}",
        "--bootstrap",
        "200",
        "--seed",
        "7",
    ],
    "compare-worst": [
        labels("0120"),
        "a=0.5,0.3,0.2;0.25,0.5,0.25;0.2,0.2,0.6;0.25,0.5,0.25",
        "b=0.8,0.1,0.1;0.4,0.4,0.2;0.1,0.1,0.8;0.0,0.5,0.5",
        "--worst",
        "2",
    ],
    "compare-ties": ["0,1,2", rows("0.4,0.4,0.2 0.2,0.4,0.4 0,0.5,0.5"), "--metrics", "top2_accuracy"],
    "softmax-names": ["1,2,3", "--classes", '"a,b",=x|*y*,"$z_1$ & <b>"'],
}
WORKSHEET = """# a comment
xent 1,0,0 0.5,0.2,0.3 = 0.69

softmax 1,2,3 = 0.09,0.24,0.67  # another
entropy 63/64,1/64 --base 2 = 0.1164
"""
PIPED = """cat,dog,bird
2,1,0.5
0.5,0.25,3
4,4,0
1,0,0

0.125,2,2.5
"""
"""Five samples, for the calls that read them from standard input."""

FORMATS = {
    "table": "txt",
    "plain": "plain",
    "json": "json",
    "csv": "csv",
    "tsv": "tsv",
    "markdown": "md",
    "latex": "tex",
}
"""Each format, and the ending of its files."""
ROUNDED = ("table", "markdown", "latex")
"""Formats that round, so that the text is the same on every processor."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")
"""Numbers are compared to 1e-14: the last place of an exponential depends on the processor."""


@pytest.fixture(scope="module")
def answered(cecli):
    """What a call says in a format, at 80 columns and without colour."""

    def run(name, format_):
        stdin = WORKSHEET if name == "check" else PIPED
        return cecli(name.partition("-")[0], *CALLS[name], "-f", format_, stdin=stdin, COLUMNS="80")

    return run


def agrees(text, path, is_rounded):
    """Whether a text is that of a file; numbers that are not rounded may differ in their last place."""
    expected = path.read_text(encoding="utf-8")
    if is_rounded:
        assert text == expected
        return
    assert NUMBER.sub("#", text) == NUMBER.sub("#", expected)
    assert [float(entry) for entry in NUMBER.findall(text)] == pytest.approx(
        [float(entry) for entry in NUMBER.findall(expected)], rel=1e-14, abs=1e-300
    )


def masked(result):
    """What was printed, the version masked."""
    return result.stdout.replace(f'"version": "{VERSION}"', '"version": "…"')


@pytest.mark.parametrize("name", CALLS)
def test_the_output_is_what_it_was(answered, name):
    """In every format, and what is said beside it."""
    answers = {format_: answered(name, format_) for format_ in FORMATS}
    if os.environ.get("CECLI_UPDATE_GOLDEN"):
        write(name, answers)
    all_agree(name, answers)


def write(name, answers):
    """The files of a call, written anew."""
    for format_, result in answers.items():
        (HERE / f"{name}.{FORMATS[format_]}").write_text(masked(result), encoding="utf-8", newline="")
    path = HERE / f"{name}.stderr"
    path.unlink(missing_ok=True)
    if text := beside(answers):
        path.write_text(text, encoding="utf-8", newline="")


def all_agree(name, answers):
    """The answers are those of the files; no file of notes and exit codes where every format ends with 0 and says nothing."""
    for format_, result in answers.items():
        agrees(masked(result), HERE / f"{name}.{FORMATS[format_]}", format_ in ROUNDED)
    path = HERE / f"{name}.stderr"
    assert path.exists() == bool(beside(answers))
    if path.exists():
        agrees(beside(answers), path, is_rounded=False)


def beside(answers):
    """What was said on stderr, and the exit codes: a part for all formats that say the same, none where there is nothing to say."""
    groups = {}
    for format_, result in answers.items():
        groups.setdefault((result.exit_code, result.stderr), []).append(format_)
    parts = []
    for (code, stderr), formats in groups.items():
        if code or stderr:
            parts.append(f"== {'all' if len(formats) == len(FORMATS) else ' '.join(formats)}: exit {code}\n{stderr}")
    return "".join(parts)


SAMPLES = {name for name, words in CALLS.items() if "-" in words or any(word.count(";") > 1 for word in words)} - {
    "check"
}
"""Calls with three samples or more."""


@pytest.mark.parametrize("name", [name for name in CALLS if name in SAMPLES][::2])
def test_blocks_of_two_samples_give_the_same(answered, block_values, name):
    """The same files, in every format."""
    block_values(1)
    all_agree(name, {format_: answered(name, format_) for format_ in FORMATS})


def test_no_file_is_left_over():
    """Every golden file belongs to a call."""
    expected = {f"{name}.{ending}" for name in CALLS for ending in FORMATS.values()}
    found = {path.name for path in HERE.iterdir() if path.suffix not in {".py", "", ".stderr"}}
    assert found == expected
    assert {path.stem for path in HERE.glob("*.stderr")} <= set(CALLS)


def test_every_command_is_covered():
    """In every format; `devices` prints what the machine has, and is tested with one made up (tests/cli/test_device.py)."""
    from cecli.cli.command_table import COMMANDS

    assert {name.partition("-")[0] for name in CALLS} == set(COMMANDS) - {"devices"}


def test_every_command_is_read_in_blocks():
    """Those that have no worksheet."""
    assert {name.partition("-")[0] for name in SAMPLES} == {name.partition("-")[0] for name in CALLS} - {"check"}
