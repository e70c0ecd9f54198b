"""Which columns of a table are an index, which is not a class: by their names, in files and in data frames alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

from cecli.reading.missing import is_missing
from cecli.reading.tables import INDEX_NAMES
from cecli.reading.vector import is_number

NO_NAME = re.compile(r"(Unnamed: 0(\.\d+)*)?")
"""The name of a column without one, and what pandas calls it when it reads it; once more for each time that it was saved."""
NAMED_LIKE_IDS = re.compile(r"(?:.*[^a-zA-Z])?(?i:id|idx|index|key|row|sample)|.*[a-z](?:Id|ID)")
COUNTED = 5
"""Rows that must count 0, 1, 2, … before a column is taken for one that counts."""
LEVEL = ("__index_level_", "__")
"""How pandas begins and ends the name of an index that it writes as a column; a number is between."""


def index_columns(names: Sequence[str], first_values: Callable[[], Sequence[str]]) -> list[int]:
    """The positions of the columns that are an index.

    Parameters: `names` of all columns; `first_values` gives the first texts of the first column, and is called only where its name leaves it open.
    Returns: all columns that are called `__index_level_N__`, wherever they stand; else the first ones that have no name; else the first one,
    if it is called as an index is and holds text or distinct whole numbers; else nothing.

    >>> index_columns(["id", "cat", "dog"], lambda: ["7", "8", "9"])
    [0]
    """
    levels = [i for i, name in enumerate(names) if _is_level(name)]
    if levels or not names:
        return levels
    if nameless := list(takewhile(lambda i: NO_NAME.fullmatch(names[i]), range(len(names)))):
        return nameless
    return [0] if names[0].lower() in INDEX_NAMES and _are_ids(first_values()) else []


def are_like_ids(name: str, texts: Sequence[str]) -> bool:
    """Whether a column that is not an index by its name is most likely one: it counts the rows, or is called as ids are and holds distinct whole numbers.

    >>> are_like_ids("image_id", ["17", "4"]), are_like_ids("cat", ["17", "4"]), are_like_ids("no", ["1", "2", "3", "4", "5"])
    (True, False, True)
    """
    if not texts or not all(map(is_whole, texts)) or len(set(texts)) < len(texts):
        return False
    return is_called_like_ids(name) or counts_from(texts) is not None


def is_called_like_ids(name: str) -> bool:
    """Whether a column is called as ids are."""
    return NAMED_LIKE_IDS.fullmatch(name) is not None


def counts_from(texts: Sequence[str]) -> int | None:
    """0 or 1 where the values of a column count the rows from there; None where they do not, or are too few to tell."""
    values = [text.removesuffix(".0") for text in texts]
    if len(values) < COUNTED:
        return None
    return next((start for start in (0, 1) if all(text == str(i) for i, text in enumerate(values, start))), None)


def is_whole(text: str) -> bool:
    """Whether a text is a whole number, as ids and labels are."""
    return text.lstrip("+-").removesuffix(".0").isdigit()


def _is_level(name: str) -> bool:
    begin, end = LEVEL
    return name.startswith(begin) and name.endswith(end) and name.removeprefix(begin).removesuffix(end).isdigit()


def _are_ids(texts: Sequence[str]) -> bool:
    """Whether values are text, or distinct whole numbers."""
    given = [text for text in texts if not is_missing(text)]
    if any(not is_number(text) for text in given):
        return True
    return all(map(is_whole, given)) and len(set(given)) == len(given)
