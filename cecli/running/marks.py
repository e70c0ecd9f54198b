"""Where the reading of the files of a call may begin, and which row is the first there: so a part of the samples is found in all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from cecli.errors import CecliError, InputError
from cecli.reading.ids import OtherOrderError
from cecli.reading.streams import Start, Stream
from cecli.record import Record
from cecli.running.cluster_tasks import FileCuts
from cecli.running.parts import Failed, spans
from cecli.running.walk import Span


class Mark(Record):
    """A place where reading may begin: the file, the place in it, its line, and the number of its first row."""

    file: int
    at: int
    line: int
    first: int
    bytes: int | None
    """Those from here to the next place, where their number is known."""


BEGINNING = Mark(0, 0, 1, 0, None)


class Marks:
    """The places of a stream where reading may begin, and how many rows there are."""

    def __init__(self, stream: Stream, marks: Sequence[Mark], total: int) -> None:
        self.stream, self.paths, self.marks, self.total = stream, stream.paths, marks, total
        self._firsts = [mark.first for mark in marks]

    def places(self, small: int) -> list[int]:
        """The rows with which parts begin: where reading may, but that what comes to no more than `small` bytes stays together."""
        found, have = list[int](), small
        for mark in self.marks:
            size = mark.bytes or small
            if have + size > small:
                found, have = [*found, mark.first], 0
            have += size
        return found

    def start(self, span: Span) -> Start:
        """Where a part begins: at the last place before its first row, or in it."""
        mark = self.marks[bisect_right(self._firsts, span.first) - 1]
        end = self.total if span.samples is None else span.first + span.samples
        last = self.marks[max(0, bisect_right(self._firsts, end) - 1)]
        paths = tuple(self.paths[mark.file : last.file + 1])
        return Start(paths, mark.at, mark.line, span.first - mark.first, self.total)


def marks_of(stream: Stream, files: Sequence[FileCuts | Failed]) -> tuple[Marks, CecliError | None]:
    """The places of a stream up to the first file that can't be read, and what is wrong with that."""
    marks, total, wrong = list[Mark](), 0, None
    for number, cuts in enumerate(files):
        if isinstance(cuts, Failed):
            wrong = cuts.error
            break
        starts = accumulate(cuts.lines, initial=1)
        for at, rows, bytes_, line in zip(cuts.at, cuts.rows, cuts.bytes, starts, strict=False):
            marks.append(Mark(number, at, line, total, bytes_))
            total += rows or 0
    if wrong is None and stream.filters and stream.has_samples and not total:
        wrong = InputError(f"--where keeps no row of {stream.table.name}")
    return Marks(stream, marks or [BEGINNING], total), wrong


Part = tuple[Span, Sequence[Start]]
"""The samples of a part, and where the reading of each stream begins."""


class CallMarks:
    """Those of all streams of a call, in their order; what each part of the samples reads."""

    def __init__(self, marks: Sequence[Marks]) -> None:
        self.marks = marks
        self._of_samples = [each for each in marks if each.stream.has_samples]

    @property
    def total(self) -> int:
        """How many samples all streams have."""
        return min(each.total for each in self._of_samples)

    def parts(self, small: int, grain: int, is_whole: bool) -> list[Part]:
        """The parts of the samples, cut as `spans` does where the first stream can be; `small` as in `Marks.places`."""
        cut = spans(self._of_samples[0].places(small), self.total, grain, is_whole)
        return [(span, [each.start(span) for each in self.marks]) for span in cut]

    def require_one_length(self) -> None:
        """The error for two streams of which one has more rows."""
        first = self._of_samples[0]
        for each in self._of_samples[1:]:
            if each.total != first.total:
                names = first.stream.table.name, each.stream.table.name
                raise OtherOrderError(f"{names[0]} has {first.total:,} rows and {names[1]} {each.total:,}")
