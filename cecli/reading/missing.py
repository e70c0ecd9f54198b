"""What stands for a value that is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cecli.record import Record

MISSING = frozenset(("", "na", "nan", "null", "<na>", "none", "n/a", "#n/a"))
"""Texts that stand for a value that is missing, in any case."""
NA = "write NA in its place, as {} does; --skip-missing leaves such samples out"
FOREIGN = {
    r"\N": "PostgreSQL and MySQL write a missing value so; " + NA.format(r"sed 's/\\N/NA/g'"),
    ".": "SAS and Stata write a missing value so; " + NA.format(r"perl -pe 's/(?<![^\s,;|])\.(?![^\s,;|])/NA/g'"),
}
"""What other programs write for one, and what is said of it: it does not make a header, and may be the name of a class."""


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


def missing_of(texts: Sequence[str]) -> np.ndarray | None:
    """Which texts stand for a missing value; None where none does."""
    found = np.fromiter(map(is_missing, texts), dtype=bool, count=len(texts))
    return found if found.any() else None


def is_missing(text: str) -> bool:
    """Whether a text stands for a missing value."""
    return len(text) < 6 and text.lower().lstrip("+-") in MISSING
