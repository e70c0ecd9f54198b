"""Text files as people and programs write them: headers, line ends, quotes, comments, delimiters."""

import gzip
import json

import pytest

from tests.every import every

EXPECTED = "1,2;3,5"


@every(
    "data",
    [
        b"1,2\n3,5\n", b"1,2\n3,5", b"1,2\r\n3,5\r\n", b"1,2\r3,5\r", b"1,2\r\n3,5", b"\xef\xbb\xbf1,2\n3,5\n", b"\n\n1,2\n\n3,5\n\n", b"# made by hand\n1,2\n  # more\n3,5\n", b" 1 , 2 \n 3 ,5\n",
        b"1\t2\n3\t5\n", b"1;2\n3;5\n", b"1 2\n3 5\n", b"1  2\n3   5\n", b"  1 2\n  3 5\n", b"a,b\n1,2\n3,5\n", b"\xef\xbb\xbfa,b\r\n1,2\r\n3,5\r\n", b'"a","b"\n"1","2"\n"3","5"\n', b"# x\n\na,b\n# y\n1,2\n\n3,5",
        b"a;b\n1;2\n3;5", b"a\tb\n1\t2\n3\t5", b"a b\n1 2\n3 5", b"[1, 2]\n[3, 5]\n", b"(1 2)\n(3 5)\n", b"[1,2],\n[3,5]\n", b"[[1,2],\n[3,5]]\n", b"1e0,20e-1\n3.0,+5\n", b"3/3,4/2\n300%,5\n",
        b'"a, b","c ""d"""\n1,2\n3,5\n', b'"line\none","b"\n1,2\n3,5\n', b'"1\n","2"\n3,5\n', b"1,2\n \t \n3,5\n", "１，２\n３，５\n".encode(), b"1, 2\n3, 5\n",
    ],
    ids=ascii,
)  # fmt: skip
@every("name", ["t.csv", "t.txt", "t", "-"])
def test_every_way_to_write_the_same_rows(folder, cecli, printed, data, name):
    """The same numbers from a file and from standard input."""
    (folder / "t").write_bytes(data)
    (folder / "t.csv").write_bytes(data)
    (folder / "t.txt").write_bytes(data)
    result = cecli("softmax", name, stdin=data if name == "-" else None)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == printed("softmax", EXPECTED)


