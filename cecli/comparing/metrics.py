"""The table of a model's metrics: a row for each, with its name, its title, its formula on mergeable totals, and which way is better.

The six metrics of the summary are totals of their own (`models.py`); those here are computed where they are asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cecli.comparing.tallies import MOST_CONFUSED, Tally, Wanted
from cecli.errors import UsageError
from cecli.record import Record
from cecli.statistics import scores
from cecli.statistics.sums import Sum, Totals

if TYPE_CHECKING:
    from cecli.running.options import Options

SUMMARY = ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")
"""The metrics of the summary; for each of them less is better."""

TOP = re.compile(r"top_?([1-9]\d*)(_accuracy)?")


class Facts(Record):
    """What a metric is computed from: the metrics of the summary, what was added up, and what was asked for."""

    summary: dict[str, float]
    wrong: Totals
    tally: Tally
    options: Options
    classes: int
    wanted: Wanted

    @property
    def log_loss(self) -> float:
        """The mean cross-entropy in nats, whatever the base."""
        return self.summary["cross_entropy"] * self.options.base.ln


class Metric(Record):
    """A row of the table."""

    name: str
    title: str
    value: Callable[[Facts], float | None]
    better: str = "more"
    """`more`, `less`, or nothing where neither is."""
    needs: tuple[str, ...] = ()
    unit: str = ""
    """`nats`, or `base` for the unit that was asked for."""
    binary: bool = False
    """Whether it is of two classes alone."""


# --- formulas on totals -------------------------------------------------------------------------------------------


def _top(k: int) -> Metric:
    """Top-k accuracy."""
    return Metric(
        f"top{k}", f"top-{k} accuracy", lambda facts: facts.tally["tops"].totals[k].reduced("mean"), needs=("tops",)
    )


def _accuracy(wrong: Totals) -> float:
    """The share of right answers, from the weights themselves: 1 − the error rate would show its rounding."""
    return (wrong.weights + Sum(-wrong.values.value)).over(wrong.weights)


def _skill(loss: float, yardstick: float) -> float | None:
    """1 − loss/yardstick, D²; None where the yardstick loses nothing."""
    return None if yardstick <= 0 else 1 - loss / yardstick


def prior_loss(tally: Tally) -> float:
    """The log loss of always predicting the class frequencies, in nats."""
    return scores.entropy_of_counts(tally["frequencies"].classes.values[0])


def _recalls(facts: Facts) -> float | None:
    support, hits = facts.tally["classes"].expected.values[:2]
    return scores.mean_of_known(scores.shares(hits, support))


def _macro_f1(facts: Facts) -> float | None:
    support, hits = facts.tally["classes"].expected.values[:2]
    return scores.mean_of_known(scores.f1(hits, support, facts.tally["classes"].predicted.values[0]))


def _calibration(facts: Facts, left_closed: bool) -> scores.Calibration:
    bins = facts.tally["bins"]
    weight, confidence, right = (bins.left_closed if left_closed else bins.right_closed).values[:3]
    return scores.calibration(weight, confidence, right)


def _by_chance(facts: Facts) -> float:
    weight, confidence, _, squares, variance = facts.tally["bins"].right_closed.values
    return scores.calibration_by_chance(weight, confidence, squares, variance)


def _brier(part: str) -> Callable[[Facts], float]:
    """A part of the Brier score."""

    def value(facts: Facts) -> float:
        found = facts.tally["reliability"]
        weight, p, y = (row.reshape(facts.classes, -1) for row in found.sums.values)
        pp, py, yy = (total.value for total in found.moments)
        return float(getattr(scores.brier_parts(weight, p, y, (pp, py, yy)), part))

    return value


def _ranked(measure: Callable[[scores.Ranking], float | None]) -> Callable[[Facts], float | None]:
    """A measure of the ranking, where it was kept."""

    def value(facts: Facts) -> float | None:
        ranking = facts.tally["ranking"].ranking
        return None if ranking is None else measure(ranking)

    return value


ROWS = (
    Metric("accuracy", "accuracy", lambda facts: _accuracy(facts.wrong)),
    Metric("log_loss", "log loss", lambda facts: facts.log_loss, "less", unit="nats"),
    Metric("kl", "KL divergence, mean", lambda facts: facts.tally["kl"].reduced("mean"), "less", ("kl",), "base"),
    Metric("skill_uniform", "skill over uniform", lambda facts: _skill(facts.log_loss, math.log(facts.classes)), needs=("frequencies",)),
    Metric("skill_prior", "skill over frequencies", lambda facts: _skill(facts.log_loss, prior_loss(facts.tally)), needs=("frequencies",)),
    Metric("balanced_accuracy", "balanced accuracy", _recalls, needs=("classes",)),
    Metric("macro_f1", "macro F1", _macro_f1, needs=("classes",)),
    Metric("ece", "ECE", lambda facts: _calibration(facts, False).expected, "less", ("bins",)),
    Metric("ece_left_closed", "ECE, bins [a, b)", lambda facts: _calibration(facts, True).expected, "", ("bins",)),
    Metric("ece_by_chance", "ECE expected by chance", _by_chance, "", ("bins",)),
    Metric("mce", "MCE", lambda facts: _calibration(facts, False).largest, "less", ("bins",)),
    Metric("mce_left_closed", "MCE, bins [a, b)", lambda facts: _calibration(facts, True).largest, "", ("bins",)),
    Metric("reliability", "Brier: reliability", _brier("reliability"), "less", ("reliability",)),
    Metric("resolution", "Brier: − resolution", _brier("resolution"), "more", ("reliability",)),
    Metric("uncertainty", "Brier: + uncertainty", _brier("uncertainty"), "", ("reliability",)),
    Metric("within_bins", "Brier: + within bins", _brier("within_bins"), "", ("reliability",)),
    Metric("roc_auc", "ROC AUC", _ranked(scores.roc_auc), needs=("ranking",), binary=True),
    Metric("average_precision", "average precision", _ranked(scores.average_precision), needs=("ranking",), binary=True),
)  # fmt: skip
"""Every metric but the six of the summary and top-k, of which there are as many as classes."""

BY_NAME = {metric.name: metric for metric in ROWS}
GROUPS = {
    "brier": ("reliability", "resolution", "uncertainty", "within_bins"),
    "skill": ("skill_uniform", "skill_prior"),
    "ece": ("ece", "ece_left_closed", "ece_by_chance"),
    "mce": ("mce", "mce_left_closed"),
}
"""Names that stand for more than one row."""

OTHER_NAMES = {"f1_macro": "macro_f1", "brier_score": "mse", "kl_divergence": "kl", "d2_log_loss": "skill_prior"}
EDGES = ("ece_left_closed", "mce_left_closed")
"""The other reading of the bins' edges: shown where it differs."""


