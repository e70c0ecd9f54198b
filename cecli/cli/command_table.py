"""The table of commands: a row for each, with its arguments, the help and its examples, whose output the tests compare."""

from __future__ import annotations

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
    examples: tuple[tuple[str, str], ...]
    """Calls, each with what it prints into a pipe."""
    working: str = ""
    """What writes its working: a module of `cecli.working`, and the function there."""
    streams: bool = False
    """Whether its answer can come block by block."""
    binary: bool = False
    """Whether each value of its prediction is the probability (or score) of a label of its own."""

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
            ("cecli softmax 1,2,3", "0.09003057317038046,0.24472847105479764,0.6652409557748218"),
            ("cecli softmax -1,0,3 -t 2 -p 3", "0.100,0.164,0.736"),
            ("cecli softmax 1,2,3 | cecli entropy -", "0.8323955818399389"),
        ),
        streams=True,
        working="shown_information:softmax",
    ),
    Command(
        "entropy",
        "entropy:entropy",
        (P,),
        """Entropy H(p) = −Σ p·log p of each row: how uncertain a distribution is.

        0 for a certain outcome, log K for K equally likely ones.
        """,
        (
            ("cecli entropy 63/64,1/64 -b 2", "0.11611507530476972"),
            ("cecli entropy 3,5,2 --normalize", "1.0296530140645737"),
        ),
        streams=True,
        working="shown_information:entropy",
    ),
    Command(
        "xent",
        ".calculations:xent",
        (TARGET, PREDICTION),
        """Cross-entropy H(p, q) = −Σ p·log q of a prediction: the loss of a classifier.

        For a label it is −log of the probability that the prediction gives to that class. The table and JSON also give H(p),
        KL(p‖q) and the perplexity.
        """,
        (
            ("cecli xent 1,0,0 0.5,0.2,0.3", "0.6931471805599453"),
            ("cecli xent 0 2,1,0.1 --logits", "0.41703001627783354"),
            (
                'cecli xent 2,1,0 "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7" -r none',
                "0.916290731874155\n0.916290731874155\n2.3025850929940455",
            ),
            ("cecli xent dog 0.5,0.2,0.3 --classes cat,dog,bird -b 2", "2.321928094887362"),
        ),
        streams=True,
        working="shown_losses:cross_entropy",
    ),
    Command(
        "kl",
        "divergence:kl",
        (P, Q),
        """Divergence KL(p‖q) = Σ p·log(p/q): how far q is from the target p; --js for Jensen–Shannon.

        The target P comes first. KL is not symmetric and can be infinite; the Jensen–Shannon divergence is neither.
        """,
        (
            ("cecli kl 0.5,0.5 0.75,0.25 -b 2", "0.2075187496394219"),
            ("cecli kl 0.5,0.5 0.75,0.25 -b 2 --js", "0.04879494069539854"),
        ),
        streams=True,
        working="shown_information:kl",
    ),
    Command(
        "bce",
        "binary:binary_cross_entropy",
        (BINARY_TARGET, PROBABILITY),
        """Binary cross-entropy −[y·log p + (1−y)·log(1−p)], per entry, then reduced.

        A vector is one binary prediction per sample; a matrix is a row of labels per sample, and mean averages all its entries.
        """,
        (
            ("cecli bce 1,0,1 0.9,0.2,0.6", "0.2797765635793423"),
            ("cecli bce 1,0 0.3,-1.2 --logits --pos-weight 3", "0.9631741003718063"),
            (
                'cecli bce "1,0;0,1" "0.9,0.2;0.4,0.7" -r none',
                "0.10536051565782628,0.22314355131420976\n0.5108256237659907,0.35667494393873245",
            ),
        ),
        streams=True,
        binary=True,
        working="shown_losses:binary",
    ),
    Command(
        "compare",
        ".comparison:compare",
        (OPTIONAL_TARGET, PREDICTIONS),
        """Compare models: error rate, MSE, cross-entropy, which model is better, and whether that is more than chance.

        Name a model with NAME=values. --example compares two models with the same error rate: one of them is better.
        """,
        (
            (
                "cecli compare --example",
                "model 1\t0.3333333333333333\t0.8066666666666666\t1.3783888522474517\nmodel 2\t0.3333333333333333\t0.34\t0.6391075640678003",
            ),
            (
                'cecli compare 2,1 small="0.3,0.3,0.4; 0.3,0.4,0.3" big="0.1,0.2,0.7; 0.1,0.7,0.2" --metric mse',
                "0.54,0.14000000000000004",
            ),
            (
                "cecli compare 0,1,1,0,1 sure=0.1,0.9,0.99,0.6,0.8 shy=0.4,0.6,0.7,0.3,0.55 --metric ece",
                "0.20199999999999996,0.37",
            ),
        ),
        working="shown_losses:comparison",
    ),
    Command(
        "grad",
        ".calculations:grad",
        (TARGET, PREDICTION),
        """Gradient dL/dz of a loss with respect to the logits; for cross-entropy it is p − y.

        Each row is that sample's own gradient; -r mean divides by the number of samples, as back-propagating a mean loss does.
        The table and JSON also give what --x, --jacobian and --verify ask for.
        """,
        (
            ("cecli grad 0 2,1,0.1 --logits", "-0.3409988611140321,0.24243297070471392,0.09856589040931818"),
            (
                "cecli grad 0 10,0,0 --logits --loss mse --verify",
                "-2.4727107204066028e-08,1.2363553602033012e-08,1.2363553602033012e-08",
            ),
            (
                'cecli grad 2,1 "0.1,0.2,0.7; 0.1,0.7,0.2" -r mean',
                "0.05,0.1,-0.15000000000000002\n0.05,-0.15000000000000002,0.1",
            ),
        ),
        working="shown_gradients:gradient",
    ),
    Command(
        "calibrate",
        ".calculations:calibrate",
        (TARGET, SCORES.replace(optional=True)),
        """Find the temperature T that minimises the cross-entropy of softmax(z/T): it calibrates a trained model.

        One number for all classes and samples: it changes how sure the model is, never which class it answers. softmax -t T applies it. If
        no temperature is best (each target is the largest logit, or the logits say nothing about it), that is an error.
        """,
        (
            ('cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1"', "1.6260675356407333"),
            (
                'cecli softmax 4,0,1 -t "$(cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1")" -p 3',
                "0.804,0.069,0.127",
            ),
        ),
        working="calibration:calibration",
    ),
    Command(
        "check",
        ".checking:check",
        (WORKSHEET,),
        """A file of claims, one a line: which claims hold, and which mistakes explain the others.

        A line is a command as typed in a shell, = with blanks around it, and the claimed answer; # begins a comment. Relative files are
        those beside the worksheet.
        """,
        (
            (
                "echo 'xent 1,0,0 0.5,0.2,0.3 = 0.69' | cecli check -",
                "1\tholds\t0.69\t0.6931471805599453\txent 1,0,0 0.5,0.2,0.3",
            ),
            (
                "printf '%s\\n' 'softmax 1,2,3 = 0.09,0.24,0.67' 'entropy 1/2,1/2 -b 2 = 1.00' | cecli check -",
                "1\tholds\t0.09,0.24,0.67\t0.09003057317038046,0.24472847105479764,0.6652409557748218\tsoftmax 1,2,3\n2\tholds\t1.00\t1\tentropy 1/2,1/2 -b 2",
            ),
        ),
    ),
    Command(
        "devices",
        ".device_list:devices",
        (),
        """What cecli can compute on here: the processor with its threads, and each CUDA device.

        A note says why there is no CUDA device where there is none. --device chooses one of them.
        """,
        (
            ("cecli devices | cut -f 1 | grep cpu", "cpu"),
            ("cecli devices -f csv | grep model", "device,model,threads,memory,free"),
        ),
    ),
)
"""In the order of the help."""

COMMANDS = {command.name: command for command in TABLE}

EXIT_CODES = (
    ("0", "done, and every check that was asked for holds"),
    ("1", "it does not hold (--expect, --fail-above, check, grad --verify)"),
    ("2", "bad usage, bad input, or something missing"),
)
