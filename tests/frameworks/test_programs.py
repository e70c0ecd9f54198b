"""`--code`: every program runs and prints the value that cecli prints."""

import contextlib
import io
import math
from itertools import chain

import numpy as np
import pytest

from cecli.comparing.metrics import ROWS
from cecli.frameworks.value_code import LINES
from tests.frameworks.backend import SEED, backend
from tests.frameworks.drawn import COMMANDS, draw, drawn_model_metric

DRAWS = {"numpy": 20, "scipy": 10, "sklearn": 10, "torch": 40, "jax": 20, "keras": 20}
OF_CLASSES = ("error_rate", "errors", "accuracy", "balanced_accuracy", "macro_f1")
METRICS = (*(row.name for row in ROWS if row.of != "scores"), "top1", "top3")


def output_of(program, name="program"):
    """What a program prints."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), np.errstate():
        try:
            exec(compile(program, name, "exec"), {})  # noqa: S102 - programs that cecli writes
        except Exception as error:
            raise AssertionError(f"{error}\n{program}") from error
    return shown.getvalue()


def numbers(text):
    """The numbers of every line."""
    return [[float(part) for part in line.split(",")] for line in text.splitlines()]


def assert_prints_the_value(cecli, library, words, rel=1e-9):
    """The program of a call prints what the call prints; an error expected by chance is the root of 1 − confidence, which has half the digits."""
    plain, written = cecli(*words, "-f", "plain"), cecli(*words, "--code", library)
    assert plain.exit_code == 0, plain.stderr
    assert written.exit_code == 0, written.stderr
    close = (
        {"rel": 1e-6, "abs": 3e-7}
        if library == "keras" and backend()
        else {"rel": rel, "abs": 1e-8 if "--metric=ece_by_chance" in words else 1e-15}
    )
    wanted, got = numbers(plain.stdout), numbers(output_of(written.stdout))
    assert [len(row) for row in got] == [len(row) for row in wanted], written.stdout
    for one, other in zip(chain.from_iterable(got), chain.from_iterable(wanted), strict=True):
        same = one == other or (math.isnan(one) and math.isnan(other))
        assert same or one == pytest.approx(other, **close), written.stdout
    return written.stdout


def check(cecli, library, command, folder):
    """As many drawn calls as the table says."""
    rng = np.random.default_rng([71 + SEED, *map(ord, library + command)])
    for _ in range(DRAWS[library]):
        call = draw(rng, command)
        call.prediction = call.prediction.astype(float)
        assert_prints_the_value(cecli, library, call.words(folder))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("library", ["numpy", "scipy", "sklearn"])
def test_drawn_programs(cecli, library, command, tmp_path):
    check(cecli, library, command, tmp_path)


@pytest.fixture
def _as_before():
    """Puts back what a program sets for its whole process."""
    yield
    import jax
    import keras

    jax.config.update("jax_enable_x64", False)
    keras.config.set_floatx("float32")


@pytest.mark.frameworks
@pytest.mark.usefixtures("_as_before")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("library", ["torch", "jax", "keras"])
def test_drawn_programs_of_large_frameworks(cecli, library, command, tmp_path):
    check(cecli, library, command, tmp_path)


def check_metric(cecli, library, metric, draws, rel=1e-12):
    """Drawn comparisons of two models by a metric: labels or soft targets, probabilities or logits, with ties, weights (0 too) and bins."""
    rng = np.random.default_rng([83 + SEED, *map(ord, library + metric)])
    for _ in range(draws):
        assert_prints_the_value(cecli, library, drawn_model_metric(rng, metric), rel)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@pytest.mark.parametrize("metric", METRICS)
def test_every_metric(cecli, metric):
    check_metric(cecli, "numpy", metric, 4)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@pytest.mark.parametrize("library", ["scipy", "sklearn"])
@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_a_library(cecli, library, metric):
    check_metric(cecli, library, metric, 2, 1e-11)


@pytest.mark.frameworks
@pytest.mark.usefixtures("_as_before")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("library", ["torch", "jax", "keras"])
@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_a_large_framework(cecli, library, metric):
    check_metric(cecli, library, metric, 3, 1e-11)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@pytest.mark.parametrize("library", ["numpy", "scipy", "sklearn"])
@pytest.mark.parametrize("metric", OF_CLASSES)
def test_predicted_labels(cecli, library, metric):
    """Drawn labels, some of whose classes are never there, or only in samples that weigh 0."""
    rng = np.random.default_rng([43, *map(ord, library + metric)])
    for _ in range(2):
        labels = rng.integers(rng.integers(2, 6), size=(3, 6))
        words = ["compare", *(",".join(map(str, row)) for row in labels), "--metric", metric]
        weights = rng.choice([0.0, 0.5, 2.0], size=6)
        weights[0] = 1
        for more in ([], ["--sample-weights", ",".join(map(str, weights))], ["--ignore-index", str(labels[0, 1])]):
            if len({*labels[0]}) > 1:
                assert "y_pred1 = np.array([" in assert_prints_the_value(cecli, library, [*words, *more])


@pytest.mark.parametrize(
    "metric", ["auc", "roc_auc_ovr", "top2", "error_rate", "macro_f1", "ece", "reliability", "skill_prior"]
)
@pytest.mark.parametrize("more", [["--eps", "0.2"], ["--ignore-index=-1"], ["--normalize"]], ids=lambda words: words[0])
def test_metrics_of_samples_that_are_changed_first(cecli, metric, more):
    """Clipped, left out, or rescaled."""
    classes = 2 if metric == "auc" else 3
    rows = [".1,.9,2", ".3,.7,.5", "1.5,.25,0", ".1,.9,2.5", ".6,.4,.1"]
    scores = ";".join(",".join(row.split(",")[:classes]) for row in rows)
    labels = ("1,0,0,0," if metric == "auc" else "0,2,1,2,") + ("-1" if more == ["--ignore-index=-1"] else "1")
    kind = [] if more == ["--normalize"] else ["--logits"]
    assert_prints_the_value(cecli, "numpy", ["compare", labels, scores, "--metric", metric, *kind, *more], 1e-12)


def test_a_metric_without_lines_has_no_program(cecli, monkeypatch):
    monkeypatch.delitem(LINES, "ece")
    result = cecli("compare", "0,1", ".5,.5;.2,.8", "--metric", "ece", "--code", "numpy")
    assert result.exit_code == 2
    assert "--code: no program for ece" in result.stderr


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("0,1 .7,.3;.2,.8 --metric mse", "brier_score_loss(y, q, labels=range(2), scale_by_half=False)"),
        ("0,1 .7,.3;.2,.8 --metric auc", "roc_auc_score(y, q[:, 1])"),
        (
            "0,1 .7,.3;.2,.8 --metric average_precision --sample-weights 1,2",
            "average_precision_score(y, q[:, 1], sample_weight=s)",
        ),
        ("0,1,2 1,2,3;2,1,0;0,1,2 -l --metric top2", "top_k_accuracy_score(y, z, k=2, labels=range(3))"),
        ("0,1,2 1,2,3;2,1,0;0,1,2 -l --metric roc_auc_ovr", 'roc_auc_score(y, q, multi_class="ovr", labels=range(3))'),
    ],
)
def test_scikit_learn_has_metrics_of_probabilities(cecli, words, call):
    written = cecli("compare", *words.split(), "--code", "sklearn").stdout
    assert f"    value = metrics.{call}\n" in written


def test_keras_has_accuracies(cecli):
    for metric, call in (("accuracy", "categorical_accuracy(y, q)"), ("top2", "top_k_categorical_accuracy(y, q, k=2)")):
        written = cecli("compare", "0,1,2", ".5,.3,.2;.2,.5,.3;.5,.3,.2", "--metric", metric, "--code", "keras").stdout
        assert f"    losses = keras.metrics.sparse_{call}\n" in written


def test_scikit_learn_takes_predicted_labels(cecli):
    for metric, call in (
        ("accuracy", "accuracy_score(y, y_pred)"),
        ("error_rate", "zero_one_loss(y, y_pred)"),
        ("balanced_accuracy", "balanced_accuracy_score(y, y_pred)"),
        ("macro_f1", 'f1_score(y, y_pred, average="macro")'),
    ):
        written = cecli("compare", "0,1,2", "0,1,1", "--metric", metric, "--code", "sklearn").stdout
        assert f"    value = metrics.{call}\n" in written


def test_predicted_labels_are_read_from_their_file(cecli, tmp_path, monkeypatch):
    """As numbers, and as names of classes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.csv").write_text("y,m\n0,0\n1,2\n2,2\n1,1\n", "utf-8")
    (tmp_path / "c.csv").write_text("y,m\ncat,cat\ndog,owl\nowl,owl\ndog,dog\n", "utf-8")
    for name in ("n.csv", "c.csv"):
        words = ["compare", f"{name}:y", f"{name}:m", "--metric", "f1"]
        assert assert_prints_the_value(cecli, "numpy", words).count(f"np.loadtxt('{name}'") == 2


