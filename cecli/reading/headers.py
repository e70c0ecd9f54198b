"""Whether the first row of a text is a header: the six rules, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import InputError
from cecli.reading import row_fields
from cecli.reading.missing import is_missing
from cecli.reading.tables import Use
from cecli.reading.vector import is_number, words

SAY_SO = "--header says that its first row is names, --no-header that it is values"


def has_header(
    rows: Sequence[Sequence[str]], uses: Sequence[Use], said: bool | None, name: str, piped: bool, notes: list[str]
) -> bool:
    """Whether the first of some rows of fields is a header; `said` is `--header` or `--no-header`."""
    first = rows[0]
    if said is not None:
        return said
    if not piped and any(_is_mixed([first[i] for i in use.positions]) for use in uses if use.is_prediction):
        raise InputError(f"{name}: its first row mixes text with decimal numbers: {_row(first)}", hint=SAY_SO)
    if any(_is_row(first[i]) for use in uses for i in use.positions if i < len(first)):
        return False
    if any(_stands_above_numbers(rows, i) for i in range(len(first))) or _is_pandas(first):
        return True
    if any(is_text(first[i]) and first[i] not in use.labels for use in uses for i in use.positions if i < len(first)):
        return True
    if not piped and len(rows) > 1 and len(first) > 1 and list(first) == [str(k) for k in range(len(first))]:
        if len(first) > 2:
            raise InputError(
                f"{name}: its first row is {_row(first)}, as pandas writes for columns without names", hint=SAY_SO
            )
        notes.append(f"the first row of {name}, 0,1, was read as values; --header reads it as names")
    return False


def is_text(field: str) -> bool:
    """Whether a field is neither a number nor a missing value."""
    return not is_number(field) and not is_missing(field)


def _is_row(field: str) -> bool:
    """Whether a field holds a row of values: `[0.1, 0.9]`, or an object `{"cat": 0.1, "dog": 0.9}`."""
    return row_fields.is_row(field) and (row_fields.is_object(field) or all(map(is_number, words(field))))


def _is_mixed(fields: Sequence[str]) -> bool:
    return any(map(is_text, fields)) and any("." in field and is_number(field) for field in fields)


def _stands_above_numbers(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether text heads a column whose next value is a number."""
    if not is_text(rows[0][column]):
        return False
    below = (row[column] for row in rows[1:] if column < len(row) and not is_missing(row[column]))
    return is_number(next(below, "no number"))


def _is_pandas(first: Sequence[str]) -> bool:
    """Whether a first row is `,0,1,2`: an index without a name, and columns without names."""
    return len(first) > 1 and not first[0] and list(first[1:]) == [str(k) for k in range(len(first) - 1)]


def _row(fields: Sequence[str]) -> str:
    """A row that a message can hold."""
    return ",".join(fields[:8]) + (",…" if len(fields) > 8 else "")
