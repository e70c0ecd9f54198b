"""How pairs of models are tested."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from cecli.errors import UsageError
from cecli.reading.sources import Source
from cecli.record import Record
from cecli.statistics import resampling

FEWEST_REPLICATES, MOST_REPLICATES = 100, 1_000_000


class PairedTestOptions(Record):
    """The options of the intervals, the tests, and which models are pairs."""

    confidence: float = 0.95
    bootstrap: int | None = None
    """How many resamples, where a bootstrap interval is asked for."""
    seed: int = resampling.SEED
    cluster: Source | None = None
    """Which samples belong together."""
    baseline: str | None = None
    """The model that the others are compared with; without one every pair is compared."""

    def checked(self, names: Sequence[str]) -> PairedTestOptions:
        """The options, their values in their ranges."""
        if not 0.5 <= self.confidence < 1:
            raise UsageError(
                f"--confidence: {self.confidence:g} is out of range: at least 0.5 and below 1", hint="as in 0.95 or 95%"
            )
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise UsageError(f"--seed: {self.seed} is not a whole number between 0 and 2^63 − 1")
        if self.bootstrap is not None and not FEWEST_REPLICATES <= self.bootstrap <= MOST_REPLICATES:
            raise UsageError(
                f"--bootstrap: {self.bootstrap} resamples are not between {FEWEST_REPLICATES} and {MOST_REPLICATES}"
            )
        if self.baseline is not None and self.baseline not in names:
            close = get_close_matches(self.baseline, names, n=1)
            guess = f"did you mean {close[0]}? " if close else ""
            raise UsageError(
                f"--baseline: no model is called {self.baseline!r}", hint=f"{guess}the models are {', '.join(names)}"
            )
        return self

    def pairs(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """The names of the two models of each pair; those with the baseline come first, and it is the second of them."""
        others = [name for name in names if name != self.baseline]
        with_baseline = [] if self.baseline is None else [(name, self.baseline) for name in others]
        return [*with_baseline, *combinations(others, 2)]

    def described(self) -> dict[str, Any]:
        """The options as JSON shows them."""
        return {
            "confidence": self.confidence,
            "seed": self.seed,
            "bootstrap": self.bootstrap,
            "cluster": None if self.cluster is None else self.cluster.described(),
            "baseline": self.baseline,
        }


ALL_PAIRS = PairedTestOptions()
