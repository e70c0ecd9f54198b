"""What JSON, tables and notes say of pairs of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cecli.comparing.intervals import MetricDifference, metric_differences
from cecli.comparing.metrics import metric_of
from cecli.comparing.models import Comparison
from cecli.comparing.paired_test import PairedTest, PairStatistics, Statistics
from cecli.report import Cell, Column, Interval, PValue, Table

if TYPE_CHECKING:
    from cecli.comparing.results import LossStatistics, MetricDifferenceResult, PairResult

MEMBERS = (
    "difference",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "method",
    "better",
    "worse",
    "tied",
    "needed",
    "caution",
)
MOST_CAUTIONS = 3
"""Pairs whose cautions are shown; JSON has all."""

# --- JSON ---------------------------------------------------------------------------------------------------------


def pair_results(compared: Comparison) -> list[PairResult]:
    """The statistics of each pair: those of the cross-entropy first, the others in `metrics`."""
    return [pair_result(compared, one) for one in compared.paired.statistics]


def pair_result(compared: Comparison, one: PairStatistics) -> PairResult:
    """The statistics of a pair."""
    test, pair = compared.paired, one.pair
    loss = one.by.get("cross_entropy", one.by.get("score"))
    in_a, in_b = (0, 0) if loss is None else loss.difference.infinite
    return {
        "a": pair.a,
        "b": pair.b,
        **_loss_statistics(loss, one.n, "score" if "score" in one.by else "cross_entropy"),
        "infinite": {"a": in_a, "b": in_b},
        "mcnemar": {
            "only_a_right": pair.only_a if pair.has_errors else None,
            "only_b_right": pair.only_b if pair.has_errors else None,
            "p_value": None if one.errors is None else one.errors.terms.p_value,
            "p_adjusted": None if one.errors is None else one.errors.adjusted,
        },
        "metrics": _metrics(compared, one),
        "samples": one.n,
        "effective_samples": test.units if test.is_effective else None,
        "clusters": test.clusters,
    }


def better_and_worse(name: str, one: Statistics) -> tuple[int, int]:
    """In how many samples b is the better by a measure, and in how many the worse."""
    counts = one.difference.better, one.difference.worse
    return counts if metric_of(name).better == "less" else counts[::-1]


def _metrics(compared: Comparison, one: PairStatistics) -> dict[str, LossStatistics | MetricDifferenceResult]:
    """The statistics by all other metrics, in full by the squared error and by the errors."""
    models = {model.name: model for model in compared.models}
    found = metric_differences(compared.paired, one, models[one.pair.a], models[one.pair.b])
    in_full = {"mse": one.by.get("mse"), "error_rate": one.errors}
    return {
        name: _loss_statistics(in_full[name], one.n, name) if name in in_full else _metric_difference(each)
        for name, each in found.items()
        if name not in ("cross_entropy", "score")
    }


def _metric_difference(one: MetricDifference) -> MetricDifferenceResult:
    return {"difference": one.difference, "ci_low": one.low, "ci_high": one.high, "p_value": one.p_value}


def _loss_statistics(one: Statistics | None, n: int, name: str = "cross_entropy") -> LossStatistics:
    """The members of one loss: null where one of the models has no such loss."""
    if one is None:
        return cast("LossStatistics", dict.fromkeys(MEMBERS))
    terms, (better, worse) = one.terms, better_and_worse(name, one)
    result: LossStatistics = {
        "difference": terms.difference,
        "ci_low": terms.low,
        "ci_high": terms.high,
        "p_value": terms.p_value,
        "p_adjusted": one.adjusted,
        "method": terms.method,
        "better": better,
        "worse": worse,
        "tied": n - better - worse,
        "needed": _whole(terms.needed),
        "caution": one.caution,
    }
    if one.bootstrap is not None:
        result["bootstrap"] = {"percentile": [*one.bootstrap.percentile], "basic": [*one.bootstrap.basic]}
    return result


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


# --- tables -------------------------------------------------------------------------------------------------------


def pair_tables(test: PairedTest, unit: str) -> list[Table]:
    """A small table for each pair."""
    return [_table(test, one, unit) for one in test.statistics]


def _table(test: PairedTest, one: PairStatistics, unit: str) -> Table:
    """One pair: what it differs by, and whether that is more than chance; a column per loss."""
    pair, options = one.pair, test.options
    counts = [better_and_worse(name, each) for name, each in one.by.items()]
    counts += [(pair.only_b, pair.only_a)] if one.errors else []
    rows: list[tuple[Cell, ...]] = [
        ("difference", *(each.terms.difference for each in one.all)),
        (
            f"{options.confidence * 100:g} % interval",
            *(Interval(each.terms.low, each.terms.high) for each in one.all),
        ),
    ]
    if options.bootstrap is not None:
        resampled = [each.bootstrap.percentile if each.bootstrap else (None, None) for each in one.all]
        rows.append(("bootstrap", *(Interval(*each) for each in resampled)))
    rows += [
        ("p-value", *(PValue(p) for p in one.p_values)),
        ("p, adjusted (Holm)", *(PValue(each.adjusted) for each in one.all)),
        ("second better/worse/tied", *(_counts(*each, one.n) for each in counts)),
        ("samples needed, about", *(_whole(each.terms.needed) for each in one.all)),
    ]
    headings = {"cross_entropy": f"cross-entropy, {unit}", "mse": "squared error", "score": "score"}
    titles = [*(headings[name] for name in one.by), *(["error rate"] if one.errors else [])]
    columns = [Column("pair", "left"), *map(Column, titles)]
    seed = "" if options.bootstrap is None else f", seed {options.seed}"
    return Table(columns, rows, title=f"{pair.a} − {pair.b}{seed}", signs=False)


def _counts(better: int, worse: int, n: int) -> str:
    return f"{better}/{worse}/{n - better - worse}"


# --- notes --------------------------------------------------------------------------------------------------------


def pair_notes(compared: Comparison, measure: str) -> list[str]:
    """What is unusual about the tests: what makes those by a measure doubtful, and what infinite losses leave out."""
    test = compared.paired
    if not test.pairs:
        return []
    notes = _cautions(compared, measure)
    if compared.metric and measure != "cross_entropy":
        return notes
    infinite = [
        one for one in test.statistics if (loss := one.by.get("cross_entropy")) and not loss.difference.is_finite
    ]
    notes += [
        f"{one.pair.a} and {one.pair.b}: {_infinite(one)}, so their "
        "cross-entropies are compared without interval or p-value"
        for one in (infinite if test.is_enough else ())
    ]
    return notes


def _cautions(compared: Comparison, measure: str) -> list[str]:
    """What makes the differences to the best model, or to the baseline, doubtful; of many the first."""
    test = compared.paired
    reference = test.options.baseline or next(iter(compared.winners.get(measure, ())), None)
    doubtful = [
        f"{one.pair.a} and {one.pair.b}, {metric_of(measure).noun}: {found.caution}"
        for one in test.statistics
        if reference in (one.pair.a, one.pair.b) and (found := one.of(measure)) and found.caution
    ]
    more = len(doubtful) - MOST_CAUTIONS
    rest = [f"and {more} more pair{'s' if more > 1 else ''} with a caution: -f json shows all"] if more > 0 else []
    return [*doubtful[:MOST_CAUTIONS], *rest]


def _infinite(one: PairStatistics) -> str:
    """How many losses of which model are infinite."""
    in_a, in_b = one.by["cross_entropy"].difference.infinite
    parts = [
        f"{count} loss{'' if count == 1 else 'es'} of {name}"
        for name, count in ((one.pair.a, in_a), (one.pair.b, in_b))
        if count
    ]
    return f"{' and '.join(parts)} {'is' if in_a + in_b == 1 else 'are'} infinite"
