"""The table of commands: a row for each, with its arguments, the help and its examples, whose output the tests compare."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from cecli.record import Record


class Argument(Record):
    """A positional argument."""

    name: str
    metavar: str
    help: str
    title: str = ""
    """What errors call a source."""
    optional: bool = False
    """Whether Typer takes a call without it; `--label` has one source in place of two."""
    many: bool = False


SOURCE = "values as 0.5,0.2,0.3, rows between ;, a FILE, FILE:COLUMNS, or - for standard input"
SCORES = Argument("scores", "LOGITS", f"raw scores: {SOURCE}", "the logits")
P = Argument("p", "P", f"a distribution: {SOURCE}", "P")
Q = Argument("q", "Q", f"the distribution to measure against P: {SOURCE}", "Q", optional=True)
TARGET = Argument(
    "target", "TARGET", "what was expected: a label 2, labels 2,1,0, distributions, or a FILE", "the target"
)
BINARY_TARGET = TARGET.replace(help="what was expected: 1,0,1, or a row of labels per sample")
OPTIONAL_TARGET = TARGET.replace(help="what was expected: labels 2,1,0, or distributions", optional=True)
PREDICTION = Argument("prediction", "PREDICTION", f"what the model said: {SOURCE}", "the prediction", optional=True)
PROBABILITY = Argument(
    "probability",
    "PROBABILITY",
    "the predicted probability of 1: 0.9,0.2,0.6, or rows",
    "the prediction",
    optional=True,
)
PREDICTIONS = Argument(
    "predictions",
    "PREDICTION...",
    "what each model said: values or a FILE, with a name as NAME=…",
    optional=True,
    many=True,
)
WORKSHEET = Argument(
    "worksheet",
    "WORKSHEET",
    "a text file with a claim on each line, xent 1,0,0 0.5,0.2,0.3 = 0.69, or - for standard input",
)


class Command(Record):
    """A command; its options are the rows of the table of options that name it."""

    name: str
    computes: str
    """Where in `cecli.quantities` (or, with a dot before it, in `cecli.cli`) is what answers it: a module, and its function; loaded when it is called."""
    arguments: tuple[Argument, ...]
    help: str
    """A line for the list of commands, then what else there is to say."""
    examples: tuple[str, ...]
    """Calls, those that fit one screen together first; what they print is in `examples.txt`."""
    most_used: tuple[str, ...]
    """The options that `-h` shows."""
    working: str = ""
    """What writes its working: a module of `cecli.working`, and the function there."""
    streams: bool = False
    """Whether its answer can come block by block."""
    binary: bool = False
    """Whether each value of its prediction is the probability (or score) of a label of its own."""

    def first_example(self, has_stdin: bool) -> str:
        """The hint of a call without its arguments, which may have meant to read what is piped in."""
        example = f"for example: {self.examples[0]}"
        is_piped = has_stdin and sys.stdin is not None and not sys.stdin.isatty()
        return f"{example}; - stands for standard input" if is_piped and not example.endswith("-") else example

    def answer(self, call: Any) -> Any:
        """The report (or the reports, block by block) that answers a call."""
        module, _, name = self.computes.partition(":")
        folder = "cli" if module.startswith(".") else "quantities"
        function: Callable[..., Any] = getattr(import_module(f"cecli.{folder}.{module.lstrip('.')}"), name)
        return function(call) if folder == "cli" else call.of_sources(function)


TABLE = (
    Command(
        "softmax",
        ".calculations:softmax",
        (SCORES,),
        """Softmax of raw scores: for each row, probabilities that sum to 1.

        σ_i(z) = e^{z_i/T} / Σ_j e^{z_j/T}. A logit of -inf is a masked class.
        """,
        (
            "cecli softmax 1,2,3",
            "cecli softmax -1,0,3 -t 2 -p 3 -f plain",
            "cecli softmax 1,2,3 | cecli entropy -",
            'cecli softmax "1,2,3; 3,2,1" --log -f csv',
            "cecli softmax 1,2 --steps",
            "cecli softmax 1,2,3 --expect 0.09,0.25,0.67 -f plain",
        ),
        ("temperature", "log", "base", "classes", "steps", "expect", "format", "precision", "output", "quiet"),
        streams=True,
        working="shown_information:softmax",
    ),
    Command(
        "entropy",
        "entropy:entropy",
        (P,),
        """Entropy H(p) = −Σ p·log p of each row: how uncertain it is.

        0 for a certain outcome, log K for K equally likely ones.
        """,
        (
            "cecli entropy 63/64,1/64 -b 2",
            "cecli entropy 3,5,2 --normalize -f plain",
            "cecli entropy uniform:4 -b 2",
            "cecli entropy 1/2,1/4,1/4 -b 2 --steps",
            "cecli entropy 63/64,1/64 -b 2 --expect 0.08048",
        ),
        ("logits", "base", "reduction", "normalize", "classes", "steps", "expect", "format", "precision", "output"),
        streams=True,
        working="shown_information:entropy",
    ),
    Command(
        "xent",
        ".calculations:xent",
        (TARGET, PREDICTION),
        """Cross-entropy H(p, q) = −Σ p·log q: the loss of a classifier.

        For a label it is −log of the probability that the prediction gives to that class. The table and JSON also give H(p),
        KL(p‖q) and the perplexity.
        """,
        (
            "cecli xent 1,0,0 0.5,0.2,0.3",
            "cecli xent 0 2,1,0.1 --logits -f plain",
            "cecli xent dog cat=0.5,dog=0.2,owl=0.3 -b 2 -f plain",
            'cecli xent 2,1,0 "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7" -r none',
            "cecli xent 1,0,0 0.5,0.2,0.3 --steps",
            "cecli xent 1,0,0 0.5,0.2,0.3 --expect 0.3010",
        ),
        ("logits", "base", "reduction", "normalize", "classes", "label", "steps", "expect", "format", "output"),
        streams=True,
        working="shown_losses:cross_entropy",
    ),
    Command(
        "kl",
        "divergence:kl",
        (P, Q),
        """Divergence KL(p‖q) = Σ p·log(p/q), or Jensen–Shannon with --js.

        The target P comes first. KL is not symmetric and can be infinite; the Jensen–Shannon divergence is neither.
        """,
        (
            "cecli kl 0.5,0.5 0.75,0.25 -b 2",
            "cecli kl 0.5,0.5 0.75,0.25 --js",
            "cecli kl 0.5,0.5 0.75,0.25 -f plain",
            "cecli kl 1/2,1/2 3/4,1/4 --steps",
            "cecli kl 0.5,0.5 0.75,0.25 --expect 0.1308",
        ),
        ("js", "base", "logits", "normalize", "reduction", "classes", "steps", "expect", "format", "output"),
        streams=True,
        working="shown_information:kl",
    ),
    Command(
        "bce",
        "binary:binary_cross_entropy",
        (BINARY_TARGET, PROBABILITY),
        """Binary cross-entropy −[y·log p + (1−y)·log(1−p)], then reduced.

        A vector is one binary prediction per sample; a matrix is a row of labels per sample, and mean averages all its entries.
        """,
        (
            "cecli bce 1,0,1 0.9,0.2,0.6",
            "cecli bce 1,0 0.3,-1.2 --logits --pos-weight 3 -f plain",
            'cecli bce "1,0;0,1" "0.9,0.2;0.4,0.7" -r none -p 3',
            "cecli bce 1,0 0.9,0.2 --steps",
            "cecli bce 1,0,1 0.9,0.2,0.6 --expect 0.8393",
        ),
        ("logits", "base", "reduction", "pos_weight", "classes", "label", "steps", "expect", "format", "output"),
        streams=True,
        binary=True,
        working="shown_losses:binary",
    ),
    Command(
        "compare",
        ".comparison:compare",
        (OPTIONAL_TARGET, PREDICTIONS),
        """Models side by side: error rate, MSE, cross-entropy, which is best.

        Name a model with NAME=values. --example compares two models with the same error rate: one of them is better.
        """,
        (
            'cecli compare 0,1 a="0.6,0.4; 0.4,0.6" b="0.9,0.1; 0.2,0.8" --metric mse',
            "cecli compare --example --metric cross_entropy -f plain",
            "cecli compare --example -f plain | cut -f 1,2",
            "cecli compare --example",
            "cecli compare 0 a=0.6,0.4 b=0.9,0.1 --metric mse --steps",
            "cecli compare --example --metric mse --expect 0.81,0.34",
        ),
        ("logits", "metric", "metrics", "label", "by", "baseline", "fail_if", "steps", "format", "output"),
        working="shown_losses:comparison",
    ),
    Command(
        "grad",
        ".calculations:grad",
        (TARGET, PREDICTION),
        """Gradient dL/dz of a loss with respect to the logits.

        Each row is that sample's own gradient; -r mean divides by the number of samples, as back-propagating a mean loss does.
        The table and JSON also give what --x, --jacobian and --verify ask for.
        """,
        (
            "cecli grad 0 2,1,0.1 --logits",
            'cecli grad 2,1 "0.1,0.2,0.7; 0.1,0.7,0.2" -r mean -f plain -p 3',
            "cecli grad 0 2,0 --logits --loss mse -f plain -p 3",
            "cecli grad 0 2,1,0.1 --logits --verify -f plain -p 3",
            "cecli grad 0 0.5,0.5 --steps",
            "cecli grad 0 2,1,0.1 --logits --expect 0.659,0.242,0.099",
        ),
        ("logits", "loss", "x", "verify", "reduction", "classes", "steps", "expect", "format", "output"),
        working="shown_gradients:gradient",
    ),
    Command(
        "calibrate",
        ".calculations:calibrate",
        (TARGET, SCORES.replace(optional=True)),
        """The temperature that minimises the cross-entropy of softmax(z/T).

        One number for all classes and samples: it changes how sure the model is, never which class it answers. softmax -t T applies it. If
        no temperature is best (each target is the largest logit, or the logits say nothing about it), that is an error.
        """,
        (
            'cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1"',
            'cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1" -f plain',
            "cecli softmax 4,0,1 -t 1.626 -p 3 -f plain",
            'cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1" --steps',
            'cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1" --expect 1.63',
        ),
        ("base", "classes", "label", "normalize", "steps", "expect", "format", "precision", "output", "quiet"),
        working="calibration:calibration",
    ),
    Command(
        "check",
        ".checking:check",
        (WORKSHEET,),
        """A file of claims: which hold, and which mistake explains others.

        A line is a command as typed in a shell, = with blanks around it, and the claimed answer; # begins a comment. Relative files are
        those beside the worksheet.
        """,
        (
            "echo 'xent 1,0,0 0.5,0.2,0.3 = 0.69' | cecli check -",
            "echo 'xent 0 0.3,0.7 = 1.737' | cecli check -",
            "echo 'softmax 0,0 = 1/2,1/2' | cecli check - -f plain",
        ),
        ("format", "output", "quiet", "color"),
    ),
    Command(
        "devices",
        ".device_list:devices",
        (),
        """What there is to compute on: the processor and CUDA devices.

        A note says why there is no CUDA device where there is none. --device chooses one of them.
        """,
        (
            "cecli devices -q | cut -f 1 | head -n 1",
            "cecli devices -q -f csv | head -n 1",
        ),
        ("format", "output", "quiet", "color"),
    ),
)
"""In the order of the help."""

COMMANDS = {command.name: command for command in TABLE}

EXIT_CODES = (
    ("0", "done, and every check that was asked for holds"),
    ("1", "it does not hold (--expect, --fail-above, check, grad --verify)"),
    ("2", "bad usage, bad input, or something missing"),
)
