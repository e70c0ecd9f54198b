"""Two real classifiers' predictions, saved in every format, compared: scikit-learn's numbers, whatever the file."""

import bz2
import csv
import gzip
import io
import json
import lzma

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

NAMES = ["zero", "one", "two, or 2", 'thr"ee', "vier", "fünf", "six", "=seven", "eight", "nine 9"]
CLASSES = ",".join(f'"{name}"' for name in NAMES if '"' not in name)


@pytest.fixture(scope="module")
def digits():
    """The labels of a test set, and what two models say of it."""
    x, y = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(x / 16, y, test_size=0.4, random_state=1)
    models = {
        "all": LogisticRegression(C=0.2, max_iter=300).fit(train_x, train_y).predict_proba(test_x),
        "half": LogisticRegression(C=0.05, max_iter=300).fit(train_x[:, ::2], train_y).predict_proba(test_x[:, ::2]),
    }
    assert min(p.min() for p in models.values()) > 1e-15
    return test_y, models


@pytest.fixture(scope="module")
def expected(digits):
    """What scikit-learn says of each model; the Brier score of several classes is a mean of squared distances."""
    y, models = digits
    one_hot = np.eye(10)[y]
    return {
        name: {
            "error_rate": 1 - accuracy_score(y, p.argmax(axis=1)),
            "errors": int((p.argmax(axis=1) != y).sum()),
            "mse": float(((p - one_hot) ** 2).sum(axis=1).mean()),
            "cross_entropy": log_loss(y, p),
        }
        for name, p in models.items()
    }


def csv_bytes(p, delimiter=",", names=NAMES):
    """The rows under a header of names."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(names)
    writer.writerows(p.tolist())
    return text.getvalue().encode()


def table(p):
    """The rows as an Arrow table."""
    return pa.table({name: p[:, k] for k, name in enumerate(NAMES)})


def arrow_stream(p, path):
    """An Arrow stream, which has no footer."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table(p).schema) as writer:
        writer.write_table(table(p), max_chunksize=100)


def arrow_file(p, path):
    """An Arrow file of several batches."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table(p).schema) as writer:
        writer.write_table(table(p), max_chunksize=100)


NAMED = {
    "{}.csv": lambda p, path: path.write_bytes(csv_bytes(p)),
    "{}.txt": lambda p, path: path.write_bytes(csv_bytes(p, ";")),
    "{}.tsv": lambda p, path: path.write_bytes(csv_bytes(p, "\t")),
    "{}.csv.gz": lambda p, path: path.write_bytes(gzip.compress(csv_bytes(p))),
    "{}.csv.bz2": lambda p, path: path.write_bytes(bz2.compress(csv_bytes(p))),
    "{}.csv.xz": lambda p, path: path.write_bytes(lzma.compress(csv_bytes(p))),
    "{}.CSV.GZ": lambda p, path: path.write_bytes(gzip.compress(csv_bytes(p))),
    "{}.tsv.gz": lambda p, path: path.write_bytes(gzip.compress(csv_bytes(p, "\t"))),
    "{}.json": lambda p, path: path.write_text(
        json.dumps([dict(zip(NAMES, row, strict=True)) for row in p.tolist()]), "utf-8"
    ),
    "{}.json.xz": lambda p, path: path.write_bytes(
        lzma.compress(json.dumps([dict(zip(NAMES, row, strict=True)) for row in p.tolist()], indent=1).encode())
    ),
    "{}.jsonl": lambda p, path: path.write_text(
        "".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in p.tolist()), "utf-8"
    ),
    "{}.jsonl.gz": lambda p, path: path.write_bytes(
        gzip.compress(
            "".join(
                json.dumps(dict(zip(reversed(NAMES), reversed(row), strict=True))) + "\n" for row in p.tolist()
            ).encode()
        )
    ),
    "{}.parquet": lambda p, path: pa.parquet.write_table(table(p), path, row_group_size=100),
    "{}.feather": lambda p, path: pa.feather.write_feather(table(p), str(path)),
    "{}.arrow": arrow_file,
    "{}-stream.arrow": arrow_stream,
}
UNNAMED = {
    "{}.npy": lambda p, path: np.save(path, p),
    "{}-f.npy": lambda p, path: np.save(path, np.asfortranarray(p)),
    "{}-big.npy": lambda p, path: np.save(path, p.astype(">f8")),
    "{}.npz": lambda p, path: np.savez(path, probs=p),
    "{}-c.npz": lambda p, path: np.savez_compressed(path, probs=np.asfortranarray(p)),
    "{}.json": lambda p, path: path.write_text(json.dumps(p.tolist())),
    "{}.jsonl": lambda p, path: path.write_text("".join(json.dumps(row) + "\n" for row in p.tolist())),
    "{}.csv": lambda p, path: path.write_bytes(csv_bytes(p).partition(b"\n")[2]),
    "{}.txt": lambda p, path: np.savetxt(path, p),
    "{}.txt.gz": lambda p, path: np.savetxt(path, p),
    "{}": lambda p, path: path.write_bytes(csv_bytes(p).partition(b"\n")[2]),
}


def check(result, expected):
    """The models' numbers are scikit-learn's to 1e-12."""
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert [model["name"] for model in found["models"]] == list(expected)
    for model in found["models"]:
        for metric, value in expected[model["name"]].items():
            assert model[metric] == pytest.approx(value, rel=1e-12, abs=1e-12), metric


@pytest.mark.parametrize("form", NAMED)
def test_models_with_class_names(cecli, folder, digits, expected, form):
    """The header's names, in whatever order, are matched with the names in a label column."""
    y, models = digits
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "label"], *([i, NAMES[k]] for i, k in enumerate(y))])
    for name, p in models.items():
        NAMED[form](p, folder / form.format(name))
    result = cecli("compare", "labels.csv:label", *(f"{name}={form.format(name)}" for name in models), "-f", "json")
    check(result, expected)
    assert set(json.loads(result.stdout)["settings"]["classes"]) == set(NAMES)


