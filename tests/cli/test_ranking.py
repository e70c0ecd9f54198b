"""What `compare` shows first: the models best first, with intervals, differences and marks; and what is shown only where it is asked for."""

import json
import re

import numpy as np
import pytest

N, K = 300, 3


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """The words of a comparison of twenty models on many samples, of which the first few are alike."""
    folder, random = tmp_path_factory.mktemp("ranking"), np.random.default_rng(4)
    y, shared = random.integers(0, K, N), random.normal(size=(N, K))
    np.save(folder / "y.npy", y)
    sure = [3, 2.98, *np.linspace(2.5, 0, 18)]
    words = [str(folder / "y.npy")]
    for i in random.permutation(20):
        scores = shared + 0.3 * random.normal(size=(N, K))
        scores[np.arange(N), y] += sure[i]
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        np.save(folder / f"m{i:02}.npy", p)
        words.append(str(folder / f"m{i:02}.npy"))
    return words


def table_rows(text):
    """The rows of the first table, each split at its blanks."""
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if set(line.strip()) == {"─"})
    return [line.split() for line in lines[start + 1 : lines.index("", start)] if re.match(r" m\d\d ", line)]


def test_twenty_models_are_on_one_screen(once, many):
    """A row for each, best first, then the verdict, in 40 lines of 100 columns and no colour."""
    text = once("compare", *many, "-f", "table", COLUMNS="100").stdout
    found = json.loads(once("compare", *many, "-f", "json").stdout)
    losses = {model["name"]: model["cross_entropy"] for model in found["models"]}

    assert len(text.splitlines()) <= 40
    assert max(map(len, text.splitlines())) <= 100
    assert [row[0] for row in table_rows(text)] == sorted(losses, key=losses.get)
    assert [row[1] for row in table_rows(text)] == [f"{loss:.4f}" for loss in sorted(losses.values())]
    assert " ".join(text.split()).endswith(found["verdict"])
    assert [model["name"] for model in found["models"]] == [re.sub(r".*/|\.npy", "", word) for word in many[1:]]


def test_names_of_twenty_letters_fit_too(cecli, many):
    """Columns one blank apart, headings on two lines, no 0 before the point of an interval: 30 lines of 100 columns, and no digit less."""
    words = [f"{chr(97 + i)}_model_of_20_letters={word}" for i, word in enumerate(many[1:])]
    text = cecli("compare", many[0], *words, "-f", "table", "-q", COLUMNS="100").stdout
    wide = cecli("compare", many[0], *words, "-f", "table", "-q", COLUMNS="200").stdout

    assert len(text.splitlines()) <= 31
    assert max(map(len, text.splitlines())) <= 100
    assert re.search(r" [a-t]_model_of_20_letters \d\.\d{4} +\.\d{3}–\.\d{3}", text)
    numbers = [re.findall(r"[-+]?\d?\.\d+", each) for each in (text, wide)]
    assert [float(number) for number in numbers[0]] == [float(number) for number in numbers[1]]


def test_marks_say_what_chance_could_explain(once, many):
    """★ for the best, ~ for what is not significantly different from it, by the adjusted p-values of JSON."""
    text = once("compare", *many, "-f", "table", COLUMNS="100").stdout
    found = json.loads(once("compare", *many, "-f", "json").stdout)
    best = found["best"]["cross_entropy"][0]
    alike = {
        ({pair["a"], pair["b"]} - {best}).pop()
        for pair in found["differences"]
        if best in (pair["a"], pair["b"]) and pair["p_adjusted"] > 0.05
    }
    lines = {row[0]: row for row in table_rows(text)}

    assert 0 < len(alike) < 19
    assert lines[best][2] == "★" or lines[best][3] == "★"
    difference = re.compile(r"^ (m\d\d) .*?\+\d\.\d{4} +\S+( \d\S*)?( ~)? ", re.MULTILINE)
    marked = {match[1] for match in difference.finditer(text) if match[3]}
    assert marked == alike
    assert "~ chance could explain the difference to the best (p adjusted for 570 tests)" in " ".join(text.split())
    assert all(name in found["verdict"] for name in alike)


def test_the_baseline_is_what_others_are_compared_with(cecli, many):
    """The difference to it in place of that to the best."""
    text = cecli("compare", *many, "--baseline", "m05", "-f", "table", COLUMNS="100").stdout
    found = json.loads(cecli("compare", *many, "--baseline", "m05", "-f", "json").stdout)
    losses = {model["name"]: model["cross_entropy"] for model in found["models"]}

    assert "difference to m05" in text
    for row in table_rows(text):
        if row[0] != "m05":
            number = next(entry for entry in row[2:] if entry[0] in "+-")
            assert float(number) == pytest.approx(losses[row[0]] - losses["m05"], abs=6e-5)


