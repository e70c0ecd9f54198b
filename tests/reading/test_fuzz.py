"""Any text either reads or raises a `CecliError`; any vector reads back the same from any form."""

import math
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cecli.cli.app import app
from cecli.errors import CecliError
from cecli.reading.vector import NotANumberError, TooLargeError, cut_vector, number, row_numbers


def values_of(vector):
    """All rows as floats."""
    return [[number.value for number in row_numbers(vector, i, "it")] for i in range(len(vector.rows))]


ALPHABET = "0123456789.,;[]()-+eE/% \n\tinfab\"'，；−％\u00a0\x1b\x00½²٣éノ"
TEXT = st.one_of(st.text(max_size=40), st.text(ALPHABET, max_size=40), st.text("01.,;[]/%e-", max_size=60))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
FORMS = [
    ",".join, ", ".join, " ".join, "\t".join, "，".join, lambda v: f"[{', '.join(v)}]", lambda v: f"({' '.join(v)})",
    lambda v: f"[[{','.join(v)}]]", lambda v: "[" + ",\n".join(v) + "]", lambda v: ",".join(v).replace("-", "−"), lambda v: ",".join(v).upper(),
]  # fmt: skip
MATRIX_FORMS = [
    ";".join,
    " ; ".join,
    "\n".join,
    "；".join,
    lambda r: "[" + ",".join(f"[{row}]" for row in r) + "]",
    lambda r: "\r\n".join(r).replace("\r", ""),
]


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_any_text_is_cut_or_refused(text):
    """Cutting raises nothing but CecliError, and the place is inside the text."""
    vector, place = None, None
    try:
        vector = cut_vector(text, "it")
        values_of(vector)
    except CecliError as error:
        place = error.place
    assert place is None or 0 <= place.start < place.stop <= len(text)
    assert vector is None or (vector.rows and all(vector.rows))


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_any_text_is_a_number_or_is_not(text):
    """A number is a float that is never NaN; all else says which kind of no number it is."""
    try:
        found = number(text)
    except (NotANumberError, TooLargeError):
        return
    assert not math.isnan(found.value)
    assert found.decimals >= 0


def judge(words, stdin=b""):
    """A call may fail, but never by a fault of cecli's own."""
    result = CliRunner().invoke(app, words, input=stdin)
    assert result.exit_code in (0, 2), result.stderr


@settings(max_examples=80, deadline=None)
@given(TEXT, st.sampled_from([[], ["--classes", "cat,dog"], ["--classes", "0,1"]]))
def test_any_text_is_a_source_or_refused(text, classes):
    """As logits, as labels or a distribution, as weights."""
    judge(["softmax", *classes, "--", text])
    judge(["xent", "-l", *classes, "--", text, "1,2"])
    judge(["entropy", "0.5,0.5", "--sample-weights", text])


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=40), TEXT.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_on_standard_input_are_read_or_refused(data):
    """As logits and as a target."""
    judge(["softmax", "-"], data)
    judge(["xent", "-", "1,2;3,4", "-l"], data)


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_any_text_names_classes_or_not(text):
    """--classes is a list of names or an error, and a label beside it is read or refused."""
    judge(["xent", "1", "1,2", "-l", "--classes", text])


@settings(max_examples=100, deadline=None)
@given(st.lists(FLOATS, min_size=1, max_size=6), st.sampled_from(FORMS))
def test_a_vector_reads_back_the_same_from_any_form(values, form):
    """The shortest text of each value, in any form, is the same float64."""
    assert values_of(cut_vector(form([repr(value) for value in values]), "it")) == [values]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(FLOATS, min_size=k, max_size=k), min_size=2, max_size=5)),
    st.sampled_from(MATRIX_FORMS),
)
def test_a_matrix_reads_back_the_same_from_any_form(rows, form):
    """Rows between semicolons, line ends or brackets are the same rows."""
    assert values_of(cut_vector(form([",".join(map(repr, row)) for row in rows]), "it")) == rows


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**20), 10**20), st.integers(1, 10**20))
def test_a_fraction_is_rounded_once(top, bottom):
    """A fraction is the float64 nearest to it."""
    assert number(f"{top}/{bottom}").value == float(Fraction(top, bottom))


@settings(max_examples=100, deadline=None)
@given(st.decimals(-1000, 1000, places=6))
def test_a_percentage_is_the_nearest_float(percent):
    """A percentage is the float64 nearest to its hundredth."""
    text = format(percent, "f")
    assert number(f"{text}%").value == float(Fraction(Decimal(text)) / 100)
