"""Blocks of text read by `numpy.loadtxt`, which needs nothing but NumPy.

What it would refuse or misread is seen to before: rows of other lengths, quotes, and missing values, which become `nan` in the text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cecli.reading.missing import is_missing

LINE_END, QUOTE = ord("\n"), ord('"')
BEGINS_NUMBER = np.isin(np.arange(256), np.frombuffer(b"0123456789+-.", np.uint8))
"""Which characters a number that is not missing or infinite begins with."""


def columns(
    text: bytes, delimiter: str, width: int, numbers: Sequence[int], words: Sequence[int]
) -> tuple[np.ndarray, dict[int, Sequence[str]]] | None:
    """Columns of CSV text as numbers, and others as texts; None for what needs a closer look."""
    if not words and len(numbers) == width and b'"' not in text:  # `loadtxt` itself sees to the length of rows
        values = _loaded(text, None if delimiter == " " else delimiter, range(width))
        if values is not None:
            return (values if list(numbers) == list(range(width)) else values[:, numbers]), {}
    if delimiter == " ":
        if any(b" " in inside or b"\t" in inside for inside in text.split(b'"')[1::2]):
            return None
        text, delimiter = b"".join([b"\t".join(line.split()) + b"\n" for line in text.splitlines()]), "\t"
    starts, stops = _fields(text, ord(delimiter), width)
    if starts is None or stops is None:
        return None
    values = np.empty((len(starts), 0))
    if numbers:
        filled = _without_missing(text, starts[:, sorted(numbers)], stops[:, sorted(numbers)])
        found = _loaded(filled, delimiter, numbers)
        if found is None:
            return None
        values = found
    return values, {c: _texts(text, starts[:, c], stops[:, c]) for c in words}


def _loaded(text: bytes, delimiter: str | None, numbers: Sequence[int]) -> np.ndarray | None:
    """Some columns of even rows; None where a field is not a plain decimal, or a row is longer or shorter."""
    lines = text.split(b"\n")
    lines.pop()
    used = None if isinstance(numbers, range) else numbers
    try:
        values = np.loadtxt(lines, delimiter=delimiter, comments=None, quotechar='"', usecols=used, ndmin=2)
    except ValueError:
        return None
    return values if values.shape == (len(lines), len(numbers)) else None


def _fields(text: bytes, delimiter: int, width: int) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """Where each field of each row begins and ends; nothing where rows have other lengths, or a quote stands within a field."""
    characters = np.frombuffer(text, dtype=np.uint8)
    stops: np.ndarray = np.flatnonzero((characters == delimiter) | (characters == LINE_END))
    if b'"' in text:
        quotes = np.flatnonzero(characters == QUOTE)
        if not _are_around_fields(characters, quotes, delimiter):
            return None, None
        stops = stops[np.searchsorted(quotes, stops) % 2 == 0]
    if len(stops) % width:
        return None, None
    starts = np.concatenate([[0], stops[:-1] + 1]).reshape(-1, width)
    stops = stops.reshape(-1, width)
    ends = characters[stops] == LINE_END
    return (starts, stops) if ends[:, -1].all() and not ends[:, :-1].any() else (None, None)


def _are_around_fields(characters: np.ndarray, quotes: np.ndarray, delimiter: int) -> bool:
    """Whether quotes stand around whole fields, or are doubled within them."""
    if len(quotes) % 2:
        return False
    between = (delimiter, LINE_END, QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    before = characters[opening[opening > 0] - 1]
    return bool(np.isin(before, between).all() and np.isin(characters[closing + 1], between).all())


def _without_missing(text: bytes, starts: np.ndarray, stops: np.ndarray) -> bytes:
    """The text with `nan` in place of missing values in some of its fields."""
    odd = ~BEGINS_NUMBER[np.frombuffer(text, dtype=np.uint8)[starts]]
    parts, end = [], 0
    for start, stop in zip(starts[odd].tolist(), stops[odd].tolist(), strict=True):
        if is_missing(_text(text[start:stop])):
            parts += [text[end:start], b"nan"]
            end = stop
    return b"".join([*parts, text[end:]]) if parts else text


def _texts(text: bytes, starts: np.ndarray, stops: np.ndarray) -> list[str]:
    return [_text(text[start:stop]) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]


def _text(field: bytes) -> str:
    """A field as text, without its quotes."""
    if field[:1] == b'"':
        field = field[1:-1].replace(b'""', b'"')
    return field.decode().strip()
