"""The parts that sentences on a comparison are made of: lists, amounts, p-values."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from cecli.comparing.metrics import Metric
from cecli.comparing.ranking import Standing
from cecli.maths.units import Base
from cecli.record import Record

LITTLE, VERY_LITTLE = 0.05, 0.01
"""Differences that are small beside the value itself."""

MANY_TIMES = 10
"""From so large a share on it is not told in per cent."""

SMALLEST = 1e-300
MOST_NAMED = 6


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts in a sentence."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def named(names: Sequence[str]) -> str:
    """The names of a few models, or how many they are."""
    return listed(names) if len(names) <= MOST_NAMED else f"{len(names)} models"


def verb(names: Sequence[str], one: str, several: str) -> str:
    """The form of a verb that goes with so many names."""
    return one if len(names) == 1 else several


def begun(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def significant(value: float, digits: int = 2) -> str:
    """A number with that many significant digits, in full where it is neither tiny nor huge."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value and not 1e-4 <= abs(value) < 1e6:
        return re.sub(r"e([-+])0*", lambda found: "e" + found[1].strip("+"), f"{value:.{digits - 1}e}")
    places = 0 if not value else max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{value:.{places}f}"


def p_text(p: float | None) -> str:
    """`p = 0.012`, with two digits."""
    if p is None:
        return "p is not known"
    if p < SMALLEST:
        return "p < 1e-300"
    return f"p = {'1' if p > 0.995 else significant(p)}"


class Words(Record):
    """How one metric is spoken of."""

    metric: Metric
    base: Base

    @property
    def noun(self) -> str:
        """`cross-entropy`."""
        return self.metric.noun

    @property
    def better(self) -> str:
        """`lower`."""
        return "higher" if self.metric.better == "more" else "lower"

    @property
    def best(self) -> str:
        """`lowest`."""
        return "highest" if self.metric.better == "more" else "lowest"

    def value(self, value: float | None) -> str:
        """A value with its unit: `0.6391 nats`."""
        unit = self.metric.unit_name(self.base)
        text = "none" if value is None else str(value) if isinstance(value, int) else significant(value, 3)
        return f"{text} {unit}" if unit and value is not None and math.isfinite(value) else text

    def amount(self, difference: float | None, whole: float | None) -> str:
        """The size of a difference in the unit and as a share of a value: `0.42 nats (56 %)`."""
        size = abs(difference or 0.0)
        unit = self.metric.unit_name(self.base)
        text = significant(size) + (f" {unit}" if unit else "")
        share = share_of(difference, whole)
        return text if share is None else f"{text} ({percent(share)})"


def share_of(difference: float | None, whole: float | None) -> float | None:
    """The size of a difference as a share of a value; None where that means nothing."""
    if difference is None or whole is None or not math.isfinite(difference) or not 0 < whole < math.inf:
        return None
    return abs(difference) / whole


def percent(share: float) -> str:
    """A share with one or two digits."""
    if share >= MANY_TIMES:
        return f"{share:.0f} times the other value"
    return f"{significant(100 * share, 1 if share < VERY_LITTLE else 2)} %"


def little(standing: Standing, whole: float | None) -> str:
    """How small a difference is, in words; nothing where it is not small."""
    share = share_of(standing.difference, whole)
    if share is None or share >= LITTLE:
        return ""
    return ", but by very little" if share < VERY_LITTLE else ", by a little"
