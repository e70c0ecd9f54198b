"""Predicted labels in `compare`, and what a typed row means: the rules of the contract, line by line."""

import json
import os
import threading

import numpy as np
import pytest

from tests.every import every

LABELS = ("error_rate", "errors")
NULL = ("mse", "cross_entropy", "cross_entropy_sum", "perplexity")


def models(cecli, *words, code=0):
    """The models of a call, from JSON."""
    result = cecli("compare", *words, "-f", "json")
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)["models"]


def are_labels(model):
    """Whether a model was read as predicted labels."""
    return all(model[name] is None for name in NULL)


def named(part):
    """The words of a case."""
    return " ".join(part) if isinstance(part, list) else ""


@pytest.fixture
def _table(tmp_path, monkeypatch):
    """A file of labels and predictions, in the folder that the call runs in."""
    monkeypatch.chdir(tmp_path)
    text = (
        "id,y,name,whole,said,p,z,sign,other\n1,0,cat,0,cat,0.2,1,-1,-1\n2,1,dog,1,dog,0.6,2,1,1\n"
        "3,1,dog,0,cat,0.9,0,1,-1\n4,0,cat,1,dog,0.5,3,-1,-1\n"
    )
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    np.save(tmp_path / "whole.npy", np.array([0, 1, 0, 1]))
    np.save(tmp_path / "signs.npy", np.array([-1, 1, -1, -1]))
    np.save(tmp_path / "p.npy", np.array([0.2, 0.6, 0.9, 0.5]))
    np.save(tmp_path / "y.npy", np.array([0, 1, 0]))
    np.save(tmp_path / "one.npy", np.array([0.2, 0.5, 0.3]))


# --- what is predicted labels ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_table")
@every(
    ("words", "wrong"),
    [
        (["0,1,1", "1,0,1"], 2),
        (["2,1,0,0", "2,2,0,1"], 2),
        (["2,1,0", "2.0,2,0"], 1),
        (["cat,dog,dog", "dog,dog,dog", "--classes", "cat,dog"], 1),
        (["cat", "dog", "--classes", "cat,dog"], 1),
        (["New York", "Rome", "--classes", "New York,Rome"], 1),
        (["3,1,2", "3,3,2", "--classes", "1,2,3"], 1),
        (["f.csv:y", "f.csv:whole"], 2),
        (["f.csv:name", "f.csv:said"], 2),
        (["f.csv:y", "whole.npy"], 2),
        (["whole.npy", "f.csv:y"], 2),
        (["f.csv:y", "0,1,0,1"], 2),
        (["0,1,1,0", "f.csv:whole"], 2),
        (["--label", "y", "--columns", "whole", "f.csv"], 2),
        (["f.csv:y", "f.csv:whole", "--id", "id"], 2),
        (["f.csv:y", "f.csv:whole", "--where", "id=3,4"], 2),
        (["1,0; 0,1; 0,1; 1,0", "f.csv:whole"], 2),
        (["0,9,1", "1,0,1", "--ignore-index", "9"], 1),
        (["cat,dog,bird", "0,2,2", "--classes", "cat,dog,bird"], 1),
        (["f.csv:name", "f.csv:whole", "--classes", "cat,dog,bird"], 2),
        (["1,-1,1,1", "1,1,-1,-1", "--classes=-1,1"], 3),
        (["f.csv:sign", "f.csv:other", "--classes=-1,1"], 1),
        (["f.csv:sign", "signs.npy", "--classes=-1,1"], 1),
        (["cat,NA,dog", "dog,dog,dog", "--classes", "cat,dog", "--skip-missing"], 1),
    ],
)
def test_names_and_whole_numbers_are_labels(cecli, words, wrong):
    """0 and 1 too, typed and in files; they have errors and no losses."""
    (model,) = models(cecli, *words)
    assert are_labels(model), model
    assert model["errors"] == wrong


