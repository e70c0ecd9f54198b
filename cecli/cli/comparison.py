"""`compare`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cecli.cli.call import Call
from cecli.cli.drawing import read_plot
from cecli.cli.explaining import require_working
from cecli.errors import UsageError
from cecli.numerals import shortest
from cecli.report import Report

if TYPE_CHECKING:
    from cecli.comparing.conditions import Condition
    from cecli.comparing.paired_options import PairedTestOptions


def compare(call: Call) -> Report:
    """`compare`."""
    from cecli.comparing import comparison
    from cecli.comparing.request import MetricRequest

    if call.typed["cluster"] is not None and call["id"] is not None:
        raise UsageError("--id does not join --cluster", hint="put the rows in order beforehand, and leave --id out")
    counts = call["bins"], call["worst"], call["disagree"]
    picture = read_plot(call["plot"])
    drawn = picture is not None, picture is not None and picture.in_text
    request = MetricRequest(
        names(call["metrics"]), call["metric"], *counts, call["by_class"], call["confusion"], *drawn
    )
    options = call.options()
    if call["metric"] is not None and call.output.steps:
        require_working(call["metric"])
    target, models = _models(call)
    condition = None if call["fail_if"] is None else _condition(call["fail_if"], list(models), request.metrics)
    sources = call.open_all(target, models, "the target")
    answer = comparison.compare(*sources, options, call.execution, _paired_options(call), request)
    report = call.report(answer, options, sources[0])
    if picture is not None:
        picture.write(report.figure)
        report = report.replace(notes=[*report.notes, *picture.notes(call.output)])
    return report if condition is None else _judged(report, condition)


def _models(call: Call) -> tuple[str, dict[str, str]]:
    """The target and the models by name, as typed; or those of the example."""
    from cecli.comparing import comparison

    target, models = call.typed["target"], named(call.typed["predictions"] or [])
    if call["example"]:
        if target is not None:
            raise UsageError("--example brings its own target and models", hint="cecli compare --example")
        return comparison.EXAMPLE_TARGET, comparison.EXAMPLE_MODELS
    if target is None or not models:
        missing = "TARGET" if target is None else "PREDICTION"
        raise UsageError(f"cecli compare: {missing} is missing", hint="try cecli compare --example")
    return target, models


def _paired_options(call: Call) -> PairedTestOptions:
    from cecli.comparing.paired_options import PairedTestOptions

    return PairedTestOptions(*(call[name] for name in ("confidence", "bootstrap", "seed", "cluster", "baseline")))


def _condition(text: str, models: list[str], metrics: Sequence[str]) -> Condition:
    """The condition of `--fail-if`, read before the input is; it may name the metrics that are asked for too."""
    from cecli.comparing.conditions import read_condition
    from cecli.comparing.metrics import SUMMARY

    return read_condition(text, models, (*SUMMARY, *metrics))


def _judged(report: Report, condition: Condition) -> Report:
    """The report with what `--fail-if` makes of it: where the condition is true, a note names the numbers."""
    values = {(m["name"], metric): value for m in report.fields["models"] for metric, value in m.items()}
    if not condition.holds(values):
        return report
    numbers = ", ".join(f"{model}.{metric} = {shortest(values[model, metric])}" for model, metric in condition.named)
    note = f"--fail-if: {condition.text.strip()} is true{': ' if numbers else ''}{numbers}"
    return report.replace(holds=False, notes=[*report.notes, note])


def names(text: str | None) -> tuple[str, ...]:
    """The metrics that are named, with commas or blanks between."""
    if text is None:
        return ()
    named = tuple(name for name in re.split(r"[,;\s]+", text) if name)
    if not named:
        raise UsageError("--metrics: no metric is named", hint="as in --metrics accuracy,ece, or --metrics all")
    return named


def named(predictions: list[str]) -> dict[str, str]:
    """The models by name: `small=…` names one, the others are model 1, model 2, …; a path may have = in it."""
    from cecli.reading.columns import is_there

    models: dict[str, str] = {}
    for i, text in enumerate(predictions):
        match = None if is_there(text) else re.match(r"([^=]*)=(.*)$", text, re.DOTALL)
        name, values = (match[1].strip(), match[2]) if match else (f"model {i + 1}", text)
        if not name or not values.strip():
            raise UsageError(f"{text!r} is no NAME=values", hint='as in small="0.1,0.2,0.7"')
        if name in models:
            raise UsageError(f"two models are called {name!r}", hint="name them apart: a=… b=…")
        models[name] = values
    return models
