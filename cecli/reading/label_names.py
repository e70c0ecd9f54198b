"""The classes of labels that are all there is: predicted labels beside labels, by name and without `--classes`."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import InputError
from cecli.reading.missing import is_missing
from cecli.reading.roles import PREDICTION, TARGET, Origin
from cecli.reading.tables import TEXT, Use, Wanted


def are_all_names(origins: Sequence[Origin]) -> bool:
    """Whether every prediction and the target is a column of names."""
    found = [origin for origin in origins if origin.request.role in (PREDICTION, TARGET)]
    return len(found) > 1 and all(_is_column_of_names(origin) for origin in found)


def _is_column_of_names(origin: Origin) -> bool:
    return origin.stream is not None and len(origin.positions) == 1 and origin.table.kinds[origin.positions[0]] == TEXT


def find_names(origins: Sequence[Origin]) -> tuple[str, ...]:
    """All names of the columns, in their alphabet's order: the files are read once for them."""
    found: set[str] = set()
    for origin in origins:
        if origin.request.role not in (PREDICTION, TARGET):
            continue
        if origin.stream is None or origin.stream.again is None:
            raise InputError(
                f"{origin.title} has labels by name, and can be read once",
                hint="name the classes with --classes cat,dog,bird",
            )
        table = origin.stream.again()
        column = origin.positions[0]
        table.settle([Use([column], labels=() if origin.table.names else table.first(column))])
        wanted = Wanted()
        wanted.add("words", [column])
        for piece in table.pieces(wanted):
            found.update(piece.texts(column))
    return tuple(sorted(text for text in found if not is_missing(text)))