@pytest.mark.usefixtures("_table")
@pytest.mark.parametrize(
    "words",
    [
        ["0,1,1,0", "f.csv:p"],
        ["f.csv:y", "f.csv:p"],
        ["f.csv:y", "p.npy"],
        ["f.csv:y", "0.2,0.6,0.9,0.5"],
        ["0,1,1,0", "0.2,0.6,0.9,0.5"],
        ["0,1,0", "0.2,0.5,0.2"],
        ["cat,dog,dog", "0,1,0.5", "--classes", "cat,dog"],
        ["cat,dog,dog", "0,1,0", "--classes", "cat,dog"],
        ["f.csv:y", "f.csv:z", "--logits"],
        ["0,1,1", "1,0,1", "--logits"],
        ["y.npy", "one.npy"],
        ["y.npy", "0.2,0.5,0.3"],
    ],
    ids=named,
)
def test_anything_else_is_one_probability_or_score_per_sample(cecli, words):
    """The probability of class 1, or under --logits its score: whole numbers are never labels there."""
    (model,) = models(cecli, *words)
    assert not are_labels(model)
    found = json.loads(cecli("compare", *words, "-f", "json").stdout)
    assert found["samples"] > 1


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        (["1", "0.2,0.5,0.3"], False),
        (["1", "0,1,0"], False),
        (["0,1,0", "0.2,0.5,0.3"], True),
        (["0.1,0.8,0.1", "0.2,0.5,0.3"], True),
        (["1,0", "1,0"], True),
        (["0,1,0", "2,5,1", "--logits"], True),
        (["0,1,0", "2,5,3", "--normalize"], True),
        (["1", "2,5,1", "--logits"], False),
    ],
    ids=named,
)
def test_a_typed_row_can_be_one_sample(cecli, words, noted):
    """Beside one label, or beside a distribution where it sums to 1 itself; a note says so beside a row."""
    result = cecli("compare", *words, "-f", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["samples"] == 1
    assert not are_labels(json.loads(result.stdout)["models"][0])
    assert ("one row each" in result.stderr) == noted


def test_scores_beside_two_ones_are_one_each(cecli):
    """Under --logits a target row with another number of ones is labels."""
    found = json.loads(cecli("compare", "1,1,0", "2,5,1", "--logits", "-f", "json").stdout)
    assert found["samples"] == 3


@pytest.mark.usefixtures("_table")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["1", "0.2,0.5,0.2"], "sums to 0.9"),
        (["0.1,0.8,0.1", "0.2,0.5,0.2"], "sums to 0.9"),
        (["0,1,2", "f.csv:p"], "3 samples"),
        (["f.csv:y", "f.csv:said"], "'cat' is not a number"),
        (["0,1,1,0", "0.5,1,2,0"], "2 is above 1"),
        (["0,1,1", "cat,dog,cat", "--classes", "cat,dog", "--logits"], "'cat' is not a number"),
        (["0,1,2", "cat,dog,elk", "--classes", "cat,dog,bird"], "'elk' is not a class name"),
        (["0,1,1", "cat,dgo,dog", "--classes", "cat,dog"], "'dgo' is not a class name"),
        (["cat,dog,bird", "b=cat,elk,bird", "--classes", "cat,dog,bird"], "b: 'elk' is not a class name"),
        (["0,1,2", "a=0,1,-1", "--classes", "cat,dog,bird"], "sample 3 of a: label -1 is out of range 0…2"),
        (["cat,dog,bird", "a=0,3,1", "--classes", "cat,dog,bird"], "sample 2 of a: label 3 is out of range 0…2"),
        (["cat,dog,bird", "a=0,0.5,1", "--classes", "cat,dog,bird"], "sample 2 of a: 0.5 is not a label"),
        (["0,1,2", "a=0,1,-1"], "label -1 is out of range 0…1048575, which is what labels may be without --classes"),
        (["0,1,1", "-2,3,1"], "--logits reads scores"),
        (["1,-1,1", "a=1,0,-1", "--classes=-1,1"], "'0' is not a class name"),
    ],
    ids=named,
)
def test_what_has_no_meaning(cecli, words, says):
    """An error, and nothing on stdout."""
    result = cecli("compare", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_a_fraction_far_into_a_column_of_whole_numbers(cecli, tmp_path):
    """What the first block looked like is said; nothing is silently rounded."""
    path = tmp_path / "late.csv"
    path.write_text("y,p\n" + "1,1\n" * 3_000_000 + "1,0.5\n", encoding="utf-8")
    result = cecli("compare", f"{path}:y", f"{path}:p")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "0.5" in result.stderr
    assert "the first values of" in result.stderr
    assert "line 3000002" in result.stderr


# --- what comes out -------------------------------------------------------------------------------------------------


def test_plain_lines_and_the_note(cecli):
    """nan where there is no number, and a note that names what is null."""
    result = cecli("compare", "2,1,0", "a=2,2,0", "b=2,1,0")
    assert result.stdout == f"a\t{1 / 3!r}\tnan\tnan\nb\t0\tnan\tnan\n"
    for name in ("cross_entropy", "cross_entropy_sum", "perplexity", "mse", "brier", "ece"):
        assert name in result.stderr


def test_a_limit_is_never_passed_by_null(cecli):
    """`--fail-above` and `--fail-if` are errors where there is no number."""
    for gate in (["--fail-above", "0.5"], ["--metric", "mse", "--fail-above", "0.5"], ["--fail-if", "a.mse > 0.5"]):
        result = cecli("compare", "2,1,0", "a=2,2,0", *gate)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "is null" in result.stderr
    assert cecli("compare", "2,1,0", "a=2,2,0", "--metric", "error_rate", "--fail-above", "0.5").exit_code == 0


def test_json_of_a_mixed_call(cecli):
    """One model of labels beside one of probabilities: the first has null losses, and nobody compares by them."""
    found = json.loads(cecli("compare", "2,1", "a=2,2", "b=0.1,0.2,0.7; 0.3,0.4,0.3", "-f", "json").stdout)
    a, b = found["models"]
    assert are_labels(a)
    assert not are_labels(b)
    assert found["value"] == [None, b["cross_entropy"]]
    assert found["best"]["cross_entropy"] == ["b"]
    assert found["best"]["errors"] == ["b"]
    (pair,) = found["differences"]
    assert pair["difference"] is None
    assert pair["mcnemar"]["only_b_right"] == 1


def test_metrics_of_labels_alone(cecli):
    """`all` is those that have a meaning; one that has none is null, not an error."""
    (model,) = models(cecli, "2,1,0", "2,2,0", "--metrics", "all")
    assert [name for name, value in model.items() if value is not None] == ["name", *LABELS, "accuracy", "balanced_accuracy", "macro_f1", "intervals"]  # fmt: skip
    assert models(cecli, "2,1,0", "2,2,0", "--metrics", "ece,roc_auc,brier")[0]["ece"] is None
    assert cecli("compare", "2,1,0", "2,2,0", "--metric", "mse").stdout == "nan\n"
    assert cecli("compare", "2,1,0", "2,2,0", "--metric", "accuracy", "-p", "2").stdout == "0.67\n"


def test_classes_and_confusion_without_a_number_of_classes(cecli):
    """As many classes as the labels show."""
    (model,) = models(cecli, "3,1,0", "1,1,0", "--by-class", "--confusion")
    assert model["confusion"] == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert [row["support"] for row in model["classes"]] == [1, 1, 0, 1]
    assert [row["mean_loss"] for row in model["classes"]] == [None] * 4


def test_many_labels_are_judged_by_mcnemar(cecli, tmp_path):
    """The verdict says who makes fewer errors, and whether that is more than chance."""
    rows = [(i % 3, i % 3, i % 3 if i % 4 else (i + 1) % 3) for i in range(80)]
    path = tmp_path / "f.csv"
    path.write_text("y,a,b\n" + "".join(f"{y},{a},{b}\n" for y, a, b in rows), encoding="utf-8")
    words = ["compare", f"{path}:y", f"{path}:a", f"{path}:b"]
    (pair,) = json.loads(cecli(*words, "-f", "json").stdout)["differences"]
    assert pair["mcnemar"]["only_a_right"] == 20
    assert pair["mcnemar"]["p_value"] == pytest.approx(2 * 0.5 / 2**20)
    told = cecli(*words, "-f", "table").stdout
    assert "a is better than b: its error rate is lower by 0.25 (100 %)" in " ".join(told.split())
    assert "nan" not in told


@pytest.mark.parametrize("form", ["csv", "tsv", "markdown", "latex", "table"])
def test_other_formats_and_lists(cecli, form):
    """Every way out takes null."""
    result = cecli(
        "compare", "2,1,0", "a=2,2,0", "b=0,1,0", "--worst", "2", "--disagree", "2", "--by-class", "-f", form
    )
    assert result.exit_code == 0, result.stderr
    assert cecli("compare", "2,1,0", "a=2,2,0", "--steps", "-f", form).exit_code in ((0,) if form in ("table", "latex", "markdown") else (0, 2))  # fmt: skip


def test_a_picture_needs_probabilities(cecli):
    """It draws the models that have some."""
    assert cecli("compare", "2,1,0", "2,2,0", "--plot", "terminal").exit_code == 2
    result = cecli("compare", "2,1", "a=2,2", "b=0.1,0.2,0.7; 0.3,0.4,0.3", "--plot", "terminal", "-f", "table")
    assert "b: reliability" in result.stdout
    assert "a: reliability" not in result.stdout


def test_lists_of_samples_need_losses(cecli):
    """No empty tables, and a note that says why."""
    labels = cecli("compare", "0,1,1,0", "a=0,1,0,0", "b=1,1,1,0", "--worst", "2", "--disagree", "2", "-f", "table")
    assert (
        "--worst and --disagree: no samples of a, b are listed, because predicted labels have no losses"
        in labels.stderr
    )
    assert "largest losses" not in labels.stdout
    mixed = cecli("compare", "0,1,1,0", "a=0,1,0,0", "b=0.1,0.9,0.8,0.3", "--worst", "2", "-f", "table")
    assert "--worst: no samples of a are listed" in mixed.stderr
    assert "b: largest losses" in mixed.stdout


def test_labels_of_standard_input(cecli):
    """By number they need no look ahead; by name the classes must be named."""
    text = "y,a\n2,2\n1,2\n0,0\n"
    assert cecli("compare", "--label", "y", "--columns", "a", "-", stdin=text).stdout.split("\t")[1] == repr(1 / 3)
    named = "y,a\ncat,cat\ndog,cat\n"
    assert cecli("compare", "--label", "y", "--columns", "a", "-", stdin=named).exit_code == 2
    result = cecli("compare", "--label", "y", "--columns", "a", "-", "--classes", "cat,dog", stdin=named)
    assert result.stdout.split("\t")[1] == "0.5"


def test_missing_labels(cecli, tmp_path):
    """An error, or left out."""
    path = tmp_path / "f.csv"
    path.write_text("y,a\n0,0\n1,\n2,2\n1,0\n", encoding="utf-8")
    assert "missing" in cecli("compare", f"{path}:y", f"{path}:a").stderr
    found = json.loads(cecli("compare", f"{path}:y", f"{path}:a", "--skip-missing", "-f", "json").stdout)
    assert (found["samples"], found["skipped"], found["models"][0]["errors"]) == (3, 1, 1)


# --- names that labels bring along ----------------------------------------------------------------------------------

TRUTH, SAID = ["cat", "dog", "bird", "dog"], ["cat", "dog", "dog", "bird"]


@pytest.fixture
def _same_labels(tmp_path, monkeypatch):
    """The same labels by name in files of several kinds."""
    monkeypatch.chdir(tmp_path)
    both = np.array(list(zip(TRUTH, SAID, strict=True)), dtype=[("y", "U4"), ("p", "U4")])
    np.save(tmp_path / "y.npy", np.array(TRUTH))
    np.save(tmp_path / "p.npy", np.array(SAID))
    np.save(tmp_path / "both.npy", both)
    np.save(tmp_path / "w.npy", np.array([1.0, 1.0, 1.0, 1.0]))
    np.savez(tmp_path / "some.npz", y=np.array(TRUTH), p=np.array(SAID), q=np.zeros((4, 3)))
    (tmp_path / "y.json").write_text(json.dumps([{"y": text} for text in TRUTH]), encoding="utf-8")
    for i in (0, 2):
        (tmp_path / f"part{i}.csv").write_text("y\n" + "\n".join(TRUTH[i : i + 2]) + "\n", encoding="utf-8")


@pytest.mark.usefixtures("_same_labels")
@pytest.mark.parametrize(
    "words",
    [
        ["y.npy", "p.npy"],
        ["y.npy", "p.npy", "--sample-weights", "w.npy"],
        ["both.npy:y", "both.npy:p"],
        ["some.npz:y", "some.npz:p"],
        ["y.npy", "some.npz:p"],
        ["y.json:y", "p.npy"],
        ["part*.csv", "p.npy"],
    ],
    ids=named,
)
def test_names_are_found_in_every_kind_of_file(cecli, words):
    """Arrays, members of archives, and the parts of one table too."""
    (model,) = models(cecli, *words)
    assert are_labels(model)
    assert model["errors"] == 2
    assert models(cecli, *words, "--confusion")[0]["confusion"] == [[0, 0, 1], [0, 1, 0], [1, 0, 1]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_names_in_a_named_pipe_must_be_given(cecli, tmp_path):
    """It can be read once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = tmp_path / "y.csv"
    path.write_text("y\ncat\ndog\n", encoding="utf-8")
    writer = threading.Thread(target=pipe.write_text, args=("p\ncat\ncat\n",))
    writer.start()
    result = cecli("compare", str(path), str(pipe))
    writer.join()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "can be read once" in result.stderr


# --- names without a header -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "said", "samples"),
    [
        ("cat dog cat bird dog", "cat dog dog dog cat", 5),
        ("cat dog cat bird dog", "bird dog dog dog cat", 5),
        ("bird dog cat cat dog", "cat bird dog dog cat", 5),
        ("y cat dog cat bird dog", "cat dog dog dog cat", 5),
        ("cat dog cat bird dog", "p cat dog dog dog cat", 5),
        ("y cat dog cat bird dog", "bird dog dog dog cat", 5),
        ("bird dog cat cat dog", "p cat bird dog dog cat", 5),
        ("label cat dog cat", "label cat dog dog", 3),
    ],
    ids=named,
)
def test_a_first_row_that_is_a_class_is_a_sample(cecli, tmp_path, truth, said, samples):
    """A name that stands among the labels below is no header, in the files of the target and of the prediction alike."""
    for name, text in (("y.txt", truth), ("p.txt", said)):
        (tmp_path / name).write_text(text.replace(" ", "\n") + "\n", encoding="utf-8")
    result = cecli("compare", str(tmp_path / "y.txt"), str(tmp_path / "p.txt"), "-f", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["samples"] == samples


def test_a_first_row_that_is_a_class_of_a_named_column(cecli, tmp_path):
    """The labels of columns with names tell the classes as well, whichever of the two is the target."""
    (tmp_path / "f.csv").write_text("y,x\nbird,1\ncat,2\n", encoding="utf-8")
    (tmp_path / "p.txt").write_text("bird\ncat\n", encoding="utf-8")
    pair = [f"{tmp_path / 'f.csv'}:y", str(tmp_path / "p.txt")]
    for words in (pair, pair[::-1]):
        assert models(cecli, *words)[0]["errors"] == 0


@pytest.mark.parametrize(
    ("columns", "more", "samples"),
    [
        (("1", "2"), (), 4),
        (("1", "2"), ("--header",), 3),
        (("1", "2"), ("--classes", "cat,dog,bird"), 4),
        (("cat", "dog"), (), 3),
        (("cat", "dog"), ("--classes", "cat,dog,bird"), 3),
    ],
    ids=named,
)
def test_two_columns_of_names_without_a_header(cecli, tmp_path, columns, more, samples):
    """By position the first row is a sample, and by its text it is a header."""
    path = tmp_path / "f.csv"
    path.write_text("cat,dog\ncat,dog\ndog,dog\nbird,cat\n", encoding="utf-8")
    result = cecli("compare", *(f"{path}:{column}" for column in columns), *more, "-f", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["samples"] == samples


@pytest.mark.parametrize(
    "words", [["--metric", "cross_entropy"], ["--sort", "mse"], ["--metric", "perplexity", "-f", "json"]]
)
def test_a_loss_that_no_model_has_is_null(cecli, words):
    """Of few samples too, whose verdict is about the errors then."""
    result = cecli("compare", "0,1,2,0", "a=0,2,2,0", "b=1,1,2,2", *words)
    assert result.exit_code == 0, result.stderr
    assert "nan" in result.stdout or "null" in result.stdout


@pytest.mark.parametrize(
    ("words", "rates"),
    [
        (["0.5,1.5,0.5", "a=0.5,1.5,1.5", "b=1.5,1.5,1.5", "--classes", "0.5,1.5"], [1 / 3, 2 / 3]),
        (["0.5,1.5,0.5", "a=0.5,1.5,1.5", "b=1.5,2.5,1.5", "--classes", "0.5,1.5,2.5"], [1 / 3, 1]),
        (["0.1,0.2", "a=0.1,0.2", "b=1/10,0.1", "--classes", "0.1,0.2,0.5"], [0, 0.5]),
        (["f.csv:y", "f.csv:a", "f.csv:b", "--classes", "0.5,1.5"], [0.5, 0]),
        (["0.5,1.5", "f.csv:a", "f.csv:b", "--classes", "0.5,1.5,7"], [0.5, 0]),
    ],
)
def test_names_of_classes_that_are_fractions(cecli, tmp_path, monkeypatch, words, rates):
    """Values that are all names of classes are labels, whether the names are whole numbers or not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text("y,a,b\n0.5,0.5,0.5\n1.5,0.5,1.5\n")
    result = cecli("compare", *words, "-f", "json")
    assert [model["error_rate"] for model in json.loads(result.stdout)["models"]] == pytest.approx(rates)
    assert "predicted labels" in result.stderr


def test_fractions_beside_names_that_are_fractions_are_probabilities_of_two_classes(cecli):
    result = cecli("compare", "0.5,1.5,0.5", "0.2,0.9,0.3", "--classes", "0.5,1.5", "--metric", "error_rate")
    assert (result.stdout, result.stderr) == ("0\n", "")
