"""What the caller adds to an answer: its working, and the question that a claim of it is judged by."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cecli.errors import UsageError

if TYPE_CHECKING:
    from cecli.quantities.summary import Answer
    from cecli.reading.sources import Source
    from cecli.report import Report
    from cecli.running.options import Options
    from cecli.running.problem import Problem
    from cecli.running.recorder import SampleRecorder


def explained(
    answer: Answer,
    recorder: SampleRecorder,
    working: str,
    options: Options,
    target: Source | None = None,
    like: str | None = None,
    code: str | None = None,
) -> Report:
    """The report of an answer whose samples were recorded: with the question, the working, a framework's value or a program."""
    report, result = answer.report, answer.result
    if like is not None:
        from cecli.frameworks.like_report import with_likeness

        report = with_likeness(report, _question(report, recorder, options, result), like)
    if code is not None:
        from cecli.frameworks.program import with_program

        report = with_program(report, _question(report, recorder, options, result), target, code)
    if working and _is_explained(getattr(result, "metric", None)):
        from cecli.working.shown_rows import Shown

        module, _, name = working.partition(":")
        write = getattr(import_module(f"cecli.working.{module}"), name)
        report = report.replace(steps=write(Shown(recorder, options, target, result)))
    return report.replace(question=_question(report, recorder, options, result))


def require_working(metric: str) -> None:
    """The working of a metric of `compare`, where it is asked for, must be known."""
    from cecli.comparing.metric_names import metric_name

    if not _is_explained(metric_name(metric, "--metric")):
        raise UsageError(f"--steps: {metric} has no working", hint="error_rate, mse, cross_entropy and perplexity have")


def _is_explained(metric: str | None) -> bool:
    """Whether a metric of `compare` has a working and known mistakes; all other answers have."""
    from cecli.comparing.metrics import SUMMARY

    return metric is None or metric in SUMMARY


def _question(report: Report, recorder: SampleRecorder, options: Options, result: Any) -> Problem | None:
    """What a report answers; None where no mistake is looked for."""
    from cecli.running.problem import problem_of

    if report.settings.get("scores"):
        return None
    more: dict[str, Any] = {}
    if "reduction" in report.settings:
        more["reduction"] = report.settings["reduction"]
    if report.command == "compare":
        more |= {"metric": result.metric or "cross_entropy", "bins": report.settings.get("bins", 0)}
    if report.command == "grad" and result.layer is not None:
        more |= {"of": result.of, "inputs": result.layer.inputs}
    weights = (
        result.gradient.state.class_weights if report.command == "grad" else getattr(result, "class_weights", None)
    )
    return problem_of(report.command, recorder, options, class_weights=weights, **more)