ENCODED = {
    "t.csv": "1,2\r\n3,5\r\n",
    "t.tsv": "é\tb\r\n1\t2\r\n3\t5\r\n",
    "t.txt": "a\tb\n1\t2\n3\t5\n",
    "t.jsonl": '{"a": 1, "b": 2}\n{"a": 3, "b": 5}\n',
    "t.json": "[[1, 2], [3, 5]]",
    "t": '{"a": 1, "b": 2}\n{"a": 3, "b": 5}\n',
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@every("name", ENCODED)
@every("how", ["plain", "gz", "piped", "piped gz", "at once", "slow", "slow gz"])
def test_every_byte_order_mark(folder, cecli, printed, byte_by_byte, name, encoding, how):
    """What Excel and PowerShell write, as a file and piped in, packed too; the first read of a pipe may bring less than the mark."""
    text = ("\ufeff" * encoding.endswith(("le", "be"))) + ENCODED[name]
    data = gzip.compress(text.encode(encoding)) if "gz" in how else text.encode(encoding)
    name += ".gz" * (how == "gz")
    (folder / name).write_bytes(data)
    words = {"plain": [name], "gz": [name], "at once": ["-", "--line-buffered"]}.get(how, ["-"])
    piped = byte_by_byte(data) if how.startswith("slow") else data
    result = cecli("softmax", *words, stdin=piped if "-" in words else None)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == printed("softmax", EXPECTED)


def test_long_utf16_is_read_in_blocks(folder, cecli):
    """The same answer as of UTF-8."""
    rows = "".join(f"ä\t{k % 7}.5\t{k % 5}\n" for k in range(300_000))
    for encoding in ("utf-8", "utf-16"):
        (folder / f"{encoding}.tsv").write_text(f"\U0001f431\ta\tb\n{rows}", encoding)
    first, second = (
        cecli("softmax", f"{encoding}.tsv:2-", "-o", f"{encoding}.npy") for encoding in ("utf-8", "utf-16")
    )
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert (folder / "utf-8.npy").read_bytes() == (folder / "utf-16.npy").read_bytes()


@pytest.mark.parametrize(
    "data", ["1\t2\n3\t5\n", "a\tb\n1\t2\n3\t5\n", '"a, b"\tc\n1\t2\n3\t5\n', "a, b\tc; d\n1\t2\n3\t5\n"]
)
def test_tab_separated(folder, printed, data):
    """In a .tsv file commas, semicolons and blanks are text."""
    (folder / "t.tsv").write_text(data)
    assert printed("softmax", "t.tsv") == printed("softmax", EXPECTED)


@every(
    ("header", "names"),
    [
        ("cat,dog", ["cat", "dog"]), ('"grey cat",dog', ["grey cat", "dog"]), ('"a,b","c""d"', ["a,b", 'c"d']), ('"x\ny",z', ["x\ny", "z"]), ("'=x,y", ["=x", "y"]), ("it's,'t", ["it's", "'t"]), ("''q,z", ["'q", "z"]),
        ("日本,münchen", ["日本", "münchen"]), (" cat , dog ", ["cat", "dog"]), ("2,x", ["2", "x"]), ("[b],c", ["[b]", "c"]), ("a|b,$x$", ["a|b", "$x$"]), ("cat;dog", ["cat", "dog"]), ('"a,b";"c;d"', ["a,b", "c;d"]),
        ("a=b,c:d", ["a=b", "c:d"]), ('"# x",y', ["# x", "y"]),
    ],
)  # fmt: skip
@every("name", ["t.csv", "-"])
def test_the_names_of_a_header(folder, cecli, header, names, name):
    """Quoted ones hold anything; what was written against spreadsheets is taken off."""
    delimiter = ";" if ";" in header.replace("c;d", "") else ","
    data = f"{header}\n1{delimiter}2\n"
    (folder / "t.csv").write_text(data, "utf-8")
    result = cecli("softmax", name, "-f", "json", stdin=data.encode() if name == "-" else None)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["settings"]["classes"] == names


def test_header_and_no_header_say_so_outright(folder, cecli, printed):
    """A header of numbers needs --header; --no-header makes a word an error of line 1."""
    (folder / "t.csv").write_text("3,7\n1,2\n3,5\n")
    assert printed("softmax", "t.csv") == printed("softmax", "3,7;1,2;3,5")
    assert printed("softmax", "t.csv", "--header") == printed("softmax", EXPECTED)
    assert json.loads(printed("softmax", "t.csv", "--header", "-f", "json"))["settings"]["classes"] == ["3", "7"]
    (folder / "n.csv").write_text("a,b\n1,2\n")
    result = cecli("softmax", "n.csv", "--no-header")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "n.csv, line 1" in result.stderr
    assert "'a' is not a number" in result.stderr


@every(
    ["text", "names"],
    [
        ("# a,b,c\n1,2,3\n4,5,6\n", ["a", "b", "c"]), ("# a b c\n1 2 3\n4 5 6\n", ["a", "b", "c"]), ("#a;New York;c\n\n1;2;3\n", ["a", "New York", "c"]),
        ("# the first of two\n# a,b,c\n1,2,3\n# x,y,z\n4,5,6\n", ["a", "b", "c"]), ("# x,y,z\na,b,c\n1,2,3\n", ["a", "b", "c"]), ("# a,b\n1,2,3\n", None), ("# a,b,b\n1,2,3\n", None),
        ("# a,b,0.5\n1,2,3\n", None), ("# a,,c\n1,2,3\n", None), ("1,2,3\n# a,b,c\n4,5,6\n", None), ("# a b c\n1,2,3\n", None), ("# a,b,c\n[1,2,3]\n", None),
    ],
)  # fmt: skip
@every("name", ["t.csv", "-"])
def test_a_comment_above_the_rows_names_the_columns(folder, cecli, printed, text, names, name):
    """As np.savetxt writes its header; where it has another number of fields, numbers or gaps it is passed over, and so it is with --no-header."""
    (folder / "t.csv").write_text(text)
    assert json.loads(printed("softmax", name, "-f", "json", stdin=text))["settings"].get("classes") == names
    if not text.startswith("# x,y,z\na"):  # whose header is one
        result = cecli("softmax", name, "-f", "json", "--no-header", stdin=text)
        assert result.exit_code == 0
        assert json.loads(result.stdout)["settings"]["classes"] is None


def test_columns_named_by_a_comment_are_matched_by_name(folder, cecli, printed):
    """And taken by name: a label, another order."""
    (folder / "p.csv").write_text("# a,b,c\n0.2,0.3,0.5\n")
    (folder / "q.csv").write_text("# c,b,a\n0.5,0.3,0.2\n")
    (folder / "l.csv").write_text("# label,a,b,c\nb,0.2,0.3,0.5\n")
    in_another_order = cecli("kl", "p.csv", "q.csv")
    assert in_another_order.stdout == "0\n"
    assert "were matched by name" in in_another_order.stderr
    assert printed("xent", "l.csv:label", "l.csv") == printed("xent", "1", "0.2,0.3,0.5")
    assert cecli("kl", "p.csv", "l.csv:2-3").exit_code == 2


@every(
    ["words", "said", "way_out"],
    [
        (["kl", "p.csv", "q.csv"], "the names of p.csv and q.csv are in a comment", "--no-header"), (["kl", "q.csv", "p.csv"], "the names of q.csv and p.csv", "--no-header"),
        (["compare", "0,1", "p.csv", "q.csv"], "the names of q.csv and p.csv", "--no-header"), (["kl", "q*.csv", "p.csv"], "the names of q*.csv and p.csv", "--no-header"),
        (["kl", "p.csv", "h.csv"], "the names of p.csv are in a comment", "--classes x,y,z"), (["kl", "h.csv", "p.csv"], "the names of p.csv are in a comment", "--classes x,y,z"),
        (["xent", "0,1", "p.csv", "--classes", "a,b,cat"], "the names of p.csv are in a comment", "--no-header"), (["kl", "h.csv", "i.csv"], None, "--classes x,y,z"),
    ],
)  # fmt: skip
def test_other_names_of_a_comment_are_said_to_be_there(folder, cecli, words, said, way_out):
    """The way out that the hint names is one: no header, or other names where one of the files has a header."""
    rows = "0.2,0.3,0.5\n0.2,0.3,0.5\n"
    for name, names in {"p": "# a,b,c", "q": "# d,e,f", "h": "x,y,z", "i": "u,v,w"}.items():
        (folder / f"{name}.csv").write_text(f"{names}\n{rows}")
    result = cecli(*words)
    assert result.exit_code == 2
    says = " ".join(result.stderr.split())
    assert (said or "not those of") in says
    assert ("in a comment" in says) == (said is not None)
    assert ("--no-header passes it over" in says) == (way_out == "--no-header")
    again = cecli(*words, *way_out.split())
    assert again.exit_code == 0, again.stderr


def test_numeric_class_names_of_a_header_are_matched_by_name(folder, cecli, printed):
    """Never a silent guess: with columns 3 and 7 the label 3 is the first and 1 is an error."""
    (folder / "p.csv").write_text("3,7\n0.25,0.75\n0.5,0.5\n")
    (folder / "y.csv").write_text("label\n3\n7\n")
    (folder / "bad.csv").write_text("label\n3\n1\n")
    assert printed("xent", "y.csv", "p.csv", "--header", "-r", "none") == "1.3862943611198906\n0.6931471805599453\n"
    result = cecli("xent", "bad.csv", "p.csv", "--header")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "bad.csv, line 3" in result.stderr
    assert "'1' is not a class name" in result.stderr
    assert "3, 7" in result.stderr
    assert printed("xent", "3,7", "p.csv", "--header", "-r", "none") == "1.3862943611198906\n0.6931471805599453\n"


@pytest.mark.parametrize(
    "labels",
    [
        "label\ncat\ndog\n",
        "cat\ndog\n",
        '"cat"\n"dog"\n',
        "label\n0\n1\n",
        "0\n1\n",
        "0.0\n1.0\n",
        "label\n\ncat\ndog",
        "\ufeffcat\r\ndog\r\n",
        "0,1\n",
        "# y\ncat\n# z\ndog\n",
    ],
)
def test_a_file_of_labels_with_or_without_a_header(folder, printed, labels):
    """Its first row is a header if it is no class name (for numbers: no number)."""
    (folder / "y.csv").write_text(labels, "utf-8", newline="")
    (folder / "p.csv").write_text("cat,dog\n0.25,0.75\n0.5,0.5\n")
    assert printed("xent", "y.csv", "p.csv", "-r", "none") == "1.3862943611198906\n0.6931471805599453\n"


def test_header_options_hold_for_files_of_labels_too(folder, cecli, printed):
    """A column called cat is a header if that is said, and label is no class if there is none."""
    (folder / "y.csv").write_text("cat\ncat\ndog\n")
    (folder / "p.csv").write_text("cat,dog\n0.25,0.75\n0.5,0.5\n")
    assert printed("xent", "y.csv", "p.csv", "--header", "-r", "none") == "1.3862943611198906\n0.6931471805599453\n"
    (folder / "z.csv").write_text("label\ncat\n")
    (folder / "q.csv").write_text("0.25,0.75\n0.5,0.5\n")
    result = cecli("xent", "z.csv", "q.csv", "--no-header", "--classes", "cat,dog")
    assert result.exit_code == 2
    assert "z.csv, line 1" in result.stderr
    assert "'label'" in result.stderr


def test_labels_by_index_beside_named_columns(folder, printed):
    """A number is an index where the names are words."""
    (folder / "p.csv").write_text("cat,dog\n0.25,0.75\n0.5,0.5\n")
    assert printed("xent", "0,1", "p.csv", "-r", "none") == "1.3862943611198906\n0.6931471805599453\n"
    assert printed("xent", "cat,1", "p.csv", "-r", "none") == "1.3862943611198906\n0.6931471805599453\n"


def test_classes_on_the_command_line_name_the_columns(folder, cecli):
    """--classes overrules a header; a wrong number of them is an error."""
    (folder / "p.csv").write_text("a,b\n0.25,0.75\n")
    renamed = cecli("xent", "cat", "p.csv", "--classes", "cat,dog")
    assert (renamed.exit_code, renamed.stdout) == (0, "1.3862943611198906\n")
    assert "a, b of p.csv are called cat, dog" in renamed.stderr
    result = cecli("xent", "cat", "p.csv", "--classes", "cat,dog,bird")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "p.csv" in result.stderr


@pytest.mark.parametrize("form", ["w.csv", "w.csv:w", "w.txt", "w.jsonl", "w.jsonl:w", "row.csv"])
def test_sample_weights_from_a_file(folder, printed, form):
    """A column or a row, with or without a header."""
    (folder / "w.csv").write_text("w\n1\n3\n")
    (folder / "w.txt").write_text("1\n3\n")
    (folder / "w.jsonl").write_text('{"w": 1}\n{"w": 3}\n')
    (folder / "row.csv").write_text("1,3\n")
    assert printed("xent", "0,0", "0.5,0.5;0.25,0.75", "--sample-weights", form) == printed(
        "xent", "0,0", "0.5,0.5;0.25,0.75", "--sample-weights", "1,3"
    )


def test_weights_of_another_number_or_a_wrong_value(folder, refused):
    """Too many, too few, negative: the file is named, and the line of the value."""
    for data, words in (
        ("1\n2\n3\n", ["3 weights", "2 samples"]),
        ("1\n", ["1 weight", "2 samples"]),
        ("w\n1\n-2\n", ["line 3", "-2", "negative"]),
        ("w\n1\nx\n", ["line 3", "'x'"]),
    ):
        (folder / "w.csv").write_text(data)
        said = refused("xent", "0,0", "0.5,0.5;0.25,0.75", "--sample-weights", "w.csv")
        assert "w.csv" in said
        for word in words:
            assert word in said


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("a,b\n1,2\n\n# c\n3,x\n", 5), ('"a\nb",c\n1,2\n3,x\n', 4), ("1,2\r\n3,x\r\n", 2), ("1,2\r3,x\r", 2), ("\ufeffa,b\n3,x\n", 2), ('a,b\n"1","2"\n"3","x"\n', 3), ("# c\n# d\n3,4\n# e\n3,x\n", 5),
        ('"a\nb","c\nd"\n1,2\n\n"3",x\n', 6), ('a,b\n"1\n",2\n3,x\n', 4),
    ],
    ids=ascii,
)  # fmt: skip
def test_errors_name_the_line_of_the_file(folder, refused, data, line):
    """As an editor counts them: blank lines, comments and the lines within quotes included."""
    (folder / "t.csv").write_text(data, "utf-8", newline="")
    said = refused("softmax", "t.csv")
    assert f"t.csv, line {line}" in said
    assert "column 2" in said
    assert "'x' is not a number" in said


