"""`--expect` and `check` as users meet them: exit codes, where things are said, JSON, worksheets of every kind."""

import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
M2 = "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3"


# --- --expect -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "claim", "code"),
    [
        (["xent", "1,0,0", "0.5,0.2,0.3"], "0.69", 0), (["xent", "1,0,0", "0.5,0.2,0.3"], "0.7", 0), (["xent", "1,0,0", "0.5,0.2,0.3"], "0.70", 1),
        (["softmax", "1,2,3"], "0.09,0.24,0.67", 0), (["softmax", "1,2,3"], "0.09,0.24,0.66", 0), (["softmax", "1,2,3"], "0.09,0.24,0.65", 1),
        (["softmax", "0,0"], "1/2,1/2", 0), (["softmax", "0,0"], "50%,50%", 0), (["softmax", "0,0"], "[0.5 0.5]", 0), (["softmax", "0,0"], "0.5", 1),
        (["grad", "0", "2,1,0.1", "-l"], "-0.34,0.24,0.1", 0), (["grad", "0", "2,1,0.1", "-l"], "−0.34，0.24，0.1", 0), (["grad", "0", "2,1,0.1", "-l"], "0.34,-0.24,-0.1", 1),
        (["entropy", "63/64,1/64", "-b", "2"], "0.1161", 0), (["entropy", "63/64,1/64", "-b", "2"], "0.116±0.001", 0), (["entropy", "63/64,1/64", "-b", "2"], "0.12±0.001", 1),
        (["xent", "0", "0.0,1.0"], "inf", 0), (["xent", "0", "0.0,1.0"], "16.1", 1), (["xent", "1,9", "0.5,0.5;0.5,0.5", "--ignore-index", "9", "-r", "none"], "0.69,nan", 0),
        (["compare", "--example", "--metric", "mse"], "0.81,0.34", 0), (["compare", "--example", "--metric", "errors"], "1,1", 0), (["compare", "--example"], "1.378,0.639", 0),
        (["kl", "0.5,0.5", "0.75,0.25", "-b", "2"], "0.2075", 0), (["bce", "1,0,1", "0.9,0.2,0.6"], "0.28", 0), (["xent", "0,1", "0.9,0.1;0.4,0.6", "-r", "none"], "0.105;0.511", 0),
        (["softmax", "1,2;0,0"], "0.27,0.73;0.5,0.5", 0), (["softmax", "1,2;0,0"], "0.27,0.73,0.5,0.5", 1),
        (["softmax", "cat=1,dog=2"], "dog=0.73,cat=0.27", 0), (["softmax", "cat=1,dog=2"], "dog=0.27,cat=0.73", 1), (["softmax", "0,0,0,0"], "uniform:4", 0), (["softmax", "0,0,0,0"], "1/4x4", 0),
        (["softmax", "1,2;0,0", "--classes", "cat,dog"], "dog=0.73,cat=0.27;cat=0.5,dog=0.5", 0), (["grad", "cat", "cat=1,dog=2", "-l"], "dog=.731,cat=-.731", 0),
    ],
)  # fmt: skip
def test_the_exit_code_says_whether_a_claim_holds(cecli, words, claim, code):
    """The value goes to stdout as it does without a claim; the verdict is said on stderr."""
    plain = cecli(*words, "-q")
    result = cecli(*words, "--expect", claim)
    assert (result.exit_code, result.stdout) == (code, plain.stdout), result.stderr
    assert ("✗" if code else "✓") in result.stderr
    quiet = cecli(*words, "--expect", claim, "-q")
    assert (quiet.exit_code, quiet.stderr) == (code, "")


def test_json_has_what_the_contract_says(cecli):
    """`expected`, `holds`, and where it does not hold `diagnosis`."""
    right = json.loads(cecli("xent", "0", "0.5,0.2,0.3", "--expect", "0.69", "-f", "json").stdout)
    assert (right["expected"], right["holds"], "diagnosis" in right) == (0.69, True, False)
    wrong = json.loads(cecli("xent", "0", "0.5,0.2,0.3", "--expect", "0.30", "-f", "json").stdout)
    assert (wrong["expected"], wrong["holds"]) == (0.3, False)
    assert [set(found) for found in wrong["diagnosis"]] == [{"mistake", "value", "likely"}] * len(wrong["diagnosis"])
    assert wrong["diagnosis"][0]["mistake"] == "logarithm to base 10"
    assert wrong["diagnosis"][0]["value"] == pytest.approx(0.30103)


