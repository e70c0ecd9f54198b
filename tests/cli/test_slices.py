"""`compare --by`: the whole comparison for each value of a column, and how far apart a model's slices are."""

import csv
import itertools
import json

import numpy as np
import pytest

import cecli as package
from cecli.comparing import grouping
from cecli.comparing.slice_gaps import Estimate, gap_interval
from cecli.running import walk as walking

MEMBERS = ("models", "best", "differences", "verdict")
N = 300


@pytest.fixture(scope="module")
def data():
    """Labels, two models, a region for each sample (one of them rare), clusters and weights."""
    draw = np.random.default_rng(7)
    y = draw.integers(0, 3, N)
    region = np.array(["de", "en", "fr"])[draw.integers(0, 3, N)]
    region[[3, 50, 200]] = "xx"
    models = {}
    for name, lead in (("a", np.where(region == "fr", 0.3, 1.5)), ("b", 2.0)):
        z = draw.normal(size=(N, 3))
        z[np.arange(N), y] += lead
        models[name] = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return y, models, region, np.arange(N) // 3, draw.random(N)


@pytest.fixture
def _files(data, tmp_path, monkeypatch):
    """The same as a file each, the second in another order."""
    monkeypatch.chdir(tmp_path)
    y, models, region, user, _ = data
    order = np.random.default_rng(1).permutation(N)
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "region", "user", "y", "p0", "p1", "p2"])
        rows.writerows([f"s{i}", region[i], user[i], y[i], *models["a"][i].tolist()] for i in range(N))
    with (tmp_path / "b.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "p0", "p1", "p2"])
        rows.writerows([f"s{i}", *models["b"][i].tolist()] for i in order)


WORDS = ("compare", "a.csv:y", "a=a.csv:p*", "b=b.csv:p*", "--id", "id")


def close(found, expected):
    """The same, numbers to the rounding of their sums."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        return all(close(found[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    return found == expected


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("more", [[], ["--metrics", "all", "--by-class", "--confusion"], ["--cluster", "a.csv:user"], ["--baseline", "a"]])  # fmt: skip
def test_a_slice_is_the_comparison_of_its_rows(cecli, more):
    """What `--where` gives for the value, number by number; and all samples are what they are without --by."""
    found = json.loads(cecli(*WORDS, *more, "--by", "region", "-f", "json").stdout)
    assert list(found["slices"]) == ["de", "en", "fr", "xx"]
    assert sum(part["samples"] for part in found["slices"].values()) == found["samples"] == N
    for value, part in found["slices"].items():
        alone = json.loads(cecli(*WORDS, *more, "--where", f"region={value}", "-f", "json").stdout)
        assert part["samples"] == alone["samples"]
        for member in MEMBERS:
            assert close(part[member], alone[member]), (value, member)
    whole = json.loads(cecli(*WORDS, *more, "-f", "json").stdout)
    for model in found["models"]:
        del model["slice_gap"]
    assert {member: found[member] for member in MEMBERS} == {member: whole[member] for member in MEMBERS}
    assert found["settings"].pop("by") == "region"


@pytest.mark.parametrize("clustered", [False, True])
def test_any_batches_and_threads_give_the_same(data, monkeypatch, clustered):
    """Samples of a slice wait for others, and are folded in their order; weights and clusters go with them."""
    y, models, region, user, weights = data
    metrics = ["accuracy"] if clustered else ["accuracy", "ece", "roc_auc_ovr"]
    options = {"by": region, "cluster": user if clustered else None, "sample_weights": weights, "metrics": metrics}
    whole = package.compare(y, models, **options)
    for value in np.unique(region):
        kept = region == value
        own = options | {"by": None, "sample_weights": weights[kept]}
        own["cluster"] = user[kept] if clustered else None
        alone = package.compare(y[kept], {name: p[kept] for name, p in models.items()}, **own)
        assert close(whole["slices"][value]["models"], alone["models"])
        assert close(whole["slices"][value]["differences"], alone["differences"])
    for rows, threads in ((60, 1), (150, 3)):
        monkeypatch.setattr(walking, "BATCH_VALUES", rows)
        monkeypatch.setattr(walking, "LARGE_BATCH_BYTES", rows)
        again = package.compare(y, models, **options, threads=threads)
        assert close(again["slices"], whole["slices"])
        assert close(again["models"], whole["models"])


def test_the_gap_of_a_model(data):
    """From its best slice to its worst, of those that have samples enough, with an interval wider than that of two slices alone."""
    y, models, region, *_ = data
    found = package.compare(y, models, by=region)
    for model in found["models"]:
        values = {value: next(each for each in part["models"] if each["name"] == model["name"]) for value, part in found["slices"].items()}  # fmt: skip
        losses = {value: each["cross_entropy"] for value, each in values.items() if value != "xx"}
        gap = model["slice_gap"]
        assert gap["metric"] == "cross_entropy"
        assert (losses[gap["best"]], losses[gap["worst"]]) == (min(losses.values()), max(losses.values()))
        assert gap["difference"] == max(losses.values()) - min(losses.values())
        assert 0 <= gap["ci_low"] < gap["difference"] < gap["ci_high"]
    a, b = (model["slice_gap"] for model in found["models"])
    assert a["worst"] == "fr"
    assert a["ci_low"] > 0.1
    assert b["ci_low"] == 0


def test_the_interval_of_the_gap_covers():
    """Of the true gap between the largest and the smallest mean, whatever slices look best and worst: seldom missed, by Bonferroni."""
    draw = np.random.default_rng(11)
    for means in ((0.0, 0.0, 0.0, 0.0), (0.0, 0.5, 0.5), (0.0, 1.0)):
        missed = 0
        pairs = len(means) * (len(means) - 1) / 2
        half = float(-np.quantile(draw.standard_normal(200_000), 0.025 / pairs)) / 5
        for _ in range(2000):
            seen = draw.normal(means, 0.2)
            low, high = gap_interval({str(i): Estimate(x, x - half, x + half) for i, x in enumerate(seen.tolist())})
            missed += not low <= max(means) - min(means) <= high
        assert missed <= 0.065 * 2000, means


def test_metrics_of_which_more_is_better(data):
    """Accuracy, and scores; the metric is the one that models are compared by."""
    y, models, region, *_ = data
    scores = {name: p[np.arange(N), y] for name, p in models.items()}
    found = package.compare(None, scores, scores=True, by=region)
    gap = found["models"][0]["slice_gap"]
    means = {value: part["models"][0]["score"] for value, part in found["slices"].items() if value != "xx"}
    assert gap["metric"] == "score"
    assert (gap["best"], gap["worst"]) == (max(means, key=means.get), min(means, key=means.get))
    assert means["fr"] == pytest.approx(scores["a"][region == "fr"].mean(), rel=1e-12)
    labels = package.compare(y, {name: p.argmax(axis=1) for name, p in models.items()}, by=region)
    assert labels["models"][0]["slice_gap"]["metric"] == "error_rate"
    assert labels["slices"]["fr"]["models"][0]["errors"] == int(
        np.sum((models["a"].argmax(axis=1) != y)[region == "fr"])
    )


@pytest.mark.usefixtures("_files")
def test_tables_csv_and_markdown(cecli):
    """A row for each slice, and the gaps; CSV has every number with its slice in front."""
    for form in ("table", "markdown", "latex"):
        told = cecli(*WORDS, "--by", "region", "-f", form).stdout
        assert all(text in told for text in ("region", "de", "en", "fr", "xx", "best slice", "worst slice", "gap in"))
    rows = [*csv.reader(cecli(*WORDS, "--by", "region", "-f", "csv").stdout.splitlines())]
    assert rows[0] == ["region", "metric", "a", "b"]
    found = json.loads(cecli(*WORDS, "--by", "region", "-f", "json").stdout)
    by_key = {(row[0], row[1]): row[2:] for row in rows[1:]}
    for value, part in found["slices"].items():
        assert by_key[value, "cross_entropy"] == [repr(model["cross_entropy"]) for model in part["models"]]
        assert by_key[value, "samples"] == [str(part["samples"])] * 2
    gaps = [model["slice_gap"] for model in found["models"]]
    assert by_key["", "cross_entropy_slice_gap"] == [repr(gap["difference"]) for gap in gaps]
    assert by_key["", "cross_entropy_slice_gap_worst"] == [gap["worst"] for gap in gaps]
    plain = cecli(*WORDS, "--by", "region")
    assert plain.stdout == cecli(*WORDS).stdout
    assert "--by is not shown in plain" in plain.stderr


@pytest.mark.usefixtures("_files")
def test_where_the_column_is_found(cecli):
    """By its name in the first file that has it, as FILE:COLUMN, in another file, typed, and beside a file that names no columns."""
    expected = json.loads(cecli(*WORDS, "--by", "region", "-f", "json").stdout)["slices"]
    assert json.loads(cecli(*WORDS, "--by", "a.csv:region", "-f", "json").stdout)["slices"] == expected
    alone = json.loads(cecli("compare", "--label", "y", "a.csv", "--by", "region", "--where", "user=0,1", "--columns", "p*", "-f", "json").stdout)  # fmt: skip
    assert sum(part["samples"] for part in alone["slices"].values()) == 6
    typed = ["compare", "0,1,1,0", "0.2,0.6,0.9,0.5", "--by", "2,10,2,10", "-f", "json"]
    slices = json.loads(cecli(*typed).stdout)["slices"]
    assert list(slices) == ["2", "10"]
    assert [part["samples"] for part in slices.values()] == [2, 2]


def test_a_file_that_names_no_columns(cecli, tmp_path):
    """The column of --by is no class."""
    path = tmp_path / "f.csv"
    path.write_text("g,y,cat,dog\nu,0,0.9,0.1\nv,1,0.2,0.8\nu,1,0.4,0.6\n,0,0.5,0.5\n", encoding="utf-8")
    found = json.loads(cecli("compare", f"{path}:y", str(path), "--by", "g", "-f", "json").stdout)
    assert {value: part["samples"] for value, part in found["slices"].items()} == {"u": 2, "v": 1, "(missing)": 1}
    assert found["models"][0]["slice_gap"]["ci_low"] is None
    assert found["models"][0]["slice_gap"]["difference"] > 0


def test_standard_input(cecli):
    """One pass over a pipe."""
    text = "g,y,p\nu,0,0.1\nv,1,0.8\nu,1,0.6\n"
    found = json.loads(cecli("compare", "--label", "y", "--columns", "p", "-", "--by", "g", "-f", "json", stdin=text).stdout)  # fmt: skip
    assert found["slices"]["u"]["models"][0]["cross_entropy"] == pytest.approx(-(np.log(0.9) + np.log(0.6)) / 2)


def test_samples_that_are_left_out(cecli, tmp_path):
    """Missing values and ignored labels; a slice without any sample that counts is not there."""
    path = tmp_path / "f.csv"
    rows = ["g,y,p"] + ["u,0,0.25", "u,1,", "v,9,0.5", "w,1,0.75"] * 300
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    words = ["compare", f"{path}:y", f"{path}:p", "--by", "g", "--skip-missing", "--ignore-index", "9", "-f", "json"]
    found = json.loads(cecli(*words).stdout)
    assert list(found["slices"]) == ["u", "w"]
    assert found["slices"]["u"]["samples"] == 300
    assert found["slices"]["u"]["models"][0]["cross_entropy"] == pytest.approx(-np.log(0.75))


def test_files_that_disagree_about_the_slices(cecli, tmp_path, monkeypatch):
    """An error that names both rows; numbers written in two ways are the same, and a predicted column is no slice where others have one."""
    monkeypatch.chdir(tmp_path)
    texts = {
        "y.csv": "label,g\ncat,1\ndog,2\ncat,2\n",
        "a.csv": "cat,dog,g\n0.9,0.1,1.0\n0.2,0.8,2.0\n0.7,0.3,2.0\n",
        "b.csv": "cat,dog,g\n0.9,0.1,1\n0.2,0.8,2\n0.7,0.3,1\n",
        "knn.csv": "label\ncat\ncat\ncat\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    same = json.loads(cecli("compare", "y.csv:label", "a.csv", "--by", "g", "-f", "json").stdout)["slices"]
    assert {value: part["samples"] for value, part in same.items()} == {"1": 1, "2": 2}
    wrong = cecli("compare", "y.csv:label", "b.csv", "--by", "g")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "the values of g differ: b.csv" in wrong.stderr
    assert "line 4" in wrong.stderr
    assert "--by FILE:COLUMN takes those of one file" in wrong.stderr
    assert cecli("compare", "y.csv:label", "b.csv:cat,dog", "--by", "y.csv:g").exit_code == 0
    by_label = json.loads(cecli("compare", "y.csv:label", "knn.csv:label", "--by", "label", "-f", "json").stdout)
    assert {value: part["samples"] for value, part in by_label["slices"].items()} == {"cat": 2, "dog": 1}


@pytest.mark.usefixtures("_files")
def test_what_is_refused(cecli, monkeypatch):
    """A column that is not there, too many values, another length."""
    wrong = cecli(*WORDS, "--by", "regoin")
    assert wrong.exit_code == 2
    assert "no file of the call has a column 'regoin'" in wrong.stderr
    assert "did you mean region?" in wrong.stderr
    assert "4 samples" in cecli("compare", "0,1,1", "0.2,0.6,0.9", "--by", "1,1,2,2").stderr
    monkeypatch.setattr(grouping, "MOST_SLICES", 50)
    many = cecli(*WORDS, "--by", "user")
    assert (many.exit_code, many.stdout) == (2, "")
    assert "more than 50 values" in many.stderr


def test_slices_of_the_library(data):
    """Names or numbers, lists, arrays and columns; what a slice is called is its text."""
    y, models, region, user, _ = data
    expected = package.compare(y, models, by=region)["slices"]
    for values in (region.tolist(), region.astype(object)):
        assert package.compare(y, models, by=values)["slices"] == expected
    assert list(package.compare(y, models, by=user % 3)["slices"]) == ["0", "1", "2"]
    with pytest.raises(ValueError, match="give the same number in both"):
        package.compare(y, models, by=region[:-1])


def ranked_in_slices(result):
    """Of each slice the models with their marks, from the differences in JSON."""
    for value, part in result["slices"].items():
        values = {model["name"]: model["cross_entropy"] for model in part["models"]}
        best = min(values, key=values.get)
        p = {one["b"] if one["a"] == best else one["a"]: one["p_adjusted"] for one in part["differences"] if best in (one["a"], one["b"])}  # fmt: skip
        yield value, {name: "★" if name == best else "" if p[name] < 0.05 else "~" for name in values}, values


@pytest.mark.parametrize("count", [2, 5])
def test_the_table_marks_what_chance_could_explain(cecli, tmp_path, count):
    """Best model first, in rows where there are more of them than slices; the column goes by its name alone."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 3, 600)
    z = rng.normal(size=(600, 3)) + np.eye(3)[y]
    groups = rng.choice(["de", "en", "fr"], 600)
    (tmp_path / "y.csv").write_text("y,g\n" + "".join(f"{a},{b}\n" for a, b in zip(y, groups, strict=True)))
    np.save(tmp_path / "y.npy", y)
    words = [f"{tmp_path}/y.csv:y", "-l", "--by", f"{tmp_path}/y.csv:g"]
    for i in reversed(range(count)):
        np.save(tmp_path / f"m{i}.npy", z * (1 - 0.1 * i) + 0.4 * i * rng.normal(size=z.shape))
        words.append(f"{tmp_path}/m{i}.npy")
    found = json.loads(cecli("compare", *words, "-f", "json").stdout)
    text = cecli("compare", *words, "-f", "table", COLUMNS="120").stdout
    lines = [line.split() for line in text[text.index("cross-entropy, nats, by g") :].splitlines()]
    names, slices = [f"m{i}" for i in range(count)], ["de", "en", "fr"]
    assert lines[2] == (["model", *slices] if count > 3 else ["g", "samples", *names])
    rows = {line[0]: line[1:] for line in itertools.takewhile(bool, lines[4:])}
    for value, marks, values in ranked_in_slices(found):
        cells = rows[value][1:] if count <= 3 else [cell for name in names for cell in rows[name]]
        for name in names:
            assert f"{values[name]:.4f}" in cells
        assert "★" in cells
        if count <= 3:
            assert [cell for cell in cells if cell in "★~"] == [marks[name] for name in names if marks[name]]
    if count > 3:
        expected = {name: [marks[name] for _, marks, _ in ranked_in_slices(found) if marks[name]] for name in names}
        assert {name: [cell for cell in rows[name] if cell in "★~"] for name in names} == expected
        assert [name for name in rows if name in names][:count] == names
        assert rows["samples"] == [str(part["samples"]) for part in found["slices"].values()]
    assert "★ best" in text
    assert {mark for _, marks, _ in ranked_in_slices(found) for mark in marks.values()} == {"★", "~", ""}


@pytest.mark.parametrize(
    ("typed", "expected", "settings"),
    [
        ("1,1.0,2", {"1": 2, "2": 1}, [1, 1, 2]),
        ("1,NA,2", {"1": 1, "2": 1, "(missing)": 1}, [1, None, 2]),
        ("NA,x,x", {"x": 2, "(missing)": 1}, [None, "x", "x"]),
        ("1,1e3,inf", {"1": 1, "1000": 1, "inf": 1}, [1, 1000, "inf"]),
    ],
)
def test_typed_slices_are_those_of_a_column(cecli, tmp_path, typed, expected, settings):
    """Missing values are a slice of their own, numbers may be written in several ways."""
    lines = [f"{p},{name}" for p, name in zip((0.2, 0.6, 0.9), typed.split(","), strict=True)]
    (tmp_path / "m.csv").write_text("p,g\n" + "\n".join(lines) + "\n")
    of_column = ["0,1,1", f"{tmp_path / 'm.csv'}:p", "--by", f"{tmp_path / 'm.csv'}:g"]
    for words in (of_column, ["0,1,1", "0.2,0.6,0.9", "--by", f"[{typed}]"]):
        found = json.loads(cecli("compare", *words, "-f", "json").stdout)
        assert {name: part["samples"] for name, part in found["slices"].items()} == expected
    assert found["settings"]["by"] == settings


def test_typed_clusters_may_be_names_or_missing(cecli):
    """As in a column: by their texts; one that is missing is an error, or left out."""
    words = ["compare", "0,1,1", "0.2,0.6,0.9", "--cluster", "[a,NA,b]", "-f", "json"]
    assert "'NA' is a missing value" in cecli(*words).stderr
    left = json.loads(cecli(*words, "--skip-missing").stdout)
    assert (left["skipped"], left["settings"]["cluster"]) == (1, ["a", None, "b"])


def test_typed_slices_have_no_column(cecli):
    """The column is called slice, whatever was typed."""
    text = cecli("compare", "0,1,1", "0.2,0.6,0.9", "--by", "1,2,2", "-f", "table").stdout
    assert "cross-entropy, nats, by slice" in " ".join(text.split())
