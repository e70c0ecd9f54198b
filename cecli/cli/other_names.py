"""What commands and options are called elsewhere, and what to type here; loaded where a name is not ours."""

from __future__ import annotations

from collections.abc import Iterable

from cecli.running.option import BASES_ELSEWHERE

COMMANDS_ELSEWHERE = {
    "cecli xent": (
        "ce", "loss", "xentropy", "crossentropy", "crossentropyloss", "nll", "nllloss", "logloss", "categoricalcrossentropy",
        "sparsecategoricalcrossentropy", "softmaxcrossentropy",
    ),
    "cecli entropy": ("h", "shannon", "shannonentropy", "informationentropy"),
    "cecli bce": (
        "binarycrossentropy", "bceloss", "bcewithlogits", "bcewithlogitsloss", "binarycrossentropywithlogits",
        "sigmoidcrossentropy", "logisticloss",
    ),
    "cecli kl": ("kldiv", "kldivergence", "kldivloss", "relativeentropy", "relentr"),
    "cecli kl --js": ("js", "jsd", "jsdivergence", "jensenshannon", "jensenshannondivergence"),
    "cecli grad": ("gradient", "gradients", "backward", "backprop", "jacobian"),
    "cecli calibrate": ("temperature", "temperaturescaling", "calibration"),
    "cecli softmax --log": ("logsoftmax",),
    "cecli softmax 0,z, whose second value is 1/(1 + e^−z)": ("sigmoid", "logistic", "expit"),
    "cecli xent --focal 2": ("focal", "focalloss"),
    "cecli compare --metric mse": ("mse", "brier", "brierscore", "brierscoreloss", "squarederror", "meansquarederror"),
    "cecli compare --metric error_rate": ("errorrate", "zeroone", "zerooneloss", "errors"),
    "cecli compare --metric accuracy": ("accuracy", "acc", "accuracyscore"),
    "cecli compare --metric perplexity": ("perplexity", "ppl"),
    "cecli xent 0 0.5,0.5: −ln of the first, 0.5 (-b 2 for log₂)": ("log", "ln", "log2", "log10", "surprisal", "information"),
    "cecli softmax 1,2,3, with cecli once": ("cecli",),
}  # fmt: skip
OPTIONS_ELSEWHERE = {
    **{f"--base {base}": names for base, names in BASES_ELSEWHERE.items()},
    "--logits": ("fromlogits", "scores"),
    "--temperature": ("temp", "tau"),
    "--loss bce": ("bce", "binary"),
    "--loss mse": ("mse", "brier"),
    "--loss xent": ("xent", "ce", "crossentropy"),
    "--class-weights": ("weight", "weights"),
    "--sample-weights": ("sampleweight",),
    "--label-smoothing": ("smoothing",),
    "--focal": ("gamma",),
    "--eps": ("epsilon", "clip"),
    "--ignore-index": ("ignore",),
    "--reduction sum": ("sum",),
    "--reduction mean": ("mean", "average", "avg"),
    "--reduction none": ("none",),
    "--reduction": ("reduce",),
    "--version": ("v",),
    "--color never": ("nocolor", "nocolour"),
    "--color": ("colour",),
    "--format json": ("json",),
    "--format csv": ("csv",),
    "--format plain": ("plain",),
    "--format markdown": ("markdown", "md"),
    "--format latex": ("latex", "tex"),
    "--output": ("out", "outfile"),
    "--precision": ("digits", "decimals", "round"),
    "--classes": ("labels", "names", "classnames"),
    "--steps": ("explain", "working", "verbose"),
    "--expect": ("check", "claim", "answer"),
    "--quiet": ("silent", "noprogress"),
    "--threads": ("jobs", "workers", "cores"),
}

ARGUMENTS_ELSEWHERE = (
    "target",
    "truth",
    "true",
    "ytrue",
    "y",
    "prediction",
    "predictions",
    "pred",
    "preds",
    "ypred",
    "input",
    "p",
    "q",
)
"""What other tools call the target and the prediction, which are arguments here."""


def is_argument(name: str) -> bool:
    """Whether an option was meant as an argument."""
    return _plain(name) in ARGUMENTS_ELSEWHERE


def command_for(name: str) -> str | None:
    """The call that computes what other tools call so."""
    return _row(name, COMMANDS_ELSEWHERE)


def option_for(name: str, offered: Iterable[str]) -> str | None:
    """The option, of those that a command offers, that was meant: in another case, cut short, or called so elsewhere."""
    options = list(offered)
    known = _row(name, OPTIONS_ELSEWHERE)
    if known and known.split()[0] in options:
        return known
    if len(name) == 2:
        return name.swapcase() if name.swapcase() in options else None
    written = name.lower().replace("_", "-")
    begun = [option for option in options if option.startswith(written)]
    return begun[0] if len(begun) == 1 else None


def _row(name: str, table: dict[str, tuple[str, ...]]) -> str | None:
    return next((ours for ours, theirs in table.items() if _plain(name) in theirs), None)


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
