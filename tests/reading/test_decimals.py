"""Decimals read all together are what Python's `float` makes of each."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.reading import decimals as reader
from cecli.reading.decimals import decimals

ODD = [
    ".5", "5.", "-.5", "+1", "-0", "0", "-0.0", "007", "00.10", "1e5", "-1E-3", "1" * 30, "0." + "0" * 30 + "1", "9" * 19, "9" * 20, "18446744073709551615",
    "18446744073709551616", "9007199254740992", "9007199254740993", "9007199254740992.5", "4503599627370497.5", "4503599627370496.5", "1e400", "0.1", "123456789012345678.9",
]  # fmt: skip


def middle(x: float) -> str:
    """All the digits of the number half-way between a float64 and the next."""
    with localcontext() as context:
        context.prec = 800
        return format((Decimal(x) + Decimal(float(np.nextafter(x, np.inf)))) / 2, "f")


FIELDS = st.one_of(
    st.sampled_from(ODD),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(0, 1).map(repr),
    st.floats(0, 1).map("{:.6f}".format),
    st.integers(-(10**22), 10**22).map(str),
    st.decimals(-1000, 1000, places=19).map(str),
    st.builds(lambda x, n: middle(x)[:n], st.floats(1e-3, 1e6), st.integers(3, 60)),
)


@pytest.fixture(autouse=True)
def all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the fields are."""
    monkeypatch.setattr(reader, "FEW", 0)


@given(st.lists(FIELDS, min_size=1, max_size=40), st.booleans())
def test_each_is_the_nearest_float64(fields: list[str], no_exponents: bool) -> None:
    """To the bit, the sign of zero among them."""
    if no_exponents:  # with many of them the fields are read one by one
        fields = [field for field in fields if "e" not in field.lower()] or ["0.5"]
    found = decimals(",".join(fields).encode())
    np.testing.assert_array_equal(found.view(np.int64), np.array(list(map(float, fields))).view(np.int64))


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_one_among_plain_ones(odd: str) -> None:
    """It does not change its neighbours."""
    fields = [*["0.25", "-3.5"] * 20, odd, "0.125"]
    assert decimals(",".join(fields).encode()).tolist() == list(map(float, fields))


@pytest.mark.parametrize(
    "wrong", ["", "-", "+", ".", "-.", "1.2.3", "1-2", "+-1", "e5", "1e", "1 2", " ", "1.e-", "--1", "1-", "0x1"]
)
@pytest.mark.parametrize("before", [1, 40])
def test_what_is_no_number_is_an_error(wrong: str, before: int) -> None:
    """Wherever it stands."""
    for fields in ([*["0.5"] * before, wrong], [wrong, *["0.5"] * before], [*["0.5"] * before, wrong, "1"]):
        with pytest.raises(ValueError):
            decimals(",".join(fields).encode())
