"""`--id` on a cluster: files in one order give the JSON of one process, byte for byte; what does not match is said in its words."""

import json
import shlex

import numpy as np
import pytest

from cecli.running import cluster

N, CUTS = 3000, (0, 900, 907, 2100, 3000)
"""Rows, and where the parts of each glob begin."""
CLASSES = ["cat", "dog", "fox"]
IDS = [f"s{i * 7919 % 10_000}" for i in range(N)]
RNG = np.random.default_rng(6)
P = RNG.dirichlet([2, 2, 2], N).round(6)
P[:, 2] = (1 - P[:, 0] - P[:, 1]).round(6)
COLUMNS = {
    "id": IDS,
    "y": (np.log(P) + RNG.gumbel(size=P.shape)).argmax(axis=1).tolist(),
    "w": RNG.gamma(2, size=N).round(4).tolist(),
    "u": RNG.integers(0, 99, N).tolist(),
    "split": RNG.choice(["train", "test"], N).tolist(),
    **dict(zip(CLASSES, P.T.tolist(), strict=True)),
}


def write(path, names, rows=range(N), ids=IDS):
    """Some rows of some columns, as CSV, JSON Lines or Parquet by the file's ending."""
    columns = COLUMNS | {"id": ids}
    chosen = {name: [columns[name.removeprefix("its_")][i] for i in rows] for name in names}
    if path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table(chosen), path, row_group_size=300)
        return
    each = [dict(zip(names, row, strict=True)) for row in zip(*chosen.values(), strict=True)]
    lines = map(json.dumps, each) if path.suffix == ".jsonl" else (",".join(map(str, row.values())) for row in each)
    head = [] if path.suffix == ".jsonl" else [",".join(names)]
    path.write_text("\n".join([*head, *lines]) + "\n")


