"""A claim holds where the answer rounds or truncates to it, at its own number of digits."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cecli.errors import CecliError
from cecli.mistakes.claims import read_claim

HOLDS = [
    ("0.69", math.log(2)), ("0.70", 0.7049), ("0.6931", math.log(2)), ("0.693147180559945", math.log(2)),
    ("0.69314718055994530942", math.log(2)), ("1.37", 1.3783888522474517), ("1.38", 1.3783888522474517),
    ("-1.37", -1.3783888522474517), ("-1.38", -1.3783888522474517), ("4.1e2", 412.0), ("4.1e2", 419.9), ("4.1E+2", 405.0),
    ("0.125", 0.125), ("0.12", 0.125), ("0.13", 0.125), ("-0.12", -0.125), ("-0.13", -0.125), ("2", 2.99), ("3", 2.5),
    ("69%", 0.6931), ("69.3%", 0.6931), ("63/64", 0.984375), ("1/3", 1 / 3), ("1/3", 1 - 2 / 3), ("-1/3", -1 / 3),
    ("0.7±0.01", 0.6931), ("0.7+-0.01", 0.6931), ("0.7+/-0.01", 0.71), ("0.7 ± 0.01", 0.69), ("0.7 ±0.01", 0.7),
    ("0.7±1%", 0.705), ("inf", math.inf), ("-inf", -math.inf), ("0.00", 0.0049), ("0.00", -0.0049), ("0", 0.0), ("0.0", -0.0),
    ("−0.69", -0.6931), ("0．69", 0.6931), ("[0.69]", 0.6931), ("0.3", 0.1 + 0.2), ("1.1", 1.1),
    ("1", 0.9999999999999999), ("0.09,0.24,0.67", [0.09003, 0.24472, 0.66524]), ("0.09;0.24;0.67", [0.09003, 0.24472, 0.66524]),
    ("0.5", [0.5]), ("[[1,2],[3,4]]", [[1.0, 2.0], [3.0, 4.0]]), ("1,2;3,4", [[1.0, 2.0], [3.0, 4.0]]), ("nan", None),
    ("0.5,nan,0.5", [0.5, None, 0.5]), ("0.5，0.5", [0.5, 0.5]), ("-0.341,0,0", [-0.341, 0.0004, -0.0004]), ("0,1", [0.49, 1.2]),
    ("1e-400", 0.0), ("0e9", 0.0), ("0e999999999", 0.0), ("5e-0000000001", 0.5), ("1e308", 1e308), ("1e-999999999", 0.0),
]  # fmt: skip
FAILS = [
    ("0.30", math.log(2)), ("0.70", math.log(2)), ("-0.69", 0.6931), ("0.69", -0.6931), ("0.69", 0.7), ("0.69", 0.70000001),
    ("0.12", 0.13), ("4.1e2", 420.0), ("4.1e2", 404.9), ("2", 3.0), ("69%", 0.70), ("63/64", 0.9844), ("1/3", 0.3333),
    ("0.7±0.01", 0.7101), ("inf", 1e308), ("inf", -math.inf), ("5", math.inf), ("nan", 0.5), ("0.5", None), ("nan", math.inf),
    ("0.09,0.24,0.66", [0.09003, 0.24472, 0.67524]), ("1,2", [1.0, 2.0, 3.0]), ("1,2,3,4", [[1.0, 2.0], [3.0, 4.0]]),
    ("1,2;3,4", [1.0, 2.0, 3.0, 4.0]), ("0.5", [0.5, 0.5]), ("0.5,0.5", 0.5), ("-0.341,0,0", [-0.341, 0.2424, 0.0986]),
    ("0.5,nan", [0.5, 0.5]), ("0.5,0.5", [0.5, None]), ("0.69", math.nan),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer"), HOLDS)
def test_holds(text, answer) -> None:
    """And has the answer's shape."""
    claim = read_claim(text)

    assert claim.holds(answer)
    assert claim.misfit(answer) is None
    assert claim.wrong_entries(answer) == []


@pytest.mark.parametrize(("text", "answer"), FAILS)
def test_does_not_hold(text, answer) -> None:
    """Because of an entry or of its shape: it says which."""
    claim = read_claim(text)

    assert not claim.holds(answer)
    assert claim.misfit(answer) or claim.wrong_entries(answer)


