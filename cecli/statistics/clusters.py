"""Sums over samples that belong together, which are then the units of a paired test.

The standard error of a mean difference is √(Σ_c(Σ_{i∈c} w(d_i−d̄))²·C/(C−1))/Σ w (Miller, "Adding error bars to evals",
arXiv:2411.00640, section 2.2).
"""

from __future__ import annotations

from typing import Any

import numpy as np


class ClusterSums:
    """Sums of columns over the samples of each cluster, whatever these are called."""

    def __init__(self, columns: int) -> None:
        self._index: dict[Any, int] = {}
        self._sums = np.zeros((64, columns))

    def __len__(self) -> int:
        return len(self._index)

    def add(self, names: np.ndarray, columns: np.ndarray) -> None:
        """Adds the columns of more samples, the cluster of each beside them."""
        unique, inverse = np.unique(names, return_inverse=True)
        at = [self._index.setdefault(name, len(self._index)) for name in unique.tolist()]
        if len(self) > len(self._sums):
            more = np.zeros((max(len(self._sums), len(self)), columns.shape[1]))
            self._sums = np.concatenate([self._sums, more])
        local = np.stack([np.bincount(inverse, column, len(unique)) for column in columns.T], axis=1)
        self._sums[at] += local

    @property
    def rows(self) -> np.ndarray:
        """A row per cluster, in the order of their names: the same however the samples were cut into blocks."""
        rows: np.ndarray = self._sums[[self._index[name] for name in sorted(self._index)]]
        return rows
