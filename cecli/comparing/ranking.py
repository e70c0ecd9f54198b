"""The models in order, best first by one metric, each with its difference to the best one or to the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from cecli.comparing.metrics import Metric, metric_of
from cecli.comparing.models import is_same
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.comparing.results import ComparisonResult, PairResult, SliceResult

Bounds = tuple[float | None, float | None]
UNKNOWN: Bounds = (None, None)

State = Literal["same", "alike", "apart", "untested"]
"""What is known of a difference: there is none; chance could explain it; it is significant; there is no test of it."""


class Standing(Record):
    """A model by one metric, and its difference to the reference: model minus reference."""

    name: str
    value: float | None
    interval: Bounds
    difference: float | None
    bounds: Bounds
    p: float | None
    """The p-value that decides: adjusted for the number of pairs, where it is."""
    state: State
    """How it differs from the reference."""
    is_doubtful: bool
    """Whether there is a caution about the difference."""


class Ranking(Record):
    """The models by one metric."""

    metric: Metric
    standings: Sequence[Standing]
    """Best first; models without a value last."""
    reference: str
    """The best model, the first given of several; or the baseline."""
    best: Sequence[str]
    """All that share the best value, in the order given."""

    def others(self, *states: State) -> list[Standing]:
        """The models in one of these states, without the reference, best first."""
        return [each for each in self.standings if each.name != self.reference and each.state in states]

    def of(self, name: str) -> Standing:
        """A model."""
        return next(each for each in self.standings if each.name == name)

    def is_better(self, standing: Standing) -> bool:
        """Whether a model is better than the reference."""
        return (standing.difference or 0.0) * (1 if self.metric.better == "more" else -1) > 0


def ranking(result: ComparisonResult | SliceResult, name: str, level: float, baseline: str | None = None) -> Ranking:
    """The models by a metric of which one value is the better; differences with p at most `level` are significant."""
    metric, models = metric_of(name), result["models"]
    values = {model["name"]: cast("float | None", model[name]) for model in models}
    best = result["best"].get(name, [])
    reference = baseline or (best[0] if best else models[0]["name"])
    intervals = {model["name"]: _bounds(model.get("intervals", {}).get(name)) for model in models}
    statistics = _against(result["differences"], reference, name)
    standings = [
        _standing(each, value, values[reference], intervals[each], statistics.get(each, {}), level)
        for each, value in values.items()
    ]
    known = [each for each in standings if each.value is not None]
    known.sort(key=lambda each: cast("float", each.value), reverse=metric.better == "more")
    return Ranking(metric, [*known, *(each for each in standings if each.value is None)], reference, best)


def _bounds(found: Sequence[float | None] | None) -> Bounds:
    return UNKNOWN if found is None else (found[0], found[1])


def _standing(
    name: str,
    value: float | None,
    reference: float | None,
    interval: Bounds,
    statistics: Mapping[str, Any],
    level: float,
) -> Standing:
    difference = statistics.get("difference")
    if difference is None and value is not None and reference is not None:
        difference = 0.0 if value == reference else value - reference
    p = p_of(statistics)
    bounds = statistics.get("ci_low"), statistics.get("ci_high")
    if is_same(value, reference) and (p is None or p > level):
        state: State = "same"
    elif p is None:
        state = "untested"
    else:
        state = "apart" if p <= level + ROUNDING else "alike"
    return Standing(name, value, interval, difference, bounds, p, state, bool(statistics.get("caution")))


def p_of(statistics: Mapping[str, Any]) -> float | None:
    """The p-value that decides."""
    return cast("float | None", statistics.get("p_adjusted", statistics.get("p_value")))


ROUNDING = 1e-15
"""What 1 − confidence is off by."""

# --- pairs --------------------------------------------------------------------------------------------------------


def _against(pairs: Sequence[PairResult], reference: str, metric: str) -> dict[str, Mapping[str, Any]]:
    """The statistics of every model that is paired with the reference, of the model minus the reference."""
    of_first = {pair["a"]: statistics_of(pair, metric) for pair in pairs if pair["b"] == reference}
    of_second = {pair["b"]: turned(statistics_of(pair, metric)) for pair in pairs if pair["a"] == reference}
    return {**of_first, **of_second}


def statistics_of(pair: PairResult, metric: str) -> Mapping[str, Any]:
    """The statistics of a pair by a metric, of model a minus model b; nothing where there are none.

    Metrics of one mean are decided by one p-value, with one caution: accuracy by that of the error rate, perplexity by that of the cross-entropy.
    """
    own = cast("dict[str, Any]", pair)
    by = {"cross_entropy": own, "score": own, **own["metrics"]}
    known = {name: value for name, value in by.get(metric, {}).items() if value is not None}
    mean = by.get(metric_of(metric).mean)
    return known if mean is None else {**known, "p_adjusted": mean["p_adjusted"], "caution": mean["caution"]}


def turned(statistics: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of b minus a."""
    signs = {"difference": "difference", "ci_low": "ci_high", "ci_high": "ci_low"}
    found = {name: statistics.get(other) for name, other in signs.items()}
    return {**statistics, **{name: None if value is None else 0.0 - value for name, value in found.items()}}
