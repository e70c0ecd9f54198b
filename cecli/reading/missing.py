"""What stands for a value that is missing."""

from __future__ import annotations

MISSING = frozenset(("", "na", "nan", "null", "<na>", "none"))
"""Texts that stand for a value that is missing, in any case."""


def is_missing(text: str) -> bool:
    """Whether a text stands for a missing value."""
    return len(text) < 6 and text.lower().lstrip("+-") in MISSING