@pytest.mark.parametrize("form", UNNAMED)
def test_models_without_class_names(cecli, folder, digits, expected, form):
    """Labels are class indices where the columns have no names."""
    y, models = digits
    np.savetxt(folder / "labels.txt", y, fmt="%d")
    for name, p in models.items():
        UNNAMED[form](p, folder / form.format(name))
    check(cecli("compare", "labels.txt", *(f"{name}=./{form.format(name)}" for name in models), "-f", "json"), expected)


LABELS = {
    "labels.csv:label": lambda y, path: (path / "labels.csv").write_text(
        "id,label\n" + "".join(f"{i},{k}\n" for i, k in enumerate(y))
    ),
    "labels.csv:2": lambda y, path: (path / "labels.csv").write_text(
        "id,label\n" + "".join(f"{i},{k}\n" for i, k in enumerate(y))
    ),
    "labels.csv": lambda y, path: (path / "labels.csv").write_text("label\n" + "".join(f"{k}\n" for k in y)),
    "labels.txt": lambda y, path: (path / "labels.txt").write_text("".join(f"{k}\n" for k in y)),
    "labels.npy": lambda y, path: np.save(path / "labels.npy", y),
    "column.npy": lambda y, path: np.save(path / "column.npy", y[:, None].astype(np.uint8)),
    "one-hot.npy": lambda y, path: np.save(path / "one-hot.npy", np.eye(10)[y]),
    "one-hot.csv": lambda y, path: np.savetxt(path / "one-hot.csv", np.eye(10)[y], delimiter=","),
    "dump.npz:labels": lambda y, path: np.savez(path / "dump.npz", labels=y, other=y[:3]),
    "labels.json": lambda y, path: (path / "labels.json").write_text(json.dumps(y.tolist())),
    "labels.jsonl": lambda y, path: (path / "labels.jsonl").write_text("".join(f"{k}\n" for k in y)),
    "labels.jsonl:label": lambda y, path: (path / "labels.jsonl").write_text(
        "".join(json.dumps({"id": i, "label": int(k)}) + "\n" for i, k in enumerate(y))
    ),
    "labels.parquet:label": lambda y, path: pa.parquet.write_table(
        pa.table({"id": np.arange(len(y)), "label": y}), path / "labels.parquet"
    ),
    "labels.feather:label": lambda y, path: pa.feather.write_feather(
        pa.table({"id": np.arange(len(y)), "label": y}), str(path / "labels.feather")
    ),
}


@pytest.mark.parametrize("form", LABELS)
def test_class_indices_from_any_file(cecli, folder, digits, expected, form):
    """A column, a vector, a member, one-hot rows: the same targets."""
    y, models = digits
    LABELS[form](y, folder)
    for name, p in models.items():
        np.save(folder / f"{name}.npy", p)
    check(cecli("compare", form, *(f"{name}={name}.npy" for name in models), "-f", "json"), expected)


TEXT_LABELS = {
    "labels.npy": lambda names, path: np.save(path / "labels.npy", np.array(names)),
    "bytes.npy": lambda names, path: np.save(path / "bytes.npy", np.array([name.encode() for name in names])),
    "dump.npz:y": lambda names, path: np.savez(path / "dump.npz", y=np.array(names), z=np.zeros(3)),
    "labels.json": lambda names, path: (path / "labels.json").write_text(json.dumps(names), "utf-8"),
    "labels.jsonl": lambda names, path: (path / "labels.jsonl").write_text(
        "".join(json.dumps(name, ensure_ascii=False) + "\n" for name in names), "utf-8"
    ),
    "labels.jsonl:label": lambda names, path: (path / "labels.jsonl").write_text(
        "".join(json.dumps({"id": i, "label": name}) + "\n" for i, name in enumerate(names)), "utf-8"
    ),
    "labels.json:label": lambda names, path: (path / "labels.json").write_text(
        json.dumps([{"id": i, "label": name} for i, name in enumerate(names)]), "utf-8"
    ),
    "labels.parquet:label": lambda names, path: pa.parquet.write_table(
        pa.table({"id": range(len(names)), "label": names}), path / "labels.parquet"
    ),
    "dictionary.parquet:label": lambda names, path: pa.parquet.write_table(
        pa.table({"id": range(len(names)), "label": pa.array(names).dictionary_encode()}), path / "dictionary.parquet"
    ),
    "labels.arrow:label": lambda names, path: pa.feather.write_feather(
        pa.table({"id": range(len(names)), "label": names}), str(path / "labels.arrow")
    ),
    "labels.csv": lambda names, path: (path / "labels.csv").write_bytes(
        csv_bytes(np.array([[name] for name in names]), names=["label"])
    ),
    "bare.csv": lambda names, path: (path / "bare.csv").write_bytes(
        csv_bytes(np.array([[name] for name in names[1:]]), names=names[:1])
    ),
}


