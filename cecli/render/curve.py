"""The curve −log p as characters, with the models' samples on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from string import ascii_letters, digits

from cecli.numerals import shortest
from cecli.render.safe import visible
from cecli.report import Figure, ModelFigure

HEIGHT, WIDEST, NARROWEST = 15, 72, 24
MARKS, SEVERAL, LINE = "●▲■◆▼✚○△", "◉", "·"
ASCII_MARKS, ASCII_SEVERAL, ASCII_LINE = "o^#$v+%&", "@", "."
MANY_MARKS = ascii_letters + digits
"""Where there are more models than marks."""

LEVELS, ASCII_LEVELS = "▁▂▃▄▅▆▇█", ".:-=+*%#"

Cells = Mapping[tuple[int, int], str]


def curve_lines(figure: Figure, width: int, plain: bool) -> Iterator[str]:
    """The lines of the plot: losses upwards, the probability of the expected class to the right, and what the marks stand for."""
    shapes, several, line = (ASCII_MARKS, ASCII_SEVERAL, ASCII_LINE) if plain else (MARKS, SEVERAL, LINE)
    marks = list(islice(cycle(shapes if len(figure.models) <= len(shapes) else MANY_MARKS), len(figure.models)))
    top = figure.edges[-1]
    labels = {0: shortest(top), HEIGHT // 2: shortest(top / 2), HEIGHT - 1: "0"}
    margin = max(map(len, labels.values())) + 2
    columns = max(NARROWEST, min(width, WIDEST) - margin - 2)
    cells = {cell: line for point in figure.curve if (cell := _cell(point, top, columns)) is not None}
    taken = _marked(figure, marks, several, columns)
    corner, side, floor = ("+", "|", "-") if plain else ("└", "│", "─")
    for row in range(HEIGHT):
        drawn = "".join({**cells, **taken}.get((row, column), " ") for column in range(columns))
        yield f"{labels.get(row, ''):>{margin}} {side}{drawn}".rstrip()
    yield f"{'':>{margin}} {corner}{floor * columns}"
    yield f"{'':>{margin}}  0{'p':^{columns - 2}}1"
    for mark, model in zip(marks, figure.models, strict=True):
        yield f"{mark:>{margin}}  {_strip(model, columns, ASCII_LEVELS if plain else LEVELS)}".rstrip()
    yield from _legend(figure, marks, several if several in taken.values() else "", margin)


def _cell(point: tuple[float, float], top: float, columns: int) -> tuple[int, int] | None:
    """Where a point stands; nowhere if its loss is above the top."""
    p, loss = point
    if loss > top:
        return None
    return round((1 - loss / top) * (HEIGHT - 1)), round(p * (columns - 1))


def _marked(figure: Figure, marks: Sequence[str], several: str, columns: int) -> Cells:
    """The cells that hold a sample: of one model its mark, of more than one the mark of several."""
    found: dict[tuple[int, int], str] = {}
    for own, model in zip(marks, figure.models, strict=True):
        for point in model.points:
            cell = _cell(point, figure.edges[-1], columns)
            if cell is not None:
                found[cell] = own if found.get(cell, own) == own else several
    return found


def _strip(model: ModelFigure, columns: int, levels: str) -> str:
    """How many of a model's samples lie at each p, since on the curve those of several models hide one another."""
    counts = [0] * columns
    for p, _ in model.points:
        counts[round(p * (columns - 1))] += 1
    most = max(counts) or 1
    return "".join(levels[-(-count * len(levels) // most) - 1] if count else " " for count in counts)


def _legend(figure: Figure, marks: Sequence[str], several: str, margin: int) -> Iterator[str]:
    """What the marks stand for, and what is not drawn."""
    indent = " " * (margin + 2)
    top = shortest(figure.edges[-1])
    for mark, model in zip(marks, figure.models, strict=True):
        away = [f"{model.above} above {top}"] if model.above else []
        away += [f"{model.infinite} infinite"] if model.infinite else []
        hidden = f" ({' and '.join(away)}, not drawn)" if away else ""
        yield f"{indent}{mark} {visible(model.name)}{hidden}"
    if several:
        yield f"{indent}{several} several models"
    if figure.pointed < figure.samples:
        yield f"{indent}the first {figure.pointed} of {figure.samples} samples"
