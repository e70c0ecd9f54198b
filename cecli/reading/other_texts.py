"""Texts of other kinds than those that are read: what each is, and how its values are saved as one that is.

The first lines say so. A kind of text is a row of `KINDS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cecli.errors import InputError
from cecli.record import Record

LOOKED = 2
"""Lines that are looked at; a comment in front of an ARFF file may have more."""


class Kind(Record):
    """A kind of text."""

    lines: str
    """What one of the first lines matches, as a regular expression."""
    title: str
    hint: str


RULE = r"[ |+:=-]*(?:[|+][ |+:=-]*-{2,}|-{2,}[ |+:=-]*[ |+][ |+:=-]*-{2,}|={2,} +={2,})[ |+:=-]*"
"""A line that separates the names of a drawn table from its rows."""
AS_CSV = "save its rows as CSV: frame.to_csv('p.csv', index=False) in pandas, psql --csv, sqlite3 -csv"
KINDS = (
    Kind(r"@(?:relation|attribute|data)\b.*", "ARFF files", "save the values as CSV, as Weka does, or with scipy.io.arff"),
    Kind(r"%%MatrixMarket\b.*", "MatrixMarket files", "numpy.save('p.npy', scipy.io.mmread('p.mtx'))"),
    Kind(
        r"\S+(?:\s+\d+:[^\s:]+)+\s*", "the sparse rows of LibSVM",
        "numpy.save('p.npy', sklearn.datasets.load_svmlight_file('p.txt')[0].toarray())",
    ),
    Kind(r"<(?:!doctype|html|table|\?xml)\b.*", "web pages and XML", "save the table as CSV; if it was downloaded, is it the file itself?"),
    Kind(r"version https://git-lfs.*", "pointers of Git LFS", "git lfs pull fetches the file itself"),
    Kind(
        r'\[?\s*\{\s*"[^\t]*[}\]],?\s*', "JSON values in a file of this ending",
        "name it .json, or .jsonl where each line is an object",
    ),
    Kind(
        r"\{\s*'[^\t]*\},?\s*", "dictionaries as Python prints them", "json.dump writes them as JSON, a line for each as JSON Lines",
    ),
    Kind(r"\[,1\]( +\[,\d+\])*", "printed matrices of R", "write.csv(p, 'p.csv') in R"),
    Kind(
        r"(?:__label__\S+\s+[\d.e+-]+\s*)+", "the predictions of fastText",
        'save them as JSON Lines: {"cat": 0.7, "dog": 0.3} for each sample',
    ),
    Kind(r"[\u2500-\u257f].*", "drawn tables", AS_CSV),
    Kind(RULE, "Markdown and drawn tables", AS_CSV),
)  # fmt: skip


def refuse(lines: Sequence[bytes], name: str) -> None:
    """The error for a text of another kind, by its first lines."""
    first = [line.decode("utf-8", "replace").strip() for line in lines[:LOOKED]]
    if first[0][:1] == "%":
        first += [line.decode("utf-8", "replace").strip() for line in lines if line[:1] == b"@"]
    for kind in KINDS:
        if any(re.fullmatch(kind.lines, line, re.IGNORECASE) for line in first):
            raise InputError(f"{name}: {kind.title} are not read", hint=kind.hint)
