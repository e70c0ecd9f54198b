"""Memory that one block's intermediate arrays leave, kept for the next."""

from __future__ import annotations

from functools import cache

import numpy as np

LARGEST_KEPT = 31 * 2**20
"""The size of memory block, just below the largest that counts, whose release tells glibc's malloc to keep what is freed."""


@cache
def keep_freed_memory() -> None:
    """Has freed memory serve again.

    glibc gives what is freed back to the system, and a new page for every 4 KB that are asked for again takes longer than the
    arithmetic on them. It stops at twice the size of the largest block that it has seen come and go, so one goes here, never touched.
    """
    np.empty(LARGEST_KEPT, dtype=np.uint8)
