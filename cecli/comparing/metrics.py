"""The table of a model's metrics: a row for each, and all that the rest of `compare` knows of them.

To add one on sums that are there, add a row. One that needs a new sum also needs a tally (`tallies.py`). NumPy is not loaded here, so
that the help can list the names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from cecli.comparing.request import TOP
from cecli.record import Record

if TYPE_CHECKING:
    import numpy as np

    from cecli.comparing.model_batches import ModelTotals
    from cecli.comparing.tallies import Tallies
    from cecli.maths.units import Base


class MetricInputs(Record):
    """What the metrics of a model are computed from."""

    totals: ModelTotals
    tallies: Tallies
    base: Base
    classes: int
    gives: str
    """What the predictions are: `probabilities`, `labels`, or `scores`."""

    @property
    def are_labels(self) -> bool:
        """Whether labels were predicted, and no probabilities."""
        return self.gives == "labels"

    @property
    def cross_entropy(self) -> float:
        """The mean cross-entropy, in the unit that was asked for."""
        return self.totals.loss.reduced("mean")

    @property
    def log_loss(self) -> float:
        """The mean cross-entropy in nats, whatever the base."""
        return self.cross_entropy * self.base.ln


class Metric(Record):
    """A row of the table."""

    name: str
    title: str
    """What tables call it (`{bins}` is the number of bins); nothing where they leave it out."""
    formula: Callable[[MetricInputs], float | None]
    better: Literal["more", "less", ""] = "more"
    """Which value is the better one; nothing where neither is."""
    needs: tuple[str, ...] = ()
    """The tallies that the formula reads."""
    unit: Literal["base", "nats", ""] = ""
    """`base` for the unit that was asked for."""
    classes: Literal["two", "many", ""] = ""
    """`two` where it needs two classes, `many` where another metric says the same of two."""
    in_summary: bool = False
    """Whether it is computed always."""
    on_line: bool = False
    """Whether the plain line of a model has it always."""
    group: str = ""
    """A name that it shares with other rows."""
    other_names: tuple[str, ...] = ()
    """What people and other programs call it."""
    of: Literal["probabilities", "labels", "scores"] = "probabilities"
    """What predictions must give for it; those that give probabilities give labels too."""
    unlike: str = ""
    """Tables show it where it differs from this metric."""
    mean: str = ""
    """What is averaged over the samples, if it is a function of one mean alone."""
    of_mean: Callable[[float, MetricInputs, int], float] = lambda mean, *_: mean
    """This function: of the mean, the model, and how many samples count."""
    word: str = ""
    """What a sentence and the head of a column call it, where that is not the title up to its comma."""
    shares: Callable[[MetricInputs], np.ndarray | None] | None = None
    """What each sample adds to how far it may be off, where a formula knows that."""

    @property
    def noun(self) -> str:
        """What a sentence and the head of a column call it."""
        return self.word or self.title.format(bins="").partition(",")[0] or self.name.replace("_", " ")

    def unit_name(self, base: Base) -> str | None:
        """The name of its unit."""
        return base.unit if self.unit == "base" else self.unit or None

    def heading(self, bins: int, base: Base) -> str:
        """What a table calls it, with its unit."""
        unit = self.unit_name(base)
        return self.title.format(bins=bins) + (f" ({unit})" if unit else "")

    def is_of(self, gives: str) -> bool:
        """Whether predictions that give this have the metric."""
        return self.of == gives or (self.of == "labels" and gives == "probabilities")

    def value(self, inputs: MetricInputs) -> float | None:
        """The metric of a model; None where there is none."""
        if not self.is_of(inputs.gives):
            return None
        value = self.formula(inputs)
        if isinstance(value, int):
            return value
        return None if value is None or math.isnan(value) else float(value)


def _skill(loss: float, yardstick: float) -> float | None:
    """1 − loss/yardstick, D²; None where the yardstick loses nothing."""
    return None if yardstick <= 0 else 1 - loss / yardstick


def _top(k: int) -> Metric:
    return Metric(f"top{k}", f"top-{k} accuracy", lambda m: m.tallies.tops.totals[k].reduced("mean"), needs=("tops",))


# fmt: off
ROWS = (
    Metric("error_rate", "error rate", lambda m: m.totals.wrong.reduced("mean"), "less", in_summary=True, on_line=True, of="labels", mean="error_rate"),
    Metric("errors", "", lambda m: m.totals.errors, "less", in_summary=True, of="labels", word="number of errors", mean="error_rate", of_mean=lambda rate, _, n: rate * n),
    Metric("mse", "MSE", lambda m: m.totals.squared.reduced("mean"), "less", in_summary=True, on_line=True, other_names=("brier_score", "brier"), mean="mse"),
    Metric("cross_entropy", "cross-entropy, mean", lambda m: m.cross_entropy, "less", unit="base", in_summary=True, on_line=True, other_names=("xent", "ce", "nll"), mean="cross_entropy"),
    Metric("cross_entropy_sum", "cross-entropy, sum", lambda m: m.totals.loss.reduced("sum"), "less", unit="base", in_summary=True, word="summed cross-entropy", mean="cross_entropy", of_mean=lambda mean, m, _: mean * m.totals.loss.weights.value),
    Metric("perplexity", "perplexity", lambda m: m.base.power(m.cross_entropy), "less", in_summary=True, mean="cross_entropy", of_mean=lambda mean, m, _: m.base.power(mean)),
    Metric("accuracy", "accuracy", lambda m: m.totals.accuracy, of="labels", other_names=("acc",), mean="error_rate", of_mean=lambda rate, *_: 1 - rate),
    Metric("log_loss", "log loss", lambda m: m.log_loss, "less", unit="nats", mean="cross_entropy", of_mean=lambda mean, m, _: mean * m.base.ln),
    Metric("kl", "KL divergence, mean", lambda m: m.tallies.kl.reduced("mean"), "less", ("kl",), "base", other_names=("kl_divergence",)),
    Metric("skill_uniform", "skill over uniform", lambda m: _skill(m.log_loss, math.log(m.classes)), needs=("frequencies",), group="skill", mean="cross_entropy", of_mean=lambda mean, m, _: 1 - mean * m.base.ln / math.log(m.classes)),
    Metric("skill_prior", "skill over frequencies", lambda m: _skill(m.log_loss, m.tallies.frequencies.prior_loss), needs=("frequencies",), group="skill", other_names=("d2_log_loss",)),
    Metric("balanced_accuracy", "balanced accuracy", lambda m: m.tallies.classes.balanced_accuracy, needs=("classes",), of="labels"),
    Metric("macro_f1", "macro F1", lambda m: m.tallies.classes.macro_f1, needs=("classes",), of="labels", other_names=("f1_macro", "f1", "f1_score")),
    Metric("ece", "ECE, {bins} bins (a, b]", lambda m: m.tallies.bins.calibration().expected, "less", ("bins",), group="ece"),
    Metric("ece_left_closed", "ECE, bins [a, b)", lambda m: m.tallies.bins.calibration(left_closed=True).expected, "", ("bins",), group="ece", unlike="ece", word="ECE of bins [a, b)"),
    Metric("ece_by_chance", "ECE expected by chance", lambda m: m.tallies.bins.by_chance, "", ("bins",), group="ece"),
    Metric("mce", "MCE, {bins} bins (a, b]", lambda m: m.tallies.bins.calibration().largest, "less", ("bins",), group="mce"),
    Metric("mce_left_closed", "MCE, bins [a, b)", lambda m: m.tallies.bins.calibration(left_closed=True).largest, "", ("bins",), group="mce", unlike="mce", word="MCE of bins [a, b)"),
    Metric("reliability", "Brier: reliability", lambda m: m.tallies.reliability.brier.reliability, "less", ("reliability",), group="brier"),
    Metric("resolution", "Brier: − resolution", lambda m: m.tallies.reliability.brier.resolution, "more", ("reliability",), group="brier"),
    Metric("uncertainty", "Brier: + uncertainty", lambda m: m.tallies.reliability.brier.uncertainty, "", ("reliability",), group="brier"),
    Metric("within_bins", "Brier: + within bins", lambda m: m.tallies.reliability.brier.within_bins, "", ("reliability",), group="brier"),
    Metric("roc_auc", "ROC AUC", lambda m: m.tallies.ranked.roc_auc, needs=("ranked",), classes="two", other_names=("auc",), shares=lambda m: m.tallies.ranked.roc_auc_shares),
    Metric("average_precision", "average precision", lambda m: m.tallies.ranked.average_precision, needs=("ranked",), classes="two"),
    Metric("roc_auc_ovr", "ROC AUC one-vs-rest, macro", lambda m: m.tallies.ranked_classes.roc_auc(), needs=("ranked_classes",), classes="many", group="roc_auc_ovr", other_names=("roc_auc_ovr_macro",), word="macro ROC AUC"),
    Metric("roc_auc_ovr_weighted", "ROC AUC one-vs-rest, weighted", lambda m: m.tallies.ranked_classes.roc_auc(weighted=True), needs=("ranked_classes",), classes="many", group="roc_auc_ovr", word="weighted ROC AUC"),
    Metric("score", "score", lambda m: m.totals.score.reduced("mean"), of="scores", mean="score"),
)
# fmt: on
"""Every metric but top-k, of which there are as many as classes."""

BY_NAME = {row.name: row for row in ROWS}
SUMMARY = tuple(row.name for row in ROWS if row.in_summary)
ON_LINE = tuple(row.name for row in ROWS if row.on_line)
BEYOND = tuple(row for row in ROWS if not row.in_summary and row.of != "scores")
GROUPS = {
    group: tuple(row.name for row in ROWS if row.group == group)
    for group in sorted({row.group for row in ROWS if row.group})
}
"""Names that stand for more than one row."""

OTHER_NAMES = {other: row.name for row in ROWS for other in row.other_names}


@lru_cache(maxsize=64)
def metric_of(name: str) -> Metric:
    """The row of a name."""
    top = TOP.fullmatch(name)
    return _top(int(top[1])) if top else BY_NAME[name]


def values_of(inputs: MetricInputs, names: Sequence[str]) -> dict[str, float | None]:
    """The metrics of a model by name: those of the summary, and the named ones."""
    return {name: metric_of(name).value(inputs) for name in (*SUMMARY, *names)}


def names_in_help() -> Mapping[str, str]:
    """What the help of `--metric` and of `--metrics` lists: the metrics of the summary, and all others with two top-k."""
    others = [*dict.fromkeys(row.group or row.name for row in BEYOND)]
    return {"summary_metrics": ", ".join(SUMMARY), "more_metrics": ", ".join([others[0], "top2", "top5", *others[1:]])}


# --- notes --------------------------------------------------------------------------------------------------------


def notes(models: Sequence[MetricInputs], names: Sequence[str]) -> list[str]:
    """What a reader of these metrics should know of the targets; the same for all models."""
    inputs = next((model for model in models if model.gives == "probabilities"), models[0])
    if inputs.are_labels:
        names = [name for name in names if metric_of(name).of == "labels"]
    tops = [int(top[1]) for name in names if (top := TOP.fullmatch(name))]
    notes = [f"top-{k} of {inputs.classes} classes is always right" for k in tops if k >= inputs.classes]
    if {"balanced_accuracy", "macro_f1"} & {*names}:
        notes += _missing_classes(inputs)
    if "skill_prior" in names and inputs.tallies.frequencies.prior_loss <= 0:
        notes.append(
            "all samples have the same class: to predict its frequency costs nothing, so the skill over frequencies is undefined"
        )
    if any("ranked" in metric_of(name).needs for name in names):
        notes += _ranking_notes(inputs)
    if any("ranked_classes" in metric_of(name).needs for name in names):
        notes += _one_against_rest_notes(inputs)
    return notes


def _missing_classes(inputs: MetricInputs) -> list[str]:
    missing = inputs.classes - int((inputs.tallies.classes.support > 0).sum())
    if not missing:
        return []
    some = "1 class has" if missing == 1 else f"{missing} classes have"
    out = f"{some} no sample among {inputs.classes}: balanced accuracy leaves such a class out"
    return [f"{out}; in macro F1 it counts 0 if it is predicted, else nothing"]


def _ranking_notes(inputs: MetricInputs) -> list[str]:
    """Why there is no ranking."""
    ranked = inputs.tallies.ranked
    if ranked.parts is None:
        return [
            f"roc_auc and average_precision need every score in memory, so {ranked.samples:,} samples are too many for them"
        ]
    if ranked.roc_auc is None:
        return ["all samples have the same class, so roc_auc and average_precision are undefined"]
    return []


def _one_against_rest_notes(inputs: MetricInputs) -> list[str]:
    """Why there is no mean of the rankings of all classes."""
    ranked = inputs.tallies.ranked_classes
    if ranked.parts is None:
        return [f"roc_auc_ovr needs every score in memory, and {ranked.values:,} are too many"]
    if missing := sum(area is None for area, _ in ranked.areas):
        some = "1 class has" if missing == 1 else f"{missing} classes have"
        return [
            f"{some} no sample, or all of them: the ROC AUC of such a class against the rest is undefined, and so is the mean"
        ]
    return []