def write_parts(folder, pattern, names, **options):
    for k in range(len(CUTS) - 1):
        write(folder / pattern.format(k), names, range(CUTS[k], CUTS[k + 1]), **options)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The same rows in files of every kind, in one order, of whose globs no two are cut alike."""
    folder = tmp_path_factory.mktemp("joined")
    write(folder / "y.csv", ["id", "y", "split"])
    write(folder / "w.csv", ["w", "its_id", "u"])
    write(folder / "y.parquet", ["y", "id"])
    write(folder / "y.jsonl", ["id", "y"])
    write_parts(folder, "p{}.csv", ["id", *CLASSES])
    write_parts(folder, "s{}.csv", ["id", "split", "y", *CLASSES])
    write_parts(folder, "t{}.parquet", [*CLASSES, "id", "y"])
    write_parts(folder, "j{}.jsonl", ["id", *CLASSES])
    tested = [i for i in range(N) if COLUMNS["split"][i] == "test"]
    write(folder / "tested.csv", ["id", *CLASSES], tested)
    (folder / "classes.csv").write_text("w\n1\n2\n3\n")
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place for files that do not match."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def both(cecli, scheduler):
    """What a call answers here, and on the cluster."""
    return lambda *words: (cecli(*words), cecli(*words, "--dask", scheduler))


CALLS = """
xent y.csv:y 'p*.csv' --id id
xent y.parquet:y 'p*.csv' --id id -r sum --class-weights classes.csv
xent y.jsonl:y 't*.parquet:cat,dog,fox' --sample-weights w.csv:w --id id,its_id
xent y.csv:y 'j*.jsonl' --id id
xent y.csv:y 's*.csv:cat,dog,fox' --id id --where split=test
xent y.csv:y tested.csv --id id --where split=test
kl 't*.parquet:cat,dog,fox' 'p*.csv' --id id -r mean
compare y.csv:y 'a=p*.csv' 'b=t*.parquet:cat,dog,fox' --id id,its_id --worst 3 --disagree 3 --metrics ece --cluster w.csv:u
compare --label y --columns cat,dog,fox 'a=s*.csv' 'b=t*.parquet' --id id --by split
calibrate y.csv:y 'p*.csv' --probabilities --id id
"""


@pytest.mark.parametrize("line", CALLS.strip().splitlines())
def test_the_same_bytes(both, good, monkeypatch, line):
    monkeypatch.chdir(good)
    here, there = both(*shlex.split(line), "-f", "json")
    assert here.exit_code == 0, here.stderr
    assert (there.stdout, there.stderr) == (here.stdout, here.stderr)


def changed(**values):
    """The ids, of which some rows have others."""
    ids = list(IDS)
    for row, text in values.items():
        ids[int(row[1:])] = text
    return ids


WRONG = [
    (changed(r5="other"), IDS, "the target has no id 's9595', which the prediction has\nhint: 1 of 3000 ids is missing"),
    (IDS, changed(r2500="other"), "the target has no id 'other', which the prediction has"),
    (IDS[:-1], IDS, "the target has no id 's9081', which the prediction has\nhint: 1 of 3000"),
    (IDS, changed(r950=IDS[3]), "the prediction: id 's3757' occurs twice in p*.csv, again as sample 951"),
    (changed(r950=IDS[3]), IDS, "the target: id 's3757' occurs twice in y.csv, again as sample 951"),
    (changed(r950=IDS[3], r2000=IDS[1000]),) * 2
    + ("the prediction: id 's3757' occurs twice in p*.csv, again as sample 951",),
    (changed(r2500=""),) * 2 + ("the prediction: sample 2501 of p*.csv has no id",),
]  # fmt: skip


@pytest.mark.parametrize(("target", "prediction", "says"), WRONG, ids=[case[2][:50] for case in WRONG])
def test_what_does_not_match_is_said_as_one_process_says_it(both, folder, target, prediction, says):
    """Ids that miss, that occur twice in one file or in both, in one part or in two."""
    write(folder / "y.csv", ["id", "y"], range(len(target)), ids=target)
    write_parts(folder, "p{}.csv", ["id", *CLASSES], ids=prediction)
    here, there = both("xent", "y.csv", "p*.csv", "--id", "id")
    assert there.stderr.startswith(f"error: {says}")
    assert (there.exit_code, there.stdout, there.stderr) == (2, "", here.stderr)


def test_wrong_values_are_named_by_their_id(both, folder):
    write(folder / "y.csv", ["id", "y"])
    write_parts(folder, "p{}.csv", ["id", *CLASSES])
    second = (folder / "p1.csv").read_text()
    (folder / "p1.csv").write_text(second.replace(f"{IDS[903]},0.", f"{IDS[903]},1."))
    here, there = both("xent", "y.csv", "p*.csv", "--id", "id")
    assert f"p1.csv, line 5 (id {IDS[903]!r})" in there.stderr
    assert there.stderr == here.stderr
    (folder / "p1.csv").write_text(second.replace(f"{IDS[903]},", f"{IDS[903]},x"))
    here, there = both("xent", "y.csv", "p*.csv", "--id", "id")
    assert "p1.csv, line 5, column 2 (cat)" in there.stderr
    assert there.stderr == here.stderr


ORDERS = {"reversed": range(N)[::-1], "a row in another part": [*range(10), 2500, *range(10, 2500), *range(2501, N)]}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_files_in_another_order(cecli, scheduler, both, folder, order):
    """The error names the first rows that differ; the cluster of the environment is left out of account."""
    write(folder / "y.csv", ["id", "y"], order)
    write_parts(folder, "p{}.csv", ["id", *CLASSES])
    call = "xent", "y.csv", "p*.csv", "--id", "id"
    here, there = both(*call)
    row = next(i for i in range(N) if order[i] != i)
    assert there.stderr == (
        f"error: --dask: with --id a cluster reads files that are in one order: p0.csv, line {row + 2} (sample {row + 1}) "
        f"has id {IDS[row]!r} and y.csv, line {row + 2} (sample {row + 1}) has id {IDS[order[row]]!r}\n"
        "hint: save them in one order, or leave out --dask\n"
    )
    assert (there.exit_code, there.stdout, here.exit_code) == (2, "", 0)
    assert cecli(*call, CECLI_DASK=scheduler).stdout == here.stdout


def test_too_many_ids(both, good, monkeypatch):
    """Where they are too many to be read here, what does not match is the first row that differs; else --id is an error."""
    monkeypatch.chdir(good)
    monkeypatch.setattr(cluster, "MOST_EXPLAINED", 100)
    _, there = both("xent", "y.csv:y", "tested.csv", "--id", "id")
    assert "tested.csv, line 2 (sample 1) has id" in there.stderr
    monkeypatch.setattr(cluster, "MOST_IDS", 2999)
    _, there = both("xent", "y.csv:y", "p*.csv", "--id", "id")
    assert "--id looks for ids that occur twice in up to 2,999 rows, and there are 3,000" in there.stderr
    assert there.exit_code == 2
