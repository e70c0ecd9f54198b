"""The sources of a call, opened: what `opening.py` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cecli.reading.ahead import Ahead
from cecli.reading.kinds import Files, Layout
from cecli.reading.located import Located, Part
from cecli.reading.roles import ReadingOptions, Request
from cecli.reading.sources import Source
from cecli.reading.streams import Stream

if TYPE_CHECKING:
    from cecli.reading.ids import Join


class Opened:
    """The sources of a call, opened."""

    def __init__(
        self, requests: Sequence[Request], options: ReadingOptions, has_stdin: bool = True, part: Part | None = None
    ) -> None:
        self.requests, self.options, self.has_stdin = requests, options, has_stdin
        self.located: dict[str, Located] = {} if part is None else dict(part.located)
        """The texts that stand for files."""
        self.sources: list[Source] = []
        """One for each request, in their order."""
        self.target: Source | None = None
        """The target: that of the requests, or the labels of `--label`."""
        self.classes: tuple[str, ...] | None = options.classes
        """The class names: of `--classes`, or of the first prediction's columns."""
        self.label_names: tuple[str, ...] | None = None
        """The class names that labels by name bring, where they are all there is."""
        self.join: Join | None = None
        """How rows are joined by ids, where they are."""
        self.notes: list[str] = []
        """What was settled that the user should know."""
        folder = "" if part is None else part.folder
        self.ahead = Ahead(options.threads if part is None else 1)
        self.files = Files(Layout(options.header, options.decimal_comma, options.line_buffered, folder, options.label))
        self.streams: dict[tuple[str, str], Stream] = {}
        self.closing: list[Callable[[], None]] = []
        """What closes the tables that have parts."""

    def close(self) -> None:
        """Closes the files that were opened."""
        self.ahead.close()
        self.files.close()
        for close in self.closing:
            close()
        for stream in self.streams.values():
            stream.close()

    def share_read(self, rows: int) -> float | None:
        """How much of the input was read: by the bytes of the first text file, or the rows of the first array."""
        if self.files.streams and not self.files.streams[0].closed:
            from cecli.reading.raw_text import size_of

            size = size_of(self.files.streams[0])
            return self.files.streams[0].tell() / size if size else None
        lengths = [stream.table.length for stream in self.streams.values() if stream.table.length]
        return rows / lengths[0] if lengths else None
