"""From the stages of a call to the lines of a program: those up to the losses, or to the value of a metric, and those that reduce losses."""

from __future__ import annotations

import numpy as np

from cecli.frameworks.metric_code import DEVIATION, LOSS_METRICS, VALUE_METRICS
from cecli.frameworks.numpy_code import LOSSES, Dialect
from cecli.frameworks.work import Work
from cecli.running.options import Options

LINES = LOSSES | LOSS_METRICS | VALUE_METRICS

OF_CLASSES = ("error_rate", "errors", "accuracy", "balanced_accuracy", "macro_f1")
"""Metrics that predicted labels are enough for."""


def stage_lines(work: Work, dialect: Dialect) -> list[str]:
    """The lines from the data to `losses`, one for each sample (or entry), in the unit asked for; or to the `value` of a metric."""
    lines = [line.replace("np.", f"{dialect.module}.") for line in LINES[work.quantity](work, dialect)]
    return [*lines, *base_line(work, dialect.module)]


def base_line(work: Work, module: str) -> list[str]:
    """The line that takes nats to the unit asked for, where there is one."""
    base = work.state.options.base
    unitless = (*LOSS_METRICS, *VALUE_METRICS, "mse", "gradient of mse", "softmax")
    if work.quantity in unitless or base.ln == 1:
        return []
    result = result_name(work)
    return [f"{result} = {result} / {module}.log({base.value!r})  # in {base.unit}"]


def result_name(work: Work) -> str:
    """What the last line is called."""
    return "g" if work.is_gradient else "value" if work.quantity in VALUE_METRICS else "losses"


def helper_lines(work: Work) -> tuple[str, ...]:
    """The function that the lines call, where they call one."""
    return DEVIATION if work.quantity == "ece_by_chance" else ()


def value_lines(work: Work) -> list[str]:
    """The lines that reduce `losses` to `value`: NumPy's, and every library's whose arrays have `sum`."""
    weights, options = work.state.weights, work.state.options
    has_rows = not work.is_vector and (work.quantity == "bce" or work.is_gradient)
    column = "s[:, None]" if has_rows else "s"
    result = result_name(work)
    lines = []
    divisor = _divisor(work, options)
    if work.quantity in VALUE_METRICS:
        return []
    if work.quantity == "errors":
        return ["value = losses.sum()" if weights is None else "value = losses[s > 0].sum()"]
    if weights is not None:
        has_zero = not work.is_gradient and not np.all(weights)
        own = f"np.where({column} > 0, {result}, 0)" if has_zero else result
        lines.append(f"{result} = {column} * {own}")
    if work.is_gradient:
        return [*lines, f"g = g / {divisor}"] if work.reduction == "mean" else lines
    if work.reduction == "none":
        return lines
    if work.reduction == "sum":
        return [*lines, "value = losses.sum()"]
    mean = "losses.mean()" if divisor == "" else f"losses.sum() / {divisor}"
    return [*lines, f"value = {mean}", *_of_mean(work)]


def _of_mean(work: Work) -> list[str]:
    """The lines from the mean loss to a metric that is a function of it."""
    if work.quantity == "perplexity":
        return [f"value = {work.state.options.base.value!r} ** value"]
    if work.quantity == "skill_uniform":
        return [f"value = 1 - value / np.log({work.classes})"]
    if work.quantity == "skill_prior":
        weighted = work.state.weights is not None
        rows = (
            f"np.bincount(y{', s' if weighted else ''})"
            if work.has_labels
            else "s @ p"
            if weighted
            else "p.sum(axis=0)"
        )
        return [
            f"counts = {rows}",
            "frequencies = counts / counts.sum()",
            "prior = -(frequencies * np.log(np.where(frequencies > 0, frequencies, 1))).sum()",
            "value = 1 - value / prior if prior > 0 else np.nan",
        ]
    return []


def _divisor(work: Work, options: Options) -> str:
    """What a mean divides by; nothing where it is the number of samples (or entries)."""
    weights, entries = work.state.weights, work.quantity in ("bce", "gradient of bce")
    own = "s" if weights is not None else ""
    if entries:
        width = work.classes
        if not own:
            return str(work.rows * width) if work.is_gradient else ""
        return "s.sum()" if width == 1 else f"({width} * s.sum())"
    counts = _counts(work, options)
    if not counts:
        return "s.sum()" if own else str(work.rows) if work.is_gradient else ""
    return f"({own} * {counts}).sum()" if own else f"{counts}.sum()"


def _counts(work: Work, options: Options) -> str:
    """What each sample counts in a mean, if not 1: the class weights that its target uses."""
    if work.state.class_weights is None:
        return ""
    return "w[y]" if work.has_labels else "(targets @ w)" if options.label_smoothing else "(p @ w)"
