"""Texts of other kinds, and other delimiters: they are read, or one line says what they are and how to save them."""

import math

import pytest

from tests.reading.conftest import WAYS

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2
ARFF = "@RELATION p\n\n@ATTRIBUTE cat NUMERIC\n@ATTRIBUTE dog NUMERIC\n\n@DATA\n0.7,0.3\n0.2,0.8\n"
MARKDOWN, DRAWN = "Markdown and drawn tables", "drawn tables"


@pytest.mark.parametrize("header", ["cat{}dog{}y\n", ""])
@pytest.mark.parametrize("delimiter", ["|", " | ", "\t", ";", " "])
@pytest.mark.parametrize("way", WAYS)
def test_delimiters(files, value, by, header, delimiter, way):
    by(way)
    rows = "".join(delimiter.join(row) + "\n" for row in (["0.7", "0.3", "0"], ["0.2", "0.8", "1"]))
    text = header.format(delimiter, delimiter) + rows
    files(p__csv=text)
    close(value("xent", "p.csv:3", "p.csv:1-2")[0], LOSS)
    close(value("xent", "0,1", "-:1-2", stdin=text)[0], LOSS)
    files(q__txt=text.replace(".", ","))
    close(value("xent", "q.txt:3", "q.txt:1-2", "--decimal-comma")[0], LOSS)


def test_a_bar_beside_another_delimiter_is_text(files, value):
    files(p__csv="0.7,0.3,a|b|c|d\n0.2,0.8,e|f|g|h\n", q__txt="cat;dog;a|b|c|d\n0.7;0.3;x\n0.2;0.8;y\n")
    close(value("xent", "0,1", "p.csv:1,2")[0], LOSS)
    close(value("xent", "0,1", "q.txt:1,2")[0], LOSS)


@pytest.mark.parametrize("delimiter", ["|", "\t", ";", " "])
def test_decimal_commas_are_not_guessed(files, refused, delimiter):
    files(p__txt=f"0,7{delimiter}0,3\n")
    for source in ("p.txt", "-"):
        if source == "p.txt" or delimiter != ";":  # piped, 0,7;0,3 is two rows, as it is typed
            said = refused("entropy", source, stdin=f"0,7{delimiter}0,3\n")
            assert "line 1: '0,7' is not a number" in said
            assert "--decimal-comma" in said


@pytest.mark.parametrize(
    ("text", "kind", "hint"),
    [
        (ARFF, "ARFF files", "save the values as CSV"),
        ("% a comment\n%\n% of three lines\n" + ARFF.lower(), "ARFF files", "save the values as CSV"),
        ("%%MatrixMarket matrix array real general\n2 2\n0.7\n", "MatrixMarket", "scipy.io.mmread"),
        ("1 1:0.7 2:0.3\n0 2:0.8\n", "LibSVM", "load_svmlight_file"),
        ("<!DOCTYPE html>\n<html><body>0.7,0.3\n", "web pages", "download"),
        ("<?xml version='1.0'?>\n<p/>\n", "web pages and XML", "CSV"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS", "git lfs pull"),
        ("[,1] [,2]\n[1,] 0.7 0.3\n", "printed matrices of R", "write.csv"),
        ("| cat | dog |\n|---|---|\n| 0.7 | 0.3 |\n", MARKDOWN, "to_csv"),
        ("| cat | dog |\n|:---|---:|\n| 0.7 | 0.3 |\n", MARKDOWN, "to_csv"),
        ("cat | dog\n--- | ---\n0.7 | 0.3\n", MARKDOWN, "to_csv"),
        (" cat | dog \n-----+-----\n 0.7 | 0.3\n(1 row)\n", MARKDOWN, "psql --csv"),
        ("+-----+-----+\n| cat | dog |\n+-----+-----+\n| 0.7 | 0.3 |\n", MARKDOWN, "to_csv"),
        ("   cat    dog\n--  ---  ---\n 0  0.7  0.3\n", MARKDOWN, "to_csv"),
        ("cat  dog\n===  ===\n0.7  0.3\n", MARKDOWN, "to_csv"),
        ("┌─────┬─────┐\n│ cat ┆ dog │\n╞═════╪═════╡\n│ 0.7 ┆ 0.3 │\n", DRAWN, "CSV"),
    ],
)
def test_what_is_not_read_says_how_to_save_it(files, refused, text, kind, hint):
    files(p__txt=text, p=text)
    for source in ("p.txt", "p", "-"):
        said = refused("entropy", source, stdin=text)
        assert kind in said
        assert "are not read" in said
        assert hint in said


@pytest.mark.parametrize("text", ["p\n--\n0.5\n", "cat,dog\n-,-\n0.5,0.5\n", "1 12:30 x\n2 13:30 y\n"])
def test_lines_like_those_of_other_kinds_are_rows(files, refused, text):
    files(p__txt=text)
    assert "are not read" not in refused("entropy", "p.txt:1,2" if " " in text or "," in text else "p.txt", "-l")


@pytest.mark.parametrize("text", ['{"cat": 0.7, "dog": 0.3}\n{"cat": 0.2, "dog": 0.8}\n', '[{"cat": 0.7, "dog": 0.3}]'])
def test_json_in_a_file_of_another_ending(files, refused, value, text):
    files(f__csv=text, f__txt=text, f=text)
    for file in ("f.csv", "f.txt"):
        assert "name it .json" in refused("entropy", file)
    assert value("entropy", "f")


def test_objects_in_the_only_column_of_a_tsv_are_rows(files, value):
    files(p__tsv='p\n{"cat": 0.7, "dog": 0.3}\n{"dog": 0.8, "cat": 0.2}\n')
    close(value("xent", "cat,dog", "p.tsv:p")[0], LOSS)


@pytest.mark.parametrize(
    ("name", "says"), [("p.txt", "dictionaries as Python prints them"), ("p", "JSON has double quotes")]
)
def test_dictionaries_as_python_prints_them(files, refused, name, says):
    text = "{'cat': 0.7, 'dog': 0.3}\n{'cat': 0.2, 'dog': 0.8}\n"
    files(p__txt=text, p=text)
    said = refused("entropy", name)
    assert says in said
    assert "json.dump" in said