def test_the_field_is_underlined(folder, refused):
    """Where the fields can be told apart simply."""
    (folder / "t.csv").write_text("a,b,c\n1,2,3\n10,2O,30\n")
    said = refused("softmax", "t.csv")
    assert "\n    10,2O,30\n       ^^\n" in said
    assert "did you mean 20?" in said
    assert "column 2 (b)" in said


@pytest.mark.parametrize("decimals", ["0.33,0.33,0.33", "33%,33%,33%", "0.333,0.333,0.333"])
def test_rows_of_a_file_are_judged_by_what_was_written(folder, cecli, printed, decimals):
    """The same tolerance as for typed rows; in a later row too."""
    (folder / "t.csv").write_text("1,0,0\n" * 20 + decimals + "\n")
    assert printed("entropy", "t.csv").splitlines()[-1] == printed("entropy", decimals).strip()
    (folder / "t.csv").write_text("1,0,0\n" * 20 + "0.5,0.3,0.3\n")
    result = cecli("entropy", "t.csv")
    assert result.exit_code == 2
    assert "t.csv, line 21" in result.stderr
    assert "sums to 1.1" in result.stderr


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("[[1,2],[3,5]]", EXPECTED), ("[[1, 2],\n [3, 5]]\n", EXPECTED), (" [ [ 1 ,\n2 ] , [3,5] ] ", EXPECTED), ('[{"a": 1, "b": 2}, {"b": 5, "a": 3}]', EXPECTED), ('[\n{"a": 1,\n "b": 2},\n{"a": 3, "b": 5}\n]', EXPECTED),
        ("[1,2]", "1,2"), ("[\n1,\n2\n]\n", "1,2"), ("\ufeff[[1,2],[3,5]]", EXPECTED), ("[[1e0,2.0],[3,5E0]]", EXPECTED), ("[[-1,2]]", "-1,2"), ('[["1","2"],["3","5"]]', EXPECTED), ('[["-inf",2]]', "-inf,2"),
    ],
    ids=ascii,
)  # fmt: skip
def test_json(folder, printed, data, text):
    """Lists of lists, lists of objects, one list."""
    (folder / "t.json").write_text(data, "utf-8")
    assert printed("softmax", "t.json", "-q").splitlines() == printed("softmax", text, "-q").splitlines()


