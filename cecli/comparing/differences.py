"""What there is to say of pairs of models: their members in JSON, their tables, their notes, and the sentence at the end.

The adjusted p-value decides, and nothing is said that the numbers do not carry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cecli.comparing.pairs import Judged, Pairs, Statistics
from cecli.report import Cell, Column, Given, Table
from cecli.statistics import paired, resampling

SHOWN_PAIRS = 6
"""Pairs shown one by one in tables; JSON has all."""

NAMES = {"cross_entropy": "cross-entropy", "mse": "squared error", "errors": "the number of errors"}
RIGHT = "errors"
"""Right or wrong, which McNemar's test judges."""

# --- JSON ---------------------------------------------------------------------------------------------------------


def members(pairs: Pairs) -> list[dict[str, Any]]:
    """The statistics of each pair, as `differences` has them: those of the cross-entropy first, the others under their names."""
    return [_members(pairs, found) for found in pairs.judged]


def _members(pairs: Pairs, found: Judged) -> dict[str, Any]:
    """The statistics of one pair."""
    pair = found.pair
    loss, squared = found.by["cross_entropy"], found.by["mse"]
    return {
        "a": pair.a,
        "b": pair.b,
        **_statistics(loss, found.n),
        "infinite": dict(zip(("a", "b"), loss.difference.infinite, strict=True)),
        "squared_error": _statistics(squared, found.n),
        "mcnemar": {
            "only_a_right": pair.only_a,
            "only_b_right": pair.only_b,
            "p_value": found.mcnemar,
            "p_adjusted": found.mcnemar_adjusted,
        },
        "samples": found.n,
        "effective_samples": pairs.units if pairs.weighted and pairs.clusters is None else None,
        "clusters": None if pairs.clusters is None else len(pairs.clusters.index),
    }


def _statistics(found: Statistics, n: int) -> dict[str, Any]:
    """The statistics of one metric."""
    terms, difference, bootstrap = found.terms, found.difference, found.bootstrap
    return {
        "difference": terms.difference,
        "ci_low": terms.low,
        "ci_high": terms.high,
        "p_value": terms.p_value,
        "p_adjusted": found.adjusted,
        "method": found.method,
        "better": difference.better,
        "worse": difference.worse,
        "tied": n - difference.better - difference.worse,
        "needed": None if terms.needed is None else int(terms.needed),
        **(
            {}
            if bootstrap is None
            else {"bootstrap": {name: list(bounds) for name, bounds in bootstrap._asdict().items()}}
        ),
    }


# --- tables -------------------------------------------------------------------------------------------------------


def tables(pairs: Pairs, unit: str) -> list[Table]:
    """A small table for each pair, where there are samples enough to say anything."""
    if not pairs.pairs or pairs.units < paired.FEWEST:
        return []
    return [_table(pairs, found, unit) for found in pairs.judged[:SHOWN_PAIRS]]


def _table(pairs: Pairs, found: Judged, unit: str) -> Table:
    """One pair: what it differs by, and whether that is more than chance; a column per metric."""
    pair = found.pair
    by = [found.by["cross_entropy"], found.by["mse"]]
    level = f"{pairs.design.confidence * 100:g} %"
    rows: list[tuple[Cell, ...]] = [
        ("difference", *(one.terms.difference for one in by), _error_difference(found)),
        (f"{level} interval", *(_interval(one.terms.low, one.terms.high) for one in by), None),
    ]
    if pairs.design.bootstrap is not None:
        bounds = [one.bootstrap.percentile if one.bootstrap else (None, None) for one in by]
        rows.append(("bootstrap", *(_interval(*each) for each in bounds), None))
    rows += [
        ("test", *(one.method for one in by), "McNemar"),
        ("p, by chance alone", *(one.terms.p_value for one in by), found.mcnemar),
        ("p, adjusted (Holm)", *(one.adjusted for one in by), found.mcnemar_adjusted),
        ("better/worse/tied", *(_counts(*_of(one), found.n) for one in by), _counts(pair.only_b, pair.only_a, found.n)),
        ("samples needed", *(None if one.terms.needed is None else int(one.terms.needed) for one in by), None),
    ]
    columns = [Column("a − b", "left"), Column(f"cross-entropy, {unit}"), Column("squared error"), Column("error rate")]
    random = pairs.design.bootstrap is not None or any((one.method or "").endswith("random flips") for one in by)
    seed = f", seed {pairs.design.seed}" if random else ""
    return Table(columns, rows, title=f"{pair.b} (b) vs {pair.a} (a){seed}")


def _of(found: Statistics) -> tuple[int, int]:
    """In how many samples b's loss is the smaller, and in how many a's."""
    return found.difference.better, found.difference.worse


def _error_difference(found: Judged) -> float:
    """The difference of the shares of wrong samples, each counted once."""
    return (found.pair.only_b - found.pair.only_a) / found.n