@pytest.mark.parametrize(
    ("words", "claim", "says"),
    [
        (["softmax", "cat=1,dog=2"], "cat=0.27,bird=0.73", "'bird' is not a class"),
        (["softmax", "cat=1,dog=2"], "cat=0.27", "'dog' is missing"),
        (["softmax", "1,2"], "cat=0.27,dog=0.73", "the answer has no names"),
        (["xent", "cat", "cat=1,dog=2", "-l"], "cat=1.31", "the answer has no names"),
    ],
)
def test_names_of_a_claim_are_those_of_the_answer(cecli, words, claim, says):
    """Other names, and names where the answer has none, are an error; in a worksheet that line can't be run."""
    result = cecli(*words, "--expect", claim)
    assert result.exit_code == 2
    assert says in result.stderr
    assert says in cecli("check", "-", "-f", "csv", stdin=f"{' '.join(words)} = {claim}\n").stdout


def test_what_must_be_shown(cecli):
    """The three claims of the issue."""
    result = cecli("xent", "2,1,0", M2, "-b", "10", "-r", "sum", "--expect", "0.697", "-f", "table")
    text = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "the answer is 0.83268 dits" in text
    assert (
        "Possibly: for sample 3 the predicted class's probability in place of the true class's, terms rounded on the way"
        in text
    )
    result = cecli("entropy", "63/64,1/64", "-b", "2", "--expect", "0.1164", "-f", "table")
    assert result.exit_code == 1
    assert "Possibly: terms rounded on the way" in " ".join(result.stdout.split())


@pytest.mark.parametrize("claim", ["", "abc", "0.5,,0.3", "1/0", "0.7±x", "0.5,0.3;0.2", "(0.5"])
def test_a_claim_that_is_none(cecli, claim):
    """Exit 2, nothing on stdout, the option named."""
    result = cecli("softmax", "1,2", "--expect", claim)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--expect" in result.stderr


def test_a_claim_of_one_digit_is_judged_with_a_note(cecli):
    """Whether it holds or not."""
    for claim, code in (("0.7", 0), ("0.4", 1)):
        result = cecli("xent", "0", "0.5,0.5", "--expect", claim)
        assert result.exit_code == code
        assert "fewer than two digits" in result.stderr


def test_a_large_file_is_judged_and_not_explained(cecli, tmp_path):
    """Beyond 20,000 values."""
    path = tmp_path / "p.csv"
    path.write_text("0.5,0.5\n" * 20_000)
    result = cecli("entropy", str(path), "-r", "mean", "--expect", "0.30")
    assert result.exit_code == 1
    assert "No mistakes are looked for" in result.stderr


def test_with_an_output_file(cecli, tmp_path):
    """The verdict stands in the file where its format has sentences, else it is a note."""
    for name, where in (("a.md", "file"), ("a.json", "json"), ("a.csv", "note")):
        result = cecli("xent", "0", "0.5,0.5", "--expect", "0.30", "-o", str(tmp_path / name))
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert result.exit_code == 1
        assert ("does not hold" in text) == (where == "file")
        assert ("does not hold" in result.stderr) == (where == "note")
        assert ('"holds": false' in text) == (where == "json")