def test_another_metric_puts_them_in_order(cecli, many):
    """In the table, in plain text where it is asked for, and in the verdict; JSON keeps the order given."""
    words = ["compare", *many, "--metrics", "macro_f1", "--sort", "macro_f1"]
    found = json.loads(cecli(*words, "-f", "json").stdout)
    f1 = {model["name"]: model["macro_f1"] for model in found["models"]}
    order = sorted(f1, key=f1.get, reverse=True)

    assert [row[0] for row in table_rows(cecli(*words, "-f", "table", COLUMNS="200").stdout)] == order
    assert [line.split("\t")[0] for line in cecli(*words).stdout.splitlines()] == order
    assert found["verdict"].startswith(f"{order[0]} has the highest macro F1, ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sort", "uncertainty"], "--sort: uncertainty has no better and no worse"),
        (["--sort", "x"], "--sort: 'x' is not a metric"),
        (["--samples", "-1"], "--samples: -1 is not between 0 and 100,000"),
    ],
)
def test_wrong_options_are_named(cecli, words, message):
    result = cecli("compare", "--example", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


# --- only where it is asked for -----------------------------------------------------------------------------------

FEW = ["compare", "cat,dog,cat", "a=0.7,0.3;0.4,0.6;0.2,0.8", "b=0.9,0.1;0.2,0.8;0.4,0.6", "--classes", "cat,dog"]


def test_a_sample_row_names_the_predicted_class(cecli):
    """Beside the target, where classes have names or the target is one."""
    text = cecli(*FEW, "-f", "table").stdout
    assert re.search(r" 3 +0\.2, 0\.8 +dog +cat +✗ wrong ", text)
    assert re.search(
        r" 3 +0\.2,0\.8 +1 +0 ".replace(",", ", "), cecli(*FEW[:1], "0,1,0", *FEW[2:4], "-f", "table").stdout
    )


def test_samples_are_shown_where_they_are_few_or_asked_for(cecli):
    """All of twenty, none of twenty-one; as many as are asked for, and none where 0 are."""
    for n, words, shown in ((20, [], 20), (21, [], 0), (21, ["--samples", "2"], 2), (20, ["--samples", "0"], 0)):
        call = ["compare", ",".join(["0"] * n), ";".join(["0.6,0.4"] * n), *words, "-f", "table"]
        assert cecli(*call).stdout.count("✓ right") == shown, (n, words)


def test_pairs_are_shown_where_they_are_asked_for(cecli, many):
    """One by one."""
    words = ["compare", *many[:4], "-f", "table"]
    assert "better/worse/tied" not in cecli(*words).stdout
    assert cecli(*words, "--pairs").stdout.count("better/worse/tied") == 3


def test_nothing_is_dropped_without_a_note(cecli):
    """A format without room for what is asked for says so."""
    words = [*FEW, "--by-class", "--confusion", "--worst", "1", "--pairs", "--samples", "1"]
    plain, csv, table = (cecli(*words, "-f", name) for name in ("plain", "csv", "table"))

    assert "--pairs, --samples, --worst, --by-class and --confusion are not shown in plain" in plain.stderr
    assert "--samples and --worst are not shown in csv: add -f table or -f markdown" in csv.stderr
    assert "not shown" not in table.stderr
    assert "note" not in cecli(*FEW).stderr


def test_csv_has_classes_and_confusions(cecli):
    """A row for each number, a column for each model."""
    lines = cecli(*FEW, "--by-class", "--confusion", "-f", "csv").stdout.splitlines()
    assert lines[0] == "metric,a,b"
    assert "recall of dog,1,1" in lines
    assert "support of cat,2,2" in lines
    assert "cat predicted as dog,1,1" in lines


def test_csv_has_differences_with_intervals(cecli, many):
    """Of many samples those to the best; of all pairs those to each model."""
    found = json.loads(cecli("compare", *many[:4], "-f", "json").stdout)
    best, names = found["best"]["cross_entropy"][0], [model["name"] for model in found["models"]]
    lines = [line.split(",") for line in cecli("compare", *many[:4], "--pairs", "-f", "csv").stdout.splitlines()]
    rows = {line[0]: dict(zip(names, line[1:], strict=True)) for line in lines[1:]}
    for pair in found["differences"]:
        if best in (pair["a"], pair["b"]):
            other = ({pair["a"], pair["b"]} - {best}).pop()
            sign = 1 if pair["a"] == other else -1
            low, high = (pair["ci_low"], pair["ci_high"])[::sign]
            assert float(rows["cross_entropy_minus_best"][other]) == sign * pair["difference"]
            assert float(rows["cross_entropy_minus_best_low"][other]) == sign * low
            assert float(rows["cross_entropy_minus_best_high"][other]) == sign * high
            assert float(rows["cross_entropy_minus_best_p"][other]) == pair["p_adjusted"]
            assert rows["cross_entropy_minus_best"] == rows[f"cross_entropy_minus_{best}"]


def test_what_overflowed_is_no_number(cecli):
    """The perplexity of a finite loss is not infinite."""
    assert re.search(r" perplexity +> 1e308\n", cecli("compare", "0", "0,200000", "-l", "-f", "table").stdout)
    assert re.search(r" perplexity +∞\n", cecli("compare", "0", "0.0,1.0", "-f", "table").stdout)
