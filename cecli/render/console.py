"""Rich's console, held to what we want: it writes to a string, guesses nothing and cuts nothing."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table

UNLIMITED = 100_000


def _console(color: bool = False, width: int = UNLIMITED) -> Console:
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def natural_width(built: Table) -> int:
    """The width of a table that nothing holds in."""
    console = _console()
    return console.measure(built).maximum


def printed(built: Table, color: bool) -> str:
    """What rich prints, without blanks at line ends and blank lines around."""
    console = _console(color, natural_width(built))
    console.print(built)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"
