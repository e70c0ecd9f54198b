"""The picture of a comparison, and its numbers as tables and as data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from cecli.comparing.models import Model
from cecli.comparing.picture_totals import BINS, FINE, POINTS, PictureTotals, fine_width
from cecli.comparing.ranking import Bounds, Ranking
from cecli.errors import UsageError
from cecli.maths.units import Base
from cecli.report import Bar, Bin, Cell, Column, Effect, Figure, Forest, Interval, ModelFigure, Table, Typed
from cecli.statistics.rates import wilson

FEW_SAMPLES, FEW_BARS, MANY_BARS = 50, 8, 20
"""The histogram's bars: at most so many for few and for many samples."""

COVERED = 0.99
"""The share of the finite losses that the histogram reaches over; the others are counted."""

CURVE = 120

# --- as a picture -------------------------------------------------------------------------------------------------


def figure(models: Sequence[Model], base: Base, in_text: bool, confidence: float, ranks: Ranking) -> Figure:
    """The picture of all models that gave probabilities; `ranks` are their differences."""
    models = [model for model in models if not model.are_labels]
    if not models:
        raise UsageError("--plot draws probabilities, and the predictions are labels")
    width, bars = _bars([model.tallies.picture for model in models], fine_width(base))
    shown = [_of_model(model, width, bars, base, confidence) for model in models]
    samples = models[0].tallies.picture.samples
    edges = [width * i for i in range(bars + 1)]
    curve, pointed = _curve(base, edges[-1]), min(samples, POINTS)
    return Figure(base.unit, edges, curve, shown, samples, pointed, in_text, _forest(ranks, base, confidence))


def _forest(ranks: Ranking, base: Base, confidence: float) -> Forest | None:
    """The differences to the best model or to the baseline, as far as they have intervals."""
    effects, untold = [], []
    for each in ranks.standings:
        if each.name == ranks.reference:
            effects.append(Effect(each.name, 0.0, 0.0, 0.0, False))
        elif each.difference is not None and (known := _known(each.bounds)) is not None:
            effects.append(Effect(each.name, each.difference, *known, each.state != "apart"))
        else:
            untold.append(each.name)
    if len(effects) < 2:
        return None
    unit = ranks.metric.unit_name(base)
    title = f"Difference to {ranks.reference}, with {confidence * 100:g} % intervals"
    return Forest(title, ranks.metric.noun + (f", {unit}" if unit else ""), effects, untold, ranks.reference)


def _known(bounds: Bounds) -> tuple[float, float] | None:
    low, high = bounds
    return None if low is None or high is None else (low, high)


def _bars(pictures: Sequence[PictureTotals], fine: float) -> tuple[float, int]:
    """The width of the histogram's bars and their number: the narrowest that reach over nearly all finite losses of all models."""
    counts = np.sum([picture.losses for picture in pictures], axis=0)
    total = int(np.sum(counts)) + sum(picture.above for picture in pictures)
    reached = np.nonzero(np.cumsum(counts) >= COVERED * total)[0]
    last = int(reached[0]) + 1 if len(reached) else FINE
    most = FEW_BARS if pictures[0].samples <= FEW_SAMPLES else MANY_BARS
    group = 1
    while most * group < last:
        group *= 2
    return fine * group, -(-last // group)


def _of_model(model: Model, width: float, bars: int, base: Base, confidence: float) -> ModelFigure:
    picture, mean = model.tallies.picture, model.number("cross_entropy")
    group = round(width / fine_width(base))
    inside = np.add.reduceat(picture.losses, np.arange(0, FINE, group))[:bars]
    points = [_point(loss, base) for loss in picture.points.tolist() if math.isfinite(loss)]
    return ModelFigure(
        model.name,
        [_bin(picture, k, confidence) for k in range(BINS)],
        inside.tolist(),
        picture.samples - int(np.sum(inside)) - picture.infinite,
        picture.infinite,
        points,
        _point(mean, base) if math.isfinite(mean) else None,
    )


def _bin(picture: PictureTotals, k: int, confidence: float) -> Bin:
    """A bin of the reliability diagram; the interval is Wilson's, of as many samples as there are."""
    weight, samples = float(picture.weight[k]), int(picture.counts[k])
    if not samples:
        return Bin(k / BINS, (k + 1) / BINS, 0, None, None)
    sure, right = (min(float(part[k]) / weight, 1.0) for part in (picture.confidence, picture.right))
    return Bin(k / BINS, (k + 1) / BINS, samples, sure, right, *wilson(right, samples, confidence))


def _point(loss: float, base: Base) -> tuple[float, float]:
    """(p, loss) on the curve: p = b^(−loss), for a label the probability of its class."""
    return base.power(-loss), loss


def _curve(base: Base, top: float) -> list[tuple[float, float]]:
    """Points of loss = −log p up to the top, as close together in p as in the loss."""
    losses = {top * i / CURVE for i in range(CURVE + 1)}
    losses |= {loss for i in range(1, CURVE) if (loss := -math.log(i / CURVE) / base.ln) <= top}
    return [_point(loss, base) for loss in sorted(losses, reverse=True)]


# --- as tables and as data ----------------------------------------------------------------------------------------


def figure_tables(drawn: Figure) -> list[Table]:
    """The reliability diagram and the histogram as tables with bars, for each model."""
    shown = [k for k in range(BINS) if any(model.reliability[k].samples for model in drawn.models)]
    rows = range(shown[0], shown[-1] + 1)
    return [_reliability(model, rows) for model in drawn.models] + [_histogram(model, drawn) for model in drawn.models]


def _reliability(model: ModelFigure, shown: Sequence[int]) -> Table:
    """A row per bin, from the first that has a sample to the last."""
    bins = [model.reliability[k] for k in shown]
    rows: list[tuple[Cell, ...]] = [
        (
            f"{b.low:.2f}–{b.high:.2f}",
            Typed(str(b.samples)),
            b.confidence,
            b.accuracy,
            Interval(b.accuracy_low, b.accuracy_high),
            Bar(b.accuracy or 0.0),
        )
        for b in bins
    ]
    headings = ("confidence", "samples", "mean p", "right", "interval")
    return Table([*map(Column, headings), Column("", "left")], rows, title=f"{model.name}: reliability", signs=False)


def _histogram(model: ModelFigure, drawn: Figure) -> Table:
    """A row per bar, then what lies above and what is infinite, if anything of any model does."""
    ranges = [f"{_short(a)}–{_short(b)}" for a, b in pairwise(drawn.edges)]
    counts = [*zip(ranges, model.losses, strict=True)]
    if any(each.above for each in drawn.models):
        counts.append((f"above {_short(drawn.edges[-1])}", model.above))
    if any(each.infinite for each in drawn.models):
        counts.append(("∞", model.infinite))
    largest = max(max(each.losses, default=0) for each in drawn.models) or 1
    rows = [(name, Typed(str(count)), Bar(count / largest)) for name, count in counts]
    columns = [Column(f"loss, {drawn.unit}"), Column("samples"), Column("", "left")]
    return Table(columns, rows, title=f"{model.name}: losses")


def _short(edge: float) -> str:
    return f"{edge:.12g}"


def figure_data(drawn: Figure) -> list[dict[str, Any]]:
    """The bins of every model, as JSON holds them."""
    return [
        {
            "name": model.name,
            "reliability": [each._asdict() for each in model.reliability],
            "losses": {
                "edges": list(drawn.edges),
                "samples": list(model.losses),
                "above": model.above,
                "infinite": model.infinite,
            },
        }
        for model in drawn.models
    ]
