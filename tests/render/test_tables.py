"""Tables: no number is cut at any width, wide ones are laid out in parts, and nothing differs from the JSON."""

import json
import re

import pytest

from cecli.render import CHOICES, FORMATS, Style, numbers
from cecli.render.terminal import _cell
from cecli.report import Bar, Typed, Verdict

MANY = ",".join(str(i / 7) for i in range(18))
CALLS = [
    ["softmax", "1,2,3"], ["softmax", MANY], ["softmax", f"{MANY};{MANY}"], ["softmax", "1,2;3,5", "--log"], ["entropy", "0.5,0.5;0.1,0.9"], ["xent", "0", "0.8,0.1,0.1"],
    ["xent", "0,1", "0.8,0.1,0.1;0.2,0.3,0.5", "-r", "none"], ["xent", "0", "100,0,0", "-l"], ["kl", "0.5,0.5", "0.4,0.6", "--js"], ["bce", "1,0;0,1", "0.9,0.2;0.4,0.7", "-r", "none"],
    ["calibrate", "0,1,1", "4,0,1;1,3,0;2,0,1"],
    ["compare", "2,1,0", "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7", "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3"], ["grad", "0", "2,1,0.1", "-l", "--x", "1,2,3,4,5,6,7,8", "--jacobian", "--verify"],
    ["grad", "0,1", f"{MANY};{MANY}", "-l"], ["grad", "1,0", "0.3,-1.2", "-l", "--loss", "bce"],
    ["xent", "0", "0.123456789012345678,0.876543210987654322", "--classes", "a class with quite a long name,another one that is not much shorter"],
]  # fmt: skip
WIDTHS = [20, 31, 57, 80, 137]


def shown(value):
    """Every number of a JSON value as a table shows it."""
    if isinstance(value, dict):
        return [text for name, member in value.items() if name not in ("differences", "best") for text in shown(member)]
    if isinstance(value, list):
        return [text for member in value for text in shown(member)]
    if isinstance(value, bool | str) or value is None:
        return []
    return [" ".join(numbers.rounded(value, None)).strip()]


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(words)[:60])
def test_every_number_of_the_json_is_in_the_table_at_every_width(cecli, words):
    """Rounded, whole, and with its sign but for tables of many numbers; as many times as the JSON holds it at least once."""
    found = json.loads(cecli(*words, "-f", "json").stdout)
    hidden = {
        "samples",
        "settings",
        "version",
        "command",
        *(["loss", "bias"] if words[0] == "grad" else []),
        *(["probabilities", "target"] if any(";" in word for word in words) else []),
    }
    if words[0] == "compare":
        found = {"models": [{k: v for k, v in model.items() if k != "errors"} for model in found["models"]]}
    expected = set(shown({name: member for name, member in found.items() if name not in hidden}))
    if words[0] == "compare":
        expected = {entry.lstrip("=≈ ") for entry in expected}
    assert expected
    for width in WIDTHS:
        text = cecli(*words, "-f", "table", COLUMNS=str(width)).stdout
        assert "…" not in text
        missing = [entry for entry in expected if not re.search(rf"(?<!\S){re.escape(entry)}(?!\S)", text)]
        assert not missing, (width, missing)


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(words)[:60])
def test_a_table_fits_where_it_can(cecli, words):
    """At 80 columns nothing is wider than the terminal, but for a column that is so by itself."""
    text = cecli(*words, "-f", "table", COLUMNS="80").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert text.endswith("\n")
    assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize("width", [1, 2, 10])
def test_absurd_widths(cecli, width):
    """Never a fault, however narrow."""
    for words in CALLS:
        result = cecli(*words, "-f", "table", COLUMNS=str(width))
        assert result.exit_code == 0, result.stderr


def test_many_classes_are_split_into_parts_that_name_their_rows(cecli):
    """Every part repeats the sample numbers, and every class appears once."""
    text = cecli("softmax", f"{MANY};{MANY}", "-f", "table", COLUMNS="80").stdout
    heads = [line for line in text.splitlines() if line.strip().startswith("sample")]
    assert len(heads) > 1
    assert [entry for line in heads for entry in line.split()[1:]] == [str(k) for k in range(18)]
    rows = [line for line in text.splitlines() if line.strip().startswith(("1 ", "2 "))]
    assert len(rows) == 2 * len(heads)


def test_no_width_no_split(cecli):
    """Into a file there is no terminal: the table is as wide as it is."""
    text = cecli("softmax", f"{MANY};{MANY}", "-f", "table").stdout
    assert len([line for line in text.splitlines() if line.strip().startswith("sample")]) == 1


