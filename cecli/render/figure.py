"""A picture of models as SVG, PNG or HTML: the only module that loads matplotlib.

Matplotlib draws all three panels to a file without a display, is kept up by many and in every distribution, and needs nothing of
ours but numbers. The colours are those of Okabe and Ito 2008 ("Color universal design"), which the colour-blind distinguish; each model has a mark and a
kind of line of its own besides.
"""

from __future__ import annotations

import html
import io
import logging
import textwrap
import warnings
from collections.abc import Sequence
from typing import Any

from cecli.extras import load
from cecli.numerals import shortest
from cecli.render.safe import visible
from cecli.report import Figure, Forest, ModelFigure

FORMATS = {".svg": "svg", ".png": "png", ".html": "html"}
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
MARKS = "o^sDvPX*"
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (3, 1)), (0, (1, 3)))
GREY = "#767676"
OTHERS = {"color": GREY, "marker": "o"}
"""How the difference of a model looks that is drawn nowhere else."""
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cecli",
    "text.parse_math": False,
    "text.usetex": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "font.size": 10,
    "figure.constrained_layout.use": True,
}
MOST_DRAWN = 6
"""Models whose samples are drawn, the best ones: curves of more hide one another. The differences have all."""
MOST_FILLED = 3
"""Models whose bars are filled: of more the colours mix to grey."""
NAME_WIDTH, NAME_LINES, COLUMNS = 38, 3, 3
NAME_SHOWN = 24
"""Letters of a name beside its difference."""
SMALL, LARGE = 12, 130
"""Areas of the marks of bins."""


def require_matplotlib() -> None:
    """The error that says how to install it, where matplotlib is not installed."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it would tell of its caches on stderr
    load("matplotlib", "--plot to a file", "matplotlib", ", or draw in the terminal: --plot terminal")


def draw(figure: Figure, format_: str) -> bytes:
    """The file's contents."""
    require_matplotlib()
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a name in letters that the font has not is drawn as boxes, and kept as text in SVG
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        stream = io.BytesIO()
        kind = "png" if format_ == "png" else "svg"
        _drawn(figure).savefig(
            stream, format=kind, dpi=150, metadata={"Software": None} if kind == "png" else {"Date": None}
        )
    if format_ != "html":
        return stream.getvalue()
    svg = stream.getvalue().decode()
    title = html.escape(visible(" · ".join(model.name for model in figure.models)))
    head = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>cecli compare: {title}</title></head>\n'
    )
    return f"{head}<body>\n{svg[svg.index('<svg') :]}</body>\n</html>\n".encode()


