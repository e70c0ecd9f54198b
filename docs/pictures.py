"""The pictures of README and the site: what commands show on a terminal, in colour. `python -m docs.pictures` draws them again."""

from __future__ import annotations

import html
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "pictures"

SHOWN = {
    "example": (80, "cecli compare --example"),
    "working": (80, "cecli entropy 63/64,1/64 --base 2 --steps"),
    "mistake": (80, "cecli xent 2,1,0 '0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7' --expect 4.1352"),
    "error": (80, "cecli xent dog 0.5,O.2,0.3 --classes cat,dog,bird"),
    "twelve": (110, "cecli compare --label y --columns p 'docs/data/runs/*.csv' -q"),
    "bars": (80, "cecli softmax 4,3,1,0.5,-1,-2 --classes cat,dog,fox,owl,bee,ant"),
}
"""Of each picture the width of the terminal, and the command."""

PLOT = "cecli compare --label y --columns p docs/data/runs/{{stacked,mlp-large,tree}}.csv -q --plot {file}"
"""What draws the picture of the plots, with matplotlib."""

SIZE, WIDE, HIGH, MARGIN = 14, 8.43, 19, 18
"""Of a character: its size, width and line; and the space around all, in pixels."""
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
PAPER, INK, FAINT = "#16191d", "#e3e6ea", "#8b949e"
INKS = ("#16191d", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#e3e6ea")
"""The eight colours of a terminal, for a dark page: light text on it reads well on a light and a dark site alike."""


WORDS = re.compile(r"\S+(?: \S+)*")
"""Words with one blank between."""


def on_terminal(command: str, columns: int) -> str:
    """What a command writes on a terminal of this width, with its colours."""
    reader, end = pty.openpty()
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": str(columns),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=end, stderr=end, env=environment, cwd=ROOT
    )
    os.close(end)
    written = b"".join(_read(reader))
    process.wait()
    os.close(reader)
    return written.decode().replace("\r\n", "\n").rstrip("\n")


def _read(reader: int) -> Iterator[bytes]:
    """All that is written until the other end is closed, which Linux reports as an error."""
    try:
        while piece := os.read(reader, 65536):
            yield piece
    except OSError:
        return


def svg(command: str, shown: str) -> str:
    """A picture of a terminal: the command and what it showed."""
    text = Text.assemble(("$ ", "dim"), (command.replace("docs/data/", ""), "bold"), "\n\n", Text.from_ansi(shown))
    lines = list(text.split("\n"))
    width = 2 * MARGIN + WIDE * max(cell_len(line.plain) for line in lines)
    height = 2 * MARGIN + HIGH * len(lines)
    drawn = [part for i, line in enumerate(lines) for part in _line(line, MARGIN + HIGH * i + SIZE)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" role="img">',
            f"<title>{html.escape(command)}</title>",
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            f'<g font-family="{FONTS}" font-size="{SIZE}" fill="{INK}">',
            *drawn,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _line(line: Text, y: int) -> Iterator[str]:
    """The words of a line, each at its place: programs differ in what they make of blanks in a row."""
    at = 0
    for segment in line.render(Console(width=1000, color_system="truecolor", _environ={})):
        for words in WORDS.finditer(segment.text):
            x = MARGIN + WIDE * (at + cell_len(segment.text[: words.start()]))
            place = f'x="{x:.1f}" y="{y}" textLength="{WIDE * cell_len(words[0]):.1f}"'
            yield f"<text {place}{_look(segment.style)}>{html.escape(words[0], quote=False)}</text>"
        at += cell_len(segment.text)


def _look(style: Style | None) -> str:
    """The colour and weight of a part."""
    if style is None:
        return ""
    number = style.color.number if style.color and style.color.number is not None else None
    ink = FAINT if style.dim else INKS[number % 8] if number is not None else None
    return (f' fill="{ink}"' if ink else "") + (' font-weight="bold"' if style.bold else "")


def picture(name: str) -> str:
    """A picture, as its command shows it now."""
    columns, command = SHOWN[name]
    return svg(command, on_terminal(command, columns))


def plot(file: Path) -> None:
    """Draws the plots."""
    on_terminal(PLOT.format(file=file), 80)


def main() -> None:
    """Draws them all."""
    FOLDER.mkdir(exist_ok=True)
    for name in SHOWN:
        (FOLDER / f"{name}.svg").write_text(picture(name), "utf-8")
    plot(FOLDER / "plot.svg")


if __name__ == "__main__":
    main()