@pytest.mark.parametrize(
    "data",
    [
        "[1,2]\n[3,5]\n",
        '{"a": 1, "b": 2}\n{"b": 5, "a": 3}\n',
        '{"a":1,"b":2}\r\n\r\n{"a":3,"b":5}',
        '{"a": 1, "b": 2, "c": 9}\n{"a": 3, "b": 5, "c": [1]}\n',
    ],
)
def test_json_lines(folder, printed, data):
    """A list or an object a line; the keys may come in any order, others may be passed over by naming columns."""
    (folder / "t.jsonl").write_text(data, newline="")
    assert printed("softmax", "t.jsonl:a,b" if "c" in data else "t.jsonl") == printed("softmax", EXPECTED)


@pytest.mark.parametrize(
    "name", ['say "hi"', "a\\b", "tab\there", "new\nline", "[x]", "{y}", "é", "日本", "\U0001f600", "# c", "a,b", " "]
)
def test_json_names_are_taken_as_they_are(folder, cecli, name):
    """Escapes in JSON strings, in names and in labels."""
    for ending, dump in (
        ("json", json.dumps),
        ("jsonl", lambda rows: "".join(json.dumps(row) + "\n" for row in rows)),
        ("json", lambda rows: json.dumps(rows, ensure_ascii=False, indent=2)),
    ):
        (folder / f"p.{ending}").write_text(dump([{name: 0.25, "other": 0.75}, {"other": 0.5, name: 0.5}]), "utf-8")
        (folder / f"y.{ending}").write_text(dump([{"label": name}, {"label": "other"}]), "utf-8")
        result = cecli("xent", f"y.{ending}:label", f"p.{ending}", "-r", "none")
        assert (result.exit_code, result.stdout) == (0, "1.3862943611198906\n0.6931471805599453\n"), result.stderr


