"""Columns that are read as classes and most likely are none, in files and in data frames: labels, and what keeps rows from summing to 1."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from cecli.reading.index_columns import are_like_ids, is_whole
from cecli.reading.vector import value_of

LABEL_NAMES = (
    *("label", "labels", "target", "targets", "y", "y_true", "y_test", "truth", "true", "true_label"),
    *("gold", "gold_label", "ground_truth", "gt", "actual", "expected", "class"),
)
MEASURES = (
    *("loss", "nll", "cross_entropy", "perplexity", "entropy", "uncertainty"),
    *("confidence", "conf", "max_prob", "margin", "threshold", "temperature", "weight"),
    *("pred", "prediction", "predicted", "correct", "accuracy", "acc"),
    *("time", "latency", "step", "epoch", "fold", "rank"),
)
"""What a column is called that says something else of a sample than the score of a class."""
OF_SCORES = (
    *("logit", "logits", "prob", "probs", "proba", "probability"),
    *("score", "scores", "p", "z", "pred", "prediction"),
)
"""How names of scores begin, in front of the class: `logit_cat`, `prob.cat`, `p0`."""
MOST_TRIED = 1000
"""At most so many columns are searched for one that is not a class."""
NEAR_ONE = 1e-2
SEEN = 5
"""First rows that say which column is odd."""
ENOUGH_SORTED = 8
"""Rows that fall from their first value to their last before it is said that they may be sorted."""
FEWEST, MOST_WHOLE = 3, 0.5
"""Rows that must be there before a column of whole numbers is doubted, and the share of such numbers that the others hold at most."""


def doubtful(names: Mapping[int, str], columns: Mapping[int, Sequence[str]]) -> list[int]:
    """The columns that are most likely no classes: labels, ids, what a program measured, and scores of another kind than most.

    Parameters: `names` of the columns, empty where they have none, and the first values of `columns`. A column of fractions with which
    rows sum to 1 is a class, whatever it is called.

    >>> doubtful({0: "logit_a", 1: "logit_b", 2: "prob_a"}, {0: ["1.5"], 1: ["0.5"], 2: ["0.9"]})
    [2]
    >>> doubtful({0: "cat", 1: "dog", 2: "Loss"}, {0: ["1.5"], 1: ["0.5"], 2: ["0.9"]})
    [2]
    >>> doubtful({0: "step", 1: "jump", 2: "run"}, {0: ["0.2"], 1: ["0.3"], 2: ["0.5"]})
    []
    """
    odd = whole_column({i: texts[:SEEN] for i, texts in columns.items()})
    measures = {i for i, name in names.items() if name.lower() in MEASURES}
    kinds = {i: _kind_of_score(name) for i, name in names.items()}
    given = [kind for kind in kinds.values() if kind]
    most = max(given, key=given.count) if given and given.count(given[0]) < len(names) else ""
    others = {i for i, kind in kinds.items() if given.count(most) > 1 and kind != most}
    found = measures | others if len(measures | others) < len(names) - 1 else set()
    rows = zip(*first_values(columns).values(), strict=False)
    if sum_to_1(rows):  # each share is that of a class
        found = {i for i in found if all(map(is_whole, columns[i]))}
    return [
        i
        for i, name in names.items()
        if i == odd or i in found or (name and (are_labels(name, columns[i]) or are_like_ids(name, columns[i])))
    ]


def _kind_of_score(name: str) -> str:
    """What the name of a score begins with; nothing where it does not begin as those do."""
    begins = re.match(r"([a-zA-Z]+)(?:[^a-zA-Z]|$)", name)
    return begins[1].lower() if begins and begins[1].lower() in OF_SCORES else ""


def are_labels(name: str, texts: Iterable[str]) -> bool:
    """Whether a column is called as labels are, and holds whole numbers.

    >>> are_labels("label", ["2", "0"]), are_labels("cat", ["1", "0"])
    (True, False)
    """
    return name.lower() in LABEL_NAMES and all(map(is_whole, texts))


def whole_column(columns: Mapping[int, Sequence[str]]) -> int | None:
    """The one column that holds whole numbers alone, not all the same, where the others hold fractions: labels, folds or ranks.

    None where there is none, or where the rows are too few to tell.

    >>> whole_column({0: ["2", "0", "1"], 1: ["0.5", "1.25", "3"], 2: ["-1.5", "2.5", "0.1"]})
    0
    """
    if not 2 < len(columns) <= MOST_TRIED or min(map(len, columns.values())) < FEWEST:
        return None
    shares = {i: sum(map(is_whole, texts)) / len(texts) for i, texts in columns.items()}
    whole = [i for i, share in shares.items() if share == 1 and len(set(columns[i])) > 1]
    return whole[0] if len(whole) == 1 and sum(share > MOST_WHOLE for share in shares.values()) == 1 else None


def are_sorted(rows: Iterable[Sequence[float]]) -> bool:
    """Whether each of many rows falls from its first value to its last, and not all are the same: the largest may come first in each.

    >>> are_sorted([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1]] * 4), are_sorted([[0.7, 0.2, 0.1], [0.5, 0.1, 0.4]] * 4)
    (True, False)
    """
    seen: list[Sequence[float]] = []
    for row in rows:
        if len(row) < 3 or row[0] <= row[-1] or list(row) != sorted(row, reverse=True):
            return False
        seen.append(row)
    return len(seen) >= ENOUGH_SORTED and any(row != seen[0] for row in seen)


def first_values(columns: Mapping[int, Sequence[str]]) -> dict[int, list[float]]:
    """The first values of columns as numbers; `nan` where a text is none."""
    return {
        i: [math.nan if (value := value_of(text)) is None else value for text in texts[:SEEN]]
        for i, texts in columns.items()
    }


def sum_to_1(rows: Iterable[Sequence[float]]) -> bool:
    """Whether each of some rows sums to about 1."""
    return all(abs(math.fsum(row) - 1) <= NEAR_ONE for row in rows)


def odd_column(columns: Mapping[int, Sequence[float]]) -> int | None:
    """The one column without which rows sum to 1, as they do not with it; None where there is none, or more than one.

    >>> odd_column({0: [7.0, 8.0], 1: [0.5, 0.25], 2: [0.5, 0.75]})
    0
    """
    if not 2 < len(columns) <= MOST_TRIED or len({len(values) for values in columns.values()}) > 1:
        return None
    if sum_to_1(rows := [*zip(*columns.values(), strict=True)]):
        return None
    sums = [*map(math.fsum, rows)]
    found = [
        i
        for i, values in columns.items()
        if all(abs(total - value - 1) <= NEAR_ONE for total, value in zip(sums, values, strict=True))
    ]
    return found[0] if len(found) == 1 else None
