"""Intervals of every model's metrics, and the statistics of pairs by every metric.

A mean loss has the interval of `paired`, a rate Wilson's; what is a function of one of these has its interval, carried over. Other metrics have that of
the jackknife of groups.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cecli.comparing.metrics import metric_of
from cecli.comparing.pairs import LOSSES
from cecli.comparing.request import TOP
from cecli.record import Record
from cecli.statistics.estimates import Estimate
from cecli.statistics.jackknife import jackknifed
from cecli.statistics.rates import wilson

if TYPE_CHECKING:
    from cecli.comparing.models import Model
    from cecli.comparing.paired_test import PairedTest, PairStatistics

Interval = tuple[float, float]


class MetricDifference(Record):
    """Two models by one metric: a minus b, with its interval and p-value; None where there is none."""

    difference: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


# --- one model ----------------------------------------------------------------------------------------------------


def intervals(test: PairedTest, model: Model) -> dict[str, Interval | None]:
    """The interval of each of a model's metrics; None where it has none, or there are too few samples."""
    known = _of_means(test, model) if test.is_enough else {}
    found = {name: _interval(name, model, test, known) for name in model.metrics}
    return {name: None if model.metrics[name] is None else interval for name, interval in found.items()}


def _of_means(test: PairedTest, model: Model) -> dict[str, Interval | None]:
    """The intervals of the mean losses and of the error rate."""
    alone = next(each for each in test.models if each.name == model.name)
    terms = {loss: test.mean(alone, loss) for loss in alone.by}
    known = {name: _known(name, (one.low, one.high)) for name, one in terms.items()}
    if model.metrics["error_rate"] is None:
        return known
    rate = model.number("error_rate")
    return {**known, "error_rate": wilson(rate, test.rate_units(alone, rate), test.options.confidence)}


def _interval(name: str, model: Model, test: PairedTest, known: Mapping[str, Interval | None]) -> Interval | None:
    value, metric, confidence = model.metrics[name], metric_of(name), test.options.confidence
    if value is None or not test.is_enough:
        return None
    if TOP.fullmatch(name) and test.clusters is None:
        return wilson(value, test.units, confidence)
    if (estimate := _estimate(name, value, model)) is not None:
        return _within(name, estimate.interval(confidence))
    mean = known.get(metric.mean)
    if mean is None or _is_count_of_weights(name, test):
        return None
    return _sorted(metric.of_mean(mean[0], model, test.n), metric.of_mean(mean[1], model, test.n))


def _estimate(name: str, value: float, a: Model, b: Model | None = None) -> Estimate | None:
    """A metric that is not a mean, or the difference of two models by it, with its standard error; None where there is none."""
    models, shares_of = [a] if b is None else [a, b], metric_of(name).shares
    if all(name in model.without for model in models):
        parts = [model.without[name] for model in models]
        return jackknifed(value, parts[0] if b is None else [x - y for x, y in zip(*parts, strict=True)])
    if shares_of is None:
        return None
    shares = [each for model in models if (each := shares_of(model)) is not None]
    if len(shares) < len(models):
        return Estimate(value, None)
    own = shares[0] if b is None else shares[0] - shares[1]
    return Estimate(value, math.sqrt(float(own @ own)))


def _within(name: str, interval: Interval | None) -> Interval | None:
    """An interval without what the metric can never be."""
    if interval is None or name in ("skill_prior", "within_bins"):
        return interval
    most = math.inf if name == "kl" else 1.0
    return max(interval[0], 0.0), min(interval[1], most)


def _is_count_of_weights(name: str, test: PairedTest) -> bool:
    """Errors are counted, and where samples weigh differently their number does not follow from the rate."""
    return name == "errors" and not test.weighs_alike


def _known(name: str, bounds: tuple[float | None, float | None]) -> Interval | None:
    """The interval of a mean, if it is known; no loss is below 0."""
    low, high = bounds
    if low is None or high is None:
        return None
    return (max(low, 0.0) if name in LOSSES else low, high)


def _sorted(a: float, b: float) -> Interval:
    return (a, b) if a <= b else (b, a)


# --- two models ---------------------------------------------------------------------------------------------------


def metric_differences(test: PairedTest, one: PairStatistics, a: Model, b: Model) -> dict[str, MetricDifference]:
    """The statistics of a pair by every metric."""
    return {name: _difference(name, test, one, a, b) for name in a.metrics}


def _difference(name: str, test: PairedTest, one: PairStatistics, a: Model, b: Model) -> MetricDifference:
    in_a, in_b, metric = a.metrics[name], b.metrics[name], metric_of(name)
    if in_a is None or in_b is None or in_a == in_b == math.inf:
        return MetricDifference(None)
    if test.is_enough and (estimate := _estimate(name, in_a - in_b, a, b)) is not None:
        low, high = estimate.interval(test.options.confidence) or (None, None)
        return MetricDifference(in_a - in_b, low, high, estimate.p_value)
    statistics = one.errors if metric.mean == "error_rate" else one.by.get(metric.mean)
    if statistics is None or _is_count_of_weights(name, test):
        return MetricDifference(in_a - in_b)
    terms = statistics.terms
    if terms.low is None or terms.high is None:
        return MetricDifference(in_a - in_b, p_value=terms.p_value)
    base = b.number(metric.mean)
    ends = [metric.of_mean(base + end, b, test.n) - metric.of_mean(base, b, test.n) for end in (terms.low, terms.high)]
    return MetricDifference(in_a - in_b, *_sorted(ends[0], ends[1]), terms.p_value)
