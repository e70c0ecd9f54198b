"""Options: the table, a row for each with all that is to be known of it, and the values of those that shape a number.

The terminal's options, their help, how a typed text is read and what is said of a wrong one, the keywords of the library and
their checks follow from the rows. To give an option to a command, name the command in the row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

from cecli.maths.units import NATS, Base
from cecli.record import Record
from cecli.running.option import (
    BASE,
    CHOICE,
    FLAG,
    IGNORED,
    LIST,
    NAMES,
    NUMBER,
    SOURCE,
    SWITCH,
    TEXT,
    WHOLE,
    Option,
    Range,
)  # fmt: skip

if TYPE_CHECKING:
    from cecli.reading.labels import Ignored
    from cecli.reading.sources import Source
    from cecli.running.devices import Device

INPUT, MATHS, COMPUTING, OUTPUT = "Input", "Maths", "Computing", "Output"
PANELS = (INPUT, MATHS, COMPUTING, OUTPUT)
"""The headings of the help, in order."""

REDUCTIONS = ("none", "mean", "sum")
COLORS = ("auto", "always", "never")
MOST_THREADS, MOST_PRECISION = 1024, 400


NOT_NEGATIVE = Range("a finite number of at least 0", lambda x: 0 <= x < math.inf)


# --- the rows -------------------------------------------------------------------------------------------------------

COMPARE = ("compare",)
GRAD = ("grad",)
BLOCKWISE = ("softmax", "entropy", "xent", "kl", "bce")
PAIRS = ("xent", "kl", "bce", "compare", "grad", "calibrate")
WEIGHED = ("entropy", *PAIRS)
NUMBERS = ("softmax", *WEIGHED)
"""Commands whose answer is a number or numbers, which can be claimed; the others list things."""
TOTALLED = ("xent", "bce", "kl", "entropy", "compare", "calibrate")
"""Commands that end in totals, which a cluster can compute."""
LIKE = ("softmax", "entropy", "xent", "kl", "bce", "compare", "grad")
"""Commands that frameworks have functions for."""
ALL = (*NUMBERS, "check", "devices")

TABLE = (
    Option("example", FLAG, INPUT, COMPARE, "compare the built-in two models"),
    Option(
        "scores", FLAG, INPUT, COMPARE, "there is no TARGET: each source is a score per sample, and higher is better",
        keyword=True,
    ),
    Option(
        "metric", TEXT, MATHS, COMPARE,
        "print this metric alone: {summary_metrics}, or one of --metrics",
        metavar="NAME",
    ),
    Option(
        "metrics", TEXT, MATHS, COMPARE,
        "add metrics: {more_metrics}, or all",
        metavar="NAMES", repeats=True, keyword=True,
    ),
    Option(
        "sort", TEXT, OUTPUT, COMPARE, "the metric that orders and compares the models [cross_entropy]",
        metavar="METRIC",
    ),
    Option("samples", WHOLE, OUTPUT, COMPARE, "the first N samples one by one [all of 20 or fewer, else none]", metavar="N"),
    Option("pairs", FLAG, OUTPUT, COMPARE, "the paired statistics of every pair of models"),
    Option("bins", WHOLE, MATHS, COMPARE, "how many bins of equal width ece, mce and brier use [15]", metavar="N", keyword=True),
    Option("worst", WHOLE, OUTPUT, COMPARE, "the N samples with the largest losses of each model", metavar="N", keyword=True),
    Option("disagree", WHOLE, OUTPUT, COMPARE, "the N samples where two models differ most in loss", metavar="N", keyword=True),
    Option("by_class", FLAG, OUTPUT, COMPARE, "for each class: support, precision, recall, F1, mean loss", keyword=True),
    Option("confusion", FLAG, OUTPUT, COMPARE, "confusion matrix: how often each class was predicted as which", keyword=True),
    Option("js", FLAG, MATHS, ("kl",), "the Jensen–Shannon divergence, and its square root", shapes=True),
    Option("loss", TEXT, MATHS, GRAD, "xent, mse or bce [xent]", metavar="LOSS", default="xent", shapes=True),
    Option(
        "x", SOURCE, INPUT, GRAD, "the inputs of the linear layer z = W·x + b: adds dL/dW and dL/db",
        metavar="SOURCE", title="the inputs x", role="inputs",
    ),
    Option(
        "of", CHOICE, MATHS, GRAD, "with --x: what is claimed, or printed alone: gradient, weights or bias [gradient]",
        metavar="WHICH", default="gradient", choices=("gradient", "weights", "bias"),
    ),
    Option("jacobian", FLAG, MATHS, GRAD, "add dp/dz"),
    Option("verify", FLAG, MATHS, GRAD, "compare with a numerical derivative; exit 1 if they differ"),
    Option(
        "temperature", NUMBER, MATHS, ("softmax",), "divide the logits by T first [1]",
        letter="-t", metavar="T", default="1", range=Range("a finite number above 0", lambda x: 0 < x < math.inf), shapes=True, keyword=True,
    ),
    Option("log", FLAG, MATHS, ("softmax",), "print log-probabilities", shapes=True),
    Option(
        "logits", FLAG, INPUT, ("entropy", "xent", "kl", "bce", "compare", "grad"),
        "predictions are raw scores, not probabilities", letter="-l", shapes=True, keyword=True,
    ),
    Option(
        "probabilities", FLAG, INPUT, ("calibrate",),
        "the predictions are probabilities; their logarithms are the logits", shapes=True, keyword=True,
    ),
    Option(
        "base", BASE, MATHS, NUMBERS, "logarithm base: e (nats), 2 (bits), 10 (dits), or any above 1 [e]",
        {"softmax": "with --log: the logarithm's base [e]"}, letter="-b", metavar="B", variable="CECLI_BASE", shapes=True, keyword=True,
    ),
    Option(
        "reduction", CHOICE, MATHS, ("entropy", "xent", "kl", "bce", "grad"),
        "over samples: none, mean or sum [mean]",
        dict.fromkeys(("entropy", "kl"), "over rows: none, mean or sum [none for several rows]")
        | {"grad": "how to reduce the loss: sum or none (each row's own gradient), or mean [sum]"},
        letter="-r", metavar="HOW", defaults={"xent": "mean", "bce": "mean", "grad": "sum"}, choices=REDUCTIONS,
        shapes=True, keyword=True,
    ),
    Option(
        "normalize", FLAG, INPUT, ("entropy", "xent", "kl", "compare", "grad", "calibrate"),
        "rescale rows to sum to 1 (counts become probabilities)", letter="-n", shapes=True, keyword=True,
    ),
    Option(
        "class_weights", SOURCE, INPUT, ("xent", "grad"), "a weight per class; mean divides by the weights used",
        metavar="VECTOR", title="the class weights", role="class weights", shapes=True, keyword=True,
    ),
    Option(
        "sample_weights", SOURCE, INPUT, WEIGHED, "a weight per sample; mean is the weighted mean",
        metavar="SOURCE", title="the sample weights", role="weights", shapes=True, keyword=True,
    ),
    Option(
        "label_smoothing", NUMBER, MATHS, ("xent", "bce", "grad"), "the target becomes (1−ε)·p + ε/K [0]",
        metavar="ε", default="0", range=Range("between 0 and 1", lambda x: 0 <= x <= 1), shapes=True, keyword=True,
    ),
    Option(
        "ignore_index", IGNORED, INPUT, ("xent", "bce", "compare", "grad", "calibrate"),
        "leave out the labels of this value", metavar="LABEL", shapes=True, keyword=True,
    ),
    Option(
        "pos_weight", NUMBER, MATHS, ("bce",), "factor on the positive term [1]",
        metavar="W", default="1", range=NOT_NEGATIVE, shapes=True, keyword=True,
    ),
    Option(
        "focal", NUMBER, MATHS, ("xent", "bce"), "focal loss: each term times (1−p_t)^γ [0]",
        metavar="γ", default="0", range=NOT_NEGATIVE, shapes=True, keyword=True,
    ),
    Option(
        "eps", NUMBER, MATHS, ("xent", "kl", "bce", "compare"),
        "clip predicted probabilities to [ε, 1−ε] first; never clipped unless asked",
        metavar="ε", range=Range("above 0 and below 0.5", lambda x: 0 < x < 0.5), shapes=True, keyword=True,
    ),
    Option("classes", NAMES, INPUT, NUMBERS, "class names, in order: cat,dog,bird", metavar="NAMES", keyword=True, shapes=True),
    Option(
        "id", LIST, INPUT, PAIRS, "join all files by this column, or by NAME,NAME where they name it differently",
        metavar="COLUMN", shapes=True,
    ),
    Option(
        "where", TEXT, INPUT, NUMBERS, "keep the rows whose COLUMN is one of these", metavar="COLUMN=VALUE,…",
        repeats=True, shapes=True,
    ),
    Option("columns", TEXT, INPUT, NUMBERS, "the columns of every prediction file", metavar="COLUMNS", shapes=True),
    Option(
        "label", TEXT, INPUT, PAIRS, "the column of labels in every prediction file; there is no TARGET then",
        metavar="COLUMN", shapes=True,
    ),
    Option("skip_missing", FLAG, INPUT, NUMBERS, "leave out samples with missing values", shapes=True, keyword=True),
    Option("decimal_comma", FLAG, INPUT, NUMBERS, "0,5 is a half, in files and in typed values", shapes=True),
    Option(
        "header", SWITCH, INPUT, NUMBERS,
        "the first row of a text file is (not) a header [if anything in it is not a number]", shapes=True,
    ),
    Option(
        "line_buffered", FLAG, INPUT, BLOCKWISE, "answer each line of standard input at once (with -r none)",
    ),
    Option(
        "confidence", NUMBER, MATHS, COMPARE, "the confidence level of intervals and tests [0.95]",
        metavar="P", default="0.95", keyword=True,
    ),
    Option(
        "bootstrap", WHOLE, MATHS, COMPARE, "add bootstrap intervals of the differences, from N resamples", metavar="N", keyword=True,
    ),
    Option(
        "seed", WHOLE, MATHS, COMPARE, "seed of the bootstrap's random resamples [12345]",
        metavar="N", default="12345", keyword=True,
    ),
    Option(
        "cluster", SOURCE, INPUT, COMPARE, "which samples belong together: a name or number for each",
        metavar="SOURCE", title="the clusters", role="clusters", keyword=True,
    ),
    Option(
        "by", SOURCE, INPUT, COMPARE, "repeat it all for each value of this column: its name, or a SOURCE",
        metavar="COLUMN", title="the slices", role="slices", keyword=True,
    ),
    Option("baseline", TEXT, MATHS, COMPARE, "compare all models with this one only", metavar="NAME", keyword=True),
    Option(
        "fail_if", TEXT, OUTPUT, COMPARE, "exit 1 if this is true: 'b.mse > a.mse*1.02', 'b.mse.ci_low > 0'", metavar="CONDITION",
        repeats=True,
    ),
    Option(
        "plot", TEXT, OUTPUT, COMPARE,
        "draw reliability, losses and the curve −log p: in the terminal, or to a file .svg .png .html (with matplotlib)",
        metavar="FILE|terminal",
    ),
    Option(
        "device", TEXT, COMPUTING, NUMBERS, "where to compute: cpu, cuda, cuda:N or auto [cpu]",
        metavar="DEVICE", variable="CECLI_DEVICE", keyword=True,
    ),
    Option(
        "threads", WHOLE, COMPUTING, NUMBERS, "CPU threads for large inputs [all cores]", metavar="N",
        range=Range(f"between 1 and {MOST_THREADS}", lambda x: 1 <= x <= MOST_THREADS), variable="CECLI_THREADS", keyword=True,
    ),
    Option(
        "dask", TEXT, COMPUTING, TOTALLED, "compute on a Dask cluster: local, local:N, or a scheduler's address (needs distributed)",
        metavar="ADDRESS", variable="CECLI_DASK",
    ),
    Option(
        "format", TEXT, OUTPUT, ALL, "{formats} [auto: a table on a terminal, else plain]",
        letter="-f", metavar="FORMAT", variable="CECLI_FORMAT",
    ),
    Option(
        "precision", WHOLE, OUTPUT, NUMBERS, "digits after the point [4 in tables, all elsewhere]",
        letter="-p", metavar="N", variable="CECLI_PRECISION",
        range=Range(f"between 0 and {MOST_PRECISION}", lambda x: 0 <= x <= MOST_PRECISION),
    ),
    Option(
        "output", TEXT, OUTPUT, ALL, "write there; the ending picks the format: {endings}", letter="-o", metavar="FILE",
    ),
    Option("steps", FLAG, OUTPUT, NUMBERS, "show the working: formula, numbers, terms, result"),
    Option(
        "expect", TEXT, OUTPUT, NUMBERS,
        "check a claimed answer; if it does not hold, name the mistake and exit 1", metavar="VALUE",
    ),
    Option(
        "like", TEXT, OUTPUT, LIKE,
        "what torch, sklearn, sklearn-1.4, keras, scipy or optax gives for this call, and why it differs", metavar="FRAMEWORK",
    ),
    Option(
        "code", TEXT, OUTPUT, LIKE, "a program that computes this call: numpy, scipy, sklearn, torch, jax or keras", metavar="LIBRARY",
    ),
    Option(
        "fail_above", NUMBER, OUTPUT, NUMBERS, "exit 1 if the value (or any of its entries) is above X", metavar="X",
        repeats=True,
    ),
    Option("quiet", FLAG, OUTPUT, ALL, "no notes on stderr", letter="-q"),
    Option(
        "color", CHOICE, OUTPUT, ALL, "auto, always or never [auto]", metavar="WHEN", default="auto", choices=COLORS,
    ),
)  # fmt: skip
"""In the order of the help of each panel, of reading, and of the settings in JSON."""

OPTIONS = {option.name: option for option in TABLE}
SHAPING = tuple(option for option in TABLE if option.shapes)
TITLES = {option.name: option.title for option in TABLE if option.kind == SOURCE}
"""What errors call each source."""

READING = ("id", "where", "columns", "label", "skip_missing", "decimal_comma")
"""Settings that say how files are read; JSON names those that were given."""

APART = ("log", "js", "loss", "reduction", "classes", "header", *READING)
"""Settings that JSON tells in a place of their own, those that were left out by what took effect."""


def settings_of(command: str) -> tuple[str, ...]:
    """The settings of a command that JSON shows as they were given, in order."""
    return tuple(each.name for each in SHAPING if command in each.commands and each.name not in APART)


def offered(command: str) -> list[Option]:
    """The options of a command."""
    return [option for option in TABLE if command in option.commands]


# --- the values of a call -------------------------------------------------------------------------------------------

TYPED = tuple(option.name for option in SHAPING if option.kind == NUMBER)
NOT_TYPED: Mapping[str, str | None] = dict.fromkeys(TYPED)


def reduction_of(command: str, named: str | None) -> str | None:
    """The reduction that is named, or else that of the command; None where it depends on the number of rows."""
    return named or cast("str | None", OPTIONS["reduction"].value_left_out(command))


class Options(Record):
    """The options of contract section 2 that change a number; each command uses the ones it offers."""

    logits: bool = False
    probabilities: bool = False
    """`calibrate --probabilities`."""
    base: Base = NATS
    reduction: str | None = None
    normalize: bool = False
    class_weights: Source | None = None
    sample_weights: Source | None = None
    label_smoothing: float = 0.0
    ignore_index: Ignored = None
    pos_weight: float = 1.0
    focal: float = 0.0
    eps: float | None = None
    temperature: float = 1.0
    log: bool = False
    """`softmax --log`."""
    js: bool = False
    """`kl --js`."""
    loss: str = "xent"
    """`grad --loss`."""
    classes: tuple[str, ...] | None = None
    header: bool | None = None
    id: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    columns: str | None = None
    label: str | None = None
    skip_missing: bool = False
    decimal_comma: bool = False
    typed: Mapping[str, str | None] = NOT_TYPED
    """How an option's number was typed, for the working."""

    def __post_init__(self) -> None:
        for option in SHAPING:
            if option.range is not None or option.choices:
                option.check(getattr(self, option.name))
        numbers = {name: getattr(self, name) for name in TYPED}
        typed = {name: getattr(value, "text", None) for name, value in numbers.items()}
        plain = {name: None if value is None else float(value) for name, value in numbers.items()}
        vars(self).update(
            plain, typed=typed
        )  # arrays take plain numbers only; how one was typed is kept for the working

    def reduction_of(self, command: str) -> str | None:
        """The reduction, or that of the command where none is named."""
        return reduction_of(command, self.reduction)

    def described(
        self, *names: str, classes: tuple[str, ...] | None = None, device: Device | None = None
    ) -> dict[str, Any]:
        """The named options as JSON shows them, so that anybody can get the same number again; `classes` may come from a header."""
        reading = {} if self.header is None else {"header": self.header}
        reading |= {name: _plain(value) for name in READING if (value := getattr(self, name)) not in (None, (), False)}
        own = {name: _plain(getattr(self, name)) for name in names}
        where = {} if device is None else {"device": device.name}
        return own | {"classes": _plain(self.classes or classes)} | reading | where


