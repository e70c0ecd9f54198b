"""The numbers of a picture: how sure each model was and how often right, the histogram of its losses, its samples on the curve −log p.

They are collected in the one pass over the samples, in bins that merge; single samples are kept of the first few alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from cecli.maths.namespace import namespace, on_cpu
from cecli.maths.units import Base
from cecli.quantities.predictions import predict
from cecli.quantities.states import state_of
from cecli.record import Record
from cecli.report import Bar, Bin, Cell, Column, Figure, ModelFigure, Table, Typed
from cecli.running.batches import Batch
from cecli.running.options import Options

if TYPE_CHECKING:
    from cecli.comparing.model_blocks import ModelBlock

BINS = 15
"""Of the reliability diagram: equal widths, open on the left and closed on the right, as in Guo et al. 2017 (arXiv:1706.04599, section 2)."""

FINE = 4096
"""Bins that losses are counted in, each about 1/64 nat wide; what is shown are some of these together."""

FEW_SAMPLES, FEW_BARS, MANY_BARS = 50, 8, 20
"""The histogram's bars: at most so many for few and for many samples."""

COVERED = 0.99
"""The share of the finite losses that the histogram reaches over; of the others their number is told."""

POINTS = 2000
"""Samples, from the first, that have a point on the curve."""

CURVE = 120
EDGES = np.arange(1, BINS) / BINS

# --- collected ----------------------------------------------------------------------------------------------------


class PictureTotals(Record):
    """What a model's samples come to in a picture; mergeable."""

    samples: int = 0
    counts: np.ndarray = np.zeros(BINS, dtype=np.int64)
    """Samples in each bin of confidence."""
    weight: np.ndarray = np.zeros(BINS)
    confidence: np.ndarray = np.zeros(BINS)
    """The weighted sum of the largest probabilities."""
    right: np.ndarray = np.zeros(BINS)
    losses: np.ndarray = np.zeros(FINE, dtype=np.int64)
    above: int = 0
    infinite: int = 0
    points: np.ndarray = np.zeros(0)
    """The losses of the first samples."""

    def __add__(self, other: PictureTotals) -> PictureTotals:
        points = np.concatenate([self.points, other.points])[:POINTS]
        return PictureTotals(*map(add, [*self][:-1], [*other][:-1])).replace(points=points)


def picture_totals(block: Batch, found: ModelBlock, options: Options) -> PictureTotals:
    """What a block adds to its model's picture; samples that are left out or have weight 0 are in no part of it."""
    probability = predict(state_of(block, options)).probability
    counted = found.counted
    sure = on_cpu(namespace(probability).max(probability, axis=-1)).astype(np.float64)[counted]
    weight = np.ones(len(sure)) if block.weights is None else on_cpu(block.weights).astype(np.float64)[counted]
    which = np.searchsorted(EDGES, sure, side="left")
    loss = found.loss[counted].astype(np.float64)
    finite = loss[np.isfinite(loss)]
    with np.errstate(over="ignore"):
        fine = np.floor(finite / fine_width(options.base))
    inside = fine[fine < FINE].astype(np.int64)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(which, weights=weight * values, minlength=BINS)

    return PictureTotals(
        len(sure),
        np.bincount(which, minlength=BINS),
        summed(np.ones(len(sure))),
        summed(sure),
        summed(found.right[counted].astype(np.float64)),
        np.bincount(np.maximum(inside, 0), minlength=FINE),
        int(np.sum(fine >= FINE)),
        len(loss) - len(finite),
        loss[:POINTS],
    )


def fine_width(base: Base) -> float:
    """The width of a fine bin: a power of two, in whatever unit about 1/64 nat."""
    return float(2.0 ** (round(-math.log2(base.ln)) - 6))


# --- as a picture -------------------------------------------------------------------------------------------------


class Pictured(Record):
    """What a picture needs of a model."""

    name: str
    totals: PictureTotals
    mean: float
    """The mean loss."""


def figure(models: Sequence[Pictured], options: Options, in_text: bool) -> Figure:
    """The picture of all models."""
    width, bars = _bars([model.totals for model in models], fine_width(options.base))
    shown = [_of_model(model, width, bars, options.base) for model in models]
    samples = models[0].totals.samples
    edges = [width * i for i in range(bars + 1)]
    return Figure(
        options.base.unit, edges, _curve(options.base, edges[-1]), shown, samples, min(samples, POINTS), in_text
    )


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


def _of_model(model: Pictured, width: float, bars: int, base: Base) -> ModelFigure:
    """One model's part."""
    picture, mean = model.totals, model.mean
    group = round(width / fine_width(base))
    inside = np.add.reduceat(picture.losses, np.arange(0, FINE, group))[:bars]
    points = [_point(loss, base) for loss in picture.points.tolist() if math.isfinite(loss)]
    return ModelFigure(
        model.name,
        [_bin(picture, k) for k in range(BINS)],
        inside.tolist(),
        picture.samples - int(np.sum(inside)) - picture.infinite,
        picture.infinite,
        points,
        _point(mean, base) if math.isfinite(mean) else None,
    )


def _bin(picture: PictureTotals, k: int) -> Bin:
    """One bin of the reliability diagram."""
    weight, samples = float(picture.weight[k]), int(picture.counts[k])
    if not samples:
        return Bin(k / BINS, (k + 1) / BINS, 0, None, None)
    confidence, right = (float(part[k]) / weight for part in (picture.confidence, picture.right))
    return Bin(k / BINS, (k + 1) / BINS, samples, min(confidence, 1.0), min(right, 1.0))


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
    rows: list[tuple[Cell, ...]] = []
    for k in shown:
        found = model.reliability[k]
        rows.append(
            (
                f"{found.low:.2f}–{found.high:.2f}",
                Typed(str(found.samples)),
                found.confidence,
                found.accuracy,
                Bar(found.accuracy or 0.0),
            )
        )
    columns = [Column("confidence"), Column("samples"), Column("mean p"), Column("right"), Column("", "left")]
    return Table(columns, rows, title=f"{model.name}: reliability")


def _histogram(model: ModelFigure, drawn: Figure) -> Table:
    """A row per bar, then what lies above and what is infinite, if anything of any model does."""
    counts = [*zip(_ranges(drawn.edges), model.losses, strict=True)]
    if any(each.above for each in drawn.models):
        counts.append((f"above {_short(drawn.edges[-1])}", model.above))
    if any(each.infinite for each in drawn.models):
        counts.append(("∞", model.infinite))
    largest = max(max(each.losses, default=0) for each in drawn.models) or 1
    rows = [(name, Typed(str(count)), Bar(count / largest)) for name, count in counts]
    columns = [Column(f"loss, {drawn.unit}"), Column("samples"), Column("", "left")]
    return Table(columns, rows, title=f"{model.name}: losses")


def _ranges(edges: Sequence[float]) -> list[str]:
    """The bars' bounds in words."""
    return [f"{_short(a)}–{_short(b)}" for a, b in pairwise(edges)]


def _short(edge: float) -> str:
    """A bound of a bar, which is a small multiple of a power of two."""
    return f"{edge:.12g}"


def figure_data(drawn: Figure) -> list[dict[str, Any]]:
    """The bins of every model, as JSON holds them."""
    return [
        {
            "name": model.name,
            "reliability": [found._asdict() for found in model.reliability],
            "losses": {
                "edges": list(drawn.edges),
                "samples": list(model.losses),
                "above": model.above,
                "infinite": model.infinite,
            },
        }
        for model in drawn.models
    ]
