"""Whether the first row of a text is a header: the six rules, in their order.

The last one is for names that are numbers. They look as values do, so that only the rows below tell:

| the first row | the rows below | it is |
|---|---|---|
| `0,1,2`, or on to K - 1, in a file | any | asked for |
| the names of the classes (but for 0 and 1 alone) | with a fraction in each | asked for |
| `7,8,9` or the like: K >= 3 whole numbers that follow one another, in a file | five or more, with a fraction in each | asked for |
| `0,1` in a file | any | values, with a note |
| other whole numbers, all different; `0` alone, as pandas names a single column | with a fraction in each | values, with a note |
"""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import InputError
from cecli.reading import row_fields
from cecli.reading.fields import Grammar
from cecli.reading.index_columns import is_whole
from cecli.reading.missing import FOREIGN, is_missing
from cecli.reading.tables import Use
from cecli.reading.to_type import as_typed, columns, in_shell, plainly
from cecli.reading.vector import is_number, value_of

SAY_SO = "--header says that its first row is names, --no-header that it is values"
ARE_NAMES = "is its first row names? then add --header"
MOST_DIGITS = 16
"""Digits of a whole number that is a name."""
ENOUGH = 5
"""Rows with fractions below whole numbers that follow one another, before these are taken for names."""


def has_header(
    rows: Sequence[Sequence[str]], uses: Sequence[Use], said: bool | None, name: str, piped: bool, notes: list[str]
) -> bool:
    """Whether the first of some rows of fields is a header; `said` is `--header` or `--no-header`."""
    first = rows[0]
    if said is not None:
        return said
    if not piped and any(_is_mixed(_of(first, use)) for use in uses if use.is_prediction):
        says = f"{name}: its first row mixes text with decimal numbers: {_row(first)}"
        raise InputError(says, hint=SAY_SO + _or_columns(rows, name))
    if any(_is_row(field) for use in uses for field in _of(first, use)):
        return False
    if any(_stands_above_numbers(rows, i) for i in range(len(first))) or _is_pandas(first):
        return True
    if any(is_text(field) and field not in use.labels for use in uses for field in _of(first, use)):
        return True
    if (why := _may_be_names(rows, uses, piped)) is not None:
        raise InputError(f"{name}: its first row is {_row(first)}, {why}", hint=SAY_SO)
    if _is_mentioned(rows, piped):
        notes.append(f"the first row of {name}, {_row(first)}, was read as values; --header reads it as names")
    return False


def require_one_level(names: Sequence[str], below: Sequence[Sequence[str]], name: str) -> None:
    """The error for a second row of names, as pandas writes them: columns of one name have 0,1,2 there, and fractions below."""
    for alike in {each for each in names if each and names.count(each) > 1}:
        rows = [[row[i] for i, each in enumerate(names) if each == alike] for row in below]
        if (
            len(rows) > 1
            and len(set(rows[0])) == len(rows[0])
            and all(map(is_whole, rows[0]))
            and _have_fractions(rows[1:])
        ):
            raise InputError(
                f"{name}: its first two rows may both be names: {_row(names)} and {_row(below[0])}",
                hint=f"names of two levels, as pandas writes them? tail -n +2 {as_typed(name)} leaves out the first; else --header reads the second as values",
            )


def names_in_comment(comment: bytes, grammar: Grammar, width: int) -> tuple[str, ...] | None:
    """The names of columns in a comment above the rows, as `np.savetxt` writes them: a text of its own for each column."""
    if width < 2 or grammar.bracketed:
        return None
    names = tuple(grammar.loose_fields(comment))
    are_names = all((is_text(name) or name in FOREIGN) and "\ufffd" not in name for name in names)
    return names if len(set(names)) == len(names) == width and are_names else None


def _or_columns(rows: Sequence[Sequence[str]], name: str) -> str:
    """How to name the columns of numbers, where the text stands above more text: a column of labels."""
    texts = [i for i, field in enumerate(rows[0]) if is_text(field)]
    numbers = [i for i in range(len(rows[0])) if i not in texts]
    if len(rows) < 2 or not all(i < len(row) and is_text(row[i]) for row in rows[1:] for i in texts):
        return ""
    return f"; or name the columns of numbers, as in {in_shell(f'{plainly(name)}:{columns(numbers, ())}')}"


