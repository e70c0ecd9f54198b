"""Where too few samples were seen to have met the tail: what makes an interval and its p-value doubtful, in a sentence.

No method knows what was not seen. By simulation (docs/explanation/levels.md) the p-values keep their level where the spread rests on `FEWEST_SEEN`
samples or more, on `MORE_ON_ONE_SIDE` more where all of them lie on one side, and where it holds as many mistakes, as the models themselves think
possible, as `FEWEST_MISTAKES`. Where no probabilities say what a mistake would cost, a difference must be significant for a longer tail too.
"""

from __future__ import annotations

import math

import numpy as np

from cecli.record import Record
from cecli.statistics.differences import Difference, top_share
from cecli.statistics.moments import Shape
from cecli.statistics.paired import p_value_of, reliable_skew

FEWEST_SEEN, MORE_ON_ONE_SIDE = 5, 6
FEWEST_MISTAKES = 3
LONGER = 1.5
"""By how many times its noise, ν, the skewness λ may be off: about two standard errors, which of N normal numbers are 2·√6/N where ν is 3/N."""
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
    seen = min(1 / shape.peak, difference.better + difference.worse)
    if seen < fewest_seen(shape) - ROUNDING:
        spread = f"the spread of the difference comes from about {max(2, round(seen))} {what}"
        return f"{own if share >= LARGE_SHARE else spread}: too few to rely on the interval and the p-value"
    if mistakes_seen(difference, shape) < FEWEST_MISTAKES - ROUNDING:
        return f"{own}; these models are so sure that a mistake costs much, and these {what} have almost none: a few could reverse the result"
    if not difference.mistakes.odds and hangs_on_the_tail(shape, test):
        return f"with a few more large differences against this one than these {what} show, chance could explain it"
    return None


def fewest_seen(shape: Shape) -> float:
    """How many samples must make up the spread: 5 + 6·λ²/ν. λ²/ν is 1 where all large deviations lie on one side, near 0 where they lie on both."""
    return FEWEST_SEEN + MORE_ON_ONE_SIDE * shape.skew**2 / shape.peak


def hangs_on_the_tail(shape: Shape, test: StudentRatio) -> bool:
    """Whether a difference is significant, and would not be if the tail against it were longer than the one seen, as far as the noise of λ allows."""
    longer = shape.skew - math.copysign(LONGER * shape.peak, test.ratio)
    seen, unseen = (p_value_of(test.ratio, skew, test.freedom) for skew in (reliable_skew(shape), longer))
    return seen <= test.level < unseen


def mistakes_seen(difference: Difference, shape: Shape) -> float:
    """How many mistakes of the size that the models risk would make up the spread."""
    risked = difference.mistakes.typical
    return shape.square * 4.0**shape.scale / risked if risked > 0 else math.inf
