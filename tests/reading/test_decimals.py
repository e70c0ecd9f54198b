"""Decimals read all together are what Python's `float` makes of each."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.reading.decimals import table

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


def read(fields: list[str]) -> np.ndarray | None:
    """The numbers of one line."""
    found = table((",".join(fields) + "\n").encode(), b",", len(fields))
    return None if found is None else found[0]


@given(st.lists(FIELDS, min_size=1, max_size=40), st.sampled_from(["any", "plain", "pointed", "long"]))
def test_each_is_the_nearest_float64(fields: list[str], kind: str) -> None:
    """To the bit, the sign of zero among them; whatever else stands on the line."""
    wanted = {
        "any": bool,
        "plain": lambda field: "e" not in field.lower(),
        "pointed": lambda field: "." in field,
        "long": lambda field: len(field) > 16,
    }[kind]
    fields = [field for field in fields if wanted(field)] or ["0.5"]
    found = read(fields)
    assert found is not None
    np.testing.assert_array_equal(found.view(np.int64), np.array(list(map(float, fields))).view(np.int64))


@pytest.mark.parametrize("form", ["%.18e", "%.6e", "%.17g", "%.3f", "%.20f", "%r", "%d", "%+.4f", " %.5f", "%.2E"])
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e3, 1e9])
def test_what_programs_write(form: str, scale: float) -> None:
    """All formats that numbers are usually dumped in, of all sizes."""
    fields = [form % value for value in (np.random.default_rng(0).normal(size=500) * scale).tolist()]
    found = read(fields)
    assert found is not None
    np.testing.assert_array_equal(found.view(np.int64), np.array(list(map(float, fields))).view(np.int64))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("others", ["0.25 -3.5", "1 -2", "1e-3 2.5E+1", "12345678.9 1234567890.0625"])
def test_an_odd_one_among_plain_ones(odd: str, others: str) -> None:
    """It does not change its neighbours."""
    fields = [*others.split() * 20, odd, "0.125"]
    found = read(fields)
    assert found is not None
    assert found.tolist() == list(map(float, fields))


@pytest.mark.parametrize(
    "wrong",
    ["", "-", "+", ".", "-.", "1.2.3", "1-2", "+-1", "e5", "1e", "1 2", " ", "1.e-", "--1", "1-", "0x1", "1_0", "nan", "inf",
     "1e5e5", "1e5.0", ".e5", "1e+", "1e-+5", "١", "1/2", "50%", "1e5-"],
)  # fmt: skip
@pytest.mark.parametrize("before", [1, 40])
def test_what_is_no_number_is_none(wrong: str, before: int) -> None:
    """Wherever it stands."""
    for fields in ([*["0.5"] * before, wrong], [wrong, *["0.5"] * before], [*["0.5"] * before, wrong, "1"]):
        assert read(fields) is None


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("1,2\n3,4\n", 2, [[1, 2], [3, 4]]),
        ("1\n2\n3\n", 1, [[1], [2], [3]]),
        ("1.5,2\n3,4.25\n", 2, [[1.5, 2], [3, 4.25]]),
        ("1,2,3\n4\n", 2, None),
        ("1\n2,3,4\n", 2, None),
        ("1,2\n\n3,4\n", 2, None),
        ("1,2\n3,4,5\n", 2, None),
        (".,.\n1,2\n", 2, None),
        ("1.,.2\n3,4\n", 2, [[1, 0.2], [3, 4]]),
    ],
)
def test_rows_are_as_wide_as_they_should_be(text: str, width: int, rows: list[list[float]] | None) -> None:
    """A point, a delimiter and a line's end in the wrong order are seen."""
    for delimiter in ",;\t":
        found = table(text.replace(",", delimiter).encode(), delimiter.encode(), width)
        assert (None if found is None else found.tolist()) == rows
