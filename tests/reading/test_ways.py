"""Three ways to the same table: pyarrow, `loadtxt` (or `json`), and the typed grammar give the same numbers and the same errors."""

import json

import numpy as np
import pytest

from .conftest import WAYS

RNG = np.random.default_rng(7)
ROWS = RNG.dirichlet([1, 1, 1], 30).tolist()
LABELS = RNG.integers(0, 3, 30).tolist()
HEAD = "label,a,b,c\n"


def lines(rows, delimiter=",", head="a,b,c\n"):
    """Rows as text."""
    return head.replace(",", delimiter) + "".join(delimiter.join(map(repr, row)) + "\n" for row in rows)


def beside(labels, rows):
    """Labels and rows as text."""
    return HEAD + "".join(f"{label},{','.join(map(repr, row))}\n" for label, row in zip(labels, rows, strict=True))


GOOD = lines(ROWS)
TEXTS = {
    "plain": GOOD,
    "tabs": lines(ROWS, "\t"),
    "semicolons": lines(ROWS, ";"),
    "blanks": lines(ROWS, " "),
    "no header": lines(ROWS, head=""),
    "quoted": GOOD.replace("\n0", '\n"0', 1).replace(",0", '",0', 1),
    "quoted names": '"a, b",b,c\n' + lines(ROWS, head=""),
    "fractions": GOOD + "1/3,1/3,1/3\n",
    "percentages": GOOD + "20%,30%,50%\n",
    "plus": GOOD + "+0.5,+0.25,+0.25\n",
    "exponents": GOOD + "5e-1,2.5E-1,25e-2\n",
    "points": GOOD + ".5,0.,.5\n",
    "blanks around": GOOD + " 0.5 , 0.25 ,0.25 \n",
    "grouped": GOOD + "0.5,0.5,0_0\n",
    "full width": GOOD + "０.5,0.5,0\n",
    "comments": "# made\n" + GOOD + "# end\n",
    "missing": GOOD + "0.5,,0.5\n",
    "NA": GOOD + "0.5,NA,0.5\n",
    "nan": GOOD + "0.5,nan,0.5\n",
    "null": GOOD + "null,0.5,0.5\n",
    "PostgreSQL": GOOD + "\\N,0.5,0.5\n",
    "SAS": GOOD + ".,0.5,0.5\n",
    "word": GOOD + "0.5,x,0.5\n",
    "large": GOOD + "1e999,0.5,0.5\n",
    "long": GOOD + "0.5,0.25,0.25,0\n",
    "short": GOOD + "0.5,0.5\n",
    "hex": GOOD + "0x1,0,0\n",
    "infinite": GOOD + "inf,0,0\n",
    "sum": GOOD + "0.5,0.5,0.5\n",
    "rounded": GOOD + "0.333,0.333,0.333\n",
    "digits": GOOD + "0.50,0.30,0.30\n",
    "two digits": GOOD + "0.33,0.33,0.33\n",
    "latin": GOOD + "0.5,0.\udcb55,0\n",
    "quote": GOOD + '"0.5,0.5,0\n',
    "open line": GOOD + '"0.5","0.2\n5",0.25\n',
    "trailing": "".join(line + ",\n" for line in lines(ROWS, head="").splitlines()),
}
CALLS = [
    ["entropy", "t.csv"],
    ["softmax", "t.csv", "-q"],
    ["entropy", "t.csv", "--skip-missing", "-r", "mean"],
    ["entropy", "t.csv:3,1", "-n"],
]