def _interval(low: float | None, high: float | None) -> Cell:
    """Two bounds in a cell."""
    return None if low is None or high is None else Given((low, high))


def _counts(better: int, worse: int, n: int) -> str:
    """Whole numbers, side by side."""
    return f"{better}/{worse}/{n - better - worse}"


# --- notes --------------------------------------------------------------------------------------------------------


def notes(pairs: Pairs) -> list[str]:
    """How it was judged, where that is not plain: above the most samples, under weights, and what infinite losses leave out."""
    if not pairs.pairs:
        return []
    found = []
    if any(one.method == "t test" for judged in pairs.judged for one in judged.by.values()):
        found.append(
            f"p-values are the t test's: above {resampling.FLIPS_UP_TO} samples it serves in place of sign flips, with which it agrees there"
        )
    for judged in pairs.judged:
        a, b = judged.by["cross_entropy"].difference.infinite
        if (a or b) and pairs.units >= paired.FEWEST:
            found.append(
                f"{judged.pair.a} and {judged.pair.b}: {_infinite(judged.pair.a, a, judged.pair.b, b)}, so that their "
                "cross-entropies are compared without interval or p-value"
            )
    return found


def _infinite(a: str, of_a: int, b: str, of_b: int) -> str:
    """How many losses of which model are infinite."""
    parts = [f"{count} of {name}" for name, count in ((a, of_a), (b, of_b)) if count]
    return f"{' and '.join(parts)} {'is' if of_a + of_b == 1 else 'are'} infinite"


# --- the sentence -------------------------------------------------------------------------------------------------


def too_few(pairs: Pairs) -> str:
    """Why so few samples cannot tell, and nothing where they are enough."""
    if pairs.units >= paired.FEWEST or not pairs.pairs:
        return ""
    what = "clusters" if pairs.clusters is not None else "effective samples" if pairs.weighted else "samples"
    count = math.floor(pairs.units)
    return (
        f"These are too few {what} to tell whether that is more than chance: with {count}, even a model that wins every time "
        f"gets p = {2.0 ** (1 - count):.2g}, for 2 of the {2**count} ways to flip signs do as well. At least {paired.FEWEST} are asked for."
    )


def decided(found: Judged, confidence: float) -> dict[str, str]:
    """Who is better by each metric, where that is more than chance explains."""
    pair, level = found.pair, 1 - confidence
    winners = {}
    for metric, one in found.by.items():
        if one.adjusted is not None and one.adjusted <= level + 1e-15 and one.terms.difference:
            winners[metric] = pair.b if one.terms.difference > 0 else pair.a
    if found.mcnemar_adjusted is not None and found.mcnemar_adjusted <= level + 1e-15:
        winners[RIGHT] = pair.b if pair.only_b > pair.only_a else pair.a
    return winners


def conclusion(pairs: Pairs) -> str:
    """The sentence on chance: better, not distinguishable, or better by this but not by that; a pair after the other."""
    if not pairs.pairs:
        return ""
    if few := too_few(pairs):
        return few
    told = [_of_pair(found, decided(found, pairs.design.confidence)) for found in pairs.judged]
    if len(told) <= SHOWN_PAIRS:
        return " ".join(told)
    sure = sum(bool(decided(found, pairs.design.confidence)) for found in pairs.judged)
    return (
        f"Of {len(told)} pairs {sure} {'differs' if sure == 1 else 'differ'} by more than chance explains; "
        "JSON (-f json) has them all, and --baseline compares with one."
    )


def _of_pair(found: Judged, winners: Mapping[str, str]) -> str:
    """What can be told of one pair."""
    a, b = found.pair.a, found.pair.b
    both = f"{a} and {b}"
    untested = [NAMES[name] for name, one in found.by.items() if one.difference.directions]
    tested = [text for text in NAMES.values() if text not in untested]
    without = f"; {_and(untested)} is infinite and was not tested" if untested else ""
    if not winners:
        by = f" by {_or(tested)}" if untested else ""
        return f"{both} are not distinguishable{by}: chance alone could explain their differences{without}."
    names = list(dict.fromkeys(winners.values()))
    than = f" than {a if names[0] == b else b}" if len(names) == 1 else ""
    parts = [f"{name} is better{than} by {_and([NAMES[m] for m in winners if winners[m] == name])}" for name in names]
    rest = [text for text in tested if text not in [NAMES[metric] for metric in winners]]
    but = f", but not by {_or(rest)}, where chance alone could explain it" if rest else ": more than chance explains"
    return f"{', '.join(parts)}{but}{without}."


def _and(texts: Sequence[str]) -> str:
    """Texts in a sentence."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _or(texts: Sequence[str]) -> str:
    """Texts in a negative sentence."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
