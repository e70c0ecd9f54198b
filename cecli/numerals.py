"""How a float is written: the shortest text that reads back as the same."""

from __future__ import annotations


def shortest(value: float | None) -> str:
    """The shortest text that reads back as the same float64; `nan` for a value that was left out."""
    return "nan" if value is None else repr(float(value)).removesuffix(".0")