@pytest.mark.parametrize("name", TEXTS)
def test_all_ways_give_the_same(cecli, by, tmp_path, monkeypatch, name):
    """The same digits, the same words."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(TEXTS[name], "utf-8", errors="surrogateescape")
    for call in CALLS:
        found = []
        for way in WAYS:
            by(way)
            result = cecli(*call)
            assert result.exit_code in (0, 2), result.stderr
            found.append((result.exit_code, result.stdout, result.stderr))
        assert found[0] == found[2]
        assert found[1] == found[2]


LABELLED = {
    "numbers": beside(LABELS, ROWS),
    "names": beside(["abc"[label] for label in LABELS], ROWS),
    "quoted": beside([f'"{"abc"[label]}"' for label in LABELS], ROWS),
    "late name": beside([*LABELS[:-1], "b"], ROWS),
    "unknown": beside([*("abc"[label] for label in LABELS[:-1]), "d"], ROWS),
    "missing": beside([*("abc"[label] for label in LABELS[:-1]), "NA"], ROWS),
    "out of range": beside([*LABELS[:-1], 99999999999999999999], ROWS),
}


@pytest.mark.parametrize("name", LABELLED)
def test_all_ways_match_labels_alike(cecli, by, tmp_path, monkeypatch, name):
    """Labels beside their probabilities."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(LABELLED[name])
    for more in ([], ["--skip-missing"], ["--ignore-index", "NA"], ["--ignore-index", "1"]):
        found = []
        for way in WAYS:
            by(way)
            result = cecli("xent", "t.csv:label", "t.csv", "-r", "none", *more)
            assert result.exit_code in (0, 2), result.stderr
            found.append((result.exit_code, result.stdout, result.stderr))
        assert found[0] == found[2]
        assert found[1] == found[2]


OBJECTS = [
    {"label": label, "a": row[0], "b": row[1], "c": row[2], "probs": row}
    for label, row in zip(LABELS, ROWS, strict=True)
]
JSON = {
    "good": OBJECTS,
    "text": [{**each, "a": "0.5", "b": "1/2", "c": 0} for each in OBJECTS],
    "null": [*OBJECTS, {**OBJECTS[0], "b": None, "probs": [None, 1, 2]}],
    "no key": [*OBJECTS, {"label": 1, "a": 1, "c": 0}],
    "word": [*OBJECTS, {**OBJECTS[0], "b": "x", "probs": ["x", 0, 1]}],
    "whole": [{**each, "a": 1, "b": 0, "c": 0, "probs": [1, 0, 0]} for each in OBJECTS],
    "names": [{**each, "label": "abc"[each["label"]]} for each in OBJECTS],
    "large": [*OBJECTS, {**OBJECTS[0], "a": 10**400}],
    "list": [*OBJECTS, {**OBJECTS[0], "probs": [0.5, 0.5]}],
    "true": [*OBJECTS, {**OBJECTS[0], "a": True, "b": False, "c": False}],
}
JSON_TEXTS = {name: "".join(json.dumps(each) + "\n" for each in rows) for name, rows in JSON.items()}
FIRST = JSON_TEXTS["good"].partition("\n")[0]
JSON_TEXTS |= {
    "twice": JSON_TEXTS["good"] + FIRST.replace('"b":', '"a":') + "\n",
    "twice, with blanks": JSON_TEXTS["good"] + FIRST.replace('"b":', '"a" :') + "\n",
    "twice, beside texts": JSON_TEXTS["good"] + FIRST.replace('"b":', '"note:": "a: \\":", "a":') + "\n",
    "twice, as an escape": JSON_TEXTS["good"] + FIRST.replace('"b":', '"\\u0061":') + "\n",
    "a list twice": JSON_TEXTS["good"] + FIRST.replace('"a":', '"probs": [0, 1, 0], "a":') + "\n",
    "a label twice": FIRST.replace('"a":', '"label": 1, "a":') + "\n" + JSON_TEXTS["good"],
    "twice, not in use": JSON_TEXTS["good"] + FIRST.replace('"a":', '"x": 1, "x": 2, "a":') + "\n",
    "colons in strings": JSON_TEXTS["good"] + FIRST.replace('"a":', r'"x": "\":\\", "y\\": " :", "a":') + "\n",
}


