"""The classes of labels that are all there is: predicted labels beside labels, by name and without `--classes`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from cecli.errors import InputError
from cecli.reading.headers import SAY_SO
from cecli.reading.missing import FOREIGN, is_missing
from cecli.reading.roles import PREDICTION, TARGET, Origin
from cecli.reading.tables import TEXT, Use, Wanted
from cecli.reading.vector import shortened


def are_all_names(origins: Sequence[Origin]) -> bool:
    """Whether every prediction and the target is a column of names."""
    found = [origin for origin in origins if origin.request.role in (PREDICTION, TARGET)]
    return len(found) > 1 and all(_is_column_of_names(origin) for origin in found)


def _is_column_of_names(origin: Origin) -> bool:
    return origin.stream is not None and len(origin.positions) == 1 and origin.table.kinds[origin.positions[0]] == TEXT


def find_names(origins: Sequence[Origin], header: bool | None, notes: list[str]) -> tuple[str, ...]:
    """All names of the columns, in their alphabet's order: the files are read once for them. `header` is what `--header` says."""
    found: set[str] = set()
    columns = [origin for origin in origins if origin.request.role in (PREDICTION, TARGET)]
    for origin in columns:
        if origin.stream is None or origin.stream.again is None:
            raise InputError(
                f"{origin.name} has labels by name, and can be read once",
                hint="name the classes with --classes cat,dog,bird",
            )
        table = origin.stream.again()
        column = origin.positions[0]
        table.settle([Use([column], labels=() if origin.table.names else table.first(column))])
        wanted = Wanted()
        wanted.add("words", [column])
        for piece in table.pieces(wanted):
            found.update(piece.texts(column))
    if header is None:
        _require_no_sample_above(columns, found)
    notes += [f"{text!r} is read as the name of a class: {said}" for text, said in FOREIGN.items() if text in found]
    return in_order(found)


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The names among labels, each once and in their alphabet's order; what stands for a missing value is none."""
    return tuple(sorted({text for text in labels if not is_missing(text)}))


def _require_no_sample_above(columns: Sequence[Origin], names: Collection[str]) -> None:
    """The error for a first row that was taken for a header, by no name of its own, and is a label that stands below too."""
    for origin in columns:
        table = origin.table
        first = table.names[origin.positions[0]] if table.names else None
        if table.may_have_header and first is not None and first in names and origin.spec != first:
            raise InputError(f"{table.name}: its first row, {shortened(first)}, is a label in other rows", hint=SAY_SO)
