"""How a float becomes text: all its digits, or = and ≈ before what is shown of it; never cut to 0."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.render import numbers
from tests.every import every

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1.0, "1"), (0.0, "0"), (-2.5, "-2.5"), (1e-44, "1e-44"), (1e22, "1e+22"), (1e15, "1000000000000000"), (math.inf, "inf"), (-math.inf, "-inf"), (None, "nan"),
     (0.1 + 0.2, "0.30000000000000004"), (3, "3"), (5e-324, "5e-324")],
)  # fmt: skip
def test_the_shortest_text(value, text):
    """Without a .0 at the end; a value left out is nan."""
    assert numbers.shortest(value) == text


@given(st.floats(allow_nan=False))
def test_the_shortest_text_reads_back(value):
    """As the same float64."""
    assert float(numbers.shortest(value)) == value
    assert numbers.plain(value, None) == numbers.shortest(value)


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        (0.69314, 2, "0.69"),
        (0.5, 3, "0.500"),
        (2.0, 0, "2"),
        (-0.0001, 2, "0.00"),
        (-0.5, 1, "-0.5"),
        (1e20, 1, "100000000000000000000.0"),
        (math.inf, 2, "inf"),
        (None, 2, "nan"),
    ],
)
def test_a_precision(value, precision, text):
    """Digits after the point, and no minus before a zero."""
    assert numbers.plain(value, precision) == text


ROUNDED = [
    (0.5, None, "=", "0.5000"), (0.0, None, "=", "0.0000"), (1.0, None, "=", "1.0000"), (2 / 3, None, "≈", "0.6667"), (math.log(2), None, "≈", "0.6931"),
    (-0.25, None, "=", "-0.2500"), (0.12345, None, "≈", "0.1235"), (1 / 3, 16, "≈", "0.3333333333333333"), (0.1, 20, "=", None), (3, None, "=", "3"), (0, None, "=", "0"),
    (None, None, "", "–"), (math.inf, None, "=", "∞"), (-math.inf, None, "=", "−∞"), (1e-44, None, "=", "1e-44"), (7.440151952041672e-44, None, "≈", "7.4402e-44"),
    (0.00012345, None, "=", "0.00012345"), (0.000123456789012345678, None, "≈", "1.2346e-04"), (-3.72e-44, 2, "=", "-3.72e-44"), (836.7456, None, "=", "836.7456"), (0.69314, 1, "≈", "0.7"),
    (3.7, 0, "≈", "4"), (1.5, 0, "≈", "2"), (1e-9, 0, None, "1e-09"), (0.04, 1, "=", "0.04"),
]  # fmt: skip


@every(("value", "precision", "sign", "text"), ROUNDED)
def test_a_number_of_a_table(value, precision, sign, text):
    """= before what is exact, ≈ before what is rounded, an exponent where the digits would show nothing."""
    found = numbers.rounded(value, precision)
    assert sign is None or found[0] == sign
    assert text is None or found[1] == text


@pytest.mark.parametrize("value", [1e300, 1.2345678901234567e300, -1e308, 123456789012345678.0])
def test_a_large_number_is_written_with_an_exponent(value):
    """Not with three hundred digits, of which most are the float's, not the number's."""
    text = numbers.rounded(value, None)[1]
    assert "e+" in text
    assert len(text) < 24


@given(FINITE, st.none() | st.integers(0, 20))
def test_what_is_shown_is_the_value_rounded(value, precision):
    """= only where the text is the whole value; else within half a unit of the last digit; never 0 for what is not 0."""
    sign, text = numbers.rounded(value, precision)
    shown = float(text)
    mantissa, _, exponent = text.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    assert sign in "=≈"
    assert shown == value or sign == "≈"
    assert abs(shown - value) <= 0.5000001 * unit or shown == pytest.approx(value, rel=1e-15)
    assert (shown == 0) is (value == 0)
    assert not text.startswith("-0.0000") or shown != 0


@given(FINITE)
def test_a_negative_zero_has_no_minus(value):
    """-0.0 is 0."""
    assert not numbers.rounded(-0.0, None)[1].startswith("-")
    assert numbers.rounded(value, None)[1].startswith("-") is (value < 0)


@pytest.mark.parametrize(
    ("value", "precision", "expected"),
    [
        (0.5, None, 0.5),
        (math.inf, None, "inf"),
        (-math.inf, 3, "-inf"),
        (0.123456, 2, 0.12),
        (3, 1, 3),
        (-0.001, 2, 0.0),
        (1e-300, None, 1e-300),
    ],
)
def test_a_number_of_json(value, precision, expected):
    """Infinite ones are strings, integers stay integers, no -0.0 by rounding."""
    found = numbers.json_number(value, precision)
    assert found == expected
    assert type(found) is type(expected)
    assert not (isinstance(found, float) and found == 0 and math.copysign(1, found) < 0 and value != 0)