@lru_cache(maxsize=64)
def metric_of(name: str) -> Metric:
    """The row of a name."""
    top = TOP.fullmatch(name)
    return _top(int(top[1])) if top else BY_NAME[name]


# --- what was asked for -------------------------------------------------------------------------------------------


def plain_name(text: str, option: str, groups: bool = False) -> str:
    """The name that a text stands for, whatever its dashes and capitals."""
    plain = text.strip().lower().replace("-", "_").replace(" ", "_")
    plain = OTHER_NAMES.get(plain, plain)
    if top := TOP.fullmatch(plain):
        return f"top{int(top[1])}"
    known = [*SUMMARY, *BY_NAME, *(GROUPS if groups else ())]
    if plain in known:
        return plain
    shown = f"{', '.join(dict.fromkeys(known))}, top2, top3, …"
    if plain in GROUPS:
        raise UsageError(f"{option}: {plain} is more than one number", hint=f"name one of {', '.join(GROUPS[plain])}")
    close = get_close_matches(plain, known, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    raise UsageError(f"{option}: {text!r} is no metric", hint=f"{guess}the metrics are {shown}")


def names_of(texts: Iterable[str], classes: int, soft: bool = True) -> tuple[str, ...]:
    """The metrics that `--metrics` names, in the order named; `all` is every one that has a meaning."""
    found: dict[str, None] = {}
    for text in texts:
        name = "all" if text.strip().lower() == "all" else plain_name(text, "--metrics", groups=True)
        for each in _all(classes, soft) if name == "all" else GROUPS.get(name, (name,)):
            found.setdefault(each)
    return tuple(found)


def _all(classes: int, soft: bool) -> list[str]:
    """Every metric for this many classes, with top-2 from three and top-5 from ten; KL of distributions alone, for of labels it is the loss."""
    tops = [f"top{k}" for k, least in ((2, 3), (5, 10)) if classes >= least]
    names = [row.name for row in ROWS if (not row.binary or classes == 2) and (soft or row.name != "kl")]
    return [names[0], *tops, *names[1:]]


class Asked(Record):
    """What `compare` is asked for beyond its summary, as it was named."""

    metrics: Sequence[str] = ()
    bins: int | None = None
    worst: int | None = None
    disagree: int | None = None
    by_class: bool = False
    confusion: bool = False


BINS, MOST_BINS, MOST_LISTED = 15, 1_000, 100_000


def wanted(asked: Asked, metric: str | None, classes: int, soft: bool) -> Wanted:
    """What is asked for, with what has to be added up for it; `metric` is the one that `--metric` names."""
    names = names_of(asked.metrics, classes, soft) if metric is None else (metric,)
    names = tuple(name for name in names if name not in SUMMARY)
    _require_meaning(asked, names, metric, classes)
    needs = {need for name in names for need in metric_of(name).needs}
    lists = {"classes": asked.by_class, "confused": asked.confusion, "worst": asked.worst}
    needs |= {name for name, is_asked in lists.items() if is_asked}
    tops = tuple(int(top[1]) for name in names if (top := TOP.fullmatch(name)))
    return Wanted(
        names,
        frozenset(needs),
        tops,
        asked.bins or BINS,
        asked.worst or 0,
        asked.disagree or 0,
        asked.by_class,
        asked.confusion,
    )


def _require_meaning(asked: Asked, names: Sequence[str], metric: str | None, classes: int) -> None:
    """What is asked for must have a meaning here."""
    if metric is not None and asked.metrics:
        raise UsageError("--metric is one metric alone, and --metrics adds some", hint="leave one of them out")
    if asked.bins is not None and not {"bins", "reliability"} & {
        need for name in names for need in metric_of(name).needs
    }:
        raise UsageError("--bins is for ece, mce and brier", hint="as in --metrics ece --bins 10")
    for option, value, most in (
        ("--bins", asked.bins, MOST_BINS),
        ("--worst", asked.worst, MOST_LISTED),
        ("--disagree", asked.disagree, MOST_LISTED),
    ):
        if value is not None and not 1 <= value <= most:
            raise UsageError(f"{option}: {value} is not between 1 and {most:,}")
    for name in names:
        if metric_of(name).binary and classes != 2:
            raise UsageError(
                f"{'--metrics' if metric is None else '--metric'}: {name} is of two classes, and these are {classes}",
                hint="a ranking has one score per sample: compare one class with the rest",
            )
    if asked.confusion and classes > MOST_CONFUSED:
        raise UsageError(
            f"--confusion: {classes} classes; a confusion matrix is kept of up to {MOST_CONFUSED:,}",
            hint="--by-class works for any number of classes",
        )


def values_of(facts: Facts) -> dict[str, float | None]:
    """The metrics that were asked for, by name; None where there is none."""
    return {name: _number(metric_of(name).value(facts)) for name in facts.wanted.metrics}


def _number(value: float | None) -> float | None:
    """A plain number, or None."""
    return None if value is None or math.isnan(value) else float(value)


def titles(facts: Facts) -> dict[str, str]:
    """What a table calls each metric that was asked for, and in which unit it is."""
    units = {"": "", "nats": " (nats)", "base": f" ({facts.options.base.unit})"}
    rows = [metric_of(name) for name in facts.wanted.metrics]
    bins = {"ece": f", {facts.wanted.bins} bins (a, b]", "mce": f", {facts.wanted.bins} bins (a, b]"}
    return {row.name: f"{row.title}{bins.get(row.name, '')}{units[row.unit]}" for row in rows}


# --- yardsticks and notes -----------------------------------------------------------------------------------------


def yardsticks(tally: Tally, classes: int) -> dict[str, dict[str, float]]:
    """What no model at all would score: the same probability for every class, and the class frequencies for every sample."""
    found = tally["frequencies"]
    counts = found.classes.values[0]
    total = float(counts.sum())
    squares = found.squares.over(Sum(total))
    return {
        "uniform": {"log_loss": math.log(classes), "mse": squares - 1 / classes},
        "prior": {"log_loss": prior_loss(tally), "mse": squares - float(np.sum((counts / total) ** 2))},
    }


def notes(facts: Facts) -> list[str]:
    """What a reader of the numbers should know of the targets; the same for all models."""
    names, found = set(facts.wanted.metrics), []
    found += [f"top-{k} of {facts.classes} classes is always right" for k in facts.wanted.tops if k >= facts.classes]
    if names & {"balanced_accuracy", "macro_f1"}:
        found += _missing(facts.tally["classes"].expected.values[0])
    if "skill_prior" in names and prior_loss(facts.tally) <= 0:
        found.append("all samples are of one class: its frequency loses nothing, and there is no skill over it")
    if "ranking" in facts.tally:
        found += _ranking_notes(facts.tally["ranking"])
    return found


def _missing(support: np.ndarray) -> list[str]:
    """Classes without samples, and how they count."""
    missing, classes = int(np.sum(support == 0)), len(support)
    if not missing:
        return []
    some = "1 class has" if missing == 1 else f"{missing} classes have"
    return [
        f"{some} no sample among {classes}: balanced accuracy leaves such a class out; in macro F1 it counts 0 if it is predicted, else nothing"
    ]


def _ranking_notes(found: Any) -> list[str]:
    """Why there is no ranking."""
    if found.parts is None:
        return [
            f"roc_auc and average_precision need every score in memory: none are given above {found.samples:,} samples"
        ]
    if scores.roc_auc(found.ranking) is None:
        return ["all samples are of one class: there is no ranking of two, and no ROC AUC"]
    return []
