"""Sources: what may stand where values are asked for, opened and told apart.

What parses as numbers is numbers; `-` is standard input; anything else is a path.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cecli.errors import InputError, MissingError, Origin, Place
from cecli.reading import labels, vector
from cecli.reading.vector import Vector

DECIMAL_COMMA = "a comma separates values here: if it is a decimal comma, write a point, as in 0.5"


@dataclass(frozen=True)
class Source(Origin):
    """An opened source: what was typed or piped, as rows of items, and what to call it."""

    typed: Vector
    names: tuple[str, ...] | None = None
    """Class names from a header row."""

    def place(self, sample: int, column: int | None = None) -> Place | None:
        """Where a value was typed; labels in one row are samples, whatever their column."""
        rows = self.typed.rows
        if len(rows) == 1 and sample > 0:
            return self.typed.place(0, sample)
        return self.typed.place(sample, column)

    @property
    def dimensions(self) -> int:
        """0 for one bare value, 1 for a vector, 2 for rows."""
        return self.typed.dimensions

    @property
    def is_column(self) -> bool:
        """Rows of one value each."""
        return self.dimensions == 2 and all(len(row) == 1 for row in self.typed.rows)

    @property
    def count(self) -> int:
        """How many values there are in all."""
        return sum(map(len, self.typed.rows))

    @property
    def hint(self) -> str | None:
        """What a reader who meets wrong values should be told about the way they were typed."""
        return DECIMAL_COMMA if vector.looks_like_decimal_commas(self.typed) else None

    def rows(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The values, a row per sample, and how far from 1 each row may sum if it holds probabilities."""
        values, decimals = vector.numbers(self.typed, self.name)
        tolerances = vector.tolerances(decimals, len(values[0]))
        return np.array(values, dtype=np.float64), np.array(tolerances, dtype=np.float64)

    @property
    def fewest_decimals(self) -> int:
        """The digits after the point of the row that was written with the fewest: few of them make zeros."""
        _, decimals = vector.numbers(self.typed, self.name)
        return min(decimals)

    def flat(self) -> npt.NDArray[np.float64]:
        """The values of a vector, whether it stands in a row or in a column."""
        values, _ = self.rows()
        if min(values.shape) > 1:
            raise InputError(f"{self.name} has rows; a vector is meant", place=self.typed.place(1))
        return values.reshape(-1)

    def are_class_names(self, names: Sequence[str] | None) -> bool:
        """Whether the values are labels given as class names."""
        return labels.is_labels(self.typed, names)

    def label_indices(self, names: Sequence[str] | None, ignore: int | None) -> npt.NDArray[np.float64]:
        """The values as class indices."""
        return np.array(labels.indices(self.typed, names, ignore, self.name), dtype=np.float64)


class Opener:
    """Opens the sources of one call; standard input can be had once."""

    def __init__(self, names: Sequence[str] | None = None) -> None:
        self.names = names
        self.stdin_taken_by: str | None = None

    def open(self, text: str, name: str) -> Source:
        """The source that a text stands for: typed values, or `-`."""
        if text.strip() == "-":
            return self._stdin(name)
        typed = None if text.startswith(("./", "/", "../", "~")) else self._typed(text, name)
        if typed is None:
            raise _no_file(text, name, self.names)
        return Source(name, typed)

    def _typed(self, text: str, name: str) -> Vector | None:
        """The text as values, or None where it must be a path."""
        bare = [item.strip("[]()") for item in re.split(r"[\s,;]+", text.translate(vector.LOOKALIKES)) if item]
        if bare and not any(map(vector.is_number, bare)) and not _meant_as_values(text, bare, self.names):
            return None
        return vector.cut_vector(text, name)

    def _stdin(self, name: str) -> Source:
        """What is piped in: the same grammar, a row per line; the first line may name the classes."""
        if self.stdin_taken_by is not None:
            raise InputError(
                f"- is standard input and can be read once per call: {self.stdin_taken_by} has it already",
                hint=f"type {name} or give a file",
            )
        self.stdin_taken_by = name
        if sys.stdin is None or sys.stdin.isatty():
            raise MissingError("nothing is piped into standard input", hint="pipe something in, or type values for the -")
        text = _decoded(sys.stdin.buffer.read(), name)
        return _with_header(vector.cut_vector(text, name), name)


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 text, with or without a byte order mark, with any line ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{name}: line {line} of standard input is not UTF-8 text") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _with_header(typed: Vector, name: str) -> Source:
    """A first row with anything that is no number is a header: it names the classes."""
    head = [item.text for item in typed.rows[0]]
    body = typed.rows[1:]
    if not body or all(map(vector.is_number, head)) or len(head) == 1:
        return Source(name, typed)
    return Source(name, Vector(typed.text, body, 2 if len(body) > 1 else 1), tuple(head))


def _meant_as_values(text: str, bare: list[str], names: Sequence[str] | None) -> bool:
    """Whether a text without one number in it was still meant as values: class names, NaN, or a slip in brackets."""
    if names and any(item in names for item in bare):
        return True
    return text.lstrip().startswith(("[", "(")) or any(item.lower().lstrip("+-") == "nan" for item in bare)


def _no_file(text: str, name: str, names: Sequence[str] | None) -> MissingError:
    """The error for a text that is neither values nor (yet) a file that can be read."""
    if Path(text).expanduser().exists():
        return MissingError(
            f"{name}: {text!r} is a file, and this version reads typed values and standard input",
            hint=f"pipe it in: cecli … - < {text}",
        )
    if names:
        hint = f"the classes are {', '.join(names[:10])}; values are typed as 0.5,0.2,0.3 and labels as 2 or 2,1,0"
    else:
        hint = "values are typed as 0.5,0.2,0.3; labels as 2 or 2,1,0, or by name with --classes cat,dog,bird"
    return MissingError(f"{name}: {text!r} is not a number and there is no such file", place=Place(text, 0, len(text)), hint=hint)