@pytest.mark.parametrize(
    ("text", "answer", "says"),
    [
        ("1,2", [1.0, 2.0, 3.0], "the answer has 3 values, the claim 2"),
        ("1,2", 1.0, "the answer has 1 value, the claim 2"),
        ("1,2,3,4", [[1.0, 2.0], [3.0, 4.0]], "the answer has 2 rows of 2 values, the claim 1 row of 4 values"),
    ],
)
def test_the_misfit_is_named(text, answer, says) -> None:
    """In values, or rows of them."""
    assert read_claim(text).misfit(answer) == says


@pytest.mark.parametrize(
    ("text", "digits"),
    [("0.30", 2), ("0.697", 3), ("0.0697", 3), ("100", 3), ("4.1e2", 2), ("0.00", 0), ("-0.5", 1), ("69%", 2), ("0.09,0.24", 3),
     ("63/64", 15), ("0.7±0.01", 2), ("0.7±0.0005", 4), ("0.7±2", 0), ("inf", 2), ("nan", 2)],
)  # fmt: skip
def test_significant_digits(text, digits) -> None:
    """Of all entries together; leading zeros don't count."""
    assert read_claim(text).significant == digits


@pytest.mark.parametrize(
    ("text", "underlined"),
    [("0.5,abc", "abc"), ("0.7±x", "0.7±x"), ("0.7±-0.1", "0.7±-0.1"), ("0.5,,1", ","), ("1/0", "1/0"), ("1e999", "1e999"),
     ("0.7±", "0.7±"), ("0.7±0.1±0.1", "0.7±0.1±0.1"), ("inf±1", "inf±1"), ("0.5 ± 0.1 2", "±"), ("1,2;3", "3"), ("(1,2", "(")],
)  # fmt: skip
def test_what_can_not_be_claimed(text, underlined) -> None:
    """The bad token is underlined, under the option's name."""
    with pytest.raises(CecliError, match="--expect") as caught:
        read_claim(text)
    place = caught.value.place

    assert place is not None
    assert place.text[place.start : place.stop] == underlined


@pytest.mark.parametrize("text", ["", "  ", "1" * 5000])
def test_nothing_or_too_much(text) -> None:
    """An error too."""
    with pytest.raises(CecliError, match="the claim"):
        read_claim(text, "the claim")


def test_the_value_of_a_claim() -> None:
    """As plain values in the claimed shape."""
    assert read_claim("0.5").value == 0.5
    assert read_claim("0.5,nan").value == [0.5, None]
    assert read_claim("1,2;3,4").value == [[1.0, 2.0], [3.0, 4.0]]


numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)
roundings = st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN])


@given(numbers, st.integers(0, 8), roundings)
def test_an_answer_rounded_or_cut_holds(answer, digits, rounding) -> None:
    """At any number of digits; the answer is the decimal that it is written as, as 1.9 is (the float64 is a little less)."""
    unit = Decimal(1).scaleb(-digits)
    exact = Decimal(repr(answer))
    up = exact.copy_abs().quantize(unit, rounding=ROUND_UP)
    assume(exact == up or up - exact.copy_abs() > Decimal(5 * math.ulp(answer)))

    assert read_claim(format(exact.quantize(unit, rounding=rounding), "f")).holds(answer)


@given(numbers, st.integers(0, 8), roundings, st.sampled_from([-1, 1]))
def test_a_whole_unit_away_does_not_hold(answer, digits, rounding, way) -> None:
    """Beyond both the rounded and the cut value."""
    unit = Decimal(1).scaleb(-digits)
    claimed = Decimal(repr(answer)).quantize(unit, rounding=rounding)
    ends = {
        Decimal(repr(answer)).quantize(unit, rounding=rule) for rule in (ROUND_HALF_UP, ROUND_DOWN, ROUND_HALF_EVEN)
    }
    claimed = (max(ends) if way > 0 else min(ends)) + way * unit
    inside = claimed == 0 and abs(Fraction(answer)) < Fraction(unit)  # 0 truncates from both sides

    assert read_claim(format(claimed, "f")).holds(answer) == inside