def _plain(value: Any) -> Any:
    if isinstance(value, Base):
        return value.name
    if hasattr(value, "described"):  # a source
        return value.described()
    return list(value) if isinstance(value, tuple) else value


if TYPE_CHECKING:

    class KeywordsOfLogits(TypedDict, total=False):
        """The keywords of the library, for type checkers; `cecli.running.keywords` says which function takes which."""

        probabilities: bool
        base: str | float
        reduction: Literal["none", "mean", "sum"] | None
        normalize: bool
        class_weights: Any
        sample_weights: Any
        label_smoothing: float
        ignore_index: int | str | None
        classes: Sequence[str] | None
        skip_missing: bool
        pos_weight: float
        focal: float
        eps: float | None
        temperature: float
        confidence: float
        bootstrap: int | None
        seed: int
        cluster: Any
        by: Any
        baseline: str | None
        metrics: Sequence[str] | str
        bins: int | None
        worst: int | None
        disagree: int | None
        by_class: bool
        confusion: bool
        scores: bool
        device: str | None
        threads: int

    class Keywords(KeywordsOfLogits, total=False):
        """Those of functions of a prediction, which says whether it is raw scores."""

        logits: bool
else:  # a class of 25 fields takes time to make, and nothing asks for it when a program runs
    Keywords = KeywordsOfLogits = dict
