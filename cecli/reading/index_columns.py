"""Which columns of a table are an index, which is not a class: by their names, in files and in data frames alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cecli.reading.missing import is_missing
from cecli.reading.vector import is_number

INDEX_NAMES = ("id", "index", "idx", "row", "sample")
NO_NAMES = ("", "Unnamed: 0")
LEVEL = ("__index_level_", "__")
"""How pandas begins and ends the name of an index that it writes as a column; a number is between."""


def index_columns(names: Sequence[str], first_values: Callable[[], Sequence[str]]) -> list[int]:
    """The positions of the columns that are an index.

    Parameters: `names` of all columns; `first_values` gives the first texts of the first column, and is called only where its name leaves it open.
    Returns: all columns that are called `__index_level_N__`, wherever they stand; else the first one, if it has no name, or is called as an
    index is and holds text or distinct whole numbers; else nothing.

    >>> index_columns(["id", "cat", "dog"], lambda: ["7", "8", "9"])
    [0]
    """
    levels = [i for i, name in enumerate(names) if _is_level(name)]
    if levels or not names:
        return levels
    is_index = names[0] in NO_NAMES or (names[0].lower() in INDEX_NAMES and _are_ids(first_values()))
    return [0] if is_index else []


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
