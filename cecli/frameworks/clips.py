"""What a clipped −ln 0 comes to: the numbers by which one knows who clipped."""

from __future__ import annotations

import math

CLIPS = (
    ("1e-15 (an older scikit-learn)", -math.log(1e-15)),
    ("1e-7 (Keras)", -math.log(1e-7)),
    ("1e-8", -math.log(1e-8)),
    ("1e-9", -math.log(1e-9)),
    ("1e-10", -math.log(1e-10)),
    ("1e-12", -math.log(1e-12)),
    ("1e-16", -math.log(1e-16)),
    ("2.2e-16 (scikit-learn)", -math.log(2.0**-52)),
    ("1.2e-7 (scikit-learn, float32)", -math.log(2.0**-23)),
    ("e^-100 (torch's BCE)", 100.0),
)
"""Where the logarithm is clipped, with who does so, and what −log 0 is then, in nats."""
