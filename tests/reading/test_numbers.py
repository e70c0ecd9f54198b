"""Numbers as they are typed, the digits that were written, and what that allows a row to miss 1 by."""

import math

import pytest

from cecli.reading.vector import NotANumberError, TooLargeError, number, tolerance
from tests.every import every

VALUES = [
    ("0.5", 0.5, 1), (".5", 0.5, 1), ("5.", 5.0, 0), ("0.50", 0.5, 2), ("1e-3", 1e-3, 3), ("1E+3", 1000.0, 0), ("-2", -2.0, 0),
    ("+2", 2.0, 0), ("0.5e-1", 0.05, 2), ("5e-1", 0.5, 1), ("12.5e1", 125.0, 0), ("007", 7.0, 0), ("-0", -0.0, 0),
    ("63/64", 63 / 64, 0), ("-1/3", -1 / 3, 0), ("1/-3", -1 / 3, 0), ("1/3", 1 / 3, 0), (".5/2", 0.25, 0), ("0/5", 0.0, 0),
    ("0.1/0.3", 1 / 3, 0), ("1/" + "3" * 400, 0.0, 0),
    ("98.4%", 0.984, 3), ("50%", 0.5, 2), ("33%", 0.33, 2), ("100%", 1.0, 2), ("-5%", -0.05, 2), ("0.1%", 0.001, 3), ("1e2%", 1.0, 0),
    ("98.4％", 0.984, 3), ("−2", -2.0, 0), ("１２．５", 12.5, 1),
    ("inf", math.inf, 0), ("-inf", -math.inf, 0), ("+inf", math.inf, 0), ("INF", math.inf, 0), ("−Infinity", -math.inf, 0),
    ("1.7976931348623157e308", 1.7976931348623157e308, 0), ("5e-324", 5e-324, 324), ("1e-400", 0.0, 400), ("0e999", 0.0, 0),
]  # fmt: skip


@every(("text", "value", "decimals"), VALUES)
def test_a_number_and_its_digits_after_the_point(text, value, decimals):
    """The value is rounded once, and the digits are those that were written."""
    found = number(text)
    assert found.value == value
    assert math.copysign(1, found.value) == math.copysign(1, value)
    assert found.decimals == decimals


@pytest.mark.parametrize("text", ["29%", "57%", "58.1%", "0.07%", "1.1%", "113%"])
def test_a_percentage_is_rounded_once(text):
    """29% is the float next to 0.29, not 29 / 100 after a second rounding."""
    digits = text.removesuffix("%")
    assert number(text).value == float(f"{digits}e-2")


@every(
    "text",
    ["", "x", "nan", "-nan", "1__000", "_1", "1_", "0x10", "1e", "e5", "--1", "+-1", "1.2.3", "%", "/", "1/", "/2", "1/0", "0/0", "1/1e5", "1/3/3",
     "1/2%", "5%/2", "inf%", "1/inf", "½", "²", "1 2", "1e5.5", "1d5", "infinit", "1j", "True", "1/" + "3" * 5000],
)  # fmt: skip
def test_what_is_no_number(text):
    """Nothing is guessed: these are not numbers."""
    with pytest.raises(NotANumberError):
        number(text)


@pytest.mark.parametrize(
    "text",
    [
        "1e309",
        "-1e309",
        "1.7976931348623159e308",
        "1e999999999999",
        "1e999999999999999999",
        "9" * 400,
        "9" * 400 + "/3",
    ],
)
def test_too_large_for_float64(text):
    """Beyond float64 is an error, however large the exponent, and found at once."""
    with pytest.raises(TooLargeError):
        number(text)


@pytest.mark.parametrize(
    "text", ["1e-999999999999", "1e-9999999999999999999", "-1e-999999999999999", "0e999999999999999999"]
)
def test_an_absurdly_small_number_is_zero(text):
    """A number too small for float64 is 0, as 1e-400 is; it is not too large."""
    assert number(text).value == 0


@pytest.mark.parametrize("text", ["1e0000000000000001", "1e+00000000000000001", "1e-0000000000000001"])
def test_zeros_in_front_of_an_exponent_mean_nothing(text):
    """The length of an exponent is not its size."""
    assert number(text).value == float(text)


