"""A claim holds where the answer rounds or truncates to it, at its own number of digits."""

from __future__ import annotations

import math
import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.every import every


def answering(answer: Any) -> str:
    """A call whose answer is exactly this number, or these numbers; None is a sample left out.

    A coin's cross-entropy is 1 bit, so that a sample's loss is its weight. For numbers below 0 it is the gradient of a label, ∓½ times
    its weight.
    """
    values = answer if isinstance(answer, list) else [answer]
    if any(value is not None and value < 0 for value in values):
        labels = ",".join("0" if value > 0 else "1" for value in values)
        weights = ",".join(repr(2 * abs(value)) for value in values)
        return f"grad {labels} {','.join(['0.5'] * len(values))} --loss bce --sample-weights {weights}"
    labels = ",".join("9" if value is None else "0" for value in values)
    rows = ";".join({0: "1,0", math.inf: "0,1"}.get(value, "0.5,0.5") for value in values)
    weights = ",".join(repr(value) if value and math.isfinite(value) else "1" for value in values)
    how = "none" if isinstance(answer, list) else "sum"
    return f"xent {labels} '{rows}' --ignore-index 9 --sample-weights {weights} -b 2 -r {how}"


HOLDS = [
    ("0.69", math.log(2)), ("0.70", 0.7049), ("0.6931", math.log(2)), ("0.693147180559945", math.log(2)),
    ("0.69314718055994530942", math.log(2)), ("1.37", 1.3783888522474517), ("1.38", 1.3783888522474517),
    ("-1.37", -1.3783888522474517), ("-1.38", -1.3783888522474517), ("4.1e2", 412.0), ("4.1e2", 419.9), ("4.1E+2", 405.0),
    ("0.125", 0.125), ("0.12", 0.125), ("0.13", 0.125), ("-0.12", -0.125), ("-0.13", -0.125), ("2", 2.99), ("3", 2.5),
    ("69%", 0.6931), ("69.3%", 0.6931), ("63/64", 0.984375), ("1/3", 1 / 3), ("1/3", 1 - 2 / 3), ("-1/3", -1 / 3),
    ("0.7±0.01", 0.6931), ("0.7+-0.01", 0.6931), ("0.7+/-0.01", 0.71), ("0.7 ± 0.01", 0.69), ("0.7 ±0.01", 0.7),
    ("0.7±1%", 0.705), ("inf", math.inf), ("0.00", 0.0049), ("0.00", -0.0049), ("0", 0.0), ("0.0", -0.0),
    ("−0.69", -0.6931), ("0．69", 0.6931), ("[0.69]", 0.6931), ("0.3", 0.1 + 0.2), ("1.1", 1.1),
    ("1", 0.9999999999999999), ("0.09,0.24,0.67", [0.09003, 0.24472, 0.66524]), ("0.09;0.24;0.67", [0.09003, 0.24472, 0.66524]),
    ("0.5", [0.5]), ("nan,1", [None, 1.0]),
    ("0.5,nan,0.5", [0.5, None, 0.5]), ("0.5，0.5", [0.5, 0.5]), ("-0.341,0,0", [-0.341, 0.0, 1e-13]), ("0,1", [0.0, 1.0]), ("0,2", [1e-13, 2.0]),
    ("≈0.69", math.log(2)), ("= 0.69", math.log(2)), ("0.69 bits", 0.6931), ("0.69bits", 0.6931), ("≈ 0.7 ± 0.01 bits", 0.6931),
    ("ln 2", math.log(2)), ("-ln(0.5)", math.log(2)), ("sqrt(2)/2", math.sqrt(2) / 2), ("2^-1", 0.5), ("log2(8)", 3.0), ("e^-1", math.exp(-1)),
    ("1-0.3", 0.7), ("0.5²", 0.25), ("0.92 + 0.92 + 2.30", 4.1352), ("ln 2, -ln(0.7)", [math.log(2), -math.log(0.7)]), ("2·ln 2", 2 * math.log(2)),
    ("0.35667497", 0.35667494393873245), ("12345.678", 12345.675),
    ("1e-400", 0.0), ("0e9", 0.0), ("0e999999999", 0.0), ("5e-0000000001", 0.5), ("1e150", 1e150), ("1e-999999999", 0.0),
]  # fmt: skip
FAILS = [
    ("0.30", math.log(2)), ("0.70", math.log(2)), ("-0.69", 0.6931), ("0.69", -0.6931), ("0.69", 0.7), ("0.69", 0.70000001),
    ("0.12", 0.13), ("4.1e2", 420.0), ("4.1e2", 404.9), ("2", 3.0), ("69%", 0.70), ("63/64", 0.9844), ("1/3", 0.3333),
    ("0.7±0.01", 0.7101), ("inf", 1e150), ("5", math.inf), ("nan", 0.5), ("0.5,1", [None, 1.0]), ("nan", math.inf),
    ("0.09,0.24,0.66", [0.09003, 0.24472, 0.67524]), ("1,2", [1.0, 2.0, 3.0]),
    ("1,2;3,4", [1.0, 2.0, 3.0, 4.0]), ("0.5", [0.5, 0.5]), ("0.5,0.5", 0.5), ("-0.341,0,0", [-0.341, 0.2424, 0.0986]),
    ("0.5,nan", [0.5, 0.5]), ("0.5,0.5", [0.5, None]), ("-0.341,0,0", [-0.341, 0.0004, -0.0004]), ("0,1", [0.49, 1.2]),
    ("1,0,0", [0.66, 0.24, 0.1]), ("0.69 nats", 0.6931), ("ln 2", 0.6931), ("0.92+0.92", 1.8326), ("0.35667497", 0.356674), ("0.3567497", 0.3567494),
]  # fmt: skip