def test_files_are_read_where_numpy_reads_the_same(cecli, tmp_path, monkeypatch):
    """Columns of text with names of classes, arrays, and members of a .npz."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text("label,cat,dog,owl\ncat,0.7,0.2,0.1\nowl,0.1,0.3,0.6\n", "utf-8")
    np.save("z.npy", np.array([[0.5, -1.5, 2.0], [3.0, 0.25, 0.125]]))
    np.savez("d.npz", logits=np.array([[0.5, -1.5, 2.0], [3.0, 0.25, 0.125]]), labels=np.array([2, 1]))
    for words, reads in (
        (["xent", "p.csv:label", "p.csv:cat,dog,owl"], "np.loadtxt('p.csv'"),
        (["xent", "--label", "label", "p.csv"], "np.loadtxt('p.csv'"),
        (["xent", "2,1", "z.npy", "-l"], "np.load('z.npy')"),
        (["xent", "d.npz:labels", "d.npz:logits", "-l"], "np.load('d.npz')['logits']"),
        (["softmax", "z.npy"], "np.load('z.npy')"),
    ):
        assert reads in assert_prints_the_value(cecli, "numpy", words)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_arrays_of_fewer_digits(cecli, tmp_path, monkeypatch, kind):
    """No program computes in float16; the value has the digits of a float32."""
    monkeypatch.chdir(tmp_path)
    np.save("p.npy", np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], kind))
    ours, written = (cecli("xent", "0,1", "p.npy", *more).stdout for more in ([], ["--code", "numpy"]))
    assert float(output_of(written)) == pytest.approx(float(ours), rel=1e-6)
    assert (".astype(float)" in written) == (kind == np.float16)


def test_names_of_files_and_classes_are_data(cecli, tmp_path, monkeypatch):
    """Quotes, backslashes and code in them stay texts of the program."""
    monkeypatch.chdir(tmp_path)
    name = "a 'b' \"c\" \\n{0}.csv"
    rows = [
        ["y", "it's", 'a""b', "\\'); raise SystemExit #"],
        ["it's", "0.7", "0.2", "0.1"],
        ['a""b', "0.1", "0.6", "0.3"],
    ]
    (tmp_path / name).write_text("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows), "utf-8")
    for words in (["xent", "--label", "y", f"./{name}"], ["entropy", f"./{name}:2-4"]):
        assert_prints_the_value(cecli, "numpy", words)


@pytest.mark.parametrize("name", ["p.parquet", "p.jsonl", "p.csv"])
@pytest.mark.parametrize(
    "more", [[], ["--where", "part=x"], ["--skip-missing"], ["--id", "id", "--columns", "cat,dog"]], ids=str
)
def test_any_file_with_any_rows(cecli, tmp_path, monkeypatch, name, more):
    """What NumPy cannot read or choose is written out."""
    pd = pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    table = {
        "id": [7, 3, 5],
        "part": ["x", "y", "x"],
        "y": ["cat", "dog", "dog"],
        "cat": [0.7, 0.4, 0.2],
        "dog": [0.3, 0.6, 0.8],
    }
    frame = pd.DataFrame(table)
    frame.to_parquet("p.parquet", index=False)
    frame.to_json("p.jsonl", orient="records", lines=True)
    frame.to_csv("p.csv", index=False)
    labels = f"{name}:y"
    for library in ("numpy", "sklearn"):
        assert_prints_the_value(
            cecli, library, ["xent", labels, f"{name}:cat,dog" if "--id" not in more else name, *more]
        )


def test_what_numpy_does_not_read_is_written_out(cecli, tmp_path, monkeypatch):
    """Fractions in a file, chosen rows, and names in JSON; too many values are an error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text("1/2,1/2\n3/4,1/4\n", "utf-8")
    (tmp_path / "j.json").write_text('[{"a": 0.5, "b": 0.5}, {"a": 0.9, "b": 0.1}]', "utf-8")
    (tmp_path / "w.csv").write_text("part,a,b\nx,0.5,0.5\ny,0.1,0.9\nx,0.9,0.1\n", "utf-8")
    for words in (
        ["entropy", "f.csv"],
        ["xent", "0,0", "j.json"],
        ["entropy", "w.csv:a,b", "--where", "part=x"],
        ["xent", "0", "5,3,2", "--normalize"],
    ):
        assert "np.array([" in assert_prints_the_value(cecli, "numpy", words)
    (tmp_path / "long.csv").write_text("1/2,1/2\n" * 1001, "utf-8")
    result = cecli("entropy", "long.csv", "--code", "numpy")
    assert result.exit_code == 2
    assert "save it as a .npy file" in result.stderr


