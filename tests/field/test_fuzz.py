"""Tables drawn at random, read by cecli and by a slow, plain reading of the rules: no difference is silent."""

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.every import every

INDEXES = [None, "", "Unnamed: 0", "id", "Index", "row"]
NAMES = [
    ["cat", "dog", "bird", "cow"],
    ["p_a", "p_b", "p_c", "p_d"],
    ["x,1", 'say "y"', "z z", "ü"],
    ["3", "7", "5", "1"],
]
MISSING = ["", "NA", "nan", "null"]


class Drawn:
    """A table as it was drawn: what each class has in each row."""

    def __init__(self, rng, names, rows):
        self.names, self.rows = names, rows
        self.order = rng.permutation(len(names)).tolist()
        self.index = INDEXES[rng.integers(len(INDEXES))]
        self.texts = bool(rng.integers(2))
        self.missing = str(rng.choice(MISSING))

    def table(self, more=None):
        """The names and the fields of its columns, in their order; `more` is a column of labels."""
        names = [self.names[k] for k in self.order]
        rows = [[row[k] for k in self.order] for row in self.rows]
        if more is not None:
            names, rows = [*names, "label"], [[*row, label] for row, label in zip(rows, more, strict=True)]
        if self.index is not None:
            ids = [f"s{i}" if self.texts else 7 * i + 3 for i in range(len(rows))]
            names, rows = [self.index, *names], [[one, *row] for one, row in zip(ids, rows, strict=True)]
        return names, rows

    def write(self, path, more=None):
        """Writes it as its ending says."""
        names, rows = self.table(more)
        if path.suffix == ".jsonl":
            path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
        elif path.suffix == ".json":
            path.write_text(json.dumps({"columns": names, "data": rows}))
        elif path.suffix == ".parquet":
            columns = list(zip(*rows, strict=True))
            pa.parquet.write_table(
                pa.Table.from_arrays([pa.array(list(column)) for column in columns], names=names), path
            )
        else:
            delimiter = {".csv": ",", ".tsv": "\t", ".txt": ";"}[path.suffix]
            lines = [delimiter.join(self.quoted(field) for field in row) for row in (names, *rows)]
            path.write_text("\n".join(lines) + "\n", "utf-8")
        return path.name

    def quoted(self, field):
        """A field of text."""
        text = self.missing if field is None else field if isinstance(field, str) else repr(field)
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"; ') else text


def draw(seed):
    """Two models and a target of some samples, some of whose values are missing."""
    rng = np.random.default_rng(seed)
    names = NAMES[seed % len(NAMES)][: rng.integers(2, 5)]
    n = int(rng.integers(2, 9))
    p, q = (rng.dirichlet(np.ones(len(names)), n).tolist() for _ in range(2))
    y = rng.integers(0, len(names), n).tolist()
    if rng.integers(2):
        p[rng.integers(n)][rng.integers(len(names))] = None
        q[0] = [None] * len(names) if rng.integers(2) else q[0]
    return rng, names, p, q, y


def plainly(y, *models):
    """The mean cross-entropy of each model over the samples that are whole in all."""
    whole = [i for i in range(len(y)) if all(None not in model[i] for model in models)]
    return [math.fsum(-math.log(model[i][y[i]]) for i in whole) / len(whole) if whole else None for model in models]


@every("seed", range(120))
def test_whatever_the_order_of_columns(cecli, tmp_path, monkeypatch, seed):
    """Columns in any order, with an index or none, in any format, labels by name, by number, one-hot, in the same file."""
    monkeypatch.chdir(tmp_path)
    rng, names, p, q, y = draw(seed)
    endings = [".csv", ".tsv", ".txt", ".jsonl", ".json", ".parquet"]
    one, two = Drawn(rng, names, p), Drawn(rng, names, q)
    kind = int(rng.integers(4))
    numeric = all(name.isdigit() for name in names)
    by_name = [names[k] for k in y]
    chosen = rng.permutation(names).tolist() if kind == 0 and not numeric and rng.integers(2) else None
    order = chosen or [names[k] for k in one.order]
    labels = by_name if numeric or rng.integers(2) else [order.index(name) for name in by_name]
    file = one.write(tmp_path / f"p{rng.choice(endings)}", labels if kind == 0 else None)
    other = two.write(tmp_path / f"q{rng.choice(endings)}")
    if kind == 0:
        target = f"{file}:label"
    elif kind == 1:
        (tmp_path / "y.csv").write_text("label\n" + "".join(two.quoted(label) + "\n" for label in labels))
        target = "y.csv"
    elif kind == 2:
        target = Drawn(rng, names, [[int(k == each) for k in range(len(names))] for each in y]).write(
            tmp_path / f"y{rng.choice(endings)}"
        )
    else:
        np.save(tmp_path / "y.npy", np.array(labels))
        target = "y.npy"
    names_of_text = ["--header"] if numeric else []
    prediction = file if chosen is None else f"{file}:{','.join(map(one.quoted, chosen))}"
    result = cecli(
        "compare",
        target,
        f"a={prediction}",
        f"b={other}",
        "--metric",
        "cross_entropy",
        "--skip-missing",
        *names_of_text,
    )
    expected = plainly(y, p, q)
    if expected[0] is None or result.exit_code != 0:
        assert result.exit_code == 2
        assert expected[0] is None or _may_be_refused(result.stderr), result.stderr
        return
    assert [float(value) for value in result.stdout.split(",")] == pytest.approx(expected, rel=1e-12)