def same(found: Any, answer: Any) -> bool:
    """Whether a call answers what it was made to; the gradient of one label is a row of one."""
    return found in (answer, [answer])


@every(("text", "answer"), HOLDS)
def test_holds(judged, text, answer) -> None:
    """And has the answer's shape."""
    found = judged(answering(answer), text)

    assert same(_read(found["value"]), answer)
    assert found["holds"]


@pytest.mark.parametrize(("text", "answer"), FAILS)
def test_does_not_hold(judged, said, text, answer) -> None:
    """Because of an entry or of its shape: it says which."""
    found = judged(answering(answer), text)

    assert same(_read(found["value"]), answer)
    assert not found["holds"]
    assert any("does not hold" in line for line in said(answering(answer), text))


def _read(value: Any) -> Any:
    """A value of the JSON, where an infinite one is a word."""
    if isinstance(value, list):
        return [_read(entry) for entry in value]
    return value if value is None else float(value)


ROWS = "softmax '0,0; 0,0'"


@pytest.mark.parametrize(
    ("call", "text", "holds"),
    [
        ("softmax 0,-inf --log", "0,-inf", True), ("softmax 0,-inf --log", "0,inf", False), ("softmax 0,-inf --log", "0,-1e308", False),
        (ROWS, "[[0.5,0.5],[0.5,0.5]]", True), (ROWS, "1/2,1/2;50%,0.5", True), (ROWS, "0.5,0.5;0.5,0.4", False),
        (ROWS, "0.5,0.5,0.5,0.5", False), (ROWS, "0.5", False),
    ],
)  # fmt: skip
def test_rows_and_what_is_infinite_below(judged, call, text, holds) -> None:
    """Rows in their shape."""
    assert judged(call, text)["holds"] == holds


@pytest.mark.parametrize(
    ("text", "call", "says"),
    [
        ("1,2", answering([1.0, 2.0, 3.0]), "the answer has 3 values, the claim 2"),
        ("1,2", answering(1.0), "the answer has 1 value, the claim 2"),
        ("1,2,3,4", ROWS, "the answer has 2 rows of 2 values, the claim 1 row of 4 values"),
        ("0.09,0.24", answering([0.09, 0.24, 0.67]), "the answer has 3 values, the claim 2"),
    ],
)
def test_the_misfit_is_named(said, text, call, says) -> None:
    """In values, or rows of them."""
    assert f"✗ {text} does not hold: {says}." in said(call, text)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("0.30", 2), ("0.697", 3), ("0.0697", 3), ("100", 3), ("4.1e2", 2), ("0.00", 0), ("-0.5", 1), ("69%", 2), ("0.09,0.24", 3),
     ("63/64", 15), ("0.7±0.01", 2), ("0.7±0.0005", 4), ("0.7±2", 0), ("inf", 2), ("nan", 2)],
)  # fmt: skip
def test_significant_digits(said, text, digits) -> None:
    """Of all entries together; leading zeros don't count. Claims of fewer than two say little."""
    little = "A claim of fewer than two digits says little, so no mistake is looked for."

    assert (little in said(answering(123456.0), text)) == (digits < 2)


