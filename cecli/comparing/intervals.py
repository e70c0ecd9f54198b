"""Intervals of every model's metrics, and the statistics of pairs by every metric.

A mean loss has the interval of `paired`, a rate Wilson's; what is a function of one of these has its interval, carried over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cecli.comparing.metrics import MetricInputs
from cecli.comparing.request import TOP
from cecli.record import Record
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


class Carried(Record):
    """A metric that is a function of a mean."""

    of: str
    value: Callable[[float, MetricInputs, int], float]
    """From the mean, the model, and how many samples count."""


CARRIED: Mapping[str, Carried] = {
    "cross_entropy": Carried("cross_entropy", lambda mean, *_: mean),
    "cross_entropy_sum": Carried("cross_entropy", lambda mean, m, _: mean * m.totals.loss.weights.value),
    "perplexity": Carried("cross_entropy", lambda mean, m, _: m.base.power(mean)),
    "log_loss": Carried("cross_entropy", lambda mean, m, _: mean * m.base.ln),
    "skill_uniform": Carried("cross_entropy", lambda mean, m, _: 1 - mean * m.base.ln / math.log(m.classes)),
    "mse": Carried("mse", lambda mean, *_: mean),
    "score": Carried("score", lambda mean, *_: mean),
    "error_rate": Carried("error_rate", lambda rate, *_: rate),
    "accuracy": Carried("error_rate", lambda rate, *_: 1 - rate),
    "errors": Carried("error_rate", lambda rate, _, n: rate * n),
}

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
    known: dict[str, Interval | None] = {name: _known((one.low, one.high)) for name, one in terms.items()}
    if model.metrics["error_rate"] is None:
        return known
    rate = model.number("error_rate")
    return {**known, "error_rate": wilson(rate, test.rate_units(alone, rate), test.options.confidence)}


def _interval(name: str, model: Model, test: PairedTest, known: Mapping[str, Interval | None]) -> Interval | None:
    value = model.metrics[name]
    if TOP.fullmatch(name) and known and test.clusters is None and value is not None:
        return wilson(value, test.units, test.options.confidence)
    carried = CARRIED.get(name)
    mean = None if carried is None else known.get(carried.of)
    if carried is None or mean is None or _is_count_of_weights(name, test):
        return None
    return _sorted(carried.value(mean[0], model, test.n), carried.value(mean[1], model, test.n))


def _is_count_of_weights(name: str, test: PairedTest) -> bool:
    """Errors are counted, and where samples weigh differently their number is no function of the rate."""
    return name == "errors" and not test.weighs_alike


def _known(bounds: tuple[float | None, float | None]) -> Interval | None:
    low, high = bounds
    return None if low is None or high is None else (low, high)


def _sorted(a: float, b: float) -> Interval:
    return (a, b) if a <= b else (b, a)


# --- two models ---------------------------------------------------------------------------------------------------


def metric_differences(test: PairedTest, one: PairStatistics, a: Model, b: Model) -> dict[str, MetricDifference]:
    """The statistics of a pair by every metric."""
    return {name: _difference(name, test, one, a, b) for name in a.metrics}


def _difference(name: str, test: PairedTest, one: PairStatistics, a: Model, b: Model) -> MetricDifference:
    in_a, in_b = a.metrics[name], b.metrics[name]
    if in_a is None or in_b is None or in_a == in_b == math.inf:
        return MetricDifference(None)
    carried = CARRIED.get(name)
    if carried is None or _is_count_of_weights(name, test):
        return MetricDifference(in_a - in_b)
    statistics = one.errors if carried.of == "error_rate" else one.by.get(carried.of)
    if statistics is None:
        return MetricDifference(in_a - in_b)
    terms = statistics.terms
    if terms.low is None or terms.high is None:
        return MetricDifference(in_a - in_b, p_value=terms.p_value)
    base = b.number(carried.of)
    ends = [carried.value(base + end, b, test.n) - carried.value(base, b, test.n) for end in (terms.low, terms.high)]
    return MetricDifference(in_a - in_b, *_sorted(ends[0], ends[1]), terms.p_value)