@every("seed", range(60))
def test_rows_in_any_order_and_in_part(cecli, tmp_path, monkeypatch, seed):
    """Joined by an id, some rows left out by `--where`, some samples with missing values: files, weights and labels alike."""
    monkeypatch.chdir(tmp_path)
    rng, names, p, q, y = draw(seed)
    n, w = len(y), rng.uniform(0.5, 2, len(y)).tolist()
    kept = [bool(k) for k in rng.integers(0, 3, n)]
    ids = [f"s{i}" for i in range(n)] if rng.integers(2) else [3 * i for i in range(n)]
    keys = [str(key) for key in rng.choice(["id", "key"], 4)]

    def write(name, key, columns, rows, split=False):
        order = rng.permutation(n).tolist()
        fields = [[ids[i], *rows[i], *(["test" if kept[i] else "train"] if split else [])] for i in order]
        heads = [key, *columns, *(["split"] if split else [])]
        ending = str(rng.choice(["csv", "jsonl", "parquet"]))
        drawn = Drawn(rng, columns, [])
        drawn.table = lambda _: (heads, fields)
        return drawn.write(tmp_path / f"{name}.{ending}")

    order = rng.permutation(len(names)).tolist()
    file = write("p", keys[0], names, p, split=True)
    other = write("q", keys[1], [names[k] for k in order], [[row[k] for k in order] for row in q])
    target = write("y", keys[2], ["label"], [[names[k]] for k in y])
    weights = write("w", keys[3], ["weight"], [[each] for each in w])
    words = [
        "compare",
        target,
        f"a={file}",
        f"b={other}",
        "--sample-weights",
        weights,
        "--classes",
        ",".join(map(Drawn(rng, [], []).quoted, names)),
    ]
    result = cecli(*words, "--id", "id,key", "--where", "split=test", "--skip-missing", "--metric", "cross_entropy")
    whole = [i for i in range(n) if kept[i] and None not in p[i] and None not in q[i]]
    if not whole:
        assert result.exit_code == 2
        return
    assert result.exit_code == 0, result.stderr
    expected = [math.fsum(-w[i] * math.log(m[i][y[i]]) for i in whole) / math.fsum(w[i] for i in whole) for m in (p, q)]
    assert [float(value) for value in result.stdout.split(",")] == pytest.approx(expected, rel=1e-12)


def _may_be_refused(said):
    """Whether an error is one that the rules ask for: a numeric name that no header tells from a value."""
    return "--header" in said or "--classes" in said


# --- which row is the header --------------------------------------------------------------------------------------

FIELDS = ["0", "1", "2", "7", "0.5", "-1.5", "ant", "bee", "O.2", "", "NA", "nan", "1/2"]
TEXTS = {"cat", "dog", "ant", "bee", "O.2"}
GAPS = {"", "NA", "nan"}


def plain_header(first, body, labels, known):
    """Whether the first row is a header, by the six rules read slowly: `labels` are columns of labels; None where it is an error."""
    used = range(len(first))
    predictions = [first[i] for i in used if i not in labels]
    if any(f in TEXTS for f in predictions) and any("." in f and f not in TEXTS for f in predictions):
        return None
    for i in used:
        below = [row[i] for row in body if row[i] not in GAPS]
        if first[i] in TEXTS and below and below[0] not in TEXTS:
            return True
    if first[0] == "" and len(first) > 1 and first[1:] == [str(k) for k in range(len(first) - 1)]:
        return True
    if any(first[i] in TEXTS and not (i in labels and first[i] in known) for i in used):
        return True
    return None if len(first) > 2 and first == [str(k) for k in range(len(first))] else False


@every("seed", range(100))
def test_whichever_row_is_the_header(cecli, tmp_path, monkeypatch, seed):
    """First rows of anything above scores, with a column of labels or none: as many samples as the rules say, or an error."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(seed)
    width = int(rng.integers(2, 5))
    like = [*map(str, range(width))] if seed % 9 == 0 else ["", *map(str, range(width - 1))] if seed % 9 == 1 else None
    first = like or [FIELDS[rng.integers(len(FIELDS))] for _ in range(width)]
    label = int(rng.integers(width)) if rng.integers(2) and width > 2 else None
    by_name = bool(rng.integers(2))
    if label is not None and by_name and rng.integers(2):
        first[label] = "cat"
    body = [[f"{value:.2f}" for value in rng.normal(size=width)] for _ in range(3)]
    for row in body if label is not None else ():
        row[label] = ["cat", "dog"][rng.integers(2)] if by_name else str(rng.integers(2))
    columns = [i for i in range(width) if i != label]
    rest = ",".join(str(i + 1) for i in columns)
    (tmp_path / "f.csv").write_text("".join(",".join(row) + "\n" for row in [first, *body]))
    piped = bool(rng.integers(2)) and label is None
    labels = [] if label is None else [label]
    names = [f"c{i}" for i in columns] if not by_name else ["cat", "dog", "cow"][: len(columns)]
    wanted = plain_header(first, body, labels, names)
    if piped:
        wanted = bool(wanted) if wanted is not None else any(f in TEXTS for f in first)
    words = ["softmax", "-:1-" if piped else "f.csv:1-"]
    if label is not None:
        words = ["xent", f"f.csv:{label + 1}", f"f.csv:{rest}", "-l", "-r", "none", "--classes", ",".join(names)]
    more = ["--skip-missing", "-f", "plain", "-q"]
    result = cecli(*words, *more, stdin=(tmp_path / "f.csv").read_text() if piped else None)
    if wanted is None:
        assert (result.exit_code, "--header" in result.stderr) == (2, True), result.stderr
    elif result.exit_code == 0:
        assert len(result.stdout.splitlines()) == 3 + (not wanted)
    else:
        assert "label" in result.stderr or "is not a class name" in result.stderr, result.stderr
