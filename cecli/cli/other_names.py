"""What commands and options are called elsewhere, and what to type here; loaded where a name is not ours."""

from __future__ import annotations

from collections.abc import Iterable

from cecli.running.option import BASES_ELSEWHERE

COMMANDS_ELSEWHERE = {
    "cecli xent": (
        "ce", "crossentropy", "crossentropyloss", "nll", "nllloss", "logloss", "categoricalcrossentropy",
        "sparsecategoricalcrossentropy", "softmaxcrossentropy",
    ),
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
    "cecli compare --metric mse": ("mse", "brier", "brierscore", "brierscoreloss", "squarederror"),
    "cecli compare --metric error_rate": ("errorrate", "zeroone", "zerooneloss", "errors"),
    "cecli compare --metric accuracy": ("accuracy", "acc", "accuracyscore"),
    "cecli compare --metric perplexity": ("perplexity", "ppl"),
}  # fmt: skip
OPTIONS_ELSEWHERE = {
    **{f"--base {base}": names for base, names in BASES_ELSEWHERE.items()},
    "--logits": ("fromlogits", "scores"),
    "--class-weights": ("weight", "weights"),
    "--sample-weights": ("sampleweight",),
    "--label-smoothing": ("smoothing",),
    "--focal": ("gamma",),
    "--eps": ("epsilon", "clip"),
    "--ignore-index": ("ignore",),
    "--reduction sum": ("sum",),
    "--reduction none": ("none", "reduce"),
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
    "--quiet": ("silent",),
    "--threads": ("jobs", "workers", "cores"),
}


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
    plain = "".join(character for character in name.lower() if character.isalnum())
    return next((ours for ours, theirs in table.items() if plain in theirs), None)
