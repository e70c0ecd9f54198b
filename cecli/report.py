"""The records that every command returns: plain values, no arrays, no formatting.

A quantity (or `compare`) fills a `Report`; a renderer turns it into text. What a user sees in a table, in JSON or on a
plain line is decided by what fills it, so that the formats can't differ in content.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from cecli.record import Record, computed_once

if TYPE_CHECKING:
    from cecli.expression import Expression

Value = float | Sequence["Value"] | None
"""A number, a vector, or rows of them; None stands for a sample that was left out."""

Align = Literal["left", "right"]
T = TypeVar("T")


def flat(value: Value) -> list[float | None]:
    """The numbers of a value, row after row."""
    if isinstance(value, Sequence):
        return [entry for part in value for entry in flat(part)]
    return [value]


class Bar(Record):
    """A share between 0 and 1, drawn as a bar where the format can draw."""

    share: float


class Typed(Record):
    """A number as the user typed it: shown as it is, without a sign for exact or rounded."""

    text: str


UNDERFLOWED, UNDERFLOWED_BELOW_0, OVERFLOWED = Typed("< 1e-300"), Typed("> -1e-300"), Typed("> 1e308")
"""What is shown of a number whose float64 is 0 or infinite, and which itself is neither."""


def unless_overflowed(value: float | None, infinite_count: int) -> Cell:
    """A number of losses; one that is infinite although no loss is has overflowed."""
    return OVERFLOWED if value is not None and math.isinf(value) and not infinite_count else value


class Verdict(Record):
    """Whether something is right, shown as a word and a mark."""

    right: bool


class Given(Record):
    """Values that were read, side by side in one cell."""

    values: tuple[float, ...]
    more: str = ""


class Interval(Record):
    """The bounds of an interval, shown with as many digits as tell its width."""

    low: float | None
    high: float | None


class Change(Record):
    """A difference, shown with its sign."""

    value: float | None


class PValue(Record):
    """A p-value, shown with two digits."""

    value: float | None


Cell = str | float | int | Bar | Typed | Given | Verdict | Interval | Change | PValue | None


class Data(Record):
    """The numbers of a report as a plain rectangle, for CSV and TSV."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str | float | None]] = ()
    type: str = ""
    """The type of the numbers, where every row is one of numbers, so that a file of arrays can hold them."""


NO_DATA = Data()


class Later(Sequence[T]):
    """A sequence that is made when something looks at it: rows that no format may show."""

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make

    @computed_once
    def _made(self) -> Sequence[T]:
        return self._make()

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, place: Any) -> Any:
        return self._made[place]

    def __iter__(self) -> Iterator[T]:
        return iter(self._made)


class Column(Record):
    """A column of a table: its heading and how it is aligned."""

    name: str
    align: Align = "right"
    tight: bool = False
    """Whether a terminal shows it close to the column before, under that one's heading."""


class Table(Record):
    """A table: columns decided once, a tuple of cells per row, and which cells hold the best value."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    keys: int = 1
    """How many leading columns name the row; they are repeated where a wide table is cut into parts."""
    best: frozenset[tuple[int, int]] = frozenset()
    more: int = 0
    """Rows that are not shown."""
    each: str = "sample"
    """What a row is, where some are not shown."""
    shown_by: str = ""
    """What shows all rows."""
    signs: bool = True
    """Whether = or ≈ stands before a number; not in tables of many."""
    note: str = ""
    """What its marks mean, below it."""

    @property
    def rest(self) -> str:
        """What is said of the rows that are not shown."""
        several = {"class": "classes"}.get(self.each, f"{self.each}s")
        found = f"{self.more} more {self.each if self.more == 1 else several}"
        return f"{found}: {self.shown_by}" if self.shown_by else found


class Bin(Record):
    """The samples whose largest probability lies in (low, high]: how many, how sure the model was of them, how often it was right."""

    low: float
    high: float
    samples: int
    confidence: float | None
    """The mean of the largest probabilities; None where the bin is empty."""
    accuracy: float | None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    """The interval of the share of right answers."""


class Effect(Record):
    """A model's difference to the reference, with its interval."""

    name: str
    difference: float
    low: float
    high: float
    by_chance: bool
    """Whether chance could explain it."""


class Forest(Record):
    """The differences of the models to one of them."""

    title: str
    axis: str
    effects: Sequence[Effect]
    """Best first."""
    untold: Sequence[str] = ()
    """The models whose difference has no interval."""
    reference: str = ""
    """The one that they are compared with."""


class ModelFigure(Record):
    """What a picture shows of one model."""

    name: str
    reliability: Sequence[Bin]
    losses: Sequence[int]
    """How many samples have a loss in each bin of the histogram."""
    above: int
    """How many have a finite loss above the last bin."""
    infinite: int
    points: Sequence[tuple[float, float]]
    """(p, loss) of the first samples whose loss is finite."""
    mean: tuple[float, float] | None
    """The same of the mean loss, where that is finite."""


class Figure(Record):
    """A picture of models side by side: reliability, losses, and the curve that turns a probability into a loss."""

    unit: str
    edges: Sequence[float]
    """Of the histogram's bins: one more than there are bins."""
    curve: Sequence[tuple[float, float]]
    """(p, −log p), by rising p."""
    models: Sequence[ModelFigure]
    samples: int
    pointed: int
    """How many of the samples, from the first, may have a point."""
    in_text: bool = False
    """Whether the terminal is to draw it."""
    forest: Forest | None = None
    """The differences, where there are some with intervals."""


NO_FIELDS: Mapping[str, Any] = {}


class Step(Record):
    """A step of the working: `left` is equal to every expression of the chain, the last of which is its value."""

    left: Expression
    chain: Sequence[Expression]
    title: str = ""
    unit: str = ""
    remark: str = ""
    """A sentence that says why, for the reader alone."""


class Question(Record):
    """What an answer is the answer of, where a mistake may be looked for in it: `cecli.running.problem`."""


class Report(Record):
    """The answer of one command.

    `value` is the number (or vector, or rows) that was asked for; `fields` are the other members of the
    JSON object, in order; `tables` are what a terminal shows and `data` what CSV holds; `lines` replace the
    plain text of `value` where a command prints names too; `holds` is False where a check that was asked for fails.
    """

    command: str
    value: Value
    samples: int
    settings: Mapping[str, Any]
    unit: str | None = None
    fields: Mapping[str, Any] = NO_FIELDS
    tables: Sequence[Table] = ()
    sentences: Sequence[str] = ()
    lines: Sequence[Sequence[str | Value]] | None = None
    data: Data = NO_DATA
    records: Sequence[Mapping[str, Any]] = ()
    """The rows as objects, where they hold more than the data's."""
    notes: Sequence[str] = ()
    last_notes: Callable[[], Sequence[str]] | None = None
    """Notes that are known when the whole input was read: of the reports of many blocks the last one's count."""
    per_sample: bool = False
    """Whether each entry of `value` is a sample's own, with a line of its own in plain text."""
    holds: bool = True
    failures: Sequence[str] = ()
    """The conditions of `--fail-if` that are true, in sentences."""
    steps: Sequence[Step] = ()
    """The working, where it was asked for."""
    verdict: Sequence[str] = ()
    """What `--expect` has to say, in sentences."""
    incomplete: bool = False
    """Whether a part of what was asked could not be answered."""
    figure: Figure | None = None
    """The picture, where one was asked for."""
    question: Question | None = None
    """What a claim of the answer is judged by; None where that is its value alone."""