@every(
    ("name", "data", "words"),
    [
        ("t.json", '{"a": [1, 2], "b": [1]}', ["t.json", "object"]), ("t.json", "1,2", ["t.json"]), ("t.json", "[[1,2],[3", ["t.json", "cut off"]), ("t.json", "[[1,2],[3,4]", ["t.json"]), ("t.json", "[1,2", ["t.json"]),
        ("t.json", "[1,2,", ["t.json"]), ("t.json", "[[1,2],]", ["t.json"]), ("t.json", "[[1,2]] x", ["t.json"]), ("t.json", "[1,2] x", ["t.json"]), ("t.json", "[]", ["t.json"]), ("t.json", "[[]]", ["t.json"]), ("t.json", "", ["t.json"]),
        ("t.json", "[[1,2][3,4]]", ["t.json"]), ("t.json", "[[1,null]]", ["t.json", "null"]), ("t.json", '[{"a":1,"b":2},{"a":1}]', ["t.json", "'b'"]), ("t.json", '[{"a":1},[1]]', ["t.json"]), ("t.json", "[[1,[2]]]", ["t.json"]),
        ("t.json", "[[1,NaN]]", ["t.json", "NaN"]), ("t.json", '[{"a":1,"b":null}]', ["t.json", "column 2", "missing"]), ("t.jsonl", '{"a":1,"b":2}\n{"a":1,\n', ["t.jsonl", "line 2"]), ("t.jsonl", '{"a":1}\nx\n', ["t.jsonl", "line 2"]),
        ("t.jsonl", '{"a":1,"b":2}\n{"a":1,"b":"x"}\n', ["line 2", "column 2 (b)", "'x'"]), ("t.jsonl", '{"a":1,"b":2}\n{"a":1,"b":[3]}\n', ["line 2", "column 2 (b)", "[3]"]), ("t.jsonl", "[1,2]\n[3]\n", ["line 2", "1 value"]),
        ("t.jsonl", "[1,2]\n[3,4\n", ["line 2"]), ("t.json", "[[1,2],[3,x]]", ["'x]]'"]), ("t.json", '"x"', ["t.json"]), ("t.json", '[["a]', ["t.json"]),
    ],
)  # fmt: skip
def test_json_that_is_wrong(folder, refused, name, data, words):
    """Malformed, cut off, of another shape, nothing in it: never half of it read, never a fault."""
    (folder / name).write_text(data)
    said = refused("softmax", name)
    for word in words:
        assert word in said


