"""How far apart a model's best and worst slices are, with an interval that allows for having looked at all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from cecli.comparing.intervals import Interval, intervals
from cecli.comparing.metrics import metric_of
from cecli.comparing.models import Comparison, Model
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.comparing.results import SliceGapResult


class Estimate(Record):
    """A metric of a slice, with its interval."""

    value: float
    low: float
    high: float


def slice_gap(slices: Mapping[str, Comparison], name: str, metric: str) -> SliceGapResult:
    """The gap between a model's best and worst slice by a metric; slices of too few samples for an interval are left out if others have one."""
    values = {text: each for text, each in _values(slices, name, metric).items() if each is not None}
    known = _estimates(slices, name, metric)
    if len(known) > 1:
        values = {text: each.value for text, each in known.items()}
    best, worst = _ends(values, metric)
    gap = None if best is None or worst is None else abs(values[worst] - values[best])
    low, high = gap_interval(known) if len(known) > 1 else (None, None)
    return {"metric": metric, "best": best, "worst": worst, "difference": gap, "ci_low": low, "ci_high": high}


def left_out(slices: Mapping[str, Comparison]) -> list[str]:
    """The slices of too few samples, which the gaps leave out."""
    few = [text for text, compared in slices.items() if not compared.paired.is_enough]
    return few if len(slices) - len(few) > 1 else []


def gap_interval(estimates: Mapping[str, Estimate]) -> Interval:
    """An interval of the gap between the largest and the smallest of the true values.

    Of two slices i and j the difference of the true values is within d − √((mᵢ − lᵢ)² + (uⱼ − mⱼ)²) and d + √((uᵢ − mᵢ)² + (mⱼ − lⱼ)²), from
    the intervals of the two (Zou and Donner, Stat. Med. 27:1693, 2008). The gap is the largest difference, so that its bounds are the largest of these.
    """
    value, low, high = (np.array(column)[:, None] for column in zip(*estimates.values(), strict=True))
    difference, below, above = value - value.T, value - low, high - value
    apart = ~np.eye(len(value), dtype=bool)
    lowest = (difference - np.hypot(below, above.T))[apart]
    highest = (difference + np.hypot(above, below.T))[apart]
    return max(float(np.max(lowest)), 0.0), float(np.max(highest))


def _estimates(slices: Mapping[str, Comparison], name: str, metric: str) -> dict[str, Estimate]:
    """The metric of each slice that has an interval, whose level is Bonferroni's for all pairs of slices."""
    count = max(1, math.comb(len(slices), 2))
    found = {}
    for text, compared in slices.items():
        level = 1 - (1 - compared.paired.options.confidence) / count
        model = _model(compared, name)
        interval, value = intervals(compared.paired.at(level), model).get(metric), model.metrics[metric]
        if interval is not None and value is not None and all(map(math.isfinite, (*interval, value))):
            found[text] = Estimate(value, *interval)
    return found


def _values(slices: Mapping[str, Comparison], name: str, metric: str) -> dict[str, float | None]:
    return {text: _model(compared, name).metrics[metric] for text, compared in slices.items()}


def _model(compared: Comparison, name: str) -> Model:
    return next(model for model in compared.models if model.name == name)


def _ends(values: Mapping[str, float], metric: str) -> tuple[str | None, str | None]:
    """The slices of the best and of the worst value."""
    if not values:
        return None, None
    ordered = sorted(values, key=lambda text: values[text])
    ends = ordered[0], ordered[-1]
    return ends if metric_of(metric).better != "more" else ends[::-1]
