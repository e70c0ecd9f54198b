"""Every argument and option, declared once; the commands name the ones they take.

All values arrive as text and are read by cecli's own parsers, so that fractions and percentages work everywhere and
every error has the same form.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

INPUT, MATHS, COMPUTING, OUTPUT = "Input", "Maths", "Computing", "Output"


def _option(*names: str, help: str, panel: str, metavar: str | None = None, **more: Any) -> Any:  # noqa: A002
    """An option in its panel of the help."""
    return typer.Option(*names, help=help, rich_help_panel=panel, metavar=metavar, show_default=False, **more)


# --- arguments ----------------------------------------------------------------------------------------------------

SOURCE = "values as 0.5,0.2,0.3, rows between ;, a FILE, FILE:COLUMNS, or - for standard input"
LogitsSource = Annotated[str, typer.Argument(metavar="LOGITS", help=f"raw scores: {SOURCE}", show_default=False)]
P = Annotated[str, typer.Argument(metavar="P", help=f"a distribution: {SOURCE}", show_default=False)]
Q = Annotated[
    str | None, typer.Argument(metavar="Q", help=f"the distribution to measure against P: {SOURCE}", show_default=False)
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="what was expected: a label 2, labels 2,1,0, distributions, or a FILE",
        show_default=False,
    ),
]
BinaryTarget = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="what was expected: 1,0,1, or a row of labels per sample", show_default=False
    ),
]
Prediction = Annotated[
    str | None, typer.Argument(metavar="PREDICTION", help=f"what the model said: {SOURCE}", show_default=False)
]
Probability = Annotated[
    str | None,
    typer.Argument(
        metavar="PROBABILITY", help="the predicted probability of 1: 0.9,0.2,0.6, or rows", show_default=False
    ),
]
OptionalTarget = Annotated[
    str | None,
    typer.Argument(metavar="TARGET", help="what was expected: labels 2,1,0, or distributions", show_default=False),
]
Predictions = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PREDICTION...",
        help="what each model said: values or a FILE, with a name as NAME=…",
        show_default=False,
    ),
]

# --- input --------------------------------------------------------------------------------------------------------

Logits = Annotated[bool, _option("-l", "--logits", help="predictions are raw scores, not probabilities", panel=INPUT)]
Normalize = Annotated[
    bool, _option("-n", "--normalize", help="rescale rows to sum to 1 (counts become probabilities)", panel=INPUT)
]
Classes = Annotated[
    str | None, _option("--classes", help="class names, in order: cat,dog,bird", panel=INPUT, metavar="NAMES")
]
SampleWeights = Annotated[
    str | None,
    _option("--sample-weights", help="a weight per sample; mean is the weighted mean", panel=INPUT, metavar="SOURCE"),
]
ClassWeights = Annotated[
    str | None,
    _option(
        "--class-weights", help="a weight per class; mean divides by the weights used", panel=INPUT, metavar="VECTOR"
    ),
]
IgnoreIndex = Annotated[
    str | None, _option("--ignore-index", help="leave out the labels of this value", panel=INPUT, metavar="LABEL")
]
Header = Annotated[
    bool | None,
    _option(
        "--header/--no-header",
        help="the first row of a text file is (not) a header [if anything in it is no number]",
        panel=INPUT,
    ),
]
IdColumn = Annotated[
    str | None,
    _option("--id", help="join all files by this column", panel=INPUT, metavar="COLUMN"),
]
Where = Annotated[
    list[str] | None,
    _option("--where", help="keep the rows whose COLUMN is one of these", panel=INPUT, metavar="COLUMN=VALUE,…"),
]
Columns = Annotated[
    str | None, _option("--columns", help="the columns of every prediction file", panel=INPUT, metavar="COLUMNS")
]
Label = Annotated[
    str | None,
    _option("--label", help="the column of labels in every prediction file; no TARGET", panel=INPUT, metavar="COLUMN"),
]
SkipMissing = Annotated[bool, _option("--skip-missing", help="leave samples with missing values out", panel=INPUT)]
DecimalComma = Annotated[bool, _option("--decimal-comma", help="0,5 is a half, in files and typed values", panel=INPUT)]
LineBuffered = Annotated[
    bool, _option("--line-buffered", help="answer each line of standard input at once (with -r none)", panel=INPUT)
]
Inputs = Annotated[
    str | None,
    _option(
        "--x", help="the inputs of the linear layer z = W·x + b: adds dL/dW and dL/db", panel=INPUT, metavar="SOURCE"
    ),
]

# --- maths --------------------------------------------------------------------------------------------------------

Base = Annotated[
    str,
    _option(
        "-b",
        "--base",
        help="logarithm base: e (nats), 2 (bits), 10 (dits), or any above 1 [e]",
        panel=MATHS,
        metavar="B",
    ),
]
LogBase = Annotated[
    str | None, _option("-b", "--base", help="with --log: the logarithm's base [e]", panel=MATHS, metavar="B")
]
Reduction = Annotated[
    str | None, _option("-r", "--reduction", help="over samples: none, mean or sum [mean]", panel=MATHS, metavar="HOW")
]
RowReduction = Annotated[
    str | None,
    _option(
        "-r", "--reduction", help="over rows: none, mean or sum [none for several rows]", panel=MATHS, metavar="HOW"
    ),
]
GradientReduction = Annotated[
    str | None,
    _option(
        "-r",
        "--reduction",
        help="of the loss: sum or none (each row's own gradient) or mean [sum]",
        panel=MATHS,
        metavar="HOW",
    ),
]
Temperature = Annotated[
    str, _option("-t", "--temperature", help="divide the logits by T first [1]", panel=MATHS, metavar="T")
]
Log = Annotated[bool, _option("--log", help="print log-probabilities", panel=MATHS)]
LabelSmoothing = Annotated[
    str, _option("--label-smoothing", help="the target becomes (1−ε)·p + ε/K [0]", panel=MATHS, metavar="ε")
]
PosWeight = Annotated[str, _option("--pos-weight", help="factor on the positive term [1]", panel=MATHS, metavar="W")]
Focal = Annotated[str, _option("--focal", help="focal loss: each term times (1−p_t)^γ [0]", panel=MATHS, metavar="γ")]
Eps = Annotated[
    str | None,
    _option(
        "--eps",
        help="clip predicted probabilities to [ε, 1−ε] first; never clipped unless asked",
        panel=MATHS,
        metavar="ε",
    ),
]
JensenShannon = Annotated[bool, _option("--js", help="the Jensen–Shannon divergence, and its square root", panel=MATHS)]
Loss = Annotated[str, _option("--loss", help="xent, mse or bce [xent]", panel=MATHS, metavar="LOSS")]
Jacobian = Annotated[bool, _option("--jacobian", help="add dp/dz", panel=MATHS)]
Verify = Annotated[
    bool, _option("--verify", help="compare with a numerical derivative; exit 1 if they differ", panel=MATHS)
]
Metric = Annotated[
    str | None,
    _option(
        "--metric",
        help="that metric alone: error_rate, errors, mse, cross_entropy, cross_entropy_sum, perplexity, or one of --metrics",
        panel=MATHS,
        metavar="NAME",
    ),
]
Confidence = Annotated[
    str,
    _option(
        "--confidence", help="the level of intervals, and of what counts as told apart [0.95]", panel=MATHS, metavar="P"
    ),
]
Bootstrap = Annotated[
    str | None,
    _option(
        "--bootstrap", help="add bootstrap intervals of the differences, from N resamples", panel=MATHS, metavar="N"
    ),
]
Seed = Annotated[
    str, _option("--seed", help="of the random sign flips and the bootstrap [12345]", panel=MATHS, metavar="N")
]
Cluster = Annotated[
    str | None,
    _option(
        "--cluster", help="which samples belong together: a name or number for each", panel=INPUT, metavar="SOURCE"
    ),
]
Baseline = Annotated[
    str | None, _option("--baseline", help="compare all models with this one only", panel=MATHS, metavar="NAME")
]
FailIf = Annotated[
    str | None,
    _option(
        "--fail-if",
        help="exit 1 if this is true, as in 'b.mse > a.mse*1.02'",
        panel=OUTPUT,
        metavar="CONDITION",
    ),
]
Metrics = Annotated[
    str | None,
    _option(
        "--metrics",
        help="add metrics: accuracy, top2, top5, log_loss, skill, balanced_accuracy, macro_f1, ece, mce, brier, kl, "
        "roc_auc, average_precision, or all",
        panel=MATHS,
        metavar="NAMES",
    ),
]
Bins = Annotated[
    str | None, _option("--bins", help="of ece, mce and brier: bins of equal width [15]", panel=MATHS, metavar="N")
]
Worst = Annotated[
    str | None, _option("--worst", help="the N samples that cost each model most", panel=OUTPUT, metavar="N")
]
Disagree = Annotated[
    str | None,
    _option("--disagree", help="the N samples where two models differ most in loss", panel=OUTPUT, metavar="N"),
]
ByClass = Annotated[
    bool, _option("--by-class", help="of each class: support, precision, recall, F1, mean loss", panel=OUTPUT)
]
Confusion = Annotated[bool, _option("--confusion", help="how often each class was taken for which", panel=OUTPUT)]
Example = Annotated[bool, _option("--example", help="compare the built-in two models", panel=INPUT)]

Plot = Annotated[
    str | None,
    _option(
        "--plot",
        help="draw reliability, losses and the curve −log p: in the terminal, or to a file .svg .png .html (cecli[plot])",
        panel=OUTPUT,
        metavar="FILE|terminal",
    ),
]

# --- where to compute: spliced into every command that computes by `command` -----------------------------------------

Device = Annotated[
    str | None,
    _option("--device", help="where to compute: cpu, cuda, cuda:N or auto [cpu]", panel=COMPUTING, metavar="DEVICE"),
]
Threads = Annotated[
    str | None,
    _option("--threads", help="CPU threads for large inputs [all cores]", panel=COMPUTING, metavar="N"),
]

# --- output: spliced into every command by `command` --------------------------------------------------------------

Format = Annotated[
    str | None,
    _option(
        "-f",
        "--format",
        help="auto, table, plain, json, csv, tsv, markdown or latex [auto: a table on a terminal, else plain]",
        panel=OUTPUT,
        metavar="FORMAT",
    ),
]
Precision = Annotated[
    str | None,
    _option(
        "-p",
        "--precision",
        help="digits after the point [4 in tables, all elsewhere]",
        panel=OUTPUT,
        metavar="N",
    ),
]
OutputFile = Annotated[
    str | None,
    _option(
        "-o",
        "--output",
        help="write there; the ending picks the format: .md .tex .csv .tsv .json .txt .svg .html",
        panel=OUTPUT,
        metavar="FILE",
    ),
]
Steps = Annotated[bool, _option("--steps", help="show the working: formula, numbers, terms, result", panel=OUTPUT)]
Expect = Annotated[
    str | None,
    _option(
        "--expect",
        help="check a claimed answer: exit 1 if it does not hold, and what mistake gives it",
        panel=OUTPUT,
        metavar="VALUE",
    ),
]
FailAbove = Annotated[
    str | None,
    _option("--fail-above", help="exit 1 if the value (or any of its entries) is above X", panel=OUTPUT, metavar="X"),
]
Worksheet = Annotated[
    str,
    typer.Argument(
        metavar="WORKSHEET",
        help="a text file with a claim on each line, xent 1,0,0 0.5,0.2,0.3 = 0.69, or - for standard input",
        show_default=False,
    ),
]
Quiet = Annotated[bool, _option("-q", "--quiet", help="no notes on stderr", panel=OUTPUT)]
Color = Annotated[str, _option("--color", help="auto, always or never [auto]", panel=OUTPUT, metavar="WHEN")]
