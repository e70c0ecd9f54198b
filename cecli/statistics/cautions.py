"""Where too few samples were seen to have met the tail: what makes an interval and its p-value doubtful, in a sentence.

No method knows what was not seen. By simulation (docs/explanation/levels.md) the p-values keep their level where the spread, were there no difference,
would rest on `FEWEST_SEEN` samples or more, on `MORE_ON_ONE_SIDE` more where all of them lie on one side, and where it holds as many mistakes, as the
models themselves think possible, as `FEWEST_MISTAKES`. Where no probabilities say what a mistake would cost, a difference must be significant for a
longer tail too.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.record import Record
from cecli.statistics.differences import Difference, top_share
from cecli.statistics.moments import Shape
from cecli.statistics.paired import p_value_of, reliable_skew

FEWEST_SEEN, MORE_ON_ONE_SIDE = 5, 7
FEWEST_MISTAKES = 3
LONGER, LONGER_OTHER = 1.5, 0.75
"""How much longer than seen a tail against the difference may be, and one that lies on the other side of the longer tail: times m − ν, where m is the
share that the largest deviation has of Σu². Where the large deviations are all alike, as those of losses that have an end, m is ν."""
LARGE_SHARE = 0.5
"""A share of the difference that says by itself why it is doubtful; where it is smaller, the spread does."""
ROUNDING = 1e-9
"""Counts of samples are sums, which are rounded."""


class StudentRatio(Record):
    """What a difference is judged by."""

    ratio: float
    """The mean over its standard error."""
    freedom: float
    """Of Student's t."""
    level: float
    """p at most this is significant."""


def caution(
    difference: Difference,
    shape: Shape,
    test: StudentRatio,
    sizes: np.ndarray,
    size: float,
    units: int,
    what: str = "samples",
) -> str | None:
    """What a reader should know of the differences before trusting interval and p-value; None where they can be trusted.

    `sizes` are the largest |d| of the units, `size` the sum of all.
    """
    if size == 0:
        return None
    count, share = top_share(sizes, size, units)
    own = f"the {count} {what} that differ most make up {100 * share:.0f} % of the difference"
    if shape.is_rounding(difference.mean):
        return f"all {what} differ by the same amount, so nothing shows how much others could vary"
    differ = difference.better + difference.worse
    if min(seen_if_alike(shape, test.ratio), differ) < fewest_seen(shape) - ROUNDING:
        spread = f"the spread of the difference comes from about {max(2, round(min(1 / shape.peak, differ)))} {what}"
        return f"{own if share >= LARGE_SHARE else spread}: too few to rely on the interval and the p-value"
    if mistakes_seen(difference, shape) < FEWEST_MISTAKES - ROUNDING:
        return f"{own}; these models are so sure that a mistake costs much, and these {what} have almost none: a few could reverse the result"
    if not difference.mistakes.odds and hangs_on_the_tail(shape, test, largest_share(shape, test.ratio, sizes, units)):
        return f"with a few more large differences against this one than these {what} show, chance could explain it"
    return None


def seen_if_alike(shape: Shape, ratio: float) -> float:
    """How many units would make up the spread if the models did not differ, or do if these are more: (1 − λ·t)/ν.

    1/ν make it up as it is. If they are large against the difference, more of them would have brought the mean to 0: of k alike k·(1 − λ·t) in all.
    """
    return (1 + max(0.0, -ratio * shape.skew)) / shape.peak


def fewest_seen(shape: Shape) -> float:
    """How many must make up the spread: 5 + 7·λ²/ν. λ²/ν is 1 where all large deviations lie on one side, near 0 where they lie on both."""
    return FEWEST_SEEN + MORE_ON_ONE_SIDE * shape.skew**2 / shape.peak


def largest_share(shape: Shape, ratio: float, sizes: np.ndarray, units: int) -> float:
    """m, the share of Σu² that the largest deviation has: the largest |d| less the mean, or with it where the longer tail lies on the other side of 0.

    The mean of K units is t/√(K·(K − 1)), counted in √Σu².
    """
    largest = float(np.ldexp(np.max(sizes), -shape.scale)) / math.sqrt(shape.square)
    mean = math.copysign(ratio, ratio * shape.skew) / math.sqrt(units * (units - 1))
    return min(1.0, max(0.0, largest - mean) ** 2)


def hangs_on_the_tail(shape: Shape, test: StudentRatio, largest: float) -> bool:
    """Whether a difference is significant, and would not be if the tail against it went on beyond the largest deviation."""
    skew, longer = reliable_skew(shape), LONGER if test.ratio * shape.skew < 0 else LONGER_OTHER
    beyond = skew - math.copysign(longer * max(0.0, largest - shape.peak), test.ratio)
    seen, unseen = (p_value_of(test.ratio, each, test.freedom) for each in (skew, beyond))
    return seen <= test.level < unseen


def mistakes_seen(difference: Difference, shape: Shape) -> float:
    """How many mistakes of the size that the models risk would make up the spread."""
    risked = difference.mistakes.typical
    return shape.square * 4.0**shape.scale / risked if risked > 0 else math.inf
