"""Sources: values, standard input, or a path; told apart by what parses as numbers."""

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "preds.csv",
        "preds.csv:p*",
        "dump.npz:logits",
        "./preds.csv",
        "./1,2",
        "/nowhere/1",
        "../2",
        "~/0.5",
        "dog",
        "model one",
        "a.npy",
        "x/y",
        "./2",
    ],
)
def test_what_is_no_number_is_a_path(cecli, text):
    """Anything without one number in it is a path, and ./ forces one."""
    result = cecli("softmax", text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no such file" in result.stderr
    assert text in result.stderr


@pytest.mark.parametrize(
    "text",
    ["~nobody-of-that-name/x", "~nobody", "a" * 5000, "./" + "a" * 300, "~x\x00", "./\x00", "\x00"],
    ids=lambda text: ascii(text)[:20],
)
def test_a_path_that_cannot_be_is_no_file(cecli, text):
    """No such user, a name too long, a null byte: an error about the source, no fault, nothing about the output."""
    result = cecli("softmax", text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the logits" in result.stderr
    assert "output" not in result.stderr


@pytest.mark.parametrize("text", ["0.5,x", "[a,b]", "(x", "nan", "1,nan", "O.5,0.5", "nan,nan", "1 2 x"])
def test_what_was_meant_as_values_is_no_path(cecli, text):
    """A slip among numbers, brackets or NaN is an error of its own, not a missing file."""
    result = cecli("softmax", text)
    assert result.exit_code == 2
    assert "file" not in result.stderr
    assert "^" in result.stderr


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"1,2\n3,5\n", "1,2;3,5"), (b"1,2\r\n3,5\r\n", "1,2;3,5"), (b"1,2\r3,5", "1,2;3,5"), (b"\xef\xbb\xbf1,2", "1,2"), (b"1 2\n3\t5", "1,2;3,5"), (b"\n1,2\n\n", "1,2"),
        (b"[[1,2],\n [3,5]]\n", "1,2;3,5"), (b"cat,dog\n1,2\n", "1,2"), ("1，2\n3，−4".encode(), "1,2;3,-4"), (b"1,2", "1,2"), (b"[1,2]\n[3,5]\n", "1,2;3,5"), (b"7\n", "7"),
        (b"63/64,1/64\n", "63/64,1/64"), (b"5%,-inf\n", "5%,-inf"),
    ],
)  # fmt: skip
def test_standard_input_follows_the_same_grammar(cecli, data, text):
    """Any line ends, a byte order mark, brackets, a header."""
    piped, typed = cecli("softmax", "-", stdin=data), cecli("softmax", text)
    assert piped.exit_code == 0, piped.stderr
    assert piped.stdout == typed.stdout


def test_a_header_names_the_classes(cecli):
    """A first row with anything that is not a number is a header."""
    result = cecli("softmax", "-", "-f", "table", stdin=b'cat,"grey dog"\n1,2\n')
    assert "cat" in result.stdout
    assert "grey dog" in result.stdout


def test_a_row_after_a_header_is_named_as_a_sample(cecli):
    """The header is no sample."""
    result = cecli("entropy", "-", stdin=b"cat,dog\n0.5,0.5\n0.1,0.8\n")
    assert result.exit_code == 2
    assert "sample 2" in result.stderr


def test_a_header_over_one_column_of_labels(cecli):
    """A first row that is not a number is a header also where there is one column."""
    result = cecli("xent", "-", "0.5,0.5;0.25,0.75", "-r", "none", stdin=b"label\n0\n0\n")
    assert (result.exit_code, result.stdout) == (0, "0.6931471805599453\n1.3862943611198906\n"), result.stderr


def test_a_header_over_a_column_of_names(cecli):
    """In a column of text labels the first row is a header if it is not a class name."""
    result = cecli("xent", "-", "0.5,0.5;0.25,0.75", "-r", "none", "--classes", "cat,dog", stdin=b"label\ndog\ncat\n")
    assert (result.exit_code, result.stdout) == (0, "0.6931471805599453\n1.3862943611198906\n"), result.stderr


def test_a_column_of_names_needs_no_header(cecli):
    """A first row that is a class name is a label."""
    result = cecli("xent", "-", "0.5,0.5;0.25,0.75", "-r", "none", "--classes", "cat,dog", stdin=b"dog\ncat\n")
    assert (result.exit_code, result.stdout) == (0, "0.6931471805599453\n1.3862943611198906\n"), result.stderr


@pytest.mark.parametrize(("data", "line"), [(b"\xff", 1), (b"1,2\n3,\xff\n", 2), (b"1,2\n# \xff\n3,4\n5,\xe9\n", 4)])
def test_what_is_not_utf8_is_named_by_line(cecli, data, line):
    """Binary input is an error with its line."""
    result = cecli("softmax", "-", stdin=data)
    assert result.exit_code == 2
    assert f"line {line}" in result.stderr
    assert "UTF-8" in result.stderr


@pytest.mark.parametrize(("encoding", "name"), [("utf-16-le", "UTF-16LE"), ("utf-16-be", "UTF-16BE")])
def test_utf16_without_a_mark_is_named_as_such(cecli, encoding, name):
    """The error says what it is, and what writes it as UTF-8."""
    result = cecli("softmax", "-", stdin="1,2\n3,4\n".encode(encoding))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "UTF-16" in result.stderr
    assert f"iconv -f {name} -t UTF-8" in result.stderr


@pytest.mark.parametrize("data", [b"", b"\n", b" \n\n", b"a,b\n"])
def test_an_empty_standard_input_is_an_error(cecli, data):
    """Nothing, or a header alone."""
    result = cecli("softmax", "-", stdin=data)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("weights", "exit_code"), [("1;2", 0), ("1,2", 0), ("[1,2]", 0), ("1,2;3,4", 2), ("1", 2), ("1,2,3", 2)]
)
def test_a_weight_vector_may_stand_in_a_row_or_a_column(cecli, weights, exit_code):
    """A vector is a vector; rows and other lengths are refused."""
    assert cecli("xent", "0,1", "0.5,0.5;0.5,0.5", "--sample-weights", weights).exit_code == exit_code


@pytest.mark.parametrize("labels", ["1,0", "1;0", "[1,0]", "[[1],[0]]", "1 0"])
def test_labels_may_stand_in_a_row_or_a_column(cecli, labels):
    """One label per sample, however they are written."""
    result = cecli("xent", labels, "0.5,0.5;0.25,0.75", "-r", "none")
    assert (result.exit_code, result.stdout) == (0, "0.6931471805599453\n1.3862943611198906\n"), result.stderr


@pytest.mark.parametrize(
    ("piped", "options", "typed"),
    [
        ("[[1,3],[0,2]]", [], "3,1;2,0"),
        ("1,5;0\n2,5;1\n", ["--decimal-comma"], "0,1.5;1,2.5"),
    ],
)
def test_columns_of_what_is_piped_in(cecli, piped, options, typed):
    """Rows in brackets, and lines with a decimal comma, are tables where columns are chosen: here the second before the first."""
    assert cecli("softmax", "-:2,1", *options, stdin=piped).stdout == cecli("softmax", typed).stdout


@pytest.mark.parametrize("piped", ["1,3;0,2", "array([[1,3],[0,2]])", "cat=1,dog=3", "uniform:2", "((1,3),(0,2))"])
def test_columns_of_values_as_one_types_them(cecli, piped):
    """They have none, and a choice of them is never passed over."""
    result = cecli("softmax", "-:2,1", stdin=piped)
    assert (result.exit_code, result.stdout) == (2, "")