@pytest.mark.parametrize(
    ("decimals", "classes", "expected"),
    [(0, 3, 1e-5), (1, 3, 1e-5), (2, 2, 0.01), (2, 3, 0.015), (2, 7, 0.035), (2, 10, 0.05), (2, 1000, 0.05), (3, 3, 1.5e-3),
     (4, 2, 1e-4), (6, 3, 1e-5), (17, 3, 1e-5), (400, 3, 1e-5)],
)  # fmt: skip
def test_the_tolerance_of_a_row(decimals, classes, expected):
    """max(1e-5, min(K/2 · 10⁻ᵈ, 0.05)) for d ≥ 2, and 1e-5 below."""
    assert tolerance(decimals, classes) == pytest.approx(expected, rel=1e-15)


PASS = [
    "0.333,0.333,0.333", "33%,33%,33%", "0.33,0.33,0.33", "0.50,0.49", "0.50,0.51", "0.3,0.3,0.4", "1/3,1/3,1/3", "0.14," * 6 + "0.14",
    "0.333333,0.333333,0.333333", "0.9999,0", "0.99999,0", "3.33e-1,3.33e-1,3.33e-1", "1,0", "1", "0.05," * 18 + "0.05", "0.001," * 999 + "0.001",
    "1e-400,1", "0.3330,0.3333,0.3336",
]  # fmt: skip
FAIL = [
    "0.5,0.3,0.3", "0.50,0.30,0.30", "0.3,0.3,0.3", "0.50,0.48", "0.50,0.52", "0.3333,0.33,0.33", "0.9998,0", "0.9999,0.0003", "0.9,0.0",
    "0.05," * 17 + "0.05", "1/3,1/3", "0,0", "0.33333,0.33333,0.33330", "2e-1,2e-1,5e-1", "0.5", "30%,30%,30%",
]  # fmt: skip


@pytest.mark.parametrize("text", PASS)
def test_rows_within_the_rounding_of_what_was_written(cecli, text):
    """These rows were rounded as they were written, and are taken as they are."""
    result = cecli("entropy", text)
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("text", FAIL)
def test_rows_that_miss_one_by_more_than_their_rounding(cecli, text):
    """These miss 1 by more than rounding explains: an error with the sum."""
    result = cecli("entropy", text)
    assert result.exit_code == 2
    assert "sums to" in result.stderr


def test_each_row_is_judged_by_its_own_digits(cecli):
    """A row with one digit is exact even beside a row with three."""
    result = cecli("entropy", "0.333,0.333,0.333;0.3,0.3,0.3")
    assert "sample 2 of P sums to 0.9" in result.stderr
    assert "\n" + " " * 22 + "^" * 11 + "\n" in result.stderr


def test_values_are_used_as_they_are(cecli):
    """A row that was rounded is not silently rescaled."""
    assert float(cecli("entropy", "0.333,0.333,0.333").stdout) == pytest.approx(-0.999 * math.log(0.333), rel=1e-14)


@pytest.mark.parametrize(
    ("line", "says"),
    [("0.5, ,0.5", "missing"), ("0.5,,0.5", "missing"), ("0.5,0. 5,0", "not a number"), ("0.5,0.5,", "missing"), ("0.5,1e,0", "not a number"), ("0.5,--0.5,0", "not a number"), ("0.5, 0.5,  0", ""), ("0.5,\t0.5,0", "")],
    ids=ascii,
)  # fmt: skip
def test_a_block_is_read_as_its_lines_are(tmp_path, line, says):
    """What reads a whole block takes no field for a number that is none, and blanks around one for nothing."""
    from cecli.reading.opening import open_call
    from cecli.reading.roles import ReadingOptions, Request

    file = tmp_path / "p.csv"
    file.write_text(f"0.25,0.25,0.5\n{line}\n0.5,0.25,0.25\n")
    opened = open_call([Request("prediction", str(file), "p")], ReadingOptions())
    source = opened.sources[0]
    if says:
        with pytest.raises(ValueError, match=says):
            source.rows(9)
    else:
        assert source.rows(9).values.tolist() == [[0.25, 0.25, 0.5], [0.5, 0.5, 0.0], [0.5, 0.25, 0.25]]
    opened.close()
