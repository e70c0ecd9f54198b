"""`compare`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from cecli.cli.call import Call
from cecli.cli.drawing import read_plot
from cecli.cli.explaining import require_working
from cecli.errors import UsageError
from cecli.report import Report
from cecli.running.options import OPTIONS

if TYPE_CHECKING:
    from cecli.comparing.conditions import Condition
    from cecli.comparing.paired_options import PairedTestOptions
    from cecli.comparing.results import ComparisonResult


def compare(call: Call) -> Report:
    """`compare`."""
    from cecli.comparing import comparison
    from cecli.comparing.request import MetricRequest

    counts = call["bins"], call["worst"], call["disagree"]
    picture = read_plot(call["plot"])
    drawn = picture is not None, picture is not None and picture.in_text
    shown = call["sort"], call["samples"], call["pairs"]
    request = MetricRequest(
        names(call["metrics"]), call["metric"], *counts, *shown, call["by_class"], call["confusion"], *drawn
    )
    _require_meaning_of_scores(call)
    if call["metric"] is not None and call.output.steps:
        require_working(call["metric"])
    if call.output.reworks and call["metric"] is None:
        raise UsageError("--like and --code need one metric", hint="name it: --metric cross_entropy")
    target, models = _models(call)
    conditions = _conditions(call, list(models))
    request = request.replace(judged=tuple(named.metric for each in conditions for named in each.named))
    labels, predictions = call.open(target, models)
    options = call.options()
    request = request.replace(by=call["by"])
    answer = comparison.compare(labels, predictions, options, call.execution, _paired_options(call), request)
    _require_limited(answer.report, call)
    report = call.report(answer, options, labels)
    report = report.replace(notes=[*report.notes, *_left_out(call)])
    if picture is not None:
        picture.write(report.figure)
        report = report.replace(notes=[*report.notes, *picture.notes(call.output)])
    return report.replace(failures=_failures(report, conditions, call)) if conditions else report


def _models(call: Call) -> tuple[str | None, dict[str, str]]:
    """The target, unless every file brings its labels, and the models by name, as typed; or those of the example."""
    from cecli.comparing import comparison
    from cecli.reading.models import named_models

    target, predictions = call.typed["target"], call.typed["predictions"] or []
    if call["example"]:
        if target is not None:
            raise UsageError("--example brings its own target and models", hint="cecli compare --example")
        return comparison.EXAMPLE_TARGET, comparison.EXAMPLE_MODELS
    has_target = not (call.has_labels or call["scores"])
    if not has_target and target is not None:
        target, predictions = None, [target, *predictions]
    models = named_models(predictions)
    if (target is None and has_target) or not models:
        missing = "TARGET" if target is None and has_target else "PREDICTION"
        raise call.missing(missing, target, "try cecli compare --example")
    return target, models


OF_PREDICTIONS = (
    "example",
    "label",
    "logits",
    "normalize",
    "ignore_index",
    "eps",
    "classes",
    "bins",
    "worst",
    "disagree",
    "samples",
    "by_class",
    "confusion",
    "plot",
    "like",
    "code",
)
"""The options that mean nothing where scores are compared."""


def _require_meaning_of_scores(call: Call) -> None:
    """No option beside `--scores` may be of predictions and their target."""
    if not call["scores"]:
        return
    for name in OF_PREDICTIONS:
        if call.typed.get(name):
            raise UsageError(
                f"{OPTIONS[name].flag} is for predictions, and --scores compares scores, which have no target",
                hint=f"leave out {OPTIONS[name].flag} or --scores",
            )
    if call.output.steps:
        raise UsageError("--steps: scores have no working", hint="leave out --steps")


def _require_limited(report: Report, call: Call) -> None:
    """No limit may be passed by a number that does not exist."""
    if call.output.fail_above is None:
        return
    metric = report.settings["metric"]
    for model in report.fields["models"]:
        if model[metric] is None:
            raise UsageError(
                f"--fail-above: {model['name']}.{metric} is null, and null can't be compared",
                hint="these samples do not give this number: name another with --metric",
            )


def _paired_options(call: Call) -> PairedTestOptions:
    from cecli.comparing.paired_options import PairedTestOptions

    return PairedTestOptions(*(call[name] for name in ("confidence", "bootstrap", "seed", "cluster", "baseline")))


def _conditions(call: Call, models: list[str]) -> list[Condition]:
    """The conditions of `--fail-if`, read before the input is."""
    if not call["fail_if"]:
        return []
    from cecli.comparing.conditions import read_condition

    return [read_condition(text, models, call["baseline"]) for text in call["fail_if"]]


def _failures(report: Report, conditions: Sequence[Condition], call: Call) -> list[str]:
    """The conditions that are true, with their numbers."""
    from cecli.comparing.gates import failures

    return failures(conditions, cast("ComparisonResult", report.fields), call["baseline"])


LISTS = ("samples", "worst", "disagree")
LEFT_OUT = {
    "plain": ("pairs", *LISTS, "by", "by_class", "confusion"),
    "csv": LISTS,
    "tsv": LISTS,
    "json": LISTS[:1],
    "jsonl": ("pairs", "samples", "disagree", "by"),
}
"""What is asked for, and has no place in a format."""


def _left_out(call: Call) -> list[str]:
    """A note where something that was asked for is not in the format."""
    chosen = call.output.chosen.name
    asked = [OPTIONS[name].flag for name in LEFT_OUT.get(chosen, ()) if call[name]]
    if not asked or call.session.claim:
        return []
    options = " and ".join([", ".join(asked[:-1]), asked[-1]] if len(asked) > 1 else asked)
    return [f"{options} {'is' if len(asked) == 1 else 'are'} not shown in {chosen}: add -f table or -f markdown"]


def names(texts: Sequence[str] | None) -> tuple[str, ...]:
    """The metrics that are named, with commas or blanks between."""
    if not texts:
        return ()
    named = tuple(name for name in re.split(r"[,;\s]+", ",".join(texts)) if name)
    if not named:
        raise UsageError("--metrics: no metric is named", hint="as in --metrics accuracy,ece, or --metrics all")
    return named
