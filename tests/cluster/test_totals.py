"""`--dask`: the same JSON as without, byte for byte, whatever the files are and wherever they are cut."""

import gzip
import json
import shlex

import numpy as np
import pytest

from cecli.running import cluster

CALLS = """
xent 'p*.csv:y' 'p*.csv:cat,dog,fox,owl'
xent 'y*.npy' 'z*.npy' --logits -b 2 --sample-weights 't*.parquet:w' --label-smoothing 0.1
xent 'j*.jsonl:y' 'j*.jsonl:p' -r sum --class-weights 1,2,3,4 --ignore-index 3
kl 't*.parquet:cat,dog,fox,owl' 'p*.csv:cat,dog,fox,owl' --js -r mean
bce t2.parquet:dog p2.csv:dog --where g=de,fr
compare 'y*.npy' csv='p*.csv:cat,dog,fox,owl' t='t*.parquet:cat,dog,fox,owl' --metrics accuracy,ece,brier,top3,kl --worst 5 --disagree 4 --by-class --confusion
compare --label y --columns cat,dog,fox,owl 'a=p*.csv' 'b=t*.parquet' --cluster 't*.parquet:u' --bootstrap 100 --metrics ece
compare 'y*.npy' 'z=z*.npy' 'x=t*.parquet:cat,dog,fox,owl' --logits --sample-weights 't*.parquet:w' --bootstrap 100
compare --scores 'a=p*.csv:cat' 'b=t*.parquet:dog' --baseline a --by 'p*.csv:g'
compare 'y*.npy' 'a=p*.csv:y' 'b=p*.csv:cat,dog,fox,owl' --by 'p*.csv:g' --metrics macro_f1
calibrate 'y*.npy' 'z*.npy'
calibrate 'p*.csv:y' 'p*.csv:cat,dog,fox,owl' --probabilities
"""


@pytest.mark.parametrize("line", CALLS.strip().splitlines())
def test_the_same_bytes(cecli, scheduler, line):
    words = [*shlex.split(line), "-f", "json"]
    here, there = cecli(*words), cecli(*words, "--dask", scheduler)
    assert (here.exit_code, there.exit_code) == (0, 0), (here.stderr, there.stderr)
    assert (there.stdout, there.stderr) == (here.stdout, here.stderr)


MANY = 60


@pytest.fixture
def many(tmp_path, monkeypatch):
    """Small files of about 20 rows, as CSV, compressed CSV and JSON Lines."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(7)
    for k in range(MANY):
        q = random.integers(1, 99, int(random.integers(1, 40)))
        rows = [{"y": int(each) % 2, "g": "ab"[int(each) % 3 % 2], "p": [each / 100, (100 - each) / 100]} for each in q]
        text = "".join(f"{row['y']},{row['g']},{row['p'][0]},{row['p'][1]}\n" for row in rows)
        (tmp_path / f"c{k:03}.csv").write_text("y,g,p,q\n" + text)
        (tmp_path / f"z{k:03}.csv.gz").write_bytes(gzip.compress(("y,g,p,q\n" + text).encode()))
        (tmp_path / f"j{k:03}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(
    "words",
    [
        ("xent", "c*.csv:y", "c*.csv:p,q"),
        ("xent", "c*.csv:y", "j*.jsonl:p", "--sample-weights", "z*.csv.gz:p"),
        ("compare", "j*.jsonl:y", "c=c*.csv:p,q", "z=z*.csv.gz:p,q", "--where", "g=b"),
    ],
)
@pytest.mark.usefixtures("many")
def test_many_small_files_are_few_tasks(cecli, scheduler, monkeypatch, words):
    """Several are counted, and read, in one task; a batch is shorter than a file, so that each could be a part of its own."""
    tasks = []
    submit = cluster.DaskCluster._submit
    monkeypatch.setattr(
        cluster.DaskCluster, "_submit", lambda self, task, *given: tasks.append(task) or submit(self, task, *given)
    )
    monkeypatch.setattr("cecli.running.walk.BATCH_VALUES", 20)
    here, there = cecli(*words, "-f", "json"), cecli(*words, "-f", "json", "--dask", scheduler)
    assert (there.exit_code, there.stdout, there.stderr) == (0, here.stdout, here.stderr)
    assert len(tasks) < MANY / 2
