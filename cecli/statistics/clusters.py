"""Sums over samples that belong together, which are then the units of a paired test.

The standard error of a mean difference is √(Σ_c(Σ_{i∈c} w(d_i−d̄))²·C/(C−1))/Σ w (Miller, "Adding error bars to evals",
arXiv:2411.00640, section 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class ClusterSums:
    """Sums of columns over the samples of each cluster, whatever these are called; mergeable."""

    def __init__(self, names: Sequence[Any], sums: np.ndarray) -> None:
        self._index = {name: i for i, name in enumerate(names)}
        self._sums = sums

    @classmethod
    def of(cls, names: np.ndarray, columns: np.ndarray) -> ClusterSums:
        """The sums of the columns of some samples, the cluster of each beside them."""
        unique, inverse = np.unique(names, return_inverse=True)
        sums = np.stack([np.bincount(inverse, column, len(unique)) for column in columns.T], axis=1)
        return cls(unique.tolist(), sums)

    def __len__(self) -> int:
        return len(self._index)

    def __add__(self, other: ClusterSums) -> ClusterSums:
        names = [*dict.fromkeys([*self._index, *other._index])]
        sums = np.zeros((len(names), other._sums.shape[1]))
        joined = ClusterSums(names, sums)
        sums[: len(self)] = self._sums
        sums[[joined._index[name] for name in other._index]] += other._sums
        return joined

    def scaled(self, factor: float) -> ClusterSums:
        """The same sums times a number."""
        return ClusterSums([*self._index], self._sums * factor)

    @property
    def rows(self) -> np.ndarray:
        """A row per cluster, in the order of their names: the same however the samples were cut into blocks."""
        rows: np.ndarray = self._sums[[self._index[name] for name in sorted(self._index)]]
        return rows
