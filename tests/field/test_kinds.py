"""Kinds of files that went wrong in silence, or whose hints led nowhere: what comes, or what is said."""

import math

import pytest

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2


def plain(said):
    """What was said, on one line."""
    return " ".join(said.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("token,cat,dog\nthe,0.7,0.3\n##ing,0.5,0.5\na,0.2,0.8\n", "line 3 of f.csv begins with # and was passed over"),
        ("token,cat,dog\n#,0.5,0.5\nthe,0.7,0.3\n#x,1,0\na,0.2,0.8\n", "line 2 of f.csv and 1 more begin with #"),
        ("#a,0.1,0.9\nthe,0.7,0.3\na,0.2,0.8\n", "line 1 of f.csv begins with #"),
        ("# made by hand\nt,cat,dog\nthe,0.7,0.3\n# a note, of two\na,0.2,0.8\n#\n", None),
        ("# t,cat,dog\nthe,0.7,0.3\na,0.2,0.8\n# t,cat,dog\n", None),
    ],
)
def test_rows_that_look_like_comments(files, value, text, said):
    files(f__csv=text)
    found, notes = value("xent", "0,1", "f.csv:2-3")
    close(found, LOSS)
    assert (said in plain(notes)) if said else notes == ""


def test_quotes_around_the_first_value_make_a_line_a_row(files, value):
    files(f__csv='token,cat,dog\nthe,0.7,0.3\n"##ing",0.2,0.8\n')
    found, notes = value("xent", "0,1", "f.csv:2-3")
    close(found, LOSS)
    assert notes == ""


def test_labels_that_look_like_comments_are_named_where_samples_lack(files, refused):
    files(y__csv="y\n#a\nb\n", p__csv="#a,b\n0.7,0.3\n0.2,0.8\n")
    assert "line 2 of y.csv begins with # and was passed over" in plain(refused("xent", "y.csv", "p.csv"))


@pytest.mark.parametrize("word", ["#DIV/0!", "#VALUE!", "#NV", "#NAME?", "#WERT!"])
def test_what_a_spreadsheet_could_not_compute_is_no_comment(files, refused, word):
    files(f__csv=f"cat,dog\n0.7,0.3\n{word},{word}\n0.2,0.8\n")
    said = refused("entropy", "f.csv")
    assert f"f.csv, line 3, column 1 (cat): '{word}' is not a number" in said
    assert "the header?" not in said


def test_a_comment_in_another_encoding_is_passed_over(files, value):
    files(f__csv=b"# caf\xe9,b\n0.7,0.3\n0.2,0.8\n")
    close(value("xent", "0,1", "f.csv")[0], LOSS)


@pytest.mark.parametrize("word", ["30.75 %", "0.3f", "tensor(0.3)", "3.0D-01", "?", "0x1p-2"])
def test_a_line_of_values_is_not_taken_for_the_header(files, refused, word):
    files(f__csv=f"cat,dog\n{word},{word}\n{word},{word}\n", g__csv=f"cat,dog\n0.5,0.5\n{word},{word}\n0.5,0.5\n")
    assert "the header?" not in refused("entropy", "f.csv")
    assert "the header?" not in refused("entropy", "g.csv")
