"""Text files that hold values as a program prints them: `array([[…]])`, or rows in brackets that run over lines.

Such a text is read whole and becomes a line for each row, with the number of the line that the row begins on.
"""

from __future__ import annotations

import io
import re
import sys
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from cecli.reading import pasted
from cecli.reading.fields import decoded
from cecli.reading.lines import LineReader, Lines
from cecli.reading.vector import Vector

MOST_PRINTED = 1 << 24
"""At most so many bytes of such a text; programs shorten what is much less."""
OPENING = r"[\s\[(]*"
ROWS_BESIDE = r"[\])]\s*,?\s*[\[(]"
"""Where a row ends and the next begins on the same line."""


def unfolded(reader: LineReader, header: bool | None) -> tuple[LineReader, bool | None]:
    """A text as it stands, or each row on a line of its own where the first line shows that its values are printed.

    Returns: its reader, and whether the first line is a header, which is known of printed values; of others `header`.
    """
    first = reader.take(1)
    if not first or reader.size > MOST_PRINTED or not _is_printed(first.texts[0]):
        reader.give_back(first)
        return reader, header
    lines = Lines.joined([first, reader.take(sys.maxsize)])
    found = pasted.cut(decoded(b"\n".join(lines.texts), reader.name), reader.name)
    rows = LineReader(io.BytesIO(), reader.name)
    rows.give_back(_rows_on_lines(found, lines.numbers))
    return rows, found.names is not None


def _is_printed(line: bytes) -> bool:
    """Whether a line begins printed values, and is not one row of them."""
    text = line.decode("utf-8", "replace").strip()
    if pasted.begins(text):
        return True
    if not text.startswith(("[", "(")) or any(mark in text for mark in '"{\t;'):
        return False
    opening = re.match(OPENING, text)
    leading = sum(map((opening[0] if opening else "").count, "[("))
    ends_its_row = sum(map(text.count, "[(")) - sum(map(text.count, "])")) < leading
    begins = text[leading:].strip()[:1]
    return not ends_its_row or begins == "'" or (begins.isdigit() and re.search(ROWS_BESIDE, text) is not None)


def _rows_on_lines(found: Vector, lines: Sequence[int]) -> Lines:
    """A line for each row of some printed values, and one for their names where they have any."""
    ends = list(accumulate(len(line) + 1 for line in found.text.split("\n")))
    numbers = [lines[bisect_right(ends, row[0].start)] for row in found.rows]
    rows = [",".join(item.text for item in row) for row in found.rows]
    if found.names is not None:
        numbers, rows = [numbers[0], *numbers], [",".join(found.names), *rows]
    return Lines(numbers, [row.encode() for row in rows])
