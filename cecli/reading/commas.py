"""Commas and semicolons in a text: the errors where they mean something else than what they are read as."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from cecli.errors import InputError
from cecli.reading import vector
from cecli.reading.fields import BESIDE_DECIMAL_COMMAS, Grammar
from cecli.reading.lines import Lines

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
"""A number with points between its thousands: 1.234."""


def require_said(fields: Sequence[str], delimiter: str, where: str) -> None:
    """The error for `0,5;0,3`, whose commas are most likely decimal ones; `where` is its line."""
    if delimiter in BESIDE_DECIMAL_COMMAS and len(fields) > 1 and all(map(vector.has_decimal_comma, fields)):
        raise InputError(f"{where}: {fields[0]!r} is not a number", hint=vector.DECIMAL_COMMA)


def require_one_row(fields: Sequence[str], where: str) -> None:
    """The error for rows between commas and semicolons that stand on one line, as one types them."""
    parts = [part.strip() for field in fields for part in field.split(";")]
    if len(parts) > len(fields) > 1 and all(map(vector.is_number, filter(None, parts))):
        says = f"{where} has a semicolon among its values"
        raise InputError(says, hint="write each row on a line of its own, without semicolons")


def require_no_thousands(lines: Lines, grammar: Grammar, columns: Collection[int], name: str) -> None:
    """The error for points in some columns that most likely stand between thousands, as commas are decimal."""
    for text, line in zip(lines.texts, lines.numbers, strict=True):
        fields = [field for i, field in enumerate(grammar.fields(text, line)) if i in columns]
        if (found := next(filter(THOUSANDS.fullmatch, fields), None)) is not None:
            raise InputError(
                f"{name}, line {line}: {found!r} has a point, and with --decimal-comma the comma is the decimal mark",
                hint=f"write thousands without points, as in {found.replace('.', '')}; or write all numbers with a decimal point, without --decimal-comma",
            )