def _drawn(figure: Figure) -> Any:
    """Reliability and losses; below them the differences of the models, where there are some, and the curve."""
    from matplotlib.figure import Figure as Canvas

    whole = len(figure.models)
    figure = figure.replace(models=_best(figure))
    rows = -(-len(figure.models) // COLUMNS)
    effects = len(figure.forest.effects) if figure.forest else 0
    canvas = Canvas(figsize=(12, 9.2 + 0.3 * rows + 0.2 * max(effects - 10, 0)))
    grid = canvas.add_gridspec(8, 2)
    reliability = canvas.add_subplot(grid[:3, 0])
    handles = _reliability(reliability, figure)
    _counts(canvas.add_subplot(grid[3, 0], sharex=reliability), figure)
    _losses(canvas.add_subplot(grid[:4, 1]), figure)
    curve = canvas.add_subplot(grid[4:7, 1 if figure.forest else slice(None)])
    _curve(curve, figure)
    _strips(canvas.add_subplot(grid[7, 1 if figure.forest else slice(None)], sharex=curve), figure)
    if figure.forest:
        _forest(canvas.add_subplot(grid[4:, 0]), figure.forest, [model.name for model in figure.models])
    names = [_shortened(model.name) for model in figure.models]
    title = f"{len(names)} of {whole} models are drawn" + ("; the differences have all" if figure.forest else "")
    legend = canvas.legend(
        handles,
        [str(i) for i in range(len(names))],
        loc="outside lower center",
        ncols=min(len(names), COLUMNS),
        frameon=False,
        title=title if len(names) < whole else None,
        title_fontproperties={"size": 9},
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)  # set afterwards: a label that begins with _ would be left out
    return canvas


def _best(figure: Figure) -> list[ModelFigure]:
    """The models whose samples are drawn, best first where that is known, the reference of the differences among them."""
    if figure.forest is None:
        return [*figure.models[:MOST_DRAWN]]
    names = [*(effect.name for effect in figure.forest.effects), *figure.forest.untold]
    models = sorted(figure.models, key=lambda model: names.index(model.name))
    reference = [model for model in models[MOST_DRAWN:] if model.name == figure.forest.reference]
    return [*models[: MOST_DRAWN - len(reference)], *reference]


def _look(i: int) -> dict[str, Any]:
    """The colour, mark and line of a model: no two of the first 64 have both colour and mark in common."""
    mark = MARKS[(i + i // len(COLORS)) % len(MARKS)]
    return {"color": COLORS[i % len(COLORS)], "marker": mark, "linestyle": LINES[i % len(LINES)]}


def _reliability(axes: Any, figure: Figure) -> list[Any]:
    """How often each model was right, over how sure it was; the diagonal is where a calibrated one lies."""
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.9)
    axes.text(0.03, 0.07, "calibrated", color=GREY, rotation=45, rotation_mode="anchor", transform_rotates_text=True)
    handles = []
    for i, model in enumerate(figure.models):
        bins, look = [found for found in model.reliability if found.samples], _look(i)
        x, y = [found.confidence for found in bins], [found.accuracy for found in bins]
        low, high = [found.accuracy_low for found in bins], [found.accuracy_high for found in bins]
        axes.vlines(x, low, high, color=look["color"], linewidth=1.2, alpha=0.7)
        axes.plot(x, y, color=look["color"], linestyle=look["linestyle"], linewidth=1)
        largest = max((found.samples for found in bins), default=1)
        sizes = [SMALL + LARGE * found.samples / largest for found in bins]
        axes.scatter(x, y, s=sizes, color=look["color"], marker=look["marker"], clip_on=False, zorder=3)
        handles += axes.plot([], [], markersize=6, **look)
    axes.text(0.98, 0.03, "size: samples; lines: intervals", ha="right", va="bottom", fontsize=9, color=GREY)
    axes.set(xlim=(0, 1), ylim=(0, 1), title="Reliability", ylabel="share of right answers")
    axes.tick_params(labelbottom=False)
    return handles


def _forest(axes: Any, forest: Forest, names: Sequence[str]) -> None:
    """The difference of each model to the reference, with its interval, best first; those that chance could explain are hollow."""
    for row, effect in enumerate(forest.effects):
        look = _look(names.index(effect.name)) if effect.name in names else OTHERS
        face = "white" if effect.by_chance else look["color"]
        axes.hlines(row, effect.low, effect.high, color=look["color"], linewidth=2)
        axes.plot(
            effect.difference, row, color=look["color"], marker=look["marker"], markerfacecolor=face, markersize=7
        )
    axes.axvline(0, color=GREY, linewidth=0.9, zorder=0)
    axes.set(title=forest.title, xlabel=f"difference in {forest.axis}", ylim=(len(forest.effects) - 0.5, -0.5))
    axes.set_yticks(range(len(forest.effects)), [_shortened(each.name, NAME_SHOWN) for each in forest.effects])
    notes = ["hollow: chance could explain it"] if any(effect.by_chance for effect in forest.effects) else []
    notes += [f"without interval: {', '.join(visible(name) for name in forest.untold)}"] if forest.untold else []
    text = "\n".join(textwrap.shorten(note, 60, placeholder="…") for note in notes)
    axes.text(0.98, 0.98, text, transform=axes.transAxes, ha="right", va="top", fontsize=9)


def _counts(axes: Any, figure: Figure) -> None:
    for i, model in enumerate(figure.models):
        edges = [found.low for found in model.reliability] + [1.0]
        _steps(axes, [found.samples for found in model.reliability], edges, i, len(figure.models))
    axes.set(xlabel="largest probability", ylabel="samples")
    _counted(axes)


def _counted(axes: Any) -> None:
    """An axis of counts: whole numbers from 0."""
    axes.set_ylim(bottom=0)
    axes.yaxis.get_major_locator().set_params(integer=True)


def _steps(axes: Any, counts: Sequence[int], edges: Sequence[float], i: int, models: int) -> None:
    """Bars as an outline, so that those of several models can lie over one another."""
    look = _look(i)
    axes.stairs(counts, edges, color=look["color"], linestyle=look["linestyle"], linewidth=1.6)
    if models <= MOST_FILLED:
        axes.stairs(counts, edges, color=look["color"], fill=True, alpha=0.12)


def _losses(axes: Any, figure: Figure) -> None:
    """The histogram of the losses, with what lies beyond it in words."""
    for i, model in enumerate(figure.models):
        _steps(axes, model.losses, figure.edges, i, len(figure.models))
    axes.set(title="Losses", xlabel=f"loss, {figure.unit}", ylabel="samples (log scale)", xlim=(0, figure.edges[-1]))
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(bottom=0.7)
    axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    beyond = [line for model in figure.models if (line := _beyond(model, figure))]
    if beyond:
        axes.text(0.98, 0.98, "\n".join(beyond), transform=axes.transAxes, ha="right", va="top", fontsize=9)


def _beyond(model: ModelFigure, figure: Figure) -> str:
    """How many losses of a model the histogram does not reach."""
    parts = [f"{model.above} above {shortest(figure.edges[-1])}"] if model.above else []
    parts += [f"{model.infinite} infinite"] if model.infinite else []
    return f"{textwrap.shorten(visible(model.name), NAME_WIDTH, placeholder='…')}: {', '.join(parts)}" if parts else ""


def _curve(axes: Any, figure: Figure) -> None:
    """−log p with the samples on it; a large mark for each model's mean loss."""
    top = figure.edges[-1]
    axes.plot([p for p, _ in figure.curve], [loss for _, loss in figure.curve], color=GREY, linewidth=1, zorder=1)
    for i, model in enumerate(figure.models):
        look = {"color": _look(i)["color"], "marker": _look(i)["marker"], "clip_on": False}
        shown = _apart([(p, loss / top) for p, loss in model.points if loss <= top])
        axes.scatter([p for p, _ in shown], [y * top for _, y in shown], s=22, alpha=0.55, linewidths=0, **look)
        if model.mean is not None and model.mean[1] <= top:
            axes.scatter(*([value] for value in model.mean), s=110, edgecolors="black", zorder=3, **look)
    notes = ["large marks: the mean loss"]
    if figure.pointed < figure.samples:
        notes.append(f"small ones: the first {figure.pointed} of {figure.samples} samples")
    axes.text(0.98, 0.98, "\n".join(notes), transform=axes.transAxes, ha="right", va="top", fontsize=9)
    axes.set(title="The curve −log p", ylabel=f"loss, {figure.unit}", xlim=(0, 1), ylim=(0, top))
    axes.tick_params(labelbottom=False)


def _apart(points: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """The points without those that would lie on another one."""
    return list(dict.fromkeys(tuple(round(value, 3) for value in point) for point in points))


def _strips(axes: Any, figure: Figure) -> None:
    """The samples of each model on a line of its own, since on the curve those of several models hide one another."""
    for i, model in enumerate(figure.models):
        shown = _apart([(p,) for p, _ in model.points])
        color = COLORS[i % len(COLORS)]
        alpha = 0.5 if len(shown) > 50 else 1.0
        axes.plot([p for (p,) in shown], [-i] * len(shown), "|", color=color, alpha=alpha, markersize=9, clip_on=False)
    axes.set(xlabel="p, the probability of the expected class", ylabel="samples", ylim=(0.6 - len(figure.models), 0.6))
    axes.set_yticks([])


def _shortened(name: str, width: int = NAME_WIDTH) -> str:
    """A name on a few lines."""
    lines = textwrap.wrap(visible(name), width) or [""]
    return "\n".join(
        lines if len(lines) <= NAME_LINES else [*lines[: NAME_LINES - 1], lines[NAME_LINES - 1][:-1] + "…"]
    )