# --- check ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def worksheet(tmp_path):
    """Writes a worksheet and gives its path."""

    def write(text, name="w.txt"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write


def checked(cecli, path):
    """The JSON of a check, and its exit code."""
    result = cecli("check", path, "-f", "json")
    return json.loads(result.stdout), result.exit_code


def test_the_article(cecli):
    """`check` confirms the article's right numbers and finds its slips."""
    found, code = checked(cecli, str(ROOT / "docs" / "worksheets" / "article.txt"))
    assert (code, found["failed"], found["errors"]) == (1, 3, [])
    assert [claim["claimed"] for claim in found["claims"] if not claim["holds"]] == [0.1164, 0.697, 0.397]
    named = [claim["diagnosis"][0]["mistake"] for claim in found["claims"] if not claim["holds"]]
    assert named == [
        "terms rounded on the way, each to its own digits",
        "for sample 3 the predicted class's probability in place of the true class's, terms rounded on the way, each cut to its own digits",
        "predicted class's probability in place of the true class's",
    ]
    assert found["held"] == len(found["claims"]) - 3
    assert found["value"] == found["held"] / len(found["claims"])


def test_exit_codes(cecli, worksheet):
    """0 all hold, 1 some do not, 2 a line can't be run (the others still are)."""
    assert checked(cecli, worksheet("softmax 0,0 = 0.5,0.5\n"))[1] == 0
    assert checked(cecli, worksheet("softmax 0,0 = 0.5,0.4\n"))[1] == 1
    found, code = checked(cecli, worksheet("softmax 0,0 = 0.5,0.4\nxent 7 0.5,0.5 = 1\nsoftmax 0,0 = 0.5,0.5\n"))
    assert code == 2
    assert [claim["holds"] for claim in found["claims"]] == [False, True]
    assert [error["line"] for error in found["errors"]] == [2]
    assert "7" in found["errors"][0]["message"]


def test_all_ways_to_write_a_line(cecli, worksheet):
    """Comments, blank lines, quotes, `cecli` in front, CRLF, a byte order mark, indents, model names with =, negative claims."""
    text = (
        "\ufeff# a comment\r\n\r\n  cecli xent 1,0,0 0.5,0.2,0.3 = 0.69   # another\r\n"
        'compare "0,1" small="0.9,0.1; 0.4,0.6" big="0.8,0.2; 0.3,0.7" --metric mse = 0.17,0.13\r\n'
        "grad 0 2,1,0.1 -l = -0.34,0.24,0.1\r\nsoftmax '1, 2' = 0.27, 0.73\r\nxent a#b 0.5,0.5 --classes a#b,c = 0.69\r\n"
    )
    found, code = checked(cecli, worksheet(text))
    assert (code, found["errors"]) == (0, [])
    assert [claim["line"] for claim in found["claims"]] == [3, 4, 5, 6, 7]


def test_relative_files_are_beside_the_worksheet(cecli, worksheet, tmp_path, monkeypatch):
    """Wherever it is run from; and the folder is the caller's again afterwards."""
    (tmp_path / "p.csv").write_text("a,b\n0.5,0.5\n0.25,0.75\n")
    path = worksheet("xent 0,1 p.csv -b 2 -r sum = 1.415\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert checked(cecli, path)[1] == 0
    assert Path.cwd() == elsewhere
    assert cecli("check", "-", stdin="xent 0,1 p.csv = 1\n").exit_code == 2
    (elsewhere / "p.csv").write_text("0.5,0.5\n0.5,0.5\n")
    assert cecli("check", "-", stdin="xent 0,1 p.csv = 0.69\n").exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "completion bash = 0.5", "version = 1", "help input = 1", "-h = 1", "xent 0 0.5,0.5 -qh = 0.5", "softmax 1,2 -qoFILE.csv = 0.27,0.73", "softmax 1,2 -o x.csv = 1",
        "check w.txt = 1", "devices = 1", "help softmax = 1", "xent 0 - = 1", "xent 0 0.5,0.5 --expect 1 = 0.5", "xent 0 0.5,0.5 --steps = 0.69", "softmax 1,2 --fail-above 3 = 1",
        "foo 3 = 4", "xent 0 = 1", "xent 0 0.5,0.5 --nonsense = 1", "xent 0 0.5,0.2 = 1", "xent 0 0.5,0.5 = x", "xent 0 nofile.csv = 1", "xent 0 0.5,0.5", "xent 0 0.5,0.5 = ", " = 1", 'xent 0 "0.5,0.5 = 1',
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_run(cecli, worksheet, tmp_path, monkeypatch, line):
    """Is an error with its number, and has no other effect: nothing printed, no file written, no shell set up."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    found, code = checked(cecli, worksheet(f"xent 0 0.5,0.5 = 0.69\n{line}\nsoftmax 0,0 = 0.5,0.5\n"))
    assert code == 2
    assert [error["line"] for error in found["errors"]] == [2]
    assert [claim["line"] for claim in found["claims"]] == [1, 3]
    assert sorted(os.listdir(tmp_path)) == ["home", "w.txt"]
    assert os.listdir(tmp_path / "home") == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no claims"),
        ("# nothing\n\n", "no claims"),
        (b"\xff\x00x = 1", "UTF-8"),
        (b"\x00" * 10_000_001, "larger"),
    ],
    ids=["empty", "comments", "bytes", "huge"],
)
def test_a_worksheet_that_is_none(cecli, worksheet, content, says):
    """Exit 2 and one message."""
    result = cecli("check", worksheet(content))
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize("path", ["nofile.txt", "~nosuchuser/x", "."])
def test_a_worksheet_that_is_not_there(cecli, path):
    """Exit 2 and one message."""
    result = cecli("check", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "fault" not in result.stderr


def test_claims_do_not_know_of_one_another(cecli, worksheet):
    """Nor of the environment's format and precision."""
    text = "xent 0 0.5,0.5 -b 2 = 1\nxent 0 0.5,0.5 = 0.69\nxent dog 0.5,0.5 --classes cat,dog = 0.69\nxent 1 0.5,0.5 = 0.69\n"
    result = cecli("check", worksheet(text), "-f", "json", CECLI_PRECISION="1", CECLI_FORMAT="latex")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["held"]) == (0, 4)
    assert found["claims"][1]["value"] == 0.7  # shown to one digit, and judged with all


def test_hundreds_of_claims(cecli, worksheet):
    """In one process."""
    found, code = checked(cecli, worksheet("softmax 1,2,3 = 0.09,0.24,0.67\n" * 300))
    assert (code, found["held"]) == (0, 300)
