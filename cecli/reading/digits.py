"""The digits that values were written with: those of the shortest text of each, however it is read.

How far from 1 a row of probabilities may sum depends on them.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.reading.vector import tolerance

MOST_DECIMALS = 13
"""Digits after the point of which more allow a row nothing more."""


class RowTolerance:
    """How far from 1 each of some rows may sum, by the digits of its values; looked at when it is asked for."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def __call__(self, row: int) -> float:
        """That of one row."""
        return float(self.of(np.array([row]))[0])

    def of(self, rows: np.ndarray) -> np.ndarray:
        """That of several rows."""
        values = self._values[rows].astype(np.float64) if self._values.dtype != np.float32 else self._values[rows]
        width = values.shape[1]
        found = np.full(len(values), tolerance(MOST_DECIMALS, width))
        usual = min(decimals_of_row(values[0]), MOST_DECIMALS - 1) if len(values) else 0
        written = _have_decimals(values, usual)
        left = np.flatnonzero(written)
        for decimals in range(usual, -1, -1):
            found[left] = tolerance(decimals, width)
            left = left[_have_decimals(values[left], decimals - 1)]
        left = np.flatnonzero(~written)
        for decimals in range(usual + 1, MOST_DECIMALS):
            written = _have_decimals(values[left], decimals)
            found[left[written]] = tolerance(decimals, width)
            left = left[~written]
        return found


def _have_decimals(values: np.ndarray, decimals: int) -> np.ndarray:
    """Which rows hold only values of so many digits after the point, or fewer."""
    scaled = np.rint(values * 10.0**decimals) / 10.0**decimals
    found: np.ndarray = (scaled.astype(values.dtype) == values).all(axis=1)
    return found


def decimals_of_row(row: np.ndarray) -> int:
    """The digits after the point of the longest value of a row, each in the shortest text that reads back."""
    return max(map(decimals_of, row))


def decimals_of(value: float) -> int:
    """The digits after the point of the shortest text that reads back as a value."""
    if not math.isfinite(value):
        return 0
    text = str(value) if isinstance(value, np.floating) else repr(value)
    digits, _, exponent = text.partition("e")
    places = len(digits.removesuffix(".0").partition(".")[2])
    return max(0, places - int(exponent or 0))