def test_few_samples_come_before_the_summary_and_many_after_it(cecli):
    """The summary is first where the samples would hide it, and the rows that are not shown are counted."""
    few = cecli("compare", "--example", "-f", "table").stdout
    assert few.index("model 1") < few.index("summary")
    words = ["compare", ",".join(["0"] * 50), "a=" + ";".join(["0.4,0.6"] * 50), "b=" + ";".join(["0.3,0.7"] * 50)]
    many = cecli(*words, "-f", "table").stdout
    assert many.lstrip().startswith("model")
    assert "more sample" not in many
    shown = cecli(*words, "--samples", "8", "-f", "table").stdout
    assert shown.index("model") < shown.index("a\n")
    assert shown.count("… 42 more samples") == 2


def test_a_sample_left_out_is_a_dash(cecli):
    """Not a number, not 0."""
    text = cecli("xent", "0,9", "0.5,0.5;0.25,0.75", "--ignore-index", "9", "-r", "none", "-f", "table").stdout
    row = next(line for line in text.splitlines() if line.strip().startswith("2 "))
    assert row.split()[1:] == ["–"] * 3


def test_typed_values_stand_as_they_were_typed(cecli):
    """63/64 stays 63/64."""
    assert "63/64" in cecli("softmax", "63/64,50%", "-f", "table").stdout
    assert "50%" in cecli("compare", "0", "63/64,1/64", "50%,50%", "-f", "table").stdout


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["softmax", "0,-800"], "< 1e-300"),
        (["softmax", "0,-740"], "< 1e-300"),
        (["softmax", "0,-inf"], "= 0.0000"),
        (["softmax", "inf,0"], "= 0.0000"),
        (["xent", "1", "0,-800", "-l"], "> 1e308"),
        (["xent", "1", "0,-inf", "-l"], "= ∞"),
        (["compare", "1", "0,-800", "-l", "--metric", "perplexity"], "> 1e308"),
    ],
    ids=str,
)
def test_what_under_or_overflowed_is_neither_exact_nor_rounded(cecli, words, last):
    """e^-800 is no zero, and e^800 is finite; the probability of a logit of -inf is 0, and an infinite loss is infinite."""
    line = cecli(*words, "-f", "table").stdout.rstrip().splitlines()[-1]
    assert line.endswith(last)


@pytest.mark.parametrize("unit", ["nats", "bits", "dits"])
@pytest.mark.parametrize(
    "words",
    [
        ["entropy", "0.5,0.5"],
        ["xent", "0", "0.5,0.5"],
        ["xent", "0", "0.5,0.5", "-r", "none"],
        ["kl", "0.5,0.5", "0.4,0.6"],
        ["bce", "1", "0.5"],
        ["compare", "0", "0.5,0.5"],
        ["grad", "0", "0.5,0.5"],
    ],
    ids=" ".join,
)
def test_every_information_carries_its_unit(cecli, words, unit):
    """nats, bits or dits."""
    base = {"nats": "e", "bits": "2", "dits": "10"}[unit]
    assert unit in cecli(*words, "-b", base, "-f", "table").stdout


def test_every_format_has_a_renderer(cecli):
    """And every renderer is a format, or a kind of file that -o writes."""
    assert {name for name, each in FORMATS.items() if not each.for_files} == set(CHOICES) - {"auto"}
    for format_ in CHOICES:
        assert "1" in cecli("entropy", "0.5,0.5", "-b", "2", "-f", format_).stdout


@pytest.mark.parametrize(
    ("cell", "text"),
    [(Bar(0.0), ""), (Bar(1.0), "█" * 20), (Bar(0.5), "█" * 10), (Bar(2.0), "█" * 20), (Typed("63/64"), "63/64"), (Typed("\x1b[1m"), "\\x1b[1m"), (Verdict(True), "✓ right"),
     (Verdict(False), "✗ wrong"), ("[bold]", "[bold]"), (0.5, "= 0.5000"), (1 / 3, "≈ 0.3333"), (None, "–"), (3, "= 3"), (4e-322, "< 1e-300"), (-4e-322, "> -1e-300")],
)  # fmt: skip
def test_a_cell(cell, text):
    """Bars, typed text, verdicts, names and numbers."""
    assert _cell(cell, False, False, Style()).plain == text


def test_bars_grow_with_the_share():
    """In eighths of a block."""
    lengths = [_cell(Bar(i / 160), False, False, Style()).plain for i in range(161)]
    assert len(set(lengths)) == 161
