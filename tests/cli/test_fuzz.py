"""Any command line ends in 0, 1 or 2: never a fault, never a traceback, never half a result."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cecli.cli.app import app

PROBABILITIES = ["0.5,0.5", "1,0", "0,1", "1/3,2/3", "0.50,0.49", "1,1e-300", "0.9999999999999999,1e-16"]
LOGITS = [
    "1,2",
    "-1,2",
    "-inf,0",
    "inf,0",
    "0,0",
    "1e308,-1e308",
    "1e308,1e308",
    "100,0",
    "5e-324,0",
    "inf,-inf",
    "0.3,0.7",
]
WEIGHTS = ["0", "1", "2.5", "1e-320", "1e300"]
WORDS = st.sampled_from(["softmax", "entropy", "xent", "kl", "bce", "compare", "grad", "calibrate", "help", "-h", "-l", "-n", "-r", "none", "-b", "2", "-f", "json", "table", "-p", "3", "-q",
                         "--classes", "a,b", "0", "1", "0.5,0.5", "-1,2", "-", "--", "x", "", "0.5,0.5;0.5,0.5", "--x", "--verify", "--jacobian", "--loss", "bce", "--js", "--log"])  # fmt: skip


@st.composite
def calls(draw):
    """A command line that could mean something: as many rows everywhere, options that the command has."""
    pick = lambda *choices: draw(st.sampled_from(choices))  # noqa: E731
    n, logits = draw(st.integers(1, 3)), draw(st.booleans())
    command = pick("softmax", "entropy", "xent", "kl", "bce", "compare", "grad")
    rows = lambda forms: ";".join(pick(*forms) for _ in range(n))  # noqa: E731
    scores = logits or command == "softmax"
    labels = ",".join(pick("0", "1") for _ in range(n))
    words = [command] + (
        []
        if command in ("softmax", "entropy")
        else [pick(labels, rows(PROBABILITIES)) if command != "bce" else rows(["0,1", "1,0", "1,1"])]
    )
    words += [
        rows(LOGITS if scores else PROBABILITIES) for _ in range(draw(st.integers(1, 3)) if command == "compare" else 1)
    ]
    weights = ",".join(pick(*WEIGHTS) for _ in range(n))
    options = {
        "softmax": [["-t", pick("2", "1e-320", "1e308")], ["--log"]],
        "entropy": [],
        "xent": [
            ["--class-weights", f"{pick(*WEIGHTS)},{pick(*WEIGHTS)}"],
            ["--label-smoothing", pick("0.1", "1")],
            ["--focal", pick("2", "1e300")],
            ["--eps", "1e-3"],
            ["--ignore-index", pick("0", "1")],
        ],
        "kl": [["--js"], ["--eps", "1e-320"]],
        "bce": [["--pos-weight", pick("0", "1e300")], ["--focal", "0.5"], ["--ignore-index", "1"]],
        "compare": [["--metric", pick("mse", "perplexity")], ["--ignore-index", "0"]],
        "grad": [
            ["--loss", pick("xent", "mse")],
            ["--jacobian"],
            ["--x", ";".join(["1,-2"] * n)],
            ["--verify"],
            ["--class-weights", "1,0"],
        ],
    }[command]
    if command != "softmax":
        options += [
            ["-b", pick("2", "10", "1.0000001", "1e300")],
            ["--sample-weights", weights],
            *([["-l"]] if logits else []),
        ]
        options += [["-r", pick("none", "mean", "sum")]] if command != "compare" else []
    for option in draw(st.lists(st.sampled_from(options), unique_by=lambda o: o[0], max_size=3)) if options else []:
        words += option
    return [
        *words,
        *(["-l"] if logits and command != "softmax" and "-l" not in words else []),
        "-f",
        pick("plain", "json", "table"),
        *pick([], ["-p", "2"], ["--classes", "a,b"]),
    ]


def refuse(text):
    raise AssertionError(text)


def judge(words, stdin=""):
    """The exit code, and that the output fits it."""
    result = CliRunner().invoke(app, words, input=stdin, env={"COLUMNS": "60"})
    assert result.exit_code in (0, 1, 2), (words, result.stderr)
    assert "Traceback" not in result.stderr
    if result.exit_code == 2:
        assert result.stdout == "", words
        assert len(result.stderr) > 0
    elif result.stdout.startswith("{"):
        json.loads(result.stdout, parse_constant=refuse)
    elif "--ignore-index" not in words:
        assert "nan" not in result.stdout, words


@settings(max_examples=150, deadline=None)
@given(calls())
def test_any_meaningful_call(words):
    """No fault, no NaN, strict JSON, whatever the values and the options."""
    judge(words)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.one_of(WORDS, st.text("0123456789.,;-[]() ef", max_size=8)), max_size=6),
    st.sampled_from(["", "1,2\n", "a,b\n0.5,0.5\n", "cat\n"]),
)
def test_any_words_at_all(words, stdin):
    """Nonsense is an error, not a fault."""
    judge(words, stdin)
