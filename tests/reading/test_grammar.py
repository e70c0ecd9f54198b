"""The typed grammar of vectors and matrices: every form, and where an error underlines."""

import pytest

from cecli.errors import InputError
from cecli.reading.vector import cut_vector, row_numbers
from tests.every import every

VECTOR = [[0.5, 0.2, 0.3]]
MATRIX = [[1.0, 2.0], [3.0, 4.0]]


def read(text):
    """The values of a text."""
    vector = cut_vector(text, "it")
    return [[number.value for number in row_numbers(vector, i, "it")] for i in range(len(vector.rows))]


@every(
    "text",
    [
        "0.5,0.2,0.3",
        "0.5 0.2 0.3",
        "0.5, 0.2, 0.3",
        "0.5 ,0.2 ,0.3",
        "  0.5,0.2,0.3  ",
        "0.5\t0.2\t0.3",
        "[0.5, 0.2, 0.3]",
        "[0.5 0.2 0.3]",
        "(0.5,0.2,0.3)",
        "( 0.5 0.2 0.3 )",
        "0.5，0.2，0.3",
        "［0.5，0.2，0.3］",
        "（0.5,0.2,0.3）",
        "0．5,0．2,0．3",
        "０.５,０.２,０.３",
        "[0.5,\n0.2,\n0.3]",
        "0.5\u00a00.2\u00a00.3",
        "0.5,0.2,0.3\n",
        "\n\n0.5,0.2,0.3\n\n",
        "1/2,1/5,3/10",
        "50%,20%,30%",
        "50％,20％,30％",
        "1／2 .2 3/10",
        "5e-1,2E-1,+0.3",
        "[[0.5,0.2,0.3]]",
        "0.5,0.2 0.3",
        '"0.5","0.2","0.3"',
        "0.5,0.2,0.3;",
    ],
)
def test_every_form_of_a_vector_reads_the_same(text):
    """Commas, blanks, brackets, line ends, full-width signs, fractions and percentages mean the same numbers."""
    assert read(text) == VECTOR


@pytest.mark.parametrize(
    "text",
    [
        "1,2;3,4",
        "1,2; 3,4",
        "1 2;3 4",
        "1,2；3,4",
        "1,2\n3,4",
        "1,2\n3,4\n",
        "1,2\n\n\n3,4",
        "1,2 ;\n3,4",
        "[1,2;3,4]",
        "[1 2; 3 4]",
        "[[1,2],[3,4]]",
        "[[1, 2], [3, 4]]",
        "[[1,2] [3,4]]",
        "[[1,2]\n[3,4]]",
        "[[1,2],\n [3,4]]\n",
        "((1,2),(3,4))",
        "[(1,2),(3,4)]",
        "[1,2]\n[3,4]",
        "[1,2];[3,4]",
        "(1,2);(3,4)",
        "[[1,2];[3,4]]",
        "1/1,200%;6/2,4e0",
    ],
)
def test_every_form_of_a_matrix_reads_the_same(text):
    """Rows between semicolons, line ends or brackets mean the same matrix."""
    assert read(text) == MATRIX
    assert cut_vector(text, "it").dimensions == 2


@pytest.mark.parametrize(
    ("text", "dimensions"),
    [
        ("2", 0),
        (" 2 ", 0),
        ("[2]", 1),
        ("(2)", 1),
        ("[[2]]", 2),
        ("2,1", 1),
        ("2;1", 2),
        ("2\n1", 2),
        ("2\n", 0),
        ("[2,1]", 1),
        ("[[2,1]]", 2),
    ],
)
def test_the_number_of_dimensions(text, dimensions):
    """A bare value has none, a vector one, rows have two; brackets say so outright."""
    assert cut_vector(text, "it").dimensions == dimensions


@pytest.mark.parametrize("minus", ["-", "−", "–"])
def test_a_typographic_minus_is_a_minus(minus):
    """U+2212 is what documents and web pages hold where a minus was typed."""
    assert read(f"{minus}1,0,{minus}1/2,1e{minus}3,{minus}inf") == [[-1.0, 0.0, -0.5, 1e-3, -float("inf")]]


def test_a_decimal_comma_is_never_guessed():
    """`0,5;0,3` is two rows of two."""
    assert read("0,5;0,3") == [[0.0, 5.0], [0.0, 3.0]]


def test_every_item_keeps_its_position():
    """What an item is can be read off the original text, full-width signs included."""
    text = "[−１.5， 2/3；\n 50％ 4]"
    found = [[text[item.start : item.stop] for item in row] for row in cut_vector(text, "it").rows]
    assert found == [["−１.5", "2/3"], ["50％", "4"]]


