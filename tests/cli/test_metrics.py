"""`compare` with more metrics, on the command line: what is typed, what is refused, what is noted."""

import ast
import json
from pathlib import Path

import pytest

import cecli as package
from cecli.comparing.metrics import BEYOND, BY_NAME, GROUPS, SUMMARY, metric_of, names_in_help

ROWS = "0.5,0.3,0.2; 0.25,0.5,0.25; 0.2,0.2,0.6"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("accuracy", "1"), ("top-2", "1"), ("TOP_3", "1"), ("top2_accuracy", "1"), ("f1-macro", "1"), ("brier_score", "0.332"), ("uncertainty", "0.667")],
)  # fmt: skip
def test_one_metric_alone(cecli, name, expected):
    """Whatever its dashes and capitals, and by its other names."""
    result = cecli("compare", "0,1,2", ROWS, "--metric", name, "-p", "3")
    assert result.exit_code == 0, result.stderr
    assert float(result.stdout) == float(expected)


def test_plain_lines_end_in_the_metrics_that_were_named(cecli):
    """In the order named, groups unfolded, without those that stand there already."""
    result = cecli("compare", "0,1,2", ROWS, "--metrics", "mse, skill  accuracy,accuracy", "-p", "2")
    assert result.stdout == "model 1\t0.00\t0.33\t0.63\t0.42\t0.42\t1.00\n"


def test_no_two_metrics_have_one_name():
    """The heads of columns and the words of sentences."""
    nouns = [metric_of(name).noun for name in BY_NAME]
    assert len(nouns) == len({*nouns})


def test_one_metric_in_the_order_of_another(cecli):
    """The table has the best first; the plain values stay in the order of the models."""
    words = ["compare", "0,1,2", "a=0.5,0.3,0.2; 0.3,0.4,0.3; 0.2,0.3,0.5", f"b={ROWS}", "--metric", "xent"]
    table = cecli(*words, "--sort", "mse", "-f", "table").stdout
    assert [line.split()[0] for line in table.splitlines()[2:]] == ["b", "a"]
    assert "cross-entropy, nats" in table
    assert cecli(*words, "--sort", "mse").stdout == cecli(*words).stdout


def test_json_has_all_of_them(cecli):
    """And says how many bins there were, and which values are best."""
    found = json.loads(cecli("compare", "0,1,2", f"a={ROWS}", f"b={ROWS}", "--metrics", "all", "-f", "json").stdout)
    assert found["settings"]["bins"] == 15
    assert set(found["models"][0]) - {"name", "intervals"} == set(found["best"]) | {"ece_left_closed", "ece_by_chance", "mce_left_closed", "uncertainty", "within_bins"}  # fmt: skip
    assert found["best"]["resolution"] == ["a", "b"]
    assert set(found["yardsticks"]) == {"uniform", "prior"}


