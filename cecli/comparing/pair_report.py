"""What JSON, tables and notes say of pairs of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cecli.comparing.intervals import MetricDifference, metric_differences
from cecli.comparing.metrics import metric_of
from cecli.comparing.models import Comparison
from cecli.comparing.paired_test import PairedTest, PairStatistics, Statistics
from cecli.report import Cell, Column, Given, Table

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
SHOWN_PAIRS = 6
"""Pairs shown one by one; JSON has all."""

# --- JSON ---------------------------------------------------------------------------------------------------------


def pair_results(compared: Comparison) -> list[PairResult]:
    """The statistics of each pair: those of the cross-entropy first, the others in `metrics`."""
    return [_pair_result(compared, one) for one in compared.paired.statistics]


def _pair_result(compared: Comparison, one: PairStatistics) -> PairResult:
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
            "p_value": one.mcnemar,
            "p_adjusted": one.mcnemar_adjusted,
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
        "method": one.method,
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
    """A small table for each pair, where there are samples enough to say anything."""
    if not test.pairs or not test.is_enough:
        return []
    return [_table(test, one, unit) for one in test.statistics[:SHOWN_PAIRS]]


def _table(test: PairedTest, one: PairStatistics, unit: str) -> Table:
    """One pair: what it differs by, and whether that is more than chance; a column per loss."""
    pair, options = one.pair, test.options
    by = [*one.by.values()]
    errors = [] if one.errors is None else [one.errors]
    counts = [better_and_worse(name, each) for name, each in one.by.items()]
    counts += [(pair.only_b, pair.only_a) for _ in errors]
    rows: list[tuple[Cell, ...]] = [
        ("difference", *(each.terms.difference for each in [*by, *errors])),
        (
            f"{options.confidence * 100:g} % interval",
            *(_bounds(each.terms.low, each.terms.high) for each in [*by, *errors]),
        ),
    ]
    if options.bootstrap is not None:
        resampled = [each.bootstrap.percentile if each.bootstrap else (None, None) for each in [*by, *errors]]
        rows.append(("bootstrap", *(_bounds(*each) for each in resampled)))
    rows += [
        ("p, by chance alone", *(each.terms.p_value for each in by), *(one.mcnemar for _ in errors)),
        ("p, adjusted (Holm)", *(each.adjusted for each in by), *(one.mcnemar_adjusted for _ in errors)),
        ("better/worse/tied", *(_counts(*each, one.n) for each in counts)),
        ("samples needed", *(_whole(each.terms.needed) for each in [*by, *errors])),
    ]
    headings = {"cross_entropy": f"cross-entropy, {unit}", "mse": "squared error", "score": "score"}
    titles = [*(headings[name] for name in one.by), *("error rate" for _ in errors)]
    columns = [Column("a − b", "left"), *map(Column, titles)]
    seed = "" if options.bootstrap is None else f", seed {options.seed}"
    return Table(columns, rows, title=f"{pair.b} (b) vs {pair.a} (a){seed}")


def _bounds(low: float | None, high: float | None) -> Cell:
    return None if low is None or high is None else Given((low, high))


def _counts(better: int, worse: int, n: int) -> str:
    return f"{better}/{worse}/{n - better - worse}"


# --- notes --------------------------------------------------------------------------------------------------------


def pair_notes(test: PairedTest) -> list[str]:
    """What is unusual about the tests: what makes them doubtful, and what infinite losses leave out."""
    if not test.pairs:
        return []
    notes = [
        f"{one.pair.a} and {one.pair.b}, {name}: {each.caution}"
        for one in test.statistics[:SHOWN_PAIRS]
        for name, each in (("cross-entropy", one.by.get("cross_entropy")),)
        if each is not None and each.caution
    ]
    infinite = [
        one for one in test.statistics if (loss := one.by.get("cross_entropy")) and not loss.difference.is_finite
    ]
    notes += [
        f"{one.pair.a} and {one.pair.b}: {_infinite(one)}, so that their "
        "cross-entropies are compared without interval or p-value"
        for one in (infinite if test.is_enough else ())
    ]
    return notes


def _infinite(one: PairStatistics) -> str:
    """How many losses of which model are infinite."""
    in_a, in_b = one.by["cross_entropy"].difference.infinite
    parts = [f"{count} of {name}" for name, count in ((one.pair.a, in_a), (one.pair.b, in_b)) if count]
    return f"{' and '.join(parts)} {'is' if in_a + in_b == 1 else 'are'} infinite"