def test_the_librarys_own_function_where_it_gives_our_value(cecli):
    """And NumPy, with a comment, where it does not."""
    torch = cecli("xent", "0", "2,1,0.1", "-l", "--code", "torch").stdout
    assert "value = F.cross_entropy(z, y)\n" in torch
    by_row = cecli("xent", "1,0;0,1", "2,1;0.1,3", "-l", "--class-weights", "1,2", "--code", "torch").stdout
    assert 'losses = F.cross_entropy(z, p, weight=w, reduction="none")\nvalue = losses.sum() / (p @ w).sum()' in by_row
    assert (
        'F.cross_entropy(z, y, reduction="sum").backward()' in cecli("grad", "0", "2,1", "-l", "--code", "torch").stdout
    )
    sure = cecli("xent", "0", "40,0", "-l", "--code", "torch").stdout
    assert "torch has no function that gives this value" in sure
    assert float(output_of(sure)) == pytest.approx(4.248354255291589e-18, rel=1e-12, abs=0)
    assert "log_loss" in cecli("xent", "0", "0.5,0.3,0.2", "--code", "sklearn").stdout
    assert "log_loss" not in cecli("xent", "0,1", "1,0;1,0", "--code", "sklearn").stdout
    assert "z - np.log(np.exp(z).sum(" in cecli("xent", "0", "2,1,0.1", "-l", "--code", "numpy").stdout
    assert "np.log1p(others)" in cecli("xent", "0", "40,0", "-l", "--code", "numpy").stdout
    assert "np.seterr" not in cecli("xent", "0,1", "1,0;1,0", "--eps", "1e-7", "--code", "numpy").stdout
    assert "special" not in cecli("entropy", "0.5,0.5", "--code", "scipy").stdout


