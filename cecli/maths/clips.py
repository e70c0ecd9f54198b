"""Where probabilities are clipped, and what −ln 0 comes to then: the numbers by which one knows who clipped."""

from __future__ import annotations

import math

from cecli.record import Record

CLOSE = 5e-7
"""How far, relatively, the loss of a clipped float32 may be from the number."""


class Clip(Record):
    """The probability below which a library clips, and which library."""

    text: str
    """The probability as it is written."""
    nats: float
    """Its −ln."""
    who: str = ""

    @property
    def name(self) -> str:
        """The probability with who clips there."""
        return f"{self.text} ({self.who})" if self.who else self.text


KERAS = Clip("1e-7", -math.log(1e-7), "Keras")
TORCH_BCE = Clip("e^-100", 100.0, "torch's BCE")

CLIPS = (
    Clip("1e-15", -math.log(1e-15), "an older scikit-learn"),
    KERAS,
    Clip("1e-8", -math.log(1e-8)),
    Clip("1e-9", -math.log(1e-9)),
    Clip("1e-10", -math.log(1e-10)),
    Clip("1e-12", -math.log(1e-12)),
    Clip("1e-16", -math.log(1e-16)),
    Clip("2.2e-16", -math.log(2.0**-52), "scikit-learn"),
    Clip("1.2e-7", -math.log(2.0**-23), "scikit-learn, float32"),
    TORCH_BCE,
)


def clip_of(nats: float) -> Clip | None:
    """The clip whose −ln is a loss; none for 100, which is a per cent more often."""
    return next((row for row in CLIPS if row is not TORCH_BCE and math.isclose(nats, row.nats, rel_tol=CLOSE)), None)
