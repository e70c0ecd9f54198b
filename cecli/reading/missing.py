"""What stands for a value that is missing."""

from __future__ import annotations

from cecli.record import Record

MISSING = frozenset(("", "na", "nan", "null", "<na>", "none", "n/a", "#n/a"))
"""Texts that stand for a value that is missing, in any case."""


class Gaps(Record):
    """What a source may lack where its samples may be left out; what is wrong in a sample that stays is an error all the same."""

    skipped: bool = False
    """Missing values: `--skip-missing` leaves their samples out."""
    ignored: bool = False
    """Missing values: their samples may be those that `--ignore-index` leaves out."""
    anything: bool = False
    """What is not a number too, in such samples."""

    @property
    def allowed(self) -> bool:
        """Whether a missing value is marked, instead of being an error at once."""
        return self.skipped or self.ignored


NO_GAPS = Gaps()


def is_missing(text: str) -> bool:
    """Whether a text stands for a missing value."""
    return len(text) < 6 and text.lower().lstrip("+-") in MISSING