@pytest.mark.parametrize("name", ["NumPy", "PyTorch", "scikit-learn", "Jax"])
def test_a_library_in_any_case(cecli, name):
    plain = {"pytorch": "torch", "scikit-learn": "sklearn"}.get(name.lower(), name.lower())
    written = cecli("entropy", "0.5,0.5", "--code", name)
    assert written.exit_code == 0
    assert written.stdout == cecli("entropy", "0.5,0.5", "--code", plain).stdout


def test_a_program_goes_to_a_file_of_any_name(cecli, tmp_path):
    path = tmp_path / "loss.py"
    assert cecli("xent", "0", "0.5,0.5", "--code", "numpy", "-o", str(path)).exit_code == 0
    assert float(output_of(path.read_text("utf-8"))) == math.log(2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["xent", "0", "-"], "standard input"),
        (["xent", "0,1", "0.5,0.5;0.2,0.8", "--sample-weights", "-"], "standard input"),
        (["xent", "0,1", "0.5,0.5;0.2,0.8", "--sample-weights", "s3://a/w.csv"], "this machine"),
        (["xent", "0", "0.5,0.5", "-f", "json"], "can't be combined with --format"),
        (["xent", "0", "0.5,0.5", "--steps"], "can't be combined with --steps"),
        (["xent", "0", "0.5,0.5", "--like", "torch"], "can't be combined with --like"),
        (["compare", "0,1", ".5,.5;.2,.8"], "need one metric"),
        (["compare", "0,1", "0,0", "--metric", "mse"], "no program for mse of predicted labels"),
        (["compare", "0,1", "0,0", ".5,.5;.2,.8", "--metric", "f1"], "no program for predicted labels beside"),
    ],
)
def test_what_goes_with_no_program(cecli, words, says):
    result = cecli(*words, "--code", "numpy", stdin="0.5,0.5\n")
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
