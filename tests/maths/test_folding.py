"""Totals folded in a tree: the same bits wherever the steps are cut, for sums of floats that no order but one gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.pairs import Pairs
from cecli.running.folding import Fold
from cecli.statistics.moments import Moments
from tests.maths.test_paired import pairs_of, statistics


class Nested(str):
    """A sum that remembers its brackets."""

    __slots__ = ()

    def __add__(self, other):
        return Nested(f"({self}{other})")


def folded(first, last):
    return Fold(first).extend(Nested(chr(ord("a") + i)) for i in range(first, last))


def test_the_tree_is_that_of_all_steps():
    """Pairs, quartets, octets; what is left joins them from the left."""
    assert folded(0, 7).total == "((((ab)(cd))(ef))g)"
    assert folded(3, 7).total == "((d(ef))g)"
    assert Fold[Nested]().total is None


@given(cuts=st.lists(st.integers(0, 40), max_size=6), steps=st.integers(1, 40), order=st.randoms(use_true_random=False))
def test_any_cuts_and_any_order_of_joining(cuts, steps, order):
    """As workers do: each has some steps, and neighbours join in any order."""
    ends = sorted({0, steps, *(cut for cut in cuts if cut < steps)})
    parts = [folded(a, b) for a, b in pairwise(ends)]
    while len(parts) > 1:
        i = order.randrange(len(parts) - 1)
        parts[i : i + 2] = [parts[i].join(parts[i + 1])]
    assert parts[0].total == folded(0, steps).total


def test_few_branches_wait():
    """Two for each level at the most."""
    assert len(folded(1, 2**10 - 1)._branches) <= 2 * 10


def test_weights_of_any_size_join():
    """Steps whose weights are near 1 times other powers of two."""
    d = np.random.default_rng(1).normal(size=60)
    w = np.repeat([1e-140, 1.0, 1e140], 20)
    assert statistics(pairs_of(d, 3, weight=w)).terms.difference == pytest.approx(d[40:].mean(), rel=1e-12)
    small = statistics(pairs_of(d, 3, weight=np.repeat([1e-9, 1.0, 3.0], 20))).terms
    whole = statistics(pairs_of(d, 1, weight=np.repeat([1e-9, 1.0, 3.0], 20))).terms
    assert (small.low, small.high, small.p_value) == pytest.approx((whole.low, whole.high, whole.p_value), rel=1e-12)


def test_nothing_joins_anything():
    """Totals of no sample change nothing."""
    pairs = Pairs(["a", "b"], PairedTestOptions())
    assert (pairs.nothing + pairs.nothing).n == 0


def test_equal_numbers_about_a_mean_that_rounding_moved():
    """Deviations of zeros alone have no unit, until the mean differs from each."""
    one = Moments.of(np.full(3, 0.1), None, 0.1)
    shape = (one + one).shape(0.1 + 2**-56)
    assert 0 <= shape.square < 1e-30