ERRORS = [
    ("", None, "no values"),
    ("   ", None, "no values"),
    ("\n\n", None, "no values"),
    ("[]", None, "no values"),
    ("[[]]", None, "no values"),
    ("()", None, "no values"),
    ("1,,2", (2, 3), "missing before this comma"),
    (",1", (0, 1), "missing before this comma"),
    ("[,1]", (1, 2), "missing before this comma"),
    ("1;,2", (2, 3), "missing before this comma"),
    ("1,", (1, 2), "missing after this comma"),
    ("[1,2,]", (4, 5), "missing after this comma"),
    ("1,;2", (1, 2), "missing after this comma"),
    ("1,\n2", (1, 2), "missing after this comma"),
    ("1，，2", (2, 3), "missing before this comma"),
    (";1", (0, 1), "row is missing"),
    ("1;;2", (2, 3), "row is missing"),
    ("[1,2", (0, 1), "never closed"),
    ("[[1,2],[3,4]", (0, 1), "never closed"),
    ("[[1,2", (1, 2), "never closed"),
    ("1,2]", (3, 4), "has no opening one"),
    (")", (0, 1), "has no opening one"),
    ("[1,2)", (4, 5), "closed by"),
    ("([1,2)]", (5, 6), "closed by"),
    ("1,[2]", (2, 3), "middle of a row"),
    ("[1,[2]]", (3, 4), "middle of a row"),
    ("[[[1]]]", (2, 3), "two deep"),
    ("[[1,2],3]", (7, 8), "outside the brackets"),
    ("[1,2]]", (5, 6), "has no opening one"),
    ("[1],,[2]", (4, 5), "missing before this comma"),
]


@every(("text", "place", "words"), ERRORS)
def test_a_slip_in_the_grammar_is_underlined(text, place, words):
    """The message names the source and the slip, and the place is the character that is wrong."""
    with pytest.raises(InputError, match=words) as caught:
        cut_vector(text, "the prediction")
    error = caught.value
    assert "the prediction" in error.message
    assert (error.place and (error.place.start, error.place.stop)) == place
    assert error.place is None or error.place.text == text


NUMBER_ERRORS = [
    ("0.5,O.5", (4, 7), "'O.5'", "0.5"),
    ("0.5,l.5", (4, 7), "not a number", "1.5"),
    ("1..5,2", (0, 4), "not a number", "1.5"),
    ("2,x", (2, 3), "'x'", None),
    ("1,2;3,four", (6, 10), "'four'", None),
    ("nan,1", (0, 3), "not a number", None),
    ("1,-NaN", (2, 6), "not a number", None),
    ("1/0,1", (0, 3), "not a number", "over 0"),
    ("1/0.0,1", (0, 5), "not a number", "over 0"),
    ("1 / 3", (2, 3), "not a number", "1/3"),
    ("50 %", (3, 4), "not a number", "50%"),
    ("1/2/3,1", (0, 5), "not a number", None),
    ("1,0x10", (2, 6), "not a number", None),
    ("0.5，O.5", (4, 7), "not a number", "0.5"),
    ("1e999,1", (0, 5), "too large", None),
    ("1,-1e999", (2, 8), "too large", None),
    ("1,1e99999999999999", (2, 18), "too large", None),
    ("1," + "9" * 400, (2, 402), "too large", None),
    ("1," + "9" * 400 + "/3", (2, 404), "too large", None),
]


@pytest.mark.parametrize(("text", "place", "words", "hint"), NUMBER_ERRORS)
def test_what_is_no_number_is_underlined(text, place, words, hint):
    """The item that is wrong is named, underlined, and repaired in the hint where that is plain."""
    with pytest.raises(InputError, match=words) as caught:
        read(text)
    error = caught.value
    assert error.place is not None
    assert (error.place.start, error.place.stop) == place
    assert hint is None or hint in (error.hint or "")


def test_rows_of_unequal_length_are_named():
    """The row that differs from the first is named, with both lengths, and underlined."""
    with pytest.raises(InputError, match="row 3 has 1 value and row 1 has 2") as caught:
        read("1,2;3,4;5")
    assert (caught.value.place.start, caught.value.place.stop) == (8, 9)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "(" * 50_000 + ")" * 50_000, "]" * 100_000, "," * 100_000, ";" * 100_000]
)
def test_absurd_nesting_is_an_error_at_once(text):
    """No recursion: however deep the brackets, the first one too many is the error."""
    with pytest.raises(InputError):
        cut_vector(text, "it")


def test_a_long_vector_is_read():
    """A hundred thousand values are no trouble."""
    assert read(",".join(["1"] * 100_000)) == [[1.0] * 100_000]
