"""Text whose commas are decimal: where `--decimal-comma` says so, and the errors for where it may have to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cecli.errors import InputError
from cecli.reading import vector
from cecli.reading.fields import BESIDE_DECIMAL_COMMAS

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
"""A number with points between its thousands: 1.234."""


def with_point(field: str) -> str:
    """A field whose decimal comma became a point; others stay."""
    pointed = field.replace(",", ".", 1)
    return pointed if "," in field and vector.is_number(pointed) else field


def require_said(fields: Sequence[str], delimiter: str, where: str) -> None:
    """The error for `0,5;0,3`, whose commas are most likely decimal ones; `where` is its line."""
    if delimiter in BESIDE_DECIMAL_COMMAS and len(fields) > 1 and all(map(vector.has_decimal_comma, fields)):
        raise InputError(f"{where}: {fields[0]!r} is not a number", hint=vector.DECIMAL_COMMA)


def require_no_thousands(fields: Sequence[str], where: str) -> None:
    """The error for points that most likely stand between thousands, as commas are decimal."""
    if (found := next(filter(THOUSANDS.fullmatch, fields), None)) is not None:
        raise InputError(
            f"{where}: {found!r} has a point, and with --decimal-comma the comma is the decimal mark",
            hint=f"write thousands without points, as in {found.replace('.', '')}; or write all numbers with a decimal point, without --decimal-comma",
        )
