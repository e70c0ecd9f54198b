"""`--plot`: what it asks for, and the file that it writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cecli.cli.output import Output
from cecli.errors import UsageError
from cecli.record import Record

if TYPE_CHECKING:
    from cecli.report import Figure

TERMINAL = "terminal"


class Plot(Record):
    """Where a picture goes: a file and its format, or the terminal."""

    file: str | None = None
    format: str | None = None

    @property
    def in_text(self) -> bool:
        """Whether the terminal draws it."""
        return self.file is None

    def write(self, figure: Figure | None) -> None:
        """Writes the file, whole or not at all."""
        if self.file is None or self.format is None or figure is None:
            return
        from cecli.cli.files import whole_file
        from cecli.render.figure import draw

        contents = draw(figure, self.format)
        with whole_file(self.file, "--plot") as stream:
            stream.buffer.write(contents)

    def notes(self, output: Output) -> list[str]:
        """What there is to say where nothing can be drawn."""
        if not self.in_text or output.chosen.pictured:
            return []
        return ["--plot terminal is drawn with tables: add -f table"]


def read_plot(text: str | None) -> Plot | None:
    """The option as it was typed, checked before anything is computed."""
    if text is None or text == TERMINAL:
        return None if text is None else Plot()
    from cecli.render.figure import FORMATS, require_matplotlib

    ending = os.path.splitext(text)[1].lower()
    if ending not in FORMATS:
        raise UsageError(
            f"--plot: {text!r} is neither a picture's file nor {TERMINAL}", hint=f"end it in one of {' '.join(FORMATS)}"
        )
    require_matplotlib()
    return Plot(text, FORMATS[ending])
