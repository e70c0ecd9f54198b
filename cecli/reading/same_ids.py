"""Files that have the same ids in another order, which only `--id` would bring together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from cecli.errors import InputError
from cecli.reading import to_type
from cecli.reading.ids import as_ids, id_column
from cecli.reading.index_columns import COUNTED, is_called_like_ids
from cecli.reading.roles import CLASS_WEIGHTS, PREDICTION, TARGET, Origin
from cecli.reading.tables import Table

MANY = 100
"""First rows that differ in a column that is called as ids are, before it is said that whole files do."""


def mention_other_order(origins: Sequence[Origin], notes: list[str]) -> None:
    """A note where two files that are not joined have the same ids in another order, each perhaps under a name of its own."""
    read = [origin for origin in origins if origin.stream is not None]
    used = {
        (origin.table, column)
        for origin in read
        if origin.request.role in (PREDICTION, TARGET)
        for column in origin.positions
    }
    for one, other in combinations(dict.fromkeys(origin.table for origin in read), 2):
        columns = [[i for i in range(table.width) if (table, i) not in used] for table in (one, other)]
        if (found := _in_another_order(one, columns[0], other, columns[1])) is not None:
            rows = [origin for origin in origins if origin.request.role != CLASS_WEIGHTS]
            typed = next(
                (f", where {origin.request.name} is a file with ids too" for origin in rows if origin.stream is None),
                "",
            )
            notes.append(found + typed)
            return


def _in_another_order(one: Table, ours: Sequence[int], other: Table, theirs: Sequence[int]) -> str | None:
    """What is said where the first rows of two files have the same ids in another order; `ours` and `theirs` are the columns that may be ids.

    Columns of one name, or both without one, may be ids if their values differ; of two names only five values or more, and
    none where two other columns have theirs in the same order. Of long files the first rows may hold other ids altogether:
    then it takes a name as ids have.
    """
    mine, yours = _distinct(one, ours, other), _distinct(other, theirs, one)
    places: dict[frozenset[str], list[int]] = {}
    for j, texts in yours.items():
        places.setdefault(frozenset(texts), []).append(j)
    alike = [(i, j) for i, texts in mine.items() for j in places.get(frozenset(texts), ())]
    moved = [(i, j) for i, j in alike if mine[i] != yours[j]]
    for i, j in moved:
        if _name(one, i) == _name(other, j):
            have = f"have the same {_name(one, i) or one.title(i)} in another order"
            return f"{one.name} and {other.name} {have}: {_advice(one, i, other, j)}"
    for i, j in moved if len(moved) == len(alike) else []:
        if len(mine[i]) >= COUNTED:
            have = f"have the same values in {one.title(i)} and {other.title(j)}, in another order"
            return f"{one.name} and {other.name} {have}: {_advice(one, i, other, j)}"
    for i, texts in mine.items():
        same = [j for j in yours if _name(one, i) == _name(other, j)] if is_called_like_ids(_name(one, i)) else []
        if any(min(len(texts), len(yours[j])) >= MANY and texts != yours[j] for j in same):
            have = f"do not have the same {_name(one, i)} in each row"
            return f"{one.name} and {other.name} {have}: {_advice(one, i, other, same[0])}, if both have the same ones"
    return None


def _distinct(table: Table, columns: Sequence[int], beside: Table) -> dict[int, tuple[str, ...]]:
    """The first values of the columns that have no value twice; where they must be read for it, of those whose name both tables have."""
    seen = [i for i in columns if table.is_seen or (_name(table, i) and _name(table, i) in (beside.names or ()))]
    values = {i: tuple(as_ids(table.first(i))) for i in seen}
    return {i: texts for i, texts in values.items() if len(set(texts)) == len(texts) > 1}


def _name(table: Table, column: int) -> str:
    return table.names[column] if table.names else ""


def _advice(one: Table, i: int, other: Table, j: int) -> str:
    """How `--id` joins two files by these columns, where it can name both."""
    names = [to_type.columns([column], table.names or ()) for table, column in ((one, i), (other, j))]
    for ids in ([names[0]], names, names[::-1]):
        if _finds(one, ids) == i and _finds(other, ids) == j:
            return f"--id {to_type.in_shell(','.join(ids))} joins them"
    return "give these columns one name, and join them with --id"


def _finds(table: Table, ids: Sequence[str]) -> int | None:
    try:
        return id_column(table, ids)
    except InputError:
        return None