@every(
    "data",
    [b'1,2\n3,4"\n5,6\n', b'a,b\n1,"2\n3,4\n', b'"a,b\n1,2\n', b'1,"2"3\n4,5\n', b'"\n', b'1,2"\n3"4,5\n', b'x"y,z\n1,2\n', b"1,2\n\x00,3\n", b"\x00\x01\x02", b'a,b\n1,2\n3,"4"\n"5\r,6\n'],
    ids=ascii,
)  # fmt: skip
@every("name", ["t.csv", "t.tsv", "t.jsonl", "-"])
def test_stray_quotes_and_null_bytes_are_no_fault(folder, cecli, data, name):
    """Read or refused, never a fault of cecli's own."""
    (folder / "t.csv").write_bytes(data)
    (folder / "t.tsv").write_bytes(data.replace(b",", b"\t"))
    (folder / "t.jsonl").write_bytes(data)
    result = cecli("softmax", name, stdin=data)
    assert result.exit_code in (0, 2), result.stderr
    assert result.exit_code == 0 or result.stdout == ""


def test_a_quote_that_never_ends_is_an_error_of_its_line(folder, refused):
    """Not a header that swallowed the file."""
    (folder / "t.csv").write_text('a,"b\n' + "1,2\n" * 5000)
    assert "t.csv, line 1" in refused("softmax", "t.csv")


@every("data", ["a,b\n", "a,b", "# nothing\n", "", "\n\n", "\ufeff", '"a","b"\n\n\n', "a,b\n# c\n"])
@every(
    "words",
    [
        ["softmax"],
        ["entropy"],
        ["xent", "0"],
        ["kl", "0.5,0.5"],
        ["bce", "1"],
        ["compare", "0"],
        ["grad", "0"],
        ["xent", "0", "0.5,0.5", "--sample-weights"],
        ["softmax", "-f", "json"],
        ["xent", "0", "-r", "none"],
    ],
    ids=" ".join,
)
def test_a_file_without_a_row_is_an_error(folder, refused, data, words):
    """Empty, or a header alone: nothing was computed, and that is said."""
    (folder / "t.csv").write_text(data, "utf-8")
    assert "t.csv" in refused(*words, "t.csv")


def test_no_file_is_left_open(folder, recwarn):
    """Files are closed when a call is done, not when Python happens to collect them."""
    import gc

    from typer.testing import CliRunner

    from cecli.cli.app import app

    (folder / "t.csv").write_text("1,2\n3,5\n")
    for words in (["softmax", "t.csv"], ["softmax", "t.csv:x"], ["xent", "0", "t.csv"]):
        CliRunner().invoke(app, words)
        gc.collect()
    assert [str(warning.message) for warning in recwarn if issubclass(warning.category, ResourceWarning)] == []