def test_the_default_has_nothing_new(cecli):
    """No member, no setting."""
    found = json.loads(cecli("compare", "0,1,2", ROWS, "-f", "json").stdout)
    assert list(found["models"][0]) == ["name", "error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity", "intervals"]  # fmt: skip
    assert {"bins", "yardsticks", "disagreements"}.isdisjoint({*found, *found["settings"]})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--metrics", "acuracy"], ["'acuracy' is not a metric", "did you mean accuracy?"]),
        (["--metrics", ","], ["no metric is named"]),
        (["--metric", "skill"], ["more than one number", "skill_uniform"]),
        (["--metric", "all"], ["'all' is not a metric"]),
        (["--metric", "mse", "--metrics", "ece"], ["use one of them"]),
        (["--metrics", "roc_auc"], ["needs two classes, and here are 3"]),
        (["--metric", "average_precision"], ["needs two classes, and here are 3"]),
        (["--metrics", "top0"], ["'top0' is not a metric"]),
        (["--metrics", "ece", "--bins", "0"], ["--bins: 0"]),
        (["--metrics", "ece", "--bins", "2.5"], ["--bins: 2.5"]),
        (["--metrics", "accuracy", "--bins", "9"], ["--bins is for"]),
        (["--worst", "0"], ["--worst: 0"]),
        (["--disagree", "1e9"], ["--disagree: 1000000000"]),
        (["--metric", "accuracy", "--steps"], ["accuracy has no working"]),
    ],
    ids=lambda part: " ".join(part) if part[0].startswith("--") else "",
)
def test_what_is_refused(cecli, words, says):
    """Each with what to do."""
    result = cecli("compare", "0,1,2", ROWS, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert all(part in result.stderr for part in says), result.stderr


def test_a_confusion_matrix_of_too_many_classes(cecli, tmp_path):
    """Is refused before it is begun."""
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([",".join(["0"] * 2000 + ["1"])] * 2), encoding="utf-8")
    result = cecli("compare", "0,1", str(path), "--confusion")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "2001 classes" in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["0,0", "0.5,0.3,0.2; 0.5,0.3,0.2", "--metrics", "macro_f1"], "2 classes have no sample among 3"),
        (["0,0", "0.5,0.3,0.2; 0.5,0.3,0.2", "--metrics", "skill"], "all samples have the same class"),
        (["0,1", "0.5,0.3,0.2; 0.5,0.3,0.2", "--metrics", "top3"], "top-3 of 3 classes is always right"),
        (["0,0", "0.5,0.3", "--metrics", "roc_auc"], "all samples have the same class"),
        (["0,1", "0.0,1.0; 0.0,1.0", "0.5,0.5; 0.5,0.5", "--disagree", "1"], "no share of the sum is given"),
    ],
)
def test_what_is_noted(cecli, words, says):
    """On stderr, and nothing with --quiet."""
    result = cecli("compare", *words)
    assert result.exit_code == 0
    assert says in result.stderr
    assert cecli("compare", *words, "-q").stderr == ""


def test_a_claim_about_a_metric_is_judged(cecli):
    """Without a diagnosis, and it says so."""
    held = cecli("compare", "0,1,1", "0.2,0.7,0.9", "--metric", "roc_auc", "--expect", "1.0")
    failed = cecli("compare", "0,1,1", "0.2,0.7,0.9", "--metric", "roc_auc", "--expect", "0.75")
    missing = cecli("compare", "0,0", "0.2,0.7", "--metric", "roc_auc", "--expect", "0.75")
    assert (held.exit_code, failed.exit_code, missing.exit_code) == (0, 1, 1)
    assert "No mistakes of roc_auc are known" in failed.stderr
    assert cecli("compare", "0,0", "0.2,0.7", "--metric", "roc_auc", "--fail-above", "0").exit_code == 2