@pytest.mark.parametrize("form", TEXT_LABELS)
def test_class_names_from_any_file(cecli, folder, digits, expected, form):
    """Names in arrays of strings, JSON and columnar files are matched as those of CSV are."""
    y, models = digits
    TEXT_LABELS[form]([NAMES[k] for k in y], folder)
    for name, p in models.items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(p))
    check(cecli("compare", form, *(f"{name}={name}.csv" for name in models), "-f", "json"), expected)


@pytest.mark.parametrize("form", ["logits.csv", "logits.npy", "logits.parquet"])
def test_logits(cecli, folder, digits, expected, form):
    """Logarithms of the probabilities are logits of the same model."""
    y, models = digits
    np.save(folder / "y.npy", y)
    for name, p in models.items():
        form_of = {"csv": "{}.csv", "npy": "{}.npy", "parquet": "{}.parquet"}[form.partition(".")[2]]
        (NAMED | UNNAMED)[form_of](np.log(p) + 3, folder / f"{name}-{form}")
    result = cecli("compare", "y.npy", *(f"{name}={name}-{form}" for name in models), "-f", "json", "-l")
    if form != "logits.npy":
        assert result.exit_code == 0, result.stderr
    check(result, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_smaller_floats(cecli, folder, digits, expected, dtype):
    """A float32 array is computed in float32, with its relative error; a float16 array too, of its rounded values."""
    y, models = digits
    p = models["all"].astype(dtype)
    np.save(folder / "p.npy", p)
    np.save(folder / "y.npy", y)
    found = json.loads(cecli("compare", "y.npy", "p.npy", "-f", "json").stdout)["models"][0]
    chosen = p.astype(np.float64)[np.arange(len(y)), y]
    assert found["cross_entropy"] == pytest.approx(-np.log(chosen).mean(), rel=2e-6)
    assert found["cross_entropy"] == pytest.approx(
        expected["all"]["cross_entropy"], rel=1e-2 if dtype == np.float16 else 1e-5
    )
    assert found["errors"] == int((p.argmax(axis=1) != y).sum())


def test_scikit_learns_brier_score(cecli, folder, digits):
    """Its multi-class Brier score is this MSE (where this scikit-learn has one)."""
    from sklearn.metrics import brier_score_loss

    y, models = digits
    try:
        expected = brier_score_loss(y, models["all"], scale_by_half=False)
    except (TypeError, ValueError) as error:
        pytest.skip(f"this scikit-learn has no multi-class Brier score: {error}")
    np.save(folder / "y.npy", y)
    np.save(folder / "p.npy", models["all"])
    assert float(cecli("compare", "y.npy", "p.npy", "--metric", "mse").stdout) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("values", [7, 500, 2**17])
def test_every_block_size(cecli, folder, digits, expected, values, block_values):
    """Rows one by one or all at once."""
    block_values(values)
    y, models = digits
    np.save(folder / "y.npy", y)
    (folder / "all.csv").write_bytes(csv_bytes(models["all"]))
    pa.parquet.write_table(table(models["half"]), folder / "half.parquet", row_group_size=33)
    check(cecli("compare", "y.npy", "all=all.csv", "half=half.parquet", "-f", "json"), expected)


def test_per_sample_losses_and_weights(cecli, folder, digits):
    """`xent` of files under sample weights is scikit-learn's weighted log loss, and -r none its summands."""
    y, models = digits
    weights = np.random.default_rng(5).uniform(0, 3, len(y))
    np.save(folder / "y.npy", y)
    (folder / "p.csv").write_bytes(csv_bytes(models["all"]))
    (folder / "w.csv").write_text("id,weight\n" + "".join(f"a{i},{w!r}\n" for i, w in enumerate(weights.tolist())))
    found = float(cecli("xent", "y.npy", "p.csv", "--sample-weights", "w.csv:weight").stdout)
    assert found == pytest.approx(log_loss(y, models["all"], sample_weight=weights), rel=1e-12)
    each = [float(line) for line in cecli("xent", "y.npy", "p.csv", "-r", "none").stdout.split()]
    assert each == pytest.approx((-np.log(models["all"][np.arange(len(y)), y])).tolist(), rel=1e-12)
