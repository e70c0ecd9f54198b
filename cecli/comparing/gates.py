"""The gates of `--fail-if`: which conditions are true of a comparison, and by which numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cecli.comparing.ranking import statistics_of, turned
from cecli.numerals import shortest

if TYPE_CHECKING:
    from cecli.comparing.condition_names import Named
    from cecli.comparing.conditions import Condition
    from cecli.comparing.results import ComparisonResult


def failures(conditions: Sequence[Condition], result: ComparisonResult, baseline: str | None) -> list[str]:
    """A sentence for each condition that is true, with its numbers."""
    number = numbers_of(result, baseline or result["models"][0]["name"])
    return [_sentence(each, number) for each in conditions if each.holds(number)]


def numbers_of(result: ComparisonResult, baseline: str) -> Callable[[Named], float | None]:
    """What finds a named number: a model's own, or its difference to the baseline."""
    models = {model["name"]: model for model in result["models"]}
    pairs = {(pair["a"], pair["b"]): pair for pair in result["differences"]}

    def number(named: Named) -> float | None:
        value: float | None
        if not named.statistic:
            value = models[named.model][named.metric]
        elif (named.model, baseline) in pairs:
            value = statistics_of(pairs[named.model, baseline], named.metric).get(named.statistic)
        else:
            value = turned(statistics_of(pairs[baseline, named.model], named.metric)).get(named.statistic)
        return value

    return number


def _sentence(condition: Condition, number: Callable[[Named], float | None]) -> str:
    numbers = ", ".join(f"{named.text} = {shortest(number(named))}" for named in condition.named)
    return f"--fail-if: {condition.text.strip()} is true{': ' if numbers else ''}{numbers}"