# --- two classes in one column ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "stdin", "samples"),
    [
        (["0,1,1", "0.2,0.7,0.9"], None, 3),
        (["0,1,1", "-2,1,0.5", "-l"], None, 3),
        (["yes,no", "0.9,0.8", "--classes", "no,yes"], None, 2),
        (["-", "0.2,0.8"], "1\n0\n", 2),
        (["-", "0.2,0.8"], "1\n", 1),
        (["1,0", "0.9,0.1"], None, 1),
        (["1,0", "0.9,0.3"], None, 2),
        (["0,0", "0.9,0.1"], None, 2),
        (["1,0", "9,1", "-l"], None, 1),
        (["0,1,7", "0.9,0.1,0.5", "--ignore-index", "7"], None, 3),
    ],
)
def test_a_vector_is_a_value_per_sample_or_a_row(cecli, words, stdin, samples):
    """A row where both could be distributions, or the target is one label."""
    result = cecli("compare", *words, "-f", "json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["samples"] == samples


def test_a_column_of_a_file(cecli, tmp_path):
    """One per model; errors name the line; --id joins them."""
    path = tmp_path / "p.csv"
    path.write_text("id,label,a,b\nx,1,0.9,0.6\ny,0,0.4,0.7\nz,1,0.8,0.9\n", encoding="utf-8")
    words = [f"{path}:label", f"a={path}:a", f"b={path}:b", "--metrics", "roc_auc", "--worst", "1", "-f", "json"]
    found = json.loads(cecli("compare", *words).stdout)
    assert [model["roc_auc"] for model in found["models"]] == [1, 0.5]
    assert found["models"][1]["worst"][0]["where"] == "line 3"
    joined = json.loads(cecli("compare", *words, "--id", "id").stdout)
    assert joined["models"][1]["worst"][0]["where"] == "id 'y'"
    assert [model["roc_auc"] for model in joined["models"]] == [1, 0.5]
    path.write_text("id,label,a,b\nx,1,0.9,0.6\ny,0,1.4,0.7\n", encoding="utf-8")
    result = cecli("compare", *words)
    assert result.exit_code == 2
    assert "line 3" in result.stderr


def test_lines_are_told_past_comments_and_blank_lines(cecli, tmp_path):
    """Whatever block a sample was in."""
    path = tmp_path / "p.csv"
    path.write_text("a,b\n# one\n0.9,0.1\n\n0.8,0.2\n0.7,0.3\n# two\n0.1,0.9\n", encoding="utf-8")
    found = json.loads(cecli("compare", "0,0,0,0", str(path), "--worst", "4", "-f", "json").stdout)
    assert [row["where"] for row in found["models"][0]["worst"]] == ["line 8", "line 6", "line 5", "line 3"]


# --- tables -------------------------------------------------------------------------------------------------------


def test_many_classes_are_shown_in_part(cecli, tmp_path):
    """The classes that cost most, and the most frequent confusions; JSON has all."""
    path = tmp_path / "p.csv"
    rows = [",".join("0.9" if k == (i * i) % 25 else "0.00416667" for k in range(25)) for i in range(50)]
    path.write_text("\n".join(rows), encoding="utf-8")
    words = ["compare", ",".join(str(i % 25) for i in range(50)), str(path), "--by-class", "--confusion"]
    table = cecli(*words, "-f", "table", COLUMNS="80").stdout
    assert "… 5 more classes" in table
    assert "most frequent confusions" in table
    assert max(map(len, table.splitlines())) <= 80
    found = json.loads(cecli(*words, "-f", "json").stdout)["models"][0]
    assert (len(found["classes"]), len(found["confusion"]), sum(map(sum, found["confusion"]))) == (25, 25, 50)


def test_the_other_reading_of_the_edges_is_shown_where_it_differs(cecli):
    """And not where it is the same."""
    words = ["compare", "0,0,0", "a=0.5,0.5; 0.55,0.45; 0.45,0.55", "--metrics", "ece", "--bins", "10", "-f", "table"]
    assert "ECE, bins [a, b)" in cecli(*words).stdout
    words[2] = "a=0.52,0.48; 0.55,0.45; 0.45,0.55"
    assert "ECE, bins [a, b)" not in cecli(*words).stdout


@pytest.mark.parametrize("width", ["80", "120"])
def test_tables_of_four_models_fit(cecli, width):
    """No line is longer than the terminal."""
    models = [f"model{i}={ROWS}" for i in range(4)]
    words = [
        "compare",
        "0,1,2",
        *models,
        "--metrics",
        "all",
        "--by-class",
        "--confusion",
        "--worst",
        "2",
        "--disagree",
        "2",
    ]
    result = cecli(*words, "-f", "table", COLUMNS=width)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= int(width)


def test_the_help_names_every_metric(cecli):
    """Those of the summary, and all others, a group by its own name."""
    words = {word.strip(",") for word in cecli("compare", "--help", COLUMNS="200").stdout.split()}
    listed = {name for names in names_in_help().values() for name in names.split(", ")}
    assert listed <= words
    assert {row.group or row.name for row in BY_NAME.values() if row.of != "scores"} == listed - {"top2", "top5"}


def test_every_metric_can_be_named(cecli):
    """Each row alone, those of two classes among them; a row needs nothing beside itself."""
    for row in [row for row in BY_NAME.values() if row.of != "scores"]:
        result = cecli("compare", "0,1,1,0", "0.1,0.7,0.4,0.6", "--metric", row.name)
        assert result.exit_code == 0, (row.name, result.stderr)
    assert {name for names in GROUPS.values() for name in names} <= {row.name for row in BEYOND}


def test_the_names_of_the_summary_stand_in_the_table_alone():
    """And in the types of the results; what reads a loss by name reads one of the three that the sentences are about."""
    files = [
        *(Path(package.__file__).parent / "comparing").glob("*.py"),
        Path(package.__file__).parent / "cli/comparison.py",
    ]
    named = {
        path.name
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in {"perplexity", "cross_entropy_sum"}
    }
    assert named == {"metrics.py", "results.py"}
    assert SUMMARY == ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")