@pytest.mark.parametrize(
    ("text", "underlined"),
    [("0.5,abc", "abc"), ("0.7±x", "0.7±x"), ("0.7±-0.1", "0.7±-0.1"), ("0.5,,1", ","), ("1/0", "1/0"), ("log(0)", "("), ("2 x", "x"), ("1e999", "1e999"),
     ("0.7±", "0.7±"), ("0.7±0.1±0.1", "0.7±0.1±0.1"), ("inf±1", "inf±1"), ("0.5 ± 0.1 2", "±"), ("1,2;3", "3"), ("(1,2", "(")],
)  # fmt: skip
def test_what_can_not_be_claimed(cecli, text, underlined) -> None:
    """Exit 2, nothing on stdout; the bad token is underlined, under the option's name."""
    result = cecli("softmax", "1,2", f"--expect={text}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--expect" in result.stderr
    shown = re.search(r"^(.*)\n( *)(\^+)$", result.stderr, re.MULTILINE)
    assert shown
    start = len(shown[2])
    assert shown[1].strip() == text
    assert shown[1][start : start + len(shown[3])] == underlined


@pytest.mark.parametrize("text", ["", "  ", "1" * 5000])
def test_nothing_or_too_much(cecli, text) -> None:
    """An error too; in a worksheet it is the line's."""
    result = cecli("softmax", "1,2", f"--expect={text}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--expect" in result.stderr

    result = cecli("check", "-", stdin=f"softmax 1,2 = '{text}'")
    assert result.exit_code == 2
    assert "answer" in result.stdout


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", 0.5), ("0.5,nan", [0.5, None]), ("1,2;3,4", [[1.0, 2.0], [3.0, 4.0]])]
)
def test_the_value_of_a_claim(judged, text, value) -> None:
    """As plain values in the claimed shape."""
    assert judged(answering(7.0), text)["expected"] == value


numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)
roundings = st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN])


@given(numbers, st.integers(0, 8), roundings)
def test_an_answer_rounded_or_cut_holds(judged, answer, digits, rounding) -> None:
    """At any number of digits; the answer is the decimal that it is written as, as 1.9 is (the float64 is a little less)."""
    unit = Decimal(1).scaleb(-digits)
    exact = Decimal(repr(answer))
    up = exact.copy_abs().quantize(unit, rounding=ROUND_UP)
    assume(exact == up or up - exact.copy_abs() > Decimal(5 * math.ulp(answer)))

    assert judged(answering(answer), format(exact.quantize(unit, rounding=rounding), "f"))["holds"]


@given(numbers, st.integers(0, 8), roundings, st.sampled_from([-1, 1]))
def test_a_whole_unit_away_does_not_hold(judged, answer, digits, rounding, way) -> None:
    """Beyond both the rounded and the cut value; of eight digits and more float32's precision is enough."""
    unit = Decimal(1).scaleb(-digits)
    claimed = Decimal(repr(answer)).quantize(unit, rounding=rounding)
    ends = {
        Decimal(repr(answer)).quantize(unit, rounding=rule) for rule in (ROUND_HALF_UP, ROUND_DOWN, ROUND_HALF_EVEN)
    }
    claimed = (max(ends) if way > 0 else min(ends)) + way * unit
    assume(len(claimed.as_tuple().digits) < 8)
    inside = claimed == 0 and abs(Fraction(answer)) < Fraction(unit)  # 0 truncates from both sides
    assume(inside or abs(claimed - Decimal(repr(answer))) - unit / 2 > Decimal(5 * math.ulp(answer)))

    assert judged(answering(answer), format(claimed, "f"))["holds"] == inside


@pytest.mark.parametrize(
    ("call", "claim", "says"),
    [
        ("xent 0 0.7,0.3", "0,357", "for a decimal comma write 0.357."),
        ("softmax 1,2,3", "0,09;0,24;0,67", "for a decimal comma write 0.09;0.24;0.67."),
        ("softmax 1,2,3", "0,09 0,24 0,67", "for a decimal comma write 0.09 0.24 0.67."),
        ("xent 0 0.7,0.3", "0.515 bits", "The claim is in bits, the answer in nats."),
        ("xent 0 0.7,0.3 -b 2", "0.515 nats", "The claim is in nats, the answer in bits."),
        ("compare 0,1 '0.5,0.5; 0,1' --metric mse", "0.25 nats", "The claim is in nats, the answer has no unit."),
        ("xent 0 0.7,0.3", "0.35667497", "It agrees to single precision: these are the digits of a float32."),
        (
            "xent 0,0,0 '0.37,0.63; 0.53,0.47; 0.71,0.29' -r sum",
            "1.9718",
            "It is close: too large by 0.00018.",
        ),
    ],
)
def test_what_is_said_beside_a_verdict(said, call, claim, says) -> None:
    """Of a decimal comma, another unit, a float32, a claim that is close."""
    assert any(line.endswith(says) for line in said(call, claim))


@pytest.mark.parametrize(
    ("claim", "holds"), [("1", True), ("1.0", True), ("2", False), ("0.9", False), ("1e0", True), ("1.4", False)]
)
def test_counts_are_exact(judged, claim, holds) -> None:
    """An error more or less is no matter of rounding."""
    assert judged("compare 0,1,1 '0.6,0.4; 0.3,0.7; 0.8,0.2' --metric errors", claim)["holds"] == holds


def test_a_worksheet_claims_in_the_same_forms(cecli) -> None:
    """Signs, units, expressions."""
    page = "xent 0 0.7,0.3 = -ln(0.7)\nxent 0 0.7,0.3 = ≈0.357 nats\nxent 0 0.7,0.3 = 0,357\n"
    result = cecli("check", "-", stdin=page)

    assert result.exit_code == 1
    assert "write 0.357" in result.stdout