def _may_be_names(rows: Sequence[Sequence[str]], uses: Sequence[Use], piped: bool) -> str | None:
    """Why the whole numbers of a first row may be names, and it must be said what they are; None where they are values."""
    first, below = rows[0], rows[1:]
    if not below:
        return None
    if _counts(first) and len(first) > 2 and not piped:
        return "as pandas writes for columns without names"
    if not _have_fractions(below):
        return None
    if any(use.names and tuple(_of(first, use)) == use.names and {*use.names} != {"0", "1"} for use in uses):
        return "which are the names of the classes"
    if _follow_one_another(first) and len(below) >= ENOUGH and not piped:
        return "and the rows below hold fractions"
    return None


def _is_mentioned(rows: Sequence[Sequence[str]], piped: bool) -> bool:
    """Whether a first row of whole numbers that is read as values might be names."""
    first, below = [field.removesuffix(".0") for field in rows[0]], rows[1:]
    if not below or len(set(first)) < len(first) or not all(map(str.isdecimal, first)):
        return False
    if list(rows[0]) == ["0", "1"] and not piped:
        return True
    return (len(first) > 1 or first == ["0"]) and first != ["1", "0"] and _have_fractions(below)


def hint_on_names(rows: Sequence[Sequence[str]]) -> str | None:
    """What to do where the first row of probabilities is whole numbers, and only those below it lie between 0 and 1."""
    first, *below = ([value_of(field) for field in row] for row in rows)
    if not below or any(value is None or not value.is_integer() for value in first):
        return None
    return ARE_NAMES if all(value is None or 0 <= value <= 1 for row in below for value in row) else None


def _counts(first: Sequence[str]) -> bool:
    """Whether a row is 0,1,…,K-1."""
    return list(first) == [str(k) for k in range(len(first))]


def _follow_one_another(first: Sequence[str]) -> bool:
    """Whether a row is three whole numbers or more, each greater by 1 than the one before."""
    plain = [field.removesuffix(".0") for field in first]
    if len(plain) < 3 or not all(field.isdecimal() and len(field) < MOST_DIGITS for field in plain):
        return False
    return [int(field) for field in plain] == [int(plain[0]) + k for k in range(len(plain))]


def _have_fractions(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each of some rows has a number that is not a whole one."""
    return all(any(is_number(field) and not is_whole(field) for field in row) for row in rows)


def _of(row: Sequence[str], use: Use) -> list[str]:
    """The fields of a row in the columns of a use."""
    return [row[i] for i in use.positions if i < len(row)]


def is_text(field: str) -> bool:
    """Whether a field is neither a number nor a missing value, here or elsewhere."""
    return not is_number(field) and not is_missing(field) and field not in FOREIGN


def _is_row(field: str) -> bool:
    """Whether a field holds a row of values: `[0.1, 0.9]`, or an object `{"cat": 0.1, "dog": 0.9}`."""
    return row_fields.is_row(field) and (row_fields.is_object(field) or all(map(is_number, row_fields.words(field))))


def _is_mixed(fields: Sequence[str]) -> bool:
    return any(map(is_text, fields)) and any("." in field and is_number(field) for field in fields)


def _stands_above_numbers(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether text heads a column whose next value is a number."""
    if not is_text(rows[0][column]):
        return False
    below = (row[column] for row in rows[1:] if column < len(row))
    return is_number(next((field for field in below if is_number(field) or is_text(field)), "no number"))


def _is_pandas(first: Sequence[str]) -> bool:
    """Whether a first row is `,0,1,2`: an index without a name, and columns without names."""
    return len(first) > 1 and not first[0] and list(first[1:]) == [str(k) for k in range(len(first) - 1)]


def _row(fields: Sequence[str]) -> str:
    """A row that a message can hold."""
    return ",".join(fields[:8]) + (",…" if len(fields) > 8 else "")
