"""The quick ways through NumPy's arrays give what the plain ones do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cecli.maths.bits import are_below, either, within_0_and_1
from cecli.maths.namespace import LONG_RUN, row_product_sum, row_sum
from tests.every import every

INSIDE = [0.0, 1.0, 0.5, 5e-324, 1 - 2.0**-53, -0.0]
OUTSIDE = [1 + 2.0**-20, -5e-30, -1.0, 2.0, math.inf, -math.inf, math.nan, -math.nan]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_within_0_and_1(xp: Any, dtype: str) -> None:
    """Also at the ends, below the smallest normal number and at −0; NaN and the infinities are not."""
    inside = np.array(INSIDE * 3, dtype=dtype).reshape(-1, 3)
    assert within_0_and_1(xp.asarray(inside))
    for value in OUTSIDE:
        for place in (0, 7, 17):
            wrong = inside.copy()
            wrong.flat[place] = value
            assert not within_0_and_1(xp.asarray(wrong))


@pytest.mark.parametrize("form", [">f8", ">f4", "i8", "u1", "?"])
def test_within_0_and_1_of_other_types(form: str) -> None:
    """Bytes the other way round, whole numbers, and yes or no."""
    assert within_0_and_1(np.array([[0, 1], [1, 0]], dtype=form))
    if form != "?":
        assert not within_0_and_1(np.array([[0, 1], [2, 0]], dtype=form))


def test_within_0_and_1_of_a_part() -> None:
    """Columns and every other row."""
    values = np.array([[0.5, 7.0], [9.0, 9.0], [0.25, 8.0]])
    assert within_0_and_1(values[::2, :1])
    assert not within_0_and_1(values[:, :1])


@pytest.mark.parametrize("form", ["i8", ">i8", "i4", "u1"])
def test_labels_below(form: str) -> None:
    """Negative ones, and the number of classes itself, are not; of other types neither."""
    labels = np.array([0, 2, 1, 2], dtype=form)
    assert are_below(labels, 3)
    assert are_below(labels[::2], 2)
    assert not are_below(labels, 2)
    if form != "u1":
        assert not are_below(np.array([0, -1], dtype=form), 3)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_either(xp: Any, dtype: str, order: Any) -> None:
    """Bit by bit, with infinities, NaN and −0 on both sides."""
    a = np.array([[1.5, math.inf, math.nan], [-0.0, 5e-40, -2.0]], dtype=dtype, order=order)
    b = np.array([[math.nan, 0.0, -math.inf], [0.0, -0.0, 7.0]], dtype=dtype, order=order)
    mask = np.array([[True, False, True], [True, True, False]], order=order)
    found = xp.numpy(either(xp.asarray(mask), xp.asarray(a), xp.asarray(b)))
    expected = np.where(mask, a, b)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@every("classes", [1, 2, 6, 7, 63, 64, 1000, LONG_RUN, LONG_RUN + 1, 3 * LONG_RUN + 5])
@every("turned", [False, True])
def test_the_sum_of_products(xp: Any, classes: int, turned: bool) -> None:
    """Of short rows and long ones, whichever way they lie, as exact as the terms allow."""
    rng = np.random.default_rng(classes)
    a, b = rng.random((3, classes)), rng.random((3, classes))
    a = np.asfortranarray(a) if turned else a
    found = xp.numpy(row_product_sum(xp.asarray(a), xp.asarray(b)))
    assert found.shape == (3,)
    for i in range(3):
        assert found[i] == pytest.approx(math.fsum(x * y for x, y in zip(a[i], b[i], strict=True)), rel=2e-15)


@every("classes", [1, 2, 6, 7, 8, 63, 64, 128, LONG_RUN + 1])
@every("rows", [0, 1, 129, 130, 1171, 2345])
def test_the_sum_of_a_row_knows_no_other_row(classes: int, rows: int) -> None:
    """Infinities and NaN stay in their rows, in blocks of a product and behind the last one."""
    x = np.random.default_rng(rows).random((rows, classes))
    expected = np.array([math.fsum(row) for row in x])
    for first, value in enumerate((math.nan, math.inf, -math.inf)):
        x[first::31, -1] = expected[first::31] = value
    np.testing.assert_allclose(row_sum(x), expected, rtol=2e-15)
    assert row_product_sum(x, x).shape == (rows,)


@every("classes", [2, 7, 10, 21, 45, 63, 100, 3000])
@every("type_", [np.float32, np.float64])
def test_a_row_has_the_same_sum_wherever_it_stands(classes: int, type_: type) -> None:
    """So that a block may be cut anywhere."""
    a, b = np.random.default_rng(0).random((2, 2500, classes)).astype(type_)
    whole, products = row_sum(a), row_product_sum(a, b)
    for first, last in ((0, 1), (3, 20), (21, 50), (49, 2000), (7, 2500)):
        np.testing.assert_array_equal(row_sum(a[first:last]), whole[first:last])
        np.testing.assert_array_equal(row_product_sum(a[first:last], b[first:last]), products[first:last])
