"""The gates of `--fail-if`: which conditions are true of a comparison, and by which numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from cecli.numerals import shortest

if TYPE_CHECKING:
    from cecli.comparing.condition_names import Named
    from cecli.comparing.conditions import Condition
    from cecli.comparing.results import ComparisonResult, PairResult


def failures(conditions: Sequence[Condition], result: ComparisonResult, baseline: str | None) -> list[str]:
    """A sentence for each condition that is true, with its numbers."""
    number = numbers_of(result, baseline or result["models"][0]["name"])
    return [_sentence(each, number) for each in conditions if each.holds(number)]


def numbers_of(result: ComparisonResult, baseline: str) -> Callable[[Named], float | None]:
    """What finds a named number: a model's own, or its difference to the baseline."""
    models = {model["name"]: model for model in result["models"]}
    pairs = {(pair["a"], pair["b"]): pair for pair in result["differences"]}

    def number(named: Named) -> float | None:
        if not named.statistic:
            value: float | None = models[named.model][named.metric]
            return value
        if (named.model, baseline) in pairs:
            return statistics_of(pairs[named.model, baseline], named.metric).get(named.statistic)
        return turned(statistics_of(pairs[baseline, named.model], named.metric)).get(named.statistic)

    return number


def statistics_of(pair: PairResult, metric: str) -> Mapping[str, Any]:
    """The statistics of a pair by a metric, of model a minus model b."""
    own = cast("Mapping[str, Any]", pair)
    return own if metric == "cross_entropy" else own["metrics"].get(metric, {})


def turned(statistics: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of b minus a."""
    low, high = statistics.get("ci_high"), statistics.get("ci_low")
    found = {"difference": statistics.get("difference"), "ci_low": low, "ci_high": high}
    negated = {name: None if value is None else 0.0 - value for name, value in found.items()}
    return negated | {"p_value": statistics.get("p_value")}


def _sentence(condition: Condition, number: Callable[[Named], float | None]) -> str:
    numbers = ", ".join(f"{named.text} = {shortest(number(named))}" for named in condition.named)
    return f"--fail-if: {condition.text.strip()} is true{': ' if numbers else ''}{numbers}"