@pytest.mark.parametrize("columns", ["a,b,c", "probs"])
@pytest.mark.parametrize("name", JSON_TEXTS)
def test_all_ways_read_json_alike(cecli, by, tmp_path, monkeypatch, name, columns):
    """JSON Lines."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.jsonl").write_text(JSON_TEXTS[name])
    for more in ([], ["--skip-missing"]):
        found = []
        for way in WAYS:
            by(way)
            result = cecli("xent", "t.jsonl:label", f"t.jsonl:{columns}", "-r", "none", "--classes", "a,b,c", *more)
            assert result.exit_code in (0, 2), result.stderr
            found.append((result.exit_code, result.stdout, result.stderr))
        assert found[0] == found[2]
        assert found[1] == found[2]
        is_twice = "twice" in name and "not" not in name and (columns, name) not in UNSEEN
        assert ("two values are called" in found[0][2]) == is_twice


UNSEEN = {("probs", "twice"), ("probs", "twice, with blanks"), ("probs", "twice, beside texts"), ("probs", "twice, as an escape"), ("a,b,c", "a list twice")}  # fmt: skip
"""What is not read."""


@pytest.mark.parametrize(("way", "called"), [("pyarrow", "csv_columns"), ("loadtxt", "columns")])
def test_each_way_is_taken(cecli, by, tmp_path, monkeypatch, way, called):
    """The tests above compare what they say they do."""
    from cecli.reading import by_arrow, by_loadtxt

    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(GOOD)
    by(way)
    module, calls = (by_arrow if way == "pyarrow" else by_loadtxt), []
    function = getattr(module, called)
    monkeypatch.setattr(module, called, lambda *given, **named: calls.append(function(*given, **named)) or calls[-1])
    assert cecli("entropy", "t.csv").exit_code == 0
    assert len(calls) == 1
    assert calls[0] is not None


WIDE = "".join(
    f'{label},"a, ""b"" {label}",{",".join(map(repr, row))}\n' for label, row in zip(LABELS, ROWS, strict=True)
)
LATE = HEAD + "".join(f"{label},{','.join(map(repr, row))}\n" for label, row in zip(LABELS, ROWS, strict=True))
PLAIN = {
    "a quoted text beside": ('label,"what, it says",a,b,c\n' + WIDE, "0,a,1,1,0\n", True),
    "missing": (LATE, "0,,NA,null\n1,-nan,NaN,<NA>\n2,None, ,0.5\n", True),
    "missing, quoted": (LATE, '"0","","NA","0.5"\n', True),
    "missing label": (LATE, "NA,0.5,0.25,0.25\n", True),
    "R": (
        '"label" "a" "b" "c"\n' + "".join(f'"{i}" {LABELS[i]} {" ".join(map(repr, row))}\n' for i, row in enumerate(ROWS)),
        '"31"  2 NA 0.5\t0.5\n',
        True,
    ),
    "quoted blanks": (
        '"label" "t" "a" "b" "c"\n' + "".join(f'{LABELS[i]} "a b" {" ".join(map(repr, row))}\n' for i, row in enumerate(ROWS)),
        "",
        False,
    ),
    "a quote within": ("label,t,a,b,c\n" + "".join(f'{LABELS[i]},5" x 3",{",".join(map(repr, row))}\n' for i, row in enumerate(ROWS)), "", False),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_blocks_with_missing_values_and_quotes(cecli, by, tmp_path, monkeypatch, name):
    """The same as the grammar reads, and not row by row where `loadtxt` can take the block."""
    from cecli.reading import delimited

    monkeypatch.chdir(tmp_path)
    text, more, is_quick = PLAIN[name]
    (tmp_path / "t.csv").write_text(text + more)
    rows, found = [], {}
    row = delimited.TextTable._row
    monkeypatch.setattr(delimited.TextTable, "_row", lambda *given: rows.append(1) or row(*given))
    for way in WAYS:
        by(way)
        rows.clear()
        result = cecli("xent", "t.csv:label", "t.csv:a,b,c", "-r", "none", "--skip-missing")
        assert result.exit_code in (0, 2), result.stderr
        found[way] = (result.exit_code, result.stdout, result.stderr)
        if way == "loadtxt":
            assert bool(rows) != is_quick
    assert found["pyarrow"] == found["grammar"]
    assert found["loadtxt"] == found["grammar"]


def test_pyarrow_that_cannot_be_loaded(cecli, tmp_path, monkeypatch):
    """Text is read without it; of a Parquet file the error says what is the matter."""
    import sys

    from cecli.reading import by_arrow, lines

    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyarrow.py").write_text("raise AttributeError('_ARRAY_API not found')\n")
    (tmp_path / "t.csv").write_text(GOOD)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    whole = cecli("entropy", "t.csv")
    for module in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.syspath_prepend(str(tmp_path))
    by_arrow.is_there.cache_clear()
    monkeypatch.setattr(lines, "LONG_TEXT", 1)
    assert cecli("entropy", "t.csv").stdout == whole.stdout
    result = cecli("entropy", "t.parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "t.parquet: pyarrow is installed and can't be loaded (AttributeError: _ARRAY_API not found)" in result.stderr
    by_arrow.is_there.cache_clear()
