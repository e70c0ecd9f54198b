"""`compare`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cecli.cli import options as o
from cecli.cli.call import Call
from cecli.cli.drawing import read_plot
from cecli.cli.output import integer_option, number_option
from cecli.errors import UsageError
from cecli.report import Report

if TYPE_CHECKING:
    from cecli.analyses.conditions import Condition
    from cecli.reading.sources import Source
    from cecli.analyses.pairs import Design


def compare(
    target: o.OptionalTarget = None,
    predictions: o.Predictions = None,
    example: o.Example = False,
    metric: o.Metric = None,
    metrics: o.Metrics = None,
    bins: o.Bins = None,
    worst: o.Worst = None,
    disagree: o.Disagree = None,
    by_class: o.ByClass = False,
    confusion: o.Confusion = False,
    logits: o.Logits = False,
    base: o.Base = "e",
    normalize: o.Normalize = False,
    sample_weights: o.SampleWeights = None,
    ignore_index: o.IgnoreIndex = None,
    eps: o.Eps = None,
    classes: o.Classes = None,
    header: o.Header = None,
    confidence: o.Confidence = "0.95",
    bootstrap: o.Bootstrap = None,
    seed: o.Seed = "12345",
    cluster: o.Cluster = None,
    baseline: o.Baseline = None,
    fail_if: o.FailIf = None,
    plot: o.Plot = None,
) -> Report:
    """Models side by side, sample by sample and in sum: error rate, MSE, cross-entropy, and who wins each.

    Name a model with NAME=values. --example compares two models with the same error rate, of which one is better.
    """
    from cecli.analyses import comparison
    from cecli.analyses.metrics import Asked

    counts = _number("--bins", bins), _number("--worst", worst), _number("--disagree", disagree)
    asked = Asked(names(metrics), *counts, by_class, confusion)
    picture = read_plot(plot)
    call = Call(classes, header)
    models = named(predictions or [])
    if example:
        if target is not None:
            raise UsageError("--example brings its own target and models", hint="cecli compare --example")
        target, models = comparison.EXAMPLE_TARGET, comparison.EXAMPLE_MODELS
    elif call.has_labels and target is not None:
        target, models = None, named([target or "", *(predictions or [])])
    if (target is None and not call.has_labels) or not models:
        missing = "TARGET" if target is None else "PREDICTION"
        raise UsageError(f"cecli compare: {missing} is missing", hint="try cecli compare --example")
    condition = None if fail_if is None else _condition(fail_if, list(models), asked.metrics)
    opened, sources = call.open(target, models, sample_weights=sample_weights, ignore_index=ignore_index, cluster=cluster)
    assert opened is not None
    settings = call.settings(
        logits=logits,
        base=base,
        normalize=normalize,
        sample_weights=sample_weights,
        ignore_index=ignore_index,
        eps=eps,
        pictured=picture is not None,
    )
    design = _design(confidence, bootstrap, seed, call.other("cluster"), baseline)
    report = comparison.compare(opened, sources, settings, metric, design, asked, picture is not None and picture.in_text)
    if picture is not None:
        picture.write(report.figure)
        report = report.replace(notes=[*report.notes, *picture.notes()])
    return report if condition is None else _judged(report, condition)


def _design(
    confidence: str, bootstrap: str | None, seed: str, cluster: Source | None, baseline: str | None
) -> Design:
    """How the pairs are judged, as it was typed."""
    from cecli.analyses.pairs import Design

    return Design(
        number_option("--confidence", confidence),
        None if bootstrap is None else integer_option("--bootstrap", bootstrap),
        integer_option("--seed", seed),
        cluster,
        baseline,
    )


def _condition(text: str, models: list[str], metrics: Sequence[str]) -> Condition:
    """The condition of `--fail-if`, read before the input is; it may name the metrics that are asked for too."""
    from cecli.analyses.conditions import read_condition
    from cecli.question import METRICS

    return read_condition(text, models, (*METRICS, *metrics))


def _judged(report: Report, condition: Condition) -> Report:
    """The report with what `--fail-if` makes of it: where the condition is true, a note names the numbers."""
    from cecli.render.numbers import shortest

    values = {(m["name"], metric): value for m in report.fields["models"] for metric, value in m.items()}
    if not (is_true := condition.holds(values)):
        return report
    numbers = ", ".join(f"{model}.{metric} = {shortest(values[model, metric])}" for model, metric in condition.named)
    note = f"--fail-if: {condition.text.strip()} is true{': ' if numbers else ''}{numbers}"
    return report.replace(holds=not is_true, notes=[*report.notes, note])


def _number(option: str, value: str | None) -> int | None:
    """A whole number, if one was given."""
    return None if value is None else integer_option(option, value)


def names(text: str | None) -> list[str]:
    """The metrics that are named, with commas or blanks between."""
    if text is None:
        return []
    found = [name for name in re.split(r"[,;\s]+", text) if name]
    if not found:
        raise UsageError("--metrics: no metric is named", hint="as in --metrics accuracy,ece, or --metrics all")
    return found


def named(predictions: list[str]) -> dict[str, str]:
    """The models by name."""
    from cecli.reading.models import named_models

    return named_models(predictions)
